"""A private MariaDB on the loopback, ended by its process id."""

from __future__ import annotations

import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from tests.servers.processes import free_port, not_as_root, program, running


@contextmanager
def mariadb_server(folder: Path) -> Iterator[str]:
    """The address of a running server in an empty folder, for SQLAlchemy."""
    daemon, install = (program(name, "mariadb-server") for name in ("mariadbd", "mariadb-install-db"))
    as_user, port, data = not_as_root(folder), free_port(), folder / "data"
    common = [
        "--no-defaults", f"--datadir={data}", "--innodb-log-file-size=8M", "--innodb-buffer-pool-size=16M",
        "--innodb-flush-log-at-trx-commit=0", "--innodb-fast-shutdown=2",
    ]  # fmt: skip
    subprocess.run(
        [install, *common, "--auth-root-authentication-method=normal", "--skip-test-db"],
        check=True, capture_output=True, cwd=folder, timeout=90, **as_user,
    )  # fmt: skip
    with running(
        [daemon, *common, f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder}/socket"],
        port=port, log=folder / "log", answers=_greets, end_with=signal.SIGKILL, cwd=folder, **as_user,
    ):  # fmt: skip
        yield f"mysql+pymysql://root@127.0.0.1:{port}/mysql?charset=utf8mb4"


def _greets(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=1) as answer:
            return bool(answer.recv(4))
    except OSError:
        return False


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
