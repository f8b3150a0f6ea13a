"""The worker of a data folder: at most one process at a time, and it takes up what its forerunner left."""

from __future__ import annotations

import fcntl
import logging
import os
import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from dbos import DBOS, DBOSClient, DBOSConfig

from sar.domain.errors import EnvironmentFault
from sar.domain.references import StoreName
from sar.ports.sealing import Vault
from sar.workflows.envelope import SealedSerializer
from sar.workflows.routes import ASKING_QUEUE, JOBS_QUEUE, Work, register, slow_queue

APPLICATION = "subject-access"
PINNED_VERSION = "1"
"""Never raised for ordinary releases: work begun under another version would wait for ever."""
ENGINE_FILE = "engine.db"
LOCK_FILE = "worker.lock"
_EXECUTOR = "worker"
"""One name for every worker of a folder, so that a restart finds the work of the one that died."""
_AT_ONCE = 32
"""Questions in one worker, whatever store they go to: twenty slow stores must not wait for each other."""
_JOBS_AT_ONCE = 8
_POOL = 8
_LOOK_EVERY_S = 0.2


def engine_url(data_dir: Path) -> str:
    """The engine's own database: not ours to migrate, not in our schema."""
    return f"sqlite:///{data_dir / ENGINE_FILE}"


def prepare_engine(data_dir: Path) -> None:
    """Make the engine's file and bring it to this version's tables.

    :raises EnvironmentFault: full disk, missing permission.
    """
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection = sqlite3.connect(data_dir / ENGINE_FILE, timeout=30)
        try:
            # Stays with the file: readers and the worker no longer wait for each other.
            connection.execute("PRAGMA journal_mode=WAL")
        finally:
            connection.close()
        # Its tracebacks would print the values of failing statements; codes of faults go to our own logger.
        logging.getLogger("dbos").setLevel(logging.CRITICAL + 1)
        DBOS.migrate(engine_url(data_dir))
    except (sqlite3.Error, OSError) as error:
        raise EnvironmentFault(
            "The file of the durable work cannot be used.",
            next_step="Check free space and permissions of engine.db in the data folder.",
        ) from error


class Worker:
    """Runs the routes in this process, between ``with`` and its end. The engine allows one a process."""

    def __init__(self, data_dir: Path, vault: Vault, work: Work) -> None:
        self._data_dir = data_dir
        self._vault = vault
        self._work = work
        self._lock: int | None = None

    def __enter__(self) -> Self:
        self._lock = _only_worker(self._data_dir)
        try:
            prepare_engine(self._data_dir)
            _register_queues(self._data_dir, self._work.gathering.limits())
            DBOS(config=self._settings())
            register(self._work)
            DBOS.launch()
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
            "system_database_url": engine_url(self._data_dir),
            "application_version": PINNED_VERSION,
            "executor_id": _EXECUTOR,
            "serializer": SealedSerializer(self._vault),
            "sys_db_pool_size": _POOL,
            "max_executor_threads": 2 * (_AT_ONCE + _JOBS_AT_ONCE),
            "log_level": "CRITICAL",
            "run_migrations": True,
        }

    def _stop(self, *, finish_s: int) -> None:
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=finish_s)
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


def run_worker(data_dir: Path, vault: Vault, work: Work, *, until: threading.Event) -> None:
    """Work until told to stop; what is unfinished then is taken up by the next worker.

    A store that hangs holds a thread: the command that calls this should leave with ``os._exit``.

    :raises EnvironmentFault: another worker serves this data folder, or the disk refuses.
    """
    with Worker(data_dir, vault, work):
        until.wait()


def _register_queues(data_dir: Path, limits: Mapping[StoreName, tuple[int, int]]) -> None:
    """Before the engine is launched: it looks for new queues only once a second."""
    client = DBOSClient(system_database_url=engine_url(data_dir), application_name=APPLICATION, lazy=True)
    try:
        client.register_queue(
            JOBS_QUEUE, worker_concurrency=_JOBS_AT_ONCE, polling_interval_sec=_LOOK_EVERY_S,
            on_conflict="always_update",
        )  # fmt: skip
        client.register_queue(
            ASKING_QUEUE, worker_concurrency=_AT_ONCE, partition_concurrency=1,
            polling_interval_sec=_LOOK_EVERY_S, on_conflict="always_update",
        )  # fmt: skip
        for store, (at_once, per_minute) in limits.items():
            if per_minute:
                client.register_queue(
                    slow_queue(store), worker_concurrency=at_once, global_concurrency=at_once,
                    limiter={"limit": per_minute, "period": 60.0},
                    polling_interval_sec=_LOOK_EVERY_S, on_conflict="always_update",
                )  # fmt: skip
    finally:
        client.destroy()


def _only_worker(data_dir: Path) -> int:
    """The lock that says who works here. The system gives it up when its holder dies, however it dies."""
    data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        raise EnvironmentFault(
            "Another worker serves this data folder.",
            next_step="Leave it running, or stop it before you start this one.",
        ) from None
    return lock
