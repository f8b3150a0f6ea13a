"""A letter while its facts are put together: the case as it stands, the law, and what a person wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sar.domain.case import CaseState
from sar.domain.clock import Deadline, ExtensionNotice
from sar.domain.clock import replay as run_clock
from sar.domain.disclosure import LetterWords
from sar.domain.parties import AccessRequest, Leg
from sar.domain.pathways import INFORMATION_PART, INFORMATION_REQUEST, Pathway
from sar.domain.statutes import Law
from sar.ports.casework import clock_facts, request_of, state_of
from sar.ports.keeping import CaseFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """Who writes, and how they are reached."""

    organisation: str
    contact: tuple[str, ...]
    site: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLetter:
    """What somebody wants to send: the kind, the leg, their own words, and what it is about."""

    kind: str
    leg: int
    said: Mapping[str, str] = field(default_factory=dict)
    complaint: str = ""
    outcome: str = ""
    correction: str = ""
    place: str = ""
    consultation: str = ""


@dataclass(kw_only=True)
class Making:
    """A letter while its facts are put together."""

    file: CaseFile
    law: Law
    wanted: NewLetter
    leg: Leg
    on: date
    is_automatic: bool
    days: dict[str, date] = field(default_factory=dict)
    dues: tuple[date, ...] = ()
    words: dict[str, LetterWords] = field(default_factory=dict)
    codes: set[str] = field(default_factory=set)

    @property
    def state(self) -> CaseState:
        """The case as it stands."""
        return state_of(self.file)

    @property
    def is_information(self) -> bool:
        """About the part that asks for policies or numbers: it belongs to no leg."""
        return self.leg.number == INFORMATION_PART

    @property
    def received_on(self) -> date:
        """The day this part came."""
        if self.is_information and self.state.information:
            return min(part.received_on for part in self.state.information)
        return self.state.received_for(self.leg.number)

    @property
    def pathway(self) -> Pathway:
        """The law that answers this part."""
        return pathway_of(self.state, self.law, self.leg.number)

    @property
    def request(self) -> AccessRequest:
        """What was asked."""
        return request_of(self.file)

    def deadline(self, leg: int, *, extension: ExtensionNotice | None = None) -> Deadline:
        """One leg's clock."""
        return run_clock(
            clock_facts(self.state, leg, extension=extension), calendar=self.law.calendar,
            counting=self.law.clarification_counting, explain=False,
            refuse=extension is not None,
        )  # fmt: skip

    def say(self, **texts: str) -> None:
        """Add words; what is empty is left out."""
        self.words |= {name: LetterWords(text.strip()) for name, text in texts.items() if text.strip()}

    def due(self, code: str, event_on: date) -> date | None:
        """The last day of a limit, where the nation's law has it on that day (a fact, not a failure)."""
        if code not in self.law.time_limits or self.law.find_time_limit(code, event_on) is None:
            return None
        return self.law.due(code, event_on)

    def add_day(self, name: str, on: date | None) -> None:
        """A day of the letter, where there is one."""
        if on is not None:
            self.days[name] = on


def pathway_of(state: CaseState, law: Law, number: int) -> Pathway:
    """The law that answers a leg, or the part that asks for policies or numbers."""
    code = INFORMATION_REQUEST if number == INFORMATION_PART else state.leg(number).pathway
    return law.pathway(code, state.received_for(number))
