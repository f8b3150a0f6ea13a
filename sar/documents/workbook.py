"""A workbook, every part of it: each sheet, hidden or not, comments, names, and what is left of the file."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from sar.documents.inside import Inside
from sar.documents.kinds import WORKBOOK
from sar.documents.leftovers import leftovers
from sar.documents.limits import unreadable
from sar.documents.package import Package, opened, properties, saved_on
from sar.documents.workbook_cells import Looks, SharedWords, cells_of, looks_of, rich
from sar.documents.xml import bare
from sar.domain.errors import UnreadableItem
from sar.ports.gathering import ReadDocument, ReadPart

_BOOK = "xl/workbook.xml"
_HIDDEN = {
    "hidden": " (hidden sheet)",
    "veryHidden": " (sheet hidden so that the program does not offer to show it)",
}
_QUOTED = re.compile(r'"[^"]*[^\W\d_]{2}[^"]*"')
_LAYOUT = re.compile(r'&(?:"[^"]*"|K[0-9A-Fa-f]{6}|\d+|[LCRPNDTZFAGBIUESXY+-])')
_AROUND = {
    "oddHeader": "header",
    "evenHeader": "header",
    "firstHeader": "header",
    "oddFooter": "footer",
    "evenFooter": "footer",
    "firstFooter": "footer",
}


def read_workbook(content: bytes, inside: Inside) -> tuple[ReadDocument, ...]:
    """One document: the sheets in their order, then comments and what is left of the file.

    :raises UnreadableItem: it is damaged, swollen, or a workbook of the binary kind.
    """
    package = opened(content, inside, what="a workbook")
    if _BOOK not in package.names:
        raise unreadable("a workbook of the binary kind: save it as .xlsx and gather again")
    on = saved_on(package)
    try:
        parts = tuple(_parts(package, inside))
    except RecursionError:
        raise unreadable("a workbook whose parts lie too deep inside each other") from None
    return (ReadDocument(parts=parts, media_type=WORKBOOK, saved_on=on),)


def _parts(package: Package, inside: Inside) -> Iterator[ReadPart]:
    book = package.xml(_BOOK)
    from_1904 = any(_tag(e) == "workbookPr" and e.get("date1904") in {"1", "true"} for e in book)
    looks = Looks(from_1904=from_1904)
    if "xl/styles.xml" in package.names:
        looks = looks_of(package.xml("xl/styles.xml"), from_1904=from_1904)
    shared = SharedWords(words=_shared(package))
    targets = package.targets(_BOOK)
    for sheet in (e for e in book.iter() if _tag(e) == "sheet"):
        reference = next((v for key, v in sheet.attrib.items() if bare(key) == "id"), "")
        name = f"{sheet.get('name', '')}{_HIDDEN.get(sheet.get('state', ''), '')}"
        yield inside.part("sheet", name)
        yield from _sheet(targets.get(reference, ""), package, shared, looks, inside)
    for words in shared.unused:
        yield inside.part("hidden", f"Still in the file, shown in no cell: {words}")
    for words in dict.fromkeys(looks.words):
        yield inside.part("other", f"Shown beside a number by its format: {words}")
    for defined in (e for e in book.iter() if _tag(e) == "definedName"):
        yield inside.part("defined-name", _defined(defined))
    yield from _comments(package, inside)
    yield from properties(package, inside)
    yield from leftovers(package, inside)


def _shared(package: Package) -> list[str]:
    if "xl/sharedStrings.xml" not in package.names:
        return []
    return [rich(e) for e in package.xml("xl/sharedStrings.xml") if _tag(e) == "si"]


def _sheet(
    part: str, package: Package, shared: SharedWords, looks: Looks, inside: Inside
) -> Iterator[ReadPart]:
    if part not in package.names:
        yield ReadPart(place="unreadable", text="A sheet of the workbook is named in it, and not there.")
        return
    try:
        for found in cells_of(package.take(part), shared, looks):
            if isinstance(found, tuple):
                yield inside.part(*found)
            else:
                yield from (inside.part(place, text) for place, text in _around(found) if text.strip())
    except UnreadableItem as fault:
        if fault.field == "too-large":
            raise
        yield ReadPart(place="unreadable", text=f"The rest of this sheet could not be read: {fault.message}.")


def _around(sheet: Element) -> Iterator[tuple[str, str]]:
    """What a sheet says beside its cells: headers, links, prompts of cells, lists to choose from, filters."""
    for element in sheet.iter():
        tag = _tag(element)
        if tag in _AROUND:
            yield _AROUND[tag], " ".join(_LAYOUT.sub(" ", element.text or "").split())
        elif tag == "hyperlink":
            said = (element.get(key, "") for key in ("ref", "display", "location", "tooltip"))
            yield "link", " | ".join(filter(None, said))
        elif tag == "dataValidation":
            said = (element.get(key, "") for key in ("promptTitle", "prompt", "errorTitle", "error"))
            yield "other", " | ".join(filter(None, (*said, *(e.text for e in element))))
        elif tag in {"filter", "customFilter"}:
            yield "other", f"Filter: {element.get('val', '')}"
        elif tag == "scenario":
            said = (element.get(key, "") for key in ("name", "user", "comment"))
            yield "other", " | ".join(filter(None, (*said, *(e.get("val") for e in element))))
        elif tag in {"formula", "f"} and _QUOTED.search(element.text or ""):
            yield "other", f"Rule: {element.text}"
        elif tag in {"cfRule", "t"} and (text := element.get("text") or element.text or "").strip():
            yield "other", text


def _defined(defined: Element) -> str:
    hidden = " (hidden)" if defined.get("hidden") in {"1", "true"} else ""
    said = " | ".join(filter(None, (defined.text, defined.get("comment"), defined.get("description"))))
    return f"{defined.get('name', '')}{hidden}: {said}"


def _comments(package: Package, inside: Inside) -> Iterator[ReadPart]:
    people = _people(package)
    for name in package.left:
        threaded = name.startswith("xl/threadedComments/")
        if not (threaded or re.fullmatch(r"xl/(comments/)?comments?\d*\.xml", name)):
            continue
        try:
            root = package.xml(name)
        except UnreadableItem as fault:
            yield ReadPart(
                place="unreadable", text=f"Comments of the workbook could not be read: {fault.message}."
            )
            continue
        authors = [e.text or "" for e in root.iter() if _tag(e) == "author"]
        for one in (e for e in root.iter() if _tag(e) in {"comment", "threadedComment"}):
            who = people.get(one.get("personId", ""), "") if threaded else _author(one, authors)
            words = "".join(e.text or "" for e in one.iter() if _tag(e) in {"t", "text"}).strip()
            said = ", ".join(filter(None, (one.get("ref"), who, (one.get("dT") or "")[:10])))
            yield inside.part("comment", f"{said}: {words}" if said else words)


def _people(package: Package) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in package.left:
        if name.startswith("xl/persons/"):
            found |= {e.get("id", ""): e.get("displayName", "") for e in package.xml(name).iter()}
    return found


def _author(comment: Element, authors: list[str]) -> str:
    number = comment.get("authorId", "")
    known = number.isdigit() and int(number) < len(authors)
    return authors[int(number)] if known else ""


def _tag(element: Element) -> str:
    return bare(str(element.tag))
