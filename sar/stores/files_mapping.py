"""What is known about the files of a folder: the register kept beside them, and rules for the rest."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fnmatch import fnmatch
from pathlib import Path, PurePosixPath

from sar.domain.errors import BadMapping
from sar.domain.parties import DataSubject, IdentifierKind
from sar.domain.records import RecordKind
from sar.stores.answers import kind_named
from sar.stores.fields import Fields, bad, read_toml
from sar.stores.files_tree import same_name
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
    filed_under: bool = False
    """Whether the keepers write into each mail whom it is filed under; else a sender could have."""

    @property
    def row_columns(self) -> frozenset[str]:
        """The columns of tables that the mapping names."""
        return frozenset((*self.row_numbers, *self.row_names, *self.row_dates, *self.row_people))

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

    kind: str
    dated_on: str
    title: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """The register as one data subject needs it: their own lines, and of everybody else's only the file names."""

    entries: Mapping[str, tuple[Entry, str]]
    """File -> the line that files it under the subject, and the kind of number that says so."""
    files: frozenset[str]
    """Every file it files under somebody. One that it only lists is looked into like a file it does not know."""

    def of(self, name: str) -> tuple[Entry, str] | None:
        """The subject's line for this file."""
        return self.entries.get(name)


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
        filed_under=top.flag("filed_under"),
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


def load_register(content: bytes, mapping: FilesMapping, subject: DataSubject | None = None) -> Register:
    """Read the register kept beside the documents, line by line; without a subject only what it lists."""
    where = PurePosixPath(mapping.register).name
    lines = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8-sig", newline="")
    entries: dict[str, tuple[Entry, str]] = {}
    files: set[str] = set()
    needed = {mapping.file_column, mapping.kind_column, mapping.date_column, *mapping.number_columns}
    try:
        # A quote that nobody closed would swallow the lines after it, and with them whose those files are.
        rows = csv.DictReader(lines, strict=True)
        if missing := sorted(needed - set(rows.fieldnames or needed)):
            raise bad(where, f"the register has no column `{missing[0]}`")
        for row in rows:
            name = same_name(row.get(mapping.file_column) or "")
            if any(digits(row.get(column)) for column in mapping.number_columns):
                files.add(name)
            if name not in entries and subject and (found := _under(row, mapping, subject)):
                entries[name] = (_entry(row, mapping), found.value)
    except (UnicodeDecodeError, csv.Error) as broken:
        raise BadMapping(
            f"{where}: the register cannot be read.",
            next_step="Save it as CSV in UTF-8, and close every quote in it.",
        ) from broken
    return Register(entries=entries, files=frozenset(files))


def _under(row: Mapping[str, str], mapping: FilesMapping, subject: DataSubject) -> IdentifierKind | None:
    """The kind of number by which a line files something under the subject."""
    for column, kind in mapping.number_columns.items():
        number = digits(row.get(column))
        if number and number in numbers_of(subject, kind):
            return kind
    return None


def _entry(row: Mapping[str, str], mapping: FilesMapping) -> Entry:
    return Entry(
        kind=row.get(mapping.kind_column) or "",
        dated_on=row.get(mapping.date_column) or "",
        title=row.get(mapping.title_column) or "",
    )
