"""What an officer should look at beside a due date. A caution never moves a date."""

from __future__ import annotations

from datetime import date

from sar.domain.calendar import Calendar, say_date
from sar.domain.clock_counting import Counted
from sar.domain.clock_facts import ClockFacts, Right, WaitingFor

REMINDER_DAYS = 28
"""How long a question may stay open before an officer is reminded, unless the law files say otherwise."""


def cautions(counted: Counted, due_on: date, calendar: Calendar, *, refused: str = "") -> tuple[str, ...]:
    """What came too late, an extension that does not count, and a date that is still a forecast."""
    found = [f"{refused} The extension does not count."] if refused else []
    for what, thing in counted.late:
        if what is WaitingFor.CLARIFICATION:
            said = f"The question of {say_date(thing.asked_on)} was asked after the time had run out."
            found.append(f"{said} It does not pause the count: the earlier due date stands.")
        else:
            asked = f"{what.value[:1].upper()}{what.value[1:]} was asked for on {say_date(thing.asked_on)}"
            said = (
                "after the time had run out. That cannot start the time again: the earlier due date stands."
            )
            found.append(f"{asked}, {said}")
    return (*found, *forecast(due_on, calendar))


def forecast(due_on: date, calendar: Calendar) -> tuple[str, ...]:
    """A caution when the public holidays of that time are worked out but not yet published."""
    until = calendar.published_until
    if until is None or due_on <= until:
        return ()
    said = f"the public holidays of {calendar.division.title} are published until {say_date(until)}"
    return (f"{say_date(due_on)} is a forecast: {said}. Work it out again when the later ones are.",)


def reminders(
    facts: ClockFacts, *, on: date, after_days: int = REMINDER_DAYS, right: Right = Right.ACCESS
) -> tuple[str, ...]:
    """Questions that have been open for long. The case stays open: a person decides what to do."""
    if right is not Right.ACCESS:
        return ()
    return tuple(
        f"The question of {say_date(question.asked_on)} has had no answer for {(on - question.asked_on).days} "
        "days. Ask again in another way, or answer with what you have found. Nothing closes by itself."
        for question in sorted(facts.clarifications, key=lambda one: one.asked_on)
        if question.got_on is None and (on - question.asked_on).days >= after_days
    )
