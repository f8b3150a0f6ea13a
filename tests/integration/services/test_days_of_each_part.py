"""Each part of a request keeps the days of its own law: corrected, reminded, told apart, counted in our own time."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from sar.domain.calendar import say_date
from sar.domain.errors import ImpossibleDate, InvalidInput, OutOfOrder
from sar.domain.parties import DataSubject
from sar.domain.references import SubjectId
from sar.ports.casework import state_of
from sar.services.correspondence import NewLetter
from tests.integration.services.conftest import FAMILY, MARCUS, OFFICER, child_leg, own_leg, request

DOT = DataSubject(id=SubjectId("dot"), name="Dot Hartley", born_on=date(1940, 2, 8), died_on=date(2026, 8, 1))


def of_dot(records="health", capacity="personal-representative"):
    return replace(own_leg(), name="dot", subject=DOT, capacity=capacity, records=records)


def page(office, case):
    return office.enquiries.case_page(office.queue_reference(case), on=office.now.date())


def correct(office, case, on, event=1):
    office.timekeeping.correct_date(case, event=event, on=on, reason="The stamp.", at=office.at(), by=OFFICER)


def refused_unchanged(office, case, on, event=1):
    before = office.events(case)
    with pytest.raises(ImpossibleDate) as refused:
        correct(office, case, on, event)
    assert refused.value.field == "on"
    assert office.events(case) == before
    assert page(office, case).legs
    return refused.value


def test_the_day_of_receipt_is_never_moved_before_the_law_that_answers(office):
    error = refused_unchanged(office, office.receive(), date(2018, 5, 24))
    assert "2018-05-25" in error.next_step


@pytest.mark.parametrize("day", [date(2026, 7, 31), date(1990, 1, 1)])
def test_the_day_of_receipt_is_never_moved_before_a_death(office, day):
    refused_unchanged(office, office.receive(of_dot()), day)


def test_the_day_of_receipt_is_never_moved_past_a_decision(office):
    case = office.receive(of_dot())
    office.routing.decide(
        case, leg=1, outcome="nothing-held", on=date(2026, 10, 25), reason="None.", at=office.at(), by=OFFICER
    )
    refused_unchanged(office, case, date(2026, 10, 30))
    correct(office, case, date(2026, 10, 24))


def test_the_day_of_receipt_is_never_moved_past_a_part_with_a_day_of_its_own(office):
    case = office.receive()
    office.routing.log_information(
        case, words="Numbers", reason="Asked.", received_on=date(2026, 10, 25), at=office.at(), by=OFFICER
    )
    refused_unchanged(office, case, date(2026, 10, 26))
    correct(office, case, date(2026, 10, 25))


@pytest.mark.parametrize("more", [{}, {"information": "Numbers"}])
def test_a_request_from_before_the_law_names_its_day_and_stores_nothing(office, more):
    with pytest.raises(ImpossibleDate) as refused:
        office.receive(received_on=date(2018, 5, 24), **more)
    assert refused.value.field == "received_on"
    assert not tuple(office.archive.heads())


@pytest.mark.parametrize("records", ["any", "maintained-school"])
@pytest.mark.parametrize(
    "capacity", ["personal-representative", "claim-arising-from-death", "bereaved-relative"]
)
def test_for_the_dead_it_has_to_be_said_which_file(office, records, capacity):
    with pytest.raises(InvalidInput) as refused:
        office.receive(of_dot(records, capacity))
    assert refused.value.field == "records"
    assert not tuple(office.archive.heads())


@pytest.mark.parametrize(
    "leg",
    [
        of_dot(),
        of_dot("council"),
        replace(child_leg(), records="maintained-school"),
        replace(child_leg(), has_responsibility=False),
    ],
)
def test_no_question_pauses_and_no_notice_extends_a_part_of_another_law(office, leg):
    case = office.receive(leg)
    before = office.events(case)
    for number in (1, None):
        with pytest.raises(OutOfOrder):
            office.timekeeping.ask_clarification(
                case, asked_on=date(2026, 10, 22), question="Which?", at=office.at(), by=OFFICER, leg=number
            )
        with pytest.raises(OutOfOrder):
            office.timekeeping.extend(
                case, notified_on=date(2026, 10, 22), reasons="Many.", at=office.at(), by=OFFICER, leg=number
            )
    assert office.events(case) == before
    office.standing.doubt_identity(
        case, leg=1, asked_on=date(2026, 10, 22), reason="New address.", at=office.at(), by=OFFICER
    )


def words(office, case, kind="acknowledgement"):
    said = {"news": "We look."} if kind == "progress" else {}
    wanted = NewLetter(kind=kind, leg=1, said=said)
    return " ".join(office.correspondence.draft(case, wanted, at=office.at(), by=OFFICER).paragraphs)


@pytest.mark.parametrize("kind", ["acknowledgement", "progress"])
def test_a_day_that_cannot_be_counted_yet_is_no_missing_limit(office, kind):
    text = words(office, office.receive(replace(child_leg(), records="maintained-school")), kind)
    assert "no last day" not in text
    assert "cannot count the last day" in text


def test_a_part_without_a_limit_is_told_apart_from_one_with_a_day(office):
    mother = own_leg()
    case = office.receive(mother, replace(of_dot("council", "bereaved-relative"), recipient=mother.recipient))
    text = words(office, case)
    assert f"For one part you should have our answer by {say_date(date(2026, 11, 20))}." in text
    assert "For one part the law sets no last day" in text


def test_a_part_that_cannot_be_counted_is_told_apart_from_one_with_a_day(office):
    mother = own_leg()
    school = replace(child_leg(), records="maintained-school", recipient=mother.recipient)
    text = words(office, office.receive(mother, school))
    assert f"For one part you should have our answer by {say_date(date(2026, 11, 20))}." in text
    assert "For one part we cannot count the last day" in text


def test_proof_after_a_reminder_starts_the_month(office):
    case = office.receive()
    for day in (21, 23):
        office.standing.doubt_identity(
            case, leg=1, asked_on=date(2026, 10, day), reason="New address.", at=office.at(), by=OFFICER
        )
    office.standing.record_identity(
        case,
        leg=1,
        got_on=date(2026, 10, 30),
        means="known-in-person",
        how="Seen.",
        at=office.at(),
        by=OFFICER,
    )
    assert office.waits(case) == ""
    assert (page(office, case).legs[0].start_on, page(office, case).legs[0].due_on) == (
        date(2026, 10, 30),
        date(2026, 11, 30),
    )


@pytest.mark.parametrize(("only_first", "still_open"), [(False, 0), (True, 1)])
def test_one_answer_closes_every_question_unless_it_answers_the_first_alone(office, only_first, still_open):
    case = office.receive()
    for day in (21, 23):
        office.timekeeping.ask_clarification(
            case, asked_on=date(2026, 10, day), question="Which?", at=office.at(), by=OFFICER
        )
    office.timekeeping.record_clarification(
        case, answered_on=date(2026, 10, 27), answer="All.", at=office.at(), by=OFFICER, only_first=only_first
    )
    with office.archive.reading(case) as file:
        assert sum(one.got_on is None for one in state_of(file).clarifications(1)) == still_open


def later_part(office):
    case = office.receive()
    office.routing.log_information(
        case, words="Numbers", reason="Asked.", received_on=date(2026, 10, 28), at=office.at(), by=OFFICER
    )
    leg = office.intake.take_as_own_records(
        case, number=1, leg=own_leg(MARCUS), reason="His own.", at=office.at(), by=OFFICER
    )
    return case, leg


def test_a_part_that_turns_out_to_be_own_records_keeps_its_own_day(office):
    case, leg = later_part(office)
    first, second = page(office, case).legs
    assert (first.start_on, first.due_on) == (date(2026, 10, 20), date(2026, 11, 20))
    assert (second.start_on, second.due_on) == (date(2026, 10, 28), date(2026, 11, 30))
    with pytest.raises(ImpossibleDate):
        office.standing.doubt_identity(
            case, leg=leg, asked_on=date(2026, 10, 27), reason="New.", at=office.at(), by=OFFICER
        )


def test_the_own_day_of_a_part_can_be_put_right_and_never_taken_back(office):
    case, leg = later_part(office)
    (row,) = [r for r in office.enquiries.dated_entries(case) if r.leg == leg]
    assert (row.on, row.can_withdraw) == (date(2026, 10, 28), False)
    correct(office, case, date(2026, 10, 26), event=row.event)
    assert page(office, case).legs[1].due_on == date(2026, 11, 26)
    correct(office, case, date(2026, 10, 19))
    assert page(office, case).legs[1].due_on == date(2026, 11, 26)
    assert page(office, case).legs[0].due_on == date(2026, 11, 19)
    refused_unchanged(office, case, date(2026, 10, 18), event=row.event)
    with pytest.raises(InvalidInput):
        office.timekeeping.withdraw_entry(case, event=row.event, reason="No.", at=office.at(), by=OFFICER)


def test_half_past_midnight_in_summer_is_the_new_day(office):
    just_after = datetime(2026, 7, 14, 23, 30, tzinfo=UTC)
    case = office.intake.receive(request(received_on=date(2026, 7, 15)), at=just_after, by=FAMILY).id
    office.now = just_after
    assert office.enquiries.case_page(office.queue_reference(case), on=date(2026, 7, 15)).legs[
        0
    ].due_on == date(2026, 8, 17)
    with pytest.raises(ImpossibleDate):
        office.intake.receive(request(received_on=date(2026, 7, 16)), at=just_after, by=FAMILY)
