"""Who looks after the work: what hangs is named, what is over is cleared away, and nothing personal is kept."""

from __future__ import annotations

import logging
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from sar.domain.errors import NotFound
from sar.domain.records import AnswerKind
from sar.domain.references import StoreName, SubjectId
from sar.installation import present
from sar.vault import open_vault
from sar.workflows import EngineJobs, Worker
from sar.workflows.worker import PRESENCE_LOST
from tests.fakes.work import CASE, SECRET, FakeGathering, Log, work
from tests.integration.workflows.test_durable_work import STORES, started_worker
from tests.servers.restarting import RestartingPostgres

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "log.jsonl")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def until(done: Callable[[], bool], *, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it does not get on"
        time.sleep(0.05)


class Hanging(FakeGathering):
    """The first question never comes back before the test lets it."""

    released: threading.Event

    def ask(self, *args: object, **named: object) -> AnswerKind:
        self._log.write("entered", named["store"])
        if len(self._log.of("entered")) == 1:
            self.released.wait(timeout=60)
        return super().ask(*args, **named)  # type: ignore[arg-type]  # handed on as they came


def test_what_hangs_is_named_and_is_taken_up_anew_when_started_again(
    folder: Path, log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    gathering = Hanging(log, {"slow": ["FOUND"]}, subjects=1)
    gathering.released = threading.Event()
    vault = open_vault(folder)
    jobs = EngineJobs(folder, vault, present=present, hung_after=1.0)
    steps = replace(work(log), gathering=gathering, present=present, hung_after=1.0)
    with Worker(folder, vault, steps):
        began = present()
        job = jobs.start_gathering(CASE, 1)
        until(lambda: bool(log.of("entered")))
        until(lambda: jobs.state(job).hung_since is not None)
        assert (since := jobs.state(job).hung_since) is not None
        assert since >= began.replace(microsecond=0)
        until(lambda: "it hangs" in caplog.text)
        assert jobs.start_gathering(CASE, 1) == job
        assert jobs.wait(job, seconds=60).status == "done"
        gathering.released.set()
    assert len(log.of("entered")) == 2
    assert len(log.of("kept")) == 1
    assert log.of("concluded") == [(1,)]
    jobs.close()


def test_a_round_that_was_begun_and_never_put_down_is_started(
    folder: Path, log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    gathering = FakeGathering(log, {"well": ["FOUND"]})
    gathering.begun = [(CASE, 1)]
    vault = open_vault(folder)
    jobs = EngineJobs(folder, vault)
    with Worker(folder, vault, replace(work(log), gathering=gathering)):
        until(lambda: bool(log.of("concluded")))
        assert jobs.wait(jobs.gathering_job(CASE, 1), seconds=60).status == "done"
        assert "Started 1 gatherings that somebody had begun" in caplog.text
    with Worker(folder, vault, replace(work(log), gathering=gathering)):
        until(lambda: len(log.of("tended")) >= 1)
    assert log.of("concluded") == [(1,)]
    jobs.close()


def test_finished_work_is_forgotten_after_its_time_and_what_is_open_is_not(folder: Path, log: Log) -> None:
    vault = open_vault(folder)
    jobs = EngineJobs(folder, vault, present=present)
    well = replace(work(log, {"well": ["FOUND"]}), present=present, keep_finished=0.0)
    down = replace(well, gathering=FakeGathering(log, {"down": ["UNAVAILABLE"]}, subjects=1), later=(3600.0,))
    with Worker(folder, vault, down):
        open_job = jobs.start_gathering(CASE, 1)
        assert jobs.wait(open_job, seconds=60).status == "done"
    with Worker(folder, vault, well):
        over = jobs.start_release(CASE, 1, 1)
        assert jobs.wait(over, seconds=60).status == "done"

    def forgotten() -> bool:
        try:
            jobs.state(over)
        except NotFound:
            return True
        return False

    with Worker(folder, vault, down):
        until(forgotten)
        assert jobs.state(open_job).status == "done"
        assert list(jobs.next_attempts(CASE, 1)) == [(StoreName("down"), SubjectId("s1"))]
        jobs.cancel(open_job)
    with Worker(folder, vault, well), pytest.raises(NotFound):
        until(lambda: not jobs.state(open_job), seconds=20)
    with sqlite3.connect(folder / "engine.db") as engine:
        left = engine.execute("SELECT name FROM workflow_status WHERE name != 'tend'").fetchall()
    assert left == []
    jobs.close()


@pytest.fixture(scope="module")
def server() -> Iterator[RestartingPostgres]:
    with RestartingPostgres() as running:
        yield running


@pytest.fixture
def fresh_logger() -> Iterator[None]:
    """The engine's logger holds on to the standard error it first met, which is another in each test here."""
    logging.getLogger("dbos").handlers.clear()
    yield
    logging.getLogger("dbos").handlers.clear()


@pytest.mark.usefixtures("fresh_logger")
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_personal_stands_in_any_column_of_the_engine_or_in_the_log(
    folder: Path, log: Log, request: pytest.FixtureRequest, kind: str, caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    database = request.getfixturevalue("server").new_database() if kind == "postgresql" else ""
    gathering = FakeGathering(log, {"hospital": ["bug"], "full": ["disk full"], "down": ["UNAVAILABLE"]})
    gathering._subjects = [SubjectId("leanne-hartley")]  # some installations name a subject so
    vault = open_vault(folder)
    jobs = EngineJobs(folder, vault, database=database)
    steps = replace(work(log), gathering=gathering)
    with caplog.at_level(logging.DEBUG), Worker(folder, vault, steps, database=database):
        assert jobs.wait(jobs.start_gathering(CASE, 1), seconds=60).status == "failed"
        assert list(jobs.next_attempts(CASE, 1)) == [(StoreName("down"), SubjectId("leanne-hartley"))]
    jobs.close()
    kept = every_value(database or f"sqlite:///{folder / 'engine.db'}", "dbos" if database else None)
    said = caplog.text + "".join(capfd.readouterr())
    assert str(CASE) in kept
    for word in (SECRET, "leanne", "hartley", "cannot parse", "No space for"):
        assert word.casefold() not in kept.casefold()
        assert word.casefold() not in said.casefold()


def every_value(url: str, schema: str | None) -> str:
    """All that stands in any column of any table, as text."""
    engine = create_engine(url)
    prefix = f'"{schema}".' if schema else ""
    with engine.connect() as connection:
        rows = [
            str(row)
            for table in inspect(engine).get_table_names(schema=schema)
            for row in connection.execute(text(f'SELECT * FROM {prefix}"{table}"'))  # noqa: S608 - its own names
        ]
    engine.dispose()
    return "\n".join(rows)


def test_the_work_of_a_killed_worker_is_taken_over_by_another_host(
    folder: Path, log: Log, tmp_path: Path, server: RestartingPostgres
) -> None:
    database = server.new_database()
    jobs = EngineJobs(folder, open_vault(folder), database=database)
    job = jobs.start_gathering(CASE, 1)
    pair = [started_worker(folder, log.path, takes=0.8, database=database) for _ in range(2)]
    try:
        until(lambda: len(log.of("asked")) >= 2)
        pair[0].kill()
        pair[0].wait()
        assert jobs.wait(job, seconds=180).status == "done"
        assert pair[1].poll() is None
    finally:
        for worker in pair:
            worker.kill()
            worker.wait()
    assert sorted(k[:2] for k in log.of("kept")) == sorted((s, w) for s in STORES for w in ("s1", "s2"))
    assert log.of("concluded") == [(1,)]
    jobs.close()


def test_the_work_of_a_worker_that_stands_still_is_named_by_another_and_goes_on_when_started_again(
    folder: Path, log: Log, server: RestartingPostgres, caplog: pytest.LogCaptureFixture
) -> None:
    database, vault = server.new_database(), open_vault(folder)
    jobs = EngineJobs(folder, vault, database=database, present=present, hung_after=2.0)
    job = jobs.start_gathering(CASE, 1)
    frozen = started_worker(folder, log.path, takes=0.5, database=database)
    try:
        until(lambda: len(log.of("asked")) >= 1)
        frozen.send_signal(signal.SIGSTOP)
        awake = replace(
            work(log), gathering=FakeGathering(log, STORES), present=present, hung_after=2.0,
        )  # fmt: skip
        with Worker(folder, vault, awake, database=database):
            until(lambda: "it hangs" in caplog.text)
            assert jobs.state(job).hung_since is not None
            jobs.start_gathering(CASE, 1)
            assert jobs.wait(job, seconds=60).status == "done"
    finally:
        frozen.kill()
        frozen.wait()
    assert sorted({k[:2] for k in log.of("kept")}) == sorted((s, w) for s in STORES for w in ("s1", "s2"))
    assert log.of("concluded") == [(1,)]
    jobs.close()


def test_a_worker_that_loses_its_lock_leaves_the_process(folder: Path, log: Log) -> None:
    with RestartingPostgres() as own:
        database = own.new_database()
        jobs = EngineJobs(folder, open_vault(folder), database=database)
        job = jobs.start_gathering(CASE, 1)
        worker = started_worker(folder, log.path, takes=0.3, database=database)
        until(lambda: len(log.of("asked")) >= 2)
        own.strike()
        own.start()
        assert worker.wait(timeout=60) == PRESENCE_LOST
        again = started_worker(folder, log.path, takes=0.05, database=database)
        try:
            jobs.close()
            assert jobs.wait(job, seconds=180).status == "done"
        finally:
            again.kill()
            again.wait()
        jobs.close()
    assert log.of("concluded") == [(1,)]
