"""The law as shipped: complete, cited, and readable by the people it is for."""

import re
from datetime import UTC, date, datetime
from functools import cache

import pytest

from sar.domain.clock import AskedAndGot, calculate
from sar.domain.complaint_routes import LodgeFrom
from sar.domain.complaints import Complaint, ComplaintEvent, ComplaintFact, next_step
from sar.domain.errors import CalendarNotCovered, UnknownName
from sar.domain.exemptions import RuleKind, Saying
from sar.domain.limits import WhoseLimit, due_moment
from sar.domain.records import RecordKind
from sar.law import DATA, load, nations

NATIONS = ("england", "wales", "scotland", "northern-ireland")
NOV_20 = date(2026, 11, 20)
WORDS = re.compile(r"[A-Za-z][A-Za-z'-]*")


@cache
def law(nation="england"):
    return load(nation)


def syllables(word):
    """A cautious count: groups of vowels, less a silent ending. It errs on the high side."""
    bare = re.sub(r"[^a-z]", "", word.lower())
    groups = len(re.findall(r"[aeiouy]+", bare))
    if re.search(r"[^aeiouyl]es?$|[^aeiouytd]ed$", bare) and groups > 1:
        groups -= 1
    return max(1, groups)


def grade(text):
    """The Flesch-Kincaid school grade."""
    words = WORDS.findall(text)
    sentences = max(1, len(re.findall(r"[.!?](?:\s|$)", text)))
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


# --- limits --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "due"),
    [
        ("rectification.reply", date(2026, 12, 21)),
        ("dp.complaint.acknowledge", date(2026, 12, 21)),
        ("foi.reply", date(2026, 12, 21)),
        ("nhs.complaint.acknowledge", date(2026, 11, 25)),
        ("nhs.complaint.respond", date(2027, 5, 19)),
        ("children.stage1.respond", date(2026, 12, 4)),
        ("children.stage1.longest", date(2026, 12, 18)),
        ("children.stage2.respond", date(2026, 12, 29)),
        ("children.stage2.longest", date(2027, 2, 24)),
        ("children.stage3.lodge", date(2026, 12, 18)),
        ("children.stage3.panel", date(2027, 1, 6)),
        ("police.review.ask", date(2026, 12, 18)),
        ("conference.hold", date(2026, 12, 11)),
        ("nhs.complaint.lodge", date(2027, 11, 20)),
        ("lgsco.lodge", date(2027, 11, 19)),
        ("foi.review.ask", date(2027, 1, 22)),
        ("court.limitation", date(2032, 11, 20)),
    ],
)
def test_the_other_clocks_from_20_november(code, due):
    assert law().due(code, NOV_20) == due


def test_the_panels_report_and_the_reply_follow_each_other():
    report_on = law().due("children.stage3.report", date(2027, 1, 6))
    assert report_on == date(2027, 1, 13)
    assert law().due("children.stage3.reply", report_on) == date(2027, 2, 3)


def test_a_breach_is_notified_within_72_hours():
    limit = law().time_limit("breach.notify", NOV_20)
    assert due_moment(limit, datetime(2026, 11, 20, 9, tzinfo=UTC)) == datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_freedom_of_information_skips_a_holiday_anywhere_and_a_complaint_does_not():
    # 30 November is a holiday in Scotland only.
    assert law().due("foi.reply", date(2026, 11, 27)) == date(2026, 12, 30)
    assert law().due("nhs.complaint.acknowledge", date(2026, 11, 27)) == date(2026, 12, 2)


def test_a_limit_is_the_one_in_force_on_its_day():
    assert "12A" not in law().time_limit("rectification.reply", date(2026, 2, 4)).citation
    assert "12A" in law().time_limit("rectification.reply", date(2026, 2, 5)).citation
    with pytest.raises(UnknownName):
        law().time_limit("dp.complaint.acknowledge", date(2026, 6, 18))
    assert law().find_time_limit("dp.complaint.acknowledge", date(2026, 6, 18)) is None


