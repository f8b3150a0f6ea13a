"""Complaints, from the first stage to the last, each with its own date and next step."""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import replace
from datetime import date, datetime

from sar.domain.complaints import Complaint, ComplaintEvent, ComplaintFact, Outcome, Route, state_of
from sar.domain.errors import ImpossibleDate, InvalidInput, NotAllowed, UnknownName
from sar.domain.parties import Actor, StaffRole
from sar.domain.references import CaseId
from sar.domain.statutes import Law
from sar.domain.trail import EventKind
from sar.ports.casework import KeptComplaint, complaint_of, leg_of, recipients_of
from sar.ports.disclosing import Inspector
from sar.ports.keeping import Archive, CaseFile, Collection
from sar.ports.told import require_tellable


class Complaints:
    """Opens complaints and records what happens to them. Dates are facts; nothing is edited."""

    def __init__(self, *, archive: Archive, law: Law, inspector: Inspector) -> None:
        self._archive = archive
        self._law = law
        self._inspector = inspector

    def open(
        self, case: CaseId, *, route: str, about: str, words: str, received_on: date, at: datetime, by: Actor,
        leg: int | None = None, knew_on: date | None = None, once: str = "",
    ) -> str:  # fmt: skip
        """Open a complaint at the first stage of a route; its id. ``once``: the same form twice opens one.

        :param leg: whose part it is about; 0 for the part that asks for policies or statistics.
        """
        if not words.strip():
            raise InvalidInput(
                "The complaint is empty.",
                next_step="Write what went wrong, in your own words.",
                field="words",
            )
        stage = _opened_here(self._law.route(route)).stages[0].code
        _not_future(received_on, at)
        if knew_on is not None and knew_on > received_on:
            raise ImpossibleDate(
                "The day it became known lies after the complaint.",
                next_step="Check the date.",
                field="knew_on",
            )
        name = hashlib.sha256(once.encode()).hexdigest()[:12] if once else uuid.uuid4().hex[:12]
        facts = (ComplaintFact(event=ComplaintEvent.OPENED, on=received_on, stage=stage),)
        kept = KeptComplaint(
            id=name,
            leg=leg,
            about=about.strip(),
            words=words.strip(),
            complaint=Complaint(route=route, knew_on=knew_on or received_on, facts=facts),
        )
        with self._archive.writing(case) as file:
            if name in file.names(Collection.COMPLAINT):
                return name
            _whose(file, leg)
            if not by.is_family:
                require_tellable(file, self._inspector, leg=leg, about=about, words=words)
            file.keep(Collection.COMPLAINT, name, kept)
            file.record(
                EventKind.COMPLAINT_OPENED, at=at, by=by, leg=leg, complaint=name, route=route, stage=stage,
                on=received_on.isoformat(),
            )  # fmt: skip
        return name

    def acknowledge(self, case: CaseId, *, complaint: str, on: date, at: datetime, by: Actor) -> None:
        """We wrote to say that we have it."""
        _team(by)
        fact = ComplaintFact(event=ComplaintEvent.ACKNOWLEDGED, on=on)
        self._add(case, complaint, fact, EventKind.COMPLAINT_ACKNOWLEDGED, at=at, by=by)

    def answer(
        self, case: CaseId, *, complaint: str, on: date, outcome: str, words: str, at: datetime, by: Actor
    ) -> None:
        """The stage has its answer, with an outcome and reasons."""
        _team(by)
        if outcome not in {o.value for o in Outcome}:
            raise UnknownName(
                "That is not an outcome.",
                next_step="Choose one of: " + ", ".join(o.value for o in Outcome) + ".",
                field="outcome",
            )
        if not words.strip():
            raise InvalidInput("The answer has no reasons.", next_step="Write them.", field="words")
        fact = ComplaintFact(event=ComplaintEvent.ANSWERED, on=on, outcome=Outcome(outcome))
        self._add(case, complaint, fact, EventKind.COMPLAINT_ANSWERED, at=at, by=by, words=words)

    def escalate(
        self, case: CaseId, *, complaint: str, on: date, words: str, at: datetime, by: Actor
    ) -> None:
        """The family goes to the next stage."""
        fact = ComplaintFact(event=ComplaintEvent.ESCALATED, on=on)
        self._add(case, complaint, fact, EventKind.COMPLAINT_ESCALATED, at=at, by=by, words=words)

    def close(self, case: CaseId, *, complaint: str, on: date, reason: str, at: datetime, by: Actor) -> None:
        """Nothing more is to be done on this complaint."""
        _team(by)
        if not reason.strip():
            raise InvalidInput("A reason is missing.", next_step="Write why it is closed.", field="reason")
        fact = ComplaintFact(event=ComplaintEvent.CLOSED, on=on)
        self._add(case, complaint, fact, EventKind.COMPLAINT_CLOSED, at=at, by=by, words=reason)

    def _add(
        self, case: CaseId, name: str, fact: ComplaintFact, kind: EventKind, *, at: datetime, by: Actor,
        words: str = "",
    ) -> None:  # fmt: skip
        _not_future(fact.on, at)
        with self._archive.writing(case) as file:
            kept = complaint_of(file, name)
            if not by.is_family:
                require_tellable(file, self._inspector, leg=kept.leg, words=words)
            changed = replace(kept.complaint, facts=(*kept.complaint.facts, fact))
            state = state_of(changed, self._law)  # Refuses what contradicts the dates already there.
            file.keep(Collection.COMPLAINT, name, replace(kept, complaint=changed))
            if words.strip():
                file.keep(Collection.NOTE, f"complaint-{name}-{len(changed.facts)}", (words.strip(),))
            file.record(
                kind, at=at, by=by, leg=kept.leg, complaint=name, stage=state.stage, on=fact.on.isoformat(),
                outcome=fact.outcome.value if fact.outcome else None,
            )  # fmt: skip


def _whose(file: CaseFile, leg: int | None) -> None:
    """Whose complaint it is has to be known: the answer goes only there."""
    if leg:
        leg_of(file, leg)
    elif leg is None and len(recipients_of(file)) > 1:
        raise InvalidInput(
            "Several people ask in this case, and it does not say which of them complains.",
            next_step="Choose the records of the person who complains: the answer goes only there.",
            field="leg",
        )


def _team(by: Actor) -> None:
    if not by.has(StaffRole.COMPLAINTS):
        raise NotAllowed("Only the complaints team may record this.", next_step="Ask the complaints team.")


def _opened_here(route: Route) -> Route:
    if not route.opened_here:
        raise InvalidInput(
            f"“{route.title}” is not opened with us.",
            next_step="Go to that body directly, or choose a route of ours.",
            field="route",
        )
    return route


def _not_future(on: date, at: datetime) -> None:
    if on > at.date():
        raise ImpossibleDate(
            "That date is in the future.", next_step="Enter the day it happened.", field="on"
        )
