"""The first step: a request becomes a case, with identity, authority and the clock's dated facts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sar.domain.authority import (
    AuthorityCheck,
    AuthorityFacts,
    Capacity,
    assess_authority,
)
from sar.domain.clock import ClockFacts, ExtensionNotice, replay
from sar.domain.errors import (
    ImpossibleDate,
    InvalidInput,
    NotAllowed,
    SARError,
    UnknownName,
)
from sar.domain.found_conflicts import in_request
from sar.domain.parties import (
    PROGRAM,
    AccessRequest,
    Actor,
    DataSubject,
    Leg,
    Requester,
    StaffRole,
)
from sar.domain.references import CaseId, LegName
from sar.domain.statutes import Law
from sar.domain.trail import EventKind
from sar.ports.casework import clock_facts, request_of, state_of
from sar.ports.keeping import Archive, CaseFile, CaseHead, Collection
from sar.ports.standing import EventNote, note_name, propose_stops

CHANNELS = ("web", "letter", "email", "phone", "in person")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLeg:
    """One person's data, asked for by one recipient."""

    name: str
    subject: DataSubject
    recipient: Requester
    capacity: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """A request as it came in, by whatever channel."""

    received_on: date
    channel: str
    nation: str
    wording: str
    legs: Sequence[NewLeg]
    asked_as_foi: bool = False


class Intake:
    """Receives requests and records what moves or stops them."""

    def __init__(self, *, archive: Archive, law: Law) -> None:
        self._archive = archive
        self._law = law

    def receive(self, request: NewRequest, *, at: datetime, by: Actor, once: str = "") -> CaseHead:
        """Open a case. A request that cites Freedom of Information is accepted all the same.

        :param once: the form's own mark; the same form sent twice opens one case.
        :raises InvalidInput: a part is missing or impossible; nothing is stored.
        """
        legs = _checked(request, at)
        checks = {leg.number: self._authority(leg, request) for leg in legs}
        _require_nation(request.nation, self._law)
        replay(ClockFacts(received_on=request.received_on), calendar=self._law.calendar, explain=False)
        case = CaseId(hashlib.sha256(once.encode()).hexdigest()[:32]) if once else None
        if before := self._received(case):
            return before[0]
        try:
            return self._open(request, legs, checks, case=case, at=at, by=by)
        except SARError:
            # The same form came twice at one moment, and its other copy was quicker.
            if before := self._received(case):
                return before[0]
            raise

    def _received(self, case: CaseId | None) -> tuple[CaseHead, ...]:
        """The case that a form opened before, if it did."""
        return tuple(head for head in self._archive.heads() if head.id == case) if case else ()

    def _open(
        self, request: NewRequest, legs: tuple[Leg, ...], checks: Mapping[int, AuthorityCheck], *,
        case: CaseId | None, at: datetime, by: Actor,
    ) -> CaseHead:  # fmt: skip
        with self._archive.new_case(at=at, case=case) as file:
            kept = AccessRequest(
                received_on=request.received_on,
                channel=request.channel,
                nation=request.nation,
                wording=request.wording.strip(),
                subjects=tuple({leg.subject.id: leg.subject for leg in request.legs}.values()),
                legs=legs,
                asked_as_foi=request.asked_as_foi,
            )
            file.keep(Collection.REQUEST, "request", kept)
            file.record(
                EventKind.REQUEST_RECEIVED, at=at, by=by, received_on=request.received_on.isoformat(),
                channel=request.channel, nation=request.nation, legs=len(legs),
                asked_as_foi=request.asked_as_foi,
            )  # fmt: skip
            for leg in legs:
                self._open_leg(file, leg, checks[leg.number], request.received_on, at=at)
            return CaseHead(id=file.id, reference=file.reference, created_at=at)

    def ask_clarification(
        self, case: CaseId, *, asked_on: date, question: str, at: datetime, by: Actor
    ) -> None:
        """Ask what an access request is about: the days until the answer do not count (Article 12A(5))."""
        _officer(by)
        _said(question, "question", "Write the question you put to the family.")
        with self._archive.writing(case) as file:
            _dated(file, asked_on, at)
            self._note(file, EventKind.CLARIFICATION_ASKED, question, at=at, by=by, asked_on=asked_on)

    def record_clarification(
        self, case: CaseId, *, answered_on: date, answer: str, at: datetime, by: Actor
    ) -> None:
        """The family answered."""
        _said(answer, "answer", "Write what the family answered.")
        with self._archive.writing(case) as file:
            _dated(file, answered_on, at)
            waiting = [a for a in state_of(file).clarifications if a.got_on is None]
            if not waiting or answered_on < waiting[0].asked_on:
                raise ImpossibleDate(
                    "No question was open on that day.",
                    next_step="Record the question first, with the day it was asked.",
                    field="answered_on",
                )
            self._note(file, EventKind.CLARIFICATION_ANSWERED, answer, at=at, by=by, answered_on=answered_on)

    def extend(self, case: CaseId, *, notified_on: date, reasons: str, at: datetime, by: Actor) -> None:
        """Record a notice of up to two further months, if it was given in time and with reasons."""
        _officer(by)
        with self._archive.writing(case) as file:
            _dated(file, notified_on, at)
            notice = ExtensionNotice(given_on=notified_on, reasons=reasons)
            for number in state_of(file).legs:
                facts = clock_facts(state_of(file), number, extension=notice)
                replay(
                    facts,
                    calendar=self._law.calendar,
                    counting=self._law.clarification_counting,
                    explain=False,
                )
            self._note(file, EventKind.EXTENSION_NOTIFIED, reasons, at=at, by=by, notified_on=notified_on)

    def _open_leg(
        self, file: CaseFile, leg: Leg, check: AuthorityCheck, received_on: date, *, at: datetime
    ) -> None:
        if check.missing:
            # The form, or the acknowledgement, asks for it the day the request comes.
            file.record(
                EventKind.AUTHORITY_ASKED, at=at, by=PROGRAM, leg=leg.number,
                asked_on=received_on.isoformat(),
            )  # fmt: skip
        for conflict in check.conflicts:
            event = file.record(
                EventKind.CONFLICT_RECORDED, at=at, by=PROGRAM, leg=leg.number, code=conflict.code
            )
            file.keep(Collection.NOTE, note_name(event.seq), EventNote(words=conflict.value))
        propose_stops(file, leg.number, in_request(request_of(file), leg), at=at)

    def _authority(self, leg: Leg, request: NewRequest) -> AuthorityCheck:
        """What stops delivery from the start; refuses what another law answers."""
        subject = next(n.subject for n in request.legs if n.subject.id == leg.subject)
        check = assess_authority(
            AuthorityFacts(capacity=Capacity(leg.capacity), subject_age=subject.age_on(request.received_on)),
            presumption=self._law.age_presumption,
        )
        if check.routed_to:
            raise InvalidInput(
                f"This is not a subject access request in this capacity. {check.why}",
                next_step=f"Answer it as {check.routed_to}, or choose another capacity.",
                field="capacity",
            )
        return check

    @staticmethod
    def _note(
        file: CaseFile, kind: EventKind, words: str, *, at: datetime, by: Actor, leg: int | None = None,
        **facts: date | str,
    ) -> None:  # fmt: skip
        said = {k: v.isoformat() if isinstance(v, date) else v for k, v in facts.items()}
        event = file.record(kind, at=at, by=by, leg=leg, **said)
        file.keep(Collection.NOTE, note_name(event.seq), EventNote(words=words.strip()))


