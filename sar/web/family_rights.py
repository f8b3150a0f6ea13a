"""Rights after the answer: complain, ask for a correction, challenge a redaction, and follow each."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from sar.domain.pathways import INFORMATION_PART
from sar.ports.pages import DeskRow, FamilyPage, LegPage
from sar.web import letters
from sar.web.access import FAMILY, FAMILY_ACTOR, not_here, open_to
from sar.web.context import site
from sar.web.family import family_case, places
from sar.web.forms import LONGEST_TEXT, Form

blueprint = Blueprint("family_rights", __name__, url_prefix="/requests/<reference>")

CHALLENGE_ROUTE = "data-protection"
"""Words hidden in a pack are a question of how information was used, whoever wrote the record."""
_LARGEST_NUMBER = 99_999


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One entry of a list to choose from."""

    value: str
    text: str


@blueprint.get("/complain")
@open_to(FAMILY)
def complaint_form(reference: str) -> str:
    """Ask what went wrong."""
    return _complain_form(family_case(reference).page).render()


@blueprint.post("/complain")
@open_to(FAMILY)
def complain(reference: str) -> Response:
    """Open a complaint at the first stage of the chosen route."""
    case, here = family_case(reference).page, site()
    form = _complain_form(case)
    route = form.choice(
        "route", [code for code, _ in here.services.enquiries.routes()], empty="Choose what it is about"
    )
    about = form.words("about", empty="Write in a few words what the complaint is about")
    words = form.words("words", empty="Write what went wrong", longest=LONGEST_TEXT)
    knew_on = form.day_if_given("knew", what="day you found out", latest=here.today())
    leg = _chosen_leg(form, case)
    form.check()
    with form.refusals(field="words"):
        made = here.services.complaints.open(
            case.id, route=route, about=about, words=words, received_on=here.today(), at=here.clock(),
            by=FAMILY_ACTOR, leg=leg, knew_on=knew_on, once=form.once_key(),
        )  # fmt: skip
    letters.acknowledge_complaint(case.id, leg, made)
    return _to_complaint(reference, made)


@blueprint.get("/challenge")
@open_to(FAMILY)
def challenge_form(reference: str) -> str:
    """Ask which hidden words should be looked at again."""
    case = family_case(reference).page
    return Form("family/challenge.html", case=case, legs=_packs(case)).render()


@blueprint.post("/challenge")
@open_to(FAMILY)
def challenge(reference: str) -> Response:
    """A challenge is a complaint about how information was used: it has the same dates and next steps."""
    case, here = family_case(reference).page, site()
    form = Form("family/challenge.html", case=case, legs=_packs(case))
    number = _record_number(form, needed=True)
    words = form.words("words", empty="Write why you think the words should be shown", longest=LONGEST_TEXT)
    leg = _chosen_leg(form, case, packs_only=True)
    form.check()
    with form.refusals(field="words"):
        made = here.services.complaints.open(
            case.id, route=CHALLENGE_ROUTE, about=f"Words withheld in record {number} of the pack",
            words=words, received_on=here.today(), at=here.clock(), by=FAMILY_ACTOR, leg=leg,
            once=form.once_key(),
        )  # fmt: skip
    letters.acknowledge_complaint(case.id, leg, made)
    return _to_complaint(reference, made)


@blueprint.get("/correct")
@open_to(FAMILY)
def correction_form(reference: str) -> str:
    """Ask what is wrong and what it should say."""
    case = family_case(reference).page
    return Form("family/correct.html", case=case, legs=places(case)).render()


