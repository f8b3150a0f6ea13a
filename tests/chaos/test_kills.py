"""Ten kills on SQLite in every run of the tests; ``make soak`` has fifty on each database, ``make chaos`` 200."""

from __future__ import annotations

from pathlib import Path

import pytest

from sar.domain.parties import PROGRAM
from sar.domain.records import SubjectQuery
from sar.domain.references import CaseId, StoreName, SubjectId
from sar.domain.trail import EventKind
from sar.installation import present
from sar.ports.casework import request_of
from tests.chaos.harness import Chaos, Outcome
from tests.chaos.world import OFFICER, STORES, Question, World

pytestmark = pytest.mark.timeout(400)


def test_ten_kills_lose_nothing_repeat_nothing_and_double_nothing(tmp_path: Path) -> None:
    found = Chaos(tmp_path / "world", takes=0.2, in_flight=2).run(10)
    said = found.said()
    assert found.kills >= 10, said
    assert (found.lost, found.repeated, found.doubled, found.unended, found.failed) == (0, 0, 0, 0, 0), said
    assert found.questions >= 2 * STORES, said
    assert found.failovers, said


def test_the_harness_sees_what_is_lost_repeated_and_doubled(tmp_path: Path) -> None:
    world = World(tmp_path / "world", takes=0.0)
    case = world.receive()
    number = world.gathering.begin(case, at=present(), by=OFFICER)
    question = {"round_number": number, "store": StoreName("store0"), "subject": SubjectId("leanne")}
    world.gathering.ask(case, attempt=1, at=present(), **question)
    assert found_in(tmp_path, case).doubled == 0
    assert found_in(tmp_path, case).repeated == 0
    assert found_in(tmp_path, case).lost >= STORES - 1, "a gather that nobody ended is lost"

    # What a worker that was taken for dead would do: ask a store again, and keep the answer again.
    world.asking.question = Question(case=case, round_number=number, store="store0", attempt=1)
    with world.archive.reading(case) as file:
        told = next(e for e in file.events() if e.kind is EventKind.STORE_ANSWERED)
        subject = request_of(file).subjects[0]
    world.stores[0].answer(SubjectQuery(subject=subject), at=present())
    with world.archive.writing(case) as file:
        file.record(EventKind.STORE_ANSWERED, at=present(), by=PROGRAM, **told.facts)
    assert found_in(tmp_path, case).repeated == 1
    assert found_in(tmp_path, case).doubled >= 1
    world.close()


def found_in(folder: Path, case: CaseId) -> Outcome:
    chaos = Chaos(folder / "world", takes=0.0)
    chaos.cases.append(case)
    chaos.count()
    return chaos.outcome
