"""The engine from the outside: the site and the command line put work down here and look how it stands."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from dbos import DBOSClient, WorkflowStatusString
from sqlalchemy.exc import SQLAlchemyError

from sar.domain.errors import EnvironmentFault, NotFound
from sar.domain.references import CaseId
from sar.ports.jobs import JobState
from sar.ports.sealing import Vault
from sar.workflows.envelope import SealedSerializer
from sar.workflows.routes import GATHER, JOBS_QUEUE, RELEASE, gather_id, release_id
from sar.workflows.worker import APPLICATION, PINNED_VERSION, engine_url, prepare_engine

WAITING, RUNNING, DONE, FAILED, CANCELLED = "waiting", "running", "done", "failed", "cancelled"
_WORDS = {
    WorkflowStatusString.ENQUEUED.value: WAITING,
    WorkflowStatusString.DELAYED.value: WAITING,
    WorkflowStatusString.PENDING.value: RUNNING,
    WorkflowStatusString.SUCCESS.value: DONE,
    WorkflowStatusString.ERROR.value: FAILED,
    WorkflowStatusString.MAX_RECOVERY_ATTEMPTS_EXCEEDED.value: FAILED,
    WorkflowStatusString.CANCELLED.value: CANCELLED,
}
_ENDED = frozenset({DONE, FAILED, CANCELLED})
_LOOK_EVERY_S = 0.1


class EngineJobs:
    """Implements ``sar.ports.jobs.Jobs``. Connects at its first use, so a process may fork before."""

    def __init__(self, data_dir: Path, vault: Vault) -> None:
        self._data_dir = data_dir
        self._vault = vault
        self._lock = threading.Lock()
        self._client: DBOSClient | None = None

    def start_gathering(self, case: CaseId, round_number: int) -> str:
        """Ask every store. The same round again is the same job, unless it failed: then it goes on."""
        return self._start(GATHER, gather_id(case, round_number), case, round_number)

    def start_release(self, case: CaseId, leg: int, round_number: int) -> str:
        """Build, inspect, seal and release a signed-off pack; a failed release is tried anew."""
        return self._start(RELEASE, release_id(case, leg, round_number), case, leg, round_number)

    def state(self, job: str) -> JobState:
        """Raises NotFound."""
        with self._engine() as client:
            found = client.list_workflows(workflow_ids=[job], load_input=False, load_output=False)
        if not found:
            raise NotFound("There is no such piece of work.", next_step="Start it from the case's page.")
        return JobState(id=job, name=found[0].name, status=_WORDS[found[0].status])

    def wait(self, job: str, *, seconds: float) -> JobState:
        """Block until the job ends or the time is over."""
        end = time.monotonic() + seconds
        state = self.state(job)
        while state.status not in _ENDED and time.monotonic() < end:
            time.sleep(_LOOK_EVERY_S)
            state = self.state(job)
        return state

    def close(self) -> None:
        """Let go of the engine's file."""
        with self._lock:
            if self._client is not None:
                self._client.destroy()
                self._client = None

    def _start(self, name: str, job: str, *arguments: str | int) -> str:
        with self._engine() as client:
            known = client.list_workflows(workflow_ids=[job], load_input=False, load_output=False)
            if known and _WORDS[known[0].status] in {FAILED, CANCELLED}:
                # Every step keeps what it did in the archive and finds it there: doing it anew is safe.
                client.delete_workflows([job], delete_children=True)
            client.enqueue(
                {
                    "workflow_name": name,
                    "queue_name": JOBS_QUEUE,
                    "workflow_id": job,
                    "app_version": PINNED_VERSION,
                },
                *arguments,
            )
        return job

    @contextlib.contextmanager
    def _engine(self) -> Iterator[DBOSClient]:
        try:
            with self._lock:
                if self._client is None:
                    prepare_engine(self._data_dir)
                    self._client = DBOSClient(
                        system_database_url=engine_url(self._data_dir),
                        serializer=SealedSerializer(self._vault),
                        application_name=APPLICATION,
                        lazy=True,
                        retry_connection_errors=False,
                    )
            yield self._client
        except SQLAlchemyError as error:
            raise EnvironmentFault(
                "The file of the durable work cannot be used.",
                next_step="Check free space and permissions of engine.db in the data folder.",
            ) from error
