"""Which law answers: one pathway for each leg of a request, chosen from facts by what the law's data say.

A pathway says which statute and time limits apply, what the family is told, and whether the leg goes the whole
route (gathered, reviewed, packed) or is answered by a recorded decision. Nothing here knows a nation: a nation
adds, changes or leaves out pathways in its own files.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from sar.domain.errors import BadLaw, UnknownName

SUBJECT_ACCESS = "subject-access"
"""The ordinary pathway. A leg whose trail names no other one is on it."""
INFORMATION_REQUEST = "information-request"
"""Policies, statistics and the like: nobody's own records."""
OWN_RECORDS = "own-records"
"""The outcome of an information request that asked for own records after all."""
INFORMATION_PART = 0
"""Stands where a leg's number does, for the part of a request that asks for policies or statistics."""


class RecordsOf(Enum):
    """Whose files a leg asks for, where the answer depends on it."""

    ANY = "any"
    HEALTH = "health"
    COUNCIL = "council"
    SCHOOL = "maintained-school"


@dataclass(frozen=True, slots=True, kw_only=True)
class PathwayFacts:
    """What decides which law answers one leg, or the part that asks for information."""

    capacity: str = ""
    """A value of ``sar.domain.authority.Capacity``; empty for information."""
    age: int = 0
    """Of the person the records are about, on the day the request was received."""
    is_living: bool = True
    records: RecordsOf = RecordsOf.ANY
    has_responsibility: bool = True
    """False where somebody who asks for a child says that they do not have parental responsibility."""
    was_in_care: bool = False
    was_adopted: bool = False
    asked_as_foi: bool = False
    is_information: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """When a pathway answers: every line that is set has to hold."""

    capacities: tuple[str, ...] = ()
    """One of these; none named means any."""
    records: tuple[RecordsOf, ...] = ()
    living: bool = True
    information: bool = False
    responsibility: bool | None = None
    was_in_care: bool | None = None
    was_adopted: bool | None = None
    asked_as_foi: bool | None = None
    age_from: int | None = None
    age_below: int | None = None

    def holds(self, facts: PathwayFacts) -> bool:
        """Whether the facts are of this kind."""
        # Living or dead, records or information: these are never left open.
        if (self.living, self.information) != (facts.is_living, facts.is_information):
            return False
        if self.capacities and facts.capacity not in self.capacities:
            return False
        if self.records and facts.records not in self.records:
            return False
        wanted = (
            (self.responsibility, facts.has_responsibility),
            (self.was_in_care, facts.was_in_care),
            (self.was_adopted, facts.was_adopted),
            (self.asked_as_foi, facts.asked_as_foi),
        )
        return all(said is None or said == known for said, known in wanted) and self._of_age(facts.age)

    def _of_age(self, age: int) -> bool:
        return (self.age_from is None or age >= self.age_from) and (
            self.age_below is None or age < self.age_below
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PathwayOutcome:
    """One way in which a person can decide a leg that is not packed."""

    code: str
    title: str
    """For officers."""
    told: str
    """For the family."""
    needs_approver: bool = False
    gives: bool = False
    """Something of what was asked for is handed over: the right to ask has to be shown, and no stop in force."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pathway:
    """One law that can answer, as data."""

    code: str
    title: str
    """What the family reads above its part."""
    statute: str
    citation: str
    why: str
    """In words for the family: which facts lead here."""
    told: tuple[str, ...]
    """In words for the family: what that means for them."""
    letter: str
    """The code of the letter that this pathway asks for."""
    order: int
    """Of several that fit, the lowest answers."""
    in_force_from: date
    in_force_until: date | None = None
    when: Condition = Condition()
    whole_route: bool = False
    """Gathered, reviewed and packed. Otherwise a named person records a decision."""
    beside: bool = False
    """Said beside the leg's own pathway, and never in its place."""
    asks_as: str = ""
    """The capacity a requester takes who is sent here later, and did not ask in one that fits."""
    asks_proof: bool = True
    """Whether the capacity has to be shown by its documents. Who asks has to be known in any case."""
    time_limits: tuple[str, ...] = ()
    """Codes of time limits that run from receipt. None: the law sets no last day."""
    outcomes: tuple[PathwayOutcome, ...] = ()
    appeal: str = ""
    """The complaint route of whoever is refused: a letter of refusal names its stages and their days."""
    if_refused: tuple[str, ...] = ()
    """Where no route of data fits: what whoever is refused can do, in words for the family."""
    uncertain: bool = False

    def __post_init__(self) -> None:
        if not self.citation.strip() or not self.told:
            raise _bad(self.code, "a pathway needs its citation and what the family is told")
        if self.whole_route == bool(self.outcomes) and not self.beside:
            raise _bad(self.code, "a pathway goes the whole route, or has outcomes to decide between")

    @property
    def needs_proof(self) -> bool:
        """Something can be given on it, and only to whoever shows by documents in what right they ask."""
        return self.asks_proof and (self.whole_route or any(one.gives for one in self.outcomes))

    def outcome(self, code: str) -> PathwayOutcome:
        """One of its outcomes. Raises UnknownName."""
        for outcome in self.outcomes:
            if outcome.code == code:
                return outcome
        raise UnknownName(
            f"'{code}' is not a way to decide this.",
            next_step="Choose one of: " + ", ".join(one.code for one in self.outcomes) + ".",
            field="outcome",
        )


def choose(pathways: Iterable[Pathway], facts: PathwayFacts) -> Pathway:
    """The law that answers.

    :raises UnknownName: no pathway of this nation fits; nothing is guessed.
    """
    fitting = [p for p in pathways if not p.beside and p.when.holds(facts)]
    if not fitting:
        raise UnknownName(
            "No law that this service knows answers a request of this kind.",
            next_step="Check who asks, for whom, and which records. If all is right, ask for legal advice.",
            field="pathway",
        )
    return min(fitting, key=lambda p: p.order)


def said_beside(pathways: Iterable[Pathway], facts: PathwayFacts) -> tuple[Pathway, ...]:
    """What else the family has to be told, the lowest order first."""
    return tuple(sorted((p for p in pathways if p.beside and p.when.holds(facts)), key=lambda p: p.order))


def _bad(code: str, why: str) -> BadLaw:
    return BadLaw(
        f"pathway/{code}: {why}.", next_step="Correct the entry in the law files.", field=f"pathway/{code}"
    )
