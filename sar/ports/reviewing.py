"""Text -> places that a person should look at."""

from __future__ import annotations

from collections.abc import Sequence
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
