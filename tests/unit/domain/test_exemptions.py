from datetime import date
from functools import cache

import pytest

from sar.domain.errors import BadLaw, DecisionNotSupported
from sar.domain.exemptions import (
    DeciderRole,
    ExemptionRule,
    RuleKind,
    Saying,
    check_decision_supported,
    check_health_release,
    opinion_is_in_time,
)  # fmt: skip
from sar.law import load

RELIED = date(2026, 11, 20)
LEAD = DeciderRole.SAFEGUARDING_LEAD
OFFICER = DeciderRole.OFFICER


@cache
def law():
    return load("england")


def decide(code, **changes):
    values = {
        "decided_by_role": OFFICER, "reason": "Looked at this item.", "subject_is_adult": True,
        "own_request": True, "relied_on": RELIED,
    }  # fmt: skip
    check_decision_supported(law().exemption(code), **(values | changes))


def refused(code, **changes):
    with pytest.raises(DecisionNotSupported) as refusal:
        decide(code, **changes)
    assert refusal.value.next_step
    return refusal.value.field


def test_a_third_party_may_be_held_back_by_an_officer_with_a_reason():
    decide("3RD-PARTY")
    assert refused("3RD-PARTY", reason="  ") == "reason"


@pytest.mark.parametrize(
    ("code", "role"),
    [("CHILD-ABUSE", LEAD), ("HEALTH-WISHES", LEAD), ("SW-WISHES", LEAD)],
)
def test_some_exemptions_never_meet_a_persons_own_request(code, role):
    assert refused(code, decided_by_role=role) == "own_request"
    assert refused(code, decided_by_role=role, subject_is_adult=False) == "own_request"
    decide(code, decided_by_role=role, subject_is_adult=False, own_request=False)
    decide(code, decided_by_role=role, own_request=False)


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


def test_health_information_leaves_a_council_only_after_an_opinion_or_known_content():
    council = {"controller_is_health_professional": False, "relied_on": RELIED}
    with pytest.raises(DecisionNotSupported):
        check_health_release(**council)
    with pytest.raises(DecisionNotSupported):
        check_health_release(**council, opinion_not_met_on=date(2026, 5, 20))
    check_health_release(**council, opinion_not_met_on=date(2026, 5, 21))
    check_health_release(**council, already_known_reason="The family was sent this letter.")
    check_health_release(controller_is_health_professional=True, relied_on=RELIED)


def test_the_six_months_end_on_the_day_relied_on_also_at_month_ends():
    assert opinion_is_in_time(date(2026, 3, 1), date(2026, 8, 31))
    assert not opinion_is_in_time(date(2026, 2, 28), date(2026, 8, 31))


def test_a_rule_needs_statute_and_citation():
    with pytest.raises(BadLaw):
        ExemptionRule(
            code="X", statute="An Act", title="x", test="x", plain_words="x", general_words="x",
            who_decides=frozenset({OFFICER}), kind=RuleKind.CLASS, citation=" ",
            in_force_from=date(2020, 1, 1),
        )  # fmt: skip
