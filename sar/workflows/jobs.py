"""The engine from the outside: the site and the command line put work down here and look how it stands."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from dbos import DBOSClient, EnqueueOptions, WorkflowStatus, WorkflowStatusString

from sar.domain.errors import NotFound
from sar.domain.references import CaseId, StoreName, SubjectId
from sar.ports.jobs import JobState
from sar.ports.sealing import Vault
from sar.workflows.engine import PINNED_VERSION, Engine, faults
from sar.workflows.hung import hung_among
from sar.workflows.lines import (
    ASK_LATER,
    ASKING_QUEUE,
    GATHER,
    JOBS_QUEUE,
    RELEASE,
    TEND,
    gather_id,
    later_prefix,
    release_id,
    slow_queue,
)
from sar.workflows.starting import GIVEN_UP_FOR, OPEN, give_up_earlier, put_down, round_of, still_open
from sar.workflows.steps import HUNG_AFTER

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

    def __init__(
        self,
        data_dir: Path,
        vault: Vault,
        *,
        database: str = "",
        present: Callable[[], datetime] | None = None,
        hung_after: float = HUNG_AFTER,
    ) -> None:
        """Without ``present``, the real moment, nothing is found to hang, and what is owed again is owed at once."""
        self._where = Engine(data_dir=data_dir, vault=vault, database=database)
        self._present = present
        self._hung_after = hung_after
        self._lock = threading.Lock()
        self._client: DBOSClient | None = None

    def start_gathering(self, case: CaseId, round_number: int) -> str:
        """Ask every store. The same round again is the same job, unless it failed: then it goes on."""
        with self._engine() as client:
            give_up_earlier(client, case, round_number)
        return self._start(GATHER, self.gathering_job(case, round_number), case, round_number)

    def gathering_job(self, case: CaseId, round_number: int) -> str:
        """The id of a round's job, whether it was started or not."""
        return gather_id(case, round_number)

    def start_release(self, case: CaseId, leg: int, round_number: int) -> str:
        """Build, inspect, seal and release a signed-off pack; a failed release is tried anew."""
        return self._start(RELEASE, release_id(case, leg, round_number), case, leg, round_number)

    def start_tending(self, case: CaseId) -> str:
        """A new piece of work each time: one that runs already may have passed this case."""
        return self._start(TEND, f"{TEND}/{case}/{uuid4().hex}")

    def cancel(self, job: str) -> JobState:
        """Seen by each part of the job before its next step. Raises NotFound."""
        before = self.state(job)
        with self._engine() as client:
            client.cancel_workflows([job], cancel_children=True)
            if before.name == GATHER:
                # What was on its way into a line while the rest was cancelled.
                case, round_number = _round_named(job)
                late = [*still_open(client, f"{job}/"), *still_open(client, later_prefix(case, round_number))]
                if late:
                    client.cancel_workflows([piece.workflow_id for piece in late])
                if before.status != DONE:
                    _give_back(client, case, round_number, self._present and self._present())
        return self.state(job)

    def next_attempts(
        self, case: CaseId, round_number: int
    ) -> Mapping[tuple[StoreName, SubjectId], datetime]:
        """When each store that was unavailable is asked again."""
        with self._engine() as client:
            found = client.list_workflows(
                workflow_id_prefix=later_prefix(case), status=OPEN, load_output=False
            )
        due: dict[tuple[StoreName, SubjectId], datetime] = {}
        for piece in found:
            if round_of(piece.workflow_id) <= round_number and piece.input is not None:
                _case, _round, store, subject, *_ = piece.input["args"]
                at = piece.delay_until_epoch_ms or piece.updated_at or 0
                due[StoreName(store), SubjectId(subject)] = datetime.fromtimestamp(at / 1000, tz=UTC)
        return due

    def state(self, job: str) -> JobState:
        """Raises NotFound."""
        with self._engine() as client:
            found = self._found(client, job)
            state = _state(found)
            hung = self._hung(client, found) if state.status == RUNNING else []
        since = min((at for _, at in hung), default=None)
        return JobState(id=job, name=state.name, status=state.status, hung_since=since)

    def wait(self, job: str, *, seconds: float) -> JobState:
        """Block until the job ends or the time is over."""
        end = time.monotonic() + seconds
        while True:
            with self._engine() as client:
                state = _state(self._found(client, job))
            if state.status in _ENDED or time.monotonic() >= end:
                return state
            time.sleep(_LOOK_EVERY_S)

    def close(self) -> None:
        """Let go of the engine's database."""
        with self._lock:
            if self._client is not None:
                self._client.destroy()
                self._client = None

    def _start(self, name: str, job: str, *arguments: str | int) -> str:
        with self._engine() as client:
            known = client.list_workflows(workflow_ids=[job], load_input=False, load_output=False)
            status = _WORDS[known[0].status] if known else ""
            if status in {FAILED, CANCELLED}:
                # Every step keeps what it did in the archive and finds it there: doing it anew is safe.
                client.delete_workflows([job], delete_children=True)
            elif status == RUNNING:
                self._take_up_anew(client, known[0])
            put_down(client, name, job, *arguments)
        return job

    def _take_up_anew(self, client: DBOSClient, job: WorkflowStatus) -> None:
        """Give every part that hangs to whoever takes it, and the whole with them where the same worker has it.

        A thread that hangs can keep nothing any more once its piece has another owner.
        """
        hung = [piece for piece, _since in self._hung(client, job)]
        if job.executor_id in {piece.executor_id for piece in hung}:
            # A worker that stands still would not go on with the whole either, when its parts are done.
            hung.append(job)
        for piece in {one.workflow_id: one for one in hung}.values():
            client.resume_workflows([piece.workflow_id], queue_name=piece.queue_name or JOBS_QUEUE)

    def _hung(self, client: DBOSClient, job: WorkflowStatus) -> list[tuple[WorkflowStatus, datetime]]:
        if self._present is None:
            return []
        # A gather waits for its questions while there are any, and works by itself before and after.
        pieces = (still_open(client, f"{job.workflow_id}/") if job.name == GATHER else []) or [job]
        return hung_among(client, pieces, after=self._hung_after, now=self._present())

    @staticmethod
    def _found(client: DBOSClient, job: str) -> WorkflowStatus:
        found = client.list_workflows(workflow_ids=[job], load_input=False, load_output=False)
        if not found:
            raise NotFound("There is no such piece of work.", next_step="Start it from the case's page.")
        return found[0]

    @contextlib.contextmanager
    def _engine(self) -> Iterator[DBOSClient]:
        with faults():
            with self._lock:
                if self._client is None:
                    self._where.prepare()
                    self._client = self._where.client()
            yield self._client


