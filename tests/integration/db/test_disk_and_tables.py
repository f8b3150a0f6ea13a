"""The database under a full disk, a folder that may not be written, and the tables of each version."""

from __future__ import annotations

import importlib
import importlib.util
import stat
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import event

from sar.db import SqlArchive, open_archive
from sar.db.connecting import open_engine
from sar.db.migrating import upgrade
from sar.db.tables import metadata
from sar.domain.errors import EnvironmentFault
from sar.domain.matching import Span, Verdict
from sar.domain.parties import Actor
from sar.domain.redaction import Decision
from sar.domain.references import LegName, RecordKey, StaffId, StoreName
from sar.domain.trail import EventKind
from sar.ports.keeping import Collection
from sar.vault import Shelf, open_signer, open_vault

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
BY = Actor(id=StaffId("o1"), name="Ines")


def archive_in(folder: Path) -> SqlArchive:
    vault = open_vault(folder)
    return open_archive(
        f"sqlite:///{folder / 'sar.db'}", vault, Shelf(folder / "blobs", vault), open_signer(folder),
        folder / "checkpoints.jsonl",
    )  # fmt: skip


def decision(n: int) -> Decision:
    record = RecordKey(store=StoreName("council"), native_id=str(n))
    return Decision(
        id=f"d{n}", leg=LegName("leanne"), decided_by=StaffId("o1"), decider_role="officer", decided_at=AT,
        span=Span(record=record, version="v" * 64, passage=0, start=3, end=9), verdict=Verdict.WITHHOLD,
        reason="Names a neighbour who rang in confidence. " * 3,
    )  # fmt: skip


def test_a_full_disk_is_our_fault_and_nothing_is_half_done(tmp_path: Path) -> None:
    archive = archive_in(tmp_path)
    with archive.new_case(at=AT) as file:
        case = file.id

    def small(connection: object, _record: object) -> None:
        connection.execute("PRAGMA max_page_count = 60")  # type: ignore[attr-defined]  # a driver's connection

    event.listen(archive.engine, "connect", small)
    archive.engine.dispose()
    with pytest.raises(EnvironmentFault, match="full"), archive.writing(case) as file:  # noqa: PT012
        file.record(EventKind.SIGNED_OFF, at=AT, by=BY, leg=1)
        file.keep_all(Collection.DECISION, {str(n): decision(n) for n in range(2000)})
        file.keep_blob("pack", b"x")
    event.remove(archive.engine, "connect", small)
    archive.engine.dispose()
    with archive.reading(case) as file:
        assert file.events() == ()
        assert file.names(Collection.DECISION) == ()
    assert not [p for p in tmp_path.glob("blobs/**/*") if p.is_file()]
    with archive.writing(case) as file:
        file.keep(Collection.DECISION, "1", decision(1))


def test_a_shelf_that_refuses_undoes_the_whole_block(tmp_path: Path) -> None:
    archive = archive_in(tmp_path)
    with archive.new_case(at=AT) as file:
        case = file.id
    (tmp_path / "blobs").write_text("a file stands where the folder should be")
    with pytest.raises(EnvironmentFault), archive.writing(case) as file:  # noqa: PT012
        file.record(EventKind.PACK_BUILT, at=AT, by=BY, leg=1)
        file.keep_blob("pack", b"x")
    with archive.reading(case) as file:
        assert file.events() == ()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////proc/nowhere/sar.db",
        "nonsense",
        "oracle+nothing://x",
        "postgresql+psycopg://u@127.0.0.1:1/x",
    ],
)
def test_an_address_that_cannot_be_used_is_a_fault_of_the_machine(tmp_path: Path, url: str) -> None:
    with pytest.raises(EnvironmentFault):
        upgrade(open_engine(url))


def test_a_database_that_may_not_be_written_is_a_fault_of_the_machine(tmp_path: Path) -> None:
    archive = archive_in(tmp_path)

    def read_only(connection: object, _record: object) -> None:
        connection.execute("PRAGMA query_only = ON")  # type: ignore[attr-defined]  # a driver's connection

    event.listen(archive.engine, "connect", read_only)
    archive.engine.dispose()
    with pytest.raises(EnvironmentFault, match="readonly"), archive.new_case(at=AT):
        pass


def test_sqlite_is_set_up_to_lose_nothing(tmp_path: Path) -> None:
    archive = archive_in(tmp_path)
    with archive.engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}
    assert stat.S_IMODE((tmp_path / "sar.db").stat().st_mode) & 0o002 == 0


def test_the_migrations_make_exactly_the_tables_of_the_program(tmp_path: Path) -> None:
    # The accounts stand beside ours on the same metadata.
    if importlib.util.find_spec("sar.db.account_tables"):
        importlib.import_module("sar.db.account_tables")
    engine = open_engine(f"sqlite:///{tmp_path / 'sar.db'}")
    upgrade(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_a_database_of_this_version_is_left_as_it_is(tmp_path: Path) -> None:
    first = archive_in(tmp_path)
    with first.new_case(at=AT) as file:
        reference = file.reference
    first.close()
    assert [h.reference for h in archive_in(tmp_path).heads()] == [reference]


def test_a_review_of_a_thousand_decisions_is_kept_within_a_second(tmp_path: Path) -> None:
    archive = archive_in(tmp_path)
    with archive.new_case(at=AT) as file:
        case = file.id
    began = time.thread_time()  # Its own work: a busy machine takes nothing from it and adds nothing.
    with archive.writing(case) as file:
        for n in range(1000):
            file.keep(Collection.DECISION, f"1/{n}", decision(n))
            file.record(EventKind.SPAN_DECIDED, at=AT, by=BY, leg=1, decision=n)
    took = time.thread_time() - began
    with archive.reading(case) as file:
        assert file.every(Collection.DECISION, Decision) == tuple(decision(n) for n in range(1000))
    assert took < 1, f"{took:.2f} s"
