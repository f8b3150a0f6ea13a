"""Scans and pictures: recognised where the program is there, named where it is not; page by page."""

import io
import shutil
import struct
import zlib

import pytest
from PIL import Image, ImageDraw, ImageFont, PngImagePlugin
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen import canvas

from sar.documents import recognition
from sar.documents.reader import DocumentReading
from sar.domain.errors import UnreadableItem

needs_tesseract = pytest.mark.skipif(shutil.which("tesseract") is None, reason="tesseract is not installed")
REAL = DocumentReading()


class Recogniser:
    """Says what it is told, a word a page."""

    def __init__(self, *words):
        self.words = list(words)
        self.seen = 0

    def __call__(self, picture, budget):
        self.seen += 1
        return self.words.pop(0) if self.words else ""


def reading(*words):
    return DocumentReading(recognise=Recogniser(*words))


def picture(*lines, kind="PNG", size=(1000, 400), **save):
    image = Image.new("RGB", size, "white")
    font = ImageFont.load_default(size=48)
    for i, line in enumerate(lines):
        ImageDraw.Draw(image).text((40, 40 + 80 * i), line, fill="black", font=font)
    out = io.BytesIO()
    image.save(out, kind, **save)
    return out.getvalue()


def pdf(*pages):
    """Pages: words are drawn, bytes are a picture over the whole page, a pair is words over such a picture."""
    out = io.BytesIO()
    page = canvas.Canvas(out)
    for content in pages:
        words, image = content if isinstance(content, tuple) else (content, content)
        if isinstance(image, bytes):
            page.drawImage(ImageReader(io.BytesIO(image)), 0, 200, width=600, height=300)
        if isinstance(words, str):
            page.drawString(70, 800, words)
        page.showPage()
    page.save()
    return out.getvalue()


def said(documents):
    return [(p.place, p.text) for d in documents for p in d.parts if p.place != "property"]


@needs_tesseract
@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "GIF", "BMP", "WEBP"])
def test_words_in_pictures_of_every_kind_are_recognised(kind):
    found = said(REAL.read(picture("Isla was seen", "by Imran Baig", kind=kind), name=f"scan.{kind.lower()}"))
    assert "Isla was seen" in found[0][1]
    assert "Imran Baig" in found[0][1]
    assert found[0][0] == "scan"


@needs_tesseract
@pytest.mark.parametrize("turned", [90, 180, 270])
def test_a_page_fed_in_upside_down_or_sideways_is_read_the_right_way_round(turned):
    out = io.BytesIO()
    upright = Image.open(io.BytesIO(picture("Isla Hartley was seen", "by Imran Baig at home")))
    upright.rotate(turned, expand=True).save(out, "PNG")
    [(place, words)] = said(REAL.read(out.getvalue(), name="scan.png"))
    assert (place, " ".join(words.split())) == ("scan", "Isla Hartley was seen by Imran Baig at home")


@needs_tesseract
def test_what_is_hard_to_make_out_is_kept_and_a_person_is_told_to_look():
    out = io.BytesIO()
    smudged = Image.open(io.BytesIO(picture("Isla Hartley was seen", "by Imran Baig at home")))
    smudged.resize((90, 36)).resize((1000, 400)).save(out, "PNG")
    places = [place for place, _ in said(REAL.read(out.getvalue(), name="scan.png"))]
    assert places == ["scan", "unreadable"]


@needs_tesseract
def test_a_scanned_page_among_others_is_recognised_in_its_place():
    found = said(REAL.read(pdf("Page one", picture("Isla was seen")), name="x.pdf"))
    assert [place for place, _ in found[:2]] == ["text", "scan"]
    assert "Isla was seen" in found[1][1]


