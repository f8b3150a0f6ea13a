"""Is a document about the subject? Its own words say so: a number, or the full name and a second fact."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sar.domain.parties import DataSubject, IdentifierKind
from sar.domain.records import SubjectQuery
from sar.ports.gathering import UNREADABLE, ReadDocument
from sar.stores.documents import not_read
from sar.stores.names import BY_OFFICER, Judgement, Sameness, fold, names_of, numbers_of
from sar.stores.values import digits, say

BY_NAME_IN_TEXT = "full name and date of birth or address inside the document"
BY_NAME_AND_NUMBER_IN_TEXT = "full name and a local number inside the document"
NEAR_IN_TEXT = "it has the full name, but no number, date of birth or address: compare before using"
NOT_ALL_READ = "something in it could not be read, and nothing else in it names the person"
FILED_UNDER = "filed-under"
_LONG_NUMBER = 9
_OTHER = Judgement(sameness=Sameness.OTHER)


def judged_inside(native_id: str, document: ReadDocument, query: SubjectQuery) -> Judgement:
    """``look_inside``, unless an officer has already looked at this document."""
    if native_id in query.ruled_out:
        return _OTHER
    judgement = look_inside((p.text for p in document.parts), query.subject)
    if native_id in query.confirmed and judgement.sameness is not Sameness.SAME:
        return _same(BY_OFFICER)
    return judgement


def look_inside(texts: Iterable[str], subject: DataSubject) -> Judgement:
    """What the words of a document say. The full name alone is near, never the same."""
    text = "\n".join(texts)
    for kind in IdentifierKind:
        if any(len(n) >= _LONG_NUMBER and _written(n, text) for n in numbers_of(subject, kind)):
            return _same(f"{kind.value} inside the document")
    words = f" {fold(text)} "
    if not any(f" {fold(n)} " in words for n in _both_ways(names_of(subject))):
        return _OTHER
    if any(f" {fold(fact)} " in words for fact in _facts(subject) if fold(fact)):
        return _same(BY_NAME_IN_TEXT)
    short = (n for kind in IdentifierKind for n in numbers_of(subject, kind))
    if any(_written(number, text) for number in short):
        return _same(BY_NAME_AND_NUMBER_IN_TEXT)
    return Judgement(sameness=Sameness.NEAR)


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


def _both_ways(names: Iterable[str]) -> Iterator[str]:
    """A name as it is said, and as lists write it: last name first."""
    for name in names:
        yield name
        first, _, last = name.rpartition(" ")
        if first:
            yield f"{last} {first}"


def _facts(subject: DataSubject) -> list[str]:
    """The date of birth as people write it, the address and its first line."""
    born = subject.born_on
    month = say(born).split()[1]
    dates = [say(born), born.isoformat(), f"{born:%d/%m/%Y}", f"{born.day}/{born.month}/{born.year}"]
    dates += [f"{born.day} {month[:3]} {born.year}", f"{born.day:02d} {month} {born.year}"]
    dates += [f"{born.day}{end} {month} {born.year}" for end in ("st", "nd", "rd", "th")]
    return [*dates, *subject.addresses, *(a.partition(",")[0] for a in subject.addresses)]


def _written(number: str, text: str) -> bool:
    """A number in one piece or with spaces or dashes in it, which is not a piece of a longer one.

    A short local number proves something only beside a name.
    """
    if not number:
        return False
    spaced = r"[\s\-]{0,2}".join(map(re.escape, number))
    return re.search(rf"(?<!\d){spaced}(?!\d)", text, re.IGNORECASE) is not None
