"""The worked examples of the fact base, section 2, with the shipped law: its calendars, its countings, its limits."""

from dataclasses import replace
from datetime import date, timedelta
from functools import cache

import pytest

from sar.domain.clock import AskedAndGot, ClarificationCounting, calculate
from sar.domain.limits import Term, Unit, WhoseLimit, due_date
from sar.law import load

NATIONS = ("england", "wales", "scotland", "northern-ireland")
NOV_20 = date(2026, 11, 20)
INCLUSIVE, ELAPSED = ClarificationCounting.INCLUSIVE, ClarificationCounting.ELAPSED


@cache
def law(nation="england"):
    return load(nation)


def day(text):
    return date.fromisoformat(text)


def pairs(*texts):
    return tuple(AskedAndGot.parse(text, field="dates") for text in texts)


ID_4_DEC, ID_30_NOV = "2026-11-20:2026-12-04", "2026-11-20:2026-11-30"
# Received, identity, fee, questions, extended, nation; then start, excluded and due for each counting.
ROWS = {
    1: ("2024-09-03", (), (), (), "", "england", "2024-09-03", 0, "2024-10-03"),
    2: ("2027-01-01", (), (), (), "", "england", "2027-01-01", 0, "2027-02-01"),
    3: ("2024-11-25", (), (), (), "", "england", "2024-11-25", 0, "2024-12-27"),
    4: ("2025-01-31", (), (), (), "", "england", "2025-01-31", 0, "2025-02-28"),
    5: ("2028-01-31", (), (), (), "", "england", "2028-01-31", 0, "2028-02-29"),
    6: ("2026-01-31", (), (), (), "", "england", "2026-01-31", 0, "2026-03-02"),
    7: ("2028-02-29", (), (), (), "", "england", "2028-02-29", 0, "2028-03-29"),
    8: ("2027-02-28", (), (), (), "", "england", "2027-02-28", 0, "2027-03-30"),
    9: ("2026-03-03", (), (), (), "", "england", "2026-03-03", 0, "2026-04-07"),
    10: ("2026-07-31", (), (), (), "", "england", "2026-07-31", 0, "2026-09-01"),
    11: ("2026-11-20", (), (), (), "", "england", "2026-11-20", 0, "2026-12-21"),
    12: ("2026-11-26", (), (), (), "", "england", "2026-11-26", 0, "2026-12-29"),
    13: ("2027-12-01", (), (), (), "", "england", "2027-12-01", 0, "2028-01-04"),
    14: ("2026-11-20", (ID_4_DEC,), (), (), "", "england", "2026-12-04", 0, "2027-01-04"),
    15: ("2026-11-20", (), ("2026-11-20:2027-01-11",), (), "", "england", "2027-01-11", 0, "2027-02-11"),
    16: ("2026-11-03", (), (), ("2026-11-09:2026-11-13",), "", "england", "2026-11-03", 5, "2026-12-08"),
    17: ("2026-11-20", (ID_30_NOV,), (), ("2026-12-07:2026-12-14",), "", "england", "2026-11-30", 8, "2027-01-07"),
    18: ("2026-11-20", (ID_4_DEC,), (), ("2026-11-24:2026-12-01",), "", "england", "2026-12-04", 0, "2027-01-04"),
    19: ("2026-11-20", (ID_4_DEC,), (), ("2026-11-30:2026-12-08",), "", "england", "2026-12-04", 5, "2027-01-11"),
    20: ("2026-11-20", (), (), (), "2026-12-20", "england", "2026-11-20", 0, "2027-02-22"),
    21: ("2026-01-31", (), (), (), "2026-02-28", "england", "2026-01-31", 0, "2026-04-30"),
    22: ("2026-11-30", (), (), (), "2026-12-01", "england", "2026-11-30", 0, "2027-03-01"),
    23: ("2026-11-03", (), (), ("2026-11-09:2026-11-13",), "2026-12-07", "england", "2026-11-03", 5, "2027-02-08"),
    24: ("2026-11-20", (), (), ("2026-11-24:2026-11-27", "2026-12-03:2026-12-09"), "", "england", "2026-11-20", 11,
         "2026-12-31"),
    25: ("2026-10-30", (), (), (), "", "scotland", "2026-10-30", 0, "2026-12-01"),
    26: ("2027-02-17", (), (), (), "", "northern-ireland", "2027-02-17", 0, "2027-03-18"),
}  # fmt: skip
# With the day of asking counted, each pause is a day shorter; only these rows notice (row 19 keeps its Monday).
IN_ELAPSED_DAYS = {16: (4, "2026-12-07"), 17: (7, "2027-01-06"), 19: (4, "2027-01-08"), 23: (4, "2027-02-08"),
                   24: (9, "2026-12-29")}  # fmt: skip
ALSO = [
    ("2026-01-01", "england", "2026-02-02"),
    ("2026-07-31", "scotland", "2026-08-31"),
    ("2026-10-30", "england", "2026-11-30"),
    ("2026-10-30", "wales", "2026-11-30"),
    ("2027-02-17", "england", "2027-03-17"),
]


@pytest.mark.parametrize("counting", [INCLUSIVE, ELAPSED])
@pytest.mark.parametrize("row", ROWS)
def test_every_worked_example_in_both_countings(row, counting):
    received, identity, fee, questions, extended, nation, start, excluded, due = ROWS[row]
    if counting is ELAPSED:
        excluded, due = IN_ELAPSED_DAYS.get(row, (excluded, due))
    found = calculate(
        day(received), calendar=law(nation).calendar, identity=pairs(*identity), fee=pairs(*fee),
        clarifications=pairs(*questions), extended_on=day(extended) if extended else None, counting=counting,
    )  # fmt: skip
    assert (found.start_on, found.excluded_days, found.due_on) == (day(start), excluded, day(due))
    assert found.steps[-1].on == day(due)
    assert found.cautions == ()


