"""What a PDF holds beside the words of its pages."""

import io
from datetime import date

import pikepdf
import pytest
from PIL import Image
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
