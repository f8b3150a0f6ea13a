"""What is remembered of a page of records, so that a round can be put together without opening them all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sar.domain.changes import touched_on
from sar.domain.found_conflicts import Found, in_record
from sar.domain.records import Record, RecordKind
from sar.domain.references import RecordKey, SubjectId
from sar.domain.traces import Shape, Trace, text_of, trace_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedFind:
    """A reason to stop, and the record of the page it stands on."""

    position: int
    found: Found


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedTrace:
    """What a file or a message is compared by, and where it stands on the page."""

    position: int
    trace: Trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Touched:
    """The newest day on which a record says of itself that something was done to it."""

    position: int
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PageIndex:
    """One page of an answer, record by record in the same order. Sealed: versions would confirm a guess."""

    keys: tuple[RecordKey, ...]
    versions: tuple[str, ...]
    subjects: tuple[SubjectId, ...]
    """Whom any record of the page is about."""
    speaking: tuple[int, ...] = ()
    """Positions of records that a page written by the program may rest on."""
    naming: tuple[int, ...] = ()
    """Positions of records with people in structured fields."""
    finds: tuple[PlacedFind, ...] = ()
    texts: tuple[int, ...] = ()
    """Of each entry of a structured store the digest of its canonical text; 0 for files and messages."""
    traces: tuple[PlacedTrace, ...] = ()
    """Of files and messages all that is needed to compare them."""
    touched: tuple[Touched, ...] = ()


def index_of(records: Sequence[Record], *, on: date) -> PageIndex:
    """The index of one page; the search for reasons to stop is made here, once, while the words are at hand."""
    shapes = [text_of(record) for record in records]
    return PageIndex(
        keys=tuple([r.key for r in records]),
        versions=tuple([r.version for r in records]),
        subjects=tuple(sorted(frozenset().union(*{r.about for r in records}))),
        speaking=tuple(i for i, r in enumerate(records) if speaks(r)),
        naming=tuple(i for i, r in enumerate(records) if r.people),
        finds=tuple(
            PlacedFind(position=i, found=found)
            for i, record in enumerate(records)
            for found in in_record(record, on)
        ),
        texts=tuple(text if shape is Shape.ENTRY else 0 for shape, text in shapes),
        traces=tuple(
            PlacedTrace(position=i, trace=trace_of(record))
            for i, record in enumerate(records)
            if shapes[i][0] is not Shape.ENTRY
        ),
        touched=tuple(
            Touched(position=i, on=day) for i, record in enumerate(records) if (day := touched_on(record))
        ),
    )


def speaks(record: Record) -> bool:
    """Whether the pages about alerts and disagreements may rest on it."""
    return bool(record.alert or record.findings) or record.kind is RecordKind.COMPLAINT


@dataclass(frozen=True, slots=True, kw_only=True)
class LegPage:
    """A page of an answer that a leg's review reads where it is."""

    name: str
    skipped: tuple[int, ...] = ()
    """Positions that are not read there: the record was changed and is kept anew, or stands in another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegIndex:
    """Where the records of one leg and one round are, beside those that were kept anew."""

    pages: tuple[LegPage, ...] = ()
    dropped: tuple[str, ...] = ()
    """Keys of records that were kept anew and then went into a fuller one."""
