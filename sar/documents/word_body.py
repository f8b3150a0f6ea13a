"""The words of one part of a Word file in reading order, and beside them what a reader of the page would not see."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from xml.etree.ElementTree import Element

from sar.documents.xml import bare

Said = tuple[str, str]
_SIGNS = {"tab": "\t", "ptab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_LOOKS = frozenset({"pPr", "rPr", "tblPr", "trPr", "tcPr", "sectPr", "tblGrid", "lastRenderedPageBreak"})
_PLAIN_FIELDS = frozenset({"PAGE", "NUMPAGES", "SECTIONPAGES", "PAGE \\* MERGEFORMAT"})
_LETTERS = frozenset({"t", "delText"})
_OF_PROGRAMS = re.compile(r"goog_rdk_\d+\Z")
_MARKS_OF_WORD = re.compile(
    r"_(GoBack|Toc\d+|Ref\d+|Hlk\d+|Hlt\d+|MON_\d+|PictureBullets|heading=h\.\w+|_DdeLink__\w+|_RefHeading__\w+|_Fieldmark__\w+)"
    r"|OLE_LINK\d+\Z"
)
"""Bookmarks that a program sets by itself."""
_OFF = frozenset({"0", "false", "off"})


def value_of(element: Element, name: str) -> str:
    """An attribute by its name, in whichever namespace the file uses."""
    return next((v for key, v in element.attrib.items() if bare(key) == name), "")


def hidden_styles(styles: Element) -> frozenset[str]:
    """The styles that hide what is written in them."""
    return frozenset(
        value_of(style, "styleId")
        for style in styles
        if any(_is_on(e) for e in style.iter() if _tag(e) == "vanish")
    )


def signed(change: Element) -> str:
    """Who and when, as far as a comment or tracked change says."""
    who, when = value_of(change, "author").strip(), value_of(change, "date")[:10]
    said = ", ".join(filter(None, (who, when)))
    return f"{said}: " if said else ""


def _tag(element: Element) -> str:
    return bare(str(element.tag))


def _is_on(switch: Element) -> bool:
    return value_of(switch, "val").casefold() not in _OFF


class Blocks:
    """Walks one part. Paragraphs and rows come out in order; what hangs on one comes right after it."""

    def __init__(self, vanished: frozenset[str] = frozenset()) -> None:
        self._vanished = vanished

    def of(self, root: Element, place: str) -> Iterator[Said]:
        """All blocks under an element."""
        for child in _chosen(root):
            tag = _tag(child)
            if tag == "p":
                yield from self._paragraph(child, place)
            elif tag == "tbl":
                yield from self._table(child)
            elif tag == "comment":
                yield from self._comment(child)
            elif tag == "sdt":
                yield from _control(child)
                yield from self.of(child, place)
            elif tag in _NAMED_PLACES:
                yield from _named_place(tag, child)
            elif tag not in _LOOKS and tag != "sdtPr":
                yield from self.of(child, place)

    def _comment(self, comment: Element) -> Iterator[Said]:
        blocks = list(self.of(comment, "comment"))
        if words := "\n".join(text for place, text in blocks if place == "comment"):
            yield "comment", f"{signed(comment)}{words}"
        yield from (block for block in blocks if block[0] != "comment")

    def _paragraph(self, paragraph: Element, place: str) -> Iterator[Said]:
        line = _Line(self)
        line.walk(paragraph)
        if text := line.text:
            yield place, text
        yield from line.beside()

    def _table(self, table: Element) -> Iterator[Said]:
        """A row is one line, its cells apart; a table inside a cell follows the row it stands in."""
        for look in (e for about in table if _tag(about) == "tblPr" for e in about):
            if _tag(look) in {"tblCaption", "tblDescription"} and (words := value_of(look, "val").strip()):
                yield "alt-text", words
        for row in _within(table, "tr"):
            cells: list[str] = []
            after: list[Said] = []
            for cell in _within(row, "tc"):
                blocks = list(self.of(cell, "cell"))
                cells.append(" ".join(text for place, text in blocks if place == "cell"))
                after += [block for block in blocks if block[0] != "cell"]
            if text := " | ".join(c for c in cells if c):
                yield from _changed(row, text)
            yield from after

    def is_hidden(self, run: Element) -> bool:
        """Whether a run is not shown on the page."""
        looks = next((e for e in run if _tag(e) == "rPr"), None)
        if looks is None:
            return False
        for look in looks:
            if _tag(look) in {"vanish", "webHidden"}:
                return _is_on(look)
            if _tag(look) == "rStyle" and value_of(look, "val") in self._vanished:
                return True
        return False


class _Line:
    """One paragraph: as it reads with tracked changes accepted, and what else it holds."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._shown: list[str] = []
        self._beside: list[Said] = []
        self._field: list[str] = []
        self._into: list[list[str]] = [self._shown]

    @property
    def text(self) -> str:
        return "".join(self._shown).strip()

    def beside(self) -> Iterator[Said]:
        self._end_field()
        yield from ((place, text.strip()) for place, text in self._beside if text.strip())

    def walk(self, element: Element) -> None:
        """Everything under an element."""
        for child in _chosen(element):
            tag = _tag(child)
            if tag in {"t", "delText"}:
                self._into[-1].append(child.text or "")
            elif tag in _SIGNS:
                self._into[-1].append(_SIGNS[tag])
            elif tag in {"instrText", "delInstrText"}:
                self._field.append(child.text or "")
            elif tag not in _LOOKS:
                self._special(tag, child)

    def _special(self, tag: str, child: Element) -> None:
        if tag == "r" and self._blocks.is_hidden(child):
            self._apart("hidden", child)
        elif tag == "del":
            self._apart("deleted", child, before=signed(child))
        elif tag == "moveFrom":
            self._apart("moved", child, before=f"{signed(child)}Moved away from here: ")
        elif tag in {"ins", "moveTo"}:
            self._put_in(child)
        elif tag == "txbxContent":
            self._beside += [
                ("text-box" if place == "cell" else place, text)
                for place, text in self._blocks.of(child, "cell")
            ]
        elif tag == "fldChar":
            self._end_field()
            self._beside += _form_field(child)
        elif tag == "sdt":
            self._beside += _control(child)
            self.walk(child)
        elif tag != "sdtPr":
            self._labelled(tag, child)
            self.walk(child)

    def _labelled(self, tag: str, child: Element) -> None:
        """What an element says in its attributes: alternative texts, simple fields, lettering, links inside."""
        if tag == "fldSimple":
            self._field.append(value_of(child, "instr"))
            self._end_field()
        elif tag == "sym":
            self._into[-1].append("□")
        elif tag == "textpath":
            self._beside.append(("text-box", value_of(child, "string")))
        elif tag in _NAMED_PLACES:
            self._beside += _named_place(tag, child)
        elif tag == "hyperlink":
            self._beside.append(("link", value_of(child, "tooltip")))
        elif tag in {"docPr", "cNvPr", "shape", "imagedata"}:
            said = (value_of(child, key) for key in ("title", "descr", "alt"))
            self._beside += [
                ("alt-text", text) for text in dict.fromkeys(said) if ("alt-text", text) not in self._beside
            ]

    def _apart(self, place: str, element: Element, *, before: str = "") -> None:
        """Words that the page does not show."""
        apart: list[str] = []
        self._into.append(apart)
        self.walk(element)
        self._into.pop()
        if text := "".join(apart).strip():
            self._beside.append((place, f"{before}{text}"))

    def _put_in(self, element: Element) -> None:
        """Words that stand in the text, and are named as put in besides."""
        at = len(self._into[-1])
        self.walk(element)
        if text := "".join(self._into[-1][at:]).strip():
            self._beside.append(("inserted", f"{signed(element)}{text}"))

    def _end_field(self) -> None:
        code = " ".join("".join(self._field).split())
        self._field = []
        if code and code not in _PLAIN_FIELDS:
            self._beside.append(("field", code))


