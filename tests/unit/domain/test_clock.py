"""The worked examples of the fact base, with the calendars of the holidays package."""

from datetime import date
from functools import cache
from itertools import permutations

import pytest

from sar.domain.clock import (
    AskedAndGot,
    ClarificationCounting,
    ClockFacts,
    ExtensionNotice,
    Right,
    WaitingFor,
    calculate,
    not_in_the_future,
    replay,
)  # fmt: skip
from sar.domain.errors import ImpossibleDate, NotAllowed
from sar.law import calendars

NOV_20 = date(2026, 11, 20)
ELAPSED = ClarificationCounting.ELAPSED


@cache
def all_calendars():
    return calendars(years=range(2024, 2030))


def at(division="england-and-wales"):
    return all_calendars()[division]


def got(asked, received):
    return AskedAndGot(asked_on=asked, got_on=received)


@pytest.mark.parametrize(
    ("row", "received", "due"),
    [
        (1, date(2024, 9, 3), date(2024, 10, 3)),
        (2, date(2027, 1, 1), date(2027, 2, 1)),
        (2, date(2026, 1, 1), date(2026, 2, 2)),
        (3, date(2024, 11, 25), date(2024, 12, 27)),
        (4, date(2025, 1, 31), date(2025, 2, 28)),
        (5, date(2028, 1, 31), date(2028, 2, 29)),
        (6, date(2026, 1, 31), date(2026, 3, 2)),
        (7, date(2028, 2, 29), date(2028, 3, 29)),
        (8, date(2027, 2, 28), date(2027, 3, 30)),
        (9, date(2026, 3, 3), date(2026, 4, 7)),
        (10, date(2026, 7, 31), date(2026, 9, 1)),
        (11, date(2026, 11, 20), date(2026, 12, 21)),
        (12, date(2026, 11, 26), date(2026, 12, 29)),
        (13, date(2027, 12, 1), date(2028, 1, 4)),
        (25, date(2026, 10, 30), date(2026, 11, 30)),
        (26, date(2027, 2, 17), date(2027, 3, 17)),
    ],
)
def test_received_alone(row, received, due):
    deadline = calculate(received, calendar=at())
    assert (deadline.due_on, deadline.start_on, deadline.excluded_days) == (due, received, 0)
    assert deadline.not_before == due
    assert deadline.waiting_for == ()
    assert not deadline.extended


@pytest.mark.parametrize(
    ("division", "received", "due"),
    [
        ("scotland", date(2026, 7, 31), date(2026, 8, 31)),
        ("scotland", date(2026, 10, 30), date(2026, 12, 1)),
        ("northern-ireland", date(2027, 2, 17), date(2027, 3, 18)),
    ],
)
def test_the_division_decides_the_holidays(division, received, due):
    assert calculate(received, calendar=at(division)).due_on == due


def test_row_14_identity_moves_the_start():
    deadline = calculate(NOV_20, calendar=at(), identity=[got(NOV_20, date(2026, 12, 4))])
    assert (deadline.start_on, deadline.due_on) == (date(2026, 12, 4), date(2027, 1, 4))


def test_row_15_fee_moves_the_start():
    deadline = calculate(NOV_20, calendar=at(), fee=[got(date(2026, 11, 23), date(2027, 1, 11))])
    assert (deadline.start_on, deadline.due_on) == (date(2027, 1, 11), date(2027, 2, 11))


def test_authority_moves_the_start():
    deadline = calculate(NOV_20, calendar=at(), authority=[got(NOV_20, date(2026, 12, 4))])
    assert (deadline.start_on, deadline.due_on) == (date(2026, 12, 4), date(2027, 1, 4))


def test_the_latest_of_identity_authority_and_fee_starts_the_month():
    deadline = calculate(
        NOV_20,
        calendar=at(),
        identity=[got(NOV_20, date(2026, 11, 24))],
        authority=[got(NOV_20, date(2026, 12, 4))],
        fee=[got(NOV_20, date(2026, 11, 30))],
    )
    assert deadline.start_on == date(2026, 12, 4)


