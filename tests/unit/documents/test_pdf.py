"""What a PDF holds beside the words of its pages."""

import io
from datetime import date

import pikepdf
import pytest
from PIL import Image, ImageDraw, ImageFont
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from sar.documents.reader import DocumentReading
from sar.domain.errors import UnreadableItem

READER = DocumentReading(recognise=lambda picture, budget: "")


def pdf(*pages, prepare=lambda page: None):
    out = io.BytesIO()
    page = canvas.Canvas(out)
    prepare(page)
    for words in pages:
        page.drawString(70, 800, words)
        page.showPage()
    page.save()
    return out.getvalue()


def changed(content, change):
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(content)) as file:
        change(file)
        file.save(out)
    return out.getvalue()


def said(content):
    [document] = READER.read(content, name="x.pdf")
    return [(p.place, p.text) for p in document.parts]


def test_properties_dates_and_outline():
    def prepare(page):
        page.setTitle("About Isla")
        page.setAuthor("Imran Baig")
        page.bookmarkPage("p")
        page.addOutlineEntry("Her early years", "p")

    def dated(file):
        file.docinfo["/ModDate"] = "D:20250424090500Z"

    content = changed(pdf("Words", prepare=prepare), dated)
    assert {
        ("property", "Title: About Isla"),
        ("property", "Author: Imran Baig"),
        ("property", "Last saved: 2025-04-24"),
        ("outline", "Her early years"),
    } <= set(said(content))
    [document] = READER.read(content, name="x.pdf")
    assert (document.dated_on, document.saved_on) == (None, date(2025, 4, 24))


def test_files_a_pdf_carries_are_read():
    def carry(file):
        file.attachments["note.txt"] = pikepdf.AttachedFileSpec(file, b"Carried words.", filename="note.txt")
        file.attachments["inner.pdf"] = pikepdf.AttachedFileSpec(
            file, pdf("Inner page"), filename="inner.pdf"
        )

    found = set(said(changed(pdf("Words"), carry)))
    assert {
        ("attachment-name", "note.txt"),
        ("attachment", "Carried words."),
        ("attachment", "Inner page"),
    } <= found


def test_notes_with_their_writer_and_small_programs():
    def note(file):
        annotation = pikepdf.Dictionary(
            Type=pikepdf.Name.Annot,
            Subtype=pikepdf.Name.Text,
            Rect=[0, 0, 10, 10],
            Contents="Is this so?",
            T="Yvonne",
        )
        file.pages[0].Annots = file.make_indirect(pikepdf.Array([file.make_indirect(annotation)]))
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        file.Root.Names = pikepdf.Dictionary(
            JavaScript=pikepdf.Dictionary(Names=["x", file.make_indirect(script)])
        )

    found = said(changed(pdf("Words"), note))
    assert ("annotation", "Yvonne: Is this so?") in found
    assert any(place == "macro" for place, _ in found)


def test_a_pdf_whose_pages_say_nothing_is_held_back():
    with pytest.raises(UnreadableItem, match="without words"):
        said(pdf(""))


def recognised(content):
    """What is said with a program that recognises a word in every picture, and how large those were."""
    sizes = []

    def recognise(picture, budget):
        with Image.open(io.BytesIO(picture)) as seen:
            sizes.append(seen.size)
            return "RECOGNISED" if seen.getextrema()[0] < 250 else ""

    [document] = DocumentReading(recognise=recognise).read(content, name="x.pdf")
    return [(p.place, p.text) for p in document.parts if p.place != "property"], sizes


def grey(width=60, height=60):
    return ImageReader(Image.new("RGB", (width, height), "grey"))


def drawn(draw):
    out = io.BytesIO()
    page = canvas.Canvas(out, pagesize=(600, 800))
    draw(page)
    page.showPage()
    page.save()
    return out.getvalue()


def unseen(page, *lines):
    for at, words in enumerate(lines):
        text = page.beginText(20, 780 - 16 * at)
        text.setTextRenderMode(3)
        text.textLine(words)
        page.drawText(text)


