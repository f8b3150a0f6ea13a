"""Work that outlives a request: started here, done by the durable workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from sar.domain.references import CaseId


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """How a piece of work stands."""

    id: str
    name: str
    status: str
    """``waiting``, ``running``, ``done``, ``failed`` or ``cancelled``."""


class Jobs(Protocol):
    """The engine as the rest of the house sees it. Arguments are ids and numbers only."""

    def start_gathering(self, case: CaseId, round_number: int) -> str:
        """Ask every store; the job's id. Starting the same round twice is the same job."""
        ...

    def start_release(self, case: CaseId, leg: int, round_number: int) -> str:
        """Build, inspect, seal and release a signed-off pack; the job's id."""
        ...

    def state(self, job: str) -> JobState:
        """Raises NotFound."""
        ...

    def wait(self, job: str, *, seconds: float) -> JobState:
        """Block until the job ends or the time is over."""
        ...
