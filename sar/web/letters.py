"""Letters the site itself sends: one-time codes, and word that something has arrived.

They say nothing about what was asked or whom it is about: somebody else may read the screen.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import date

from sar.domain.calendar import say_date
from sar.domain.errors import SARError
from sar.domain.pathways import INFORMATION_PART
from sar.domain.references import CaseId, CaseReference
from sar.ports.access import CODE_LIFETIME, CODES_PER_ADDRESS, CODES_PER_ORIGIN
from sar.ports.disclosing import Letter
from sar.ports.pages import ComplaintPage, CorrectionPage, FamilyPage
from sar.web.context import site

_LOG = logging.getLogger("sar.web")
CODE_MINUTES = int(CODE_LIFETIME.total_seconds() // 60)


def send_code(
    address: str, *, token: str, origin: str, unproved: bool = False, read_out: bool = False
) -> None:
    """A one-time code to an address, if anyone may receive it there.

    :param unproved: the address was typed a moment ago with a request: the code goes out to prove it.
    :param read_out: an officer is talking to its owner, who reads the code out to them.
    :raises TooManyAttempts: too many codes for this address or from this origin.
    """
    here, at = site(), site().clock()
    here.accounts.attempt(CODES_PER_ORIGIN, origin, at=at)
    here.accounts.attempt(CODES_PER_ADDRESS, address.strip().casefold(), at=at)
    issued = here.accounts.new_code(token=token, email=address, at=at)
    if read_out:
        here.outbox.send(_code_to_read_out(address, issued.code), at=at)
    elif issued.is_known or unproved:
        here.outbox.send(_code_letter(address, issued.code, unproved=unproved), at=at)


def acknowledge_request(address: str, case: CaseId, page: FamilyPage) -> None:
    """Word that the request is here, by when the answer is due, and what comes next."""
    _send(case, page.legs[0].number if page.legs else INFORMATION_PART, _letter(
        address, page.reference, "We have your request",
        (
            *_due_words(_dues(page)),
            "What happens next: we look for everything we hold, and may ask you one question.",
            "Two people check each page. Then we write to this address again.",
        ),
    ))  # fmt: skip


def acknowledge_complaint(address: str, case: CaseId, leg: int, page: ComplaintPage) -> None:
    """Word that a complaint is here, with the dates the law sets for it."""
    days = []
    if page.acknowledge_by is not None:
        days.append(f"The law says that we must write to you about it by {say_date(page.acknowledge_by)}.")
    if page.answer_by is not None:
        days.append(f"We must answer by {say_date(page.answer_by)}.")
    else:
        days.append("The law sets no last day for the answer. It must come without undue delay.")
    after = "What happens next: somebody who did not deal with it before looks into it and writes to you."
    letter = _letter(address, page.reference, "We have your complaint", (*days, after))
    _send(case, leg, letter)


def acknowledge_correction(address: str, case: CaseId, leg: int, page: CorrectionPage) -> None:
    """Word that a request to put something right is here, with the date of the answer."""
    words = (
        f"You should have our answer by {say_date(page.answer_by)}.",
        "What happens next: we tell each place that we know of. Then we look again ourselves where we can.",
    )
    _send(case, leg, _letter(address, page.reference, "We have your request for a correction", words))


def _dues(page: FamilyPage) -> list[date | None]:
    """The last day of each part. One for which the law sets none is left out; one that waits for proof is not."""
    known = [leg.due_on for leg in page.legs if leg.due_on is not None or leg.waiting_for or leg.law is None]
    return [*known, *(part.due_on for part in page.information)]


def _due_words(dues: Sequence[date | None]) -> list[str]:
    if not dues:
        return ["The law sets no last day for our answer. We will not leave you without word."]
    days = sorted({due for due in dues if due is not None})
    later = "we can give you the date when we have seen what we asked you for."
    if not days:
        return [f"You should have our answer within a month of the day it can start: {later}"]
    words = [f"You should have our answer by {' and by '.join(say_date(day) for day in days)}."]
    if None in dues:
        words = [words[0].replace("You should", "For one part you should", 1), f"For the other part {later}"]
    return words


def _letter(address: str, reference: CaseReference, head: str, words: Sequence[str]) -> Letter:
    here = site()
    return Letter(
        to="",
        address=address,
        # A locked screen shows the subject to whoever holds the telephone: it says nothing of what she did.
        subject=f"A message about {reference}",
        paragraphs=(
            f"{head}. The reference is {reference}.",
            *words,
            f"To follow it, go to {here.config.address} and sign in with this e-mail address.",
            here.config.organisation,
        ),
        kind="acknowledgement",
    )


def _send(case: CaseId, leg: int, letter: Letter) -> None:
    """Through the gate. What was sent to us is safe by now, so a letter that cannot leave is only noted."""
    here = site()
    try:
        here.services.delivery.send(case, leg=leg, letter=letter, at=here.clock())
    except SARError as error:
        _LOG.error("acknowledgement not sent: %s", error.code)


def _code_to_read_out(address: str, code: str) -> Letter:
    return Letter(
        to="",
        address=address,
        subject="Your code",
        paragraphs=(
            f"Your code is {code}.",
            "Read it out only if you are talking to our officer now and gave them this address.",
            f"It works once, for {CODE_MINUTES} minutes.",
            f"If you are not, tell it to nobody. You need do nothing. {site().config.organisation}",
        ),
        kind="sign-in-code",
    )


def _code_letter(address: str, code: str, *, unproved: bool) -> Letter:
    nobody = (
        "If you did not ask for a code, somebody has mistyped their address. You need do nothing."
        if unproved
        else "If you did not ask for a code, you need do nothing. Nobody can sign in without it."
    )
    return Letter(
        to="",
        address=address,
        subject="Your code" if unproved else "Your sign-in code",
        paragraphs=(
            f"Your code is {code}.",
            f"It works once, for {CODE_MINUTES} minutes, and only in the browser where you asked for it.",
            nobody,
            f"We will never ring you to ask for this code. {site().config.organisation}",
        ),
        kind="sign-in-code",
    )
