"""One question to one store: whether it may be put, and what comes of it, page by page."""

from __future__ import annotations

import hashlib
import logging
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sar.domain.calendar import say_date, uk_day
from sar.domain.errors import BadMapping, NotFound, StoreFault, StoreUnavailable
from sar.domain.gathered import PageIndex, index_of
from sar.domain.parties import DataSubject
from sar.domain.records import AnswerKind, HeldBack, Record, StoreAnswer, SubjectQuery
from sar.domain.references import CaseId, RecordKey, StoreName
from sar.ports.answering import subject_number
from sar.ports.by_hand import handed_in
from sar.ports.casework import answers_of, request_of, state_of
from sar.ports.gathering import Agreement, Estimate, Store, StoreDescription
from sar.ports.keeping import Archive, Collection, Packed
from sar.ports.matching import question_for
from sar.ports.searching import terms_of

_log = logging.getLogger(__name__)

RECORDS_A_PAGE = 100
NO_TEXT = "It answered with something that is no text."


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a question brought, ready to be kept."""

    answer: StoreAnswer
    content: str
    """A digest of what was found."""


class PageKeeper:
    """Seals the records of one answer as they come, each page in a transaction of its own.

    Nobody finds a page until the answer that names it is kept: what an attempt left that died counts for nothing.
    """

    def __init__(self, archive: Archive, case: CaseId, *, under: str, on: date) -> None:
        self._archive = archive
        self._case = case
        # Two workers may both believe that the question is theirs: their pages must not mix.
        self._under = f"{under}/{uuid.uuid4().hex[:12]}"
        self._on = on
        self._digest = hashlib.sha256()
        self.pages: list[str] = []
        self.held: list[HeldBack] = []
        self.total = 0
        self.fault: Exception | None = None
        """Why a page could not be kept. It is ours, not the store's, however the store takes it."""

    @property
    def content(self) -> str:
        """A digest of everything that came."""
        return self._digest.hexdigest()

    def __call__(self, records: Sequence[Record], /) -> None:
        """Keep some records."""
        try:
            for start in range(0, len(records), RECORDS_A_PAGE):
                self._keep(tuple(records[start : start + RECORDS_A_PAGE]))
        except Exception as fault:
            self.fault = fault
            raise

    def _keep(self, records: tuple[Record, ...]) -> None:
        try:
            ready = self._ready(records)
        except UnicodeError:
            # Half a letter cannot be written down: only now is it worth looking which record holds it.
            records = tuple(r for r in records if self._is_text(r))
            ready = self._ready(records)
        if records:
            self._seal(len(records), *ready)

    def _ready(self, records: tuple[Record, ...]) -> tuple[PageIndex, Packed, Packed]:
        """A page and what stands beside it, ready to be kept while no transaction is open."""
        index = index_of(records, on=self._on)
        return index, self._archive.packed(records), self._archive.packed(index)

    def _seal(self, count: int, index: PageIndex, page: Packed, beside: Packed) -> None:
        name = f"{self._under}/{len(self.pages) + 1}"
        with self._archive.writing(self._case) as file:
            file.keep(Collection.ANSWER_PAGE, name, page)
            file.keep(Collection.ANSWER_INDEX, name, beside)
        self.pages.append(name)
        self.total += count
        self._digest.update("".join(index.versions).encode())

    def _is_text(self, record: Record) -> bool:
        """Such a record is held back, the rest goes on."""
        try:
            self._ready((record,))
        except UnicodeError:
            native = record.key.native_id.encode("utf-8", "replace").decode()
            key = RecordKey(record.key.store, native)
            self.held.append(HeldBack(key=key, why="it holds what is no text at all", code="unreadable"))
            return False
        return True


