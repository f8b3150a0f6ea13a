"""The same mapping on a real PostgreSQL and a real MariaDB: the same records, and nothing can be written."""
# ruff: noqa: S608 - the owner of a database fills it with plain text here

import sqlite3
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa

from sar.demonstration.databases import build_databases
from sar.domain.errors import BadMapping, StoreRefused, StoreUnavailable
from sar.domain.records import AnswerKind, SubjectQuery
from sar.domain.references import StoreName
from sar.ports.gathering import StoreDescription
from sar.stores import sql
from sar.stores.answers import NOT_GIVEN
from sar.stores.names import CHANGED
from sar.stores.sql import SqlStore
from sar.stores.sql_mapping import load_mapping
from tests.fakes.stores import AT, ISLA, LEANNE, person
from tests.servers import mariadb as mariadb_server
from tests.servers import postgres as postgres_server

SAMPLE = Path(__file__).parents[3] / "sample_data" / "stores"
NOTES = """
[person]
table = "people"
key = "id"
forename = "first"
surname = "last"
born_on = "born"
numbers = { nhs = "NHS number" }

[[record]]
table = "notes"
key = "id"
person = "person"
kind = "case_note"
dated_on = ["made_on"]
entered_at = "entered"
changed_at = "changed"
passages = [{ label = "Note", text = "{words}" }]

[[record.child]]
table = "replies"
key = "id"
parent = "note"
passages = [{ label = "Reply", text = "{words}" }]

[[record]]
table = "visits"
key = "id"
person = "person"
kind = "visit"
prefix = "visit"
dated_on = ["made_on"]
passages = [{ label = "Visit", text = "{words}" }]
"""
TABLES = """
CREATE TABLE people (id VARCHAR(20) PRIMARY KEY, first VARCHAR(50), last VARCHAR(50), born DATE, nhs BIGINT);
CREATE TABLE notes (id INTEGER, person VARCHAR(20), made_on VARCHAR(30), words TEXT,
    entered TIMESTAMP NULL, changed VARCHAR(40));
CREATE TABLE replies (id INTEGER, note INTEGER, words TEXT);
CREATE TABLE visits (id INTEGER, person VARCHAR(20), made_on DATE, words TEXT);
INSERT INTO people VALUES ('p1', 'Leanne', 'Hartley', '1993-03-14', 9992044179);
INSERT INTO people VALUES ('P1', 'Somebody', 'Else', '1960-01-01', 9990000018);
"""
ROWS = """
INSERT INTO notes VALUES (1, 'p1', '2024-03-05', 'One.', '2024-07-01 12:00:00', '2024-01-09T10:00:00+02:00');
INSERT INTO notes VALUES (2, 'p1', 'soon', 'No date.', NULL, NULL);
INSERT INTO notes VALUES (3, 'P1', '2024-03-05', 'Of another person: the case differs.', NULL, NULL);
INSERT INTO replies VALUES (1, 1, 'To the first.');
INSERT INTO replies VALUES (2, 3, 'To the third.');
INSERT INTO visits VALUES (1, 'p1', '2024-03-06', 'The same number as the note.');
"""
# MariaDB compares texts without case unless told otherwise, and so cannot hold both keys.
MARIA_TABLES = TABLES.replace("PRIMARY KEY", "")


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def server(request, tmp_path):
    """Builds a database of plain SQL on each kind of server; gives its address and a way to write as its owner."""

    class Server:
        kind = request.param

        def build(self, script):
            if self.kind == "sqlite":
                path = tmp_path / "x.sqlite"
                path.unlink(missing_ok=True)
                database = sqlite3.connect(path)
                database.executescript(script)
                database.close()
                return str(path)
            (tmp_path / "x.sql").write_text(script)
            which, module = {
                "postgresql": ("postgres", postgres_server),
                "mariadb": ("mariadb", mariadb_server),
            }[self.kind]
            return module.database_on(request.getfixturevalue(which), "tried", tmp_path / "x.sql")

        def script(self, more=ROWS):
            return (MARIA_TABLES if self.kind == "mariadb" else TABLES) + more

        def store(self, url, mapping=NOTES, timeout_s=20):
            (tmp_path / "x.mapping.toml").write_text(mapping)
            return SqlStore(
                description=StoreDescription(name=StoreName("x"), label="The notes", controller="Y"),
                url=url,
                mapping=load_mapping(tmp_path / "x.mapping.toml"),
                timeout_s=timeout_s,
            )

        def as_owner(self, url, *statements):
            engine = sa.create_engine(url if "://" in url else f"sqlite:///{url}", poolclass=sa.NullPool)
            with engine.begin() as connection:
                for statement in statements:
                    connection.exec_driver_sql(statement)

    return Server()


