"""Mail: every header, every wording of the text, nested messages, every attachment; what is locked is named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from datetime import date
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.message import Message
from email.utils import parsedate_to_datetime

from sar.documents.html import Page, kept_inside
from sar.documents.inside import Inside, as_attached
from sar.documents.limits import MAX_PARTS, unreadable
from sar.documents.mail_damage import damage, is_noise, is_unpacked, words_between
from sar.documents.mail_locked import locked
from sar.documents.mail_packing import files_between, named_encoding, unpacked_message
from sar.documents.plain import as_lines, decoded
from sar.domain.errors import UnreadableItem
from sar.ports.gathering import ReadDocument, ReadPart

MAIL = "message/rfc822"
HEADERS = {
    "from": "from",
    "sender": "from",
    "to": "to",
    "cc": "cc",
    "bcc": "bcc",
    "reply-to": "reply-to",
    "date": "date",
    "subject": "subject",
    "message-id": "message-id",
    "x-filed-under": "filed-under",
}
# They say how the message is packed, and are followed in reading it; the names of files in them are kept.
_PACKING = frozenset({"mime-version", "content-type", "content-transfer-encoding", "content-disposition"})
_BEFORE_PARTS = "thisisamultipartmessageinmimeformat"
_REST = "The message holds more parts than are read by machine. Look at the rest in the message itself."
_DEEP = "The message holds messages too deep inside each other. Look at the rest in the message itself."
_DEEPEST = 12
_MOST_BOUNDARIES = 1000
_RICH_TEXT = "text/rtf"
_WIDE = ("utf-16", "utf-32")
_BLANKS = re.compile(r"\s+")
_BETWEEN = re.compile(r"(?!(?<=\d)[ .,:/+\-\u2212](?=\d)|[<>\u00b1](?= ?\d)|[+\-\u2212](?=\d))[\W_]")
"""A sign that makes no difference; "1.5", "1 5", "-15" and "< 15" are not "15"."""
# Ids by which parts find each other; a description is said where the part is.
_OF_PARTS = frozenset({*_PACKING, "content-id", "x-attachment-id", "content-description"})


def read_mail(content: bytes, inside: Inside) -> tuple[ReadDocument, ...]:
    """One message."""
    if content.lower().count(b"boundary=") > _MOST_BOUNDARIES:
        # The parser takes longer and longer over parts inside each other, and nobody could stop it.
        raise unreadable("a mail with more parts inside each other than are taken apart")
    try:
        message = message_from_bytes(content)
        parts = tuple(_Taking(inside).apart(message))
        on = sent_on(message)
    except (ValueError, LookupError, RecursionError, AttributeError, TypeError):
        # The standard library's mail parser fails in many ways on hostile headers; all mean the same here.
        raise unreadable("a mail that cannot be taken apart") from None
    return (ReadDocument(parts=parts, media_type=MAIL, dated_on=on),)


def header_parts(message: Message, inside: Inside) -> Iterator[ReadPart]:
    """Every header: those of a letter's head in their own places, the others with their names."""
    headers = [(name, value) for name, value in _headers(message) if value]
    for header, place in HEADERS.items():
        yield from (inside.part(place, value) for name, value in headers if name.casefold() == header)
    for name, value in headers:
        if name.casefold() not in HEADERS and name.casefold() not in _PACKING:
            yield inside.part("other-header", f"{name}: {value}")


def _headers(message: Message) -> Iterator[tuple[str, str]]:
    return ((name, as_words(raw)) for name, raw in message.raw_items())


def as_words(raw: object) -> str:
    """A header or name as it reads: unfolded, its letters decoded where they can be, else as it stands."""
    text = str(raw)
    if not text.isascii():
        # Bytes of an encoding nobody named; the parser keeps them as half letters.
        text = _somehow(text.encode("utf-8", "surrogateescape"))
    if "=?" in text:
        # Where the library gives up on it, it is said as it stands.
        with suppress(ValueError, LookupError, AttributeError, TypeError, HeaderParseError):
            text = str(policy.default.header_fetch_parse("Subject", text))
    return " ".join(text.replace("\x00", "").split())


def sent_on(message: Message) -> date | None:
    """The day of the Date header, by the sender's clock."""
    value = next((v for name, v in _headers(message) if name.casefold() == "date"), "")
    try:
        return parsedate_to_datetime(value).date()
    except (ValueError, TypeError, OverflowError):
        return None


def wording_parts(
    text: str, inside: Inside, *, is_html: bool, said: frozenset[str] = frozenset()
) -> Iterator[ReadPart]:
    """One wording of a message: its words unless another wording says the same, and what its markup hides."""
    page = Page(text) if is_html else None
    shown = page.shown if page else text.strip()
    if shown and squeezed(shown) not in said:
        yield inside.part("text", shown)
    if "-----BEGIN PGP MESSAGE-----" in shown:
        yield ReadPart(place="unreadable", text="Words of this message are encrypted (PGP). Ask for the key.")
    if page:
        yield from (inside.part(place, words) for place, words in page.beside)
        yield from kept_inside(page, inside)
        if page.left_out:
            yield ReadPart(place="other", text=f"The message also holds {page.not_words}")


def squeezed(text: str) -> str:
    """Letters and numbers only, to compare two wordings."""
    return _BETWEEN.sub("", _BLANKS.sub(" ", text)).casefold()


