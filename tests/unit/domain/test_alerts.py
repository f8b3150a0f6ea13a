"""The life of an alert over stores: every store's facts in order, and where they disagree."""

from datetime import UTC, date, datetime

import pytest

from sar.domain.alerts import (
    OWN_STORE,
    Reader,
    life_record,
    lives,
    recipients_record,
    say,
    told_record,
)
from sar.domain.contradictions import contradictions, contradictions_record
from sar.domain.records import AlertEntry, AlertStep, RecordKind
from sar.domain.references import SubjectId
from tests.fakes.ports import record

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LEANNE = SubjectId("leanne")
FIRST, LATER = date(2024, 3, 4), date(2024, 9, 20)


def entry(step, on=FIRST, number="AL-1", **more):
    return AlertEntry(alert_number=number, step=step, on=on, **more)


def held(store, *entries, findings=()):
    return record(f"{store}-1", "Alert.", store=store, alert=entries, findings=findings)


RAISED = entry(AlertStep.RAISED, by_role="safeguarding midwife", category="at risk")
ACTIVE = entry(AlertStep.STATUS, LATER, status="active")
TOLD = entry(AlertStep.COPIED, date(2024, 3, 6), recipient="School nurse")


def test_one_alert_lives_over_several_stores_oldest_first():
    [life] = lives([held("desk", ACTIVE, TOLD), held("ward", RAISED)])
    assert life.number == "AL-1"
    assert life.raised_on == FIRST
    assert [(s.entry.step, s.store) for s in life.seen] == [
        (AlertStep.RAISED, "ward"), (AlertStep.COPIED, "desk"), (AlertStep.STATUS, "desk")
    ]  # fmt: skip
    assert life.states == (("The desk", "active"),)


def test_every_place_that_holds_a_copy_is_named():
    ward, desk = held("ward", RAISED, ACTIVE), held("desk", RAISED, ACTIVE)
    [life] = lives([ward.with_copy(desk.provenance)])
    assert life.states == (("The desk", "active"), ("The ward", "active"))
    page = life_record(life, subject=LEANNE, at=AT)
    assert [("the ward" in p.text.lower(), "the desk" in p.text.lower()) for p in page.passages[1:]] == [
        (True, True)
    ] * 2


def test_on_one_day_raising_comes_first_and_the_state_last():
    shuffled = [entry(s) for s in reversed(AlertStep)]
    [life] = lives([held("ward", *shuffled)])
    assert [s.entry.step for s in life.seen] == list(AlertStep)


def test_two_numbers_are_two_alerts_and_a_repeated_fact_is_one():
    found = lives(
        [held("ward", RAISED, RAISED), held("ward", RAISED, entry(AlertStep.RAISED, number="AL-2"))]
    )
    assert [(life.number, len(life.seen)) for life in found] == [("AL-1", 1), ("AL-2", 1)]
    assert lives([held("ward")]) == ()


@pytest.mark.parametrize(
    ("said", "told"), [((), None), ((False,), False), ((True,), True), ((False, True), True)]
)
def test_the_parents_were_told_when_any_store_says_so(said, told):
    [life] = lives([held("ward", RAISED, *(entry(AlertStep.COPIED, parents_told=t) for t in said))])
    assert life.told is told


# --- pages --------------------------------------------------------------------------------------------


def text_of(page):
    return "\n".join(f"{p.label} | {p.text}" for p in page.passages)


def test_the_page_of_a_life_has_every_fact_with_its_store():
    full = entry(AlertStep.REVIEWED, LATER, by_role="named nurse", note="Old records were searched.")
    off = entry(AlertStep.STATUS, LATER, status="inactive")
    [life] = lives([held("ward", RAISED, full), held("desk", TOLD, off)])
    page = life_record(life, subject=LEANNE, at=AT)
    assert page.kind is RecordKind.ALERT_LIFE
    assert (page.provenance.store, page.about) == (OWN_STORE, {LEANNE})
    assert page.dated_on == FIRST
    text = text_of(page)
    for said in (
        "Alert number | AL-1", "4 March 2024: raised | By Safeguarding midwife. Category: at risk.",
        "6 March 2024: copied to another place | Told: School nurse.", "(Held in: The ward.)",
        "Old records were searched.", "State: closed (not marked as an error).",
    ):  # fmt: skip
        assert said in text


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"parents_told": True}, "Alert AL-1: an alert entry says that the parents were told."),
        ({"reason_not_told": "Risk of harm."}, "The reason given is: Risk of harm"),
        (
            {},
            "no alert entry says that the parents were told when it was raised, and none gives a reason for",
        ),
    ],
)
def test_the_page_about_telling_says_what_is_recorded(more, said):
    found = lives([held("ward", RAISED, entry(AlertStep.COPIED, **more))])
    page = told_record(found, subject=LEANNE, at=AT)
    assert page.kind is RecordKind.PARENTS_TOLD
    assert "Alert raised on 4 March 2024" in text_of(page)
    assert said in text_of(page)


