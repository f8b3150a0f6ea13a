"""The demo is run once for all; what changes its data folder changes a copy."""

from __future__ import annotations

import fcntl
import json
import shutil
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
import re2

from sar.bootstrap import House
from sar.cli import main
from sar.demonstration.databases import build_databases
from tests.journeys.canaries import CANARIES, forms_of
from tests.journeys.stage import STORES, TOP, Journey, close, environment, house_at, stores_folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Demo:
    """What one run of the demo left."""

    data: Path
    out: Path
    tmp: Path
    code: int
    stdout: str
    stderr: str
    seconds: float
    seen_in_clear: frozenset[tuple[str, str]]
    """While it ran: a canary and the working file it stood in."""
    files_watched: int


class Watch:
    """Reads what the running program writes for a moment only: temporary files, journals, logs."""

    def __init__(self, folders: list[Path]) -> None:
        self._folders = folders
        self._forms = [(c, form) for c in CANARIES for form in forms_of(c)]
        # All forms in one pass: to look for each of three hundred by itself takes ten times as long.
        as_bytes = re2.Options()
        as_bytes.encoding = re2.Options.Encoding.LATIN1
        self._any_form = re2.compile(b"|".join(re2.escape(form) for _, form in self._forms), as_bytes)
        self._read: dict[Path, int] = {}
        self.found: set[tuple[str, str]] = set()
        self.paths: set[Path] = set()

    def until(self, process: subprocess.Popen[str]) -> None:
        while process.poll() is None:
            self.look()
            time.sleep(0.3)

    def look(self) -> None:
        """Once at every file that changed since the last look."""
        for folder in self._folders:
            for path in folder.rglob("*"):
                if not {"sample", "outbox"} & set(path.parts):
                    self._look(path)

    def _look(self, path: Path) -> None:
        try:
            if not path.is_file() or self._read.get(path) == path.stat().st_size:
                return  # Asked before it is read: most files stand still, and there are hundreds of them.
            content = path.read_bytes()
        except OSError:  # Gone in the meantime.
            return
        self._read[path] = len(content)
        self.paths.add(path)
        if self._any_form.search(content):
            self.found |= {(canary, path.name) for canary, form in self._forms if form in content}


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Demo:
    """``sar demo --no-serve``, as a process of its own, watched while it runs; once for all test processes."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "the-demo"
    lock = folder.with_suffix(".lock")
    with lock.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        told = folder / "told.json"
        if not told.exists():
            folder.mkdir()
            told.write_text(json.dumps(_plain(_run_demo(folder))))
        said = json.loads(told.read_text())
    return Demo(
        data=folder / "data", out=folder / "out", tmp=folder / "tmp",
        seen_in_clear=frozenset((canary, file) for canary, file in said.pop("seen_in_clear")), **said,
    )  # fmt: skip


def _plain(made: Demo) -> dict[str, object]:
    return {
        "code": made.code, "stdout": made.stdout, "stderr": made.stderr, "seconds": made.seconds,
        "seen_in_clear": sorted(made.seen_in_clear), "files_watched": made.files_watched,
    }  # fmt: skip


def _run_demo(folder: Path) -> Demo:
    data, out, tmp = folder / "data", folder / "out", folder / "tmp"
    tmp.mkdir()
    began = time.monotonic()
    with (folder / "stdout").open("w+") as stdout, (folder / "stderr").open("w+") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-m", "sar", "demo", "--no-serve", "--out", str(out)],
            env=environment(data, TMPDIR=str(tmp)), stdout=stdout, stderr=stderr, text=True, cwd=TOP,
        )  # fmt: skip
        watch = Watch([data, tmp])
        timer = threading.Timer(
            600, process.kill
        )  # Hung: among four test processes it may well take three minutes.
        timer.start()
        try:
            watch.until(process)
        finally:
            timer.cancel()
            process.kill()
            process.wait()

    return Demo(
        data=data, out=out, tmp=tmp, code=process.returncode, stdout=(folder / "stdout").read_text(),
        stderr=(folder / "stderr").read_text(), seconds=time.monotonic() - began,
        seen_in_clear=frozenset(watch.found), files_watched=len(watch.paths),
    )  # fmt: skip


def copied(demo: Demo, into: Path) -> Path:
    """The demo's data folder, to be changed; its settings point into the copy."""
    shutil.copytree(demo.data, into)
    settings = into / "sar.toml"
    settings.write_text(settings.read_text().replace(str(demo.data), str(into)))
    return into


@pytest.fixture
def copy(demo: Demo, tmp_path: Path) -> Path:
    """A copy of the demo's data folder."""
    return copied(demo, tmp_path / "copy")


@pytest.fixture
def houses() -> Iterator[list[House]]:
    """Installations of a test, closed at its end."""
    opened: list[House] = []
    yield opened
    for house in opened:
        close(house)


@pytest.fixture
def journey(tmp_path: Path, houses: list[House]) -> Callable[..., Journey]:
    """One leg over the council's database alone, gathered; ``change`` may alter the store first."""

    def begin(leg: str = "leanne", *, change: str = "") -> Journey:
        stores = stores_folder(tmp_path / "stores", ["council_ssd"])
        build_databases(STORES, tmp_path / "databases")
        if change:
            with closing(sqlite3.connect(tmp_path / "databases" / "council_ssd.sqlite")) as owner, owner:
                owner.executescript(change)
        house = house_at(tmp_path / "data", stores, {"databases": str(tmp_path / "databases")})
        houses.append(house)
        made = Journey.begin(house, leg)
        made.gather()
        made.propose()
        return made

    return begin


@dataclass(frozen=True, slots=True)
class Said:
    """What a command said, as a process would have."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """The command line in this process: starting one takes longer than what is tried."""

    def run(*arguments: str | Path, data: Path) -> Said:
        monkeypatch.setenv("SAR_DATA", str(data))
        monkeypatch.setattr("sys.argv", ["sar", *map(str, arguments)])
        code: object = 0
        try:
            main()
        except SystemExit as left:
            code = left.code
        out, err = capsys.readouterr()
        return Said(returncode=int(str(code or 0)), stdout=out, stderr=err)

    return run
