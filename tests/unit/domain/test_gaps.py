"""Declared gaps as the trail tells them, and the words a family reads of them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from sar.domain import guidance
from sar.domain.gaps import DOINGS, LATE, gaps_of, said_of
from sar.domain.records import AnswerKind
from sar.domain.references import CaseId
from sar.domain.trail import Event, EventKind, Fact, next_event
from sar.ports.gaps import OPEN_ANSWERS
from tests.fakes.plain_words import grade_of

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def trail(*said: tuple[EventKind, int, dict[str, Fact]]) -> tuple[Event, ...]:
    events: list[Event] = []
    for kind, leg, facts in said:
        last = events[-1] if events else None
        events.append(
            next_event(
                case=CaseId("a" * 32), last=last, at=AT, kind=kind, by="x", by_role="", leg=leg, facts=facts
            )
        )
    return tuple(events)


def declared(number: int = 1, store: str = "lab", leg: int = 1) -> tuple[EventKind, int, dict[str, Fact]]:
    return (
        EventKind.GAP_DECLARED, leg,
        {"round": number, "store": store, "answer": "unavailable", "doing": "ask-again", "follows_on": "2026-11-30"},
    )  # fmt: skip


def test_a_gap_belongs_to_its_leg() -> None:
    events = trail(declared(), declared(store="ward", leg=2))
    assert [g.store for g in gaps_of(events, 1)] == ["lab"]
    assert [g.store for g in gaps_of(events, 2)] == ["ward"]


def test_a_return_takes_back_only_what_was_declared_for_that_round() -> None:
    back = (EventKind.SIGN_OFF_RETURNED, 1, {"round": 2})
    [gap] = gaps_of(trail(declared(1), declared(2), back), 1)
    assert (gap.round, gap.is_open) == (1, True)
    assert gaps_of(trail(declared(2), back), 1) == ()


def test_a_place_that_goes_missing_again_is_open_again() -> None:
    closed = (EventKind.GAP_CLOSED, 1, {"store": "lab", "round": 2, "how": "supplement"})
    assert not gaps_of(trail(declared(1), closed), 1)[0].is_open
    assert gaps_of(trail(declared(1), closed, declared(3)), 1)[0].is_open


def test_the_day_is_the_legs_own() -> None:
    [gap] = gaps_of(trail(declared()), 1)
    assert not gap.is_overdue(date(2026, 11, 20), date(2026, 11, 20))
    assert gap.is_overdue(date(2026, 11, 21), date(2026, 11, 20))
    assert not gap.is_overdue(date(2026, 11, 21), None)


@pytest.mark.parametrize("answer", [*sorted(kind.value for kind in OPEN_ANSWERS), LATE])
@pytest.mark.parametrize("doing", DOINGS)
def test_families_read_it_easily_and_each_answer_has_its_own_words(answer, doing) -> None:
    said = said_of("The lab", answer=answer, doing=doing, follows_on=date(2026, 11, 30))
    assert "It has not answered" not in said
    assert "30 November 2026" in said
    [statement] = guidance.gaps(1, named=[said])
    assert grade_of(" ".join(statement.paragraphs)) <= 8


def test_every_answer_that_is_not_final_is_open() -> None:
    final = {AnswerKind.FOUND, AnswerKind.NOTHING_HELD, AnswerKind.NOT_USED_HERE, AnswerKind.NOT_OURS}
    assert set(AnswerKind) == OPEN_ANSWERS | final
