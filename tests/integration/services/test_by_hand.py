"""Tasks for a person: opened, sent, chased, escalated, answered; and who may see which."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from sar.domain.errors import AlreadyDone, ImpossibleDate, InvalidInput, NotAllowed, NotFound, StoreNotOurs
from sar.domain.records import AnswerKind
from sar.domain.tasks import tasks_of
from sar.domain.trail import EventKind, verify_chain
from sar.ports.answering import fresh_answers, standing_answer
from sar.ports.by_hand import FoundByHand, found_name
from sar.ports.gathering import Agreement
from sar.ports.keeping import Collection
from sar.stores.manual import ManualStore
from tests.fakes.ports import HeldStore, record
from tests.integration.services.by_hand import (
    KEEPER,
    LOOKED,
    OTHER_KEEPER,
    PAPER_STORE,
    PAPERS,
    Keepers,
    paper,
    paper_store,
)
from tests.integration.services.conftest import (
    APPROVER,
    COUNCIL,
    FAMILY,
    LEANNE,
    OFFICER,
    TRUST,
    Office,
)


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
    assert keepers.tasks.original(asked, 1, which=1, on=office.now.date(), by=KEEPER) == (
        "card.txt",
        b"A visit on a wet day.",
    )
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


PACKED = b"""From: a@example.org
To: b@example.org
Subject: The visit
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=B

--B
Content-Type: text/plain

We saw her.
--B
Content-Type: application/ms-tnef; name=winmail.dat
Content-Transfer-Encoding: base64

eJ8+IgAA
--B--
"""


def test_a_part_of_a_paper_that_cannot_be_read_is_held_back_and_the_keeper_is_told(keepers, asked) -> None:
    office = keepers.office
    mail = replace(paper(content=PACKED), file_name="a.eml")
    assert keepers.tasks.found(asked, 1, papers=[mail], looked=LOOKED, at=office.at(), by=KEEPER) == 1
    finish(keepers, asked)
    [answer] = [a for a in office.answers(asked) if a.store == PAPERS]
    [held] = answer.held_back
    assert (held.code, "winmail.dat" in held.why) == ("unreadable", True)
    [found] = answer.records
    assert "We saw her." in [p.text for p in found.passages]


def test_what_cannot_be_read_is_held_back_and_the_rest_goes_on(keepers, asked) -> None:
    office = keepers.office
    broken = replace(paper(content=b"%PDF-1.7 broken"), file_name="scan.pdf")
    held = keepers.tasks.found(asked, 1, papers=[broken, paper()], looked=LOOKED, at=office.at(), by=KEEPER)
    finish(keepers, asked)
    [answer] = [a for a in office.answers(asked) if a.store == PAPERS]
    assert (held, len(answer.records), len(answer.held_back)) == (1, 1, 1)
    assert answer.held_back[0].code == "unreadable"
    assert (
        keepers.tasks.original(asked, 1, which=1, on=office.now.date(), by=OFFICER)[1] == b"%PDF-1.7 broken"
    )


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
    with office.archive.reading(case) as file:
        assert [(a.store, a.kind) for a in fresh_answers(file)] == [(PAPERS, AnswerKind.FOUND)]
    assert not [r for r in office.records(case) if r.key.store == PAPERS]


def test_a_new_round_waits_for_the_task_that_is_open(keepers, asked) -> None:
    office = keepers.office
    finish(keepers, asked)
    office.gather(asked)
    keepers.tend()
    assert len(tasks_of(office.events(asked))) == 1
    keepers.tasks.nothing_held(asked, 1, looked=LOOKED, at=office.at(), by=KEEPER)
    with office.archive.reading(asked) as file:
        assert standing_answer(file, 2, PAPERS, LEANNE.id).kind is AnswerKind.NOTHING_HELD


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
        lambda: tasks.original(asked, 1, which=1, on=office.now.date(), by=who),
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


@pytest.fixture
def theirs(keepers: Keepers):
    """A case whose paper store is another body's, under an agreement that ends two days later."""
    office = keepers.office
    described = replace(PAPER_STORE, controller=COUNCIL)
    office.stores[1] = ManualStore(description=described)  # type: ignore[call-overload]  # a store of another kind
    between = frozenset({TRUST, COUNCIL})
    office.agreements = [
        Agreement(reference="JCA-1", between=between, agreed_on=date(2025, 4, 1), ends_on=date(2026, 11, 4))
    ]
    case = office.receive()
    office.gather(case)
    keepers.tend()
    return case


