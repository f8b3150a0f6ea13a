"""A file in Microsoft's older container: an Outlook message, something embedded, or an Office file before 2007."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

from olefile import OleFileIO
from oxmsg.storage import Storage

from sar.documents.inside import Inside
from sar.documents.kinds import OUTLOOK
from sar.documents.limits import unreadable
from sar.documents.outlook import FAULTS, OutlookMessage
from sar.ports.gathering import ReadDocument, ReadPart

_OLD = {
    "encryptedpackage": "an Office file with a password",
    "worddocument": "a Word file of the kind before 2007: save it as .docx and gather again",
    "workbook": "a workbook of the kind before 2007: save it as .xlsx and gather again",
    "book": "a workbook of the kind before 2007: save it as .xlsx and gather again",
    "powerpoint document": "a presentation of the kind before 2007: save it as .pptx and gather again",
    "visiodocument": "a drawing made with Visio",
}
_FIELDS = "__properties_version1.0"
_NATIVE = "\x01ole10native"
_HOLDS_A_FILE = ("package", "contents", "embeddedodf")


def read_compound(content: bytes, inside: Inside) -> tuple[ReadDocument, ...]:
    """The message, or the file inside.

    :raises UnreadableItem: it is damaged, locked, or of a kind this program cannot read.
    """
    try:
        with OleFileIO(io.BytesIO(content)) as container:
            root = Storage.from_ole(container)
    except (OSError, RecursionError, struct.error, MemoryError, *FAULTS):
        raise unreadable("a damaged file of the kind Office used before 2007") from None
    streams = {stream.name.casefold(): stream.bytes_ for stream in root.streams}
    if _FIELDS in streams:
        return (_message(root, inside),)
    for name, why in _OLD.items():
        if name in streams:
            raise unreadable(why)
    parts = tuple(_files(streams, inside))
    if not parts:
        raise unreadable("a kind of file this program cannot read")
    return (ReadDocument(parts=parts, media_type="application/x-ole-storage"),)


def _message(root: Storage, inside: Inside) -> ReadDocument:
    try:
        message = OutlookMessage(root, inside)
        return ReadDocument(parts=tuple(message.parts()), media_type=OUTLOOK, dated_on=message.sent_on())
    except (RecursionError, struct.error, *FAULTS):
        raise unreadable("an Outlook message that cannot be taken apart") from None


def _files(streams: dict[str, bytes], inside: Inside) -> Iterator[ReadPart]:
    for name in _HOLDS_A_FILE:
        if streams.get(name):
            yield from inside.attached(streams[name], "")
    if _NATIVE in streams:
        found = _native(streams[_NATIVE])
        if found is None:
            yield ReadPart(
                place="unreadable", text="An object is embedded here. Look at it in the file itself."
            )
        else:
            yield from inside.attached(found[1], found[0])


def _native(stream: bytes) -> tuple[str, bytes] | None:
    """The name and bytes of a file that was dropped into a document."""
    try:
        at = 6
        words = []
        for _ in range(2):
            end = stream.index(b"\x00", at)
            words.append(stream[at:end].decode("cp1252", "replace"))
            at = end + 1
        (length,) = struct.unpack_from("<I", stream, at + 4)
        at += 8 + length
        (size,) = struct.unpack_from("<I", stream, at)
    except (ValueError, struct.error):
        return None
    content = stream[at + 4 : at + 4 + size]
    return (words[0], content) if len(content) == size else None
