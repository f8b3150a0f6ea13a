"""The routes of durable work, step by step. A finished step is never done again; the one in flight may be."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ParamSpec, Protocol, TypeVar

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
_NOT_PUT = "not put"
_ATTEMPTS_AT_A_STEP = 3
_LOOK_EVERY_S = 0.1


class Gatherer(Protocol):
    """The step that asks stores (``sar.services.gathering``)."""

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
        for number, (store, subject) in enumerate(plan(case, round_number), start=1):
            with (
                SetWorkflowID(f"{gather_id(CaseId(case), round_number)}/{number}"),
                SetEnqueueOptions(queue_partition_key=store),
            ):
                asked.append(DBOS.enqueue_workflow(ASKING_QUEUE, ask, case, round_number, store, subject))
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
