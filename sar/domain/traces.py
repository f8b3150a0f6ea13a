"""What is remembered of a record so that it can be compared with ten thousand others without opening them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from enum import Enum
from functools import lru_cache

from sar.domain.quoted import Block, blocks_of, digest, names_in, sketch_of, squeezed, unmarked
from sar.domain.records import DataClass, Passage, Record, RecordKind
from sar.domain.references import RecordKey, StoreName, SubjectId

ALSO_IN = "Also in "
"""How the label of a passage begins that was taken over from a record folded into this one."""
HEAD = "From, to and date"
"""The end of the label under which a folded message says who sent it to whom."""
TEXT = "text"
_SPELLED = {
    "cc": "copied to", "bcc": "blind copied to", "reply-to": "replies to", "sent": "date", "message": "text",
}  # fmt: skip
HEADERS = frozenset({"from", "to", "copied to", "blind copied to", "replies to", "date", "subject"})
_FILED = frozenset({"file name", "title"})
"""What a copy of a file is called says nothing about what it says."""
_ATTACHED = frozenset({"attached file", "attachment"})
_REPLY = re.compile(r"^(?:(?:re|fwd?|aw)\s*(?:\[\d+\])?\s*:\s*)+", re.IGNORECASE)


class Shape(Enum):
    """What kind of thing a record is: that decides what may be folded."""

    ENTRY = "entry"
    """A line of a structured store. Two equal ones are two: two calls on one day are two calls."""
    FILE = "file"
    MESSAGE = "message"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One block of a mail: the sender's own words, or one quoted message."""

    words: int
    """How many words."""
    whole: int
    """Digest of all of them."""
    names: frozenset[int]
    """The names and addresses of whom the quote is said to be by."""
    sentences: tuple[int, ...]
    sketch: tuple[int, ...]
    aside: int = 0
    """Digest of what stands below a signature or disclaimer; 0 without any, and in traces of an earlier day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What two records are compared by. It holds digests of short texts: keep it sealed."""

    key: RecordKey
    version: str
    kind: RecordKind
    dated_on: date
    about: frozenset[SubjectId]
    data_class: DataClass
    stores: frozenset[StoreName]
    """Where it lives, copies included."""
    shape: Shape
    text: int
    """Digest of the canonical text: no white space, no quoting marks, headers in one order."""
    facts: int
    """Digest of alerts and findings; 0 without any."""
    words: int
    sketch: tuple[int, ...]
    """Of the record's own words: what a mail only quotes is not among them."""
    said: tuple[Said, ...] = ()
    """A mail's blocks, its own words first."""
    sender: tuple[frozenset[int], ...] = ()
    """The sender's names as they may be written: the name, the address."""
    sent: int = 0
    """Digest of who wrote a mail, when, and under which subject; 0 where it does not say."""
    attached: frozenset[int] = frozenset()


def label_of(passage: Passage) -> str:
    """A passage's label in one spelling."""
    return _spelled(passage.label)


@lru_cache(maxsize=1024)
def _spelled(written: str) -> str:
    # Labels come from mappings and extractors: there are few.
    label = squeezed(written).casefold()
    return _SPELLED.get(label, label)


def is_taken_over(passage: Passage) -> bool:
    """Whether the passage came from a record that was folded into this one."""
    return passage.label.startswith(ALSO_IN)


def trace_of(record: Record) -> Trace:
    """What is remembered of a record. Folding changes nothing of it: a folded record has the trace it had."""
    own, shape, canonical = _laid_out(record)
    words = [word for _, text in canonical for word in text.split()]
    mail = _mail(own) if shape is Shape.MESSAGE else None
    return Trace(
        key=record.key,
        version=record.version,
        kind=record.kind,
        dated_on=record.dated_on,
        about=record.about,
        data_class=record.data_class,
        stores=frozenset({record.provenance.store, *(c.store for c in record.copies)}),
        shape=shape,
        text=_digest_of(canonical),
        facts=_facts(record),
        words=mail.said[0].words if mail else len(words),
        sketch=sketch_of(mail.own_words if mail else words, run=3),
        said=mail.said if mail else (),
        sender=mail.sender if mail else (),
        sent=mail.sent if mail else 0,
        attached=mail.attached if mail else frozenset(),
    )


