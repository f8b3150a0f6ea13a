from datetime import date
from functools import cache
from itertools import permutations

import pytest

from sar.domain.complaints import (
    Complaint,
    ComplaintEvent,
    ComplaintFact,
    Outcome,
    WhoActs,
    answer_due,
    next_step,
    state_of,
)  # fmt: skip
from sar.domain.errors import ImpossibleDate, OutOfOrder, UnknownName
from sar.law import load

NOV_20 = date(2026, 11, 20)
OPENED, ACKNOWLEDGED, ANSWERED, ESCALATED, CLOSED = (
    ComplaintEvent.OPENED, ComplaintEvent.ACKNOWLEDGED, ComplaintEvent.ANSWERED,
    ComplaintEvent.ESCALATED, ComplaintEvent.CLOSED,
)  # fmt: skip


@cache
def law(nation="england"):
    return load(nation)


def fact(event, on=NOV_20, **more):
    return ComplaintFact(event=event, on=on, **more)


def complaint(*facts, route="data-protection", knew_on=date(2026, 9, 1)):
    return Complaint(route=route, knew_on=knew_on, facts=facts)


def step(*facts, on=NOV_20, **more):
    return next_step(complaint(*facts, **more), law(), on)


def test_a_new_data_protection_complaint_waits_for_its_acknowledgement():
    found = step(fact(OPENED))
    assert found.due_on == date(2026, 12, 21)
    assert found.who_must_act is WhoActs.ORGANISATION
    assert "164A" in found.citation
    assert "Monday 21 December 2026" in found.text
    assert not found.overdue


def test_a_late_acknowledgement_is_called_late():
    assert not step(fact(OPENED), on=date(2026, 12, 21)).overdue
    late = step(fact(OPENED), on=date(2026, 12, 22))
    assert late.overdue
    assert "It is late" in late.text


def test_where_no_days_are_set_a_reminder_is_shown_as_uncertain():
    facts = (fact(OPENED), fact(ACKNOWLEDGED, date(2026, 11, 25)))
    first = step(*facts, on=date(2026, 12, 1))
    second = step(*facts, on=date(2026, 12, 21))
    none = step(*facts, on=date(2027, 3, 1))
    assert (first.due_on, second.due_on, none.due_on) == (date(2026, 12, 20), date(2027, 1, 19), None)
    assert first.uncertain
    assert "without undue delay" in none.text


def test_after_an_answer_the_family_may_go_on_by_a_date():
    found = step(
        fact(OPENED), fact(ANSWERED, date(2026, 12, 10), outcome=Outcome.NOT_UPHELD), on=date(2026, 12, 11)
    )
    assert found.who_must_act is WhoActs.FAMILY
    assert found.stage == "regulator"
    assert found.due_on == date(2027, 3, 10)
    assert found.discretion
    assert found.uncertain


def test_the_ombudsmans_year_runs_from_knowledge_not_from_the_answer():
    facts = (fact(OPENED), fact(ACKNOWLEDGED, date(2026, 11, 24)), fact(ANSWERED, date(2027, 5, 1)))
    found = step(*facts, route="nhs", knew_on=date(2026, 9, 5), on=date(2027, 5, 2))
    assert found.stage == "ombudsman"
    assert found.due_on == date(2027, 9, 5)
    late = step(*facts, route="nhs", knew_on=date(2026, 3, 1), on=date(2027, 5, 2))
    assert late.overdue
    assert "can take a later complaint" in late.text


def test_a_familys_last_day_is_not_rolled_off_a_weekend():
    facts = (fact(OPENED), fact(ANSWERED, date(2027, 1, 5)))
    found = step(*facts, route="nhs", knew_on=date(2026, 10, 31), on=date(2027, 1, 6))
    assert found.due_on == date(2027, 10, 31)
    assert found.due_on.weekday() == 6


