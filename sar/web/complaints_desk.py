"""The complaints team's desk: every complaint and correction with its stage, its dates and its next step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from sar.domain.complaints import Outcome
from sar.domain.errors import InvalidInput, NotFound
from sar.domain.parties import StaffRole
from sar.domain.pathways import INFORMATION_PART
from sar.domain.references import CaseReference
from sar.ports.pages import CasePage, ComplaintPage
from sar.web.access import not_here, open_to, staff_actor
from sar.web.context import site
from sar.web.forms import LONGEST_TEXT, Form
from sar.web.staff_case import Option, may, open_case, reached, refused_on

blueprint = Blueprint("complaints", __name__, url_prefix="/complaints-desk")

READERS = (StaffRole.COMPLAINTS, StaffRole.OFFICER, StaffRole.APPROVER)
OUTCOMES = tuple(Option(value=o.value, text=o.value.capitalize()) for o in Outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One thing the team records about a complaint, and the words of its form."""

    code: str
    title: str
    intro: str
    day_label: str
    words: str = ""
    """The name of its free text; none where there is nothing to say."""
    label: str = ""
    empty: str = ""
    has_outcome: bool = False
    statuses: frozenset[str] = frozenset({"opened", "acknowledged", "answered"})
    """Where the complaint must stand for this to be offered."""


ACTS = {
    act.code: act
    for act in (
        Act(code="acknowledge", title="Record that we acknowledged it", day_label="When did you write?",
            intro="The day you wrote to say that we have the complaint.", statuses=frozenset({"opened"})),
        Act(code="answer", title="Record our answer", day_label="When did you answer?", has_outcome=True,
            intro="The day the answer went out, its outcome and its reasons.", words="words",
            label="What did we answer, and why?", empty="Write what we answered and why",
            statuses=frozenset({"opened", "acknowledged"})),
        Act(code="escalate", title="Record that the family goes to the next stage",
            intro="Use this when a letter or a call says so. A family can do it on their own page too.",
            day_label="When did they ask?", words="words", label="What did they say?",
            empty="Write why they are not content"),
        Act(code="close", title="Close the complaint", intro="Nothing more is to be done on it here.",
            day_label="From which day?", words="reason", label="Why is it closed?",
            empty="Write why it is closed"),
    )
}  # fmt: skip


@blueprint.get("/")
@open_to(*READERS)
def desk() -> str:
    """Everything open, the nearest date first, then what is closed."""
    rows = site().services.enquiries.complaints_desk(on=site().today())
    closed = [row for row in rows if row.stage.endswith("closed")]
    return render_template(
        "complaints/desk.html", waiting=[row for row in rows if row not in closed], closed=closed, may=may()
    )


@blueprint.get("/open")
@open_to(StaffRole.COMPLAINTS, StaffRole.OFFICER)
def find() -> str:
    """Ask for the case's reference."""
    return Form("complaints/find.html").render()


@blueprint.post("/open")
@open_to(StaffRole.COMPLAINTS, StaffRole.OFFICER)
def found() -> Response:
    """Go on to the form of that case."""
    form = Form("complaints/find.html")
    given = form.words("reference", empty="Enter the case reference").upper()
    form.check()
    try:
        site().services.enquiries.case_page(CaseReference(given), on=site().today())
    except (InvalidInput, NotFound):
        form.fail("reference", "There is no case of that reference. It looks like SA-2026-0001")
    form.check()
    return redirect(url_for("complaints.opening", reference=given), code=303)


@blueprint.get("/cases/<reference>/open")
@open_to(StaffRole.COMPLAINTS, StaffRole.OFFICER)
def opening(reference: str) -> str:
    """The form for a complaint that came by letter, by phone or in person."""
    return _opening_form(open_case(reference)).render()


@blueprint.post("/cases/<reference>/open")
@open_to(StaffRole.COMPLAINTS, StaffRole.OFFICER)
def open_complaint(reference: str) -> Response:
    """Open it at the first stage of its route."""
    case, here = open_case(reference), site()
    form = _opening_form(case)
    route = form.choice("route", [c for c, _ in here.services.enquiries.routes()], empty="Choose the route")
    received_on = form.day("received_on", what="day it was received", latest=here.today())
    knew_on = form.day_if_given("knew_on", what="day the family found out", latest=here.today())
    about = form.words("about", empty="Write in a few words what it is about")
    words = form.words("words", empty="Write what the family says, in their words", longest=LONGEST_TEXT)
    whose = form.choice("leg", [option.value for option in _whose(case)], empty="Choose whose records")
    form.check()
    with refused_on(form, otherwise="words"):
        made = here.services.complaints.open(
            case.id, route=route, about=about, words=words, received_on=received_on, knew_on=knew_on,
            leg=int(whose) if whose.isdigit() else None, at=here.clock(), by=staff_actor(),
            once=form.once_key(),
        )  # fmt: skip
    return _to(reference, made)


