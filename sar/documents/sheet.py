"""A table kept as text (CSV): one document a row, each cell with the heading of its column."""

from __future__ import annotations

import csv
import io

from sar.documents.limits import Budget, too_large, unreadable
from sar.documents.plain import decoded
from sar.ports.gathering import ReadDocument, ReadPart

_MAX_ROWS = 1_000_000
_MAX_CELL = 1_000_000


def read_csv(content: bytes, budget: Budget) -> tuple[ReadDocument, ...]:
    """Rows in order. Cells beyond the headings are kept under an empty heading."""
    text = decoded(content).replace("\x00", "")
    csv.field_size_limit(_MAX_CELL)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), dialect=_dialect(text)))
    except csv.Error:
        raise unreadable("a table that cannot be taken apart into rows") from None
    if len(rows) > _MAX_ROWS:
        raise too_large("a table with more rows than we read by machine")
    if not rows:
        raise unreadable("an empty table")
    headings = [h.strip() for h in rows[0]]
    return tuple(_row(headings, row, budget) for row in rows[1:] if any(cell.strip() for cell in row))


def _dialect(text: str) -> type[csv.Dialect]:
    heading = text.partition("\n")[0]

    class Found(csv.excel):
        delimiter = max(",;\t|", key=heading.count)

    return Found


def _row(headings: list[str], row: list[str], budget: Budget) -> ReadDocument:
    parts = [
        ReadPart(place=f"column:{headings[i] if i < len(headings) else ''}", text=budget.spend(cell))
        for i, cell in enumerate(row)
    ]
    return ReadDocument(parts=tuple(parts), media_type="text/csv")