@blueprint.post("/correct")
@open_to(FAMILY)
def correct(reference: str) -> Response:
    """Open a correction; every place the error was copied to is listed with it."""
    case, here = family_case(reference).page, site()
    form = Form("family/correct.html", case=case, legs=places(case))
    leg = _chosen_leg(form, case)
    number = _record_number(form, needed=False)
    alert = form.words("alert_number", longest=40)
    wrong = form.words("what_is_wrong", empty="Write what is wrong", longest=LONGEST_TEXT)
    right = form.words("what_it_should_say", empty="Write what it should say", longest=LONGEST_TEXT)
    form.check()
    prefix = f"Record {number} in the pack: " if number else ""
    with form.refusals(field="what_is_wrong"):
        made = here.services.rectification.ask(
            case.id, leg=leg, alert_number=alert, what_is_wrong=prefix + wrong, what_it_should_say=right,
            asked_on=here.today(), at=here.clock(), by=FAMILY_ACTOR, once=form.once_key(),
        )  # fmt: skip
    letters.acknowledge_correction(case.id, leg, made)
    return redirect(url_for("family_rights.correction", reference=reference, correction=made), code=303)


@blueprint.get("/complaints/<complaint>")
@open_to(FAMILY)
def complaint(reference: str, complaint: str) -> str:
    """One complaint: where it stands, by when, and what is next."""
    case = family_case(reference).page
    row = _mine(case.complaints, complaint)
    return _complaint_form(case, row).render()


@blueprint.post("/complaints/<complaint>/next")
@open_to(FAMILY)
def escalate(reference: str, complaint: str) -> Response:
    """Go on to the next stage after an answer."""
    case, here = family_case(reference).page, site()
    row = _mine(case.complaints, complaint)
    form = _complaint_form(case, row)
    words = form.words("words", empty="Write why you are not content with the answer", longest=LONGEST_TEXT)
    form.check()
    with form.refusals(field="words"):
        here.services.complaints.escalate(
            case.id, complaint=row.id, on=here.today(), words=words, at=here.clock(), by=FAMILY_ACTOR
        )
    return _to_complaint(reference, row.id)


@blueprint.get("/corrections/<correction>")
@open_to(FAMILY)
def correction(reference: str, correction: str) -> str:
    """One correction: every place it must reach and what we have seen ourselves."""
    case = family_case(reference).page
    row = _mine(case.corrections, correction)
    found = site().services.enquiries.correction(case.id, row.id, for_family=True)
    return render_template("family/correction.html", case=case, correction=found)


def _mine(rows: tuple[DeskRow, ...], wanted: str) -> DeskRow:
    """Only what the family page lists exists; an id of another leg or case reads like a missing one."""
    for row in rows:
        if row.id == wanted:
            return row
    raise not_here()


def _to_complaint(reference: str, made: str) -> Response:
    return redirect(url_for("family_rights.complaint", reference=reference, complaint=made), code=303)


def _complain_form(case: FamilyPage) -> Form:
    routes = [Choice(value=code, text=title) for code, title in site().services.enquiries.routes()]
    return Form("family/complain.html", case=case, routes=routes, legs=places(case))


def _complaint_form(case: FamilyPage, row: DeskRow) -> Form:
    here = site()
    found = here.services.enquiries.complaint(case.id, row.id, on=here.today())
    return Form("family/complaint.html", case=case, complaint=found)


def _packs(case: FamilyPage) -> dict[int, LegPage]:
    return {place: leg for place, leg in places(case).items() if leg.pack is not None and leg.pack.delivered}


def _chosen_leg(form: Form, case: FamilyPage, *, packs_only: bool = False) -> int:
    """Whose records it is about; not asked where there is only one answer."""
    legs = _packs(case) if packs_only else places(case)
    if not legs and case.information and not packs_only:
        return INFORMATION_PART
    if not legs:
        form.fail("form", "You can do this when a pack has been given to you.")
        return 0
    by_value = {str(place): leg.number for place, leg in legs.items()}
    if len(by_value) == 1:
        return next(iter(by_value.values()))
    chosen = form.choice("leg", by_value, empty="Choose whose records it is about")
    return by_value.get(chosen, 0)


def _record_number(form: Form, *, needed: bool) -> str:
    empty = "Enter the record’s number in your pack" if needed else ""
    given = form.words("record", empty=empty, longest=10)
    is_number = given.isascii() and given.isdigit() and 0 < int(given) <= _LARGEST_NUMBER
    if given and not is_number:
        form.fail("record", "The record’s number is a whole number, such as 12")
    return given
