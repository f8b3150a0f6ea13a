"""Mail: every header of interest, nested messages, quoted text kept, attachments read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, datetime
from email import message_from_bytes, policy
from email.errors import HeaderParseError
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from html.parser import HTMLParser

from sar.documents.limits import MAX_PARTS, Budget, too_large, unreadable
from sar.documents.plain import decoded
from sar.domain.errors import UnreadableItem
from sar.ports.gathering import ReadDocument, ReadPart

UNREADABLE = "message/unreadable"
"""The media type of a message in a mailbox that could not be taken apart."""

ReadInner = Callable[[bytes, str, str], tuple[ReadPart, ...]]

_HEADERS = {
    "From": "from",
    "Sender": "from",
    "To": "to",
    "Cc": "cc",
    "Bcc": "bcc",
    "Reply-To": "reply-to",
    "Date": "date",
    "Subject": "subject",
    "Message-ID": "message-id",
    "X-Filed-Under": "filed-under",
}
_OTHER = (
    "Importance",
    "Sensitivity",
    "Thread-Topic",
    "Keywords",
    "Comments",
    "X-Original-To",
    "Delivered-To",
)
_SEPARATOR = re.compile(rb"^From .*$", re.MULTILINE)


def read_mailbox(content: bytes, budget: Budget, inner: ReadInner) -> tuple[ReadDocument, ...]:
    """Every message of an mbox, in order. One that cannot be taken apart is marked as such, for the caller."""
    if not content.startswith(b"From "):
        raise unreadable("a mailbox without its first line")
    return tuple(_message(raw, budget, inner) for raw in _messages(content))


def _message(raw: bytes, budget: Budget, inner: ReadInner) -> ReadDocument:
    try:
        return read_mail(raw, budget, inner)
    except UnreadableItem as fault:
        if fault.field == "too-large":
            raise
        said = decoded(raw) if b"\x00" not in raw else ""
        return ReadDocument(parts=(ReadPart(place="other", text=said),), media_type=UNREADABLE)


def _messages(content: bytes) -> Iterator[bytes]:
    starts = [m.start() for m in _SEPARATOR.finditer(content) if _opens(content, m.start())]
    if len(starts) > MAX_PARTS * 100:
        raise too_large("a mailbox with more messages than we read by machine")
    for start, end in zip(starts, [*starts[1:], len(content)], strict=True):
        _, _, message = content[start:end].partition(b"\n")
        yield re.sub(rb"(?m)^>(>*From )", rb"\1", message)


def _opens(content: bytes, at: int) -> bool:
    """A line that starts with From opens a message only after an empty line."""
    return at == 0 or content[max(0, at - 3) : at].endswith((b"\n\n", b"\n\r\n"))


def read_mail(content: bytes, budget: Budget, inner: ReadInner) -> ReadDocument:
    """One message."""
    try:
        message = message_from_bytes(content, policy=policy.default)
        parts = list(_parts(message, budget, inner))
    except (ValueError, LookupError, RecursionError, AttributeError, IndexError, KeyError, TypeError):
        # The standard library's mail parser fails in many ways on hostile headers; all mean the same here.
        raise unreadable("a mail that cannot be taken apart") from None
    return ReadDocument(parts=tuple(parts), media_type="message/rfc822", dated_on=_sent_on(message))


def _parts(message: EmailMessage, budget: Budget, inner: ReadInner) -> Iterator[ReadPart]:
    headers = list(_headers(message))
    for header, place in _HEADERS.items():
        for value in (v for name, v in headers if name == header.casefold()):
            yield ReadPart(place=place, text=budget.spend(value))
    for header in _OTHER:
        for value in (v for name, v in headers if name == header.casefold()):
            yield ReadPart(place="other-header", text=budget.spend(f"{header}: {value}"))
    yield from _content(message, budget, inner)


def _headers(message: EmailMessage) -> Iterator[tuple[str, str]]:
    """Headers decoded where they can be; as they stand where the library gives up on them."""
    for name, raw in message.raw_items():
        try:
            value = str(message.policy.header_fetch_parse(name, raw))
        except (ValueError, LookupError, AttributeError, TypeError, HeaderParseError):
            value = str(raw)
        yield name.casefold(), _clean(value)


def _content(message: EmailMessage, budget: Budget, inner: ReadInner) -> Iterator[ReadPart]:
    if message.get_content_type() == "multipart/alternative":
        yield from _alternative(message, budget, inner)
    elif message.get_content_type() == "message/rfc822":
        nested = [m for m in message.iter_parts() if isinstance(m, EmailMessage)]
        for one in nested:
            yield from (_as_attached(p) for p in _parts(one, budget, inner))
    elif message.is_multipart():
        for part in message.iter_parts():
            if isinstance(part, EmailMessage):
                yield from _content(part, budget, inner)
    else:
        yield from _leaf(message, budget, inner)


def _alternative(message: EmailMessage, budget: Budget, inner: ReadInner) -> Iterator[ReadPart]:
    """The plain wording; another only when there is no plain one, or when it says something else."""
    wordings = [m for m in message.iter_parts() if isinstance(m, EmailMessage)]
    plain = [m for m in wordings if m.get_content_type() == "text/plain"]
    said = {_squeezed(_text(m)) for m in plain}
    for wording in wordings:
        if wording in plain or wording.is_multipart() or _squeezed(_text(wording)) not in said:
            yield from _content(wording, budget, inner)


def _leaf(part: EmailMessage, budget: Budget, inner: ReadInner) -> Iterator[ReadPart]:
    name = part.get_filename() or ""
    if part.get_content_maintype() == "text" and not name:
        if text := _text(part).strip():
            yield ReadPart(place="text", text=budget.spend(text))
        return
    yield ReadPart(place="attachment-name", text=budget.spend(_clean(name) or part.get_content_type()))
    payload = part.get_payload(decode=True)
    try:
        for found in inner(payload if isinstance(payload, bytes) else b"", name, part.get_content_type()):
            yield _as_attached(found)
    except UnreadableItem as unread:
        yield ReadPart(
            place="attachment", text=f"This attachment could not be read by machine: {unread.message}."
        )


def _as_attached(part: ReadPart) -> ReadPart:
    return ReadPart(
        place="attachment-name" if part.place == "attachment-name" else "attachment", text=part.text
    )


def _text(part: EmailMessage) -> str:
    payload = part.get_payload(decode=True)
    content = payload if isinstance(payload, bytes) else b""
    charset = part.get_content_charset()
    try:
        text = content.decode(charset) if charset else decoded(content)
    except (LookupError, UnicodeDecodeError):
        text = decoded(content)
    text = text.replace("\r\n", "\n").replace("\x00", "")
    return _from_html(text) if part.get_content_type() == "text/html" else text


def _sent_on(message: EmailMessage) -> date | None:
    value = next((v for name, v in _headers(message) if name == "date"), "")
    try:
        sent: datetime = parsedate_to_datetime(value)
    except ValueError:
        return None
    return sent.date()


def _clean(value: str) -> str:
    return " ".join(value.replace("\x00", "").split())


def _squeezed(text: str) -> str:
    return "".join(c for c in text if c.isalnum()).casefold()


class _Words(HTMLParser):
    """The words of an HTML mail, hidden ones included; scripts and styles are not words."""

    _BLOCKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "blockquote", "table"})
    _SILENT = frozenset({"script", "style", "title"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Blocks begin a line; an image's alternative text is words."""
        self._silent += tag in self._SILENT
        if tag in self._BLOCKS:
            self.pieces.append("\n")
        self.pieces += [f" {value} " for key, value in attrs if key == "alt" and value]

    def handle_endtag(self, tag: str) -> None:
        """Leave a script or style."""
        self._silent -= tag in self._SILENT and self._silent > 0

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self._silent:
            self.pieces.append(data)


def _from_html(markup: str) -> str:
    words = _Words()
    words.feed(markup)
    words.close()
    lines = (" ".join(line.split()) for line in "".join(words.pieces).split("\n"))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
