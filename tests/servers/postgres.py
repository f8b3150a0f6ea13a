"""A private PostgreSQL on the loopback, ended by its process id."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from tests.servers.processes import free_port, not_as_root, running

OWNER = "owner"


def program(name: str) -> str | None:
    """A program of the server; Debian keeps them off the path."""
    found = [str(p) for p in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))]
    return found[-1] if found else shutil.which(name)


@contextmanager
def postgres_server(folder: Path) -> Iterator[str]:
    """The address of a running server in an empty folder, for SQLAlchemy."""
    initdb, daemon = program("initdb"), program("postgres")
    if not (initdb and daemon):
        pytest.skip("no PostgreSQL server on this machine (`apt-get install postgresql`)")
    as_user, port, data = not_as_root(folder), free_port(), folder / "data"
    subprocess.run(
        [initdb, "-D", data, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--no-sync"],
        check=True, capture_output=True, cwd=folder, timeout=60, **as_user,
    )  # fmt: skip
    # It ends at once, without a checkpoint that nobody will read.
    with running(
        [daemon, "-D", data, "-p", str(port), "-k", folder, "-h", "127.0.0.1", "-F"],
        port=port, log=folder / "log", answers=answers, end_with=signal.SIGQUIT, cwd=folder, **as_user,
    ):  # fmt: skip
        yield f"postgresql+psycopg://{OWNER}@127.0.0.1:{port}/postgres"


def answers(port: int) -> bool:
    """Whether it lets somebody in; it listens a little earlier than that."""
    try:
        psycopg.connect(host="127.0.0.1", port=port, user=OWNER, dbname="postgres").close()
    except psycopg.OperationalError:
        return False
    return True


def database_on(server: str, name: str, script: Path) -> str:
    """A fresh database on the server, filled from a script; its address."""
    engine = sa.create_engine(server, poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    url = server.rpartition("/")[0] + f"/{name}"
    with sa.create_engine(url, poolclass=sa.NullPool).begin() as connection:
        connection.exec_driver_sql(script.read_text(encoding="utf-8").replace("%", "%%"))
    return url
