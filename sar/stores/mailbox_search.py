"""What a mail server is asked to look for: always more than what is the subject's, never less.

The server only narrows down; whether a mail is about the subject is decided by reading it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from html.entities import html5
from typing import Any

from sar.domain.parties import DataSubject, IdentifierKind
from sar.domain.records import SubjectQuery
from sar.stores.inside import births_of
from sar.stores.names import fold, names_of

Criteria = list[Any]
_NHS = re.compile(r"(\d{3})(\d{3})(\d{4})")
_CARRIERS = (
    "multipart/mixed", "multipart/related", "multipart/signed", "multipart/report", "multipart/encrypted",
    "application/", "image/", "message/",
)  # fmt: skip
_PLAIN, _EITHER = "text/plain", "multipart/alternative"
_GROUPS = (3, 4, 5, 6)
_LONG_ENOUGH = 6


@dataclass(frozen=True, slots=True)
class Term:
    """Words that must all stand somewhere in a mail."""

    words: tuple[str, ...]
    ways: tuple[str, ...] = ()
    """One of these must stand there as well; asked in one question, for a server without an index reads every mail."""

    @property
    def is_ascii(self) -> bool:
        """Whether every server can be asked for it."""
        return all(word.isascii() for word in (*self.words, *self.ways))

    def criteria(self) -> Criteria:
        """In the words of the protocol, all in one row: the library cannot send other letters inside brackets."""
        every: Criteria = [item for word in self.words for item in ("TEXT", word)]
        if not self.ways:
            return every
        first, *rest = self.ways
        either: Criteria = ["TEXT", first]
        for way in rest:
            either = ["OR", "TEXT", way, *either]
        return [*every, *either]

    def plainer(self) -> Term:
        """For a server that knows no other letters: only the words without them, which finds more."""
        ways = self.ways if all(way.isascii() for way in self.ways) else ()
        return Term(tuple(word for word in self.words if word.isascii()), ways)


def terms_for(subject: DataSubject, contacts: Iterable[str] = ()) -> tuple[Term, ...]:
    """Every name, number and e-mail address of the subject, in the ways people write them; half a name with a fact."""
    names = (Term(words) for name in names_of(subject) for words in _name_words(name))
    numbers = (
        Term(words) for number in subject.identifiers for words in _number_words(number.value, number.kind)
    )
    reached = (Term((contact,)) for contact in contacts)
    pairs = _pairs(number.value for number in subject.identifiers)
    every = (*names, *numbers, *pairs, *reached, *_half_names(subject))
    return tuple(dict.fromkeys(term for term in every if term.words or term.ways))


def _half_names(subject: DataSubject) -> Iterator[Term]:
    """An initial with a surname, present or former; the date of birth, whatever the name; a surname with a home."""
    for name in names_of(subject):
        for words in (name.split(), fold(name).split()):
            if len(words) > 1:
                yield Term((), tuple(form.format(words[0][0], words[-1]) for form in _INITIALS))
    yield Term((), tuple(births_of(subject)))
    for name in names_of(subject):
        for line in (address.partition(",")[0] for address in subject.addresses):
            surname = tuple(re.findall(r"[^\W_]+", name.split()[-1])) if name.split() else ()
            yield Term((*surname, *re.findall(r"[^\W_]+", line)) if line.strip() else ())


_INITIALS = ("{} {}", "{}. {}", "{}.{}", "{1} {0}", "{1}, {0}")


def _name_words(name: str) -> Iterator[tuple[str, ...]]:
    """The words of a name apart, for a line may break between them; with and without its accents."""
    yield tuple(re.findall(r"[^\W_]+", name))
    yield tuple(fold(name).split())


def _number_words(value: str, kind: IdentifierKind) -> Iterator[tuple[str, ...]]:
    """A number in one piece and in the groups people write it in."""
    bare = re.sub(r"[\s\-]", "", value)
    yield (bare,) if bare else ()
    groups = [tuple(re.split(r"[\s\-]+", value.strip()))]
    if kind is IdentifierKind.NHS_NUMBER and (found := _NHS.fullmatch(bare)):
        groups = [found.groups()]
    if len(bare) >= _LONG_ENOUGH:
        groups += [_in_groups(bare, size) for size in _GROUPS]
    yield from (words for words in dict.fromkeys(groups) if len(words) > 1)


def _pairs(numbers: Iterable[str]) -> Iterator[Term]:
    """A number written two signs at a time: as one saying, for pairs of digits stand apart in every mail."""
    for number in numbers:
        bare = re.sub(r"[\s\-]", "", number)
        if len(bare) >= _LONG_ENOUGH:
            yield Term((), tuple(sign.join(_in_groups(bare, 2)) for sign in (" ", "-")))


def _in_groups(number: str, size: int) -> tuple[str, ...]:
    return tuple(number[at : at + size] for at in range(0, len(number), size))


def attached() -> Criteria:
    """Mails that may carry something a server does not look into: each is read.

    Whatever is not plain text is among them, for servers do not read what letters a page or a calendar stands for.
    Of those with one content in several forms ``in_several_forms`` finds the ones that carry more.
    """
    criteria: Criteria = ["HEADER", "Content-Type", "/", "NOT", ["HEADER", "Content-Type", _PLAIN]]
    criteria += ["NOT", ["HEADER", "Content-Type", _EITHER]]
    for kind in _CARRIERS:
        criteria = ["OR", ["HEADER", "Content-Type", kind], criteria]
    return criteria


def in_several_forms() -> Criteria:
    """Mails that say the same as plain text and as a page, as most do; an attachment can lie inside one of these."""
    return ["HEADER", "Content-Type", _EITHER]


def in_signs(subject: DataSubject) -> Criteria:
    """Of those, the ones whose page may write a letter as a sign (``H&#97;rtley``), or hide something inside a word.

    A server that searches the page as it was sent finds the sign; one that reads pages as people do finds the name.
    """
    signs = dict.fromkeys((*_SIGNS, *_signs_of(names_of(subject))))
    return [*in_several_forms(), *Term((), tuple(signs)).criteria()]


_SIGNS = ("&#", "&shy", "&zw", "&NoBreak", "&ZeroWidth", "<wbr", "lig;")


def _signs_of(names: Iterable[str]) -> Iterator[str]:
    """The names that pages give to letters which are not English; without the end, which some leave out."""
    letters = {letter for name in names for letter in name if not letter.isascii()}
    letters |= {other for letter in letters for other in (letter.lower(), letter.upper())}
    found = (name.rstrip(";") for name, letter in html5.items() if letter in letters)
    yield from sorted({f"&{name.lower()}" for name in found})


def is_only_text(structure: object) -> bool:
    """Whether a mail, by what the server says of its build, is nothing but plain text and pages to look at."""
    if not isinstance(structure, tuple) or not structure:
        return False
    if isinstance(structure[0], list):
        return all(map(is_only_text, structure[0]))
    kind = tuple(each.lower() for each in structure[:2] if isinstance(each, bytes))
    is_file = any(isinstance(each, tuple) and each[:1] == (b"attachment",) for each in _lowered(structure))
    return kind in {(b"text", b"plain"), (b"text", b"html")} and not is_file


def _lowered(structure: tuple[Any, ...]) -> Iterator[object]:
    for each in structure[2:]:
        first = each[0] if isinstance(each, tuple) and each else None
        yield (first.lower(),) if isinstance(first, bytes) else each


def within(query: SubjectQuery) -> Criteria:
    """The period, a day wider at each end (days begin at other hours elsewhere), sent or received."""
    criteria: Criteria = []
    if query.from_on is not None and query.from_on > date.min + _A_DAY:
        after = query.from_on - _A_DAY
        criteria += ["OR", "SENTSINCE", after, "SINCE", after]
    if query.to_on is not None and query.to_on < date.max - 2 * _A_DAY:
        before = query.to_on + 2 * _A_DAY
        criteria += ["OR", "SENTBEFORE", before, "BEFORE", before]
    return criteria


_A_DAY = timedelta(days=1)
