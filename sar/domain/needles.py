"""What the release gate looks for in one leg: everything withheld, everybody protected, in every usual spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from sar.domain.disclosure import DisclosedRecord, Needles
from sar.domain.matching import Span, Verdict
from sar.domain.parties import Person, Requester, Role
from sar.domain.records import Record
from sar.domain.redaction import Decision, Outcome, RecordDecision, effective
from sar.domain.references import RecordKey
from sar.domain.wording import ORDINARY_WORDS, WordsShown, words_of

_KEPT_IN = frozenset({Role.DATA_SUBJECT, Role.PROFESSIONAL})
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n\s*\n|\n(?=\s*[-*\u2022\d])")
_FEWEST_WORDS = 5
_SET_PHRASE = 8
"""Sentences of fewer words are set phrases that anybody writes ("No further action is to be taken")."""
_BOILERPLATE = 3
_SURNAME_FROM = 3
_NAME_WORD = re.compile(r"[^\W\d_][^\W\d_]+(?:['\u2019-][^\W\d_]+)*")
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip


def needles_of(
    records: Iterable[Record],
    *,
    decisions: Iterable[Decision],
    people: Iterable[Person],
    recipient: Requester,
    outcomes: Mapping[RecordKey, RecordDecision] | None = None,
) -> Needles:
    """What the gate looks for in one leg's pack.

    Every withheld run of words, every sentence of a record that does not go out, and every written form of each
    protected person. Left out is only what a person decided to disclose in so many words, and what belongs to the
    data subject or a professional; a string nobody decided about stays in, so a mention the detectors missed
    blocks the release.

    :param people: the register as this leg sees it.
    :param recipient: who receives the pack; their own name stands on its first page.
    :param outcomes: the standing decision on each record; without them no sentence of a whole record is a needle.
    """
    by_key = {(r.key, r.version): r for r in records}
    standing = [d for d in effective(decisions) if (d.span.record, d.span.version) in by_key]
    hidden = [d for d in standing if d.verdict is Verdict.WITHHOLD]
    inside = _by_record(hidden)
    withheld = [_words(by_key[d.span.record, d.span.version], d.span) for d in hidden]
    register = tuple(people)
    freed = [
        recipient.name,
        *(n for p in register if _is_recipient(p, recipient) for n in p.names),
        *(w for p in register if p.role in _KEPT_IN for w in (*p.names, *_contacts(p))),
        *(
            piece
            for d in standing
            if d.verdict is Verdict.DISCLOSE
            for piece in _shown_words(
                by_key[d.span.record, d.span.version], d.span, inside.get(d.span.record, ())
            )
        ),
    ]
    shown = WordsShown(freed)
    protected = [p for p in register if p.role not in _KEPT_IN and p.role is not Role.ORGANISATION]
    words = [w for w in withheld if words_of(w) in ORDINARY_WORDS]
    texts = [
        *(w for w in withheld if words_of(w) not in ORDINARY_WORDS),
        *(c for p in protected for c in _contacts(p)),
        *(_sentences_withheld(tuple(by_key.values()), inside, outcomes or {}, register)),
    ]
    names = [*words, *(n for p in protected for n in p.names)]
    looked = Needles(texts, whole_words=True, names=names).without_those_in(shown)
    derived = _derived(protected, register, recipient, shown)
    return looked.joined_with(derived.without_those_in(shown))


def _is_recipient(person: Person, recipient: Requester) -> bool:
    return recipient.subject is not None and person.subject == recipient.subject


def _contacts(person: Person) -> tuple[str, ...]:
    return (*person.phones, *person.emails, *person.addresses, *person.identifiers)


def _words(record: Record, span: Span) -> str:
    return record.passages[span.passage].text[span.start : span.end]


def _by_record(decisions: Iterable[Decision]) -> dict[RecordKey, list[Decision]]:
    made: dict[RecordKey, list[Decision]] = {}
    for decision in decisions:
        made.setdefault(decision.span.record, []).append(decision)
    return made


def _shown_words(record: Record, span: Span, hidden: Sequence[Decision]) -> list[str]:
    """What a disclosed span really shows: a name withheld inside it is not freed by it."""
    text = record.passages[span.passage].text
    pieces, at = [], span.start
    for inner in sorted((d.span for d in hidden if d.span.overlaps(span)), key=lambda s: s.start):
        pieces.append(text[at : max(at, inner.start)])
        at = max(at, inner.end)
    pieces.append(text[at : max(at, span.end)])
    return pieces


def _derived(
    protected: Sequence[Person], register: Sequence[Person], recipient: Requester, shown: WordsShown
) -> Needles:
    """What follows from an entry without standing in it: surname, surname first, date of birth, a source's phrases.

    Nothing follows from a person whose very name was decided to be shown.
    """
    kept = [p for p in register if p.role in _KEPT_IN or _is_recipient(p, recipient)]
    shared = {w for n in (recipient.name, *(n for p in kept for n in p.names)) for w in words_of(n).split()}
    born = {p.born_on for p in kept}
    texts: list[str] = []
    names: list[str] = []
    for person in protected:
        if not len(Needles((), names=[person.name], whole_words=True).without_those_in(shown)):
            continue
        names.extend(form for name in person.names for form in _forms(name, shared))
        if person.born_on and person.born_on not in born:
            texts.extend(dates_of(person.born_on))
        if person.role is Role.SOURCE:
            texts.extend(p for p in person.phrases if words_of(p) not in ORDINARY_WORDS)
    return Needles(texts, whole_words=True, names=names)


def _forms(name: str, shared: set[str]) -> Iterator[str]:
    """Surname first, and the surname alone where nobody else's name and no other word is written so."""
    parts = name.split()
    if len(parts) < 2 or not all(_NAME_WORD.fullmatch(p) and p[0].isupper() for p in parts):  # noqa: PLR2004  a name and a surname
        return
    surname = parts[-1]
    yield f"{surname} {parts[0]}"
    plain = words_of(surname)
    if plain in ORDINARY_WORDS or set(plain.split()) <= shared or len(plain) < _SURNAME_FROM:
        return
    yield from (surname, f"{surname}s", plain.replace(" ", ""))


