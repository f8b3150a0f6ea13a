"""What comes in, checked before anything is stored: the request, its legs, and which law answers each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sar.domain.authority import AuthorityCheck, AuthorityFacts, Capacity, assess_authority
from sar.domain.case import CaseState
from sar.domain.errors import ImpossibleDate, InvalidInput, UnknownName
from sar.domain.parties import AccessRequest, DataSubject, Leg, Requester
from sar.domain.pathways import INFORMATION_REQUEST, SUBJECT_ACCESS, Pathway, PathwayFacts, RecordsOf
from sar.domain.references import LegName
from sar.domain.statutes import Law

CHANNELS = ("web", "letter", "email", "phone", "in person")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLeg:
    """One person's data, asked for by one recipient."""

    name: str
    subject: DataSubject
    recipient: Requester
    capacity: str
    records: str = RecordsOf.ANY.value
    """Whose files, where that decides which law answers."""
    has_responsibility: bool = True
    was_in_care: bool = False
    was_adopted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """A request as it came in, by whatever channel."""

    received_on: date
    channel: str
    nation: str
    wording: str
    legs: Sequence[NewLeg]
    asked_as_foi: bool = False
    information: str | None = None
    """What is asked beside own records: policies, statistics. None where nothing is."""
    requester: Requester | None = None
    """Who asks; needed only where no leg says it."""


def check_request(request: NewRequest, *, today: date, law: Law) -> tuple[Leg, ...]:
    """The legs of a request, numbered. Raises for whatever is missing or impossible."""
    if request.channel not in CHANNELS:
        raise UnknownName(
            "That is not a way we take requests.",
            next_step=f"Use one of: {', '.join(CHANNELS)}.",
            field="channel",
        )
    if request.received_on > today:
        raise ImpossibleDate(
            "The request is dated in the future.",
            next_step="Check the date it was received.",
            field="received_on",
        )
    if request.nation not in {law.nation.code, law.nation.division.code}:
        raise UnknownName(
            "That is not the nation this service works in.",
            next_step=f"Use {law.nation.code}, or run a service for the other nation.",
            field="nation",
        )
    _check_parts(request)
    return tuple(
        check_leg(leg, number=i, received_on=request.received_on)
        for i, leg in enumerate(request.legs, start=1)
    )


def _check_parts(request: NewRequest) -> None:
    if request.information is not None:
        check_information(request.information)
    if not request.legs and request.information is None:
        raise InvalidInput(
            "Nobody is named whose records are wanted.", next_step="Name at least one person.", field="legs"
        )
    if not request.legs and (request.requester is None or not request.requester.name.strip()):
        raise InvalidInput(
            "Nobody is named who asks.", next_step="Give the name of whoever asks.", field="requester_name"
        )
    names = [leg.name for leg in request.legs]
    if len(set(names)) != len(names):
        raise InvalidInput(
            "Two legs of the request have the same name.",
            next_step="Give each its own short name.",
            field="legs",
        )


def check_information(words: str) -> str:
    """The words of a part that asks for policies or statistics."""
    if not words.strip():
        raise InvalidInput(
            "It does not say which policies, numbers or other papers are wanted.",
            next_step="Write what is wanted, or leave this part out.",
            field="information",
        )
    return words.strip()


def check_leg(leg: NewLeg, *, number: int, received_on: date) -> Leg:
    """One leg of the request."""
    if not leg.name.strip() or not leg.recipient.name.strip():
        raise InvalidInput(
            "Somebody who receives the records has no name.",
            next_step="Give the name of whoever asks.",
            field="requester_name",
        )
    if not leg.subject.name.strip():
        raise InvalidInput(
            "A person whose records are wanted has no name.",
            next_step="Give their full name.",
            field="subject_name",
        )
    if leg.subject.born_on > received_on:
        raise ImpossibleDate(
            "A date of birth lies after the request.", next_step="Check the date of birth.", field="born_on"
        )
    capacity = _capacity(leg)
    _check_death(leg, capacity, received_on)
    _check_file_of_the_dead(leg)
    return Leg(
        name=LegName(leg.name),
        number=number,
        subject=leg.subject.id,
        recipient=leg.recipient,
        capacity=leg.capacity,
        records=_records(leg).value,
        has_responsibility=leg.has_responsibility,
        was_in_care=leg.was_in_care,
        was_adopted=leg.was_adopted,
    )


def _capacity(leg: NewLeg) -> Capacity:
    if leg.capacity not in {c.value for c in Capacity}:
        raise UnknownName(
            "That is not a capacity in which one can ask.",
            next_step="Choose one from the list.",
            field="capacity",
        )
    capacity = Capacity(leg.capacity)
    if capacity is Capacity.SELF and leg.recipient.subject != leg.subject.id:
        raise InvalidInput(
            "Somebody asks for their own records, but is not the person the records are about.",
            next_step="Choose in what capacity they ask, or name them as the person.",
            field="capacity",
        )
    if not leg.has_responsibility and capacity is not Capacity.PARENTAL_RESPONSIBILITY:
        raise InvalidInput(
            "Parental responsibility matters only where a parent asks for a child.",
            next_step="Choose parent or guardian as the right by which they ask, or leave the mark out.",
            field="has_responsibility",
        )
    return capacity


