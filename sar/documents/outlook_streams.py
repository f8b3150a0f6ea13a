"""What an Outlook message keeps beside its list of fields: lists of words, days, how secret it is, unlisted fields."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from oxmsg.domain import constants as c
from oxmsg.properties import Properties
from oxmsg.storage import Storage

_STREAM = re.compile(
    r"__substg1\.0_(?P<field>[0-9A-F]{4})(?P<many>[01])01(?P<kind>[EF])(?P<item>-[0-9A-F]{8})?"
)
_OF_PROGRAMS = re.compile(r"__substg1\.0_[89A-F][0-9A-F]{3}(0102|1102-[0-9A-F]{8})", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]{3}")
_WIDE = re.compile(rb"(?:(?:[\x20-\x7e\xa0-\xff]\x00|[\x01-\xff][\x01-\x05])){4,}")
_NARROW = re.compile(rb"(?:[\x20-\x7e\t\r\n]|[\xc3-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}){5,}")
"""Letters of two bytes (Latin, Greek, Cyrillic) and of one to three, several after one another."""
_SENT_OR_SAVED = frozenset({c.PID_CLIENT_SUBMIT_TIME, c.PID_MESSAGE_DELIVERY_TIME, 0x3007, 0x3008})
_YEARS = range(1900, 2200)
"""Outside of them a day means that there is none."""
_DAYS = {
    0x0060: "Begins",
    0x0061: "Ends",
    0x000F: "To be delivered",
    0x0015: "Expires",
    0x0032: "Asked for a receipt",
}
_NUMBERS = {
    0x0036: {1: "Sensitivity: personal", 2: "Sensitivity: private", 3: "Sensitivity: confidential"},
    0x0017: {0: "Importance: low", 2: "Importance: high"},
}


def words_kept(storage: Storage, encoding: Callable[[], str]) -> Iterator[tuple[int, str]]:
    """Every text of a message with the number of its field, whether its list of fields names it or not."""
    for stream in storage.streams:
        found = _STREAM.fullmatch(stream.name.upper().replace("__SUBSTG", "__substg"))
        if found is None or (found["many"] == "1" and not found["item"]):
            continue
        letters = "utf-16-le" if found["kind"] == "F" else encoding()
        text = stream.bytes_.decode(letters, "replace").replace("\x00", "").strip()
        if text:
            yield int(found["field"], 16), text


def bytes_kept(storage: Storage, field: int) -> bytes:
    """The bytes of a field that the list of fields does not name; none when it is not there."""
    name = f"__substg1.0_{field:04X}{c.PTYP_BINARY:04X}"
    return next((bytes(s.bytes_) for s in storage.streams if s.name.casefold() == name.casefold()), b"")


def bytes_of_programs(storage: Storage) -> Iterator[bytes]:
    """What programs keep as bytes in fields of their own, which the standard does not number."""
    for stream in storage.streams:
        if _OF_PROGRAMS.fullmatch(stream.name) and stream.bytes_:
            yield bytes(stream.bytes_)


def words_in(content: bytes) -> str:
    """The words among bytes, in the letters of Windows' fields or of the net; empty where there are none."""
    for letters in ("utf-8", "utf-16-le"):
        try:
            text = content.decode(letters).strip("\x00").strip()
        except UnicodeDecodeError:
            continue
        if text.isprintable() and _WORD.search(text) and text.isascii():
            return text
    pieces = [m.group().decode("utf-16-le") for m in _WIDE.finditer(content)]
    rest = _WIDE.sub(b"\x00", content)
    pieces += [m.group().decode("utf-8", "replace") for m in _NARROW.finditer(rest)]
    return " … ".join(text.strip() for text in pieces if _WORD.search(text))


def said_in_numbers(fields: Properties) -> Iterator[str]:
    """Days other than that of sending (an appointment's, a reminder's), how secret and how urgent it is."""
    for field in fields:
        if field.ptyp == c.PTYP_TIME and field.pid not in _SENT_OR_SAVED:
            on = getattr(field, "value", None)
            if on is not None and on.year in _YEARS:
                yield f"{_DAYS.get(field.pid, 'Outlook date')}: {on:%Y-%m-%d %H:%M} UTC"
        elif field.pid in _NUMBERS and (said := _NUMBERS[field.pid].get(getattr(field, "value", -1))):
            yield said