def test_a_keeper_of_another_body_is_left_alone_once_the_agreement_has_ended(keepers, theirs) -> None:
    office = keepers.office
    assert len(sent(keepers, "task-opened")) == 1
    office.now += timedelta(days=20)
    assert keepers.tend() == 0
    assert not sent(keepers, "task-chased")
    known = len(office.events(theirs))
    with pytest.raises(NotAllowed):
        hand_in(keepers, theirs, 1, paper())
    with pytest.raises(NotAllowed):
        keepers.tasks.nothing_held(theirs, 1, looked=LOOKED, at=office.at(), by=KEEPER)
    assert len(office.events(theirs)) == known


def test_a_keeper_of_another_body_reads_nothing_once_the_agreement_has_ended(keepers, theirs) -> None:
    office, reference = keepers.office, keepers.office.queue_reference(theirs)
    last, after = date(2026, 11, 4), date(2026, 11, 5)
    assert keepers.tasks.page(reference, 1, on=last, by=KEEPER).subject.name == "Leanne Hartley"
    assert len(keepers.tasks.mine(on=last, by=KEEPER)) == 1
    with pytest.raises(StoreNotOurs, match=f"belongs to {COUNCIL}, and no agreement") as refused:
        keepers.tasks.page(reference, 1, on=after, by=KEEPER)
    assert refused.value.next_step.startswith("You need not look for anything.")
    assert keepers.tasks.mine(on=after, by=KEEPER) == ()
    office.now += timedelta(days=3)
    with pytest.raises(StoreNotOurs):
        keepers.tasks.more_time(
            theirs, 1, until=date(2026, 11, 20), reason="Away.", at=office.at(), by=KEEPER
        )
    with pytest.raises(StoreNotOurs):
        keepers.tasks.original(theirs, 1, which=1, on=after, by=KEEPER)
    # Our own officers answer for the case and go on seeing what was asked.
    assert keepers.tasks.page(reference, 1, on=after, by=OFFICER).row.store == PAPERS
    assert len(keepers.tasks.mine(on=after, by=OFFICER)) == 1


def test_the_log_of_a_search_by_hand_says_what_with_when_and_who(keepers, theirs) -> None:
    office = keepers.office
    hand_in(keepers, theirs, 1, paper())
    office.gathering.take_in(theirs, round_number=1, at=office.at())
    rows = office.gathering.search_log(office.queue_reference(theirs)).rows
    [row] = [r for r in rows if r.store == PAPERS]
    assert row.agreement == "JCA-1"
    assert "Name: Leanne Hartley" in row.terms
    assert row.to_on == LOOKED.looked_on
    assert row.ended_at is not None
    assert [(a.round, a.answer, a.by) for a in row.attempts] == [
        (1, "a person looks for it", "sar"), (1, "found", "ken"), (2, "found", "sar"),
    ]  # fmt: skip


def test_a_keeper_is_not_chased_once_an_officer_closed_the_gap(keepers) -> None:
    office, case = keepers.office, keepers.office.receive()
    office.ready(case)
    keepers.tend()
    office.reviewed(case)
    office.sign_off(case)
    office.release(case)
    keepers.gaps.close(
        case, leg=1, store=PAPERS, name="Ken", reason="He looked.", at=office.at(), by=OFFICER
    )  # fmt: skip
    keepers.tend()
    [row] = keepers.tasks.of_case(case, on=office.now.date())
    assert (row.is_open, row.outcome, row.came_late) == (False, "not-needed", False)
    office.now += timedelta(days=30)
    assert keepers.tend() == 0
    assert not sent(keepers, "task-chased")
    assert len(tasks_of(office.events(case))) == 1
    # What turns up all the same is not turned away.
    hand_in(keepers, case, 1, paper())
    with office.archive.reading(case) as file:
        assert [a.store for a in fresh_answers(file)] == [PAPERS]