def test_a_scan_kept_in_strips_under_a_stamp_is_read_as_one_page():
    def strips(page):
        for at in range(20):
            page.drawImage(grey(), 0, at * 40, 600, 40)
        page.drawString(20, 10, "Received")

    found, sizes = recognised(drawn(strips))
    assert found == [("text", "Received"), ("scan", "RECOGNISED")]
    assert len(sizes) == 1


def test_small_pictures_that_make_up_much_of_a_page_are_read_together_without_the_words_over_them():
    def pieces(page):
        for at in range(4):
            page.drawImage(grey(), 0, at * 60, 400, 60)
        page.drawString(20, 700, "A letter")

    assert ("scan", "RECOGNISED") in recognised(drawn(pieces))[0]


@pytest.mark.parametrize(
    ("lines", "is_read"),
    [(("x",), True), (("The words of the scan, line after line, all the way. " * 2,) * 30, False)],
)
def test_unseen_words_count_for_a_scan_only_where_they_cover_it(lines, is_read):
    def scan(page):
        page.drawImage(grey(), 0, 0, 600, 800)
        unseen(page, *lines)

    assert (("scan", "RECOGNISED") in recognised(drawn(scan))[0]) is is_read


def test_every_large_picture_is_read_and_those_past_the_bound_are_named():
    def album(page):
        page.drawString(20, 780, "Album")
        for at in range(30):
            page.drawImage(grey(), at, at, 500, 300)

    found, sizes = recognised(drawn(album))
    assert len(sizes) == 25
    assert any(place == "unreadable" and "more pictures" in text for place, text in found)


def test_pages_with_small_pictures_are_named_once():
    def letterhead(page):
        for _ in range(2):
            page.drawString(20, 780, "Letter")
            page.drawImage(grey(), 500, 700, 60, 60)
            page.showPage()

    found, sizes = recognised(drawn(letterhead))
    assert not sizes
    assert [text for place, text in found if place == "picture"] == [
        "Small pictures, such as logos or signatures, stand on these pages: 1, 2. Look at them in the file."
    ]


def test_a_page_of_drawn_letters_is_read_like_a_scan():
    def letters(page):
        for at in range(60):
            page.line(at * 5, 100, at * 5 + 2, 200)

    assert recognised(drawn(letters))[0] == [("scan", "RECOGNISED")]


def _pinned(file, **more):
    note = pikepdf.Dictionary(Type=pikepdf.Name.Annot, Rect=[0, 0, 10, 10], **more)
    file.pages[0].Annots = pikepdf.Array([file.make_indirect(note)])


def test_a_file_pinned_to_a_page_is_read():
    def pin(file):
        kept = pikepdf.Dictionary(
            Type=pikepdf.Name.Filespec,
            F="note.txt",
            UF="note.txt",
            EF=pikepdf.Dictionary(F=file.make_stream(b"Pinned words.")),
        )
        _pinned(file, Subtype=pikepdf.Name.FileAttachment, FS=file.make_indirect(kept))

    found = said(changed(pdf("Words"), pin))
    assert ("attachment-name", "note.txt") in found
    assert ("attachment", "Pinned words.") in found


def test_a_pinned_file_or_sound_that_cannot_be_read_is_named():
    def pin(file):
        _pinned(file, Subtype=pikepdf.Name.FileAttachment)

    def play(file):
        _pinned(file, Subtype=pikepdf.Name.Sound)

    for change, words in ((pin, "could not be taken out"), (play, "A sound is pinned")):
        found = said(changed(pdf("Words"), change))
        assert any(place == "unreadable" and words in text for place, text in found)


def test_where_links_lead_is_said():
    def link(page):
        page.linkURL("https://refuge.example/isla", (0, 0, 100, 100))

    assert ("link", "https://refuge.example/isla") in said(pdf("Words", prepare=link))


def test_a_portfolio_with_an_empty_cover_is_read_for_what_it_carries():
    def carry(file):
        file.attachments["n.txt"] = pikepdf.AttachedFileSpec(file, b"Carried words.", filename="n.txt")

    assert ("attachment", "Carried words.") in said(changed(pdf(""), carry))


