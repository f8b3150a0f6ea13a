"""Other people's systems, read-only, and the reading of their documents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from sar.domain.records import AnswerKind, DataClass, Record, StoreAnswer, SubjectQuery
from sar.domain.references import StoreName


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreDescription:
    """What families and officers are told about a store."""

    name: StoreName
    label: str
    controller: str
    holds: str = ""
    """Plain words: "alerts on hospital records"."""
    data_class: DataClass = DataClass.UNKNOWN
    """Whether it is health, social work, education or other information; the law treats each in its own way."""
    owner: str = ""
    """The e-mail address of those who keep it: hold notices and tasks go there."""
    at_once: int = 2
    """How many questions it bears at the same time."""
    per_minute: int = 0
    """How many questions it bears in a minute; 0: no limit."""
    suspended: str = ""
    """Why it is not asked for now, in plain words; empty when it is asked."""
    kind: str = ""
    """The word of the settings for how it is reached: ``sql``, ``files``, ``manual`` ..."""
    days_allowed: int = 5
    """Working days that a person has who looks through it by hand."""
    escalate_to: str = ""
    """The e-mail address that hears of it when nobody looks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A recorded joint-controller or processor agreement that lets one body read another's store."""

    reference: str
    between: frozenset[str]
    agreed_on: date
    ends_on: date | None = None
    decides: bool = False
    """Whether it lets the officers of either body decide on the records of both."""

    def covers(self, first: str, second: str, *, on: date) -> bool:
        """Whether both bodies are parties and the agreement is in force that day."""
        in_force = self.agreed_on <= on and (self.ends_on is None or on <= self.ends_on)
        return in_force and {first, second} <= self.between


def relied_on(agreements: Sequence[Agreement], *, ours: str, theirs: str, on: date) -> Agreement | None:
    """The agreement in force that day by which one body reads another's store; None where there is none."""
    return next((a for a in agreements if a.covers(ours, theirs, on=on)), None)


def readable(
    stores: Iterable[StoreDescription], agreements: Sequence[Agreement], *, ours: str, on: date
) -> tuple[StoreDescription, ...]:
    """The stores that are ours to ask that day, or that an agreement in force lets us ask."""
    return tuple(
        store
        for store in stores
        if store.controller == ours or relied_on(agreements, ours=ours, theirs=store.controller, on=on)
    )


class RecordSink(Protocol):
    """Where a store's answer puts records while it is still reading, so that none needs to hold them all."""

    def __call__(self, records: Sequence[Record], /) -> None:
        """Take some records, in the order the store gave them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """What a store says before anything is fetched: is anything held, and about how much."""

    kind: AnswerKind
    """As an answer would be: found, nothing held, not used here, needs a person."""
    records: int = 0
    """About how many records."""
    is_exact: bool = False
    megabytes: float = 0
    """About how much there is to fetch, where the store can tell."""
    near_names: int = 0
    """People with a nearly equal name whom an officer will have to look at."""
    changed: int | None = None
    """How much of it was made or changed since ``SubjectQuery.seen_at``; None where the store cannot tell. What was
    deleted is never among it: only a full gathering shows that."""


class Store(Protocol):
    """One system of records. There is no way to write to it."""

    @property
    def description(self) -> StoreDescription:
        """Who it is and whose."""
        ...

    def answer(self, query: SubjectQuery, *, at: datetime, into: RecordSink | None = None) -> StoreAnswer:
        """Everything held about one data subject.

        Returns found, nothing held, or not used here. One bad item is held back inside the answer. With
        ``into`` the records go there bit by bit and the answer only counts them; without, it holds them.

        :raises StoreUnavailable: it may answer later.
        :raises StoreRefused: it will not answer as asked.
        """
        ...

    def estimate(self, query: SubjectQuery, *, at: datetime) -> Estimate:
        """Whether anything is held and about how much, as cheaply as the store allows. Raises as ``answer``."""
        ...

    def check(self) -> str:
        """One plain sentence when the store answers as its contract says; raises a StoreFault when not."""
        ...


UNREADABLE = "application/x-unreadable"
"""The media type of a document that could not be read while its neighbours could (one member of an archive, one
message of a mailbox). Its part at the place ``unreadable`` says why; the caller holds it back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPart:
    """A piece of a document: where it stood and what it says."""

    place: str
    """From a fixed vocabulary: ``text``, ``table``, ``header``, ``comment``, ``from``, ``subject`` ...

    ``unreadable``: the text is no content; it says what a person must look at, and why.
    """
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """A document as text with places."""

    parts: tuple[ReadPart, ...]
    media_type: str
    dated_on: date | None = None
    """A date the document states in a structured way (a mail's Date header), when it does."""
    saved_on: date | None = None
    """The day a program noted in the file as that of its last saving, else its making. Not a record's date unless
    nothing better is known: a form keeps the day it was drawn up, and opening a letter may change it."""


class DocumentReader(Protocol):
    """PDF, Word, mail, sheet or text -> text with places."""

    def read(self, content: bytes, *, name: str, media_type: str = "") -> tuple[ReadDocument, ...]:
        """The documents inside (a mailbox holds many).

        :raises UnreadableItem: it cannot be read; the caller holds it back.
        """
        ...