class _Taking:
    """One message being taken apart; counts its parts, however deep they lie."""

    def __init__(self, inside: Inside) -> None:
        self._inside = inside
        self._count = 0
        self._has_said = False

    def apart(self, message: Message, depth: int = 0) -> Iterator[ReadPart]:
        yield from header_parts(message, self._inside)
        yield from self._content(message, depth)

    def _content(self, message: Message, depth: int) -> Iterator[ReadPart]:
        self._count += 1
        if self._count > MAX_PARTS or depth > _DEEPEST:
            if not self._has_said:
                yield ReadPart(place="unreadable", text=_REST if depth <= _DEEPEST else _DEEP)
            self._has_said = True
            return
        kind = message.get_content_type()
        yield from self._damage(message)
        if (said := locked(message)) is not None:
            yield said
            if said.place == "unreadable":
                return
        if kind.startswith("multipart/"):
            yield from self._several(message, kind, depth)
        elif isinstance(message.get_payload(), list):
            yield from self._nested(message, depth)
        elif said is None:
            yield from self._leaf(message, kind)

    def _damage(self, part: Message) -> Iterator[ReadPart]:
        yield from damage(part)
        if is_unpacked(part) and (words := words_between(part)):
            yield self._inside.part("text", words)

    def _several(self, message: Message, kind: str, depth: int) -> Iterator[ReadPart]:
        for words in (message.preamble, message.epilogue):
            if words and squeezed(words) and not squeezed(words).startswith(_BEFORE_PARTS):
                yield self._inside.part("hidden", as_lines(words).strip())
        payload = message.get_payload()
        if not isinstance(payload, list):
            # A message that says it has parts, and has none: its words are kept as they stand.
            yield self._inside.part("text", as_lines(str(payload)).strip())
            return
        if kind == "multipart/alternative":
            yield from self._alternatives([m for m in payload if isinstance(m, Message)], depth)
            return
        for part in payload:
            if isinstance(part, Message):
                yield from self._part(part, depth)

    def _part(self, part: Message, depth: int) -> Iterator[ReadPart]:
        """One of several, with what its own headers say."""
        yield from self._said_of(part)
        yield from self._content(part, depth)

    def _said_of(self, part: Message) -> Iterator[ReadPart]:
        for name, value in _headers(part):
            if value and name.casefold() not in _OF_PARTS:
                yield self._inside.part("other-header", f"{name}: {value}")

    def _alternatives(self, wordings: list[Message], depth: int) -> Iterator[ReadPart]:
        """The plain wording, and of every other what it says beyond that."""
        plain = [m for m in wordings if m.get_content_type() == "text/plain" and not m.get_filename()]
        said = frozenset(squeezed(text_of(m)) for m in plain)
        for wording in wordings:
            if wording.get_content_type() == "text/html" and not wording.get_filename():
                self._count += 1
                yield from self._said_of(wording)
                yield from self._damage(wording)
                yield from wording_parts(text_of(wording), self._inside, is_html=True, said=said)
            else:
                yield from self._part(wording, depth)

    def _nested(self, message: Message, depth: int) -> Iterator[ReadPart]:
        """A message in the message, or the headers of a report about one."""
        if description := as_words(message.get_filename() or message.get("Content-Description", "")):
            yield self._inside.part("attachment-name", description)
        payload = message.get_payload()
        for one in payload if isinstance(payload, list) else ():
            if isinstance(one, Message):
                unpacked = unpacked_message(message, one)
                yield from (as_attached(part) for part in self.apart(unpacked, depth + 1))

    def _leaf(self, part: Message, kind: str) -> Iterator[ReadPart]:
        name = as_words(part.get_filename() or "")
        if description := as_words(part.get("Content-Description", "")):
            yield self._inside.part("attachment-name", description)
        if not name and kind == "text/calendar":
            yield self._inside.part("calendar", text_of(part).replace("\n ", "").strip())
        elif not name and kind == "text/html":
            yield from wording_parts(text_of(part), self._inside, is_html=True)
        elif not name and kind.startswith("text/") and kind != _RICH_TEXT:
            words, files = files_between(text_of(part))
            yield from wording_parts(words, self._inside, is_html=False)
            for its_name, content in files:
                yield from self._inside.attached(content, its_name)
        else:
            payload = part.get_payload(decode=True)
            content = payload if isinstance(payload, bytes) else b""
            if charset := part.get_content_charset() if kind.startswith("text/") else None:
                content = named_encoding(content, charset, name=name, kind=kind)
            yield from self._inside.attached(content, name, kind)


def text_of(part: Message) -> str:
    """The words of a part in the encoding it names, or the one it is really in."""
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    if is_unpacked(part) and is_noise(content):
        return ""  # its words stand open, and are kept as they stand
    charset = part.get_content_charset()
    if charset and charset.startswith(_WIDE) and b"\x00" not in content and content.isascii():
        charset = ""  # words in letters of one byte, whatever the part says
    try:
        text = content.decode(charset) if charset else decoded(content)
    except (LookupError, UnicodeDecodeError, UnreadableItem):
        text = _somehow(content)
    return as_lines(text)


def _somehow(content: bytes) -> str:
    try:
        return decoded(content)
    except UnreadableItem:
        # Better a sign for each letter we cannot tell than no message.
        return content.decode("utf-8", "replace")
