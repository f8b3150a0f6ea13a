"""The text of a PDF by pdfium, its lines put back into paragraphs; notes and form values are not forgotten."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from itertools import pairwise
from statistics import median
from typing import Any

import pypdfium2 as pdfium

from sar.documents.inside import Inside
from sar.documents.limits import MAX_PAGES, too_large, unreadable
from sar.documents.mail import squeezed
from sar.documents.pdf_about import about_parts, made_on
from sar.documents.pdf_inner import inner_parts
from sar.documents.pdf_notes import Carried, notes, stamped
from sar.documents.pdf_pictures import (
    Drawing,
    Stamps,
    drawing_of,
    drawn,
    is_drawn,
    pictured,
    pictures_of,
    scanned,
    sort,
)
from sar.domain.errors import UnreadableItem
from sar.ports.gathering import ReadDocument, ReadPart

# pdfium keeps state of its own and must not be entered by two threads at once.
_ONE_AT_A_TIME = threading.Lock()
_LINE_END_HYPHEN = "\ufffe"
_PARAGRAPH_GAP = 1.25
_SHORT_LINE = 0.82
_WORTH_SAYING = re.compile(r"[^\W\d_]{2}|\d{2}")
_SMALL = (
    "Small pictures, such as logos or signatures, stand on these pages: {pages}. Look at them in the file."
)


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
            carried = Carried()
            parts = list(_pages(document, inside, carried))
            about = list(about_parts(document, inside))
            on = made_on(document)
            carried.by_the_document(document)
        except pdfium.PdfiumError:
            raise unreadable("a damaged PDF") from None
        finally:
            document.close()
    inner, files = inner_parts(content, [*parts, *about], inside)
    carried.also(files)
    about += inner
    # What it carries may be a PDF too, and must not wait for this one.
    held = [part for name, inner in carried.files for part in inside.attached(inner, name)]
    about += [*carried.faults, *held]
    _check([*parts, *inner, *carried.faults, *held])
    return (
        ReadDocument(
            parts=(*parts, *about),
            media_type="application/pdf",
            saved_on=on,
        ),
    )


def _check(parts: list[ReadPart]) -> None:
    """A document of which no page and no file in it could be read is held back whole, for the first reason."""
    if any(part.place not in {"unreadable", "attachment-name"} for part in parts):
        return
    reasons = [part.text for part in parts if part.place == "unreadable"]
    raise unreadable(reasons[0].partition(": ")[2].rstrip(".") if reasons else "a PDF without words")


def _pages(document: Any, inside: Inside, carried: Carried) -> Iterator[ReadPart]:
    if len(document) > MAX_PAGES:
        raise too_large("a PDF with more pages than we read by machine")
    small: list[int] = []
    drawings: set[Drawing] = set()
    stamps = Stamps()
    for number in range(len(document)):
        said: list[ReadPart] = []
        try:
            page = document[number]
            carried.by_a_page(page)
            for part in _page(page, number + 1, inside, small, drawings):
                said.append(part)
                yield part
            page.close()
        except (pdfium.PdfiumError, UnreadableItem) as fault:
            yield _fault(number, fault)
        try:
            yield from _on_top(document, number, said, inside, stamps)
        except (pdfium.PdfiumError, UnreadableItem) as fault:
            if said:
                yield _fault(number, fault)
    if small:
        yield ReadPart(place="picture", text=_SMALL.format(pages=", ".join(map(str, small))))


def _fault(number: int, fault: pdfium.PdfiumError | UnreadableItem) -> ReadPart:
    why = fault.message if isinstance(fault, UnreadableItem) else "a PDF with a damaged page"
    return ReadPart(place="unreadable", text=f"Page {number + 1} could not be read: {why}.")


def _page(
    page: Any, number: int, inside: Inside, small: list[int], drawings: set[Drawing]
) -> Iterator[ReadPart]:
    lines = _lines(page)
    for paragraph in _paragraphs(lines):
        yield inside.part("text", paragraph)
    for place, text in notes(page):
        yield inside.part(place, text)
    if lines:
        pictures = sort(page)
        if pictures.has_small:
            small.append(number)
        yield from pictured(page, pictures, inside)
        # A letterhead is the same on every page.
        if (drawing := drawing_of(page)) and drawing not in drawings:
            drawings.add(drawing)
            yield from drawn(page, inside)
    elif pictures_of(page) or is_drawn(page):
        yield from scanned(page, inside)


def _on_top(
    document: Any, number: int, said: list[ReadPart], inside: Inside, stamps: Stamps
) -> Iterator[ReadPart]:
    """Words that only the looks of a stamp or note show, in letters or as a picture."""
    below = stamps.below(document, number)
    if not stamped(document, number):
        return
    page = document[number]
    known = squeezed(" ".join(part.text for part in said))
    for line, _, _ in _lines(page):
        if _WORTH_SAYING.search(line) and squeezed(line) not in known:
            yield inside.part("annotation", line)
    yield from (part for part in stamps.on(page, below, inside) if squeezed(part.text) not in known)
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
