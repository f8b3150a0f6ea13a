"""Rows of statutory tables: whom a decision on one holds for, and formulas whose result the file does not hold."""

import gc
import zipfile
from dataclasses import replace
from datetime import date
from xml.etree.ElementTree import Element

import openpyxl

from sar.domain.parties import Identifier, IdentifierKind
from sar.domain.records import SubjectQuery
from sar.stores import tables_annex
from tests.contracts.joined.tables import store_in
from tests.fakes.stores import AT, ISLA


def ask(folder, subject=ISLA, **decided):
    return store_in(folder).answer(SubjectQuery(subject=subject, **decided), at=AT)


ROW_HEAD = "Child Unique ID,Name,Date of Birth,Date of Contact,Contact Source\n"
NEAR_ISLA = ",Isla Hartly,2022-05-08,2024-03-06,Police\n"


def near_rows(folder, **decided):
    answer = ask(folder, **decided)
    return answer, [h for h in answer.held_back if h.code == "near-name"]


def test_a_decision_on_a_row_without_a_number_holds_for_that_person_and_for_no_other_row(tmp_path):
    (tmp_path / "List 1.csv").write_text(ROW_HEAD + NEAR_ISLA)
    (tmp_path / "List 2.csv").write_text(ROW_HEAD + ",Tracy Smith,1950-01-01,2024-03-07,Hers alone\n")
    [item] = near_rows(tmp_path)[1]
    assert "row 1 below the headings of List 1" in item.why
    same = {"confirmed": frozenset({item.key.native_id})}
    answer, _ = near_rows(tmp_path, **same)
    assert [r.provenance.found_by for r in answer.records] == ["compared by an officer"]
    assert "Hers alone" not in str(answer.records)
    # Next month another child stands in that row, and the one who was compared stands in another.
    (tmp_path / "List 1.csv").write_text(
        ROW_HEAD + ",Wayne Other,2010-01-01,2026-03-06,Not hers\n" + NEAR_ISLA
    )
    answer, _ = near_rows(tmp_path, **same)
    assert ["Not hers" in str(r) for r in answer.records] == [False]
    # A child of nearly that name is not ruled out by what was said of another.
    (tmp_path / "List 1.csv").write_text(ROW_HEAD + NEAR_ISLA.replace("05-08", "06-09"))
    assert len(near_rows(tmp_path, ruled_out=frozenset({item.key.native_id}))[1]) == 1


def test_a_child_in_two_lists_is_decided_on_once_and_asked_about_again_when_the_number_is_anothers(tmp_path):
    (tmp_path / "List 1.csv").write_text(ROW_HEAD + "C-9" + NEAR_ISLA)
    (tmp_path / "List 2.csv").write_text(ROW_HEAD + "C-9,Isla Hartly,,2024-03-07,Police\n")
    [item] = near_rows(tmp_path)[1]
    assert len(item.facts) == 2
    decided = {
        "confirmed": frozenset({"C-9"}),
        "compared": {"C-9": frozenset(item.facts)},
    }
    answer, near = near_rows(tmp_path, **decided)
    assert (len(answer.records), near) == (2, [])
    (tmp_path / "List 2.csv").write_text(ROW_HEAD + "C-9,Wayne Other,2010-01-01,2026-03-07,Not hers\n")
    answer, [near] = near_rows(tmp_path, **decided)
    assert [r.dated_on for r in answer.records] == [date(2024, 3, 6)]
    assert "changed since: compare again (row 1 below the headings of List 2)" in near.why


def test_a_decision_on_a_child_of_the_census_without_a_number_is_not_one_on_the_place_in_the_file(tmp_path):
    def unnumbered(born):
        upn = f"<ChildIdentifiers><UPN>{ISLA_UPN}</UPN><PersonBirthDate>{born}</PersonBirthDate></ChildIdentifiers>"
        return f"<Child>{upn}<CINdetails><CINreferralDate>2024-03-07</CINreferralDate></CINdetails></Child>"

    isla_known = replace(ISLA, identifiers=(Identifier(kind=IdentifierKind.UPN, value=ISLA_UPN),))
    keys = set()
    for born in ("1999-01-01", "1998-01-01"):
        (tmp_path / "c.xml").write_text(f"<Message><Children>{unnumbered(born)}</Children></Message>")
        [item] = ask(tmp_path, isla_known).held_back
        assert item.code == "near-name"
        keys.add(item.key.native_id)
    assert len(keys) == 2