def test_childrens_stages_lead_to_each_other_with_their_limits():
    route = "children-social-care"
    first = step(fact(OPENED), route=route)
    assert first.due_on == date(2026, 12, 4)
    assert "Friday 18 December 2026" in first.text
    second = step(fact(OPENED), fact(ESCALATED, NOV_20), route=route)
    assert second.stage == "stage-2"
    assert second.due_on == date(2026, 12, 29)
    panel = step(fact(OPENED), fact(ESCALATED, NOV_20, stage="stage-3"), route=route)
    assert panel.due_on == date(2027, 1, 6)
    assert "must meet by Wednesday 6 January 2027" in panel.text
    assert "Wednesday 13 January 2027" in panel.text
    assert "Wednesday 3 February 2027" in panel.text
    reported = step(fact(OPENED), fact(ESCALATED, NOV_20, stage="stage-3"), route=route, on=date(2027, 1, 14))
    assert (reported.due_on, reported.overdue) == (date(2027, 2, 3), False)
    late = step(fact(OPENED), fact(ESCALATED, NOV_20, stage="stage-3"), route=route, on=date(2027, 2, 4))
    assert late.overdue
    asked = step(fact(OPENED), fact(ESCALATED, NOV_20), fact(ANSWERED, NOV_20), route=route)
    assert asked.due_on == date(2026, 12, 18)
    assert asked.who_must_act is WhoActs.FAMILY


def test_the_last_stage_and_a_closed_complaint_ask_nothing_more():
    last = step(fact(OPENED, stage="ombudsman"), fact(ANSWERED), route="nhs", on=NOV_20)
    assert last.stage == "judicial-review"
    court = step(fact(OPENED, stage="court"), fact(ANSWERED))
    assert court.who_must_act is WhoActs.NOBODY
    closed = step(fact(OPENED), fact(CLOSED, outcome=Outcome.WITHDRAWN))
    assert closed.due_on is None
    assert closed.who_must_act is WhoActs.NOBODY


def test_a_stage_without_a_limit_says_how_to_go_on():
    found = step(fact(OPENED), fact(ANSWERED), route="school")
    assert found.due_on is None
    assert found.who_must_act is WhoActs.FAMILY
    assert "policy sets the time" in found.text


def test_an_outside_body_is_told_from_the_organisation():
    found = step(fact(OPENED, stage="ombudsman"), route="nhs")
    assert found.who_must_act is WhoActs.OUTSIDE_BODY


def test_before_the_act_was_in_force_there_is_no_acknowledgement_limit():
    found = step(fact(OPENED, date(2026, 6, 18)), on=date(2026, 6, 19))
    assert found.due_on is None
    assert step(fact(OPENED, date(2026, 6, 19)), on=date(2026, 6, 19)).due_on is not None


def test_facts_fold_the_same_in_any_order():
    facts = (
        fact(OPENED, date(2026, 11, 2)), fact(ACKNOWLEDGED, date(2026, 11, 4)),
        fact(ANSWERED, date(2026, 11, 16), outcome=Outcome.PARTLY_UPHELD),
        fact(ESCALATED, date(2026, 11, 18)), fact(ACKNOWLEDGED, date(2026, 11, 19)),
    )  # fmt: skip
    states = {state_of(complaint(*order), law()) for order in permutations(facts)}
    assert len(states) == 1
    state = states.pop()
    assert (state.stage, state.status) == ("regulator", "acknowledged")
    assert (state.opened_on, state.stage_opened_on) == (date(2026, 11, 2), date(2026, 11, 18))
    assert state.answered_on is None


