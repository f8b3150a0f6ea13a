"""Whoever changes what happened, with the database in their hands, is found out by ``sar trail verify``."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.journeys.conftest import Demo, Said
from tests.journeys.stage import sar

pytestmark = pytest.mark.timeout(900)


def test_the_trail_of_the_demo_is_whole(demo: Demo) -> None:
    said = sar("trail", "verify", "--json", data=demo.data)
    assert said.returncode == 0, said.stderr
    report = json.loads(said.stdout)
    assert report["cases"] == 2
    assert report["events"] > 500
    assert report["checkpoints"] >= 3


def test_the_database_refuses_changes_by_itself(copy: Path) -> None:
    with closing(sqlite3.connect(copy / "sar.db")) as database:
        for statement in ("UPDATE events SET kind = 'x'", "DELETE FROM events", "DELETE FROM checkpoints"):
            with pytest.raises(sqlite3.DatabaseError, match="only ever added to"):
                database.execute(statement)


def edit(database: sqlite3.Connection, case: str, last: int) -> None:
    holds_a_one = "SELECT min(seq) FROM events WHERE case_id = ? AND seq > 8 AND facts LIKE '%1%'"
    [(seq,)] = database.execute(holds_a_one, (case,)).fetchall()
    database.execute(
        "UPDATE events SET facts = replace(facts, '1', '2') WHERE case_id = ? AND seq = ?", (case, seq)
    )


def backdate(database: sqlite3.Connection, case: str, last: int) -> None:
    database.execute(
        "UPDATE events SET at = replace(at, '2026-11', '2026-10') WHERE case_id = ? AND seq = 5", (case,)
    )


def remove(database: sqlite3.Connection, case: str, last: int) -> None:
    database.execute("DELETE FROM events WHERE case_id = ? AND seq = 40", (case,))


def swap(database: sqlite3.Connection, case: str, last: int) -> None:
    for old, new in ((20, -1), (21, 20), (-1, 21)):
        database.execute("UPDATE events SET seq = ? WHERE case_id = ? AND seq = ?", (new, case, old))


def remove_last_below_a_checkpoint(database: sqlite3.Connection, case: str, last: int) -> None:
    database.execute("DELETE FROM events WHERE case_id = ? AND seq >= ?", (case, last))


def remove_the_whole_case(database: sqlite3.Connection, case: str, last: int) -> None:
    database.execute("DELETE FROM events WHERE case_id = ?", (case,))


def remove_the_last_checkpoint(database: sqlite3.Connection, case: str, last: int) -> None:
    database.execute("DELETE FROM checkpoints WHERE n = (SELECT max(n) FROM checkpoints)")


Tamper = Callable[[sqlite3.Connection, str, int], None]


@pytest.mark.parametrize(
    "tamper",
    [
        edit, backdate, remove, swap, remove_last_below_a_checkpoint, remove_the_whole_case,
        remove_the_last_checkpoint,
    ],
)  # fmt: skip
def test_a_changed_removed_or_reordered_event_is_found(
    copy: Path, tamper: Tamper, command: Callable[..., Said]
) -> None:
    with closing(sqlite3.connect(copy / "sar.db")) as database, database:
        for (trigger,) in database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        ).fetchall():
            database.execute(f"DROP TRIGGER {trigger}")
        case, signed = database.execute(
            "SELECT s.case_id, s.seq FROM signed_heads s JOIN cases c ON c.id = s.case_id "
            "WHERE c.reference = 'SA-2026-0001'"
        ).fetchone()
        before = database.total_changes
        tamper(database, case, signed)
        assert database.total_changes > before, "nothing was tampered with"
    said = command("trail", "verify", data=copy)
    assert said.returncode == 1, said.stdout
    assert "What to do" in said.stderr
    assert "Traceback" not in said.stderr


def test_a_case_file_is_not_read_on_when_its_trail_is_broken(copy: Path) -> None:
    with closing(sqlite3.connect(copy / "sar.db")) as database, database:
        database.execute("DROP TRIGGER events_no_update")
        database.execute("UPDATE events SET by = 'somebody-else' WHERE kind = 'disclosure signed off'")
    said = sar("trail", "verify", data=copy)
    assert said.returncode == 1


def test_a_pack_on_the_shelf_cannot_be_exchanged(copy: Path) -> None:
    """One byte of a sealed blob: nothing opens it any more, and nothing false comes out."""
    from sar.bootstrap import House  # noqa: PLC0415 - only this test opens the folder in this process
    from sar.config import read_settings  # noqa: PLC0415
    from sar.domain.errors import SARError  # noqa: PLC0415
    from tests.journeys.stage import NOBODY_ANSWERS, close  # noqa: PLC0415

    for blob in (copy / "blobs").rglob("*"):
        if blob.is_file():
            content = bytearray(blob.read_bytes())
            content[len(content) // 2] ^= 1
            blob.write_bytes(content)
    variables = {f"SAR_STORE_{n.upper()}": NOBODY_ANSWERS for n in ("fhir_url", "fhir_token_url")}
    house = House(read_settings({"SAR_DATA": str(copy), **variables}))
    try:
        case = house.archive.heads()[0].id
        with pytest.raises(SARError) as refused, house.archive.reading(case) as file:
            file.blob("pack-1-1.pdf")
        assert refused.value.next_step
    finally:
        close(house)
