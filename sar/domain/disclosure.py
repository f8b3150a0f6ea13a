"""What may leave. This module knows nothing of records, matching or redaction: the one-way door.

Outward types, each made in one place:

* ``Shown``, ``Hidden``, ``DisclosedPassage``, ``DisclosedRecord``: made by ``sar.domain.redaction.redact``
  and nowhere else, after a named person decided and a second signed off.
* ``ConsultedPassage``: made by ``sar.domain.consulting`` from a recorded decision that names the consultee.
* ``LetterWords``: made by ``sar.services.correspondence.facts`` from what a person typed, or the law says.
* ``ReviewView`` and its parts: made by ``sar.domain.viewing`` for an officer's own page, which
  ``sar.services.review`` opens to the roles that decide.

``tests/architecture`` looks for any other place that makes one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from sar.domain import wording
from sar.domain.wording import SHORTEST_NAME, Needle, Reading, WordsShown, named

fold = wording.fold
"""Text as it is compared, wherever names and words are."""
has_word = wording.has_word

PLACEHOLDER = "[withheld]"
"""What stands for any withheld words. One size, whatever it hides: a width can name a person."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """Words that may leave."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hidden:
    """A place where words were withheld, and the letter of its ground in the schedule."""

    ground: str


Piece = Shown | Hidden


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosedPassage:
    """A labelled piece of a record after redaction."""

    label: str
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The passage as it will read, placeholders in place."""
        return "".join(p.text if isinstance(p, Shown) else PLACEHOLDER for p in self.pieces)


@dataclass(frozen=True, slots=True, kw_only=True)
class DisclosedRecord:
    """One record after redaction, or one of the pages sar writes, which pass the same door."""

    kind: str
    dated_on: date
    origin: str
    """The store's label, as families read it."""
    controller: str
    found_by: str
    retrieved_on: date
    also_held_in: tuple[str, ...]
    passages: tuple[DisclosedPassage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultedPassage:
    """The words about one consultee, for that person alone. Everything about anybody else is withheld."""

    consultee: str
    dated_on: date
    text: str
    requester: str = ""
    """Who asks; empty unless the recorded decision says that the consultee may know."""


@dataclass(frozen=True, slots=True)
class LetterWords:
    """Words for one letter that a person typed for it, or that the law says. Never words out of a record."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Why something was withheld, said as far as its decision allows."""

    letter: str
    words: str
    statute: str
    """Empty when only a general reason may be given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WithheldWhole:
    """A record withheld altogether, as far as it may be mentioned."""

    kind: str
    ground: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Words of ours: a right, an explanation, a next step. Never words out of a record."""

    heading: str
    paragraphs: tuple[str, ...]
    by_on: date | None = None
    """The date worked out for this request, where the statement has one."""
    citation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GlossaryWord:
    """A word of the trade and what it means."""

    term: str
    meaning: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Where the family can write to or ring a controller."""

    organisation: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """Everything one leg's disclosure pack says, in its order."""

    reference: str
    leg: str
    round: int
    dated_on: date
    received_on: date
    due_on: date
    recipient: str
    subject: str
    is_own_data: bool
    """False when a parent or other representative receives somebody else's data."""
    controllers: tuple[Contact, ...]
    letter: tuple[str, ...]
    """Paragraphs of the covering letter, without greeting and signature."""
    clock_steps: tuple[str, ...]
    search: DisclosedRecord
    gaps: tuple[Statement, ...]
    people: DisclosedRecord
    alert_lives: tuple[DisclosedRecord, ...]
    parents_told: tuple[DisclosedRecord, ...]
    recipients: tuple[DisclosedRecord, ...]
    contradictions: tuple[DisclosedRecord, ...]
    complaint_trail: tuple[DisclosedRecord, ...]
    records: tuple[DisclosedRecord, ...]
    """Oldest first. The number of a record is its place here, counted from 1 after withholding."""
    grounds: tuple[Ground, ...]
    withheld_whole: tuple[WithheldWhole, ...]
    rights: tuple[Statement, ...]
    next_steps: tuple[Statement, ...]
    glossary: tuple[GlossaryWord, ...]
    trail_head: str

    @property
    def generated(self) -> tuple[DisclosedRecord, ...]:
        """Every page sar wrote from gathered values."""
        return (
            self.search, self.people, *self.alert_lives, *self.parents_told, *self.recipients,
            *self.contradictions, *self.complaint_trail,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewView:
    """A record as an officer must see it to decide: unredacted, for one page, never kept or sent."""

    record: str
    kind: str
    dated_on: date
    origin: str
    controller: str
    also_held_in: tuple[str, ...]
    passages: tuple[ReviewPassage, ...]
    outcome: str
    """``disclose``, ``withhold``, ``out_of_scope`` or empty while nobody has decided."""
    outcome_reason: str
    undecided: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPassage:
    """A passage cut at the edges of its proposals."""

    label: str
    parts: tuple[ReviewPart, ...]
    wide: tuple[ReviewPart, ...] = ()
    """Proposals on so many words that others lie inside them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewPart:
    """A run of text; with ``proposal`` it is one the officer decides on."""

    text: str
    start: int = 0
    """Where the run starts in its passage, in code points."""
    proposal: str = ""
    person: str = ""
    role: str = ""
    reason: str = ""
    exemption: str = ""
    statute: str = ""
    must_be_decided_by: str = ""
    suggested: str = ""
    """``withhold`` or ``disclose``."""
    verdict: str = ""
    decision_reason: str = ""
    approved: bool = False
    """An approver agreed to disclose words about a protected source."""


class Needles:
    """Strings that must not be found in what leaves: searchable, not printable, never logged.

    :param whole_words: a hit must not stand inside a longer word ("rose" in "arose"). The strict form,
        without it, is for lists a person wrote to be searched letter for letter.
    :param names: written forms of people, of which two letters are enough. One that is also a word ("Will")
        counts only where its capital tells that it is a name.
    """

    __slots__ = ("_met", "_needles", "_whole_words", "short")

    SHORTEST = 4
    """Shorter strings occur by chance; the approver is shown how many there are instead."""
    SHORTEST_NAME = SHORTEST_NAME

    def __init__(
        self, strings: Iterable[str], *, whole_words: bool = False, names: Iterable[str] = ()
    ) -> None:
        by_text = {fold(s): s for s in strings}
        by_text.pop("", None)
        self.short = sum(len(s) < self.SHORTEST for s in by_text)
        made = {(s, ""): Needle(s) for s in by_text if len(s) >= self.SHORTEST}
        for needle in (n for name in names for n in named(name)):
            made[needle.folded, needle.name] = needle
        self._needles = tuple(sorted(made.values()))
        self._whole_words = whole_words
        self._met: dict[str, bool] = {}

    def __repr__(self) -> str:
        return f"<Needles: {len(self._needles)}>"

    def __len__(self) -> int:
        return len(self._needles)

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("Needles are not written anywhere.")

    def found_in(self, text: str, *, prose: bool = True) -> Iterator[int]:
        """The index numbers of the needles that occur in ``text``; never the needles themselves.

        :param prose: words a person reads. In a file's raw bytes two or three letters stand by chance.
        """
        reading = Reading(text)
        for number, needle in enumerate(self._needles):
            if not prose and len(needle.folded) < self.SHORTEST:
                continue
            if needle.stands_in(reading, whole_words=self._whole_words):
                yield number

    def stand_in_label(self, label: str) -> bool:
        """Whether any of them stands in a label. The same few labels come back in every record."""
        if label not in self._met:
            self._met[label] = any(True for _ in self.found_in(label))
        return self._met[label]

    def without_those_in(self, texts: Iterable[str] | WordsShown) -> Needles:
        """Leave out strings that are part of words a person decided to disclose: checked by place instead."""
        shown = texts if isinstance(texts, WordsShown) else WordsShown(texts)
        return self._of(n for n in self._needles if not shown.show(n))

    def beside(self, fixed: Iterable[str]) -> Needles:
        """The same strings for a finished file: where they stand as in our own fixed text, they are no hit."""
        readings = [Reading(text) for text in fixed]
        return self._of(n.beside(readings) for n in self._needles)

    def joined_with(self, other: Needles) -> Needles:
        """Both, each string once."""
        made = {(n.folded, n.name): n for n in (*self._needles, *other._needles)}
        joined = self._of(sorted(made.values()))
        joined.short = self.short + other.short
        return joined

    def _of(self, needles: Iterable[Needle]) -> Needles:
        made = Needles((), whole_words=self._whole_words)
        made._needles = tuple(needles)
        made.short = self.short
        return made


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """Where the gate found something: a place and the needle's number, never its words."""

    place: str
    needle: int