ISLA_UPN = "A801200001001"


def book_with(folder, *rows):
    book = openpyxl.Workbook()
    book.active.title = "List 1"
    for row in rows:
        book.active.append(row)
    book.save(folder / "annex.xlsx")


def test_a_formula_without_a_result_holds_its_row_back_and_not_the_others(tmp_path):
    book_with(
        tmp_path,
        ["Child Unique ID", "Date of Birth", "Date of contact", "Contact source"],
        ["204420", date(2022, 2, 8), date(2024, 3, 6), '="Poli"&"ce"'],
        ["204420", date(2022, 2, 8), date(2024, 3, 7), "School"],
        ["204421", date(2020, 2, 8), date(2024, 3, 7), "=1+1"],
        ["=A2", None, date(2024, 3, 8), "Whose?"],
    )
    answer = ask(tmp_path)
    assert [r.dated_on for r in answer.records] == [date(2024, 3, 7)]
    first, fourth = answer.held_back
    assert {first.code, fourth.code} == {"incomplete"}
    assert "formula" in first.why
    assert "row 1 below the headings" in first.why
    assert "row 4 below the headings" in fourth.key.native_id


def test_a_formula_whose_result_is_an_empty_text_has_one(tmp_path):
    book_with(
        tmp_path,
        ["Child Unique ID", "Date of contact", "Contact source"],
        ["204420", date(2024, 3, 6), '=IF(1,"","x")'],
    )
    sheet = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(tmp_path / "annex.xlsx") as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    parts[sheet] = parts[sheet].replace(b'<c r="C2">', b'<c r="C2" t="str">')
    assert b't="str"><f>' in parts[sheet]
    with zipfile.ZipFile(tmp_path / "annex.xlsx", "w") as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    answer = ask(tmp_path)
    assert (answer.held_back, [r.dated_on for r in answer.records]) == ((), [date(2024, 3, 6)])


def test_a_heading_that_is_a_formula_without_a_result_holds_the_list_back(tmp_path):
    book_with(tmp_path, ["Child Unique ID", '="Date of "&"contact"'], ["204420", date(2024, 3, 6)])
    [item] = ask(tmp_path).held_back
    assert item.code == "incomplete"
    assert "heading" in item.why


def elements():
    """How many elements anybody in this process still holds."""
    gc.collect()
    return sum(type(thing) is Element for thing in gc.get_objects())


def test_the_rows_of_a_workbook_are_forgotten_as_they_are_read(tmp_path):
    head = ["Child Unique ID", "Name", "Date of Birth", "Date of Contact"]
    book_with(tmp_path, head, *([f"C{n}", "Ada Quayle", "2010-01-01", "2024-03-06"] for n in range(2_000)))
    before = elements()
    sheets = tables_annex.sheets(tmp_path / "annex.xlsx", "annex")
    met = tables_annex.children(next(sheets), IdentifierKind.COUNCIL_PERSON_ID)
    for _ in range(1_900):
        next(met)
    waiting = elements() - before
    sheets.close()
    assert waiting < 1_000, "what was read before is still there"


def test_what_stands_out_of_turn_or_twice_in_a_sheet_is_read_all_the_same(tmp_path):
    book_with(
        tmp_path, ["Child Unique ID", "Date of contact", "Contact source"], ["204420", "2024-03-06", "Police"]
    )
    sheet = "xl/worksheets/sheet1.xml"
    with zipfile.ZipFile(tmp_path / "annex.xlsx") as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    text = '<c r="{}" t="inlineStr"><is>{}</is></c>'.format
    cells = [
        text("D1", "<t>Beyond</t>"), text("B1", "<t>2024-03-07</t>"), text("A1", "<r><t>204</t></r><r><t>420</t></r>"),
        text("C1", "<t>School</t><rPh sb='0' eb='1'><t>SCHOOL</t></rPh>"), text("C1", "<t>Second</t>"),
    ]  # fmt: skip
    row = f'<row r="1">{"".join(cells)}</row></sheetData>'
    parts[sheet] = parts[sheet].replace(b"</sheetData>", row.encode())
    with zipfile.ZipFile(tmp_path / "annex.xlsx", "w") as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    answer = ask(tmp_path)
    assert [r.dated_on for r in answer.records] == [date(2024, 3, 6), date(2024, 3, 7)]
    said = [p.text for p in answer.records[1].passages]
    assert said[2:] == ["School", "Beyond", "Second"]


