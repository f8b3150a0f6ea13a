"""Is a document about the subject? Its own words say so: a number, or the full name and a second fact."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import lru_cache

from sar.domain.parties import DataSubject, IdentifierKind
from sar.domain.records import SubjectQuery
from sar.ports.gathering import UNREADABLE, ReadDocument
from sar.stores.documents import not_read
from sar.stores.names import (
    CHANGED,
    TITLES,
    Judgement,
    Sameness,
    by_decision,
    digest_of,
    fold,
    is_decided,
    names_of,
    numbers_of,
    surname_of,
    whole_names_of,
)
from sar.stores.values import digits, plain_signs, say

BY_NAME_IN_TEXT = "full name and date of birth or address inside the document"
BY_NAME_AND_NUMBER_IN_TEXT = "full name and a local number inside the document"
NEAR_IN_TEXT = "it has the full name, but no number, date of birth or address: compare before using"
WEAK_IN_TEXT = (
    "it has the full name, or what may be one, and a fact that others share, as a house, or a number so short that it "
    "may be a day or a year: compare before using"
)
BY_NAME_AND_EMAIL_IN_TEXT = "full name and e-mail address inside the document"
EMAIL_IN_TEXT = "it has this person's e-mail address, but not the full name: compare before using"
INITIAL_IN_TEXT = "it has an initial with the surname: compare before using"
HALF_IN_TEXT = "it has a part of the name with a date of birth, an address or a number: compare before using"
FILED_ELSEWHERE = "it is filed under somebody else, but its words name this person: compare before using"
OF_ANOTHER = (
    "it is filed under this person, but has only somebody else's NHS number in it: compare before using"
)
ONLY_FILED = "it says that it is filed under this person, and nothing else in it does: compare before using"
NOT_ALL_READ = "something in it could not be read, and nothing else in it names the person"
FILED_UNDER = "filed-under"
_NOTED_BY_PROGRAMS = "property"
_LONG_NUMBER = 9
_SHORT_NUMBER = 4
_PROVING_DIGITS = 5
_DAYS = re.compile(
    r"(?<!\d)(\d{4}[\-/.]\d{1,2}[\-/.]\d{1,2}|\d{1,2}([\-/. ])\d{1,2}\2(\d{4}|\d{2})"
    r"|\d{1,2}(st|nd|rd|th)?\s+[^\W\d]{3,9}\.?\s+(\d{4}|\d{2}))(?!\d)",
    re.IGNORECASE,
)
"""Days, in which the digits of a local number may stand by chance."""
_TEN_DIGITS = re.compile(r"(?<!\d)[1-9]\d{2}[ \-]?\d{3}[ \-]?\d{4}(?!\d)")
_OTHER = Judgement(sameness=Sameness.OTHER)


def judged_inside(
    native_id: str, document: ReadDocument, query: SubjectQuery, *, by_stamp: bool = False
) -> Judgement:
    """``look_inside``, unless an officer has already looked at this document.

    ``by_stamp``: what a mail says of itself about where it is filed decides, since the store's keepers write it there.
    Elsewhere anybody who sends a mail can write it, and it is only a reason to compare.
    """
    judgement = _by_words_and_stamp(document, query.subject, by_stamp=by_stamp, contacts=query.contacts)
    if judgement.sameness is Sameness.NEAR or is_decided(native_id, query):
        judgement = replace(judgement, facts=_facts_of(document))
    is_unseen = native_id in query.confirmed and native_id not in query.compared
    if is_unseen and judgement.sameness is Sameness.OTHER:
        # A path is used again. It was near when it was decided on, before facts were kept, so its words have changed.
        return replace(judgement, sameness=Sameness.NEAR, why=CHANGED)
    return by_decision(native_id, judgement, query)


def _facts_of(document: ReadDocument) -> str:
    """A digest of its words, however they are set. What a program notes when somebody opens and saves it is no word."""
    parts = (p for p in document.parts if p.place != _NOTED_BY_PROGRAMS)
    return digest_of([" ".join(p.text.casefold().split()) for p in parts])


def _by_words_and_stamp(
    document: ReadDocument, subject: DataSubject, *, by_stamp: bool, contacts: Iterable[str]
) -> Judgement:
    said = (p.text for p in document.parts if p.place != FILED_UNDER)
    words = look_inside(said, subject, contacts=contacts)
    filed = filed_under(document, subject)
    if filed is None:
        return words
    under_subject = filed.sameness is Sameness.SAME
    if not by_stamp:
        return _near(ONLY_FILED) if under_subject and words.sameness is Sameness.OTHER else words
    if under_subject:
        return _near(OF_ANOTHER) if _is_of_another(document, subject) else filed
    return _near(FILED_ELSEWHERE) if words.sameness is Sameness.SAME else _OTHER


def _is_of_another(document: ReadDocument, subject: DataSubject) -> bool:
    """Whether an NHS number stands in it, and neither a number of the subject nor a word of their name."""
    text = plain_signs("\n".join(p.text for p in document.parts if p.place != FILED_UNDER))
    if not any(map(_is_nhs_number, _TEN_DIGITS.findall(text))):
        return False
    names = {word for name in names_of(subject) for word in fold(name).split()}
    numbers = (n for kind in IdentifierKind for n in numbers_of(subject, kind))
    return names.isdisjoint(fold(text).split()) and not any(_written(n, text) for n in numbers)


def _is_nhs_number(written: str) -> bool:
    """Whether its last digit is the check digit of the others; a telephone number's seldom is."""
    number = [int(d) for d in written if d.isdecimal()]
    check = sum(d * weight for d, weight in zip(number, range(10, 1, -1), strict=False))
    return (11 - check % 11) % 11 == number[-1]