@pytest.mark.parametrize(
    ("row", "received", "identity", "questions", "start", "excluded", "due"),
    [
        (16, date(2026, 11, 3), [], [(9, 11, 13, 11)], date(2026, 11, 3), 5, date(2026, 12, 8)),
        (17, NOV_20, [date(2026, 11, 30)], [(7, 12, 14, 12)], date(2026, 11, 30), 8, date(2027, 1, 7)),
        (18, NOV_20, [date(2026, 12, 4)], [(24, 11, 1, 12)], date(2026, 12, 4), 0, date(2027, 1, 4)),
        (19, NOV_20, [date(2026, 12, 4)], [(30, 11, 8, 12)], date(2026, 12, 4), 5, date(2027, 1, 11)),
        (24, NOV_20, [], [(24, 11, 27, 11), (3, 12, 9, 12)], NOV_20, 11, date(2026, 12, 31)),
    ],
)
def test_clarification_pauses(row, received, identity, questions, start, excluded, due):
    deadline = calculate(
        received,
        calendar=at(),
        identity=[got(received, day) for day in identity],
        clarifications=[got(date(2026, m, d), date(2026, n, e)) for d, m, e, n in questions],
    )
    assert (deadline.start_on, deadline.excluded_days, deadline.due_on) == (start, excluded, due)


@pytest.mark.parametrize(
    ("received", "questions", "excluded", "due"),
    [
        (date(2026, 11, 3), [(date(2026, 11, 9), date(2026, 11, 13))], 4, date(2026, 12, 7)),
        (date(2026, 11, 3), [(date(2026, 11, 9), date(2026, 11, 9))], 0, date(2026, 12, 3)),
        (
            NOV_20,
            [(date(2026, 11, 24), date(2026, 11, 27)), (date(2026, 12, 3), date(2026, 12, 9))],
            9,
            date(2026, 12, 29),
        ),
    ],
)
def test_elapsed_counting_leaves_out_the_day_of_asking(received, questions, excluded, due):
    deadline = calculate(
        received, calendar=at(), clarifications=[got(*pair) for pair in questions], counting=ELAPSED
    )
    assert (deadline.excluded_days, deadline.due_on) == (excluded, due)


@pytest.mark.parametrize(
    ("row", "received", "given", "due", "notice_by", "latest"),
    [
        (20, NOV_20, date(2026, 12, 1), date(2027, 2, 22), date(2026, 12, 20), date(2026, 12, 21)),
        (21, date(2026, 1, 31), date(2026, 2, 28), date(2026, 4, 30), date(2026, 2, 28), date(2026, 3, 2)),
        (22, date(2026, 11, 30), date(2026, 12, 1), date(2027, 3, 1), date(2026, 12, 30), date(2026, 12, 30)),
    ],
)
def test_an_extension_is_three_months_from_the_start(row, received, given, due, notice_by, latest):
    deadline = calculate(received, calendar=at(), extended_on=given)
    assert deadline.due_on == due
    assert (deadline.extension_notice_by, deadline.extension_notice_latest) == (notice_by, latest)
    assert deadline.extended


def test_row_23_a_pause_moves_the_notice_too():
    question = got(date(2026, 11, 9), date(2026, 11, 13))
    deadline = calculate(
        date(2026, 11, 3), calendar=at(), clarifications=[question], extended_on=date(2026, 12, 8)
    )
    assert deadline.excluded_days == 5
    assert deadline.due_on == date(2027, 2, 8)
    assert deadline.extension_notice_by == date(2026, 12, 8)


def test_an_extension_given_on_the_last_safe_day_holds_and_a_day_later_does_not():
    assert calculate(NOV_20, calendar=at(), extended_on=date(2026, 12, 20)).extended
    with pytest.raises(NotAllowed) as refusal:
        calculate(NOV_20, calendar=at(), extended_on=date(2026, 12, 21))
    assert "Sunday 20 December 2026" in refusal.value.message
    assert refusal.value.field == "extension"


def test_an_extension_needs_reasons_and_cannot_precede_the_request():
    with pytest.raises(NotAllowed):
        replay(
            ClockFacts(received_on=NOV_20, extension=ExtensionNotice(given_on=NOV_20, reasons=" ")),
            calendar=at(),
        )
    with pytest.raises(ImpossibleDate):
        calculate(NOV_20, calendar=at(), extended_on=date(2026, 11, 19))
    assert calculate(NOV_20, calendar=at(), extended_on=NOV_20).extended


def test_overlapping_questions_are_left_out_once():
    questions = [got(date(2026, 11, 9), date(2026, 11, 13)), got(date(2026, 11, 11), date(2026, 11, 16))]
    assert calculate(date(2026, 11, 3), calendar=at(), clarifications=questions).excluded_days == 8


def test_order_of_entry_does_not_matter():
    questions = (
        got(date(2026, 12, 7), date(2026, 12, 9)),
        got(date(2026, 12, 8), date(2026, 12, 14)),
        got(date(2026, 11, 24), date(2026, 12, 6)),
    )
    identity = (got(NOV_20, date(2026, 11, 30)), got(date(2026, 11, 21), date(2026, 11, 25)))
    answers = {
        (replay(ClockFacts(received_on=NOV_20, identity=ids, clarifications=order), calendar=at()))
        for order in permutations(questions)
        for ids in permutations(identity)
    }
    assert len(answers) == 1


