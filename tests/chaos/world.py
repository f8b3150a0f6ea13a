"""What the killed workers work on: the real gathering, archive, seals and engine; the stores are slow and watched."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

from sar.db import SqlArchive, open_archive
from sar.domain.errors import StoreUnavailable
from sar.domain.parties import Actor, DataSubject, Requester, SafeContact, StaffRole
from sar.domain.records import AnswerKind, StoreAnswer, SubjectQuery
from sar.domain.references import CaseId, StaffId, StoreName, SubjectId
from sar.domain.statutes import Law
from sar.domain.trail import Event, EventKind
from sar.installation import present
from sar.law import load
from sar.ports.gathering import Estimate, RecordSink, StoreDescription
from sar.services.gathering import Gathering
from sar.services.intake import Intake, NewLeg, NewRequest
from sar.vault import Shelf, open_signer, open_vault
from sar.workflows import AskingInProcesses, EngineJobs, Work
from tests.fakes.ports import record

TRUST = "Fenwater Trust"
OFFICER = Actor(id=StaffId("olga"), name="Olga", roles=frozenset({StaffRole.OFFICER}))
STORES = 12
ATTEMPTS_UNTIL_FOUND = {"store3": 2, "store7": 4}
"""Stores that are down at first: one answers in the round, the other only after the round is closed."""


class Log:
    """What happened, in a file that all processes write and that outlives them; one JSON line each."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._read = 0
        self._facts: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def write(self, word: str, **facts: object) -> None:
        line = json.dumps({"word": word, "at": present().timestamp(), **facts}) + "\n"
        handle = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, line.encode())
        finally:
            os.close(handle)

    def of(self, word: str) -> list[dict[str, Any]]:
        if self._path.exists():
            with self._path.open("rb") as file:
                file.seek(self._read)
                new = file.read()
            whole = new[: new.rfind(b"\n") + 1]
            self._read += len(whole)
            for line in whole.splitlines():
                fact = json.loads(line)
                self._facts[fact["word"]].append(fact)
        return self._facts[word]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a worker is asking, as the question's step was called."""

    case: CaseId
    round_number: int
    store: str
    attempt: int


class Asking(threading.local):
    question: Question | None = None


def answers_in(events: Iterator[Event] | tuple[Event, ...]) -> Iterator[tuple[int, str, int, str]]:
    """Round, store, attempt and kind of every answer in a trail. There is one data subject."""
    for event in events:
        if event.kind is EventKind.STORE_ANSWERED:
            facts = event.facts
            yield int(facts["round"]), str(facts["store"]), int(facts["attempt"]), str(facts["answer"])


class WatchedGathering(Gathering):
    """The real one. It tells the watched stores which question they are asked."""

    def __init__(self, asking: Asking, **parts: Any) -> None:
        super().__init__(**parts)
        self._told = asking

    def ask(self, case: CaseId, **question: Any) -> AnswerKind:
        self._told.question = Question(
            case=case, round_number=question["round_number"], store=question["store"],
            attempt=question["attempt"],
        )  # fmt: skip
        return super().ask(case, **question)


