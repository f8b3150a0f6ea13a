"""A workbook: sheets shown and hidden, values and formulas, and what is left of the file."""

import gc
import io
import zipfile
from datetime import UTC, date, datetime
from xml.etree.ElementTree import Element

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import PatternFill
from openpyxl.workbook.defined_name import DefinedName
from openpyxl.worksheet.datavalidation import DataValidation

from sar.documents.reader import DocumentReading
from sar.documents.workbook_cells import Looks, SharedWords, cells_of
from sar.domain.errors import UnreadableItem

READER = DocumentReading(recognise=lambda picture, budget: "")


def read(content, name="log.xlsx"):
    [document] = READER.read(content, name=name)
    return [(p.place, p.text) for p in document.parts]


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def with_parts(content, parts):
    out = io.BytesIO(content)
    with zipfile.ZipFile(out, "a") as file:
        for name, text in parts.items():
            file.writestr(name, text)
    return out.getvalue()


@pytest.fixture
def book():
    return openpyxl.Workbook()


def test_rows_read_across_with_dates_as_dates(book):
    sheet = book.active
    sheet.title = "Visits"
    sheet.append(["Day", "Who", "Times", "Seen"])
    sheet.append([date(2025, 4, 24), "Isla", 3, True])
    sheet.append([datetime(2025, 4, 25, 9, 5, tzinfo=UTC).replace(tzinfo=None), None, 0.5, False])
    found = read(saved(book))
    assert found[:4] == [
        ("sheet", "Visits"),
        ("row", "Day | Who | Times | Seen"),
        ("row", "2025-04-24 | Isla | 3 | TRUE"),
        ("row", "2025-04-25 09:05 |  | 0.5 | FALSE"),
    ]


def test_hidden_sheets_rows_columns_and_cells_are_read_and_marked(book):
    sheet = book.active
    sheet.append(["Shown", "In a hidden column"])
    sheet.append(["In a hidden row"])
    sheet["A3"], sheet["A3"].number_format = 7, ";;;"
    sheet.column_dimensions["B"].hidden = True
    sheet.row_dimensions[2].hidden = True
    book.create_sheet("Quiet").append(["Q"])
    book.create_sheet("Quieter").append(["QQ"])
    book["Quiet"].sheet_state, book["Quieter"].sheet_state = "hidden", "veryHidden"
    found = read(saved(book))
    assert ("row", "Shown | (hidden column: In a hidden column)") in found
    assert ("hidden-row", "In a hidden row") in found
    assert ("row", "(hidden by its format: 7)") in found
    assert [text for place, text in found if place == "sheet"][1:] == [
        "Quiet (hidden sheet)",
        "Quieter (sheet hidden so that the program does not offer to show it)",
    ]
    assert {("row", "Q"), ("row", "QQ")} <= set(found)


def test_formulas_stand_beside_what_they_came_to():
    sheet = (
        b'<worksheet><sheetData><row><c r="A1"><f>SUM(B1:B2)</f><v>6</v></c><c r="C1" t="str"><f si="0"/><v>x</v></c>'
        b'<c r="D1" t="e"><v>#REF!</v></c><c r="E1" t="inlineStr"><is><t>in place</t></is></c></row></sheetData>'
        b"</worksheet>"
    )
    rows = list(cells_of(sheet, SharedWords(words=[]), Looks()))[:-1]
    assert rows == [
        ("row", "6 [=SUM(B1:B2)] |  | x [a formula, as in the cells beside it] | #REF! | in place")
    ]


@pytest.mark.parametrize(
    ("serial", "from_1904", "read_as"),
    [
        ("45771", False, "2025-04-24"),
        ("44309", True, "2025-04-24"),
        ("1", False, "1900-01-01"),
        ("59", False, "1900-02-28"),
        ("61", False, "1900-03-01"),
        ("0.5", False, "12:00"),
        ("45771.999999", False, "2025-04-25"),
        ("-3", False, "-3"),
        ("1e300", False, "1e300"),
    ],
)
def test_days_are_counted_as_spreadsheets_count_them(serial, from_1904, read_as):
    sheet = f'<worksheet><sheetData><row><c s="1"><v>{serial}</v></c></row></sheetData></worksheet>'.encode()
    looks = Looks(dates=frozenset({1}), from_1904=from_1904)
    assert next(iter(cells_of(sheet, SharedWords(words=[]), looks))) == ("row", read_as)


@pytest.mark.parametrize(
    ("format_of", "is_date"),
    [
        ("dd/mm/yyyy", True),
        ("[$-809]d mmmm yyyy", True),
        ("[h]:mm", True),
        ("0.00", False),
        ('0 "days"', False),
        ("[Red]0", False),
    ],
)
def test_which_formats_make_a_date(book, format_of, is_date):
    book.active["A1"], book.active["A1"].number_format = 45771, format_of
    [(_, text)] = [part for part in read(saved(book)) if part[0] == "row"]
    assert (text != "45771") is is_date


