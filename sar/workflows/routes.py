"""The routes of durable work, step by step. A finished step is never done again; the one in flight may be."""

from __future__ import annotations

import contextlib
import logging
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ParamSpec, Protocol, TypeVar
from zlib import crc32

from dbos import DBOS, SetEnqueueOptions, SetWorkflowID

from sar.domain.errors import AlreadyDone
from sar.domain.parties import PROGRAM, Actor
from sar.domain.records import AnswerKind
from sar.domain.references import CaseId, StoreName, SubjectId
from sar.workflows.envelope import fault_code, may_pass, work_failed

P = ParamSpec("P")
T = TypeVar("T")

_log = logging.getLogger(__name__)

GATHER = "gather"
ASK = "ask"
RELEASE = "release"
JOBS_QUEUE = "jobs"
ASKING_QUEUE = "asking"
"""Its partitions are places at a store: as many as the store bears questions at once, one question in each."""
_ASKING_SLOWLY = "asking/"
_NOT_PUT = "not put"
_ATTEMPTS_AT_A_STEP = 3
_LOOK_EVERY_S = 0.1


class Gatherer(Protocol):
    """The step that asks stores (``sar.services.gathering``)."""

    def limits(self) -> Mapping[StoreName, tuple[int, int]]:
        """What each store bears: questions at the same time, and in a minute (0: no limit)."""
        ...

    def plan(self, case: CaseId, round_number: int) -> Sequence[tuple[StoreName, SubjectId]]:
        """Every question of a round."""
        ...

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
        """Put one question and keep the answer. Never raises for a store's fault."""
        ...

    def conclude(self, case: CaseId, *, round_number: int, at: datetime) -> None:
        """Close the round; a second time changes nothing."""
        ...


class Packer(Protocol):
    """The step that builds and releases packs (``sar.services.packing``)."""

    def build(self, case: CaseId, *, leg: int, at: datetime) -> object:
        """Render, inspect, sign, seal and release."""
        ...


class Deliverer(Protocol):
    """The step that tells the family (``sar.services.delivery``)."""

    def deliver(self, case: CaseId, *, leg: int, at: datetime, by: Actor) -> object:
        """Send the letter that says where the pack is."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What the routes need: the steps, the time and the patience."""

    gathering: Gatherer
    packing: Packer
    delivery: Deliverer
    clock: Callable[[], datetime]
    waits: tuple[float, ...] = (0.5, 1.0)
    """Seconds before the second, third ... attempt at a store that did not answer."""
    patience: float = 1.0
    """Seconds before a step is tried again when disk or lock stood in the way."""


def gather_id(case: CaseId, round_number: int) -> str:
    """The same round is the same job."""
    return f"{GATHER}/{case}/{round_number}"


def release_id(case: CaseId, leg: int, round_number: int) -> str:
    """The same leg's same round is the same job."""
    return f"{RELEASE}/{case}/{leg}/{round_number}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Where a question waits for its turn."""

    queue: str
    place: str | None = None


def slow_queue(store: StoreName) -> str:
    """The queue of a store that bears only so many questions a minute: the engine counts them there."""
    return f"{_ASKING_SLOWLY}{store}"


def line_for(limits: Mapping[StoreName, tuple[int, int]], store: str, turn: int) -> Line:
    """Where the ``turn``-th question to a store waits, so that the store is never asked more than it bears."""
    at_once, per_minute = limits.get(StoreName(store), (1, 0))
    if per_minute:
        return Line(queue=slow_queue(StoreName(store)))
    return Line(queue=ASKING_QUEUE, place=f"{store}/{turn % max(1, at_once)}")


def register(work: Work) -> None:
    """Make the routes known to the engine of this process, before it is launched."""
    _register_gathering(work, _asking(work))
    _register_release(work)


