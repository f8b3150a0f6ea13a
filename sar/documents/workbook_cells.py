"""The cells of one worksheet: values as they read, formulas besides, dates as dates, hidden cells marked."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from sar.documents.limits import unreadable
from sar.documents.xml import bare

Said = tuple[str, str]
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d+)")
_WIDEST = 16_384
_SHOWS_NOTHING = ";;;"
_DATE_FORMATS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Of the formats every workbook knows by number."""
_NOT_A_SIGN = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_WORDS_IN_FORMAT = re.compile(r'"([^"]*[^\W\d_]{3}[^"]*)"')
_SIGN_OF_A_DATE = re.compile(r"[dmyhs]", re.IGNORECASE)
_DAY_0 = datetime(1899, 12, 30)  # noqa: DTZ001 - a workbook knows no time zones
_DAY_0_FROM_1904 = datetime(1904, 1, 1)  # noqa: DTZ001
_NO_SUCH_DAY = 60
"""29 February 1900, which old spreadsheets believed in; the days before it are counted one less."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Looks:
    """How the workbook shows numbers: which styles make dates, which show nothing."""

    dates: frozenset[int] = frozenset()
    blank: frozenset[int] = frozenset()
    words: tuple[str, ...] = ()
    """Words that formats put beside a number."""
    from_1904: bool = False


@dataclass(slots=True, kw_only=True)
class SharedWords:
    """The words that cells point to, and which of them no cell shows."""

    words: list[str]
    used: set[int] = field(default_factory=set)

    def at(self, index: int) -> str:
        """The words a cell points to."""
        self.used.add(index)
        return self.words[index]

    @property
    def unused(self) -> list[str]:
        """Left in the file when a cell was emptied: the page does not show them, the file still holds them."""
        return [words for i, words in enumerate(self.words) if i not in self.used and words.strip()]


def looks_of(styles: Element, *, from_1904: bool) -> Looks:
    """Read off the number formats of a workbook."""
    own = {
        _int(e.get("numFmtId")): e.get("formatCode", "")
        for e in styles.iter()
        if bare(str(e.tag)) == "numFmt"
    }
    formats = next((e for e in styles if bare(str(e.tag)) == "cellXfs"), None)
    numbers = [_int(e.get("numFmtId")) for e in formats] if formats is not None else []
    return Looks(
        dates=frozenset(i for i, number in enumerate(numbers) if _is_date(number, own)),
        blank=frozenset(
            i for i, number in enumerate(numbers) if own.get(number, "").strip() == _SHOWS_NOTHING
        ),
        words=tuple(w for code in own.values() for w in _WORDS_IN_FORMAT.findall(code)),
        from_1904=from_1904,
    )


def _is_date(number: int, own: dict[int, str]) -> bool:
    if number not in own:
        return number in _DATE_FORMATS
    return _SIGN_OF_A_DATE.search(_NOT_A_SIGN.sub("", own[number].partition(";")[0])) is not None


def cells_of(sheet: bytes, shared: SharedWords, looks: Looks) -> Iterator[Said | Element]:
    """Row by row, without keeping the rows; at the end the sheet itself, for what stands around them.

    :raises UnreadableItem: the sheet declares entities or is damaged.
    """
    reading = iterparse(io.BytesIO(sheet), events=("start", "end"), forbid_dtd=True)
    root: Element | None = None
    rows: Element | None = None
    try:
        for event, element in reading:
            tag = bare(str(element.tag))
            if root is None:
                root = element
            if event == "start" and tag == "sheetData":
                rows = element
            elif event == "end" and tag == "row":
                yield from _row(element, root, shared, looks)
                element.clear()
                if rows is not None:
                    # Even an empty row takes room, and a sheet can have a million.
                    rows.clear()
    except DefusedXmlException:
        raise unreadable("a workbook with entity declarations, which it does not need") from None
    except (ParseError, ValueError, LookupError):
        raise unreadable("a workbook with a damaged sheet") from None
    if root is not None:
        yield root


def _row(row: Element, sheet: Element, shared: SharedWords, looks: Looks) -> Iterator[Said]:
    hidden_columns = _hidden_columns(sheet)
    line: list[str] = []
    for cell in row:
        column = _column(cell.get("r", ""), default=len(line))
        text = _cell(cell, shared, looks)
        if column in hidden_columns and text:
            text = f"(hidden column: {text})"
        line += [""] * (min(column, _WIDEST) - len(line))
        line.append(text)
    while line and not line[-1]:
        line.pop()
    if line:
        yield ("hidden-row" if _is_on(row.get("hidden")) else "row"), " | ".join(line).strip()


def _hidden_columns(sheet: Element) -> range | frozenset[int]:
    found: set[int] = set()
    for group in sheet:
        if bare(str(group.tag)) != "cols":
            continue
        for column in group:
            if _is_on(column.get("hidden")):
                found |= set(range(_int(column.get("min")) - 1, min(_int(column.get("max")), _WIDEST)))
    return frozenset(found)


def _column(reference: str, *, default: int) -> int:
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        return default
    number = 0
    for letter in found[1]:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _cell(cell: Element, shared: SharedWords, looks: Looks) -> str:
    style = _int(cell.get("s"))
    value = formula = ""
    is_formula = False
    for child in cell:
        tag = bare(str(child.tag))
        if tag == "v":
            value = _value(child.text or "", cell.get("t", "n"), style, shared, looks)
        elif tag == "is":
            value = rich(child)
        elif tag == "f":
            formula, is_formula = (child.text or "").strip(), True
    if style in looks.blank and value:
        value = f"(hidden by its format: {value})"
    if not is_formula:
        return value
    return (
        f"{value} [={formula}]".strip()
        if formula
        else f"{value} [a formula, as in the cells beside it]".strip()
    )


def _value(raw: str, kind: str, style: int, shared: SharedWords, looks: Looks) -> str:
    if kind == "s":
        return shared.at(int(raw))
    if kind == "b":
        return "TRUE" if raw == "1" else "FALSE"
    if kind == "n" and style in looks.dates:
        return _as_date(raw, looks)
    return raw


def _as_date(raw: str, looks: Looks) -> str:
    """A date in the way our stores write dates; a number that is none stays the number it is."""
    try:
        days = float(raw)
        start = _DAY_0_FROM_1904 if looks.from_1904 else _DAY_0
        early = not looks.from_1904 and 1 <= days < _NO_SUCH_DAY
        found = start + timedelta(days=int(days) + early, seconds=round((days - int(days)) * 86_400))
    except (ValueError, OverflowError):
        return raw
    if days < 0:
        return raw
    clock = found.strftime("%H:%M:%S")
    clock = clock.removesuffix(":00") if clock != "00:00:00" else ""
    return " ".join(filter(None, (found.date().isoformat() if days >= 1 else "", clock))) or raw


def rich(element: Element) -> str:
    """The words of a cell or comment written in several styles; readings of signs in brackets."""
    said: list[str] = []
    for child in element:
        tag = bare(str(child.tag))
        words = "".join(t.text or "" for t in child.iter() if bare(str(t.tag)) == "t")
        if tag == "rPh" and words:
            words = f" ({words})"
        said.append(words)
    return "".join(said)


def _int(text: str | None) -> int:
    try:
        return int(text or 0)
    except ValueError:
        return 0


def _is_on(text: str | None) -> bool:
    return text in {"1", "true"}
