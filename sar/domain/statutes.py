"""``Law``: everything one nation's law says to this program, as one frozen value passed as an argument."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol, TypeVar

from sar.domain.alerts import EXPECTED, Expected
from sar.domain.authority import AgePresumption
from sar.domain.calendar import Calendar, Nation
from sar.domain.clock_facts import ClarificationCounting
from sar.domain.complaint_routes import Route
from sar.domain.errors import CalendarNotCovered, UnknownName
from sar.domain.exemptions import ExemptionRule
from sar.domain.limits import Term, TimeLimit, due_date
from sar.domain.pathways import Pathway, PathwayFacts, RecordsOf, choose, said_beside


@dataclass(frozen=True, slots=True, kw_only=True)
class GlossaryEntry:
    """One word of the safeguarding world in plain English."""

    term: str
    meaning: str
    also: tuple[str, ...] = ()
    """Other names for the same thing, old ones included."""
    see: tuple[str, ...] = ()
    citation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionEntry:
    """How long a kind of record is usually kept. A controller's own schedule comes first."""

    code: str
    record: str
    norm: str
    citation: str
    in_force_from: date
    uncertain: bool = False
    kinds: tuple[str, ...] = ()
    """Kinds of record it is about, in the words of ``RecordKind``: a pack shows the times of its own kinds only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Regulator:
    """Who supervises data protection. Its name is about to change, so it is dated and configurable."""

    code: str
    name: str
    short_name: str
    website: str
    postal_address: str
    telephone: str
    citation: str
    in_force_from: date
    in_force_until: date | None = None
    uncertain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Article15Item:
    """One thing that the answer to a subject access request must say."""

    code: str
    """As in the Article: ``a`` to ``h``, ``ea``, ``1A``."""
    title: str
    text: str
    citation: str
    in_force_from: date
    in_force_until: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidanceEntry:
    """One thing a family can do next, in words for the pack. Entries are shown in the order of their codes."""

    code: str
    heading: str
    paragraphs: tuple[str, ...]
    citation: str
    in_force_from: date
    in_force_until: date | None = None
    limit: str = ""
    """The time limit whose last day is shown, counted from the day of the pack.

    Who must act by then is the limit's own ``whose``: our date stands in the paragraphs as ``{by}``, the family's
    beside the heading.
    """


class _Dated(Protocol):
    @property
    def in_force_from(self) -> date: ...

    @property
    def in_force_until(self) -> date | None: ...


_T = TypeVar("_T", bound=_Dated)


def in_force(entries: Iterable[_T], on: date | None) -> _T | None:
    """The entry in force that day; without a day, the newest."""
    newest_first = sorted(entries, key=lambda entry: entry.in_force_from, reverse=True)
    for entry in newest_first:
        if on is None or (
            entry.in_force_from <= on and (entry.in_force_until is None or on <= entry.in_force_until)
        ):
            return entry
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """The law of one nation. A code may have several entries, each with its own dates."""

    nation: Nation
    calendar: Calendar
    calendar_anywhere: Calendar
    """A holiday in any part of the United Kingdom is a holiday here."""
    time_limits: Mapping[str, tuple[TimeLimit, ...]]
    exemptions: Mapping[str, tuple[ExemptionRule, ...]]
    routes: Mapping[str, Route]
    glossary: tuple[GlossaryEntry, ...]
    retention: tuple[RetentionEntry, ...]
    regulators: tuple[Regulator, ...]
    article15: tuple[Article15Item, ...]
    guidance: tuple[GuidanceEntry, ...]
    age_presumption: AgePresumption
    parental_responsibility: str
    """In plain words: who has parental responsibility in this nation."""
    clarification_counting: ClarificationCounting = ClarificationCounting.INCLUSIVE
    clarification_reminder_days: int = 28
    alert_review: Expected = EXPECTED
    """How soon an alert is to be looked at again."""
    overridden: frozenset[str] = frozenset()
    """Entries that a setting of this installation changed, as ``kind/code``."""
    pathways: Mapping[str, tuple[Pathway, ...]] = field(default_factory=dict)
    terms: tuple[Term, ...] = ()
    """When the installation's school is open, for limits in school days."""

    def find_time_limit(self, code: str, on: date) -> TimeLimit | None:
        """The limit in force that day, or ``None`` where the law sets none then."""
        return in_force(self._limits(code), on)

    def time_limit(self, code: str, on: date) -> TimeLimit:
        """The limit in force on the day of the event it runs from."""
        limit = self.find_time_limit(code, on)
        if limit is None:
            raise UnknownName(
                f"The time limit '{code}' was not in force on {on.isoformat()}.",
                next_step="Check the date; the limits in force then are the ones that apply.",
                field="time_limit",
            )
        return limit

    def due(self, code: str, event_on: date, *, terms: tuple[Term, ...] = ()) -> date:
        """The last day of a limit, counted with the holidays its instrument asks for."""
        limit = self.time_limit(code, event_on)
        calendar = self.calendar_anywhere if limit.holidays_anywhere else self.calendar
        return due_date(limit, event_on, calendar, terms=terms or self.terms)

    def exemption(self, code: str, on: date | None = None) -> ExemptionRule:
        """The exemption in force that day; without a day, the newest."""
        entries = self.exemptions.get(code, ())
        rule = in_force(entries, on)
        if rule is None:
            raise _unknown("exemption", code, self.exemptions)
        return rule

    def pathway(self, code: str, on: date | None = None) -> Pathway:
        """The pathway in force that day; without a day, the newest."""
        found = in_force(self.pathways.get(code, ()), on)
        if found is None:
            raise _unknown("pathway", code, self.pathways)
        return found

    def pathway_dues(self, pathway: Pathway, received_on: date) -> tuple[date, ...]:
        """The last days a pathway's law sets, the first one first; without those that cannot be counted yet."""
        found: list[date] = []
        for code in pathway.time_limits:
            with suppress(CalendarNotCovered):
                found.append(self.due(code, received_on))
        return tuple(sorted(found))

    def pathway_for(self, facts: PathwayFacts, *, on: date) -> Pathway:
        """The law that answers, as it stands that day."""
        return choose(self._pathways_on(on), facts)

    def told_beside(self, facts: PathwayFacts, *, on: date) -> tuple[Pathway, ...]:
        """What else the family has to be told."""
        return said_beside(self._pathways_on(on), facts)

    def _pathways_on(self, on: date) -> tuple[Pathway, ...]:
        found = (in_force(entries, on) for entries in self.pathways.values())
        return tuple(pathway for pathway in found if pathway is not None)

    def route(self, code: str) -> Route:
        """A complaint or appeal route."""
        try:
            return self.routes[code]
        except KeyError:
            raise _unknown("route", code, self.routes) from None

    def route_for_the_dead(self, records: RecordsOf) -> Route | None:
        """Where to complain about the files of somebody who died; None where the law files name no route."""
        return next((route for route in self.routes.values() if records in route.dead_files), None)

    @property
    def regulator(self) -> Regulator:
        """The data protection regulator under its newest known name."""
        return self.regulator_on(None)

    def regulator_on(self, on: date | None) -> Regulator:
        """The data protection regulator, as named that day."""
        found = in_force(self.regulators, on)
        if found is None:
            raise _unknown("regulator", "regulator", [entry.name for entry in self.regulators])
        return found

    def term(self, word: str) -> GlossaryEntry:
        """The glossary entry for a word or one of its other names, whatever the case."""
        wanted = word.casefold()
        for entry in self.glossary:
            if wanted in (entry.term.casefold(), *(other.casefold() for other in entry.also)):
                return entry
        raise _unknown("glossary", word, [entry.term for entry in self.glossary])

    def article15_on(self, on: date) -> tuple[Article15Item, ...]:
        """What an answer must say on the given day."""
        return tuple(item for item in self.article15 if in_force((item,), on) is not None)

    def guidance_on(self, on: date) -> tuple[GuidanceEntry, ...]:
        """What a family can do next, as the law stands that day."""
        entries = (entry for entry in self.guidance if in_force((entry,), on) is not None)
        return tuple(sorted(entries, key=lambda entry: entry.code))

    def retention_for(self, code: str) -> RetentionEntry:
        """How long a kind of record is usually kept."""
        for entry in self.retention:
            if entry.code == code:
                return entry
        raise _unknown("retention", code, [entry.code for entry in self.retention])

    def _limits(self, code: str) -> tuple[TimeLimit, ...]:
        try:
            return self.time_limits[code]
        except KeyError:
            raise _unknown("time_limit", code, self.time_limits) from None


def _unknown(field: str, code: str, known: Iterable[str]) -> UnknownName:
    return UnknownName(
        f"There is no {field.replace('_', ' ')} called '{code}'.",
        next_step="Choose one of: " + ", ".join(sorted(known)) + ".",
        field=field,
    )