def look_inside(texts: Iterable[str], subject: DataSubject, *, contacts: Iterable[str] = ()) -> Judgement:
    """What the words of a document say. The full name alone is near, never the same; so is half a name with a fact.

    :param contacts: the subject's own e-mail addresses; beside the full name one is a second fact.
    """
    text = plain_signs("\n".join(texts))
    for kind in IdentifierKind:
        if any(len(n) >= _LONG_NUMBER and _written(n, text) for n in numbers_of(subject, kind)):
            return _same(f"{kind.value} inside the document")
    words = f" {fold(text)} "
    if _one_of(_both_ways(names_of(subject)), words):
        return _by_full_name(subject, text, words, contacts)
    short = [n for kind in IdentifierKind for n in numbers_of(subject, kind) if len(n) >= _SHORT_NUMBER]
    fact = _one_of([*births_of(subject), *_lines_of_homes(subject)], words)
    if _has_half(subject, words, fact=fact or any(_written(n, text) for n in short)):
        return _near(HALF_IN_TEXT)
    if any(_addressed(contact, text) for contact in contacts):
        return _near(EMAIL_IN_TEXT)
    return _near(INITIAL_IN_TEXT) if _one_of(_with_initial(names_of(subject)), words) else _OTHER


def _by_full_name(subject: DataSubject, text: str, words: str, contacts: Iterable[str]) -> Judgement:
    """The full name with a second fact; a home, which a family shares, only with a name that is no surname alone."""
    numbers = [n for kind in IdentifierKind for n in numbers_of(subject, kind)]
    if _one_of(_both_ways(whole_names_of(subject)), words):
        if _one_of(births_of(subject), words):
            return _same(BY_NAME_IN_TEXT)
        if any(_addressed(contact, text) for contact in contacts):
            return _same(BY_NAME_AND_EMAIL_IN_TEXT)
        undated = _DAYS.sub(" | ", text)
        if any(_written(number, undated) for number in numbers if _proves(number)):
            return _same(BY_NAME_AND_NUMBER_IN_TEXT)
    own = _one_of(_both_ways(whole_names_of(subject, sharable=False)), words)
    if own and _one_of(_homes(subject), words):
        return _same(BY_NAME_IN_TEXT)
    facts = _one_of([*births_of(subject), *_lines_of_homes(subject)], words)
    return _near(WEAK_IN_TEXT if facts or any(_written(n, text) for n in numbers) else NEAR_IN_TEXT)


def _proves(number: str) -> bool:
    """Whether a local number is long enough to prove something beside a name; a shorter one may be a year."""
    return len(number) >= (_PROVING_DIGITS if number.isdecimal() else _SHORT_NUMBER)


def _has_half(subject: DataSubject, words: str, *, fact: bool) -> bool:
    """Whether the surname stands there with a fact, or the first name with the date of birth."""
    if _one_of((" ".join(surname_of(name)) for name in names_of(subject)), words):
        return fact
    is_named = _one_of((name.partition(" ")[0] for name in names_of(subject)), words)
    return is_named and _one_of(births_of(subject), words)


