"""Where the engine keeps its own tables: beside the data when alone, in the database when several hosts work."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from dbos import DBOS, DBOSClient
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from sar.domain.errors import EnvironmentFault
from sar.domain.references import StoreName
from sar.ports.sealing import Vault
from sar.workflows.envelope import SealedSerializer
from sar.workflows.lines import ASKING_QUEUE, JOBS_QUEUE, slow_queue

APPLICATION = "subject-access"
PINNED_VERSION = "1"
"""Never raised for ordinary releases: work begun under another version would wait for ever."""
ENGINE_FILE = "engine.db"
SCHEMA = "dbos"
AT_ONCE = 32
"""Questions in one worker, whatever store they go to: twenty slow stores must not wait for each other."""
JOBS_AT_ONCE = 8
_LOOK_EVERY_S = 0.2
_MAKING_TABLES = 7_335_201
"""Whoever holds this number in PostgreSQL makes the engine's tables; the others wait."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """The engine of one installation, whoever connects to it."""

    data_dir: Path
    vault: Vault
    database: str = ""
    """The address of the archive: the engine moves in beside it when it is PostgreSQL."""

    @property
    def is_shared(self) -> bool:
        """Whether several workers, on several hosts, may serve it."""
        return self.database.startswith("postgresql")

    @property
    def url(self) -> str:
        """The engine's own tables: not ours to migrate, not in our schema."""
        return self.database if self.is_shared else f"sqlite:///{self.data_dir / ENGINE_FILE}"

    def prepare(self) -> None:
        """Bring the engine's tables to this version.

        :raises EnvironmentFault: full disk, missing permission, no database.
        """
        # Its tracebacks would print the values of failing statements; codes of faults go to our own logger.
        logging.getLogger("dbos").setLevel(logging.CRITICAL + 1)
        with faults():
            if self.is_shared:
                self._prepare_shared()
            else:
                self._prepare_file()

    def _prepare_file(self) -> None:
        self.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        connection = sqlite3.connect(self.data_dir / ENGINE_FILE, timeout=30)
        try:
            # Stays with the file: readers and the worker no longer wait for each other.
            connection.execute("PRAGMA journal_mode=WAL")
        finally:
            connection.close()
        DBOS.migrate(self.url)

    def _prepare_shared(self) -> None:
        one_at_a_time = create_engine(
            make_url(self.url).set(drivername="postgresql+psycopg"),
            poolclass=NullPool, isolation_level="AUTOCOMMIT", hide_parameters=True,
        )  # fmt: skip
        with one_at_a_time.connect() as connection:
            # Asked again and again: the index is built without a lock on the table, and would wait for
            # everybody who waits in a statement.
            while not connection.execute(
                text("SELECT pg_try_advisory_lock(:key)"), {"key": _MAKING_TABLES}
            ).scalar():
                time.sleep(_LOOK_EVERY_S)
            DBOS.migrate(self.url, schema=SCHEMA)

    def client(self, *, connections: int = 5) -> DBOSClient:
        """A look from the outside. Connects at its first use, so a process may fork before."""
        return DBOSClient(
            system_database_url=self.url,
            dbos_system_schema=SCHEMA,
            serializer=SealedSerializer(self.vault),
            application_name=APPLICATION,
            system_database_pool_size=connections,
            lazy=True,
            retry_connection_errors=False,
        )

    def register_queues(self, limits: Mapping[StoreName, tuple[int, int]]) -> None:
        """Before the engine is launched: it looks for new queues only once a second."""
        client = self.client(connections=1)
        try:
            client.register_queue(
                JOBS_QUEUE, worker_concurrency=JOBS_AT_ONCE, polling_interval_sec=_LOOK_EVERY_S,
                on_conflict="always_update",
            )  # fmt: skip
            client.register_queue(
                ASKING_QUEUE, worker_concurrency=AT_ONCE, partition_concurrency=1,
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


@contextlib.contextmanager
def faults() -> Iterator[None]:
    """Turn what the engine's database lacks into our fault."""
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, OSError) as error:
        raise EnvironmentFault(
            "The database of the durable work cannot be used.",
            next_step="Check free space and permissions of engine.db in the data folder, or that PostgreSQL is up.",
        ) from error
