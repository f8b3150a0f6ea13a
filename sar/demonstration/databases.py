"""The two sample databases, built from their SQL; and the one correction the demo makes in one of them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

NAMES = ("trust_alerts", "council_ssd")


def build_databases(stores: Path, into: Path) -> dict[str, Path]:
    """Fresh SQLite files from ``<name>.sql``; an earlier demo's are replaced. Name -> file."""
    into.mkdir(parents=True, exist_ok=True)
    return {name: _build(stores / f"{name}.sql", into / f"{name}.sqlite") for name in NAMES}


def _build(script: Path, target: Path) -> Path:
    fresh = target.with_suffix(".new")
    fresh.unlink(missing_ok=True)
    with closing(sqlite3.connect(fresh)) as database:
        database.executescript(script.read_text(encoding="utf-8"))
    fresh.replace(target)
    return target


def correct_alerts(database: Path, numbers: Sequence[str], *, at: datetime, staff: str = "ST-107") -> int:
    """What the trust itself does in its alert system: mark alerts as entered in error, with an event each.

    This is the owner's own change in its own system, made by the sample world and never by ``sar``: there is
    no way to write through a ``Store``. Returns how many alerts changed.
    """
    changed = 0
    with closing(sqlite3.connect(database)) as owner, owner:
        for number in numbers:
            before = owner.execute("SELECT category FROM alert WHERE alert_id = ?", (number,)).fetchone()
            if before is None:
                continue
            changed += owner.execute(
                "UPDATE alert SET status = 'entered-in-error', closed_on = ? WHERE alert_id = ?"
                " AND status <> 'entered-in-error'",
                (at.date().isoformat(), number),
            ).rowcount
            owner.execute(
                "INSERT OR REPLACE INTO alert_event"
                " (event_id, alert_id, happened_at, what, old_category, staff_id, note)"
                " VALUES (?, ?, ?, 'corrected', ?, ?, ?)",
                (
                    f"EV-C-{number[-5:]}",
                    number,
                    f"{at:%Y-%m-%d %H:%M:%S}",
                    before[0],
                    staff,
                    "Marked as entered in error after a request for correction.",
                ),
            )
    return changed
