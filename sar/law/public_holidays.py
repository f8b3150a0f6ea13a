"""Public holidays of a division, from the ``holidays`` package and the one-off days in our data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import holidays

from sar.domain.calendar import Calendar, Division
from sar.domain.errors import BadLaw


@dataclass(frozen=True, slots=True, kw_only=True)
class DivisionEntry:
    """One division as written in ``divisions.toml``."""

    code: str
    title: str
    country: str
    subdivision: str = ""
    united_kingdom: bool = False
    """Counts where a holiday in any part of the United Kingdom matters."""
    extra_days: tuple[date, ...] = ()
    """One-off holidays that a package may not know."""
    published_until: date | None = None
    """Until when the government has published the days."""

    def as_division(self) -> Division:
        return Division(code=self.code, title=self.title)


def calendar_of(entry: DivisionEntry, years: range, extra_days: frozenset[date]) -> Calendar:
    """The calendar of the given years, loud outside them."""
    try:
        known = holidays.country_holidays(entry.country, subdiv=entry.subdivision or None, years=years)
    except NotImplementedError as error:
        raise BadLaw(
            f"The holidays package does not know '{entry.country}' '{entry.subdivision}'.",
            next_step="Correct the country and the subdivision of the division.",
            field=entry.code,
        ) from error
    return Calendar(
        division=entry.as_division(),
        days=frozenset(known) | frozenset(entry.extra_days) | extra_days,
        covered_from=date(min(years), 1, 1),
        covered_until=date(max(years), 12, 31),
        published_until=entry.published_until,
    )
