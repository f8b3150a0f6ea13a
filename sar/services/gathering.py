"""Asking every store, keeping every answer whatever it is, and putting a leg's records together."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sar.domain.calendar import uk_day
from sar.domain.errors import BadMapping, NotFound, OutOfOrder, StoreFault, StoreUnavailable
from sar.domain.found_conflicts import in_records
from sar.domain.parties import PROGRAM, Actor, DataSubject
from sar.domain.records import (
    AnswerKind,
    Record,
    StoreAnswer,
    SubjectQuery,
)
from sar.domain.references import CaseId, RecordKey, StoreName, SubjectId
from sar.domain.trail import EventKind
from sar.domain.written import generated_pages
from sar.ports.casework import (
    answer_name,
    answers_of,
    gathered_legs,
    leg_prefix,
    reader_of,
    request_of,
    state_of,
)
from sar.ports.gathering import Agreement, Store
from sar.ports.keeping import Archive, Collection
from sar.ports.standing import propose_stops

_log = logging.getLogger(__name__)


class Gathering:
    """Reads only stores of the case's own controller, or those a recorded agreement covers."""

    def __init__(
        self, *, archive: Archive, stores: Sequence[Store], controller: str, agreements: Sequence[Agreement]
    ) -> None:
        self._archive = archive
        self._stores: Mapping[StoreName, Store] = {s.description.name: s for s in stores}
        self._controller = controller
        self._agreements = tuple(agreements)

    def limits(self) -> Mapping[StoreName, tuple[int, int]]:
        """What each store bears: questions at the same time, and in a minute (0: no limit)."""
        told = (store.description for store in self._stores.values())
        return {d.name: (d.at_once, d.per_minute) for d in told}

    def begin(self, case: CaseId, *, at: datetime, by: Actor) -> int:
        """Open a round; its number. A round that is still running is not doubled."""
        with self._archive.writing(case) as file:
            state = state_of(file)
            if not gathered_legs(file):
                raise OutOfOrder(
                    "No part of this case is answered by a pack, so there is nothing to gather.",
                    next_step="Record the decision on each part on the case page.",
                )
            if state.round > state.gathered_round:
                return state.round
            number = state.round + 1
            file.record(EventKind.GATHERING_STARTED, at=at, by=by, round=number, stores=len(self._stores))
            return number

    def plan(self, case: CaseId, round_number: int) -> tuple[tuple[StoreName, SubjectId], ...]:
        """Every question of a round: each store, each data subject whose leg goes the whole route."""
        del round_number
        with self._archive.reading(case) as file:
            wanted = {leg.subject for leg in gathered_legs(file)}
            subjects = [s.id for s in request_of(file).subjects if s.id in wanted]
        return tuple((store, subject) for store in self._stores for subject in subjects)

    def attempts(self, case: CaseId, round_number: int) -> Mapping[tuple[StoreName, SubjectId], int]:
        """How often each question of a round was put already."""
        with self._archive.reading(case) as file:
            return {(a.store, a.subject): a.attempt for a in answers_of(file, round_number)}

    def take_in(self, case: CaseId, *, round_number: int, at: datetime) -> int:
        """An answer came after its round was closed: it is kept, and the officer gathers anew to read it."""
        del case, at
        return round_number

    def ask(
        self,
        case: CaseId,
        *,
        round_number: int,
        store: StoreName,
        subject: SubjectId,
        attempt: int,
        at: datetime,
    ) -> AnswerKind:
        """Put one question and keep the answer. A store's fault is an answer too: it is kept and shown.

        Asking again after an answer was kept (a worker died and was replaced) changes nothing.
        """
        name = answer_name(round_number, store, subject)
        with self._archive.reading(case) as file:
            person = _subject(request_of(file).subjects, subject)
            number = request_of(file).subjects.index(person) + 1
            if name in file.names(Collection.ANSWER, under=name):
                kept = file.latest(Collection.ANSWER, name, StoreAnswer)
                if kept.kind is not AnswerKind.UNAVAILABLE or kept.attempt >= attempt:
                    return kept.kind
        answer = replace(self._answer(store, person, at), attempt=attempt)
        try:
            self._keep(case, name, answer, subject=number, round_number=round_number, at=at)
        except UnicodeError:
            # Something in it is no text at all and cannot be kept: that is an answer too, and it is shown.
            answer = replace(
                answer, kind=AnswerKind.REFUSED, records=(), people=(), held_back=(),
                note="It answered with something that is no text.",
            )  # fmt: skip
            self._keep(case, name, answer, subject=number, round_number=round_number, at=at)
        return answer.kind

    def _keep(
        self, case: CaseId, name: str, answer: StoreAnswer, *, subject: int, round_number: int, at: datetime
    ) -> None:
        with self._archive.writing(case) as file:
            file.keep(Collection.ANSWER, name, answer)
            file.record(
                EventKind.STORE_ANSWERED, at=at, by=PROGRAM, round=round_number, store=answer.store, subject=subject,
                answer=answer.kind.value, records=answer.found, held_back=len(answer.held_back),
                attempt=answer.attempt,
                content=file.keyed_digest("".join(r.version for r in answer.records).encode()),
            )  # fmt: skip

    def _answer(self, name: StoreName, subject: DataSubject, at: datetime) -> StoreAnswer:
        if name not in self._stores:
            raise NotFound(
                "There is no such store.", next_step="List them with `sar stores check`.", field="store"
            )
        store = self._stores[name]
        told = store.description
        empty = StoreAnswer(
            store=told.name,
            store_label=told.label,
            controller=told.controller,
            subject=subject.id,
            kind=AnswerKind.NOT_OURS,
            asked_at=at,
            note=f"These records belong to {told.controller}. Ask them directly.",
        )
        if not self._may_read(told.controller, at):
            return empty
        try:
            return _writable(store.answer(SubjectQuery(subject=subject, to_on=uk_day(at)), at=at))
        except StoreUnavailable as fault:
            return replace(empty, kind=AnswerKind.UNAVAILABLE, note=fault.message)
        except (StoreFault, BadMapping) as fault:
            return replace(empty, kind=AnswerKind.REFUSED, note=fault.message)
        except Exception as surprise:  # noqa: BLE001 - one store's surprise must not stop the others
            _log.error("A store answered in an unknown way: %s", type(surprise).__name__)
            return replace(
                empty, kind=AnswerKind.REFUSED, note="It answered in a way this program does not know."
            )

    def _may_read(self, controller: str, at: datetime) -> bool:
        return controller == self._controller or any(
            a.covers(self._controller, controller, on=uk_day(at)) for a in self._agreements
        )

    def conclude(self, case: CaseId, *, round_number: int, at: datetime) -> None:
        """Close a round: merge what was found, fold copies, write the generated pages, for each leg."""
        with self._archive.writing(case) as file:
            if state_of(file).gathered_round >= round_number:
                return
            answers = in_order(answers_of(file, round_number))
            if not answers:
                raise OutOfOrder("No store was asked.", next_step="Start the gathering again.")
            merged = merge(answers)
            request = request_of(file)
            for leg in gathered_legs(file):
                mine = [r for r in merged if leg.subject in r.about]
                pages = generated_pages(
                    mine, answers, subject=leg.subject, at=at, reader=reader_of(request, leg)
                )
                prefix = leg_prefix(round_number, leg.number)
                file.keep_all(Collection.LEG_RECORDS, {f"{prefix}{r.key}": r for r in (*pages, *mine)})
                people = [p for a in answers for p in a.people if a.subject == leg.subject]
                found = in_records(mine, people=people, leg=leg, on=uk_day(at))
                propose_stops(file, leg.number, found, at=at)
            gaps = sum(a.kind in {AnswerKind.UNAVAILABLE, AnswerKind.REFUSED} for a in answers)
            file.record(
                EventKind.GATHERING_COMPLETED, at=at, by=PROGRAM, round=round_number, records=len(merged), gaps=gaps
            )  # fmt: skip


