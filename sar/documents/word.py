"""A Word file, every part of it: body, tables, headers, notes, comments, tracked changes, what it embeds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from sar.documents.inside import Inside
from sar.documents.kinds import OFFICE
from sar.documents.leftovers import leftovers
from sar.documents.limits import unreadable
from sar.documents.package import Package, opened, properties, saved_on
from sar.documents.word_body import Blocks, hidden_styles, value_of
from sar.documents.xml import bare
from sar.domain.errors import UnreadableItem
from sar.ports.gathering import ReadDocument, ReadPart

_PART = re.compile(r"word/(document|header|footer|footnotes|endnotes|comments|glossary/document)\d*\.xml")
_PLACES = {
    "document": "text",
    "header": "header",
    "footer": "footer",
    "footnotes": "footnote",
    "endnotes": "endnote",
    "comments": "comment",
    "glossary/document": "other",
}
_ORDER = list(_PLACES)
_NUMBERING_WORDS = re.compile(r"[^\W\d_]{3}")


def read_word(content: bytes, inside: Inside) -> tuple[ReadDocument, ...]:
    """One document: the body first, then what stands around it, then what is left of the file.

    :raises UnreadableItem: it is damaged, swollen, or holds what no Word file holds.
    """
    package = opened(content, inside, what="a Word file")
    on = saved_on(package)
    try:
        parts = list(_parts(package, inside))
    except RecursionError:
        raise unreadable("a Word file whose parts lie too deep inside each other") from None
    return (ReadDocument(parts=tuple(parts), media_type=OFFICE, saved_on=on),)


def _parts(package: Package, inside: Inside) -> Iterator[ReadPart]:
    named = sorted(
        (_ORDER.index(found[1]), len(name), name)
        for name in package.names
        if (found := _PART.fullmatch(name))
    )
    if not named or named[0][0] != 0:
        raise unreadable("a file that says it is Word and is not")
    vanished = (
        hidden_styles(package.xml("word/styles.xml")) if "word/styles.xml" in package.names else frozenset()
    )
    for order, _, name in named:
        place = _PLACES[_ORDER[order]]
        root = package.xml(name)
        for at, text in Blocks(vanished).of(root, place):
            yield inside.part(at, text)
    yield from properties(package, inside)
    yield from _settings(package, inside)
    yield from leftovers(package, inside)


def _settings(package: Package, inside: Inside) -> Iterator[ReadPart]:
    """Values kept in the file for its fields, the query of a mail merge, and words used for numbering."""
    for name in ("word/settings.xml", "word/numbering.xml"):
        if name not in package.names:
            continue
        try:
            root = package.xml(name)
        except UnreadableItem as fault:
            yield ReadPart(
                place="unreadable", text=f"A part of the file could not be read ({name}): {fault.message}."
            )
            continue
        yield from (inside.part("property", text) for e in root.iter() if (text := _setting(e)))


def _setting(element: Element) -> str:
    tag, said = bare(str(element.tag)), value_of(element, "val")
    if tag == "docVar":
        return f"{value_of(element, 'name')}: {said}"
    if tag in {"query", "connectString"}:
        return said
    return said if tag == "lvlText" and _NUMBERING_WORDS.search(said) else ""