@pytest.mark.parametrize("nation", NATIONS)
def test_every_limit_the_family_must_keep_stands_still_and_says_what_if_late(nation):
    for entries in law(nation).time_limits.values():
        for limit in entries:
            assert limit.citation
            assert limit.runs_from
            if limit.whose is WhoseLimit.FAMILY:
                assert not limit.rolls
                assert limit.discretion or limit.code == "court.limitation"


def test_what_the_fact_base_doubts_is_marked_uncertain():
    for code in (
        "ico.lodge",
        "conference.complaint.lodge",
        "corporate.stage1.respond",
        "dp.complaint.reminder-2",
    ):
        assert law().time_limit(code, NOV_20).uncertain
    assert law().regulator.uncertain
    assert law().age_presumption.uncertain
    assert not law().time_limit("dp.complaint.acknowledge", NOV_20).uncertain


# --- exemptions ----------------------------------------------------------------------------------

TABLE = {
    "3RD-PARTY", "WORKER-OK", "INFORMANT", "HEALTH-HARM", "HEALTH-CONSULT", "HEALTH-WISHES", "HEALTH-COURT",
    "SW-HARM", "SW-DATA", "SW-WISHES", "SW-COURT", "EDU-HARM", "EDU-COURT", "CHILD-ABUSE", "CRIME",
    "LEGAL-REQ", "REGULATORY", "JUDICIAL", "PRIVILEGE", "FORECAST", "NEGOTIATION", "REFERENCE", "EXAM",
    "ADOPTION", "HFEA", "SEN", "PARENTAL-ORDER", "CHILDRENS-HEARING", "SELF-INCRIMINATION",
    "CORPORATE-FINANCE", "JOURNALISM", "RESEARCH", "ARCHIVE", "UNFOUNDED", "ALREADY-HAVE", "DUPLICATE",
    "OUT-OF-SCOPE",
}  # fmt: skip


def test_every_exemption_of_the_table_is_data():
    assert set(law().exemptions) == TABLE


def test_which_exemptions_also_limit_rectification():
    blocking = {code for code, rules in law().exemptions.items() if rules[0].blocks_rectification}
    assert {"CRIME", "REGULATORY", "JUDICIAL", "LEGAL-REQ", "HEALTH-WISHES", "HEALTH-COURT"} <= blocking
    assert {"SW-WISHES", "SW-COURT", "EDU-COURT"} <= blocking
    spared = {
        "3RD-PARTY",
        "INFORMANT",
        "HEALTH-HARM",
        "SW-HARM",
        "EDU-HARM",
        "CHILD-ABUSE",
        "PRIVILEGE",
        "REFERENCE",
    }
    assert not spared & blocking


def test_software_never_proposes_what_needs_a_judgement_of_harm_or_privately_told_wishes():
    for code in ("HEALTH-HARM", "SW-HARM", "EDU-HARM", "CHILD-ABUSE", "CRIME", "HEALTH-WISHES", "SW-WISHES"):
        rule = law().exemption(code)
        assert not rule.software_may_propose
        assert rule.saying is Saying.GENERAL


def test_labels_are_never_called_exemptions():
    for code in ("ALREADY-HAVE", "DUPLICATE", "OUT-OF-SCOPE"):
        rule = law().exemption(code)
        assert rule.kind is RuleKind.LABEL
        assert "exempt" not in rule.plain_words


def test_the_child_abuse_exemption_is_not_law_in_scotland():
    with pytest.raises(UnknownName):
        law("scotland").exemption("CHILD-ABUSE")
    assert law("wales").exemption("CHILD-ABUSE")


# --- routes and glossary -------------------------------------------------------------------------


def test_england_has_the_routes_of_the_fact_base():
    assert set(law().routes) == {
        "data-protection", "nhs", "children-social-care", "council-corporate", "adult-social-care", "school",
        "police", "conference", "foi", "professional-regulator", "inspectorates", "courts",
    }  # fmt: skip


def test_bodies_and_courts_that_are_gone_to_directly_are_not_opened_with_us():
    direct = {code for code, route in law().routes.items() if not route.opened_here}
    assert direct == {"professional-regulator", "inspectorates", "courts"}
    assert law().due("human-rights.claim", NOV_20) == date(2027, 11, 19)