@pytest.mark.parametrize(
    ("reader", "said"),
    [
        (Reader(own=True, born_on=date(1993, 11, 2)), "says that you were told"),
        (Reader(own=True), "says that you were told"),
        (Reader(own=True, born_on=date(2010, 1, 1)), "says that your parents were told"),
        (Reader(born_on=date(2020, 1, 1)), "says that the parents were told"),
        (Reader(born_on=date(1950, 1, 1)), "says that the person was told"),
        (Reader(own=True, born_on=date(2006, 3, 4)), "says that you were told"),
        (Reader(own=True, born_on=date(2006, 3, 5)), "says that your parents were told"),
    ],
)
def test_a_grown_reader_is_spoken_to_and_a_childs_parents_are_spoken_of(reader, said):
    records = [held("ward", RAISED)]
    assert said in text_of(told_record(lives(records), subject=LEANNE, at=AT, reader=reader))
    [found] = [
        c for c in contradictions(lives(records), records, reader=reader) if c.code == "no-reason-not-told"
    ]
    assert said in found.words


def test_each_recipient_is_named_once_with_every_day_and_every_place():
    again = entry(AlertStep.COPIED, LATER, recipient="School nurse")
    other = entry(AlertStep.COPIED, LATER, recipient="GP")
    found = lives([held("ward", RAISED, TOLD), held("desk", again, other)])
    page = recipients_record(found, subject=LEANNE, at=AT)
    assert [(p.label, p.text) for p in page.passages] == [
        ("6 March 2024 and 20 September 2024", "School nurse. (Recorded in: The desk and the ward.)"),
        ("20 September 2024", "GP. (Recorded in: The desk.)"),
    ]


def test_two_spellings_of_one_recipient_are_one():
    first = entry(AlertStep.COPIED, recipient="ED: Reception and nursing staff")
    second = entry(AlertStep.COPIED, recipient="ED: Nursing and reception staff")
    found = lives([held("ward", RAISED, second), held("desk", first)])
    [row] = recipients_record(found, subject=LEANNE, at=AT).passages
    assert row.text == "ED: Reception and nursing staff. (Recorded in: The desk and the ward.)"
    assert text_of(life_record(found[0], subject=LEANNE, at=AT)).count("Told: ") == 1


@pytest.mark.parametrize("records", [[], [held("ward", RAISED)]])
def test_that_nobody_is_named_is_said(records):
    page = recipients_record(lives(records), subject=LEANNE, at=AT)
    assert page.kind is RecordKind.RECIPIENTS
    assert [p.text for p in page.passages] == ["No alert entry that we found names anyone who was told."]


def test_the_disagreements_become_a_page_to_be_reviewed():
    records = [held("ward", RAISED, ACTIVE)]
    found = contradictions(lives(records), records)
    page = contradictions_record(found, subject=LEANNE, on=LATER, at=AT)
    assert page.kind is RecordKind.CONTRADICTIONS
    assert page.kind.is_generated
    assert [p.text for p in page.passages] == [c.words for c in found]


def test_pages_of_two_people_are_two_records():
    found = lives([held("ward", RAISED)])
    keys = {told_record(found, subject=SubjectId(who), at=AT).key for who in ("leanne", "isla")}
    assert len(keys) == 2


def test_a_date_as_people_write_it():
    assert say(date(2024, 3, 3)) == "3 March 2024"
    assert say(date(2026, 12, 31)) == "31 December 2026"
