"""Complaints: each stage with its own dates, and nothing that contradicts them."""

from dataclasses import replace
from datetime import date

import pytest

from sar.domain.errors import (
    ImpossibleDate,
    InvalidInput,
    NotAllowed,
    NotFound,
    OutOfOrder,
    SARError,
    UnknownName,
)
from sar.domain.trail import EventKind
from sar.ports.casework import complaint_of
from sar.ports.keeping import Collection
from sar.services.correspondence import NewLetter
from tests.fakes.ports import HeldStore, record
from tests.integration.services.conftest import FAMILY, MARCUS, OFFICER, TEAM, own_leg

TODAY = date(2026, 11, 2)


@pytest.fixture
def case(office):
    return office.receive(own_leg(), own_leg(MARCUS))


@pytest.fixture
def opened(office, case):
    return open_one(office, case)


def open_one(office, case, **said):
    given = {
        "route": "data-protection", "about": "The alert", "words": "Nobody told me.",
        "received_on": date(2026, 10, 28), "leg": 1, **said,
    }  # fmt: skip
    return office.complaints.open(case, at=office.at(), by=FAMILY, **given)


def page(office, case, name):
    return office.enquiries.complaint(case, name, on=office.now.date())


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"words": " "}, InvalidInput),
        ({"route": "the-king"}, UnknownName),
        ({"received_on": date(2026, 11, 3)}, ImpossibleDate),
        ({"knew_on": date(2026, 11, 3)}, ImpossibleDate),
        ({"leg": 9}, NotFound),
        ({"received_on": date(1800, 1, 4)}, ImpossibleDate),
        ({"route": "nhs", "received_on": date(2009, 6, 1)}, ImpossibleDate),
    ],
)
def test_a_complaint_with_a_wrong_part_is_not_opened(office, case, said, kind):
    before = office.events(case)
    with pytest.raises(kind):
        open_one(office, case, **said)
    assert office.events(case) == before


def test_a_complaint_starts_at_the_first_stage_with_its_date(office, case, opened):
    found = page(office, case, opened)
    assert (found.status, found.opened_on) == ("opened", date(2026, 10, 28))
    assert found.acknowledge_by == date(2026, 11, 27)
    assert "27 November 2026" in found.next_step
    [row] = office.enquiries.complaints_desk(on=office.now.date())
    assert (row.kind, row.next_due_on, row.overdue) == ("complaint", date(2026, 11, 27), False)
    assert office.enquiries.complaints_desk(on=date(2026, 11, 28))[0].overdue


def test_the_route_from_opening_to_close(office, case, opened):
    team = {"complaint": opened, "by": TEAM}
    office.complaints.acknowledge(case, on=date(2026, 10, 29), at=office.at(), **team)
    assert page(office, case, opened).status == "acknowledged"
    office.complaints.answer(
        case,
        on=date(2026, 10, 30),
        outcome="partly upheld",
        words="We should have told you.",
        at=office.at(),
        **team,
    )
    answered = page(office, case, opened)
    assert answered.status == "answered"
    assert "regulator" in answered.next_step
    office.complaints.escalate(
        case, complaint=opened, on=date(2026, 11, 1), words="I go on.", at=office.at(), by=FAMILY
    )
    second = page(office, case, opened)
    assert "regulator" in second.stage_title
    assert second.status == "opened"
    office.complaints.close(case, on=date(2026, 11, 1), reason="Settled.", at=office.at(), **team)
    assert page(office, case, opened).status == "closed"
    with pytest.raises(OutOfOrder):
        office.complaints.acknowledge(case, on=TODAY, at=office.at(), **team)
    kinds = [e.kind for e in office.events(case)][-5:]
    assert kinds == [
        EventKind.COMPLAINT_OPENED, EventKind.COMPLAINT_ACKNOWLEDGED, EventKind.COMPLAINT_ANSWERED,
        EventKind.COMPLAINT_ESCALATED, EventKind.COMPLAINT_CLOSED,
    ]  # fmt: skip


STEPS = {
    "acknowledge": {},
    "answer": {"outcome": "upheld", "words": "You were right."},
    "escalate": {"words": "I go on."},
    "close": {"reason": "Settled."},
}


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("on", [date(2026, 11, 3), date(2026, 10, 27)])
def test_a_step_in_the_future_or_before_the_opening_is_refused(office, case, opened, step, on):
    before = office.events(case)
    with pytest.raises(ImpossibleDate):
        getattr(office.complaints, step)(
            case, complaint=opened, on=on, at=office.at(), by=TEAM, **STEPS[step]
        )
    assert office.events(case) == before
    assert page(office, case, opened).status == "opened"


