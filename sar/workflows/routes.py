"""The routes of durable work, step by step. A finished step is never done again; the one in flight may be."""

from __future__ import annotations

import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from zlib import crc32

from dbos import DBOS, SetEnqueueOptions, SetWorkflowID

from sar.domain.errors import AlreadyDone, QuestionsLeft
from sar.domain.parties import PROGRAM
from sar.domain.records import AnswerKind
from sar.domain.references import CaseId, StoreName, SubjectId
from sar.workflows.envelope import fault_code, work_failed
from sar.workflows.lines import (
    ASK,
    ASK_LATER,
    GATHER,
    RELEASE,
    TEND,
    later_id,
    line_for,
    question_id,
)
from sar.workflows.steps import Work, no_words, step

_log = logging.getLogger(__name__)

_NOT_PUT = "not put"
_CLOSED, _QUESTIONS_LEFT = "closed", "questions are left"
_TO_BE_ASKED_AGAIN = frozenset({_NOT_PUT, AnswerKind.UNAVAILABLE.name})
_LOOK_EVERY_S = 0.1

_Question = tuple[str, int, str, str, int]
"""Case, round, store, data subject, and which of the store's questions in this round it is."""
_Planned = tuple[str, str, int]
"""Store, data subject, and how often the question was put before."""
_Put = Callable[[str, int, str, str, int], str]
_Later = Callable[[_Question, int, int], None]
_Ask = Callable[[str, int, str, str, int, int], str]
_PutAll = Callable[[str, int, Sequence[_Planned], Counter[str]], None]


def register(work: Work) -> None:
    """Make the routes known to the engine of this process, before it is launched."""
    put = _putting(work)
    _register_gathering(work, _putting_side_by_side(work, _asking(work, put, _asking_later(work, put))))
    _register_release(work)
    _register_tending(work)


def _putting(work: Work) -> _Put:
    @step(work, "put question")
    def put_question(case: str, round_number: int, store: str, subject: str, attempt: int) -> str:
        with no_words():
            kind = work.asker.ask(
                CaseId(case), round_number=round_number, store=StoreName(store), subject=SubjectId(subject),
                attempt=attempt, at=work.clock(),
            )  # fmt: skip
        return kind.name

    def put(case: str, round_number: int, store: str, subject: str, attempt: int) -> str:
        try:
            return put_question(case, round_number, store, subject, attempt)
        except Exception as error:  # noqa: BLE001 - one store's trouble must never stop the others
            _log.error("A question could not be put: %s", fault_code(error))
            return _NOT_PUT

    return put


def _asking_later(work: Work, put: _Put) -> _Later:
    limits = work.gathering.limits()

    @step(work, "take in")
    def take_in(case: str, round_number: int) -> int:
        with no_words():
            return work.gathering.take_in(CaseId(case), round_number=round_number, at=work.clock())

    @DBOS.workflow(name=ASK_LATER, max_recovery_attempts=None)
    def ask_later(  # noqa: PLR0917 - the engine keeps arguments by their place
        case: str, round_number: int, store: str, subject: str, turn: int, attempt: int, nth: int
    ) -> str:
        """One attempt at a store that was not there when its round was closed."""
        answer = put(case, round_number, store, subject, attempt)
        if answer in _TO_BE_ASKED_AGAIN:
            begin((case, round_number, store, subject, turn), attempt + 1, nth + 1)
        else:
            take_in(case, round_number)
        return answer

    def begin(question: _Question, attempt: int, nth: int) -> None:
        if not work.later or nth >= work.later_at_most:
            return
        case, round_number, store, _subject, turn = question
        line = line_for(limits, store, crc32(case.encode()) + turn)
        with (
            SetWorkflowID(later_id(CaseId(case), round_number, store, turn, attempt)),
            SetEnqueueOptions(
                queue_partition_key=line.place, delay_seconds=work.later[min(nth, len(work.later) - 1)]
            ),
        ):
            DBOS.enqueue_workflow(line.queue, ask_later, *question, attempt, nth)

    return begin


