"""Kills workers without warning, strikes the database down, and counts afterwards what was lost or doubled."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import statistics
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TypeVar

from sar.domain.errors import EnvironmentFault
from sar.domain.records import AnswerKind
from sar.domain.references import CaseId
from sar.domain.trail import EventKind
from sar.installation import present
from tests.chaos.worker import work
from tests.chaos.world import ATTEMPTS_UNTIL_FOUND, STORES, World, answers_in
from tests.servers.restarting import RestartingPostgres

# A new worker comes out of a process that has everything imported already: the harness kills workers, not imports.
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["__main__", "tests.chaos.worker"])
IN_START_UP = 0.15
BESIDE = 0.3
LONGEST_LIFE_S = 5.0
PRESENCE_LOST = 75
_LONGEST_END_S = 180.0
T = TypeVar("T")


@dataclass(kw_only=True)
class Outcome:
    """What one run of the harness found."""

    kills: int = 0
    kills_in_start_up: int = 0
    kills_beside: int = 0
    """Of processes that help a worker ask; the worker lives on. Not among ``kills``."""
    restarts: int = 0
    gathers: int = 0
    unended: int = 0
    failed: int = 0
    """Gathers that ended with an error and had to be started once more."""
    lost: int = 0
    repeated: int = 0
    doubled: int = 0
    asked_twice: int = 0
    """Questions put to a store again because their answer was in flight at a kill: allowed."""
    questions: int = 0
    failovers: list[float] = field(default_factory=list)
    left_by_themselves: int = 0
    """Workers that ended because they lost their lock."""
    events: int = 0
    seconds: float = 0.0

    @property
    def failover_median(self) -> float:
        """Seconds from a kill until the dead one's work was taken over."""
        return statistics.median(self.failovers) if self.failovers else float("nan")

    def said(self) -> str:
        """One line."""
        slow = sorted(self.failovers)[int(0.95 * len(self.failovers))] if self.failovers else float("nan")
        return (
            f"{self.kills} kills ({self.kills_in_start_up} in start-up), {self.kills_beside} of helpers, "
            f"{self.restarts} restarts of the server, {self.gathers} gathers with {self.questions} questions: "
            f"{self.lost} lost, {self.repeated} repeated, {self.doubled} doubled, {self.unended} unended, "
            f"{self.failed} failed; {self.asked_twice} in flight put twice; "
            f"{self.left_by_themselves} left by themselves; failover median {self.failover_median:.1f} s, "
            f"p95 {slow:.1f} s of {len(self.failovers)}; {self.events} events verified; {self.seconds:.0f} s"
        )


