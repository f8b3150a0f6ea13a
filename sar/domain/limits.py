"""Time limits other than the subject access month: what they are and how each is counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum

from sar.domain.calendar import ONE_DAY, Calendar, add_months
from sar.domain.errors import BadLaw, CalendarNotCovered, ImpossibleDate, InvalidInput

_MONTHS_IN_A_YEAR = 12


class Unit(Enum):
    """What a time limit is counted in."""

    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working-days"
    SCHOOL_DAYS = "school-days"
    MONTHS = "months"
    YEARS = "years"


class Counting(Enum):
    """Whether the day of the event is itself day one. Each instrument says which."""

    AFTER_EVENT = "after-event"
    BEGINNING_WITH_EVENT = "beginning-with-event"


class WhoseLimit(Enum):
    """Who must act in time. A family's own limit is never rolled to a later day."""

    ORGANISATION = "organisation"
    FAMILY = "family"
    OUTSIDE_BODY = "outside-body"


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """A stretch of days on which a school is open, holidays inside it listed."""

    first_on: date
    last_on: date
    closed: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeLimit:
    """One limit of one instrument, with the day it came into force."""

    code: str
    title: str
    instrument: str
    unit: Unit
    count: int
    citation: str
    in_force_from: date
    in_force_until: date | None = None
    counting: Counting = Counting.AFTER_EVENT
    whose: WhoseLimit = WhoseLimit.ORGANISATION
    rolls: bool = False
    """Whether a last day that is not a working day moves to the next one."""
    holidays_anywhere: bool = False
    """Whether a holiday in any part of the United Kingdom is not a working day."""
    uncertain: bool = False
    """True where the fact base could not be sure: shown as such, and configurable."""
    runs_from: str = ""
    """In words: the event the time runs from."""
    discretion: str = ""
    """In words: who may allow more time, and when."""

    def __post_init__(self) -> None:
        if self.count < 1:
            raise _bad(self.code, "a time limit needs a count of at least 1")
        if not self.citation.strip():
            raise _bad(self.code, "a time limit needs its citation")
        if self.rolls and self.whose is WhoseLimit.FAMILY:
            raise _bad(self.code, "a limit the family must keep is never rolled to a later day")


def due_date(limit: TimeLimit, event_on: date, calendar: Calendar, *, terms: tuple[Term, ...] = ()) -> date:
    """The last day of the limit, counted as its instrument says."""
    if limit.unit is Unit.HOURS:
        raise InvalidInput(
            "A limit in hours needs a time of day.", next_step="Give the exact time.", field="event"
        )
    try:
        last_on = _last_day(limit, event_on, calendar, terms)
    except OverflowError as fault:
        raise _past_every_calendar() from fault
    return calendar.roll_forward(last_on) if limit.rolls else last_on


def due_moment(limit: TimeLimit, event_at: datetime) -> datetime:
    """The last moment of a limit counted in hours (72 hours for a personal data breach)."""
    if limit.unit is not Unit.HOURS:
        raise InvalidInput(
            "This limit is counted in days, not hours.", next_step="Use the date it runs from.", field="event"
        )
    if event_at.tzinfo is None:
        raise ImpossibleDate("A time needs its time zone.", next_step="Give the time in UTC.", field="event")
    try:
        return event_at + timedelta(hours=limit.count)
    except OverflowError as fault:
        raise _past_every_calendar() from fault


def _last_day(limit: TimeLimit, event_on: date, calendar: Calendar, terms: tuple[Term, ...]) -> date:
    if limit.unit in (Unit.MONTHS, Unit.YEARS):
        months = limit.count * (_MONTHS_IN_A_YEAR if limit.unit is Unit.YEARS else 1)
        return _last_of_months(event_on, months, limit.counting)
    # Counting the event's own day as day one is the same as counting from the day before.
    base_on = event_on - ONE_DAY if limit.counting is Counting.BEGINNING_WITH_EVENT else event_on
    if limit.unit is Unit.WORKING_DAYS:
        return calendar.add_working_days(base_on, limit.count)
    if limit.unit is Unit.SCHOOL_DAYS:
        return _school_day(base_on, limit.count, terms, calendar)
    return base_on + timedelta(days=limit.count)


def _last_of_months(event_on: date, months: int, counting: Counting) -> date:
    target_on = add_months(event_on, months)
    # Six months beginning with 1 March end on 31 August. When the month is too short to hold
    # the day (31 August plus six months), its last day already ends the period.
    if counting is Counting.BEGINNING_WITH_EVENT and target_on.day == event_on.day:
        return target_on - ONE_DAY
    return target_on


def _school_day(base_on: date, count: int, terms: tuple[Term, ...], calendar: Calendar) -> date:
    last_known_on = max((term.last_on for term in terms), default=base_on)
    on = base_on
    while count:
        on += ONE_DAY
        if on > last_known_on:
            raise CalendarNotCovered(
                "The school's term dates do not reach far enough to count its school days.",
                next_step="Enter the school's term dates and count again.",
                field="terms",
            )
        count -= any(
            term.first_on <= on <= term.last_on and on not in term.closed for term in terms
        ) and calendar.is_working_day(on)
    return on


def _past_every_calendar() -> ImpossibleDate:
    return ImpossibleDate("That date is outside every calendar.", next_step="Check the year.", field="event")


def _bad(code: str, why: str) -> BadLaw:
    return BadLaw(f"{code}: {why}.", next_step="Correct the entry in the law files.", field=code)
