"""Tables in a folder: those without headings, with a title above them, with people as columns, with equal rows."""

import pytest

from sar.domain.records import AnswerKind, SubjectQuery
from sar.stores.files_tables import IN_FILED_TABLE, IN_FIRST_ROW
from tests.fakes.stores import AT, LEANNE
from tests.integration.stores.test_folders import MAPPING, outcome, register, store

TABLE = "2024-01-01-letter-list.csv"


@pytest.fixture
def folder(tmp_path):
    inside = tmp_path / "folder"
    inside.mkdir()
    (inside / "register.csv").write_text("file,nhs,kind,dated_on,title\n")
    (tmp_path / "m.toml").write_text(MAPPING)
    return inside


def ask(folder, text, **query):
    (folder / TABLE).write_text(text)
    return store(folder).answer(SubjectQuery(subject=LEANNE, **query), at=AT)


def words(answer):
    return [[(p.label, p.text) for p in r.passages[1:]] for r in answer.records]


def test_nobody_named_in_the_first_row_of_a_list_becomes_a_label(folder):
    answer = ask(folder, "Marcus Webb,Father in prison\nLeanne Hartley 9992044179,seen\n")
    said = [("Column", "Marcus Webb: Leanne Hartley 9992044179"), ("Column", "Father in prison: seen")]
    assert words(answer) == [said]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Leanne Hartley,9992044179,seen\nTom Other,9990000018,seen\n", "Leanne Hartley"),
        (
            "Leanne Hartley 9992044179 attendance,,\nDate,Code,Note\n2024-01-01,N,unwell\n",
            "Leanne Hartley 9992044179 attendance",
        ),
        ("Date,Leanne Hartley 9992044179,Tom Other\n2024-01-01,bruise,excluded\n", "Date"),
    ],
)
def test_the_first_row_is_read_too_and_the_rows_under_it_are_named_once(folder, text, found):
    answer = ask(folder, text)
    assert [row[0] for row in words(answer)] == [("Column", found)]
    assert [(h.key.native_id, h.why) for h in answer.held_back] == [(f"{TABLE}#table", IN_FIRST_ROW)]


def test_rows_under_a_heading_come_in_once_an_officer_compared_them_and_only_as_they_were(folder):
    text = "Date,Leanne Hartley,Tom Other\n2024-01-01,bruise,excluded\n2024-01-02,absent,here\n"
    asked = {h.key.native_id: h.facts for h in ask(folder, text).held_back}
    confirmed = frozenset({f"{TABLE}#table"})
    compared = {f"{TABLE}#table": frozenset(asked[f"{TABLE}#table"])}
    rows = words(ask(folder, text, confirmed=confirmed, compared=compared))
    assert [row[1][1] for row in rows] == ["Leanne Hartley: bruise", "Leanne Hartley: absent"]
    later = ask(folder, f"{text}2024-01-03,here,Tom was hit\n", confirmed=confirmed, compared=compared)
    assert (f"{TABLE}#table", "near-name") in outcome(later)[1]


def test_a_filed_table_that_does_not_say_whose_its_rows_are_is_not_dropped(folder):
    (folder / "log.csv").write_text("date,entry\n2024-01-01,bruise\n")
    register(folder, "log.csv,9992044179,correspondence,2024-01-01,Log")
    answer = store(folder).answer(SubjectQuery(subject=LEANNE), at=AT)
    assert [(h.key.native_id, h.why) for h in answer.held_back] == [("log.csv#table", IN_FILED_TABLE)]


def test_a_row_is_not_known_by_a_surname_it_shares(folder):
    rows = "Surname,Forename,Note\nHartley,Marcus,his own affairs\nHartley,Leanne,Leanne Hartley was seen\n"
    first = ask(folder, rows)
    [(held, _)] = outcome(first)[1]
    assert ask(folder, rows, confirmed=frozenset({f"{TABLE}#Hartley"})).kind is AnswerKind.NOTHING_HELD
    # A line put in above does not make it another row.
    above = rows.replace("Hartley,Marcus", "Abel,Ann,new\nHartley,Marcus")
    answer = ask(folder, above, confirmed=frozenset({held}))
    assert [row[1] for row in words(answer)] == [("Forename", "Leanne")]


def test_equal_rows_are_two_records_and_a_reference_of_their_own_numbers_rows(folder):
    row = "2024-01-01,9992044179\n"
    assert len(ask(folder, f"date,nhs\n{row}{row}").records) == 2
    answer = ask(folder, "ref,nhs\nN-1,9992044179\nN-2,9992044179\n")
    assert outcome(answer)[0] == {f"{TABLE}#N-1", f"{TABLE}#N-2"}