def ask(store, subject=LEANNE, **more):
    return store.answer(SubjectQuery(subject=subject), at=AT, **more)


def near_of(answer):
    return [(h.key.native_id, h.why) for h in answer.held_back if h.code == "near-name"]


def test_a_row_that_an_officer_found_to_be_hers_and_that_is_anothers_now_is_compared_again(server):
    url = server.build(
        server.script(
            ROWS
            + """
INSERT INTO people VALUES ('p7', 'Leanne', 'Hartly', '1993-03-15', NULL);
INSERT INTO visits VALUES (7, 'p7', '2024-03-07', 'Of the seventh.');
"""
        )
    )
    store = server.store(url)
    [held] = [h for h in ask(store).held_back if h.code == "near-name"]
    decided = SubjectQuery(
        subject=LEANNE, confirmed=frozenset({"p7"}), compared={"p7": frozenset(held.facts)}
    )

    def asked():
        return store.answer(decided, at=AT)

    assert "visit/7" in {r.key.native_id for r in asked().records}
    assert near_of(asked()) == []
    server.as_owner(url, "UPDATE people SET last = 'HARTLY ' WHERE id = 'p7'")
    assert "visit/7" in {r.key.native_id for r in asked().records}
    # The number of the row goes to somebody of quite another name and age.
    server.as_owner(
        url, "UPDATE people SET first = 'Wayne', last = 'Other', born = '1960-01-01' WHERE id = 'p7'"
    )
    assert "Of the seventh" not in str(asked().records)
    assert near_of(asked()) == [("p7", CHANGED)]
    server.as_owner(url, "DELETE FROM people WHERE id = 'p7'")
    assert [(h.key.native_id, h.code) for h in asked().held_back if h.why == NOT_GIVEN] == [("p7", "deleted")]


@pytest.mark.parametrize("name", ["trust_alerts", "council_ssd"])
@pytest.mark.parametrize("server_name", ["postgres", "mariadb"])
def test_a_server_gives_what_sqlite_gives(request, tmp_path, name, server_name):
    module = {"postgres": postgres_server, "mariadb": mariadb_server}[server_name]
    url = module.database_on(request.getfixturevalue(server_name), f"same_{name}", SAMPLE / f"{name}.sql")
    both = [
        SqlStore(
            description=StoreDescription(name=StoreName(name), label=name, controller="C"),
            url=place,
            mapping=load_mapping(SAMPLE / f"{name}.mapping.toml"),
        )
        for place in (url, str(build_databases(SAMPLE, tmp_path)[name]))
    ]
    for subject in (LEANNE, ISLA):
        large, small = (ask(s, subject) for s in both)
        assert small.records
        assert large == small


def test_a_json_value_nested_too_deep_holds_back_its_row_and_no_other(server):
    deep = '{"words": "Kept."' + ', "a": {"b": 1' * 3_000 + "}" * 3_001
    kind = "LONGTEXT" if server.kind == "mariadb" else "JSON"
    rows = "".join(
        f"INSERT INTO notes VALUES ({n}, 'p1', '2024-03-0{n}', '{said}', NULL, NULL);"
        for n, said in enumerate(('{"words": "One."}', deep, '{"words": "Three."}'), start=1)
    )
    script = server.script("").replace("words TEXT,\n    entered", f"words {kind},\n    entered") + rows
    mapping = NOTES.replace(
        'text = "{words}" }]\n\n[[record.child]]',
        'text = "{words.words}" }]\njson = ["words"]\n\n[[record.child]]',
    )
    assert (kind in script, 'json = ["words"]' in mapping) == (True, True)
    answer = ask(server.store(server.build(script), mapping))
    said = {r.key.native_id: [p.text for p in r.passages] for r in answer.records}
    assert said == {"1": ["One."], "3": ["Three."]}
    assert ("2", "unreadable") in {(h.key.native_id, h.code) for h in answer.held_back}


