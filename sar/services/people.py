"""The people register: who is who in a case, from structured fields and the officer's own entries."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from sar.domain.calendar import uk_day
from sar.domain.disclosure import fold
from sar.domain.errors import InvalidInput, NotAllowed
from sar.domain.gathered import PageIndex
from sar.domain.naming import full_name
from sar.domain.parties import PROGRAM, Actor, DataSubject, PeopleRegister, Person, Role, StaffRole
from sar.domain.records import StoreAnswer
from sar.domain.references import CaseId, PersonId
from sar.domain.trail import EventKind
from sar.ports.answering import records_of
from sar.ports.casework import answers_of, register_of, request_of, state_of
from sar.ports.deciding import WhoDecides
from sar.ports.keeping import Archive, CaseFile, Collection

SHORTEST_NAME = 2
"""One letter would match everywhere."""


class People:
    """Builds the register and lets an officer add to it."""

    def __init__(self, *, archive: Archive, who: WhoDecides) -> None:
        """``who`` says whose officers may change what is known from whose records."""
        self._archive = archive
        self._who = who

    def build(self, case: CaseId, *, round_number: int, at: datetime, by: Actor = PROGRAM) -> PeopleRegister:
        """The register from every answer of a round; entries an officer made are kept and win."""
        with self._archive.writing(case) as file:
            request = request_of(file)
            subjects = [_subject(s) for s in request.subjects]
            own = [p for p in register_of(file).people if p.by_officer]
            seen = in_order(named_by(file, answers_of(file, round_number)))
            register = PeopleRegister(people=merged((*subjects, *own, *seen)))
            file.keep(Collection.REGISTER, "register", register)
            file.record(
                EventKind.PEOPLE_REGISTERED, at=at, by=by, round=round_number, people=len(register.people)
            )
            return register

    def add(self, case: CaseId, person: Person, *, at: datetime, by: Actor) -> PeopleRegister:
        """An officer's entry. Proposals must be made again afterwards to find every place."""
        return self.add_many(case, (person,), at=at, by=by)

    def add_many(self, case: CaseId, people: Sequence[Person], *, at: datetime, by: Actor) -> PeopleRegister:
        """Several entries at once, all or none.

        An entry wins over what the stores say of the same person, so it is a decision on their records.

        :raises NotAllowed: the case holds no record of a controller the officer acts for, or somebody is known from
            the records of others alone.
        """
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
            self._require_theirs(file, register, own, at=at, by=by)
            subjects = [p for p in register.people if p.role is Role.DATA_SUBJECT]
            rest = [p for p in register.people if p.role is not Role.DATA_SUBJECT]
            register = PeopleRegister(people=merged((*subjects, *own, *rest)))
            file.keep(Collection.REGISTER, "register", register)
            file.record(EventKind.PEOPLE_REGISTERED, at=at, by=by, people=len(register.people))
            return register

    def _require_theirs(
        self, file: CaseFile, register: PeopleRegister, own: Sequence[Person], *, at: datetime, by: Actor
    ) -> None:
        answers = answers_of(file, state_of(file).gathered_round)
        holders = {a.store: a.controller for a in answers}
        gave = [a.controller for a in answers if a.found]
        self._who.require_for(by, gave, on=uk_day(at), what="What was found for this case")
        for known in register.people:
            if known.role is not Role.DATA_SUBJECT and any(_same(known, new) for new in own):
                places = [holders[store] for store in known.seen_in if store in holders]
                self._who.require_for(by, places, on=uk_day(at), what="The record that names this person")

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


def named_by(file: CaseFile, answers: Iterable[StoreAnswer]) -> Iterator[Person]:
    """Everybody the stores name, in their answers and in records; only pages that name somebody are opened."""
    for answer in answers:
        yield from answer.people
        indexes = zip(answer.pages, file.each(Collection.ANSWER_INDEX, PageIndex, answer.pages), strict=True)
        naming = replace(answer, pages=tuple(name for name, index in indexes if index.naming))
        yield from (person for record in records_of(file, naming) for person in record.people)


def in_order(named: Iterable[Person]) -> tuple[Person, ...]:
    """Each person once, in an order of their own: which store answered first must not matter."""
    seen = set(named)
    # The data subjects' own entries go first, so that a copy of them finds all that is known of them.
    return tuple(sorted(seen, key=lambda p: (p.role is not Role.DATA_SUBJECT, p.seen_in, p.id, repr(p))))


def merged(people: Iterable[Person]) -> tuple[Person, ...]:
    """One entry for each person, joined only inside one family of roles.

    Two entries too many cost a decision more; two people in one entry can give away the one or hide the
    other. The first given wins its role and name, so an officer's entry is never changed by what a store
    calls the same person; contacts and other written forms are added together. Every entry has an id of
    its own.
    """
    entries = list(people)
    while True:
        joined = _once(entries)
        if len(joined) == len(entries):
            return _with_own_ids(joined)
        # A joined entry knows more, and may now be the same as one that was passed over before.
        entries = joined


