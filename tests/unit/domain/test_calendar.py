from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from sar.domain.calendar import (
    ENGLAND_AND_WALES,
    SCOTLAND,
    Calendar,
    add_months,
    holidays_anywhere,
    parse_date,
    say_date,
    uk_day,
)  # fmt: skip
from sar.domain.errors import CalendarNotCovered, ImpossibleDate, InvalidInput

CHRISTMAS = frozenset({date(2026, 12, 25), date(2026, 12, 28)})


def calendar(days=CHRISTMAS, division=ENGLAND_AND_WALES):
    return Calendar(
        division=division, days=days, covered_from=date(2026, 1, 1), covered_until=date(2026, 12, 31)
    )


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 12, 24), True),
        (date(2026, 12, 25), False),
        (date(2026, 12, 26), False),
        (date(2026, 12, 27), False),
    ],
)
def test_weekends_and_holidays_are_not_working_days(day, works):
    assert calendar().is_working_day(day) is works


def test_rolling_passes_holiday_weekend_and_substitute_day():
    assert calendar().roll_forward(date(2026, 12, 25)) == date(2026, 12, 29)
    assert calendar().roll_forward(date(2026, 12, 24)) == date(2026, 12, 24)


def test_working_days_never_count_the_day_itself():
    assert calendar().add_working_days(date(2026, 12, 23), 1) == date(2026, 12, 24)
    assert calendar().add_working_days(date(2026, 12, 24), 1) == date(2026, 12, 29)
    assert calendar().add_working_days(date(2026, 12, 26), 0) == date(2026, 12, 26)


def test_working_days_are_not_counted_backwards():
    with pytest.raises(InvalidInput):
        calendar().add_working_days(date(2026, 12, 23), -1)


@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2027, 1, 1)])
def test_a_day_outside_the_known_years_is_loud(day):
    with pytest.raises(CalendarNotCovered) as refusal:
        calendar().is_working_day(day)
    assert "2026-01-01" in refusal.value.message
    assert refusal.value.next_step


def test_both_ends_of_the_cover_are_inside():
    assert calendar().is_working_day(date(2026, 1, 1))
    assert calendar().is_working_day(date(2026, 12, 31))


def test_rolling_off_the_end_of_the_cover_is_loud():
    with pytest.raises(CalendarNotCovered):
        calendar(frozenset({date(2026, 12, 31)})).roll_forward(date(2026, 12, 31))


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2028, 1, 31), 1, date(2028, 2, 29)),
        (date(2028, 2, 29), 1, date(2028, 3, 29)),
        (date(2026, 1, 31), 3, date(2026, 4, 30)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 8, 31), -6, date(2026, 2, 28)),
        (date(2026, 3, 29), 11, date(2027, 2, 28)),
    ],
)
def test_months_end_on_the_same_day_or_the_last_of_the_month(start, months, end):
    assert add_months(start, months) == end
    assert calendar().add_months(start, months) == end


def test_months_beyond_every_calendar_are_refused():
    with pytest.raises(ImpossibleDate):
        add_months(date(9999, 12, 1), 1)
    with pytest.raises(ImpossibleDate):
        add_months(date(1, 1, 1), -1)


def test_a_holiday_anywhere_counts_in_the_joint_calendar():
    scottish = calendar(frozenset({date(2026, 11, 30)}), SCOTLAND)
    both = holidays_anywhere((calendar(), scottish))
    assert not both.is_working_day(date(2026, 11, 30))
    assert not both.is_working_day(date(2026, 12, 28))


def test_joint_calendar_covers_only_what_all_parts_cover():
    longer = Calendar(
        division=SCOTLAND, days=frozenset(), covered_from=date(2020, 1, 1), covered_until=date(2030, 12, 31)
    )
    both = holidays_anywhere((longer, calendar()))
    assert (both.covered_from, both.covered_until) == (date(2026, 1, 1), date(2026, 12, 31))
    with pytest.raises(InvalidInput):
        holidays_anywhere(())


def test_a_calendar_cannot_end_before_it_begins():
    with pytest.raises(InvalidInput):
        Calendar(
            division=SCOTLAND, days=frozenset(), covered_from=date(2026, 1, 2), covered_until=date(2026, 1, 1)
        )


def test_dates_are_written_in_full():
    assert say_date(date(2026, 11, 20)) == "Friday 20 November 2026"


def test_an_impossible_date_names_its_field():
    assert parse_date(" 2026-11-20 ", field="received") == date(2026, 11, 20)
    with pytest.raises(ImpossibleDate) as refusal:
        parse_date("2026-02-30", field="received")
    assert refusal.value.field == "received"
    assert "2026-11-20" in refusal.value.next_step


@pytest.mark.parametrize("year", range(2018, 2036))
def test_the_day_here_is_that_of_the_time_zone(year):
    first = datetime(year, 1, 1, 0, 30, tzinfo=UTC)
    for hours in range(366 * 24):
        at = first + timedelta(hours=hours)
        assert uk_day(at) == at.astimezone(ZoneInfo("Europe/London")).date()


def test_half_past_midnight_in_summer_is_the_new_day_and_in_winter_too():
    assert uk_day(datetime(2026, 7, 14, 23, 30, tzinfo=UTC)) == date(2026, 7, 15)
    assert uk_day(datetime(2026, 1, 14, 23, 30, tzinfo=UTC)) == date(2026, 1, 14)
