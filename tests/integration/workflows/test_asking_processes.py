"""A process beside the worker puts questions: it asks what it is told, ends with the worker, and may end alone."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from sar.domain.errors import BadMapping, EnvironmentFault
from sar.domain.records import AnswerKind
from sar.domain.references import StoreName, SubjectId
from sar.vault import open_vault
from sar.workflows import AskingInProcesses, EngineJobs, Worker
from tests.fakes.work import AT, CASE, SECRET, FakeGathering, Log, work

TOP = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.timeout(120)
STORES = {"hospital": ["FOUND"], "council": ["NOTHING_HELD"], "school": ["bug"], "paper": ["disk full"]}


class Marked(FakeGathering):
    """Writes down in which process a question was put, and waits until it may go on."""

    def ask(self, case, **question):
        self._log.write("in process", os.getpid(), question["store"])
        until(lambda: bool(self._log.of("go on")))
        return super().ask(case, **question)


def marked(log: Log) -> Marked:
    return Marked(log, STORES)


def cannot() -> FakeGathering:
    raise BadMapping(f"A mapping names {SECRET}.", next_step="Put it right.")


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "log.jsonl")


@pytest.fixture
def gathering(log: Log) -> Iterator[AskingInProcesses]:
    with contextlib.closing(AskingInProcesses(marked(log), partial(marked, log), processes=1)) as made:
        yield made


def asked(
    gathering: AskingInProcesses, threads: ThreadPoolExecutor, *stores: str
) -> list[Future[AnswerKind]]:
    return [
        threads.submit(
            gathering.ask, CASE, round_number=1, store=StoreName(store), subject=SubjectId("s1"), attempt=1, at=AT
        )
        for store in stores
    ]  # fmt: skip


def processes(log: Log) -> dict[str, int]:
    return {str(store): int(str(process)) for process, store in log.of("in process")}


def is_alive(process: int) -> bool:
    with contextlib.suppress(ProcessLookupError):
        os.kill(process, 0)
        return "\nState:\tZ" not in Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return False


def test_questions_are_shared_out_and_each_brings_its_own_answer(
    gathering: AskingInProcesses, log: Log
) -> None:
    with ThreadPoolExecutor(4) as threads:
        (first,) = asked(gathering, threads, "hospital")
        until(lambda: len(processes(log)) == 1)
        (second,) = asked(gathering, threads, "council")
        until(lambda: len(processes(log)) == 2)
        log.write("go on")
        assert (first.result(), second.result()) == (AnswerKind.FOUND, AnswerKind.NOTHING_HELD)
    assert processes(log)["hospital"] == os.getpid()
    assert processes(log)["council"] != os.getpid()
    assert len(log.of("asked")) == 2


def test_a_fault_over_there_comes_back_as_its_code_and_the_next_question_is_answered(
    gathering: AskingInProcesses, log: Log
) -> None:
    with ThreadPoolExecutor(4) as threads:
        asked(gathering, threads, "hospital")
        until(lambda: len(processes(log)) == 1)
        bug, full = asked(gathering, threads, "school")[0], None
        until(lambda: len(processes(log)) == 2)
        log.write("go on")
        with pytest.raises(Exception, match="ValueError") as fault:
            bug.result()
        assert SECRET not in str(fault.value)
    with ThreadPoolExecutor(4) as threads:
        full, found = asked(gathering, threads, "paper", "council")
        with pytest.raises(EnvironmentFault):
            full.result()
        assert found.result() is AnswerKind.NOTHING_HELD


def test_killed_alone_its_question_is_to_be_tried_again_and_another_takes_its_place(
    gathering: AskingInProcesses, log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    with ThreadPoolExecutor(4) as threads:
        asked(gathering, threads, "hospital")
        until(lambda: len(processes(log)) == 1)
        (lost,) = asked(gathering, threads, "council")
        until(lambda: len(processes(log)) == 2)
        beside = processes(log)["council"]
        os.kill(beside, signal.SIGKILL)
        with pytest.raises(EnvironmentFault, match="could not go on"):
            lost.result(timeout=30)
        (again,) = asked(gathering, threads, "council")
        until(lambda: processes(log)["council"] != beside)
        log.write("go on")
        assert again.result() is AnswerKind.NOTHING_HELD
    assert "ended with 1 questions" in caplog.text


def test_a_round_is_whole_though_its_helper_is_killed(tmp_path: Path, log: Log) -> None:
    """By the engine: the step is tried again, and every question has one answer."""
    folder, vault = tmp_path / "data", open_vault(tmp_path / "data")
    stores = {"hospital": ["FOUND"], "council": ["FOUND"]}
    here = FakeGathering(log, stores, takes=1.0)
    asking = AskingInProcesses(here, partial(FakeGathering, log, stores, takes=1.0), processes=1)
    parts = replace(work(log, stores), gathering=here, asking=asking, ended=asking.close)
    jobs = EngineJobs(folder, vault)
    of_other_tests = children(os.getpid())
    with Worker(folder, vault, parts):
        job = jobs.start_gathering(CASE, 1)
        until(lambda: children(os.getpid()) != of_other_tests)
        until(lambda: len(log.of("asked")) >= 3)
        for child in set(children(os.getpid())) - set(of_other_tests):
            os.kill(child, signal.SIGKILL)
        assert jobs.wait(job, seconds=60).status == "done"
    jobs.close()
    vault.close()
    assert sorted(k[:2] for k in log.of("kept")) == [
        (store, subject) for store in ("council", "hospital") for subject in ("s1", "s2")
    ]
    until(lambda: set(children(os.getpid())) <= set(of_other_tests))


def children(process: int) -> list[int]:
    tasks = Path(f"/proc/{process}/task").glob("*/children")
    found = [int(n) for task in tasks for n in task.read_text(encoding="ascii").split()]
    return [n for n in found if b"spawn_main" in Path(f"/proc/{n}/cmdline").read_bytes() and is_alive(n)]


def test_where_no_other_can_be_set_up_the_worker_asks_by_itself(
    log: Log, caplog: pytest.LogCaptureFixture
) -> None:
    """Somebody is in the midst of changing the settings: what runs goes on by those it has."""
    gathering = AskingInProcesses(marked(log), cannot, processes=1)
    with ThreadPoolExecutor(4) as threads:
        (first,) = asked(gathering, threads, "hospital")
        until(lambda: len(processes(log)) == 1)
        (second,) = asked(gathering, threads, "council")
        until(lambda: len(processes(log)) == 2)
        log.write("go on")
        assert (first.result(), second.result()) == (AnswerKind.FOUND, AnswerKind.NOTHING_HELD)
    assert set(processes(log).values()) == {os.getpid()}
    assert "could not be set up: mapping" in caplog.text
    assert SECRET not in caplog.text
    gathering.close()


def test_it_ends_with_the_worker_whatever_ended_that(log: Log) -> None:
    program = (
        f"import sys; sys.path.insert(0, {str(TOP)!r})\n"
        "from tests.integration.workflows.test_asking_processes import two_questions\n"
        "two_questions(sys.argv[1])"
    )
    worker = subprocess.Popen([sys.executable, "-c", program, str(log.path)], cwd=TOP)
    try:
        until(lambda: len(processes(log)) == 2)
        beside = next(p for p in processes(log).values() if p != worker.pid)
        for signalled in (signal.SIGINT, signal.SIGTERM):
            os.kill(beside, signalled)
        time.sleep(0.2)
        assert is_alive(beside), "whoever stops the worker leaves it time to end its questions"
    finally:
        worker.kill()
        worker.wait()
    until(lambda: not is_alive(beside))
    assert log.of("kept") == []


def two_questions(path: str) -> None:
    """What the process that is killed runs."""
    log = Log(Path(path))
    gathering = AskingInProcesses(marked(log), partial(marked, log), processes=1)
    with ThreadPoolExecutor(2) as threads:
        asked(gathering, threads, "hospital")
        until(lambda: len(processes(log)) == 1)
        asked(gathering, threads, "council")
        threading.Event().wait()
