"""Statutory tables a council makes each year or for an inspection: the census and Ofsted's Annex A."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import partial
from itertools import islice
from pathlib import Path

from sar.domain.errors import StoreRefused, StoreUnavailable
from sar.domain.parties import IdentifierKind, Person, Role
from sar.domain.records import StoreAnswer, SubjectQuery
from sar.ports.gathering import Estimate, RecordSink, StoreDescription
from sar.stores import tables_annex, tables_census
from sar.stores.answers import MALFORMED, NEAR_NAME, AnswerBuilder, counted, person_id, subject_person
from sar.stores.described import DescribedStore
from sar.stores.files_left import is_left_by_program
from sar.stores.files_tree import Listed
from sar.stores.names import BY_NAME_AND_BIRTH, Sameness, judged, numbers_of
from sar.stores.tables_reading import Child, UnreadableFileError, staff

MAX_BYTES = 500 * 1024 * 1024
_KINDS = (".xml", ".csv", ".xlsx")
_NO_TEXT = "it holds bytes that are no text"
_NO_RESULT = "a formula in it has no result: open the file in the program it was made with, and save it again"
_TOO_LARGE = "the file is larger than any such return"
_OTHER = "it is neither XML, CSV nor XLSX"
_LINK = "it is a link to another place"
_CLOSED = "the file cannot be opened"
_SHUT = "the folder cannot be opened"
_ODD = "an entry that cannot be read as such a return says"
_OF_FOLDERS = frozenset({".gitkeep", ".gitignore"})
"""They keep an empty folder in place; nothing of anybody is in them. Other hidden files are read like the rest."""
_MARK_BYTES = 4096
MAX_FILES = 10_000


class TablesStore(DescribedStore):
    """A folder of returns, or one file."""

    def __init__(
        self,
        *,
        description: StoreDescription,
        path: Path,
        child_number: IdentifierKind = IdentifierKind.COUNCIL_PERSON_ID,
        max_bytes: int = MAX_BYTES,
    ) -> None:
        super().__init__(description=description)
        self._path = path
        self._child_number = child_number
        self._max_bytes = max_bytes

    def check(self) -> str:
        """Whether every file can be read to its end as a census or a list."""
        wrong: list[str] = []
        count = 0
        for path in self._files():
            count += 1
            wrong += [f"{place}: {fault.why}" for place, fault in _unread(self._read(path))]
        if wrong:
            raise StoreRefused(
                f"{self._description.label}: {'; '.join(wrong)}.",
                next_step="Ask its owner to make these files again, or take them out of the folder.",
            )
        return f"{self._description.label}: {count} files, each can be read to its end."

    def estimate(self, query: SubjectQuery, *, at: datetime) -> Estimate:
        """Whether anything is held and how much: the files are read, and nothing is kept."""
        return counted(self, query, at=at)

    def answer(self, query: SubjectQuery, *, at: datetime, into: RecordSink | None = None) -> StoreAnswer:
        """Everything in the returns about one data subject."""
        answer = AnswerBuilder(self._description, query, at, into=into)
        for kind in (self._child_number, IdentifierKind.UPN, IdentifierKind.NHS_NUMBER):
            if numbers_of(query.subject, kind):
                answer.searched_by(kind.value)
        answer.searched_by(BY_NAME_AND_BIRTH)
        seen: dict[str, int] = {}
        for path in self._files():
            for place, found in self._read(path):
                if isinstance(found, UnreadableFileError):
                    answer.hold(place, found.why, found.code)
                else:
                    _take_guarded(found, answer, seen)
        return answer.build()

    def _files(self) -> list[Path]:
        """The files, in all folders, in order of their names; what a program leaves beside them is none."""
        if not self._path.exists():
            raise StoreUnavailable(
                f"{self._description.label}: the folder is not there.",
                next_step="Connect it, or correct its path in the connections; then `sar stores check`.",
            )
        files = list(islice(_files_below(self._path), MAX_FILES + 1))
        if len(files) > MAX_FILES:
            raise StoreRefused(
                f"{self._description.label}: there are more than {MAX_FILES} files in it.",
                next_step="Keep only the census and the Annex A lists there, or connect it as a `files` store.",
            )
        if not files:
            raise StoreRefused(
                f"{self._description.label}: there is no file in it.",
                next_step="Put the census or the Annex A lists there; an empty folder proves no search.",
            )
        return files

    def _read(self, path: Path) -> Iterator[tuple[str, Child | UnreadableFileError]]:
        """Every child of a file, and what of it cannot be read, each with its place."""
        below = path.relative_to(self._path) if path != self._path else Path(path.name)
        name, place = below.as_posix(), below.with_suffix("").as_posix()
        try:
            self._allow(path)
            if path.suffix.casefold() == ".xml":
                census = partial(tables_census.children, path, place, self._child_number)
                yield from _each(name, census)
                return
            for sheet in tables_annex.sheets(path, place):
                yield from _each(sheet.place, partial(tables_annex.children, sheet, self._child_number))
        except UnreadableFileError as fault:
            yield name, fault
        except OSError:
            yield name, UnreadableFileError(_CLOSED)

    def _allow(self, path: Path) -> None:
        if path.is_symlink():
            raise UnreadableFileError(_LINK)
        if path.is_dir():
            raise UnreadableFileError(_SHUT)
        if path.suffix.casefold() not in _KINDS:
            raise UnreadableFileError(_OTHER, "unknown-kind")
        if path.stat().st_size > self._max_bytes:
            raise UnreadableFileError(_TOO_LARGE, "too-large")


def _files_below(path: Path) -> Iterator[Path]:
    """Every file in a folder and the folders in it; links, and folders that are shut, as themselves."""
    waiting = [path]
    while waiting:
        each = waiting.pop()
        # The folder itself may be a link: that is how somebody connected it.
        if not each.is_dir() or (each != path and each.is_symlink()):
            yield each
            continue
        try:
            held = sorted(each.iterdir(), reverse=True)
        except OSError:
            yield each
            continue
        waiting += [p for p in held if not _is_left_behind(p)]


def _is_left_behind(path: Path) -> bool:
    """Whether a program left this beside the returns. What is only called so is read, or held back, as any other."""
    if path.is_symlink() or path.is_dir():
        return False
    try:
        listed = Listed(path.name, size=path.stat().st_size)
        return path.name.casefold() in _OF_FOLDERS or is_left_by_program(listed, lambda _name: _begin(path))
    except OSError:
        return False


def _begin(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_MARK_BYTES)


def _each(
    place: str, children: Callable[[], Iterator[Child]]
) -> Iterator[tuple[str, Child | UnreadableFileError]]:
    try:
        for child in children():
            yield place, child
    except UnreadableFileError as fault:
        yield place, fault


def _unread(
    found: Iterator[tuple[str, Child | UnreadableFileError]],
) -> Iterator[tuple[str, UnreadableFileError]]:
    for place, one in found:
        if isinstance(one, UnreadableFileError):
            yield place, one


def _take_guarded(child: Child, answer: AnswerBuilder, seen: dict[str, int]) -> None:
    """One odd entry is one item for a person, and not the end of the store."""
    try:
        _take(child, answer, seen)
    except MALFORMED:
        answer.hold(f"{child.place}/{child.native}", _ODD, "unreadable")


def _take(child: Child, answer: AnswerBuilder, seen: dict[str, int]) -> None:
    """A child's records, when it is the person asked for; a person nearly the same is held back."""
    judgement = judged(child.native, child.candidate, answer.query)
    if judgement.sameness is not Sameness.SAME and child.may_be_any:
        answer.hold(child.stands, _NO_RESULT, "incomplete")
        return
    if judgement.sameness is Sameness.OTHER:
        return
    person = Person(
        id=person_id(answer.store, child.native),
        name=(child.names or ("",))[0],
        role=Role.NAMESAKE,
        aliases=child.names[1:],
        identifiers=tuple(sorted(n for held in child.numbers.values() for n in held)),
        born_on=child.born_on,
        seen_in=(answer.store,),
    )
    if judgement.sameness is Sameness.NEAR:
        why = judgement.why or NEAR_NAME
        said = f"{why} ({child.stands})" if child.stands else why
        answer.hold(child.native, said, "near-name", facts=judgement.facts)
        answer.person(person)
        return
    known = replace(person, name=person.name or answer.subject.name)
    answer.person(subject_person(answer.store, answer.subject, child.native, known))
    for number, fact in child.numbered(seen):
        if not fact.is_text:
            answer.hold(number, _NO_TEXT, "unreadable")
            continue
        if not fact.is_worked_out:
            answer.hold(number, f"{_NO_RESULT} ({child.stands})", "incomplete")
            continue
        answer.record(
            number,
            fact.kind,
            fact.dated_on,
            fact.passages,
            found_by=judgement.found_by,
            people=staff(answer.store, fact.workers),
            findings=fact.findings,
        )
