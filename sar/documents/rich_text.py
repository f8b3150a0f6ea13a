"""Rich text (RTF): the words, and apart from them notes, headers, comments, what is hidden, deleted or embedded."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from striprtf.striprtf import charset_map, destinations, specialchars

from sar.documents.inside import Inside
from sar.documents.limits import unreadable
from sar.documents.picture import pictured
from sar.ports.gathering import ReadDocument, ReadPart

_TOKEN = re.compile(
    r"\\([a-zA-Z]{1,32})(-?\d{1,10})?[ ]?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)"
)
_PLACES = {
    **dict.fromkeys(("header", "headerl", "headerr", "headerf"), "header"),
    **dict.fromkeys(("footer", "footerl", "footerr", "footerf"), "footer"),
    **dict.fromkeys(("title", "subject", "author", "operator", "keywords", "doccomm", "comment"), "property"),
    **dict.fromkeys(
        ("manager", "company", "category", "propname", "staticval", "docvar", "hlinkbase"), "property"
    ),
    **dict.fromkeys(("ffname", "ffdeftext", "ffhelptext", "ffstattext", "ffl"), "form-field"),
    **dict.fromkeys(("shptxt", "dptxbxtext"), "text-box"),
    **dict.fromkeys(("xe", "tc", "rxe", "txe"), "hidden"),
    "footnote": "footnote",
    "annotation": "comment",
    "atnauthor": "comment-author",
    "fldinst": "field",
    "objdata": "objdata",
    "pict": "pict",
    "fonttbl": "fonts",
    "sn": "shape-name",
    "sv": "shape-value",
    "revtbl": "revisers",
    "result": "text",
    "pntext": "text",
    "listtext": "text",
}
_MATH = frozenset({
    "mmath", "moMath", "moMathPara", "mr", "macc", "mbar", "mborderBox", "mbox", "md", "mdeg", "mden", "me", "meqArr",
    "mf", "mfName", "mfunc", "mgroupChr", "mlim", "mlimlow", "mlimupp", "mm", "mmr", "mnary", "mnum", "mphant", "mrad",
    "msPre", "msSub", "msSubSup", "msSup", "msub", "msup",
})  # fmt: skip
"""Pieces of equations, which hold the letters of one."""
_SHAPES = {"gtextUNICODE": "text-box", "wzDescription": "alt-text", "wzTooltip": "alt-text"}
"""Properties of shapes that are words: lettering, and what is shown in the place of a picture."""
_LOOKS = (
    destinations - _PLACES.keys() - {"field", "object", "info", "shppict", "shp", "shpinst", "userprops", "g", "do",
                                     "formfield", "ud", "upr", "shprslt", "sp", "picprop"} - _MATH
) | {"colortbl", "stylesheet", "nonshppict", "listtable", "latentstyles"}  # fmt: skip
# Groups that only hold other groups: their own destination is that of the text around them.
_THROUGH = _MATH | {
    *("field", "object", "info", "shppict", "shp", "shpinst", "userprops", "formfield", "ud", "upr"),
    *("sp", "picprop"),
}
_DEEPEST = 1000
_COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
_PICTURES = (b"\x89PNG", b"\xff\xd8\xff")


def read_rich_text(content: bytes, inside: Inside) -> tuple[ReadDocument, ...]:
    """One document.

    :raises UnreadableItem: it is not rich text, or says nothing.
    """
    parts = tuple(rich_text_parts(content, inside))
    if not parts:
        raise unreadable("a rich text without words")
    return (ReadDocument(parts=parts, media_type="application/rtf"),)


def rich_text_parts(content: bytes, inside: Inside) -> Iterator[ReadPart]:
    """Everything the file says; what it embeds is read where that can be done, and named where not."""
    for place, text in _Walk(content.decode("latin-1"), inside).said():
        if place == "objdata":
            yield from _embedded(_bytes(text), inside)
        elif place == "pict":
            yield from _picture(_bytes(text), inside)
        elif place and text.strip():
            yield inside.part(place, "\n".join(line.rstrip() for line in text.split("\n")).strip())


def _bytes(text: str) -> bytes:
    digits = re.sub(r"[^0-9a-fA-F]", "", text)
    return bytes.fromhex(digits[: len(digits) // 2 * 2])


def _embedded(content: bytes, inside: Inside) -> Iterator[ReadPart]:
    at = content.find(_COMPOUND)
    if at >= 0:
        yield from inside.attached(content[at:], "", "application/x-ole-storage")
    elif content:
        yield ReadPart(place="unreadable", text="An object is embedded here. Look at it in the file itself.")


def _picture(content: bytes, inside: Inside) -> Iterator[ReadPart]:
    if content.startswith(_PICTURES):
        yield from pictured(content, "", inside)
    elif content:
        yield ReadPart(
            place="picture",
            text="A drawing in a format of its own stands here. Look at it in the file itself.",
        )


@dataclass(frozen=True, slots=True)
class _Group:
    """What holds until the group ends."""

    place: str = "text"
    buffer: int = 0
    aside: str = ""
    font: str = ""
    after_unicode: int = 1
    starred: bool = False


class _Walk:
    """One pass over the tokens."""

    def __init__(self, text: str, inside: Inside) -> None:
        self._text = text
        self._inside = inside
        self._buffers: list[tuple[str, list[str]]] = [("text", [])]
        self._asides: list[tuple[str, list[str]]] = []
        self._stack: list[_Group] = []
        self._now = _Group()
        self._page = "cp1252"
        self._fonts: dict[str, str] = {}
        self._defined = ""
        self._bytes = bytearray()
        self._skip = 0

    def said(self) -> Iterator[tuple[str, str]]:
        """Places and texts: first the text itself."""
        self._walk()
        author = shape = ""
        for place, pieces in (*self._buffers, *self._asides):
            # A letter beyond the common ones is written as two halves.
            text = "".join(pieces).encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
            if place == "comment-author":
                author = text.strip()
            elif place == "comment":
                yield place, f"{author}: {text.strip()}" if author and text.strip() else text
                author = ""
            elif place == "shape-name":
                shape = text.strip()
            elif place == "shape-value":
                yield _SHAPES.get(shape, ""), text
            elif place == "revisers":
                yield "property", "\n".join(f"Changed by: {name}" for name in _revisers(text))
            elif place != "fonts":
                yield place, text

    def _walk(self) -> None:
        at = 0
        while at < len(self._text):
            found = _TOKEN.match(self._text, at)
            if found is None:
                at += 1
                continue
            at = found.end()
            word, number, byte, sign, brace, plain = found.groups()
            if byte is None:
                self._end_bytes()
            if word == "bin":
                at = self._raw(at, int(number or 0))
            elif word:
                self._word(word, number)
            elif byte is not None:
                self._byte(int(byte, 16))
            elif sign:
                self._sign(sign)
            elif brace:
                self._brace(brace)
            elif plain:
                self._plain(plain)
        self._end_bytes()

    def _plain(self, text: str) -> None:
        skipped = min(self._skip, len(text))
        self._skip -= skipped
        self._say(text[skipped:] if self._now.place in {"objdata", "pict"} else self._decoded(text[skipped:]))

    def _decoded(self, text: str) -> str:
        return text if text.isascii() else self._in_page(text.encode("latin-1"))

    def _in_page(self, raw: bytes) -> str:
        page = self._fonts.get(self._now.font, "") or self._page
        try:
            return raw.decode(page, "replace")
        except LookupError:
            return raw.decode("cp1252", "replace")

    def _byte(self, value: int) -> None:
        if self._skip:
            self._skip -= 1
        else:
            self._bytes.append(value)

    def _end_bytes(self) -> None:
        if self._bytes:
            raw, self._bytes = bytes(self._bytes), bytearray()
            self._say(self._in_page(raw))

    def _sign(self, sign: str) -> None:
        if sign == "*":
            self._now = replace(self._now, starred=True)
        else:
            self._say(specialchars.get(sign, ""))

    def _brace(self, brace: str) -> None:
        self._skip = 0
        if brace == "{":
            if len(self._stack) >= _DEEPEST:
                raise unreadable("a rich text whose groups lie too deep inside each other")
            self._stack.append(self._now)
            self._now = replace(self._now, starred=False)
        elif self._stack:
            self._now = self._stack.pop()

    def _raw(self, at: int, length: int) -> int:
        """Bytes as they are, without signs of their own; where they end."""
        end = min(max(at, at + length), len(self._text))
        if self._now.place in {"objdata", "pict"}:
            self._say(self._text[at:end].encode("latin-1").hex())
        return end

    def _word(self, word: str, number: str | None) -> None:
        """Do what a control word says. It ends the letters that stand for one beyond the common ones."""
        self._skip = 0
        if word == "u" and number is not None:
            # Two of these may make one letter; they are joined when the text is said.
            self._say(chr(int(number) % 0x10000))
            self._skip = self._now.after_unicode
        elif word in specialchars:
            self._say(specialchars[word])
        elif word in _PLACES:
            self._enter(_PLACES[word])
        elif word in _LOOKS or (self._now.starred and word not in _THROUGH):
            self._enter("" if word in _LOOKS else "hidden")
        else:
            self._setting(word, number)

    def _enter(self, place: str) -> None:
        if self._now.place == "" or (place == "text" and self._now.place == "text"):
            return  # inside what holds no words there are none
        self._buffers.append((place, []))
        self._now = replace(self._now, place=place, buffer=len(self._buffers) - 1, aside="", starred=False)

    def _setting(self, word: str, number: str | None) -> None:
        is_on = number != "0"
        if word == "v":
            self._aside("hidden" if is_on else "")
        elif word == "deleted":
            self._aside("deleted" if is_on else "")
        elif word == "plain":
            self._aside("")
        elif word == "uc":
            self._now = replace(self._now, after_unicode=min(int(number or 1), 8))
        elif word == "ftnalt" and self._now.place == "footnote":
            self._enter("endnote")
        elif word == "ansicpg":
            self._page = _known(f"cp{number}")
        elif word in {"f", "fcharset"}:
            self._font(word, number or "0")

    def _font(self, word: str, number: str) -> None:
        if self._now.place != "fonts":
            self._now = replace(self._now, font=number)
        elif word == "f":
            self._defined = number
        elif int(number) in charset_map and int(number) > 1:
            self._fonts[self._defined] = charset_map[int(number)]

    def _aside(self, place: str) -> None:
        if place and place != self._now.aside:
            self._asides.append((place, []))
        self._now = replace(self._now, aside=place)

    def _say(self, text: str) -> None:
        if not text or self._now.place == "":
            return
        self._inside.budget.look_at_the_clock()
        if self._now.aside:
            place, pieces = self._asides[-1]
            if place != self._now.aside:
                pieces = []
                self._asides.append((self._now.aside, pieces))
            pieces.append(text)
        else:
            self._buffers[self._now.buffer][1].append(text)


def _revisers(table: str) -> Iterator[str]:
    names = (name.strip() for name in table.split(";"))
    return (name for name in names if name not in {"", "Unknown"})


def _known(page: str) -> str:
    try:
        return codecs.lookup(page).name
    except LookupError:
        return "cp1252"
