"""Our own memory: one case file at a time, inside one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from typing import Protocol, TypeVar

from sar.domain.parties import Actor
from sar.domain.references import CaseId, CaseReference
from sar.domain.trail import Event, EventKind, Fact

T = TypeVar("T")


class Collection(Enum):
    """Kinds of sealed items. A name inside a collection may have many versions; the last one stands."""

    REQUEST = "request"
    NOTE = "note"
    ANSWER = "answer"
    ANSWER_PAGE = "answer-page"
    ANSWER_INDEX = "answer-index"
    REGISTER = "register"
    PROPOSALS = "proposals"
    DECISION = "decision"
    RECORD_DECISION = "record-decision"
    SIGNED_OFF = "signed-off"
    PACK = "pack"
    LEG_RECORDS = "leg-records"
    LEG_INDEX = "leg-index"
    FOLDING = "folding"
    CHANGES = "changes"
    ESTIMATE = "estimate"
    COMPLAINT = "complaint"
    CORRECTION = "correction"
    MESSAGE = "message"
    CLASSED = "classed"
    OPINION_ASKED = "opinion-asked"
    OPINION = "opinion"
    KNOWN = "known"
    MATCH = "match"
    REVIEW_COUNTS = "review-counts"
    RECORD_PLACE = "record-place"


@dataclass(frozen=True, slots=True)
class Packed:
    """A value made ready to be kept before its transaction begins, so that nobody waits for that."""

    content: bytes

    def __repr__(self) -> str:
        return f"Packed({len(self.content)} bytes)"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHead:
    """What the queue knows of a case without opening any seal."""

    id: CaseId
    reference: CaseReference
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One case was looked at, and nothing was due there."""

    case: CaseId
    seq: int
    """Its newest event at that moment."""
    is_over: bool
    """No day and no setting makes anything due there: only a new event can."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Glance:
    """What a list shows of one case, as it was made from the case."""

    case: CaseId
    seq: int
    """Its newest event at that moment: after the next one it is made again."""
    value: object


class CaseFile(Protocol):
    """One case inside a transaction: what is kept and recorded here lands together or not at all."""

    @property
    def id(self) -> CaseId:
        """The case."""
        ...

    @property
    def reference(self) -> CaseReference:
        """What people quote."""
        ...

    def events(self) -> tuple[Event, ...]:
        """The whole trail, oldest first."""
        ...

    def record(
        self, kind: EventKind, *, at: datetime, by: Actor, leg: int | None = None, **facts: Fact
    ) -> Event:
        """Append to the trail. Facts are ids, dates, codes, counts and keyed digests only."""
        ...

    def keep(self, collection: Collection, name: str, value: object) -> str:
        """Seal a value (a frozen dataclass, a tuple of them, or either packed) as the newest version; its id."""
        ...

    def keep_all(self, collection: Collection, values: Mapping[str, object]) -> None:
        """``keep`` for many at once."""
        ...

    def latest(self, collection: Collection, name: str, kind: type[T]) -> T:
        """The newest version. Raises NotFound."""
        ...

    def find(self, collection: Collection, name: str, kind: type[T]) -> T | None:
        """The newest version, or None (a lookup, not a failure). What it takes does not grow with the collection."""
        ...

    def every(self, collection: Collection, kind: type[T], *, under: str = "") -> tuple[T, ...]:
        """The newest version of each name that starts with ``under``, in the order first kept."""
        ...

    def each(self, collection: Collection, kind: type[T], names: Iterable[str]) -> Iterator[T]:
        """The newest version of each name, one after the other; nothing is held. Raises NotFound."""
        ...

    def names(self, collection: Collection, *, under: str = "") -> tuple[str, ...]:
        """The names kept, in the order first kept."""
        ...

    def keep_blob(self, name: str, content: bytes) -> None:
        """Seal bytes on the shelf."""
        ...

    def blob(self, name: str) -> bytes:
        """Open bytes from the shelf. Raises NotFound."""
        ...

    def keyed_digest(self, data: bytes) -> str:
        """A digest safe to put in the trail: it dies with the case's key."""
        ...


class Archive(Protocol):
    """All cases."""

    def new_case(self, *, at: datetime, case: CaseId | None = None) -> AbstractContextManager[CaseFile]:
        """A new case with its key and the next free reference; committed when the block ends well.

        :param case: the id, where the caller must be able to find the case again after a crash.
        :raises AlreadyDone: there is a case of that id.
        """
        ...

    def writing(self, case: CaseId) -> AbstractContextManager[CaseFile]:
        """A case to add to; committed when the block ends well, else nothing happened."""
        ...

    def reading(self, case: CaseId) -> AbstractContextManager[CaseFile]:
        """A case to read; writing through it raises."""
        ...

    def one_moment(self) -> AbstractContextManager[None]:
        """Inside, this thread's readings of one case see one moment, until it writes: for one page, not for long."""
        ...

    def packed(self, value: object) -> Packed:
        """A value ready to be kept: what takes time is done while no transaction is open."""
        ...

    def heads(self) -> tuple[CaseHead, ...]:
        """Every case, oldest first."""
        ...

    def to_look_at(self, *, on: date, basis: str) -> tuple[CaseId, ...]:
        """Every case but those in which nothing can have fallen due since they were looked at, oldest first.

        :param basis: a digest of the settings that make things due beside the trail and the day.
        """
        ...

    def looked_at(self, looks: Sequence[Look], *, on: date, basis: str) -> None:
        """Note that nothing was due in these cases that day: they are left out until something can have changed."""
        ...

    def glances(self, shown_in: str, kind: type[T], *, basis: str) -> tuple[tuple[CaseHead, T | None], ...]:
        """Every case with what a list shows of it, oldest first; None where that has to be made from the case.

        :param basis: a digest of what it is made with beside the trail and the case's words.
        """
        ...

    def keep_glances(self, shown_in: str, glances: Sequence[Glance], *, basis: str) -> None:
        """Keep what a list shows of some cases, sealed; where that cannot be done now, it is made again."""
        ...

    def whose_newest(self, kind: EventKind, *, among: frozenset[EventKind]) -> tuple[CaseId, ...]:
        """Cases whose newest event among some kinds is of one kind, in no order. No case is opened for it."""
        ...

    def find(self, reference: CaseReference) -> CaseId:
        """Raises NotFound."""
        ...

    def checkpoint(self, *, at: datetime) -> None:
        """Sign the heads of all chains, in the database and in a file outside it."""
        ...

    def verify(self) -> TrailReport:
        """Check every chain and checkpoint. Raises TrailBroken."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TrailReport:
    """What a verification proved."""

    cases: int
    events: int
    checkpoints: int
    unproved_events: int
    """Events after the last signed checkpoint: chained, but their removal would not be seen."""
