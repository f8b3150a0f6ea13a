"""The first step: a request becomes a case, with identity, authority and the clock's dated facts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sar.domain.authority import EVIDENCE_NEEDED, AuthorityCheck, Capacity
from sar.domain.calendar import uk_day
from sar.domain.clock import ClockFacts, replay
from sar.domain.errors import (
    OutOfOrder,
    SARError,
    UnknownName,
)
from sar.domain.found_conflicts import in_request
from sar.domain.parties import (
    PROGRAM,
    AccessRequest,
    Actor,
    Leg,
    SafeContact,
)
from sar.domain.pathways import (
    INFORMATION_PART,
    INFORMATION_REQUEST,
    OWN_RECORDS,
    SUBJECT_ACCESS,
    Pathway,
    PathwayFacts,
)
from sar.domain.receiving import (
    CHANNELS,
    NewLeg,
    NewRequest,
    authority_at_start,
    check_information,
    check_leg,
    check_request,
    facts_of,
    law_in_force,
    too_old,
)
from sar.domain.references import CaseId
from sar.domain.statutes import Law
from sar.domain.trail import EventKind
from sar.ports.casework import (
    contact_on_record,
    contact_pending,
    information_of,
    log_information,
    request_of,
    state_of,
)
from sar.ports.keeping import Archive, CaseFile, CaseHead, Collection
from sar.ports.recording import kept_note, record_with_words, require_officer, require_said
from sar.ports.standing import propose_stops

__all__ = ["CHANNELS", "Intake", "NewLeg", "NewRequest"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Opening:
    """A leg as it starts: the law that answers it, and what stops it."""

    leg: Leg
    pathway: Pathway
    check: AuthorityCheck


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
        legs = check_request(request, today=uk_day(at), law=self._law)
        subjects = {new.subject.id: new.subject for new in request.legs}
        openings = [
            self._opening(
                leg,
                facts_of(leg, subjects[leg.subject], received_on=request.received_on,
                         asked_as_foi=request.asked_as_foi),
                request.received_on,
            )
            for leg in legs
        ]  # fmt: skip
        if request.information is not None:
            law_in_force(self._law, INFORMATION_REQUEST, request.received_on)
        replay(ClockFacts(received_on=request.received_on), calendar=self._law.calendar, explain=False)
        case = CaseId(hashlib.sha256(once.encode()).hexdigest()[:32]) if once else None
        if before := self._received(case):
            return before[0]
        try:
            return self._open(request, openings, case=case, at=at, by=by)
        except SARError:
            # The same form came twice at one moment, and its other copy was quicker.
            if before := self._received(case):
                return before[0]
            raise

    def _received(self, case: CaseId | None) -> tuple[CaseHead, ...]:
        """The case that a form opened before, if it did."""
        return tuple(head for head in self._archive.heads() if head.id == case) if case else ()

    def _open(
        self,
        request: NewRequest,
        openings: Sequence[_Opening],
        *,
        case: CaseId | None,
        at: datetime,
        by: Actor,
    ) -> CaseHead:
        with self._archive.new_case(at=at, case=case) as file:
            kept = AccessRequest(
                received_on=request.received_on,
                channel=request.channel,
                nation=request.nation,
                wording=request.wording.strip(),
                subjects=tuple({leg.subject.id: leg.subject for leg in request.legs}.values()),
                legs=tuple(opening.leg for opening in openings),
                asked_as_foi=request.asked_as_foi,
                requester=request.requester,
            )
            file.keep(Collection.REQUEST, "request", kept)
            file.record(
                EventKind.REQUEST_RECEIVED, at=at, by=by, received_on=request.received_on.isoformat(),
                channel=request.channel, nation=request.nation, legs=len(openings),
                asked_as_foi=request.asked_as_foi,
            )  # fmt: skip
            for opening in openings:
                self._open_leg(file, opening, request.received_on, at=at)
            if request.information is not None:
                log_information(file, check_information(request.information), at=at, by=by)
            return CaseHead(id=file.id, reference=file.reference, created_at=at)

    def take_as_own_records(
        self, case: CaseId, *, number: int, leg: NewLeg, reason: str, at: datetime, by: Actor
    ) -> int:
        """A part logged as an information request turns out to ask for own records; the new leg's number.

        It is answered as a subject access request from the day it was received. Whoever asked receives it, as
        they are reached now: an address that waits to be confirmed waits here too.
        """
        require_officer(by)
        require_said(reason, "reason", "Write what shows that these are their own records.")
        with self._archive.writing(case) as file:
            state, kept = state_of(file), request_of(file)
            part = information_of(state, number)
            if part.answered_on is not None:
                raise OutOfOrder("That part is answered already.", next_step="Open the case again.")
            received_on = part.received_on
            leg = _of_the_asker(kept, leg)
            made = check_leg(leg, number=len(state.legs) + 1, received_on=received_on)
            facts = facts_of(made, leg.subject, received_on=received_on, asked_as_foi=True)
            opening = self._opening(made, facts, received_on)
            known = {s.id: s for s in kept.subjects} | {leg.subject.id: leg.subject}
            file.keep(
                Collection.REQUEST, "request",
                replace(kept, subjects=tuple(known.values()), legs=(*kept.legs, made), asked_as_foi=True),
            )  # fmt: skip
            own_day = {} if received_on == state.received_on else {"received_on": received_on.isoformat()}
            file.record(EventKind.LEG_ADDED, at=at, by=by, leg=made.number, **own_day)
            _inherit_contact(file, kept, made.number, at=at, by=by)
            self._open_leg(file, opening, received_on, at=at)
            record_with_words(file, EventKind.INFORMATION_REQUEST_ANSWERED, reason, at=at, by=by, number=number,
                outcome=OWN_RECORDS, on=uk_day(at),
            )  # fmt: skip
            return made.number

    def _open_leg(self, file: CaseFile, opening: _Opening, received_on: date, *, at: datetime) -> None:
        leg, pathway = opening.leg, opening.pathway
        if pathway.code != SUBJECT_ACCESS:
            file.record(
                EventKind.PATHWAY_CHOSEN, at=at, by=PROGRAM, leg=leg.number, code=pathway.code,
                whole_route=pathway.whole_route,
            )  # fmt: skip
        missing = opening.check.missing
        if not pathway.whole_route and pathway.needs_proof:
            missing = EVIDENCE_NEEDED[Capacity(leg.capacity)]
        if missing and leg.has_responsibility:
            # The form, or the acknowledgement, asks for it the day the request comes.
            file.record(
                EventKind.AUTHORITY_ASKED, at=at, by=PROGRAM, leg=leg.number,
                asked_on=received_on.isoformat(),
            )  # fmt: skip
        for conflict in opening.check.conflicts:
            record_with_words(
                file, EventKind.CONFLICT_RECORDED, conflict.value, at=at, by=PROGRAM, leg=leg.number,
                code=conflict.code,
            )  # fmt: skip
        propose_stops(file, leg.number, in_request(request_of(file), leg), at=at)

    def _opening(self, leg: Leg, facts: PathwayFacts, received_on: date) -> _Opening:
        """Which law answers a leg, and what stops it from the start."""
        try:
            chosen = self._law.pathway_for(facts, on=received_on)
        except UnknownName as unknown:
            if received_on < min(entry.in_force_from for entry in self._law.pathways[SUBJECT_ACCESS]):
                raise too_old(self._law, received_on) from unknown
            raise
        # A day without a calendar has to be refused before anything is stored.
        pathway = law_in_force(self._law, chosen.code, received_on)
        return _Opening(leg=leg, pathway=pathway, check=authority_at_start(pathway, facts, self._law))


def _of_the_asker(kept: AccessRequest, leg: NewLeg) -> NewLeg:
    """The leg of whoever asked, known as the same person as everywhere else in the case."""
    asker = kept.asker
    known = {s.id: s for s in kept.subjects}
    own = {one.recipient.subject for one in kept.legs_of(asker)} | {asker.subject}
    found = next((mark for mark in own if mark), leg.subject.id)
    subject = known.get(found) or replace(leg.subject, id=found)
    return replace(leg, subject=subject, recipient=replace(asker, subject=found))


def _inherit_contact(file: CaseFile, kept: AccessRequest, made: int, *, at: datetime, by: Actor) -> None:
    """What an officer changed, and what waits to be confirmed, holds for the new leg as well."""
    state, theirs = state_of(file), [one.number for one in kept.legs_of(kept.asker)]
    waiting = [number for number in theirs if state.leg(number).contact_waits]
    sources = waiting or ([] if theirs else [INFORMATION_PART])
    before = kept_note(file, contact_on_record(sources[0]), SafeContact) if sources else None
    by_staff = before is not None or any(state.leg(number).is_contact_by_staff for number in theirs)
    if not by_staff:
        return
    waits = bool(waiting) or (before is not None and kept.asker.contact.opens_more_than(before))
    if before is not None:
        file.keep(Collection.NOTE, contact_on_record(made), before)
    if sources and (pending := kept_note(file, contact_pending(sources[0]), tuple[str, ...])):
        file.keep(Collection.NOTE, contact_pending(made), pending)
    record_with_words(file, EventKind.CONTACT_CHANGED, "", at=at, by=by, leg=made, waits=waits)
