"""Dates put right, questions and notices per leg: what is impossible is refused, and nothing is half kept."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from sar.domain.clock import ClarificationCounting
from sar.domain.errors import (
    AlreadyDone,
    CalendarNotCovered,
    ImpossibleDate,
    InvalidInput,
    NotAllowed,
    NotFound,
    OutOfOrder,
    SecondPersonNeeded,
)
from sar.domain.references import StaffId
from sar.domain.trail import EventKind
from sar.services.enquiries import Enquiries
from sar.services.timekeeping import Timekeeping
from tests.integration.services.conftest import (
    APPROVER,
    FAMILY,
    MARCUS,
    OFFICER,
    RECEIVED,
    child_leg,
    own_leg,
)


@pytest.fixture
def case(office):
    return office.receive()


def page(office, case):
    return office.enquiries.case_page(office.queue_reference(case), on=office.now.date())


def correct(office, case, event, on, reason="The stamp on the letter.", by=OFFICER):
    office.timekeeping.correct_date(case, event=event, on=on, reason=reason, at=office.at(), by=by)


def withdraw(office, case, event, reason="It was another family.", by=OFFICER):
    office.timekeeping.withdraw_entry(case, event=event, reason=reason, at=office.at(), by=by)


def ask(office, case, on, leg=None):
    office.timekeeping.ask_clarification(
        case, asked_on=on, question="Which years?", at=office.at(), by=OFFICER, leg=leg
    )


def answer(office, case, on, leg=None):
    office.timekeeping.record_clarification(
        case, answered_on=on, answer="All.", at=office.at(), by=FAMILY, leg=leg
    )


def extend(office, case, on, leg=None):
    office.timekeeping.extend(
        case, notified_on=on, reasons="Many records.", at=office.at(), by=OFFICER, leg=leg
    )


def test_a_corrected_day_of_receipt_moves_every_date_and_both_readers_are_told(office):
    case = office.receive(own_leg(), child_leg())
    correct(office, case, 1, date(2026, 10, 16))
    shown = page(office, case)
    assert shown.received_on == date(2026, 10, 16)
    assert shown.legs[0].due_on == date(2026, 11, 16)
    words = (
        "we put a date right: we received your request on Friday 16 October 2026, not on Tuesday 20 October"
    )
    assert any(words in line for line in shown.legs[0].clock_steps)
    assert any(words in line and "Article 5(1)(d)" in line for line in shown.legs[0].clock_law)
    family = office.enquiries.family_page(
        office.queue_reference(case), legs=frozenset({1}), on=office.now.date()
    )
    assert family.received_on == date(2026, 10, 16)
    assert any(words in line for line in family.legs[0].clock_steps)
    [row] = office.enquiries.queue(on=office.now.date())
    assert (row.received_on, row.due_on) == (date(2026, 10, 16), date(2026, 11, 16))
    # What the program asked for on receipt was asked on the right day of receipt.
    assert "on Friday 16 October 2026" in shown.legs[1].clock_steps[1]
    # And what is recorded afterwards may lie between the two days.
    ask(office, case, date(2026, 10, 17))


def test_the_trail_keeps_both_days_and_no_words(office, case):
    correct(office, case, 1, date(2026, 10, 16), reason="Leanne showed her stamped copy.")
    first, second = office.events(case)
    assert first.facts["received_on"] == "2026-10-20"
    assert second.kind is EventKind.DATE_CORRECTED
    assert dict(second.facts) == {"corrects": 1, "fact": "received_on", "on": "2026-10-16"}
    assert "Leanne" not in repr(second)
    told = page(office, case).timeline[-1].words
    assert told == "Date corrected: the request was received, 16 October 2026"


def test_an_entry_made_by_mistake_moves_no_date_any_more(office, case):
    office.standing.doubt_identity(
        case, leg=1, asked_on=date(2026, 10, 26), reason="Another address.", at=office.at(), by=OFFICER
    )
    assert page(office, case).legs[0].due_on is None
    with pytest.raises(SecondPersonNeeded):
        withdraw(office, case, 2)
    colleague = replace(OFFICER, id=StaffId("colleague"))
    withdraw(office, case, 2, by=colleague)
    leg = page(office, case).legs[0]
    assert leg.due_on == date(2026, 11, 20)
    assert any("took back a note that we asked for proof of who you are" in s for s in leg.clock_steps)
    assert dict(office.events(case)[-1].facts) == {"withdraws": 2}
    with pytest.raises(OutOfOrder):
        withdraw(office, case, 2)
    with pytest.raises(OutOfOrder):
        correct(office, case, 2, date(2026, 10, 27))


def test_the_pack_carries_the_corrected_day(office, with_records):
    from tests.fakes.ports import record  # noqa: PLC0415 - only here

    case = with_records(record("1", "Leanne was polite."))
    correct(office, case, 1, date(2026, 10, 16))
    office.reviewed(case)
    office.sign_off(case)
    pack = office.release(case)
    assert (pack.received_on, pack.due_on) == (date(2026, 10, 16), date(2026, 11, 16))
    assert any("put a date right" in step for step in pack.clock_steps)


@pytest.mark.parametrize(
    ("event", "on", "kind", "field"),
    [
        (1, date(2026, 11, 3), ImpossibleDate, "on"),  # the future
        (1, RECEIVED, InvalidInput, "on"),  # as recorded already
        (1, date(2006, 10, 20), InvalidInput, "on"),  # before every calendar
        (1, date(1990, 3, 14), InvalidInput, "on"),  # before she was born
        (2, date(2026, 10, 19), ImpossibleDate, "on"),  # a question before the request
        (2, date(2026, 10, 29), ImpossibleDate, "on"),  # a question after its answer
        (3, date(2026, 10, 25), ImpossibleDate, "on"),  # an answer before its question
        (1, date(2026, 10, 27), ImpossibleDate, "on"),  # a request after its question
        (9, date(2026, 10, 21), NotFound, "event"),
    ],
)
def test_an_impossible_correction_is_refused_with_its_field_and_nothing_is_kept(
    office, case, event, on, kind, field
):
    ask(office, case, date(2026, 10, 26))
    answer(office, case, date(2026, 10, 28))
    before = (len(office.events(case)), page(office, case).legs[0].due_on)
    with pytest.raises(kind) as refused:
        correct(office, case, event, on)
    assert refused.value.field == field
    assert refused.value.next_step
    assert (len(office.events(case)), page(office, case).legs[0].due_on) == before


def test_what_has_no_date_of_its_own_cannot_be_corrected(office, case):
    office.standing.record_conflict(case, leg=1, code="marac", note="Heard.", at=office.at(), by=OFFICER)
    for act in (lambda: correct(office, case, 2, date(2026, 10, 21)), lambda: withdraw(office, case, 2)):
        with pytest.raises(NotFound):
            act()


def test_a_question_with_an_answer_is_taken_back_after_its_answer(office, case):
    ask(office, case, date(2026, 10, 26))
    answer(office, case, date(2026, 10, 28))
    with pytest.raises(ImpossibleDate) as refused:
        withdraw(office, case, 2)
    assert refused.value.field == "event"
    withdraw(office, case, 3)
    withdraw(office, case, 2)
    assert page(office, case).legs[0].due_on == date(2026, 11, 20)


def test_the_request_itself_cannot_be_taken_back(office, case):
    with pytest.raises(InvalidInput) as refused:
        withdraw(office, case, 1)
    assert refused.value.field == "event"


@pytest.mark.parametrize("act", [lambda *a, **k: correct(*a, date(2026, 10, 19), **k), withdraw])
def test_only_an_officer_with_a_reason_puts_a_date_right(office, case, act):
    ask(office, case, date(2026, 10, 26))
    event = 1 if act is not withdraw else 2
    with pytest.raises(NotAllowed):
        act(office, case, event, by=APPROVER)
    with pytest.raises(InvalidInput) as refused:
        act(office, case, event, reason=" ")
    assert refused.value.field == "reason"
    assert len(office.events(case)) == 2
    act(office, case, event)
    assert len(office.events(case)) == 3


# --- legs -----------------------------------------------------------------------------------------


def test_a_question_about_one_person_does_not_delay_another(office):
    case = office.receive(own_leg(), own_leg(MARCUS))
    ask(office, case, date(2026, 10, 26), leg=2)
    assert [leg.due_on for leg in page(office, case).legs] == [date(2026, 11, 20), None]
    with pytest.raises(ImpossibleDate):
        answer(office, case, date(2026, 10, 28))
    with pytest.raises(ImpossibleDate):
        answer(office, case, date(2026, 10, 28), leg=1)
    answer(office, case, date(2026, 10, 28), leg=2)
    assert [leg.due_on for leg in page(office, case).legs] == [date(2026, 11, 20), date(2026, 11, 23)]
    assert office.events(case)[-1].leg == 2
    for act in (ask, answer, extend):
        with pytest.raises(NotFound):
            act(office, case, date(2026, 10, 28), leg=9)


def test_a_notice_for_one_person_does_not_need_the_other_to_be_in_time(office):
    case = office.receive(own_leg(), own_leg(MARCUS))
    ask(office, case, date(2026, 10, 26), leg=2)
    office.now += timedelta(days=21)
    answer(office, case, date(2026, 11, 18), leg=2)
    with pytest.raises(NotAllowed, match="too late"):
        extend(office, case, date(2026, 11, 23))
    with pytest.raises(NotAllowed, match="too late"):
        extend(office, case, date(2026, 11, 23), leg=1)
    extend(office, case, date(2026, 11, 23), leg=2)
    dues = [leg.due_on for leg in page(office, case).legs]
    assert dues[0] == date(2026, 11, 20)
    assert dues[1] > date(2027, 1, 20)


def test_there_is_one_notice_of_more_time(office):
    case = office.receive(own_leg(), own_leg(MARCUS))
    extend(office, case, date(2026, 10, 28), leg=2)
    for leg in (None, 2):
        with pytest.raises(AlreadyDone) as refused:
            extend(office, case, date(2026, 10, 29), leg=leg)
        assert refused.value.field == "notified_on"
    extend(office, case, date(2026, 10, 29), leg=1)
    withdraw(office, case, 2)
    extend(office, case, date(2026, 10, 30), leg=2)
    assert [leg.due_on for leg in page(office, case).legs] == [date(2027, 1, 20)] * 2


def test_an_extension_that_a_correction_made_late_does_not_count_and_the_page_says_why(office, case):
    office.now += timedelta(days=18)
    extend(office, case, date(2026, 11, 20))
    assert page(office, case).legs[0].due_on == date(2027, 1, 20)
    correct(office, case, 1, date(2026, 10, 16))
    leg = page(office, case).legs[0]
    assert leg.due_on == date(2026, 11, 16)
    assert "had to be given by Monday 16 November 2026" in leg.cautions[0]
    assert "does not count" in leg.cautions[0]
    family = office.enquiries.family_page(
        office.queue_reference(case), legs=frozenset({1}), on=office.now.date()
    )
    assert family.legs[0].cautions == ()
    assert office.enquiries.queue(on=office.now.date())[0].overdue
    # Back again, and it counts as before.
    correct(office, case, 1, RECEIVED)
    assert page(office, case).legs[0].due_on == date(2027, 1, 20)


def test_a_request_cannot_be_dated_after_its_notice_of_more_time(office, case):
    extend(office, case, date(2026, 10, 26))
    with pytest.raises(ImpossibleDate):
        correct(office, case, 1, date(2026, 10, 27))


# --- cautions and settings ------------------------------------------------------------------------


def test_a_proof_asked_for_too_late_hides_no_overdue_case(office, case):
    office.now += timedelta(days=25)
    office.standing.doubt_identity(
        case, leg=1, asked_on=date(2026, 11, 24), reason="Another address.", at=office.at(), by=OFFICER
    )
    [row] = office.enquiries.queue(on=office.now.date())
    assert (row.due_on, row.overdue) == (date(2026, 11, 20), True)
    assert "cannot start the time again" in page(office, case).legs[0].cautions[0]


def test_an_officer_is_reminded_after_the_configured_days(office, case, law):
    ask(office, case, date(2026, 10, 26))
    assert page(office, case).legs[0].cautions == ()
    sooner = Enquiries(archive=office.archive, law=replace(law, clarification_reminder_days=7))
    shown = sooner.case_page(office.queue_reference(case), on=date(2026, 11, 2))
    assert "has had no answer for 7 days" in shown.legs[0].cautions[0]
    assert page(office, case).legs[0].due_on is None


def test_the_configured_counting_rules_what_is_recorded(office, case, law):
    """With elapsed days the pause is a day shorter, so is the time for a notice of more."""
    ask(office, case, date(2026, 10, 26))
    answer(office, case, date(2026, 10, 28))
    office.now += timedelta(days=25)
    elapsed = replace(law, clarification_counting=ClarificationCounting.ELAPSED)
    stricter = Timekeeping(archive=office.archive, law=elapsed)
    with pytest.raises(NotAllowed):
        stricter.extend(case, notified_on=date(2026, 11, 23), reasons="Many.", at=office.at(), by=OFFICER)
    extend(office, case, date(2026, 11, 23))


def test_a_year_past_the_calendar_is_loud(law):
    with pytest.raises(CalendarNotCovered) as refused:
        law.due("foi.reply", date(2035, 12, 28))
    assert refused.value.field
    assert refused.value.next_step
