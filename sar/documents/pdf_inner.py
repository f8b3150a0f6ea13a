"""What a PDF holds that its pages do not show: form values kept apart, figures in words, notes as rich text, files."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any

import pikepdf

from sar.documents.html import Page
from sar.documents.inside import Inside
from sar.documents.limits import Budget
from sar.documents.mail import squeezed
from sar.ports.gathering import ReadPart

_MOST_OBJECTS = 200_000
_MOST_FIELDS = 20_000
_SAID_OF_IT = re.compile(
    r"\{http://(?:purl\.org/dc/elements/1\.1|ns\.adobe\.com/photoshop/1\.0)/\}(?!format$)(?P<word>\w+)"
    r"|\{http://ns\.adobe\.com/pdf/1\.3/\}(?P<other>Keywords)"
)
_NOT_ALL = (
    "The file holds more than is looked through by machine: descriptions of figures and files may be missing."
)
_LOST = "What the file holds beside its pages could not be looked through. Look at it in the file itself."
_OFF = "/Off"


def inner_parts(
    content: bytes, said: list[ReadPart], inside: Inside
) -> tuple[list[ReadPart], list[tuple[str, bytes]]]:
    """What was not said yet, and the files that are only referred to."""
    known = {squeezed(part.text) for part in said}
    everything = "\n".join(known)
    files: list[tuple[str, bytes]] = []
    try:
        with pikepdf.open(io.BytesIO(content)) as document:
            new = [
                inside.part(place, text)
                for place, text in dict.fromkeys(_sayings(document, files, inside.budget))
                if text.strip() and squeezed(text) not in known and _worth(place, text, everything)
            ]
            if len(document.objects) > _MOST_OBJECTS:
                new.append(ReadPart(place="unreadable", text=_NOT_ALL))
            return new, files
    except (pikepdf.PdfError, ValueError, TypeError, KeyError, RuntimeError, RecursionError, AttributeError):
        # It reads many a damaged file that pdfium reads too, and not every one.
        return [ReadPart(place="unreadable", text=_LOST)], files


def _worth(place: str, text: str, everything: str) -> bool:
    """What stands in another word for word is not said again; a value of a form is."""
    return place == "form-field" or squeezed(text.partition(": ")[2] or text) not in everything


def _sayings(document: Any, files: list[tuple[str, bytes]], budget: Budget) -> Iterator[tuple[str, str]]:
    yield from _fields(document)
    for page in document.pages:
        for note in page.obj.get("/Annots", ()):
            if isinstance(note, pikepdf.Dictionary):
                yield from _note(note)
    for number, one in enumerate(document.objects):
        if number >= _MOST_OBJECTS:
            break
        if number % 1000 == 0:
            budget.look_at_the_clock()
        if isinstance(one, pikepdf.Dictionary):
            yield from _described(one)
            files.extend(_file(one))
    for holder in (document.Root, *(page.obj for page in document.pages)):
        for one in holder.get("/AF", ()):
            files.extend(_file(one))
    yield from _about(document)


def _about(document: Any) -> Iterator[tuple[str, str]]:
    with document.open_metadata(set_pikepdf_as_editor=False) as about:
        for key, value in about.items():
            if found := _SAID_OF_IT.match(key):
                words = value if isinstance(value, str) else ", ".join(sorted(map(str, value or ())))
                yield "property", f"{(found['word'] or found['other']).capitalize()}: {words}"


def _fields(document: Any) -> Iterator[tuple[str, str]]:
    """Every field of the form, whether the page shows it or not, with each value chosen."""
    waiting = [*document.Root.get("/AcroForm", {}).get("/Fields", ())]
    for _ in range(_MOST_FIELDS):
        if not waiting:
            return
        field = waiting.pop(0)
        if not isinstance(field, pikepdf.Dictionary):
            continue
        waiting += [*field.get("/Kids", ())]
        name = _text(field.get("/T"))
        for value in _values(field.get("/V")):
            yield "form-field", f"{name}: {value}" if name else value
    yield "unreadable", _NOT_ALL


def _values(value: Any) -> list[str]:
    if isinstance(value, pikepdf.Array):
        return [text for one in value for text in _values(one)]
    if isinstance(value, pikepdf.Stream):
        return [value.read_bytes().decode("utf-8", "replace")]
    text = _text(value)
    return [text] if text and text != _OFF else []


def _text(value: Any) -> str:
    if isinstance(value, pikepdf.Name):
        return str(value) if str(value) == _OFF else str(value)[1:]
    return str(value).strip() if isinstance(value, pikepdf.String) else ""


def _note(note: Any) -> Iterator[tuple[str, str]]:
    """What a note says as rich text, and its subject."""
    if note.get("/Subtype") in {pikepdf.Name.Widget, pikepdf.Name.Link, pikepdf.Name.Popup}:
        return
    who = _text(note.get("/T"))
    for value in (*_values(note.get("/Subj")), *(Page(rich).shown for rich in _values(note.get("/RC")))):
        yield "annotation", f"{who}: {value}" if who else value


def _described(one: Any) -> Iterator[tuple[str, str]]:
    """A figure in words, words that stand for what the page shows, the name of a layer."""
    for key in ("/Alt", "/ActualText", "/E"):
        if text := _text(one.get(key)):
            yield "alt-text", text
    if one.get("/Type") == pikepdf.Name.OCG and (name := _text(one.get("/Name"))):
        yield "property", f"Layer: {name}"


def _file(one: Any) -> Iterator[tuple[str, bytes]]:
    """A file that this refers to and the document holds."""
    held = one.get("/EF") if isinstance(one, pikepdf.Dictionary) else None
    if not isinstance(held, pikepdf.Dictionary):
        return
    stream = next((held[key] for key in ("/UF", "/F") if isinstance(held.get(key), pikepdf.Stream)), None)
    if stream is not None:
        yield _text(one.get("/UF")) or _text(one.get("/F")), bytes(stream.read_bytes())
