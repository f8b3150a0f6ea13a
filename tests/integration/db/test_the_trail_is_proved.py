"""What an intruder with the database in hand can do, and what verification says of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sar.db import SqlArchive, open_archive
from sar.domain.errors import TrailBroken
from sar.domain.parties import Actor
from sar.domain.references import CaseId, StaffId
from sar.domain.trail import EventKind, event_digest
from sar.vault import Shelf, open_signer, open_vault

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BY = Actor(id=StaffId("o1"), name="Ines")


class House:
    def __init__(self, folder: Path, *, every: int = 10) -> None:
        self.folder = folder
        vault = open_vault(folder)
        self.archive: SqlArchive = open_archive(
            f"sqlite:///{folder / 'sar.db'}", vault, Shelf(folder / "blobs", vault), open_signer(folder),
            self.file, checkpoint_every=every,
        )  # fmt: skip

    @property
    def file(self) -> Path:
        return self.folder / "checkpoints.jsonl"

    def case(self, events: int) -> CaseId:
        with self.archive.new_case(at=AT) as file:
            case = file.id
        for n in range(events):
            self.add(case, n)
        return case

    def add(self, case: CaseId, n: int, kind: EventKind = EventKind.SPAN_DECIDED) -> None:
        with self.archive.writing(case) as file:
            file.record(kind, at=AT, by=BY, leg=1, n=n)

    def intrude(self, *statements: str) -> None:
        """With the refusals of the database itself out of the way."""
        connection = sqlite3.connect(self.folder / "sar.db", isolation_level=None)
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        connection.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path / "data")
    yield house
    house.archive.close()


def test_an_honest_trail_holds_and_its_unproved_tail_is_told(house: House) -> None:
    house.case(12)
    house.case(3)
    report = house.archive.verify()
    assert (report.cases, report.events, report.checkpoints, report.unproved_events) == (2, 15, 1, 5)
    house.archive.checkpoint(at=AT)
    assert house.archive.verify().unproved_events == 0


def test_a_checkpoint_is_signed_every_so_many_events_and_at_each_release(house: House) -> None:
    case = house.case(10)
    assert house.archive.verify().checkpoints == 1
    house.add(case, 11)
    assert house.archive.verify().checkpoints == 1
    house.add(case, 12, EventKind.PACK_RELEASED)
    report = house.archive.verify()
    assert (report.checkpoints, report.unproved_events) == (2, 0)


def test_a_checkpoint_over_nothing_new_is_not_made(house: House) -> None:
    house.case(3)
    house.archive.checkpoint(at=AT)
    house.archive.checkpoint(at=AT)
    assert house.archive.verify().checkpoints == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE events SET facts = '{\"n\":99}' WHERE seq = 2",
        "UPDATE events SET at = '2026-01-01T00:00:00+00:00' WHERE seq = 2",
        "UPDATE events SET by = 'o2' WHERE seq = 12",
        "UPDATE events SET leg = 2 WHERE seq = 2",
        "UPDATE events SET kind = 'no such kind' WHERE seq = 2",
        "UPDATE events SET facts = 'not json' WHERE seq = 2",
        "DELETE FROM events WHERE seq = 5",
        "DELETE FROM events WHERE seq = 1",
        "DELETE FROM events WHERE seq >= 10",
        "DELETE FROM events",
        "UPDATE events SET seq = CASE seq WHEN 3 THEN 104 ELSE 103 END WHERE seq IN (3, 4)",
        "UPDATE checkpoints SET at = 'x'",
        "UPDATE checkpoints SET heads = '{}'",
        "UPDATE checkpoints SET signature = 'zz'",
        "UPDATE checkpoints SET digest = previous",
        "DELETE FROM checkpoints WHERE n = 1",
        "DELETE FROM checkpoints WHERE n = 2",
        "DELETE FROM checkpoints",
    ],
)
def test_every_change_to_the_trail_is_found(house: House, statement: str) -> None:
    house.case(12)
    house.archive.checkpoint(at=AT)
    assert house.archive.verify().checkpoints == 2
    house.intrude(statement)
    with pytest.raises(TrailBroken):
        house.archive.verify()


def test_events_put_in_another_order_are_found(house: House) -> None:
    house.case(5)
    house.intrude(
        "UPDATE events SET seq = 100 WHERE seq = 3", "UPDATE events SET seq = 3 WHERE seq = 4",
        "UPDATE events SET seq = 4 WHERE seq = 100",
    )  # fmt: skip
    with pytest.raises(TrailBroken, match=r"SA-2026-0001.*event 3"):
        house.archive.verify()


def test_a_whole_case_that_was_signed_for_cannot_vanish(house: House) -> None:
    gone, other = house.case(6), house.case(6)
    house.archive.checkpoint(at=AT)
    for table, column in (("events", "case_id"), ("signed_heads", "case_id"), ("cases", "id")):
        house.intrude(f"DELETE FROM {table} WHERE {column} = '{gone}'")  # noqa: S608 - an intruder's own words
    with pytest.raises(TrailBroken, match="gone"):
        house.archive.verify()
    assert other


def test_a_trail_rewritten_with_fresh_digests_is_found_by_the_signature(house: House) -> None:
    case = house.case(12)
    with house.archive.reading(case) as file:
        events = file.events()
    previous = events[5].previous
    statements = []
    for event in events[5:]:
        facts = {"n": 99} if event.seq == 6 else dict(event.facts)
        digest = event_digest(
            case=case, seq=event.seq, at=event.at, kind=event.kind, by=event.by, by_role=event.by_role,
            leg=event.leg, facts=facts, previous=previous,
        )  # fmt: skip
        values = f"facts = '{json.dumps(facts, separators=(',', ':'))}', previous = '{previous}', digest = '{digest}'"
        statements.append(f"UPDATE events SET {values} WHERE seq = {event.seq}")  # noqa: S608 - an intruder's words
        previous = digest
    house.intrude(*statements)
    with pytest.raises(TrailBroken, match="signed for"):
        house.archive.verify()


def test_the_last_events_without_a_checkpoint_can_vanish_and_the_report_says_how_many(house: House) -> None:
    house.case(12)
    assert house.archive.verify().unproved_events == 2
    house.intrude("DELETE FROM events WHERE seq > 10")
    report = house.archive.verify()
    assert (report.events, report.unproved_events) == (10, 0)


def test_a_line_changed_in_the_file_outside_is_found(house: House) -> None:
    house.case(12)
    house.file.write_text(house.file.read_text().replace('"n":1', '"n":7'))
    with pytest.raises(TrailBroken):
        house.archive.verify()
    house.file.write_text("not a checkpoint\n")
    with pytest.raises(TrailBroken):
        house.archive.verify()


def test_without_the_file_outside_nothing_counts_as_proved(house: House) -> None:
    house.case(12)
    house.file.unlink()
    report = house.archive.verify()
    assert (report.checkpoints, report.unproved_events) == (0, 12)


def test_the_file_outside_catches_up_after_a_cut_write(house: House) -> None:
    case = house.case(12)
    whole = house.file.read_bytes()
    house.file.write_bytes(whole[: len(whole) // 2])
    assert house.archive.verify().unproved_events == 12
    house.add(case, 13, EventKind.PACK_RELEASED)
    report = house.archive.verify()
    assert (report.checkpoints, report.unproved_events) == (2, 0)
    assert house.file.read_bytes().startswith(whole)


def test_a_checkpoint_forged_with_another_key_is_found(house: House, tmp_path: Path) -> None:
    house.case(5)
    honest = house.archive._signer
    house.archive._signer = open_signer(tmp_path / "forger")
    house.archive.checkpoint(at=AT)
    house.archive._signer = honest
    with pytest.raises(TrailBroken, match="not ours"):
        house.archive.verify()


def test_a_checkpoint_file_that_cannot_be_written_does_not_undo_what_was_decided(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    case = house.case(9)
    house.file.mkdir()
    house.add(case, 10)
    assert "checkpoint file" in caplog.text
    with house.archive.reading(case) as file:
        assert len(file.events()) == 10
    house.file.rmdir()
    house.archive.checkpoint(at=AT)
    assert house.archive.verify().unproved_events == 0