def test_status_follows_the_facts():
    facts = [fact(OPENED)]
    assert state_of(complaint(*facts), law()).status == "opened"
    for event, status in ((ACKNOWLEDGED, "acknowledged"), (ANSWERED, "answered"), (CLOSED, "closed")):
        facts.append(fact(event, outcome=Outcome.UPHELD if event is ANSWERED else None))
        assert state_of(complaint(*facts), law()).status == status
    assert state_of(complaint(*facts), law()).outcome is Outcome.UPHELD


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ((), OutOfOrder),
        ((fact(ANSWERED),), ImpossibleDate),
        ((fact(OPENED), fact(ACKNOWLEDGED, date(2026, 11, 19))), ImpossibleDate),
        ((fact(OPENED), fact(OPENED, date(2026, 11, 21))), OutOfOrder),
        ((fact(OPENED), fact(CLOSED), fact(ANSWERED, date(2026, 11, 21))), OutOfOrder),
        ((fact(OPENED, stage="court"), fact(ESCALATED)), OutOfOrder),
        ((fact(OPENED, stage="nowhere"),), UnknownName),
    ],
)
def test_contradictions_are_refused(facts, kind):
    with pytest.raises(kind) as refusal:
        state_of(complaint(*facts), law())
    assert refusal.value.next_step


def test_an_unknown_route_is_named():
    with pytest.raises(UnknownName) as refusal:
        step(fact(OPENED), route="king")
    assert "data-protection" in refusal.value.next_step


def test_every_stage_of_every_route_in_every_nation_answers_what_is_next():
    for nation in ("england", "wales", "scotland", "northern-ireland"):
        bundle = law(nation)
        for route in bundle.routes.values():
            for stage in route.stages:
                opened = complaint(fact(OPENED, stage=stage.code), route=route.code)
                answered = complaint(fact(OPENED, stage=stage.code), fact(ANSWERED), route=route.code)
                assert next_step(opened, bundle, NOV_20).text
                assert next_step(answered, bundle, NOV_20).citation


def test_an_answer_is_counted_from_the_acknowledgement_where_the_law_says_so():
    opened, acknowledged = fact(OPENED), fact(ACKNOWLEDGED, date(2026, 11, 27))
    council = step(opened, acknowledged, route="council-corporate", on=date(2026, 11, 27))
    assert council.due_on == date(2026, 12, 11)
    assert "Friday 29 January 2027" not in council.text
    assert "The limit is Tuesday 29 December 2026" in council.text
    waiting = next_step(complaint(opened, route="social-services"), law("wales"), NOV_20)
    assert waiting.due_on is None
    assert "10 working days, counted from the day the complaint is acknowledged" in waiting.text
    told = next_step(complaint(opened, acknowledged, route="social-services"), law("wales"), NOV_20)
    assert told.due_on == date(2026, 12, 11)


def test_the_regulators_three_months_are_for_news_and_not_for_an_answer():
    found = step(fact(OPENED), fact(ESCALATED, NOV_20, stage="regulator"))
    assert "must tell you how it is going, or the result, by Saturday 20 February 2027" in found.text
    assert "answer you" not in found.text
    for words in ("First-tier Tribunal", "does not say who is right", "28 days", "not sure"):
        assert words in found.text
    state = state_of(complaint(fact(OPENED, stage="regulator")), law())
    assert answer_due(law().route("data-protection").stage("regulator"), state, law()) is None


@pytest.mark.parametrize("nation", ["england", "wales", "scotland", "northern-ireland"])
def test_a_court_has_no_date_for_nobody_recorded_the_day_of_the_wrong(nation):
    facts = (fact(OPENED, stage="regulator-review"), fact(ANSWERED, date(2026, 12, 1)))
    found = next_step(complaint(*facts, knew_on=date(2021, 1, 1)), law(nation), date(2026, 12, 2))
    assert found.stage == "court"
    assert found.due_on is None
    is_certain = nation in ("england", "wales")
    assert ("six years from the day of the wrong" in found.text) == is_certain
    assert found.uncertain != is_certain
    assert ("court.limitation" in law(nation).time_limits) == is_certain


@pytest.mark.parametrize("stage", ["controller", "court"])
def test_a_complaint_that_was_withdrawn_urges_nobody_on(stage):
    found = step(fact(OPENED, stage=stage), fact(ANSWERED, outcome=Outcome.WITHDRAWN))
    assert (found.due_on, found.who_must_act, found.stage) == (None, WhoActs.NOBODY, stage)
    assert "go on to" not in found.text
    assert "last stage" not in found.text
