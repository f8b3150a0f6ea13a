"""An answer in the making: what is found, who is named, what is held back, and by what it was searched."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime

from sar.domain.calendar import uk_day
from sar.domain.parties import DataSubject, Identifier, Person, Role
from sar.domain.records import (
    AlertEntry,
    AnswerKind,
    Finding,
    HeldBack,
    Passage,
    Provenance,
    Record,
    RecordKind,
    StoreAnswer,
    SubjectQuery,
)
from sar.domain.references import PersonId, RecordKey, StoreName
from sar.ports.gathering import Estimate, RecordSink, Store, StoreDescription
from sar.stores.names import fold

NEAR_NAME = "a person with a nearly equal name, or facts that disagree: not opened; compare before using"
NOT_GIVEN = "an officer found this entry to be the person's, and the store does not give it any more"
UNDATED = "no date could be found for it"
UNKNOWN_KIND = "the mapping does not say what kind of record it is"
MOST_HELD = 10_000
"""Items that one answer holds back one by one."""
_AT_ONCE = 100
DUPLICATE = "two different items carry the same number in this store"


def kind_named(name: str) -> RecordKind | None:
    """``section_47`` -> the kind; None for a word that is not one."""
    kind = RecordKind.__members__.get(name.strip().upper())
    return None if kind is None or kind.is_generated else kind


def person_id(store: StoreName, native: str) -> PersonId:
    """An id for a person by the store's own number for them."""
    return PersonId(f"{store}/{native}")


def unnumbered(store: StoreName, name: str) -> PersonId:
    """An id for a person known by name only; a digest, since ids travel further than names."""
    digest = hashlib.sha256(f"{store}/{fold(name)}".encode()).hexdigest()
    return PersonId(f"{store}/~{digest[:12]}")


def writable(text: str) -> str:
    """The text with a question mark for what is no character at all: half a surrogate pair, a bad file name."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _writable_passage(passage: Passage) -> Passage:
    if passage.text.isascii() and passage.label.isascii():
        return passage
    return Passage(label=writable(passage.label), text=writable(passage.text))


MALFORMED = (AttributeError, TypeError, LookupError, ValueError, OverflowError, RecursionError)
"""What odd content makes our reading stumble over: one item, not the store."""
NO_SENSE = "something that no program of ours can make sense of: look at it where it is kept"


def _says_something(text: str) -> bool:
    return text != "" and not text.isspace()


def open_ended(query: SubjectQuery, at: datetime) -> SubjectQuery:
    """The question without an end that is today.

    What is planned for a later day is held now, and so is what a clock that runs ahead has dated.
    """
    is_until_now = query.to_on is not None and query.to_on >= uk_day(at)
    return replace(query, to_on=None) if is_until_now else query


class AnswerBuilder:
    """Collects one answer. One bad item is held back; the rest goes on.

    With a sink, records leave in batches as they come and only their numbers are remembered.
    """

    def __init__(
        self,
        description: StoreDescription,
        query: SubjectQuery,
        at: datetime,
        *,
        into: RecordSink | None = None,
    ) -> None:
        self.description = description
        self.query = open_ended(query, at)
        self.at = at
        self._into = into
        self._about = frozenset({query.subject.id})
        self._records: list[Record] = []
        self._versions: dict[int, int] = {}
        """Of each number and its content the hash: of a hundred thousand records the texts would take much room."""
        self._people: dict[PersonId, Person] = {}
        self._held: dict[tuple[str, str], HeldBack] = {}
        self._beyond: dict[str, int] = {}
        """What was held back beyond what one list holds: how many for each code."""
        self._searched: dict[str, None] = {}

    @property
    def store(self) -> StoreName:
        """The store's name."""
        return self.description.name

    @property
    def subject(self) -> DataSubject:
        """Who is asked about."""
        return self.query.subject

    def searched_by(self, words: str) -> None:
        """Note a kind of identifier or name that was used; never its value."""
        self._searched[words] = None

    def hold(self, native_id: str, why: str, code: str, *, facts: str = "") -> None:
        """Keep an item for a person to look at.

        :param facts: a digest of what is to be compared; a number met with several facts is compared on all of them.
        """
        native_id = writable(native_id)
        if len(self._held) >= MOST_HELD and (native_id, code) not in self._held:
            # A million items are no list that anybody works through: they are counted, and none is passed over.
            self._beyond[code] = self._beyond.get(code, 0) + 1
            return
        known = self._held.setdefault(
            (native_id, code), HeldBack(key=RecordKey(self.store, native_id), why=why, code=code)
        )
        if facts and facts not in known.facts:
            self._held[native_id, code] = replace(known, facts=(*known.facts, facts))

    def person(self, person: Person) -> Person:
        """Add a person named in structured fields; facts about the same id are put together."""
        person = replace(person, name=writable(person.name), aliases=tuple(map(writable, person.aliases)))
        if not fold(person.name):
            return person
        known = self._people.get(person.id)
        self._people[person.id] = person if known is None else merged(known, person)
        return self._people[person.id]

    def record(
        self,
        native_id: str,
        kind: RecordKind | None,
        dated_on: date | None,
        passages: Sequence[Passage],
        *,
        found_by: str,
        people: Iterable[Person] = (),
        alert: Iterable[AlertEntry] = (),
        findings: Iterable[Finding] = (),
        entered_at: datetime | None = None,
        changed_at: datetime | None = None,
        saved_on: date | None = None,
        is_file_date: bool = False,
    ) -> bool:
        """Add one record, or hold it back when it has no kind, no date, or another item's number; False where it is.

        :param is_file_date: ``changed_at`` is only the date that a folder gives a file.
        """
        native_id = writable(native_id)
        if kind is None:
            self.hold(native_id, UNKNOWN_KIND, "unknown-kind")
            return False
        if dated_on is None:
            self.hold(native_id, UNDATED, "undated")
            return False
        if self._in_period(kind, dated_on):
            return self._keep(
                Record(
                    key=RecordKey(self.store, native_id),
                    kind=kind,
                    dated_on=dated_on,
                    passages=tuple([_writable_passage(p) for p in passages if _says_something(p.text)]),
                    provenance=self._provenance(
                        native_id, found_by, entered_at, changed_at, saved_on, is_file_date=is_file_date
                    ),
                    about=self._about,
                    people=tuple([self.person(p) for p in people]),
                    alert=tuple(alert),
                    findings=tuple(findings),
                )
            )
        return True

    def build(self, *, empty: AnswerKind = AnswerKind.NOTHING_HELD, note: str = "") -> StoreAnswer:
        """The answer: found when there is anything of this person, held back or not; else ``empty``."""
        found = bool(self._versions) or any(h.code != "near-name" for h in self._held.values())
        if self._into is not None:
            self._flush(self._into)
        beyond = tuple(self._many(code, count) for code, count in self._beyond.items())
        return StoreAnswer(
            store=self.store,
            store_label=self.description.label,
            controller=self.description.controller,
            subject=self.subject.id,
            kind=AnswerKind.FOUND if found else empty,
            asked_at=self.at,
            searched_by=tuple(self._searched),
            records=tuple(sorted(self._records, key=lambda r: (r.dated_on, r.key.native_id))),
            total=len(self._versions),
            people=tuple(self._people.values()),
            held_back=(*self._held.values(), *beyond),
            note=note,
        )

    def _many(self, code: str, count: int) -> HeldBack:
        why = f"{count:,} more items are held back as `{code}` and not listed one by one: ask the store's owner why"
        return HeldBack(key=RecordKey(self.store, f"more held back: {code}"), why=why, code="incomplete")

    def _keep(self, record: Record) -> bool:
        key, version = hash(record.key.native_id), hash(record.version)
        known = self._versions.get(key)
        if known is None:
            self._versions[key] = version
            self._records.append(record)
            if self._into is not None and len(self._records) >= _AT_ONCE:
                self._flush(self._into)
        elif known != version:
            self.hold(record.key.native_id, DUPLICATE, "duplicate-id")
            return False
        return True

    def _flush(self, into: RecordSink) -> None:
        if self._records:
            into(tuple(self._records))
            self._records = []

    def _in_period(self, kind: RecordKind, on: date) -> bool:
        if kind is RecordKind.PERSON_DETAILS:
            return True
        after = self.query.from_on is None or self.query.from_on <= on
        return after and (self.query.to_on is None or on <= self.query.to_on)

    def _provenance(
        self,
        native_id: str,
        found_by: str,
        entered_at: datetime | None,
        changed_at: datetime | None,
        saved_on: date | None,
        *,
        is_file_date: bool,
    ) -> Provenance:
        return Provenance(
            store=self.store,
            store_label=self.description.label,
            controller=self.description.controller,
            native_id=native_id,
            found_by=found_by,
            retrieved_at=self.at,
            data_class=self.description.data_class,
            entered_at=entered_at,
            changed_at=changed_at,
            saved_on=saved_on,
            is_file_date=is_file_date,
        )


