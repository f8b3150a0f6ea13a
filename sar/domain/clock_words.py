"""One replay of the clock in sentences: what a parent reads, and the statute an officer checks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sar.domain.calendar import Calendar, add_months, say_date
from sar.domain.clock_counting import EXTENDED_MONTHS, Counted, excluded_days
from sar.domain.clock_facts import (
    AskedAndGot,
    ClarificationCounting,
    ClockFacts,
    ClockStep,
    DateCorrection,
    DatedFact,
    Right,
    WaitingFor,
)  # fmt: skip

ARTICLE_12A_FROM = date(2026, 2, 5)
"""Requests received earlier keep the old rule: same month, the pause only by the regulator's guidance."""
_COUNTING_RULE = "Regulation 1182/71 Article 3, by UK GDPR Article 4A and DPA 2018 s.205(2)"
_ACCURACY_RULE = "UK GDPR Article 5(1)(d): what we keep must be accurate"
_TOO_LATE = "Our time had already run out, so this does not change the date."
_AWAITED = {
    WaitingFor.IDENTITY: "proof of who you are",
    WaitingFor.AUTHORITY: "proof that you may ask for this person",
    WaitingFor.FEE: "the fee",
    WaitingFor.CLARIFICATION: "your answer to our question",
}
_CORRECTED = {
    DatedFact.RECEIVED: "we received your request",
    DatedFact.IDENTITY_ASKED: "we asked for proof of who you are",
    DatedFact.IDENTITY_GOT: "we received proof of who you are",
    DatedFact.AUTHORITY_ASKED: "we asked for proof that you may ask for this person",
    DatedFact.AUTHORITY_GOT: "we received proof that you may ask for this person",
    DatedFact.QUESTION_ASKED: "we asked you a question about your request",
    DatedFact.QUESTION_ANSWERED: "you answered our question",
    DatedFact.MORE_TIME_TOLD: "we told you that we need more time",
}


def tell(
    facts: ClockFacts, counted: Counted, *, calendar: Calendar, counting: ClarificationCounting,
    right: Right, months: int,
) -> tuple[ClockStep, ...]:  # fmt: skip
    """Every step of the replay, oldest first, ending with the due date or what is awaited."""
    told = _Telling(facts, counted, calendar=calendar, counting=counting, right=right, months=months)
    return tuple(told.steps())


