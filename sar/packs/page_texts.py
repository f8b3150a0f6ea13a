"""The text of a PDF's pages as a viewer shows it. The library behind it may be in use by one thread at a time only."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pypdfium2 as pdfium

PageFault = pdfium.PdfiumError
_ONE_AT_A_TIME = threading.Lock()
"""It keeps state for the whole process: two threads in it, even with two files, end the process."""


def page_texts(content: bytes) -> list[str]:
    """Page by page, from the first.

    :raises PageFault: it cannot be opened, or a page cannot be read.
    """
    with _ONE_AT_A_TIME, pdfium.PdfDocument(content) as document:
        return [_text(document, number) for number in range(len(document))]


def is_on_a_page(content: bytes, says: Callable[[str], bool]) -> bool:
    """Whether any page says it, looking from the back and no further than that. Raises PageFault."""
    with _ONE_AT_A_TIME, pdfium.PdfDocument(content) as document:
        return any(says(_text(document, number)) for number in reversed(range(len(document))))


def _text(document: pdfium.PdfDocument, number: int) -> str:
    # Each part is closed here: left to be collected, it would be closed by whichever thread collects.
    page = document[number]
    try:
        words = page.get_textpage()
        try:
            return words.get_text_range() if words.count_chars() else ""
        finally:
            words.close()
    finally:
        page.close()
