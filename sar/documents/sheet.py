"""A table kept as text (CSV): one document a row, each cell with the heading of its column.

The first row is a document too unless it is plainly headings: a list may begin with its first person, a title may
stand above the headings, and a heading may be a pupil.
"""

from __future__ import annotations

import csv
import io

from sar.documents.inside import Inside
from sar.documents.limits import too_large, unreadable
from sar.documents.plain import decoded
from sar.domain.headings import is_common_heading
from sar.ports.gathering import ReadDocument, ReadPart

_MAX_ROWS = 1_000_000
_MAX_CELL = 1_000_000
_SIGNS = ",;\t|"
_NAMES_ITS_SIGN = "sep="


def read_csv(content: bytes, inside: Inside) -> tuple[ReadDocument, ...]:
    """Rows in order. Cells beyond the headings are kept under an empty heading."""
    text = decoded(content).replace("\x00", "")
    csv.field_size_limit(_MAX_CELL)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), dialect=_dialect(text)))
    except csv.Error:
        raise unreadable("a table that cannot be taken apart into rows") from None
    if len(rows) > _MAX_ROWS:
        raise too_large("a table with more rows than we read by machine")
    rows = [row for row in rows if any(cell.strip() for cell in row)]
    if rows and "".join(rows[0]).startswith(_NAMES_ITS_SIGN):
        rows = rows[1:]
    if not rows:
        raise unreadable("an empty table")
    headings = [h.strip() for h in rows[0]]
    if len(rows) == 1:
        # A table of headings only, or a list of one line: its words are kept as they stand.
        return (_row([], rows[0], inside),)
    first = () if all(map(is_common_heading, headings)) else (_row([], rows[0], inside),)
    return (*first, *(_row(headings, row, inside) for row in rows[1:]))


def _dialect(text: str) -> type[csv.Dialect]:
    """By the sign that stands in the first line most often, words in quotes left out; a first line may name it."""
    heading = text.lstrip("\r\n").partition("\n")[0]
    named = heading.strip().removeprefix(_NAMES_ITS_SIGN)
    heading = "".join(heading.split('"')[::2])

    class Found(csv.excel):
        delimiter = named if named in set(_SIGNS) else max(_SIGNS, key=heading.count)

    return Found


def _row(headings: list[str], row: list[str], inside: Inside) -> ReadDocument:
    parts = [
        ReadPart(place=f"column:{headings[i] if i < len(headings) else ''}", text=inside.budget.spend(cell))
        for i, cell in enumerate(row)
    ]
    return ReadDocument(parts=tuple(parts), media_type="text/csv")
