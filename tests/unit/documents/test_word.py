"""A Word file: every part of it is read, or named for a person."""

import io
import zipfile
from datetime import UTC, date, datetime

import docx
import openpyxl
import pytest
from docx.shared import Inches
from PIL import Image, ImageDraw

from sar.documents.reader import DocumentReading
from sar.domain.errors import UnreadableItem
from tests.fakes.compound import compound, native

SEEN = DocumentReading(recognise=lambda picture, budget: "WORDS IN A PICTURE")
BLIND = DocumentReading(recognise=lambda picture, budget: "")
NS = (
    'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships" '
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006" '
    'xmlns:v="urn:schemas-microsoft-com:vml" xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
)


def package(body="", **parts):
    """A Word file by its main part and whatever else is asked for."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("[Content_Types].xml", "<Types/>")
        file.writestr("word/document.xml", f"<w:document {NS}><w:body>{body}</w:body></w:document>")
        for name, content in parts.items():
            file.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def run(text, looks=""):
    return f"<w:r><w:rPr>{looks}</w:rPr><w:t>{text}</w:t></w:r>"


def para(*runs):
    return f"<w:p>{''.join(runs)}</w:p>"


def said(content, reader=SEEN, name="minutes.docx"):
    [document] = reader.read(content, name=name)
    return [(p.place, p.text) for p in document.parts]


def test_tracked_changes_say_who_and_when_and_the_text_reads_as_accepted():
    who = 'w:author="Imran Baig" w:date="2025-04-24T09:05:00Z"'
    body = para(
        run("She was "),
        f"<w:del {who}><w:r><w:delText>never </w:delText></w:r></w:del>",
        f"<w:ins {who}>{run('once ')}</w:ins>",
        run("seen."),
        f"<w:moveFrom {who}>{run('Elsewhere.')}</w:moveFrom>",
    )
    assert said(package(body)) == [
        ("text", "She was once seen."),
        ("deleted", "Imran Baig, 2025-04-24: never"),
        ("inserted", "Imran Baig, 2025-04-24: once"),
        ("moved", "Imran Baig, 2025-04-24: Moved away from here: Elsewhere."),
    ]


def test_hidden_words_are_marked_whether_a_run_or_its_style_hides_them():
    body = para(
        run("Shown. "),
        run("Hidden.", "<w:vanish/>"),
        run("Not hidden. ", '<w:vanish w:val="0"/>'),
        run("By style.", '<w:rStyle w:val="Secret"/>'),
    )
    styles = f'<w:styles {NS}><w:style w:styleId="Secret"><w:rPr><w:vanish/></w:rPr></w:style></w:styles>'
    assert said(package(body, **{"word__styles.xml": styles})) == [
        ("text", "Shown. Not hidden."),
        ("hidden", "Hidden."),
        ("hidden", "By style."),
    ]


def test_tables_inside_tables_are_read_once_each():
    inner = f"<w:tbl><w:tr><w:tc>{para(run('inner'))}</w:tc></w:tr></w:tbl>"
    body = f"<w:tbl><w:tr><w:tc>{para(run('left'))}{inner}</w:tc><w:tc>{para(run('right'))}</w:tc></w:tr></w:tbl>"
    assert said(package(body)) == [("table", "left | right"), ("table", "inner")]


def test_a_row_inside_a_content_control_is_not_lost():
    row = f"<w:tr><w:tc>{para(run('kept'))}</w:tc></w:tr>"
    assert said(package(f"<w:tbl><w:sdt><w:sdtContent>{row}</w:sdtContent></w:sdt></w:tbl>")) == [
        ("table", "kept")
    ]


def test_fields_controls_alternative_texts_and_boxes_are_read():
    body = para(
        '<w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>MERGEFIELD Dad_Name</w:instrText></w:r>',
        '<w:r><w:fldChar w:fldCharType="separate"/></w:r>',
        run("Marcus"),
        '<w:r><w:fldChar w:fldCharType="end"/></w:r>',
        '<w:sdt><w:sdtPr><w:alias w:val="Risk"/><w:dropDownList><w:listItem w:displayText="High"/></w:dropDownList>'
        f"</w:sdtPr><w:sdtContent>{run(' low')}</w:sdtContent></w:sdt>",
        '<w:r><w:drawing><wp:docPr id="1" name="x" descr="Photo of Isla"/></w:drawing></w:r>',
        "<mc:AlternateContent><mc:Choice><w:r><w:txbxContent>"
        + para(run("Boxed"))
        + "</w:txbxContent></w:r></mc:Choice>"
        "<mc:Fallback><w:r><w:txbxContent>" + para(run("Boxed")) + "</w:txbxContent></w:r></mc:Fallback>"
        "</mc:AlternateContent>",
        '<w:r><w:pict><v:shape><v:textpath string="DRAFT"/></v:shape></w:pict></w:r>',
    )
    assert said(package(body)) == [
        ("text", "Marcus low"),
        ("field", "MERGEFIELD Dad_Name"),
        ("form-field", "Risk (choices: High)"),
        ("alt-text", "Photo of Isla"),
        ("text-box", "Boxed"),
        ("text-box", "DRAFT"),
    ]


def test_names_of_places_who_may_change_them_and_what_words_were_taken_for_are_read():
    marks = "".join(
        f'<w:bookmarkStart w:id="{n}" w:name="{name}"/>'
        for n, name in enumerate(["_GoBack", "_Toc123", "Leanne_Hartley_refuge", "_Told_by_Mrs_Tully"])
    )
    tagged = (
        '<w:smartTag w:element="PersonName"><w:smartTagPr><w:attr w:name="ProductID" w:val="Kerry Lomax"/>'
        f"</w:smartTagPr>{run('K')}</w:smartTag>"
    )
    between = '<w:bookmarkStart w:name="Between_two_paragraphs"/><w:permStart w:ed="y@example.org"/>'
    found = said(package(para(run("Text"), marks, tagged) + between))
    assert found == [
        ("text", "TextK"),
        ("bookmark", "Leanne_Hartley_refuge"),
        ("bookmark", "_Told_by_Mrs_Tully"),
        ("field", "ProductID: Kerry Lomax"),
        ("bookmark", "Between_two_paragraphs"),
        ("field", "May be changed by: y@example.org"),
    ]


def test_comments_name_their_author_and_day():
    comments = (
        f'<w:comments {NS}><w:comment w:author="Yvonne" w:date="2025-05-01T10:00:00Z">'
        f"{para(run('Is this so?'))}{para(run('I doubt it.'))}</w:comment></w:comments>"
    )
    assert ("comment", "Yvonne, 2025-05-01: Is this so?\nI doubt it.") in said(
        package(**{"word__comments.xml": comments})
    )


def test_every_section_s_header_from_another_producer_is_read():
    document = docx.Document()
    document.sections[0].header.paragraphs[0].text = "First section"
    second = document.add_section()
    second.header.is_linked_to_previous = False
    second.header.paragraphs[0].text = "Second section"
    second.different_first_page_header_footer = True
    second.first_page_footer.paragraphs[0].text = "First page only"
    out = io.BytesIO()
    document.save(out)
    assert {("header", "First section"), ("header", "Second section"), ("footer", "First page only")} <= set(
        said(out.getvalue())
    )


def picture(*words):
    image = Image.new("RGB", (600, 200), "white")
    for i, word in enumerate(words):
        ImageDraw.Draw(image).text((20, 20 + 40 * i), word, fill="black")
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def test_pictures_are_read_or_pointed_at():
    document = docx.Document()
    document.add_picture(io.BytesIO(picture("x")), width=Inches(2))
    out = io.BytesIO()
    document.save(out)
    assert ("scan", "WORDS IN A PICTURE") in said(out.getvalue())
    assert any(place == "picture" for place, _ in said(out.getvalue(), BLIND))


def test_embedded_files_are_read_inside():
    book = openpyxl.Workbook()
    book.active["A1"] = "Figures of Isla"
    out = io.BytesIO()
    book.save(out)
    parts = {
        "word__embeddings__Sheet1.xlsx": out.getvalue(),
        "word__embeddings__oleObject1.bin": compound({"\x01Ole10Native": native("a.txt", b"Dropped words.")}),
        "word__embeddings__oleObject2.bin": compound({"WordDocument": b"x" * 5000}),
        "word__afchunk.html": "<p>An inserted page</p>",
    }
    found = said(package(**parts))
    assert {
        ("attachment", "Figures of Isla"),
        ("attachment", "Dropped words."),
        ("attachment", "An inserted page"),
    } <= set(found)
    assert any(place == "unreadable" and "before 2007" in text for place, text in found)


def test_what_a_file_says_of_itself_is_kept():
    document = docx.Document()
    document.core_properties.author = "Imran Baig"
    document.core_properties.comments = "Hartley, second version"
    document.core_properties.modified = datetime(2025, 4, 24, tzinfo=UTC)
    out = io.BytesIO()
    document.save(out)
    with zipfile.ZipFile(out, "a") as file:
        file.writestr(
            "docProps/custom.xml",
            '<Properties><property name="Case"><v>CH-4471</v></property></Properties>',
        )
    [read] = SEEN.read(out.getvalue(), name="x.docx")
    found = {p.text for p in read.parts if p.place == "property"}
    assert {"Author: Imran Baig", "Description: Hartley, second version", "Case: CH-4471"} <= found
    assert (read.dated_on, read.saved_on) == (None, date(2025, 4, 24))


def test_parts_nobody_knows_are_read_or_named_and_never_passed_over():
    parts = {
        "customXml__item1.xml": "<case><child>Isla Hartley</child></case>",
        "word__charts__chart1.xml": "<c:chart xmlns:c='c'><c:v>Visits to Isla</c:v></c:chart>",
        "word__diagrams__data1.xml": "<d:m xmlns:d='d'><d:t>Mother</d:t></d:m>",
        "word__vbaProject.bin": b"\x00\x01macro",
        "word__strange.bin": b"\x00\x01\x02",
        "word__media__image1.emf": b"\x01\x00\x00\x00",
        "word__settings.xml": f'<w:settings {NS}><w:docVar w:name="Sib" w:val="Owen"/></w:settings>',
        "word___rels__document.xml.rels": '<R><r Target="https://portal.example/isla" TargetMode="External"/></R>',
        "word__new__thing.xml": '<x title="Secret heading">And words</x>',
        "word__broken.xml": "<x>",
    }
    found = said(package(para(run("Body")), **parts), name="x.docm")
    assert {
        ("custom-xml", "Isla Hartley"),
        ("chart", "Visits to Isla"),
        ("drawing", "Mother"),
        ("property", "Sib: Owen"),
        ("link", "https://portal.example/isla"),
        ("other", "And words | Secret heading"),
    } <= set(found)
    assert [p for p, _ in found].count("macro") == 1
    named = " ".join(text for place, text in found if place == "unreadable")
    assert "word/broken.xml" in named
    assert len([1 for place, _ in found if place == "unreadable"]) == 2
    assert any("emf" in text for place, text in found if place == "picture")


@pytest.mark.parametrize("namespace", ["http://purl.oclc.org/ooxml/wordprocessingml/main"])
def test_the_strict_kind_of_word_file_is_read_too(namespace):
    content = package(para(run("Strict words"))).replace(b"x", b"x")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            said_so = before.read(name).decode()
            after.writestr(
                name,
                said_so.replace("http://schemas.openxmlformats.org/wordprocessingml/2006/main", namespace),
            )
    assert said(out.getvalue()) == [("text", "Strict words")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_bombs_of_entities_are_refused_in_any_encoding(encoding):
    bomb = f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    with pytest.raises(UnreadableItem, match="entity"):
        SEEN.read(package(**{"word__comments.xml": bomb.encode(encoding)}), name="x.docx")


def test_parts_that_lie_absurdly_deep_are_refused():
    deep = "<w:sdt>" * 100_000
    with pytest.raises(UnreadableItem):
        SEEN.read(package(deep + "</w:sdt>" * 100_000), name="x.docx")


def test_two_parts_of_one_name_hold_the_file_back_unless_they_are_the_same():
    def twice(first, second):
        out = io.BytesIO(package(f"<w:p>{run(first)}</w:p>"))
        other = zipfile.ZipFile(io.BytesIO(package(f"<w:p>{run(second)}</w:p>"))).read("word/document.xml")
        with zipfile.ZipFile(out, "a") as file, pytest.warns(UserWarning, match="Duplicate"):
            file.writestr("word/document.xml", other)
        return out.getvalue()

    [document] = BLIND.read(twice("Said", "Said"), name="x.docx")
    assert ("text", "Said") in [(p.place, p.text) for p in document.parts]
    with pytest.raises(UnreadableItem, match="two different parts of one name"):
        BLIND.read(twice("Said first", "Said last"), name="x.docx")


def test_a_second_way_of_showing_something_is_read_when_it_says_something_else():
    choice = '<mc:Choice Requires="zz"><zz:thing xmlns:zz="urn:zz"/></mc:Choice>'
    other = f"<mc:AlternateContent>{choice}<mc:Fallback>{para(run('Only here'))}</mc:Fallback></mc:AlternateContent>"
    same = "".join(f"<mc:{way}>{para(run('Both ways'))}</mc:{way}>" for way in ("Choice", "Fallback"))
    body = f"{other}<mc:AlternateContent>{same}</mc:AlternateContent>"
    assert said(package(body)) == [("text", "Only here"), ("text", "Both ways")]


def test_what_a_table_says_beside_its_cells_and_who_took_a_row_out_is_kept():
    look = '<w:tblPr><w:tblCaption w:val="Caption"/><w:tblDescription w:val="Described"/></w:tblPr>'
    who = '<w:trPr><w:del w:author="Imran Baig" w:date="2025-04-24T09:05:00Z"/></w:trPr>'
    rows = f"<w:tr>{who}<w:tc>{para(run('Gone'))}</w:tc></w:tr><w:tr><w:tc>{para(run('Stays'))}</w:tc></w:tr>"
    assert said(package(f"<w:tbl>{look}{rows}</w:tbl>")) == [
        ("alt-text", "Caption"),
        ("alt-text", "Described"),
        ("deleted", "Imran Baig, 2025-04-24: Gone"),
        ("table", "Stays"),
    ]


def test_tags_of_controls_titles_of_tasks_and_what_was_thrown_away_are_said():
    control = '<w:sdt><w:sdtPr><w:alias w:val="Name"/><w:tag w:val="Mother at the refuge"/></w:sdtPr></w:sdt>'
    tasks = '<t:Tasks xmlns:t="urn:t"><t:SetTitle title="Ring the refuge"/></t:Tasks>'
    found = said(
        package(
            control, **{"word__documenttasks__documenttasks1.xml": tasks, "[trash]__0000.txt": "Thrown away"}
        )
    )
    assert ("form-field", "Name, Mother at the refuge") in found
    assert any("Ring the refuge" in text for _, text in found)
    assert ("attachment", "Thrown away") in found
