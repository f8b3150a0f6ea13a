"""Which law answers: an officer's later choice for a leg, and the recorded decisions where no pack is made."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sar.domain.authority import EVIDENCE_NEEDED, Capacity
from sar.domain.calendar import uk_day
from sar.domain.conflicts import known
from sar.domain.errors import InvalidInput, NotAllowed, OutOfOrder
from sar.domain.leg_state import LegState
from sar.domain.parties import PROGRAM, Actor, StaffRole
from sar.domain.pathways import INFORMATION_REQUEST, OWN_RECORDS, Pathway
from sar.domain.receiving import authority_at_start, check_information, facts_in
from sar.domain.references import CaseId
from sar.domain.statutes import Law
from sar.domain.trail import EventKind
from sar.ports.casework import information_of, leg_of, log_information, request_of, state_of
from sar.ports.disclosing import Inspector
from sar.ports.keeping import Archive, CaseFile, Collection
from sar.ports.recording import (
    EventNote,
    note_name,
    record_with_words,
    require_day,
    require_officer,
    require_said,
)
from sar.ports.standing import open_stops, require_givable
from sar.ports.told import require_tellable


class Routing:
    """Chooses the law for a leg, and records what was decided where a decision is the answer."""

    def __init__(self, *, archive: Archive, law: Law, inspector: Inspector) -> None:
        self._archive = archive
        self._law = law
        self._inspector = inspector

    def choose(self, case: CaseId, *, leg: int, pathway: str, reason: str, at: datetime, by: Actor) -> None:
        """Another law answers this leg than was thought. Its dates run from the day of receipt, as ever.

        :raises OutOfOrder: the leg is signed off or handed over.
        """
        require_officer(by)
        require_said(reason, "reason", "Write why another law answers this part.")
        with self._archive.writing(case) as file:
            state = state_of(file)
            mine = state.leg(leg)
            chosen, capacity = self._choosable(file, pathway, leg)
            if mine.pathway == chosen.code:
                raise InvalidInput(
                    "That law answers this part already.", next_step="Choose another.", field="pathway"
                )
            if mine.signed_off_round or mine.released_round:
                raise OutOfOrder(
                    "This part is signed off, so the law it rests on stays.",
                    next_step="Return the sign-off first, or enter a new request.",
                )
            self._keep_stops(file, mine, at=at, by=by)
            record_with_words(
                file, EventKind.PATHWAY_CHOSEN, reason, at=at, by=by, leg=leg, code=chosen.code,
                whole_route=chosen.whole_route,
            )  # fmt: skip
            self._stand(file, leg, chosen, capacity, at=at, by=by)

    def _keep_stops(self, file: CaseFile, mine: LegState, *, at: datetime, by: Actor) -> None:
        """What stops the leg today by its dates alone stops it under the next law too, until a person decides."""
        stops = open_stops(file, mine, on=uk_day(at), presumption=self._law.age_presumption)
        for conflict in known(set(stops) - mine.conflicts):
            record_with_words(
                file, EventKind.CONFLICT_RECORDED, conflict.value, at=at, by=by, leg=mine.number, code=conflict.code
            )  # fmt: skip

    def _stand(
        self, file: CaseFile, leg: int, chosen: Pathway, capacity: Capacity, *, at: datetime, by: Actor
    ) -> None:
        """Ask for what the new law needs shown, and stop what it stops: no other law is a way around proof."""
        kept, mine = request_of(file), leg_of(file, leg)
        state = state_of(file).leg(leg)
        moved = replace(mine, capacity=capacity.value, has_responsibility=True)
        check = authority_at_start(chosen, facts_in(kept, moved), self._law)
        if moved.capacity != mine.capacity:
            legs = tuple(moved if one.number == leg else one for one in kept.legs)
            file.keep(Collection.REQUEST, "request", replace(kept, legs=legs))
        if chosen.needs_proof and EVIDENCE_NEEDED[capacity] and not state.authority_asked:
            file.record(
                EventKind.AUTHORITY_ASKED, at=at, by=PROGRAM, leg=leg, asked_on=uk_day(at).isoformat()
            )
        for conflict in check.conflicts:
            code = conflict.code
            if code not in state.conflicts:
                record_with_words(
                    file, EventKind.CONFLICT_RECORDED, conflict.value, at=at, by=by, leg=leg, code=code
                )

    def _choosable(self, file: CaseFile, code: str, leg: int) -> tuple[Pathway, Capacity]:
        """The pathway, and the capacity in which the requester asks on it."""
        chosen = self._law.pathway(code, state_of(file).received_for(leg))
        mine = leg_of(file, leg)
        living = request_of(file).subject_of(mine).died_on is None
        fits = not chosen.when.capacities or mine.capacity in chosen.when.capacities
        capacity = mine.capacity if fits else chosen.asks_as
        if chosen.beside or chosen.when.information or chosen.when.living != living or not capacity:
            raise InvalidInput(
                "That law cannot answer this part.",
                next_step="Choose a law for a living person, or for one who has died, as the case is. Policies and "
                "numbers are logged as an information request.",
                field="pathway",
            )
        return chosen, Capacity(capacity)

    def decide(
        self, case: CaseId, *, leg: int, outcome: str, on: date, reason: str, at: datetime, by: Actor
    ) -> None:
        """A named person decides a leg that is answered without a pack.

        :raises NotAllowed: the outcome is at somebody's discretion, and an approver has to decide it; or it gives
            something while a stop is in force.
        :raises AuthorityNotShown: it gives something, and the right to ask is not shown.
        """
        require_said(reason, "reason", "Write the reasons for this decision.")
        with self._archive.writing(case) as file:
            state = state_of(file)
            mine = state.leg(leg)
            if mine.whole_route:
                raise OutOfOrder(
                    "This part is answered by a pack.",
                    next_step="Gather and review the records, or choose another law for this part.",
                )
            pathway = self._law.pathway(mine.pathway, state.received_for(leg))
            chosen = pathway.outcome(outcome)
            _may_decide(by, needs_approver=chosen.needs_approver)
            require_day(on, at=at, received_on=state.received_for(leg), field="on")
            if chosen.gives:
                require_givable(file, leg, asks_proof=pathway.asks_proof, on=uk_day(at))
            if mine.decided_on is not None:
                raise OutOfOrder("This part is decided already.", next_step="Open the case again.")
            record_with_words(
                file, EventKind.PATHWAY_DECIDED, reason, at=at, by=by, leg=leg, outcome=chosen.code,
                on=on,
            )  # fmt: skip

    def log_information(
        self,
        case: CaseId,
        *,
        words: str,
        reason: str,
        at: datetime,
        by: Actor,
        received_on: date | None = None,
    ) -> int:
        """Split off the part of a request that asks for policies or statistics; its number.

        :param received_on: where that part came on another day than the request itself.
        """
        require_officer(by)
        require_said(reason, "reason", "Write why this part is an information request.")
        with self._archive.writing(case) as file:
            state = state_of(file)
            asked = check_information(words)
            require_tellable(file, self._inspector, leg=None, words=asked)
            if received_on is not None:
                require_day(received_on, at=at, received_on=state.received_on, field="on")
            own_day = received_on if received_on != state.received_on else None
            number = log_information(file, asked, at=at, by=by, received_on=own_day)
            file.keep(Collection.NOTE, note_name(file.events()[-1].seq), EventNote(words=reason.strip()))
            return number

    def answer_information(
        self, case: CaseId, *, number: int, outcome: str, on: date, reason: str, at: datetime, by: Actor
    ) -> None:
        """The part that asks for policies or statistics is answered."""
        require_officer(by)
        require_said(reason, "reason", "Write what was answered, and why.")
        with self._archive.writing(case) as file:
            state = state_of(file)
            part = information_of(state, number)
            chosen = self._law.pathway(INFORMATION_REQUEST, part.received_on).outcome(outcome)
            if chosen.code == OWN_RECORDS:
                raise InvalidInput(
                    "Own records are answered as a subject access request.",
                    next_step="Name the person whose records they are: the request keeps its day of receipt.",
                    field="outcome",
                )
            require_day(on, at=at, received_on=part.received_on, field="on")
            if part.answered_on is not None:
                raise OutOfOrder("That part is answered already.", next_step="Open the case again.")
            record_with_words(
                file, EventKind.INFORMATION_REQUEST_ANSWERED, reason, at=at, by=by, number=number,
                outcome=chosen.code, on=on,
            )  # fmt: skip


def _may_decide(by: Actor, *, needs_approver: bool) -> None:
    if needs_approver and not by.has(StaffRole.APPROVER):
        raise NotAllowed("Only an approver may decide this.", next_step="Ask an approver.", field="outcome")
    if not needs_approver and not (by.has(StaffRole.OFFICER) or by.has(StaffRole.APPROVER)):
        raise NotAllowed(
            "Only a records officer or an approver may decide this.", next_step="Ask one.", field="outcome"
        )