@pytest.mark.parametrize(("received", "nation", "due"), ALSO)
def test_the_other_halves_of_the_examples(received, nation, due):
    assert calculate(day(received), calendar=law(nation).calendar).due_on == day(due)


def test_the_default_counting_is_the_literal_one_and_a_setting():
    assert {law(nation).clarification_counting for nation in NATIONS} == {INCLUSIVE}


# --- the table of other clocks, from Friday 20 November 2026 ---------------------------------------


@pytest.mark.parametrize(
    ("code", "since", "due"),
    [
        ("rectification.reply", NOV_20, "2026-12-21"),
        ("dp.complaint.acknowledge", NOV_20, "2026-12-21"),
        ("dp.complaint.reminder-1", NOV_20, "2026-12-20"),
        ("dp.complaint.reminder-2", NOV_20, "2027-01-19"),
        ("dp.complaint.reminder-3", NOV_20, "2027-02-18"),
        ("foi.reply", NOV_20, "2026-12-21"),
        ("nhs.complaint.acknowledge", NOV_20, "2026-11-25"),
        ("nhs.complaint.respond", NOV_20, "2027-05-19"),
        ("children.stage1.respond", NOV_20, "2026-12-04"),
        ("children.stage1.longest", NOV_20, "2026-12-18"),
        ("children.stage2.respond", NOV_20, "2026-12-29"),
        ("children.stage2.longest", NOV_20, "2027-02-24"),
        ("children.stage3.lodge", NOV_20, "2026-12-18"),
        ("children.stage3.panel", NOV_20, "2027-01-06"),
        ("children.stage3.report", date(2027, 1, 6), "2027-01-13"),
        ("children.stage3.reply", date(2027, 1, 13), "2027-02-03"),
        ("police.review.ask", NOV_20, "2026-12-18"),
        ("conference.hold", NOV_20, "2026-12-11"),
        ("health-records.reply", NOV_20, "2026-12-30"),
        ("health-records.reply-recent", NOV_20, "2026-12-11"),
    ],
)
def test_the_other_clocks(code, since, due):
    assert law().due(code, since) == day(due)


def test_a_pupils_record_is_counted_in_the_schools_own_days():
    terms = (
        Term(first_on=date(2026, 11, 2), last_on=date(2026, 12, 18)),
        Term(first_on=date(2027, 1, 5), last_on=date(2027, 2, 12)),
    )
    assert law().due("school.record", NOV_20, terms=terms) == date(2026, 12, 11)
    assert law().due("school.record", date(2026, 12, 4), terms=terms) == date(2027, 1, 11)


def test_every_uncertain_limit_can_be_set_and_moves():
    for code, entries in law().time_limits.items():
        if entries[-1].uncertain and len(entries) == 1:
            longer = load("england", overrides={f"time_limit/{code}": {"count": entries[0].count + 40}})
            assert longer.due(code, NOV_20) > law().due(code, NOV_20), code


def counted_days(limit):
    """Whether the unit itself cannot end on a day off."""
    return limit.unit in {Unit.WORKING_DAYS, Unit.SCHOOL_DAYS, Unit.HOURS}


@pytest.mark.parametrize("nation", NATIONS)
def test_what_the_family_must_do_is_never_due_later_than_its_bare_count(nation):
    """Months, years and days end where they end, Sunday or not; the organisation's own limits that roll do not."""
    rolled, on_days_off = 0, 0
    for entries in law(nation).time_limits.values():
        limit = entries[-1]
        if counted_days(limit):
            continue
        for offset in range(14):
            since = NOV_20 + timedelta(days=offset)
            last_on = due_date(limit, since, law(nation).calendar)
            bare_on = due_date(replace(limit, rolls=False), since, law(nation).calendar)
            is_day_off = not law(nation).calendar.is_working_day(bare_on)
            if limit.whose is WhoseLimit.FAMILY:
                assert last_on == bare_on, limit.code
                on_days_off += is_day_off
            elif limit.rolls:
                assert law(nation).calendar.is_working_day(last_on), limit.code
                rolled += is_day_off
    assert rolled
    assert on_days_off


def test_the_law_in_force_on_the_day_of_receipt_applies():
    old = calculate(date(2026, 2, 4), calendar=law().calendar, clarifications=pairs("2026-02-10:2026-02-12"))
    new = calculate(date(2026, 2, 5), calendar=law().calendar, clarifications=pairs("2026-02-10:2026-02-12"))
    assert (old.excluded_days, new.excluded_days) == (3, 3)
    assert not any("12A" in step.statute for step in old.steps)
    assert any("12A(5)" in step.statute for step in new.steps)
    assert "12A" not in law().time_limit("access.reply", date(2026, 2, 4)).citation
    assert "12A" in law().time_limit("access.reply", date(2026, 2, 5)).citation


@pytest.mark.parametrize("nation", NATIONS)
def test_each_part_says_until_when_its_holidays_are_published(nation):
    calendar = law(nation).calendar
    assert calendar.published_until is not None
    assert date(2027, 12, 31) <= calendar.published_until < calendar.covered_until
    assert law(nation).calendar_anywhere.published_until is not None
