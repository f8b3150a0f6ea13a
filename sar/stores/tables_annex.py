"""Ofsted's Annex A: lists 1 to 9 as CSV files or sheets of a workbook, read row by row."""

from __future__ import annotations

import csv
import re
import time
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from sar.domain.parties import IdentifierKind
from sar.domain.records import Finding, Passage, RecordKind
from sar.stores.names import Candidate
from sar.stores.tables_columns import COLUMNS, DATES, IDENTITY, LISTS, WORKERS, folded, list_named
from sar.stores.tables_reading import (
    ALSO,
    Child,
    Fact,
    UnreadableFileError,
    day_of,
    finding,
    in_words,
    number_set,
    unnumbered_row,
)
from sar.stores.tables_sheet import NO_RESULT, rows_of
from sar.stores.values import decoded, is_text, readable

_HEAD = 15
"""Rows in which the column names must come: titles and notes may stand above them."""
_MAX_UNPACKED = 1024 * 1024 * 1024
_MAX_RATIO = 200
_SWELLS_FROM = 4 * 1024 * 1024
_MAX_PART = 32 * 1024 * 1024
"""Unpacked: what is not a sheet, such as the words that sheets share, is held whole while a workbook is read."""
MAX_ROWS = 1_048_576
"""Rows a spreadsheet can have; a file may claim that its only row is the thousand-millionth."""
DEADLINE_S = 600.0
"""The reading of one list, however slowly its rows come."""
_ENDLESS = "it has more rows than a list can have, or takes too long to read; rows before that were read"
_NO_CHILD = "no column of it names a child: it is no list of Annex A"
_BROKEN = "it cannot be read as a table from some row on; rows before that were read"

_OPEN_QUOTE = (
    "a quote in it is not closed as it should be: from there on each line was read as a row of its own, and may be "
    "read wrongly"
)
_NO_HEADING = (
    "a heading of it is a formula without a result: open it in the program it was made with, and save it"
)

