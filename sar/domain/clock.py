"""The statutory clock of a subject access request: dated facts in, a due date and its reasons out.

``replay`` is pure. The same facts give the same answer whatever order they were entered in. What
only pauses or delays the clock is told apart: proof of identity, proof of authority and a fee move
the day the month *starts*; only a question about what an access request covers *pauses* it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sar.domain.calendar import Calendar, say_date
from sar.domain.clock_cautions import cautions
from sar.domain.clock_counting import EXTENDED_MONTHS, ONE_MONTH, Counted, count
from sar.domain.clock_facts import (
    AskedAndGot,
    ClarificationCounting,
    ClockFacts,
    ClockStep,
    DateCorrection,
    DatedFact,
    ExtensionNotice,
    Right,
    WaitingFor,
    not_in_the_future,
    require_possible,
)  # fmt: skip
from sar.domain.clock_words import tell
from sar.domain.errors import ImpossibleDate, NotAllowed
from sar.domain.limits import (
    Counting,
    Term,
    TimeLimit,
    Unit,
    WhoseLimit,
    due_date,
    due_moment,
)  # fmt: skip

__all__ = [
    "AskedAndGot", "ClarificationCounting", "ClockFacts", "ClockStep", "Counting", "DateCorrection",
    "DatedFact", "Deadline", "ExtensionNotice", "Right", "Term", "TimeLimit", "Unit", "WaitingFor",
    "WhoseLimit", "calculate", "due_date", "due_moment", "not_in_the_future", "replay",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """The answer. While something is awaited there is no due date, only the earliest it can be."""

    due_on: date | None
    start_on: date | None
    extension_notice_by: date | None
    """The safe last day to give notice of an extension: never rolled to a later day."""
    extension_notice_latest: date | None
    excluded_days: int
    not_before: date
    """The due date, or the earliest it can still become."""
    extended: bool = False
    waiting_for: tuple[WaitingFor, ...] = ()
    cautions: tuple[str, ...] = ()
    """For officers: what a person should look at. A caution never moves a date."""
    steps: tuple[ClockStep, ...] = ()

    def as_report(self) -> dict[str, object]:
        """The stable keys printed by ``sar clock --json``."""
        return {
            "due_on": _iso(self.due_on),
            "start_on": _iso(self.start_on),
            "extension_notice_by": _iso(self.extension_notice_by),
            "extension_notice_latest": _iso(self.extension_notice_latest),
            "excluded_days": self.excluded_days,
            "waiting_for": [thing.value for thing in self.waiting_for],
            "cautions": list(self.cautions),
            "steps": [
                {"text": step.text_for_family, "statute": step.statute, "on": step.on.isoformat()}
                for step in self.steps
            ],
        }


def calculate(
    received_on: date,
    *,
    calendar: Calendar,
    identity: Iterable[AskedAndGot] = (),
    authority: Iterable[AskedAndGot] = (),
    fee: Iterable[AskedAndGot] = (),
    clarifications: Iterable[AskedAndGot] = (),
    extended_on: date | None = None,
    counting: ClarificationCounting = ClarificationCounting.INCLUSIVE,
) -> Deadline:
    """The calculator behind ``sar clock``; ``extended_on`` states that a reasoned notice was given."""
    notice = None
    if extended_on is not None:
        notice = ExtensionNotice(given_on=extended_on, reasons="Stated to the calculator.")
    facts = ClockFacts(
        received_on=received_on, identity=tuple(identity), authority=tuple(authority), fee=tuple(fee),
        clarifications=tuple(clarifications), extension=notice,
    )  # fmt: skip
    return replay(facts, calendar=calendar, counting=counting)


def replay(
    facts: ClockFacts,
    *,
    calendar: Calendar,
    counting: ClarificationCounting = ClarificationCounting.INCLUSIVE,
    right: Right = Right.ACCESS,
    explain: bool = True,
    refuse: bool = True,
) -> Deadline:
    """Work out the due date.

    Raises ``ImpossibleDate`` for facts that contradict each other and ``NotAllowed`` for an
    extension the law does not give. ``explain=False`` leaves out the steps and the cautions.
    ``refuse=False`` is for a case as recorded: an extension that a later correction of a date took
    the ground from does not count, and a caution says why.
    """
    require_possible(facts)
    counted = count(facts, calendar=calendar, counting=counting, right=right, months=ONE_MONTH)
    refusal = _extension_refused(facts, counted)
    if refusal is not None and refuse:
        raise refusal
    months = ONE_MONTH
    if facts.extension is not None and refusal is None:
        months = EXTENDED_MONTHS
        if counted.late:
            # With more time, a question of the second month is in time.
            counted = count(facts, calendar=calendar, counting=counting, right=right, months=months)
    notice_by = counted.last_on(ONE_MONTH)
    due_on = calendar.roll_forward(counted.last_on(months))
    waiting = counted.waiting
    started = not waiting or waiting == (WaitingFor.CLARIFICATION,)
    said = refusal.message if refusal else ""
    return Deadline(
        due_on=None if waiting else due_on,
        start_on=counted.start_on if started else None,
        extension_notice_by=None if waiting else notice_by,
        extension_notice_latest=None if waiting else calendar.roll_forward(notice_by),
        excluded_days=len(counted.excluded),
        not_before=due_on,
        extended=months == EXTENDED_MONTHS,
        waiting_for=waiting,
        cautions=cautions(counted, due_on, calendar, refused=said) if explain else (),
        steps=tell(facts, counted, calendar=calendar, counting=counting, right=right, months=months)
        if explain
        else (),
    )


def _extension_refused(facts: ClockFacts, counted: Counted) -> NotAllowed | ImpossibleDate | None:
    """Why the notice of an extension does not count; None when it does, or when there is none."""
    notice = facts.extension
    if notice is None:
        return None
    if not notice.reasons.strip():
        return NotAllowed(
            "An extension needs its reasons: how complex the request is, or how many there are.",
            next_step="Write the reasons that the family was given.",
            field="extension",
        )
    if notice.given_on < facts.received_on:
        return ImpossibleDate(
            "The extension notice is dated before the request.",
            next_step="Enter the day the notice was given to the family.",
            field="extension",
        )
    notice_by = counted.last_on(ONE_MONTH)
    if notice.given_on > notice_by and not counted.waiting:
        return NotAllowed(
            f"The extension notice came too late: it had to be given by {say_date(notice_by)}.",
            next_step="The first due date stands. Answer now, and tell the family that it is late and why.",
            field="extension",
        )
    return None


def _iso(on: date | None) -> str | None:
    return None if on is None else on.isoformat()
