"""A private PostgreSQL on the loopback that can be struck down and started again, ended by its process id."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

import psycopg
import pytest


def program(name: str) -> str | None:
    """A program of the server; Debian keeps them off the path."""
    found = [str(p) for p in sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))]
    return found[-1] if found else shutil.which(name)


class RestartingPostgres:
    """A server in a folder of its own, between ``with`` and its end."""

    def __init__(self) -> None:
        self._programs = {name: program(name) for name in ("initdb", "postgres")}
        if not all(self._programs.values()):
            pytest.skip("no PostgreSQL server on this machine (`apt-get install postgresql`)")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="sar-pg-"))
        # It refuses to run as root, so a throw-away account that every Debian has runs it.
        self._user: dict[str, Any] = {}
        if os.geteuid() == 0:
            shutil.chown(self._folder, "nobody")
            self._user = {"user": "nobody", "group": pwd.getpwnam("nobody").pw_gid, "extra_groups": []}
        subprocess.run(
            [str(self._programs["initdb"]), "-D", self._folder / "d", "-A", "trust", "-U", "sar", "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd=self._folder, **self._user,
        )  # fmt: skip
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.strike()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Up, and ready to answer."""
        self._server = subprocess.Popen(
            [str(self._programs["postgres"]), "-D", self._folder / "d", "-p", str(self.port), "-F",
             "-h", "127.0.0.1", "-k", self._folder, "-c", "max_connections=200"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=self._folder, **self._user,
        )  # fmt: skip
        end = time.monotonic() + 60
        while True:
            try:
                psycopg.connect(self.url("postgres").replace("+psycopg", "")).close()
            except psycopg.OperationalError:
                assert time.monotonic() < end, "PostgreSQL does not come up"
                time.sleep(0.05)
            else:
                return

    def strike(self) -> None:
        """Down at once: every connection breaks, nothing is closed."""
        assert self._server is not None
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(timeout=30)

    def url(self, database: str) -> str:
        """The address of one of its databases, for SQLAlchemy."""
        return f"postgresql+psycopg://sar@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The address of an empty database."""
        name = f"t{os.urandom(6).hex()}"
        with psycopg.connect(self.url("postgres").replace("+psycopg", ""), autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name}")
        return self.url(name)
