"""The first step: a request becomes a case, with identity, authority and the clock's dated facts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sar.domain.authority import (
    EVIDENCE_NEEDED,
    AuthorityCheck,
    AuthorityFacts,
    Capacity,
    assess_authority,
)
from sar.domain.clock import ClockFacts, replay
from sar.domain.errors import (
    ImpossibleDate,
    InvalidInput,
    NotAllowed,
    OutOfOrder,
    SARError,
    UnknownName,
)
from sar.domain.parties import (
    PROGRAM,
    AccessRequest,
    Actor,
    DataSubject,
    Leg,
    Requester,
    SafeContact,
    StaffRole,
)
from sar.domain.references import CaseId, LegName
from sar.domain.statutes import Law
from sar.domain.trail import EventKind
from sar.ports.casework import leg_of, record_with_words, request_of, state_of
from sar.ports.keeping import Archive, CaseFile, CaseHead, Collection

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
                self._open_leg(file, leg, checks[leg.number], request.received_on, at=at, by=by)
            return CaseHead(id=file.id, reference=file.reference, created_at=at)

    def set_contact(
        self, case: CaseId, *, contact: SafeContact, at: datetime, by: Actor, leg: int | None = None,
        reason: str = "",
    ) -> None:  # fmt: skip
        """Replace a safe contact: an address proved, a mistyped one put right, a mailbox that is not safe any more.

        It reaches every leg of the same recipient, and no leg of anybody else.
        """
        with self._archive.writing(case) as file:
            kept = request_of(file)
            whose = leg_of(file, leg).recipient.name if leg is not None else kept.legs[0].recipient.name
            legs = tuple(
                replace(one, recipient=replace(one.recipient, contact=contact))
                if one.recipient.name == whose
                else one
                for one in kept.legs
            )
            file.keep(Collection.REQUEST, "request", replace(kept, legs=legs))
            record_with_words(file, EventKind.CONTACT_CHANGED, reason, at=at, by=by, leg=leg)

    def doubt_identity(
        self, case: CaseId, *, leg: int, asked_on: date, reason: str, at: datetime, by: Actor
    ) -> None:
        """Ask for proof of identity, for a recorded reasonable doubt (UK GDPR Article 12(6))."""
        _officer(by)
        _said(reason, "reason", "Write what makes you doubt who is asking.")
        with self._archive.writing(case) as file:
            _dated(file, asked_on, at)
            leg_of(file, leg)
            record_with_words(
                file, EventKind.IDENTITY_ASKED, reason, at=at, by=by, leg=leg, asked_on=asked_on
            )

    def record_identity(
        self, case: CaseId, *, leg: int, got_on: date, how: str, at: datetime, by: Actor
    ) -> None:
        """Proof of identity came; or, where none was asked for, how the officer knows who is asking."""
        _officer(by)
        _said(how, "how", "Write what you saw, without copying numbers from it.")
        with self._archive.writing(case) as file:
            _dated(file, got_on, at)
            if state_of(file).leg(leg).waits_for != "identity":
                # No doubt was recorded: this is the officer's judgement of who is asking (Article 12(6)).
                record_with_words(file, EventKind.IDENTITY_JUDGED, how, at=at, by=by, leg=leg, got_on=got_on)
                return
            open_since = next(a.asked_on for a in state_of(file).leg(leg).identity if a.got_on is None)
            if got_on < open_since:
                raise ImpossibleDate(
                    "The proof is dated before it was asked for.",
                    next_step="Check the two dates.",
                    field="got_on",
                )
            record_with_words(file, EventKind.IDENTITY_SHOWN, how, at=at, by=by, leg=leg, got_on=got_on)

    def record_authority(
        self, case: CaseId, *, leg: int, got_on: date, evidence: str, at: datetime, by: Actor
    ) -> None:
        """What shows the right to ask for somebody else's data came."""
        _officer(by)
        _said(evidence, "evidence", "Write which document or order you saw.")
        with self._archive.writing(case) as file:
            _dated(file, got_on, at)
            leg_of(file, leg)
            record_with_words(file, EventKind.AUTHORITY_SHOWN, evidence, at=at, by=by, leg=leg, got_on=got_on)

    def record_conflict(
        self, case: CaseId, *, leg: int, code: str, note: str, at: datetime, by: Actor
    ) -> None:
        """Something that stops delivery until a person decides. The statutory clock runs on."""
        _officer(by)
        with self._archive.writing(case) as file:
            leg_of(file, leg)
            record_with_words(file, EventKind.CONFLICT_RECORDED, note, at=at, by=by, leg=leg, code=code)

    def resolve_conflict(
        self, case: CaseId, *, leg: int, code: str, note: str, at: datetime, by: Actor
    ) -> None:
        """A named person decided that delivery may go on, and why."""
        if not by.has(StaffRole.APPROVER):
            raise NotAllowed("Only an approver may lift a stop.", next_step="Ask an approver.")
        _said(note, "note", "Write why it is safe to go on.")
        with self._archive.writing(case) as file:
            if code not in state_of(file).leg(leg).conflicts:
                raise OutOfOrder("That stop is not in force.", next_step="Open the case again.")
            record_with_words(file, EventKind.CONFLICT_RESOLVED, note, at=at, by=by, leg=leg, code=code)

    def _open_leg(
        self, file: CaseFile, leg: Leg, check: AuthorityCheck, received_on: date, *, at: datetime, by: Actor
    ) -> None:
        if EVIDENCE_NEEDED[Capacity(leg.capacity)]:
            # The form, or the acknowledgement, asks for it the day the request comes.
            file.record(
                EventKind.AUTHORITY_ASKED, at=at, by=PROGRAM, leg=leg.number,
                asked_on=received_on.isoformat(),
            )  # fmt: skip
        for conflict in check.conflicts:
            code = conflict.name.lower().replace("_", "-")
            record_with_words(
                file,
                EventKind.CONFLICT_RECORDED,
                conflict.value,
                at=at,
                by=by,
                leg=leg.number,
                code=code,
            )

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
    if on < state_of(file).received_on:
        raise ImpossibleDate(
            "That date is before the request was received.", next_step="Check the date.", field="date"
        )
