"""Questions put by more than one process: one interpreter reads for one core, however many stores it waits for.

A process beside the worker is told a question's numbers and says what kind of answer it kept: nothing of a record
passes. It ends with the worker, whatever ends the worker; when it ends alone, its questions are tried again.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from functools import partial
from multiprocessing.connection import Connection
from typing import Any

from sar.domain.errors import EnvironmentFault
from sar.domain.records import AnswerKind
from sar.domain.references import CaseId, StoreName, SubjectId
from sar.workflows.engine import AT_ONCE
from sar.workflows.envelope import fault_code, work_failed
from sar.workflows.steps import Asker

_log = logging.getLogger(__name__)
_PROCESSES = multiprocessing.get_context("spawn")
"""A fork of a process with threads can hang; a fresh one cannot."""

_PAUSE_S = 60.0
"""Before another is started where one could not be set up: its settings may be in the midst of a change."""

Make = Callable[[], Asker]


class AskingInProcesses:
    """Implements ``Asker`` over another one, with the help of more processes."""

    def __init__(self, asker: Asker, make: Make, *, processes: int) -> None:
        """``make`` makes in each process what ``asker`` is here: a function of a module, with plain values."""
        self._asker = asker
        self._make = make
        self._lock = threading.Lock()
        self._beside: list[_Beside] = []
        self._processes = processes
        self._here = 0
        self._not_before = 0.0

    def ask(
        self, case: CaseId, *, round_number: int, store: StoreName, subject: SubjectId, attempt: int, at: datetime
    ) -> AnswerKind:  # fmt: skip
        """Put one question where the fewest are waited for.

        :raises EnvironmentFault: the process was ended: try again.
        :raises WorkFailed: it could not keep the answer, for the reason in ``field``.
        """
        question = {
            "case": case, "round_number": round_number, "store": store, "subject": subject, "attempt": attempt,
            "at": at.isoformat(),
        }  # fmt: skip
        kind = self._asked_beside(question)
        if kind is not None:
            return kind
        try:
            return self._asker.ask(
                case, round_number=round_number, store=store, subject=subject, attempt=attempt, at=at
            )
        finally:
            with self._lock:
                self._here -= 1

    def _asked_beside(self, question: Mapping[str, object]) -> AnswerKind | None:
        """None where it is to be asked here: it is this process's turn, or no other could be set up."""
        try:
            with self._lock:
                beside = self._least_busy()
                if beside is None:
                    self._here += 1
                    return None
                waiting = beside.put(question)
            return AnswerKind[waiting.result()]
        except _NotSetUp:
            with self._lock:
                self._not_before = time.monotonic() + _PAUSE_S
                self._here += 1
            return None

    def close(self) -> None:
        """End the processes; what they have not finished is not kept."""
        with self._lock:
            for one in self._beside:
                one.end()
            self._beside = []

    def _least_busy(self) -> _Beside | None:
        """None where this process itself has no more questions than any other."""
        self._beside = [one for one in self._beside if one.is_alive]
        if not self._here:
            return None
        free = min(self._beside, key=lambda one: one.questions, default=None)
        is_room = len(self._beside) < self._processes and time.monotonic() >= self._not_before
        if is_room and (free is None or free.questions):
            free = _Beside(self._make)
            self._beside.append(free)
        return free if free is not None and free.questions < self._here else None


class _Beside:
    """One process, from its start to its end."""

    def __init__(self, make: Make) -> None:
        self._numbers = itertools.count(1)
        self._waiting: dict[int, Future[str]] = {}
        self._lock = threading.Lock()
        self._is_set_up = False
        self.is_alive = True
        self._line, theirs = _PROCESSES.Pipe()
        self._process = _PROCESSES.Process(target=_serve, args=(make, theirs), name="asking")
        try:
            self._process.start()
        except OSError as fault:
            raise _not_set_up() from fault
        finally:
            theirs.close()
        threading.Thread(target=self._listen, name="asking", daemon=True).start()

    @property
    def questions(self) -> int:
        """How many it has not answered."""
        return len(self._waiting)

    def put(self, question: Mapping[str, object]) -> Future[str]:
        """Hand over a question; what will be the name of its answer's kind."""
        answer: Future[str] = Future()
        with self._lock:
            if not self.is_alive:
                raise _ended()
            number = next(self._numbers)
            self._waiting[number] = answer
        with contextlib.suppress(OSError):  # it has ended: whoever listens has seen that, or will
            self._line.send_bytes(json.dumps([number, question]).encode())
        return answer

    def end(self) -> None:
        """It ends itself when nobody is at the other end of the line."""
        self._process.kill()

    def _listen(self) -> None:
        with contextlib.suppress(EOFError, OSError):
            while True:
                number, said = json.loads(self._line.recv_bytes())
                if number:
                    self._answer(self._waiting.pop(number), said)
                elif "fault" in said:
                    _log.error("A process that asks stores could not be set up: %s", said["fault"])
                else:
                    self._is_set_up = True
        with self._lock:
            self.is_alive = False
        if self._waiting:
            _log.error(
                "A process that asks stores ended with %s questions; they are put again.", self.questions
            )
        while self._waiting:
            _, answer = self._waiting.popitem()
            answer.set_exception(_ended() if self._is_set_up else _not_set_up())
        self._process.join()
        self._line.close()

    @staticmethod
    def _answer(answer: Future[str], said: Mapping[str, str]) -> None:
        if "kind" in said:
            answer.set_result(said["kind"])
        elif said["fault"] == EnvironmentFault.code:
            answer.set_exception(_ended())
        else:
            answer.set_exception(work_failed(said["fault"]))


class _NotSetUp(EnvironmentFault):
    """A process ended before it had put any question."""


def _not_set_up() -> _NotSetUp:
    return _NotSetUp(
        "A process that asks stores could not be set up.", next_step="The worker asks by itself."
    )


def _ended() -> EnvironmentFault:
    return EnvironmentFault(
        "A process that asks stores could not go on.",
        next_step="It is tried again by itself. If it fails again, free memory or disk and start the worker again.",
    )


# From here on: inside the process.


def _serve(make: Make, line: Connection) -> None:
    # Whoever stops the worker may tell all its processes: the worker ends these, when it has ended its work.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    say = _Saying(line)
    try:
        asker = make()
    except Exception as error:  # noqa: BLE001 - its words may be anybody's, so only its code is told
        say(0, {"fault": fault_code(error)})
        os._exit(1)
    say(0, {})
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="question") as threads:
        while True:
            try:
                number, question = json.loads(line.recv_bytes())
            except (EOFError, OSError):
                # The worker is gone, and another may ask in its place: nothing of this one may count any more.
                os._exit(0)
            threads.submit(_put, asker, question, partial(say, number))


def _put(asker: Asker, question: Mapping[str, Any], say: Callable[[Mapping[str, str]], None]) -> None:
    try:
        kind = asker.ask(
            CaseId(question["case"]), round_number=question["round_number"], store=StoreName(question["store"]),
            subject=SubjectId(question["subject"]), attempt=question["attempt"],
            at=datetime.fromisoformat(question["at"]),
        )  # fmt: skip
    except BaseException as error:  # noqa: BLE001 - somebody waits for this answer, whatever happened
        say({"fault": fault_code(error)})
    else:
        say({"kind": kind.name})


class _Saying:
    """Several threads answer on one line."""

    def __init__(self, line: Connection) -> None:
        self._line = line
        self._lock = threading.Lock()

    def __call__(self, number: int, said: Mapping[str, str]) -> None:
        with self._lock, contextlib.suppress(OSError):
            self._line.send_bytes(json.dumps([number, said]).encode())