@pytest.mark.parametrize(
    ("what", "waiting", "words"),
    [
        ("identity", WaitingFor.IDENTITY, "proof of who you are"),
        ("authority", WaitingFor.AUTHORITY, "proof that you may ask for this person"),
        ("fee", WaitingFor.FEE, "the fee"),
    ],
)
def test_the_clock_has_not_started_while_proof_is_awaited(what, waiting, words):
    deadline = calculate(NOV_20, calendar=at(), **{what: [AskedAndGot(asked_on=date(2026, 11, 23))]})
    assert deadline.waiting_for == (waiting,)
    assert deadline.due_on is None
    assert deadline.start_on is None
    assert deadline.extension_notice_by is None
    assert deadline.extension_notice_latest is None
    assert deadline.not_before == date(2026, 12, 23)
    assert "It has not come yet" in " ".join(step.text_for_family for step in deadline.steps)
    assert f"We are waiting for {words}." in deadline.steps[-1].text_for_family


def test_the_clock_is_paused_while_an_answer_is_awaited():
    deadline = calculate(
        NOV_20,
        calendar=at(),
        clarifications=[got(date(2026, 11, 24), date(2026, 11, 27)), AskedAndGot(asked_on=date(2026, 12, 1))],
    )
    assert deadline.waiting_for == (WaitingFor.CLARIFICATION,)
    assert deadline.due_on is None
    assert deadline.start_on == NOV_20
    assert deadline.excluded_days == 4
    assert "The count stops until you answer" in deadline.steps[2].text_for_family


def test_a_notice_given_during_a_pause_is_in_time():
    facts = ClockFacts(
        received_on=NOV_20,
        clarifications=(AskedAndGot(asked_on=date(2026, 12, 1)),),
        extension=ExtensionNotice(given_on=date(2026, 12, 28), reasons="Many stores."),
    )
    assert replay(facts, calendar=at()).extended


@pytest.mark.parametrize("right", [right for right in Right if right is not Right.ACCESS])
def test_only_access_is_paused_by_a_question(right):
    facts = ClockFacts(
        received_on=date(2026, 11, 3), clarifications=(got(date(2026, 11, 9), date(2026, 11, 13)),)
    )
    deadline = replay(facts, calendar=at(), right=right)
    assert (deadline.excluded_days, deadline.due_on) == (0, date(2026, 12, 3))
    assert "does not stop the count" in deadline.steps[1].text_for_family
    waiting = ClockFacts(received_on=NOV_20, clarifications=(AskedAndGot(asked_on=NOV_20),))
    assert replay(waiting, calendar=at(), right=right).due_on == date(2026, 12, 21)


@pytest.mark.parametrize("what", ["identity", "authority", "fee", "clarifications"])
def test_contradicting_dates_are_refused_by_field(what):
    field = what.removesuffix("s")
    with pytest.raises(ImpossibleDate) as early:
        calculate(NOV_20, calendar=at(), **{what: [got(date(2026, 11, 19), date(2026, 11, 23))]})
    assert early.value.field == field
    with pytest.raises(ImpossibleDate) as backwards:
        calculate(NOV_20, calendar=at(), **{what: [got(date(2026, 11, 24), date(2026, 11, 23))]})
    assert backwards.value.field == field
    assert calculate(NOV_20, calendar=at(), **{what: [got(NOV_20, NOV_20)]})


def test_a_question_after_the_time_ran_out_is_flagged():
    late = calculate(NOV_20, calendar=at(), clarifications=[got(date(2026, 12, 22), date(2026, 12, 23))])
    assert "Tuesday 22 December 2026" in late.cautions[0]
    in_time = calculate(NOV_20, calendar=at(), clarifications=[got(date(2026, 12, 21), date(2026, 12, 22))])
    assert in_time.cautions == ()


def test_a_case_refuses_the_future_and_a_calculator_does_not():
    facts = ClockFacts(
        received_on=NOV_20,
        identity=(got(NOV_20, date(2026, 11, 24)),),
        extension=ExtensionNotice(given_on=date(2026, 11, 26), reasons="Many stores."),
    )
    not_in_the_future(facts, date(2026, 11, 26))
    for today, field in (
        (date(2026, 11, 25), "extension"),
        (date(2026, 11, 23), "identity"),
        (date(2026, 11, 19), "received"),
    ):
        with pytest.raises(ImpossibleDate) as refusal:
            not_in_the_future(facts, today)
        assert refusal.value.field == field