def _asking(work: Work) -> Callable[[str, int, str, str], str]:
    @_step(work, "put question")
    def put_question(case: str, round_number: int, store: str, subject: str, attempt: int) -> str:
        with _no_words():
            kind = work.gathering.ask(
                CaseId(case), round_number=round_number, store=StoreName(store), subject=SubjectId(subject),
                attempt=attempt, at=work.clock(),
            )  # fmt: skip
        return kind.name

    @DBOS.workflow(name=ASK, max_recovery_attempts=None)
    def ask(case: str, round_number: int, store: str, subject: str) -> str:
        """One store, one data subject: one attempt, and another after each wait while it is unavailable."""
        answer = _NOT_PUT
        for attempt, wait in enumerate((0.0, *work.waits), start=1):
            if wait:
                DBOS.sleep(wait)
            try:
                answer = put_question(case, round_number, store, subject, attempt)
            except Exception as error:  # noqa: BLE001 - one store's trouble must never stop the others
                _log.error("A question could not be put: %s", fault_code(error))
                return _NOT_PUT
            if answer != AnswerKind.UNAVAILABLE.name:
                break
        return answer

    return ask


def _register_gathering(work: Work, ask: Callable[[str, int, str, str], str]) -> None:
    limits = work.gathering.limits()

    @_step(work, "plan")
    def plan(case: str, round_number: int) -> list[list[str]]:
        with _no_words():
            return [[store, subject] for store, subject in work.gathering.plan(CaseId(case), round_number)]

    @_step(work, "conclude")
    def conclude(case: str, round_number: int) -> None:
        with contextlib.suppress(AlreadyDone), _no_words():
            work.gathering.conclude(CaseId(case), round_number=round_number, at=work.clock())

    @DBOS.workflow(name=GATHER, max_recovery_attempts=None)
    def gather(case: str, round_number: int) -> int:
        """Ask every store about everybody, side by side, and close the round; how many questions."""
        asked = []
        turns = Counter[str]()
        # Another case begins at another place, so that two of them do not wait in one line beside a free one.
        first = crc32(case.encode())
        for number, (store, subject) in enumerate(plan(case, round_number), start=1):
            line = line_for(limits, store, first + turns[store])
            turns[store] += 1
            with (
                SetWorkflowID(f"{gather_id(CaseId(case), round_number)}/{number}"),
                SetEnqueueOptions(queue_partition_key=line.place),
            ):
                asked.append(DBOS.enqueue_workflow(line.queue, ask, case, round_number, store, subject))
        answers = [handle.get_result(polling_interval_sec=_LOOK_EVERY_S) for handle in asked]
        if _NOT_PUT in answers:
            # To conclude now would pass over a store in silence. Started again, only what is missing is asked.
            raise work_failed("a question was not put")
        conclude(case, round_number)
        return len(answers)


def _register_release(work: Work) -> None:
    @_step(work, "build")
    def build(case: str, leg: int) -> None:
        with contextlib.suppress(AlreadyDone), _no_words():
            work.packing.build(CaseId(case), leg=leg, at=work.clock())

    @_step(work, "deliver")
    def deliver(case: str, leg: int) -> None:
        with contextlib.suppress(AlreadyDone), _no_words():
            work.delivery.deliver(CaseId(case), leg=leg, at=work.clock(), by=PROGRAM)

    @DBOS.workflow(name=RELEASE, max_recovery_attempts=None)
    def release(case: str, leg: int, round_number: int) -> int:
        """Build, inspect, sign and release a leg's pack, then tell its recipient; the round."""
        build(case, leg)
        deliver(case, leg)
        return round_number


def _step(work: Work, name: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    return DBOS.step(
        name=name,
        retries_allowed=True,
        interval_seconds=work.patience,
        max_attempts=_ATTEMPTS_AT_A_STEP,
        should_retry=may_pass,
    )


@contextlib.contextmanager
def _no_words() -> Iterator[None]:
    """Let nothing of an error but its code reach the engine, which stores and logs what it is given."""
    try:
        yield
    except AlreadyDone:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, its words stay here
        raise work_failed(fault_code(error)) from None
