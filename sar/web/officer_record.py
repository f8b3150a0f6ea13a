"""Short forms for what moves or stops a request: proof, questions, more time, and stops on delivery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from sar.domain.authority import Capacity, documents_for
from sar.domain.conflicts import ChildAsked, Conflict
from sar.domain.errors import NotAllowed
from sar.domain.identity import IdentityMeans
from sar.domain.parties import StaffRole
from sar.ports.pages import CasePage, LegPage
from sar.web.access import not_here, open_to, staff, staff_actor
from sar.web.context import site
from sar.web.forms import LONGEST_TEXT, Form
from sar.web.staff_case import CONFLICTS, LIFTERS, Option, leg_in, open_case, refused_on

blueprint = Blueprint("officer_record", __name__, url_prefix="/officer/cases/<reference>/record")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing an officer can record, and the words of its form."""

    code: str
    method: str
    """The call that keeps it, of the service below."""
    title: str
    intro: str
    words: str
    """The name of its free text, in the call and on the page."""
    label: str
    empty: str
    hint: str = ""
    day: str = ""
    """The name of its date; none where the day is today."""
    day_label: str = ""
    of_leg: bool = True
    of_all: bool = False
    """Whether it may be about the whole request."""
    choice: str = ""
    """The name of its code, in the call and on the page; none where it has no code."""
    choice_label: str = ""
    roles: tuple[StaffRole, ...] = (StaffRole.OFFICER,)
    service: str = "standing"
    """The service of that name has the call."""


FACTS = {
    f.code: f
    for f in (
        Fact(code="identity-doubted", method="doubt_identity", title="Ask for proof of identity",
             intro="Only where you have a reasonable doubt about who is asking (UK GDPR Article 12(6)). The time "
                   "to answer starts when the proof comes.",
             day="asked_on", day_label="When did you ask?", words="reason",
             label="What makes you doubt who is asking?", empty="Write what makes you doubt who is asking"),
        Fact(code="identity-shown", method="record_identity", title="Record how you know who is asking",
             intro="Where proof was asked for, the time to answer starts on this day.", day="got_on",
             day_label="When did you see it?", words="how", label="What did you see, or what do you know them by?",
             choice="means", choice_label="How do you know who is asking?", empty="Write what you saw",
             hint="Do not copy numbers from it, and do not keep a copy."),
        Fact(code="authority-shown", method="record_authority", title="Record proof of authority",
             intro="What shows the right to ask for this person’s records.", day="got_on",
             day_label="When did it come?", words="how", label="What did you see of it?",
             choice="evidence", choice_label="Which document or order did you see?",
             empty="Write what you saw of the document or order",
             hint="Do not copy numbers from it, and do not keep a copy."),
        Fact(code="stop", method="record_conflict", title="Stop delivery of this pack",
             intro="The pack will not be handed over until a person lifts the stop. The due date does not "
                   "change. Do not speak of it to the family.", words="note", label="What do you know about it?",
             choice="code", choice_label="Which reason?",
             empty="Write what you know about it"),
        Fact(code="lift", method="resolve_conflict", title="Lift a stop", roles=LIFTERS,
             intro="Delivery goes on when no stop is left.", words="note", choice="code", choice_label="Which stop?",
             label="Why is it safe to go on?", empty="Write why it is safe to go on"),
        Fact(code="question", method="ask_clarification", title="Record a question to the family",
             intro="The days until the answer do not count (UK GDPR Article 12A(5)). Go on looking meanwhile.",
             day="asked_on", day_label="When did you ask?", words="question", of_all=True,
             service="timekeeping", label="What did you ask?", empty="Write the question you put to the family"),
        Fact(code="answer", method="record_clarification", title="Record the family’s answer",
             intro="The days count again from here.", day="answered_on", day_label="When did they answer?",
             words="answer", of_all=True, service="timekeeping", label="What did they say?",
             empty="Write what the family answered"),
        Fact(code="more-time", method="extend", title="Record a notice of more time",
             intro="Up to two further months for a complex request, if the family was told with reasons within "
                   "the first month (UK GDPR Article 12A(3)).",
             day="notified_on", day_label="When did you tell the family?", words="reasons", of_all=True,
             service="timekeeping", label="What reasons did you give?",
             empty="Write the reasons you gave the family"),
    )
}  # fmt: skip