def test_nothing_can_be_written_through_the_store(server):
    url = server.build(server.script())
    store = server.store(url)
    store.check()
    with store._reader() as (reader, _):
        for connection in filter(None, (reader._connection, reader._second)):
            for statement in (
                "DELETE FROM notes",
                "UPDATE notes SET words = 'x'",
                "INSERT INTO notes (id) VALUES (7)",
            ):
                aside = connection.begin_nested() if server.kind == "postgresql" else None
                with pytest.raises(sa.exc.DBAPIError, match=r"(?i)read.?only"):
                    connection.exec_driver_sql(statement)
                if aside is not None:
                    aside.rollback()
    assert len(ask(store).records) == 2


def test_rows_records_moments_and_children_are_as_the_database_has_them(server):
    answer = ask(server.store(server.build(server.script())))
    assert {r.key.native_id for r in answer.records} == {"1", "visit/1"}
    note = next(r for r in answer.records if r.key.native_id == "1")
    assert [p.text for p in note.passages] == ["One.", "To the first."]
    # Noon in an English July is eleven o'clock in UTC; what has an offset keeps its moment.
    assert note.provenance.entered_at == datetime(2024, 7, 1, 11, tzinfo=UTC)
    assert note.provenance.changed_at == datetime(2024, 1, 9, 8, tzinfo=UTC)
    assert {(h.key.native_id, h.code) for h in answer.held_back} == {("2", "undated")}


def test_what_is_read_is_of_one_moment(server):
    url = server.build(server.script())
    store = server.store(url)
    if server.kind == "sqlite":
        server.as_owner(url, "PRAGMA journal_mode=WAL")
    with store._reader() as (reader, _):
        before = reader.count("notes")
        assert before == 3
        streamed = len(list(reader._stream(reader._question("notes", "person", ["p1"], ""))))
        server.as_owner(url, "INSERT INTO notes (id, person) VALUES (9, 'p1')")
        assert reader.count("notes") == before
        assert len(list(reader._stream(reader._question("notes", "person", ["p1"], "")))) == streamed
    with store._reader() as (reader, _):
        assert reader.count("notes") == before + 1


def test_a_person_with_many_rows_is_never_held_whole(server):
    url = server.build(server.script())
    many = 1_500
    words = "'" + "A line of a note that is as long as notes are. " * 180 + "'"
    series = {
        "sqlite": f"WITH RECURSIVE n(i) AS (SELECT 10 UNION ALL SELECT i+1 FROM n WHERE i < {many + 9})"
        f" INSERT INTO notes SELECT i, 'p1', '2024-03-05', {words} || i, NULL, NULL FROM n",
        "postgresql": f"INSERT INTO notes SELECT i, 'p1', '2024-03-05', {words} || i, NULL, NULL"
        f" FROM generate_series(10, {many + 9}) i",
        "mariadb": f"INSERT INTO notes SELECT seq, 'p1', '2024-03-05', CONCAT({words}, seq), NULL, NULL"
        f" FROM seq_10_to_{many + 9}",
    }
    server.as_owner(url, series[server.kind])
    store = server.store(url)
    store.check()
    seen, peak = 0, 0

    def take(records):
        nonlocal seen, peak
        seen += len(records)
        assert len(records) <= 100

    tracemalloc.start()
    try:
        answer = ask(store, into=take)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert answer.found == seen == many + 2
    # The texts alone are 13 MB; what grows is the list of numbers and versions seen.
    assert peak < 9_000_000, peak


