"""A private MariaDB on the loopback, ended by its process id."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa

from tests.servers.free import free_port, not_as_root

_PATH = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin:/sbin"


@contextmanager
def mariadb_server(folder: Path) -> Iterator[str]:
    """The address of a running server in an empty folder, for SQLAlchemy."""
    daemon = shutil.which("mariadbd", path=_PATH)
    install = shutil.which("mariadb-install-db", path=_PATH)
    if not (daemon and install):
        pytest.skip("no MariaDB server on this machine (`apt-get install mariadb-server`)")
    as_user, port, data = not_as_root(folder), free_port(), folder / "data"
    common = [
        "--no-defaults", f"--datadir={data}", "--innodb-log-file-size=8M", "--innodb-buffer-pool-size=16M",
        "--innodb-flush-log-at-trx-commit=0", "--innodb-fast-shutdown=2",
    ]  # fmt: skip
    subprocess.run(
        [install, *common, "--auth-root-authentication-method=normal", "--skip-test-db"],
        check=True, capture_output=True, cwd=folder, timeout=90, **as_user,
    )  # fmt: skip
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [daemon, *common, f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder}/socket"],
            stdout=log, stderr=log, cwd=folder, **as_user,
        )  # fmt: skip
    try:
        _wait(server, port)
        yield f"mysql+pymysql://root@127.0.0.1:{port}/mysql?charset=utf8mb4"
    finally:
        server.kill()
        server.wait(timeout=30)


def _wait(server: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert server.poll() is None, "MariaDB ended while starting; see its log"
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as answer:
                answer.recv(4)
                return
        except OSError:
            time.sleep(0.05)
    pytest.fail("MariaDB did not answer in a minute")


def database_on(server: str, name: str, script: Path) -> str:
    """A fresh database on the server, filled from a script of plain SQL; its address."""
    from pymysql.constants import CLIENT  # noqa: PLC0415 - only where a MariaDB is really used

    engine = sa.create_engine(server, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name}")
        connection.exec_driver_sql(f"CREATE DATABASE {name} CHARACTER SET utf8mb4")
    url = str(sa.make_url(server).set(database=name).render_as_string(hide_password=False))
    many = {"client_flag": CLIENT.MULTI_STATEMENTS}
    with sa.create_engine(url, poolclass=sa.NullPool, connect_args=many).begin() as connection:
        text = f"SET sql_mode = CONCAT(@@sql_mode, ',ANSI_QUOTES');\n{script.read_text(encoding='utf-8')}"
        cursor = connection.connection.cursor()
        cursor.execute(text)
        while cursor.nextset():
            pass
    return url