def dates_of(day: date) -> tuple[str, ...]:
    """A day in the forms people write it."""
    month, year, ordinal = _MONTHS[day.month - 1], f"{day.year}", _ordinal(day.day)
    months = dict.fromkeys((month, month[:3], *(["Sept"] if month == "September" else [])))
    years = (year, year[2:])
    numbers = {
        f"{d}/{m}/{y}"
        for d, m in ((f"{day.day}", f"{day.month}"), (f"{day.day:02}", f"{day.month:02}"))
        for y in years
    }
    return (
        *(
            f"{d} {m} {y}"
            for y in years
            for d in (f"{day.day}", f"{day.day:02}", ordinal, f"{ordinal} of")
            for m in months
        ),
        *(f"{m} {d} {year}" for m in months for d in (f"{day.day}", ordinal)),
        *sorted(numbers),
        day.isoformat(),
    )


def _ordinal(number: int) -> str:
    ending = "th" if number in {11, 12, 13} else {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th")
    return f"{number}{ending}"


def _sentences_withheld(
    records: Sequence[Record],
    hidden: Mapping[RecordKey, Sequence[Decision]],
    outcomes: Mapping[RecordKey, RecordDecision],
    register: Sequence[Person],
) -> Iterator[str]:
    """Sentences of records withheld whole or out of scope, where no disclosed record says them for itself."""
    decided = [
        (r, d.outcome) for r in records if (d := outcomes.get(r.key)) is not None and d.version == r.version
    ]
    shown = [
        (r.dated_on, words_left(r, hidden.get(r.key, ())))
        for r, outcome in decided
        if outcome is Outcome.DISCLOSE and not r.kind.is_generated
    ]
    bodies = {words_of(n) for p in register if p.role is Role.ORGANISATION for n in p.names}
    for record, outcome in decided:
        if outcome is Outcome.DISCLOSE or record.kind.is_generated:
            continue
        for sentence in (s for p in record.passages for s in sentences_of(p.text)):
            words = words_of(sentence)
            count = len(words.split())
            if count < _FEWEST_WORDS or words in bodies:
                continue
            also_on = [on for on, text in shown if f" {words} " in text]
            if outcome is Outcome.OUT_OF_SCOPE or count < _SET_PHRASE:
                is_free = bool(also_on)
            else:
                is_free = len(also_on) >= _BOILERPLATE or any(on < record.dated_on for on in also_on)
            if not is_free:
                yield sentence


def sentences_of(text: str) -> list[str]:
    """A text cut into its sentences and the items of its lists."""
    return _SENTENCE.split(text)


def words_left(record: Record, hidden: Sequence[Decision]) -> str:
    """A record's words after redaction, with a wall where words were withheld."""
    mine = [d.span for d in hidden if d.span.record == record.key and d.span.version == record.version]
    texts = []
    for number, passage in enumerate(record.passages):
        at = 0
        for span in sorted((s for s in mine if s.passage == number), key=lambda s: s.start):
            texts.append(words_of(passage.text[at : max(at, span.start)]))
            at = max(at, span.end)
        texts.append(words_of(passage.text[at:]))
    return f" {' | '.join(texts)} "


def with_safe_labels(record: DisclosedRecord, needles: Needles) -> DisclosedRecord:
    """The record with neutral labels where a withheld string stands in one: a column can bear a person's name."""
    passages = tuple(
        replace(p, label=safe_label(p.label, needles, number=i))
        for i, p in enumerate(record.passages, start=1)
    )
    return replace(record, passages=passages)


def safe_label(label: str, needles: Needles, *, number: int) -> str:
    """A passage's label as it may leave."""
    return f"Field {number}" if needles.stand_in_label(label) else label
