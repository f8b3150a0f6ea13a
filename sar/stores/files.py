"""A folder of documents with the register its keepers keep: PDF, Word, mail, tables, text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from email.utils import getaddresses
from pathlib import Path

from sar.domain.errors import BadMapping, StoreUnavailable, UnreadableItem
from sar.domain.parties import IdentifierKind, Person, Role
from sar.domain.records import Passage, RecordKind, StoreAnswer, SubjectQuery
from sar.ports.gathering import DocumentReader, Estimate, ReadDocument, RecordSink, StoreDescription
from sar.stores.answers import AnswerBuilder, counted, kind_named, unnumbered
from sar.stores.documents import COLUMN, passages_of_documents
from sar.stores.files_mapping import Entry, FilesMapping, Register, load_register
from sar.stores.names import fold, names_of, numbers_of
from sar.stores.values import as_date, digits, say

BY_NAME_IN_TEXT = "full name and date of birth or address inside the document"
_BYTES = 100 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One document or a piece of it, and how the subject was recognised."""

    native_id: str
    entry: Entry | None
    document: ReadDocument
    found_by: str


class FilesStore:
    """One folder. Files in the register go by the register; others are searched inside."""

    def __init__(
        self,
        *,
        description: StoreDescription,
        folder: Path,
        mapping: FilesMapping,
        reader: DocumentReader,
        max_bytes: int = _BYTES,
    ) -> None:
        self._description = description
        self._folder = folder
        self._mapping = mapping
        self._reader = reader
        self._max_bytes = max_bytes

    @property
    def description(self) -> StoreDescription:
        """Who it is and whose."""
        return self._description

    def check(self) -> str:
        """Whether the folder is there, and whether its register and its files agree."""
        files, register = self._files(), self._register()
        listed = {f.relative_to(self._folder.resolve()).as_posix() for f in files}
        lost = len(register.files - listed)
        unlisted = len(listed - register.files)
        return (
            f"{self._description.label}: the folder opens; {len(listed)} files, {unlisted} of them not in the "
            f"register, {lost} in the register but not there."
        )

    def estimate(self, query: SubjectQuery, *, at: datetime) -> Estimate:
        """Whether anything is held and about how much."""
        return counted(self, query, at=at)

    def answer(self, query: SubjectQuery, *, at: datetime, into: RecordSink | None = None) -> StoreAnswer:
        """Everything held about one data subject."""
        answer = AnswerBuilder(self._description, query, at, into=into)
        root = self._folder.resolve()
        there = {f.relative_to(root).as_posix(): f for f in self._files()}
        register = self._register()
        for kind in self._mapping.number_columns.values():
            if numbers_of(query.subject, kind):
                answer.searched_by(kind.value)
        answer.searched_by("full name with date of birth or address, inside unregistered documents")
        for name, path in there.items():
            self._look(name, path, register, answer)
        for name in sorted(register.files_of(query.subject) - set(there)):
            answer.hold(name, "listed in the register but not in the folder", "unreadable")
        return answer.build()

    def _look(self, name: str, path: Path, register: Register, answer: AnswerBuilder) -> None:
        found = register.of(name, answer.subject)
        if found is None and name in register.files:
            return
        entry, found_by = found or (None, "")
        try:
            documents = self._read(path)
        except UnreadableItem as fault:
            answer.hold(name, fault.message, fault.field or "unreadable")
            return
        for piece in self._pieces(name, entry, found_by, documents, answer):
            self._keep(piece, answer)

    def _read(self, path: Path) -> tuple[ReadDocument, ...]:
        try:
            if path.stat().st_size > self._max_bytes:
                raise UnreadableItem(
                    "a file larger than we read by machine", next_step="Read it by hand.", field="too-large"
                )
            content = path.read_bytes()
        except OSError:
            raise UnreadableItem(
                "a file that could not be opened", next_step="Check its permissions."
            ) from None
        return self._reader.read(content, name=path.name)

    def _pieces(
        self,
        name: str,
        entry: Entry | None,
        found_by: str,
        documents: tuple[ReadDocument, ...],
        answer: AnswerBuilder,
    ) -> Iterator[_Found]:
        whole = len(documents) == 1 and documents[0].media_type not in {"message/rfc822", "text/csv"}
        for number, document in enumerate(documents, start=1):
            if document.media_type == "message/unreadable":
                answer.hold(f"{name}#{number}", "a mail that cannot be taken apart", "unreadable")
                continue
            by = self._piece_found_by(document, entry, found_by, answer)
            if by:
                native = name if whole else f"{name}#{_piece_id(document) or number}"
                yield _Found(native_id=native, entry=entry, document=document, found_by=by)

    def _piece_found_by(
        self, document: ReadDocument, entry: Entry | None, found_by: str, answer: AnswerBuilder
    ) -> str:
        """How a piece is the subject's: by what it was filed under, by its own columns, or by its words."""
        filed = [p.text for p in document.parts if p.place == "filed-under"]
        if filed:
            return self._filed(" ".join(filed), answer)
        if document.media_type == "text/csv":
            return self._row_found_by(document, entry, answer) or (
                "" if entry else found_inside(document, answer)
            )
        return found_by or found_inside(document, answer)

    def _filed(self, words: str, answer: AnswerBuilder) -> str:
        numbers = {digits(w) for w in words.split()}
        for kind in IdentifierKind:
            if numbers & set(numbers_of(answer.subject, kind)):
                return kind.value
        return ""

    def _row_found_by(self, document: ReadDocument, entry: Entry | None, answer: AnswerBuilder) -> str:
        cells = {p.place.removeprefix(COLUMN): p.text for p in document.parts}
        for column, kind in self._mapping.row_numbers.items():
            if digits(cells.get(column)) in {*numbers_of(answer.subject, kind)} - {""}:
                return kind.value
        names = {fold(n) for n in names_of(answer.subject)}
        known = [
            k for c, k in self._mapping.row_numbers.items() if cells.get(c) and numbers_of(answer.subject, k)
        ]
        if entry and not known and any(fold(cells.get(c, "")) in names for c in self._mapping.row_names):
            return "full name, in a file kept under the person's number"
        return ""

    def _keep(self, piece: _Found, answer: AnswerBuilder) -> None:
        entry, document = piece.entry, piece.document
        name = piece.native_id.partition("#")[0]
        head = [Passage(label="File name", text=name)]
        if entry and entry.title:
            head.append(Passage(label="Title", text=entry.title))
        answer.record(
            piece.native_id,
            self._kind(name, entry),
            self._dated(document, name, entry, piecewise=piece.native_id != name),
            [*head, *passages_of_documents([document])],
            found_by=piece.found_by,
            people=[*self._correspondents(document, answer), *self._row_people(document, answer)],
        )

    def _kind(self, name: str, entry: Entry | None) -> RecordKind | None:
        return kind_named(entry.kind) if entry else self._mapping.kind_of(name)

    def _dated(
        self, document: ReadDocument, name: str, entry: Entry | None, *, piecewise: bool
    ) -> date | None:
        cells = {p.place.removeprefix(COLUMN): p.text for p in document.parts if p.place.startswith(COLUMN)}
        own = next((on for c in self._mapping.row_dates if (on := as_date(cells.get(c)))), None)
        stated = own or document.dated_on
        if piecewise and stated:
            return stated
        filed = as_date(entry.dated_on) if entry else None
        return filed or stated or self._mapping.date_in(name)

    def _correspondents(self, document: ReadDocument, answer: AnswerBuilder) -> Iterator[Person]:
        own = {fold(n) for n in names_of(answer.subject)}
        headers = [p.text for p in document.parts if p.place in {"from", "to", "cc", "bcc", "reply-to"}]
        for name, address in getaddresses(headers):
            if not name or not address or fold(name) in own:
                continue
            employer = self._mapping.domains.get(address.rpartition("@")[2].casefold(), "")
            yield Person(
                id=unnumbered(answer.store, name),
                name=name,
                role=Role.PROFESSIONAL if employer else Role.THIRD_PARTY,
                employer=employer,
                emails=(address,),
                seen_in=(answer.store,),
            )

    def _row_people(self, document: ReadDocument, answer: AnswerBuilder) -> Iterator[Person]:
        cells = {p.place.removeprefix(COLUMN): p.text for p in document.parts if p.place.startswith(COLUMN)}
        for column, employer in self._mapping.row_people.items():
            name, _, job = cells.get(column, "").partition(",")
            if name.strip():
                yield Person(
                    id=unnumbered(answer.store, name),
                    name=name.strip(),
                    role=Role.PROFESSIONAL,
                    job_title=job.strip(),
                    employer=employer,
                    seen_in=(answer.store,),
                )

    def _register(self) -> Register:
        path = self._folder / self._mapping.register
        try:
            return load_register(path, self._mapping) if self._mapping.register else Register(entries={})
        except OSError as fault:
            raise BadMapping(
                f"{self._description.label}: the register of the folder is not there.",
                next_step="Correct `register` in the mapping, or put the register back.",
            ) from fault

    def _files(self) -> list[Path]:
        root = self._folder.resolve()
        if not root.is_dir():
            raise StoreUnavailable(
                f"{self._description.label}: the folder is not there.",
                next_step="Mount or restore it; it is asked again by itself.",
            )
        register = (self._folder / self._mapping.register).resolve() if self._mapping.register else None
        return sorted(
            p
            for p in root.rglob("*")
            # A link could lead out of the folder that its controller gave us.
            if p.is_file() and not p.is_symlink() and p.resolve().is_relative_to(root) and p != register
            and not p.name.startswith((".", "~$"))
        )  # fmt: skip


