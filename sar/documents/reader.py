"""Which reader reads which file: told by its first bytes, then by its declared type and name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePosixPath

from sar.documents.limits import MAX_BYTES, MAX_DEPTH, Budget, too_large, unreadable
from sar.documents.mail import read_mail, read_mailbox
from sar.documents.pdf import read_pdf
from sar.documents.plain import read_text
from sar.documents.sheet import read_csv
from sar.documents.word import read_word
from sar.ports.gathering import ReadDocument, ReadPart

PDF = "application/pdf"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
CSV = "text/csv"
MAIL = "message/rfc822"
MAILBOX = "application/mbox"
TEXT = "text/plain"

_BY_SUFFIX = {
    ".pdf": PDF,
    ".docx": WORD,
    ".docm": WORD,
    ".csv": CSV,
    ".eml": MAIL,
    ".mbox": MAILBOX,
    ".mbx": MAILBOX,
    ".txt": TEXT,
    ".text": TEXT,
    ".md": TEXT,
}


class DocumentReading:
    """The ``DocumentReader`` of this program."""

    def read(self, content: bytes, *, name: str, media_type: str = "") -> tuple[ReadDocument, ...]:
        """The documents inside.

        :raises UnreadableItem: it cannot be read; the caller holds it back.
        """
        return self._read(content, name=name, media_type=media_type, depth=0)

    def _read(self, content: bytes, *, name: str, media_type: str, depth: int) -> tuple[ReadDocument, ...]:
        if len(content) > MAX_BYTES:
            raise too_large("a file larger than we read by machine")
        if not content:
            raise unreadable("an empty file")
        if depth > MAX_DEPTH:
            raise unreadable("files inside files, too deep to follow")
        kind = kind_of(content, name=name, media_type=media_type)
        budget = Budget()
        if kind in {MAIL, MAILBOX}:
            read_inner = self._inner(depth)
            return (
                read_mailbox(content, budget, read_inner)
                if kind == MAILBOX
                else (read_mail(content, budget, read_inner),)
            )
        readers: dict[str, Callable[[bytes, Budget], tuple[ReadDocument, ...]]] = {
            PDF: read_pdf,
            WORD: read_word,
            CSV: read_csv,
            TEXT: read_text,
        }
        if kind not in readers:
            raise unreadable("a kind of file this program cannot read")
        return readers[kind](content, budget)

    def _inner(self, depth: int) -> Callable[[bytes, str, str], tuple[ReadPart, ...]]:
        """A reader for what is attached, one floor further down."""

        def read(content: bytes, name: str, media_type: str) -> tuple[ReadPart, ...]:
            documents = self._read(content, name=name, media_type=media_type, depth=depth + 1)
            return tuple(part for document in documents for part in document.parts)

        return read


def kind_of(content: bytes, *, name: str, media_type: str = "") -> str:
    """The media type to read a file as; a lying name does not win over the bytes."""
    head = content[:1024]
    if b"%PDF-" in head:
        return PDF
    suffix = PurePosixPath(name.casefold()).suffix
    if head.startswith(b"PK\x03\x04"):
        return (
            WORD if suffix in {".docx", ".docm", ""} or "wordprocessing" in media_type else "application/zip"
        )
    if _BY_SUFFIX.get(suffix) in {PDF, WORD}:
        raise unreadable("a file whose content is not what its name says")
    if head.startswith(b"From ") and suffix != ".txt":
        return MAILBOX
    declared = media_type.partition(";")[0].strip().casefold()
    return _BY_SUFFIX.get(suffix) or declared or "application/octet-stream"