def test_a_portfolio_of_which_nothing_can_be_read_is_held_back():
    def carry(file):
        file.attachments["n.bin"] = pikepdf.AttachedFileSpec(file, b"\x00\x01\x02", filename="n.bin")

    with pytest.raises(UnreadableItem, match="cannot read"):
        said(changed(pdf(""), carry))


NAME, DICTIONARY, ARRAY, STRING = pikepdf.Name, pikepdf.Dictionary, pikepdf.Array, pikepdf.String


def note(file, subtype, **said):
    looks = DICTIONARY(Type=NAME.Annot, Subtype=NAME(subtype), Rect=[100, 100, 300, 130], **said)
    return file.make_indirect(looks)


def fields(*made):
    """A PDF with a form, and what is said of the form."""

    def change(file):
        all_of_them = ARRAY([make(file) for make in made])
        file.pages[0].Annots = ARRAY([one for one in all_of_them if "/Subtype" in one])
        file.Root.AcroForm = DICTIONARY(Fields=all_of_them)

    return [text for place, text in said(changed(pdf("Words"), change)) if place == "form-field"]


def test_form_values_kept_above_beside_or_without_what_the_page_shows_are_read():
    def above(file):
        parent = file.make_indirect(DICTIONARY(FT=NAME.Tx, T="Story", V="Told to a teacher"))
        parent.Kids = ARRAY([note(file, "/Widget", Parent=parent)])
        return parent

    def unseen(file):
        return file.make_indirect(DICTIONARY(FT=NAME.Tx, T="Risk", V="High"))

    def several(file):
        return note(file, "/Widget", FT=NAME.Ch, T="Seen", V=ARRAY([STRING("Home"), STRING("School")]))

    def one(file):
        return note(file, "/Widget", FT=NAME.Tx, T="Once", V="Said once")

    values = fields(above, unseen, several, one)
    assert sorted(values) == [
        "Once: Said once",
        "Risk: High",
        "Seen: Home",
        "Seen: School",
        "Story: Told to a teacher",
    ]


def stamp(file, words=b"Living at the refuge"):
    looks = file.make_stream(b"BT /F1 12 Tf 5 5 Td (" + words + b") Tj ET")
    font = DICTIONARY(Type=NAME.Font, Subtype=NAME.Type1, BaseFont=NAME.Helvetica)
    looks.Type, looks.Subtype, looks.BBox = NAME.XObject, NAME.Form, ARRAY([0, 0, 200, 30])
    looks.Resources = DICTIONARY(Font=DICTIONARY(F1=font))
    file.pages[0].Annots = ARRAY([note(file, "/Stamp", F=4, AP=DICTIONARY(N=looks))])


