"""Gathering: twenty stores at once through the real worker, archive and seals, against the slowest store alone.

Each store is a FHIR server on loopback that takes 200 ms for a page of 50 (the slowest 400 ms). The records are
invented; none has a document, for that would measure readers of documents. The serial loop only reads: it
keeps, seals and compares nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Self
from urllib.parse import parse_qs, urlsplit

from benchmarks.claims import Claim
from sar.bootstrap import House
from sar.config import Settings
from sar.domain.disclosure import Contact
from sar.domain.parties import (
    Actor,
    DataSubject,
    Identifier,
    IdentifierKind,
    Requester,
    SafeContact,
    StaffRole,
)
from sar.domain.records import SubjectQuery
from sar.domain.references import CaseId, StaffId, SubjectId
from sar.domain.trail import EventKind
from sar.services.intake import NewLeg, NewRequest

STORES = 20
PAGE = 50
PAGE_S = 0.2
SLOW_S = 0.4
LONGEST_S = 900
LOOK_EVERY_S = 1
TRUST = "Fenwater Trust"
NHS_SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"
SUBJECT = DataSubject(
    id=SubjectId("isla"), name="Isla Hartley", born_on=date(2022, 2, 8),
    identifiers=(Identifier(kind=IdentifierKind.NHS_NUMBER, value="9992311584"),),
)  # fmt: skip
_WORDS = (
    "seen at home", "with her mother", "well settled", "feeding discussed", "sleep", "weight taken", "plan agreed",
    "rang no reply", "left a message", "spoke to the nurse", "visit", "clinic", "letter sent", "letter received",
    "asked about", "follow up", "next week", "today", "on Monday", "on Friday", "by telephone", "at the desk",
)  # fmt: skip
_HERE = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What one gathering took."""

    seconds: float
    """From the start of the work to the closed round."""
    cpu: float
    peak_mb: float
    """The most memory the worker and its processes held together; what they share counts once."""
    records: int
    looks: tuple[float, ...]
    """Seconds that each look at the page about the gathering took, in this process, while it ran."""


def claims(*, full: bool) -> Iterator[Claim]:
    """The whole in the long form; 500 records a store in the small one."""
    few, many = (500, 5000) if full else (50, 500)
    with _servers(few) as address:
        small = _gathered(address, range(STORES))
    with _servers(many) as address:
        alone = _gathered(address, range(1))
        every = _gathered(address, range(STORES))
        one_by_one = _one_by_one(address)
    assert every.records > many * STORES, "records were lost"
    said = f"{STORES} stores of {many} records"
    yield _claim(
        "wall_against_slowest", every.seconds / alone.seconds, 1.25, "x", f"the slowest alone, {said}"
    )
    yield _claim(
        "faster_than_one_by_one",
        one_by_one / every.seconds,
        8,
        "x",
        "reading one after the other",
        better="higher",
    )
    yield _claim("worker_peak", every.peak_mb, 400, "MB")
    yield _claim("worker_peak_growth", every.peak_mb / small.peak_mb, 1.2, "x", f"{few} records a store")
    yield _claim("cpu_a_record", 1000 * every.cpu / every.records, 0.5, "CPU ms")
    yield _claim("progress_p95", 1000 * _p95(every.looks), 100, "ms", f"{len(every.looks)} looks")


def _claim(
    name: str, value: float, target: float, unit: str, against: str = "", *, better: str = "lower"
) -> Claim:
    return Claim(
        claim=f"gather.{name}",
        value=round(value, 3),
        target=target,
        better=better,
        unit=unit,
        against=against,
    )


