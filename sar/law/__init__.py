"""The law as dated, cited data: TOML files of one nation in, one frozen ``Law`` out.

``load("england")`` reads ``data/``, checks every entry and refuses what contradicts itself. A nation
is added by adding a folder with a ``nation.toml``; nothing here knows which nations there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Protocol, TypeVar

from sar.domain.calendar import Calendar, Nation, holidays_anywhere
from sar.domain.complaint_routes import Route
from sar.domain.errors import BadLaw
from sar.domain.exemptions import ExemptionRule
from sar.domain.limits import Term, TimeLimit
from sar.domain.pathways import SUBJECT_ACCESS, Pathway
from sar.domain.statutes import Article15Item, GlossaryEntry, GuidanceEntry, Law, Regulator, RetentionEntry
from sar.law.public_holidays import DivisionEntry, calendar_of
from sar.law.reading import NationFile, Tables, find_nation, nations, read_tables, structure

__all__ = ["DATA", "calendars", "load", "nation_code", "nations"]

DATA = Path(__file__).parent / "data"
YEARS = range(2010, 2036)
"""Years whose public holidays are worked out. Past the published ones they are a forecast."""


class _Coded(Protocol):
    @property
    def code(self) -> str: ...


_Entry = TypeVar("_Entry", bound=_Coded)


def load(
    nation: str,
    *,
    years: range = YEARS,
    extra_days: Iterable[date] = (),
    overrides: Mapping[str, Mapping[str, object]] = MappingProxyType({}),
    terms: tuple[Term, ...] = (),
    data: Path = DATA,
) -> Law:
    """Read, check and bundle one nation's law.

    ``nation`` is the name of its folder, or a name its ``nation.toml`` also answers to
    (``england-and-wales``). ``extra_days`` are one-off public holidays of that nation.
    ``overrides`` changes entries marked uncertain: ``{"time_limit/ico.lodge": {"count": 6}}``,
    and the settings of the nation itself: ``{"nation/england": {"child_age": 13}}``.
    ``terms`` are the days on which the installation's school is open, for limits in school days.
    """
    tables = read_tables(data, find_nation(data, nation), overrides)
    file, divisions = tables.nation, _divisions(data)
    _require_division(file, divisions)
    by_code = calendars(years=years, extra_days={file.division: frozenset(extra_days)}, data=data)
    division = divisions[file.division].as_division()
    return Law(
        nation=Nation(code=file.code, title=file.title, division=division),
        calendar=by_code[file.division],
        calendar_anywhere=holidays_anywhere(
            by_code[code] for code, entry in divisions.items() if entry.united_kingdom
        ),
        time_limits=_grouped(structure(tables, "time_limit", TimeLimit)),
        exemptions=_grouped(structure(tables, "exemption", ExemptionRule)),
        routes=_routes(tables),
        glossary=_glossary(tables),
        retention=structure(tables, "retention", RetentionEntry),
        regulators=structure(tables, "regulator", Regulator),
        article15=structure(tables, "article15", Article15Item),
        guidance=_guidance(tables),
        pathways=_pathways(tables),
        terms=terms,
        age_presumption=file.age_presumption(),
        parental_responsibility=file.parental_responsibility,
        clarification_counting=file.clarification_counting,
        clarification_reminder_days=file.clarification_reminder_days,
        alert_review=file.alert_review(),
        overridden=frozenset(overrides),
    )


def _require_division(file: NationFile, divisions: Mapping[str, DivisionEntry]) -> None:
    if file.division not in divisions:
        raise BadLaw(
            f"The nation '{file.code}' names the unknown division '{file.division}'.",
            next_step="Choose one of: " + ", ".join(sorted(divisions)) + ", or add it to divisions.toml.",
            field="division",
        )


def nation_code(name: str, *, data: Path = DATA) -> str:
    """The code of the nation of that name, or of one that also answers to it. Raises UnknownName."""
    return find_nation(data, name).code


def calendars(
    *,
    years: range = YEARS,
    extra_days: Mapping[str, frozenset[date]] = MappingProxyType({}),
    data: Path = DATA,
) -> dict[str, Calendar]:
    """Every division's calendar by its code, for a calculator that asks about holidays only."""
    if not years:
        raise BadLaw("No years were given.", next_step="Give a first and a last year.", field="years")
    return {
        code: calendar_of(entry, years, extra_days.get(code, frozenset()))
        for code, entry in _divisions(data).items()
    }


