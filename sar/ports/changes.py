"""What changed after the request, as a case file holds it: compared once a round, read by pages and the sign-off."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from sar.domain.beside import Beside
from sar.domain.changes import Asked, Change, Uncompared, Where, asked_for
from sar.domain.parties import StaffRole
from sar.domain.records import Record, StoreAnswer
from sar.domain.rectification import PlaceState
from sar.domain.references import CaseReference
from sar.domain.trail import Event, EventKind
from sar.ports.casework import RECORDS, answer_name, corrections_of
from sar.ports.keeping import CaseFile, Collection


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What the comparison for one leg and one round showed. Sealed."""

    changes: tuple[Change, ...] = ()
    uncompared: tuple[Uncompared, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseChanges:
    """How many changes a case has, and how many wait to be looked at."""

    reference: CaseReference
    changes: int
    waiting: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRow:
    """A change as a page lists it."""

    number: int
    change: Change
    was_asked_for: bool
    """By the family or the complaints team, before the gathering that shows it."""
    is_new: bool
    """Nobody has looked at it yet who has to."""

    @property
    def is_weak(self) -> bool:
        """Whether nothing but the date on a file speaks for it."""
        return self.change.is_weak


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRow:
    """That an approver looked at the changes, and what they wrote."""

    at: datetime
    by_role: str
    round: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegChanges:
    """Everything about one leg's changes. For the approver, the safeguarding lead and the data protection officer."""

    leg: int
    round: int
    rows: tuple[ChangeRow, ...]
    uncompared: tuple[Uncompared, ...]
    seen: tuple[SeenRow, ...]

    @property
    def changes(self) -> tuple[ChangeRow, ...]:
        """What an approver has to have looked at."""
        return tuple(row for row in self.rows if not row.is_weak)

    @property
    def file_dates(self) -> tuple[ChangeRow, ...]:
        """Files of which only the date is after the request."""
        return tuple(row for row in self.rows if row.is_weak)

    @property
    def waiting(self) -> int:
        """How many nobody has looked at who has to."""
        return sum(row.is_new for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeShown:
    """One change with the words of both sides. Unredacted: shown, never kept or sent."""

    row: ChangeRow
    sides: tuple[Beside, ...]


def changes_name(round_number: int, leg: int) -> str:
    """Where the changes of one leg and round are kept."""
    return f"{round_number}/{leg}"


def changes_of(file: CaseFile, round_number: int, leg: int) -> Changes:
    """What was kept; nothing where a round was closed before anybody compared."""
    name = changes_name(round_number, leg)
    if name not in file.names(Collection.CHANGES, under=name):
        return Changes()
    return file.latest(Collection.CHANGES, name, Changes)


def rows_of(file: CaseFile, round_number: int, leg: int) -> tuple[ChangeRow, ...]:
    """The changes of a round, with what was asked for by the family and what waits to be looked at.

    What only the date on a file speaks for comes last, and waits for nobody.
    """
    looked_at = {
        change.ident
        for number in {int(str(e.facts["round"])) for e in seen_events(file, leg)}
        for change in changes_of(file, number, leg).changes
    }
    rows = []
    found = sorted(changes_of(file, round_number, leg).changes, key=lambda change: change.is_weak)
    explained = asked_for(found, _asked(file))
    for number, change in enumerate(found, start=1):
        is_asked = change in explained
        is_new = not change.is_weak and not is_asked and change.ident not in looked_at
        rows.append(ChangeRow(number=number, change=change, was_asked_for=is_asked, is_new=is_new))
    return tuple(rows)


def _asked(file: CaseFile) -> list[Asked]:
    """The corrections that can explain a change, with the gatherings that were begun since and what those showed.

    None that an officer wrote in: it may be them who are looked at. An earlier day that somebody named counts no
    more than the place of the entry in the trail, which nobody can move.
    """
    by_name = {correction.id: correction for correction in corrections_of(file)}
    found: dict[str, Asked] = {}
    newest = 0
    for event in file.events():
        name = str(event.facts.get("correction", ""))
        if event.kind is EventKind.GATHERING_STARTED:
            newest = int(str(event.facts["round"]))
        elif event.kind is EventKind.CORRECTION_ASKED and name in by_name and _is_theirs(event):
            found[name] = Asked(correction=by_name[name], first_round=newest + 1, told={}, shown={})
        elif name in found and event.kind is EventKind.CORRECTION_REPORTED:
            told = {str(event.facts["place"]): newest + 1}
            found[name] = replace(found[name], told=told | dict(found[name].told))
        elif name in found and _shows_something_done(event):
            shown = {str(event.facts["place"]): int(str(event.facts["round"]))}
            found[name] = replace(found[name], shown=shown | dict(found[name].shown))
    return list(found.values())


def _is_theirs(event: Event) -> bool:
    roles = set(event.by_role.split(", "))
    return "family" in roles or (StaffRole.COMPLAINTS.value in roles and StaffRole.OFFICER.value not in roles)


def _shows_something_done(event: Event) -> bool:
    return event.kind is EventKind.CORRECTION_SEEN or (
        event.kind is EventKind.CORRECTION_NOT_SEEN
        and event.facts.get("state") == PlaceState.CHANGED.name.lower()
    )


def seen_events(file: CaseFile, leg: int) -> list[Event]:
    """When an approver looked at the changes of a leg."""
    return [e for e in file.events() if e.kind is EventKind.CHANGES_SEEN and e.leg == leg]


def record_at(file: CaseFile, where: Where) -> Record:
    """The words of one side."""
    if where.page:
        return file.latest(Collection.ANSWER_PAGE, where.page, RECORDS)[where.position]
    name = answer_name(where.round, where.store, where.subject)
    return file.latest(Collection.ANSWER, name, StoreAnswer).records[where.position]
