"""Connections that cannot write: SQLite, PostgreSQL and MariaDB, each with its limits and its lenient reading."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import psycopg
import sqlalchemy as sa
from psycopg.adapt import AdaptersMap, Loader

from sar.domain.errors import StoreFault, StoreRefused, StoreUnavailable
from sar.stores.fields import bad
from sar.stores.sql_tls import secured_mariadb, secured_postgresql
from sar.stores.values import decoded

_MARIADB = frozenset({"mysql", "mariadb"})
_STREAM_S = 3600
"""A backstop for one long read of MariaDB; how long it may be silent is limited on our side."""


def engine_for(url: str, *, timeout_s: float, where: str) -> sa.Engine:
    """An engine whose connections only read. A plain path is an SQLite file.

    :raises BadMapping: the address is of no kind that is read here, or the line would not be encrypted.
    """
    try:
        address = sa.make_url(url) if "://" in url else sa.URL.create("sqlite", database=url)
    except sa.exc.ArgumentError as wrong:
        raise bad(where, "its database address cannot be used") from wrong
    backend = address.get_backend_name()
    if backend == "sqlite":
        return _sqlite(address, timeout_s)
    if backend == "postgresql":
        address = secured_postgresql(address, where)
        return _postgresql(address.set(drivername="postgresql+psycopg"), timeout_s)
    if backend in _MARIADB:
        address, proof = secured_mariadb(address, where)
        return _mariadb(address.set(drivername=f"{backend}+pymysql"), timeout_s, proof)
    raise bad(
        where, "its database is of a kind that is not read", next_step="Use SQLite, PostgreSQL or MariaDB."
    )


def require_readable(url: str, *, where: str) -> None:
    """Refuse an address that could not be used; nothing is opened.

    :raises BadMapping: as ``engine_for``.
    """
    engine_for(url, timeout_s=1, where=where).dispose()


def _sqlite(address: sa.URL, timeout_s: float) -> sa.Engine:
    path = Path(address.database or "").resolve()
    url = sa.URL.create("sqlite", database=f"file:{path.as_posix()}", query={"mode": "ro", "uri": "true"})
    engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"timeout": timeout_s})

    def on_connect(connection: Any, record: Any) -> None:
        # Old systems put Windows letters into UTF-8 columns; one such cell must not lose the whole answer.
        connection.text_factory = decoded
        # The driver starts no transaction for a SELECT; `begin` below does, so that all is read of one moment.
        connection.isolation_level = None
        record.info["deadline"] = deadline = Deadline(timeout_s)
        connection.set_progress_handler(deadline.is_over, 100_000)

    sa.event.listen(engine, "connect", on_connect)
    sa.event.listen(engine, "begin", lambda c: c.exec_driver_sql("BEGIN") and None)
    return engine


class Deadline:
    """How long SQLite may work on one step; the other databases count for themselves."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = time.monotonic() + seconds

    def renew(self) -> None:
        """A new step begins."""
        self._until = time.monotonic() + self._seconds

    def is_over(self) -> bool:
        """Whether the step has had its time."""
        return time.monotonic() > self._until


class _LenientText(Loader):
    def load(self, data: Any) -> str:
        return decoded(bytes(data))


def _postgresql(address: sa.URL, timeout_s: float) -> sa.Engine:
    adapters = AdaptersMap(psycopg.adapters)
    # A day after the year 9999 or `infinity` is no Python date: as text it is one row's trouble, not the table's.
    # JSON stays text, as in the other databases: a value nested too deep to be taken apart is one row's trouble too.
    for name in ("text", "varchar", "bpchar", "name", "date", "timestamp", "timestamptz", "json", "jsonb"):
        adapters.register_loader(name, _LenientText)
    return sa.create_engine(
        address,
        poolclass=sa.NullPool,
        connect_args={"connect_timeout": max(1, int(timeout_s)), "context": _Context(adapters)},
        execution_options={"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"},
    )


class _Context:
    """What psycopg asks for when a connection is to read in its own way."""

    def __init__(self, adapters: AdaptersMap) -> None:
        self.adapters = adapters
        self.connection = None


def _mariadb(address: sa.URL, timeout_s: float, proof: Mapping[str, Any]) -> sa.Engine:
    wait = max(1, int(timeout_s))
    engine = sa.create_engine(
        address.update_query_dict({"charset": "utf8mb4"}),
        poolclass=sa.NullPool,
        connect_args={"connect_timeout": wait, "read_timeout": wait + 5, "write_timeout": wait, **proof},
    )
    sa.event.listen(engine, "connect", lambda connection, _record: _read_only(connection, timeout_s))
    return engine


