"""A store that no program can ask: paper, or a system without an interface. A person looks through it."""

from __future__ import annotations

from datetime import datetime

from sar.domain.errors import UnreadableItem
from sar.domain.records import AnswerKind, Passage, StoreAnswer, SubjectQuery
from sar.ports.by_hand import ReadByHand
from sar.ports.gathering import DocumentReader, Estimate, ReadDocument, RecordSink, StoreDescription
from sar.stores.answers import AnswerBuilder, writable
from sar.stores.described import DescribedStore
from sar.stores.documents import UNREADABLE_PLACE, label_of, not_read, passages_of_documents
from sar.stores.fields import Fields, bad

_UNREADABLE = frozenset({"application/x-unreadable", "message/x-unreadable"})
"""Media types by which the reader marks a piece that it could not read; the reason stands in its parts."""
EMPTY = "a paper in which no words were found"
LONGEST_DAYS = 30


class ManualStore(DescribedStore):
    """Implements ``Store``. Its one answer is that a person has to look."""

    def answer(self, query: SubjectQuery, *, at: datetime, into: RecordSink | None = None) -> StoreAnswer:
        """Always that a person has to look: what they find comes in by another way."""
        builder = AnswerBuilder(self._description, query, at, into=into)
        return builder.build(empty=AnswerKind.NEEDS_PERSON, note="A person has to look there by hand.")

    def estimate(self, query: SubjectQuery, *, at: datetime) -> Estimate:
        """Nothing can be said before somebody looks."""
        del query, at
        return Estimate(kind=AnswerKind.NEEDS_PERSON)

    def check(self) -> str:
        """There is nothing to contact; what is set up is said."""
        told = self._description
        return (
            f"{told.label}: a person looks there by hand, within {told.days_allowed} working days. Tasks go to "
            "the address of its keeper."
        )


class PaperReading:
    """Implements ``PaperReader`` over the reader of documents."""

    def __init__(self, reader: DocumentReader) -> None:
        self._reader = reader

    def read(self, content: bytes, *, name: str) -> ReadByHand:
        """The words of one paper. A part that cannot be read is said, and the rest is read all the same."""
        try:
            documents = self._reader.read(content, name=name)
        except UnreadableItem as fault:
            return ReadByHand(passages=(), unread=(fault.message,))
        unread = tuple(dict.fromkeys(why for d in documents for why in _reasons(d)))
        read = passages_of_documents(d for d in documents if not _is_unreadable(d))
        passages = tuple(Passage(label=writable(p.label), text=writable(p.text)) for p in read)
        if all(p.label == label_of(UNREADABLE_PLACE) for p in passages):
            # Nothing but what could not be read: that is said, and is no record.
            passages = ()
        if not passages and not unread:
            unread = (EMPTY,)
        return ReadByHand(passages=passages, unread=unread)


def _is_unreadable(document: ReadDocument) -> bool:
    return document.media_type in _UNREADABLE


def _reasons(document: ReadDocument) -> tuple[str, ...]:
    """Why a person must look at it: as a whole, or at each of its parts that could not be read."""
    said = [writable(why) for why in not_read(document) if why.strip()]
    if _is_unreadable(document):
        return (" ".join(why.strip() for why in said) or "a piece that could not be read",)
    return tuple(said)


def check_manual(description: StoreDescription, fields: Fields) -> None:
    """Refuse a manual store that nobody would hear of.

    :raises BadMapping: naming the setting and what to do.
    """
    for key, value in (("owner", description.owner), ("escalate_to", description.escalate_to)):
        if "@" not in value:
            raise bad(
                fields.where,
                f"`{key}` must be an e-mail address: a person has to hear of each task",
                next_step=f'Write {key} = "name@example.org".',
            )
    if not 1 <= description.days_allowed <= LONGEST_DAYS:
        raise bad(
            fields.where,
            f"`days_allowed` must be 1 to {LONGEST_DAYS} working days",
            next_step="Leave it out for 5 working days.",
        )
