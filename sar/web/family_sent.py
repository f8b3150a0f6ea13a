"""After sending: the receipt, and proving the e-mail address before it is granted anything.

The request itself is received at once, so that its month starts on the day it was sent. Who can see it
is another matter: an address counts only when its code was entered in the browser that sent the request,
so the owner of a mistyped address sees nothing and is told nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from flask import Blueprint, g, redirect, url_for
from werkzeug.wrappers import Response

from sar.domain.errors import EnvironmentFault, InvalidInput
from sar.domain.pathways import INFORMATION_PART
from sar.domain.references import CaseId, CaseReference
from sar.ports.access import GUESSES_PER_ORIGIN, SessionKind, SignInRefused, TooManyAttempts
from sar.ports.keeping import CaseHead
from sar.ports.pages import FamilyPage
from sar.web import letters
from sar.web.access import EVERYONE, FAMILY_ACTOR, is_family, open_to
from sar.web.context import site
from sar.web.family import waits
from sar.web.family_request import contact_from
from sar.web.forms import Form, FormRefused
from sar.web.security import browser_token
from sar.web.sign_in import code_of, enter, origin

blueprint = Blueprint("family_sent", __name__, url_prefix="/ask/sent")

Draft = Mapping[str, str]
CONTACT_FIELDS = ("email", "phone", "post", "do_not")
_TEMPLATE = "family/ask_sent.html"


def begin(head: CaseHead, draft: Draft, *, parts: Iterable[int]) -> None:
    """Keep the receipt in place of the answers, and send the code that proves the address.

    :param parts: the numbers of the legs, and 0 where policies or numbers are asked for too.
    """
    sent = {
        "sent": str(head.reference), "sent-case": head.id, "sent-legs": " ".join(str(part) for part in parts),
        "sent-proved": "", "sent-code": "", **{f"sent-{name}": draft[name] for name in CONTACT_FIELDS},
    }  # fmt: skip
    site().accounts.keep_draft(browser_token(), sent)
    if is_proved(draft["email"]):
        _grant(sent)
        site().accounts.keep_draft(browser_token(), {**sent, "sent-proved": "yes"})
    elif draft["email"]:
        _send_code(sent)


def is_proved(email: str) -> bool:
    """Whether this browser is signed in with the very address: then it was proved already."""
    if not email or not is_family():
        return False
    return site().accounts.address_of(g.sar_session.holder).casefold() == email.strip().casefold()


@blueprint.get("")
@open_to(EVERYONE)
def receipt() -> str | Response:
    """The reference, the date and what happens next; only in the browser that sent it."""
    sent = _sent()
    return _form(sent).render() if sent else redirect(url_for("family_ask.start"), code=303)


@blueprint.post("")
@open_to(EVERYONE)
def prove() -> Response:
    """The code was right: let the address follow the request, and sign this browser in."""
    sent = _sent()
    if not sent.get("sent-email") or sent["sent-proved"]:
        return redirect(url_for("family_sent.receipt"), code=303)
    form = _form(sent)
    given = code_of(form, empty="Enter the 6 numbers from our message")
    form.check()
    here, at = site(), site().clock()
    here.accounts.attempt(GUESSES_PER_ORIGIN, origin(), at=at)
    try:
        holder = here.accounts.prove_address(
            token=browser_token(), email=sent["sent-email"], code=given, at=at
        )
    except SignInRefused as error:
        form.fail("code", f"{error.message} {error.next_step}")
        raise FormRefused(form) from error
    here.services.standing.set_contact(
        CaseId(sent["sent-case"]), contact=contact_from(_contact(sent), proved=True), at=at, by=FAMILY_ACTOR
    )
    _grant(sent)
    here.accounts.keep_draft(browser_token(), {**sent, "sent-proved": "yes"})
    enter(SessionKind.FAMILY, holder)
    return redirect(url_for("family_sent.receipt"), code=303)


@blueprint.get("/address")
@open_to(EVERYONE)
def address() -> str | Response:
    """Put a mistyped address right, or have another code."""
    sent = _sent()
    if not sent or sent["sent-proved"]:
        return redirect(url_for("family_sent.receipt"), code=303)
    return _address_form(sent).render()


@blueprint.post("/address")
@open_to(EVERYONE)
def mend() -> Response:
    """Another code, to the address as it is now; every earlier code is dead."""
    sent = _sent()
    if not sent or sent["sent-proved"]:
        return redirect(url_for("family_sent.receipt"), code=303)
    form = _address_form(sent)
    email = form.email("email", empty="Enter an e-mail address that is safe for you")
    form.check()
    mended = {**sent, "sent-email": email}
    here = site()
    here.services.standing.set_contact(
        CaseId(sent["sent-case"]), contact=contact_from(_contact(mended), proved=False), at=here.clock(),
        by=FAMILY_ACTOR,
    )  # fmt: skip
    _send_code(mended)
    return redirect(url_for("family_sent.receipt"), code=303)


def _sent() -> dict[str, str]:
    """What this browser has sent, while its session lives; empty when nothing."""
    kept = site().accounts.draft(browser_token()) if g.sar_session is not None else {}
    return kept if kept.get("sent") else {}


def _contact(sent: Draft) -> dict[str, str]:
    return {name: sent[f"sent-{name}"] for name in CONTACT_FIELDS}


def _page(sent: Draft) -> FamilyPage:
    legs = frozenset(_parts(sent))
    return site().services.enquiries.family_page(CaseReference(sent["sent"]), legs=legs, on=site().today())


def _parts(sent: Draft) -> tuple[int, ...]:
    return tuple(int(part) for part in sent["sent-legs"].split())


def _form(sent: Draft) -> Form:
    return Form(
        _TEMPLATE, case=_page(sent), email=sent["sent-email"], proved=sent["sent-proved"] == "yes",
        code_left=sent["sent-code"] == "sent", minutes=letters.CODE_MINUTES, waits=waits,
    )  # fmt: skip


def _address_form(sent: Draft) -> Form:
    return Form("family/ask_address.html", saved={"email": sent["sent-email"]})


def _send_code(sent: Draft) -> None:
    """A code that cannot be sent just now loses nothing: the page says so and offers another."""
    token, left = browser_token(), "sent"
    try:
        letters.send_code(sent["sent-email"], token=token, origin=origin(), unproved=True)
    except (TooManyAttempts, EnvironmentFault, InvalidInput):
        left = "failed"
    site().accounts.keep_draft(token, {**sent, "sent-code": left})


def _grant(sent: Draft) -> None:
    here, case, reference = site(), CaseId(sent["sent-case"]), CaseReference(sent["sent"])
    for leg in _parts(sent):
        here.accounts.grant_family(
            email=sent["sent-email"], case=case, reference=reference, leg=leg, at=here.clock()
        )
    letters.acknowledge_request(case, leg=next(filter(None, _parts(sent)), INFORMATION_PART))
