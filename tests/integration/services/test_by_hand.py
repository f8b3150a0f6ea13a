"""Tasks for a person: opened, sent, chased, escalated, answered; and who may see which."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from sar.domain.errors import AlreadyDone, ImpossibleDate, InvalidInput, NotAllowed, NotFound
from sar.domain.records import AnswerKind
from sar.domain.tasks import tasks_of
from sar.domain.trail import EventKind, verify_chain
from sar.ports.by_hand import FoundByHand, found_name
from sar.ports.keeping import Collection
from tests.fakes.ports import HeldStore, record
from tests.integration.services.by_hand import (
    KEEPER,
    LOOKED,
    OTHER_KEEPER,
    PAPERS,
    Keepers,
    paper,
    paper_store,
)
from tests.integration.services.conftest import APPROVER, FAMILY, LEANNE, OFFICER, Office


@pytest.fixture
def keepers(office: Office) -> Keepers:
    office.stores = [HeldStore("ward", [record("1", "Seen on the ward.")]), paper_store()]  # type: ignore[list-item]
    return Keepers(office)


@pytest.fixture
def asked(keepers: Keepers):
    """A case whose paper store waits for a person."""
    case = keepers.office.receive()
    keepers.ask_by_hand(case)
    keepers.tend()
    return case


def the_task(keepers: Keepers, case):
    return tasks_of(keepers.office.events(case))[0]


def sent(keepers: Keepers, kind: str):
    return [letter for letter in keepers.outbox.letters if letter.kind == kind]


def finish(keepers: Keepers, case) -> None:
    office = keepers.office
    for store, subject in office.gathering.plan(case, 1):
        office.gathering.ask(case, round_number=1, store=store, subject=subject, attempt=1, at=office.at())
    office.gathering.conclude(case, round_number=1, at=office.at())


def test_a_store_that_needs_a_person_makes_one_task_and_says_so_once(keepers, asked) -> None:
    keepers.tend()
    task = the_task(keepers, asked)
    # 2 November 2026 is a Monday.
    assert (task.store, task.due_on, task.is_sent) == (PAPERS, date(2026, 11, 9), True)
    assert len(tasks_of(keepers.office.events(asked))) == 1
    [notice] = sent(keepers, "task-opened")
    assert notice.address == "files@fenwater.example"
    text = " ".join(notice.paragraphs)
    assert "https://records.example/tasks/SA-2026-0001/1" in text
    assert "Monday 9 November 2026" in text
    assert "Leanne" not in text + notice.subject
    assert "Hartley" not in text + notice.subject


def test_it_is_chased_after_its_days_then_every_four_and_escalated_after_two(keepers, asked) -> None:
    office = keepers.office
    days = {}
    while office.now.date() < date(2026, 11, 21):
        office.now += timedelta(days=1)
        keepers.tend()
        days.setdefault(len(sent(keepers, "task-chased")), office.now.date())
        days.setdefault(f"up {len(sent(keepers, 'task-escalated'))}", office.now.date())
    assert (days[1], days[2]) == (date(2026, 11, 10), date(2026, 11, 16))
    assert days["up 1"] == days[3] == date(2026, 11, 20)
    assert "up 2" not in days
    [up] = sent(keepers, "task-escalated")
    assert up.address == "head@fenwater.example"
    assert [e.facts["chase"] for e in office.events(asked) if e.kind is EventKind.STORE_TASK_CHASED] == [
        1,
        2,
        3,
    ]
    assert keepers.tasks.of_case(asked, on=office.now.date())[0].is_escalated


def test_what_a_keeper_finds_is_an_answer_of_the_round(keepers, asked) -> None:
    office = keepers.office
    assert keepers.tasks.found(asked, 1, papers=[paper()], looked=LOOKED, at=office.at(), by=KEEPER) == 0
    finish(keepers, asked)
    assert office.kinds(asked)["papers"] is AnswerKind.FOUND
    [found] = [r for r in office.records(asked) if r.key.store == PAPERS]
    assert [p.text for p in found.passages] == ["Visit card", "A visit on a wet day."]
    assert found.provenance.found_by == "looked up by hand by a records clerk"
    assert found.dated_on == date(2013, 5, 6)
    assert keepers.tasks.original(asked, 1, which=1, by=KEEPER) == ("card.txt", b"A visit on a wet day.")
    assert not keepers.tasks.of_case(asked, on=date(2026, 11, 3))[0].came_late
    search = next(r for r in office.records(asked) if r.key.native_id.startswith("search-log"))
    text = " ".join(p.text for p in search.passages)
    assert "looked up by hand by a records clerk" in text
    assert "Ken Archer" not in text


def test_nothing_held_stands_over_a_sealed_name(keepers, asked) -> None:
    office = keepers.office
    keepers.tasks.nothing_held(asked, 1, looked=LOOKED, at=office.at(), by=OFFICER)
    finish(keepers, asked)
    assert office.kinds(asked)["papers"] is AnswerKind.NOTHING_HELD
    with office.archive.reading(asked) as file:
        kept = file.latest(Collection.NOTE, found_name(1), FoundByHand)
        verify_chain(file.events())
        facts = repr([e.facts for e in file.events()])
    assert (kept.looked[0].name, kept.looked[0].where) == ("Ken Archer", "Basement, shelf 12")
    assert "Archer" not in facts
    assert "Basement" not in facts
    with pytest.raises(AlreadyDone):
        keepers.tasks.nothing_held(asked, 1, looked=LOOKED, at=office.at(), by=OFFICER)


def test_what_cannot_be_read_is_held_back_and_the_rest_goes_on(keepers, asked) -> None:
    office = keepers.office
    broken = replace(paper(content=b"%PDF-1.7 broken"), file_name="scan.pdf")
    held = keepers.tasks.found(asked, 1, papers=[broken, paper()], looked=LOOKED, at=office.at(), by=KEEPER)
    finish(keepers, asked)
    [answer] = [a for a in office.answers(asked) if a.store == PAPERS]
    assert (held, len(answer.records), len(answer.held_back)) == (1, 1, 1)
    assert answer.held_back[0].code == "unreadable"
    assert keepers.tasks.original(asked, 1, which=1, by=OFFICER)[1] == b"%PDF-1.7 broken"


def test_only_unreadable_papers_are_still_something_found(keepers, asked) -> None:
    office = keepers.office
    broken = replace(paper(content=b"\x00\x01\x02"), file_name="scan.bin")
    keepers.tasks.found(asked, 1, papers=[broken], looked=LOOKED, at=office.at(), by=KEEPER)
    finish(keepers, asked)
    [answer] = [a for a in office.answers(asked) if a.store == PAPERS]
    assert (answer.kind, answer.found, len(answer.held_back)) == (AnswerKind.FOUND, 0, 1)


def test_more_can_be_handed_in_later_and_nothing_earlier_is_lost(keepers, asked) -> None:
    office = keepers.office
    keepers.tasks.found(asked, 1, papers=[paper()], looked=LOOKED, at=office.at(), by=KEEPER)
    more = [paper("A second card.", title="Second card"), paper()]
    keepers.tasks.found(asked, 1, papers=more, looked=LOOKED, at=office.at(), by=KEEPER)
    finish(keepers, asked)
    texts = {r.passages[1].text for r in office.records(asked) if r.key.store == PAPERS}
    assert texts == {"A visit on a wet day.", "A second card."}


def test_an_answer_after_the_round_is_kept_and_said_to_be_late(keepers) -> None:
    office = keepers.office
    case = office.receive()
    office.gather(case)
    keepers.tend()
    keepers.tasks.found(case, 1, papers=[paper()], looked=LOOKED, at=office.at(), by=KEEPER)
    [row] = keepers.tasks.of_case(case, on=date(2026, 11, 3))
    assert row.came_late
    assert office.kinds(case)["papers"] is AnswerKind.FOUND
    assert not [r for r in office.records(case) if r.key.store == PAPERS]


def test_a_new_round_waits_for_the_task_that_is_open(keepers, asked) -> None:
    office = keepers.office
    finish(keepers, asked)
    office.gather(asked)
    keepers.tend()
    assert len(tasks_of(office.events(asked))) == 1
    keepers.tasks.nothing_held(asked, 1, looked=LOOKED, at=office.at(), by=KEEPER)
    newest = {a.store: a.kind for a in office.answers(asked, 2)}
    assert newest[PAPERS] is AnswerKind.NOTHING_HELD


def test_more_time_moves_the_day_but_never_past_the_familys(keepers, asked) -> None:
    office, tasks = keepers.office, keepers.tasks
    with pytest.raises(ImpossibleDate) as late:
        tasks.more_time(asked, 1, until=date(2026, 12, 20), reason="Flood.", at=office.at(), by=KEEPER)
    assert late.value.field == "until"
    with pytest.raises(ImpossibleDate):
        tasks.more_time(asked, 1, until=date(2026, 11, 9), reason="Flood.", at=office.at(), by=KEEPER)
    with pytest.raises(InvalidInput) as silent:
        tasks.more_time(asked, 1, until=date(2026, 11, 12), reason=" ", at=office.at(), by=KEEPER)
    assert silent.value.field == "reason"
    tasks.more_time(asked, 1, until=date(2026, 11, 12), reason="Flood.", at=office.at(), by=KEEPER)
    office.now += timedelta(days=10)
    keepers.tend()
    assert the_task(keepers, asked).due_on == date(2026, 11, 12)
    assert not sent(keepers, "task-chased")
    office.now += timedelta(days=1)
    keepers.tend()
    assert len(sent(keepers, "task-chased")) == 1


@pytest.mark.parametrize(
    ("who", "refusal"), [(OTHER_KEEPER, NotFound), (APPROVER, NotAllowed), (FAMILY, NotAllowed)]
)
def test_nobody_else_sees_or_answers_a_task(keepers, asked, who, refusal) -> None:
    office, tasks = keepers.office, keepers.tasks
    reference = office.queue_reference(asked)
    tries = (
        lambda: tasks.page(reference, 1, on=date(2026, 11, 3), by=who),
        lambda: tasks.found(asked, 1, papers=[paper()], looked=LOOKED, at=office.at(), by=who),
        lambda: tasks.nothing_held(asked, 1, looked=LOOKED, at=office.at(), by=who),
        lambda: tasks.more_time(asked, 1, until=date(2026, 11, 12), reason="x", at=office.at(), by=who),
        lambda: tasks.original(asked, 1, which=1, by=who),
    )
    for attempt in tries:
        with pytest.raises(refusal):
            attempt()
    assert the_task(keepers, asked).is_open


def test_a_keeper_sees_who_to_look_for_and_their_own_tasks_only(keepers, asked) -> None:
    on = date(2026, 11, 3)
    page = keepers.tasks.page(keepers.office.queue_reference(asked), 1, on=on, by=KEEPER)
    assert page.subject == LEANNE
    assert [r.number for r in keepers.tasks.mine(on=on, by=KEEPER)] == [1]
    assert keepers.tasks.mine(on=on, by=OTHER_KEEPER) == ()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": " "}, "name"), ({"where": ""}, "where"), ({"role": "Ken the clerk"}, "role"),
        ({"looked_on": date(2027, 1, 1)}, "looked_on"), ({"looked_on": date(2026, 10, 1)}, "looked_on"),
    ],
)  # fmt: skip
def test_who_looked_has_to_be_said(keepers, asked, change, field) -> None:
    with pytest.raises(InvalidInput) as refused:
        keepers.tasks.nothing_held(
            asked, 1, looked=replace(LOOKED, **change), at=keepers.office.at(), by=KEEPER
        )
    assert refused.value.field == field
    assert the_task(keepers, asked).is_open


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title-2"), ({"dated_on": date(2027, 1, 1)}, "dated-2"),
        ({"content": b"x" * (20 * 1024 * 1024 + 1)}, "file-2"), ({"content": b""}, "file-2"),
    ],
)  # fmt: skip
def test_a_bad_paper_stores_none_of_them(keepers, asked, change, field) -> None:
    papers = [paper(), replace(paper(), **change)]
    with pytest.raises(InvalidInput) as refused:
        keepers.tasks.found(asked, 1, papers=papers, looked=LOOKED, at=keepers.office.at(), by=KEEPER)
    assert refused.value.field == field
    assert the_task(keepers, asked).is_open
    with keepers.office.archive.reading(asked) as file:
        assert found_name(1) not in file.names(Collection.NOTE)


def test_no_more_than_twenty_at_a_time(keepers, asked) -> None:
    for count in (0, 21):
        with pytest.raises(InvalidInput) as refused:
            keepers.tasks.found(
                asked, 1, papers=[paper()] * count, looked=LOOKED, at=keepers.office.at(), by=KEEPER
            )
        assert refused.value.field == "papers"
