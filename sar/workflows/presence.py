"""Who works here: a lock that its holder loses when it dies, however it dies. By it others know the dead."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from sar.domain.errors import EnvironmentFault
from sar.workflows.engine import Engine, faults

LOCK_FILE = "worker.lock"
_KEEPALIVE = {
    "keepalives": 1, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3,
    "tcp_user_timeout": 11_000, "connect_timeout": 5, "application_name": "sar worker",
}  # fmt: skip
"""A worker whose cable is cut is known as dead after about eleven seconds, on both ends."""
_WHO = text("SELECT pg_backend_pid()")


class Presence(Protocol):
    """The lock of one worker."""

    def take(self) -> None:
        """Before any work. Raises EnvironmentFault when it cannot be had."""
        ...

    def is_held(self) -> bool:
        """False from the moment on at which another may take this worker for dead."""
        ...

    def gone(self, worker: str) -> contextlib.AbstractContextManager[bool]:
        """Whether another worker is dead. While the block lasts nobody else finds it dead."""
        ...

    def leave(self) -> None:
        """At the end."""
        ...


def presence_in(engine: Engine, worker: str) -> Presence:
    """The kind of lock that fits where the engine is kept."""
    return ServerPresence(engine.url, worker) if engine.is_shared else FolderPresence(engine.data_dir)


class FolderPresence:
    """One worker a folder: the file's lock is the system's own and goes with the process."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self._lock: int | None = None

    def take(self) -> None:
        """Raises EnvironmentFault while another worker serves the folder."""
        self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = os.open(self._data_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            raise EnvironmentFault(
                "Another worker serves this data folder.",
                next_step="Leave it running, or stop it before you start this one.",
            ) from None
        self._lock = lock

    def is_held(self) -> bool:
        """As long as the process lives."""
        return self._lock is not None

    @contextlib.contextmanager
    def gone(self, worker: str) -> Iterator[bool]:
        """Whoever holds the folder knows that every other worker of it is gone."""
        del worker
        yield self._lock is not None

    def leave(self) -> None:
        """Let the next one in."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None


class ServerPresence:
    """Many workers on many hosts: a session lock in PostgreSQL, on a connection of its own.

    The connection must go straight to the server: a pool in between would keep the lock of the dead.
    """

    def __init__(self, url: str, worker: str) -> None:
        self._engine = create_engine(
            make_url(url).set(drivername="postgresql+psycopg"),
            poolclass=NullPool, isolation_level="AUTOCOMMIT", connect_args=_KEEPALIVE, hide_parameters=True,
        )  # fmt: skip
        self._worker = worker
        self._session: Connection | None = None
        self._session_id: int | None = None

    def take(self) -> None:
        """Raises EnvironmentFault when the server cannot be reached."""
        with faults():
            self._session = self._engine.connect()
            self._session_id = self._session.execute(_WHO).scalar()
            if not self._try_lock(self._session, self._worker):
                raise EnvironmentFault(
                    "Another worker has the same name.", next_step="Start this worker again."
                )

    def is_held(self) -> bool:
        """While the very session that took the lock answers."""
        if self._session is None:
            return False
        try:
            answers = self._session.execute(_WHO).scalar() == self._session_id
        except SQLAlchemyError:
            answers = False
        if not answers:
            # Never used again: a new session would not hold the lock.
            self._session = None
        return answers

    @contextlib.contextmanager
    def gone(self, worker: str) -> Iterator[bool]:
        """Under the dead one's own lock, so that two do not adopt the same work."""
        if worker == self._worker or self._session is None or not self._try_lock(self._session, worker):
            yield False
            return
        try:
            yield True
        finally:
            self._session.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _key(worker)})

    def leave(self) -> None:
        """Give up the session and with it the lock."""
        session, self._session = self._session, None
        if session is not None:
            with contextlib.suppress(SQLAlchemyError):
                session.close()

    def _try_lock(self, session: Connection, worker: str) -> bool:
        asked = session.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _key(worker)})
        return bool(asked.scalar())


def _key(worker: str) -> int:
    return int.from_bytes(hashlib.sha256(f"sar worker {worker}".encode()).digest()[:8], signed=True)