def test_every_page_of_a_scan_is_read_and_one_that_fails_is_named():
    out = io.BytesIO()
    first, *rest = [Image.open(io.BytesIO(picture(str(n)))) for n in range(3)]
    first.save(out, "TIFF", save_all=True, append_images=rest)
    assert said(reading("One", "Two", "Three").read(out.getvalue(), name="x.tif")) == [
        ("scan", "One"),
        ("scan", "Two"),
        ("scan", "Three"),
    ]
    found = said(reading("First", "", "Third").read(pdf(*[picture("x")] * 3), name="x.pdf"))
    assert [place for place, _ in found] == ["scan", "unreadable", "scan"]
    assert found[1][1].startswith("Page 2 could not be read")


def test_a_picture_pasted_into_a_page_of_words_is_looked_at():
    found = said(reading("Pasted words").read(pdf(("Typed words", picture("x"))), name="x.pdf"))
    assert found == [("text", "Typed words"), ("scan", "Pasted words")]


def test_without_the_program_a_scan_is_held_back_and_the_reason_names_it(monkeypatch):
    monkeypatch.setattr(recognition.shutil, "which", lambda name: None)
    for content, name in ((picture("x"), "x.png"), (pdf(picture("x")), "x.pdf")):
        with pytest.raises(UnreadableItem, match="tesseract-ocr"):
            DocumentReading().read(content, name=name)
    mixed = said(DocumentReading().read(pdf("Words", picture("x")), name="x.pdf"))
    assert mixed[0] == ("text", "Words")
    assert "tesseract-ocr" in mixed[1][1]


def test_a_program_that_fails_or_never_ends_costs_one_page(monkeypatch, tmp_path):
    fake = tmp_path / "tesseract"
    monkeypatch.setattr(recognition.shutil, "which", lambda name: str(fake))
    monkeypatch.setattr(recognition, "SECONDS_A_PAGE", 0.5)
    for script, why in (("exit 3", "failed"), ("exec sleep 30", "too long")):
        fake.write_text(f"#!/bin/sh\n{script}\n")
        fake.chmod(0o755)
        with pytest.raises(UnreadableItem, match=why):
            DocumentReading().read(picture("x"), name="x.png")


def test_a_picture_without_words_needs_a_person():
    with pytest.raises(UnreadableItem, match="a person must look"):
        reading().read(picture(), name="photo.jpg")


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"\x89PNG\r\n\x1a\n torn", "x.png", "cannot read"),
        (picture("x")[:200], "x.png", "damaged picture"),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40, "x.heic", "kind of picture"),
    ],
)
def test_torn_unknown_and_enormous_pictures_are_refused_in_words(content, name, why, monkeypatch):
    # The renderer of packs sets this for its whole process; documents are read in processes of their own.
    monkeypatch.setattr("PIL.ImageFile.LOAD_TRUNCATED_IMAGES", False)
    with pytest.raises(UnreadableItem, match=why):
        reading("x").read(content, name=name)


def test_a_picture_with_too_many_dots_is_refused_before_it_is_unpacked():
    head = b"IHDR" + struct.pack(">IIBBBBB", 40_000, 40_000, 1, 0, 0, 0, 0)
    small = picture("x")
    bomb = small[:12] + head + struct.pack(">I", zlib.crc32(head)) + small[33:]
    with pytest.raises(UnreadableItem, match="more dots") as fault:
        reading("x").read(bomb, name="x.png")
    assert fault.value.field == "too-large"


def test_what_a_picture_says_of_itself_is_kept_and_is_never_its_date():
    exif = Image.Exif()
    exif[0x010E] = "Isla at the door"
    exif[0x0132] = "2024:01:02 10:00:00"
    content = picture("x", kind="JPEG", exif=exif)
    [document] = reading("Words").read(content, name="x.jpg")
    assert ("property", "Description: Isla at the door") in {(p.place, p.text) for p in document.parts}
    assert (document.dated_on, document.saved_on) == (None, None)
    note = PngImagePlugin.PngInfo()
    note.add_text("Comment", "Sent by dad")
    [document] = reading("Words").read(picture("x", pnginfo=note), name="x.png")
    assert ("property", "Comment: Sent by dad") in {(p.place, p.text) for p in document.parts}