class Chaos:
    """One run. The workers are processes; the harness is the officer, the system that restarts, and the killer."""

    def __init__(
        self, folder: Path, *, server: RestartingPostgres | None = None, workers: int = 1, seed: int = 1,
        takes: float = 0.5, in_flight: int = 3,
    ) -> None:  # fmt: skip
        self._in_flight = in_flight
        self._server = server
        self._database = server.new_database() if server else ""
        self._takes = takes
        folder.mkdir(parents=True, exist_ok=True)
        self._world = World(folder, self._database, takes=takes)
        self._chance = random.Random(seed)
        self._wanted = workers
        self._workers: list[BaseProcess] = []
        self._open: dict[str, CaseId] = {}
        self.cases: list[CaseId] = []
        self._killed: dict[int, float] = {}
        self.outcome = Outcome()

    def run(
        self, kills: int, *, restarts: int = 0, minutes: float = 600.0,
        say: Callable[[str], None] = lambda _words: None,
    ) -> Outcome:  # fmt: skip
        """So many kills at random moments, then everything must end and add up."""
        began = time.monotonic()
        struck_at = [kills * (n + 1) // (restarts + 1) for n in range(restarts)]
        try:
            while self.outcome.kills < kills and time.monotonic() - began < 60 * minutes:
                self._keep_busy()
                say(f"{self.outcome.kills} of {kills} kills, {len(self.cases)} gathers begun")
                if struck_at and self.outcome.kills >= struck_at[0]:
                    struck_at.pop(0)
                    self._strike()
                self._kill_one()
            self._until_all_ended()
        finally:
            for worker in self._workers:
                worker.kill()
                worker.join()
        self.count()
        self.outcome.seconds = time.monotonic() - began
        self._world.close()
        return self.outcome

    def _keep_busy(self) -> None:
        self._keep_workers()
        for job in [job for job in self._open if self._has_ended(job)]:
            del self._open[job]
        while len(self._open) < self._in_flight:
            case, job = self._patiently(self._world.begin)
            self.cases.append(case)
            self._open[job] = case

    def _keep_workers(self) -> None:
        for worker in [w for w in self._workers if not w.is_alive()]:
            self.outcome.left_by_themselves += worker.exitcode == PRESENCE_LOST
            self._workers.remove(worker)
        while len(self._workers) < self._wanted:
            # No daemon: a worker has processes of its own.
            worker = _PROCESSES.Process(target=work, args=(self._world.folder, self._takes, self._database))
            worker.start()
            self._workers.append(worker)

    def _kill_one(self) -> None:
        """At a random moment of a worker that is up; sometimes while it starts."""
        worker = self._chance.choice(self._workers)
        if self._chance.random() < IN_START_UP:
            self._kill(worker)
            self._keep_workers()
            worker = self._workers[-1]
            time.sleep(self._chance.uniform(0.0, 0.8))
            self.outcome.kills_in_start_up += 1
        else:
            self._until(lambda: not worker.is_alive() or self._is_up(worker), "a worker does not come up")
            # In the middle of work, however slow the machine: a few questions after it came up, or none.
            wanted = len(self._world.log.of("asked")) + self._chance.choice((0, 1, 2, 4, 8))
            end = time.monotonic() + LONGEST_LIFE_S
            while len(self._world.log.of("asked")) < wanted and worker.is_alive() and time.monotonic() < end:
                time.sleep(0.02)
            time.sleep(self._chance.uniform(0.0, self._takes))
            if self._chance.random() < BESIDE:
                self._kill_beside(worker)
                time.sleep(self._chance.uniform(0.0, self._takes))
        self._kill(worker)

    def _kill_beside(self, worker: BaseProcess) -> None:
        for task in Path(f"/proc/{worker.pid}/task").glob("*/children"):
            for child in task.read_text(encoding="ascii").split():
                if "--multiprocessing-fork" in Path(f"/proc/{child}/cmdline").read_text(encoding="utf-8"):
                    os.kill(int(child), signal.SIGKILL)
                    self.outcome.kills_beside += 1

    def _kill(self, worker: BaseProcess) -> None:
        if worker.is_alive():
            self._killed[int(worker.pid or 0)] = present().timestamp()
            worker.kill()
            self.outcome.kills += 1
        worker.join()

    def _strike(self) -> None:
        assert self._server is not None
        self._until(lambda: any(self._is_up(w) for w in self._workers), "no worker comes up")
        self._server.strike()
        self._server.start()
        self.outcome.restarts += 1

    def _is_up(self, worker: BaseProcess) -> bool:
        return any(line["pid"] == worker.pid for line in self._world.log.of("up"))

    def _has_ended(self, job: str) -> bool:
        state = self._patiently(lambda: self._world.jobs.state(job))
        if state.status in {"failed", "cancelled"}:
            self.outcome.failed += 1
            _, case, number = job.split("/")
            self._patiently(lambda: self._world.jobs.start_gathering(CaseId(case), int(number)))
            return False
        return state.status == "done"

    def _until_all_ended(self) -> None:
        end = time.monotonic() + _LONGEST_END_S
        while time.monotonic() < end:
            self._keep_workers()
            for job in [job for job in self._open if self._has_ended(job)]:
                del self._open[job]
            if not self._open and not any(self._later(case) for case in self.cases):
                return
            time.sleep(0.3)
        self.outcome.unended = len(self._open) + sum(self._later(case) for case in self.cases)

    def _later(self, case: CaseId) -> bool:
        return bool(self._patiently(lambda: self._world.jobs.next_attempts(case, 1)))

    def _patiently(self, act: Callable[[], T]) -> T:
        """While the database is down an officer sees words, and tries again."""
        end = time.monotonic() + 60
        while True:
            try:
                return act()
            except EnvironmentFault:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)

    @staticmethod
    def _until(done: Callable[[], bool], words: str) -> None:
        end = time.monotonic() + 90
        while not done():
            assert time.monotonic() < end, words
            time.sleep(0.05)

    def count(self) -> None:
        for case in self.cases:
            self._count_case(case)
        out, log = self.outcome, self._world.log
        out.gathers = len(self.cases)
        out.repeated = len(log.of("repeated"))
        asked = Counter((line["case"], line["store"], line["attempt"]) for line in log.of("asked"))
        out.asked_twice = sum(asked.values()) - len(asked)
        names = {line["pid"]: line["name"] for line in log.of("up")}
        taken = {}
        for line in log.of("adopted"):
            taken.setdefault(line["of"], line["at"])
        for pid, at in self._killed.items():
            if (name := names.get(pid)) in taken:
                out.failovers.append(taken[name] - at)
        out.events = self._world.archive.verify().events

    def _count_case(self, case: CaseId) -> None:
        with self._world.archive.reading(case) as file:
            events = file.events()
        kept = Counter((number, store, attempt) for number, store, attempt, _ in answers_in(events))
        final = {store for _, store, _, kind in answers_in(events) if kind == AnswerKind.FOUND.value}
        completed = Counter(e.facts["round"] for e in events if e.kind is EventKind.GATHERING_COMPLETED)
        out = self.outcome
        out.questions += STORES
        out.lost += STORES - len(final)
        out.doubled += sum(n - 1 for n in (*kept.values(), *completed.values()))
        out.doubled += sum(
            n - 1
            for n in Counter(s for _, s, _, k in answers_in(events) if k == AnswerKind.FOUND.value).values()
        )
        # Each attempt before the one that found something must be there as well, and be there once.
        for store, attempts in ATTEMPTS_UNTIL_FOUND.items():
            out.lost += attempts - len({a for _, s, a, _ in answers_in(events) if s == store})
        out.lost += 0 if completed else 1
