"""Is this the person asked for? A number, or two agreeing facts; a near name is never enough."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import Enum

from sar.domain.parties import DataSubject, IdentifierKind
from sar.domain.records import SubjectQuery
from sar.stores.values import digits

BY_NAME_AND_BIRTH = "full name and date of birth"


def fold(name: str) -> str:
    """A name without case, accents, punctuation and double spaces."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    return " ".join(
        re.sub(r"[^a-z0-9 ]+", " ", plain.casefold().replace("'", "").replace("\u2019", "")).split()
    )


def names_of(subject: DataSubject) -> tuple[str, ...]:
    """Every full name the subject has had. A bare former surname is joined to the first name."""
    first = subject.name.split()[0] if subject.name.split() else ""
    former = (n if len(n.split()) > 1 else f"{first} {n}".strip() for n in subject.former_names)
    return tuple(dict.fromkeys((subject.name, *former)))


def numbers_of(subject: DataSubject, kind: IdentifierKind) -> tuple[str, ...]:
    """The subject's numbers of one kind, without spaces."""
    return tuple(dict.fromkeys(digits(i.value) for i in subject.identifiers if i.kind is kind))


def distance(first: str, second: str, *, at_most: int = 2) -> int:
    """Edits between two words (insert, delete, change, swap), or ``at_most + 1`` when there are more."""
    if abs(len(first) - len(second)) > at_most:
        return at_most + 1
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, start=1):
        before, last, row = row, before, [i]
        for j, b in enumerate(second, start=1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == second[j - 2] and first[i - 2] == b:
                cost = min(cost, last[j - 2] + 1)
            row.append(cost)
    return min(row[-1], at_most + 1)


def nearly(first: str, second: str) -> bool:
    """Whether two full names could be confused: the same, or at most two edits apart."""
    return distance(fold(first), fold(second)) <= _NEAR


_NEAR = 2


class Sameness(Enum):
    """What a row of a store's person table is to the subject."""

    SAME = "same"
    NEAR = "near"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A person as a store knows them."""

    names: tuple[str, ...]
    born_on: date | None
    numbers: dict[IdentifierKind, frozenset[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict and, for the same person, how they were recognised."""

    sameness: Sameness
    found_by: str = ""


def judge(candidate: Candidate, subject: DataSubject) -> Judgement:
    """Compare one candidate with the subject.

    A number decides unless both the name and the date of birth speak against it. Without a number, the full
    name and the date of birth together decide, unless a number of the same kind contradicts.
    """
    named = _same_name(candidate.names, names_of(subject))
    born = candidate.born_on == subject.born_on
    agreeing, contradicting = _compare_numbers(candidate, subject)
    if agreeing:
        wrong = candidate.born_on is not None and not named and not born
        return Judgement(sameness=Sameness.NEAR) if wrong else _same(agreeing.value)
    if named and born and not contradicting:
        return _same(BY_NAME_AND_BIRTH)
    close = any(nearly(a, b) for a in candidate.names for b in names_of(subject))
    year = candidate.born_on is None or candidate.born_on.year == subject.born_on.year
    return Judgement(sameness=Sameness.NEAR if close and year else Sameness.OTHER)


BY_OFFICER = "compared by an officer"


def judged(native_id: str, candidate: Candidate, query: SubjectQuery) -> Judgement:
    """``judge``, unless an officer has already compared this person of the store with the subject.

    Somebody ruled out whom the facts now call the subject is compared anew: the officer saw other facts.
    """
    judgement = judge(candidate, query.subject)
    same = judgement.sameness is Sameness.SAME
    if native_id in query.ruled_out:
        return Judgement(sameness=Sameness.NEAR if same else Sameness.OTHER)
    if native_id in query.confirmed and not same:
        return _same(BY_OFFICER)
    return judgement


def _same(found_by: str) -> Judgement:
    return Judgement(sameness=Sameness.SAME, found_by=found_by)


def _same_name(first: Iterable[str], second: Iterable[str]) -> bool:
    return bool({fold(n) for n in first} & {fold(n) for n in second} - {""})


def _compare_numbers(candidate: Candidate, subject: DataSubject) -> tuple[IdentifierKind | None, bool]:
    contradicting = False
    for kind in IdentifierKind:
        asked = set(numbers_of(subject, kind))
        held = candidate.numbers.get(kind, frozenset())
        if asked & held:
            return kind, False
        contradicting |= bool(asked and held)
    return None, contradicting
