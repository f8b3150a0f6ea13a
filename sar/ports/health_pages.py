"""What the page on health information shows staff: each record's class, and whether it may go out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthRow:
    """One record of a leg, as the gate of paragraph 6 sees it."""

    number: int
    """Its place in the list of the leg's records, from 1."""
    record: str
    kind: str
    dated_on: date
    origin: str
    data_class: str
    """A value of ``DataClass``; empty where nobody has said."""
    class_recorded: bool
    """A person said so; otherwise the store did."""
    result: str
    """What the standing opinion found, in words; empty without one."""
    opinion_on: date | None
    is_known: bool
    waits: bool
    """It may not go out yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionRow:
    """One opinion, for staff."""

    id: str
    given_on: date
    role: str
    professional: str
    name: str
    words: str
    records: int
    in_time: bool
    ask_again: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthPage:
    """Everything about one leg's health information."""

    rows: tuple[HealthRow, ...]
    opinions: tuple[OpinionRow, ...]
    asked: tuple[tuple[str, date, str, int], ...]
    """Opinions asked for and not given: id, day, of whom, on how many records."""
    controller_is_health_professional: bool

    @property
    def unclassed(self) -> tuple[HealthRow, ...]:
        """Records of which nobody has said what they are."""
        return tuple(r for r in self.rows if not r.data_class)

    @property
    def health(self) -> tuple[HealthRow, ...]:
        """Health records."""
        return tuple(r for r in self.rows if r.data_class == "health")

    @property
    def waiting(self) -> tuple[HealthRow, ...]:
        """Records that may not go out yet."""
        return tuple(r for r in self.rows if r.waits)
