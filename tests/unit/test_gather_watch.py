"""A gathering in the terminal: a bar for each store, or a line for each answer."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from sar.demonstration.gathering import begin_gathering, draw, tell
from sar.domain.errors import NotAllowed
from sar.domain.parties import PROGRAM, StaffRole
from sar.domain.records import AnswerKind
from sar.domain.references import CaseReference, StaffId, StoreName
from sar.ports.access import StaffAccount
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


class OneCase:
    """As much of the program as beginning a round needs."""

    def __init__(self, *roles):
        self.begun_by = None
        self.account = StaffAccount(id=StaffId("staff-1"), name="Olga", roles=frozenset(roles))
        self.archive = SimpleNamespace(find=lambda _reference: "case")
        self.accounts = SimpleNamespace(staff_named=lambda _name: "staff-1", staff=lambda _id: self.account)
        self.services = SimpleNamespace(gathering=SimpleNamespace(begin=self.begin))
        self.jobs = SimpleNamespace(start_gathering=lambda _case, number: f"gather-{number}")

    def require_controller(self):
        pass

    def clock(self):
        return datetime(2026, 11, 21, 14, 0, tzinfo=UTC)

    def begin(self, _case, *, by, **_rest):
        self.begun_by = by
        return 1


def test_the_log_can_name_the_officer_who_ordered_a_search():
    house = OneCase(StaffRole.OFFICER)
    begin_gathering(house, CaseReference("SA-2026-0001"), only_missing=False, by="olga")
    assert house.begun_by.id == "staff-1"
    begin_gathering(house, CaseReference("SA-2026-0001"), only_missing=False)
    assert house.begun_by is PROGRAM


def test_nobody_but_an_officer_orders_a_search():
    house = OneCase(StaffRole.APPROVER)
    with pytest.raises(NotAllowed):
        begin_gathering(house, CaseReference("SA-2026-0001"), only_missing=False, by="amir")
    assert house.begun_by is None
