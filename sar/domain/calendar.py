"""Days: nations, public holidays, working days, months that end where the law says they end.

A ``Calendar`` knows the public holidays of certain years and refuses to guess beyond them.
"""

from __future__ import annotations

import calendar as month_lengths
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sar.domain.errors import CalendarNotCovered, ImpossibleDate, InvalidInput

ONE_DAY = timedelta(days=1)
_SATURDAY = 5
# Written out because strftime follows the machine's language, and letters must not.
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """A part of the United Kingdom (or beyond) that shares one list of public holidays."""

    code: str
    title: str


ENGLAND_AND_WALES = Division(code="england-and-wales", title="England and Wales")
SCOTLAND = Division(code="scotland", title="Scotland")
NORTHERN_IRELAND = Division(code="northern-ireland", title="Northern Ireland")
UNITED_KINGDOM = Division(code="united-kingdom", title="any part of the United Kingdom")


@dataclass(frozen=True, slots=True, kw_only=True)
class Nation:
    """A nation whose law applies. It is a value, not a fixed list: law files may add one."""

    code: str
    title: str
    division: Division


def uk_day(at: datetime) -> date:
    """The day it is in the United Kingdom at that moment: half past midnight in summer is the new day here."""
    return uk_time(at).date()


def uk_time(at: datetime) -> datetime:
    """What the clocks in the United Kingdom show at that moment."""
    in_utc = at.astimezone(UTC)
    # Summer time: from one in the morning, UTC, on the last Sunday of March to the same hour in October. Worked
    # out here, for the ground floor reads no files, and a time zone is one.
    is_summer = _last_sunday_at_one(in_utc.year, 3) <= in_utc < _last_sunday_at_one(in_utc.year, 10)
    return in_utc + timedelta(hours=is_summer)


def _last_sunday_at_one(year: int, month: int) -> datetime:
    last = datetime(year, month, 31, 1, tzinfo=UTC)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def parse_date(text: str, *, field: str) -> date:
    """A date written as 2026-11-20; anything else is refused, naming the field."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise ImpossibleDate(
            f"The {field} date is not a real date.",
            next_step="Write it as year-month-day, for example 2026-11-20.",
            field=field,
        ) from None


def say_date(on: date) -> str:
    """``Friday 20 November 2026``, the way every letter and page writes a date."""
    return f"{_WEEKDAYS[on.weekday()]} {on.day} {_MONTHS[on.month - 1]} {on.year}"


def add_months(on: date, months: int) -> date:
    """The same day of a later (or earlier) month, or that month's last day where there is none."""
    year, index = divmod(on.year * 12 + on.month - 1 + months, 12)
    if not date.min.year <= year <= date.max.year:
        raise ImpossibleDate(
            "That date is outside every calendar.", next_step="Check the year.", field="date"
        )
    if on.day <= 28:  # noqa: PLR2004 - every month has 28 days; the common case skips the table
        return date(year, index + 1, on.day)
    return date(year, index + 1, min(on.day, month_lengths.monthrange(year, index + 1)[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The public holidays of one division between two days, both included."""

    division: Division
    days: frozenset[date]
    covered_from: date
    covered_until: date
    published_until: date | None = None
    """Until when the government has published the days; later ones are worked out, so a forecast."""

    def __post_init__(self) -> None:
        if self.covered_until < self.covered_from:
            raise InvalidInput(
                "The calendar ends before it begins.",
                next_step="Give the first and the last year in order.",
                field="years",
            )

    def is_working_day(self, on: date) -> bool:
        """True unless a Saturday, a Sunday or a public holiday; loud outside the years known."""
        self._require_cover(on)
        return on.weekday() < _SATURDAY and on not in self.days

    def is_holiday(self, on: date) -> bool:
        """True for a public holiday."""
        self._require_cover(on)
        return on in self.days

    def roll_forward(self, on: date) -> date:
        """The day itself when it is a working day, else the next one."""
        while not self.is_working_day(on):
            on += ONE_DAY
        return on

    def add_working_days(self, on: date, count: int) -> date:
        """The ``count``-th working day after ``on``; the day itself is never counted."""
        if count < 0:
            raise InvalidInput(
                "Working days are counted forwards.", next_step="Give a count of 0 or more.", field="count"
            )
        self._require_cover(on)
        while count:
            on += ONE_DAY
            count -= self.is_working_day(on)
        return on

    def add_months(self, on: date, months: int) -> date:
        """See :func:`add_months`; here so that one object answers every question about days."""
        return add_months(on, months)

    def _require_cover(self, on: date) -> None:
        if self.covered_from <= on <= self.covered_until:
            return
        raise CalendarNotCovered(
            f"Public holidays of {self.division.title} are known from {self.covered_from.isoformat()} "
            f"to {self.covered_until.isoformat()}; {on.isoformat()} is outside.",
            next_step="Check the year, or extend the configured years once the holidays are published.",
            field="date",
        )


def holidays_anywhere(calendars: Iterable[Calendar]) -> Calendar:
    """One calendar in which a holiday in any of the given parts is a holiday.

    Freedom of information law counts working days this way.
    """
    parts = tuple(calendars)
    if not parts:
        raise InvalidInput(
            "There is no calendar to join.", next_step="Give at least one calendar.", field="calendars"
        )
    published = [part.published_until for part in parts if part.published_until is not None]
    return Calendar(
        division=UNITED_KINGDOM,
        days=frozenset().union(*(part.days for part in parts)),
        covered_from=max(part.covered_from for part in parts),
        covered_until=min(part.covered_until for part in parts),
        published_until=min(published, default=None),
    )
