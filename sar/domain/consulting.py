"""Asking somebody a record speaks of: the words about that person, and nothing about anybody else.

The only maker of ``ConsultedPassage``. A named officer decided whom to ask, about which words, and whether the
person who asked for the records may be named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum
from itertools import combinations

from sar.domain.disclosure import PLACEHOLDER, ConsultedPassage, Needles
from sar.domain.errors import DecisionNotSupported, InvalidInput, NotFound
from sar.domain.matching import Span
from sar.domain.needles import dates_of, needles_of
from sar.domain.parties import PeopleRegister, Person, Requester, Role, SafeContact
from sar.domain.records import Record
from sar.domain.redaction import Outcome, RecordDecision
from sar.domain.references import LegName, PersonId, StaffId, SubjectId

_SHORT_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a am an and are as at be but by can did do for go had has he her him his how i if in is it its may me my "
        "no not of off on or our out she so than that the their them then they this to too up us was we were what "
        "when who will with you your",
    )
)
"""Words that are also somebody's name, now and then: those count only with a capital."""
_GAP = r"[\s().-]*"
_PHONE = re.compile(r"\+?[\d\s().-]{6,}")


class ConsultationAnswer(Enum):
    """What became of the question. Whatever it is, a person still decides."""

    CONSENT = "consent"
    REFUSAL = "refusal"
    NO_ANSWER = "no answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consultation:
    """A named person's decision to ask somebody about some words."""

    id: str
    leg: int
    person: PersonId
    span: Span
    names_requester: bool
    decided_by: StaffId
    decider_role: str
    decided_at: datetime
    answer: ConsultationAnswer | None = None
    answered_on: date | None = None


def reference_of(consultation: str) -> str:
    """What a letter to whoever is asked bears, by the consultation's id: it stands in no other letter."""
    return f"Q-{consultation.upper()}"


def words_at(record: Record, quote: str) -> Span:
    """Where the words stand, once and only once, in a record."""
    wanted = quote.strip()
    if not wanted:
        raise InvalidInput("The words are missing.", next_step="Copy them from the record.", field="quote")
    found = [
        (number, at) for number, passage in enumerate(record.passages) for at in _places(passage.text, wanted)
    ]
    if len(found) != 1:
        raise InvalidInput(
            "The words do not stand in the record as they are written here."
            if not found
            else "The words stand in more than one place of the record.",
            next_step="Copy them again from the record, with a few more words around them.",
            field="quote",
        )
    number, at = found[0]
    return Span(record=record.key, version=record.version, passage=number, start=at, end=at + len(wanted))


def consulted(
    record: Record,
    consultation: Consultation,
    *,
    register: PeopleRegister,
    others: Iterable[Span],
    requester: Requester,
) -> ConsultedPassage:
    """The words for the consultee, with everything about anybody else withheld.

    :param others: words that were proposed, or withheld, because of somebody else.
    :raises DecisionNotSupported: another version of the record, or nothing is left to ask about.
    """
    span = consultation.span
    consultee = consultee_of(consultation, register)
    if (record.key, record.version) != (span.record, span.version):
        raise DecisionNotSupported(
            "The record has changed since it was decided to ask.",
            next_step="Open the record again and choose the words once more.",
        )
    text = record.passages[span.passage].text
    hidden = [(s.start, s.end) for s in others if s.overlaps(span)]
    about_others = [p for p in register.people if p.id != consultee.id]
    may_be_named = requester.subject if consultation.names_requester else None
    forms = {f for p in about_others if may_be_named is None or p.subject != may_be_named for f in _forms(p)}
    asks = requester.contact
    forms |= set(_contact_forms(phones=[asks.phone], others=[asks.email], addresses=[asks.postal_address]))
    if not consultation.names_requester:
        forms |= {requester.name, *_words_of([requester.name])}
    known = {word.casefold() for word in _words_of(consultee.names)}
    hidden += [place for form in forms if form.casefold() not in known for place in _found(text, form)]
    shown = _without(text, span.start, span.end, hidden)
    if not shown.replace(PLACEHOLDER, "").strip(" .,;:-"):
        raise DecisionNotSupported(
            "All of these words are also about somebody else.",
            next_step="Choose words that are about this person alone, or decide without asking.",
        )
    return ConsultedPassage(
        consultee=consultee.name,
        dated_on=record.dated_on,
        text=shown,
        requester=requester.name if consultation.names_requester else "",
    )


def consultee_of(consultation: Consultation, register: PeopleRegister) -> Person:
    """Who is asked."""
    person = register.find(consultation.person)
    if person is None:
        raise NotFound("Nobody of that name is in the register.", next_step="Choose again.", field="person")
    return person