def _require_nation(name: str, law: Law) -> None:
    """Refuse a nation whose law this installation does not apply."""
    if name not in {law.nation.code, law.nation.division.code}:
        raise UnknownName(
            "That is not the nation this service works in.",
            next_step=f"Use {law.nation.code}, or run a service for the other nation.",
            field="nation",
        )


def _checked(request: NewRequest, at: datetime) -> tuple[Leg, ...]:
    if request.channel not in CHANNELS:
        raise UnknownName(
            "That is not a way we take requests.",
            next_step=f"Use one of: {', '.join(CHANNELS)}.",
            field="channel",
        )
    if request.received_on > at.date():
        raise ImpossibleDate(
            "The request is dated in the future.",
            next_step="Check the date it was received.",
            field="received_on",
        )
    if not request.legs:
        raise InvalidInput(
            "Nobody is named whose records are wanted.", next_step="Name at least one person.", field="legs"
        )
    names = [leg.name for leg in request.legs]
    if len(set(names)) != len(names):
        raise InvalidInput(
            "Two legs of the request have the same name.",
            next_step="Give each its own short name.",
            field="legs",
        )
    return tuple(_leg(i, leg, request.received_on) for i, leg in enumerate(request.legs, start=1))


def _leg(number: int, leg: NewLeg, received_on: date) -> Leg:
    if not leg.name.strip() or not leg.recipient.name.strip():
        raise InvalidInput(
            "Somebody who receives the records has no name.",
            next_step="Give the name of whoever asks.",
            field="requester_name",
        )
    if not leg.subject.name.strip():
        raise InvalidInput(
            "A person whose records are wanted has no name.",
            next_step="Give their full name.",
            field="subject_name",
        )
    if leg.subject.born_on > received_on:
        raise ImpossibleDate(
            "A date of birth lies after the request.", next_step="Check the date of birth.", field="born_on"
        )
    if leg.capacity not in {c.value for c in Capacity}:
        raise UnknownName(
            "That is not a capacity in which one can ask.",
            next_step="Choose one from the list.",
            field="capacity",
        )
    if leg.capacity == Capacity.SELF.value and leg.recipient.subject != leg.subject.id:
        raise InvalidInput(
            "Somebody asks for their own records, but is not the person the records are about.",
            next_step="Choose in what capacity they ask, or name them as the person.",
            field="capacity",
        )
    return Leg(
        name=LegName(leg.name),
        number=number,
        subject=leg.subject.id,
        recipient=leg.recipient,
        capacity=leg.capacity,
    )


def _officer(by: Actor) -> None:
    if not by.has(StaffRole.OFFICER):
        raise NotAllowed("Only a records officer may record this.", next_step="Ask a records officer.")


def _said(words: str, field: str, next_step: str) -> None:
    if not words.strip():
        raise InvalidInput(
            "Something was left empty that has to be written down.", next_step=next_step, field=field
        )


def _dated(file: CaseFile, on: date, at: datetime) -> None:
    if on > at.date():
        raise ImpossibleDate(
            "That date is in the future.", next_step="Enter the day it happened.", field="date"
        )
    if on < request_of(file).received_on:
        raise ImpossibleDate(
            "That date is before the request was received.", next_step="Check the date.", field="date"
        )
