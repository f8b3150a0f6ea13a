"""Reading law files: TOML to frozen values, strictly, with every fault named by file and entry."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar, cast

import cattrs

from sar.domain.alerts import Expected
from sar.domain.authority import AgePresumption
from sar.domain.clock_facts import ClarificationCounting
from sar.domain.errors import BadLaw, UnknownName

_T = TypeVar("_T")
_Table = dict[str, Any]
_KINDS = frozenset(
    {
        "time_limit", "exemption", "route", "glossary", "retention", "regulator", "article15", "division", "guidance",
        "pathway", "stage",
    }
)  # fmt: skip
_FOR_EVER = date.max
_GROWN_UP = 18
_LONGEST_REVIEW = 120
_WITHOUT_A_HOLE = frozenset({"time_limit", "regulator", "pathway", "exemption", "article15"})


@dataclass(frozen=True, slots=True, kw_only=True)
class NationFile:
    """What ``nation.toml`` says."""

    code: str
    title: str
    division: str
    parental_responsibility: str
    child_age: int
    child_age_statutory: bool
    child_age_citation: str
    child_age_uncertain: bool = False
    attorney_age: int = 18
    """The age from which somebody can give a power of attorney."""
    attorney_age_citation: str = ""
    clarification_counting: ClarificationCounting = ClarificationCounting.INCLUSIVE
    clarification_reminder_days: int = 28
    """After how many days without an answer an officer is reminded of a question. Nothing closes by itself."""
    alert_review_months: int = 12
    """Within how many months an alert is expected to be looked at again; 0: nothing is expected."""
    alert_review_citation: str = ""
    alert_review_uncertain: bool = True
    also_called: tuple[str, ...] = ()
    includes: tuple[str, ...] = ()
    """Folders whose entries this nation shares."""
    leaves_out: tuple[str, ...] = ()
    """Shared entries that do not apply here, as ``kind/code``."""

    def __post_init__(self) -> None:
        if not 0 <= self.child_age <= _GROWN_UP:
            raise _bad(f"'child_age' must be from 0 to {_GROWN_UP}", field=f"nation/{self.code}")
        if not 0 <= self.alert_review_months <= _LONGEST_REVIEW:
            raise _bad(
                f"'alert_review_months' must be from 0 to {_LONGEST_REVIEW}", field=f"nation/{self.code}"
            )

    def alert_review(self) -> Expected:
        return Expected(
            review_months=self.alert_review_months,
            citation=self.alert_review_citation,
            uncertain=self.alert_review_uncertain,
        )

    def age_presumption(self) -> AgePresumption:
        return AgePresumption(
            age=self.child_age,
            statutory=self.child_age_statutory,
            citation=self.child_age_citation,
            uncertain=self.child_age_uncertain,
            attorney_age=self.attorney_age,
            attorney_citation=self.attorney_age_citation,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tables:
    """All entries of one nation, as read, by kind."""

    nation: NationFile
    entries: Mapping[str, tuple[_Table, ...]]

    @classmethod
    def of_file(cls, path: Path) -> Tables:
        """Entries of a single file that belongs to no nation."""
        nobody = NationFile(
            code="", title="", division="", parental_responsibility="",
            child_age=0, child_age_statutory=False, child_age_citation="",
        )  # fmt: skip
        found = _read(path)
        return cls(nation=nobody, entries={kind: tuple(rows) for kind, rows in found.items()})


def nations(data: Path) -> dict[str, NationFile]:
    """Every nation that has a folder, by its code."""
    found: dict[str, NationFile] = {}
    for path in sorted(data.glob("*/nation.toml")):
        file = _structure_one(_toml(path).get("nation", {}), NationFile, where=path.name)
        if file.code != path.parent.name:
            raise _bad(f"{path.parent.name}/nation.toml is about '{file.code}'", field="code")
        found[file.code] = file
    return found


def find_nation(data: Path, name: str) -> NationFile:
    """The nation of that name, or one that also answers to it."""
    known = nations(data)
    for file in known.values():
        if name == file.code or name in file.also_called:
            return file
    raise UnknownName(
        f"There is no law for a nation called '{name}'.",
        next_step="Choose one of: " + ", ".join(sorted(known)) + ".",
        field="nation",
    )


def read_tables(data: Path, nation: NationFile, overrides: Mapping[str, Mapping[str, object]]) -> Tables:
    """Entries of the nation and of what it includes, less what it leaves out, with the overrides."""
    entries: dict[str, list[_Table]] = {kind: [] for kind in _KINDS}
    shared: set[str] = set()
    for folder in nation.includes:
        for kind, rows in _folder(data / folder, nation).items():
            shared.update(f"{kind}/{_code(row)}" for row in rows)
            # What a nation leaves out is shared law only: its own entry of that name comes instead.
            entries[kind].extend(row for row in rows if f"{kind}/{_code(row)}" not in nation.leaves_out)
    if lost := sorted(set(nation.leaves_out) - shared):
        raise _bad(f"it leaves out '{lost[0]}', which is not among what it shares", field=nation.code)
    for kind, rows in _folder(data / nation.code, nation).items():
        entries[kind].extend(rows)
    _set_stages(entries["route"], entries.pop("stage"))
    waiting = dict(overrides)
    own = waiting.pop(f"nation/{nation.code}", {})
    for kind, rows in entries.items():
        for code in dict.fromkeys(_code(row) for row in rows):
            changed = waiting.pop(f"{kind}/{code}", {})
            _override([row for row in rows if _code(row) == code], changed, f"{kind}/{code}")
        _refuse_two_for_one_day(kind, rows)
    if waiting:
        raise _bad(f"the setting '{min(waiting)}' matches no entry", field=min(waiting))
    file = nation if not own else _nation_with(nation, own)
    return Tables(nation=file, entries={kind: tuple(rows) for kind, rows in entries.items()})


def structure(tables: Tables, kind: str, cls: type[_T]) -> tuple[_T, ...]:
    """All entries of a kind as frozen values."""
    return tuple(
        _structure_one(row, cls, where=f"{kind}/{_code(row)}") for row in tables.entries.get(kind, ())
    )


# --- parts ---------------------------------------------------------------------------------------


def _strict(value: object, cls: type[_T]) -> _T:
    """Refuse what TOML wrote as another type: a number is not a text, a text not a truth value."""
    if type(value) is not cls:
        raise TypeError(f"{value!r} is not a {cls.__name__}")
    return value


_CONVERTER = cattrs.Converter(forbid_extra_keys=True)
for _plain in (str, int, bool, date):
    _CONVERTER.register_structure_hook(_plain, _strict)


def _structure_one(row: _Table, cls: type[_T], *, where: str) -> _T:
    try:
        value = _CONVERTER.structure(row, cls)
    except Exception as error:
        if isinstance(error, BadLaw):
            raise
        raise _bad("; ".join(cattrs.transform_error(error)), field=where) from error
    for part in fields(cast("Any", value)):
        needed = part.default is MISSING and part.default_factory is MISSING
        given = getattr(value, part.name)
        if needed and isinstance(given, str) and not given.strip():
            raise _bad(f"'{part.name}' is empty", field=where)
    return value


def _toml(path: Path) -> _Table:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _bad(f"it cannot be read ({error})", field=path.name) from error


def _read(path: Path) -> dict[str, list[_Table]]:
    found = _toml(path)
    for kind, rows in found.items():
        if kind not in _KINDS or not isinstance(rows, list):
            raise _bad(f"'{kind}' is not a kind of entry", field=path.name)
    return found


def _folder(folder: Path, nation: NationFile) -> dict[str, list[_Table]]:
    if not folder.is_dir():
        raise _bad(f"it includes the folder '{folder.name}', which is not there", field=nation.code)
    found: dict[str, list[_Table]] = {}
    for path in sorted(folder.glob("*.toml")):
        if path.name != "nation.toml":
            for kind, rows in _read(path).items():
                found.setdefault(kind, []).extend(rows)
    return found


def _set_stages(routes: list[_Table], stages: list[_Table]) -> None:
    """A nation says one stage of a shared route in its own way: it takes the place of the shared one."""
    for row in stages:
        where = f"stage/{row.get('route', '?')}/{_code(row)}"
        shared = [
            (route["stages"], place)
            for route in routes
            if _code(route) == row.get("route")
            for place, stage in enumerate(route.get("stages", ()))
            if _code(stage) == _code(row)
        ]
        if not shared:
            raise _bad("there is no such stage of a route to take the place of", field=where)
        for found, place in shared:
            found[place] = {key: value for key, value in row.items() if key != "route"}


def _code(row: _Table) -> str:
    return str(row.get("code") or row.get("term") or "?")


def _override(rows: list[_Table], values: Mapping[str, object], where: str) -> None:
    if not values:
        return
    open_to_change = [row for row in rows if row.get("uncertain") is True]
    if not open_to_change:
        raise _bad("only an entry marked uncertain may be changed by a setting", field=where)
    for row in open_to_change:
        row.update(values)


def _nation_with(nation: NationFile, values: Mapping[str, object]) -> NationFile:
    settable = {"child_age", "clarification_counting", "clarification_reminder_days", "alert_review_months"}
    if unknown := sorted(set(values) - settable):
        raise _bad(f"'{unknown[0]}' cannot be set for a nation", field=f"nation/{nation.code}")
    if "alert_review_months" in values and not nation.alert_review_uncertain:
        raise _bad("only what is marked uncertain may be changed by a setting", field=f"nation/{nation.code}")
    row: _Table = {
        "child_age": nation.child_age,
        "clarification_counting": nation.clarification_counting.value,
        "clarification_reminder_days": nation.clarification_reminder_days,
        "alert_review_months": nation.alert_review_months,
        **values,
    }
    try:
        return replace(
            nation,
            child_age=_strict(row["child_age"], int),
            clarification_counting=ClarificationCounting(row["clarification_counting"]),
            clarification_reminder_days=_strict(row["clarification_reminder_days"], int),
            alert_review_months=_strict(row["alert_review_months"], int),
        )
    except (TypeError, ValueError) as error:
        raise _bad(str(error), field=f"nation/{nation.code}") from error


def _refuse_two_for_one_day(kind: str, rows: list[_Table]) -> None:
    spans: dict[str, list[tuple[date, date]]] = {}
    for row in rows:
        spans.setdefault(_code(row), []).append(_span(row))
    for code, found in spans.items():
        for (_, until), (following, _) in _neighbours(sorted(found)):
            if following <= until:
                raise _bad("two entries are in force on one day", field=f"{kind}/{code}")
            if kind in _WITHOUT_A_HOLE and following - until > timedelta(days=1):
                raise _bad(
                    f"no entry is in force from {until + timedelta(days=1)} to {following - timedelta(days=1)}",
                    field=f"{kind}/{code}",
                )


def _span(row: _Table) -> tuple[date, date]:
    first, last = row.get("in_force_from", date.min), row.get("in_force_until", _FOR_EVER)
    if not isinstance(first, date) or not isinstance(last, date) or last < first:
        raise _bad("its dates in force are not two dates in order", field=_code(row))
    return first, last


def _neighbours(spans: list[tuple[date, date]]) -> Iterator[tuple[tuple[date, date], tuple[date, date]]]:
    return pairwise(spans)


def _bad(why: str, *, field: str) -> BadLaw:
    return BadLaw(
        f"Law file entry {field}: {why}.",
        next_step="Correct the entry; each needs a citation and dates in force that do not overlap.",
        field=field,
    )
