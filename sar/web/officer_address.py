"""A mailbox that is not safe any more: shut it out at once, and let a new one in when its owner proves it.

The officer changes the address while talking to the family, in a safe way. Whoever could see the leg is
shut out before anything else happens. The new address gets a code and its owner reads the code out: that
proves the mailbox. That the owner is the person who asked is shown through a contact that was on record
before, or in another sufficient way where none of those is safe. Only with both does the new address see
anything: neither a mistyped address nor somebody who only says that they are the requester.
"""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from sar.domain.errors import EnvironmentFault
from sar.domain.identity import BESIDE_CONTACT
from sar.domain.parties import StaffRole
from sar.domain.pathways import INFORMATION_PART
from sar.ports.access import GUESSES_PER_ORIGIN, SignInRefused, TooManyAttempts
from sar.ports.pages import CasePage, LegPage
from sar.web import letters
from sar.web.access import open_to, staff_actor
from sar.web.context import site
from sar.web.family_request import UNPROVED, contact_from
from sar.web.forms import LONGEST_TEXT, Form, FormRefused
from sar.web.security import browser_token
from sar.web.sign_in import code_of, origin
from sar.web.staff_case import Option, leg_in, open_case, refused_on

blueprint = Blueprint(
    "officer_address", __name__, url_prefix="/officer/cases/<reference>/legs/<int:leg>/address"
)

_UNSAFE = "Only where the old contacts are not safe. Write why below."
_SAFE = (
    Option(
        value="yes", text="Yes, it is safe", hint="You read what is said above, and why the address changed."
    ),
    Option(value="no", text="No, or I do not know"),
)
_FIELDS = ("email", "phone", "post", "do_not", "reason")


@blueprint.get("")
@open_to(StaffRole.OFFICER)
def page(reference: str, leg: int) -> str:
    """What is known now, to be put right. The old e-mail address is not offered again."""
    case = open_case(reference)
    return _form(case, leg_in(case, leg)).render()


@blueprint.post("")
@open_to(StaffRole.OFFICER)
def change(reference: str, leg: int) -> Response:
    """Shut out whoever sees these records now, keep the new ways, and send the new address its code."""
    case, here = open_case(reference), site()
    mine = leg_in(case, leg)
    form = _form(case, mine)
    email = form.email("email")
    form.words("phone", longest=40)
    form.words("post", longest=LONGEST_TEXT)
    form.words("do_not", longest=LONGEST_TEXT)
    form.words("reason", empty="Write why the address changes", longest=LONGEST_TEXT)
    if not (email or form.value("phone") or form.value("post")):
        form.fail("email", "Enter at least one safe way to reach them: e-mail, phone or post")
    form.check()
    new = {name: form.value(name) for name in _FIELDS}
    for number in _of_the_same(case, mine):
        here.accounts.shut_leg(case=case.id, leg=number)
    here.services.standing.set_contact(
        case.id, contact=contact_from(new, proved=False), leg=mine.number, reason=new["reason"], at=here.clock(),
        by=staff_actor(), unproved_email=email,
    )  # fmt: skip
    if not email:
        return _to_confirm(reference, leg)
    _send_code(case, mine, new)
    return redirect(url_for("officer_address.code", reference=reference, leg=leg), code=303)


@blueprint.get("/code")
@open_to(StaffRole.OFFICER)
def code(reference: str, leg: int) -> str | Response:
    """Ask for the code that the owner of the new address reads out."""
    case = open_case(reference)
    mine = leg_in(case, leg)
    waiting = _waiting(case, mine)
    return _code_form(case, mine, waiting).render() if waiting else _to_case(reference)


@blueprint.post("/code")
@open_to(StaffRole.OFFICER)
def prove(reference: str, leg: int) -> Response:
    """The code was right: the new address may follow the request from now on."""
    case, here, at = open_case(reference), site(), site().clock()
    mine = leg_in(case, leg)
    waiting = _waiting(case, mine)
    if not waiting:
        return _to_case(reference)
    form = _code_form(case, mine, waiting)
    given = code_of(form, empty="Enter the 6 numbers that they read to you")
    form.check()
    here.accounts.attempt(GUESSES_PER_ORIGIN, origin(), at=at)
    try:
        here.accounts.prove_address(token=browser_token(), email=waiting["email"], code=given, at=at)
    except SignInRefused as error:
        form.fail("code", f"{error.message} {error.next_step}")
        raise FormRefused(form) from error
    here.services.standing.prove_contact(
        case.id, contact=contact_from(waiting, proved=True), leg=mine.number, at=at, by=staff_actor()
    )
    _keep({})
    _let_in(reference, leg)
    return _to_confirm(reference, leg)


@blueprint.get("/confirm")
@open_to(StaffRole.OFFICER)
def confirmation(reference: str, leg: int) -> str | Response:
    """Ask how the officer knows that the person themself asked for the change."""
    case = open_case(reference)
    mine = leg_in(case, leg)
    return _confirm_form(case, mine).render() if mine.address_waits else _to_case(reference)


