"""The rows of one sheet of a workbook, each forgotten as soon as it is given: a sheet can have a million."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.parsers import expat

from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.utils import datetime as days

_DAYS: Any = days
"""The library has no types."""
_CHUNK = 64 * 1024
_SPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main", "http://purl.oclc.org/ooxml/spreadsheetml/main",
)  # fmt: skip
_TAGS = {
    f"{space}}}{tag}": tag for space in _SPACES for tag in ("sheetData", "row", "c", "v", "t", "f", "rPh")
}
_WORDS = frozenset({"v", "t"})
_COORDINATE = re.compile(r"\$?([A-Za-z]{1,3})\$?[0-9]+\Z")


class NoResult:
    """A formula whose result the file does not hold."""

    def __str__(self) -> str:
        return ""


NO_RESULT = NoResult()
Row = list[object]


def rows_of(sheet: Any) -> Iterator[Row]:
    """The rows of a sheet that was opened for reading only, in their places: one that the file leaves out is empty.

    The size a file states may be false; the rows that are there are read. So is a row or a cell that stands out of
    turn, or twice: it comes after the others.

    :raises ValueError: from some place on it is no sheet; every row before that was given.
    """
    book = sheet.parent
    # What the library gives for this makes a dozen objects of every cell, and drops what stands out of turn.
    reading = _Reading(sheet._shared_strings, _Numbers(book))  # noqa: SLF001
    following = 1
    with sheet._get_source() as source:  # noqa: SLF001
        while not reading.is_over and (part := source.read(_CHUNK)):
            fault = reading.feed(part)
            for number, cells in reading.taken():
                for _ in range(following, number):
                    yield []
                yield cells
                following = max(following, number) + 1
            if fault is not None:
                raise fault
    if not reading.is_over:
        raise ValueError("a sheet that ends too soon")


class _Numbers:
    """Numbers as they are, and as days where the style of their cell says so."""

    def __init__(self, book: Any) -> None:
        self._epoch = book.epoch
        self._days: frozenset[int] = frozenset(book._date_formats)  # noqa: SLF001
        self._spans: frozenset[int] = frozenset(book._timedelta_formats)  # noqa: SLF001

    def value(self, text: str, style: int) -> object:
        number = float(text) if "." in text or "E" in text or "e" in text else int(text)
        if style not in self._days:
            return number
        try:
            day: object = _DAYS.from_excel(number, self._epoch, timedelta=style in self._spans)
        except (OverflowError, ValueError):
            # No day there is: the number stays, so that nothing that stands there is lost.
            return number
        return day


class _Reading:
    """Takes a sheet in pieces and gives whole rows."""

    def __init__(self, shared: list[str], numbers: _Numbers) -> None:
        self.is_over = False
        self._shared = shared
        self._numbers = numbers
        self._in_data = False
        self._rows: list[tuple[int, Row]] = []
        self._number = self._column = 0
        self._row: Row = []
        self._beside: Row = []
        self._cell: Mapping[str, str] = {}
        self._is_formula = self._in_phonetic = False
        self._listens = False
        self._words: list[str] = []
        self._parser = parser = expat.ParserCreate(namespace_separator="}")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._said
        # A sheet has neither; both are how a small file becomes a large one, or reads others.
        parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = _refuse

    def feed(self, part: bytes) -> Exception | None:
        """What was wrong with it, if anything; rows before that can be taken."""
        try:
            self._parser.Parse(part, False)  # noqa: FBT003 (the library takes it by its place only)
        except (expat.ExpatError, ValueError, LookupError, OverflowError):
            return ValueError("no sheet from some place on")
        return None

    def taken(self) -> list[tuple[int, Row]]:
        """The whole rows so far, each once."""
        rows, self._rows = self._rows, []
        return rows

    def _start(self, name: str, said: Mapping[str, str]) -> None:
        tag = _TAGS.get(name)
        if tag == "c" and self._in_data:
            self._cell, self._is_formula, self._words = said, False, []
            place = said.get("r")
            self._column = _column(place) if place else self._column + 1
        elif tag in _WORDS:
            self._listens = self._in_data and not self._in_phonetic
        elif tag == "f":
            self._is_formula = True
        elif tag == "rPh":
            self._in_phonetic = True
        elif tag == "row" and self._in_data:
            self._number = _row_number(said["r"]) if "r" in said else self._number + 1
            self._column, self._row, self._beside = 0, [], []
        elif tag == "sheetData":
            self._in_data = True

    def _said(self, words: str) -> None:
        if self._listens:
            self._words.append(words)

    def _end(self, name: str) -> None:
        tag = _TAGS.get(name)
        if tag in _WORDS:
            self._listens = False
        elif tag == "c" and self._in_data:
            self._take()
        elif tag == "rPh":
            self._in_phonetic = False
        elif tag == "row" and self._in_data:
            self._rows.append((self._number, self._row + self._beside))
        elif tag == "sheetData":
            self._in_data, self.is_over = False, True

    def _take(self) -> None:
        words = self._words
        value = self._value(words[0] if len(words) == 1 else "".join(words), self._cell.get("t", "n"))
        row, place = self._row, self._column - 1
        if place == len(row):
            row.append(value)
            return
        row += [None] * (place + 1 - len(row))
        if row[place] is None:
            row[place] = value
        elif value is not None:
            self._beside.append(value)

    def _value(self, text: str, kind: str) -> object:
        if not text:
            # An empty text is a result, and is stored as a text.
            is_open = self._is_formula and kind not in {"str", "inlineStr"}
            return NO_RESULT if is_open else None
        if kind in {"inlineStr", "str", "e"}:
            return text
        if kind == "s":
            return self._shared[int(text)]
        if kind == "n":
            return self._numbers.value(text, int(self._cell.get("s", 0)))
        if kind == "b":
            return bool(int(text))
        return _DAYS.from_ISO8601(text) if kind == "d" else text


def _refuse(*_said: object) -> None:
    raise ValueError("a sheet that declares entities or a document type")


def _row_number(said: str) -> int:
    number = float(said)
    if not number.is_integer():
        raise ValueError("a row with a number that is none")
    return int(number)


def _column(place: str) -> int:
    found = _COORDINATE.match(place)
    if found is None:
        raise ValueError("a cell that says no place")
    letters = found[1]
    return _COLUMNS.get(letters) or int(column_index_from_string(letters.upper()))


_COLUMNS = {get_column_letter(number): number for number in range(1, 703)}
