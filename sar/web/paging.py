"""Long lists in pages of fifty: a list nobody can read to its end is not looked at."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask import request, url_for

Row = TypeVar("Row")
ROWS_A_PAGE = 50
_PAGE_NAME = re.compile(r"(page|dates)(-\d{1,3})?")
_NEAR = 1
"""Pages shown beside the one that is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paged(Generic[Row]):
    """One page of a list."""

    rows: Sequence[Row]
    total: int
    number: int
    pages: int
    name: str
    """What the page's number is called in the address; one page of the site may hold several lists."""
    endpoint: str
    place: Mapping[str, str]
    """Where the list is read: not where a form of the same page is sent."""

    @property
    def first(self) -> int:
        """The place of its first row in the whole list, from 1."""
        return (self.number - 1) * ROWS_A_PAGE + 1

    @property
    def last(self) -> int:
        """The place of its last row."""
        return self.first + len(self.rows) - 1

    def links(self, label: str, anchor: str) -> Mapping[str, object]:
        """The links to the other pages, as GOV.UK's pagination wants them.

        :param label: tells this list's links from those of others, for whoever hears them.
        """
        return {
            "landmarkLabel": label,
            "previous": {"href": self._to(self.number - 1, anchor)} if self.number > 1 else None,
            "next": {"href": self._to(self.number + 1, anchor)} if self.number < self.pages else None,
            "items": self._items(anchor),
        }

    def _items(self, anchor: str) -> list[dict[str, object]]:
        shown = [n for n in range(1, self.pages + 1) if n in {1, self.pages} or abs(n - self.number) <= _NEAR]
        items: list[dict[str, object]] = []
        for before, n in zip([0, *shown], shown, strict=False):
            if n - before > 1:
                items.append({"ellipsis": True})
            items.append({"number": n, "href": self._to(n, anchor), "current": n == self.number})
        return items

    def _to(self, number: int, anchor: str) -> str:
        # Only page numbers are taken over: other names of an address would steer where the link leads.
        others = {k: v for k, v in request.args.items() if _PAGE_NAME.fullmatch(k) and k != self.name}
        address: dict[str, Any] = {**self.place, **others, self.name: number}
        return url_for(self.endpoint, _anchor=anchor, **address)


def paged(rows: Sequence[Row], endpoint: str, *, name: str = "page", **place: str) -> Paged[Row]:
    """The page of a list that the address asks for; a number that is none, or too high, is the nearest there is.

    :param endpoint: the view that shows the list, with ``place`` in its address.
    """
    pages = max(1, -(-len(rows) // ROWS_A_PAGE))
    given = request.args.get(name, "1")
    wanted = int(given) if given.isascii() and given.isdigit() and len(given) < len("1000000") else 1
    number = min(max(wanted, 1), pages)
    start = (number - 1) * ROWS_A_PAGE
    return Paged(
        rows=rows[start : start + ROWS_A_PAGE],
        total=len(rows),
        number=number,
        pages=pages,
        name=name,
        endpoint=endpoint,
        place=place,
    )
