"""What a PDF holds beside the words of its pages."""

import io
from datetime import date

import pikepdf
import pytest
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
