"""The people register: who is who in a case, from structured fields and the officer's own entries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from sar.domain.disclosure import fold
from sar.domain.errors import InvalidInput, NotAllowed
from sar.domain.parties import PROGRAM, Actor, DataSubject, PeopleRegister, Person, Role, StaffRole
from sar.domain.references import CaseId, PersonId
from sar.domain.trail import EventKind
from sar.ports.casework import answers_of, register_of, request_of
from sar.ports.keeping import Archive, Collection

SHORTEST_NAME = 2
"""One letter would match everywhere."""


class People:
    """Builds the register and lets an officer add to it."""

    def __init__(self, *, archive: Archive) -> None:
        self._archive = archive

    def build(self, case: CaseId, *, round_number: int, at: datetime, by: Actor = PROGRAM) -> PeopleRegister:
        """The register from every answer of a round; entries an officer made are kept and win."""
        with self._archive.writing(case) as file:
            request = request_of(file)
            seen = [
                p
                for answer in answers_of(file, round_number)
                for p in (*answer.people, *(q for r in answer.records for q in r.people))
            ]
            own = [p for p in register_of(file).people if p.by_officer]
            register = PeopleRegister(people=merged((*(_subject(s) for s in request.subjects), *own, *seen)))
            file.keep(Collection.REGISTER, "register", register)
            file.record(
                EventKind.PEOPLE_REGISTERED, at=at, by=by, round=round_number, people=len(register.people)
            )
            return register

    def add(self, case: CaseId, person: Person, *, at: datetime, by: Actor) -> PeopleRegister:
        """An officer's entry. Proposals must be made again afterwards to find every place."""
        return self.add_many(case, (person,), at=at, by=by)

    def add_many(self, case: CaseId, people: Sequence[Person], *, at: datetime, by: Actor) -> PeopleRegister:
        """Several entries at once, all or none."""
        if not by.has(StaffRole.OFFICER):
            raise NotAllowed("Only a records officer may add people.", next_step="Ask a records officer.")
        if any(len(p.name.strip()) < SHORTEST_NAME for p in people):
            raise InvalidInput(
                "A register entry needs a name of at least two letters.",
                next_step="Write the name, or a description such as: caller on 3 May.",
                field="name",
            )
        own = [replace(p, seen_in=(), by_officer=True) for p in people]
        with self._archive.writing(case) as file:
            register = register_of(file)
            subjects = [p for p in register.people if p.role is Role.DATA_SUBJECT]
            rest = [p for p in register.people if p.role is not Role.DATA_SUBJECT]
            register = PeopleRegister(people=merged((*subjects, *own, *rest)))
            file.keep(Collection.REGISTER, "register", register)
            file.record(EventKind.PEOPLE_REGISTERED, at=at, by=by, people=len(register.people))
            return register

    def register(self, case: CaseId) -> PeopleRegister:
        """The register as it stands."""
        with self._archive.reading(case) as file:
            return register_of(file)


def _subject(subject: DataSubject) -> Person:
    return Person(
        id=PersonId(subject.id),
        name=subject.name,
        role=Role.DATA_SUBJECT,
        aliases=subject.former_names,
        addresses=subject.addresses,
        identifiers=tuple(i.value for i in subject.identifiers),
        born_on=subject.born_on,
        subject=subject.id,
    )


def merged(people: Iterable[Person]) -> tuple[Person, ...]:
    """One entry for each person: two are one when id or full name and role family agree.

    The first given wins its role and name, so a data subject or an officer's entry is never demoted by
    what a store calls the same person; contacts and other written forms are added together.
    """
    entries: list[Person] = []
    for person in people:
        at = next((i for i, e in enumerate(entries) if _same(e, person)), None)
        if at is None:
            entries.append(person)
        else:
            entries[at] = _joined(entries[at], person)
    return tuple(entries)


def _same(known: Person, new: Person) -> bool:
    if known.id == new.id:
        return True
    if {known.role, new.role} & {Role.ORGANISATION} and known.role is not new.role:
        return False
    if known.born_on and new.born_on and known.born_on != new.born_on:
        return False
    if set(known.identifiers) & set(new.identifiers):
        return True
    same_name = bool({fold(n) for n in known.names} & {fold(n) for n in new.names})
    return same_name and not (known.identifiers and new.identifiers and known.born_on != new.born_on)


def _joined(known: Person, new: Person) -> Person:
    def both(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*a, *b)))

    names = tuple(n for n in both(known.aliases, new.names) if fold(n) != fold(known.name))
    return replace(
        known,
        aliases=names,
        relation=known.relation or new.relation,
        job_title=known.job_title or new.job_title,
        employer=known.employer or new.employer,
        phones=both(known.phones, new.phones),
        emails=both(known.emails, new.emails),
        addresses=both(known.addresses, new.addresses),
        identifiers=both(known.identifiers, new.identifiers),
        phrases=both(known.phrases, new.phrases),
        born_on=known.born_on or new.born_on,
        subject=known.subject or new.subject,
        seen_in=tuple(dict.fromkeys((*known.seen_in, *new.seen_in))),
        by_officer=known.by_officer or new.by_officer,
    )
