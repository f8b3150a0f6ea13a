"""A worker killed in the middle of its work costs nothing: the next one ends it, once."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from sar.bootstrap import House
from sar.demonstration.databases import build_databases
from sar.demonstration.sample_http import SampleServer
from sar.demonstration.sample_sar_http import Service, handler_for
from sar.demonstration.servers import sample_servers
from sar.domain.records import AnswerKind
from sar.domain.trail import EventKind
from sar.packs.verification import PackVerification
from sar.ports.casework import answers_of
from tests.journeys.stage import (
    STORES,
    TOP,
    Journey,
    begin_okafor,
    close,
    decide_as_suggested,
    house_at,
)

pytestmark = pytest.mark.timeout(900)

SLOW_S = 2.5
EVERY_STORE = 9


@contextmanager
def slow_ambulance(variables: Mapping[str, str]) -> Iterator[dict[str, str]]:
    """The sample stores, one of which takes its time: so there is a middle to be killed in."""
    quick = handler_for(Service(STORES / "ambulance.json"))

    class Slow(quick):  # type: ignore[misc,valid-type]  # the class is made by a function
        def reply(self, path: str, query: Mapping[str, list[str]]) -> None:
            time.sleep(SLOW_S)
            super().reply(path, query)

    server = SampleServer(Slow, variables["client_secret"])
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield {
            **variables, "ambulance_url": server.origin, "ambulance_token_url": f"{server.origin}/token",
        }  # fmt: skip
    finally:
        server.shutdown()
        server.server_close()


def serve(folder: str, variables: str) -> None:
    """What the process that is killed runs."""
    house = house_at(Path(folder), STORES / "stores.toml", json.loads(variables))
    house.run_worker(until=threading.Event())


@contextmanager
def worker(folder: Path, variables: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A worker process; killed without warning at the end of the block."""
    program = (
        f"import sys; sys.path.insert(0, {str(TOP)!r}); from tests.journeys.test_killed_workers import serve; "
        "serve(*sys.argv[1:])"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program, str(folder), json.dumps(dict(variables))], cwd=TOP
    )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def until(done: Callable[[], bool], process: subprocess.Popen[bytes], *, seconds: float = 90) -> None:
    """Only hung work takes so long: a busy machine must not pass for one."""
    ends_at = time.monotonic() + seconds
    while not done():
        assert process.poll() is None, "the worker ended by itself"
        assert time.monotonic() < ends_at, "the work does not get on"
        time.sleep(0.05)  # Each look opens the case.


def answered(journey: Journey) -> Counter[str]:
    with journey.house.archive.reading(journey.id) as file:
        return Counter(str(a.store) for a in answers_of(file, 1) if a.kind is not AnswerKind.UNAVAILABLE)


def children(process: int) -> list[int]:
    """Processes it started, by the system's own list."""
    found: list[int] = []
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        found += [int(n) for n in task.read_text().split()]
    return found


def lives(process: int) -> bool:
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[-1].split()[0]
    except OSError:
        return False


def test_three_kills_lose_nothing_and_double_nothing(tmp_path: Path, houses: list[House]) -> None:
    folder = tmp_path / "data"
    build_databases(STORES, tmp_path / "databases")
    with sample_servers(STORES) as quick, slow_ambulance(quick) as reach:
        variables = {**reach, "databases": str(tmp_path / "databases")}
        house = house_at(folder, STORES / "stores.toml", variables)
        houses.append(house)
        journey = begin_okafor(house)
        gather_with_two_kills(journey, folder, variables)
        decide(journey)
        release_with_one_kill(journey, folder, variables)
    report = house.archive.verify()
    assert report.cases == 1
    assert report.events == len(journey.events())


