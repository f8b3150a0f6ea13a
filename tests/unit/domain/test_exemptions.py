from datetime import date, timedelta
from functools import cache

import pytest

from sar.domain.authority import Capacity
from sar.domain.errors import BadLaw, DecisionNotSupported
from sar.domain.exemptions import (
    Circumstances,
    DeciderRole,
    ExemptionRule,
    Question,
    Reach,
    RuleKind,
    Saying,
    check_decision_supported,
    check_not_blanket,
    opinion_is_in_time,
)  # fmt: skip
from sar.domain.records import DataClass
from sar.law import load

RELIED = date(2026, 11, 20)
LEAD = DeciderRole.SAFEGUARDING_LEAD
OFFICER = DeciderRole.OFFICER


@cache
def law(nation="england"):
    return load(nation)


FACTS = frozenset(Circumstances.__dataclass_fields__)
TESTS = {
    "CRIME": {"prejudice": "The open enquiry into the thefts."},
    "SW-HARM": {"harm": "Her brother would be hurt.", "social-work": "Nobody could visit."},
    "EDU-HARM": {"harm": "A pupil would be hurt."},
    "CHILD-ABUSE": {"best-interests": "It would frighten the child."},
    "HEALTH-WISHES": {"expected": "She told the nurse in confidence.", "lifted": "Asked again last week."},
    "SW-WISHES": {"expected": "He told the social worker alone.", "lifted": "Asked again last week."},
}
CLASSES = {"HEALTH": DataClass.HEALTH, "SW": DataClass.SOCIAL_WORK, "EDU": DataClass.EDUCATION}


def decide(code, *, nation="england", **changes):
    facts = {
        "capacity": Capacity.SELF, "subject_age": 33, "relied_on": RELIED,
        "data_class": CLASSES.get(code.split("-")[0], DataClass.OTHER),
    }  # fmt: skip
    facts |= {name: changes.pop(name) for name in FACTS & set(changes)}
    values = {"decided_by_role": OFFICER, "reason": "Looked at this item.", "answers": TESTS.get(code, {})}
    check_decision_supported(law(nation).exemption(code), facts=Circumstances(**facts), **(values | changes))


def refused(code, **changes):
    with pytest.raises(DecisionNotSupported) as refusal:
        decide(code, **changes)
    assert refusal.value.next_step
    return refusal.value.field


def test_a_third_party_may_be_held_back_by_an_officer_with_a_reason():
    decide("3RD-PARTY")
    assert refused("3RD-PARTY", reason="  ") == "reason"


PARENT, DEPUTY = Capacity.PARENTAL_RESPONSIBILITY, Capacity.DEPUTY
FOR_ANOTHER = ["CHILD-ABUSE", "HEALTH-WISHES", "SW-WISHES"]


@pytest.mark.parametrize("code", FOR_ANOTHER)
@pytest.mark.parametrize("capacity", [Capacity.SELF, Capacity.AGENT, Capacity.COMPETENT_CHILD_AUTHORITY])
def test_some_exemptions_never_meet_a_persons_own_request(code, capacity):
    for age in (9, 15, 33):
        assert refused(code, decided_by_role=LEAD, capacity=capacity, subject_age=age) == "own_request"
    assert not law().exemption(code).reaches(Capacity.SELF, 33)


@pytest.mark.parametrize("code", FOR_ANOTHER)
def test_they_reach_a_parent_asking_for_a_child_under_18_and_a_manager_appointed_by_a_court(code):
    decide(code, decided_by_role=LEAD, capacity=PARENT, subject_age=17)
    decide(code, decided_by_role=LEAD, capacity=Capacity.COUNCIL_CARE_ORDER, subject_age=17)
    assert refused(code, decided_by_role=LEAD, capacity=PARENT, subject_age=18) == "capacity"
    decide(code, decided_by_role=LEAD, capacity=DEPUTY, subject_age=64)
    assert refused(code, decided_by_role=LEAD, capacity=Capacity.ATTORNEY, subject_age=64) == "capacity"


