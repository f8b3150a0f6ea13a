"""Which law answers a part of a case: another choice, a recorded decision, and information requests."""

from __future__ import annotations

from datetime import date

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from sar.domain.authority import Capacity
from sar.domain.parties import DataSubject, Requester, StaffRole
from sar.domain.pathways import OWN_RECORDS
from sar.domain.references import SubjectId
from sar.ports.pages import CasePage, InformationRow, LawRow, LegPage
from sar.services.intake import NewLeg
from sar.web.access import not_here, open_to, staff_actor
from sar.web.context import site
from sar.web.forms import LONGEST_TEXT, Form
from sar.web.staff_case import Option, leg_in, open_case, refused_on

blueprint = Blueprint("officer_answering", __name__, url_prefix="/officer/cases/<reference>")


@blueprint.get("/legs/<int:leg>/law")
@open_to(StaffRole.OFFICER)
def choose_form(reference: str, leg: int) -> str:
    """Choose another law for one leg."""
    case = open_case(reference)
    return _choose_form(case, leg_in(case, leg)).render()


@blueprint.post("/legs/<int:leg>/law")
@open_to(StaffRole.OFFICER)
def choose(reference: str, leg: int) -> Response:
    """Keep the choice, with its reason. The dates run from the day of receipt."""
    case, here = open_case(reference), site()
    mine = leg_in(case, leg)
    form = _choose_form(case, mine)
    pathway = form.choice(
        "pathway", [o.value for o in _pathways(mine)], empty="Choose the law that answers this part"
    )
    reason = form.words("reason", empty="Write why another law answers this part", longest=LONGEST_TEXT)
    form.check()
    with refused_on(form, fields={"reason": "reason"}, otherwise="pathway"):
        here.services.routing.choose(
            case.id, leg=leg, pathway=pathway, reason=reason, at=here.clock(), by=staff_actor()
        )
    return _to_case(reference)


@blueprint.get("/legs/<int:leg>/decision")
@open_to(StaffRole.OFFICER, StaffRole.APPROVER)
def decide_form(reference: str, leg: int) -> str:
    """Decide a leg that is answered without a pack."""
    case = open_case(reference)
    return _decide_form(case, _without_pack(case, leg)).render()


@blueprint.post("/legs/<int:leg>/decision")
@open_to(StaffRole.OFFICER, StaffRole.APPROVER)
def decide(reference: str, leg: int) -> Response:
    """Record the decision, with its day and its reasons."""
    case, here = open_case(reference), site()
    mine = _without_pack(case, leg)
    form = _decide_form(case, mine)
    outcome = form.choice("outcome", [o.value for o in _outcomes(mine.law)], empty="Choose what was decided")
    on = form.day("on", what="day", latest=here.today())
    reason = form.words("reason", empty="Write the reasons", longest=LONGEST_TEXT)
    form.check()
    with refused_on(form, fields={"on": "on", "reason": "reason"}, otherwise="outcome"):
        here.services.routing.decide(
            case.id, leg=leg, outcome=outcome, on=on, reason=reason, at=here.clock(), by=staff_actor()
        )
    return _to_case(reference)


@blueprint.get("/information")
@open_to(StaffRole.OFFICER)
def split_form(reference: str) -> str:
    """Split off a part that asks for policies or numbers."""
    return _split_form(open_case(reference)).render()


@blueprint.post("/information")
@open_to(StaffRole.OFFICER)
def split(reference: str) -> Response:
    """Log it; it runs from the day it was received."""
    case, here = open_case(reference), site()
    form = _split_form(case)
    words = form.words("words", empty="Write which policies or numbers are wanted", longest=LONGEST_TEXT)
    received_on = form.day_if_given("on", what="day it was received", latest=here.today())
    reason = form.words("reason", empty="Write why this is an information request", longest=LONGEST_TEXT)
    form.check()
    with refused_on(form, fields={"on": "on", "reason": "reason"}, otherwise="words"):
        here.services.routing.log_information(
            case.id, words=words, reason=reason, received_on=received_on, at=here.clock(), by=staff_actor()
        )
    return _to_case(reference)


@blueprint.get("/information/<int:number>")
@open_to(StaffRole.OFFICER)
def answer_form(reference: str, number: int) -> str:
    """Record the answer to an information request."""
    case = open_case(reference)
    return _answer_form(case, _part(case, number)).render()


