"""Asking somebody the records speak of: whom, about which words, whether the asker is named, and the answer."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from sar.domain.parties import Role, StaffRole
from sar.ports.pages import CasePage, LegPage
from sar.services.correspondence import ConsultationAnswer, ConsultationRow
from sar.web.access import not_here, open_to, staff_actor
from sar.web.context import site
from sar.web.filters import short_date
from sar.web.forms import LONGEST_TEXT, Form
from sar.web.staff_case import Option, leg_in, open_case, refused_on

blueprint = Blueprint(
    "officer_consulting", __name__, url_prefix="/officer/cases/<reference>/legs/<int:leg>/consultations"
)

_NAMED = (Option(value="no", text="No"), Option(value="yes", text="Yes, and they agreed to be named"))
_ANSWERS = (
    Option(value=ConsultationAnswer.CONSENT.value, text="They agree that the words are shown"),
    Option(value=ConsultationAnswer.REFUSAL.value, text="They do not agree"),
    Option(value=ConsultationAnswer.NO_ANSWER.value, text="They did not answer, or could not be reached"),
)


@blueprint.get("")
@open_to(StaffRole.OFFICER)
def page(reference: str, leg: int) -> str:
    """Whom to ask, and about which words."""
    case = open_case(reference)
    return _form(case, leg_in(case, leg)).render()


@blueprint.post("")
@open_to(StaffRole.OFFICER)
def decide(reference: str, leg: int) -> Response:
    """Keep the decision, and go on to the letter."""
    case, here = open_case(reference), site()
    mine = leg_in(case, leg)
    form = _form(case, mine)
    person = form.choice("person", [o.value for o in _people(case, mine)], empty="Choose whom to ask")
    record = form.choice("record", [o.value for o in _records(case, mine)], empty="Choose the record")
    quote = form.words("quote", empty="Copy the words about them from the record", longest=LONGEST_TEXT)
    named = form.choice("named", [o.value for o in _NAMED], empty="Say whether the asker may be named")
    form.check()
    with refused_on(form, fields={n: n for n in ("person", "record", "quote", "named")}, otherwise="quote"):
        made = here.services.correspondence.ask_consultee(
            case.id, leg=mine.number, person=person, record=record, quote=quote, names_requester=named == "yes",
            at=here.clock(), by=staff_actor(),
        )  # fmt: skip
    to = url_for(
        "officer_letters.write", reference=reference, leg=leg, kind="third-party-consultation", about=made
    )
    return redirect(to, code=303)


@blueprint.get("/<consultation>/answer")
@open_to(StaffRole.OFFICER)
def answer_form(reference: str, leg: int, consultation: str) -> str:
    """Ask what they said."""
    case = open_case(reference)
    return _answer_form(case, leg_in(case, leg), consultation).render()


@blueprint.post("/<consultation>/answer")
@open_to(StaffRole.OFFICER)
def answer(reference: str, leg: int, consultation: str) -> Response:
    """Keep it. The decision on the words is still to be made, by a named person."""
    case, here = open_case(reference), site()
    form = _answer_form(case, leg_in(case, leg), consultation)
    said = form.choice("answer", [o.value for o in _ANSWERS], empty="Choose what they said")
    on = form.day("on", what="day", latest=here.today())
    words = form.words("words", longest=LONGEST_TEXT)
    form.check()
    with refused_on(form, fields={"answer": "answer", "on": "on"}, otherwise="answer"):
        here.services.correspondence.answer_of_consultee(
            case.id,
            consultation=consultation,
            answer=said,
            on=on,
            words=words,
            at=here.clock(),
            by=staff_actor(),
        )
    return redirect(url_for("officer_letters.choose", reference=reference, leg=leg), code=303)


def _form(case: CasePage, mine: LegPage) -> Form:
    return Form(
        "officer/consult.html", case=case, leg=mine, people=_people(case, mine), records=_records(case, mine),
        named=_NAMED,
    )  # fmt: skip


def _answer_form(case: CasePage, mine: LegPage, consultation: str) -> Form:
    rows = site().services.correspondence.consultees(case.id, leg=mine.number)
    return Form(
        "officer/consult_answer.html", case=case, leg=mine, asked=_row(rows, consultation), answers=_ANSWERS
    )


def _row(rows: tuple[ConsultationRow, ...], wanted: str) -> ConsultationRow:
    for row in rows:
        if row.id == wanted:
            return row
    raise not_here()


def _people(case: CasePage, mine: LegPage) -> list[Option]:
    """Everybody in the register but the person whose records these are, and organisations."""
    people = site().services.enquiries.people(case.id)
    return [
        Option(value=str(p.id), text=f"{p.name} ({p.role.value})")
        for p in people
        if p.role is not Role.ORGANISATION and p.name != mine.subject
    ]


def _records(case: CasePage, mine: LegPage) -> list[Option]:
    rows = site().services.enquiries.review_list(case.id, leg=mine.number) if mine.records else ()
    return [
        Option(
            value=row.record,
            text=f"{number}. {row.kind.capitalize()} of {short_date(row.dated_on)}, {row.origin}",
        )
        for number, row in enumerate(rows, start=1)
        if not row.generated
    ]