def _piece_id(document: ReadDocument) -> str:
    for part in document.parts:
        if part.place == "message-id":
            return part.text.strip().strip("<>")
        if part.place.startswith(COLUMN):
            return part.text.strip()
    return ""


def found_inside(document: ReadDocument, answer: AnswerBuilder) -> str:
    """Whether the words of a document are about the subject: a number, or the name and a second fact."""
    text = "\n".join(p.text for p in document.parts)
    bare = digits(text)
    for kind in IdentifierKind:
        if any(_whole(number, bare) for number in numbers_of(answer.subject, kind)):
            return f"{kind.value} inside the document"
    words = f" {fold(text)} "
    if not any(f" {fold(n)} " in words for n in names_of(answer.subject)):
        return ""
    born = answer.subject.born_on
    facts = [say(born), born.isoformat(), f"{born:%d/%m/%Y}", *answer.subject.addresses]
    facts += [a.partition(",")[0] for a in answer.subject.addresses]
    return BY_NAME_IN_TEXT if any(f" {fold(f)} " in words for f in facts if fold(f)) else ""


def _whole(number: str, text: str) -> bool:
    """A number that is not a piece of a longer one. Short local numbers prove nothing inside free text."""
    long_enough = len(number) >= _LONG_NUMBER
    return long_enough and re.search(rf"(?<!\d){re.escape(number)}(?!\d)", text) is not None


_LONG_NUMBER = 9
