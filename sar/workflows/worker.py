"""The worker: does the work of its installation, and takes up what dead workers left."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self
from uuid import uuid4

from dbos import DBOS, DBOSClient, DBOSConfig

from sar.ports.sealing import Vault
from sar.workflows.engine import APPLICATION, AT_ONCE, JOBS_AT_ONCE, PINNED_VERSION, SCHEMA, Engine
from sar.workflows.envelope import SealedSerializer
from sar.workflows.presence import presence_in
from sar.workflows.routes import register
from sar.workflows.steps import Work
from sar.workflows.supervisor import Supervisor

_log = logging.getLogger(__name__)

PRESENCE_LOST = 75
"""The code with which a worker ends whose work others may adopt: start it again."""
_POOL = 8


def leave_at_once() -> None:
    """End the process where it stands: nothing it does from now on may count."""
    _log.error("This worker lost its lock; others take over its work.")
    os._exit(PRESENCE_LOST)


class Worker:
    """Runs the routes in this process, between ``with`` and its end. The engine allows one a process."""

    def __init__(
        self,
        data_dir: Path,
        vault: Vault,
        work: Work,
        *,
        database: str = "",
        leave: Callable[[], None] = leave_at_once,
    ) -> None:
        self._engine = Engine(data_dir=data_dir, vault=vault, database=database)
        self._work = work
        self._leave = leave
        self.name = f"worker-{uuid4().hex}"
        """Another one at each start, so that nobody takes the work of the living for that of the dead."""
        self._presence = presence_in(self._engine, self.name)
        self._client: DBOSClient | None = None
        self._supervisor: Supervisor | None = None

    def __enter__(self) -> Self:
        self._presence.take()
        try:
            self._engine.prepare()
            self._engine.register_queues(self._work.gathering.limits())
            DBOS(config=self._settings())
            register(self._work)
            DBOS.launch()
            self._client = self._engine.client(connections=1)
            self._supervisor = Supervisor(
                self.name, self._client, self._presence, self._work, leave=self._leave
            )
            self._supervisor.start()
        except BaseException:
            self._stop(finish_s=0)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop(finish_s=5)

    def _settings(self) -> DBOSConfig:
        return {
            "name": APPLICATION,
            "system_database_url": self._engine.url,
            "dbos_system_schema": SCHEMA,
            "application_version": PINNED_VERSION,
            "executor_id": self.name,
            "serializer": SealedSerializer(self._engine.vault),
            "sys_db_pool_size": _POOL,
            "max_executor_threads": 2 * (AT_ONCE + JOBS_AT_ONCE),
            "log_level": "CRITICAL",
            "run_migrations": False,
        }

    def _stop(self, *, finish_s: int) -> None:
        if self._supervisor is not None:
            self._supervisor.stop()
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=finish_s)
        if self._client is not None:
            self._client.destroy()
        self._work.ended()
        self._presence.leave()


def run_worker(
    data_dir: Path, vault: Vault, work: Work, *, until: threading.Event, database: str = ""
) -> None:
    """Work until told to stop; what is unfinished then is taken up by the next worker.

    A store that hangs holds a thread: the command that calls this should leave with ``os._exit``.

    :raises EnvironmentFault: another worker serves this data folder, or disk or database refuse.
    """
    with Worker(data_dir, vault, work, database=database):
        until.wait()
