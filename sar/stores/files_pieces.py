"""What each piece of a file is called: a row, a mail and a member of an archive, so that no two are one."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from sar.ports.gathering import ReadDocument
from sar.stores.documents import COLUMN
from sar.stores.names import digest_of
from sar.stores.values import as_date

TABLE = "text/csv"
_LONGEST = 40
_IS_NUMBERED = re.compile(r"\d")


def piece_ids(
    documents: tuple[ReadDocument, ...], *, not_own: Iterable[str]
) -> Iterator[tuple[str, ReadDocument]]:
    """Each piece by its own id, below its path where it lies in an archive; else by where it stands in the file.

    A row goes by its first column only where that numbers it: something with a digit in it, which is no date and which
    no other row of the table has. A name there would lend one person's row to another of the same name; such rows go
    by their content, so that a row put in above changes none of them.

    :param not_own: columns that say whom or what day a row is about, not which row it is.
    """
    rows = _row_ids([d for d in documents if d.media_type == TABLE], frozenset(not_own))
    for number, document in enumerate(documents, start=1):
        path = _path(document)
        if document.media_type == TABLE:
            own = next(rows)
        else:
            said = (p.text.strip().strip("<>") for p in document.parts if p.place == "message-id")
            own = next(said, "") or str(number)
        yield f"{path}#{own}" if path else own, document


def _row_ids(rows: list[ReadDocument], not_own: frozenset[str]) -> Iterator[str]:
    digests = [_digest(row) for row in rows]
    saying: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row, digest in zip(rows, digests, strict=True):
        saying[_path(row), _first(row)[1]].add(digest)
    met: Counter[tuple[str, str]] = Counter()
    for row, digest in zip(rows, digests, strict=True):
        path, (column, first) = _path(row), _first(row)
        met[path, digest] += 1
        if column not in not_own and _is_number(first) and len(saying[path, first]) == 1:
            yield first
        else:
            yield f"row-{digest}" if met[path, digest] == 1 else f"row-{digest}-{met[path, digest]}"


def _path(document: ReadDocument) -> str:
    return "/".join(part.text for part in document.parts if part.place == "file-name")


def _first(row: ReadDocument) -> tuple[str, str]:
    """The heading and the text of the first cell."""
    cells = (p for p in row.parts if p.place.startswith(COLUMN))
    return next(((c.place.removeprefix(COLUMN), c.text.strip()) for c in cells), ("", ""))


def _is_number(text: str) -> bool:
    return len(text) <= _LONGEST and bool(_IS_NUMBERED.search(text)) and as_date(text) is None


def _digest(document: ReadDocument) -> str:
    return digest_of([[p.place, " ".join(p.text.split())] for p in document.parts])[:16]