def _read_only(connection: Any, timeout_s: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SELECT VERSION()")
        if "MariaDB" in str(cursor.fetchone()):
            cursor.execute("SET SESSION max_statement_time = %s", (timeout_s,))
        else:
            cursor.execute("SET SESSION max_execution_time = %s", (int(timeout_s * 1000),))
    # Those settings began a transaction of the old kind; the next statement begins one that only reads.
    connection.rollback()


def begin(connection: sa.Connection, timeout_s: float) -> None:
    """Start the one transaction everything is read in, with its limit on each statement."""
    if connection.dialect.name == "postgresql":
        limit = sa.func.set_config("statement_timeout", str(int(timeout_s * 1000)), sa.true())
        connection.execute(sa.select(limit))
    elif connection.dialect.name in _MARIADB:
        connection.exec_driver_sql("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")


def needs_second(connection: sa.Connection) -> bool:
    """Whether nothing else can be asked while rows stream in: the one cursor of MariaDB's protocol."""
    return connection.dialect.name in _MARIADB


def stream_without_haste(connection: sa.Connection) -> None:
    """Let rows of one statement come for as long as they are taken in; silence still ends the connection."""
    connection.exec_driver_sql(f"SET SESSION net_write_timeout = {_STREAM_S}")
    version = connection.exec_driver_sql("SELECT VERSION()").scalar_one()
    if "MariaDB" in str(version):
        connection.exec_driver_sql(f"SET SESSION max_statement_time = {_STREAM_S}")
    else:
        connection.exec_driver_sql(f"SET SESSION max_execution_time = {_STREAM_S * 1000}")


def renew(connection: sa.Connection) -> None:
    """A new step begins: SQLite's own limit starts again."""
    deadline = connection.info.get("deadline")
    if deadline is not None:
        deadline.renew()


def columns_held(
    connection: sa.Connection, tables: Iterable[str]
) -> dict[str, dict[str, sa.types.TypeEngine[Any]]]:
    """The columns of tables and views that this user may see, with their types."""
    if connection.dialect.name in _MARIADB:
        return _mariadb_columns(connection)
    inspector = sa.inspect(connection)
    there = {*inspector.get_table_names(), *inspector.get_view_names()}
    return {t: {c["name"]: c["type"] for c in inspector.get_columns(t)} for t in tables if t in there}


def _mariadb_columns(connection: sa.Connection) -> dict[str, dict[str, sa.types.TypeEngine[Any]]]:
    """From the catalogue: to see how a view was made is a right that a mere reader seldom has."""
    found: dict[str, dict[str, sa.types.TypeEngine[Any]]] = {}
    for table, column, kind in connection.exec_driver_sql(
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = DATABASE()"
    ):
        found.setdefault(str(table), {})[str(column)] = _mariadb_type(str(kind).lower())
    return found


def _mariadb_type(kind: str) -> sa.types.TypeEngine[Any]:
    if kind.endswith("int"):
        return sa.BigInteger()
    if kind in {"date", "datetime", "timestamp"}:
        return sa.DateTime()
    return sa.String() if kind.endswith(("char", "text")) else sa.types.NULLTYPE


_LASTING = (
    "malformed", "not a database", "password", "role", "access denied", "unknown database", "does not exist",
)  # fmt: skip


_UNPROVEN = ("certificate", "does not support ssl", "ssl is required")


def fault_of(label: str, fault: sa.exc.DBAPIError) -> StoreFault:
    """Damage does not heal by asking again; a lock or a lost connection does."""
    text = str(fault.orig).casefold()
    if isinstance(fault, sa.exc.ProgrammingError):
        return StoreRefused(
            f"{label}: the database refused the question.",
            next_step="Ask its owner for read access to the mapped tables, then `sar stores check`.",
        )
    if any(sign in text for sign in _UNPROVEN):
        return StoreRefused(
            f"{label}: the line to the database cannot be encrypted, or its certificate does not prove it.",
            next_step="Ask its owner for TLS and for the authority of its certificate, then `sar stores check`.",
        )
    if any(sign in text for sign in _LASTING):
        return StoreRefused(
            f"{label}: the database cannot be read as it is.",
            next_step="Ask its owner to check the file or the sign-in, then `sar stores check`.",
        )
    return StoreUnavailable(
        f"{label}: the database did not answer.",
        next_step="It is asked again by itself; or start it and retry.",
    )


def is_of_one_table(fault: sa.exc.DBAPIError) -> bool:
    """Whether only this table cannot be read (no right to it, a damaged page, a view that fails).

    A lost connection, a lock or a limit of time concerns the whole store: it is asked again later.
    """
    if fault.connection_invalidated or isinstance(fault, sa.exc.InterfaceError):
        return False
    if isinstance(fault, sa.exc.OperationalError):
        return _of_table(fault.orig)
    return True


_WHOLE_STORE = frozenset(
    {1040, 1042, 1044, 1045, 1049, 1053, 1152, 1158, 1159, 1160, 1161, 1205, 1213, 1317, 1927, 1969, 3024}
)
"""MariaDB: no more connections, no sign-in, shut down, killed, lost, locked, out of time."""
_CLIENT = 2000
"""MariaDB: from here on the connection itself is at fault."""
_SQLITE = ("locked", "busy", "interrupted", "unable to open", "disk i/o")


def _of_table(orig: BaseException | None) -> bool:
    number = orig.args[0] if orig is not None and orig.args else None
    if isinstance(number, int):
        return number < _CLIENT and number not in _WHOLE_STORE
    if hasattr(orig, "sqlstate"):
        return False  # what PostgreSQL calls operational is never one table's trouble
    return not any(sign in str(orig).casefold() for sign in _SQLITE)
