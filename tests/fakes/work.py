"""Steps in memory for those who try the engine: stores say what they are told to, and a file says what happened."""

from __future__ import annotations

import json
import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

from sar.domain.errors import EnvironmentFault, WithheldTextFound
from sar.domain.records import AnswerKind
from sar.domain.references import CaseId, StoreName, SubjectId
from sar.workflows import Work

CASE = CaseId("0123456789abcdef0123456789abcdef")
AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SECRET = "Leanne Hartley"


class Log:
    """What really happened, in a file that survives a kill: one JSON line each."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, *words: object) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps(words) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def of(self, word: str) -> list[tuple[object, ...]]:
        if not self.path.exists():
            return []
        lines = [json.loads(line) for line in self.path.read_text().splitlines()]
        return [tuple(line[1:]) for line in lines if line[0] == word]


class FakeGathering:
    """Keeps an answer once, as the real step does, and says whatever each store is told to say."""

    def __init__(
        self,
        log: Log,
        stores: dict[str, list[str]],
        *,
        subjects: int = 2,
        takes: float = 0.0,
        bears: tuple[int, int] = (2, 0),
    ) -> None:
        self._bears = bears
        self._log = log
        self._stores = stores
        self._subjects = [SubjectId(f"s{n}") for n in range(1, subjects + 1)]
        self._takes = takes
        self._lock = threading.Lock()
        self.begun: list[tuple[CaseId, int]] = []

    def limits(self) -> dict[StoreName, tuple[int, int]]:
        return {StoreName(store): self._bears for store in self._stores}

    def running(self) -> list[tuple[CaseId, int]]:
        return self.begun

    def plan(self, case: CaseId, round_number: int) -> list[tuple[StoreName, SubjectId]]:
        self._log.write("plan", round_number)
        final = {kept[:2] for kept in self._log.of("kept") if kept[2] != "UNAVAILABLE"}
        every = [(StoreName(store), subject) for store in self._stores for subject in self._subjects]
        return [question for question in every if question not in final]

    def attempts(self, case: CaseId, round_number: int) -> dict[tuple[StoreName, SubjectId], int]:
        kept = {(k[0], k[1]): int(str(k[3])) for k in self._log.of("kept")}
        return {(StoreName(str(a)), SubjectId(str(b))): n for (a, b), n in kept.items()}

    def take_in(self, case: CaseId, *, round_number: int, at: datetime) -> int:
        self._log.write("taken in", round_number)
        return round_number

    def ask(
        self, case: CaseId, *, round_number: int, store: str, subject: str, attempt: int, at: datetime
    ) -> AnswerKind:
        for kept in self._log.of("kept"):
            if kept[:2] == (store, subject) and (kept[2] != "UNAVAILABLE" or int(str(kept[3])) >= attempt):
                return AnswerKind[str(kept[2])]
        self._log.write("asked", store, subject, attempt)
        time.sleep(self._takes)
        self._log.write("left", store, subject, attempt)
        said = self._stores[store]
        word = said[min(attempt, len(said)) - 1]
        if word == "disk full":
            raise EnvironmentFault(f"No space for {SECRET}.", next_step="Make room.")
        if word == "bug":
            raise ValueError(f"cannot parse {SECRET}")
        kind = AnswerKind[word]
        with self._lock:
            if [store, subject, kind.name, attempt] not in [list(a) for a in self._log.of("kept")]:
                self._log.write("kept", store, subject, kind.name, attempt)
        return kind

    def conclude(self, case: CaseId, *, round_number: int, at: datetime) -> None:
        self._log.write("concluded", round_number)


class FakePacking:
    def __init__(self, log: Log, *, faults: int = 0) -> None:
        self._log = log
        self.faults = faults

    def build(self, case: CaseId, *, leg: int, at: datetime) -> object:
        self._log.write("built", leg)
        if self.faults:
            self.faults -= 1
            raise WithheldTextFound(f"Found {SECRET} on page 2.", next_step="Return to review.")
        return "a released pack"


class FakeTending:
    """Counts how often it was called."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def tend(self, *, at: datetime) -> int:
        self._log.write("tended")
        return 1

    def tend_case(self, case: CaseId, *, at: datetime) -> int:
        self._log.write("tended a case")
        return 0


class FakeDelivery:
    def __init__(self, log: Log) -> None:
        self._log = log

    def deliver(self, case: CaseId, *, leg: int, at: datetime, by: object) -> object:
        self._log.write("delivered", leg)
        return "a receipt"


def work(
    log: Log, stores: dict[str, list[str]] | None = None, *, faults: int = 0, takes: float = 0.0
) -> Work:
    return Work(
        gathering=FakeGathering(log, stores or {"hospital": ["FOUND"]}, takes=takes),
        packing=FakePacking(log, faults=faults),
        delivery=FakeDelivery(log),
        tending=FakeTending(log),
        clock=lambda: AT,
        waits=(0.05, 0.05),
        patience=0.05,
    )
