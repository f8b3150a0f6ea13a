"""One odd value in a database: its row is read or held back, and every other row is read."""

import sqlite3

import pytest

from sar.domain.records import SubjectQuery
from sar.domain.references import StoreName
from sar.ports.gathering import StoreDescription
from sar.stores import sql
from sar.stores.sql import SqlStore
from sar.stores.sql_extending import ready_mapping
from sar.stores.sql_mapping import load_mapping
from tests.fakes.stores import AT, ISLA
from tests.unit.stores.test_ready_mapping import ROWS, TABLES


def answer(tmp_path, more):
    path = tmp_path / "ssd.sqlite"
    database = sqlite3.connect(path)
    database.executescript(TABLES + ROWS)
    database.execute(*more)
    database.commit()
    database.close()
    description = StoreDescription(name=StoreName("ssd"), label="The council", controller="C")
    store = SqlStore(description=description, url=str(path), mapping=load_mapping(ready_mapping("ssd")))
    return store.answer(SubjectQuery(subject=ISLA), at=AT)


@pytest.mark.parametrize("stored", ["9992311584", "999 231 1584", "999-231-1584"])
def test_a_number_is_found_however_it_is_stored_even_where_the_birth_is_wrong(tmp_path, stored):
    wrong_birth = (
        "UPDATE ssd_person SET pers_single_unique_id = ?, pers_dob = '2019-02-08' WHERE pers_person_id = '1'"
    )
    # The council's own number is another here, so an officer compares them: nobody passes them over.
    assert [(h.key.native_id, h.code) for h in answer(tmp_path, (wrong_birth, [stored])).held_back] == [
        ("1", "near-name")
    ]


@pytest.mark.parametrize(
    "json",
    ["[" * 200_000, "[" * 900 + '"Told nobody"' + "]" * 900, '{"COMMENTS": ' * 300 + '"x"' + "}" * 300],
)
def test_json_nested_without_end_is_kept_as_it_stands(tmp_path, json):
    found = answer(tmp_path, ("UPDATE ssd_contacts SET cont_contact_outcome_json = ?", [json]))
    [contact] = [r for r in found.records if r.key.native_id == "contact/1"]
    assert json in {p.text for p in contact.passages}
    assert found.total > 10


@pytest.mark.parametrize("day", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-05:00"])
def test_the_first_and_last_days_there_are_end_no_answer(tmp_path, day):
    found = answer(tmp_path, ("UPDATE ssd_contacts SET cont_contact_date = ?", [day]))
    assert "contact/1" in {r.key.native_id for r in found.records}
    assert found.total > 10


def test_a_row_that_cannot_be_made_sense_of_is_held_back_alone(tmp_path, monkeypatch):
    passages_of = sql.passages_of

    def stumble(view, codes):
        if view.id == "contact/1":
            raise OverflowError
        return passages_of(view, codes)

    monkeypatch.setattr(sql, "passages_of", stumble)
    found = answer(tmp_path, ("SELECT 1",))
    assert [(h.key.native_id, h.code) for h in found.held_back] == [("contact/1", "unreadable")]
    assert found.total > 10