def _asking(work: Work, put: _Put, later: _Later) -> _Ask:
    limits = work.gathering.limits()

    @DBOS.workflow(name=ASK, max_recovery_attempts=None)
    def ask(  # noqa: PLR0917 - the engine keeps arguments by their place
        case: str, round_number: int, store: str, subject: str, turn: int, asked_before: int
    ) -> str:
        """One store, one data subject: a few quick attempts; after them the round does not wait any longer."""
        # Quick attempts are not counted by the engine, so a store with a limit a minute gets none.
        waits = () if limits.get(StoreName(store), (1, 0))[1] else work.waits
        answer, attempt = _NOT_PUT, asked_before
        for wait in (0.0, *waits):
            if wait:
                DBOS.sleep(wait)
            attempt += 1
            answer = put(case, round_number, store, subject, attempt)
            if answer != AnswerKind.UNAVAILABLE.name:
                return answer
        later((case, round_number, store, subject, turn), attempt + 1, 0)
        return answer

    return ask


def _putting_side_by_side(work: Work, ask: _Ask) -> _PutAll:
    limits = work.gathering.limits()

    def put_all(case: str, round_number: int, questions: Sequence[_Planned], turns: Counter[str]) -> None:
        """Ask side by side. Lines and names go on from the questions that the round has put already."""
        asked = []
        # Another case begins at another place, so that two of them do not wait in one line beside a free one.
        first, before = crc32(case.encode()), turns.total()
        for number, (store, subject, attempts) in enumerate(questions, start=before + 1):
            turn = turns[store]
            turns[store] += 1
            line = line_for(limits, store, first + turn)
            with (
                SetWorkflowID(question_id(CaseId(case), round_number, number)),
                SetEnqueueOptions(queue_partition_key=line.place),
            ):
                asked.append(
                    DBOS.enqueue_workflow(line.queue, ask, case, round_number, store, subject, turn, attempts)
                )
        answers = [handle.get_result(polling_interval_sec=_LOOK_EVERY_S) for handle in asked]
        if _NOT_PUT in answers:
            # To conclude now would pass over a store in silence. Started again, only what is missing is asked.
            raise work_failed("a question was not put")

    return put_all


def _register_gathering(work: Work, put_all: _PutAll) -> None:
    @step(work, "plan")
    def plan(case: str, round_number: int) -> list[_Planned]:
        with no_words():
            asked = work.gathering.attempts(CaseId(case), round_number)
            wanted = work.gathering.plan(CaseId(case), round_number)
            return [(store, subject, asked.get((store, subject), 0)) for store, subject in wanted]

    @step(work, "conclude")
    def conclude(case: str, round_number: int) -> str:
        with contextlib.suppress(AlreadyDone), no_words():
            try:
                work.gathering.conclude(CaseId(case), round_number=round_number, at=work.clock())
            except QuestionsLeft:
                return _QUESTIONS_LEFT
        return _CLOSED

    @step(work, "open tasks")
    def open_tasks(case: str) -> None:
        with no_words():
            work.tending.tend_case(CaseId(case), at=work.clock())

    @DBOS.workflow(name=GATHER, max_recovery_attempts=None)
    def gather(case: str, round_number: int) -> int:
        """Ask every store about everybody, side by side, and close the round; how many questions.

        A store or a person may be added while it runs: then what is new is asked too before it is closed.
        """
        turns = Counter[str]()
        put_all(case, round_number, plan(case, round_number), turns)
        while conclude(case, round_number) == _QUESTIONS_LEFT:
            never_put = [question for question in plan(case, round_number) if not question[2]]
            if not never_put:
                raise work_failed(QuestionsLeft.code)
            put_all(case, round_number, never_put, turns)
        open_tasks(case)
        return turns.total()


def _register_release(work: Work) -> None:
    @step(work, "build")
    def build(case: str, leg: int) -> None:
        with contextlib.suppress(AlreadyDone), no_words():
            work.packing.build(CaseId(case), leg=leg, at=work.clock())

    @step(work, "deliver")
    def deliver(case: str, leg: int) -> None:
        with contextlib.suppress(AlreadyDone), no_words():
            work.delivery.deliver(CaseId(case), leg=leg, at=work.clock(), by=PROGRAM)

    @DBOS.workflow(name=RELEASE, max_recovery_attempts=None)
    def release(case: str, leg: int, round_number: int) -> int:
        """Build, inspect, sign and release a leg's pack, then tell its recipient; the round."""
        build(case, leg)
        deliver(case, leg)
        return round_number


def _register_tending(work: Work) -> None:
    @step(work, "tend")
    def tend() -> int:
        with no_words():
            return work.tending.tend(at=work.clock())

    @DBOS.workflow(name=TEND, max_recovery_attempts=None)
    def tending() -> int:
        """Do what falls due by itself; how many things."""
        return tend()
