"""What is wrong with a part of a mail: cut off, packed otherwise than it says, lines that are no header."""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import errors
from email.message import Message

from sar.documents.plain import as_lines, decoded
from sar.domain.errors import UnreadableItem
from sar.ports.gathering import ReadPart

_CUT = "ends before its last part is finished: it was cut off, or is damaged"
_NO_PARTS = "says that it has parts, and they cannot be told apart: its words are kept as they stand"
_UNPACKED = "is not packed as it says: what could be read is kept, and the words between as they stand"
_HEAD = "has a line among its headers that is none: it is kept as it stands"
_UNKNOWN_PACKING = "is packed in a way this program does not know: its words are kept as they stand"
_WORDS: dict[type[errors.MessageDefect], str] = {
    errors.CloseBoundaryNotFoundDefect: _CUT,
    errors.NoBoundaryInMultipartDefect: _NO_PARTS,
    errors.StartBoundaryNotFoundDefect: _NO_PARTS,
    errors.MultipartInvariantViolationDefect: _NO_PARTS,
    errors.InvalidMultipartContentTransferEncodingDefect: "says of its parts together how they are packed",
    errors.InvalidBase64CharactersDefect: _UNPACKED,
    errors.InvalidBase64PaddingDefect: "is not packed as it says, or was cut off: what could be read is kept",
    errors.InvalidBase64LengthDefect: "is not packed as it says, or was cut off: what could be read is kept",
    errors.FirstHeaderLineIsContinuationDefect: _HEAD,
    errors.MisplacedEnvelopeHeaderDefect: _HEAD,
    errors.InvalidHeaderDefect: _HEAD,
    errors.MissingHeaderBodySeparatorDefect: "has no empty line after its headers: the rest is taken for its words",
}
_TWICE = "says more than once what it is or how it is packed, and not the same: the first was followed"
_OTHER = "is damaged"
_BROKEN_PACKING = errors.InvalidBase64CharactersDefect
_PACKINGS = frozenset(
    {
        "",
        "7bit",
        "8bit",
        "binary",
        "quoted-printable",
        "base64",
        "x-uuencode",
        "uuencode",
        "uue",
        "x-uue",
    }
)
_PACKED_LINE = re.compile(r"[A-Za-z0-9+/]{60,}={0,2}")
"""A line of a packed file, which holds no words: no word is so long."""


def damage(part: Message) -> Iterator[ReadPart]:
    """That a part is damaged, and why; the words that would be lost with it."""
    defects = _defects(part)
    if _packing(part) not in _PACKINGS and not part.is_multipart():
        yield _said(_UNKNOWN_PACKING)
    if any(len(set(part.get_all(name, ()))) > 1 for name in ("Content-Type", "Content-Transfer-Encoding")):
        yield _said(_TWICE)
    for words in dict.fromkeys(_WORDS.get(type(defect), _OTHER) for defect in defects):
        yield _said(words)
    for defect in defects:
        if line := as_lines(defect.line or "").strip() if hasattr(defect, "line") else "":
            yield ReadPart(place="other-header", text=line)


def is_unpacked(part: Message) -> bool:
    """Whether a part is not packed as it says, and its words may stand there open."""
    return any(isinstance(d, _BROKEN_PACKING) for d in _defects(part))


def words_between(part: Message) -> str:
    """What stands open in a part that says it is packed."""
    raw = part.get_payload()
    lines = as_lines(raw if isinstance(raw, str) else "").split("\n")
    text = "\n".join(line for line in lines if not _PACKED_LINE.fullmatch(line.strip()))
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").strip()


def is_noise(payload: bytes) -> bool:
    """Whether bytes are what open words become when they are unpacked."""
    try:
        decoded(payload)
    except UnreadableItem:
        return True
    return False


def _said(words: str) -> ReadPart:
    return ReadPart(
        place="unreadable", text=f"A part of the message {words}. Look at it in the message itself."
    )


def _packing(part: Message) -> str:
    return str(part.get("Content-Transfer-Encoding", "")).partition(";")[0].strip().casefold()


def _defects(part: Message) -> list[errors.MessageDefect]:
    if part.is_multipart():
        return list(part.defects)
    seen = list(part.defects)
    part.get_payload(decode=True)  # notes on the part what is wrong with its packing
    if _packing(part) != "base64":
        return seen
    spaced = not _open_signs(part)
    return [d for d in part.defects if not (spaced and isinstance(d, _BROKEN_PACKING))]


def _open_signs(part: Message) -> bool:
    """Whether a packed part holds more than packing; blanks at the ends of lines do no harm."""
    raw = part.get_payload()
    text = raw if isinstance(raw, str) else ""
    packed = "".join(text.split())
    return any(
        not re.fullmatch(r"[A-Za-z0-9+/=]*", line.strip()) for line in as_lines(text).split("\n")
    ) or "=" in packed.rstrip("=")
