"""What every step does when a person records something: who may, what must be said, on which day, and where it goes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sar.domain.calendar import uk_day
from sar.domain.errors import ImpossibleDate, InvalidInput, NotAllowed
from sar.domain.parties import Actor, StaffRole
from sar.domain.trail import EventKind
from sar.ports.keeping import CaseFile, Collection

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class EventNote:
    """Free words behind an event: sealed, found by the event's number."""

    words: str


def note_name(seq: int) -> str:
    """Where the words behind an event are kept."""
    return f"event-{seq}"


def record_with_words(
    file: CaseFile, kind: EventKind, words: str, *, at: datetime, by: Actor, leg: int | None = None,
    **facts: date | str | int | bool,
) -> None:  # fmt: skip
    """Append to the trail, with the free words behind it sealed under the event's number."""
    said = {k: v.isoformat() if isinstance(v, date) else v for k, v in facts.items()}
    event = file.record(kind, at=at, by=by, leg=leg, **said)
    file.keep(Collection.NOTE, note_name(event.seq), EventNote(words=words.strip()))


def kept_note(file: CaseFile, name: str, kind: type[_T]) -> _T | None:
    """A sealed note; None where it was never written (a fact, not a failure)."""
    if name not in file.names(Collection.NOTE, under=name):
        return None
    return file.latest(Collection.NOTE, name, kind)


def require_officer(by: Actor) -> None:
    """Refuse whoever is no records officer."""
    if not by.has(StaffRole.OFFICER):
        raise NotAllowed("Only a records officer may record this.", next_step="Ask a records officer.")


def require_said(words: str, field: str, next_step: str) -> None:
    """Refuse an empty reason or note."""
    if not words.strip():
        raise InvalidInput(
            "Something was left empty that has to be written down.", next_step=next_step, field=field
        )


def require_day(on: date, *, at: datetime, received_on: date, field: str = "date") -> None:
    """Refuse a day in the future, or before the part it is about was received."""
    if on > uk_day(at):
        raise ImpossibleDate(
            "That date is in the future.", next_step="Enter the day it happened.", field=field
        )
    if on < received_on:
        raise ImpossibleDate(
            "That date is before the request was received.", next_step="Check the date.", field=field
        )
