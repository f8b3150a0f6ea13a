"""Ten kills on SQLite in every run of the tests; ``make soak`` has fifty on each database, ``make chaos`` 200."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.harness import Chaos
from tests.chaos.world import STORES, World

pytestmark = pytest.mark.timeout(400)


def test_ten_kills_lose_nothing_repeat_nothing_and_double_nothing(tmp_path: Path) -> None:
    found = Chaos(tmp_path / "world", takes=0.2, in_flight=2).run(10)
    said = found.said()
    assert found.kills >= 10, said
    assert (found.lost, found.repeated, found.doubled, found.unended, found.failed) == (0, 0, 0, 0, 0), said
    assert found.questions >= 2 * STORES, said
    assert found.failovers, said


def test_the_harness_sees_what_is_lost(tmp_path: Path) -> None:
    world = World(tmp_path / "world", takes=0.0)
    case = world.receive()
    chaos = Chaos(tmp_path / "world", takes=0.0)
    chaos.cases.append(case)
    chaos.count()
    assert chaos.outcome.lost >= STORES, "a gather nobody worked at is lost"
    world.close()
