"""The parts of an Office file that no reader of its own kind has read: read another way, or named for a person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from sar.documents.html import html_parts
from sar.documents.inside import Inside
from sar.documents.package import Package
from sar.documents.picture import SUFFIXES, is_tiny, pictured
from sar.documents.xml import bare
from sar.domain.errors import UnreadableItem
from sar.ports.gathering import ReadPart

# Looks, settings and numbers by which parts find each other; docs/stores/documents.md lists them.
_NO_WORDS = re.compile(
    r"\[Content_Types\]\.xml|.*/theme/.*\.xml|.*/printerSettings/.*|.*/fonts/.*\.(odttf|fntdata)"
    r"|word/(styles|stylesWithEffects|fontTable|webSettings|vbaData|commentsExtended|commentsIds|commentsExtensible"
    r")\.xml|xl/(styles|calcChain|metadata|volatileDependencies)\.xml|xl/richData/(rdRichValueTypes|richStyles)\.xml"
    r"|.*/itemProps\d*\.xml|ppt/(presProps|viewProps|tableStyles)\.xml"
    r"|.*/(style|colors|quickStyle|layout)\d+\.xml"
)
_PLACES = (
    (re.compile(r".*/charts?(Ex)?/.*"), "chart"),
    (re.compile(r".*/(drawings|diagrams)/.*"), "drawing"),
    (re.compile(r"customXml/.*"), "custom-xml"),
    (re.compile(r".*/pivot(Cache|Tables)/.*"), "pivot"),
    (re.compile(r".*[Cc]omments?/.*|.*/comment.*\.xml"), "comment"),
    (re.compile(r"ppt/(slides|notesSlides)/.*"), "text"),
)
_WORDY = frozenset(
    {
        "name",
        "displayName",
        "title",
        "descr",
        "alt",
        "author",
        "text",
        "caption",
        "prompt",
        "promptTitle",
        "error",
        "comment",
        "string",
        "tooltip",
        "display",
        "location",
        "href",
        "address",
        "connection",
        "command",
        "uniqueName",
        "userName",
        "initials",
        "val",
        "v",
    }
)
_BEHIND_SLIDES = re.compile(r"ppt/(slideLayouts|(slide|notes|handout)Masters)/.*\.xml")
_PROMPT = re.compile(
    r"(Click|Tap) (to edit|icon to add|to add) .*"
    r"|(Second|Third|Fourth|Fifth|Sixth|Seventh|Eighth|Ninth) level|\u2039#\u203a"
)
"""What a program writes where nobody has written yet."""
_ONLY_WORDS = frozenset({"other", "pivot"})
"""Places of counts and pointers besides words; elsewhere one letter or digit is an answer."""
_PARAGRAPH, _RUN, _BREAKS, _PARTED = "p", "t", frozenset({"br", "tab", "fld"}), " "
_PLAIN_FORMAT = "General"
_POINTER = "x"
"""In a pivot cache: its `v` is a number that points to a value said elsewhere."""
_MACROS = re.compile(r".*(vbaProject|vbaProjectSignature.*|macrosheets/.*)\.(bin|xml)|xl/macrosheets/.*")
_DRAWN = frozenset({".emf", ".wmf", ".emz", ".wmz"})
_THUMBNAIL = re.compile(r"(docProps/)?thumbnail\.[a-z]+", re.IGNORECASE)
"""The first page as an icon; too small to show a word."""
_WORTH_SAYING = re.compile(r"[^\W\d_]{2}|\d{2}")


def leftovers(package: Package, inside: Inside) -> Iterator[ReadPart]:
    """Links out of the file, then every part that is left: its words, or its name for a person to look at."""
    yield from _links(package, inside)
    for name in package.left:
        try:
            yield from _part(name, package, inside)
        except (UnreadableItem, RecursionError) as fault:
            why = fault.message if isinstance(fault, UnreadableItem) else "parts too deep inside each other"
            yield ReadPart(place="unreadable", text=f"A part of the file could not be read ({name}): {why}.")


def _links(package: Package, inside: Inside) -> Iterator[ReadPart]:
    seen: set[str] = set()
    for name in package.left:
        if not name.endswith(".rels"):
            continue
        for one in package.xml(name):
            target = one.get("Target", "").strip()
            if one.get("TargetMode") == "External" and target and target not in seen:
                seen.add(target)
                yield inside.part("link", target)


def _part(name: str, package: Package, inside: Inside) -> Iterator[ReadPart]:
    suffix = f".{name.rpartition('.')[2].casefold()}"
    if _NO_WORDS.fullmatch(name):
        return
    if _MACROS.fullmatch(name):
        yield ReadPart(
            place="macro",
            text="The file holds macros (small programs). They were not run, and are not shown here.",
        )
    elif name.startswith("_xmlsignatures/"):
        yield ReadPart(place="other", text="The file carries a digital signature. It was not checked.")
    elif suffix in SUFFIXES and _THUMBNAIL.fullmatch(name) and is_tiny(package.take(name)):
        return
    elif suffix in _DRAWN:
        yield ReadPart(
            place="picture", text=f"A drawing stands here ({suffix[1:]}). Look at it in the file itself."
        )
    elif suffix in SUFFIXES:
        yield from pictured(package.take(name), name, inside)
    elif _BEHIND_SLIDES.fullmatch(name):
        yield from _behind(package.xml(name), inside)
    elif suffix == ".xml":
        yield from _words(package.xml(name), _place(name), inside)
    elif suffix == ".vml":
        yield from (p for p in html_parts(package.take(name), inside) if p.place != "link")
    else:
        yield from inside.attached(package.take(name), name.rpartition("/")[2])


def _place(name: str) -> str:
    return next((place for pattern, place in _PLACES if pattern.fullmatch(name)), "other")


def _words(root: Element, place: str, inside: Inside) -> Iterator[ReadPart]:
    """Words as often as they stand there: two questions may have one answer. Labels once."""
    words = list(_in_order(root))
    labels = [text for text in dict.fromkeys(_labels(root)) if text not in words]
    if place in _ONLY_WORDS:
        words = [text for text in words if _WORTH_SAYING.search(text)]
    if said := [*words, *(text for text in labels if _WORTH_SAYING.search(text))]:
        yield inside.part(place, " | ".join(said))


def _behind(root: Element, inside: Inside) -> Iterator[ReadPart]:
    """What a presentation shows behind every slide."""
    if words := [text for text in _in_order(root) if not _PROMPT.fullmatch(text)]:
        yield inside.part("other", f"Behind the slides: {' | '.join(words)}")


def _in_order(root: Element) -> Iterator[str]:
    """The words between the tags, those of one paragraph together, however they are set."""
    if bare(str(root.tag)) == _PARAGRAPH:
        yield from filter(None, (" ".join("".join(_line(root)).split()),))
    else:
        if (text := (root.text or "").strip()) and text != _PLAIN_FORMAT:
            yield text
        for child in root:
            yield from _in_order(child)
            yield from filter(None, ((child.tail or "").strip(),))


def _line(element: Element) -> Iterator[str]:
    """Blanks count only in a run of letters; elsewhere they are how the file is set out."""
    tag, text = bare(str(element.tag)), element.text or ""
    yield _PARTED if tag in _BREAKS else text if tag == _RUN or text.strip() else ""
    for child in element:
        yield from _line(child)
        yield (child.tail or "") if (child.tail or "").strip() else ""


def _labels(root: Element) -> Iterator[str]:
    for element in root.iter():
        points = bare(str(element.tag)) == _POINTER
        for key, value in element.attrib.items():
            # A setting is one short word or a switch; what people wrote is kept, even when it is short.
            if (
                bare(key) in _WORDY
                and not (points and key == "v")
                and value.strip()
                and value not in {"true", "false"}
            ):
                yield value.strip()