def text_of(record: Record) -> tuple[Shape, int]:
    """A record's shape and the digest of its canonical text: the cheap part of its trace."""
    _, shape, canonical = _laid_out(record)
    return shape, _digest_of(canonical)


_Pairs = list[tuple[str, str]]


def _laid_out(record: Record) -> tuple[_Pairs, Shape, _Pairs]:
    """The record's own passages as they are and in canonical form."""
    labels, shape = _shape_of(tuple([p.label for p in record.passages]))
    own = [(label, p.text) for label, p in zip(labels, record.passages, strict=True) if label is not None]
    if shape is Shape.ENTRY:
        return own, shape, [(label, squeezed(text)) for label, text in own]
    canonical = [(label, _canonical(label, text, shape)) for label, text in own if label not in _FILED]
    canonical.sort(key=lambda pair: (pair[0] not in HEADERS, pair if pair[0] in HEADERS else ("", "")))
    return own, shape, canonical


def _digest_of(canonical: _Pairs) -> int:
    return digest("\n".join([f"{label}\t{text}" for label, text in canonical]))


@lru_cache(maxsize=1024)
def _shape_of(written: tuple[str, ...]) -> tuple[tuple[str | None, ...], Shape]:
    """The labels of a record in one spelling, none for what was taken over, and what they make it."""
    spelled = tuple(None if label.startswith(ALSO_IN) else _spelled(label) for label in written)
    labels = set(spelled)
    if labels >= _MAIL_BY_SUBJECT or labels >= _MAIL_BY_FILE:
        return spelled, Shape.MESSAGE
    return spelled, Shape.FILE if "file name" in labels else Shape.ENTRY


_MAIL_BY_SUBJECT = frozenset({"from", "subject", TEXT})
_MAIL_BY_FILE = frozenset({"from", "to", "date", TEXT, "file name"})


def _canonical(label: str, text: str, shape: Shape) -> str:
    if shape is Shape.MESSAGE and label == TEXT:
        return unmarked(text)
    return squeezed(text)


def _facts(record: Record) -> int:
    if not record.alert and not record.findings:
        return 0
    return digest(repr(sorted(map(repr, (*record.alert, *record.findings)))))


@dataclass(frozen=True, slots=True)
class _Mail:
    said: tuple[Said, ...]
    own_words: list[str]
    sender: tuple[frozenset[int], ...]
    sent: int
    attached: frozenset[int]


def _mail(own: list[tuple[str, str]]) -> _Mail:
    blocks = blocks_of("\n\n".join(text for label, text in own if label == TEXT))
    said_in = {label: squeezed(text) for label, text in own if label in HEADERS}
    sender, on = said_in.get("from", ""), said_in.get("date", "")
    return _Mail(
        said=tuple(map(_said, blocks)),
        own_words=blocks[0].text.split(),
        sender=_written_as(sender),
        sent=digest(f"{sender}\n{on}\n{thread_of(said_in.get('subject', ''))}") if sender and on else 0,
        attached=frozenset(digest(squeezed(text)) for label, text in own if label in _ATTACHED),
    )


def _said(block: Block) -> Said:
    text = block.text
    return Said(
        words=len(text.split()),
        whole=digest(text),
        names=names_in(block.announced),
        sentences=tuple(map(digest, block.sentences)),
        sketch=sketch_of(text.split(), run=2),
        aside=digest(block.aside) if block.aside else 0,
    )


def _written_as(sender: str) -> tuple[frozenset[int], ...]:
    """The ways a quote may name a sender: by name, or by address."""
    name, _, address = sender.partition("<")
    return tuple(found for part in (name, address) if (found := names_in(part)))


def thread_of(subject: str) -> str:
    """A subject without "Re:" and "Fwd:"."""
    return _REPLY.sub("", squeezed(subject)).casefold()
