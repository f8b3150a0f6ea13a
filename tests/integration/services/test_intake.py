"""What comes in: every wrong part is named and nothing is stored; every date that moves the clock is checked."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from sar.domain.errors import (
    DecisionNotSupported,
    ImpossibleDate,
    InvalidInput,
    NotAllowed,
    NotFound,
    OutOfOrder,
    UnknownName,
)
from sar.domain.parties import Requester
from sar.domain.trail import EventKind
from sar.ports.casework import state_of
from tests.fakes.ports import HeldStore, record
from tests.integration.services.conftest import (
    APPROVER,
    FAMILY,
    ISLA,
    LEANNE,
    MARCUS,
    OFFICER,
    RECEIVED,
    child_leg,
    contact,
    own_leg,
    request,
)

GOOD = own_leg()
NOBODY = Requester(name="  ", contact=contact(), subject=LEANNE.id)


def receive(office, asked):
    return office.intake.receive(asked, at=office.at(), by=FAMILY)


@pytest.mark.parametrize(
    ("asked", "kind", "field"),
    [
        (request(channel="pigeon"), UnknownName, "channel"),
        (request(received_on=date(2026, 11, 3)), ImpossibleDate, "received_on"),
        (replace(request(), legs=()), InvalidInput, "legs"),
        (request(GOOD, GOOD), InvalidInput, "legs"),
        (request(replace(GOOD, name="")), InvalidInput, ""),
        (request(replace(GOOD, subject=replace(LEANNE, name=" "))), InvalidInput, "subject_name"),
        (
            request(replace(GOOD, subject=replace(LEANNE, born_on=date(2026, 10, 21)))),
            ImpossibleDate,
            "born_on",
        ),
        (request(replace(GOOD, capacity="neighbour")), UnknownName, "capacity"),
        (request(replace(GOOD, recipient=NOBODY)), InvalidInput, ""),
        (request(nation="atlantis"), UnknownName, "nation"),
    ],
)
def test_a_wrong_part_is_named_and_nothing_is_stored(office, asked, kind, field):
    with pytest.raises(kind) as refused:
        receive(office, asked)
    assert refused.value.field
    assert not field or refused.value.field == field
    assert refused.value.next_step
    assert office.archive.heads() == ()
    assert receive(office, request()).reference.text.endswith("-0001")


def test_a_date_before_any_calendar_is_refused_before_it_can_stop_the_queue(office):
    good = office.receive()
    with pytest.raises(InvalidInput):
        receive(office, request(received_on=date(2006, 10, 20)))
    assert [r.reference for r in office.enquiries.queue(on=office.now.date())] == [
        office.queue_reference(good)
    ]


def test_a_request_in_the_words_of_freedom_of_information_is_accepted(office):
    case = office.receive(asked_as_foi=True, wording="  Under the Freedom of Information Act I ask ...  ")
    first = office.events(case)[0]
    assert first.facts["asked_as_foi"] is True
    assert first.facts["received_on"] == "2026-10-20"
    page = office.enquiries.case_page(office.queue_reference(case), on=office.now.date())
    assert page.wording == "Under the Freedom of Information Act I ask ..."
    assert page.legs[0].due_on == date(2026, 11, 20)


def test_the_trail_of_a_request_names_nobody(office):
    case = office.receive(own_leg(), child_leg())
    said = repr([(e.by, dict(e.facts)) for e in office.events(case)])
    for word in ("Leanne", "leanne", "Isla", "isla", "Everything", "example.org"):
        assert word not in said


def test_asking_for_a_child_waits_for_proof_and_for_oneself_does_not(office):
    case = office.receive(own_leg(), child_leg())
    page = office.enquiries.case_page(office.queue_reference(case), on=office.now.date())
    assert page.legs[0].due_on == date(2026, 11, 20)
    assert (page.legs[1].stage, page.legs[1].due_on) == ("waiting-for-family", None)
    office.standing.record_authority(
        case,
        leg=2,
        got_on=date(2026, 10, 27),
        evidence="birth-certificate",
        how="Seen.",
        at=office.at(),
        by=OFFICER,
    )
    page = office.enquiries.case_page(office.queue_reference(case), on=office.now.date())
    assert page.legs[1].due_on == date(2026, 11, 27)


def test_authority_for_a_leg_that_does_not_exist_leaves_the_case_whole(office):
    case = office.receive()
    with pytest.raises((NotFound, OutOfOrder)):
        office.standing.record_authority(
            case, leg=9, got_on=RECEIVED, evidence="court-order", how="Seen.", at=office.at(), by=OFFICER
        )
    assert len(office.enquiries.queue(on=office.now.date())) == 1


STEPS = {
    "ask_clarification": {"asked_on": RECEIVED, "question": "Which years?"},
    "extend": {"notified_on": RECEIVED, "reasons": "Many records."},
}


def service_of(office, step):
    return office.timekeeping if step in {"ask_clarification", "extend"} else office.intake


@pytest.mark.parametrize("step", STEPS)
def test_only_an_officer_records_what_moves_the_clock(office, step):
    case = office.receive()
    with pytest.raises(NotAllowed):
        getattr(service_of(office, step), step)(case, **STEPS[step], at=office.at(), by=APPROVER)
    assert len(office.events(case)) == 1
    getattr(service_of(office, step), step)(case, **STEPS[step], at=office.at(), by=OFFICER)
    assert len(office.events(case)) == 2


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("on", [date(2026, 10, 19), date(2026, 11, 3)])
def test_a_date_before_the_request_or_in_the_future_is_refused(office, step, on):
    case = office.receive()
    given = {k: on if isinstance(v, date) else v for k, v in STEPS[step].items()}
    with pytest.raises(ImpossibleDate):
        getattr(service_of(office, step), step)(case, **given, at=office.at(), by=OFFICER)
    assert len(office.events(case)) == 1


@pytest.mark.parametrize("step", STEPS)
def test_what_has_to_be_written_down_cannot_be_left_empty(office, step):
    case = office.receive()
    given = {k: " " if isinstance(v, str) else v for k, v in STEPS[step].items()}
    with pytest.raises((InvalidInput, NotAllowed)) as refused:
        getattr(service_of(office, step), step)(case, **given, at=office.at(), by=OFFICER)
    assert refused.value.field
    assert len(office.events(case)) == 1


def test_an_answer_before_the_question_is_refused(office):
    case = office.receive()
    answer = {"answer": "All of them.", "by": FAMILY}
    with pytest.raises(ImpossibleDate) as refused:
        office.timekeeping.record_clarification(case, answered_on=RECEIVED, at=office.at(), **answer)
    assert refused.value.field == "answered_on"
    office.timekeeping.ask_clarification(
        case, asked_on=date(2026, 10, 26), question="Which years?", at=office.at(), by=OFFICER
    )
    with pytest.raises(ImpossibleDate):
        office.timekeeping.record_clarification(
            case, answered_on=date(2026, 10, 25), at=office.at(), **answer
        )
    waiting = office.enquiries.case_page(office.queue_reference(case), on=office.now.date()).legs[0]
    assert waiting.due_on is None
    office.timekeeping.record_clarification(case, answered_on=date(2026, 10, 28), at=office.at(), **answer)
    page = office.enquiries.case_page(office.queue_reference(case), on=office.now.date()).legs[0]
    assert page.due_on is not None
    assert page.due_on > date(2026, 11, 20)
    with pytest.raises(ImpossibleDate):
        office.timekeeping.record_clarification(
            case, answered_on=date(2026, 10, 30), at=office.at(), **answer
        )


def test_proof_dated_before_it_was_asked_for_does_not_stop_the_queue(office):
    case = office.receive()
    office.standing.doubt_identity(
        case, leg=1, asked_on=date(2026, 10, 26), reason="The address differs.", at=office.at(), by=OFFICER
    )
    with pytest.raises(ImpossibleDate):
        office.standing.record_identity(
            case,
            leg=1,
            got_on=date(2026, 10, 22),
            means="photo-document",
            how="A passport.",
            at=office.at(),
            by=OFFICER,
        )
    assert len(office.enquiries.queue(on=office.now.date())) == 1


def test_where_no_proof_was_asked_for_it_is_the_officers_judgement(office):
    case = office.receive()
    office.know(case)
    kinds = [e.kind for e in office.events(case)]
    assert EventKind.IDENTITY_JUDGED in kinds
    assert EventKind.IDENTITY_SHOWN not in kinds
    with office.archive.reading(case) as file:
        leg = state_of(file).leg(1)
    assert leg.is_known
    assert leg.identity == ()


def test_nothing_is_signed_off_before_somebody_says_how_they_know_who_asks(office):
    """A former partner knows her name and her date of birth."""
    office.stores = [HeldStore("ward", [record("1", "Leanne was polite.")])]
    case = office.receive()
    number = office.gather(case)
    office.people.build(case, round_number=number, at=office.at())
    office.review.propose(case, leg=1, at=office.at())
    office.reviewed(case)
    with pytest.raises(DecisionNotSupported, match="who is asking"):
        office.sign_off(case)
    office.know(case)
    office.sign_off(case)


def test_an_extension_gives_two_months_and_comes_too_late_after_the_first(office):
    case = office.receive()
    late = office.receive()
    office.now += timedelta(days=18)
    office.timekeeping.extend(
        case, notified_on=date(2026, 11, 20), reasons="Many records.", at=office.at(), by=OFFICER
    )
    page = office.enquiries.case_page(office.queue_reference(case), on=office.now.date())
    assert page.legs[0].due_on == date(2027, 1, 20)
    office.now += timedelta(days=1)
    with pytest.raises(NotAllowed):
        office.timekeeping.extend(
            late, notified_on=date(2026, 11, 21), reasons="Many records.", at=office.at(), by=OFFICER
        )
    assert len(office.events(late)) == 1


def test_a_stop_is_lifted_by_an_approver_with_a_reason_only(office):
    case = office.receive()
    stop = {"leg": 1, "code": "suspected-coercion"}
    office.standing.record_conflict(case, **stop, note="She rang from his phone.", at=office.at(), by=OFFICER)
    due = office.enquiries.queue(on=office.now.date())[0].due_on
    assert due == date(2026, 11, 20)
    with pytest.raises(NotAllowed):
        office.standing.resolve_conflict(case, **stop, note="Seen alone.", at=office.at(), by=OFFICER)
    with pytest.raises(InvalidInput):
        office.standing.resolve_conflict(case, **stop, note=" ", at=office.at(), by=APPROVER)
    with pytest.raises(OutOfOrder):
        office.standing.resolve_conflict(
            case, leg=1, code="marac", note="Seen alone.", at=office.at(), by=APPROVER
        )
    office.standing.resolve_conflict(case, **stop, note="Seen alone.", at=office.at(), by=APPROVER)
    page = office.enquiries.case_page(office.queue_reference(case), on=office.now.date())
    assert page.legs[0].conflicts == ()


def test_one_person_named_twice_is_one_subject_with_two_legs(office):
    again = replace(child_leg(), name="isla-2")
    case = office.receive(child_leg(), again, own_leg(MARCUS))
    page = office.enquiries.case_page(office.queue_reference(case), on=office.now.date())
    assert [leg.subject for leg in page.legs] == [ISLA.name, ISLA.name, MARCUS.name]
    office.stores = []
    assert office.gathering.plan(case, 1) == ()
