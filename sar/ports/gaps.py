"""Places that had no final answer when a round was put together, and the gaps declared for them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sar.domain.gaps import LATE, NO_LONGER_OURS, NOT_ASKED, NOTHING_HELD, Gap, gaps_of
from sar.domain.parties import Leg
from sar.domain.records import AnswerKind, RecordKind, StoreAnswer
from sar.domain.references import StoreName, SubjectId
from sar.domain.trail import EventKind
from sar.ports.answering import fresh_answers
from sar.ports.casework import SignedOff, answers_of, leg_of, request_of, state_of
from sar.ports.keeping import CaseFile, Collection

OPEN_ANSWERS = frozenset(
    {AnswerKind.UNAVAILABLE, AnswerKind.REFUSED, AnswerKind.SUSPENDED, AnswerKind.NEEDS_PERSON}
)
"""Answers that are not final: something may still be held there."""
COVERING_ANSWERS = frozenset({AnswerKind.FOUND, AnswerKind.NOTHING_HELD, AnswerKind.NOT_USED_HERE})
"""Answers of a later round that close a gap. That a place is not ours to ask closes none."""
_OPEN_WORDS = frozenset(kind.value for kind in OPEN_ANSWERS)
Content = tuple[str, ...]
"""A keyed digest of what a place gave, and how much it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing:
    """One place without a final answer about one leg's data subject."""

    store: StoreName
    label: str
    controller: str
    answer: str
    """The value of an ``AnswerKind``, ``late``, ``not asked`` or ``no longer ours``."""
    asked_at: datetime | None = None
    """When the place was last asked for this round; None where it was not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """What the approver says of one missing place when signing off."""

    store: StoreName
    missing: str
    """What is missing, in their own words: sealed, for staff."""
    doing: str
    """A code of ``sar.domain.gaps.DOINGS``."""
    follows_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class GapRow:
    """One declared gap on a page."""

    store: StoreName
    label: str
    """Empty where the family was not shown that the place was asked."""
    answer: str
    doing: str
    declared_on: date
    follows_on: date
    due_on: date | None
    is_open: bool
    is_overdue: bool
    closed_on: date | None
    how: str
    round: int


def missing_places(file: CaseFile, round_number: int, leg: int) -> tuple[Missing, ...]:
    """Every place that the round, as it was put together, holds no final answer of, in the order of their labels.

    What came in later counts as missing too, even from a place that had answered: no page of the round holds it.
    And so does a place that answered an earlier round, and that this one passed over or could not ask any more. And
    one that has brought something in a newer round, which is running still or was stopped.
    """
    mine = leg_of(file, leg)
    found = {store: answer for store, answer in _answers_then(file, round_number, mine).items() if answer}
    known = _answers_about(file, round_number, mine.subject)
    for store, answer in known.items():
        if answer.kind in OPEN_ANSWERS:
            found.setdefault(store, answer.kind.value)
        elif answer.is_no_longer_ours:
            found.setdefault(store, NO_LONGER_OURS)
    for number in range(1, round_number):
        for store, answer in _answers_about(file, number, mine.subject).items():
            if store not in known:
                known[store] = answer
                found.setdefault(store, NOT_ASKED)
    if round_number == state_of(file).gathered_round:
        found |= {a.store: LATE for a in fresh_answers(file) if a.subject == mine.subject}
    for answer in _brought_since(file, round_number, mine):
        found[answer.store] = LATE
        known.setdefault(answer.store, answer)
    places = [_missing(store, said, known.get(store)) for store, said in found.items()]
    return tuple(sorted(places, key=lambda m: (m.label, m.store)))


def _answers_about(file: CaseFile, round_number: int, subject: SubjectId) -> dict[StoreName, StoreAnswer]:
    return {a.store: a for a in answers_of(file, round_number) if a.subject == subject}


def _brought_since(file: CaseFile, round_number: int, mine: Leg) -> list[StoreAnswer]:
    """Answers of a newer round that nobody has closed, where they say more than what this round rests on."""
    state = state_of(file)
    if not round_number <= state.gathered_round < state.round:
        return []
    closed = [_answers_about(file, n, mine.subject) for n in range(1, state.gathered_round + 1)]
    rested_on = {(a.store, a.asked_at) for answers in closed for a in answers.values()}
    known = closed[round_number - 1]
    contents = _contents(file, mine)
    return [
        answer
        for answer in _answers_about(file, state.round, mine.subject).values()
        if (answer.store, answer.asked_at) not in rested_on
        and _says_more(answer, known.get(answer.store), contents[answer.store])
    ]


def _says_more(newer: StoreAnswer, known: StoreAnswer | None, contents: Mapping[int, Content]) -> bool:
    if known is not None and known.kind in OPEN_ANSWERS:
        return newer.kind in COVERING_ANSWERS
    if newer.kind is not AnswerKind.FOUND:
        return False
    return known is None or known.kind is not AnswerKind.FOUND or contents.get(0) != contents.get(1)


def _contents(file: CaseFile, mine: Leg) -> dict[StoreName, dict[int, Content]]:
    """What each place gave last, in the newest closed rounds and in the one that is open, without opening it."""
    number = [s.id for s in request_of(file).subjects].index(mine.subject) + 1
    gathered = state_of(file).gathered_round
    found: dict[StoreName, dict[int, Content]] = defaultdict(dict)
    for event in file.events():
        if event.kind is EventKind.STORE_ANSWERED and event.facts.get("subject") == number:
            facts = event.facts
            side = int(int(str(facts["round"])) > gathered)
            found[StoreName(str(facts["store"]))][side] = tuple(
                str(facts.get(name)) for name in ("content", "records", "held_back")
            )
    return found


def _missing(store: StoreName, said: str, answer: StoreAnswer | None) -> Missing:
    if answer is None:
        return Missing(store=store, label=str(store), controller="", answer=said)
    return Missing(
        store=store, label=answer.store_label, controller=answer.controller, answer=said, asked_at=answer.asked_at
    )  # fmt: skip


def unsettled_places(file: CaseFile, round_number: int, leg: int) -> tuple[Missing, ...]:
    """The missing places of which something has to be said.

    Where a person found that nothing is held, it is said: of what the place was asked before they looked, and of
    no answer that came since.
    """
    events = {e.seq: e for e in file.events()}
    settled = {
        gap.store: events[gap.closed_by_event].at
        for gap in gaps_of(events.values(), leg)
        if gap.how == NOTHING_HELD
    }
    return tuple(
        m
        for m in missing_places(file, round_number, leg)
        if m.answer == LATE or m.asked_at is None or m.store not in settled or settled[m.store] < m.asked_at
    )


def places_covered(file: CaseFile, round_number: int, leg: int) -> frozenset[StoreName]:
    """The places that a round holds a final answer of, about one leg's data subject."""
    answers = _answers_about(file, round_number, leg_of(file, leg).subject)
    covered = {store for store, answer in answers.items() if answer.kind in COVERING_ANSWERS}
    return frozenset(covered - {m.store for m in missing_places(file, round_number, leg)})


