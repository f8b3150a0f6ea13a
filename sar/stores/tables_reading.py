"""What the readers of statutory tables share: a child as a file knows it, its records, and codes in words."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache

from sar.domain.parties import IdentifierKind, Person, Role
from sar.domain.records import Finding, Passage, RecordKind
from sar.domain.references import StoreName
from sar.stores.answers import unnumbered
from sar.stores.codes import code_lists, needs_code
from sar.stores.fields import Fields, read_toml
from sar.stores.names import Candidate, fold
from sar.stores.sql_extending import ready_mapping
from sar.stores.values import as_date, digits, readable

ALSO = "Also recorded"
"""The label of what the program has no words for: a label never comes from the data."""

_LETTERED = re.compile(r"^\w{1,3}\)\s*(.+)$", re.DOTALL)


class UnreadableFileError(Exception):
    """A file cannot be read, or not to its end. Its words hold no content."""

    def __init__(self, why: str, code: str = "unreadable") -> None:
        super().__init__(why)
        self.why = why
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One record of a child, before it is known whose it is."""

    name: str
    """What makes it this record among the child's own: its kind."""
    kind: RecordKind
    dated_on: date | None
    passages: tuple[Passage, ...]
    findings: tuple[Finding, ...] = ()
    workers: tuple[str, ...] = ()
    """Names of staff in columns of their own."""
    is_text: bool = True
    """Whether everything that stands there is text, and not bytes nobody can read."""
    is_worked_out: bool = True
    """Whether every formula in it has a result: the file, and not this program, works it out."""


@dataclass(slots=True, kw_only=True)
class Child:
    """A child (or young person) as one file or sheet knows them."""

    place: str
    """The file and, in a workbook, the sheet: the first part of every record's number."""
    native: str
    """The council's own number; without one, what ``unnumbered_row`` makes of it."""
    names: tuple[str, ...] = ()
    born_on: date | None = None
    numbers: dict[IdentifierKind, frozenset[str]] = field(default_factory=dict)
    made: Callable[[], Iterable[Fact]]
    """Makes its records; only those of the person asked for are made."""
    may_be_any: bool = False
    """Whether a cell that would say whose entry it is has no result."""
    stands: str = ""
    """In words, where an entry without a number stands, for the person who looks for it."""

    @property
    def candidate(self) -> Candidate:
        """To be compared with the person asked for."""
        return Candidate(names=self.names, born_on=self.born_on, numbers=self.numbers)

    def numbered(self, seen: dict[str, int]) -> Iterator[tuple[str, Fact]]:
        """Each fact with a number that stays the same when the file is made again with more in it."""
        for fact in self.made():
            day = fact.dated_on.isoformat() if fact.dated_on else "undated"
            name = f"{self.place}/{self.native}/{fact.name}-{day}"
            seen[name] = seen.get(name, 0) + 1
            yield (name if seen[name] == 1 else f"{name}-{seen[name]}"), fact


def staff(store: StoreName, names: Iterable[str]) -> list[Person]:
    """People named as workers."""
    return [
        Person(id=unnumbered(store, n), name=n, role=Role.PROFESSIONAL, seen_in=(store,)) for n in names if n
    ]


def unnumbered_row(place: str, candidate: Candidate) -> str:
    """A name for an entry without the council's number: where it stands and whom it names, never which row it is.

    What an officer decides on it holds for the person they compared. Next month another child is in that row.
    """
    known = [place, sorted(map(fold, candidate.names)), str(candidate.born_on or "")]
    numbers = sorted((kind.name, sorted(held)) for kind, held in candidate.numbers.items())
    return f"row-{hashlib.sha256(json.dumps([*known, numbers]).encode()).hexdigest()[:16]}"


def number_set(values: Iterable[object]) -> frozenset[str]:
    """Numbers as they are compared; empty cells are no numbers."""
    return frozenset(filter(None, map(digits, values)))


@cache
def codes() -> Mapping[str, Mapping[str, str]]:
    """The code lists of the Department for Education, as the shipped mapping has them."""
    path = ready_mapping("ssd")
    if path is None:
        raise RuntimeError("the mapping `ssd` is not shipped")
    lists = code_lists(Fields(read_toml(path), path.name))
    return {name: {code.casefold(): words for code, words in held.items()} for name, held in lists.items()}


def in_words(value: object, code_list: str) -> str:
    """A value as a person reads it: a known code in words, anything else as it is.

    The lists of Annex A put a letter before a value (``a) WBRI``); what follows it is the code.
    """
    text = readable(value)
    known = codes().get(code_list, {})
    if words := known.get(text.casefold()):
        return words if len(text) == 1 and not needs_code(text, words) else f"{words} (code {text})"
    lettered = _LETTERED.match(text)
    if lettered and (words := known.get(lettered[1].strip().casefold())):
        return f"{words} (recorded as {text})"
    return text


def finding(value: object, code_list: str, on: date | None) -> Iterator[Finding]:
    """A coded outcome that other stores can be compared with; nothing without a day or a known code."""
    code = readable(value).upper()
    if on and (words := codes().get(code_list, {}).get(code.casefold())):
        yield Finding(code=code, words=words, on=on)


def day_of(value: object) -> date | None:
    """A day, also with a time after it as spreadsheets write one."""
    if on := as_date(value):
        return on
    head, _, _ = readable(value).partition(" ")
    return as_date(head)