class WatchedStore:
    """Slow, sometimes down; it notices when a question comes whose answer is in the archive already."""

    def __init__(self, name: str, archive: SqlArchive, log: Log, asking: Asking, takes: float) -> None:
        self.description = StoreDescription(name=StoreName(name), label=f"The {name}", controller=TRUST)
        self._archive = archive
        self._log = log
        self._told = asking
        self._takes = takes

    def answer(self, query: SubjectQuery, *, at: datetime, into: RecordSink | None = None) -> StoreAnswer:
        asked = self._told.question
        assert asked is not None
        with self._archive.reading(asked.case) as file:
            for number, store, attempt, kind in answers_in(file.events()):
                is_mine = (number, store) == (asked.round_number, asked.store)
                if is_mine and (kind != AnswerKind.UNAVAILABLE.value or attempt >= asked.attempt):
                    self._log.write("repeated", case=asked.case, store=store, attempt=asked.attempt)
        name = self.description.name
        self._log.write("asked", case=asked.case, store=name, attempt=asked.attempt)
        time.sleep(self._takes * self._share(asked))
        if asked.attempt < ATTEMPTS_UNTIL_FOUND.get(name, 1):
            raise StoreUnavailable("It is down.", next_step="Wait.")
        found = (
            record(f"{name}-1", "A visit was made.", store=name, about=[query.subject.id], controller=TRUST),
        )
        if into is not None:
            into(found)
        return StoreAnswer(
            store=name, store_label=f"The {name}", controller=TRUST, subject=query.subject.id,
            kind=AnswerKind.FOUND, asked_at=at, searched_by=("NHS number",),
            records=() if into is not None else found, total=len(found),
        )  # fmt: skip

    @staticmethod
    def _share(asked: Question) -> float:
        """From a fifth to the whole of the store's time, the same for the same question."""
        return 0.2 + 0.8 * hashlib.sha256(f"{asked.case}{asked.store}".encode()).digest()[0] / 255

    def estimate(self, query: SubjectQuery, *, at: datetime) -> Estimate:
        raise NotImplementedError

    def check(self) -> str:
        return "It answers."


class Nothing:
    """No packs and no letters here."""

    def build(self, case: CaseId, *, leg: int, at: datetime) -> object:
        raise NotImplementedError

    def deliver(self, case: CaseId, *, leg: int, at: datetime, by: Actor) -> object:
        raise NotImplementedError


class World:
    """One installation; every process opens its own view of it."""

    def __init__(self, folder: Path, database: str = "", *, takes: float = 0.5) -> None:
        self.folder = folder
        self._takes = takes
        self.database = database
        self.log = Log(folder / "log.jsonl")
        data = folder / "data"
        self.data = data
        self.vault = open_vault(data)
        self.archive = open_archive(
            database or f"sqlite:///{data / 'sar.db'}", self.vault, Shelf(data / "blobs", self.vault),
            open_signer(data), data / "checkpoints.jsonl",
        )  # fmt: skip
        self.asking = Asking()
        self.stores = [
            WatchedStore(f"store{n}", self.archive, self.log, self.asking, takes) for n in range(STORES)
        ]
        self.gathering = WatchedGathering(
            self.asking, archive=self.archive, stores=self.stores, controller=TRUST, agreements=()
        )
        self._law: Law | None = None
        self.jobs = EngineJobs(data, self.vault, database=database, present=present)

    def work(self) -> Work:
        make = partial(gathering_of, self.folder, self.database, self._takes)
        asking = AskingInProcesses(self.gathering, make, processes=1)
        return Work(
            gathering=self.gathering, asking=asking, ended=asking.close, packing=Nothing(), delivery=Nothing(),
            clock=present, waits=(0.1, 0.2), later=(0.5,), patience=1.0, tend_every=3600.0,
        )  # fmt: skip

    def receive(self) -> CaseId:
        """One more request, about one invented person."""
        subject = DataSubject(id=SubjectId("leanne"), name="Leanne Hartley", born_on=date(1993, 3, 14))
        asks = Requester(name=subject.name, contact=SafeContact(email="l@example.org"), subject=subject.id)
        leg = NewLeg(name="leanne", subject=subject, recipient=asks, capacity="self")
        request = NewRequest(
            received_on=present().date(), legs=(leg,), channel="web", nation="england", wording="Everything."
        )
        self._law = self._law or load("england")
        return Intake(archive=self.archive, law=self._law).receive(request, at=present(), by=OFFICER).id

    def begin(self) -> tuple[CaseId, str]:
        """A request and its gathering; the job."""
        case = self.receive()
        number = self.gathering.begin(case, at=present(), by=OFFICER)
        return case, self.jobs.start_gathering(case, number)

    def close(self) -> None:
        self.jobs.close()
        self.archive.engine.dispose()


def gathering_of(folder: Path, database: str, takes: float) -> WatchedGathering:
    """What a process beside a worker has of the world."""
    return World(folder, database, takes=takes).gathering