def _with_initial(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        first, last = fold(name), " ".join(surname_of(name))
        if first != last:
            yield f"{first[:1]} {last}"
            yield f"{last} {first[:1]}"


def _addressed(contact: str, text: str) -> bool:
    """Whether an e-mail address stands in a text, and not as the end or the beginning of another."""
    place = rf"(?<![\w.+\-]){re.escape(contact)}(?![\w\-]|\.\w)"
    return bool(contact) and re.search(place, text, re.IGNORECASE) is not None


def _one_of(sayings: Iterable[str], words: str) -> bool:
    return any(f" {said} " in words for said in map(_folded, sayings) if len(said) > 1)


_folded = lru_cache(maxsize=2048)(fold)
"""What is looked for is the same in each row of a table, and in each file of a folder."""


def filed_under(document: ReadDocument, subject: DataSubject) -> Judgement | None:
    """What a mail says of itself about where it is filed; None when it says nothing."""
    filed = [p.text for p in document.parts if p.place == FILED_UNDER]
    if not filed:
        return None
    numbers = {digits(word) for word in " ".join(filed).split()}
    for kind in IdentifierKind:
        if numbers & set(numbers_of(subject, kind)):
            return _same(kind.value)
    return _OTHER


def why_unreadable(document: ReadDocument) -> str:
    """The reason why a piece could not be read at all; empty for one that was."""
    if document.media_type != UNREADABLE:
        return ""
    return "; ".join(not_read(document)) or "a piece that cannot be read"


def _same(found_by: str) -> Judgement:
    return Judgement(sameness=Sameness.SAME, found_by=found_by)


def _near(why: str) -> Judgement:
    return Judgement(sameness=Sameness.NEAR, why=why)


def _both_ways(names: Iterable[str]) -> Iterator[str]:
    """A name as it is said, and as lists write it: last name first, with or without a title between."""
    for name in names:
        yield name
        parts = {name.rpartition(" ")[::2], (name.partition(" ")[0], name.partition(" ")[2])}
        for first, last in (each for each in parts if all(each)):
            yield f"{last} {first}"
            yield from (f"{last} {title} {first}" for title in TITLES)


def births_of(subject: DataSubject) -> list[str]:
    """The date of birth as people write it."""
    born = subject.born_on
    month = say(born).split()[1]
    dates = [say(born), born.isoformat(), f"{born:%d/%m/%Y}", f"{born.day}/{born.month}/{born.year}"]
    dates += [f"{born.day} {month[:3]} {born.year}", f"{born.day:02d} {month} {born.year}"]
    return [*dates, *(f"{born.day}{end} {month} {born.year}" for end in ("st", "nd", "rd", "th"))]


def _homes(subject: DataSubject) -> Iterator[str]:
    """Each address, and as many of its first lines as tell a house apart: up to a number in a named street, or two."""
    for address in subject.addresses:
        lines = [line for line in address.split(",") if line.strip()]
        enough = next((n for n, line in enumerate(lines, start=1) if _in_street(line)), min(len(lines), _TWO))
        if enough > 1 or (lines and _in_street(lines[0])):
            yield from (address, ",".join(lines[:enough]))


def _in_street(line: str) -> bool:
    """Whether a line of an address has a number and a street, and not only a flat in a house."""
    rest = _PART_OF_HOUSE.sub(" ", f" {fold(line)} ")
    return any(w[0].isdecimal() for w in rest.split()) and any(
        w.isalpha() and len(w) > 1 for w in rest.split()
    )


_PART_OF_HOUSE = re.compile(
    r" (flat|apartment|apt|unit|room|floor|block|level|suite|studio|caravan|plot|pitch) \w+"
)
_TWO = 2


def _lines_of_homes(subject: DataSubject) -> list[str]:
    """Each address, and its first line, however little that says."""
    return [*subject.addresses, *(a.partition(",")[0] for a in subject.addresses)]


def _written(number: str, text: str) -> bool:
    """A number in one piece or with spaces or dashes in it, which is not a piece of a longer one.

    A short local number proves something only beside a name.
    """
    if not number:
        return False
    spaced = r"[\s\-]{0,2}".join(map(re.escape, number))
    return re.search(rf"(?<!\d){spaced}(?!\d)", text, re.IGNORECASE) is not None
