"""Who is who in a case: data subjects, requesters, officers, and everybody the records mention."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from enum import Enum

from sar.domain.references import LegName, PersonId, StaffId, StoreName, SubjectId


class IdentifierKind(Enum):
    """Kinds of number by which a store may know a person. The values are the words shown to people."""

    NHS_NUMBER = "NHS number"
    COUNCIL_PERSON_ID = "council person number"
    UPN = "unique pupil number"
    LOCAL = "local case number"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Identifier:
    """One number by which one kind of store knows a person."""

    kind: IdentifierKind
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSubject:
    """A person whose records are asked for: a living one, unless the day of death is given."""

    id: SubjectId
    name: str
    born_on: date
    former_names: tuple[str, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    addresses: tuple[str, ...] = ()
    died_on: date | None = None

    def age_on(self, on: date) -> int:
        """Whole years lived on the given day."""
        return on.year - self.born_on.year - ((on.month, on.day) < (self.born_on.month, self.born_on.day))


def _holds(words: str, before: str) -> bool:
    """Whether every line that stood there still does; the order and the spaces do not matter.

    A line in square brackets is the program's own note on an address, not the requester's words.
    """

    def lines(text: str) -> set[str]:
        found = (" ".join(line.split()).casefold() for line in text.splitlines())
        return {line for line in found if line and not line.startswith("[")}

    return lines(before) <= lines(words)


@dataclass(frozen=True, slots=True, kw_only=True)
class SafeContact:
    """How a requester may be reached. Asked first and obeyed everywhere."""

    email: str = ""
    phone: str = ""
    postal_address: str = ""
    do_not: str = ""
    """In the requester's words: what must not be done (no post, no calls after four ...)."""

    def opens_more_than(self, before: SafeContact) -> bool:
        """Whether it opens a way that was not on record. To shut one needs no confirmation.

        To leave out words on what must not be done opens what they shut.
        """
        ways = (
            (self.email, before.email),
            (self.phone, before.phone),
            (self.postal_address, before.postal_address),
        )
        return any(new and new != old for new, old in ways) or not _holds(self.do_not, before.do_not)


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """The person who asks and receives; often, not always, the data subject."""

    name: str
    contact: SafeContact
    subject: SubjectId | None = None
    """The data subject this requester is, when they ask about themself."""

    def is_same_as(self, other: Requester) -> bool:
        """Whether one person receives for both: the same name, reached in the same ways.

        A father and his son of one name stay apart, even at one address, where each asks about himself.
        """
        both = {self.subject, other.subject} - {None}
        return (self.name, self.contact) == (other.name, other.contact) and len(both) <= 1


class Role(Enum):
    """What a person is to a case. Leg by leg, another leg's data subject is a third party."""

    DATA_SUBJECT = "data subject"
    PROFESSIONAL = "professional"
    THIRD_PARTY = "third party"
    SOURCE = "source"
    """A lay person who told in confidence: protected unless an approver decides otherwise."""
    NAMESAKE = "namesake"
    ORGANISATION = "organisation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One entry of the people register. Everything written here is looked for in every record."""

    id: PersonId
    name: str
    role: Role
    aliases: tuple[str, ...] = ()
    relation: str = ""
    job_title: str = ""
    employer: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    """Words by which the person can be recognised without a name: "next door"."""
    born_on: date | None = None
    subject: SubjectId | None = None
    seen_in: tuple[StoreName, ...] = ()
    """Stores whose structured fields name this person."""
    by_officer: bool = False
    """An officer wrote the entry: it is kept through rounds, and its role wins over what a store says."""

    @property
    def names(self) -> tuple[str, ...]:
        """The name and every other written form, without repeats."""
        return tuple(dict.fromkeys((self.name, *self.aliases)))


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleRegister:
    """Everyone known in a case. It carries redaction: detectors only propose beyond it."""

    people: tuple[Person, ...] = ()

    def for_leg(self, subject: SubjectId) -> tuple[Person, ...]:
        """The register as one leg sees it: only this leg's subject stays a data subject."""
        return tuple(
            _as_third_party(p) if p.role is Role.DATA_SUBJECT and p.subject != subject else p
            for p in self.people
        )

    def find(self, person: PersonId) -> Person | None:
        """The entry of that name, if there is one (a lookup, not a failure)."""
        return next((p for p in self.people if p.id == person), None)


def _as_third_party(person: Person) -> Person:
    return replace(person, role=Role.THIRD_PARTY, job_title="", employer="")


class StaffRole(Enum):
    """What a member of staff may do. Roles are held together, never implied."""

    OFFICER = "records officer"
    APPROVER = "approver"
    COMPLAINTS = "complaints team"
    HEALTH_PROFESSIONAL = "health professional"
    LAWYER = "lawyer"
    SAFEGUARDING_LEAD = "safeguarding lead"
    SENIOR_OFFICER = "senior officer"
    ADMINISTRATOR = "administrator"
    DATA_PROTECTION_OFFICER = "data protection officer"
    """Sees what changed after a request, and the trail; nothing else."""
    RECORD_HOLDER = "record holder"
    """Keeps a store that a person looks through by hand, and sees the tasks of that store only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who does something. Events keep the id and the role; the name stays sealed."""

    id: StaffId
    name: str
    roles: frozenset[StaffRole] = field(default_factory=frozenset)
    is_family: bool = False
    stores: frozenset[StoreName] = frozenset()
    """The stores a record holder keeps."""
    controllers: frozenset[str] = frozenset()
    """The bodies they act for; none: the house's own."""

    def has(self, role: StaffRole) -> bool:
        """Whether this person holds the role."""
        return role in self.roles


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """One data subject and one recipient: its own authority, decisions, pack and delivery."""

    name: LegName
    number: int
    """Its number inside the case, used wherever a name could tell who it is about."""
    subject: SubjectId
    recipient: Requester
    capacity: str
    """A value of ``sar.domain.authority.Capacity``."""
    records: str = "any"
    """A value of ``sar.domain.pathways.RecordsOf``."""
    has_responsibility: bool = True
    """False where the requester said that they do not have parental responsibility."""
    was_in_care: bool = False
    was_adopted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessRequest:
    """What was asked, for whom and by whom, as it was received. Sealed; never edited."""

    received_on: date
    channel: str
    nation: str
    wording: str
    """In the requester's own words."""
    subjects: tuple[DataSubject, ...]
    legs: tuple[Leg, ...]
    asked_as_foi: bool = False
    requester: Requester | None = None
    """Who asked, where nobody's own records are asked for and no leg says it."""

    @property
    def asker(self) -> Requester:
        """Who sent the request."""
        return self.requester or self.legs[0].recipient

    def legs_of(self, who: Requester) -> tuple[Leg, ...]:
        """Every leg that one person receives."""
        return tuple(leg for leg in self.legs if leg.recipient.is_same_as(who))

    def with_contact(self, contact: SafeContact, *, of: Requester) -> AccessRequest:
        """The request with a new safe contact wherever one person receives or asks, and for nobody else."""

        def changed(who: Requester) -> Requester:
            return replace(who, contact=contact) if who.is_same_as(of) else who

        return replace(
            self,
            legs=tuple(replace(leg, recipient=changed(leg.recipient)) for leg in self.legs),
            requester=changed(self.requester) if self.requester else None,
        )

    def subject_of(self, leg: Leg) -> DataSubject:
        """The person a leg is about."""
        return next(s for s in self.subjects if s.id == leg.subject)


PROGRAM = Actor(id=StaffId("sar"), name="sar")
"""What the program does by itself: asking stores, proposing, building. It never decides."""
