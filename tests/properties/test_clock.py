"""What must hold for any facts, not only for the worked examples."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from sar.domain.calendar import say_date
from sar.domain.clock import (
    AskedAndGot,
    ClarificationCounting,
    ClockFacts,
    ExtensionNotice,
    Right,
    replay,
)  # fmt: skip
from sar.domain.limits import Counting, TimeLimit, Unit, WhoseLimit, due_date
from sar.law import calendars

DAY = timedelta(days=1)


# Worked out before the first example, which would otherwise take too long.
CALENDARS = calendars(years=range(2025, 2031))


divisions = st.sampled_from(["england-and-wales", "scotland", "northern-ireland"])
received = st.dates(date(2025, 1, 1), date(2028, 12, 31))
countings = st.sampled_from(list(ClarificationCounting))

asks = st.sampled_from(["identity", "authority", "fee", "clarifications"])


@st.composite
def asked(draw, since, days=60):
    asked_on = since + DAY * draw(st.integers(0, days))
    return AskedAndGot(asked_on=asked_on, got_on=asked_on + DAY * draw(st.integers(0, 30)))


@st.composite
def facts(draw):
    since = draw(received)
    some = st.lists(asked(since), max_size=3).map(tuple)
    return ClockFacts(
        received_on=since,
        identity=draw(some), authority=draw(some), fee=draw(some), clarifications=draw(some),
        extension=draw(st.sampled_from([None, ExtensionNotice(given_on=since, reasons="Many stores.")])),
    )  # fmt: skip


def calendar(division):
    return CALENDARS[division]


@given(facts(), divisions, countings)
def test_a_due_date_is_a_working_day_and_never_before_the_month_is_up(given_facts, division, counting):
    found = replay(given_facts, calendar=calendar(division), counting=counting)
    assert calendar(division).is_working_day(found.due_on)
    assert found.due_on >= found.start_on + timedelta(days=28)
    assert found.extension_notice_by <= found.extension_notice_latest
    assert found.steps[-1].on == found.due_on


@given(facts(), st.randoms(use_true_random=False), divisions, countings)
def test_order_of_entry_changes_nothing(given_facts, random, division, counting):
    def shuffled(things):
        return tuple(random.sample(things, len(things)))

    other = ClockFacts(
        received_on=given_facts.received_on,
        identity=shuffled(given_facts.identity),
        authority=shuffled(given_facts.authority),
        fee=shuffled(given_facts.fee),
        clarifications=shuffled(given_facts.clarifications),
        extension=given_facts.extension,
    )
    one = replay(given_facts, calendar=calendar(division), counting=counting)
    assert replay(other, calendar=calendar(division), counting=counting) == one


@given(facts(), st.data(), divisions, countings)
def test_an_added_pause_never_brings_the_date_forward(given_facts, data, division, counting):
    extra = data.draw(asked(given_facts.received_on))
    longer = ClockFacts(
        received_on=given_facts.received_on,
        identity=given_facts.identity,
        authority=given_facts.authority,
        fee=given_facts.fee,
        clarifications=(*given_facts.clarifications, extra),
        extension=given_facts.extension,
    )
    before = replay(given_facts, calendar=calendar(division), counting=counting, explain=False)
    after = replay(longer, calendar=calendar(division), counting=counting, explain=False)
    assert after.due_on >= before.due_on
    assert after.extension_notice_by >= before.extension_notice_by


@given(facts(), st.integers(0, 60), divisions, countings)
def test_ten_one_day_pauses_equal_one_of_ten_days(given_facts, offset, division, counting):
    """In both countings, beside whatever else happened, early, at the very end, or too late."""
    days = 0 if counting is ClarificationCounting.INCLUSIVE else 1
    first = given_facts.received_on + DAY * offset
    ten = tuple(AskedAndGot(asked_on=first + DAY * n, got_on=first + DAY * (n + days)) for n in range(10))
    one = (AskedAndGot(asked_on=first, got_on=first + DAY * (9 + days)),)
    answers = [
        replay(
            replace(given_facts, clarifications=(*given_facts.clarifications, *pauses)),
            calendar=calendar(division), counting=counting, explain=False,
        )
        for pauses in (ten, one)
    ]  # fmt: skip
    assert answers[0] == answers[1]


@given(received, st.integers(0, 20), divisions)
def test_ten_days_of_pause_are_ten_days(since, offset, division):
    first = since + DAY * offset
    one = (AskedAndGot(asked_on=first, got_on=first + DAY * 9),)
    found = replay(
        ClockFacts(received_on=since, clarifications=one), calendar=calendar(division), explain=False
    )
    assert found.excluded_days == 10


@given(facts(), asks, st.integers(1, 400), divisions, countings)
def test_nothing_asked_after_the_last_day_moves_it(given_facts, what, later, division, counting):
    before = replay(given_facts, calendar=calendar(division), counting=counting, explain=False)
    paused_until = max((q.got_on for q in given_facts.clarifications), default=before.due_on)
    asked_on = max(before.due_on, paused_until) + DAY * (later + 1)
    for got_on in (None, asked_on + DAY):
        late = (*getattr(given_facts, what), AskedAndGot(asked_on=asked_on, got_on=got_on))
        after = replay(replace(given_facts, **{what: late}), calendar=calendar(division), counting=counting)
        assert (after.due_on, after.start_on) == (before.due_on, before.start_on)
        assert say_date(asked_on) in " ".join(after.cautions)


@given(received, st.integers(0, 20), divisions)
def test_ten_elapsed_days_equal_ten_times_one(since, offset, division):
    days = [since + DAY * (offset + n) for n in range(11)]
    ten = tuple(AskedAndGot(asked_on=a, got_on=b) for a, b in pairwise(days))
    one = (AskedAndGot(asked_on=days[0], got_on=days[-1]),)
    elapsed = ClarificationCounting.ELAPSED
    answers = {
        replay(
            ClockFacts(received_on=since, clarifications=pauses),
            calendar=calendar(division), counting=elapsed, explain=False,
        ).excluded_days
        for pauses in (ten, one)
    }  # fmt: skip
    assert answers == {10}


@given(facts(), divisions)
def test_elapsed_counting_is_never_later(given_facts, division):
    inclusive = replay(given_facts, calendar=calendar(division))
    elapsed = replay(given_facts, calendar=calendar(division), counting=ClarificationCounting.ELAPSED)
    assert elapsed.due_on <= inclusive.due_on


@given(facts(), divisions)
def test_a_question_never_moves_a_rectification_date(given_facts, division):
    without = ClockFacts(
        received_on=given_facts.received_on, identity=given_facts.identity,
        authority=given_facts.authority, fee=given_facts.fee, extension=given_facts.extension,
    )  # fmt: skip
    one = replay(given_facts, calendar=calendar(division), right=Right.RECTIFICATION, explain=False)
    assert one == replay(without, calendar=calendar(division), right=Right.RECTIFICATION, explain=False)


@given(
    received,
    st.sampled_from([Unit.DAYS, Unit.WORKING_DAYS, Unit.MONTHS]),
    st.integers(1, 12),
    st.sampled_from(list(Counting)),
    divisions,
)
def test_a_rolled_limit_ends_on_a_working_day_and_a_familys_is_never_later(
    since, unit, count, counting, division
):
    def limit(**more):
        return TimeLimit(
            code="x", title="x", instrument="x", unit=unit, count=count, counting=counting,
            citation="An Act s.1", in_force_from=date(2020, 1, 1), **more,
        )  # fmt: skip

    rolled = due_date(limit(rolls=True), since, calendar(division))
    family = due_date(limit(whose=WhoseLimit.FAMILY), since, calendar(division))
    assert calendar(division).is_working_day(rolled)
    assert family <= rolled
