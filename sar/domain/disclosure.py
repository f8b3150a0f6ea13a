"""What may leave. This module knows nothing of records, matching or redaction: the one-way door.

Outward types, each made in one place:

* ``Shown``, ``Hidden``, ``DisclosedPassage``, ``DisclosedRecord``: made by ``sar.domain.redaction.redact``
  and nowhere else, after a named person decided and a second signed off.
* ``ReviewView`` and its parts: made by ``sar.domain.viewing`` for an officer's own page, which
  ``sar.services.review`` opens to the roles that decide.

``tests/architecture`` looks for any other place that makes one.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

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


def fold(text: str) -> str:
    """Text as the gate compares it: compatibility forms, case folded, white space collapsed."""
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold()).casefold()
    return " ".join(unicodedata.normalize("NFKC", plain.translate(_DROPPED)).split())


_DROPPED: dict[int, str | None] = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))
# Word processors and layout engines write these for the plain signs.
_DROPPED |= dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2212"), "-") | dict.fromkeys(
    map(ord, "\u2018\u2019\u02bc"), "'"
)


class Needles:
    """Strings that must not be found in what leaves: searchable, not printable, never logged.

    :param whole_words: a hit must not stand inside a longer word ("rose" in "arose"). The strict form,
        without it, is for lists a person wrote to be searched letter for letter.
    """

    __slots__ = ("_strings", "_whole_words", "short")

    SHORTEST = 4
    """Shorter strings occur by chance; the approver is shown how many there are instead."""

    def __init__(self, strings: Iterable[str], *, whole_words: bool = False) -> None:
        folded = {fold(s) for s in strings} - {""}
        self._strings = tuple(sorted(s for s in folded if len(s) >= self.SHORTEST))
        self._whole_words = whole_words
        self.short = sum(len(s) < self.SHORTEST for s in folded)

    def __repr__(self) -> str:
        return f"<Needles: {len(self._strings)}>"

    def __len__(self) -> int:
        return len(self._strings)

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("Needles are not written anywhere.")

    def found_in(self, text: str) -> Iterator[int]:
        """The index numbers of the needles that occur in ``text``; never the needles themselves."""
        folded = fold(text)
        joined = folded.replace(" ", "")
        for number, needle in enumerate(self._strings):
            if self._occurs(needle, folded) or (
                len(needle) >= _JOINED_FROM and needle.replace(" ", "") in joined
            ):
                yield number

    def _occurs(self, needle: str, text: str) -> bool:
        return _has_word(needle, text) if self._whole_words else needle in text

    def without_those_in(self, texts: Iterable[str]) -> Needles:
        """Leave out strings that are part of words a person decided to disclose: checked by place instead."""
        shown = [fold(t) for t in texts]
        kept = (s for s in self._strings if not any(_has_word(s, t) for t in shown))
        return Needles(kept, whole_words=self._whole_words)


def _has_word(needle: str, text: str) -> bool:
    """Whether a string stands in a text as words of its own: "dean" does not in "deane"."""
    at = text.find(needle)
    while at >= 0:
        end = at + len(needle)
        if _is_edge(text, at - 1, at) and _is_edge(text, end - 1, end):
            return True
        at = text.find(needle, at + 1)
    return False


def _is_edge(text: str, left: int, right: int) -> bool:
    """Whether a word may begin or end between two places of a text."""
    if left < 0 or right >= len(text):
        return True
    return not (text[left].isalnum() and text[right].isalnum())


_JOINED_FROM = 9
"""Only long needles are also looked for with every space removed (a phone number broken by a line end)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """Where the gate found something: a place and the needle's number, never its words."""

    place: str
    needle: int