def test_the_explanation_reads_as_a_story_with_its_law():
    deadline = calculate(
        date(2026, 11, 3),
        calendar=at(),
        identity=[got(date(2026, 11, 3), date(2026, 11, 6))],
        clarifications=[got(date(2026, 11, 9), date(2026, 11, 13))],
        extended_on=date(2026, 11, 30),
    )
    texts = [step.text_for_family for step in deadline.steps]
    assert texts == [
        "We received your request on Tuesday 3 November 2026.",
        "We asked for proof of who you are on Tuesday 3 November 2026 and received it on "
        "Friday 6 November 2026. So the month runs from then.",
        "We asked you a question about your request on Monday 9 November 2026. You answered on "
        "Friday 13 November 2026. 5 days do not count towards our time.",
        "We told you on Monday 30 November 2026 that we need up to two more months, and why.",
        "Three months from Friday 6 November 2026 ends on Saturday 6 February 2027.",
        "5 days do not count, so the time ends on Thursday 11 February 2027.",
        "You should have our answer by Thursday 11 February 2027.",
    ]
    assert [step.statute.removeprefix("UK GDPR Article 12A") for step in deadline.steps][:4] == [
        "(1)", "(2)(b)", "(5)", "(3)-(4)",
    ]  # fmt: skip
    assert "1182/71" in deadline.steps[4].statute


def test_the_explanation_tells_weekend_from_holiday():
    weekend = calculate(NOV_20, calendar=at()).steps[2]
    assert "at the weekend" in weekend.text_for_family
    assert weekend.on == date(2026, 12, 21)
    holiday = calculate(date(2026, 11, 25), calendar=at()).steps[2]
    assert "a public holiday" in holiday.text_for_family


def test_requests_before_the_new_article_cite_the_old_rule():
    old = calculate(date(2026, 2, 4), calendar=at())
    new = calculate(date(2026, 2, 5), calendar=at())
    assert "12(3)" in old.steps[0].statute
    assert "12A(1)" in new.steps[0].statute


def test_without_explanation_the_dates_are_the_same():
    facts = ClockFacts(received_on=NOV_20)
    short = replay(facts, calendar=at(), explain=False)
    assert short.steps == ()
    assert short.due_on == replay(facts, calendar=at()).due_on


def test_the_report_has_the_stable_keys():
    report = calculate(NOV_20, calendar=at()).as_report()
    assert report["due_on"] == "2026-12-21"
    assert report["start_on"] == "2026-11-20"
    assert report["extension_notice_by"] == "2026-12-20"
    assert report["extension_notice_latest"] == "2026-12-21"
    assert report["excluded_days"] == 0
    assert report["steps"][0]["on"] == "2026-11-20"
    waiting = calculate(NOV_20, calendar=at(), fee=[AskedAndGot(asked_on=NOV_20)]).as_report()
    assert waiting["due_on"] is None
    assert waiting["waiting_for"] == ["the fee"]


def test_pairs_of_dates_are_read_and_refused():
    assert AskedAndGot.parse("2026-11-20:2026-12-04", field="identity") == got(NOV_20, date(2026, 12, 4))
    assert AskedAndGot.parse("2026-11-20:", field="identity") == AskedAndGot(asked_on=NOV_20)
    for text in ("2026-11-20", "2026-11-20:soon", "x:2026-11-20"):
        with pytest.raises(ImpossibleDate) as refusal:
            AskedAndGot.parse(text, field="identity")
        assert refusal.value.field == "identity"


def test_an_earlier_pause_keeps_a_later_question_in_time():
    earlier = got(date(2026, 11, 24), date(2026, 11, 27))
    later = got(date(2026, 12, 24), date(2026, 12, 24))
    assert calculate(NOV_20, calendar=at(), clarifications=[earlier, later]).cautions == ()


def test_one_day_is_said_in_the_singular():
    deadline = calculate(NOV_20, calendar=at(), clarifications=[got(date(2026, 11, 24), date(2026, 11, 24))])
    assert "One day does not count towards our time." in deadline.steps[1].text_for_family


def test_what_is_awaited_cites_its_own_paragraph():
    waiting = AskedAndGot(asked_on=date(2026, 11, 24))
    assert calculate(NOV_20, calendar=at(), fee=[waiting]).steps[-1].statute.endswith("(2)")
    assert calculate(NOV_20, calendar=at(), clarifications=[waiting]).steps[-1].statute.endswith("(5)")