@pytest.mark.parametrize("code", ["HEALTH-WISHES", "SW-WISHES"])
def test_in_scotland_what_a_child_expected_reaches_children_under_16(code):
    decide(code, nation="scotland", decided_by_role=LEAD, capacity=PARENT, subject_age=15)
    scots = {"nation": "scotland", "decided_by_role": LEAD, "capacity": PARENT}
    assert refused(code, **scots, subject_age=16) == "capacity"
    assert "CHILD-ABUSE" not in law("scotland").exemptions


@pytest.mark.parametrize(
    ("code", "role", "own"),
    [
        ("HEALTH-HARM", DeciderRole.HEALTH_PROFESSIONAL, DataClass.HEALTH),
        ("SW-HARM", LEAD, DataClass.SOCIAL_WORK),
        ("EDU-HARM", LEAD, DataClass.EDUCATION),
    ],
)
def test_each_kind_of_serious_harm_covers_its_own_kind_of_information(code, role, own):
    for found in DataClass:
        if found is own:
            decide(code, decided_by_role=role, data_class=found, opinion_on=RELIED)
        else:
            said = refused(code, decided_by_role=role, data_class=found, opinion_on=RELIED)
            assert said == "data_class"


@pytest.mark.parametrize("code", sorted(TESTS))
def test_every_part_of_a_recorded_test_is_answered(code):
    given = TESTS[code]
    asks = {"decided_by_role": OFFICER if code == "CRIME" else LEAD, "capacity": PARENT, "subject_age": 9}
    decide(code, **asks)
    for question in given:
        assert refused(code, **asks, answers=given | {question: "  "}) == f"answer-{question}"
    assert refused(code, **asks, answers=given | {"other": "So."}) == "answer-other"
    decide(code, disclose=True, answers={})


def test_one_reason_does_not_stand_for_many_records_where_harm_is_shown_for_each():
    crime = law().exemption("CRIME")
    check_not_blanket(crime, ["It names the van.", "It names the driver."])
    for said in (["A live enquiry."] * 2, ["A live enquiry.", "It names the van.", " a LIVE  enquiry. "]):
        with pytest.raises(DecisionNotSupported) as refusal:
            check_not_blanket(crime, said)
        assert refusal.value.field == "whole_file"
    check_not_blanket(law().exemption("3RD-PARTY"), ["About another family."] * 5)
    check_not_blanket(law().exemption("PRIVILEGE"), ["Advice of counsel."] * 5)


def test_serious_harm_to_health_needs_an_opinion_inside_six_months():
    professional = {"decided_by_role": DeciderRole.HEALTH_PROFESSIONAL}
    assert refused("HEALTH-HARM", **professional) == "opinion_on"
    assert refused("HEALTH-HARM", **professional, opinion_on=date(2026, 5, 20)) == "opinion_on"
    decide("HEALTH-HARM", **professional, opinion_on=date(2026, 5, 21))
    decide("HEALTH-HARM", **professional, opinion_on=RELIED)
    assert refused("HEALTH-HARM", **professional, opinion_on=date(2026, 11, 21)) == "opinion_on"
    decide("HEALTH-HARM", **professional, controller_is_health_professional=True)
    assert refused("HEALTH-HARM", opinion_on=RELIED) == "decided_by_role"


def test_serious_harm_in_social_work_needs_no_medical_opinion():
    decide("SW-HARM", decided_by_role=LEAD)
    assert refused("SW-HARM") == "decided_by_role"


def test_privilege_is_a_lawyers_to_decide():
    decide("PRIVILEGE", decided_by_role=DeciderRole.LAWYER)
    for role in set(DeciderRole) - {DeciderRole.LAWYER}:
        assert refused("PRIVILEGE", decided_by_role=role) == "decided_by_role"


