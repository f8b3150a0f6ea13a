"""Names of work and of the lines it waits in. They stand in the engine in clear: ids and numbers only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sar.domain.references import CaseId, StoreName

GATHER = "gather"
ASK = "ask"
ASK_LATER = "ask later"
RELEASE = "release"
TEND = "tend"
JOBS_QUEUE = "jobs"
ASKING_QUEUE = "asking"
"""Its partitions are places at a store: as many as the store bears questions at once, one question in each."""
_ASKING_SLOWLY = "asking/"


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


def gather_id(case: CaseId, round_number: int) -> str:
    """The same round is the same job."""
    return f"{GATHER}/{case}/{round_number}"


def question_id(case: CaseId, round_number: int, number: int) -> str:
    """One question of a round, by its place in the round's plan."""
    return f"{gather_id(case, round_number)}/{number}"


def later_prefix(case: CaseId, round_number: int | None = None) -> str:
    """What the names of all later attempts of a case, or of one of its rounds, begin with."""
    return f"{ASK}/{case}/" if round_number is None else f"{ASK}/{case}/{round_number}/"


def later_id(case: CaseId, round_number: int, store: str, turn: int, attempt: int) -> str:
    """A later attempt. The data subject is told by a number: a subject's id may be a name."""
    return f"{later_prefix(case, round_number)}{store}/{turn}/{attempt}"


def release_id(case: CaseId, leg: int, round_number: int) -> str:
    """The same leg's same round is the same job."""
    return f"{RELEASE}/{case}/{leg}/{round_number}"
