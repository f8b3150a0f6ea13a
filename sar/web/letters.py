"""Letters the site itself sends: one-time codes, and word that something has arrived.

They say nothing about what was asked or whom it is about: somebody else may read the screen.
"""

from __future__ import annotations

import logging

from sar.domain.errors import SARError
from sar.domain.parties import PROGRAM
from sar.domain.references import CaseId
from sar.ports.access import CODE_LIFETIME, CODES_PER_ADDRESS, CODES_PER_ORIGIN
from sar.ports.disclosing import Letter
from sar.services.correspondence import NewLetter
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


def acknowledge_request(case: CaseId, leg: int) -> None:
    """Word that the request is here, by when the answer is due, and what comes next."""
    _send(case, NewLetter(kind="acknowledgement", leg=leg), once=f"acknowledgement/{leg}")


def acknowledge_complaint(case: CaseId, leg: int, complaint: str) -> None:
    """Word that a complaint is here, with the dates the law sets for it."""
    wanted = NewLetter(kind="complaint-acknowledgement", leg=leg, complaint=complaint)
    _send(case, wanted, once=f"complaint-acknowledgement/{complaint}")


def acknowledge_correction(case: CaseId, leg: int, correction: str) -> None:
    """Word that a request to put something right is here, with the date of the answer."""
    wanted = NewLetter(kind="correction-acknowledgement", leg=leg, correction=correction)
    _send(case, wanted, once=f"correction-acknowledgement/{correction}")


def _send(case: CaseId, wanted: NewLetter, *, once: str) -> None:
    """What was sent to us is safe by now, so a letter that cannot leave is only noted."""
    here = site()
    try:
        here.services.correspondence.send(case, wanted, at=here.clock(), by=PROGRAM, once=once)
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
