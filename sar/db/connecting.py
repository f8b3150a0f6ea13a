"""The engine and its transactions, the same for SQLite and PostgreSQL."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from sar.domain.errors import EnvironmentFault

_BEGIN = "sar_begin"
_BUSY_MS = 30_000


def open_engine(database_url: str) -> Engine:
    """An engine for ``sqlite:///path`` or ``postgresql+psycopg://...``.

    Parameters never stand in its error texts: they could be somebody's data.

    :raises EnvironmentFault: the address cannot be used.
    """
    try:
        url = make_url(database_url)
        engine = create_engine(url, hide_parameters=True, pool_size=8, max_overflow=8, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ImportError) as error:
        raise EnvironmentFault(
            "The database address cannot be used.",
            next_step="Write it like sqlite:////path/sar.db or postgresql+psycopg://user@host/name "
            "(for the second install the package psycopg).",
        ) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


@contextlib.contextmanager
def writing(engine: Engine, *, patience_ms: int = _BUSY_MS) -> Iterator[Connection]:
    """A transaction that may write, committed when the block ends well.

    SQLite takes the write lock at once, so that what is read inside stays true until the end.

    :param patience_ms: how long to wait for another writer; after that it cannot be done.
    """
    with faults(), engine.connect() as connection, _waiting(connection, patience_ms):
        connection.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
        with connection.begin():
            yield connection


@contextlib.contextmanager
def _waiting(connection: Connection, patience_ms: int) -> Iterator[None]:
    if patience_ms == _BUSY_MS:
        yield
        return
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SET lock_timeout = {patience_ms:d}")
        connection.commit()
        undo = "RESET lock_timeout"
    else:
        _driver(connection).execute(f"PRAGMA busy_timeout={patience_ms:d}")
        undo = f"PRAGMA busy_timeout={_BUSY_MS}"
    try:
        yield
    finally:
        # The connection goes back to where others take theirs from.
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(undo)
            connection.commit()
        else:
            _driver(connection).execute(undo)


def _driver(connection: Connection) -> Any:
    """The driver's own connection: through the other one a transaction would begin."""
    return connection.connection.dbapi_connection


@contextlib.contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A transaction that sees one moment of the database."""
    with faults(), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


@contextlib.contextmanager
def faults() -> Iterator[None]:
    """Turn what the database machinery lacks (space, locks, permission, connection) into our fault.

    A broken constraint passes: only the caller knows what it means.
    """
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, PoolTimeout) as error:
        raise EnvironmentFault(
            f"The database could not do its work ({_plain(error)}); nothing was changed.",
            next_step="Check free space, permissions and that the database is up, then try again.",
        ) from error


def _plain(error: Exception) -> str:
    """The first line of the driver's own words; it names tables and conditions, never values."""
    cause = getattr(error, "orig", None)
    words = str(cause or "no free connection").splitlines()
    return words[0] if words else "no reason given"


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not open transactions by itself: it would read first and lock later.
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout={_BUSY_MS}", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON",
    ):  # fmt: skip
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    connection.exec_driver_sql(str(connection.get_execution_options().get(_BEGIN, "BEGIN")))