def test_the_regulators_decision_is_left_by_every_way_of_the_fact_base():
    route = law().route("data-protection")
    assert [stage.code for stage in route.stages] == [
        "controller", "regulator", "regulator-review", "tribunal", "court", "parliamentary-ombudsman",
        "judicial-review",
    ]  # fmt: skip
    assert route.stage("regulator").also == ("tribunal", "court")
    assert route.stage("regulator-review").also == ("parliamentary-ombudsman", "judicial-review")
    assert "does not decide who is right" in route.stage("tribunal").how


@pytest.mark.parametrize("nation", NATIONS)
def test_conferences_and_meetings_have_a_local_route_that_ends_no_plan(nation):
    route = law(nation).route("conference")
    assert "cannot itself end" in route.not_covered
    assert [stage.code for stage in route.stages] == ["chair", "panel", "ombudsman"]
    assert all(stage.uncertain for stage in route.stages[:2])


def test_the_police_route_is_that_of_england_and_wales():
    for nation in ("england", "wales"):
        assert law(nation).due("police.review.ask", NOV_20) == date(2026, 12, 18)
        assert "no review" in law(nation).route("police").not_covered
    for nation in ("scotland", "northern-ireland"):
        assert "police" not in law(nation).routes


def test_section_47_and_conferences_are_said_to_fall_outside():
    outside = law().route("children-social-care").not_covered
    assert "Section 47" in outside
    assert "conference" in outside
    assert "section 47" in law().route("council-corporate").covers


def test_ombudsman_limits_run_from_knowledge():
    for route in ("nhs", "children-social-care", "council-corporate", "adult-social-care", "conference"):
        assert law().route(route).stage("ombudsman").lodge_from is LodgeFrom.KNOWLEDGE


def test_every_nation_can_be_complained_in_and_appealed():
    for nation in NATIONS:
        routes = law(nation).routes
        assert "data-protection" in routes
        assert any(stage.code == "ombudsman" for route in routes.values() for stage in route.stages)


@pytest.mark.parametrize(
    "word",
    [
        "alert", "referral", "assessment", "strategy discussion", "section 47", "child protection conference",
        "child protection plan", "review conference", "section 42", "safeguarding plan", "six principles",
        "serious case review", "child safeguarding practice review", "LADO", "DBS", "DBS disclosure",
        "subject access request", "safeguarding adults review", "safeguarding", "child protection",
        "professionals", "MASH", "CP-IS", "early help", "section 17", "re-label", "entered in error",
        "police notification", "access log", "RC8", "factor 21",
    ],
)  # fmt: skip
def test_every_process_of_the_sample_family_is_explained(word):
    assert law().term(word).meaning


def test_words_that_are_mixed_up_point_at_each_other():
    assert "Safeguarding adults review" in law().term("subject access request").see
    assert "Child protection" in law().term("safeguarding").see
    assert "2008" in law().term("child protection register").meaning
    assert "does not hold alerts about a mother" in law().term("CP-IS").meaning
    assert law().term("serious case review") is law().term("practice review")


def family_texts():
    bundle = law()
    for entry in bundle.glossary:
        yield f"glossary {entry.term}", entry.meaning
    for item in bundle.article15:
        yield f"article15 {item.code}", item.text
    for code, rules in bundle.exemptions.items():
        yield f"exemption {code}", f"{rules[0].plain_words} {rules[0].general_words}"
    for route in bundle.routes.values():
        yield f"route {route.code}", f"{route.covers} {route.not_covered}"
        for stage in route.stages:
            yield f"stage {route.code}/{stage.code}", f"{stage.how} {stage.time_words}"
    yield "parental responsibility", bundle.parental_responsibility


def test_the_measure_of_reading_age_knows_hard_from_easy():
    assert grade("The cat sat on the mat. It was warm.") < 2
    assert (
        grade("Notwithstanding administrative considerations, organisational accountability is imperative.")
        > 15
    )


