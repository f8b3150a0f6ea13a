"""An archive: each file in it a document of its own. Nothing is unpacked to the disk; a name is only a name."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import replace

from sar.documents.inside import Inside, held_back
from sar.documents.limits import MAX_BYTES, MAX_MEMBERS, too_large, unreadable
from sar.documents.package import BROKEN, swells
from sar.domain.errors import UnreadableItem
from sar.ports.gathering import ReadDocument, ReadPart

_END = b"PK\x05\x06"
_END_LENGTH = 22
_LONGEST_COMMENT = 65_535
_ENCRYPTED = 0x1
_BEFORE = "something before the archive, in the same file, that its list does not name: another archive, or other words"
_SECONDS_A_MEMBER = 5.0


def read_archive(content: bytes, inside: Inside) -> tuple[ReadDocument, ...]:
    """The documents inside, each with its path in the archive; one that cannot be read is held back by itself.

    :raises UnreadableItem: the archive is torn, empty, or claims more files than we read by machine.
    """
    if _claimed(content) > MAX_MEMBERS:
        raise too_large("an archive with more files than we read by machine")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            documents = tuple(_documents(archive, inside))
    except (*BROKEN, NotImplementedError):
        raise unreadable("a damaged archive") from None
    if not documents:
        raise unreadable("an archive with nothing in it")
    return documents


def _claimed(content: bytes) -> int:
    """How many files it says it holds, before a list of them is made. 65,535 also means: more."""
    tail = content[-(_END_LENGTH + _LONGEST_COMMENT) :]
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 12:
        return 0
    (count,) = struct.unpack("<H", tail[at + 10 : at + 12])
    return int(count)


def _documents(archive: zipfile.ZipFile, inside: Inside) -> Iterator[ReadDocument]:
    if archive.comment.strip():
        said = inside.part("comment", archive.comment.decode("utf-8", "replace"))
        yield ReadDocument(parts=(said,), media_type="application/zip")
    if _begins_later(archive):
        yield held_back(_BEFORE)
    for info in archive.infolist():
        if info.is_dir() and not info.file_size:
            continue
        name = info.filename
        try:
            inside.budget.wait(_SECONDS_A_MEMBER)
            documents = inside.read(_content(archive, info, inside), name, "")
        except UnreadableItem as fault:
            yield held_back(fault.message, name=name)
            continue
        for document in documents:
            about = (ReadPart(place="file-name", text=name), *_comment(info))
            yield replace(document, parts=(*about, *document.parts))


def _begins_later(archive: zipfile.ZipFile) -> bool:
    """Whether something stands before the first file that the list of the archive names."""
    return min((info.header_offset for info in archive.infolist()), default=0) > 0


def _comment(info: zipfile.ZipInfo) -> tuple[ReadPart, ...]:
    said = info.comment.decode("utf-8", "replace").strip()
    return (ReadPart(place="comment", text=said),) if said else ()


def _content(archive: zipfile.ZipFile, info: zipfile.ZipInfo, inside: Inside) -> bytes:
    if info.flag_bits & _ENCRYPTED:
        raise unreadable("a file in an archive with a password")
    if info.file_size > MAX_BYTES:
        raise too_large("a file larger than we read by machine")
    if swells(info):
        raise too_large("a file that unpacks to far more than it says")
    inside.budget.unpack(info.file_size)
    try:
        return archive.read(info)
    except NotImplementedError:
        raise unreadable("a file packed in a way this program does not know") from None
    except (*BROKEN, RuntimeError):
        raise unreadable("a damaged file in an archive") from None