def _state(work: WorkflowStatus) -> JobState:
    return JobState(id=work.workflow_id, name=work.name, status=_WORDS[work.status])


def _give_back(client: DBOSClient, case: CaseId, round_number: int, now: datetime | None) -> None:
    """Owe again the later attempts that were given up for a round that is stopped, each at its own time."""
    given_up = client.list_workflows(
        workflow_id_prefix=later_prefix(case), status=WorkflowStatusString.CANCELLED.value, load_output=False
    )
    for piece in given_up:
        if (piece.attributes or {}).get(GIVEN_UP_FOR) != round_number or piece.input is None:
            continue
        question = piece.input["args"]
        place = piece.queue_partition_key
        again: EnqueueOptions = {
            "workflow_name": ASK_LATER,
            "queue_name": ASKING_QUEUE if place else slow_queue(StoreName(question[2])),
            "workflow_id": piece.workflow_id,
            "app_version": PINNED_VERSION,
        }
        if place:
            again["queue_partition_key"] = place
        wait = (piece.delay_until_epoch_ms or 0) / 1000 - now.timestamp() if now else 0
        if wait > 0:
            again["delay_seconds"] = wait
        client.delete_workflows([piece.workflow_id])
        client.enqueue(again, *question)


def _round_named(job: str) -> tuple[CaseId, int]:
    _, case, number = job.split("/")
    return CaseId(case), int(number)
