"""What moves a due date after receipt: questions to the family, notices of more time, dates put right.

Nothing is edited. A date put right is an event of its own, and so is an entry taken back.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from sar.domain.amending import DAYS, RECEIPTS, as_amended, day_of, is_dated
from sar.domain.calendar import uk_day
from sar.domain.case import ONLY_FIRST, CaseState, replay
from sar.domain.clock import ExtensionNotice
from sar.domain.clock import replay as replay_clock
from sar.domain.errors import (
    AlreadyDone,
    ImpossibleDate,
    InvalidInput,
    NotFound,
    OutOfOrder,
    SecondPersonNeeded,
)
from sar.domain.leg_state import Asked, unasked
from sar.domain.parties import Actor
from sar.domain.receiving import require_possible
from sar.domain.references import CaseId
from sar.domain.statutes import Law
from sar.domain.trail import Event, EventKind, next_event
from sar.ports.casework import clock_facts, leg_of, request_of, state_of
from sar.ports.keeping import Archive, CaseFile
from sar.ports.recording import record_with_words, require_day, require_officer, require_said

_Facts = Mapping[str, str | int]


class Timekeeping:
    """Records what pauses, extends or corrects a clock. A question or a notice is about one leg, or about all."""

    def __init__(self, *, archive: Archive, law: Law) -> None:
        self._archive = archive
        self._law = law

    def ask_clarification(
        self, case: CaseId, *, asked_on: date, question: str, at: datetime, by: Actor, leg: int | None = None
    ) -> None:
        """Ask what an access request is about: the days until the answer do not count (Article 12A(5))."""
        require_officer(by)
        require_said(question, "question", "Write the question you put to the family.")
        with self._archive.writing(case) as file:
            self._dated(file, asked_on, at, leg)
            _whole_route(state_of(file), leg)
            record_with_words(
                file, EventKind.CLARIFICATION_ASKED, question, at=at, by=by, leg=leg, asked_on=asked_on
            )

    def record_clarification(
        self, case: CaseId, *, answered_on: date, answer: str, at: datetime, by: Actor, leg: int | None = None,
        only_first: bool = False,
    ) -> None:  # fmt: skip
        """The family answered what was put about this leg, or about the whole request.

        :param only_first: it answers the oldest open question alone, and the others stay open.
        """
        require_said(answer, "answer", "Write what the family answered.")
        with self._archive.writing(case) as file:
            self._dated(file, answered_on, at, leg)
            state = state_of(file)
            asked = state.clarifications(None) if leg is None else state.own_clarifications(leg)
            if not any(_was_open(one, answered_on) for one in asked):
                raise ImpossibleDate(
                    "No question was open on that day.",
                    next_step="Record the question first, with the day it was asked.",
                    field="answered_on",
                )
            record_with_words(
                file, EventKind.CLARIFICATION_ANSWERED, answer, at=at, by=by, leg=leg, answered_on=answered_on,
                **({"answers": ONLY_FIRST} if only_first else {}),
            )  # fmt: skip

    def extend(
        self,
        case: CaseId,
        *,
        notified_on: date,
        reasons: str,
        at: datetime,
        by: Actor,
        leg: int | None = None,
    ) -> None:
        """Record a notice of up to two further months, if it was given in time and with reasons.

        For the whole request it must be in time for every leg; a leg that is late can be left out by
        recording the notice for the others, one by one.
        """
        require_officer(by)
        with self._archive.writing(case) as file:
            self._dated(file, notified_on, at, leg)
            state = state_of(file)
            numbers = _whole_route(state, leg)
            notice = ExtensionNotice(given_on=notified_on, reasons=reasons)
            for number in numbers:
                if state.extended_on(number) is not None:
                    raise AlreadyDone(
                        "A notice of more time is already recorded: there is only one.",
                        next_step="If its day is wrong, correct that day. If it was never given, take it back.",
                        field="notified_on",
                    )
                replay_clock(
                    clock_facts(state, number, extension=notice),
                    calendar=self._law.calendar, counting=self._law.clarification_counting, explain=False,
                )  # fmt: skip
            record_with_words(
                file, EventKind.EXTENSION_NOTIFIED, reasons, at=at, by=by, leg=leg, notified_on=notified_on
            )

    def correct_date(
        self, case: CaseId, *, event: int, on: date, reason: str, at: datetime, by: Actor
    ) -> None:
        """Put the day of an earlier entry right. The entry stays as it is; the clock runs from the right day.

        :param event: the entry's number in the trail.
        """
        require_officer(by)
        require_said(reason, "reason", "Write how you know the right day.")
        with self._archive.writing(case) as file:
            entry = _entry(file, event)
            if on > uk_day(at):
                raise ImpossibleDate(
                    "That date is in the future.", next_step="Enter the day it happened.", field="on"
                )
            if on == _present_day(file, event):
                raise InvalidInput(
                    "That is the day already recorded.", next_step="Enter the right day.", field="on"
                )
            facts: _Facts = {"corrects": event, "fact": DAYS[entry.kind], "on": on.isoformat()}
            self._require_possible(file, EventKind.DATE_CORRECTED, entry, facts, at=at, by=by, field="on")
            record_with_words(file, EventKind.DATE_CORRECTED, reason, at=at, by=by, leg=entry.leg, **facts)

    def withdraw_entry(self, case: CaseId, *, event: int, reason: str, at: datetime, by: Actor) -> None:
        """Take back an entry that was made by mistake. It stays in the trail and moves no date any more."""
        require_officer(by)
        require_said(reason, "reason", "Write why the entry was a mistake.")
        with self._archive.writing(case) as file:
            entry = _entry(file, event)
            if entry.kind in RECEIPTS:
                raise InvalidInput(
                    "The request itself cannot be taken back here.",
                    next_step="Correct the day it was received.",
                    field="event",
                )
            if entry.kind is EventKind.IDENTITY_ASKED and entry.by == by.id:
                raise SecondPersonNeeded(
                    "You recorded this doubt yourself, and it protects the person whose records are asked for.",
                    next_step="Ask another officer to look at it and take it back.",
                    field="event",
                )
            facts: _Facts = {"withdraws": event}
            self._require_possible(file, EventKind.ENTRY_WITHDRAWN, entry, facts, at=at, by=by, field="event")
            record_with_words(file, EventKind.ENTRY_WITHDRAWN, reason, at=at, by=by, leg=entry.leg, **facts)

    def _dated(self, file: CaseFile, on: date, at: datetime, leg: int | None) -> None:
        _leg(file, leg)
        state = state_of(file)
        received_on = state.received_on if leg is None else state.received_for(leg)
        require_day(on, at=at, received_on=received_on)

    def _require_possible(
        self, file: CaseFile, kind: EventKind, entry: Event, facts: _Facts, *, at: datetime,
        by: Actor, field: str,
    ) -> None:  # fmt: skip
        """Refuse a correction after which the dates of the case would contradict each other."""
        events = file.events()
        added = next_event(
            case=file.id, last=events[-1], at=at, kind=kind, by=by.id, by_role="", leg=entry.leg, facts=facts
        )
        before, after = state_of(file), replay((*events, added))
        if _unasked(after) > _unasked(before):
            raise ImpossibleDate(
                "After that, something would have come before it was asked for.",
                next_step="Put the other date of the pair right first, or take back what came.",
                field=field,
            )
        try:
            require_possible(after, request_of(file), self._law)
        except InvalidInput as refused:
            raise ImpossibleDate(refused.message, next_step=refused.next_step, field=field) from refused
        for number in after.legs:
            told_on = after.extended_on(number)
            if told_on is not None and told_on < after.received_for(number):
                raise ImpossibleDate(
                    "The notice of more time would be dated before the request.",
                    next_step="Put the day of the notice right first.",
                    field=field,
                )
            try:
                replay_clock(
                    clock_facts(after, number), calendar=self._law.calendar,
                    counting=self._law.clarification_counting, explain=False, refuse=False,
                )  # fmt: skip
            except InvalidInput as refused:
                raise ImpossibleDate(refused.message, next_step=refused.next_step, field=field) from refused


def _entry(file: CaseFile, seq: int) -> Event:
    """A dated entry that still stands."""
    amended = as_amended(file.events())
    for event in file.events():
        if event.seq == seq and is_dated(event):
            if seq in amended.withdrawn:
                raise OutOfOrder(
                    "That entry was taken back already.", next_step="Open the case again.", field="event"
                )
            return event
    raise NotFound(
        "There is no dated entry of that number.",
        next_step="Choose one from the list of dates.",
        field="event",
    )


def _present_day(file: CaseFile, seq: int) -> date:
    return next(day_of(event) for event in as_amended(file.events()).events if event.seq == seq)


def _unasked(state: CaseState) -> int:
    """How many answers and proofs stand there that belong to no question before them."""
    count = 0
    for number in (None, *state.legs):
        asked = state.clarifications(None) if number is None else state.own_clarifications(number)
        came = [answer.on for answer in state.answers if answer.leg == number]
        count += unasked([one.asked_on for one in asked], came)
    for leg in state.legs.values():
        count += unasked(leg.identity_asked, leg.identity_got)
        count += unasked(leg.authority_asked, leg.authority_got)
    return count


def _leg(file: CaseFile, leg: int | None) -> None:
    if leg is not None:
        leg_of(file, leg)


def _whole_route(state: CaseState, leg: int | None) -> tuple[int, ...]:
    """The legs that a pause or a notice of more time moves: no law but subject access knows either."""
    found = tuple(n for n, one in state.legs.items() if one.whole_route and leg in {None, n})
    if not found:
        raise OutOfOrder(
            "The law that answers this part knows no pause and no longer time.",
            next_step="Write to the family without it, and answer by the day that this law sets.",
            field="leg",
        )
    return found


def _was_open(one: Asked, on: date) -> bool:
    return one.asked_on <= on and (one.got_on is None or on < one.got_on)