def counted(store: Store, query: SubjectQuery, *, at: datetime) -> Estimate:
    """An estimate for a store that cannot count without reading: it reads, and keeps nothing."""
    answer = store.answer(query, at=at, into=lambda _records: None)
    return Estimate(
        kind=answer.kind,
        records=answer.found,
        is_exact=True,
        near_names=sum(h.code == "near-name" for h in answer.held_back),
    )


def merged(first: Person, second: Person) -> Person:
    """Two mentions of one person in one store: nothing either says is lost."""
    names = tuple(dict.fromkeys((*first.aliases, *second.names)))
    return replace(
        first,
        aliases=tuple(n for n in names if n != first.name),
        role=second.role if first.role is Role.THIRD_PARTY else first.role,
        relation=first.relation or second.relation,
        job_title=first.job_title or second.job_title,
        employer=first.employer or second.employer,
        phones=_both(first.phones, second.phones),
        emails=_both(first.emails, second.emails),
        addresses=_both(first.addresses, second.addresses),
        identifiers=_both(first.identifiers, second.identifiers),
        born_on=first.born_on or second.born_on,
        subject=first.subject or second.subject,
        seen_in=tuple(dict.fromkeys((*first.seen_in, *second.seen_in))),
    )


def _both(first: tuple[str, ...], second: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*first, *second)))


def subject_person(store: StoreName, subject: DataSubject, native: str, seen: Person) -> Person:
    """The data subject as this store knows them."""
    return replace(
        seen,
        id=person_id(store, native),
        role=Role.DATA_SUBJECT,
        subject=subject.id,
        aliases=tuple(n for n in dict.fromkeys((*seen.names, *subject.former_names)) if n != seen.name),
    )


def as_identifier_words(identifiers: Iterable[Identifier]) -> tuple[str, ...]:
    """Kinds of number used, in words, without values."""
    return tuple(dict.fromkeys(i.kind.value for i in identifiers))
