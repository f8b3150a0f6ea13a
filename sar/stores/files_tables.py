"""Tables in a folder: what numbers their rows, and whose a row is when only the table says so."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sar.domain.records import SubjectQuery
from sar.ports.gathering import ReadDocument, ReadPart
from sar.stores.documents import COLUMN
from sar.stores.inside import look_inside
from sar.stores.names import Judgement, Sameness, by_decision, digest_of, fold
from sar.stores.values import as_date

TABLE = "text/csv"
IN_FIRST_ROW = (
    "the first row of this table names the person, as a title or the heading of a column would: compare the rows "
    "under it before using"
)
IN_FILED_TABLE = (
    "this table is filed under the person, and its columns do not say whose each row is: compare before using"
)
_OTHER = Judgement(sameness=Sameness.OTHER)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The rows of one file together."""

    path: str
    """Where it lies in an archive; empty outside of one."""
    first: ReadDocument | None
    """The first row, where it may be more than headings."""
    columns: frozenset[str]
    facts: str
    """A digest of all rows: what an officer found of them holds only for them."""

    def id_in(self, file: str) -> str:
        """What an officer is asked about when the rows do not say whose they are."""
        return f"{file}#{self.path}#table" if self.path else f"{file}#table"

    def judged(self, number: str, row: ReadDocument, query: SubjectQuery, *, is_filed: bool) -> Judgement:
        """Whose a row is that does not name the person itself.

        :param is_filed: the table is filed under the person, and has no column that says whose a row is.
        """
        if row is self.first:
            return _OTHER
        said = (p.text for p in self.first.parts) if self.first else ()
        if look_inside(said, query.subject, contacts=query.contacts).sameness is not Sameness.OTHER:
            near = Judgement(sameness=Sameness.NEAR, why=IN_FIRST_ROW, facts=self.facts)
        elif is_filed:
            near = Judgement(sameness=Sameness.NEAR, why=IN_FILED_TABLE, facts=self.facts)
        else:
            return _OTHER
        return by_decision(number, near, query)


def tables_of(documents: Iterable[ReadDocument]) -> dict[str, Table]:
    """The tables among the documents of one file, by where they lie in it."""
    rows: dict[str, list[ReadDocument]] = {}
    for document in documents:
        if document.media_type == TABLE:
            rows.setdefault(path_of(document), []).append(document)
    return {path: _table(path, its) for path, its in rows.items()}


def _table(path: str, rows: list[ReadDocument]) -> Table:
    columns = frozenset(p.place.removeprefix(COLUMN) for row in rows for p in row.parts) - {""}
    may_be_more = len(rows) > 1 and all(p.place == COLUMN for p in _cells(rows[0]))
    return Table(
        path=path,
        first=rows[0] if may_be_more else None,
        columns=columns,
        facts=digest_of([[(p.place, fold(p.text)) for p in row.parts] for row in rows]),
    )


def _cells(row: ReadDocument) -> list[ReadPart]:
    return [p for p in row.parts if p.place.startswith(COLUMN)]


def path_of(document: ReadDocument) -> str:
    """Where a document lies inside an archive."""
    return "/".join(part.text for part in document.parts if part.place == "file-name")


def piece_ids(documents: Collection[ReadDocument], *, not_own: frozenset[str] = frozenset()) -> list[str]:
    """What each document of one file is called, below its path where it lies in an archive.

    A mail has an id of its own. A row has the one in its first cell where that is plainly a reference, and no other
    row's; else a digest of its words, since a surname or a day in front is not one row's alone, and a place in the
    file is another row's as soon as a line is added above.

    :param not_own: columns that say whom or what day a row is about, not which row it is.
    """
    firsts = Counter((path_of(d), _first_cell(d)) for d in documents)
    met: Counter[tuple[str, str]] = Counter()
    ids: list[str] = []
    for number, document in enumerate(documents, start=1):
        path = path_of(document)
        own = _own_id(document, not_own, is_alone=firsts[path, _first_cell(document)] == 1) or str(number)
        if document.media_type == TABLE:
            met[path, own] += 1
            own = own if met[path, own] == 1 else f"{own}-{met[path, own]}"
        ids.append(f"{path}#{own}" if path else own)
    return ids


def _own_id(document: ReadDocument, not_own: frozenset[str], *, is_alone: bool) -> str:
    if document.media_type != TABLE:
        own = next((p.text for p in document.parts if p.place == "message-id"), "")
        return own.strip().strip("<>")
    first = _first_cell(document)
    column = next((p.place.removeprefix(COLUMN) for p in _cells(document)), "")
    if is_alone and column not in not_own and _is_reference(first):
        return first
    words = "\n".join(f"{p.place}\t{p.text.strip()}" for p in _cells(document))
    return f"row-{hashlib.sha256(words.encode('utf-8', 'replace')).hexdigest()[:12]}"


def _first_cell(document: ReadDocument) -> str:
    return next((p.text.strip() for p in _cells(document)), "")


def _is_reference(text: str) -> bool:
    """Whether a cell reads like a reference: one word with a digit in it, which is no day."""
    return any(c.isdecimal() for c in text) and len(text.split()) == 1 and as_date(text) is None
