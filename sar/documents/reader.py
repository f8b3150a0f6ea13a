"""Which reader reads which file, and how far down into files inside files it goes."""

from __future__ import annotations

from collections.abc import Callable

from sar.documents.archive import read_archive
from sar.documents.compound import read_compound
from sar.documents.html import read_html
from sar.documents.inside import Inside, Recognise
from sar.documents.kinds import (
    COMPOUND,
    CSV,
    HTML,
    MAIL,
    MAILBOX,
    OFFICE,
    PDF,
    PICTURE,
    RICH_TEXT,
    TEXT,
    WORD,
    WORKBOOK,
    XML,
    ZIP,
    kind_of,
)
from sar.documents.limits import MAX_BYTES, MAX_DEPTH, Budget, too_large, unreadable
from sar.documents.mail import read_mail
from sar.documents.mailbox import read_mailbox
from sar.documents.office import read_office
from sar.documents.pdf import read_pdf
from sar.documents.picture import read_picture
from sar.documents.plain import read_text
from sar.documents.recognition import recognised
from sar.documents.rich_text import read_rich_text
from sar.documents.sheet import read_csv
from sar.documents.word import read_word
from sar.documents.workbook import read_workbook
from sar.documents.xml import read_xml
from sar.ports.gathering import ReadDocument

_READERS: dict[str, Callable[[bytes, Inside], tuple[ReadDocument, ...]]] = {
    PDF: read_pdf,
    WORD: read_word,
    WORKBOOK: read_workbook,
    OFFICE: read_office,
    COMPOUND: read_compound,
    ZIP: read_archive,
    CSV: read_csv,
    MAIL: read_mail,
    MAILBOX: read_mailbox,
    RICH_TEXT: read_rich_text,
    HTML: read_html,
    XML: read_xml,
    PICTURE: read_picture,
    TEXT: read_text,
}


class DocumentReading:
    """The ``DocumentReader`` of this program."""

    def __init__(self, *, recognise: Recognise = recognised) -> None:
        self._recognise = recognise

    def read(self, content: bytes, *, name: str, media_type: str = "") -> tuple[ReadDocument, ...]:
        """The documents inside. One of several that cannot be read is among them, as ``UNREADABLE``.

        :raises UnreadableItem: it cannot be read at all; the caller holds it back.
        """
        return self._read(content, name, media_type, outer=None, depth=0)

    def _read(
        self, content: bytes, name: str, media_type: str, *, outer: Budget | None, depth: int
    ) -> tuple[ReadDocument, ...]:
        if len(content) > MAX_BYTES:
            raise too_large("a file larger than we read by machine")
        if not content:
            raise unreadable("an empty file")
        if depth > MAX_DEPTH:
            raise unreadable("files inside files, too deep to follow")
        reader = _READERS.get(kind_of(content, name=name, media_type=media_type))
        if reader is None:
            raise unreadable("a kind of file this program cannot read")
        budget = Budget(outer)
        inside = Inside(
            budget=budget,
            recognise=self._recognise,
            read=lambda inner, its_name, its_type: self._read(
                inner, its_name, its_type, outer=budget, depth=depth + 1
            ),
        )
        return reader(content, inside)
