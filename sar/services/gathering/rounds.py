"""Rounds: opened, begun again, and started from what the one before already brought."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sized
from dataclasses import replace
from datetime import datetime

from sar.domain.calendar import say_date, uk_day
from sar.domain.case import CaseState
from sar.domain.errors import OutOfOrder, QuestionsLeft
from sar.domain.parties import Actor
from sar.domain.records import StoreAnswer
from sar.domain.references import StoreName, SubjectId
from sar.domain.trail import Event, EventKind
from sar.ports.answering import standing_answer, subject_number
from sar.ports.casework import answer_name, answers_of, request_of, state_of
from sar.ports.keeping import CaseFile, Collection

_DECIDED = frozenset(
    {
        EventKind.SPAN_DECIDED, EventKind.RECORD_DECIDED, EventKind.SIGNED_OFF, EventKind.SIGN_OFF_RETURNED,
        EventKind.RELEASE_BLOCKED, EventKind.PACK_BUILT, EventKind.PACK_RELEASED, EventKind.PACK_DELIVERED,
    }
)  # fmt: skip


ROUND_EVENTS = frozenset(
    {
        EventKind.GATHERING_STARTED, EventKind.GATHERING_COMPLETED, EventKind.GATHERING_CANCELLED,
        EventKind.DESTROYED,
    }
)  # fmt: skip
"""The newest of them says whether a round is running."""


def open_round(file: CaseFile, number: int, *, stores: int, at: datetime, by: Actor) -> int:
    """Record that a round begins, or goes on after it was stopped; its number."""
    file.record(EventKind.GATHERING_STARTED, at=at, by=by, round=number, stores=stores)
    return number


def require_running(state: CaseState, round_number: int) -> None:
    """Refuse to close a round that never began, or was stopped. Raises OutOfOrder."""
    if state.round < round_number:
        raise OutOfOrder("This round was never begun.", next_step="Start the gathering again.")
    if state.is_cancelled:
        raise OutOfOrder("This round was stopped.", next_step="Start the gathering again: it goes on.")


def require_whole(
    file: CaseFile, round_number: int, questions: Iterable[tuple[StoreName, SubjectId]]
) -> None:
    """Refuse to close a round that would pass over a store in silence. Raises QuestionsLeft."""
    answered = {(a.store, a.subject) for a in answers_of(file, round_number)}
    if not answered.issuperset(questions):
        raise QuestionsLeft(
            "Not every store has been asked.", next_step="Start the gathering again: it asks the rest."
        )


def carry_over(
    file: CaseFile, before: int, number: int, *, at: datetime, by: Actor,
    wanted: Callable[[StoreAnswer], bool] = lambda _answer: True,
    instead: Mapping[tuple[StoreName, SubjectId], StoreAnswer] | None = None,
) -> None:  # fmt: skip
    """Take answers of an earlier round over, by reference to their pages; what came late in the place of a gap."""
    fresh, request = dict(instead or {}), request_of(file)
    for answer in answers_of(file, before):
        taken = fresh.get((answer.store, answer.subject), answer)
        if not wanted(taken):
            continue
        file.keep(Collection.ANSWER, answer_name(number, answer.store, answer.subject), taken)
        file.record(
            EventKind.ANSWER_CARRIED_OVER, at=at, by=by, round=number, from_round=before, store=answer.store,
            subject=subject_number(request, answer.subject), answer=taken.kind.value, records=taken.found,
        )  # fmt: skip


def has_been_decided_on(events: Iterable[Event], round_number: int) -> bool:
    """Whether anybody has decided, signed off or released anything since a round was closed."""
    closed = False
    for event in events:
        if event.kind is EventKind.GATHERING_COMPLETED and event.facts.get("round") == round_number:
            closed = True
        elif closed and event.kind in _DECIDED:
            return True
    return False


def is_running(state: CaseState) -> bool:
    """Whether a round is open that nobody stopped."""
    return state.round > state.gathered_round and not state.is_cancelled


def asked_in_stopped(file: CaseFile, state: CaseState) -> tuple[StoreAnswer, ...]:
    """Answers of a round that was stopped, where they are newer than those of the newest closed round.

    A store that was unavailable in the stopped round takes nothing away from what it said before.
    """
    if not state.is_cancelled or not state.gathered_round:
        return ()
    known = {(a.store, a.subject): a for a in answers_of(file, state.gathered_round)}
    return tuple(
        a for a in answers_of(file, state.round) if not a.kind.is_gap or (a.store, a.subject) not in known
    )


def require_something_to_take_in(state: CaseState, fresh: Sized, is_unasked: bool) -> None:  # noqa: FBT001 - one fact
    """Tell an officer why nothing can be taken in now. Raises OutOfOrder."""
    if is_running(state):
        raise OutOfOrder(
            "A round is running, so nothing can be taken in now.", next_step="Wait until it ends, or stop it."
        )
    if not fresh:
        raise OutOfOrder("No answer came in since the round was closed.", next_step="Open the case again.")
    if is_unasked:
        raise OutOfOrder(
            "The round that was stopped has questions that nobody has answered yet.",
            next_step="Go on with the round: it asks only what is missing.",
        )


def answered_later(
    file: CaseFile, round_number: int, store: StoreName, subject: SubjectId
) -> StoreAnswer | None:
    """An answer that a later round brought to the same question: there is no need to ask for the older one."""
    for number in range(state_of(file).round, round_number, -1):
        answer = standing_answer(file, number, store, subject)
        if answer is not None and not answer.kind.is_gap:
            return answer
    return None


def with_what_is_held(file: CaseFile, round_number: int, answer: StoreAnswer) -> StoreAnswer:
    """Of a place that cannot be asked any more: what it gave us while it could stays ours to answer for.

    :param answer: that it is not ours, or not set up, as it was made for this round. Everything that says when, by
        what and under which agreement it was asked stays as it was then.
    """
    for number in range(round_number - 1, 0, -1):
        before = standing_answer(file, number, answer.store, answer.subject)
        if before is None or before.kind.is_gap:
            continue
        if not (before.found or before.held_back):
            return answer
        kept = (
            f"{answer.note} What it gave us on {say_date(uk_day(before.asked_at))} is kept and answered for."
        )
        return replace(
            before, kind=answer.kind, note=kept, attempt=answer.attempt, store_label=answer.store_label,
            controller=answer.controller,
        )  # fmt: skip
    return answer