def _records(leg: NewLeg) -> RecordsOf:
    if leg.records not in {r.value for r in RecordsOf}:
        raise UnknownName(
            "That is not a kind of records.",
            next_step="Choose one of: " + ", ".join(r.value for r in RecordsOf) + ".",
            field="records",
        )
    return RecordsOf(leg.records)


def _check_death(leg: NewLeg, capacity: Capacity, received_on: date) -> None:
    died_on = leg.subject.died_on
    if died_on is None:
        if capacity.is_for_the_dead:
            raise InvalidInput(
                "In this capacity one asks only for the records of somebody who has died.",
                next_step="Give the day they died, or choose another capacity.",
                field="died_on",
            )
        return
    if died_on > received_on:
        raise ImpossibleDate(
            "The day of death lies after the request.", next_step="Check the day they died.", field="died_on"
        )
    if died_on < leg.subject.born_on:
        raise ImpossibleDate(
            "The day of death lies before the day of birth.", next_step="Check both days.", field="died_on"
        )
    if not capacity.is_for_the_dead:
        raise InvalidInput(
            "The person has died, so nobody can ask in this capacity.",
            next_step="Choose personal representative, a claim because of the death, or bereaved relative.",
            field="capacity",
        )


def _check_file_of_the_dead(leg: NewLeg) -> None:
    """A health record has a law of its own, with days; a council file has none. Nothing is guessed."""
    if leg.subject.died_on is not None and _records(leg) not in {RecordsOf.HEALTH, RecordsOf.COUNCIL}:
        raise InvalidInput(
            "The person has died, and it does not say which of their records are wanted.",
            next_step="Choose health records or the council file. For both, ask for each by itself.",
            field="records",
        )


def law_in_force(law: Law, code: str, received_on: date) -> Pathway:
    """The law that answers, with its time limits, on the day of receipt.

    :raises ImpossibleDate: it was not in force then, so no day could be counted.
    """
    try:
        pathway = law.pathway(code, received_on)
        for limit in pathway.time_limits:
            law.time_limit(limit, received_on)
    except UnknownName as unknown:
        raise too_old(law, received_on) from unknown
    return pathway


def too_old(law: Law, received_on: date) -> ImpossibleDate:
    """The day of receipt lies before the law that would answer."""
    began_on = min(entry.in_force_from for entry in law.pathways[SUBJECT_ACCESS])
    return ImpossibleDate(
        f"The law that answers such a request was not in force on {received_on.isoformat()}.",
        next_step=f"Check the day it was received. Subject access requests are known from {began_on.isoformat()} on.",
        field="received_on",
    )


def require_possible(state: CaseState, request: AccessRequest, law: Law) -> None:
    """What receiving checks, asked again of a case whose days were put right."""
    for leg in request.legs:
        day, subject, mine = state.received_for(leg.number), request.subject_of(leg), state.leg(leg.number)
        law_in_force(law, mine.pathway, day)
        if subject.born_on > day:
            raise _before("A date of birth lies after the request.")
        if subject.died_on is not None and subject.died_on > day:
            raise _before("The day of death lies after the request.")
        if mine.decided_on is not None and mine.decided_on < day:
            raise _before("A part would be decided before it was received.")
        if day < state.received_on:
            raise _before("A part would be received before the request itself.")
    for part in state.information:
        law_in_force(law, INFORMATION_REQUEST, part.received_on)
        if part.received_on < state.received_on:
            raise _before("A part would be received before the request itself.")
        if part.answered_on is not None and part.answered_on < part.received_on:
            raise _before("A part would be answered before it was received.")


def _before(message: str) -> ImpossibleDate:
    return ImpossibleDate(message, next_step="Check the day.", field="received_on")


def facts_of(leg: Leg, subject: DataSubject, *, received_on: date, asked_as_foi: bool) -> PathwayFacts:
    """What decides which law answers a leg."""
    return PathwayFacts(
        capacity=leg.capacity,
        age=subject.age_on(received_on),
        is_living=subject.died_on is None,
        records=RecordsOf(leg.records),
        has_responsibility=leg.has_responsibility,
        was_in_care=leg.was_in_care,
        was_adopted=leg.was_adopted,
        asked_as_foi=asked_as_foi,
    )


def facts_in(request: AccessRequest, leg: Leg) -> PathwayFacts:
    """The same, of a request that was received."""
    return facts_of(
        leg, request.subject_of(leg), received_on=request.received_on, asked_as_foi=request.asked_as_foi
    )


def authority_at_start(pathway: Pathway, facts: PathwayFacts, law: Law) -> AuthorityCheck:
    """What stops delivery from the start. A leg without a pack has nothing to stop.

    :raises InvalidInput: the person is grown up, and asks themself.
    """
    capacity = Capacity(facts.capacity)
    if not pathway.whole_route:
        return AuthorityCheck(capacity=capacity)
    check = assess_authority(
        AuthorityFacts(capacity=capacity, subject_age=facts.age), presumption=law.age_presumption
    )
    if check.routed_to:
        raise InvalidInput(
            f"This is not a subject access request in this capacity. {check.why}",
            next_step=f"Answer it as {check.routed_to}, or choose another capacity.",
            field="capacity",
        )
    return check