def changed_sheet(folder, change):
    """A workbook with one row of hers whose sheet is written anew."""
    book_with(folder, ["Child Unique ID", "Date of contact"], ["204420", "2024-03-06"])
    with zipfile.ZipFile(folder / "annex.xlsx") as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    parts["xl/worksheets/sheet1.xml"] = change(parts["xl/worksheets/sheet1.xml"])
    with zipfile.ZipFile(folder / "annex.xlsx", "w") as packed:
        for name, part in parts.items():
            packed.writestr(name, part)
    return ask(folder)


def test_a_sheet_that_is_broken_somewhere_keeps_the_rows_before_that(tmp_path):
    for wrong in (
        b'<row r="3"><c r="A3"><v>x</c>',
        b'<row r="3"><c t="s"><v>99</v></c></row>',
        b'<row r="x"/>',
    ):
        answer = changed_sheet(
            tmp_path, lambda sheet, w=wrong: sheet.replace(b"</sheetData>", w + b"</sheetData>")
        )
        assert [len(answer.records), *(h.code for h in answer.held_back)] == [1, "unreadable"], wrong
    cut = changed_sheet(tmp_path, lambda sheet: sheet.partition(b"</sheetData>")[0])
    assert [len(cut.records), *(h.code for h in cut.held_back)] == [1, "unreadable"]


def test_a_sheet_that_declares_a_document_type_is_not_read(tmp_path):
    declared = b"<!DOCTYPE x [<!ENTITY a 'b'>]>"
    answer = changed_sheet(tmp_path, lambda sheet: declared + sheet[sheet.index(b"<worksheet") :])
    assert [len(answer.records), *(h.code for h in answer.held_back)] == [0, "unreadable"]


def test_only_the_rows_of_the_person_asked_for_become_records(tmp_path, monkeypatch):
    made = []
    passages = tables_annex._passages
    monkeypatch.setattr(tables_annex, "_passages", lambda *row: made.append(row) or passages(*row))
    book_with(tmp_path, ["Child Unique ID", "Date of Contact"], *([f"C{n}", "2024-03-06"] for n in range(50)),
              ["204420", "2024-03-06"])  # fmt: skip
    assert len(ask(tmp_path).records) == len(made) == 1


def test_a_row_that_a_sheet_leaves_out_does_not_move_the_others(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["Child Unique ID", "Name", "Date of Birth", "Date of Contact"])
    for row, on in ((3, "2024-03-06"), (6, "2024-03-07")):
        for column, cell in enumerate(["", "Isla Hartly", "2022-05-08", on], start=1):
            book.active.cell(row=row, column=column, value=cell or None)
    book.save(tmp_path / "annex.xlsx")
    [held] = ask(tmp_path).held_back
    assert "row 2 below the headings" in held.why


def test_a_quote_that_nobody_closed_swallows_no_rows_and_is_said(tmp_path):
    head, hers = "Child Unique ID,Date of contact,Notes\n", "204420,2024-03-06,Hers\n"
    for body in (
        f'1,2024-01-01,"open\n{hers}3,2024-01-02,x\n',
        f'1,2024-01-01,"open\n{hers}3,2024-01-02,"x"\n',
    ):
        (tmp_path / "List 1.csv").write_text(f'{head}2,2024-01-01,"well\nformed"\n{body}')
        answer = ask(tmp_path)
        assert [[p.text for p in r.passages][-1] for r in answer.records] == ["Notes: Hers"]
        assert [(h.key.native_id, h.code) for h in answer.held_back] == [("List 1", "unreadable")]
    (tmp_path / "List 1.csv").write_text(
        head + '204420,2024-03-06,"Hers, ""so""\nshe said"\n1,2024-01-01,5" nails\n'
    )
    [record] = ask(tmp_path).records
    assert record.passages[-1].text == 'Notes: Hers, "so"\nshe said'
    assert ask(tmp_path).held_back == ()