def test_comments_threads_names_headers_prompts_links_and_charts(book):
    sheet = book.active
    sheet.title = "Log"
    sheet.append(["Isla", 4])
    sheet["A1"].comment = Comment("She is wrong.", "Yvonne")
    sheet["A1"].hyperlink = "https://portal.example/isla"
    sheet.oddHeader.left.text = "Restricted &P"
    rule = DataValidation(type="list", formula1='"High,Low"', prompt="Ask Imran first")
    rule.add("B1")
    sheet.add_data_validation(rule)
    chart = BarChart()
    chart.title = "Visits to Isla"
    chart.add_data(Reference(sheet, min_col=2, min_row=1))
    sheet.add_chart(chart, "D1")
    book.defined_names["Carer"] = DefinedName("Carer", attr_text="Log!$A$1", hidden=True)
    content = with_parts(
        saved(book),
        {
            "xl/persons/person.xml": '<personList><person displayName="Imran Baig" id="{1}"/></personList>',
            "xl/threadedComments/t1.xml": '<T><threadedComment ref="A1" dT="2025-04-24T09:00:00" personId="{1}">'
            "<text>Is she?</text></threadedComment></T>",
        },
    )
    found = read(content)
    assert {
        ("comment", "A1, Yvonne: She is wrong."),
        ("comment", "A1, Imran Baig, 2025-04-24: Is she?"),
        ("header", "Restricted"),
        ("defined-name", "Carer (hidden): Log!$A$1"),
        ("link", "https://portal.example/isla"),
    } <= set(found)
    assert any(place == "other" and "Ask Imran first" in text and "High,Low" in text for place, text in found)
    assert any(place == "chart" and "Visits to Isla" in text for place, text in found)


def test_words_no_cell_shows_pivot_caches_and_linked_books_are_kept(book):
    book.active["A1"] = "Shown"
    found = read(
        with_parts(
            saved(book),
            {
                "xl/sharedStrings.xml": "<sst><si><t>Deleted name</t></si></sst>",
                "xl/pivotCache/pivotCacheDefinition1.xml": '<p><cacheField name="Child">'
                '<sharedItems><s v="Owen Hartley"/></sharedItems></cacheField></p>',
                "xl/pivotCache/pivotCacheRecords1.xml": '<r><r><x v="0"/><s v="Only in the records"/></r></r>',
                "xl/externalLinks/externalLink1.xml": '<e><sheetName val="Siblings"/><v>Owen</v></e>',
            },
        )
    )
    assert ("hidden", "Still in the file, shown in no cell: Deleted name") in found
    kept = " ".join(text for place, text in found if place in {"pivot", "other"})
    for words in ("Owen Hartley", "Only in the records", "Siblings", "Child"):
        assert words in kept


def test_one_torn_sheet_does_not_lose_the_others(book):
    book.active.append(["First"])
    book.create_sheet("Second").append(["Kept"])
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved(book))) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            text = before.read(name)
            after.writestr(name, text[:-30] if name.endswith("sheet1.xml") else text)
    found = read(out.getvalue())
    assert ("row", "Kept") in found
    assert any(place == "unreadable" and "sheet" in text for place, text in found)


def test_a_sheet_that_declares_entities_and_a_binary_workbook_are_refused_in_words(book):
    bomb = b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet/>'
    with pytest.raises(UnreadableItem, match="entity"):
        list(cells_of(bomb, SharedWords(words=[]), Looks()))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("xl/workbook.bin", b"x")
    with pytest.raises(UnreadableItem, match=r"\.xlsx"):
        READER.read(out.getvalue(), name="log.xlsb")


def elements():
    """How many elements anybody in this process still holds."""
    gc.collect()
    return sum(type(thing) is Element for thing in gc.get_objects())


def test_the_rows_of_a_sheet_are_forgotten_as_they_are_read():
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 2_001))
    sheet = f'<worksheet xmlns="x"><sheetData>{rows}</sheetData></worksheet>'.encode()
    before = elements()
    cells = cells_of(sheet, SharedWords(words=[]), Looks())
    for number in range(1, 1_901):
        assert next(cells) == ("row", str(number))
    waiting = elements() - before
    cells.close()
    assert waiting < 1_000, "what was read before is still there"


def test_words_in_formats_rules_and_cards_are_said(book):
    sheet = book.active
    sheet["A1"], sheet["A1"].number_format = 5, '"Days at the refuge:" 0'
    rule = FormulaRule(formula=['A1="Leanne Hartley"'], fill=PatternFill(bgColor="FF0000"))
    sheet.conditional_formatting.add("A1:A9", rule)
    card = '<rvData xmlns="urn:x"><rv s="0"><v>0</v><v>Isla at the door</v></rv></rvData>'
    found = read(with_parts(saved(book), {"xl/richData/rdrichvalue.xml": card}))
    assert ("other", "Shown beside a number by its format: Days at the refuge:") in found
    assert ("other", 'Rule: A1="Leanne Hartley"') in found
    assert ("other", "Isla at the door") in found


def test_rules_of_newer_programs_are_said_too():
    sheet = (
        '<worksheet xmlns:x="urn:x" xmlns:m="urn:m"><sheetData/><extLst><ext><x:cfRule><m:f>"Leanne"</m:f></x:cfRule>'
        "</ext></extLst></worksheet>"
    )
    workbook = openpyxl.Workbook()
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved(workbook))) as source, zipfile.ZipFile(out, "w") as file:
        for name in source.namelist():
            file.writestr(name, sheet if name == "xl/worksheets/sheet1.xml" else source.read(name))
    assert ("other", 'Rule: "Leanne"') in read(out.getvalue())
