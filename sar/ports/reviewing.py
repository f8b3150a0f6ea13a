"""Text -> places that a person should look at, and what stands beside a record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sar.domain.matching import Match, Rule
from sar.domain.parties import Person
from sar.domain.records import RecordKind


class Reading(Protocol):
    """A detector made ready for one register: finds, never decides."""

    def matches(self, text: str, *, kind: RecordKind | None = None) -> tuple[Match, ...]:
        """Every match in one text, in order of start; offsets are code points of ``text``."""
        ...


class Detector(Protocol):
    """Builds readings from the rules and a register."""

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in force."""
        ...

    def for_people(self, people: Sequence[Person]) -> Reading:
        """Ready for a leg's view of the register."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyPlace:
    """One place that holds the same words: where a copy lives is what a correction needs."""

    store_label: str
    controller: str
    native_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherQuote:
    """A quote that differs from what its author wrote, or a message that is quoted so elsewhere."""

    record: str
    """The other record: the one quoted, or the one that quotes."""
    is_quoting: bool
    """True on the page of the record that holds the quote."""
    differences: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """What an officer must know of other records beside the one they read. Unredacted: for their page alone."""

    copies: tuple[CopyPlace, ...] = ()
    inner: tuple[tuple[str, str], ...] = ()
    """Messages that stand wholly in this one: where and when, and who sent them to whom."""
    near: tuple[tuple[str, int], ...] = ()
    """Records that are nearly the same, and how nearly in per cent."""
    quotes: tuple[OtherQuote, ...] = ()
    rests_on: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """On the page of disagreements: the passage's label and the records it was found in."""
