"""What of the dated facts counts: the day the month starts, the days left out, and what came too late.

Time that has run out cannot be revived. What is asked of a family after the last day (as it stood with
everything asked before) neither starts the month anew nor pauses it: the earlier date stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import groupby

from sar.domain.calendar import ONE_DAY, Calendar, add_months
from sar.domain.clock_facts import AskedAndGot, ClarificationCounting, ClockFacts, Right, WaitingFor

ONE_MONTH = 1
EXTENDED_MONTHS = 3
Ask = tuple[WaitingFor, AskedAndGot]


@dataclass(slots=True, kw_only=True)
class Counted:
    """One reading of the facts."""

    start_on: date
    waiting: tuple[WaitingFor, ...] = ()
    excluded: set[int] = field(default_factory=set)
    """Days left out, as ordinals."""
    late: tuple[Ask, ...] = ()
    """Asked after the time had run out: told and flagged, never counted."""

    def last_on(self, months: int) -> date:
        """The last day before it is rolled."""
        return add_months(self.start_on, months) + ONE_DAY * len(self.excluded)


def count(
    facts: ClockFacts, *, calendar: Calendar, counting: ClarificationCounting, right: Right, months: int
) -> Counted:
    """What counts when the answer is due after so many months."""
    asks = _asks(facts, right)
    # No time can have run out within a month of receipt: the common case needs no second look.
    first_end_on = add_months(facts.received_on, ONE_MONTH)
    if all(thing.asked_on <= first_end_on for _, thing in asks):
        return _read(facts.received_on, asks, counting)
    return _in_time(facts.received_on, asks, calendar=calendar, counting=counting, months=months)


def excluded_days(
    questions: Iterable[AskedAndGot], start_on: date, counting: ClarificationCounting
) -> set[int]:
    """The days left out, each once however many questions were open on it."""
    days: set[int] = set()
    for question in questions:
        if question.got_on is not None:
            days.update(range(_first_excluded(question, start_on, counting), question.got_on.toordinal() + 1))
    return days


def _first_excluded(question: AskedAndGot, start_on: date, counting: ClarificationCounting) -> int:
    later = 0 if counting is ClarificationCounting.INCLUSIVE else 1
    return max(question.asked_on, start_on).toordinal() + later


def _asks(facts: ClockFacts, right: Right) -> list[Ask]:
    """Everything asked of the family, in the order of the groups. Only access can be paused by a question."""
    asks = [(WaitingFor.IDENTITY, thing) for thing in facts.identity]
    asks.extend((WaitingFor.AUTHORITY, thing) for thing in facts.authority)
    asks.extend((WaitingFor.FEE, thing) for thing in facts.fee)
    if right is Right.ACCESS:
        asks.extend((WaitingFor.CLARIFICATION, thing) for thing in facts.clarifications)
    return asks


def _read(received_on: date, asks: Iterable[Ask], counting: ClarificationCounting) -> Counted:
    """All of these count: the start is the latest of receipt and whatever had to come first."""
    start_on, open_kinds, questions = received_on, set[WaitingFor](), []
    for what, thing in asks:
        if thing.got_on is None:
            open_kinds.add(what)
        if what is WaitingFor.CLARIFICATION:
            questions.append(thing)
        else:
            start_on = max(start_on, thing.asked_on if thing.got_on is None else thing.got_on)
    waiting = tuple(what for what in WaitingFor if what in open_kinds) if open_kinds else ()
    excluded = excluded_days(questions, start_on, counting) if questions else set[int]()
    return Counted(start_on=start_on, waiting=waiting, excluded=excluded)


def _in_time(
    received_on: date, asks: list[Ask], *, calendar: Calendar, counting: ClarificationCounting, months: int
) -> Counted:
    """Day by day: what was asked while the time still ran, and what came after it."""
    kept: list[Ask] = []
    late: list[Ask] = []
    so_far = _read(received_on, kept, counting)
    for asked_on, group in _by_day(asks):
        is_over = not so_far.waiting and asked_on > calendar.roll_forward(so_far.last_on(months))
        for what, thing in group:
            ask = (what, thing)
            if is_over and not _goes_on(so_far, what, thing, counting):
                late.append(ask)
            else:
                kept.append(ask)
                so_far = _read(received_on, kept, counting)
    so_far.late = tuple(late)
    return so_far


def _by_day(asks: list[Ask]) -> Iterator[tuple[date, Iterator[Ask]]]:
    """The asks of each day, its questions first, in an order that does not depend on entry."""

    def place(ask: Ask) -> tuple[date, bool, str, date]:
        what, thing = ask
        return (thing.asked_on, what is not WaitingFor.CLARIFICATION, what.value, thing.got_on or date.max)

    return groupby(sorted(asks, key=place), key=lambda ask: ask[1].asked_on)


def _goes_on(so_far: Counted, what: WaitingFor, thing: AskedAndGot, counting: ClarificationCounting) -> bool:
    """Asked within a pause, or a question that carries one on without a day between: the time stood still."""
    if thing.asked_on.toordinal() in so_far.excluded:
        return True
    if what is not WaitingFor.CLARIFICATION:
        return False
    return _first_excluded(thing, so_far.start_on, counting) - 1 in so_far.excluded
