"""One register entry -> every written form it is looked for in, folded, with what kind of form it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from sar.detection.folding import fold_words
from sar.detection.lexicon import NICKNAMES, PARTICLES, POST_NOMINALS, TITLES, sex_of, sex_of_title
from sar.domain.parties import Person, Role


class Form(Enum):
    """How a name is written; the value is how sure a lone mention of it is."""

    FULL = 1.0
    SINGLE = 0.95
    """A registered name or alias of one word."""
    INITIALS = 0.9
    JOINED = 0.85
    FIRST = 0.88
    SURNAME = 0.87
    PHRASE = 0.86
    NICKNAME = 0.75
    PART = 0.7
    PLURAL = 0.6
    LETTER = 0.4
    """A registered name of one letter: looked for as a capital that stands alone."""

    @property
    def is_family_name(self) -> bool:
        """Whether a whole family may share it."""
        return self in (Form.SURNAME, Form.PART, Form.PLURAL)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameParts:
    """A written name taken apart."""

    title: str
    first: tuple[str, ...]
    """Folded given names and initials, in order."""
    surname: str
    """Folded, particles included, a hyphen read as a space."""
    compact: str
    """Every letter, joined."""


SHORTEST_PART = 2
_PLURAL_FROM = 4
_JOINED_FROM = 5
_HANDLE_FROM = 5
_LONGEST_NAME = 8
_WORD = re.compile(r"[^\s,]+")


def parts_of(name: str) -> NameParts:
    """Titles and post-nominals off; "Hartley, Marcus" turned round."""
    before, comma, after = name.partition(",")
    if comma and after.strip() and not all(w.strip(".").casefold() in POST_NOMINALS for w in after.split()):
        name = f"{after} {before}"
    else:
        name = before
    folded = [fold_words(w) for w in _WORD.findall(name)]
    words = [(w, w.replace(" ", "")) for w in folded]
    words = [w for w in words if w[0] and (len(w[1]) < SHORTEST_PART or w[1] not in POST_NOMINALS)] or words
    titles = []
    while len(words) > 1 and words[0][0] in TITLES:
        titles.append(words.pop(0)[0])
    cut = len(words) - 1
    while cut > 1 and words[cut - 1][0] in PARTICLES:
        cut -= 1
    return NameParts(
        title=titles[0] if titles else "",
        first=tuple(piece for w in words[:cut] for piece in _given_name(w[0])),
        surname=" ".join(w[0] for w in words[cut:]),
        compact="".join(w[1] for w in words),
    )


def _given_name(word: str) -> list[str]:
    """So Anne-Marie is one name, "J.-P." two letters."""
    letters = word.split(" ")
    return letters if all(len(letter) == 1 for letter in letters) else [word]


def written_forms(person: Person) -> dict[str, Form]:
    """Every folded form of a person's names; the surest kind where two ways lead to the same."""
    forms: dict[str, Form] = {}
    for name in person.names:
        for text, form in _forms_of(name, is_organisation=person.role is Role.ORGANISATION):
            if text and _is_better(form, forms.get(text)):
                forms[text] = form
    for email in person.emails:
        local = fold_words(email.partition("@")[0])
        if len(local) >= _HANDLE_FROM:
            forms.setdefault(local, Form.JOINED)
    return forms


def _is_better(form: Form, before: Form | None) -> bool:
    """The surer form; but an alias that only repeats a part of the name stays a part."""
    if before is None or Form.SINGLE not in (form, before):
        return before is None or form.value > before.value
    other = form if before is Form.SINGLE else before
    return (other in (Form.FIRST, Form.SURNAME)) == (form is other)


def _forms_of(name: str, *, is_organisation: bool) -> Iterator[tuple[str, Form]]:
    whole = fold_words(name)
    if len(whole) < SHORTEST_PART:
        yield whole, Form.LETTER
        return
    if is_organisation:
        yield whole, Form.FULL
        return
    parts = parts_of(name)
    if not parts.first:
        yield from _lone(whole, parts)
        return
    yield whole, Form.FULL
    if whole.count(" ") >= _LONGEST_NAME:
        return
    yield from _full(parts)
    yield from _initials(parts)
    yield from _pieces(parts)


def _lone(whole: str, parts: NameParts) -> Iterator[tuple[str, Form]]:
    """A single word; with a title it is a surname and the title says which bearer is meant."""
    if parts.title:
        yield whole, Form.FULL
        yield parts.surname, Form.SURNAME
        return
    yield whole, Form.SINGLE if " " not in whole else Form.FULL
    yield parts.compact, Form.JOINED
    for nickname in NICKNAMES.get(whole, ()):
        yield nickname, Form.NICKNAME


def _full(parts: NameParts) -> Iterator[tuple[str, Form]]:
    first, surname = parts.first, parts.surname
    given = " ".join(first)
    ends = f"{first[0]} {surname}"
    yield f"{given} {surname}", Form.FULL
    yield f"{surname} {given}", Form.FULL
    if len(first[0]) > 1:
        yield ends, Form.FULL
        yield f"{surname} {first[0]}", Form.FULL
        yield f"{first[0]} {surname[0]}", Form.INITIALS
    if len(first) > 1 and len(first[0]) > 1:
        yield " ".join((first[0], *(f[0] for f in first[1:]), surname)), Form.FULL
    for nickname in NICKNAMES.get(first[0], ()):
        yield f"{nickname} {surname}", Form.INITIALS
        yield nickname, Form.NICKNAME
    barrels = surname.split(" ")
    if len(barrels) > 1 and barrels[0] not in PARTICLES:
        for barrel in (barrels[0], barrels[-1]):
            yield f"{first[0]} {barrel}", Form.INITIALS


def _initials(parts: NameParts) -> Iterator[tuple[str, Form]]:
    letters = [f[0] for f in parts.first]
    surname, joined = parts.surname, parts.surname.replace(" ", "")
    yield f"{letters[0]} {surname}", Form.INITIALS
    yield f"{surname} {letters[0]}", Form.INITIALS
    if len(letters) > 1:
        for together in (" ".join(letters), "".join(letters)):
            yield f"{together} {surname}", Form.INITIALS
            yield f"{surname} {together}", Form.INITIALS
    first = parts.first[0].replace(" ", "")
    for handle in (
        first + joined,
        letters[0] + joined,
        joined + first,
        joined + letters[0],
        first + joined[0],
    ):
        if len(handle) >= _JOINED_FROM:
            yield handle, Form.JOINED


def _pieces(parts: NameParts) -> Iterator[tuple[str, Form]]:
    first, surname = parts.first[0], parts.surname
    if len(surname) >= SHORTEST_PART:
        yield surname, Form.SURNAME
        if " " in surname:
            yield surname.replace(" ", ""), Form.SURNAME
        for barrel in surname.split(" "):
            if len(barrel) > SHORTEST_PART and barrel not in PARTICLES:
                yield barrel, Form.PART
        if len(surname) >= _PLURAL_FROM:
            yield surname + "s", Form.PLURAL
    if len(first) >= SHORTEST_PART:
        yield first, Form.FIRST
        if " " in first:
            yield first.replace(" ", ""), Form.FIRST
            if len(first.split(" ")[0]) > SHORTEST_PART:
                yield first.split(" ")[0], Form.PART
        if len(first) >= _PLURAL_FROM:
            yield first + "s", Form.PLURAL


def sex_hint(person: Person) -> str:
    """``m``, ``f`` or nothing, from titles and first names as registered."""
    for name in person.names:
        parts = parts_of(name)
        hint = sex_of_title(parts.title) or (sex_of(parts.first[0]) if parts.first else "")
        if hint:
            return hint
    return ""
