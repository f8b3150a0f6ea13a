"""A gathering in the terminal: a bar for each store, or a line for each answer."""

import json
from dataclasses import replace
from datetime import UTC, datetime

from sar.demonstration.gathering import draw, tell
from sar.domain.records import AnswerKind
from sar.domain.references import CaseReference, StoreName
from sar.ports.searching import Progress, QuestionRow, QuestionState

WARD = QuestionRow(
    store=StoreName("ward"),
    label="The ward",
    controller="Trust",
    subject="Leanne",
    state=QuestionState.WAITING,
)
ASKED = replace(WARD, state=QuestionState.ASKING, records=200)
FOUND = replace(WARD, state=QuestionState.ANSWERED, kind=AnswerKind.FOUND, records=230, attempt=1)
DOWN = replace(
    WARD, store=StoreName("desk"), label="The desk", state=QuestionState.ANSWERED, kind=AnswerKind.UNAVAILABLE,
    attempt=2, next_attempt_at=datetime(2026, 11, 21, 14, 5, tzinfo=UTC),
)  # fmt: skip


def look(*questions, state="running"):
    return Progress(reference=CaseReference("SA-2026-0001"), round=1, state=state, questions=questions)


LOOKS = [look(WARD), look(ASKED), look(FOUND), look(FOUND, DOWN, state="complete")]


def test_the_bars_fill_and_are_drawn_in_place():
    said = []
    last = draw(iter(LOOKS), said.append)
    bars = [text for text in said if "The ward" in text]
    assert bars[0].startswith("[........................] The ward: waiting")
    assert "about 200 records so far" in bars[1]
    assert "[########################] The ward: found, 230 records" in bars[-1]
    assert "\x1b[2A\x1b[J" in said
    assert last.gaps == 1


def test_without_a_terminal_each_answer_is_one_line():
    said = []
    last = tell(iter(LOOKS), said.append, as_json=False)
    assert said == [
        "  The ward: found, 230 records (attempt 1)",
        "  The desk: unavailable, 0 records (attempt 2, next attempt at 14:05)",
    ]
    assert (last.answered, last.records, last.gaps) == (2, 230, 1)


def test_scripts_read_the_same_as_json():
    said = []
    tell(iter(LOOKS), said.append, as_json=True)
    rows = [json.loads(line) for line in said]
    assert [(row["store"], row["kind"], row["records"]) for row in rows] == [
        ("ward", "found", 230), ("desk", "unavailable", 0),
    ]  # fmt: skip
