"""The kill harness from the command line: ``python -m tests.chaos [--kills 200] [--only sqlite|postgresql]``.

Standard output has one line a database; exit 1 when anything was lost, repeated, doubled or did not end.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.chaos.harness import Chaos, Outcome
from tests.servers.restarting import RestartingPostgres


def _say(words: str) -> None:
    sys.stderr.write(f"{words}\n")


def run(kind: str, kills: int, minutes: float) -> Outcome:
    """One worker on SQLite; three on PostgreSQL, whose server is struck down three times."""
    with tempfile.TemporaryDirectory(prefix="sar-chaos-") as folder:
        if kind == "sqlite":
            return Chaos(Path(folder) / "world").run(kills, minutes=minutes, say=_say)
        with RestartingPostgres() as server:
            return Chaos(Path(folder) / "world", server=server, workers=3).run(
                kills, restarts=3, minutes=minutes, say=_say
            )


def is_good(outcome: Outcome) -> bool:
    """Nothing lost, nothing repeated, nothing doubled, everything ended."""
    return not (outcome.lost or outcome.repeated or outcome.doubled or outcome.unended)


def main() -> int:
    """0 when every run was good."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--minutes", type=float, default=600.0, help="kill no more after this time")
    chosen = parser.parse_args()
    good = True
    for kind in (chosen.only,) if chosen.only else ("sqlite", "postgresql"):
        outcome = run(kind, chosen.kills, chosen.minutes)
        sys.stdout.write(f"{kind}: {outcome.said()}\n")
        sys.stdout.flush()
        good = good and is_good(outcome)
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