def _writable(answer: StoreAnswer) -> StoreAnswer:
    """Fail here, inside the question, when a record holds what cannot be written down."""
    for record in answer.records:
        f"{record.version}{record.key}".encode()
    return answer


def _subject(subjects: Iterable[DataSubject], wanted: SubjectId) -> DataSubject:
    for subject in subjects:
        if subject.id == wanted:
            return subject
    raise NotFound("The case has no such data subject.", next_step="Open the case again.", field="subject")


def in_order(answers: Iterable[StoreAnswer]) -> tuple[StoreAnswer, ...]:
    """Answers as pages list them: which store was quicker must not change a page."""
    return tuple(sorted(answers, key=lambda a: (a.store, a.subject)))


def merge(answers: Iterable[StoreAnswer]) -> tuple[Record, ...]:
    """Every record once: found for several people, or held in several places, it lists them all.

    No word is dropped. Where a store gives one number to two texts, both are kept; and equal entries of
    one store are two entries, for two calls on one day are two calls.
    """
    folded: dict[tuple[str, frozenset[SubjectId]], list[Record]] = defaultdict(list)
    for record in _by_key(in_order(answers)).values():
        same = folded[record.version, record.about]
        at = next((i for i, kept in enumerate(same) if record.key.store not in _places(kept)), None)
        if at is None:
            same.append(record)
        else:
            same[at] = _with_facts_of(same[at].with_copy(record.provenance), record)
    every = (r for same in folded.values() for r in same)
    return tuple(sorted(every, key=lambda r: (r.dated_on, str(r.key))))


def _by_key(answers: Iterable[StoreAnswer]) -> dict[RecordKey, Record]:
    """Records by key; a second text under a key that is taken gets the next free one ("17#2")."""
    kept: dict[RecordKey, Record] = {}
    theirs = {r.key for answer in answers for r in answer.records}
    for found in (r for answer in answers for r in answer.records):
        key, number = found.key, 2
        while (key in kept and kept[key].version != found.version) or (key != found.key and key in theirs):
            key, number = RecordKey(found.key.store, f"{found.key.native_id}#{number}"), number + 1
        known = kept.get(key)
        kept[key] = (
            replace(found, key=key) if known is None else _with_facts_of(known.also_about(found.about), found)
        )
    return kept


def _places(record: Record) -> set[StoreName]:
    return {record.provenance.store, *(c.store for c in record.copies)}


def _with_facts_of(kept: Record, other: Record) -> Record:
    """What the other's structured fields say beyond the same words."""
    return replace(
        kept,
        people=tuple(dict.fromkeys((*kept.people, *other.people))),
        alert=tuple(dict.fromkeys((*kept.alert, *other.alert))),
        findings=tuple(dict.fromkeys((*kept.findings, *other.findings))),
    )
