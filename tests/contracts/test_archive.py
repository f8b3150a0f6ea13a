"""What every archive must do, on each database we support."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from sar.db import SqlArchive, open_archive, trails
from sar.db.tables import events, metadata
from sar.db.trails import KnownTrails, event_row
from sar.domain.errors import InvalidInput, NotFound, OutOfOrder, SealBroken
from sar.domain.parties import PROGRAM, Actor, PeopleRegister, Person, Role, StaffRole
from sar.domain.references import CaseId, CaseReference, PersonId, StaffId
from sar.domain.trail import Event, EventKind, next_event, verify_chain
from sar.ports.keeping import Archive, Collection, Glance, Look
from sar.vault import CaseVault, Shelf, open_signer, open_vault
from sar.vault.key_store import KeyStore

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
OFFICER = Actor(id=StaffId("o1"), name="Ines Adeyemi-Clarke", roles=frozenset({StaffRole.OFFICER}))
FAMILY = Actor(id=StaffId("leanne@example.org"), name="Leanne Hartley", is_family=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    words: str


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def postgres_programs() -> Path | None:
    found = shutil.which("initdb")
    places = [Path(found).parent] if found else sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    return next((place for place in reversed(places) if (place / "initdb").exists()), None)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """A private server on a free loopback port, ended by its process id."""
    programs = postgres_programs()
    if programs is None:
        pytest.skip("PostgreSQL's server programs are not installed")
    pytest.importorskip("psycopg", reason="the package psycopg is not installed")
    # It refuses to run as root, so a throw-away user runs it where root runs the tests.
    user = "nobody" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="sar-pg-"))
    shutil.chown(folder, user)
    port = free_port()
    subprocess.run(
        [programs / "initdb", "-D", folder / "d", "-A", "trust", "-U", "sar", "--no-sync"],
        check=True, user=user, stdout=subprocess.DEVNULL, cwd=folder,
    )  # fmt: skip
    server = subprocess.Popen(
        [programs / "postgres", "-D", folder / "d", "-p", str(port), "-c", "listen_addresses=127.0.0.1",
         "-c", f"unix_socket_directories={folder}", "-c", "fsync=off"],
        user=user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=folder,
    )  # fmt: skip
    try:
        _until_up(port)
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=20)
        shutil.rmtree(folder, ignore_errors=True)


def _until_up(port: int) -> None:
    end = time.monotonic() + 20
    engine = create_engine(f"postgresql+psycopg://sar@127.0.0.1:{port}/postgres")
    while True:
        try:
            engine.connect().close()
        except OperationalError:
            assert time.monotonic() < end, "the server does not come up"
            time.sleep(0.1)
        else:
            engine.dispose()
            return


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'sar.db'}"
    address = request.getfixturevalue("postgres")
    name = f"t{os.urandom(6).hex()}"
    engine = create_engine(f"postgresql+psycopg://sar@{address}/postgres", isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return f"postgresql+psycopg://sar@{address}/{name}"


@pytest.fixture
def vault(tmp_path: Path) -> CaseVault:
    return open_vault(tmp_path / "data")


@pytest.fixture
def archive(database_url: str, vault: CaseVault, tmp_path: Path) -> Iterator[SqlArchive]:
    data = tmp_path / "data"
    archive = open_archive(
        database_url, vault, Shelf(data / "blobs", vault), open_signer(data), data / "checkpoints.jsonl"
    )
    yield archive
    archive.close()


def opened(archive: Archive) -> CaseId:
    with archive.new_case(at=AT) as file:
        file.record(EventKind.REQUEST_RECEIVED, at=AT, by=OFFICER, received_on="2026-10-20", legs=3)
        return file.id


def test_references_count_within_their_year(archive: SqlArchive) -> None:
    quoted = []
    for year in (2026, 2026, 2027, 2026):
        with archive.new_case(at=AT.replace(year=year)) as file:
            quoted.append(str(file.reference))
    assert quoted == ["SA-2026-0001", "SA-2026-0002", "SA-2027-0001", "SA-2026-0003"]


def test_references_go_on_past_four_digits(archive: SqlArchive) -> None:
    with archive.engine.begin() as connection:
        for number in ("9999", "10000"):
            connection.exec_driver_sql(
                f"INSERT INTO cases VALUES ('{number:0>32}', 'SA-2026-{number}', 'x', 0)"  # noqa: S608
            )
    with archive.new_case(at=AT) as file:
        assert str(file.reference) == "SA-2026-10001"


def test_a_case_is_found_by_its_reference_and_listed_oldest_first(archive: SqlArchive) -> None:
    later = archive.new_case(at=AT + timedelta(hours=1))
    with later as file:
        second = file.id
    first = opened(archive)
    assert [(h.id, h.created_at) for h in archive.heads()] == [(first, AT), (second, AT + timedelta(hours=1))]
    assert archive.find(CaseReference("SA-2026-0002")) == first
    with pytest.raises(NotFound):
        archive.find(CaseReference("SA-2026-0009"))


def test_a_case_that_was_looked_at_is_left_out_until_something_can_have_changed(archive: SqlArchive) -> None:
    waiting, over = opened(archive), opened(archive)
    day, next_day = AT.date(), AT.date() + timedelta(days=1)
    assert archive.to_look_at(on=day, basis="a") == (waiting, over)
    looks = [Look(case=waiting, seq=1, is_over=False), Look(case=over, seq=1, is_over=True)]
    archive.looked_at(looks, on=day, basis="a")
    assert archive.to_look_at(on=day, basis="a") == ()
    assert archive.to_look_at(on=next_day, basis="a") == archive.to_look_at(on=day, basis="b") == (waiting,)
    with archive.writing(over) as file:
        file.record(EventKind.GATHERING_STARTED, at=AT, by=OFFICER, round=1, stores=1)
    assert archive.to_look_at(on=day, basis="a") == (over,)
    # A look that was made before that event does not hide it.
    archive.looked_at(looks, on=day, basis="a")
    assert archive.to_look_at(on=day, basis="a") == (over,)
    archive.looked_at([Look(case=over, seq=2, is_over=True)], on=day, basis="a")
    archive.looked_at([], on=day, basis="a")
    assert archive.to_look_at(on=day, basis="a") == ()


def test_a_case_that_fails_at_birth_leaves_nothing(archive: SqlArchive, vault: CaseVault) -> None:
    with pytest.raises(RuntimeError), archive.new_case(at=AT) as file:  # noqa: PT012
        case = file.id
        file.keep(Collection.NOTE, "a", Note(words="x"))
        raise RuntimeError
    assert archive.heads() == ()
    with pytest.raises(SealBroken):
        vault.keyed_digest(case, b"x")
    with archive.new_case(at=AT) as file:
        assert str(file.reference) == "SA-2026-0001"


def test_events_come_back_as_they_were_recorded(archive: SqlArchive) -> None:
    case = opened(archive)
    moment = AT.replace(microsecond=123_456)
    with archive.writing(case) as file:
        written = [
            file.record(
                EventKind.SPAN_DECIDED, at=moment, by=FAMILY, leg=2, code="a/b", count=3, yes=True, none=None
            ),
            file.record(EventKind.GATHERING_COMPLETED, at=moment, by=PROGRAM),
        ]
        seen_inside = file.events()
    with archive.reading(case) as file:
        events = file.events()
    assert events[1:] == tuple(written)
    assert events == seen_inside
    assert verify_chain(events) == events[-1].digest
    assert [e.seq for e in events] == [1, 2, 3]
    assert events[1].facts["yes"] is True
    assert [(e.by, e.by_role) for e in events] == [
        ("o1", "records officer"),
        ("family", "family"),
        ("sar", "program"),
    ]


def gathered_again(archive: Archive, case: CaseId, number: int) -> None:
    with archive.writing(case) as file:
        file.record(EventKind.GATHERING_STARTED, at=AT, by=OFFICER, round=number, stores=1)


def test_a_trail_that_was_read_before_is_read_on_from_there_and_is_the_same(
    archive: SqlArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    case, read = opened(archive), list[int]()
    kept = trails.event_of

    def noted(row: Sequence[Any]) -> Event:
        read.append(row[1])
        return kept(row)

    monkeypatch.setattr(trails, "event_of", noted)
    for number in (1, 2, 3):
        gathered_again(archive, case, number)
    with archive.reading(case) as file:
        first = file.events()
    gathered_again(archive, case, 4)
    read.clear()
    with archive.reading(case) as file:
        second = file.events()
    assert read == [4, 5]
    assert second[:-1] == first
    assert verify_chain(second) == second[-1].digest


def test_what_a_writer_saw_and_did_not_keep_is_not_remembered(archive: SqlArchive) -> None:
    case = opened(archive)
    with archive.reading(case) as file:
        before = file.events()
    with pytest.raises(RuntimeError), archive.writing(case) as file:  # noqa: PT012
        file.record(EventKind.GATHERING_STARTED, at=AT, by=OFFICER, round=1, stores=1)
        assert len(file.events()) == 2
        raise RuntimeError
    with archive.reading(case) as file:
        assert file.events() == before


def test_a_trail_that_was_put_back_from_a_backup_is_read_anew() -> None:
    engine = create_engine("sqlite://")
    metadata.create_all(engine)
    known = KnownTrails(most_events=3)

    def put(*stored: Event) -> list[Event]:
        with engine.begin() as connection:
            connection.execute(events.delete())
            connection.execute(events.insert(), [event_row(e) for e in stored])
        with engine.connect() as connection:
            return known.of(connection, CaseId("c"), is_committed=True)

    first = event_after(None, "a")
    here, there = event_after(first, "a"), event_after(first, "b")
    assert put(first, here) == [first, here]
    assert put(first, there) == [first, there]
    assert put(first) == [first]
    long = [first, here, event_after(here, "c"), event_after(event_after(here, "c"), "d")]
    assert put(*long) == long == put(*long)


def event_after(last: Event | None, code: str) -> Event:
    return next_event(
        case=CaseId("c"), last=last, at=AT, kind=EventKind.CONFLICT_RECORDED, by="o1", by_role="", leg=1,
        facts={"code": code},
    )  # fmt: skip


@pytest.mark.parametrize("fact", ["word " * 50, "two\nlines", 1.5, ("a",)])
def test_an_event_takes_no_words(archive: SqlArchive, fact: object) -> None:
    case = opened(archive)
    with pytest.raises(InvalidInput), archive.writing(case) as file:
        file.record(EventKind.SPAN_DECIDED, at=AT, by=OFFICER, reason=fact)  # type: ignore[arg-type]  # on purpose
    with archive.reading(case) as file:
        assert len(file.events()) == 1


def test_the_newest_version_stands_in_the_order_first_kept(archive: SqlArchive) -> None:
    case = opened(archive)
    with archive.writing(case) as file:
        file.keep_all(
            Collection.NOTE, {"1/b": Note(words="b"), "1/a": Note(words="a"), "2/c": Note(words="c")}
        )
    with archive.writing(case) as file:
        file.keep(Collection.NOTE, "1/b", Note(words="b again"))
        file.keep(Collection.NOTE, "1/d", Note(words="d"))
        inside = file.every(Collection.NOTE, Note, under="1/")
        assert file.latest(Collection.NOTE, "1/b", Note) == Note(words="b again")
    with archive.reading(case) as file:
        assert [n.words for n in file.every(Collection.NOTE, Note, under="1/")] == ["b again", "a", "d"]
        assert file.every(Collection.NOTE, Note, under="1/") == inside
        assert file.names(Collection.NOTE) == ("1/b", "1/a", "2/c", "1/d")
        assert file.names(Collection.MESSAGE) == ()
        assert file.latest(Collection.NOTE, "2/c", Note) == Note(words="c")
        with pytest.raises(NotFound):
            file.latest(Collection.NOTE, "1/x", Note)
        with pytest.raises(NotFound):
            file.latest(Collection.MESSAGE, "1/b", Note)


def test_another_case_has_its_own_items(archive: SqlArchive) -> None:
    one, two = opened(archive), opened(archive)
    with archive.writing(one) as file:
        file.keep(Collection.NOTE, "a", Note(words="of one"))
        digest = file.keyed_digest(b"same")
    with archive.reading(two) as file:
        assert file.names(Collection.NOTE) == ()
        assert file.keyed_digest(b"same") != digest


def test_documents_are_kept_read_back_and_replaced(archive: SqlArchive) -> None:
    case = opened(archive)
    with archive.writing(case) as file:
        file.keep_blob("pack/leanne", b"first")
        file.keep_blob("pack/leanne", b"second")
        assert file.blob("pack/leanne") == b"second"
    with archive.reading(case) as file:
        assert file.blob("pack/leanne") == b"second"
        with pytest.raises(NotFound):
            file.blob("pack/marcus")


def test_a_block_that_fails_changes_nothing_at_all(archive: SqlArchive, tmp_path: Path) -> None:
    case = opened(archive)
    with archive.writing(case) as file:
        file.keep_blob("pack", b"first")
    on_disk = sorted(tmp_path.glob("data/blobs/**/*"))
    with pytest.raises(RuntimeError), archive.writing(case) as file:  # noqa: PT012
        file.record(EventKind.SIGNED_OFF, at=AT, by=OFFICER, leg=1)
        file.keep(Collection.NOTE, "a", Note(words="x"))
        file.keep_blob("pack", b"second")
        file.events()
        raise RuntimeError
    with archive.reading(case) as file:
        assert len(file.events()) == 1
        assert file.names(Collection.NOTE) == ()
        assert file.blob("pack") == b"first"
    assert sorted(tmp_path.glob("data/blobs/**/*")) == on_disk


def test_reading_writes_nothing_and_a_closed_file_takes_nothing(archive: SqlArchive) -> None:
    case = opened(archive)
    with archive.reading(case) as reading, archive.writing(case) as closed:
        pass
    for file in (reading, closed):
        for write in (
            lambda f: f.record(EventKind.SIGNED_OFF, at=AT, by=OFFICER),
            lambda f: f.keep(Collection.NOTE, "a", Note(words="x")),
            lambda f: f.keep_all(Collection.NOTE, {"a": Note(words="x")}),
            lambda f: f.keep_blob("a", b"x"),
        ):
            with pytest.raises(OutOfOrder):
                write(file)


def test_a_reader_sees_one_moment(archive: SqlArchive) -> None:
    case = opened(archive)
    with archive.reading(case) as reading:
        assert reading.names(Collection.NOTE) == ()
        with archive.writing(case) as file:
            file.keep(Collection.MESSAGE, "a", Note(words="x"))
        assert reading.names(Collection.MESSAGE) == ()


def test_an_unknown_case_is_not_found(archive: SqlArchive) -> None:
    for opening in (archive.writing, archive.reading):
        with pytest.raises(NotFound), opening(CaseId("f" * 32)):
            pass


def test_writers_of_one_case_take_turns(archive: SqlArchive) -> None:
    case = opened(archive)
    failed: list[BaseException] = []

    def add(name: str) -> None:
        try:
            for n in range(10):
                with archive.writing(case) as file:
                    seen = len(file.events())
                    file.keep(Collection.NOTE, f"{name}/{n}", Note(words=str(seen)))
                    file.record(EventKind.SPAN_DECIDED, at=AT, by=OFFICER, leg=1, seen=seen)
        except BaseException as error:  # noqa: BLE001 - a thread must report whatever it was
            failed.append(error)

    threads = [threading.Thread(target=add, args=(f"t{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    with archive.reading(case) as file:
        events = file.events()
        verify_chain(events)
        assert [e.facts.get("seen") for e in events[1:]] == list(range(1, 41))
        assert len(file.names(Collection.NOTE)) == 40


def test_new_cases_at_the_same_moment_get_different_references(archive: SqlArchive) -> None:
    barrier = threading.Barrier(6)

    def open_one() -> None:
        barrier.wait()
        with archive.new_case(at=AT):
            pass

    threads = [threading.Thread(target=open_one) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(str(h.reference) for h in archive.heads()) == [f"SA-2026-000{n}" for n in range(1, 7)]


def test_names_and_values_are_sealed_and_the_trail_outlives_the_key(
    archive: SqlArchive, vault: CaseVault
) -> None:
    case = opened(archive)
    register = PeopleRegister(people=(Person(id=PersonId("p1"), name="Orla Quill", role=Role.SOURCE),))
    with archive.writing(case) as file:
        file.keep(Collection.REGISTER, "leanne", register)
        assert file.latest(Collection.REGISTER, "leanne", PeopleRegister) == register
    with archive.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM sealed_items").all()
    told = b" ".join(v if isinstance(v, bytes) else str(v).encode() for row in rows for v in row)
    assert b"leanne" not in told
    assert b"Quill" not in told
    vault.destroy_case_key(case)
    with archive.writing(case) as file:
        file.record(EventKind.DESTROYED, at=AT, by=OFFICER)
        with pytest.raises(SealBroken):
            file.latest(Collection.REGISTER, "leanne", PeopleRegister)
    assert archive.verify().events == 2


@pytest.mark.parametrize("table", ["events", "checkpoints"])
@pytest.mark.parametrize("verb", ["UPDATE {} SET digest = 'x'", "DELETE FROM {}"])
def test_the_database_itself_refuses_to_change_the_trail(archive: SqlArchive, table: str, verb: str) -> None:
    opened(archive)
    archive.checkpoint(at=AT)
    with archive.engine.connect() as connection, pytest.raises(Exception, match="only ever added to"):
        connection.exec_driver_sql(verb.format(table))


OTHER_PROCESS = """
import sys
from pathlib import Path
from sar.vault import open_vault
vault = open_vault(Path(sys.argv[1]))
vault.destroy_case_key(sys.argv[2])
if sys.argv[3:] == ["turn"]:
    vault.new_case_key(sys.argv[2])