@blueprint.get("/<what>", defaults={"leg": 0})
@blueprint.get("/<what>/<int:leg>")
@open_to(StaffRole.OFFICER, *LIFTERS)
def page(reference: str, what: str, leg: int) -> str:
    """The empty form."""
    fact, case, mine = _wanted(reference, what, leg)
    return _form(fact, case, mine).render()


@blueprint.post("/<what>", defaults={"leg": 0})
@blueprint.post("/<what>/<int:leg>")
@open_to(StaffRole.OFFICER, *LIFTERS)
def keep(reference: str, what: str, leg: int) -> Response:
    """Keep it, with its day and its words."""
    fact, case, mine = _wanted(reference, what, leg)
    form, here = _form(fact, case, mine), site()
    given: dict[str, str | int | date] = {}
    if mine is not None:
        given["leg"] = mine.number
    if fact.day:
        given[fact.day] = form.day(fact.day, what="day", latest=here.today())
    if fact.choice:
        given[fact.choice] = form.choice(
            fact.choice, [o.value for o in _codes(fact, mine)], empty="Choose one of these"
        )
    if _asks_about_child(fact, mine) and given.get("code") == Conflict.CHILD_OLD_ENOUGH.code:
        given["child_asked"] = form.choice(
            "child_asked", [c.code for c in ChildAsked], empty="Choose whether the child was asked"
        )
    given[fact.words] = form.words(fact.words, empty=fact.empty, longest=LONGEST_TEXT)
    form.check()
    fields = {"date": fact.day, fact.day: fact.day, fact.choice: fact.choice}
    with refused_on(form, fields=fields, otherwise=fact.day or fact.words):
        getattr(getattr(here.services, fact.service), fact.method)(
            case.id, at=here.clock(), by=staff_actor(), **given
        )
    return redirect(url_for("officer.case", reference=reference), code=303)


def _wanted(reference: str, what: str, leg: int) -> tuple[Fact, CasePage, LegPage | None]:
    fact = FACTS.get(what)
    if fact is None or not (fact.of_leg if leg else fact.of_all):
        raise not_here()
    if not staff().roles & set(fact.roles):
        who = " or ".join(role.value for role in fact.roles)
        raise NotAllowed(
            f"Only the role {who} may record this.", next_step=f"Ask a person with the role {who}."
        )
    case = open_case(reference)
    return fact, case, leg_in(case, leg) if leg else None


def _form(fact: Fact, case: CasePage, leg: LegPage | None) -> Form:
    children = (
        [Option(value=c.code, text=c.value) for c in ChildAsked] if _asks_about_child(fact, leg) else []
    )
    responsibility = ""
    if fact.choice == "evidence" and leg and leg.capacity == Capacity.PARENTAL_RESPONSIBILITY.value:
        responsibility = site().services.standing.parental_responsibility
    return Form(
        "officer/record.html", fact=fact, case=case, leg=leg, codes=_codes(fact, leg), children=children,
        responsibility=responsibility, stops=leg.stops if leg and fact.choice == "code" else (),
    )  # fmt: skip


def _asks_about_child(fact: Fact, leg: LegPage | None) -> bool:
    return fact.code == "lift" and leg is not None and Conflict.CHILD_OLD_ENOUGH.code in leg.conflicts


def _codes(fact: Fact, leg: LegPage | None) -> list[Option]:
    """What can be chosen: of stops every kind, or to lift one those in force."""
    if fact.code == "lift":
        return [Option(value=c, text=_capital(CONFLICTS.get(c, c))) for c in (leg.conflicts if leg else ())]
    if fact.choice == "means":
        return [
            Option(value=m.code, text=_capital(m.value), hint="" if m.suffices else "Never enough.")
            for m in IdentityMeans
        ]
    if fact.choice == "evidence" and leg is not None:
        return [Option(value=e.code, text=_capital(e.value)) for e in documents_for(Capacity(leg.capacity))]
    return [Option(value=c, text=_capital(words)) for c, words in CONFLICTS.items()]


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
