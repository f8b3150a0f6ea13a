"""A health professional's opinion on health records, and the gate it opens (DPA 2018 Sch 3 paras 2, 5, 6).

A body that is not a health professional may not *withhold* health information for serious harm without an
opinion that the test is met, and may not *give it out* without one that it is not met, unless a person
recorded that the family already knows it. Both opinions last six months, counted to the day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from sar.domain.errors import DecisionNotSupported
from sar.domain.exemptions import opinion_is_in_time
from sar.domain.records import DataClass, Record
from sar.domain.references import RecordKey


class OpinionResult(Enum):
    """What the professional found about one record. The values are the words shown."""

    NOT_MET = "the test of serious harm is not met"
    MET_IN_PART = "the test is met for part of it"
    MET = "the test is met for all of it"


class Professional(Enum):
    """Who the appropriate health professional is (Sch 3 para 2). The values are the words shown."""

    RESPONSIBLE = "the one who is or was last responsible for the person's care"
    MOST_SUITABLE = "the most suitable of several who were responsible"
    EXPERIENCED = "one with the experience to say, where nobody else is there"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordOpinion:
    """One record as the professional read it: a later text of it is not covered."""

    record: RecordKey
    version: str
    result: OpinionResult


@dataclass(frozen=True, slots=True, kw_only=True)
class OpinionAsked:
    """An opinion asked for, and on what."""

    id: str
    leg: int
    asked_on: date
    asked_of: str
    """By role: "consultant who treated her". Sealed."""
    records: tuple[RecordKey, ...]
    versions: tuple[str, ...] = ()
    """The text of each record that was asked about, in the order of ``records``. Older questions kept none."""

    def covers(self, record: Record) -> bool:
        """Whether this very text was asked about."""
        return any(
            key == record.key and (not self.versions or self.versions[place] == record.version)
            for place, key in enumerate(self.records)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """An opinion given. The name and the words are sealed with it and shown to staff only."""

    id: str
    leg: int
    asked: str
    """The id of what was asked; empty where it was given unasked."""
    given_on: date
    professional: Professional
    role: str
    name: str
    words: str
    records: tuple[RecordOpinion, ...]
    ask_again: str = ""
    """Why somebody has to be asked again (para 5(4)): then it is not relied on any more. Empty while it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlreadyKnown:
    """A person recorded why the family has already seen or knows a record (Sch 3 para 6(2))."""

    leg: int
    record: RecordKey
    version: str
    reason: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Classified:
    """A person said which class of information one text of a record is."""

    record: RecordKey
    data_class: DataClass
    reason: str
    on: date
    version: str = ""
    over: DataClass = DataClass.UNKNOWN
    """What the store said then. When the text changes, or the store says something else, a person looks anew."""

    def stands_for(self, record: Record) -> bool:
        """Whether it was said of this very text, as its store has it."""
        return (self.record, self.version, self.over) == (record.key, record.version, record.data_class)


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthView:
    """What is known about one leg's health records: opinions in the order they were given, and what is known."""

    opinions: tuple[Opinion, ...] = ()
    known: tuple[AlreadyKnown, ...] = ()
    classes: Mapping[RecordKey, Classified] | None = None
    controller_is_health_professional: bool = False

    def class_of(self, record: Record) -> DataClass:
        """The class a person recorded for this very text, else the one its store has."""
        said = (self.classes or {}).get(record.key)
        return said.data_class if said and said.stands_for(record) else record.data_class

    def is_classed(self, record: Record) -> bool:
        """Whether a person recorded the class of this very text."""
        said = (self.classes or {}).get(record.key)
        return said is not None and said.stands_for(record)

    def standing(self, record: Record, on: date) -> tuple[date, OpinionResult] | None:
        """The newest opinion on this very text that may be relied on that day."""
        found = [
            (opinion.given_on, place, said.result)
            for place, opinion in enumerate(self.opinions)
            if not opinion.ask_again and opinion.given_on <= on
            for said in opinion.records
            if said.record == record.key and said.version == record.version
        ]
        if not found:
            return None
        given_on, _, result = max(found, key=lambda f: (f[0], f[1]))
        return (given_on, result) if opinion_is_in_time(given_on, on) else None

    def met_on(self, record: Record, on: date) -> date | None:
        """The day of the standing opinion that the test is met, for all or part of the record."""
        found = self.standing(record, on)
        return found[0] if found and found[1] is not OpinionResult.NOT_MET else None

    def is_known(self, record: Record) -> bool:
        """Whether somebody recorded that the family already knows this very text."""
        return any(k.record == record.key and k.version == record.version for k in self.known)

    def may_go_out(self, record: Record, on: date, *, part_withheld: bool) -> bool:
        """Whether the gate of paragraph 6 is open for a record.

        :param part_withheld: words in it are withheld as harmful to health.
        """
        if self.class_of(record) is not DataClass.HEALTH or self.controller_is_health_professional:
            return True
        found = self.standing(record, on)
        if found is None or found[1] is OpinionResult.MET:
            # What the family knows already needs no opinion; a standing opinion that it harms still holds.
            return found is None and self.is_known(record)
        return found[1] is OpinionResult.NOT_MET or part_withheld

    def waiting(self, records: Iterable[Record], on: date) -> tuple[Record, ...]:
        """Health records that nobody may give out yet, whatever is withheld in them."""
        return tuple(r for r in records if not self.may_go_out(r, on, part_withheld=True))

    def unclassed(self, records: Iterable[Record]) -> tuple[Record, ...]:
        """Records of which nobody has said what class they are."""
        return tuple(r for r in records if self.class_of(r) is DataClass.UNKNOWN)


def check_health_release(view: HealthView, record: Record, *, on: date, part_withheld: bool) -> None:
    """Refuse to let health information out before the test of paragraph 6.

    :raises DecisionNotSupported: with what to do.
    """
    if view.may_go_out(record, on, part_withheld=part_withheld):
        return
    found = view.standing(record, on)
    if found is None:
        raise DecisionNotSupported(
            "Health information cannot be released yet: no health professional's opinion of the last six "
            "months says that the serious harm test is not met.",
            next_step="Ask the right health professional, or record why the family already knows this.",
            field="opinion_on",
        )
    what = "all of it" if found[1] is OpinionResult.MET else "part of it, and none of it is withheld"
    raise DecisionNotSupported(
        f"A health professional said that giving out a record would be likely to cause serious harm: {what}.",
        next_step="Withhold what the opinion is about as health information, or ask the professional again.",
        field="opinion_on",
    )
