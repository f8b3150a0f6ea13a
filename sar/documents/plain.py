"""Plain text in the encodings that really occur."""

from __future__ import annotations

import codecs

from sar.documents.inside import Inside
from sar.documents.limits import unreadable
from sar.ports.gathering import ReadDocument

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = frozenset(range(32)) - {9, 10, 12, 13, 27}
_LOOKED_AT = 4096
_SHORTEST = 4
_MOSTLY = 0.4
_HARDLY = 0.05


def decoded(content: bytes) -> str:
    """The text of some bytes: by their mark, as UTF-16 without one, UTF-8, or Windows-1252; binary data is refused.

    :raises UnreadableItem: the bytes are no text.
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _strictly(content, name)
    if name := _wide(content[:_LOOKED_AT]):
        return _without_signs(_strictly(content, name))
    if any(byte in _CONTROL for byte in content[:_LOOKED_AT]):
        raise unreadable("a file that says it is text and is not")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _strictly(content, "cp1252")


def _wide(start: bytes) -> str:
    """UTF-16 without a mark: for Western words every second byte is zero, always on the same side."""
    if len(start) < _SHORTEST:
        return ""
    pairs = len(start) // 2
    first, second = start[::2].count(0) / pairs, start[1::2].count(0) / pairs
    if second > _MOSTLY and first < _HARDLY:
        return "utf-16-le"
    return "utf-16-be" if first > _MOSTLY and second < _HARDLY else ""


def _without_signs(text: str) -> str:
    if any(ord(letter) in _CONTROL for letter in text[:_LOOKED_AT]):
        raise unreadable("a file that says it is text and is not")
    return text


def _strictly(content: bytes, name: str) -> str:
    try:
        return content.decode(name)
    except UnicodeDecodeError:
        raise unreadable("a text in an encoding we do not know") from None


def as_lines(text: str) -> str:
    """The text with one kind of line end, and without the zeros that no text needs."""
    return text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")


def read_text(content: bytes, inside: Inside) -> tuple[ReadDocument, ...]:
    """The whole text as one part."""
    text = as_lines(inside.budget.spend(decoded(content)))
    if not text.strip():
        raise unreadable("a text without words")
    return (ReadDocument(parts=(inside.part("text", text),), media_type="text/plain"),)