def _divisions(data: Path) -> dict[str, DivisionEntry]:
    shared = Tables.of_file(data / "divisions.toml")
    return {entry.code: entry for entry in structure(shared, "division", DivisionEntry)}


def _grouped(entries: tuple[_Entry, ...]) -> Mapping[str, tuple[_Entry, ...]]:
    groups: dict[str, tuple[_Entry, ...]] = {}
    for entry in entries:
        groups[entry.code] = (*groups.get(entry.code, ()), entry)
    return MappingProxyType(groups)


def _routes(tables: Tables) -> Mapping[str, Route]:
    routes = {route.code: route for route in structure(tables, "route", Route)}
    limits = {limit.code for limit in structure(tables, "time_limit", TimeLimit)}
    for route in routes.values():
        for stage in route.stages:
            named = {
                stage.lodge_limit, stage.acknowledge_limit, stage.respond_limit, stage.longest_limit,
                *stage.further_limits, *stage.reminders,
            }  # fmt: skip
            if unknown := sorted(named - limits - {""}):
                raise BadLaw(
                    f"Stage '{stage.code}' of '{route.code}' names the unknown time limit '{unknown[0]}'.",
                    next_step="Add the time limit, or correct its code in the route.",
                    field=route.code,
                )
    return MappingProxyType(routes)


def _guidance(tables: Tables) -> tuple[GuidanceEntry, ...]:
    entries = structure(tables, "guidance", GuidanceEntry)
    limits = {limit.code for limit in structure(tables, "time_limit", TimeLimit)}
    if unknown := sorted({entry.limit for entry in entries} - limits - {""}):
        raise BadLaw(
            f"The guidance names the unknown time limit '{unknown[0]}'.",
            next_step="Add the time limit, or correct its code in the guidance.",
            field="guidance",
        )
    return entries


def _pathways(tables: Tables) -> Mapping[str, tuple[Pathway, ...]]:
    entries = structure(tables, "pathway", Pathway)
    limits = {limit.code for limit in structure(tables, "time_limit", TimeLimit)}
    routes = {route.code for route in structure(tables, "route", Route)}
    for entry in entries:
        if entry.appeal and entry.appeal not in routes:
            raise BadLaw(
                f"The pathway '{entry.code}' names the unknown complaint route '{entry.appeal}'.",
                next_step="Add the route, or correct its code in the pathway.",
                field=f"pathway/{entry.code}",
            )
        if unknown := sorted(set(entry.time_limits) - limits):
            raise BadLaw(
                f"The pathway '{entry.code}' names the unknown time limit '{unknown[0]}'.",
                next_step="Add the time limit, or correct its code in the pathway.",
                field=f"pathway/{entry.code}",
            )
    if not any(entry.code == SUBJECT_ACCESS and entry.whole_route for entry in entries):
        raise BadLaw(
            f"No pathway is called '{SUBJECT_ACCESS}'.",
            next_step="Every nation needs it: include the shared folder, or add the entry.",
            field=f"pathway/{SUBJECT_ACCESS}",
        )
    return _grouped(entries)


def _glossary(tables: Tables) -> tuple[GlossaryEntry, ...]:
    entries = structure(tables, "glossary", GlossaryEntry)
    terms = {entry.term for entry in entries}
    for entry in entries:
        if lost := sorted(set(entry.see) - terms):
            raise BadLaw(
                f"The glossary entry '{entry.term}' points to '{lost[0]}', which is not there.",
                next_step="Add the entry, or take the pointer out.",
                field=entry.term,
            )
    return tuple(sorted(entries, key=lambda entry: entry.term.casefold()))
