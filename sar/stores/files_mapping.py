"""What is known about the files of a folder: the register kept beside them, and rules for the rest."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatch
from pathlib import Path

from sar.domain.errors import BadMapping
from sar.domain.parties import DataSubject, IdentifierKind
from sar.domain.records import RecordKind
from sar.stores.answers import kind_named
from sar.stores.fields import Fields, bad, read_toml
from sar.stores.names import numbers_of
from sar.stores.values import as_date, digits

_DATE_IN_NAME = re.compile(r"(?<!\d)(\d{4}-\d{2}-\d{2})(?!\d)")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesMapping:
    """Columns of the register, columns of tables, kinds by file name, and whose mail domains are whose."""

    register: str
    file_column: str
    kind_column: str
    date_column: str
    title_column: str
    number_columns: Mapping[str, IdentifierKind]
    kinds: Mapping[str, RecordKind]
    """Glob pattern -> kind, for files that no register lists."""
    domains: Mapping[str, str]
    """Mail domain -> organisation: whoever writes from there writes in their work."""
    row_numbers: Mapping[str, IdentifierKind]
    row_names: tuple[str, ...]
    row_dates: tuple[str, ...]
    row_people: Mapping[str, str]
    """Column that names a worker -> where they work."""

    def kind_of(self, name: str) -> RecordKind | None:
        """The kind of a file that is in no register."""
        return next((k for pattern, k in self.kinds.items() if fnmatch(name.casefold(), pattern)), None)

    def date_in(self, name: str) -> date | None:
        """The date a file name begins with or holds."""
        found = _DATE_IN_NAME.search(name)
        return as_date(found[1]) if found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the register: a file, filed under one person."""

    numbers: Mapping[IdentifierKind, str]
    kind: str
    dated_on: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The whole register, by file."""

    entries: Mapping[str, tuple[Entry, ...]]

    @property
    def files(self) -> frozenset[str]:
        """Every file it lists."""
        return frozenset(self.entries)

    def of(self, name: str, subject: DataSubject) -> tuple[Entry, str] | None:
        """The line that files this document under the subject, and the kind of number that says so."""
        for entry in self.entries.get(name, ()):
            for kind, number in entry.numbers.items():
                if number and number in numbers_of(subject, kind):
                    return entry, kind.value
        return None

    def files_of(self, subject: DataSubject) -> frozenset[str]:
        """The files under the subject's numbers."""
        return frozenset(name for name in self.entries if self.of(name, subject))


def load_files_mapping(path: Path) -> FilesMapping:
    """Read a mapping file.

    :raises BadMapping: with the place and what to do.
    """
    top = Fields(read_toml(path), path.name)
    register, rows = top.table("register"), top.table("rows")
    mapping = FilesMapping(
        register=register.text("file", ""),
        file_column=register.text("name_column", "file"),
        kind_column=register.text("kind_column", "kind"),
        date_column=register.text("date_column", "dated_on"),
        title_column=register.text("title_column", "title"),
        number_columns=_numbers(register.words("numbers"), path.name),
        kinds=_kinds(top.words("kinds"), path.name),
        domains={d.casefold(): o for d, o in top.words("domains").items()},
        row_numbers=_numbers(rows.words("numbers"), path.name),
        row_names=rows.texts("names"),
        row_dates=rows.texts("dates"),
        row_people=rows.words("people"),
    )
    for part in (register, rows, top):
        part.done()
    return mapping


def _numbers(words: Mapping[str, str], where: str) -> dict[str, IdentifierKind]:
    kinds = {k.value: k for k in IdentifierKind}
    for column, kind in words.items():
        if kind not in kinds:
            raise bad(
                where,
                f"`{column}`: `{kind}` is not a kind of identifier",
                next_step=f"Use one of: {', '.join(kinds)}.",
            )
    return {column: kinds[kind] for column, kind in words.items()}


def _kinds(words: Mapping[str, str], where: str) -> dict[str, RecordKind]:
    found = {pattern.casefold(): kind_named(word) for pattern, word in words.items()}
    for pattern, kind in found.items():
        if kind is None:
            raise bad(where, f"`{pattern}` has an unknown kind of record")
    return {pattern: kind for pattern, kind in found.items() if kind}


def load_register(path: Path, mapping: FilesMapping) -> Register:
    """Read the register kept beside the documents."""
    try:
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))
    except (UnicodeDecodeError, csv.Error) as broken:
        raise BadMapping(
            f"{path.name}: the register cannot be read.", next_step="Save it as CSV in UTF-8."
        ) from broken
    needed = {mapping.file_column, mapping.kind_column, mapping.date_column, *mapping.number_columns}
    missing = sorted(needed - set(rows[0])) if rows else []
    if missing:
        raise bad(path.name, f"the register has no column `{missing[0]}`")
    entries: dict[str, tuple[Entry, ...]] = {}
    for row in rows:
        entry = Entry(
            numbers={kind: digits(row.get(column)) for column, kind in mapping.number_columns.items()},
            kind=row.get(mapping.kind_column) or "",
            dated_on=row.get(mapping.date_column) or "",
            title=row.get(mapping.title_column) or "",
        )
        name = row.get(mapping.file_column) or ""
        entries[name] = (*entries.get(name, ()), entry)
    return Register(entries=entries)
