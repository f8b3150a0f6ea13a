"""What a PDF says beside its pages: its properties and dates, its outline, programs and forms inside it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pypdfium2.raw as pdfium_c

from sar.documents.inside import Inside
from sar.ports.gathering import ReadPart

_DATE = re.compile(r"D:(\d{4})(\d{2})(\d{2})")
# Names of programs; the dates are said as dates.
_OF_PROGRAMS = frozenset({"Creator", "Producer", "Trapped"})
_WORDS = {"ModDate": "Last saved", "CreationDate": "Made"}
_DATES = ("ModDate", "CreationDate")
_NOBODY = frozenset({"anonymous", "unspecified", "untitled", "(anonymous)", "(unspecified)", "(untitled)"})
_XFA = (pdfium_c.FORMTYPE_XFA_FULL, pdfium_c.FORMTYPE_XFA_FOREGROUND)


def about_parts(document: Any, inside: Inside) -> Iterator[ReadPart]:
    """Its properties and outline; that it holds programs or a form only another program shows."""
    for key, value in document.get_metadata_dict(skip_empty=True).items():
        if key not in _OF_PROGRAMS and value.strip().casefold() not in _NOBODY:
            on = _date(value)
            yield inside.part(
                "property", f"{_WORDS.get(key, key)}: {on.isoformat() if on else value.strip()}"
            )
    for mark in document.get_toc():
        if title := mark.get_title().strip():
            yield inside.part("outline", title)
    if pdfium_c.FPDFDoc_GetJavaScriptActionCount(document) > 0:
        yield ReadPart(
            place="macro", text="The file holds small programs. They were not run, and are not shown here."
        )
    if pdfium_c.FPDF_GetFormType(document) in _XFA:
        yield ReadPart(
            place="unreadable",
            text="The file is a form that only Adobe's program shows (XFA). Open it there.",
        )


def made_on(document: Any) -> date | None:
    """The day the file was last changed, else made, as its program noted it."""
    said = document.get_metadata_dict(skip_empty=True)
    return next((on for key in _DATES if (on := _date(said.get(key, "")))), None)


def _date(text: str) -> date | None:
    found = _DATE.match(text)
    try:
        return date(*map(int, found.groups())) if found else None
    except ValueError:
        return None
