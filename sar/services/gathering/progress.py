"""A round while it runs, and the log of what was searched: read from the trail, the answers' heads and names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sar.domain.calendar import uk_day
from sar.domain.case import CaseState
from sar.domain.errors import NotFound
from sar.domain.records import StoreAnswer
from sar.domain.references import StoreName, SubjectId
from sar.domain.trail import Event, EventKind
from sar.ports.answering import fresh_answers, subject_number
from sar.ports.casework import answer_name, answers_of, request_of, state_of
from sar.ports.gathering import StoreDescription
from sar.ports.keeping import CaseFile, Collection
from sar.ports.searching import (
    ESTIMATE,
    AttemptRow,
    EstimateRow,
    Progress,
    QuestionRow,
    QuestionState,
    SearchLog,
    SearchRow,
)
from sar.services.gathering.asking import RECORDS_A_PAGE

_Question = tuple[StoreName, SubjectId]


def progress_of(
    file: CaseFile, stores: Mapping[StoreName, StoreDescription], questions: Sequence[_Question],
    next_attempts: Mapping[_Question, datetime],
) -> Progress:  # fmt: skip
    """How the newest round stands. Pages are counted by their names alone."""
    state = state_of(file)
    answers = {(a.store, a.subject): a for a in answers_of(file, state.round)} if state.round else {}
    names = {s.id: s.name for s in request_of(file).subjects}
    came = _records_so_far(file, state.round) if state.round > state.gathered_round else {}
    rows = []
    for store, subject in dict.fromkeys((*questions, *answers)) if state.round else ():
        answer = answers.get((store, subject))
        if answer is not None:
            rows.append(_answered(answer, names[subject], next_attempts.get((store, subject))))
            continue
        if state.gathered_round >= state.round:
            # A store that was set up after the round was closed is no part of it.
            continue
        so_far = came.get(answer_name(state.round, store, subject), 0)
        rows.append(
            QuestionRow(
                store=store,
                label=stores[store].label,
                controller=stores[store].controller,
                subject=names[subject],
                records=so_far,
                state=QuestionState.ASKING if so_far else QuestionState.WAITING,
            )
        )
    estimated = [e for e in file.events() if e.kind is EventKind.GATHERING_ESTIMATED]
    return Progress(
        reference=file.reference,
        round=state.round,
        state=_state_words(state),
        questions=tuple(rows),
        late=len(fresh_answers(file)),
        estimate=file.latest(Collection.ESTIMATE, ESTIMATE, tuple[EstimateRow, ...]) if estimated else (),
        estimated_on=uk_day(estimated[-1].at) if estimated else None,
    )


def _state_words(state: CaseState) -> str:
    if not state.round:
        return "not started"
    if state.round == state.gathered_round:
        return "complete"
    return "stopped" if state.is_cancelled else "running"


def _records_so_far(file: CaseFile, round_number: int) -> dict[str, int]:
    """About how many records each question brought yet, of its newest attempt only."""
    newest: dict[str, tuple[str, int]] = {}
    for name in file.names(Collection.ANSWER_PAGE, under=f"{round_number}/"):
        question, attempt, run, _page = name.rsplit("/", 3)
        under = f"{attempt}/{run}"
        known, count = newest.get(question, (under, 0))
        newest[question] = (under, count + RECORDS_A_PAGE if known == under else RECORDS_A_PAGE)
    return {question: count for question, (_, count) in newest.items()}


def _answered(answer: StoreAnswer, subject: str, next_attempt_at: datetime | None) -> QuestionRow:
    return QuestionRow(
        store=answer.store,
        label=answer.store_label,
        controller=answer.controller,
        subject=subject,
        state=QuestionState.ANSWERED,
        kind=answer.kind,
        records=answer.found,
        held_back=len(answer.held_back),
        attempt=answer.attempt,
        asked_at=answer.asked_at,
        note=answer.note,
        next_attempt_at=next_attempt_at if answer.kind.is_gap else None,
    )


def search_log_of(file: CaseFile) -> SearchLog:
    """The log of the newest round. Raises NotFound where no store was asked yet."""
    state, request = state_of(file), request_of(file)
    began = [e for e in file.events() if e.kind is EventKind.GATHERING_STARTED]
    if not began:
        raise NotFound("No store has been asked yet.", next_step="Start the gathering on the case page.")
    names = {s.id: s.name for s in request.subjects}
    rows = tuple(
        SearchRow(
            store=a.store,
            label=a.store_label,
            controller=a.controller,
            agreement=a.agreement,
            subject=names[a.subject],
            searched_by=a.searched_by,
            terms=a.terms,
            from_on=a.from_on,
            to_on=a.to_on,
            asked_at=a.asked_at,
            ended_at=a.ended_at,
            answer=a.kind.value,
            records=a.found,
            held_back=len(a.held_back),
            note=a.note,
            attempts=_attempts(file.events(), a.store, subject_number(request, a.subject)),
        )
        for a in sorted(answers_of(file, state.round), key=lambda a: (a.store_label, a.subject))
    )
    return SearchLog(
        reference=file.reference,
        round=state.round,
        began_at=began[-1].at,
        began_by=began[-1].by,
        began_by_role=began[-1].by_role,
        rows=rows,
    )


def _attempts(events: Sequence[Event], store: StoreName, subject: int) -> tuple[AttemptRow, ...]:
    kinds = {EventKind.STORE_ANSWERED, EventKind.ANSWER_CARRIED_OVER}
    return tuple(
        AttemptRow(
            round=int(str(e.facts["round"])),
            attempt=int(str(e.facts.get("attempt", 0))),
            at=e.at,
            answer=str(e.facts["answer"]),
            records=int(str(e.facts["records"])),
            carried_from=int(str(e.facts.get("from_round", 0))),
            by=e.by,
        )
        for e in events
        if e.kind in kinds and e.facts.get("store") == store and e.facts.get("subject") == subject
    )