"""


@pytest.mark.parametrize("then", [(), ("turn",)])
def test_a_key_that_another_process_destroyed_or_turned_opens_nothing_at_the_next_reading(
    archive: SqlArchive, tmp_path: Path, then: tuple[str, ...]
) -> None:
    case = opened(archive)
    with archive.writing(case) as file:
        file.keep(Collection.NOTE, "a", Note(words="x"))
    with archive.reading(case) as file:
        assert file.latest(Collection.NOTE, "a", Note) == Note(words="x")
    subprocess.run(
        [sys.executable, "-c", OTHER_PROCESS, str(tmp_path / "data"), case, *then], check=True, timeout=60
    )
    with archive.reading(case) as file, pytest.raises(SealBroken):
        file.latest(Collection.NOTE, "a", Note)
    with archive.writing(case) as file, pytest.raises(SealBroken):
        file.latest(Collection.NOTE, "a", Note)


def test_a_reading_asks_for_its_key_once_however_much_it_opens(
    archive: SqlArchive, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = opened(archive)
    asked: list[int] = []
    version = KeyStore.version

    def counted(store: KeyStore) -> int:
        asked.append(1)
        return version(store)

    monkeypatch.setattr(KeyStore, "version", counted)
    with archive.writing(case) as file:
        file.keep_all(Collection.NOTE, {f"n{n}": Note(words=str(n)) for n in range(40)})
        assert len(file.every(Collection.NOTE, Note)) == 40
    assert len(asked) == 1
    asked.clear()
    with archive.reading(case) as file:
        assert len(file.every(Collection.NOTE, Note)) == 40
        file.keyed_digest(b"x")
    assert len(asked) == 1


def test_inside_one_moment_every_reading_sees_it_until_this_thread_writes(
    archive: SqlArchive, vault: CaseVault, database_url: str, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    other = open_archive(
        database_url, vault, Shelf(data / "blobs", vault), open_signer(data), data / "checkpoints.jsonl"
    )
    case = opened(archive)
    with archive.one_moment():
        with archive.reading(case) as file:
            assert len(file.events()) == 1
        with other.writing(case) as file:
            file.record(EventKind.GATHERING_STARTED, at=AT, by=OFFICER, round=1, stores=1)
        with archive.reading(case) as first, archive.reading(case) as second:
            assert (len(first.events()), len(second.events())) == (1, 1)
        with archive.writing(case) as file:
            file.record(EventKind.GATHERING_STARTED, at=AT, by=OFFICER, round=2, stores=1)
            with archive.reading(case) as before:
                assert len(before.events()) == 2
        with archive.reading(case) as file:
            assert len(file.events()) == 3
    with archive.reading(case) as file:
        assert len(file.events()) == 3
    other.close()


def test_inside_one_moment_several_cases_and_failures_do_no_harm(archive: SqlArchive) -> None:
    one, two = opened(archive), opened(archive)
    with archive.one_moment():
        with archive.reading(one) as file, archive.reading(two) as another:
            assert (file.id, another.id) == (one, two)
        with archive.reading(two) as file:
            assert file.id == two
        with pytest.raises(NotFound), archive.reading(two) as file:
            file.latest(Collection.NOTE, "nowhere", Note)
        with pytest.raises(NotFound), archive.reading(CaseId("e" * 32)):
            pass
        with archive.reading(two) as file, archive.writing(two) as added:
            added.record(EventKind.GATHERING_STARTED, at=AT, by=OFFICER, round=1, stores=1)
            assert len(file.events()) == 1
        with archive.reading(two) as file:
            assert len(file.events()) == 2
        with archive.one_moment(), archive.reading(one) as file:
            assert file.id == one
    assert archive.engine.pool.checkedout() == 0  # type: ignore[attr-defined]  # both databases use a queue pool


def test_what_a_list_shows_of_a_case_holds_until_something_happens_there(archive: SqlArchive) -> None:
    one, two = opened(archive), opened(archive)

    def shown(shown_in: str = "queue", basis: str = "a") -> list[Note | None]:
        return [kept for _head, kept in archive.glances(shown_in, Note, basis=basis)]

    assert shown() == [None, None]
    kept = [Glance(case=case, seq=1, value=Note(words=words)) for case, words in ((two, "2"), (one, "1"))]
    archive.keep_glances("queue", kept, basis="a")
    assert [head.id for head, _ in archive.glances("queue", Note, basis="a")] == [one, two]
    assert shown() == [Note(words="1"), Note(words="2")]
    assert shown("desk") == shown(basis="b") == [None, None]
    with archive.writing(one) as file:
        file.record(EventKind.GATHERING_STARTED, at=AT, by=OFFICER, round=1, stores=1)
    assert shown() == [None, Note(words="2")]
    archive.keep_glances("queue", [Glance(case=one, seq=2, value=Note(words="3"))], basis="a")
    assert shown() == [Note(words="3"), Note(words="2")]
    archive.keep_glances("queue", [Glance(case=one, seq=1, value=Note(words="old"))], basis="a")
    assert shown() == [None, Note(words="2")]


def test_what_a_list_shows_is_not_kept_while_somebody_else_writes_and_nobody_waits(
    archive: SqlArchive,
) -> None:
    case = opened(archive)
    archive.keep_glances("queue", [Glance(case=case, seq=1, value=Note(words="1"))], basis="a")
    with archive.engine.connect() as other:
        other.execution_options(sar_begin="BEGIN IMMEDIATE")  # Read for SQLite alone.
        with other.begin():
            other.exec_driver_sql("UPDATE case_glances SET seq = 1")
            began = time.monotonic()
            archive.keep_glances("queue", [Glance(case=case, seq=1, value=Note(words="2"))], basis="a")
            assert time.monotonic() - began < 10  # What has to be written waits up to 30 s.
    assert [kept for _, kept in archive.glances("queue", Note, basis="a")] == [Note(words="1")]
    archive.keep_glances("queue", [Glance(case=case, seq=1, value=Note(words="3"))], basis="a")
    assert [kept for _, kept in archive.glances("queue", Note, basis="a")] == [Note(words="3")]
    # The connection that was impatient is as patient again as every other.
    with archive.engine.connect() as connection:
        asked = "PRAGMA busy_timeout" if connection.dialect.name == "sqlite" else "SHOW lock_timeout"
        assert connection.exec_driver_sql(asked).scalar() in {30_000, "0"}