class _Telling:
    """Puts one replay into sentences, in the order things happened."""

    def __init__(
        self, facts: ClockFacts, counted: Counted, *, calendar: Calendar, counting: ClarificationCounting,
        right: Right, months: int,
    ) -> None:  # fmt: skip
        self.facts, self.counted, self.calendar = facts, counted, calendar
        self.counting, self.right, self.months = counting, right, months
        self.new_rule = facts.received_on >= ARTICLE_12A_FROM

    def steps(self) -> Iterator[ClockStep]:
        """Receipt, then what was asked in order of its date, then the counting."""
        received_on = self.facts.received_on
        yield self._step(f"We received your request on {say_date(received_on)}.", "(1)", received_on)
        yield from sorted(self._events(), key=lambda step: (step.on, step.text_for_family))
        yield from self._count()

    def _events(self) -> Iterator[ClockStep]:
        facts = self.facts
        for group, what, said, rule in (
            (facts.identity, WaitingFor.IDENTITY, "proof of who you are", "(2)(b)"),
            (facts.authority, WaitingFor.AUTHORITY, "proof that you may ask for this person", "(2)"),
            (facts.fee, WaitingFor.FEE, "a fee", "(2)(c)"),
        ):
            for thing in group:
                text = self._asked(thing, said, is_late=(what, thing) in self.counted.late)
                yield self._step(text, rule, thing.asked_on)
        for question in facts.clarifications:
            yield self._step(self._question(question), "(5)", question.asked_on)
        if facts.extension is not None:
            given_on = facts.extension.given_on
            yield self._step(self._more_time(given_on), "(3)-(4)", given_on)
        for correction in facts.corrections:
            text = _put_right(correction)
            yield ClockStep(text_for_family=text, statute=_ACCURACY_RULE, on=correction.made_on)

    def _asked(self, thing: AskedAndGot, what: str, *, is_late: bool) -> str:
        asked = f"We asked for {what} on {say_date(thing.asked_on)}"
        if is_late:
            return f"{asked}. {_TOO_LATE}"
        if thing.got_on is None:
            return f"{asked}. It has not come yet. The month starts on the day it comes."
        received = f"{asked} and received it on {say_date(thing.got_on)}"
        if thing.got_on == self.counted.start_on:
            return f"{received}. So the month runs from then."
        return f"{received}."

    def _question(self, question: AskedAndGot) -> str:
        asked = f"We asked you a question about your request on {say_date(question.asked_on)}."
        answered = "" if question.got_on is None else f" You answered on {say_date(question.got_on)}."
        if self.right is not Right.ACCESS:
            why = "This does not stop the count: only a request for a copy can be paused."
            return f"{asked}{answered} {why}"
        if (WaitingFor.CLARIFICATION, question) in self.counted.late:
            return f"{asked}{answered} {_TOO_LATE}"
        if question.got_on is None:
            return f"{asked} The count stops until you answer."
        days = len(excluded_days((question,), self.counted.start_on, self.counting))
        if days and question.asked_on < self.counted.start_on:
            began = f"The month began on {say_date(self.counted.start_on)}"
            return f"{asked}{answered} {began}: {_days(days)} not count from then on."
        if days:
            return f"{asked}{answered} {_days(days)} not count towards our time."
        if question.got_on == question.asked_on:
            return f"{asked}{answered} You answered on the same day, so no time was lost."
        return f"{asked}{answered} This changes nothing, because the month had not begun."

    def _more_time(self, given_on: date) -> str:
        if self.months == EXTENDED_MONTHS:
            return f"We told you on {say_date(given_on)} that we need up to two more months, and why."
        told = f"We told you on {say_date(given_on)} that we need more time."
        return f"{told} That does not count, so the first date stands."

    def _count(self) -> Iterator[ClockStep]:
        counted = self.counted
        if counted.waiting:
            waits = " and ".join(_AWAITED[thing] for thing in counted.waiting)
            text = f"We are waiting for {waits}. We can give you the last day once we have it."
            paragraph = "(5)" if WaitingFor.CLARIFICATION in counted.waiting else "(2)"
            yield self._step(text, paragraph, counted.start_on)
            return
        raw_on = add_months(counted.start_on, self.months)
        length = "Three months" if self.months == EXTENDED_MONTHS else "One month"
        text = f"{length} from {say_date(counted.start_on)} ends on {say_date(raw_on)}."
        yield ClockStep(text_for_family=text, statute=_COUNTING_RULE, on=raw_on)
        paused_on = counted.last_on(self.months)
        if counted.excluded:
            added = f"{self._all_days()}, so the time ends on {say_date(paused_on)}."
            yield self._step(added, "(5)", paused_on)
        due_on = self.calendar.roll_forward(paused_on)
        if due_on != paused_on:
            why = "a public holiday" if self.calendar.is_holiday(paused_on) else "at the weekend"
            rolled = f"That day is {why}, so the last day is the next working day, {say_date(due_on)}."
            yield ClockStep(text_for_family=rolled, statute=_COUNTING_RULE, on=due_on)
        yield self._step(f"You should have our answer by {say_date(due_on)}.", "(1)", due_on)

    def _all_days(self) -> str:
        """The days left out in all. Two questions may have been open on one day: it is said."""
        counted = self.counted
        days = f"{_days(len(counted.excluded))} not count"
        each = sum(
            len(excluded_days((question,), counted.start_on, self.counting))
            for question in self.facts.clarifications
            if (WaitingFor.CLARIFICATION, question) not in counted.late
        )
        return days if each == len(counted.excluded) else f"{days} in all, each day taken once"

    def _step(self, text: str, paragraph: str, on: date) -> ClockStep:
        if self.new_rule:
            statute = f"UK GDPR Article 12A{paragraph}"
        else:
            statute = "UK GDPR Article 12(3) before 5 February 2026, with the regulator's guidance"
        return ClockStep(text_for_family=text, statute=statute, on=on)


def _put_right(correction: DateCorrection) -> str:
    what = f"{_CORRECTED[correction.what]} on"
    made = f"On {say_date(correction.made_on)} we"
    if correction.now is None:
        return f"{made} took back a note that {what} {say_date(correction.was)}. It was made by mistake."
    now, was = say_date(correction.now), say_date(correction.was)
    return f"{made} put a date right: {what} {now}, not on {was}."


def _days(count: int) -> str:
    return "One day does" if count == 1 else f"{count} days do"
