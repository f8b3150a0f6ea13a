from datetime import UTC, date, datetime

import pytest

from sar.domain.calendar import ENGLAND_AND_WALES, Calendar
from sar.domain.errors import BadLaw, CalendarNotCovered, ImpossibleDate, InvalidInput
from sar.domain.limits import Counting, Term, TimeLimit, Unit, WhoseLimit, due_date, due_moment

PLAIN = Calendar(
    division=ENGLAND_AND_WALES,
    days=frozenset({date(2026, 12, 25), date(2026, 12, 28)}),
    covered_from=date(2026, 1, 1),
    covered_until=date(2027, 12, 31),
)


def limit(**changes):
    values = {
        "code": "x", "title": "x", "instrument": "x", "unit": Unit.DAYS, "count": 1,
        "citation": "An Act s.1", "in_force_from": date(2020, 1, 1),
    }  # fmt: skip
    return TimeLimit(**(values | changes))


@pytest.mark.parametrize(
    ("event", "count", "last"),
    [
        (date(2026, 11, 20), 6, date(2027, 5, 19)),
        (date(2026, 3, 1), 6, date(2026, 8, 31)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
    ],
)
def test_months_beginning_with_the_event_end_a_day_earlier(event, count, last):
    rule = limit(unit=Unit.MONTHS, count=count, counting=Counting.BEGINNING_WITH_EVENT)
    assert due_date(rule, event, PLAIN) == last


def test_years_are_twelve_months():
    assert due_date(limit(unit=Unit.YEARS), date(2028, 2, 29), PLAIN) == date(2029, 2, 28)
    rule = limit(unit=Unit.YEARS, count=6)
    assert due_date(rule, date(2026, 11, 20), PLAIN) == date(2032, 11, 20)


def test_days_count_from_the_next_day_unless_the_event_is_day_one():
    assert due_date(limit(count=28), date(2026, 11, 20), PLAIN) == date(2026, 12, 18)
    rule = limit(count=28, counting=Counting.BEGINNING_WITH_EVENT)
    assert due_date(rule, date(2026, 11, 20), PLAIN) == date(2026, 12, 17)


def test_only_a_rolling_limit_rolls():
    assert due_date(limit(count=30), date(2026, 11, 20), PLAIN) == date(2026, 12, 20)
    assert due_date(limit(count=30, rolls=True), date(2026, 11, 20), PLAIN) == date(2026, 12, 21)


def test_working_days_skip_holidays():
    rule = limit(unit=Unit.WORKING_DAYS, count=3)
    assert due_date(rule, date(2026, 12, 23), PLAIN) == date(2026, 12, 30)


def test_a_familys_own_limit_can_never_roll():
    with pytest.raises(BadLaw):
        limit(whose=WhoseLimit.FAMILY, rolls=True)


@pytest.mark.parametrize("fault", [{"count": 0}, {"citation": " "}])
def test_a_limit_needs_a_count_and_a_citation(fault):
    with pytest.raises(BadLaw):
        limit(**fault)


def test_school_days_need_terms_and_skip_closed_days_and_weekends():
    terms = (
        Term(first_on=date(2026, 11, 2), last_on=date(2026, 12, 18), closed=frozenset({date(2026, 11, 27)})),
        Term(first_on=date(2027, 1, 4), last_on=date(2027, 2, 12)),
    )
    rule = limit(unit=Unit.SCHOOL_DAYS, count=15)
    assert due_date(rule, date(2026, 11, 20), PLAIN, terms=terms) == date(2026, 12, 14)
    assert due_date(rule, date(2026, 12, 16), PLAIN, terms=terms) == date(2027, 1, 20)
    with pytest.raises(CalendarNotCovered) as refusal:
        due_date(rule, date(2027, 2, 8), PLAIN, terms=terms)
    assert refusal.value.field == "terms"
    with pytest.raises(CalendarNotCovered):
        due_date(rule, date(2026, 11, 20), PLAIN)


def test_hours_run_from_the_moment():
    rule = limit(unit=Unit.HOURS, count=72)
    aware_at = datetime(2026, 11, 20, 17, 30, tzinfo=UTC)
    assert due_moment(rule, aware_at) == datetime(2026, 11, 23, 17, 30, tzinfo=UTC)
    with pytest.raises(InvalidInput):
        due_date(rule, date(2026, 11, 20), PLAIN)
    with pytest.raises(InvalidInput):
        due_moment(limit(), aware_at)
    with pytest.raises(ImpossibleDate):
        due_moment(rule, aware_at.replace(tzinfo=None))
