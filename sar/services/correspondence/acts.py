"""What is recorded in the same breath as a letter: both land, or neither does.

The file is open for writing and the letter has passed the gate. Whatever is refused here stops the letter.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from sar.domain.complaints import ComplaintEvent, ComplaintFact
from sar.domain.complaints import state_of as complaint_state
from sar.domain.errors import NotFound, OutOfOrder
from sar.domain.letters import ClockAct
from sar.domain.parties import Actor
from sar.domain.rectification import PlaceState
from sar.domain.trail import EventKind
from sar.ports.casework import complaint_of, correction_of
from sar.ports.keeping import Collection
from sar.ports.recording import record_with_words
from sar.services.correspondence.disputes import outcome_of
from sar.services.correspondence.making import Making


def record_act(act: ClockAct, making: Making, *, at: datetime, by: Actor) -> None:
    """Record what the letter does."""
    if step := _ACTS.get(act):
        step(making, at, by)


def _identity(making: Making, at: datetime, by: Actor) -> None:
    """A reasonable doubt was recorded, and proof asked for (UK GDPR Article 12(6))."""
    record_with_words(
        making.file, EventKind.IDENTITY_ASKED, making.wanted.said["reason"], at=at, by=by, leg=making.leg.number,
        asked_on=making.on,
    )  # fmt: skip


def _question(making: Making, at: datetime, by: Actor) -> None:
    """The days until the answer do not count (Article 12A(5))."""
    record_with_words(
        making.file, EventKind.CLARIFICATION_ASKED, making.wanted.said["question"], at=at, by=by,
        leg=making.leg.number, asked_on=making.on,
    )  # fmt: skip


def _extension(making: Making, at: datetime, by: Actor) -> None:
    """Notice of more time for this leg: the clock has checked its day when the letter was made."""
    record_with_words(
        making.file, EventKind.EXTENSION_NOTIFIED, making.wanted.said["reasons"], at=at, by=by,
        leg=making.leg.number, notified_on=making.on,
    )  # fmt: skip


def _complaint_acknowledged(making: Making, at: datetime, by: Actor) -> None:
    fact = ComplaintFact(event=ComplaintEvent.ACKNOWLEDGED, on=making.on)
    _add_to_complaint(making, fact, at, by)


def _complaint_answered(making: Making, at: datetime, by: Actor) -> None:
    outcome = outcome_of(making.wanted.outcome)
    fact = ComplaintFact(event=ComplaintEvent.ANSWERED, on=making.on, outcome=outcome)
    _add_to_complaint(making, fact, at, by)


def _add_to_complaint(making: Making, fact: ComplaintFact, at: datetime, by: Actor) -> None:
    file, name = making.file, making.wanted.complaint
    kept = complaint_of(file, name)
    changed = replace(kept.complaint, facts=(*kept.complaint.facts, fact))
    state = complaint_state(changed, making.law)  # Refuses what contradicts the dates already there.
    file.keep(Collection.COMPLAINT, name, replace(kept, complaint=changed))
    if words := making.wanted.said.get("words", "").strip():
        file.keep(Collection.NOTE, f"complaint-{name}-{len(changed.facts)}", (words,))
    answered = fact.event is ComplaintEvent.ANSWERED
    file.record(
        EventKind.COMPLAINT_ANSWERED if answered else EventKind.COMPLAINT_ACKNOWLEDGED, at=at, by=by, leg=kept.leg,
        complaint=name, stage=state.stage, on=fact.on.isoformat(),
        outcome=fact.outcome.value if fact.outcome else None,
    )  # fmt: skip


def _holder_told(making: Making, at: datetime, by: Actor) -> None:
    """The holder of one copy was told (Article 19)."""
    file, name = making.file, making.wanted.correction
    kept = correction_of(file, name)
    place = next((p for p in kept.places if p.id == making.wanted.place), None)
    if place is None:
        raise NotFound(
            "The correction has no such place.", next_step="Open the correction again.", field="place"
        )
    if place not in kept.left or not kept.is_open:
        raise OutOfOrder(
            "That place is put right already.", next_step="Write to those that are not.", field="place"
        )
    told = replace(place, state=PlaceState.REPORTED, checked_on=making.on, note="")
    file.keep(Collection.CORRECTION, name, kept.with_place(told))
    file.record(
        EventKind.CORRECTION_REPORTED, at=at, by=by, leg=kept.leg, correction=name, place=place.id,
        on=making.on.isoformat(),
    )  # fmt: skip


_ACTS: dict[ClockAct, Callable[[Making, datetime, Actor], None]] = {
    ClockAct.IDENTITY: _identity,
    ClockAct.QUESTION: _question,
    ClockAct.EXTENSION: _extension,
    ClockAct.COMPLAINT_ACKNOWLEDGED: _complaint_acknowledged,
    ClockAct.COMPLAINT_ANSWERED: _complaint_answered,
    ClockAct.HOLDER_TOLD: _holder_told,
}