Row = Sequence[object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One list: where it stands, its name and its rows."""

    place: str
    name: str
    rows: Iterable[Row]


def sheets(path: Path, place: str) -> Iterator[Sheet]:
    """The lists in a file: one in a CSV, one a sheet in a workbook.

    :raises UnreadableFileError: it cannot be opened.
    """
    if path.suffix.casefold() == ".csv":
        yield Sheet(place=place, name=path.stem, rows=_csv_rows(path))
        return
    _not_a_bomb(path)
    with _book(path) as book:
        for sheet in book.worksheets:
            rows = rows_of(sheet)
            yield Sheet(place=f"{place}/{folded(sheet.title).replace(' ', '-')}", name=sheet.title, rows=rows)


@contextmanager
def _book(path: Path) -> Iterator[Any]:
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError, SyntaxError) as broken:
        raise UnreadableFileError("it is no workbook that can be read, or it has a password") from broken
    with closing(book):
        yield book


def _not_a_bomb(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as packed:
            size = sum(item.file_size for item in packed.infolist())
            swells = any(_swells(packed, item) for item in packed.infolist())
    except (NotImplementedError, RuntimeError, zlib.error, EOFError, zipfile.BadZipFile, OSError) as broken:
        raise UnreadableFileError("it is no workbook that can be read, or it has a password") from broken
    if size > _MAX_UNPACKED or swells:
        raise UnreadableFileError("it unpacks to more than a list can be", "too-large")


def _swells(packed: zipfile.ZipFile, item: zipfile.ZipInfo) -> bool:
    """Whether a large part of a workbook unpacks as no text a person typed does, or is none to be read by rows."""
    if item.file_size > max(_SWELLS_FROM, _MAX_RATIO * item.compress_size):
        return True
    if item.file_size <= _MAX_PART:
        return False
    with packed.open(item) as part:
        return item.filename.endswith((".xml", ".rels")) and b"<worksheet" not in part.read(4096)


def _csv_rows(path: Path) -> Iterator[Row]:
    with path.open("rb") as content:
        start = content.read(4096)
    wide = start[:2] in {b"\xff\xfe", b"\xfe\xff"}
    encoding = "utf-16" if wide else "utf-8-sig"
    with path.open(encoding=encoding, errors="surrogateescape", newline="") as content:
        head = content.readline()
        content.seek(0)
        marks = {mark: head.count(mark) for mark in ",;\t|"}
        mark = max(marks, key=lambda mark: marks[mark])
        rows = csv.reader(content, delimiter=mark, strict=True)
        read = 0
        try:
            for row in rows:
                yield _decoded(row)
                read = rows.line_num
        except csv.Error:
            # A quote that nobody closed would take the rows after it into one cell, and nobody would find them.
            content.seek(0)
            lines = islice(content, read, None)
            yield from map(_decoded, csv.reader(lines, delimiter=mark, quoting=csv.QUOTE_NONE))
            raise UnreadableFileError(_OPEN_QUOTE) from None


def _decoded(row: Sequence[str]) -> Row:
    return [decoded(cell.encode("utf-8", "surrogateescape")) for cell in row]


def children(sheet: Sheet, child_number: IdentifierKind) -> Iterator[Child]:
    """The child of each row, with the row as its one record, which is made when somebody asks for it.

    :raises UnreadableFileError: no column names a child, or a row cannot be read.
    """
    rows = iter(sheet.rows)
    try:
        columns = _Columns(sheet, _header(rows), child_number)
        until = time.monotonic() + DEADLINE_S
        for number, row in enumerate(rows, start=1):
            if number > MAX_ROWS or time.monotonic() > until:
                raise UnreadableFileError(_ENDLESS, "too-large")
            if any(cell is NO_RESULT or readable(cell) for cell in row):
                yield columns.child(row, number)
    except (csv.Error, UnicodeError, ValueError, KeyError, OSError, EOFError, SyntaxError) as broken:
        raise UnreadableFileError(_BROKEN) from broken
    except zipfile.BadZipFile as broken:
        raise UnreadableFileError(_BROKEN) from broken


def _header(rows: Iterator[Row]) -> list[str]:
    for _, row in zip(range(_HEAD), rows, strict=False):
        names = [readable(cell) for cell in row]
        if any(cell is NO_RESULT for cell in row) and any(names):
            raise UnreadableFileError(_NO_HEADING, "incomplete")
        if {folded(n) for n in names} & IDENTITY["child"] | {folded(n) for n in names} & IDENTITY["upn"]:
            return names
    raise UnreadableFileError(_NO_CHILD, "unknown-kind")


class _Columns:
    """What the headings of one list say of its cells; worked out once for all rows."""

    def __init__(self, sheet: Sheet, names: Sequence[str], child_number: IdentifierKind) -> None:
        self._sheet = sheet
        self._names = names
        self._child_number = child_number
        self._places: dict[str, list[int]] = {}
        for place, name in enumerate(names):
            self._places.setdefault(folded(name), []).append(place)
        self._identity = {
            kind: [at for name in sorted(headings) for at in self._places.get(name, ())]
            for kind, headings in IDENTITY.items()
        }
        self._known_by = sorted({at for places in self._identity.values() for at in places})

    def child(self, row: Row, number: int) -> Child:
        """Whose row this is, as far as it says so."""
        cells = list(row) + [None] * (len(self._names) - len(row))

        def of(kind: str) -> list[object]:
            return [None if (c := cells[at]) is NO_RESULT else c for at in self._identity[kind]]

        own = [_whole(c) for c in of("child")]
        numbers = {
            self._child_number: number_set(own),
            IdentifierKind.UPN: number_set(of("upn")),
            IdentifierKind.NHS_NUMBER: number_set(map(_whole, of("nhs"))),
        }
        known = Candidate(
            names=_names(of),
            born_on=next(filter(None, map(day_of, of("born"))), None),
            numbers={kind: values for kind, values in numbers.items() if values},
        )
        return Child(
            place=self._sheet.place,
            native=next(filter(None, map(readable, own)), "") or unnumbered_row(self._sheet.place, known),
            names=known.names,
            born_on=known.born_on,
            numbers=known.numbers,
            made=lambda: [self._fact(cells)],
            may_be_any=any(cells[at] is NO_RESULT for at in self._known_by),
            stands=f"row {number} below the headings of {self._sheet.place}",
        )

    def _fact(self, cells: Sequence[object]) -> Fact:
        held = {name: [cells[at] for at in places] for name, places in self._places.items()}
        annex = LISTS.get(list_named(self._sheet.name))
        wanted = annex.dated_on if annex else ()
        others = [n for n in map(folded, self._names) if DATES.search(n) and n not in IDENTITY["born"]]
        days = (day_of(cell) for column in (*wanted, *others) for cell in held.get(column, ()))
        return Fact(
            name=annex.name if annex else "entry",
            kind=annex.kind if annex else RecordKind.CASE_NOTE,
            dated_on=next(filter(None, days), None),
            passages=tuple(_passages(self._names, cells)),
            findings=tuple(_findings(held)),
            is_text=all(cell is NO_RESULT or is_text(cell) for cell in cells),
            is_worked_out=not any(cell is NO_RESULT for cell in cells),
            workers=tuple(_worker(c) for n in sorted(WORKERS) for c in held.get(n, ()) if _worker(c)),
        )


def _whole(cell: object) -> object:
    """A number that a spreadsheet keeps as 204420.0."""
    return int(cell) if isinstance(cell, float) and cell.is_integer() else cell


def _names(of: Callable[[str], list[object]]) -> tuple[str, ...]:
    whole = [readable(c) for c in of("name")]
    first, last = ([readable(c) for c in of(kind)] for kind in ("first", "last"))
    both = [f"{f} {s}".strip() for f, s in zip(first, last, strict=False)]
    return tuple(dict.fromkeys(n for n in (*whole, *both) if n))


def _worker(cell: object) -> str:
    text = readable(cell)
    return text if re.search(r"[^\W\d_]", text) else ""


def _findings(held: Mapping[str, Sequence[object]]) -> Iterator[Finding]:
    days = (day_of(c) for n in ("cin closure date", "date of closure") for c in held.get(n, ()))
    on = next(filter(None, days), None)
    for cell in held.get("reason for closure", ()):
        yield from finding(re.sub(r"^\w{1,3}\)\s*", "", readable(cell)), "closure", on)


def _passages(columns: Sequence[str], cells: Sequence[object]) -> Iterator[Passage]:
    for place, cell in enumerate(cells):
        text = readable(_whole(cell))
        name = columns[place] if place < len(columns) else ""
        if not text:
            continue
        if known := COLUMNS.get(folded(name)):
            label, code_list = known
            yield Passage(label=label, text=in_words(text, code_list))
        else:
            yield Passage(label=ALSO, text=f"{name}: {text}" if name else text)
