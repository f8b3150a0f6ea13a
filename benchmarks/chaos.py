"""Killed workers: nothing lost, nothing asked again once its answer is kept, nothing doubled, quickly taken over.

The small form kills ten times on SQLite; the full one two hundred times on each database, and strikes
PostgreSQL down three times meanwhile.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.claims import Claim
from tests.chaos.harness import Chaos, Outcome
from tests.servers.restarting import RestartingPostgres, program

FAILOVER_S = 5.0
_SMALL, _FULL = 10, 200


def claims(*, full: bool) -> Iterator[Claim]:
    """One line for each promise and database."""
    with tempfile.TemporaryDirectory(prefix="sar-chaos-") as folder:
        world = Path(folder) / "world"
        found = Chaos(world).run(_FULL) if full else Chaos(world, takes=0.2, in_flight=2).run(_SMALL)
    yield from _promises("sqlite", found)
    if not full:
        yield _not_measured("the full form only")
    elif not (program("initdb") and program("postgres")):
        yield _not_measured("no PostgreSQL server on this machine")
    else:
        with RestartingPostgres() as server, tempfile.TemporaryDirectory(prefix="sar-chaos-") as folder:
            found = Chaos(Path(folder) / "world", server=server, workers=3).run(_FULL, restarts=3)
        yield from _promises("postgresql", found)


def _promises(database: str, found: Outcome) -> Iterator[Claim]:
    against = f"{found.kills} kills, {found.restarts} restarts, {found.questions} questions"
    broken = {
        "lost": found.lost, "repeated_after_commit": found.repeated, "doubled": found.doubled,
        "unended": found.unended,
    }  # fmt: skip
    for name, number in broken.items():
        yield Claim(
            claim=f"chaos.{database}.{name}", value=number, target=0, better="lower", unit="questions",
            against=against,
        )  # fmt: skip
    if found.failovers:
        yield Claim(
            claim=f"chaos.{database}.failover_median", value=round(found.failover_median, 2), target=FAILOVER_S,
            better="lower", unit="s", against=against,
        )  # fmt: skip


def _not_measured(why: str) -> Claim:
    return Claim(
        claim="chaos.postgresql.lost", value=None, target=0, better="lower", unit="questions", skipped=why
    )
