"""Plain text in the encodings that really occur."""

from __future__ import annotations

import codecs

from sar.documents.limits import Budget, unreadable
from sar.ports.gathering import ReadDocument, ReadPart

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_CONTROL = frozenset(range(32)) - {9, 10, 12, 13, 27}


def decoded(content: bytes) -> str:
    """The text of some bytes: by their mark, as UTF-8, or as Windows-1252; binary data is refused.

    :raises UnreadableItem: the bytes are no text.
    """
    for mark, name in _MARKS:
        if content.startswith(mark):
            return _strictly(content, name)
    if any(byte in _CONTROL for byte in content[:4096]):
        raise unreadable("a file that says it is text and is not")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return _strictly(content, "cp1252")


def _strictly(content: bytes, name: str) -> str:
    try:
        return content.decode(name)
    except UnicodeDecodeError:
        raise unreadable("a text in an encoding we do not know") from None


def read_text(content: bytes, budget: Budget) -> tuple[ReadDocument, ...]:
    """The whole text as one part."""
    text = budget.spend(decoded(content)).replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "")
    return (ReadDocument(parts=(ReadPart(place="text", text=text),), media_type="text/plain"),)
