"""One replay of the clock in sentences: what a parent reads, and the statute an officer checks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sar.domain.calendar import ONE_DAY, Calendar, add_months, say_date
from sar.domain.clock_facts import (
    AskedAndGot,
    ClarificationCounting,
    ClockFacts,
    ClockStep,
    Right,
    WaitingFor,
    excluded_days,
    start_of,
    waiting_for,
)  # fmt: skip

ARTICLE_12A_FROM = date(2026, 2, 5)
"""Requests received earlier keep the old rule: same month, the pause only by the regulator's guidance."""
ONE_MONTH = 1
EXTENDED_MONTHS = 3
_COUNTING_RULE = "Regulation 1182/71 Article 3, by UK GDPR Article 4A and DPA 2018 s.205(2)"


def tell(
    facts: ClockFacts, *, calendar: Calendar, counting: ClarificationCounting, right: Right
) -> tuple[ClockStep, ...]:
    """Every step of the replay, oldest first, ending with the due date or what is awaited."""
    return tuple(_Telling(facts, calendar, counting, right).steps())


class _Telling:
    """Puts one replay into sentences, in the order things happened."""

    def __init__(
        self, facts: ClockFacts, calendar: Calendar, counting: ClarificationCounting, right: Right
    ) -> None:
        self.facts, self.calendar, self.counting, self.right = facts, calendar, counting, right
        self.start_on = start_of(facts)
        self.waiting = waiting_for(facts, right)
        self.new_rule = facts.received_on >= ARTICLE_12A_FROM

    def steps(self) -> Iterator[ClockStep]:
        """Receipt, then what was asked in order of its date, then the counting."""
        received_on = self.facts.received_on
        yield self._step(f"We received your request on {say_date(received_on)}.", "(1)", received_on)
        yield from sorted(self._events(), key=lambda step: (step.on, step.text_for_family))
        yield from self._count()

    def _events(self) -> Iterator[ClockStep]:
        facts = self.facts
        for group, what, rule in (
            (facts.identity, "proof of who you are", "(2)(b)"),
            (facts.authority, "proof that you may ask for this person", "(2)"),
            (facts.fee, "a fee", "(2)(c)"),
        ):
            for thing in group:
                yield self._asked(thing, what, rule)
        for question in facts.clarifications:
            yield self._question(question)
        if facts.extension is not None:
            given_on = facts.extension.given_on
            told = f"We told you on {say_date(given_on)} that we need up to two more months, and why."
            yield self._step(told, "(3)-(4)", given_on)

    def _asked(self, thing: AskedAndGot, what: str, rule: str) -> ClockStep:
        asked = f"We asked for {what} on {say_date(thing.asked_on)}"
        if thing.got_on is None:
            text = f"{asked}. It has not come yet. The month starts on the day it comes."
        elif thing.got_on == self.start_on:
            text = f"{asked} and received it on {say_date(thing.got_on)}. So the month runs from then."
        else:
            text = f"{asked} and received it on {say_date(thing.got_on)}."
        return self._step(text, rule, thing.asked_on)

    def _question(self, question: AskedAndGot) -> ClockStep:
        asked = f"We asked you a question about your request on {say_date(question.asked_on)}."
        if question.got_on is None:
            return self._step(f"{asked} The count stops until you answer.", "(5)", question.asked_on)
        days = len(excluded_days((question,), self.start_on, self.counting))
        answered = f"{asked} You answered on {say_date(question.got_on)}."
        if self.right is not Right.ACCESS:
            text = f"{answered} This does not stop the count: only a request for a copy can be paused."
        elif days:
            text = f"{answered} {_days(days)} not count towards our time."
        else:
            text = f"{answered} This changes nothing, because the month had not begun."
        return self._step(text, "(5)", question.asked_on)

    def _count(self) -> Iterator[ClockStep]:
        if self.waiting:
            waits = " and ".join(thing.value for thing in self.waiting)
            text = f"We are waiting for {waits}. We can give you the last day once we have it."
            paragraph = "(5)" if WaitingFor.CLARIFICATION in self.waiting else "(2)"
            yield self._step(text, paragraph, self.start_on)
            return
        extended = self.facts.extension is not None
        months = EXTENDED_MONTHS if extended else ONE_MONTH
        raw_on = add_months(self.start_on, months)
        length = "Three months" if extended else "One month"
        counted = f"{length} from {say_date(self.start_on)} ends on {say_date(raw_on)}."
        yield ClockStep(text_for_family=counted, statute=_COUNTING_RULE, on=raw_on)
        excluded: set[int] = set()
        if self.right is Right.ACCESS:
            excluded = excluded_days(self.facts.clarifications, self.start_on, self.counting)
        paused_on = raw_on + ONE_DAY * len(excluded)
        if excluded:
            added = f"{_days(len(excluded))} not count, so the time ends on {say_date(paused_on)}."
            yield self._step(added, "(5)", paused_on)
        due_on = self.calendar.roll_forward(paused_on)
        if due_on != paused_on:
            why = "a public holiday" if self.calendar.is_holiday(paused_on) else "at the weekend"
            rolled = f"That day is {why}, so the last day is the next working day, {say_date(due_on)}."
            yield ClockStep(text_for_family=rolled, statute=_COUNTING_RULE, on=due_on)
        yield self._step(f"You should have our answer by {say_date(due_on)}.", "(1)", due_on)

    def _step(self, text: str, paragraph: str, on: date) -> ClockStep:
        if self.new_rule:
            statute = f"UK GDPR Article 12A{paragraph}"
        else:
            statute = "UK GDPR Article 12(3) before 5 February 2026, with the regulator's guidance"
        return ClockStep(text_for_family=text, statute=statute, on=on)


def _days(count: int) -> str:
    return "One day does" if count == 1 else f"{count} days do"