@pytest.mark.parametrize(("name", "text"), list(family_texts()))
def test_what_families_read_is_plain(name, text):
    assert grade(text) <= 8.0, f"{name}: grade {grade(text):.1f}"


# --- article 15, regulator, nations --------------------------------------------------------------


def test_article_15_items_are_those_of_the_day():
    today = [item.code for item in law().article15_on(NOV_20)]
    assert today == ["a", "b", "c", "d", "e", "ea", "f", "g", "h", "1A"]
    assert "ea" not in [item.code for item in law().article15_on(date(2026, 6, 18))]


def test_lookups_of_unknown_names_say_what_there_is():
    for look, field in (
        (lambda: law().exemption("NOPE"), "exemption"),
        (lambda: law().route("nope"), "route"),
        (lambda: law().due("nope", NOV_20), "time_limit"),
        (lambda: law().term("nope"), "glossary"),
        (lambda: law().retention_for("nope"), "retention"),
        (lambda: load("narnia"), "nation"),
    ):
        with pytest.raises(UnknownName) as refusal:
            look()
        assert refusal.value.field == field
        assert refusal.value.next_step.startswith("Choose one of: ")


def test_retention_is_given_with_its_doubt():
    assert not law().retention_for("nhs-maternity").uncertain
    assert law().retention_for("contact").uncertain


def test_retention_is_shown_for_kinds_of_record_that_there_are():
    named = {kind for entry in law().retention for kind in entry.kinds}
    assert named <= {kind.value for kind in RecordKind}
    for code in ("adoption", "looked-after"):
        assert law().retention_for(code).kinds == ()


def test_each_nation_has_its_own_holidays_age_and_name():
    assert set(nations(DATA)) == set(NATIONS)
    assert not law().calendar.is_holiday(date(2026, 11, 30))
    assert law("scotland").calendar.is_holiday(date(2026, 11, 30))
    assert law("northern-ireland").calendar.is_holiday(date(2027, 3, 17))
    assert law("scotland").age_presumption.statutory
    assert not law("wales").age_presumption.statutory
    assert law("wales").nation.division == law("england").nation.division
    assert load("england-and-wales").nation.code == "england"


def test_one_off_days_are_known_and_can_be_added():
    assert law("scotland").calendar.is_holiday(date(2026, 6, 15))
    added = load("england", extra_days=[date(2027, 6, 14)])
    assert added.calendar.is_holiday(date(2027, 6, 14))
    assert added.calendar_anywhere.is_holiday(date(2027, 6, 14))
    assert not law().calendar.is_holiday(date(2027, 6, 14))


def test_a_year_past_the_calendar_is_loud():
    short = load("england", years=range(2025, 2027))
    assert short.calendar.covered_until == date(2026, 12, 31)
    with pytest.raises(CalendarNotCovered):
        short.due("nhs.complaint.acknowledge", date(2026, 12, 30))


def test_explanations_of_dates_and_next_steps_are_plain():
    clock = calculate(
        date(2026, 11, 3),
        calendar=law().calendar,
        identity=[AskedAndGot(asked_on=date(2026, 11, 3), got_on=date(2026, 11, 6))],
        authority=[AskedAndGot(asked_on=date(2026, 11, 3), got_on=date(2026, 11, 5))],
        clarifications=[AskedAndGot(asked_on=date(2026, 11, 9), got_on=date(2026, 11, 13))],
        extended_on=date(2026, 11, 30),
    )
    assert grade(" ".join(step.text_for_family for step in clock.steps)) <= 8.0
    opened = ComplaintFact(event=ComplaintEvent.OPENED, on=NOV_20)
    answered = ComplaintFact(event=ComplaintEvent.ANSWERED, on=NOV_20)
    texts = [
        next_step(Complaint(route=route.code, knew_on=NOV_20, facts=facts), law(), day).text
        for route in law().routes.values()
        for facts in ((opened,), (opened, answered))
        for day in (NOV_20, date(2028, 1, 4))
    ]
    assert grade(" ".join(texts)) <= 8.0
