"""What the clock refuses: each time it says what is wrong, what to do, and which field it is about."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sar.domain.amending import as_amended
from sar.domain.calendar import (
    ENGLAND_AND_WALES,
    SCOTLAND,
    Calendar,
    add_months,
    holidays_anywhere,
    parse_date,
)
from sar.domain.clock import (
    AskedAndGot,
    ClockFacts,
    ExtensionNotice,
    calculate,
    not_in_the_future,
    replay,
)
from sar.domain.errors import (
    BadLaw,
    CalendarNotCovered,
    ImpossibleDate,
    InvalidInput,
    NotAllowed,
    OutOfOrder,
)
from sar.domain.limits import Counting, Term, TimeLimit, Unit, WhoseLimit, due_date, due_moment
from sar.domain.references import CaseId
from sar.domain.trail import EventKind, next_event

NOV_20 = date(2026, 11, 20)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


def calendar(first=date(2026, 1, 1), last=date(2027, 12, 31), division=ENGLAND_AND_WALES, days=()):
    return Calendar(division=division, days=frozenset(days), covered_from=first, covered_until=last)


def limit(**changes):
    values = {
        "code": "x.limit", "title": "x", "instrument": "x", "unit": Unit.DAYS, "count": 10,
        "citation": "An Act s.1", "in_force_from": date(2020, 1, 1),
    }  # fmt: skip
    return TimeLimit(**(values | changes))


def extended(given_on, reasons="Many."):
    return replay(
        ClockFacts(received_on=NOV_20, extension=ExtensionNotice(given_on=given_on, reasons=reasons)),
        calendar=calendar(),
    )


def corrected(**facts):
    event = next_event(
        case=CaseId("c"), last=None, at=NOON, kind=EventKind.DATE_CORRECTED, by="olga", by_role="", leg=None,
        facts=facts,
    )  # fmt: skip
    as_amended([event])


LAW_FILES = "Correct the entry in the law files."
KNOWN = "Public holidays of England and Wales are known from 2026-01-01 to 2027-12-31; "
EXTEND = "Check the year, or extend the configured years once the holidays are published."

REFUSALS = {
    "no date": (
        lambda: parse_date("2026-02-30", field="received"), ImpossibleDate, "received",
        "The received date is not a real date.", "Write it as year-month-day, for example 2026-11-20.",
    ),
    "one date of two": (
        lambda: AskedAndGot.parse("2026-11-20", field="identity"), ImpossibleDate, "identity",
        "The identity needs two dates with a colon between them.",
        "Write the day it was asked and the day it came, like 2026-11-20:2026-12-04.",
    ),
    "first of two": (
        lambda: AskedAndGot.parse("soon:2026-11-20", field="fee"), ImpossibleDate, "fee",
        "The fee date is not a real date.", "Write it as year-month-day, for example 2026-11-20.",
    ),
    "second of two": (
        lambda: AskedAndGot.parse("2026-11-20:soon", field="fee"), ImpossibleDate, "fee",
        "The fee date is not a real date.", "Write it as year-month-day, for example 2026-11-20.",
    ),
    "too far": (
        lambda: add_months(date(9999, 12, 1), 1), ImpossibleDate, "date",
        "That date is outside every calendar.", "Check the year.",
    ),
    "too early": (
        lambda: add_months(date(1, 1, 31), -1), ImpossibleDate, "date",
        "That date is outside every calendar.", "Check the year.",
    ),
    "calendar upside down": (
        lambda: calendar(date(2026, 1, 2), date(2026, 1, 1)), InvalidInput, "years",
        "The calendar ends before it begins.", "Give the first and the last year in order.",
    ),
    "counted backwards": (
        lambda: calendar().add_working_days(NOV_20, -1), InvalidInput, "count",
        "Working days are counted forwards.", "Give a count of 0 or more.",
    ),
    "before the calendar": (
        lambda: calendar().is_working_day(date(2025, 12, 31)), CalendarNotCovered, "date",
        f"{KNOWN}2025-12-31 is outside.", EXTEND,
    ),
    "after the calendar": (
        lambda: calendar().is_holiday(date(2028, 1, 1)), CalendarNotCovered, "date",
        f"{KNOWN}2028-01-01 is outside.", EXTEND,
    ),
    "nothing to count from": (
        lambda: calendar().add_working_days(date(2025, 12, 31), 0), CalendarNotCovered, "date",
        f"{KNOWN}2025-12-31 is outside.", EXTEND,
    ),
    "no calendars": (
        lambda: holidays_anywhere([]), InvalidInput, "calendars",
        "There is no calendar to join.", "Give at least one calendar.",
    ),
    "no count": (
        lambda: limit(count=0), BadLaw, "x.limit",
        "x.limit: a time limit needs a count of at least 1.", LAW_FILES,
    ),
    "no citation": (
        lambda: limit(citation=" "), BadLaw, "x.limit", "x.limit: a time limit needs its citation.", LAW_FILES,
    ),
    "a family's limit that rolls": (
        lambda: limit(whose=WhoseLimit.FAMILY, rolls=True), BadLaw, "x.limit",
        "x.limit: a limit the family must keep is never rolled to a later day.", LAW_FILES,
    ),
    "hours without a time": (
        lambda: due_date(limit(unit=Unit.HOURS), NOV_20, calendar()), InvalidInput, "event",
        "A limit in hours needs a time of day.", "Give the exact time.",
    ),
    "a time for days": (
        lambda: due_moment(limit(), NOON), InvalidInput, "event",
        "This limit is counted in days, not hours.", "Use the date it runs from.",
    ),
    "a time without its zone": (
        lambda: due_moment(limit(unit=Unit.HOURS), NOON.replace(tzinfo=None)), ImpossibleDate, "event",
        "A time needs its time zone.", "Give the time in UTC.",
    ),
    "terms too short": (
        lambda: due_date(limit(unit=Unit.SCHOOL_DAYS), NOV_20, calendar()), CalendarNotCovered, "terms",
        "The school's term dates do not reach far enough to count its school days.",
        "Enter the school's term dates and count again.",
    ),
    "no reasons": (
        lambda: extended(NOV_20, "  "), NotAllowed, "extension",
        "An extension needs its reasons: how complex the request is, or how many there are.",
        "Write the reasons that the family was given.",
    ),
    "notice before the request": (
        lambda: extended(date(2026, 11, 19)), ImpossibleDate, "extension",
        "The extension notice is dated before the request.",
        "Enter the day the notice was given to the family.",
    ),
    "notice too late": (
        lambda: extended(date(2026, 12, 21)), NotAllowed, "extension",
        "The extension notice came too late: it had to be given by Sunday 20 December 2026.",
        "The first due date stands. Answer now, and tell the family that it is late and why.",
    ),
    "corrects nothing": (
        lambda: corrected(corrects=7, fact="got_on", on="2026-11-20"), OutOfOrder, "",
        "The trail corrects an entry that has no date.", "Check the trail with `sar trail verify`.",
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSALS)
def test_a_refusal_names_its_field_and_what_to_do(what):
    act, kind, field, message, next_step = REFUSALS[what]
    with pytest.raises(kind) as refused:
        act()
    assert type(refused.value) is kind
    assert (refused.value.message, refused.value.next_step) == (message, next_step)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("group", "field"),
    [
        ("identity", "identity"),
        ("authority", "authority"),
        ("fee", "fee"),
        ("clarifications", "clarification"),
    ],
)
def test_each_pair_of_dates_is_refused_under_its_own_name(group, field):
    before = {group: [AskedAndGot(asked_on=date(2026, 11, 19), got_on=NOV_20)]}
    with pytest.raises(ImpossibleDate) as early:
        calculate(NOV_20, calendar=calendar(), **before)
    assert early.value.message == f"The {field} was asked for before the request was received."
    assert early.value.next_step == "Check the two dates: the request comes first."
    backwards = {group: [AskedAndGot(asked_on=date(2026, 11, 24), got_on=date(2026, 11, 23))]}
    with pytest.raises(ImpossibleDate) as turned:
        calculate(NOV_20, calendar=calendar(), **backwards)
    assert turned.value.message == f"The {field} is dated as received before it was asked for."
    assert turned.value.next_step == "Give the day it was asked first, then the day it came."
    assert early.value.field == turned.value.field == field
    facts = ClockFacts(
        received_on=NOV_20, **{group: (AskedAndGot(asked_on=NOV_20, got_on=date(2026, 11, 24)),)}
    )
    not_in_the_future(facts, date(2026, 11, 24))
    with pytest.raises(ImpossibleDate) as ahead:
        not_in_the_future(facts, date(2026, 11, 23))
    assert (ahead.value.field, ahead.value.message) == (field, f"The {field} date is in the future.")
    assert ahead.value.next_step == "Enter the day it really happened, or wait until it has."
    asked_only = ClockFacts(received_on=NOV_20, **{group: (AskedAndGot(asked_on=date(2026, 11, 24)),)})
    with pytest.raises(ImpossibleDate):
        not_in_the_future(asked_only, date(2026, 11, 23))
    not_in_the_future(asked_only, date(2026, 11, 24))


# --- the edges next to each refusal ---------------------------------------------------------------


def test_the_first_and_the_last_day_of_a_calendar_belong_to_it():
    one = calendar(date(2026, 1, 1), date(2026, 1, 1), days=[date(2026, 1, 1)])
    assert one.is_holiday(date(2026, 1, 1))
    assert not one.is_working_day(date(2026, 1, 1))


def test_no_working_days_end_on_the_day_itself_and_each_day_off_is_passed_over():
    plain = calendar(days=[date(2026, 11, 23)])
    assert plain.add_working_days(date(2026, 11, 21), 0) == date(2026, 11, 21)
    assert plain.add_working_days(NOV_20, 1) == date(2026, 11, 24)
    assert plain.add_working_days(NOV_20, 3) == date(2026, 11, 26)
    assert plain.roll_forward(date(2026, 11, 21)) == date(2026, 11, 24)
    assert plain.is_working_day(NOV_20)
    assert not plain.is_working_day(date(2026, 11, 21))
    assert not plain.is_working_day(date(2026, 11, 22))


@pytest.mark.parametrize(
    ("on", "months", "then"),
    [
        (date(2026, 1, 28), 1, date(2026, 2, 28)),
        (date(2026, 1, 29), 1, date(2026, 2, 28)),
        (date(2028, 1, 29), 1, date(2028, 2, 29)),
        (date(2026, 1, 31), 3, date(2026, 4, 30)),
        (date(2026, 11, 30), 1, date(2026, 12, 30)),
        (date(2026, 12, 31), 1, date(2027, 1, 31)),
        (date(2026, 12, 28), 12, date(2027, 12, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(9999, 11, 30), 1, date(9999, 12, 30)),
        (date(9999, 11, 28), 1, date(9999, 12, 28)),
        (date(1, 2, 28), -1, date(1, 1, 28)),
        (date(1, 3, 31), -1, date(1, 2, 28)),
    ],
)
def test_months_keep_the_day_or_end_with_the_month(on, months, then):
    assert add_months(on, months) == then
    assert calendar().add_months(on, months) == then


def test_a_holiday_anywhere_counts_between_the_days_that_all_parts_know():
    here = calendar(date(2026, 1, 1), date(2027, 12, 31), days=[date(2026, 12, 25)])
    there = calendar(date(2026, 6, 1), date(2027, 6, 30), SCOTLAND, [date(2026, 11, 30)])
    both = holidays_anywhere(iter((here, there)))
    assert both.days == {date(2026, 12, 25), date(2026, 11, 30)}
    assert (both.covered_from, both.covered_until) == (date(2026, 6, 1), date(2027, 6, 30))
    assert both.division.code == "united-kingdom"


def test_school_days_end_with_the_last_day_of_the_last_term():
    term = Term(first_on=date(2026, 11, 16), last_on=date(2026, 11, 27))
    rule = limit(unit=Unit.SCHOOL_DAYS, count=5)
    assert due_date(rule, NOV_20, calendar(), terms=(term,)) == date(2026, 11, 27)
    with pytest.raises(CalendarNotCovered):
        due_date(rule, date(2026, 11, 23), calendar(), terms=(term,))
    first = limit(unit=Unit.SCHOOL_DAYS, count=1, counting=Counting.BEGINNING_WITH_EVENT)
    assert due_date(first, date(2026, 11, 16), calendar(), terms=(term,)) == date(2026, 11, 16)
    before = limit(unit=Unit.SCHOOL_DAYS, count=1)
    assert due_date(before, date(2026, 11, 1), calendar(), terms=(term,)) == date(2026, 11, 16)


def test_a_limit_of_hours_counts_every_hour():
    one = limit(unit=Unit.HOURS, count=1)
    assert due_moment(one, NOON) == NOON + timedelta(hours=1)


def test_a_limit_says_nothing_it_was_not_told():
    plain = limit(count=1)
    assert (plain.counting, plain.whose) == (Counting.AFTER_EVENT, WhoseLimit.ORGANISATION)
    assert not plain.rolls
    assert due_date(plain, NOV_20, calendar()) == date(2026, 11, 21)


def test_the_report_gives_every_key_to_scripts():
    report = calculate(
        NOV_20, calendar=calendar(), identity=[AskedAndGot(asked_on=date(2026, 12, 28))],
        clarifications=[AskedAndGot(asked_on=NOV_20, got_on=date(2026, 11, 23))],
    ).as_report()  # fmt: skip
    assert set(report) == {
        "due_on", "start_on", "extension_notice_by", "extension_notice_latest", "excluded_days", "waiting_for",
        "cautions", "steps",
    }  # fmt: skip
    assert report["cautions"]
    assert report["steps"][0] == {
        "text": "We received your request on Friday 20 November 2026.",
        "statute": "UK GDPR Article 12A(1)",
        "on": "2026-11-20",
    }
    waiting = calculate(NOV_20, calendar=calendar(), fee=[AskedAndGot(asked_on=NOV_20)]).as_report()
    assert (waiting["due_on"], waiting["start_on"], waiting["extension_notice_by"]) == (None, None, None)
    assert waiting["waiting_for"] == ["the fee"]


def test_dates_are_read_with_the_space_around_them():
    assert parse_date(" 2026-11-20\n", field="x") == NOV_20
    assert AskedAndGot.parse("2026-11-20: ", field="x") == AskedAndGot(asked_on=NOV_20)