@blueprint.post("/information/<int:number>")
@open_to(StaffRole.OFFICER)
def answer(reference: str, number: int) -> Response:
    """Record what was answered, and when."""
    case, here = open_case(reference), site()
    part = _part(case, number)
    form = _answer_form(case, part)
    outcomes = [o.value for o in _outcomes(part.law) if o.value != OWN_RECORDS]
    outcome = form.choice("outcome", outcomes, empty="Choose what was answered")
    on = form.day("on", what="day", latest=here.today())
    reason = form.words("reason", empty="Write what was answered, and why", longest=LONGEST_TEXT)
    form.check()
    with refused_on(form, fields={"on": "on", "reason": "reason"}, otherwise="outcome"):
        here.services.routing.answer_information(
            case.id, number=number, outcome=outcome, on=on, reason=reason, at=here.clock(), by=staff_actor()
        )
    return _to_case(reference)


@blueprint.get("/information/<int:number>/own-records")
@open_to(StaffRole.OFFICER)
def own_records_form(reference: str, number: int) -> str:
    """The part asks for own records after all."""
    case = open_case(reference)
    return _own_form(case, _part(case, number)).render()


@blueprint.post("/information/<int:number>/own-records")
@open_to(StaffRole.OFFICER)
def own_records(reference: str, number: int) -> Response:
    """Take it as a subject access request from the day it was received."""
    case, here = open_case(reference), site()
    form = _own_form(case, _part(case, number))
    born_on = form.day("born", what="date of birth", latest=here.today())
    reason = form.words(
        "reason", empty="Write what shows that these are their own records", longest=LONGEST_TEXT
    )
    form.check()
    with refused_on(form, fields={"reason": "reason"}, otherwise="born"):
        made = here.services.intake.take_as_own_records(
            case.id,
            number=number,
            leg=_own_leg(case, born_on),
            reason=reason,
            at=here.clock(),
            by=staff_actor(),
        )
    mine = leg_in(open_case(reference), made)
    # An address that waits to be confirmed is let in with the other parts, once it is.
    if mine.contact.email and not mine.address_waits:
        here.accounts.grant_family(
            email=mine.contact.email, case=case.id, reference=case.reference, leg=made, at=here.clock()
        )
    return _to_case(reference)


def _own_leg(case: CasePage, born_on: date) -> NewLeg:
    """Whoever asked, as the person the records are about."""
    if case.asker is None:
        raise not_here()
    number = len(case.legs) + 1
    subject = DataSubject(id=SubjectId(f"subject-own-{number}"), name=case.asker.name, born_on=born_on)
    recipient = Requester(name=case.asker.name, contact=case.asker.contact, subject=subject.id)
    return NewLeg(name=f"own-{number}", subject=subject, recipient=recipient, capacity=Capacity.SELF.value)


def _without_pack(case: CasePage, number: int) -> LegPage:
    leg = leg_in(case, number)
    if leg.law is None or leg.law.whole_route or leg.law.decided_on is not None:
        raise not_here()
    return leg


def _part(case: CasePage, number: int) -> InformationRow:
    for part in case.information:
        if part.number == number and part.answered_on is None:
            return part
    raise not_here()


def _outcomes(law: LawRow | None) -> list[Option]:
    hint = "Only an approver may decide this."
    return [
        Option(value=o.code, text=o.title, hint=hint if o.needs_approver else "")
        for o in (law.outcomes if law is not None else ())
    ]


def _pathways(leg: LegPage) -> list[Option]:
    """Every law that can answer for a person of this kind, but the one that answers now."""
    now = leg.law.code if leg.law is not None else ""
    found = site().services.enquiries.laws_for(is_living=leg.is_living)
    return [Option(value=row.code, text=row.title, hint=row.statute) for row in found if row.code != now]


def _choose_form(case: CasePage, leg: LegPage) -> Form:
    return Form(_TEMPLATE, case=case, what="choose", title="Choose another law for this part", leg=leg,
                part=None, items=_pathways(leg))  # fmt: skip


def _decide_form(case: CasePage, leg: LegPage) -> Form:
    return Form(_TEMPLATE, case=case, what="decide", title="Record the decision on this part", leg=leg,
                part=None, items=_outcomes(leg.law))  # fmt: skip


def _split_form(case: CasePage) -> Form:
    return Form(
        _TEMPLATE, case=case, what="split", title="Log an information request", leg=None, part=None, items=[]
    )


def _answer_form(case: CasePage, part: InformationRow) -> Form:
    items = [o for o in _outcomes(part.law) if o.value != OWN_RECORDS]
    return Form(
        _TEMPLATE, case=case, what="answer", title="Record the answer", leg=None, part=part, items=items
    )


def _own_form(case: CasePage, part: InformationRow) -> Form:
    return Form(
        _TEMPLATE, case=case, what="own", title="These are their own records", leg=None, part=part, items=[]
    )


_TEMPLATE = "officer/answering.html"


def _to_case(reference: str) -> Response:
    return redirect(url_for("officer.case", reference=reference), code=303)