def _chosen(element: Element) -> Iterator[Element]:
    """The children; where the file offers one thing in several ways, the first, and others that say something else."""
    for child in element:
        if _tag(child) != "AlternateContent":
            yield child
            continue
        ways = [way for way in child if _tag(way) in {"Choice", "Fallback"}]
        said = {""}
        for way in ways:
            words = "".join("".join(e.text or "" for e in way.iter() if _tag(e) in _LETTERS).split())
            if way is ways[0] or words not in said:
                yield way
            said.add(words)


def _changed(row: Element, text: str) -> Iterator[Said]:
    """A row of a table, and who put it in or took it out."""
    looks = [e for about in row if _tag(about) == "trPr" for e in about]
    taken_out = next((e for e in looks if _tag(e) == "del"), None)
    put_in = next((e for e in looks if _tag(e) == "ins"), None)
    yield ("table", text) if taken_out is None else ("deleted", f"{signed(taken_out)}{text}")
    if put_in is not None:
        yield "inserted", f"{signed(put_in)}{text}"


def _within(element: Element, tag: str) -> Iterator[Element]:
    """The rows of a table or cells of a row, also where a control or a tracked change is put around them."""
    for child in element:
        if _tag(child) == tag:
            yield child
        elif _tag(child) not in {"tbl", "tr", "tc", "p"}:
            yield from _within(child, tag)


def _control(control: Element) -> Iterable[Said]:
    """The name of a content control and the choices it offers; its content is read as text."""
    about = next((e for e in control if _tag(e) == "sdtPr"), None)
    if about is None:
        return []
    said = [value_of(e, "val") for e in about if _tag(e) in {"alias", "tag"}]
    said = [text for text in dict.fromkeys(said) if not _OF_PROGRAMS.match(text)]
    choices = [
        value_of(e, "displayText") or value_of(e, "value") for e in about.iter() if _tag(e) == "listItem"
    ]
    words = f"{', '.join(filter(None, said))}{' (choices: ' + '; '.join(choices) + ')' if choices else ''}"
    return [("form-field", words)] if words.strip() else []


_NAMED_PLACES = frozenset({"bookmarkStart", "permStart", "attr"})


def _named_place(tag: str, element: Element) -> Iterator[Said]:
    """A name that somebody gave to a place, who alone may change it, or what a program took its words for."""
    if tag == "bookmarkStart":
        name = value_of(element, "name").strip()
        if name and not _MARKS_OF_WORD.match(name):
            yield "bookmark", name
    elif tag == "permStart":
        if editor := value_of(element, "ed").strip():
            yield "field", f"May be changed by: {editor}"
    elif words := value_of(element, "val").strip():
        yield "field", f"{value_of(element, 'name')}: {words}"


def _form_field(mark: Element) -> list[Said]:
    """A form field of the old kind: name, help, default and choices."""
    wordy = {"name", "helpText", "statusText", "default", "listEntry"}
    said = [value_of(e, "val") for e in mark.iter() if _tag(e) in wordy]
    words = "; ".join(dict.fromkeys(filter(None, (text.strip() for text in said))))
    return [("form-field", words)] if words else []
