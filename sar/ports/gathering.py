"""Other people's systems, read-only, and the reading of their documents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from sar.domain.records import DataClass, StoreAnswer, SubjectQuery
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """A recorded joint-controller or processor agreement that lets one body read another's store."""

    reference: str
    between: frozenset[str]
    agreed_on: date
    ends_on: date | None = None

    def covers(self, first: str, second: str, *, on: date) -> bool:
        """Whether both bodies are parties and the agreement is in force that day."""
        in_force = self.agreed_on <= on and (self.ends_on is None or on <= self.ends_on)
        return in_force and {first, second} <= self.between


class Store(Protocol):
    """One system of records. There is no way to write to it."""

    @property
    def description(self) -> StoreDescription:
        """Who it is and whose."""
        ...

    def answer(self, query: SubjectQuery, *, at: datetime) -> StoreAnswer:
        """Everything held about one data subject.

        Returns found, nothing held, or not used here. One bad item is held back inside the answer.

        :raises StoreUnavailable: it may answer later.
        :raises StoreRefused: it will not answer as asked.
        """
        ...

    def check(self) -> str:
        """One plain sentence when the store answers as its contract says; raises a StoreFault when not."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadPart:
    """A piece of a document: where it stood and what it says."""

    place: str
    """From a fixed vocabulary: ``text``, ``table``, ``header``, ``comment``, ``from``, ``subject`` ..."""
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadDocument:
    """A document as text with places."""

    parts: tuple[ReadPart, ...]
    media_type: str
    dated_on: date | None = None
    """A date the document states in a structured way (a mail's Date header), when it does."""


class DocumentReader(Protocol):
    """PDF, Word, mail, sheet or text -> text with places."""

    def read(self, content: bytes, *, name: str, media_type: str = "") -> tuple[ReadDocument, ...]:
        """The documents inside (a mailbox holds many).

        :raises UnreadableItem: it cannot be read; the caller holds it back.
        """
        ...
