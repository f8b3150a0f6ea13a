"""A mapping error names the place and what to do; nothing is guessed."""

import sqlite3

import pytest

from sar.domain.errors import BadMapping, StoreFault, StoreRefused
from sar.domain.records import SubjectQuery
from sar.domain.references import StoreName
from sar.ports.gathering import StoreDescription
from sar.stores.sql import SqlStore
from sar.stores.sql_mapping import load_mapping
from tests.fakes.stores import AT, LEANNE

PERSON = """
[person]
table = "people"
key = "id"
forename = "first"
surname = "last"
born_on = "born"
numbers = { nhs = "NHS number" }
"""
NOTES = """
[[record]]
table = "notes"
key = "id"
person = "person"
kind = "kind"
dated_on = ["made_on"]
passages = [{ label = "Note", text = "{words}" }]
"""
TABLES = """
CREATE TABLE people (id TEXT, first TEXT, last TEXT, born DATE, nhs TEXT);
CREATE TABLE notes (id TEXT, person TEXT, kind TEXT, made_on TEXT, words TEXT);
INSERT INTO people VALUES ('P1', 'Leanne', 'Hartley', '1993-03-14', '999 204 4179');
INSERT INTO people VALUES ('P2', 'Leanne', 'Hartly', '1993-11-02', '9992044330');
INSERT INTO notes VALUES ('N1', 'P1', 'case_note', '2024-03-05', 'One.');
INSERT INTO notes VALUES ('N2', 'P1', 'case_note', 'some day', 'No date.');
INSERT INTO notes VALUES ('N3', 'P1', 'horoscope', '2024-03-05', 'No kind.');
INSERT INTO notes VALUES ('N4', 'P1', 'visit', '2024-03-06', 'First.');
INSERT INTO notes VALUES ('N4', 'P1', 'visit', '2024-03-07', 'Second with the same number.');
INSERT INTO notes VALUES ('N5', 'P2', 'visit', '2024-03-07', 'Another patient.');
"""


OLD_LETTERS = "INSERT INTO notes VALUES ('N6', 'P1', 'visit', '2024-04-01', CAST(X'436166E9' AS TEXT));"


@pytest.fixture
def store_of(tmp_path):
    def build(mapping=PERSON + NOTES, tables=TABLES):
        path = tmp_path / "x.sqlite"
        path.unlink(missing_ok=True)
        if tables is not None:
            database = sqlite3.connect(path)
            database.executescript(tables)
            database.close()
        (tmp_path / "x.mapping.toml").write_text(mapping)
        return SqlStore(
            description=StoreDescription(name=StoreName("x"), label="X", controller="Y"),
            url=str(path),
            mapping=load_mapping(tmp_path / "x.mapping.toml"),
        )

    return build


def test_one_bad_row_never_stops_the_rest(store_of):
    answer = store_of().answer(SubjectQuery(subject=LEANNE), at=AT)
    assert [r.key.native_id for r in answer.records] == ["N1", "N4"]
    assert {(h.key.native_id, h.code) for h in answer.held_back} == {
        ("N2", "undated"),
        ("N3", "unknown-kind"),
        ("N4", "duplicate-id"),
        ("P2", "near-name"),
    }


def test_the_database_cannot_be_written_through_the_store(store_of):
    store = store_of()
    store.check()
    with store._engine.connect() as connection, pytest.raises(Exception, match="readonly"):
        connection.exec_driver_sql("DELETE FROM notes")


@pytest.mark.parametrize(
    ("mapping", "named"),
    [
        (PERSON + NOTES.replace("{words}", "{wrods}"), "no column `wrods`"),
        (PERSON + NOTES.replace('"notes"', '"nodes"'), "no table `nodes`"),
    ],
)
def test_a_table_or_column_that_is_not_there_is_named(store_of, mapping, named):
    with pytest.raises(BadMapping, match=named) as wrong:
        store_of(mapping).check()
    assert "sar stores check" in wrong.value.next_step


@pytest.mark.parametrize(
    ("mapping", "named"),
    [
        ("x = [", "cannot be read as TOML"),
        (PERSON, "maps no table"),
        (PERSON.replace("NHS number", "shoe size") + NOTES, "shoe size"),
        (PERSON.replace('numbers = { nhs = "NHS number" }', "") + NOTES, "a name alone is never enough"),
        (PERSON + NOTES + 'colour = "red"', "unknown setting `colour`"),
        (PERSON + NOTES.replace('dated_on = ["made_on"]', ""), "dated_on"),
        (PERSON + NOTES.replace("{words}", "{nobody.words}"), "nobody"),
        (PERSON + NOTES + 'alert = [{ number = "{id}", step = "sung", on = "{made_on}" }]', "sung"),
    ],
)
def test_a_mapping_that_does_not_add_up_is_refused_when_it_is_read(store_of, mapping, named):
    with pytest.raises(BadMapping, match=named):
        store_of(mapping)


def test_a_file_that_is_no_database_is_refused_not_empty(store_of, tmp_path):
    store = store_of()
    (tmp_path / "x.sqlite").write_bytes(b"not a database" * 100)
    with pytest.raises(StoreRefused):
        store.answer(SubjectQuery(subject=LEANNE), at=AT)


def test_a_missing_file_is_a_fault_and_is_not_created(store_of, tmp_path):
    with pytest.raises(StoreFault):
        store_of(tables=None).check()
    assert not (tmp_path / "x.sqlite").exists()


def test_a_cell_in_an_old_encoding_is_read_and_does_not_lose_the_rest(store_of):
    tables = f"{TABLES}\n{OLD_LETTERS}"
    records = store_of(tables=tables).answer(SubjectQuery(subject=LEANNE), at=AT).records
    assert "Caf\xe9" in [p.text for r in records for p in r.passages]
    assert len(records) == 3


def test_a_row_with_a_nul_or_with_bytes_of_no_encoding_is_held_back_alone(store_of):
    more = (
        "INSERT INTO notes VALUES ('N7', 'P1', 'visit', '2024-04-01', CAST(X'610062' AS TEXT));"
        "INSERT INTO notes VALUES ('N8', 'P1', 'visit', '2024-04-01', CAST(X'61818D62' AS TEXT));"
        "INSERT INTO notes VALUES (NULL, 'P1', 'visit', '2024-04-01', 'No number.');"
    )
    answer = store_of(tables=f"{TABLES}\n{more}").answer(SubjectQuery(subject=LEANNE), at=AT)
    assert [r.key.native_id for r in answer.records] == ["N1", "N4"]
    unreadable = {h.key.native_id for h in answer.held_back if h.code == "unreadable"}
    assert unreadable == {"N7", "N8", "table notes"}


def test_an_estimate_is_not_exact_where_a_table_could_not_be_counted(store_of):
    query = SubjectQuery(subject=LEANNE)
    assert store_of().estimate(query, at=AT).is_exact
    lame = store_of(PERSON + NOTES + NOTES.replace('"notes"', '"nodes"')).estimate(query, at=AT)
    assert (lame.records, lame.is_exact, lame.near_names) == (5, False, 1)
