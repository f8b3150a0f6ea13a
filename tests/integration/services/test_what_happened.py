"""What happened in a case, in words: nothing is left out of the trail, and a run of decisions is one row of a page."""

from datetime import timedelta

from sar.domain.parties import StaffRole
from tests.fakes.ports import record
from tests.integration.services.conftest import KERRY, OFFICER, actor

NOTES = [record(str(n), f"Visit {n} with Kerry Lomax.") for n in range(1, 5)]


def page(office, case):
    return office.enquiries.case_page(office.queue_reference(case), on=office.now.date())


def test_the_trail_holds_every_event_and_can_be_read_from_either_end(office, with_records):
    case = with_records(*NOTES, people=[KERRY])
    office.reviewed(case)
    told = page(office, case).timeline
    assert len(told) == len(office.events(case))
    assert [row.at for row in told] == [e.at for e in office.events(case)]
    assert tuple(told[::-1]) == tuple(reversed(told))
    assert told[-1] == tuple(told)[-1]
    assert all(row.words for row in told)


def test_decisions_of_one_person_in_a_run_are_one_row_and_everything_else_its_own(office, with_records):
    case = with_records(*NOTES, people=[KERRY])
    office.reviewed(case)
    colleague = actor("otto", StaffRole.OFFICER)
    proposal = office.every_proposal(case)[0]
    office.decide_id(case, proposal, by=colleague)
    office.decide_id(case, proposal, by=OFFICER)
    shown, events = page(office, case).happened, office.events(case)
    records = [row for row in shown if row.words.startswith("Record decided")]
    assert [row.words for row in records] == [f"Record decided: {len(office.records(case))} times"]
    spans = [row.words for row in shown if row.words.startswith("Span decided")]
    assert spans[0] == "Span decided: 4 times"
    assert len(spans) == 3
    others = [e for e in events if e.kind.value not in {"record decided", "span decided"}]
    assert len(shown) == len(others) + len(records) + len(spans)
    assert records[0].at == [e for e in events if e.kind.value == "record decided"][-1].at


def test_a_run_over_several_days_says_when_it_began(office, with_records):
    case = with_records(*NOTES, people=[KERRY])
    for proposal in office.every_proposal(case)[:3]:
        office.decide_id(case, proposal)
        office.now += timedelta(days=1)
    [row] = [row for row in page(office, case).happened if row.words.startswith("Span decided")]
    assert row.words == "Span decided: 3 times, the first on 2 November 2026"


def test_the_state_of_a_case_follows_its_trail(office, with_records):
    case = with_records(*NOTES)
    assert page(office, case).legs[0].stage == "review"
    office.reviewed(case)
    office.sign_off(case)
    assert page(office, case).legs[0].stage == "signed-off"
    other = office.receive()
    assert page(office, other).legs[0].stage == "received"
    assert page(office, case).legs[0].stage == "signed-off"