@pytest.mark.parametrize("step", ["acknowledge", "answer", "close"])
def test_only_the_complaints_team_answers(office, case, opened, step):
    with pytest.raises(NotAllowed):
        getattr(office.complaints, step)(
            case, complaint=opened, on=TODAY, at=office.at(), by=OFFICER, **STEPS[step]
        )


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("answer", {"outcome": "maybe", "words": "Perhaps."}),
        ("answer", {"outcome": "upheld", "words": ""}),
        ("close", {"reason": " "}),
    ],
)
def test_an_answer_needs_an_outcome_and_reasons(office, case, opened, step, said):
    with pytest.raises(SARError) as refused:
        getattr(office.complaints, step)(case, complaint=opened, on=TODAY, at=office.at(), by=TEAM, **said)
    assert refused.value.field


def test_there_is_no_stage_after_the_last(office, case, opened):
    for _ in range(9):
        try:
            office.complaints.escalate(
                case, complaint=opened, on=TODAY, words="On.", at=office.at(), by=FAMILY
            )
        except OutOfOrder as ended:
            assert ended.next_step  # noqa: PT017 - how many stages there are is the law's to say
            return
    pytest.fail("the route never ends")


def test_a_family_sees_complaints_of_its_own_legs_only(office, case, opened):
    reference = office.queue_reference(case)
    seen = [
        office.enquiries.family_page(reference, legs=frozenset({leg}), on=office.now.date()).complaints
        for leg in (1, 2)
    ]
    assert [len(s) for s in seen] == [1, 0]
    with pytest.raises(NotFound):
        office.enquiries.family_page(reference, legs=frozenset({9}), on=office.now.date())


def test_the_words_of_a_complaint_stay_out_of_the_trail(office, case, opened):
    assert "Nobody told me" not in repr([dict(e.facts) for e in office.events(case)])


def test_the_next_pack_shows_the_complaint_with_its_next_step(office, case, opened):
    office.stores = [HeldStore("ward", [record("1", "Seen.", about=("leanne", "marcus"))])]
    office.ready(case)
    office.review.propose(case, leg=2, at=office.at())
    pages = [[r for r in office.records(case, leg) if r.kind.name == "COMPLAINT_TRAIL"] for leg in (1, 2)]
    assert [len(p) for p in pages] == [1, 0]
    passage = pages[0][0].passages[0]
    assert passage.label == "Complaint of 28 October 2026"
    assert "It is opened." in passage.text
    assert "27 November 2026" in passage.text


def test_a_complaint_in_a_case_of_several_people_says_whose_it_is(office, case):
    """Without it the answer could be sent to anybody else in the case."""
    with pytest.raises(InvalidInput) as refused:
        open_one(office, case, leg=None)
    assert refused.value.field == "leg"
    alone = office.receive(own_leg())
    name = open_one(office, alone, leg=None)
    letter = NewLetter(
        kind="complaint-outcome", leg=1, complaint=name, outcome="upheld", said={"words": "You are right."}
    )
    office.correspondence.send(alone, letter, at=office.at(), by=TEAM)
    assert office.post.letters[-1].to == "Leanne Hartley"


def test_an_older_complaint_of_nobody_is_not_answered_to_anybody(office, case):
    name = open_one(office, case, leg=1)
    with office.archive.writing(case) as file:
        file.keep(Collection.COMPLAINT, name, replace(complaint_of(file, name), leg=None))
    letter = NewLetter(
        kind="complaint-outcome", leg=2, complaint=name, outcome="upheld", said={"words": "You are right."}
    )
    with pytest.raises(OutOfOrder):
        office.correspondence.send(case, letter, at=office.at(), by=TEAM)
    assert office.post.letters == []


def test_a_date_that_cannot_be_counted_names_its_field(office, case):
    with pytest.raises(ImpossibleDate) as refusal:
        open_one(office, case, route="nhs", received_on=date(2009, 6, 1))
    assert refusal.value.field == "received_on"
    assert office.enquiries.complaints_desk(on=TODAY) == ()


def test_a_complaint_kept_with_a_date_outside_the_calendar_hides_no_other(office, case, opened):
    old = open_one(office, case, route="nhs")
    with office.archive.writing(case) as file:
        kept = complaint_of(file, old)
        fact = replace(kept.complaint.facts[0], on=date(2009, 6, 1))
        file.keep(Collection.COMPLAINT, old, replace(kept, complaint=replace(kept.complaint, facts=(fact,))))
    rows = {row.id: row for row in office.enquiries.complaints_desk(on=TODAY)}
    assert "outside the calendar" in rows[old].next_step
    assert rows[opened].next_due_on == date(2026, 11, 27)
    shown = page(office, case, old)
    assert (shown.acknowledge_by, shown.answer_by) == (None, None)
    assert office.enquiries.case_page(office.queue_reference(case), on=TODAY).complaints
