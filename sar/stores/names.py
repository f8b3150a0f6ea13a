"""Is this the person asked for? A number, or two agreeing facts; a near name is never enough."""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import Enum
from functools import lru_cache

from sar.domain.parties import DataSubject, IdentifierKind
from sar.domain.records import SubjectQuery
from sar.stores.values import digits

BY_NAME_AND_BIRTH = "full name and date of birth"


class _Plain(dict[int, str | None]):
    """What is left of a sign when names are compared; worked out once for each sign that is met."""

    def __missing__(self, code: int) -> str | None:
        sign = chr(code)
        kind = unicodedata.category(sign)
        if kind == "Cf" or sign in _APOSTROPHES or unicodedata.combining(sign):
            plain = None
        elif sign in _UNACCENTED:
            plain = _UNACCENTED[sign]
        else:
            # Marks that are no accents carry the vowels of Indian and other scripts.
            plain = sign if kind[0] in "LNM" else " "
        self[code] = plain
        return plain


_APOSTROPHES = frozenset("'\u2018\u2019\u02bc\u02b9`\u00b4")
_UNACCENTED = {
    "\u0142": "l", "\u00f8": "o", "\u0111": "d", "\u00f0": "d", "\u0127": "h", "\u0167": "t", "\u0131": "i",
    "\u00e6": "ae", "\u0153": "oe", "\u00fe": "th",
}  # fmt: skip
"""Letters that no rule of Unicode takes apart, as people without them on the keyboard write them."""
_PLAIN = _Plain()


def fold(name: str) -> str:
    """A name without case, accents, punctuation and double spaces, in the letters of any script."""
    return " ".join(unicodedata.normalize("NFKD", name).casefold().translate(_PLAIN).split())


def names_of(subject: DataSubject) -> tuple[str, ...]:
    """Every full name the subject has had. A bare former surname is joined to the first name."""
    first = subject.name.split()[0] if subject.name.split() else ""
    former = (n if len(n.split()) > 1 else f"{first} {n}".strip() for n in subject.former_names)
    return tuple(dict.fromkeys((subject.name, *former)))


def whole_names_of(subject: DataSubject, *, sharable: bool = True) -> tuple[str, ...]:
    """``names_of``, but none that could be a surname alone: a family of it is not the subject.

    A former name of several words is no surname where the subject's first name stands in it ("Leanne Doyle"), and is
    one where it begins like one ("van Dijk"): then the first name is put before it. Of others ("Lee Doyle", "Garcia
    Lopez") nobody can tell.

    :param sharable: with those of which nobody can tell, as they stand; else with the first name before them.
    """
    first = subject.name.split()[0] if subject.name.split() else ""
    names = [subject.name]
    for former in subject.former_names:
        words = fold(former).split()
        own = fold(first) in words and len(words) > 1
        whole = own or (sharable and len(words) > 1 and words[0] not in _BEGIN_SURNAMES)
        names.append(former if whole else f"{first} {former}".strip())
    return tuple(dict.fromkeys(names))


_BEGIN_SURNAMES = frozenset(
    {
        "van", "von", "vom", "zu", "de", "der", "den", "ter", "ten", "te", "del", "della", "dela", "di", "da", "das",
        "do", "dos", "du", "la", "le", "les", "el", "al", "abu", "bin", "binti", "ibn", "ap", "st", "saint", "san",
        "santa", "o", "mac", "mc", "fitz",
    }
)  # fmt: skip


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
    """Whether two full names could be confused: the same, or a few edits apart for their length."""
    return any(_near(a, b) for a in _readings(first) for b in _readings(second))


