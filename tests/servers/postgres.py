"""A private PostgreSQL on the loopback, ended by its process id."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa

from tests.servers.free import free_port, not_as_root


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
        [initdb, "-D", data, "-U", "owner", "-A", "trust", "-E", "UTF8", "--no-sync"],
        check=True, capture_output=True, cwd=folder, timeout=60, **as_user,
    )  # fmt: skip
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [daemon, "-D", data, "-p", str(port), "-k", folder, "-h", "127.0.0.1", "-F"],
            stdout=log, stderr=log, cwd=folder, **as_user,
        )  # fmt: skip
    try:
        _wait(server, port)
        yield f"postgresql+psycopg://owner@127.0.0.1:{port}/postgres"
    finally:
        server.send_signal(signal.SIGQUIT)  # at once, without a checkpoint nobody will read
        server.wait(timeout=30)


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert server.poll() is None, "PostgreSQL ended while starting; see its log"
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="owner", dbname="postgres").close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    pytest.fail("PostgreSQL did not answer in a minute")


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
