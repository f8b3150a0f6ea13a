"""The text of a PDF by pdfium, its lines put back into paragraphs; notes and form values are not forgotten."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from sar.documents.limits import MAX_PAGES, Budget, too_large, unreadable
from sar.ports.gathering import ReadDocument, ReadPart

# pdfium keeps state of its own and must not be entered by two threads at once.
_ONE_AT_A_TIME = threading.Lock()
_LINE_END_HYPHEN = "\ufffe"
_PARAGRAPH_GAP = 1.25
_SHORT_LINE = 0.82


def read_pdf(content: bytes, budget: Budget) -> tuple[ReadDocument, ...]:
    """One document: its paragraphs, then annotations and filled-in fields.

    :raises UnreadableItem: a password, damage, or pages that are pictures only.
    """
    with _ONE_AT_A_TIME:
        try:
            document = pdfium.PdfDocument(content)
        except pdfium.PdfiumError as fault:
            locked = "password" in str(fault).casefold()
            raise unreadable("a PDF with a password" if locked else "a damaged PDF") from None
        try:
            parts = list(_parts(document, budget))
        except pdfium.PdfiumError:
            raise unreadable("a PDF with a damaged page") from None
        finally:
            document.close()
    return (ReadDocument(parts=tuple(parts), media_type="application/pdf"),)


def _parts(document: Any, budget: Budget) -> Iterator[ReadPart]:
    if len(document) > MAX_PAGES:
        raise too_large("a PDF with more pages than we read by machine")
    for page in document:
        lines = _lines(page)
        if not lines and _has_picture(page):
            raise unreadable("a scanned page without text: it needs a person, or text recognition")
        for paragraph in _paragraphs(lines):
            yield ReadPart(place="text", text=budget.spend(paragraph))
        for place, text in _notes(page):
            yield ReadPart(place=place, text=budget.spend(text))
        page.close()


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


def _has_picture(page: Any) -> bool:
    return any(True for _ in page.get_objects(filter=[pdfium_c.FPDF_PAGEOBJ_IMAGE], max_depth=3))


def _notes(page: Any) -> Iterator[tuple[str, str]]:
    """What was written on top of the page: sticky notes, form values."""
    for number in range(pdfium_c.FPDFPage_GetAnnotCount(page)):
        note = pdfium_c.FPDFPage_GetAnnot(page, number)
        try:
            for key, place in ((b"Contents", "annotation"), (b"V", "form-field")):
                if text := _annotation_text(note, key):
                    yield place, text
        finally:
            pdfium_c.FPDFPage_CloseAnnot(note)


def _annotation_text(note: Any, key: bytes) -> str:
    length = pdfium_c.FPDFAnnot_GetStringValue(note, key, None, 0)
    if length <= 2:  # noqa: PLR2004 - two bytes are the ending zero of an empty text
        return ""
    buffer = (pdfium_c.FPDF_WCHAR * (length // 2))()
    pdfium_c.FPDFAnnot_GetStringValue(note, key, buffer, length)
    return bytes(buffer).decode("utf-16-le", "replace").rstrip("\x00").strip()
