"""How parts of a mail are packed beyond what the parser undoes: named encodings, messages and files inside."""

from __future__ import annotations

import base64
import binascii
import codecs
import quopri
import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import Message

from sar.documents.kinds import CSV, HTML, TEXT, kind_of
from sar.domain.errors import UnreadableItem

_PACKED_FILE = re.compile(
    r"^begin(?P<how>-base64)? [0-7]{3,4} (?P<name>[^\n]+)\n(?P<lines>.*?)\n(?:end|====)[ \t]*$",
    re.MULTILINE | re.DOTALL,
)
_SEVEN_BITS = ("iso-2022", "iso2022", "utf-7", "utf7", "hz")
_AS_IT_STANDS = policy.compat32.clone(max_line_length=None)


def named_encoding(content: bytes, charset: str, *, name: str, kind: str) -> bytes:
    """An attached text in UTF-8, when it is in the encoding its part names and would not be known by itself."""
    try:
        if kind_of(content, name=name, media_type=kind) not in {TEXT, CSV, HTML}:
            return content
        is_hidden = content.isascii() and charset.startswith(_SEVEN_BITS)
        if not is_hidden and _is_utf_8(content):
            return content
        return codecs.BOM_UTF8 + content.decode(charset).encode()
    except (LookupError, UnicodeError, UnreadableItem):
        return content  # its own reader finds out what it is, or says that it cannot


def _is_utf_8(content: bytes) -> bool:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def unpacked_message(outer: Message, inner: Message) -> Message:
    """A message in a message, also where it is packed, which it should not be and some programs do."""
    packing = str(outer.get("Content-Transfer-Encoding", "")).strip().casefold()
    if packing not in {"base64", "quoted-printable"}:
        return inner
    raw = inner.as_bytes(policy=_AS_IT_STANDS)
    try:
        content = base64.b64decode(raw) if packing == "base64" else quopri.decodestring(raw)
    except binascii.Error:
        return inner
    unpacked = message_from_bytes(content)
    return unpacked if unpacked.keys() else inner


def files_between(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The words of a part without the files packed among them (uuencode), and those files.

    What cannot be unpacked stays among the words.
    """
    files: list[tuple[str, bytes]] = []
    words: list[str] = []
    at = 0
    for found in _PACKED_FILE.finditer(text):
        try:
            content = b"".join(_lines(found["lines"], is_base64=bool(found["how"])))
        except (binascii.Error, ValueError):
            continue
        words.append(text[at : found.start()])
        files.append((found["name"].strip(), content))
        at = found.end()
    return "".join([*words, text[at:]]), files


def _lines(packed: str, *, is_base64: bool) -> Iterator[bytes]:
    for line in packed.split("\n"):
        if is_base64:
            yield base64.b64decode(line)
        elif line.strip():
            yield _line(line)


def _line(line: str) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:
        # Some programs pad the last line with what they had in memory.
        return binascii.a2b_uu(line[: (((ord(line[0]) - 32) & 63) * 4 + 5) // 3])
