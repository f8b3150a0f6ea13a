"""What whoever does the durable work must promise: the engine on SQLite, on PostgreSQL, and the fake of the tests."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from sar.domain.errors import NotFound
from sar.domain.records import AnswerKind
from sar.domain.references import CaseId, StoreName, SubjectId
from sar.installation import present
from sar.ports.jobs import Jobs
from sar.vault import open_vault
from sar.workflows import EngineJobs, Work, Worker
from tests.fakes.jobs import FakeJobs
from tests.fakes.work import CASE, FakeGathering, FakePacking, Log, work
from tests.servers.restarting import RestartingPostgres

pytestmark = pytest.mark.timeout(300)
LONG = 60.0


@dataclass(frozen=True, kw_only=True)
class Stage:
    """One kind of engine, with steps that a test chooses."""

    log: Log
    build: Callable[[Work], tuple[Jobs, Callable[[], AbstractContextManager[object]]]]

    def of(self, steps: Work) -> tuple[Jobs, Callable[[], AbstractContextManager[object]]]:
        """The engine as those see it who start work, and its worker."""
        return self.build(steps)


@pytest.fixture(scope="module")
def server() -> Iterator[RestartingPostgres]:
    with RestartingPostgres() as running:
        yield running


@pytest.fixture(params=["fake", "sqlite", "postgresql"])
def stage(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stage]:
    log = Log(tmp_path / "log.jsonl")
    opened: list[EngineJobs] = []
    database = ""
    if request.param == "postgresql":
        database = request.getfixturevalue("server").new_database()

    def fake(steps: Work) -> tuple[Jobs, Callable[[], AbstractContextManager[object]]]:
        jobs = FakeJobs(steps)
        return jobs, jobs.working

    def engine(steps: Work) -> tuple[Jobs, Callable[[], AbstractContextManager[object]]]:
        folder = tmp_path / "data"
        vault = open_vault(folder)
        jobs = EngineJobs(folder, vault, database=database, present=present)
        opened.append(jobs)
        return jobs, lambda: Worker(folder, vault, steps, database=database)

    yield Stage(log=log, build=fake if request.param == "fake" else engine)
    for jobs in opened:
        jobs.close()


def until(done: Callable[[], bool], *, seconds: float = LONG) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end, "it does not get on"
        time.sleep(0.02)


def test_every_question_is_put_and_the_round_is_closed(stage: Stage) -> None:
    jobs, working = stage.of(work(stage.log, {"hospital": ["FOUND"], "council": ["NOTHING_HELD"]}))
    job = jobs.start_gathering(CASE, 1)
    assert jobs.state(job).status == "waiting"
    assert jobs.start_gathering(CASE, 1) == job
    with working():
        assert jobs.wait(job, seconds=LONG).status == "done"
        assert jobs.wait(jobs.start_gathering(CASE, 1), seconds=LONG).status == "done"
    assert Counter(kept[0] for kept in stage.log.of("kept")) == {"hospital": 2, "council": 2}
    assert stage.log.of("concluded") == [(1,)]
    assert jobs.state(job).hung_since is None
    assert jobs.next_attempts(CASE, 1) == {}


def test_work_nobody_started_is_not_found(stage: Stage) -> None:
    jobs, _ = stage.of(work(stage.log))
    for ask in (jobs.state, jobs.cancel, lambda job: jobs.wait(job, seconds=0)):
        with pytest.raises(NotFound):
            ask("gather/nothing/1")


def test_a_failed_job_started_again_asks_only_what_is_missing(stage: Stage) -> None:
    stores = {"broken": ["bug"], "well": ["FOUND"]}
    jobs, working = stage.of(work(stage.log, stores))
    with working():
        job = jobs.start_gathering(CASE, 1)
        assert jobs.wait(job, seconds=LONG).status == "failed"
        assert stage.log.of("concluded") == []
        stores["broken"] = ["FOUND"]
        assert jobs.start_gathering(CASE, 1) == job
        assert jobs.wait(job, seconds=LONG).status == "done"
    assert Counter(asked[0] for asked in stage.log.of("asked")) == {"well": 2, "broken": 4}
    assert stage.log.of("concluded") == [(1,)]


def test_a_release_that_was_blocked_sends_nothing_and_can_be_tried_again(stage: Stage) -> None:
    steps = replace(work(stage.log), packing=FakePacking(stage.log, faults=1))
    jobs, working = stage.of(steps)
    with working():
        assert jobs.wait(jobs.start_release(CASE, 2, 1), seconds=LONG).status == "failed"
        assert stage.log.of("delivered") == []
        assert jobs.wait(jobs.start_release(CASE, 2, 1), seconds=LONG).status == "done"
    assert stage.log.of("delivered") == [(2,)]


def test_a_store_that_is_down_does_not_hold_the_round_and_is_asked_again_later(stage: Stage) -> None:
    stores = {"down": ["UNAVAILABLE"] * 4 + ["FOUND"], "well": ["FOUND"]}
    steps = work(stage.log, stores)
    gathering = FakeGathering(stage.log, stores, subjects=1)
    jobs, working = stage.of(replace(steps, gathering=gathering, later=(3.0, 0.1)))
    with working():
        before = present()
        job = jobs.start_gathering(CASE, 1)
        assert jobs.wait(job, seconds=LONG).status == "done"
        assert stage.log.of("concluded") == [(1,)]
        due = jobs.next_attempts(CASE, 1)
        assert list(due) == [(StoreName("down"), SubjectId("s1"))]
        wait = due[StoreName("down"), SubjectId("s1")] - before
        assert timedelta(seconds=3) <= wait < timedelta(seconds=LONG)
        until(lambda: bool(stage.log.of("taken in")))
        until(lambda: not jobs.next_attempts(CASE, 1))
    asked = [attempt for store, _, attempt in stage.log.of("asked") if store == "down"]
    assert asked == [1, 2, 3, 4, 5]
    assert stage.log.of("taken in") == [(1,)]
    assert stage.log.of("concluded") == [(1,)]


class Held(FakeGathering):
    """Every question stays with its store until the test lets it go."""

    release: threading.Event

    def ask(self, *args: object, **named: object) -> AnswerKind:
        self._log.write("entered", named["store"])
        assert self.release.wait(timeout=30)
        return super().ask(*args, **named)  # type: ignore[arg-type]  # handed on as they came


def test_cancelled_work_is_seen_at_once_begins_nothing_more_and_goes_on_with_what_is_missing(
    stage: Stage,
) -> None:
    stores = {"a": ["UNAVAILABLE", "UNAVAILABLE", "FOUND"]}
    gathering = Held(stage.log, stores, subjects=3, bears=(1, 0))
    gathering.release = threading.Event()
    jobs, working = stage.of(replace(work(stage.log), gathering=gathering))
    with working():
        job = jobs.start_gathering(CASE, 1)
        until(lambda: bool(stage.log.of("entered")))
        began = time.monotonic()
        assert jobs.cancel(job).status == "cancelled"
        assert time.monotonic() - began < 5.0  # The question under way is held for 30: it was not waited for.
        gathering.release.set()
        until(lambda: len(stage.log.of("kept")) == 1)
        time.sleep(1.0)
        assert stage.log.of("asked") == [("a", "s1", 1)]
        assert stage.log.of("concluded") == []
        assert jobs.state(job).status == "cancelled"
        stores["a"] = ["UNAVAILABLE", "FOUND"]
        assert jobs.start_gathering(CASE, 1) == job
        assert jobs.wait(job, seconds=LONG).status == "done"
    by_subject = {(s, n) for _, s, n in stage.log.of("asked")}
    assert by_subject == {("s1", 1), ("s1", 2), ("s2", 1), ("s2", 2), ("s3", 1), ("s3", 2)}
    assert len(stage.log.of("asked")) == len(by_subject)


@contextmanager
def down_for_long(stage: Stage) -> Iterator[tuple[Jobs, str]]:
    gathering = FakeGathering(stage.log, {"down": ["UNAVAILABLE"]}, subjects=1)
    jobs, working = stage.of(replace(work(stage.log), gathering=gathering, later=(1.0,)))
    with working():
        job = jobs.start_gathering(CASE, 1)
        assert jobs.wait(job, seconds=LONG).status == "done"
        yield jobs, job


def test_later_attempts_of_a_closed_round_can_be_given_up(stage: Stage) -> None:
    with down_for_long(stage) as (jobs, job):
        assert jobs.cancel(job).status == "done"
        assert jobs.next_attempts(CASE, 1) == {}
        time.sleep(0.3)
        asked = len(stage.log.of("asked"))
        time.sleep(2.5)
        assert len(stage.log.of("asked")) == asked


def test_a_new_round_gives_up_the_later_attempts_of_the_one_before(stage: Stage) -> None:
    other = CaseId("f" * 32)
    with down_for_long(stage) as (jobs, _):
        assert jobs.wait(jobs.start_gathering(other, 1), seconds=LONG).status == "done"
        jobs.wait(jobs.start_gathering(CASE, 2), seconds=LONG)
        until(lambda: bool(jobs.next_attempts(CASE, 2)))
        assert jobs.next_attempts(CASE, 1) == {}
        assert jobs.next_attempts(other, 1)


def test_a_round_that_is_stopped_gives_back_the_later_attempts_of_the_one_before(stage: Stage) -> None:
    stores = {"down": ["UNAVAILABLE"] * 3 + ["FOUND"]}
    gathering = FakeGathering(stage.log, stores, subjects=1)
    jobs, working = stage.of(replace(work(stage.log), gathering=gathering, later=(1.0,)))
    with working():
        assert jobs.wait(jobs.start_gathering(CASE, 1), seconds=LONG).status == "done"
    due = jobs.next_attempts(CASE, 1)
    for _ in range(2):
        job = jobs.start_gathering(CASE, 2)
        assert jobs.next_attempts(CASE, 2) == {}
        assert job == jobs.gathering_job(CASE, 2)
        assert jobs.cancel(job).status == "cancelled"
        again = jobs.next_attempts(CASE, 1)
        assert again.keys() == due.keys() != set()
        # As before; what fell due meanwhile is due now.
        latest, little = present(), timedelta(seconds=1)
        assert all(at - little < again[question] < max(at, latest) + little for question, at in due.items())
    with working():
        until(lambda: bool(stage.log.of("taken in")))
    assert [attempt for _, _, attempt in stage.log.of("asked")] == [1, 2, 3, 4]
    assert stage.log.of("concluded") == [(1,)]


def test_later_attempts_that_were_given_up_by_a_person_stay_given_up(stage: Stage) -> None:
    with down_for_long(stage) as (jobs, job):
        jobs.cancel(job)
    jobs.cancel(jobs.start_gathering(CASE, 2))
    assert jobs.next_attempts(CASE, 2) == {}


def test_what_falls_due_is_done_by_itself_and_at_once_when_asked_for(stage: Stage) -> None:
    jobs, working = stage.of(work(stage.log))
    with working():
        until(lambda: len(stage.log.of("tended")) == 1)
        for _ in range(2):
            assert jobs.wait(jobs.start_tending(CASE), seconds=LONG).status == "done"
    assert len(stage.log.of("tended")) == 3