class Asking:
    """Reads only stores of our own controller, or those a recorded agreement covers on the day."""

    def __init__(
        self, *, archive: Archive, stores: Sequence[Store], controller: str, agreements: Sequence[Agreement]
    ) -> None:
        self._archive = archive
        self.stores: Mapping[StoreName, Store] = {s.description.name: s for s in stores}
        self._controller = controller
        self._agreements = tuple(agreements)

    def may_read(self, store: StoreName, at: datetime) -> bool:
        """Whether a store is ours to read on a day."""
        told = self.stores[store].description
        return told.controller == self._controller or self._agreement(told.controller, at) is not None

    def put(
        self, case: CaseId, name: StoreName, subject: DataSubject, *, round_number: int, attempt: int, at: datetime
    ) -> Asked:  # fmt: skip
        """Put one question. A store's fault is an answer; a fault of our own is raised."""
        store = self._store(name)
        told = store.description
        began = time.monotonic()
        query = self._query(case, name, subject, at)
        empty = replace(self._unasked(told, subject, at), attempt=attempt)
        if empty.kind is not AnswerKind.FOUND:
            return Asked(answer=empty, content="")
        keeper = PageKeeper(
            self._archive, case, under=f"{round_number}/{name}/{subject.id}/{attempt}", on=uk_day(at)
        )
        answer = self._answer(store, query, keeper, empty, at)
        if answer.kind is AnswerKind.NEEDS_PERSON:
            answer = self._with_papers(case, answer, keeper)
        ended_at = at + timedelta(seconds=round(time.monotonic() - began, 3))
        answer = replace(
            answer, attempt=attempt, ended_at=ended_at, from_on=query.from_on, to_on=query.to_on,
            terms=(*terms_of(subject), *(f"E-mail address: {c}" for c in query.contacts)), agreement=empty.agreement,
        )  # fmt: skip
        return Asked(answer=answer, content=keeper.content)

    def _query(self, case: CaseId, name: StoreName, subject: DataSubject, at: datetime) -> SubjectQuery:
        """With what officers found when they compared people of this store with the data subject."""
        with self._archive.reading(case) as file:
            return question_for(file, subject, name, until=uk_day(at))

    def _query_again(self, case: CaseId, name: StoreName, subject: DataSubject, at: datetime) -> SubjectQuery:
        """With when the store last answered about the person."""
        with self._archive.reading(case) as file:
            query = question_for(file, subject, name, until=uk_day(at))
            answers = answers_of(file, state_of(file).gathered_round)
        mine = (a for a in answers if (a.store, a.subject) == (name, subject.id))
        seen = (a.asked_at for a in mine if a.kind in {AnswerKind.FOUND, AnswerKind.NOTHING_HELD})
        return replace(query, seen_at=max(seen, default=None))

    def estimate(
        self, case: CaseId, name: StoreName, subject: DataSubject, *, at: datetime
    ) -> tuple[StoreAnswer, Estimate]:
        """Whether anything is held, as cheaply as the store allows; nothing is fetched that it can avoid."""
        store = self._store(name)
        empty = self._unasked(store.description, subject, at)
        if empty.kind is not AnswerKind.FOUND:
            return empty, Estimate(kind=empty.kind)
        try:
            told = store.estimate(self._query_again(case, name, subject, at), at=at)
        except Exception as fault:  # noqa: BLE001 - one store's trouble must not stop the others
            answer = _fault_answer(empty, fault)
            return answer, Estimate(kind=answer.kind)
        return replace(empty, kind=told.kind), told

    def _answer(
        self, store: Store, query: SubjectQuery, keeper: PageKeeper, empty: StoreAnswer, at: datetime
    ) -> StoreAnswer:
        try:
            answer = store.answer(query, at=at, into=keeper)
            if answer.records and keeper.fault is None:
                keeper(answer.records)
        except Exception as fault:
            if keeper.fault is not None:
                raise keeper.fault from fault
            return _fault_answer(empty, fault)
        if keeper.fault is not None:
            raise keeper.fault
        return replace(
            answer, records=(), pages=tuple(keeper.pages), total=keeper.total,
            held_back=(*answer.held_back, *keeper.held),
        )  # fmt: skip

    def _with_papers(self, case: CaseId, answer: StoreAnswer, keeper: PageKeeper) -> StoreAnswer:
        """What people handed in before is held still, whatever they find when they look again."""
        with self._archive.reading(case) as file:
            before = handed_in(file, answer.store, subject_number(request_of(file), answer.subject))
        keeper(before.records)
        return replace(
            answer, pages=tuple(keeper.pages), total=keeper.total,
            held_back=tuple(dict.fromkeys((*answer.held_back, *before.held_back))),
        )  # fmt: skip

    def _store(self, name: StoreName) -> Store:
        if name not in self.stores:
            raise NotFound(
                "There is no such store.", next_step="List them with `sar stores check`.", field="store"
            )
        return self.stores[name]

    def _unasked(self, told: StoreDescription, subject: DataSubject, at: datetime) -> StoreAnswer:
        """The answer of a store that is not asked; of kind FOUND where it is to be asked."""
        agreement = self._agreement(told.controller, at)
        answer = StoreAnswer(
            store=told.name,
            store_label=told.label,
            controller=told.controller,
            subject=subject.id,
            kind=AnswerKind.FOUND,
            asked_at=at,
            agreement=agreement.reference if agreement and told.controller != self._controller else "",
        )
        if told.controller != self._controller and agreement is None:
            return replace(answer, kind=AnswerKind.NOT_OURS, note=self._not_ours(told.controller, at))
        if told.suspended:
            return replace(answer, kind=AnswerKind.SUSPENDED, note=told.suspended)
        return answer

    def _agreement(self, controller: str, at: datetime) -> Agreement | None:
        covering = (a for a in self._agreements if a.covers(self._controller, controller, on=uk_day(at)))
        return next(covering, None)

    def _not_ours(self, controller: str, at: datetime) -> str:
        said = f"These records belong to {controller}. Ask them directly."
        ended = [
            (a.ends_on, a.reference)
            for a in self._agreements
            if {self._controller, controller} <= a.between and a.ends_on and a.ends_on < uk_day(at)
        ]
        for day, reference in sorted(ended)[-1:]:
            said += f" Our agreement {reference} with them ended on {say_date(day)}."
        return said


def _fault_answer(empty: StoreAnswer, fault: Exception) -> StoreAnswer:
    if isinstance(fault, StoreUnavailable):
        return replace(empty, kind=AnswerKind.UNAVAILABLE, note=fault.message)
    if isinstance(fault, StoreFault | BadMapping):
        return replace(empty, kind=AnswerKind.REFUSED, note=fault.message)
    _log.error("A store answered in an unknown way: %s", type(fault).__name__)
    return replace(empty, kind=AnswerKind.REFUSED, note="It answered in a way this program does not know.")