def picture_stamp(file, *, pages=1, size=120):
    picture = Image.new("L", (size, size // 2), 255)
    ImageDraw.Draw(picture).line((0, 0, size, size // 2), fill=0, width=3)
    dots = file.make_stream(picture.tobytes())
    dots.Type, dots.Subtype, dots.ColorSpace = NAME.XObject, NAME.Image, NAME.DeviceGray
    dots.Width, dots.Height, dots.BitsPerComponent = size, size // 2, 8
    looks = file.make_stream(b"q 120 0 0 60 0 0 cm /Im0 Do Q")
    looks.Type, looks.Subtype, looks.BBox = NAME.XObject, NAME.Form, ARRAY([0, 0, 120, 60])
    looks.Resources = DICTIONARY(XObject=DICTIONARY(Im0=dots))
    for page in file.pages[:pages]:
        page.Annots = ARRAY([note(file, "/Stamp", F=4, AP=DICTIONARY(N=looks))])


def test_a_stamp_that_is_a_picture_is_read_once_or_pointed_at():
    heard = []

    def recognise(picture, budget):
        heard.append(picture)
        return "RECEIVED AT THE REFUGE"

    content = changed(pdf("Words", "More words"), lambda file: picture_stamp(file, pages=2))
    [document] = DocumentReading(recognise=recognise).read(content, name="x.pdf")
    assert [p.text for p in document.parts if p.place == "scan"] == ["RECEIVED AT THE REFUGE"]
    assert len(heard) == 1
    assert [place for place, _ in said(content)].count("picture") == 1
    assert "picture" not in [
        place for place, _ in said(changed(pdf("Words"), lambda f: picture_stamp(f, size=16)))
    ]


def test_a_stamp_is_read_from_its_looks_and_not_twice():
    assert ("annotation", "Living at the refuge") in said(changed(pdf("Words"), stamp))
    repeated = said(changed(pdf("Words"), lambda file: stamp(file, b"Words")))
    assert [text for _, text in repeated].count("Words") == 1


def test_notes_in_rich_text_figures_in_words_layers_and_keywords_are_read():
    def change(file):
        rich = note(file, "/FreeText", RC=STRING("<body><p>Rich words</p></body>"), Subj=STRING("On contact"))
        file.pages[0].Annots = ARRAY([rich])
        figure = DICTIONARY(Type=NAME.StructElem, S=NAME.Figure, Alt="A photo of Isla")
        file.Root.StructTreeRoot = DICTIONARY(Type=NAME.StructTreeRoot, K=file.make_indirect(figure))
        layer = file.make_indirect(DICTIONARY(Type=NAME.OCG, Name="For the court"))
        file.Root.OCProperties = DICTIONARY(OCGs=ARRAY([layer]), D=DICTIONARY())
        with file.open_metadata() as about:
            about["dc:subject"] = ["Refuge"]

    assert {
        ("annotation", "Rich words"),
        ("annotation", "On contact"),
        ("alt-text", "A photo of Isla"),
        ("property", "Layer: For the court"),
        ("property", "Subject: Refuge"),
    } <= set(said(changed(pdf("Words"), change)))


def test_a_file_only_referred_to_is_read_once():
    def change(file):
        held = DICTIONARY(F=file.make_stream(b"Words about Isla"))
        file.Root.AF = ARRAY([file.make_indirect(DICTIONARY(Type=NAME.Filespec, UF="n.txt", EF=held))])

    found = said(changed(pdf("Words"), change))
    assert found.count(("attachment", "Words about Isla")) == 1
    assert ("attachment-name", "n.txt") in found


def dotted(page, *, in_one):
    """Words drawn dot by dot, each a path or all of them one."""
    words = Image.new("1", (500, 60), 1)
    ImageDraw.Draw(words).text((5, 5), "REFUGE", fill=0, font=ImageFont.load_default(40))
    path = page.beginPath()
    for y in range(0, 60, 2):
        for x in range(0, 500, 2):
            if not words.getpixel((x, y)):
                (path if in_one else page).rect(30 + x, 700 - y, 2, 2, **({} if in_one else {"fill": 1}))
    page.drawPath(path, stroke=0, fill=1)


def read_as(words, content):
    [document] = DocumentReading(recognise=lambda picture, budget: words).read(content, name="x.pdf")
    return [(p.place, p.text) for p in document.parts if p.place != "property"]


@pytest.mark.parametrize("in_one", [True, False])
def test_letters_drawn_beside_words_or_in_one_stroke_are_read(in_one):
    beside = pdf("Page 1 of 1", prepare=lambda page: dotted(page, in_one=in_one))
    assert read_as("REFUGE", beside) == [("text", "Page 1 of 1"), ("scan", "REFUGE")]
    alone = pdf("", prepare=lambda page: dotted(page, in_one=in_one))
    assert read_as("REFUGE", alone) == [("scan", "REFUGE")]


def test_the_lines_of_a_table_are_no_letters():
    def table(page):
        for row in range(30):
            for column in range(12):
                page.rect(40 + 40 * column, 100 + 18 * row, 40, 18)

    assert read_as("GARBLED", pdf("A table", prepare=table)) == [("text", "A table")]