@blueprint.post("/confirm")
@open_to(StaffRole.OFFICER)
def confirm(reference: str, leg: int) -> Response:
    """Record it: from now on the new ways are as good as the old ones were."""
    case, here = open_case(reference), site()
    mine = leg_in(case, leg)
    if not mine.address_waits:
        return _to_case(reference)
    form = _confirm_form(case, mine)
    means = form.choice("means", [o.value for o in _ways(case, mine)], empty="Choose how it was confirmed")
    safe = form.choice(
        "safe", [o.value for o in _SAFE], empty="Say whether nobody else reads or hears what goes this way"
    )
    how = form.words("how", empty="Write how it was confirmed", longest=LONGEST_TEXT)
    form.check()
    with refused_on(form, fields={"means": "means", "how": "how", "is_safe": "safe"}, otherwise="means"):
        here.services.standing.confirm_contact(
            case.id, leg=leg, means=means, how=how, is_safe=safe == "yes", at=here.clock(), by=staff_actor()
        )
    _let_in(reference, leg)
    return _to_case(reference)


def _let_in(reference: str, leg: int) -> None:
    """Into the request, when both are done: the owner proved the mailbox, and somebody knows the owner."""
    case, here = open_case(reference), site()
    mine = leg_in(case, leg)
    if mine.address_waits or not mine.contact.email:
        return
    for number in _of_the_same(case, mine):
        here.accounts.grant_family(
            email=mine.contact.email,
            case=case.id,
            reference=case.reference,
            leg=number,
            at=here.clock(),
        )


def _ways(case: CasePage, mine: LegPage) -> list[Option]:
    known = site().services.standing.known_contacts(case.id, leg=mine.number)
    return [
        *(Option(value=k.code, text=f"Through {k.value}: {value}") for k, value in known),
        *(
            Option(value=m.code, text=f"{m.value[:1].upper()}{m.value[1:]}", hint=_UNSAFE)
            for m in BESIDE_CONTACT
        ),
    ]


def _confirm_form(case: CasePage, mine: LegPage) -> Form:
    return Form("officer/address_confirm.html", case=case, leg=mine, ways=_ways(case, mine), safe=_SAFE)


def _to_confirm(reference: str, leg: int) -> Response:
    return redirect(url_for("officer_address.confirmation", reference=reference, leg=leg), code=303)


def _of_the_same(case: CasePage, mine: LegPage) -> list[int]:
    """Every part this person receives, policies and numbers included: one mailbox reads them all."""
    me = (mine.recipient, mine.contact)
    found = [leg.number for leg in case.legs if (leg.recipient, leg.contact) == me]
    if case.information and case.asker is not None and (case.asker.name, case.asker.contact) == me:
        found.append(INFORMATION_PART)
    return found


def _form(case: CasePage, mine: LegPage) -> Form:
    known = mine.contact
    do_not = "\n".join(line for line in known.do_not.splitlines() if not line.startswith(UNPROVED))
    saved = {"phone": known.phone, "post": known.postal_address, "do_not": do_not}
    return Form("officer/address.html", saved=saved, case=case, leg=mine)


def _code_form(case: CasePage, mine: LegPage, waiting: dict[str, str]) -> Form:
    return Form(
        "officer/address_code.html", case=case, leg=mine, email=waiting["email"], left=waiting["left"] == "sent",
        minutes=letters.CODE_MINUTES,
    )  # fmt: skip


def _send_code(case: CasePage, mine: LegPage, new: dict[str, str]) -> None:
    """A code that cannot leave just now is said on the page; the old address is shut out all the same."""
    left = "sent"
    try:
        letters.send_code(new["email"], token=browser_token(), origin=origin(), read_out=True)
    except (TooManyAttempts, EnvironmentFault):
        left = "failed"
    _keep({**new, "left": left, "of": _of(case, mine)})


def _waiting(case: CasePage, mine: LegPage) -> dict[str, str]:
    """The change this officer began for this leg and that waits for its code; empty when there is none."""
    start = "address-"
    kept = site().accounts.draft(browser_token())
    begun = {name.removeprefix(start): value for name, value in kept.items() if name.startswith(start)}
    return begun if begun.get("of") == _of(case, mine) else {}


def _keep(begun: dict[str, str]) -> None:
    """Beside what other pages keep in this session."""
    start, token = "address-", browser_token()
    others = {n: v for n, v in site().accounts.draft(token).items() if not n.startswith(start)}
    site().accounts.keep_draft(token, others | {start + name: value for name, value in begun.items()})


def _of(case: CasePage, mine: LegPage) -> str:
    return f"{case.id}/{mine.number}"


def _to_case(reference: str) -> Response:
    return redirect(url_for("officer.case", reference=reference), code=303)
