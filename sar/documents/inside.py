"""What a reader may use besides the bytes: time, the words in pictures, and readers for what is inside."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sar.documents.limits import Budget
from sar.domain.errors import UnreadableItem
from sar.ports.gathering import UNREADABLE, ReadDocument, ReadPart

Recognise = Callable[[bytes, Budget], str]
"""The words in a picture (PNG); raises UnreadableItem, naming the program to install, when it cannot."""

_HEADERS = {
    "from": "From",
    "to": "To",
    "cc": "Copied to",
    "bcc": "Blind copied to",
    "reply-to": "Replies to",
    "date": "Date",
    "subject": "Subject",
    "message-id": "Message-ID",
    "filed-under": "Filed under",
}
# What these say of the words would be lost if an attachment's words were only called attached.
_KEPT = frozenset(
    {"attachment-name", "comment", "deleted", "inserted", "moved", "hidden", "unreadable", "scan", "macro"}
)


_DOUBTFUL = (
    "The words in a picture or scan are hard to make out by machine: handwriting, a poor copy, or no words at all. "
    "Look at it in the file itself."
)


class DoubtfulWords(str):
    """Words recognised in a picture of which many may be wrong."""

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """Handed to every reader."""

    budget: Budget
    recognise: Recognise
    read: Callable[[bytes, str, str], tuple[ReadDocument, ...]]
    """Content, name and media type of something inside, one floor further down."""

    def part(self, place: str, text: str) -> ReadPart:
        """A part, paid for."""
        return ReadPart(place=place, text=self.budget.spend(text))

    def scanned(self, words: str) -> Iterator[ReadPart]:
        """What was recognised in a picture; besides, where it is doubtful, that a person must look at it."""
        yield self.part("scan", words)
        if isinstance(words, DoubtfulWords):
            yield ReadPart(place="unreadable", text=_DOUBTFUL)

    def attached(self, content: bytes, name: str, media_type: str = "") -> Iterator[ReadPart]:
        """The parts of something that is inside a document; in its place the reason when it cannot be read."""
        yield self.part("attachment-name", name or media_type or "an attachment without a name")
        try:
            documents = self.read(content, name, media_type)
        except UnreadableItem as fault:
            yield ReadPart(place="unreadable", text=f"Something inside could not be read: {fault.message}.")
            return
        for document in documents:
            yield from map(as_attached, document.parts)


def as_attached(part: ReadPart) -> ReadPart:
    """The part as it stands in what it is attached to: another mail's sender is not the sender of this one."""
    if part.place in _KEPT:
        return part
    heading = _HEADERS.get(part.place, "")
    if part.place.startswith("column:"):
        heading = part.place.removeprefix("column:").strip()
    return ReadPart(place="attachment", text=f"{heading}: {part.text}" if heading else part.text)


def held_back(reason: str, *, name: str = "", words: str = "") -> ReadDocument:
    """One document among several that could not be read: its name, why, and what words could be saved."""
    parts = [("file-name", name), ("unreadable", reason), ("other", words)]
    return ReadDocument(
        parts=tuple(ReadPart(place=place, text=text) for place, text in parts if text), media_type=UNREADABLE
    )
