"""Dates and texts as other systems write them, as a family reads them."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

_UK = ZoneInfo("Europe/London")
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?)?"
)
_WORDS = re.compile(r"\b(\d{1,2})(?:st|nd|rd|th)? (" + "|".join(_MONTHS) + r") (\d{4})\b", re.IGNORECASE)
_SLASHED = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")


def as_date(value: object) -> date | None:
    """The day a value states, in UK local time when it carries an offset; None when it states none.

    Only whole values count: a date somewhere inside a sentence is ``date_within``.
    """
    if isinstance(value, datetime):
        return _local(value).date()
    if isinstance(value, date):
        return value
    text = str(value or "").strip()
    if _ISO.fullmatch(text):
        return _iso(text)[0]
    if found := _WORDS.fullmatch(text):
        return _real(int(found[3]), _month(found[2]), int(found[1]))
    if found := _SLASHED.fullmatch(text):
        return _real(int(found[3]), int(found[2]), int(found[1]))
    return None


def date_within(text: str) -> date | None:
    """The one date written somewhere in a text ("on 7 September 2026"); None when none or several."""
    found = {_real(int(y), _month(m), int(d)) for d, m, y in _WORDS.findall(text)}
    return found.pop() if len(found) == 1 else as_date(text)


@lru_cache(maxsize=1024)
def _iso(text: str) -> tuple[date | None, str]:
    """The day that such a text states, and how a person reads it. One entry is read for both, one after the other."""
    try:
        if len(text) == len("2026-01-31"):
            on = date.fromisoformat(text)
            return on, say(on)
        local = _local(datetime.fromisoformat(text))
    except ValueError:
        return None, text
    return local.date(), _moment(local)


def _real(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _month(name: str) -> int:
    return _MONTHS.index(name.capitalize()) + 1


def say(on: date) -> str:
    """3 March 2024."""
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def readable(value: object) -> str:
    """A stored value as a person reads it: dates in words, booleans as yes and no, the rest unchanged."""
    if isinstance(value, str):
        return _text(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "Yes" if value else "No"
    if isinstance(value, bytes):
        return decoded(value)
    if isinstance(value, datetime):
        return _moment(_local(value))
    if isinstance(value, date):
        return say(value)
    return _text(str(value))


def _text(text: str) -> str:
    text = text.replace("\x00", "").strip()
    if text[4:5] == "-" and _ISO.fullmatch(text):
        return _iso(text)[1]
    return text


def _moment(local: datetime) -> str:
    return f"{say(local)}, {local.hour:02}:{local.minute:02}"


def _local(moment: datetime) -> datetime:
    """In UK time. The first and last moments there are, which systems write for "never", stay as written."""
    try:
        return moment.astimezone(_UK) if moment.tzinfo else moment
    except OverflowError:
        return moment


def _in_utc(moment: datetime) -> datetime | None:
    try:
        moment.astimezone(_UK)
        return utc(moment)
    except OverflowError:
        return None


def decoded(raw: bytes) -> str:
    """A text as stored: UTF-8, else the letters of Windows; what is neither can be told by ``is_text``."""
    for encoding in ("utf-8", "cp1252"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", "surrogateescape")


def is_text(value: object) -> bool:
    """Whether a stored text is one: no NUL in it, and no bytes that no encoding explains."""
    return not isinstance(value, str) or not ("\x00" in value or _STRAY.search(value))


_STRAY = re.compile("[\ud800-\udfff]")


def as_moment(value: object) -> datetime | None:
    """The moment a value states, in UTC; without an offset it is UK time, and a day alone is its first minute."""
    if isinstance(value, str) and _ISO.fullmatch(value.strip()):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, datetime):
        return _in_utc(value if value.tzinfo else value.replace(tzinfo=_UK))
    on = as_date(value)
    return _in_utc(datetime(on.year, on.month, on.day, tzinfo=_UK)) if on else None


def digits(value: object) -> str:
    """A number as stored, without the spaces and dashes people write in it."""
    return re.sub(r"[\s\-]", "", plain_signs(str(value if value is not None else ""))).upper()


def plain_signs(text: str) -> str:
    """Figures of any script as ours, dashes of any length as the short one, and nothing that cannot be seen."""
    return text if text.isascii() else text.translate(_PLAIN_SIGNS)


class _PlainSigns(dict[int, str | None]):
    """What is left of a sign when numbers are compared; worked out once for each sign that is met."""

    def __missing__(self, code: int) -> str | None:
        sign = chr(code)
        kind = unicodedata.category(sign)
        figure = unicodedata.decimal(sign, None)
        if kind == "Cf":
            plain = None
        elif kind == "Pd" or sign == "\u2212":
            plain = "-"
        else:
            plain = sign if figure is None else str(figure)
        self[code] = plain
        return plain


_PLAIN_SIGNS = _PlainSigns()


def utc(moment: datetime) -> datetime:
    """The same moment in UTC."""
    return moment.astimezone(UTC)