def _once(people: Iterable[Person]) -> list[Person]:
    entries: list[Person] = []
    for person in people:
        at = next((i for i, e in enumerate(entries) if _same(e, person)), None)
        if at is None:
            entries.append(person)
        elif person.role is Role.DATA_SUBJECT and entries[at].role is not Role.DATA_SUBJECT:
            entries[at] = _joined(person, entries[at])
        else:
            entries[at] = _joined(entries[at], person)
    return entries


def _with_own_ids(entries: Sequence[Person]) -> tuple[Person, ...]:
    """A decision on "this person" finds its person by the id, so two entries may not share one."""
    kept: dict[PersonId, Person] = {}
    for person in entries:
        own, number = person.id, 2
        while own in kept:
            own, number = PersonId(f"{person.id}#{number}"), number + 1
        kept[own] = replace(person, id=own)
    return tuple(kept.values())


_PRIVATE = (Role.SOURCE, Role.NAMESAKE, Role.THIRD_PARTY)
"""The protected family of roles, the most protected first. Every other role is a family of its own."""

"""A full name has two words that are neither titles nor initials."""


def _same(known: Person, new: Person) -> bool:
    if _family(known) is not _family(new):
        return _is_copy(known, new) or _is_copy(new, known) or _is_corrected(known, new)
    if known.subject and new.subject:
        return known.subject == new.subject
    if known.id == new.id:
        return True
    if known.role is Role.ORGANISATION:
        return fold(known.name) == fold(new.name) or _share_a_name(known, new)
    if known.role is Role.PROFESSIONAL:
        return _agree(known, new) and _share_a_name(known, new) and _same_post(known, new)
    if not _agree(known, new):
        return False
    if _numbers(known) & _numbers(new):
        return True
    sure = known.role is not Role.DATA_SUBJECT or (known.born_on is not None and known.born_on == new.born_on)
    return sure and _share_a_name(known, new)


def _family(person: Person) -> Role:
    return Role.THIRD_PARTY if person.role in _PRIVATE else person.role


def _agree(known: Person, new: Person) -> bool:
    return not (known.born_on and new.born_on) or known.born_on == new.born_on


def _is_corrected(known: Person, new: Person) -> bool:
    """An officer writes their own entry anew, under its id, with another role."""
    both = {known.role, new.role}
    return known.id == new.id and known.by_officer and new.by_officer and Role.DATA_SUBJECT not in both


def _is_copy(subject: Person, other: Person) -> bool:
    """Whether a store's entry of a relative is the data subject, met in somebody else's records.

    What an officer entered never is. A number alone could be a whole family's, so a name goes with it; a
    telephone is often a household's, so a copy known by that alone must bring nothing new.
    """
    if subject.role is not Role.DATA_SUBJECT or other.role is not Role.THIRD_PARTY or other.by_officer:
        return False
    if not _agree(subject, other):
        return False
    born = other.born_on is not None and other.born_on == subject.born_on
    named = _share_a_name(subject, other)
    if _numbers(subject) & _numbers(other):
        return named or (born and fold(subject.name).split()[:1] == fold(other.name).split()[:1])
    return named and (born or _is_reached_alike(subject, other))


def _is_reached_alike(subject: Person, other: Person) -> bool:
    reached = {*other.phones, *other.emails}
    new = (reached | {*other.addresses}) - {*subject.phones, *subject.emails, *subject.addresses}
    return bool(reached) and not (new or other.identifiers or other.phrases)


def _share_a_name(known: Person, new: Person) -> bool:
    return bool(
        {f for n in known.names if (f := full_name(n))} & {f for n in new.names if (f := full_name(n))}
    )


def _numbers(person: Person) -> set[str]:
    return {"".join(c for c in fold(i) if c.isalnum()) for i in person.identifiers} - {""}


def _same_post(known: Person, new: Person) -> bool:
    """Whether two professionals of one name work in one place or in one job, as far as it is known."""
    if any(not (p.employer or p.job_title) for p in (known, new)):
        return True
    if {*known.phones, *known.emails} & {*new.phones, *new.emails}:
        return True
    return _within(known.employer, new.employer) or _within(known.job_title, new.job_title)


def _within(one: str, other: str) -> bool:
    """One says the same as the other or a part of it: "Duty manager" in "Front door duty manager"."""
    first, second = (f" {' '.join(fold(t).replace(',', ' ').split())} " for t in (one, other))
    return bool(first.strip() and second.strip()) and (first in second or second in first)


def _joined(known: Person, new: Person) -> Person:
    def both(a: tuple[str, ...], b: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*a, *b)))

    names = tuple(n for n in both(known.aliases, new.names) if fold(n) != fold(known.name))
    return replace(
        known,
        role=_role_of(known, new),
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


def _role_of(known: Person, new: Person) -> Role:
    """An officer's word stands; of what two stores say, the more protected role does."""
    if known.by_officer or not {known.role, new.role} <= set(_PRIVATE):
        return known.role
    return new.role if new.by_officer else min(known.role, new.role, key=_PRIVATE.index)
