"""Durable work in memory, for those who start it and look how it stands; nothing survives its process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sar.domain.errors import AlreadyDone, NotFound
from sar.domain.parties import PROGRAM
from sar.domain.records import AnswerKind
from sar.domain.references import CaseId, StoreName, SubjectId
from sar.installation import present
from sar.ports.jobs import JobState
from sar.workflows import Work

ENDED = {"done", "failed", "cancelled"}
_Question = tuple[StoreName, SubjectId]


@dataclass(kw_only=True)
class _Job:
    id: str
    name: str
    act: Callable[[_Job], None]
    case: CaseId = CaseId("")
    round: int = 0
    status: str = "waiting"
    later: dict[_Question, tuple[datetime, int]] = field(default_factory=dict)
    """When a question is put again, and as which attempt."""
    set_aside: dict[int, dict[_Question, tuple[datetime, int]]] = field(default_factory=dict)
    """The same, given up for a later round, by its number."""
    is_given_up: bool = False


class FakeJobs:
    """One thread does one piece of work after the other."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._jobs: dict[str, _Job] = {}
        self._tended = 0

    @contextmanager
    def working(self) -> Iterator[None]:
        """The worker, until the end of the block."""
        stop = threading.Event()
        thread = threading.Thread(target=self._run, args=(stop,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(timeout=10)

    def start_gathering(self, case: CaseId, round_number: int) -> str:
        for job in self._jobs.values():
            if job.case == case and job.round < round_number:
                job.set_aside.setdefault(round_number, {}).update(job.later)
                job.later.clear()
        name = self.gathering_job(case, round_number)
        return self._start(_Job(id=name, name="gather", act=self._gather, case=case, round=round_number))

    def gathering_job(self, case: CaseId, round_number: int) -> str:
        return f"gather/{case}/{round_number}"

    def start_release(self, case: CaseId, leg: int, round_number: int) -> str:
        def release(job: _Job) -> None:
            self._work.packing.build(case, leg=leg, at=self._work.clock())
            self._work.delivery.deliver(case, leg=leg, at=self._work.clock(), by=PROGRAM)

        return self._start(_Job(id=f"release/{case}/{leg}/{round_number}", name="release", act=release))

    def start_tending(self, case: CaseId) -> str:
        self._tended += 1
        return self._start(_Job(id=f"tend/{case}/{self._tended}", name="tend", act=self._tend))

    def cancel(self, job: str) -> JobState:
        found = self._found(job)
        found.later.clear()
        if found.status not in {"done", "failed"}:
            found.is_given_up = True
            found.status = "cancelled"
            for earlier in self._jobs.values():
                if earlier.case == found.case:
                    earlier.later |= earlier.set_aside.pop(found.round, {})
        return self.state(job)

    def next_attempts(self, case: CaseId, round_number: int) -> dict[_Question, datetime]:
        return {
            question: due
            for job in self._jobs.values()
            if job.case == case and job.round <= round_number
            for question, (due, _) in job.later.items()
        }

    def state(self, job: str) -> JobState:
        found = self._found(job)
        return JobState(id=found.id, name=found.name, status=found.status)

    def wait(self, job: str, *, seconds: float) -> JobState:
        end = time.monotonic() + seconds
        while self.state(job).status not in ENDED and time.monotonic() < end:
            time.sleep(0.01)
        return self.state(job)

    def _found(self, job: str) -> _Job:
        if job not in self._jobs:
            raise NotFound("There is no such piece of work.", next_step="Start it from the case's page.")
        return self._jobs[job]

    def _start(self, job: _Job) -> str:
        known = self._jobs.get(job.id)
        if known is None or known.status in {"failed", "cancelled"}:
            self._jobs[job.id] = job
        return job.id

    def _run(self, stop: threading.Event) -> None:
        self._work.tending.tend(at=self._work.clock())
        while not stop.is_set():
            for job in [job for job in self._jobs.values() if job.status == "waiting"]:
                self._do(job)
            for job in list(self._jobs.values()):
                self._do_later(job)
            stop.wait(0.01)

    def _do(self, job: _Job) -> None:
        job.status = "running"
        try:
            job.act(job)
        except Exception:  # noqa: BLE001 - whatever it was, the job failed
            self._end(job, "failed")
        else:
            self._end(job, "done")

    @staticmethod
    def _end(job: _Job, status: str) -> None:
        if not job.is_given_up:
            job.status = status

    def _tend(self, job: _Job) -> None:
        del job
        self._work.tending.tend(at=self._work.clock())

    def _gather(self, job: _Job) -> None:
        gathering = self._work.gathering
        asked = gathering.attempts(job.case, job.round)
        fault: Exception | None = None
        for question in gathering.plan(job.case, job.round):
            try:
                self._ask(job, question, asked.get(question, 0))
            except Exception as error:  # noqa: BLE001 - the other stores are asked all the same
                fault = error
        if fault is not None:
            raise fault
        if not job.is_given_up:
            gathering.conclude(job.case, round_number=job.round, at=self._work.clock())

    def _ask(self, job: _Job, question: _Question, asked: int) -> None:
        attempt = asked
        for wait in (0.0, *self._work.waits):
            time.sleep(wait)
            attempt += 1
            if job.is_given_up or self._put(job, question, attempt) is not AnswerKind.UNAVAILABLE:
                return
        self._put_off(job, question, attempt + 1, self._work.later[0])

    def _put(self, job: _Job, question: _Question, attempt: int) -> AnswerKind:
        store, subject = question
        return self._work.gathering.ask(
            job.case, round_number=job.round, store=store, subject=subject, attempt=attempt,
            at=self._work.clock(),
        )  # fmt: skip

    def _put_off(self, job: _Job, question: _Question, attempt: int, wait: float) -> None:
        if not job.is_given_up:
            job.later[question] = (present() + timedelta(seconds=wait), attempt)

    def _do_later(self, job: _Job) -> None:
        for question, (due, attempt) in list(job.later.items()):
            if due > present():
                continue
            del job.later[question]
            if self._put(job, question, attempt) is AnswerKind.UNAVAILABLE:
                self._put_off(job, question, attempt + 1, self._work.later[-1])
            else:
                try:
                    self._work.gathering.take_in(job.case, round_number=job.round, at=self._work.clock())
                except AlreadyDone:
                    continue
