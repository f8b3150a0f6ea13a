"""A folder of documents with the register its keepers keep: PDF, Word, mail, tables, text."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice

from sar.domain.errors import BadMapping, UnreadableItem
from sar.domain.parties import DataSubject, Person, Role
from sar.domain.records import AnswerKind, Passage, RecordKind, StoreAnswer, SubjectQuery
from sar.ports.gathering import DocumentReader, Estimate, ReadDocument, RecordSink, StoreDescription
from sar.stores.answers import MALFORMED, NO_SENSE, AnswerBuilder, kind_named, unnumbered
from sar.stores.correspondents import correspondents
from sar.stores.described import DescribedStore
from sar.stores.documents import COLUMN, not_read, passages_of_documents
from sar.stores.files_left import is_left_by_program
from sar.stores.files_look import FolderLook, Place
from sar.stores.files_mapping import Entry, FilesMapping, Register, load_register
from sar.stores.files_tables import TABLE, Table, path_of, piece_ids, tables_of
from sar.stores.files_tree import TOO_LARGE, Listed, held_item, same_name
from sar.stores.inside import NOT_ALL_READ, filed_under, judged_inside, why_unreadable
from sar.stores.names import Judgement, Sameness, fold, numbers_of, whole_names_of
from sar.stores.values import as_date, digits

_FOLDER = "the folder"
_NOT_THERE = "listed in the register but not in the folder"
_NOT_REACHED = "listed in the register, and not reached before the search of the folder ended"
_FEW = 20
_FEW_BYTES = 5 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """One document or a piece of it, and how the subject was recognised."""

    native_id: str
    entry: Entry | None
    document: ReadDocument
    found_by: str
    changed_at: datetime | None


class FilesStore(DescribedStore):
    """One folder. Files in the register go by the register; others are searched inside."""

    def __init__(
        self,
        *,
        description: StoreDescription,
        place: Place,
        mapping: FilesMapping,
        reader: DocumentReader,
    ) -> None:
        super().__init__(description=description)
        self._place = place
        self._mapping = mapping
        self._reader = reader

    def check(self) -> str:
        """Whether the folder is there, and whether its register and its files agree."""
        there = unlisted = useless = 0
        with self._opened() as look:
            register = self._register(look)
            lost = set(register.files)
            for file in self._files(look):
                there += 1
                useless += bool(file.why)
                unlisted += same_name(file.name) not in register.files
                lost.discard(same_name(file.name))
        said = (
            f"{self._description.label}: the folder opens; {there} files, {unlisted} of them not in the "
            f"register, {len(lost)} in the register but not there"
        )
        return f"{said}, {useless} that cannot be opened." if useless else f"{said}."

    def estimate(self, query: SubjectQuery, *, at: datetime) -> Estimate:
        """What the register lists; a few files that it does not list are searched at once, many are only weighed."""
        answer = AnswerBuilder(self._description, query, at, into=lambda _records: None)
        listed = size = loose = 0
        few: list[Listed] = []
        with self._opened() as look:
            register = self._register(look, query.subject)
            files = self._files(look)
            for file in islice(files, self._place.limits.max_files):
                name = same_name(file.name)
                if name in register.entries:
                    listed, size = listed + 1, size + file.size
                elif name not in register.files:
                    loose, size = loose + 1, size + file.size
                    few = [*few, file][:_FEW]
            searched = loose <= _FEW and sum(f.size for f in few) <= _FEW_BYTES
            for file in few if searched else ():
                self._look(file, look, register, answer)
            is_cut = next(files, None) is not None
        inside = answer.build()
        held = register.entries or not searched or inside.kind is AnswerKind.FOUND
        return Estimate(
            kind=AnswerKind.FOUND if held else AnswerKind.NOTHING_HELD,
            records=listed + inside.found,
            is_exact=not held and not is_cut,
            megabytes=size / 1024 / 1024 if held else 0,
            near_names=sum(h.code == "near-name" for h in inside.held_back),
        )

    def answer(self, query: SubjectQuery, *, at: datetime, into: RecordSink | None = None) -> StoreAnswer:
        """Everything held about one data subject. Names and files are forgotten as soon as they are looked at."""
        answer = AnswerBuilder(self._description, query, at, into=into)
        for kind in self._mapping.number_columns.values():
            if numbers_of(query.subject, kind):
                answer.searched_by(kind.value)
        answer.searched_by("full name with date of birth or address, inside unregistered documents")
        with self._opened() as look:
            register = self._register(look, query.subject)
            missing = set(register.entries)
            until = time.monotonic() + self._place.limits.search_s
            cut = ""
            for number, file in enumerate(self._files(look), start=1):
                if cut := self._end_of_search(number, until):
                    answer.hold(_FOLDER, cut, "incomplete")
                    break
                missing.discard(same_name(file.name))
                self._look(file, look, register, answer)
        for name in sorted(missing):
            answer.hold(name, _NOT_REACHED if cut else _NOT_THERE, "unreadable")
        return answer.build()

    def _end_of_search(self, number: int, until: float) -> str:
        """Why the search ends before a file; empty while it goes on."""
        limits = self._place.limits
        if number > limits.max_files:
            return f"it has more than {limits.max_files:,} files: those after that many were not searched"
        if time.monotonic() > until:
            took = f"the search took its {limits.search_s:,.0f} seconds"
            return f"{took}: {number - 1:,} files were searched, the rest not"
        return ""

    def _opened(self) -> FolderLook:
        return FolderLook(self._place, self._description.label)

    def _files(self, look: FolderLook) -> Iterator[Listed]:
        """Every file but the register itself and what programs leave in every folder."""
        register = same_name(self._mapping.register)
        for file in look.files():
            if same_name(file.name) != register and not is_left_by_program(file, look.read):
                yield file

    def _look(self, file: Listed, look: FolderLook, register: Register, answer: AnswerBuilder) -> None:
        """One file, whatever is in it: one that nobody can make sense of is an item for a person, and not the end."""
        try:
            self._look_into(file, look, register, answer)
        except MALFORMED:
            answer.hold(file.name, NO_SENSE, "unreadable")

    def _look_into(self, file: Listed, look: FolderLook, register: Register, answer: AnswerBuilder) -> None:
        found = register.of(same_name(file.name))
        if found is None and same_name(file.name) in register.files:
            return
        entry, found_by = found or (None, "")
        try:
            documents = self._read(file, look)
        except UnreadableItem as fault:
            answer.hold(file.name, fault.message, fault.field or "unreadable")
            return
        for piece in self._pieces(file, entry, found_by, documents, answer):
            self._keep(piece, answer)

    def _read(self, file: Listed, look: FolderLook) -> tuple[ReadDocument, ...]:
        if file.why:
            raise held_item(file.why)
        if file.size > self._place.limits.max_bytes:
            raise held_item(TOO_LARGE, "too-large")
        return self._reader.read(look.read(file.name), name=file.name.rpartition("/")[2])

    def _pieces(
        self,
        file: Listed,
        entry: Entry | None,
        found_by: str,
        documents: tuple[ReadDocument, ...],
        answer: AnswerBuilder,
    ) -> Iterator[_Found]:
        whole = len(documents) == 1 and documents[0].media_type not in {"message/rfc822", TABLE}
        tables = tables_of(documents, answer.query)
        pieces = piece_ids(documents, not_own=self._mapping.row_columns)
        for own, document in zip(pieces, documents, strict=True):
            if why := why_unreadable(document):
                answer.hold(f"{file.name}#{own}", why, "unreadable")
                continue
            native = asked = file.name if whole else f"{file.name}#{own}"
            table = tables.get(path_of(document)) if document.media_type == TABLE else None
            judged = self._judged(native, document, table, (entry, found_by), answer)
            if table and judged.sameness is Sameness.OTHER and native not in answer.query.ruled_out:
                asked = table.id_in(file.name)
                is_filed = entry is not None and not self._says_whose(table)
                judged = table.judged(asked, document, is_filed=is_filed)
            if judged.sameness is Sameness.NEAR:
                answer.hold(asked, judged.why, "near-name", facts=judged.facts)
                continue
            if judged.sameness is Sameness.OTHER and self._is_stamped(document, answer):
                continue
            for which, reason in enumerate(dict.fromkeys(not_read(document)), start=1):
                # What could not be read may be about anybody: said beside a record, and without one.
                why = reason if judged.sameness is Sameness.SAME else NOT_ALL_READ
                answer.hold(f"{native}#not-read-{which}", why, "unreadable")
            if judged.sameness is Sameness.SAME:
                yield _Found(
                    native_id=native,
                    entry=entry,
                    document=document,
                    found_by=judged.found_by,
                    changed_at=file.changed_at,
                )

    def _judged(
        self,
        native: str,
        document: ReadDocument,
        table: Table | None,
        filed: tuple[Entry | None, str],
        answer: AnswerBuilder,
    ) -> Judgement:
        """Whether a piece is the subject's: by what it was filed under, by its own columns, or by its words."""
        entry, found_by = filed
        if self._is_stamped(document, answer):
            return judged_inside(native, document, answer.query, by_stamp=True)
        if table:
            by = self._row_found_by(document, entry, answer)
            if by or (entry and self._says_whose(table)):
                return Judgement(sameness=Sameness.SAME if by else Sameness.OTHER, found_by=by)
        elif found_by:
            return Judgement(sameness=Sameness.SAME, found_by=found_by)
        return judged_inside(native, document, answer.query)

    def _is_stamped(self, document: ReadDocument, answer: AnswerBuilder) -> bool:
        """Whether a mail says where it is filed, in a folder whose keepers write that."""
        return self._mapping.filed_under and filed_under(document, answer.subject) is not None

    def _says_whose(self, table: Table) -> bool:
        """Whether a column of a table says whose each row is."""
        return not table.columns.isdisjoint((*self._mapping.row_numbers, *self._mapping.row_names))

    def _row_found_by(self, document: ReadDocument, entry: Entry | None, answer: AnswerBuilder) -> str:
        cells = {p.place.removeprefix(COLUMN): p.text for p in document.parts}
        for column, kind in self._mapping.row_numbers.items():
            if digits(cells.get(column)) in {*numbers_of(answer.subject, kind)} - {""}:
                return kind.value
        names = {fold(n) for n in whole_names_of(answer.subject)}
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
            [*head, *passages_of_documents([document], headings=self._mapping.row_columns)],
            found_by=piece.found_by,
            people=[
                *correspondents(document, answer, self._mapping.domains),
                *self._row_people(document, answer),
            ],
            changed_at=piece.changed_at,
            saved_on=document.saved_on,
            is_file_date=True,
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

    def _register(self, look: FolderLook, subject: DataSubject | None = None) -> Register:
        if not self._mapping.register:
            return Register(entries={}, files=frozenset())
        try:
            content = look.read(self._mapping.register)
        except UnreadableItem as fault:
            raise BadMapping(
                f"{self._description.label}: the register of the folder is not there, or cannot be opened.",
                next_step="Correct `register` in the mapping, or put the register back.",
            ) from fault
        return load_register(content, self._mapping, subject)
