"""One alert in the legs of several people: what the legs contradict together, and no leg by itself."""

from dataclasses import replace
from datetime import date

from sar.domain.across_legs import across_legs
from sar.domain.alerts import Expected
from sar.domain.records import AlertEntry, AlertStep, Finding
from sar.domain.references import StoreName, SubjectId
from tests.fakes.ports import record

FIRST, LATER = date(2024, 3, 4), date(2024, 9, 20)
LEANNE, ISLA = SubjectId("leanne"), SubjectId("isla")
NAMES = {LEANNE: "Leanne Hartley", ISLA: "Isla Hartley"}


def entry(step, on=FIRST, number="AL-1", **more):
    return AlertEntry(alert_number=number, step=step, on=on, **more)


RAISED = entry(AlertStep.RAISED, category="neglect", reason_not_told="It was an emergency.")
ACTIVE = entry(AlertStep.STATUS, LATER, status="active")
MOTHERS = record("a", "Raised.", alert=[RAISED])
CHILDS = record("b", "On file.", store="school", about=["isla"], alert=[ACTIVE])


def codes(mothers, childs, **more):
    return [one.code for one in across_legs({LEANNE: mothers, ISLA: childs}, NAMES, **more)]


def test_an_alert_raised_about_one_person_that_stands_on_the_record_of_a_relative():
    [found] = across_legs({LEANNE: [MOTHERS], ISLA: [CHILDS]}, NAMES)
    assert (found.code, found.alert) == ("flag-on-relative", "AL-1")
    assert found.words == (
        "Alert AL-1 was raised about Leanne Hartley. It stands on the record of Isla Hartley too: The school."
    )
    assert {(s.subject, str(s.record)) for s in found.sides} == {(LEANNE, "ward/a"), (ISLA, "school/b")}
    assert found.subjects == {LEANNE, ISLA}


def test_one_alert_that_the_legs_say_was_raised_about_different_people():
    other = replace(CHILDS, alert=(RAISED,))
    assert codes([MOTHERS], [other]) == ["subject-differs"]


def test_a_state_that_only_the_other_leg_contradicts():
    closed = Finding(on=LATER, code="RC8", words="Closed, no concern")
    mothers = [replace(MOTHERS, findings=(closed,))]
    assert codes(mothers, [CHILDS]) == ["flag-on-relative", "active-after-closure"]
    wrong = entry(AlertStep.STATUS, LATER, status="entered-in-error")
    found = codes([replace(MOTHERS, alert=(RAISED, wrong))], [CHILDS])
    assert {"active-after-error", "states-differ"} <= set(found)


def test_what_one_leg_shows_by_itself_is_not_listed_again():
    both = replace(MOTHERS, alert=(RAISED, ACTIVE, entry(AlertStep.ENTERED_IN_ERROR, LATER)))
    shared = replace(both, about=frozenset({LEANNE, ISLA}))
    assert codes([shared], [shared]) == []
    assert codes([both], []) == []
    late = entry(AlertStep.REVIEWED, date(2026, 9, 20))
    same = replace(
        MOTHERS, alert=(RAISED, late), provenance=replace(MOTHERS.provenance, store=StoreName("x"))
    )
    assert codes([same], [same], expected=Expected(review_months=6)) == []


def test_two_alerts_are_not_mixed_up():
    others = record(
        "c", "On file.", store="school", about=["isla"], alert=[replace(ACTIVE, alert_number="AL-2")]
    )
    assert codes([MOTHERS], [others]) == []


def test_a_third_persons_leg_is_compared_too():
    marcus = SubjectId("marcus")
    his = replace(CHILDS, about=frozenset({marcus}))
    found = across_legs(
        {LEANNE: [MOTHERS], ISLA: [CHILDS], marcus: [replace(his, key=replace(his.key, native_id="d"))]},
        {**NAMES, marcus: "Marcus Hartley"},
    )
    assert [f.subjects for f in found] == [{LEANNE, ISLA}, {LEANNE, marcus}]
