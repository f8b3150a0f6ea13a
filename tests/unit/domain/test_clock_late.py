"""Time that has run out is not revived; what stands in the way of a date is flagged and told, and moves nothing."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from itertools import permutations

import pytest

from sar.domain.calendar import holidays_anywhere
from sar.domain.clock import (
    AskedAndGot,
    ClarificationCounting,
    ClockFacts,
    DateCorrection,
    DatedFact,
    ExtensionNotice,
    Right,
    WaitingFor,
    calculate,
    replay,
)
from sar.domain.clock_cautions import cautions, reminders
from sar.domain.clock_counting import Counted
from sar.domain.errors import ImpossibleDate, NotAllowed
from sar.law import calendars

NOV_20, DUE = date(2026, 11, 20), date(2026, 12, 21)
DAY = timedelta(days=1)
ELAPSED = ClarificationCounting.ELAPSED


@cache
def england():
    return calendars(years=range(2025, 2031))["england-and-wales"]


def got(asked, received=None):
    return AskedAndGot(asked_on=asked, got_on=received)


def texts(deadline):
    return [step.text_for_family for step in deadline.steps]


@pytest.mark.parametrize(
    ("what", "named"),
    [
        ("identity", "Proof of identity was asked for"),
        ("authority", "Proof of authority was asked for"),
        ("fee", "The fee was asked for"),
    ],
)
@pytest.mark.parametrize("answered", [None, date(2027, 1, 20)])
def test_what_is_asked_for_after_the_last_day_cannot_start_the_time_again(what, named, answered):
    late = calculate(NOV_20, calendar=england(), **{what: [got(DUE + DAY, answered)]})
    assert (late.due_on, late.start_on, late.waiting_for) == (DUE, NOV_20, ())
    assert late.extension_notice_by == date(2026, 12, 20)
    assert late.cautions == (
        f"{named} on Tuesday 22 December 2026, after the time had run out. That cannot start the time again: "
        "the earlier due date stands.",
    )
    assert "Our time had already run out, so this does not change the date." in texts(late)[1]
    assert texts(late)[1].startswith("We asked for ")
    assert texts(late)[-1] == "You should have our answer by Monday 21 December 2026."


@pytest.mark.parametrize("what", ["identity", "authority", "fee"])
def test_what_is_asked_for_on_the_last_day_itself_still_counts(what):
    in_time = calculate(NOV_20, calendar=england(), **{what: [got(DUE, date(2027, 1, 20))]})
    assert (in_time.start_on, in_time.due_on) == (date(2027, 1, 20), date(2027, 2, 22))
    assert in_time.cautions == ()


@pytest.mark.parametrize("answered", [None, date(2026, 12, 29)])
def test_a_question_after_the_last_day_neither_pauses_nor_hides_the_due_date(answered):
    late = calculate(NOV_20, calendar=england(), clarifications=[got(DUE + DAY, answered)])
    assert (late.due_on, late.excluded_days, late.waiting_for) == (DUE, 0, ())
    assert late.cautions == (
        "The question of Tuesday 22 December 2026 was asked after the time had run out. It does not pause the "
        "count: the earlier due date stands.",
    )
    assert "run out" in texts(late)[1]
    assert ("You answered" in texts(late)[1]) is (answered is not None)


def test_several_late_asks_are_each_flagged_in_order_of_their_day():
    late = calculate(
        NOV_20,
        calendar=england(),
        identity=[got(date(2027, 1, 6), date(2027, 1, 7))],
        clarifications=[got(date(2027, 1, 5), date(2027, 1, 8))],
    )
    assert late.due_on == DUE
    assert [said.split()[0] for said in late.cautions] == ["The", "Proof"]


def test_an_open_proof_keeps_the_time_from_running_out():
    """The first proof has not come, so nothing asked later can be late."""
    open_since = calculate(
        NOV_20, calendar=england(), identity=[got(NOV_20)], fee=[got(date(2027, 2, 1), date(2027, 2, 2))]
    )
    assert open_since.waiting_for == (WaitingFor.IDENTITY,)
    assert open_since.cautions == ()


def test_an_earlier_pause_or_proof_moves_the_day_after_which_all_is_late():
    moved = calculate(
        NOV_20,
        calendar=england(),
        identity=[got(NOV_20, date(2026, 12, 4))],
        fee=[got(date(2027, 1, 4), date(2027, 1, 5))],
    )
    assert (moved.start_on, moved.cautions) == (date(2027, 1, 5), ())
    too_late = calculate(
        NOV_20,
        calendar=england(),
        identity=[got(NOV_20, date(2026, 12, 4))],
        fee=[got(date(2027, 1, 5), date(2027, 1, 6))],
    )
    assert (too_late.start_on, too_late.due_on) == (date(2026, 12, 4), date(2027, 1, 4))


def test_with_more_time_a_question_of_the_second_month_counts_and_one_after_the_third_does_not():
    in_time = [got(date(2027, 1, 11), date(2027, 1, 15))]
    extended = calculate(NOV_20, calendar=england(), clarifications=in_time, extended_on=date(2026, 12, 1))
    assert (extended.excluded_days, extended.due_on) == (5, date(2027, 2, 25))
    assert extended.cautions == ()
    assert "5 days do not count towards our time." in " ".join(texts(extended))
    late = [*in_time, got(date(2027, 2, 26), date(2027, 2, 27))]
    again = calculate(NOV_20, calendar=england(), clarifications=late, extended_on=date(2026, 12, 1))
    assert again.due_on == extended.due_on
    assert "Friday 26 February 2027" in again.cautions[0]


def test_a_question_after_the_first_month_cannot_make_a_late_notice_of_more_time_good():
    with pytest.raises(NotAllowed):
        calculate(
            date(2026, 11, 3), calendar=england(), extended_on=date(2026, 12, 10),
            clarifications=[got(date(2026, 12, 7), date(2026, 12, 20))],
        )  # fmt: skip


# 20 December 2026 is a Sunday, so the last day is Monday 21: a question of that Monday is in time, though
# the pause cannot carry the unrolled day past it. What goes on from it without a day between is one pause.


@pytest.mark.parametrize("counting", list(ClarificationCounting))
def test_one_day_pauses_in_a_row_equal_one_long_pause_even_at_the_very_end(counting):
    later = 0 if counting is ClarificationCounting.INCLUSIVE else 1
    days = [DUE + DAY * n for n in range(10)]
    ten = [got(day, day + DAY * later) for day in days]
    one = [got(days[0], days[-1] + DAY * later)]
    for order in (ten, ten[::-1]):
        short = calculate(NOV_20, calendar=england(), clarifications=order, counting=counting)
        long = calculate(NOV_20, calendar=england(), clarifications=one, counting=counting)
        assert (short.due_on, short.excluded_days) == (long.due_on, long.excluded_days)
        assert long.excluded_days == 10
        assert short.cautions == long.cautions == ()


def test_a_day_between_ends_the_pause():
    broken = calculate(
        NOV_20, calendar=england(), clarifications=[got(DUE, DUE), got(DUE + DAY * 2, DUE + DAY * 3)]
    )
    assert broken.excluded_days == 1
    assert len(broken.cautions) == 1


def test_proof_asked_for_within_a_pause_is_in_time_and_after_it_is_not():
    pause = [got(DUE, DUE + DAY * 9)]
    inside = calculate(
        NOV_20, calendar=england(), clarifications=pause, identity=[got(DUE + DAY * 9, date(2027, 1, 5))]
    )
    assert inside.start_on == date(2027, 1, 5)
    after = calculate(
        NOV_20, calendar=england(), clarifications=pause, identity=[got(DUE + DAY * 12, date(2027, 1, 5))]
    )
    assert after.start_on == NOV_20
    assert len(after.cautions) == 1


def test_late_asks_give_one_answer_in_any_order():
    asks = (got(date(2026, 12, 30)), got(DUE + DAY, date(2026, 12, 24)), got(NOV_20, date(2026, 11, 25)))
    answers = {
        replay(ClockFacts(received_on=NOV_20, identity=order, clarifications=order[::-1]), calendar=england())
        for order in permutations(asks)
    }
    assert len(answers) == 1


def test_proof_asked_for_on_the_day_a_question_carries_the_pause_on_to_is_in_time():
    """The questions of a day are read before its proofs, whichever was entered first."""
    found = calculate(
        NOV_20,
        calendar=england(),
        identity=[got(DUE + DAY, date(2027, 1, 5))],
        clarifications=[got(DUE, DUE), got(DUE + DAY, DUE + DAY)],
    )
    assert (found.start_on, found.due_on, found.cautions) == (date(2027, 1, 5), date(2027, 2, 5), ())


@pytest.mark.parametrize("what", ["identity", "authority", "fee", "clarifications"])
def test_two_asks_of_one_late_day_are_both_flagged_open_or_answered(what):
    both = (got(DUE + DAY), got(DUE + DAY, date(2026, 12, 24)))
    for order in (both, both[::-1]):
        late = calculate(NOV_20, calendar=england(), **{what: order})
        assert (late.due_on, late.start_on, late.waiting_for) == (DUE, NOV_20, ())
        assert len(late.cautions) == 2


def test_a_late_question_means_nothing_to_a_rectification():
    facts = ClockFacts(received_on=NOV_20, clarifications=(got(date(2027, 1, 5)),))
    found = replay(facts, calendar=england(), right=Right.RECTIFICATION)
    assert (found.due_on, found.cautions) == (DUE, ())
    assert "only a request for a copy" in texts(found)[1]


# --- a case as recorded ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notice", "kind", "why"),
    [
        (ExtensionNotice(given_on=date(2026, 12, 21), reasons="Many."), NotAllowed, "too late"),
        (ExtensionNotice(given_on=date(2026, 11, 19), reasons="Many."), ImpossibleDate, "before the request"),
        (ExtensionNotice(given_on=NOV_20, reasons=" "), NotAllowed, "needs its reasons"),
    ],
)
def test_a_recorded_extension_without_ground_does_not_count_and_a_new_one_is_refused(notice, kind, why):
    facts = ClockFacts(received_on=NOV_20, extension=notice)
    with pytest.raises(kind) as refused:
        replay(facts, calendar=england())
    assert refused.value.field == "extension"
    found = replay(facts, calendar=england(), refuse=False)
    assert (found.due_on, found.extended) == (DUE, False)
    assert why in found.cautions[0]
    assert found.cautions[0].endswith("The extension does not count.")
    told = " ".join(texts(found))
    assert "That does not count, so the first date stands." in told
    assert "One month from" in told


def test_a_good_extension_of_a_case_counts_without_a_caution():
    facts = ClockFacts(
        received_on=NOV_20, extension=ExtensionNotice(given_on=date(2026, 12, 20), reasons="Many.")
    )
    found = replay(facts, calendar=england(), refuse=False)
    assert (found.due_on, found.extended, found.cautions) == (date(2027, 2, 22), True, ())


# --- what is told ---------------------------------------------------------------------------------


def test_a_date_put_right_is_told_with_its_day_and_moves_nothing_by_itself():
    plain = ClockFacts(received_on=NOV_20)
    told = replace(
        plain,
        corrections=(
            DateCorrection(
                what=DatedFact.RECEIVED, was=date(2026, 11, 23), now=NOV_20, made_on=date(2026, 12, 1)
            ),
            DateCorrection(
                what=DatedFact.QUESTION_ASKED, was=date(2026, 11, 25), now=None, made_on=date(2026, 12, 2)
            ),
        ),
    )
    assert replay(told, calendar=england(), explain=False) == replay(plain, calendar=england(), explain=False)
    steps = replay(told, calendar=england()).steps
    assert steps[1].text_for_family == (
        "On Tuesday 1 December 2026 we put a date right: we received your request on Friday 20 November 2026, "
        "not on Monday 23 November 2026."
    )
    assert steps[2].text_for_family == (
        "On Wednesday 2 December 2026 we took back a note that we asked you a question about your request on "
        "Wednesday 25 November 2026. It was made by mistake."
    )
    assert {step.statute for step in steps[1:3]} == {"UK GDPR Article 5(1)(d): what we keep must be accurate"}


@pytest.mark.parametrize("what", list(DatedFact))
def test_every_kind_of_correction_has_its_words(what):
    correction = DateCorrection(what=what, was=NOV_20 + DAY, now=NOV_20, made_on=NOV_20 + DAY)
    found = replay(ClockFacts(received_on=NOV_20, corrections=(correction,)), calendar=england())
    assert "put a date right: " in found.steps[1].text_for_family


def test_days_of_two_open_questions_are_said_to_count_once():
    both = [got(date(2026, 11, 24), date(2026, 11, 27)), got(date(2026, 11, 26), date(2026, 11, 30))]
    said = texts(calculate(NOV_20, calendar=england(), clarifications=both))
    assert "7 days do not count in all, each day taken once, so the time ends on" in said[4]
    apart = [got(date(2026, 11, 24), date(2026, 11, 25)), got(date(2026, 11, 26), date(2026, 11, 27))]
    said = texts(calculate(NOV_20, calendar=england(), clarifications=apart))
    assert said[4].startswith("4 days do not count, so")


def test_an_answer_on_the_same_day_and_a_pause_before_the_month_are_explained():
    same = calculate(NOV_20, calendar=england(), clarifications=[got(NOV_20, NOV_20)], counting=ELAPSED)
    assert "You answered on the same day, so no time was lost." in texts(same)[1]
    row_19 = calculate(
        NOV_20, calendar=england(), identity=[got(NOV_20, date(2026, 12, 4))],
        clarifications=[got(date(2026, 11, 30), date(2026, 12, 8))],
    )  # fmt: skip
    assert "The month began on Friday 4 December 2026: 5 days do not count from then on." in texts(row_19)[2]


# --- cautions about the future --------------------------------------------------------------------


def test_a_date_after_the_published_holidays_is_a_forecast():
    calendar = replace(england(), published_until=DUE)
    assert calculate(NOV_20, calendar=calendar).cautions == ()
    assert calculate(NOV_20 + DAY, calendar=calendar).cautions == ()
    later = calculate(date(2026, 11, 22), calendar=calendar)
    assert later.due_on == date(2026, 12, 22)
    assert later.cautions == (
        "Tuesday 22 December 2026 is a forecast: the public holidays of England and Wales are published until "
        "Monday 21 December 2026. Work it out again when the later ones are.",
    )
    assert replay(ClockFacts(received_on=NOV_20 + DAY * 9), calendar=calendar, explain=False).cautions == ()
    assert calculate(date(2026, 11, 22), calendar=replace(calendar, published_until=None)).cautions == ()


def test_nothing_is_cautioned_about_where_nothing_was_refused_or_late():
    assert cautions(Counted(start_on=NOV_20), DUE, england()) == ()
    assert cautions(Counted(start_on=NOV_20), DUE, england(), refused="Too late.") == (
        "Too late. The extension does not count.",
    )


def test_joined_calendars_are_published_until_the_first_of_their_parts():
    one, two = replace(england(), published_until=DUE), replace(england(), published_until=NOV_20)
    assert holidays_anywhere([one, two]).published_until == NOV_20
    assert holidays_anywhere([one, replace(england(), published_until=None)]).published_until == DUE
    assert holidays_anywhere([replace(england(), published_until=None)]).published_until is None


def test_an_officer_is_reminded_of_a_question_that_stays_open_and_nothing_closes():
    facts = ClockFacts(
        received_on=NOV_20,
        clarifications=(
            got(date(2026, 11, 30)), got(date(2026, 11, 23)), got(date(2026, 11, 24), date(2026, 11, 25)),
        ),
    )  # fmt: skip
    assert reminders(facts, on=date(2026, 12, 20)) == ()
    [one] = reminders(facts, on=date(2026, 12, 21))
    assert one.startswith("The question of Monday 23 November 2026 has had no answer for 28 days.")
    assert "Nothing closes by itself." in one
    assert len(reminders(facts, on=date(2026, 12, 28))) == 2
    assert "Monday 23" in reminders(facts, on=date(2026, 12, 28))[0]
    assert len(reminders(facts, on=date(2026, 12, 3), after_days=10)) == 1
    assert reminders(facts, on=date(2026, 12, 28), right=Right.ERASURE) == ()
