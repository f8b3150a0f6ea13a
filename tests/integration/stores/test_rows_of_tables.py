"""Rows of a table in a folder: whose row it is, and that no row stands for another."""

from sar.domain.records import SubjectQuery
from sar.stores.files_mapping import load_files_mapping
from tests.fakes.stores import AT, ISLA
from tests.integration.stores.test_folders import folder as folder_fixture
from tests.integration.stores.test_folders import store

folder = folder_fixture
NAME = "2024-01-01-letter-visits.csv"
HEAD = "Surname,Forename,Note,Date\n"
MARCUS = "Hartley,Marcus,Marcus Hartley said what happened,2024-01-02\n"
ISLA_SEEN = "Hartley,Isla,Isla Hartley was seen,2024-01-01\n"


def ask(folder, **decided):
    return store(folder).answer(SubjectQuery(subject=ISLA, **decided), at=AT)


def near(answer):
    return {h.key.native_id for h in answer.held_back if h.code == "near-name"}


def words(answer):
    return [[p.text for p in r.passages] for r in answer.records]


def test_a_row_that_begins_with_a_surname_is_never_taken_for_another_of_that_name(folder):
    (folder / NAME).write_text(HEAD + MARCUS + ISLA_SEEN)
    (her_row,) = near(ask(folder))
    answer = ask(folder, confirmed=frozenset({her_row}))
    assert [h.code for h in answer.held_back] == []
    assert len(answer.records) == 1
    assert "Isla Hartley was seen" in words(answer)[0]
    assert "Hartley" not in her_row


def test_a_row_keeps_its_name_when_another_is_put_in_above_it(folder):
    (folder / NAME).write_text(HEAD + ISLA_SEEN)
    before = near(ask(folder))
    (folder / NAME).write_text(HEAD + MARCUS + ISLA_SEEN)
    assert near(ask(folder)) == before
    (folder / NAME).write_text(HEAD + MARCUS + ISLA_SEEN.replace("was seen", "was not seen"))
    assert not near(ask(folder)) & before


def test_a_row_goes_by_its_own_number_and_not_by_a_day_or_a_number_that_two_rows_share(folder):
    rows = [
        ("V1", "9992311584 a"), ("V2", "9992311584 b"), ("V2", "9992311584 c"),
        ("2024-03-01", "9992311584 d"), ("", "9992311584 e"), ("Isla", "9992311584 f"),
        ("Isla", "9992311584 f"),
    ]  # fmt: skip
    (folder / NAME).write_text("No,Note\n" + "".join(f"{no},{note}\n" for no, note in rows))
    answer = ask(folder)
    assert [h.code for h in answer.held_back] == []
    ids = {r.key.native_id.partition("#")[2] for r in answer.records}
    assert len(answer.records) == len(ids) == len(rows)
    assert "V1" in ids
    assert all(i.startswith("row-") for i in ids - {"V1"})
    again = {r.key.native_id.rpartition("-")[2] for r in answer.records if "f" in r.passages[-1].text}
    assert "2" in again


def test_a_number_that_says_whose_row_it_is_does_not_number_the_row(folder):
    path = folder.parent / "m.toml"
    path.write_text(path.read_text() + '[rows]\nnumbers = { nhs = "NHS number" }\n')
    assert load_files_mapping(path).row_columns == {"nhs"}
    (folder / NAME).write_text("nhs,Note\n9992311584,came in\n")
    (record,) = ask(folder).records
    assert record.key.native_id.startswith(f"{NAME}#row-")