def gather_with_two_kills(journey: Journey, folder: Path, variables: Mapping[str, str]) -> None:
    house, at = journey.house, journey.house.clock
    number = house.services.gathering.begin(journey.id, at=at(), by=journey.officer)
    job = house.jobs.start_gathering(journey.id, number)
    kept = 0
    for _kill in (1, 2):
        with worker(folder, variables) as process:
            wanted = min(kept + 2, EVERY_STORE - 2)
            until(lambda wanted=wanted: sum(answered(journey).values()) >= wanted, process)  # type: ignore[misc]  # bound now
        kept = sum(answered(journey).values())
        assert not journey.events(EventKind.GATHERING_COMPLETED), "the kill must fall into the middle"
    with worker(folder, variables) as process:
        until(lambda: house.jobs.state(job).status == "done", process)
    assert answered(journey) == {str(s.description.name): 1 for s in house.stores}
    events = journey.events(EventKind.STORE_ANSWERED)
    told = Counter((e.facts["store"], e.facts["subject"], e.facts["attempt"]) for e in events)
    assert set(told.values()) == {1}, "an answer is in the trail twice"
    assert len({e.facts["store"] for e in events}) == EVERY_STORE
    assert len(journey.events(EventKind.GATHERING_STARTED, EventKind.GATHERING_COMPLETED)) == 2
    assert journey.round == 1


def decide(journey: Journey) -> None:
    journey.house.services.people.build(journey.id, round_number=1, at=journey.house.clock())
    journey.house.services.review.propose(journey.id, leg=1, at=journey.house.clock())
    decide_as_suggested(journey)
    journey.sign_off()


def release_with_one_kill(journey: Journey, folder: Path, variables: Mapping[str, str]) -> None:
    house = journey.house
    job = house.jobs.start_release(journey.id, 1, 1)
    with worker(folder, variables) as process:
        until(lambda: len(children(process.pid)) > 1, process)
        time.sleep(0.3)
        layout = children(process.pid)
    assert not journey.events(EventKind.PACK_RELEASED), "the kill must fall into the middle"
    ends_at = time.monotonic() + 10
    while any(map(lives, layout)) and time.monotonic() < ends_at:
        time.sleep(0.1)
    orphans = [p for p in layout if lives(p)]
    for orphan in orphans:
        os.kill(orphan, signal.SIGKILL)
    with worker(folder, variables) as process:
        until(lambda: house.jobs.state(job).status == "done", process)
    for kind in (EventKind.PACK_BUILT, EventKind.PACK_RELEASED, EventKind.PACK_DELIVERED):
        assert len(journey.events(kind)) == 1, kind
    letters = Counter(written(folder))
    assert set(letters.values()) == {1}, "a letter was written twice"
    owners = {s.description.owner for s in house.stores} - {""}
    assert {to for to, _ in letters} > owners, "whoever keeps a store was told to keep it as it is"
    assert len([to for to, _ in letters if to not in owners]) == 1, "the family is told of its pack, once"
    pdf = house.services.packing.pdf(journey.id, leg=1)
    assert PackVerification().verify(pdf).reference == str(journey.reference)
    assert orphans == [], "processes that lay out packs outlive the worker that started them"


def written(folder: Path) -> list[tuple[str, str]]:
    """To whom each letter in the outbox is, and what it says."""
    letters = [message_from_bytes(p.read_bytes(), policy=default) for p in (folder / "outbox").rglob("*.eml")]
    return [(str(letter["to"]), letter.get_content()) for letter in letters]


def test_a_second_worker_in_the_same_folder_is_refused_with_words(
    tmp_path: Path, houses: list[House]
) -> None:
    from sar.domain.errors import EnvironmentFault  # noqa: PLC0415 - only here

    build_databases(STORES, tmp_path / "databases")
    with sample_servers(STORES) as quick:
        variables = {**quick, "databases": str(tmp_path / "databases")}
        house = house_at(tmp_path / "data", STORES / "stores.toml", variables)
        houses.append(house)
        with house.worker(), pytest.raises(EnvironmentFault, match="Another worker"), house.worker():
            pass
    close(house)
