"""Which law answers: every branch, in every nation, from the data as shipped."""

from datetime import date
from functools import cache

import pytest

from sar.domain.errors import BadLaw, UnknownName
from sar.domain.pathways import Condition, Pathway, PathwayFacts, PathwayOutcome, RecordsOf, choose
from sar.law import load
from tests.unit.law.test_law_files import grade

NATIONS = ("england", "wales", "scotland", "northern-ireland")
ON = date(2026, 11, 20)


@cache
def law(nation):
    return load(nation)


def picked(nation="england", **facts):
    return law(nation).pathway_for(PathwayFacts(**facts), on=ON).code


BRANCHES = [
    ({"capacity": "self", "age": 30}, "subject-access"),
    ({"capacity": "parental-responsibility", "age": 4}, "subject-access"),
    ({"capacity": "attorney", "age": 80}, "subject-access"),
    ({"capacity": "council-care-order", "age": 9}, "subject-access"),
    ({"capacity": "self", "age": 30, "asked_as_foi": True}, "subject-access"),
    ({"capacity": "self", "age": 30, "was_in_care": True}, "care-leaver"),
    ({"capacity": "agent", "age": 30, "was_in_care": True}, "care-leaver"),
    ({"capacity": "self", "age": 30, "was_adopted": True, "was_in_care": True}, "adopted-adult"),
    ({"capacity": "self", "age": 17, "was_adopted": True}, "competent-child"),
    ({"capacity": "self", "age": 18, "was_adopted": True}, "adopted-adult"),
    ({"capacity": "self", "age": 17}, "competent-child"),
    ({"capacity": "self", "age": 18}, "subject-access"),
    ({"capacity": "competent-child-authority", "age": 14}, "competent-child"),
    ({"capacity": "parental-responsibility", "age": 4, "has_responsibility": False}, "parent-without-responsibility"),
    ({"capacity": "parental-responsibility", "age": 4, "was_adopted": True}, "subject-access"),
    (
        {"capacity": "personal-representative", "is_living": False, "records": RecordsOf.HEALTH},
        "health-records-of-the-dead",
    ),
    (
        {"capacity": "claim-arising-from-death", "is_living": False, "records": RecordsOf.HEALTH},
        "health-records-of-the-dead",
    ),
    ({"capacity": "bereaved-relative", "is_living": False, "records": RecordsOf.HEALTH}, "dead-health-without-right"),
    ({"capacity": "personal-representative", "is_living": False, "records": RecordsOf.COUNCIL}, "dead-council-file"),
    ({"capacity": "bereaved-relative", "is_living": False}, "dead-council-file"),
    ({"is_information": True}, "information-request"),
]  # fmt: skip


@pytest.mark.parametrize("nation", NATIONS)
@pytest.mark.parametrize(("facts", "code"), BRANCHES)
def test_every_branch_in_every_nation(nation, facts, code):
    assert picked(nation, **facts) == code


def test_a_pupils_record_is_englands_own_and_needs_no_parental_responsibility():
    school = {"capacity": "parental-responsibility", "age": 9, "records": RecordsOf.SCHOOL}
    assert picked("england", **school) == "pupil-record"
    assert picked("england", **school, has_responsibility=False) == "pupil-record"
    assert picked("scotland", **school) == "subject-access"


@pytest.mark.parametrize("nation", NATIONS)
def test_own_records_asked_for_as_foi_stay_subject_access_and_the_family_is_told_why(nation):
    told = law(nation).told_beside(PathwayFacts(asked_as_foi=True), on=ON)
    assert [p.code for p in told] == ["own-records-asked-as-foi"]
    assert told[0].letter == "foi-own-records"
    assert ("(Scotland)" in told[0].statute) == (nation == "scotland")
    assert law(nation).told_beside(PathwayFacts(), on=ON) == ()


@pytest.mark.parametrize(
    ("nation", "statute"),
    [
        ("england", "Access to Health Records Act 1990"),
        ("scotland", "Access to Health Records Act 1990"),
        ("northern-ireland", "Access to Health Records (Northern Ireland) Order 1993"),
    ],
)
def test_the_dead_have_twenty_one_or_forty_days_under_their_nations_own_law(nation, statute):
    pathway = law(nation).pathway("health-records-of-the-dead")
    assert pathway.statute == statute
    dues = sorted(law(nation).due(code, ON) for code in pathway.time_limits)
    assert dues == [date(2026, 12, 11), date(2026, 12, 30)]
    assert all(statute in law(nation).time_limit(code, ON).citation for code in pathway.time_limits)


def test_a_holiday_anywhere_moves_an_information_request_but_not_scotlands():
    assert law("england").due("foi.reply", ON) == date(2026, 12, 21)
    assert (
        law("scotland").pathway("information-request").statute.startswith("Freedom of Information (Scotland)")
    )


@pytest.mark.parametrize("nation", NATIONS)
def test_what_families_read_is_plain_and_every_decision_has_words(nation):
    for entries in law(nation).pathways.values():
        for p in entries:
            assert grade(" ".join((p.why, *p.told))) <= 8, p.code
            for outcome in p.outcomes:
                assert outcome.told.endswith("."), (p.code, outcome.code)


@pytest.mark.parametrize("code", ["dead-council-file", "dead-health-without-right"])
def test_discretion_is_an_approvers(code):
    outcomes = {o.code: o.needs_approver for o in law("england").pathway(code).outcomes}
    assert outcomes["shared"]
    assert outcomes["shared-in-part"]
    assert outcomes["not-shared"]
    assert not outcomes["nothing-held"]
    assert law("england").pathway(code).uncertain


def entry(code="a", order=1, **more):
    said = {"whole_route": True, "told": ("You can.",), "citation": "An Act s.1", **more}
    return Pathway(
        code=code, title="T", statute="An Act", why="Because.", letter="l", order=order,
        in_force_from=date(2020, 1, 1), **said,
    )  # fmt: skip


def test_of_several_that_fit_the_lowest_order_answers():
    assert choose([entry("late", 9), entry("early", 2)], PathwayFacts()).code == "early"


def test_nothing_is_guessed_where_no_law_fits():
    with pytest.raises(UnknownName) as refused:
        choose([entry()], PathwayFacts(is_living=False))
    assert refused.value.field == "pathway"
    with pytest.raises(UnknownName):
        choose([entry(when=Condition(age_from=18))], PathwayFacts(age=17))


@pytest.mark.parametrize(
    "wrong",
    [{"citation": " "}, {"told": ()}, {"whole_route": False},
     {"outcomes": (PathwayOutcome(code="x", title="X", told="X."),)}],
)  # fmt: skip
def test_a_pathway_that_cannot_be_answered_is_refused(wrong):
    with pytest.raises(BadLaw):
        entry(**wrong)


def test_an_unknown_outcome_is_named():
    with pytest.raises(UnknownName) as refused:
        law("england").pathway("dead-council-file").outcome("burned")
    assert refused.value.field == "outcome"
    assert "not-shared" in refused.value.next_step
