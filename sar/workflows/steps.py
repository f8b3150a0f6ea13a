"""What the routes call in their order: the steps as other rooms do them, and how a step is tried again."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ParamSpec, Protocol, TypeVar

from dbos import DBOS

from sar.domain.errors import AlreadyDone
from sar.domain.parties import Actor
from sar.domain.records import AnswerKind
from sar.domain.references import CaseId, StoreName, SubjectId
from sar.workflows.envelope import fault_code, may_pass, work_failed

P = ParamSpec("P")
T = TypeVar("T")

_ATTEMPTS_AT_A_STEP = 5
"""With growing waits: longer than a worker needs to see that the database went away, and to leave."""
_MINUTE, _HOUR = 60.0, 3600.0

ASK_AGAIN = (_MINUTE, 5 * _MINUTE, 15 * _MINUTE, _HOUR, 4 * _HOUR, 12 * _HOUR, 24 * _HOUR)
HUNG_AFTER = 15 * _MINUTE


class Asker(Protocol):
    """Puts one question to one store (``sar.services.gathering``, or more processes of it)."""

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


class Gatherer(Asker, Protocol):
    """The step that asks stores (``sar.services.gathering``)."""

    def limits(self) -> Mapping[StoreName, tuple[int, int]]:
        """What each store bears: questions at the same time, and in a minute (0: no limit)."""
        ...

    def running(self) -> Sequence[tuple[CaseId, int]]:
        """Every round that was begun, and neither closed nor stopped."""
        ...

    def plan(self, case: CaseId, round_number: int) -> Sequence[tuple[StoreName, SubjectId]]:
        """Every question of a round that is still to be asked."""
        ...

    def attempts(self, case: CaseId, round_number: int) -> Mapping[tuple[StoreName, SubjectId], int]:
        """How often each question of a round was put already; questions never put may be left out."""
        ...

    def conclude(self, case: CaseId, *, round_number: int, at: datetime) -> None:
        """Close the round; a second time changes nothing. Raises QuestionsLeft: put them, and try again."""
        ...

    def take_in(self, case: CaseId, *, round_number: int, at: datetime) -> int:
        """An answer came after its round was closed: the round it stands in now. Twice changes nothing."""
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


class Tender(Protocol):
    """What falls due by itself: notices not yet sent, people to be reminded."""

    def tend(self, *, at: datetime) -> int:
        """Do everything that is due at this moment; how many things were done. Twice does nothing twice."""
        ...

    def tend_case(self, case: CaseId, *, at: datetime) -> int:
        """The same for one case."""
        ...


class NothingToTend:
    """Where nothing falls due by itself."""

    def tend(self, *, at: datetime) -> int:
        """Nothing."""
        del at
        return 0

    def tend_case(self, case: CaseId, *, at: datetime) -> int:
        """Nothing."""
        del case, at
        return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """What the routes need: the steps, the time and the patience."""

    gathering: Gatherer
    packing: Packer
    delivery: Deliverer
    clock: Callable[[], datetime]
    present: Callable[[], datetime] | None = None
    """The real moment, by which the engine dates its rows, where the cases follow another clock."""
    tending: Tender = field(default_factory=NothingToTend)
    waits: tuple[float, ...] = (0.5, 1.0)
    """Seconds before the second, third ... attempt at a store that did not answer, while its round waits."""
    later: tuple[float, ...] = ASK_AGAIN
    """Seconds before each attempt after that, when the round is closed; the last one is repeated."""
    later_at_most: int = 40
    """Attempts after the round; with daily ones at the end about the month in which an answer is due."""
    patience: float = 1.0
    """Seconds before a step is tried again when disk or lock stood in the way."""
    tend_every: float = 10 * _MINUTE
    """Seconds between two rounds of what falls due by itself."""
    hung_after: float = HUNG_AFTER
    """Seconds without a finished step after which a piece of work is shown as hung."""
    keep_finished: float = 7 * 24 * _HOUR
    """Seconds for which the engine remembers finished work."""
    asking: Asker | None = None
    """Who puts the questions; by itself, ``gathering`` does."""
    ended: Callable[[], None] = lambda: None
    """Called when the worker ends its work."""

    @property
    def asker(self) -> Asker:
        """Who puts the questions."""
        return self.asking or self.gathering

    def now(self) -> datetime:
        """The moment to compare with what the engine wrote."""
        return (self.present or self.clock)()


def step(work: Work, name: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """A step of a route: its result is kept, and it is tried again when disk or lock stood in the way."""
    return DBOS.step(
        name=name,
        retries_allowed=True,
        interval_seconds=work.patience,
        max_attempts=_ATTEMPTS_AT_A_STEP,
        should_retry=may_pass,
    )


@contextlib.contextmanager
def no_words() -> Iterator[None]:
    """Let nothing of an error but its code reach the engine, which stores and logs what it is given."""
    try:
        yield
    except AlreadyDone:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, its words stay here
        raise work_failed(fault_code(error)) from None
