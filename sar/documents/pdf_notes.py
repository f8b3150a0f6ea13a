"""What lies on top of a PDF's pages: notes, form values, where links lead, files and sounds pinned to a page."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from sar.ports.gathering import ReadPart

_PLAYED = {
    pdfium_c.FPDF_ANNOT_SOUND: "A sound",
    pdfium_c.FPDF_ANNOT_MOVIE: "A film",
    pdfium_c.FPDF_ANNOT_SCREEN: "A film or sound",
    pdfium_c.FPDF_ANNOT_RICHMEDIA: "A film, sound or small program",
    pdfium_c.FPDF_ANNOT_THREED: "A drawing in three dimensions",
}
_LEADS_TO_A_FILE = (
    pdfium_c.PDFACTION_LAUNCH,
    pdfium_c.PDFACTION_REMOTEGOTO,
    pdfium_c.PDFACTION_EMBEDDEDGOTO,
)
_NO_MORE_THAN_A_ZERO = 2
_LOST = "A file inside could not be taken out{name}. Look at it in the file itself."


class Carried:
    """The files in a PDF: those of the document, and those pinned to a page."""

    def __init__(self) -> None:
        self.files: list[tuple[str, bytes]] = []
        self.faults: list[ReadPart] = []

    def by_the_document(self, document: Any) -> None:
        """Take out what the document carries."""
        for number in range(document.count_attachments()):
            self._take(pdfium_c.FPDFDoc_GetAttachment(document, number), document)

    def by_a_page(self, page: Any) -> None:
        """Take out what is pinned to a page."""
        for note, kind in _annotations(page):
            if kind == pdfium_c.FPDF_ANNOT_FILEATTACHMENT:
                self._take(pdfium_c.FPDFAnnot_GetFileAttachment(note), page.pdf)

    def also(self, files: list[tuple[str, bytes]]) -> None:
        """Files found another way, unless they are there already."""
        known = {content for _, content in self.files}
        self.files += [file for file in dict.fromkeys(files) if file[1] not in known]

    def _take(self, raw: Any, document: Any) -> None:
        name = ""
        try:
            if raw:
                attached = pdfium.PdfAttachment(raw, document)
                name = attached.get_name()
                file = (name, bytes(attached.get_data()))
                if file not in self.files:
                    self.files.append(file)
                return
        except pdfium.PdfiumError:
            pass  # said below, with its name where it has one
        self.faults.append(ReadPart(place="unreadable", text=_LOST.format(name=f" ({name})" if name else "")))


def notes(page: Any) -> Iterator[tuple[str, str]]:
    """What was written on top of the page, and where its links lead."""
    links: dict[str, None] = {}
    for note, kind in _annotations(page):
        label = _text(note, b"T") if kind != pdfium_c.FPDF_ANNOT_POPUP else ""
        for key, place in ((b"Contents", "annotation"), (b"V", "form-field"), (b"TU", "alt-text")):
            if text := _text(note, key):
                yield place, f"{label}: {text}" if label and place != "alt-text" else text
        if kind in _PLAYED:
            yield "unreadable", f"{_PLAYED[kind]} is pinned to a page. Look at it in the file itself."
        if kind == pdfium_c.FPDF_ANNOT_LINK and (target := _target(note, page.pdf)):
            links[target] = None
    yield from (("link", target) for target in links)


def stamped(document: Any, number: int) -> bool:
    """Make what lies on a page a part of it, when something with looks of its own does."""
    page = document[number]
    lies = [kind for note, kind in _annotations(page) if pdfium_c.FPDFAnnot_HasKey(note, b"AP")]
    if lies:
        pdfium_c.FPDFPage_Flatten(page, pdfium_c.FLAT_NORMALDISPLAY)
    page.close()
    return bool(lies)


def _annotations(page: Any) -> Iterator[tuple[Any, int]]:
    for number in range(pdfium_c.FPDFPage_GetAnnotCount(page)):
        note = pdfium_c.FPDFPage_GetAnnot(page, number)
        try:
            yield note, pdfium_c.FPDFAnnot_GetSubtype(note)
        finally:
            pdfium_c.FPDFPage_CloseAnnot(note)


def _target(note: Any, document: Any) -> str:
    """Where a link leads out of the file; empty for one to a page of it."""
    link = pdfium_c.FPDFAnnot_GetLink(note)
    action = pdfium_c.FPDFLink_GetAction(link) if link else None
    if not action:
        return ""
    kind = pdfium_c.FPDFAction_GetType(action)
    if kind == pdfium_c.PDFACTION_URI:
        return _filled(lambda to, size: pdfium_c.FPDFAction_GetURIPath(document, action, to, size))
    if kind in _LEADS_TO_A_FILE:
        return _filled(lambda to, size: pdfium_c.FPDFAction_GetFilePath(action, to, size))
    return ""


def _filled(fill: Any) -> str:
    """A text that pdfium writes into room it is given, when it has said how much it needs."""
    size = fill(None, 0)
    if not size:
        return ""
    room = ctypes.create_string_buffer(size)
    fill(room, size)
    return room.raw[:size].rstrip(b"\x00").decode("utf-8", "replace").replace("\x00", "").strip()


def _text(note: Any, key: bytes) -> str:
    length = pdfium_c.FPDFAnnot_GetStringValue(note, key, None, 0)
    if length <= _NO_MORE_THAN_A_ZERO:
        return ""
    buffer = (pdfium_c.FPDF_WCHAR * (length // 2))()
    pdfium_c.FPDFAnnot_GetStringValue(note, key, buffer, length)
    return bytes(buffer).decode("utf-16-le", "replace").rstrip("\x00").strip()
