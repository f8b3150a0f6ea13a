"""Work goes on after a fault, a hang and a kill; and what the engine keeps tells nothing."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from sar.domain.errors import EnvironmentFault, NotFound, QuestionsLeft
from sar.domain.records import AnswerKind
from sar.domain.references import CaseId, SubjectId
from sar.vault import open_vault
from sar.workflows import EngineJobs, Worker, run_worker
from tests.fakes.work import CASE, FakeGathering, Log, work

pytestmark = pytest.mark.timeout(300)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "log.jsonl")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


def gathered(folder: Path, stores: dict[str, list[str]], log: Log) -> str:
    vault = open_vault(folder)
    jobs = EngineJobs(folder, vault)
    with Worker(folder, vault, work(log, stores)):
        state = jobs.wait(jobs.start_gathering(CASE, 1), seconds=30)
    jobs.close()
    vault.close()
    return state.status


def test_every_store_is_asked_about_everybody_and_the_round_is_closed(folder: Path, log: Log) -> None:
    assert gathered(folder, {"hospital": ["FOUND"], "council": ["NOTHING_HELD"]}, log) == "done"
    assert sorted(log.of("kept")) == [
        ("council", "s1", "NOTHING_HELD", 1), ("council", "s2", "NOTHING_HELD", 1),
        ("hospital", "s1", "FOUND", 1), ("hospital", "s2", "FOUND", 1),
    ]  # fmt: skip
    assert log.of("concluded") == [(1,)]


def busiest(log: Log, of: str = "") -> int:
    """The most questions that were with the stores (or one of them) at the same time."""
    lines = [json.loads(line) for line in log.path.read_text().splitlines()]
    now = most = 0
    for word, *rest in lines:
        if word in {"asked", "left"} and (not of or rest[0] == of):
            now += 1 if word == "asked" else -1
            most = max(most, now)
    return most


def asked_all(folder: Path, log: Log, gathering: FakeGathering) -> None:
    vault = open_vault(folder)
    jobs = EngineJobs(folder, vault)
    with Worker(folder, vault, replace(work(log), gathering=gathering)):
        assert jobs.wait(jobs.start_gathering(CASE, 1), seconds=30).status == "done"
    jobs.close()


class Together(FakeGathering):
    """No store answers before all of them were asked."""

    meeting: threading.Barrier

    def ask(self, *args: object, **named: object) -> AnswerKind:
        self.meeting.wait(timeout=30)
        return super().ask(*args, **named)  # type: ignore[arg-type]  # handed on as they came


def test_twenty_four_stores_are_asked_at_the_same_time_in_one_worker(folder: Path, log: Log) -> None:
    gathering = Together(log, {f"store{n}": ["FOUND"] for n in range(24)}, subjects=1)
    gathering.meeting = threading.Barrier(24)
    asked_all(folder, log, gathering)
    assert len(log.of("kept")) == 24


@pytest.mark.parametrize("at_once", [1, 3])
def test_a_store_is_never_asked_more_at_once_than_it_bears(folder: Path, log: Log, at_once: int) -> None:
    asked_all(
        folder, log,
        FakeGathering(log, {"a": ["FOUND"], "b": ["FOUND"]}, subjects=5, takes=0.4, bears=(at_once, 0)),
    )  # fmt: skip
    assert busiest(log, "a") == busiest(log, "b") == at_once


def test_a_store_is_asked_no_more_often_in_a_minute_than_it_bears(folder: Path, log: Log) -> None:
    gathering = FakeGathering(log, {"slow": ["FOUND"]}, subjects=4, bears=(2, 3))
    vault = open_vault(folder)
    jobs = EngineJobs(folder, vault)
    with Worker(folder, vault, replace(work(log), gathering=gathering)):
        assert jobs.wait(jobs.start_gathering(CASE, 1), seconds=4).status == "running"
    assert len(log.of("asked")) == 3
    jobs.close()


def test_a_store_that_is_down_is_asked_three_times_and_the_others_once(folder: Path, log: Log) -> None:
    stores = {"down": ["UNAVAILABLE"], "slow to wake": ["UNAVAILABLE", "FOUND"], "well": ["FOUND"]}
    assert gathered(folder, stores, log) == "done"
    asked = Counter(store for store, subject, _ in log.of("asked") if subject == "s1")
    assert asked == {"down": 3, "slow to wake": 2, "well": 1}
    assert log.of("concluded") == [(1,)]


class Growing(FakeGathering):
    """While a round runs, a person is added; while that is caught up with, a store is."""

    def conclude(self, case: CaseId, *, round_number: int, at: datetime) -> None:
        answered = {kept[:2] for kept in self._log.of("kept")}
        if len(self._subjects) == 1:
            self._subjects.append(SubjectId("s2"))
        elif "school" not in self._stores:
            self._stores["school"] = ["FOUND"]
        if not answered.issuperset((store, s) for store in self._stores for s in self._subjects):
            raise QuestionsLeft("Not every store has been asked.", next_step="Ask the rest.")
        super().conclude(case, round_number=round_number, at=at)


def test_what_is_added_while_a_round_runs_is_asked_before_it_is_closed(folder: Path, log: Log) -> None:
    asked_all(folder, log, Growing(log, {"ward": ["FOUND"], "down": ["UNAVAILABLE"]}, subjects=1))
    asked = Counter((store, subject) for store, subject, _ in log.of("asked"))
    assert asked == {
        ("ward", "s1"): 1, ("ward", "s2"): 1, ("school", "s1"): 1, ("school", "s2"): 1,
        ("down", "s1"): 3, ("down", "s2"): 3,
    }  # fmt: skip
    assert log.of("concluded") == [(1,)]


@pytest.mark.parametrize("bears", [(1, 0), (1, 600)])
def test_a_question_to_a_store_taken_out_of_the_settings_is_still_put_and_the_round_closes(
    folder: Path, log: Log, bears: tuple[int, int]
) -> None:
    """The gathering has an answer for it; a worker that does not know its line any more must put it all the same."""
    vault = open_vault(folder)
    jobs = EngineJobs(folder, vault)
    knows = FakeGathering(log, {"well": ["FOUND"], "gone": ["FOUND"]}, takes=0.5, bears=bears)
    with Worker(folder, vault, replace(work(log), gathering=knows)):
        job = jobs.start_gathering(CASE, 1)
        while not log.of("asked"):
            time.sleep(0.01)
    knows_not = TakenOut(log, {"well": ["FOUND"]}, bears=bears)
    with Worker(folder, vault, replace(work(log), gathering=knows_not)):
        assert jobs.wait(job, seconds=30).status == "done"
    jobs.close()
    # The first may have been under way still, and answered.
    assert {k[1] for k in log.of("kept") if k[0] == "gone"} == {"s1", "s2"}
    assert ("gone", "s2", "SUSPENDED", 1) in log.of("kept")
    assert log.of("concluded") == [(1,)]


class TakenOut(FakeGathering):
    """Says of a store it does not know that it was not asked, as the real step does."""

    def ask(
        self, case: CaseId, *, round_number: int, store: str, subject: str, attempt: int, at: datetime
    ) -> AnswerKind:
        if store not in self._stores:
            self._log.write("kept", store, subject, AnswerKind.SUSPENDED.name, attempt)
            return AnswerKind.SUSPENDED
        return super().ask(
            case, round_number=round_number, store=store, subject=subject, attempt=attempt, at=at
        )


@pytest.mark.parametrize("fault", ["bug", "disk full"])
def test_a_round_with_an_unput_question_is_not_closed_and_started_again_goes_on(
    folder: Path, log: Log, fault: str
) -> None:
    stores = {"broken": [fault], "well": ["FOUND"]}
    assert gathered(folder, stores, log) == "failed"
    assert log.of("concluded") == []
    assert len([k for k in log.of("kept") if k[0] == "well"]) == 2

    assert gathered(folder, {"broken": ["FOUND"], "well": ["FOUND"]}, log) == "done"
    assert Counter(k[0] for k in log.of("kept")) == {"broken": 2, "well": 2}
    assert log.of("concluded") == [(1,)]


def test_a_full_disk_is_tried_again_and_a_bug_is_not(folder: Path, log: Log) -> None:
    gathered(folder, {"full": ["disk full"], "bug": ["bug"]}, log)
    asked = Counter(store for store, subject, _ in log.of("asked") if subject == "s1")
    assert asked == {"full": 5, "bug": 1}


def test_the_same_round_twice_is_one_job(folder: Path, log: Log) -> None:
    vault = open_vault(folder)
    jobs = EngineJobs(folder, vault)
    first = jobs.start_gathering(CASE, 1)
    assert jobs.state(first).status == "waiting"
    assert jobs.start_gathering(CASE, 1) == first
    with Worker(folder, vault, work(log)):
        assert jobs.wait(first, seconds=30).status == "done"
        assert jobs.wait(jobs.start_gathering(CASE, 1), seconds=30).status == "done"
    assert log.of("plan") == [(1,)]


def test_unknown_work_is_not_found(folder: Path) -> None:
    with pytest.raises(NotFound):
        EngineJobs(folder, open_vault(folder)).state("gather/nothing/1")


def test_a_blocked_release_sends_nothing_and_can_be_tried_again(folder: Path, log: Log) -> None:
    vault = open_vault(folder)
    jobs = EngineJobs(folder, vault)
    with Worker(folder, vault, work(log, faults=1)):
        assert jobs.wait(jobs.start_release(CASE, 2, 1), seconds=30).status == "failed"
        assert log.of("delivered") == []
        assert jobs.wait(jobs.start_release(CASE, 2, 1), seconds=30).status == "done"
    assert log.of("built") == [(2,), (2,)]
    assert log.of("delivered") == [(2,)]


def test_a_second_worker_of_the_same_folder_is_refused(folder: Path, log: Log) -> None:
    vault = open_vault(folder)
    with (
        Worker(folder, vault, work(log)),
        pytest.raises(EnvironmentFault, match="Another worker"),
        Worker(folder, vault, work(log)),
    ):
        pass


STORES = {f"store{n}": ["FOUND"] for n in range(8)}


def serve(folder: Path, log: Log, takes: float, database: str) -> None:
    """What the process that is killed runs."""
    gathering = FakeGathering(log, STORES, takes=takes, bears=(1, 0))
    steps = replace(work(log), gathering=gathering)
    run_worker(folder, open_vault(folder), steps, until=threading.Event(), database=database)


def started_worker(
    folder: Path, log: Path, *, takes: float = 0.15, database: str = ""
) -> subprocess.Popen[bytes]:
    """A worker in a process of its own."""
    top = Path(__file__).resolve().parents[3]
    module = "tests.integration.workflows.test_durable_work"
    program = (
        f"import sys; sys.path.insert(0, {str(top)!r}); from pathlib import Path; "
        f"from {module} import Log, serve; serve(Path({str(folder)!r}), Log(Path({str(log)!r})), "
        f"{takes}, {database!r})"
    )
    return subprocess.Popen([sys.executable, "-c", program], stderr=subprocess.DEVNULL)


def until_kept(log: Log, number: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 90
    while len(log.of("kept")) < number:
        assert process.poll() is None, "the worker ended by itself"
        assert time.monotonic() < end, "the worker does not get on"
        time.sleep(0.02)


def test_a_gather_killed_twice_is_finished_with_nothing_lost_or_doubled(
    folder: Path, log: Log, tmp_path: Path
) -> None:
    jobs = EngineJobs(folder, open_vault(folder))
    job = jobs.start_gathering(CASE, 1)
    settled: list[tuple[object, ...]] = []
    for wanted in (3, 9):
        process = started_worker(folder, tmp_path / "log.jsonl")
        try:
            until_kept(log, wanted, process)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
        settled = [a[:2] for a in log.of("kept")]
    assert jobs.state(job).status == "running"
    assert 9 <= len(settled) < 16, "the kill must fall into the middle of the work"

    process = started_worker(folder, tmp_path / "log.jsonl")
    try:
        assert jobs.wait(job, seconds=180).status == "done"
    finally:
        process.kill()
        process.wait()
    kept = Counter(a[:2] for a in log.of("kept"))
    assert kept == {(store, subject): 1 for store in STORES for subject in ("s1", "s2")}
    assert log.of("plan") == [(1,)]
    assert log.of("concluded") == [(1,)]
    asked = Counter(a[:2] for a in log.of("asked"))
    assert sum(asked.values()) <= len(asked) + 2 * 8, "more was repeated than was in flight at two kills"
    assert sum(1 for n in asked.values() if n == 1) >= 3, "finished questions were put again"