def _near(first: str, second: str) -> bool:
    at_most = min(_NEAR, (max(len(first), len(second)) - 1) // 2)
    return bool(first and second) and distance(first, second, at_most=_NEAR) <= at_most


_NEAR = 2
_ADDRESSED = frozenset({"mr", "mrs", "ms", "miss", "mx"})
TITLES = _ADDRESSED | {"master", "dr", "doctor", "prof", "professor", "rev", "reverend", "sir", "dame"}
"""Words before a name that are no part of it."""
_UNNAMED = frozenset({"unborn", "baby", "infant", "newborn", "unnamed", "unknown"})
_NO_FORENAME = TITLES | _UNNAMED | {"boy", "girl", "child", "twin", "male", "female", "of"}
_LONG = 5
_FIRST_AND_LAST = 2


def _readings(name: str) -> set[str]:
    """A name as it stands and, with a comma in it, last name first; without titles."""
    last, _, first = name.partition(",")
    ways = (name, f"{first} {last}") if first.strip() else (name,)
    return {" ".join(_untitled(fold(way).split())) for way in ways} - {""}


def _untitled(words: list[str]) -> list[str]:
    while len(words) > _FIRST_AND_LAST and words[0] in TITLES:
        words = words[1:]
    while len(words) > _FIRST_AND_LAST and words[-1] in _ADDRESSED:
        words = words[:-1]
    return words


def surname_of(name: str) -> list[str]:
    """The words of the last name; two for one with a hyphen."""
    return fold(name.rsplit(maxsplit=1)[-1]).split() if name.strip() else []


@dataclass(frozen=True, slots=True)
class _Fit:
    """What two names have in common."""

    surname: bool
    forename: bool
    """One of their forenames is the same, or could be."""
    another: bool
    """The forename they go by is plainly another."""
    unnamed: bool
    """There is no forename, only a word in its place."""


def _fit(reading: str, own: str) -> _Fit:
    words, last = reading.split(), surname_of(own)
    given = _untitled(fold(own).split())[: -len(last) or None]
    shared = [w for w in words if any(_alike(w, s) for s in last)]
    rest = [w for w in words if w not in shared] if shared else words
    unnamed = not rest or rest[0] in _UNNAMED or all(w in _NO_FORENAME or w.isdecimal() for w in rest)
    goes_by = {*rest[:1]} if shared else {*rest[:1], *rest[-1:]}
    same = bool(goes_by & {*given}) or any(_initial(rest[0], g) for g in given[:1] if rest)
    return _Fit(
        surname=bool(shared),
        forename=same or any(_alike(w, given[0]) for w in rest if given),
        another=bool(given) and not same and not unnamed,
        unnamed=unnamed,
    )


def _alike(word: str, other: str) -> bool:
    if word == other:
        return len(word) > 1 or not word.isascii()
    return min(len(word), len(other)) >= _LONG and distance(word, other, at_most=1) == 1


def _initial(word: str, other: str) -> bool:
    return word[0] == other[0] and 1 in {len(word), len(other)}


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
    expected_on: date | None = None
    """When they were expected to be born, for an entry made before they were."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """The verdict and, for the same person, how they were recognised; for a near one, what to look at."""

    sameness: Sameness
    found_by: str = ""
    why: str = ""
    facts: str = ""
    """A digest of what was compared; only where it is near, or an officer decided on it."""


def judge(candidate: Candidate, subject: DataSubject) -> Judgement:
    """Compare one candidate with the subject.

    A number decides unless another forename, or name and date of birth together, speak against it: one number
    mistyped must not lend a sister's file. Where another number contradicts, as when somebody was entered twice,
    the full name and the date of birth must both agree as well. Without a number, the full name and the date of birth
    together decide, unless a number of the same kind contradicts.
    """
    named = not _own_readings(subject).isdisjoint(r for n in candidate.names for r in _readings(n))
    born = candidate.born_on == subject.born_on
    agreeing, contradicting = _compare_numbers(candidate, subject)
    if agreeing:
        another = not named and _goes_by_another(candidate, subject)
        other_birth = candidate.born_on is not None and not named and not born
        doubtful = another or other_birth or (contradicting and not (named and born))
        return Judgement(sameness=Sameness.NEAR) if doubtful else _same(agreeing.value)
    if named and born and not contradicting:
        return _same(BY_NAME_AND_BIRTH)
    near = _could_be(candidate, subject, contradicting=contradicting)
    return Judgement(sameness=Sameness.NEAR if near else Sameness.OTHER)


def _fits(candidate: Candidate, subject: DataSubject) -> list[_Fit]:
    own = names_of(subject)
    return [_fit(reading, o) for name in candidate.names for reading in _readings(name) for o in own]


def _goes_by_another(candidate: Candidate, subject: DataSubject) -> bool:
    fits = _fits(candidate, subject)
    return bool(fits) and all(fit.another for fit in fits)


def _could_be(candidate: Candidate, subject: DataSubject, *, contradicting: bool) -> bool:
    """Whether an officer should compare them: half a name is enough beside the date of birth."""
    on, born = candidate.born_on, subject.born_on
    if on is not None and on.year != born.year:
        return False
    if any(nearly(a, b) for a in candidate.names for b in names_of(subject)):
        return True
    fits = _fits(candidate, subject)
    if on == born and not contradicting:
        return any(fit.surname or fit.forename for fit in fits)
    if any(fit.surname and fit.forename for fit in fits):
        return True
    unborn = on is None and _expected(candidate.expected_on, born)
    return unborn and any(fit.surname and (fit.unnamed or not fit.another) for fit in fits)


def _expected(on: date | None, born: date) -> bool:
    """Whether a birth expected for one day may be one on another; without a day it may."""
    return on is None or on - _EARLY <= born <= on + _LATE


_EARLY, _LATE = timedelta(weeks=18), timedelta(weeks=4)


BY_OFFICER = "compared by an officer"
ANEW = "an officer found it to be somebody else's, and more speaks for this person now: compare again"
CHANGED = "an officer has decided on it before, and what it says has changed since: compare again"


def judged(native_id: str, candidate: Candidate, query: SubjectQuery) -> Judgement:
    """``judge``, unless an officer has already compared this person of the store with the subject."""
    judgement = judge(candidate, query.subject)
    if judgement.sameness is Sameness.NEAR or is_decided(native_id, query):
        judgement = replace(judgement, facts=facts_of(candidate))
    return by_decision(native_id, judgement, query)


def is_decided(native_id: str, query: SubjectQuery) -> bool:
    """Whether an officer said who this is."""
    return native_id in query.confirmed or native_id in query.ruled_out


def by_decision(native_id: str, judgement: Judgement, query: SubjectQuery) -> Judgement:
    """What an officer decided, as far as it was on the facts that the store gives now.

    A store gives a number to somebody else, a file is written anew: then the officer is asked again. Somebody ruled
    out whom the facts now call the subject is compared anew as well: more is known than the officer saw.
    """
    seen = query.compared.get(native_id, frozenset())
    changed = bool(seen) and judgement.facts not in seen
    anew = replace(judgement, sameness=Sameness.NEAR, found_by="", why=CHANGED if changed else ANEW)
    if native_id in query.ruled_out:
        is_same, is_other = (judgement.sameness is s for s in (Sameness.SAME, Sameness.OTHER))
        left_out = is_other if changed else not is_same
        return replace(judgement, sameness=Sameness.OTHER, why="") if left_out else anew
    if native_id in query.confirmed and judgement.sameness is not Sameness.SAME:
        return anew if changed else replace(judgement, sameness=Sameness.SAME, found_by=BY_OFFICER, why="")
    return judgement


def facts_of(candidate: Candidate) -> str:
    """A digest of names, birth and numbers, however they are written. A new address or telephone changes nothing."""
    numbers = sorted((kind.name, sorted(held)) for kind, held in candidate.numbers.items())
    born = candidate.born_on or candidate.expected_on
    return digest_of([sorted({fold(n) for n in candidate.names}), str(born or ""), numbers])


def digest_of(facts: object) -> str:
    """A digest of facts; it is kept sealed, since it would confirm a guess."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]


def _same(found_by: str) -> Judgement:
    return Judgement(sameness=Sameness.SAME, found_by=found_by)


@lru_cache(maxsize=64)
def _own_readings(subject: DataSubject) -> frozenset[str]:
    """The names the subject goes by: one register is compared with them, row by row."""
    return frozenset(r for name in whole_names_of(subject) for r in _readings(name))


@lru_cache(maxsize=64)
def _own_numbers(subject: DataSubject) -> Mapping[IdentifierKind, frozenset[str]]:
    return {kind: frozenset(numbers_of(subject, kind)) for kind in IdentifierKind}


def _compare_numbers(candidate: Candidate, subject: DataSubject) -> tuple[IdentifierKind | None, bool]:
    """The first kind of number that agrees, and whether one of any kind contradicts."""
    agreeing, contradicting = None, False
    for kind, asked in _own_numbers(subject).items():
        held = candidate.numbers.get(kind, frozenset())
        if asked & held:
            agreeing = agreeing or kind
        else:
            contradicting |= bool(asked and held)
    return agreeing, contradicting
