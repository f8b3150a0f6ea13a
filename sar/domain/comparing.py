"""A person of a store who could be the data subject, beside the data subject: what agrees and what speaks against it.

Nothing is joined here. An officer decides, and says why; the next gathering goes by it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum

from sar.domain.alerts import say
from sar.domain.errors import InvalidInput, SecondPersonNeeded
from sar.domain.parties import DataSubject, Identifier, IdentifierKind, Person
from sar.domain.wording import fold, joined_of

_ENOUGH = 2
_NHS_DIGITS = 10


class Sameness(Enum):
    """What an officer found when they compared two people. The values stand in the trail for good."""

    SAME = "same-person"
    OTHER = "somebody-else"
    UNSURE = "cannot-tell"


class Agreement(Enum):
    """How one fact of two people stands, in the words of the page."""

    AGREES = "agrees"
    AGAINST = "speaks against it"
    OPEN = "tells nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One fact, side by side."""

    what: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    agreement: Agreement
    is_number: bool = False
    is_birth: bool = False
    decides: bool = False
    """Whether what agrees is a number that nobody else in the country has."""


def compare(subject: DataSubject, person: Person) -> tuple[Compared, ...]:
    """Names, birth, numbers and addresses of the two."""
    ours, theirs = (subject.name, *subject.former_names), person.names
    named = {fold(n) for n in ours} & {fold(n) for n in theirs}
    born = (say(person.born_on),) if person.born_on else ()
    return (
        Compared(what="Names", ours=ours, theirs=theirs, agreement=_as(agrees=bool(named), against=True)),
        Compared(
            what="Date of birth", ours=(say(subject.born_on),), theirs=born,
            agreement=_as(agrees=person.born_on == subject.born_on, against=person.born_on is not None),
            is_birth=True,
        ),
        _numbers(subject, person.identifiers),
        Compared(
            what="Addresses", ours=subject.addresses, theirs=person.addresses,
            # People move: another address tells nothing.
            agreement=_as(agrees=_meet(subject.addresses, person.addresses), against=False),
        ),
    )  # fmt: skip


def _as(*, agrees: bool, against: bool) -> Agreement:
    if agrees:
        return Agreement.AGREES
    return Agreement.AGAINST if against else Agreement.OPEN


def _meet(first: Iterable[str], second: Iterable[str]) -> bool:
    return bool({joined_of(one) for one in first} & {joined_of(one) for one in second} - {""})


def _numbers(subject: DataSubject, theirs: tuple[str, ...]) -> Compared:
    """Kind by kind, as far as a number shows its kind.

    Two NHS numbers that differ are two people, or a mistake that somebody has to find, whatever else agrees: a short
    local number is somebody else's in another store. A store's people do not say of what kind their numbers are.
    """
    held = {joined_of(n) for n in theirs} - {""}
    ours = {
        kind: {joined_of(i.value) for i in subject.identifiers if i.kind is kind} for kind in IdentifierKind
    }
    nhs = ours[IdentifierKind.NHS_NUMBER]
    against = bool(nhs) and any(map(is_nhs_number, held)) and not nhs & held
    return Compared(
        what="Numbers", ours=tuple(i.value for i in subject.identifiers), theirs=theirs, is_number=True,
        agreement=_as(agrees=not against and bool(held & set().union(*ours.values())), against=against),
        decides=not against and bool((nhs | ours[IdentifierKind.UPN]) & held),
    )  # fmt: skip


def is_nhs_number(number: str) -> bool:
    """Whether it looks like one: ten digits."""
    return len(number) == _NHS_DIGITS and number.isdigit()


def is_supported(facts: Iterable[Compared]) -> bool:
    """Whether the facts carry "the same person": a national number agrees, or two facts do.

    Never against a number or a birth: a mother and a daughter of one name share their address, and where a newborn was
    entered under the mother's number, that too.
    """
    every = tuple(facts)
    if any((f.is_number or f.is_birth) and f.agreement is Agreement.AGAINST for f in every):
        return False
    agreeing = [f for f in every if f.agreement is Agreement.AGREES]
    return len(agreeing) >= _ENOUGH or any(f.decides for f in agreeing)


def check_decision(sameness: Sameness, reason: str, *, facts: Iterable[Compared], second_look: bool) -> None:
    """Refuse a decision without a reason, and "the same person" on too little.

    :param second_look: an approver decides on what somebody else compared before.
    :raises SecondPersonNeeded: the facts alone do not carry it.
    """
    if not reason.strip():
        raise InvalidInput("The reason is missing.", next_step="Write what you compared.", field="reason")
    if sameness is Sameness.SAME and not is_supported(facts) and not second_look:
        raise SecondPersonNeeded(
            "A number or the date of birth speaks against it, or neither a national number nor two facts agree.",
            next_step="Record that you cannot tell yet, with what you found. An approver may then look and decide.",
            field="sameness",
        )


def with_details(
    subject: DataSubject, *, identifier: Identifier | None = None, former_name: str = ""
) -> DataSubject:
    """The data subject with one more number or former name.

    :raises InvalidInput: nothing was given, or it is known already.
    """
    name = " ".join(former_name.split())
    if identifier is None and not name:
        raise InvalidInput(
            "Nothing was entered.", next_step="Enter a number or a former name.", field="value"
        )
    is_nhs = identifier is not None and identifier.kind is IdentifierKind.NHS_NUMBER
    if is_nhs and not is_nhs_number(joined_of(identifier.value if identifier else "")):
        raise InvalidInput("An NHS number has ten digits.", next_step="Check it in the store.", field="value")
    known = {(i.kind, joined_of(i.value)) for i in subject.identifiers}
    is_known = identifier is not None and (identifier.kind, joined_of(identifier.value)) in known
    if is_known or fold(name) in {fold(n) for n in (subject.name, *subject.former_names)}:
        raise InvalidInput("We know that already.", next_step="There is nothing to add.", field="value")
    return replace(
        subject,
        identifiers=(*subject.identifiers, *([identifier] if identifier else [])),
        former_names=(*subject.former_names, *([name] if name else [])),
    )


def check_details(
    subject: DataSubject,
    identifier: Identifier | None,
    *,
    held_by_others: bool,
    compared_before: bool,
    approves: bool,
) -> None:
    """Refuse what would join two people by itself: the stores take whoever bears it for the data subject.

    :param held_by_others: a person of a store bears the number or name who is not found to be the data subject.
    :param compared_before: somebody else has compared each such person before.
    :param approves: whoever adds it is an approver.
    :raises SecondPersonNeeded: it needs an approver, after somebody else's look.
    """
    if held_by_others and not (approves and compared_before):
        raise SecondPersonNeeded(
            "A person with a nearly equal name has this number or name, and is not found to be the same person.",
            next_step="Compare the two people first, and say who it is. After that an approver may add it.",
            field="value",
        )
    known = {i.kind for i in subject.identifiers}
    second = identifier and identifier.kind is IdentifierKind.NHS_NUMBER and identifier.kind in known
    if second and not approves:
        raise SecondPersonNeeded(
            "A person has one NHS number, and we know one already.",
            next_step="Ask an approver to look, and to add it.",
            field="value",
        )
