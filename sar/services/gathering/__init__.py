"""Asking every store, keeping every answer whatever it is, and putting a leg's records together."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from sar.domain.alerts import EXPECTED, Expected
from sar.domain.case import CaseState
from sar.domain.errors import NotFound, OutOfOrder, SARError
from sar.domain.parties import PROGRAM, Actor, DataSubject
from sar.domain.records import AnswerKind, StoreAnswer
from sar.domain.references import CaseId, CaseReference, StoreName, SubjectId
from sar.domain.trail import EventKind
from sar.ports.answering import fresh_answers, keep_answer, may_change, standing_answer
from sar.ports.casework import answers_of, gathered_legs, request_of, state_of
from sar.ports.gathering import Agreement, Store
from sar.ports.keeping import Archive, CaseFile
from sar.ports.matching import is_outdated
from sar.ports.searching import EstimateRow, Progress, SearchLog
from sar.services.gathering.asking import NO_TEXT, Asked, Asking
from sar.services.gathering.changed import note_changes
from sar.services.gathering.concluding import conclude_legs
from sar.services.gathering.estimating import estimate_rows, kept_estimate
from sar.services.gathering.merging import in_order
from sar.services.gathering.merging import merge as merge
from sar.services.gathering.progress import progress_of, search_log_of
from sar.services.gathering.removed import no_longer_set_up
from sar.services.gathering.rounds import (
    ROUND_EVENTS,
    answered_later,
    asked_in_stopped,
    carry_over,
    has_been_decided_on,
    is_running,
    open_round,
    require_running,
    require_something_to_take_in,
    require_whole,
    with_what_is_held,
)

__all__ = ["Gathering", "in_order", "merge"]

_log = logging.getLogger(__name__)


class Gathering:
    """Reads only stores of the case's own controller, or those a recorded agreement covers."""

    def __init__(
        self, *, archive: Archive, stores: Sequence[Store], controller: str, agreements: Sequence[Agreement],
        expected: Expected = EXPECTED,
    ) -> None:  # fmt: skip
        """``expected`` is what the law or the controller expects of alerts (``Law.alert_review``)."""
        self._archive = archive
        self._expected = expected
        self._controller = controller
        self._asking = Asking(archive=archive, stores=stores, controller=controller, agreements=agreements)

    def limits(self) -> Mapping[StoreName, tuple[int, int]]:
        """What each store bears: questions at the same time, and in a minute (0: any number)."""
        told = {name: store.description for name, store in self._asking.stores.items()}
        return {name: (one.at_once, one.per_minute) for name, one in told.items()}

    def attempts(self, case: CaseId, round_number: int) -> Mapping[tuple[StoreName, SubjectId], int]:
        """How often each question of a round was put already."""
        with self._archive.reading(case) as file:
            return {(a.store, a.subject): a.attempt for a in answers_of(file, round_number)}

    def begin(self, case: CaseId, *, at: datetime, by: Actor, only_missing: bool = False) -> int:
        """Open a round; its number. A round that is still running is not doubled, one that was stopped goes on.

        :param only_missing: answers of the round before that leave nothing open are taken over as they are.
        """
        with self._archive.writing(case) as file:
            state = state_of(file)
            if not gathered_legs(file):
                raise OutOfOrder(
                    "No part of this case is answered by a pack, so there is nothing to gather.",
                    next_step="Record the decision on each part on the case page.",
                )
            if state.round > state.gathered_round:
                if state.is_cancelled:
                    open_round(file, state.round, stores=len(self._asking.stores), at=at, by=by)
                return state.round
            number = open_round(file, state.round + 1, stores=len(self._asking.stores), at=at, by=by)
            if state.gathered_round:
                asked = {leg.subject for leg in gathered_legs(file)}
                carry_over(
                    file, state.gathered_round, number, at=at, by=by,
                    wanted=lambda a: a.subject in asked
                    and self._is_taken_over(file, a, at, only_missing=only_missing),
                    instead={(a.store, a.subject): a for a in fresh_answers(file)},
                )  # fmt: skip
            return number

    def _is_taken_over(
        self, file: CaseFile, answer: StoreAnswer, at: datetime, *, only_missing: bool
    ) -> bool:
        """Whether a round takes an answer over from the one before and does not ask again.

        A store that is not set up any more cannot be asked: what it said last stays, and with it a gap.
        """
        if answer.store not in self._asking.stores:
            return True
        is_ours = answer.kind is not AnswerKind.NOT_OURS
        is_final = not answer.kind.is_gap and self._asking.may_read(answer.store, at) == is_ours
        # Who was compared since, or a number that was added, makes it another question.
        return only_missing and is_final and not is_outdated(file, answer)

    def running(self) -> tuple[tuple[CaseId, int], ...]:
        """Every round that was begun, and neither closed nor stopped. A case that cannot be read stops no other."""
        found = []
        for case in self._archive.whose_newest(EventKind.GATHERING_STARTED, among=ROUND_EVENTS):
            try:
                with self._archive.reading(case) as file:
                    state = state_of(file)
            except SARError as fault:
                _log.error("Whether a round of a case runs could not be read (%s).", fault.code)
                continue
            if is_running(state):
                found.append((case, state.round))
        return tuple(found)

    def plan(self, case: CaseId, round_number: int) -> tuple[tuple[StoreName, SubjectId], ...]:
        """The questions of a round that wait for an answer: each store, each data subject of a whole route."""
        with self._archive.reading(case) as file:
            known = {(a.store, a.subject) for a in answers_of(file, round_number) if not may_change(a)}
            return tuple(q for q in self._questions(file) if q not in known)

    def _questions(self, file: CaseFile) -> tuple[tuple[StoreName, SubjectId], ...]:
        wanted = {leg.subject for leg in gathered_legs(file)}
        subjects = [s.id for s in request_of(file).subjects if s.id in wanted]
        return tuple((store, subject) for store in self._asking.stores for subject in subjects)

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
        with self._archive.reading(case) as file:
            person = _subject(request_of(file).subjects, subject)
            kept = standing_answer(file, round_number, store, subject)
            if kept is not None and (not may_change(kept) or kept.attempt >= attempt):
                return kept.kind
            later = answered_later(file, round_number, store, subject)
            if later is not None:
                return later.kind
        asked = self._put(case, store, person, round_number=round_number, attempt=attempt, at=at)
        try:
            return self._keep(case, asked, round_number=round_number, at=at)
        except UnicodeError:
            # Something in it is no text at all and cannot be kept: that is an answer too, and it is shown.
            empty = replace(
                asked.answer, kind=AnswerKind.REFUSED, pages=(), total=0, people=(), held_back=(), note=NO_TEXT
            )  # fmt: skip
            return self._keep(case, Asked(answer=empty, content=""), round_number=round_number, at=at)

    def _put(
        self, case: CaseId, store: StoreName, person: DataSubject, *, round_number: int, attempt: int,
        at: datetime,
    ) -> Asked:  # fmt: skip
        if store in self._asking.stores:
            return self._asking.put(case, store, person, round_number=round_number, attempt=attempt, at=at)
        # It was taken out of the settings since the question was planned: the round closes with a gap there.
        with self._archive.reading(case) as file:
            gone = no_longer_set_up(file, store, person.id, ours=self._controller, attempt=attempt, at=at)
        return Asked(answer=gone, content="")

    def _keep(self, case: CaseId, asked: Asked, *, round_number: int, at: datetime) -> AnswerKind:
        answer = asked.answer
        with self._archive.writing(case) as file:
            if answer.kind is AnswerKind.NOT_OURS or answer.store not in self._asking.stores:
                answer = with_what_is_held(file, round_number, answer)
            if keep_answer(file, round_number, answer, at=at, content=asked.content):
                return answer.kind
            kept = standing_answer(file, round_number, answer.store, answer.subject)
            return answer.kind if kept is None else kept.kind

    def conclude(self, case: CaseId, *, round_number: int, at: datetime) -> None:
        """Close a round: merge what was found, fold copies, write the generated pages, for each leg.

        What came late for an earlier round while this one was running is taken in after it.

        :raises OutOfOrder: the round was stopped.
        :raises QuestionsLeft: a question of it has no answer, for a store or a person may have been added since its
            plan was made: put it, and close the round then.
        """
        with self._archive.writing(case) as file:
            state = state_of(file)
            if state.gathered_round < round_number:
                require_running(state, round_number)
                require_whole(file, round_number, self._questions(file))
                self._conclude(file, round_number, at)
        self.take_in(case, round_number=round_number, at=at)

    def _conclude(self, file: CaseFile, round_number: int, at: datetime) -> None:
        answers = in_order(answers_of(file, round_number))
        if not answers:
            raise OutOfOrder("No store was asked.", next_step="Start the gathering again.")
        legs = gathered_legs(file)
        records = conclude_legs(
            file, legs, answers, round_number=round_number, at=at, expected=self._expected
        )
        note_changes(file, legs, answers, round_number=round_number, at=at)
        file.record(
            EventKind.GATHERING_COMPLETED, at=at, by=PROGRAM, round=round_number, records=records,
            gaps=sum(a.leaves_open for a in answers),
        )  # fmt: skip

    def take_in(self, case: CaseId, *, round_number: int, at: datetime, by: Actor = PROGRAM) -> int:
        """Put answers that came after a round was closed into a round of their own; the newest round's number.

        By itself it does so only while nobody has decided anything since: a person's work is not moved under
        their hands. Then the number given comes back, and an officer says when. A round that was stopped is closed
        with them, for what was asked in it; not while some question has no answer at all.

        :raises OutOfOrder: an officer asked for it, and there is nothing to take in, or a round is running.
        """
        with self._archive.writing(case) as file:
            state = state_of(file)
            own = asked_in_stopped(file, state)
            fresh = {(a.store, a.subject): a for a in (*fresh_answers(file), *own)}
            if by.id != PROGRAM.id:
                require_something_to_take_in(state, fresh, self._unasked(file, state))
            elif (
                not fresh
                or is_running(state)
                or self._unasked(file, state)
                or has_been_decided_on(file.events(), state.gathered_round)
            ):
                return round_number
            number = state.round if state.is_cancelled else state.round + 1
            open_round(file, number, stores=len(self._asking.stores), at=at, by=by)
            carry_over(
                file, state.gathered_round, number, at=at, by=by, instead=fresh, wanted=lambda a: a not in own
            )
            self._conclude(file, number, at)
            return number

    def _unasked(self, file: CaseFile, state: CaseState) -> bool:
        """Whether a stopped round has questions that no round has an answer to."""
        if not state.is_cancelled:
            return False
        rounds = (state.gathered_round, state.round)
        known = {(a.store, a.subject) for number in rounds for a in answers_of(file, number)}
        return any(q not in known for q in self._questions(file))

    def cancel(self, case: CaseId, *, round_number: int, at: datetime, by: Actor) -> None:
        """Stop a round before its end. What was answered stays; begun again, only the rest is asked."""
        with self._archive.writing(case) as file:
            state = state_of(file)
            if state.round != round_number or state.gathered_round >= round_number or state.is_cancelled:
                raise OutOfOrder(
                    "This round is not running, so it cannot be stopped.", next_step="Open the case again."
                )
            file.record(EventKind.GATHERING_CANCELLED, at=at, by=by, round=round_number)

    def estimate(self, case: CaseId, *, at: datetime, by: Actor = PROGRAM) -> tuple[EstimateRow, ...]:
        """Ask every store whether anything is held and about how much; nothing is fetched or kept of it."""
        with self._archive.reading(case) as file:
            questions, subjects = self._questions(file), request_of(file).subjects
        rows = estimate_rows(self._asking, case, questions, subjects, at=at)
        with self._archive.writing(case) as file:
            kept_estimate(file, rows, at=at, by=by)
        return rows

    def progress(
        self,
        reference: CaseReference,
        *,
        next_attempts: Mapping[tuple[StoreName, SubjectId], datetime] | None = None,
    ) -> Progress:
        """How the newest round stands, store by store. No record is opened for it."""
        told = {name: store.description for name, store in self._asking.stores.items()}
        with self._archive.reading(self._archive.find(reference)) as file:
            return progress_of(file, told, self._questions(file), next_attempts or {})

    def search_log(self, reference: CaseReference) -> SearchLog:
        """What was searched in the newest round, with what, when and by whose order. Raises NotFound."""
        with self._archive.reading(self._archive.find(reference)) as file:
            return search_log_of(file)


def _subject(subjects: Iterable[DataSubject], wanted: SubjectId) -> DataSubject:
    for subject in subjects:
        if subject.id == wanted:
            return subject
    raise NotFound("The case has no such data subject.", next_step="Open the case again.", field="subject")
