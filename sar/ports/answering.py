"""What stores answered, as a case file holds it: an answer, its pages of records, and what came late."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from sar.domain.parties import PROGRAM, AccessRequest, Actor
from sar.domain.records import AnswerKind, Record, StoreAnswer
from sar.domain.references import StoreName, SubjectId
from sar.domain.trail import EventKind
from sar.ports.casework import RECORDS, answer_name, answers_of, request_of, state_of
from sar.ports.keeping import CaseFile, Collection


def late_name(round_number: int, store: StoreName, subject: SubjectId) -> str:
    """Where an answer is kept that came after its round was closed: what the round rests on does not change."""
    return f"late/{answer_name(round_number, store, subject)}"


def records_of(file: CaseFile, answer: StoreAnswer) -> Iterator[Record]:
    """The records of an answer, wherever they are kept, one page after the other."""
    yield from answer.records
    for page in file.each(Collection.ANSWER_PAGE, RECORDS, answer.pages):
        yield from page


def standing_answer(
    file: CaseFile, round_number: int, store: StoreName, subject: SubjectId
) -> StoreAnswer | None:
    """The newest answer to one question of a round, late or not; None while there is none."""
    known = frozenset(file.names(Collection.ANSWER))
    for name in (late_name(round_number, store, subject), answer_name(round_number, store, subject)):
        if name in known:
            return file.latest(Collection.ANSWER, name, StoreAnswer)
    return None


def keep_answer(
    file: CaseFile, round_number: int, answer: StoreAnswer, *, at: datetime, content: str, by: Actor = PROGRAM
) -> bool:
    """Keep an answer and record it, both or neither; False where this attempt or a later one was kept already.

    A worker that was thought dead may come with its answer after the one that took its place.

    :param content: a digest of what was found, without a key.
    """
    kept = standing_answer(file, round_number, answer.store, answer.subject)
    if kept is not None and (not may_change(kept) or kept.attempt >= answer.attempt):
        return False
    place = place_of(file, round_number, answer.store, answer.subject)
    file.keep(Collection.ANSWER, place, answer)
    late = {} if place == answer_name(round_number, answer.store, answer.subject) else {"late": True}
    file.record(
        EventKind.STORE_ANSWERED, at=at, by=by, round=round_number, store=answer.store,
        subject=subject_number(request_of(file), answer.subject), answer=answer.kind.value, records=answer.found,
        held_back=len(answer.held_back), attempt=answer.attempt, content=file.keyed_digest(content.encode()), **late,
    )  # fmt: skip
    return True


def place_of(file: CaseFile, round_number: int, store: StoreName, subject: SubjectId) -> str:
    """Where an answer that comes now is kept: a closed round goes on resting on what it was closed with."""
    is_late = state_of(file).gathered_round >= round_number
    return (late_name if is_late else answer_name)(round_number, store, subject)


def may_change(answer: StoreAnswer) -> bool:
    """Whether a later attempt may take the place of an answer in its round."""
    return answer.kind.is_gap


def subject_number(request: AccessRequest, subject: SubjectId) -> int:
    """The number by which a trail names a data subject."""
    return [s.id for s in request.subjects].index(subject) + 1


def fresh_answers(file: CaseFile) -> tuple[StoreAnswer, ...]:
    """Answers that came after their round was closed, and that the newest closed round does not rest on."""
    newest = state_of(file).gathered_round
    if not newest:
        return ()
    late = [
        answer
        for number in range(1, newest + 1)
        for answer in file.every(Collection.ANSWER, StoreAnswer, under=f"late/{number}/")
        if not answer.kind.is_gap
    ]
    if not late:
        return ()
    rested_on = {(a.store, a.subject, a.asked_at) for n in range(1, newest + 1) for a in answers_of(file, n)}
    known = {(a.store, a.subject): a for a in answers_of(file, newest)}
    fresh: dict[tuple[StoreName, SubjectId], StoreAnswer] = {}
    for answer in late:
        question = answer.store, answer.subject
        said = fresh.get(question, known.get(question))
        if (*question, answer.asked_at) not in rested_on and _says_more(answer, said):
            fresh[question] = answer
    return tuple(fresh.values())


def _says_more(late: StoreAnswer, known: StoreAnswer | None) -> bool:
    """Whether an answer that no round rests on yet takes the place of what is known.

    That nothing is held never takes the place of records that are in no round: they were found.
    """
    if known is None:
        return False
    if {late.kind, known.kind} == {AnswerKind.FOUND, AnswerKind.NOTHING_HELD}:
        return late.kind is AnswerKind.FOUND
    return known.kind.is_gap or late.asked_at > known.asked_at