def test_a_table_that_is_gone_or_may_not_be_read_is_held_back_and_the_rest_goes_on(server):
    url = server.build(server.script())
    store = server.store(url)
    server.as_owner(url, "DROP TABLE visits")
    answer = ask(store)
    assert [r.key.native_id for r in answer.records] == ["1"]
    assert ("table visits", "unreadable") in {(h.key.native_id, h.code) for h in answer.held_back}
    with pytest.raises(BadMapping, match="no table `visits`"):
        store.check()


@pytest.mark.parametrize("server", ["postgresql", "mariadb"], indirect=True)
def test_a_table_the_reader_has_no_right_to_is_held_back(server):
    url = server.build(server.script())
    if server.kind == "postgresql":
        server.as_owner(url, "DROP ROLE IF EXISTS clerk", "CREATE ROLE clerk LOGIN")
        server.as_owner(url, "GRANT SELECT ON people, notes, replies TO clerk")
    else:
        server.as_owner(url, "DROP USER IF EXISTS clerk@'127.0.0.1'", "CREATE USER clerk@'127.0.0.1'")
        server.as_owner(
            url,
            *(f"GRANT SELECT ON tried.{t} TO clerk@'127.0.0.1'" for t in ("people", "notes", "replies")),
            "GRANT SELECT (id) ON tried.visits TO clerk@'127.0.0.1'",
        )
    store = server.store(sa.make_url(url).set(username="clerk").render_as_string(hide_password=False))
    answer = ask(store)
    assert [r.key.native_id for r in answer.records] == ["1"]
    assert ("table visits", "unreadable") in {(h.key.native_id, h.code) for h in answer.held_back}
    server.as_owner(url, *(["DROP OWNED BY clerk", "DROP ROLE clerk"] if server.kind == "postgresql" else []))


def test_a_table_that_breaks_off_in_the_middle_is_held_back_and_the_rest_goes_on(server):
    url = server.build(server.script())
    rows = ", ".join(f"({n}, 'p1', '2024-03-05', 'Text {n}')" for n in range(100, 700))
    broken = {
        "sqlite": "CASE WHEN id = 650 THEN json_extract('{', '$') ELSE words END",
        "postgresql": "words || 1 / (id - 650)",
        "mariadb": "boom(id)",
    }[server.kind]
    boom = (
        "CREATE FUNCTION boom(i INT) RETURNS INT DETERMINISTIC BEGIN"
        " IF i = 650 THEN SIGNAL SQLSTATE '45000'; END IF; RETURN i; END"
    )
    server.as_owner(
        url,
        f"INSERT INTO notes (id, person, made_on, words) VALUES {rows}",
        *([boom] if server.kind == "mariadb" else []),
        f"CREATE VIEW shaky AS SELECT id, person, made_on, {broken} AS words, entered, changed FROM notes",
    )
    answer = ask(server.store(url, NOTES.replace('table = "notes"', 'table = "shaky"')))
    assert "visit/1" in {r.key.native_id for r in answer.records}
    assert ("table shaky", "unreadable") in {(h.key.native_id, h.code) for h in answer.held_back}


def test_a_table_with_more_rows_than_can_be_right_is_held_back_whole(server, monkeypatch):
    monkeypatch.setattr(sql, "MAX_ROWS", 1)
    answer = ask(server.store(server.build(server.script())))
    assert [r.key.native_id for r in answer.records] == ["visit/1"]
    assert [(h.key.native_id, h.code) for h in answer.held_back] == [("table notes", "too-large")]


def test_a_statement_that_takes_too_long_ends_as_unavailable(server):
    slow = {
        "sqlite": "CREATE VIEW visits AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n)"
        " SELECT i AS id, 'p1' AS person, '2024-01-01' AS made_on, 'x' AS words FROM n WHERE i < 0",
        "postgresql": "CREATE VIEW visits AS SELECT 1 AS id, 'p1' AS person, DATE '2024-01-01' AS made_on,"
        " 'x' || pg_sleep(30) AS words WHERE pg_sleep(30) IS NOT NULL",
        "mariadb": "CREATE ALGORITHM=TEMPTABLE VIEW visits AS SELECT 1 AS id, 'p1' AS person,"
        " DATE '2024-01-01' AS made_on, 'x' AS words FROM notes WHERE SLEEP(30) = 0",
    }
    url = server.build(server.script())
    server.as_owner(url, "DROP TABLE visits", slow[server.kind])
    with pytest.raises(StoreUnavailable) as fault:
        ask(server.store(url, timeout_s=0.5))
    assert "Leanne" not in fault.value.message


