"""Looks after the work of all: adopts what the dead left, rings for what hangs, clears away what is over."""

from __future__ import annotations

import logging
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta

from dbos import DBOSClient, WorkflowStatusString

from sar.domain.references import CaseId
from sar.workflows.envelope import fault_code
from sar.workflows.hung import RUNNING, hung_among
from sar.workflows.lines import GATHER, JOBS_QUEUE, TEND, later_prefix
from sar.workflows.presence import Presence
from sar.workflows.starting import OPEN, put_down, start_forgotten
from sar.workflows.steps import Work

_log = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
_ALARM_EVERY_S = 30.0
_GO_ON_EVERY_S = 10.0
_TIDY_EVERY_S = 24 * 3600.0
_TIDY_AT_ONCE = 500
_OVER = [
    WorkflowStatusString.SUCCESS.value, WorkflowStatusString.ERROR.value, WorkflowStatusString.CANCELLED.value,
]  # fmt: skip


class Supervisor:
    """A thread of the worker. Everything it does may be done by several workers at once, or twice."""

    def __init__(
        self, worker: str, client: DBOSClient, presence: Presence, work: Work, *, leave: Callable[[], None]
    ) -> None:
        self._worker = worker
        self._client = client
        self._presence = presence
        self._work = work
        self._leave = leave
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="supervisor", daemon=True)
        self._due: dict[str, float] = {}
        self._rung: set[str] = set()
        self._running: frozenset[tuple[CaseId, int]] = frozenset()

    def start(self) -> None:
        """Begin to look."""
        self._thread.start()

    def stop(self) -> None:
        """End at the next look."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=10)

    def _run(self) -> None:
        while not self._stop.is_set():
            if not self._presence.is_held():
                # Others may adopt our work from now on: whatever we would still do, they do too.
                self._leave()
                return
            try:
                self._look()
            except Exception as error:  # noqa: BLE001 - it must look again: nobody else would adopt for this worker
                _log.warning("The work could not be looked after: %s", fault_code(error))
            self._stop.wait(LOOK_EVERY_S)

    def _look(self) -> None:
        self.adopt()
        if self._is_due("tend", self._work.tend_every):
            self.tend()
        if self._is_due("go on", min(_GO_ON_EVERY_S, self._work.hung_after)):
            self.go_on()
        if self._is_due("alarm", min(_ALARM_EVERY_S, self._work.hung_after)):
            self.ring()
        if self._is_due("tidy", _TIDY_EVERY_S):
            self.tidy(now=self._work.now())

    def _is_due(self, name: str, every: float) -> bool:
        now = time.monotonic()
        if self._due.get(name, 0.0) > now:
            return False
        self._due[name] = now + every
        return True

    def adopt(self) -> int:
        """Put the running work of dead workers back into its lines; how many pieces."""
        running = self._client.list_workflows(status=RUNNING, load_input=False, load_output=False)
        others = {w.executor_id for w in running if w.executor_id and w.executor_id != self._worker}
        return sum(self._adopt_from(worker) for worker in sorted(others))

    def _adopt_from(self, worker: str) -> int:
        with self._presence.gone(worker) as is_gone:
            if not is_gone:
                return 0
            # Looked up again under its lock: another may have adopted it in the meantime.
            left = self._client.list_workflows(
                status=RUNNING, executor_id=worker, load_input=False, load_output=False
            )
            lines: dict[str, list[str]] = defaultdict(list)
            for piece in left:
                lines[piece.queue_name or JOBS_QUEUE].append(piece.workflow_id)
            for line, pieces in lines.items():
                self._client.resume_workflows(pieces, queue_name=line)
        if left:
            _log.warning("Took over %d pieces of work of %s, which is gone.", len(left), worker)
        return len(left)

    def tend(self) -> None:
        """The same stretch of time is the same piece of work, whoever starts it."""
        stretch = int(self._work.now().timestamp() // self._work.tend_every)
        put_down(self._client, TEND, f"{TEND}/{stretch}")

    def go_on(self) -> int:
        """Start every round that runs without a job; how many. Who began it died before they could.

        It has to run without one at two looks: whoever began it just now puts its job down next.
        """
        seen, self._running = self._running, frozenset(self._work.gathering.running())
        forgotten = [
            case
            for case, round_number in sorted(seen & self._running)
            if start_forgotten(self._client, case, round_number)
        ]
        if forgotten:
            _log.warning(
                "Started %d gatherings that somebody had begun, and nobody put down.", len(forgotten)
            )
        return len(forgotten)

    def ring(self) -> None:
        """Name in the log, once, each piece that finished no step for too long.

        Also of other workers: one that stands still keeps its lock, and can say nothing itself.
        """
        running = self._client.list_workflows(status=RUNNING, load_input=False, load_output=False)
        # A gather only waits for its questions.
        asked = [piece for piece in running if piece.name != GATHER]
        hung = hung_among(self._client, asked, after=self._work.hung_after, now=self._work.now())
        for piece, since in hung:
            if piece.workflow_id not in self._rung:
                self._rung.add(piece.workflow_id)
                _log.error(
                    "No step of %s at the worker %s since %s: it hangs.", piece.workflow_id, piece.executor_id,
                    since.isoformat("T", "seconds"),
                )  # fmt: skip

    def tidy(self, *, now: datetime) -> int:
        """Forget finished jobs with all that belonged to them; how many jobs. What is still open stays."""
        before = now - timedelta(seconds=self._work.keep_finished)
        ended = self._client.list_workflows(
            status=_OVER, has_parent=False, completed_before=before.isoformat(), limit=_TIDY_AT_ONCE,
            load_input=False, load_output=False,
        )  # fmt: skip
        over = [
            job.workflow_id for job in ended if not (job.name == GATHER and self._is_open(job.workflow_id))
        ]
        if over:
            self._client.delete_workflows(over, delete_children=True)
        return len(over)

    def _is_open(self, gather: str) -> bool:
        _, case, round_number = gather.split("/")
        return bool(
            self._client.list_workflows(
                workflow_id_prefix=later_prefix(CaseId(case), int(round_number)), status=OPEN, limit=1,
                load_input=False, load_output=False,
            )
        )  # fmt: skip