def test_a_task_ends_when_its_store_is_asked_in_another_way(keepers, asked) -> None:
    office = keepers.office
    finish(keepers, asked)
    office.stores[1] = HeldStore("papers", [record("9", "Scanned.", store="papers")])
    office.gather(asked)
    keepers.tend()
    assert keepers.tasks.of_case(asked, on=office.now.date())[0].outcome == "not-needed"


def texts(office: Office, case) -> set[str]:
    return {r.passages[-1].text for r in office.records(case) if r.key.store == PAPERS}


def hand_in(keepers: Keepers, case, number: int, *papers) -> None:
    keepers.tasks.found(
        case, number, papers=papers, looked=LOOKED, at=keepers.office.at(), by=KEEPER
    )  # fmt: skip


@pytest.fixture
def one_card(keepers: Keepers):
    """A case with a card that came late and was taken in; then every store was asked anew."""
    office, case = keepers.office, keepers.office.receive()
    office.gather(case)
    keepers.tend()
    hand_in(keepers, case, 1, paper("First card."))
    assert office.gathering.take_in(case, round_number=1, at=office.at()) == 2
    office.gather(case)
    keepers.tend()
    assert [t.is_open for t in tasks_of(office.events(case))] == [False, True]
    return case


def test_papers_handed_in_once_stand_in_every_later_round(keepers, one_card) -> None:
    office = keepers.office
    assert office.kinds(one_card)["papers"] is AnswerKind.NEEDS_PERSON
    assert texts(office, one_card) == {"First card."}


@pytest.mark.parametrize(("more", "expected"), [
    ((), {"First card."}), (("New card.",), {"First card.", "New card."}),
])  # fmt: skip
def test_what_a_new_task_brings_is_added_to_the_papers_of_the_old(keepers, one_card, more, expected) -> None:
    office = keepers.office
    if more:
        hand_in(keepers, one_card, 2, *(paper(text, title=text) for text in more))
    else:
        keepers.tasks.nothing_held(one_card, 2, looked=LOOKED, at=office.at(), by=KEEPER)
    assert office.gathering.take_in(one_card, round_number=3, at=office.at()) == 4
    assert texts(office, one_card) == expected
    [answer] = [a for a in office.answers(one_card, 4) if a.store == PAPERS]
    assert (answer.kind, answer.found) == (AnswerKind.FOUND, len(expected))
    assert keepers.tasks.of_case(one_card, on=office.now.date())[1].outcome == (
        "found" if more else "nothing-held"
    )


def test_what_came_late_is_in_the_round_that_an_officer_begins_for_the_rest(keepers) -> None:
    office, case = keepers.office, keepers.office.receive()
    office.ready(case)
    keepers.tend()
    office.reviewed(case)
    hand_in(keepers, case, 1, paper("First card."))
    assert office.gathering.take_in(case, round_number=1, at=office.at()) == 1
    number = office.gathering.begin(case, at=office.at(), by=OFFICER, only_missing=True)
    assert office.gathering.plan(case, number) == ()
    office.gathering.conclude(case, round_number=number, at=office.at())
    keepers.tend()
    assert texts(office, case) == {"First card."}
    assert len(tasks_of(office.events(case))) == 1


def test_what_comes_while_a_round_runs_is_taken_in_after_it(keepers) -> None:
    office, case = keepers.office, keepers.office.receive()
    office.gather(case)
    keepers.tend()
    number = office.gathering.begin(case, at=office.at(), by=OFFICER, only_missing=True)
    hand_in(keepers, case, 1, paper("First card."))
    assert office.gathering.take_in(case, round_number=1, at=office.at()) == 1
    for store, subject in office.gathering.plan(case, number):
        office.gathering.ask(
            case, round_number=number, store=store, subject=subject, attempt=1, at=office.at()
        )
    keepers.tend()
    assert len(tasks_of(office.events(case))) == 1
    office.gathering.conclude(case, round_number=number, at=office.at())
    keepers.tend()
    assert texts(office, case) == {"First card."}
    assert {a.kind for a in office.answers(case, 3)} == {AnswerKind.FOUND}
    assert len(tasks_of(office.events(case))) == 1
