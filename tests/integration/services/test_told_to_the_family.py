"""What staff type and a family reads on its pages passes the gate, or nothing of it is kept."""

from datetime import date

import pytest

from sar.domain.errors import WithheldTextFound
from sar.domain.records import AlertEntry, AlertStep
from sar.domain.rectification import CorrectionOutcome
from tests.fakes.ports import record
from tests.integration.services.conftest import FAMILY, MARCUS, OFFICER, TEAM, TULLY, own_leg

SLIP = "Maureen Tully, who rang us, stands by what she saw."
TODAY = date(2026, 11, 2)
ALERT = record(
    "1", "Alert AL-1: active.",
    alert=[AlertEntry(alert_number="AL-1", step=AlertStep.RAISED, on=date(2024, 3, 4), recipient="School nurse")],
)  # fmt: skip


@pytest.fixture
def case(office, with_records):
    return with_records(ALERT, people=[TULLY])


def ask(office, case, **said):
    given = {"alert_number": "AL-1", "what_is_wrong": "x", "what_it_should_say": "y", "by": FAMILY, **said}
    return office.rectification.ask(case, leg=1, asked_on=TODAY, at=office.at(), **given)


def open_one(office, case, **said):
    given = {"about": "A call", "words": "Nobody told me.", "leg": 1, "by": OFFICER, **said}
    return office.complaints.open(case, route="data-protection", received_on=TODAY, at=office.at(), **given)


def refused(office, case, field, act):
    before = office.events(case)
    with pytest.raises(WithheldTextFound) as stopped:
        act()
    assert stopped.value.field == field
    assert "Tully" not in str(stopped.value)
    assert office.events(case) == before


@pytest.mark.parametrize("field", ["reason", "statement"])
def test_the_answer_to_a_correction_names_no_source(office, case, field) -> None:
    name = ask(office, case)
    said = {"reason": "The entry is right.", "statement": "", field: SLIP}
    refused(office, case, field, lambda: office.rectification.answer(
        case, correction=name, outcome=CorrectionOutcome.REFUSED, answered_on=TODAY, at=office.at(), by=TEAM, **said
    ))  # fmt: skip
    assert office.enquiries.correction(case, name, for_family=True).answer is None


def test_what_a_holder_said_names_no_source(office, case) -> None:
    name = ask(office, case)
    nurse = next(p.place for p in office.enquiries.correction(case, name).places if not p.is_ours)
    refused(office, case, "words", lambda: office.rectification.confirm(
        case, correction=name, place=nurse, on=TODAY, words=SLIP, at=office.at(), by=TEAM
    ))  # fmt: skip


def test_a_correction_that_staff_write_down_names_no_source(office, case) -> None:
    refused(office, case, "what_is_wrong", lambda: ask(office, case, what_is_wrong=SLIP, by=TEAM))


@pytest.mark.parametrize("field", ["about", "words"])
@pytest.mark.parametrize("leg", [1, 0, None])
def test_a_complaint_that_staff_write_down_names_no_source(office, case, field, leg) -> None:
    refused(office, case, field, lambda: open_one(office, case, leg=leg, **{field: SLIP}))


def test_the_answer_to_a_complaint_names_no_source(office, case) -> None:
    name = open_one(office, case)
    said = {"complaint": name, "on": TODAY, "by": TEAM}
    for act in (
        lambda: office.complaints.answer(case, outcome="not upheld", words=SLIP, at=office.at(), **said),
        lambda: office.complaints.escalate(case, words=SLIP, at=office.at(), **said),
    ):
        refused(office, case, "words", act)


def test_what_the_family_writes_itself_is_taken_as_it_is(office, case) -> None:
    """A refusal would tell them that the name stands in the records."""
    name = open_one(office, case, words=SLIP, by=FAMILY)
    assert office.enquiries.complaint(case, name, on=TODAY).words == SLIP
    assert ask(office, case, what_is_wrong=SLIP)


def test_a_part_split_off_is_checked_against_every_leg(office) -> None:
    case = office.receive(own_leg(), own_leg(MARCUS))
    office.people.add(case, TULLY, at=office.at(), by=OFFICER)
    refused(office, case, "words", lambda: office.routing.log_information(
        case, words="Your policy on calls like Maureen Tully's", reason="Page two.", at=office.at(), by=OFFICER
    ))  # fmt: skip
    assert not office.enquiries.case_page(office.queue_reference(case), on=TODAY).information