def test_giving_out_an_informant_needs_an_approver_and_a_reason():
    assert refused("INFORMANT", disclose=True) == "approver"
    assert refused("INFORMANT", disclose=True, approver="staff-2", reason="") == "reason"
    decide("INFORMANT", disclose=True, approver="staff-2")
    decide("INFORMANT")


def test_disclosing_an_ordinary_third_party_needs_only_a_reason():
    decide("3RD-PARTY", disclose=True)
    assert refused("3RD-PARTY", disclose=True, reason="") == "reason"


def test_crime_cannot_cover_a_whole_file():
    decide("CRIME")
    assert refused("CRIME", whole_file=True) == "whole_file"


def test_a_court_exemption_does_not_cover_another_bodys_copy():
    for code in ("HEALTH-COURT", "SW-COURT", "EDU-COURT"):
        assert refused(code, decided_by_role=DeciderRole.LAWYER) == "processed_by_court"
        decide(code, decided_by_role=DeciderRole.LAWYER, processed_by_court=True)


@pytest.mark.parametrize("code", ["WORKER-OK", "HEALTH-CONSULT", "SW-DATA"])
def test_what_is_no_exemption_holds_nothing_back(code):
    assert refused(code) == "code"
    decide(code, disclose=True)


def test_changing_what_may_be_said_needs_an_approver():
    decide("CRIME", saying=Saying.GENERAL)
    assert refused("CRIME", saying=Saying.FULL) == "saying"
    decide("CRIME", saying=Saying.FULL, approver="staff-2")


def test_what_is_said_follows_the_decision():
    rule = law().exemption("INFORMANT")
    assert rule.words(Saying.FULL) == rule.plain_words
    assert rule.words(Saying.GENERAL) == rule.general_words
    assert rule.words(Saying.NOTHING) == ""
    assert "told" not in rule.general_words


def test_the_six_months_end_on_the_day_relied_on_also_at_month_ends():
    assert opinion_is_in_time(date(2026, 3, 1), date(2026, 8, 31))
    assert not opinion_is_in_time(date(2026, 2, 28), date(2026, 8, 31))


@pytest.mark.parametrize(
    ("relied", "first"),
    [
        (date(2026, 11, 20), date(2026, 5, 21)),
        (date(2026, 8, 30), date(2026, 3, 1)),
        (date(2026, 8, 28), date(2026, 3, 1)),
        (date(2026, 8, 27), date(2026, 2, 28)),
        (date(2027, 2, 28), date(2026, 8, 29)),
        # The first day is a Sunday and a holiday: these months are not read by Regulation 1182/71.
        (date(2026, 6, 30), date(2025, 12, 31)),
        (date(2026, 6, 24), date(2025, 12, 25)),
    ],
)
def test_the_six_months_begin_on_the_very_day_whatever_day_that_is(relied, first):
    assert opinion_is_in_time(first, relied)
    assert not opinion_is_in_time(first - timedelta(days=1), relied)
    assert opinion_is_in_time(relied, relied)
    assert not opinion_is_in_time(relied + timedelta(days=1), relied)


@pytest.mark.parametrize(
    "more",
    [
        {"questions": (Question(code="a", text="x"), Question(code="a", text="y"))},
        {"reach": (Reach(capacities=frozenset()),)},
    ],
)
def test_a_rule_that_contradicts_itself_is_refused(more):
    with pytest.raises(BadLaw):
        ExemptionRule(
            code="X", statute="An Act", title="x", test="x", plain_words="x", general_words="x",
            who_decides=frozenset({OFFICER}), kind=RuleKind.CLASS, citation="An Act s.1",
            in_force_from=date(2020, 1, 1), **more,
        )  # fmt: skip


def test_a_rule_needs_statute_and_citation():
    with pytest.raises(BadLaw):
        ExemptionRule(
            code="X", statute="An Act", title="x", test="x", plain_words="x", general_words="x",
            who_decides=frozenset({OFFICER}), kind=RuleKind.CLASS, citation=" ",
            in_force_from=date(2020, 1, 1),
        )  # fmt: skip
