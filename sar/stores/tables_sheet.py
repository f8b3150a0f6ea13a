"""The rows of one sheet of a workbook, each forgotten as soon as it is given: a sheet can have a million."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import Any

from defusedxml.ElementTree import iterparse
from openpyxl.worksheet._reader import DATA_TAG, ROW_TAG, WorkSheetParser


class _RowByRow(WorkSheetParser):
    """The library's reading of cells, without its memory: it keeps an element, and often a format, for every row."""

    def parse(self) -> Generator[tuple[int, list[dict[str, Any]]]]:
        """Each row with its number."""
        rows: Any = None
        for event, element in iterparse(self.source, ("start", "end")):
            if event == "start":
                rows = element if element.tag == DATA_TAG else rows
            elif element.tag == ROW_TAG:
                yield self.parse_row(element)
                element.clear()
                self.row_dimensions.clear()
                if rows is not None:
                    rows.clear()
            elif element.tag == DATA_TAG:
                return


def rows_of(sheet: Any, *, values_only: bool) -> Iterator[Sequence[Any]]:
    """The rows of a sheet that was opened for reading only, in their places: one that the file leaves out is empty.

    The size a file states may be false; the rows that are there are read.
    """
    book = sheet.parent
    # What the library gives for this holds every row's element until the end of the sheet.
    with sheet._get_source() as source:  # noqa: SLF001
        parser = _RowByRow(
            source,
            sheet._shared_strings,  # noqa: SLF001
            data_only=book.data_only,
            epoch=book.epoch,
            date_formats=book._date_formats,  # noqa: SLF001
            timedelta_formats=book._timedelta_formats,  # noqa: SLF001
        )
        following = 1
        for number, cells in parser.parse():
            yield from (() for _ in range(following, number))
            if number >= following:
                yield sheet._get_row(cells, 1, None, values_only)  # noqa: SLF001
                following = number + 1
