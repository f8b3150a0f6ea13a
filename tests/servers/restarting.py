"""A private PostgreSQL on the loopback that can be struck down and started again, ended by its process id."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path
from typing import Self

import psycopg
import pytest

from tests.servers.postgres import OWNER, answers, program
from tests.servers.processes import await_answer, free_port, not_as_root


class RestartingPostgres:
    """A server in a folder of its own, between ``with`` and its end."""

    def __init__(self) -> None:
        self._programs = {name: program(name) for name in ("initdb", "postgres")}
        if not all(self._programs.values()):
            pytest.skip("no PostgreSQL server on this machine (`apt-get install postgresql`)")
        self.port = free_port()
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._folder = Path(tempfile.mkdtemp(prefix="sar-pg-"))
        self._user = not_as_root(self._folder)  # it refuses to run as root
        subprocess.run(
            [str(self._programs["initdb"]), "-D", self._folder / "d", "-A", "trust", "-U", OWNER, "--no-sync"],
            check=True, stdout=subprocess.DEVNULL, cwd=self._folder, **self._user,
        )  # fmt: skip
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.strike()
        shutil.rmtree(self._folder, ignore_errors=True)

    def start(self) -> None:
        """Up, and ready to answer."""
        log = self._folder / "log"
        with log.open("wb") as said:
            self._server = subprocess.Popen(
                [str(self._programs["postgres"]), "-D", self._folder / "d", "-p", str(self.port), "-F",
                 "-h", "127.0.0.1", "-k", self._folder, "-c", "max_connections=200"],
                stdout=said, stderr=said, cwd=self._folder, **self._user,
            )  # fmt: skip
        await_answer(self._server, self.port, log, answers=answers)

    def strike(self) -> None:
        """Down at once: every connection breaks, nothing is closed."""
        assert self._server is not None
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait(timeout=30)

    def url(self, database: str) -> str:
        """The address of one of its databases, for SQLAlchemy."""
        return f"postgresql+psycopg://{OWNER}@127.0.0.1:{self.port}/{database}"

    def new_database(self) -> str:
        """The address of an empty database."""
        name = f"t{os.urandom(6).hex()}"
        with psycopg.connect(self.url("postgres").replace("+psycopg", ""), autocommit=True) as server:
            server.execute(f"CREATE DATABASE {name}")
        return self.url(name)