@blueprint.get("/cases/<reference>/complaints/<complaint>")
@open_to(*READERS)
def complaint(reference: str, complaint: str) -> str:
    """One complaint: its dates, its history, its next step and what can be recorded now."""
    case, found = _complaint(reference, complaint)
    acts = [act for act in ACTS.values() if found.status in act.statuses]
    return render_template(
        "complaints/complaint.html", case=case, complaint=found, acts=acts, may=may(),
        history=found.history[::-1], reached=reached(case), letters=_letters(case, found),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterLink:
    """A letter that can be sent now, recorded in the same act."""

    title: str
    kind: str
    leg: int


_LETTERS = (
    ("complaint-acknowledgement", "Acknowledge it by letter", frozenset({"opened"})),
    ("complaint-outcome", "Answer it by letter", frozenset({"opened", "acknowledged"})),
)


def _letters(case: CasePage, found: ComplaintPage) -> list[LetterLink]:
    """To whoever complained: a complaint about the request as a whole has one link for each person."""
    legs = {
        (leg.recipient, leg.contact): leg
        for leg in reversed(case.legs)
        if found.leg is None or leg.number == found.leg
    }
    return [
        LetterLink(
            title=title if len(legs) == 1 else f"{title} to {leg.recipient}", kind=kind, leg=leg.number
        )
        for kind, title, statuses in _LETTERS
        if found.status in statuses
        for leg in reversed(legs.values())
    ]


@blueprint.get("/cases/<reference>/complaints/<complaint>/<what>")
@open_to(StaffRole.COMPLAINTS)
def act_form(reference: str, complaint: str, what: str) -> str:
    """The short form of one act."""
    case, found = _complaint(reference, complaint)
    return _act_form(_act(what), case, found).render()


@blueprint.post("/cases/<reference>/complaints/<complaint>/<what>")
@open_to(StaffRole.COMPLAINTS)
def act(reference: str, complaint: str, what: str) -> Response:
    """Record it, with its day."""
    case, found = _complaint(reference, complaint)
    wanted, here = _act(what), site()
    form = _act_form(wanted, case, found)
    given: dict[str, str | date] = {"on": form.day("on", what="day", latest=here.today())}
    if wanted.has_outcome:
        given["outcome"] = form.choice("outcome", [o.value for o in OUTCOMES], empty="Choose the outcome")
    if wanted.words:
        given[wanted.words] = form.words(wanted.words, empty=wanted.empty, longest=LONGEST_TEXT)
    form.check()
    fields = {"words": "words", "reason": "reason", "outcome": "outcome"}
    with refused_on(form, fields=fields, otherwise="on"):
        getattr(here.services.complaints, wanted.code)(
            case.id, complaint=found.id, at=here.clock(), by=staff_actor(), **given
        )
    return _to(reference, complaint)


def _complaint(reference: str, complaint: str) -> tuple[CasePage, ComplaintPage]:
    case = open_case(reference)
    return case, site().services.enquiries.complaint(case.id, complaint, on=site().today())


def _act(what: str) -> Act:
    if what not in ACTS:
        raise not_here()
    return ACTS[what]


def _act_form(wanted: Act, case: CasePage, found: ComplaintPage) -> Form:
    return Form("complaints/act.html", act=wanted, case=case, complaint=found, outcomes=OUTCOMES)


def _opening_form(case: CasePage) -> Form:
    routes = [Option(value=code, text=title) for code, title in site().services.enquiries.routes()]
    return Form("complaints/open.html", case=case, routes=routes, whose=_whose(case))


def _whose(case: CasePage) -> list[Option]:
    """What a complaint can be about: the whole, each person, and the part that asks for information."""
    whose = [Option(value="all", text="The request as a whole")]
    whose += [Option(value=str(leg.number), text=leg.subject) for leg in case.legs]
    if case.information:
        whose.append(Option(value=str(INFORMATION_PART), text="The part that asks for policies or numbers"))
    return whose


def _to(reference: str, complaint: str) -> Response:
    return redirect(url_for("complaints.complaint", reference=reference, complaint=complaint), code=303)
