"""The statutory clock of a subject access request: dated facts in, a due date and its reasons out.

``replay`` is pure. The same facts give the same answer whatever order they were entered in. What
only pauses or delays the clock is told apart: proof of identity, proof of authority and a fee move
the day the month *starts*; only a question about what an access request covers *pauses* it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sar.domain.calendar import ONE_DAY, Calendar, add_months, say_date
from sar.domain.clock_facts import (
    AskedAndGot,
    ClarificationCounting,
    ClockFacts,
    ClockStep,
    ExtensionNotice,
    Right,
    WaitingFor,
    excluded_days,
    not_in_the_future,
    require_possible,
    start_of,
    waiting_for,
)  # fmt: skip
from sar.domain.clock_words import EXTENDED_MONTHS, ONE_MONTH, tell
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
    "AskedAndGot", "ClarificationCounting", "ClockFacts", "ClockStep", "Counting", "Deadline",
    "ExtensionNotice", "Right", "Term", "TimeLimit", "Unit", "WaitingFor", "WhoseLimit",
    "calculate", "due_date", "due_moment", "not_in_the_future", "replay",
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
) -> Deadline:
    """Work out the due date.

    Raises ``ImpossibleDate`` for facts that contradict each other and ``NotAllowed`` for an
    extension the law does not give. ``explain=False`` leaves out the steps and the cautions.
    """
    require_possible(facts)
    start_on = start_of(facts)
    waiting = waiting_for(facts, right)
    excluded = 0
    if right is Right.ACCESS and facts.clarifications:
        excluded = len(excluded_days(facts.clarifications, start_on, counting))
    pause = ONE_DAY * excluded
    notice_by = add_months(start_on, ONE_MONTH) + pause
    if facts.extension is not None:
        _require_extension(facts.extension, facts.received_on, notice_by, waiting)
    months = ONE_MONTH if facts.extension is None else EXTENDED_MONTHS
    last_on = add_months(start_on, months) + pause
    due_on = calendar.roll_forward(last_on)
    started = not waiting or waiting == (WaitingFor.CLARIFICATION,)
    return Deadline(
        due_on=None if waiting else due_on,
        start_on=start_on if started else None,
        extension_notice_by=None if waiting else notice_by,
        extension_notice_latest=None if waiting else calendar.roll_forward(notice_by),
        excluded_days=excluded,
        not_before=due_on,
        extended=facts.extension is not None,
        waiting_for=waiting,
        cautions=_cautions(facts, start_on, months, counting, calendar) if explain else (),
        steps=tell(facts, calendar=calendar, counting=counting, right=right) if explain else (),
    )


def _require_extension(
    notice: ExtensionNotice, received_on: date, notice_by: date, waiting: tuple[WaitingFor, ...]
) -> None:
    if not notice.reasons.strip():
        raise NotAllowed(
            "An extension needs its reasons: how complex the request is, or how many there are.",
            next_step="Write the reasons that the family was given.",
            field="extension",
        )
    if notice.given_on < received_on:
        raise ImpossibleDate(
            "The extension notice is dated before the request.",
            next_step="Enter the day the notice was given to the family.",
            field="extension",
        )
    if notice.given_on > notice_by and not waiting:
        raise NotAllowed(
            f"The extension notice came too late: it had to be given by {say_date(notice_by)}.",
            next_step="The first due date stands. Answer now, and tell the family that it is late and why.",
            field="extension",
        )


def _cautions(
    facts: ClockFacts, start_on: date, months: int, counting: ClarificationCounting, calendar: Calendar
) -> tuple[str, ...]:
    """Questions asked after the time had already run out: counted as the rule is written, and flagged."""
    found: list[str] = []
    for question in sorted(facts.clarifications, key=lambda item: item.asked_on):
        earlier = [item for item in facts.clarifications if item.asked_on < question.asked_on]
        pause = ONE_DAY * len(excluded_days(earlier, start_on, counting))
        if question.asked_on > calendar.roll_forward(add_months(start_on, months) + pause):
            found.append(
                f"The question of {say_date(question.asked_on)} was asked after the time had run out. "
                "A pause cannot revive a time limit: treat the earlier date as the due date."
            )
    return tuple(found)


def _iso(on: date | None) -> str | None:
    return None if on is None else on.isoformat()
