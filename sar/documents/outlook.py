"""A message saved by Outlook (.msg): fields, recipients, every wording of its text, attachments, messages inside it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from email import message_from_string
from email.message import Message

from oxmsg.domain import constants as c
from oxmsg.domain import model
from oxmsg.properties import Properties
from oxmsg.storage import Storage

from sar.documents.inside import Inside, as_attached
from sar.documents.kinds import TEXT, kind_of
from sar.documents.limits import MAX_DEPTH, MAX_PARTS
from sar.documents.mail import header_parts, sent_on, squeezed, wording_parts
from sar.documents.outlook_streams import (
    bytes_kept,
    bytes_of_programs,
    said_in_numbers,
    words_in,
    words_kept,
)
from sar.documents.outlook_text import unpacked
from sar.documents.rich_text import rich_text_parts
from sar.ports.gathering import ReadPart

_FAULTS = (
    KeyError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    AssertionError,
    OverflowError,
    IndexError,
)
_FAULTS_OF_PAGES = (model.UnrecognizedCodePageError, model.UnsupportedEncodingError)
FAULTS = (*_FAULTS, *_FAULTS_OF_PAGES)
"""How a damaged message surprises its reader; all mean the same here."""
_PROPERTIES_INSIDE = 24
"""Where the fields of a message inside a message begin."""
_WHOLE, _EMBEDDED, _OLE = 1, 5, 6
_RECIPIENTS = {1: "to", 2: "cc", 3: "bcc"}
_RECIPIENT_TYPE = 0x0C15
_RTF = 0x1009
_MESSAGE = f"__substg1.0_{c.PID_ATTACH_DATA_BINARY:04X}000D"
_SENDERS = (
    (c.PID_SENDER_NAME, (c.PID_SENDER_SMTP_ADDRESS, c.PID_SENDER_EMAIL_ADDRESS)),
    (c.PID_SENT_REPRESENTING_NAME, (0x5D02, 0x0065)),
)
_KEPT_AT = (0x370D, 0x3708)
_HANDLED = frozenset(
    {
        c.PID_BODY,
        c.PID_BODY_HTML,
        c.PID_HTML,
        c.PID_SUBJECT,
        c.PID_TRANSPORT_MESSAGE_HEADERS,
        c.PID_INTERNET_MESSAGE_ID,
    }
)
_TECHNICAL = ("AddressType", "MessageClass", "SearchKey", "SubjectPrefix", "EntryId")
_UNKNOWN_NAME = "not recorded in model"


class OutlookMessage:
    """One message, or one message inside another."""

    def __init__(self, storage: Storage, inside: Inside, *, depth: int = 0) -> None:
        self._storage = storage
        self._inside = inside
        self._depth = depth
        offset = _PROPERTIES_INSIDE if depth else model.MSG_HDR_OFFSET
        self._fields = Properties(storage, properties_header_offset=offset)
        listed = {one.pid for one in self._fields if one.ptyp in {c.PTYP_STRING, c.PTYP_STRING8}}
        every = words_kept(storage, self._letters)
        self._kept = [(pid, text) for pid, text in every if pid not in listed]
        """Texts that the list of fields does not name, or names as one of several."""

    def _letters(self) -> str:
        try:
            return str(self._fields.body_encoding)
        except FAULTS:
            return "cp1252"

    def parts(self) -> Iterator[ReadPart]:
        """Everything it says."""
        head = list(self._head())
        yield from head
        body = list(self._wordings())
        yield from body
        yield from self._other_fields({squeezed(p.text) for p in (*head, *body)})
        attached = list(self._storage.iter_attachment_storages())
        for storage in attached[:MAX_PARTS]:
            try:
                yield from self._attachment(storage)
            except FAULTS:
                yield ReadPart(place="unreadable", text="An attachment of the message is damaged.")
        if len(attached) > MAX_PARTS:
            yield ReadPart(
                place="unreadable", text="The message has more attachments than are read by machine."
            )

    def sent_on(self) -> date | None:
        """The day it was sent: by its Date header, else by Outlook's own field."""
        if (on := sent_on(self._headers())) is not None:
            return on
        sent = self._sent_at()
        return sent.date() if sent else None

    def _sent_at(self) -> datetime | None:
        for field in (c.PID_CLIENT_SUBMIT_TIME, c.PID_MESSAGE_DELIVERY_TIME):
            try:
                if found := self._fields.date_prop_value(field):
                    return found
            except FAULTS:
                continue
        return None

    def _text(self, field: int, fields: Properties | None = None) -> str:
        try:
            for one in fields or self._fields:
                if one.pid == field and one.ptyp in {c.PTYP_STRING, c.PTYP_STRING8}:
                    return str(getattr(one, "value", "")).replace("\x00", "").strip()
        except FAULTS:
            return ""  # named among the other fields
        return next((text for pid, text in self._kept if pid == field), "") if fields is None else ""

    def _headers(self) -> Message:
        return message_from_string(self._text(c.PID_TRANSPORT_MESSAGE_HEADERS))

    def _head(self) -> Iterator[ReadPart]:
        said = list(header_parts(self._headers(), self._inside))
        yield from said
        places = {part.place for part in said}
        known = squeezed(" ".join(part.text for part in said))
        for name, addresses in _SENDERS:
            written = _written(self._text(name), next(filter(None, map(self._text, addresses)), ""))
            if written and ("from" not in places or squeezed(self._text(name)) not in known):
                yield self._inside.part("from", written)
                known += squeezed(written)
        yield from self._recipients(known)
        for field, place in ((c.PID_SUBJECT, "subject"), (c.PID_INTERNET_MESSAGE_ID, "message-id")):
            if place not in places and (text := self._text(field)):
                yield self._inside.part(place, text)
        if "date" not in places and (sent := self._sent_at()):
            yield self._inside.part("date", sent.strftime("%Y-%m-%d %H:%M:%S UTC"))

    def _recipients(self, known: str) -> Iterator[ReadPart]:
        """Those in the list of recipients; a header seldom names the blind copies."""
        for storage in self._storage.iter_recipient_storages():
            try:
                fields = Properties(storage, properties_header_offset=model.RECIP_HDR_OFFSET)
                name = self._text(c.PID_DISPLAY_NAME, fields)
                address = self._text(c.PID_SMTP_ADDRESS, fields) or self._text(c.PID_EMAIL_ADDRESS, fields)
                place = _RECIPIENTS.get(fields.int_prop_value(_RECIPIENT_TYPE) or 1, "to")
            except FAULTS:
                yield ReadPart(place="unreadable", text="A recipient of the message is damaged.")
                continue
            written = _written(name, address)
            if place == "bcc" or not squeezed(address or name) or squeezed(address or name) not in known:
                yield self._inside.part(place, written)

    def _wordings(self) -> Iterator[ReadPart]:
        plain = self._text(c.PID_BODY)
        said = {squeezed(plain)}
        yield from wording_parts(plain.replace("\r\n", "\n"), self._inside, is_html=False)
        try:
            page = self._html()
            for part in wording_parts(page, self._inside, is_html=True, said=frozenset(said)):
                said |= {squeezed(part.text)} if part.place == "text" else set()
                yield part
            packed = self._fields.binary_prop_value(_RTF) or bytes_kept(self._storage, _RTF)
        except FAULTS:
            yield ReadPart(place="unreadable", text="A wording of the message could not be read.")
            return
        if packed:
            yield from self._rich(packed, said)

    def _html(self) -> str:
        if raw := self._fields.binary_prop_value(c.PID_HTML) or bytes_kept(self._storage, c.PID_HTML):
            try:
                return raw.decode(self._fields.body_encoding)
            except (LookupError, UnicodeDecodeError, *_FAULTS_OF_PAGES):
                return raw.decode("utf-8", "replace")
        return self._text(c.PID_BODY_HTML)

    def _rich(self, packed: bytes, said: set[str]) -> Iterator[ReadPart]:
        """The rich wording, where it says something the others do not."""
        content = unpacked(packed)
        if content is None:
            yield ReadPart(place="unreadable", text="The rich wording of the message is damaged.")
            return
        for part in rich_text_parts(content, self._inside):
            if part.place not in {"text", "field"} or squeezed(part.text) not in said | {""}:
                yield part

    def _other_fields(self, said: set[str]) -> Iterator[ReadPart]:
        damaged = False
        for field in self._fields:
            if field.pid in _HANDLED or field.ptyp not in {c.PTYP_STRING, c.PTYP_STRING8}:
                continue
            if field.name.endswith(_TECHNICAL):
                continue
            try:
                text = str(getattr(field, "value", "")).replace("\x00", "").strip()
            except FAULTS:
                damaged = True
                continue
            if squeezed(text) and not any(squeezed(text) in known for known in said):
                name = "Outlook field" if field.name == _UNKNOWN_NAME else field.name.removeprefix("PidTag")
                said.add(squeezed(text))
                yield self._inside.part("other-header", f"{name}: {text}")
        for pid, text in self._kept:
            if pid not in _HANDLED and squeezed(text) and not any(squeezed(text) in known for known in said):
                said.add(squeezed(text))
                yield self._inside.part("other-header", f"Outlook field: {text}")
        yield from self._fields_of_programs(said)
        try:
            yield from (self._inside.part("other-header", text) for text in said_in_numbers(self._fields))
        except FAULTS:
            damaged = True
        if damaged:
            yield ReadPart(place="unreadable", text="A field of the message is damaged.")

    def _fields_of_programs(self, said: set[str]) -> Iterator[ReadPart]:
        """Bytes that programs keep in the message: a file in them is read, words are said, the rest is counted."""
        wordless: list[int] = []
        for content in bytes_of_programs(self._storage):
            if kind_of(content, name="") not in {TEXT, "application/octet-stream"}:
                yield from self._inside.attached(content, "", "a field of a program")
            elif not (text := words_in(content)):
                wordless.append(len(content))
            elif not any(squeezed(text) in known for known in said):
                said.add(squeezed(text))
                yield self._inside.part("other-header", f"Outlook field: {text}")
        if wordless:
            count = f"{len(wordless)}, of {sum(wordless)} bytes"
            yield self._inside.part("other-header", f"Outlook fields without words: {count}")

    def _attachment(self, storage: Storage) -> Iterator[ReadPart]:
        fields = Properties(storage, properties_header_offset=model.ATTACH_HDR_OFFSET)
        names = (c.PID_ATTACH_LONG_FILENAME, c.PID_ATTACH_FILENAME, c.PID_DISPLAY_NAME)
        name = next(filter(None, (self._text(n, fields) for n in names)), "")
        method = fields.int_prop_value(c.PID_ATTACH_METHOD)
        message = next((s for s in storage.storages if s.name == _MESSAGE), None)
        if method == _EMBEDDED and message is not None and self._depth < MAX_DEPTH:
            yield self._inside.part("attachment-name", name or "A message")
            inner = OutlookMessage(message, self._inside, depth=self._depth + 1)
            yield from map(as_attached, inner.parts())
        elif method in {_WHOLE, None} and (
            content := fields.binary_prop_value(c.PID_ATTACH_DATA_BINARY)
            or bytes_kept(storage, c.PID_ATTACH_DATA_BINARY)
        ):
            yield from self._inside.attached(content, name, self._text(c.PID_ATTACH_MIME_TAG, fields))
        else:
            yield self._inside.part("attachment-name", name or "An attachment without a name")
            if where := next(filter(None, (self._text(n, fields) for n in _KEPT_AT)), ""):
                yield self._inside.part("link", where)
            yield ReadPart(place="unreadable", text=_why(method))


def _why(method: int | None) -> str:
    if method == _OLE:
        return "An object of another program is attached. Look at it in Outlook."
    if method == _EMBEDDED:
        return "Messages lie too deep inside each other. Look at this one in Outlook."
    return "The attachment is empty, or kept elsewhere. Ask whoever keeps it."


def _written(name: str, address: str) -> str:
    if name and address and name != address:
        return f'"{name}" <{address}>' if "," in name else f"{name} <{address}>"
    return name or address
