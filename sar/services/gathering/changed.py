"""Comparing a round with the first answers after the request, once, when the round is closed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from datetime import date, datetime

from sar.domain.calendar import uk_day
from sar.domain.changes import Light, Side, Source, Spot, Why, light_of, touched_on
from sar.domain.comparison import Comparison
from sar.domain.gathered import PageIndex, speaks
from sar.domain.parties import PROGRAM, Leg
from sar.domain.records import AnswerKind, Record, StoreAnswer
from sar.domain.references import StoreName
from sar.domain.trail import EventKind
from sar.ports.answering import subject_number
from sar.ports.casework import RECORDS, answers_of, request_of, state_of
from sar.ports.changes import Changes, changes_name, changes_of
from sar.ports.keeping import CaseFile, Collection

_SAID = frozenset({AnswerKind.FOUND, AnswerKind.NOTHING_HELD, AnswerKind.NOT_USED_HERE})
_PARTIAL = frozenset({"incomplete", "too-large"})
_DELETED = "deleted"
_PAGES_HELD = 8


def note_changes(
    file: CaseFile, legs: Sequence[Leg], answers: Sequence[StoreAnswer], *, round_number: int, at: datetime
) -> None:
    """Keep for each leg what changed after the request, sealed; the trail gets counts only."""
    rounds = _Rounds(file, answers, round_number)
    for leg in legs:
        found = _compared(rounds, leg, at)
        if not found.changes and (round_number == 1 or not rounds.has_earlier(leg)):
            continue
        file.keep(Collection.CHANGES, changes_name(round_number, leg.number), found)
        file.record(
            EventKind.CHANGES_FOUND, at=at, by=PROGRAM, leg=leg.number, round=round_number,
            changes=sum(not c.is_weak for c in found.changes), uncompared=len(found.uncompared),
        )  # fmt: skip


def _compared(rounds: _Rounds, leg: Leg, at: datetime) -> Changes:
    received_on = state_of(rounds.file).received_for(leg.number)
    number = rounds.number
    found = Comparison(received_on=received_on, on=uk_day(at), round_number=number, look=rounds.light)
    now = rounds.answers(number, leg)
    for store in dict.fromkeys((*rounds.earlier_stores(leg), *now)):
        _compare_store(found, rounds, leg, store, received_on)
    return Changes(
        changes=found.changes(changes_of(rounds.file, number - 1, leg.number).changes),
        uncompared=tuple(found.uncompared),
    )


def _compare_store(found: Comparison, rounds: _Rounds, leg: Leg, store: StoreName, received_on: date) -> None:
    answer = rounds.answers(rounds.number, leg).get(store)
    number, first = rounds.first(leg, store, received_on)
    if answer is None or answer.kind not in _SAID:
        if first is not None:
            found.cannot(store, first.store_label, Why.NO_ANSWER_NOW)
        return
    if first is None:
        if rounds.has_earlier(leg):
            found.cannot(store, answer.store_label, Why.NO_ANSWER_THEN)
        found.look_at(rounds.touched(answer))
    elif first.asked_at == answer.asked_at:
        found.cannot(store, answer.store_label, Why.NOT_ASKED_AGAIN)
        found.look_at(rounds.touched(answer))
    else:
        if number > rounds.first_round(leg):
            found.cannot(store, answer.store_label, Why.COMPARED_LATER)
        before, after = rounds.side(number, first), rounds.side(rounds.number, answer)
        found.compare(before, after, same_search=rounds.same_search(first, answer))


class _Rounds:
    """The answers of every round so far, and the records they point at, opened one page at a time."""

    def __init__(self, file: CaseFile, answers: Sequence[StoreAnswer], number: int) -> None:
        self.file = file
        self.number = number
        self._answers = {n: answers_of(file, n) for n in range(1, number)} | {number: tuple(answers)}
        self._held: OrderedDict[str, tuple[Record, ...]] = OrderedDict()

    def answers(self, number: int, leg: Leg) -> dict[StoreName, StoreAnswer]:
        """What each store said about the person of a leg."""
        return {a.store: a for a in self._answers[number] if a.subject == leg.subject}

    def earlier_stores(self, leg: Leg) -> Iterator[StoreName]:
        for number in range(1, self.number):
            yield from self.answers(number, leg)

    def has_earlier(self, leg: Leg) -> bool:
        return any(self.earlier_stores(leg))

    def first_round(self, leg: Leg) -> int:
        """The first round in which anybody was asked about the person."""
        return next((n for n in range(1, self.number) if self.answers(n, leg)), self.number)

    def first(self, leg: Leg, store: StoreName, received_on: date) -> tuple[int, StoreAnswer | None]:
        """The first real answer of a store after the request, before this round."""
        for number in range(1, self.number):
            answer = self.answers(number, leg).get(store)
            if answer and answer.kind in _SAID and uk_day(answer.asked_at) >= received_on:
                return number, answer
        return 0, None

    def same_search(self, first: StoreAnswer, now: StoreAnswer) -> bool:
        """Whether the two were asked alike: other numbers find other records, and nobody did anything to them."""
        subject = subject_number(request_of(self.file), now.subject)
        decided = any(
            e.kind is EventKind.MATCH_DECIDED and first.asked_at < e.at <= now.asked_at
            and e.facts.get("store") == now.store and e.facts.get("subject") == subject
            for e in self.file.events()
        )  # fmt: skip
        return not decided and (first.terms, first.from_on) == (now.terms, now.from_on)

    def side(self, number: int, answer: StoreAnswer) -> Side:
        """One answer, from the indexes of its pages alone."""
        readable = [h for h in answer.held_back if h.code != _DELETED]
        return Side(
            store=answer.store,
            label=answer.store_label,
            spots=tuple(self._spots(number, answer)),
            held_back=frozenset(h.key for h in readable),
            is_whole=not any(h.code in _PARTIAL for h in readable),
        )

    def touched(self, answer: StoreAnswer) -> Iterator[Spot]:
        """The records of this round's answer that say of themselves that something was done to them."""
        return (spot for spot in self._spots(self.number, answer, touched_only=True) if spot.touched_on)

    def _spots(self, number: int, answer: StoreAnswer, *, touched_only: bool = False) -> Iterator[Spot]:
        source = Source(round=number, store=answer.store, subject=answer.subject)
        for i, record in enumerate(answer.records):
            yield Spot(
                key=record.key, version=record.version, source=source, page="", position=i,
                has_facts=speaks(record), touched_on=touched_on(record),
            )  # fmt: skip
        indexes = self.file.each(Collection.ANSWER_INDEX, PageIndex, answer.pages)
        for page, index in zip(answer.pages, indexes, strict=True):
            facts, touched = frozenset(index.speaking), {t.position: t.on for t in index.touched}
            for i in touched if touched_only else range(len(index.keys)):
                yield Spot(
                    key=index.keys[i], version=index.versions[i], source=source, page=page, position=i,
                    has_facts=i in facts, touched_on=touched.get(i),
                )  # fmt: skip

    def light(self, spot: Spot) -> Light:
        """A record that differs, or says that it was touched, opened."""
        source = spot.source
        if spot.page:
            return light_of(self._page(spot.page)[spot.position], spot)
        wanted = (source.store, source.subject)
        [answer] = [a for a in self._answers[source.round] if (a.store, a.subject) == wanted]
        return light_of(answer.records[spot.position], spot)

    def _page(self, name: str) -> tuple[Record, ...]:
        if name not in self._held:
            [self._held[name]] = self.file.each(Collection.ANSWER_PAGE, RECORDS, [name])
            if len(self._held) > _PAGES_HELD:
                self._held.popitem(last=False)
        self._held.move_to_end(name)
        return self._held[name]