def _gathered(address: str, numbers: range) -> Run:
    """One round of a new installation, done by a worker in a process of its own."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        house = _house(folder, address, numbers)
        case = house.services.intake.receive(_request(), at=house.clock(), by=_officer()).id
        with _worker(folder, address, numbers) as process:
            number = house.services.gathering.begin(case, at=house.clock(), by=_officer())
            before, began = _cpu(process), time.perf_counter()
            with _Memory(process) as memory, _looking(house, case) as looks:
                job = house.jobs.start_gathering(case, number)
                state = house.jobs.wait(job, seconds=LONGEST_S)
            took = time.perf_counter() - began
            cpu, peak = _cpu(process) - before, memory.peak_mb
        assert state.status == "done", state.status
        with house.archive.reading(case) as file:
            closed = next(e for e in file.events() if e.kind is EventKind.GATHERING_COMPLETED)
        house.jobs.close()
        house.archive.close()
        return Run(
            seconds=took, cpu=cpu, peak_mb=peak, records=int(str(closed.facts["records"])), looks=tuple(looks)
        )


@contextlib.contextmanager
def _looking(house: House, case: CaseId) -> Iterator[list[float]]:
    """Look at the progress as an open page does, and note how long each look takes."""
    with house.archive.reading(case) as file:
        reference = file.reference
    looks: list[float] = []
    ended = threading.Event()

    def look() -> None:
        while True:
            began = time.perf_counter()
            house.services.gathering.progress(reference)
            looks.append(time.perf_counter() - began)
            if ended.wait(LOOK_EVERY_S):
                return

    page = threading.Thread(target=look)
    page.start()
    try:
        yield looks
    finally:
        ended.set()
        page.join()


def _p95(looks: Sequence[float]) -> float:
    """What all but one look in twenty stay under; of few looks the longest."""
    return sorted(looks)[max(0, math.ceil(0.95 * len(looks)) - 1)]


def _one_by_one(address: str) -> float:
    """Seconds of a plain loop over the same stores."""
    with tempfile.TemporaryDirectory() as place:
        stores = _house(Path(place), address, range(STORES)).stores
        began = time.perf_counter()
        for store in stores:
            store.answer(SubjectQuery(subject=SUBJECT), at=datetime.now(UTC), into=lambda _records: None)
        return time.perf_counter() - began


def _house(folder: Path, address: str, numbers: range) -> House:
    file = folder / "stores.toml"
    file.write_text(
        "".join(
            f'[[store]]\nname = "ward_{n}"\nlabel = "Ward {n}"\ncontroller = "{TRUST}"\nkind = "fhir"\n'
            'data_class = "health"\nholds = "Notes."\n\n'
            for n in numbers
        ),
        encoding="utf-8",
    )
    (folder / "connections.toml").write_text(
        "".join(
            f'[ward_{n}]\nurl = "{address}/{n}"\npage_size = {PAGE}\ndeadline_s = {LONGEST_S}\n'
            'mapping = "ward.mapping.toml"\n\n'
            for n in numbers
        ),
        encoding="utf-8",
    )
    (folder / "ward.mapping.toml").write_text(
        f'alert_system = "https://alerts.example/number"\n[identifier_systems]\n"{NHS_SYSTEM}" = "NHS number"\n'
        '[resources]\nCommunication = "correspondence"\n[document_kinds]\n',
        encoding="utf-8",
    )
    contacts = (Contact(organisation=TRUST, lines=("Records office",)),)
    return House(
        Settings(
            data_dir=folder / "data",
            controller=TRUST,
            controllers=(TRUST,),
            stores_file=file,
            contacts=contacts,
        )
    )


def _request() -> NewRequest:
    mother = Requester(name="Leanne Hartley", contact=SafeContact(email="leanne@example.org"))
    leg = NewLeg(name="isla", subject=SUBJECT, recipient=mother, capacity="parental-responsibility")
    return NewRequest(
        received_on=datetime.now(UTC).date() - timedelta(days=2), channel="web", nation="england",
        wording="Everything you hold.", legs=(leg,),
    )  # fmt: skip


def _officer() -> Actor:
    return Actor(id=StaffId("olga"), name="Olga Brandt", roles=frozenset({StaffRole.OFFICER}))


@contextlib.contextmanager
def _child(call: str) -> Iterator[subprocess.Popen[str]]:
    """A process of this module that says one line when it is ready; killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", f"from benchmarks.gather import serve, work; {call}"],
        cwd=_HERE, env={**os.environ, "PYTHONPATH": str(_HERE)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def _worker(folder: Path, address: str, numbers: range) -> Iterator[int]:
    with _child(f"work({str(folder)!r}, {address!r}, {numbers.stop})") as process:
        assert process.stdout is not None
        process.stdout.readline()
        yield process.pid


def work(folder: str, address: str, stores: int) -> None:
    """What the worker's process runs."""
    house = _house(Path(folder), address, range(stores))
    with house.worker():
        print("ready", flush=True)
        threading.Event().wait()


def _family(process: int) -> list[int]:
    """A process and all it started, and what those did."""
    found, seen = [process], 0
    while seen < len(found):
        with contextlib.suppress(OSError):
            for task in Path(f"/proc/{found[seen]}/task").glob("*/children"):
                found += [int(n) for n in task.read_text(encoding="ascii").split()]
        seen += 1
    return found


def _cpu(process: int) -> float:
    """Seconds, of the whole family."""
    ticks = 0
    for one in _family(process):
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{one}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


class _Memory:
    """Looks several times a second at what a process and all it started hold; a page they share counts once."""

    def __init__(self, process: int) -> None:
        self._process = process
        self._over = threading.Event()
        self._looking = threading.Thread(target=self._look, daemon=True)
        self.peak_mb = 0.0

    def __enter__(self) -> Self:
        self._looking.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._looking.join()

    def _look(self) -> None:
        while not self._over.wait(0.3):
            held = 0
            for one in _family(self._process):
                with contextlib.suppress(OSError):
                    said = Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii")
                    held += int(said.partition("\nPss:")[2].split()[0])
            self.peak_mb = max(self.peak_mb, held / 1024)


@contextlib.contextmanager
def _servers(records: int) -> Iterator[str]:
    with _child(f"serve({records})") as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"


def serve(records: int) -> None:
    """What the servers' process runs: all stores on one port, each under its number."""
    asyncio.run(_serve(records))


async def _serve(records: int) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                wait, body = _reply(head.split(" ", 2)[1], records, head)
                await asyncio.sleep(wait)
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/fhir+json\r\n"
                    b"Content-Length: %d\r\n\r\n%b" % (len(body), body)
                )
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def _reply(target: str, records: int, head: str) -> tuple[float, bytes]:
    """A bundle: the patient, a page of notes, or nothing. Only pages of notes take their time."""
    parts = urlsplit(target)
    _, number, kind = parts.path.split("/")[:3]
    store, asked = int(number), parse_qs(parts.query)
    if kind == "Patient" and "identifier" in asked:
        return 0, _bundle([_PATIENT])
    if kind != "Communication":
        return 0, _bundle([])
    start = int(asked.get("start", ["0"])[0])
    host = next(line.partition(": ")[2] for line in head.split("\r\n") if line.lower().startswith("host:"))
    following = start + PAGE
    link = f"http://{host}/{store}/Communication?patient=Patient/1&_count={PAGE}&start={following}"
    notes = [_note(store, n) for n in range(start, min(following, records))]
    return SLOW_S if store == 0 else PAGE_S, _bundle(notes, link if following < records else "")


_PATIENT: dict[str, object] = {
    "resourceType": "Patient", "id": "1", "birthDate": SUBJECT.born_on.isoformat(),
    "identifier": [{"system": NHS_SYSTEM, "value": "9992311584"}],
    "name": [{"family": "Hartley", "given": ["Isla"]}], "meta": {"lastUpdated": "2026-01-05T10:00:00Z"},
}  # fmt: skip


def _note(store: int, number: int) -> dict[str, object]:
    chance = random.Random(store * 1_000_000 + number)
    on = date(2022, 2, 8) + timedelta(days=chance.randrange(1500))
    words = f"Note {store}.{number}: {' '.join(chance.choices(_WORDS, k=20))}."
    return {
        "resourceType": "Communication", "id": f"n{number}", "status": "completed",
        "sent": f"{on.isoformat()}T10:00:00Z", "payload": [{"contentString": words}],
    }  # fmt: skip


def _bundle(resources: list[dict[str, object]], following: str = "") -> bytes:
    link = [{"relation": "next", "url": following}] if following else []
    body = {"resourceType": "Bundle", "link": link, "entry": [{"resource": r} for r in resources]}
    return json.dumps(body).encode()
