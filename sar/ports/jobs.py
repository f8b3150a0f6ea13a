"""Work that outlives a request: started here, done by the durable workers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sar.domain.references import CaseId, StoreName, SubjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class JobState:
    """How a piece of work stands."""

    id: str
    name: str
    status: str
    """``waiting``, ``running``, ``done``, ``failed`` or ``cancelled``."""
    hung_since: datetime | None = None
    """It runs, but some part of it finished no step since then; started again, that part is taken up anew."""


class Jobs(Protocol):
    """The engine as the rest of the house sees it. Arguments are ids and numbers only."""

    def start_gathering(self, case: CaseId, round_number: int) -> str:
        """Ask every store; the job's id. Starting the same round twice is the same job.

        A job that failed, was cancelled or hangs goes on with what is missing. Attempts that earlier rounds
        of the case still had before them are given up: this round asks what they would have asked.
        """
        ...

    def gathering_job(self, case: CaseId, round_number: int) -> str:
        """The id of a round's job, whether it was started or not."""
        ...

    def start_release(self, case: CaseId, leg: int, round_number: int) -> str:
        """Build, inspect, seal and release a signed-off pack; the job's id."""
        ...

    def start_tending(self, case: CaseId) -> str:
        """Do at once what falls due by itself (notices, reminders), for something happened in this case."""
        ...

    def cancel(self, job: str) -> JobState:
        """No step of the job begins after this, nor a later attempt of its questions. Raises NotFound.

        A step in flight ends. A gathering that is over stays ``done``; only its later attempts are given up.
        One that is stopped before gives back the later attempts that were given up for it.
        """
        ...

    def next_attempts(
        self, case: CaseId, round_number: int
    ) -> Mapping[tuple[StoreName, SubjectId], datetime]:
        """When each store that was unavailable in the round, or in one before it, is asked again."""
        ...

    def state(self, job: str) -> JobState:
        """Raises NotFound."""
        ...

    def wait(self, job: str, *, seconds: float) -> JobState:
        """Block until the job ends or the time is over."""
        ...