@pytest.mark.parametrize("server", ["postgresql", "mariadb"], indirect=True)
def test_a_connection_lost_half_way_is_unavailable(server):
    url = server.build(server.script())
    mapping = NOTES.replace('passages = [{ label = "Reply"', 'order = "words"\npassages = [{ label = "Reply"')
    store = server.store(url, mapping)
    kill = {
        "postgresql": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = 'tried' AND pid <> pg_backend_pid()",
        "mariadb": "BEGIN NOT ATOMIC FOR k IN (SELECT id FROM information_schema.processlist"
        " WHERE db = 'tried' AND id <> CONNECTION_ID()) DO KILL k.id; END FOR; END",
    }
    server.as_owner(
        url,
        "INSERT INTO notes (id, person, made_on, words) VALUES "
        + ", ".join(f"({n}, 'p1', '2024-03-05', 'Text {n}')" for n in range(100, 700)),
    )
    cut = []

    def take(_records):
        if not cut:
            cut.append(True)
            server.as_owner(url, kill[server.kind])

    with pytest.raises(StoreUnavailable):
        ask(store, into=take)
    assert cut


def test_numbers_that_no_column_can_hold_are_simply_not_there(server):
    store = server.store(server.build(server.script()))
    stranger = person("Nobody Known", LEANNE.born_on, nhs="9" * 40)
    assert ask(store, stranger).kind is AnswerKind.NOTHING_HELD


def test_a_user_that_does_not_exist_is_refused_not_retried(postgres, mariadb):
    for url in (postgres, mariadb):
        strange = sa.make_url(url).set(username="stranger").render_as_string(hide_password=False)
        store = SqlStore(
            description=StoreDescription(name=StoreName("x"), label="x", controller="C"),
            url=strange,
            mapping=load_mapping(SAMPLE / "trust_alerts.mapping.toml"),
        )
        with pytest.raises(StoreRefused):
            store.check()


def test_a_day_no_calendar_has_is_one_row_s_trouble(postgres, mariadb, tmp_path):
    script = TABLES + ROWS + "INSERT INTO visits VALUES (2, 'p1', '{bad}', 'Never.');"
    (tmp_path / "pg.sql").write_text(script.replace("{bad}", "infinity"))
    (tmp_path / "my.sql").write_text(
        "SET sql_mode='';" + script.replace("PRIMARY KEY", "").replace("{bad}", "0000-00-00")
    )
    (tmp_path / "x.mapping.toml").write_text(NOTES)
    for url in (
        postgres_server.database_on(postgres, "odd_days", tmp_path / "pg.sql"),
        mariadb_server.database_on(mariadb, "odd_days", tmp_path / "my.sql"),
    ):
        store = SqlStore(
            description=StoreDescription(name=StoreName("x"), label="x", controller="C"),
            url=url,
            mapping=load_mapping(tmp_path / "x.mapping.toml"),
        )
        answer = ask(store)
        assert {r.key.native_id for r in answer.records} == {"1", "visit/1"}
        assert ("visit/2", "undated") in {(h.key.native_id, h.code) for h in answer.held_back}


@pytest.mark.parametrize("url", ["oracle://db.example/x", "sqlserver://x", "nonsense://"])
def test_a_database_of_another_kind_is_refused_with_words(url):
    store = SqlStore(
        description=StoreDescription(name=StoreName("x"), label="x", controller="C"),
        url=url,
        mapping=load_mapping(SAMPLE / "trust_alerts.mapping.toml"),
    )
    with pytest.raises(BadMapping, match=r"kind that is not read|cannot be used"):
        store.check()