def _answers_then(file: CaseFile, round_number: int, mine: Leg) -> dict[StoreName, str]:
    """What each place had said when the round was put together; empty where that was final."""
    number = [s.id for s in request_of(file).subjects].index(mine.subject) + 1
    said: dict[StoreName, str] = {}
    is_concluded = False
    for event in file.events():
        if event.facts.get("round") != round_number:
            continue
        if event.kind is EventKind.GATHERING_COMPLETED:
            is_concluded = True
        elif event.kind is EventKind.STORE_ANSWERED and event.facts.get("subject") == number:
            store, answer = StoreName(str(event.facts["store"])), str(event.facts["answer"])
            is_open = answer in _OPEN_WORDS
            if not is_concluded:
                said[store] = answer if is_open else ""
            elif said.get(store) and not is_open:
                said[store] = LATE
    return said


def controllers_of_place(file: CaseFile, store: StoreName) -> frozenset[str]:
    """Whose place it is, by the newest of its answers in this case."""
    answers = [a for n in range(1, state_of(file).round + 1) for a in answers_of(file, n) if a.store == store]
    return frozenset(a.controller for a in answers[-1:])


def open_gaps(file: CaseFile, leg: int) -> tuple[Gap, ...]:
    """The gaps of a leg that are not closed."""
    return tuple(gap for gap in gaps_of(file.events(), leg) if gap.is_open)


def declared_name(leg: int, round_number: int, store: StoreName) -> str:
    """Where the approver's words about a gap are kept."""
    return f"gap/{leg}/{round_number}/{store}"


def places_shown(file: CaseFile, leg: int, round_number: int) -> frozenset[str]:
    """The places that the signed-off search page of a round names to the family.

    A place that an officer took out of that page must not be named by a gap either.
    """
    name = f"{round_number}/{leg}"
    if name not in file.names(Collection.SIGNED_OFF, under=name):
        return frozenset()
    signed = file.latest(Collection.SIGNED_OFF, name, SignedOff)
    pages = (p for p in signed.generated if p.kind == RecordKind.SEARCH_LOG.value)
    return frozenset(passage.label for page in pages for passage in page.passages)


def gap_rows(file: CaseFile, leg: int, *, due_on: date | None, on: date) -> tuple[GapRow, ...]:
    """The gaps of a leg's packs, those that are open first, the nearest promise first."""
    rows = []
    for gap in gaps_of(file.events(), leg):
        labels = {m.store: m.label for m in missing_places(file, gap.round, leg)}
        rows.append(
            GapRow(
                store=gap.store, label=labels.get(gap.store, str(gap.store)), answer=gap.answer, doing=gap.doing,
                declared_on=gap.declared_on, follows_on=gap.follows_on, due_on=due_on, is_open=gap.is_open,
                is_overdue=gap.is_overdue(on, due_on), closed_on=gap.closed_on, how=gap.how, round=gap.round,
            )
        )  # fmt: skip
    return tuple(sorted(rows, key=lambda r: (not r.is_open, r.follows_on, r.label)))
