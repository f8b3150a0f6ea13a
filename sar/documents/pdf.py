"""The text of a PDF by pdfium, its lines put back into paragraphs; notes and form values are not forgotten."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from sar.documents.inside import Inside
from sar.documents.limits import MAX_PAGES, MAX_PIXELS, too_large, unreadable
from sar.documents.pdf_about import about_parts, made_on
from sar.documents.picture import as_png
from sar.domain.errors import UnreadableItem
from sar.ports.gathering import ReadDocument, ReadPart

# pdfium keeps state of its own and must not be entered by two threads at once.
_ONE_AT_A_TIME = threading.Lock()
_LINE_END_HYPHEN = "\ufffe"
_PARAGRAPH_GAP = 1.25
_SHORT_LINE = 0.82
_DEEP = 3
_DOTS_AN_INCH = 300
_POINTS_AN_INCH = 72
_PICTURES_A_PAGE = 10
_MUCH = 0.15
"""Of the page: a smaller picture is a logo or a signature."""


def read_pdf(content: bytes, inside: Inside) -> tuple[ReadDocument, ...]:
    """One document: its pages in order, then what it says of itself, its outline and the files it carries.

    :raises UnreadableItem: a password, damage, or nothing on any page that could be read.
    """
    with _ONE_AT_A_TIME:
        try:
            document = pdfium.PdfDocument(content)
        except pdfium.PdfiumError as fault:
            locked = "password" in str(fault).casefold()
            raise unreadable("a PDF with a password" if locked else "a damaged PDF") from None
        try:
            parts = list(_pages(document, inside))
            about = list(about_parts(document, inside))
            on = made_on(document)
            carried = list(_carried(document))
        except pdfium.PdfiumError:
            raise unreadable("a damaged PDF") from None
        finally:
            document.close()
    # What it carries may be a PDF too, and must not wait for this one.
    for name, inner in carried:
        about += inside.attached(inner, name)
    _check(parts)
    return (
        ReadDocument(
            parts=(*parts, *about),
            media_type="application/pdf",
            saved_on=on,
        ),
    )


def _check(parts: list[ReadPart]) -> None:
    """A document of which no page could be read is held back whole, for the first reason there was."""
    if any(part.place != "unreadable" for part in parts):
        return
    reasons = [part.text for part in parts]
    raise unreadable(reasons[0].partition(": ")[2].rstrip(".") if reasons else "a PDF without words")


def _pages(document: Any, inside: Inside) -> Iterator[ReadPart]:
    if len(document) > MAX_PAGES:
        raise too_large("a PDF with more pages than we read by machine")
    for number in range(len(document)):
        try:
            page = document[number]
            yield from _page(page, inside)
            page.close()
        except (pdfium.PdfiumError, UnreadableItem) as fault:
            why = fault.message if isinstance(fault, UnreadableItem) else "a PDF with a damaged page"
            yield ReadPart(place="unreadable", text=f"Page {number + 1} could not be read: {why}.")


def _page(page: Any, inside: Inside) -> Iterator[ReadPart]:
    lines = _lines(page)
    for paragraph in _paragraphs(lines):
        yield inside.part("text", paragraph)
    for place, text in _notes(page):
        yield inside.part(place, text)
    pictures = list(page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=_DEEP))
    if not lines and pictures:
        yield _scanned(page, inside)
    elif pictures and not _has_words_below(page):
        yield from _pictured(page, pictures, inside)


def _scanned(page: Any, inside: Inside) -> ReadPart:
    width, height = page.get_size()
    scale = min(_DOTS_AN_INCH / _POINTS_AN_INCH, (MAX_PIXELS / max(width * height, 1)) ** 0.5)
    words = inside.recognise(as_png(page.render(scale=scale, grayscale=True).to_pil()), inside.budget)
    if not words:
        raise unreadable("a scanned page in which no words were recognised")
    return inside.part("scan", words)


def _pictured(page: Any, pictures: list[Any], inside: Inside) -> Iterator[ReadPart]:
    """Pictures that take up much of a page may hold words of their own: a pasted letter, a screen."""
    width, height = page.get_size()
    for picture in pictures[:_PICTURES_A_PAGE]:
        left, bottom, right, top = picture.get_bounds()
        if (right - left) * (top - bottom) < _MUCH * width * height:
            continue
        words = inside.recognise(as_png(picture.get_bitmap(render=True).to_pil()), inside.budget)
        yield (
            inside.part("scan", words)
            if words
            else ReadPart(
                place="picture",
                text="A picture in which no words were recognised stands here. Look at it in the file.",
            )
        )


def _has_words_below(page: Any) -> bool:
    """Whether the page is a scan whose words were recognised before: they lie unseen under the picture."""
    return any(
        pdfium_c.FPDFTextObj_GetTextRenderMode(text.raw) == pdfium_c.FPDF_TEXTRENDERMODE_INVISIBLE
        for text in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_TEXT], max_depth=_DEEP)
    )


def _carried(document: Any) -> Iterator[tuple[str, bytes]]:
    for number in range(document.count_attachments()):
        attached = document.get_attachment(number)
        yield attached.get_name(), bytes(attached.get_data())


def _lines(page: Any) -> list[tuple[str, float, float]]:
    """Lines with their height on the page and the right end of their last letter."""
    reading = page.get_textpage()
    text = reading.get_text_range()
    lines: list[tuple[str, float, float]] = []
    at = 0
    for raw in text.split("\r\n"):
        words = raw.replace("\x00", "")
        if words.strip():
            first = at + len(raw) - len(raw.lstrip())
            last = at + len(raw.rstrip()) - 1
            lines.append((words.strip(), _box(reading, first)[1], _box(reading, last)[2]))
        at += len(raw) + 2
    reading.close()
    return lines


def _box(reading: Any, index: int) -> tuple[float, float, float, float]:
    try:
        left, bottom, right, top = reading.get_charbox(min(index, reading.count_chars() - 1), loose=True)
    except pdfium.PdfiumError:
        return (0.0, 0.0, 0.0, 0.0)
    return (left, bottom, right, top)


def _paragraphs(lines: list[tuple[str, float, float]]) -> Iterator[str]:
    """Lines joined where the writer only ran out of width."""
    if not lines:
        return
    gaps = [abs(a[1] - b[1]) for a, b in pairwise(lines) if a[1] != b[1]]
    usual, widest = (median(gaps) if gaps else 0.0), max(line[2] for line in lines)
    paragraph = lines[0][0]
    for before, line in pairwise(lines):
        apart = abs(before[1] - line[1]) > usual * _PARAGRAPH_GAP or before[1] < line[1] - usual
        if apart or before[2] < widest * _SHORT_LINE:
            yield paragraph
            paragraph = line[0]
        elif paragraph.endswith(_LINE_END_HYPHEN):
            paragraph = paragraph.removesuffix(_LINE_END_HYPHEN) + line[0]
        else:
            paragraph = f"{paragraph}{'' if paragraph.endswith('-') else ' '}{line[0]}"
    yield paragraph.replace(_LINE_END_HYPHEN, "")


def _notes(page: Any) -> Iterator[tuple[str, str]]:
    """What was written on top of the page: sticky notes, form values."""
    for number in range(pdfium_c.FPDFPage_GetAnnotCount(page)):
        note = pdfium_c.FPDFPage_GetAnnot(page, number)
        try:
            kind = pdfium_c.FPDFAnnot_GetSubtype(note)
            label = _annotation_text(note, b"T") if kind != pdfium_c.FPDF_ANNOT_POPUP else ""
            for key, place in ((b"Contents", "annotation"), (b"V", "form-field"), (b"TU", "alt-text")):
                if text := _annotation_text(note, key):
                    yield place, f"{label}: {text}" if label and place != "alt-text" else text
        finally:
            pdfium_c.FPDFPage_CloseAnnot(note)


def _annotation_text(note: Any, key: bytes) -> str:
    length = pdfium_c.FPDFAnnot_GetStringValue(note, key, None, 0)
    if length <= 2:  # noqa: PLR2004 - two bytes are the ending zero of an empty text
        return ""
    buffer = (pdfium_c.FPDF_WCHAR * (length // 2))()
    pdfium_c.FPDFAnnot_GetStringValue(note, key, buffer, length)
    return bytes(buffer).decode("utf-16-le", "replace").rstrip("\x00").strip()
