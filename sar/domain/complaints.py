"""Complaint and appeal trails: a complaint as a fold of dated facts along a route that is data.

What the family must do next is always answerable: in words, with a date, and with who may allow
more time. Nothing here moves a family's own date to a later day.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum
from typing import Protocol

from sar.domain.calendar import say_date
from sar.domain.complaint_routes import LodgeFrom, RespondFrom, Route, Stage
from sar.domain.errors import CalendarNotCovered, ImpossibleDate, OutOfOrder
from sar.domain.limits import TimeLimit


class ComplaintEvent(Enum):
    """What can happen to a complaint, in the order it happens on one day."""

    OPENED = "opened"
    ESCALATED = "escalated"
    ACKNOWLEDGED = "acknowledged"
    ANSWERED = "answered"
    CLOSED = "closed"


class Outcome(Enum):
    """How a stage ended. The values are the words shown."""

    UPHELD = "upheld"
    PARTLY_UPHELD = "partly upheld"
    NOT_UPHELD = "not upheld"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintFact:
    """One dated thing that happened. ``stage`` is read for opening and escalation."""

    event: ComplaintEvent
    on: date
    stage: str = ""
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Complaint:
    """A complaint as its facts, in any order."""

    route: str
    knew_on: date
    """The day the family first knew of the matter: some limits run from it."""
    facts: tuple[ComplaintFact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintState:
    """Where a complaint stands."""

    stage: str
    opened_on: date
    stage_opened_on: date
    acknowledged_on: date | None = None
    answered_on: date | None = None
    closed_on: date | None = None
    outcome: Outcome | None = None

    @property
    def status(self) -> str:
        """One word for a list: opened, acknowledged, answered or closed."""
        if self.closed_on:
            return "closed"
        if self.answered_on:
            return "answered"
        return "acknowledged" if self.acknowledged_on else "opened"


class WhoActs(Enum):
    """Whose turn it is."""

    FAMILY = "you"
    ORGANISATION = "the organisation"
    OUTSIDE_BODY = "the outside body"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """What happens next, in words a family reads."""

    text: str
    due_on: date | None
    who_must_act: WhoActs
    citation: str
    discretion: str = ""
    overdue: bool = False
    uncertain: bool = False
    stage: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerDate:
    """One step on the way to an answer, and its last day."""

    limit: TimeLimit
    due_on: date


class LawOfComplaints(Protocol):
    """What this room asks of the law bundle."""

    def route(self, code: str) -> Route: ...

    def find_time_limit(self, code: str, on: date) -> TimeLimit | None: ...

    def due(self, code: str, event_on: date) -> date: ...


def state_of(complaint: Complaint, law: LawOfComplaints) -> ComplaintState:
    """Fold the facts. The order they were entered in does not matter; contradictions are refused."""
    route = law.route(complaint.route)
    state: ComplaintState | None = None
    for fact in _in_order(complaint.facts):
        state = _apply(state, fact, route)
    if state is None:
        raise OutOfOrder(
            "The complaint has not been opened.", next_step="Record the day it was received.", field="facts"
        )
    return state


def next_step(complaint: Complaint, law: LawOfComplaints, on: date) -> NextStep:
    """What must happen next as things stand on the given day."""
    state = state_of(complaint, law)
    route = law.route(complaint.route)
    stage = route.stage(state.stage)
    if state.closed_on is not None:
        return NextStep(
            text="This complaint is closed. Nothing more is needed.",
            due_on=None, who_must_act=WhoActs.NOBODY, citation=stage.citation, stage=stage.code,
        )  # fmt: skip
    if state.answered_on is not None:
        return _after_answer(complaint, state, route, law, on)
    if state.acknowledged_on is None and stage.acknowledge_limit:
        limit = law.find_time_limit(stage.acknowledge_limit, state.stage_opened_on)
        if limit is not None:
            due_on = law.due(limit.code, state.stage_opened_on)
            return _dated(stage, limit, due_on, on, "say that it has your complaint")
    return _awaiting_answer(stage, state, law, on)


def answer_dates(stage: Stage, state: ComplaintState, law: LawOfComplaints) -> tuple[AnswerDate, ...]:
    """What must happen until the stage has its answer, each step counted from the last day of the one before.

    Empty where the law sets no number of days, or where they run from an acknowledgement that has not come.
    """
    from_on = _answer_from(stage, state)
    if from_on is None or not stage.respond_limit:
        return ()
    found: list[AnswerDate] = []
    for code in (stage.respond_limit, *stage.further_limits):
        limit = law.find_time_limit(code, from_on)
        if limit is None:
            break
        from_on = law.due(code, from_on)
        found.append(AnswerDate(limit=limit, due_on=from_on))
    return tuple(found)


def answer_due(stage: Stage, state: ComplaintState, law: LawOfComplaints) -> date | None:
    """The last day of the answer itself; None where the law sets none (a fact, not a failure)."""
    dates = answer_dates(stage, state, law)
    is_answer = bool(stage.further_limits) or not stage.respond_does
    return dates[-1].due_on if dates and is_answer else None


def acknowledge_due(stage: Stage, state: ComplaintState, law: LawOfComplaints) -> date | None:
    """The last day to say that the complaint is here; None where the law sets none."""
    code, on = stage.acknowledge_limit, state.stage_opened_on
    return law.due(code, on) if code and law.find_time_limit(code, on) else None


def stage_dates(stage: Stage, state: ComplaintState, law: LawOfComplaints) -> tuple[date | None, date | None]:
    """The last days of acknowledgement and answer for a page; none where they lie outside the calendar."""
    try:
        return acknowledge_due(stage, state, law), answer_due(stage, state, law)
    except CalendarNotCovered:
        return None, None  # The next step says that a date lies outside the calendar.


def next_step_shown(complaint: Complaint, law: LawOfComplaints, on: date) -> NextStep:
    """The next step for a page that shows many: one whose dates cannot be counted says so and hides no other."""
    try:
        return next_step(complaint, law, on)
    except CalendarNotCovered:
        stage = law.route(complaint.route).stage(state_of(complaint, law).stage)
        return NextStep(
            text="The next date cannot be worked out: a date of this complaint lies outside the calendar. "
            "Check the dates of this complaint.",
            due_on=None, who_must_act=WhoActs.ORGANISATION, citation=stage.citation, uncertain=True,
            stage=stage.code,
        )  # fmt: skip


# --- the fold ------------------------------------------------------------------------------------


def _in_order(facts: Iterable[ComplaintFact]) -> list[ComplaintFact]:
    ranks = {event: rank for rank, event in enumerate(ComplaintEvent)}
    return sorted(facts, key=lambda fact: (fact.on, ranks[fact.event]))


def _apply(state: ComplaintState | None, fact: ComplaintFact, route: Route) -> ComplaintState:
    if fact.event is ComplaintEvent.OPENED:
        if state is not None:
            raise OutOfOrder(
                "The complaint was opened twice.", next_step="Keep the earlier date only.", field="opened"
            )
        stage = route.stage(fact.stage) if fact.stage else route.stages[0]
        return ComplaintState(stage=stage.code, opened_on=fact.on, stage_opened_on=fact.on)
    if state is None:
        raise ImpossibleDate(
            f"The complaint is recorded as {fact.event.value} before it was opened.",
            next_step="Check the two dates: opening comes first.",
            field=fact.event.value,
        )
    if state.closed_on is not None:
        raise OutOfOrder(
            "The complaint was already closed.",
            next_step="Open a new complaint, or correct the day it was closed.",
            field=fact.event.value,
        )
    if fact.event is ComplaintEvent.ACKNOWLEDGED:
        return replace(state, acknowledged_on=state.acknowledged_on or fact.on)
    if fact.event is ComplaintEvent.ANSWERED:
        return replace(state, answered_on=fact.on, outcome=fact.outcome)
    if fact.event is ComplaintEvent.CLOSED:
        return replace(state, closed_on=fact.on, outcome=fact.outcome or state.outcome)
    return _escalate(state, fact, route)


def _escalate(state: ComplaintState, fact: ComplaintFact, route: Route) -> ComplaintState:
    target = fact.stage or route.stage(state.stage).next_stage
    if not target:
        raise OutOfOrder(
            "There is no further stage on this route.",
            next_step="Tell the family about the other routes open to them.",
            field="escalated",
        )
    stage = route.stage(target)
    return ComplaintState(stage=stage.code, opened_on=state.opened_on, stage_opened_on=fact.on)


# --- the next step -------------------------------------------------------------------------------


def _after_answer(
    complaint: Complaint, state: ComplaintState, route: Route, law: LawOfComplaints, on: date
) -> NextStep:
    stage = route.stage(state.stage)
    if not stage.next_stage and state.outcome is not Outcome.WITHDRAWN:
        text = "This was the last stage of this route. You have your answer."
        return NextStep(
            text=text, due_on=None, who_must_act=WhoActs.NOBODY, citation=stage.citation, stage=stage.code
        )
    if state.outcome is Outcome.WITHDRAWN:
        return NextStep(
            text="You told us that you do not want to go on. Nothing more is needed.",
            due_on=None, who_must_act=WhoActs.NOBODY, citation=stage.citation, stage=stage.code,
        )  # fmt: skip
    following = route.stage(stage.next_stage)
    answered_on = state.answered_on or state.stage_opened_on
    from_on = complaint.knew_on if following.lodge_from is LodgeFrom.KNOWLEDGE else answered_on
    limit = law.find_time_limit(following.lodge_limit, from_on) if following.lodge_limit else None
    if limit is None or following.lodge_from is LodgeFrom.EVENT:
        return NextStep(
            text=f"If you are not content, you can go on to: {following.title}. {following.how} "
            f"{following.time_words or 'Ask as soon as you can.'}",
            due_on=None, who_must_act=WhoActs.FAMILY, citation=following.citation,
            uncertain=following.uncertain, stage=following.code,
        )  # fmt: skip
    due_on = law.due(limit.code, from_on)
    late = on > due_on
    words = "The last day to ask was" if late else "Ask by"
    text = (
        f"If you are not content, you can go on to: {following.title}. {following.how} "
        f"{words} {say_date(due_on)}."
    )
    return NextStep(
        text=f"{text} {limit.discretion}".strip() if late else text,
        due_on=due_on, who_must_act=WhoActs.FAMILY, citation=limit.citation,
        discretion=limit.discretion, overdue=late, uncertain=limit.uncertain, stage=following.code,
    )  # fmt: skip


def _awaiting_answer(stage: Stage, state: ComplaintState, law: LawOfComplaints, on: date) -> NextStep:
    dates = answer_dates(stage, state, law)
    if dates:
        return _answer_dated(stage, state, dates, law, on)
    from_on = state.stage_opened_on
    reminders = [law.due(code, from_on) for code in stage.reminders if law.find_time_limit(code, from_on)]
    ask_on = next((day for day in reminders if day >= on), None)
    text = f"{_capital(stage.who)} will answer you. {_words_of_time(stage, law, from_on)}"
    if ask_on is not None:
        text = f"{text} If you have heard nothing by {say_date(ask_on)}, ask how it is going."
    return NextStep(
        text=text, due_on=ask_on, who_must_act=_who(stage), citation=stage.citation,
        uncertain=stage.uncertain or ask_on is not None, stage=stage.code,
    )  # fmt: skip


def _words_of_time(stage: Stage, law: LawOfComplaints, on: date) -> str:
    limit = law.find_time_limit(stage.respond_limit, on) if stage.respond_limit else None
    if limit is None:
        return stage.time_words or "The law sets no number of days."
    # It runs from the acknowledgement, which has not come: there is no date yet.
    days = limit.unit.value.replace("-", " ")
    return f"It has {limit.count} {days}, counted from {limit.runs_from}."


def _answer_dated(
    stage: Stage, state: ComplaintState, dates: tuple[AnswerDate, ...], law: LawOfComplaints, on: date
) -> NextStep:
    first, *later = dates
    step = _dated(stage, first.limit, first.due_on, on, stage.respond_does or "answer you")
    says = [step.text]
    if later:
        says.extend(f"{each.limit.title}: by {say_date(each.due_on)}." for each in later)
        says.append("If the step before comes sooner, these days come sooner too.")
        waiting_for = next((each for each in dates if each.due_on >= on), dates[-1])
        step = replace(step, due_on=waiting_for.due_on, citation=waiting_for.limit.citation,
                       overdue=on > waiting_for.due_on)  # fmt: skip
    elif stage.respond_does:
        says.append(stage.time_words)
    from_on = _answer_from(stage, state)
    longest = law.find_time_limit(stage.longest_limit, from_on) if stage.longest_limit and from_on else None
    if longest is not None and from_on is not None:
        until = say_date(law.due(longest.code, from_on))
        says.append(f"If it must take longer, it has to say why. The limit is {until}.")
    return replace(step, text=" ".join(says).strip())


def _dated(stage: Stage, limit: TimeLimit, due_on: date, on: date, does: str) -> NextStep:
    if on > due_on:
        text = f"{_capital(stage.who)} should have done this by {say_date(due_on)}: {does}. It is late."
        if stage.next_stage:
            text = f"{text} You can ask why, and you can go on to the next stage."
    else:
        text = f"{_capital(stage.who)} must {does} by {say_date(due_on)}."
    return NextStep(
        text=text, due_on=due_on, who_must_act=_who(stage), citation=limit.citation,
        discretion=limit.discretion, overdue=on > due_on, uncertain=limit.uncertain, stage=stage.code,
    )  # fmt: skip


def _answer_from(stage: Stage, state: ComplaintState) -> date | None:
    if stage.respond_from is RespondFrom.ACKNOWLEDGEMENT:
        return state.acknowledged_on
    return state.stage_opened_on


def _who(stage: Stage) -> WhoActs:
    # The first stage is always the organisation's own; a body with a name of its own comes later.
    return WhoActs.ORGANISATION if stage.who.startswith("the organisation") else WhoActs.OUTSIDE_BODY


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