def unseen_by(
    consultation: Consultation,
    passage: ConsultedPassage,
    *,
    records: Sequence[Record],
    register: PeopleRegister,
    requester: SubjectId | None,
    ours: Sequence[str] = (),
) -> Needles:
    """What the gate looks for in a letter to a consultee: everybody else, and every sentence not asked about.

    :param ours: how we sign: an organisation in the register that is ourselves is no secret in our own letter.
    """
    free = {consultation.person}
    if consultation.names_requester and requester is not None:
        free |= {p.id for p in register.people if p.subject == requester}
    people = [
        replace(p, role=Role.PROFESSIONAL if p.id in free else Role.SOURCE)
        for p in register.people
        if p.role is not Role.ORGANISATION
    ]
    bodies = [p for p in register.people if p.role is Role.ORGANISATION and p.id not in free]
    withheld = {
        r.key: RecordDecision(
            leg=LegName(""), record=r.key, version=r.version, outcome=Outcome.WITHHOLD, reason="",
            decided_by=consultation.decided_by, decider_role="", decided_at=consultation.decided_at,
        )
        for r in records
    }  # fmt: skip
    reader = Requester(name=passage.consultee, contact=SafeContact())
    sentences = needles_of(records, decisions=(), people=people, recipient=reader, outcomes=withheld)
    # Whoever is named is looked for in the chosen words too: that they were chosen frees nobody.
    named = needles_of((), decisions=(), people=people, recipient=reader)
    organisations = Needles(
        [c for p in bodies for c in (*p.phones, *p.emails, *p.addresses, *p.identifiers)],
        whole_words=True,
        names=[n for p in bodies for n in p.names],
    ).without_those_in(ours)
    looked = sentences.without_those_in([passage.text]).joined_with(named).joined_with(organisations)
    return looked.without_those_in([passage.requester])


def _places(text: str, wanted: str) -> Iterator[int]:
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


def _forms(person: Person) -> Iterator[str]:
    """Every way in which somebody else could be known again."""
    yield from person.names
    # Of an organisation the name says it, not each of its words ("The", "House").
    yield from _words_of(person.names) if person.role is not Role.ORGANISATION else _parts_of(person.names)
    yield from _contact_forms(
        phones=person.phones,
        others=(*person.emails, *person.identifiers, *person.phrases),
        addresses=person.addresses,
    )
    if person.born_on:
        yield from dates_of(person.born_on)


def _contact_forms(
    *, phones: Iterable[str], others: Iterable[str], addresses: Iterable[str]
) -> Iterator[str]:
    """How somebody is reached: an address line by line too, a number however it is grouped."""
    yield from (*phones, *others)
    for address in addresses:
        yield from (address, *(line.strip() for line in re.split(r"[,;\n]", address)))


def _parts_of(names: Iterable[str]) -> Iterator[str]:
    """Two words or more of an organisation's name that follow each other ("Harbour House")."""
    for name in names:
        words = name.split()
        for first, last in combinations(range(len(words) + 1), 2):
            if last - first > 1 and not {words[first].casefold(), words[last - 1].casefold()} & _SHORT_WORDS:
                yield " ".join(words[first:last])


def _words_of(names: Iterable[str]) -> Iterator[str]:
    """Every word of a name, of whatever length, and each half of a double one."""
    for name in names:
        for word in re.findall(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*", name):
            yield word
            yield from word.split("-")


def _found(text: str, form: str) -> Iterator[tuple[int, int]]:
    if not form.strip():
        return
    if _PHONE.fullmatch(form.strip()):
        home = re.sub(r"^(?:00|\+)44", "", re.sub(r"[^\d+]", "", form)).lstrip("0")
        pattern = rf"(?:(?:\+|00)44{_GAP}0?{_GAP}|0{_GAP})?" + _GAP.join(home)
    else:
        pattern = r"\s+".join(re.escape(part) for part in form.split())
    for hit in re.finditer(rf"(?<!\w){pattern}(?!\w)", text, re.IGNORECASE):
        if form.casefold() not in _SHORT_WORDS or hit[0][0].isupper():
            yield hit.span()


def _without(text: str, start: int, end: int, hidden: Iterable[tuple[int, int]]) -> str:
    """One placeholder for words that touch, whatever they hide."""
    pieces: list[str] = []
    at = start
    for first, last in sorted(hidden):
        if last <= at or first >= end:
            continue
        between = text[at : max(at, first)]
        if between.strip() or not pieces:
            pieces += [between, PLACEHOLDER]
        at = max(at, last)
    pieces.append(text[at:end] if at < end else "")
    return "".join(pieces)
