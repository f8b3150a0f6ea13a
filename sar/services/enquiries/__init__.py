"""What the pages show. Reads only; every date is replayed from the trail."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date

from sar.domain import guidance
from sar.domain.case import CaseState
from sar.domain.clock import Deadline
from sar.domain.clock_cautions import reminders
from sar.domain.complaints import next_step_shown, stage_dates
from sar.domain.complaints import state_of as complaint_state
from sar.domain.disclosure import Statement
from sar.domain.errors import NotFound
from sar.domain.leg_state import LegState
from sar.domain.matching import Proposal
from sar.domain.parties import AccessRequest, Leg, Person
from sar.domain.pathways import INFORMATION_PART
from sar.domain.redaction import undecided
from sar.domain.references import CaseId, CaseReference
from sar.ports.casework import (
    answers_of,
    clock_facts,
    complaint_of,
    complaints_of,
    correction_of,
    corrections_of,
    decisions_of,
    family_view,
    leg_records,
    proposals_of,
    record_decisions_of,
    register_of,
    request_of,
    state_of,
)
from sar.ports.gaps import gap_rows
from sar.ports.keeping import CaseFile
from sar.ports.pages import (
    AskerRow,
    CasePage,
    ComplaintPage,
    CorrectionPage,
    DatedRow,
    DeskRow,
    FamilyPage,
    HeldBackRow,
    LawRow,
    LegPage,
    PackRow,
    PlaceRow,
    ProgressStep,
    QueueRow,
    ReviewRow,
    StoreRow,
    TimelineRow,
)
from sar.ports.standing import open_stops, standing_of
from sar.services.enquiries.lists import Lists
from sar.services.enquiries.pathways import (
    beside_rows,
    choosable,
    information_rows,
    with_law,
)
from sar.services.enquiries.rows import (
    across_rows,
    answer_row,
    blocked_places,
    correction_row,
    correction_step,
    dated_rows,
    for_family,
    pack_row,
    progress,
    review_counts,
    stop_rows,
    store_row,
)
from sar.services.enquiries.timeline import Timeline

__all__ = [
    "CasePage", "ComplaintPage", "CorrectionPage", "DatedRow", "DeskRow", "Enquiries", "FamilyPage", "HeldBackRow",
    "LegPage", "PackRow", "PlaceRow", "ProgressStep", "QueueRow", "ReviewRow", "StoreRow", "TimelineRow",
]  # fmt: skip


class Enquiries(Lists):
    """Read models for the site and the command line."""

    def one_moment(self) -> AbstractContextManager[None]:
        """For one page: inside, whatever is asked about a case is asked at one moment, and it is opened once."""
        return self._archive.one_moment()

    def case_page(self, reference: CaseReference, *, on: date) -> CasePage:
        """A case as an officer sees it."""
        case = self._archive.find(reference)
        with self._archive.reading(case) as file:
            state, request = state_of(file), request_of(file)
            answers = answers_of(file, state.round) if state.round else ()
            names = {s.id: s.name for s in request.subjects}
            running = state.round > state.gathered_round
            told = Timeline(file.events(), stores={a.store: a.store_label for a in answers})
            return CasePage(
                id=case,
                reference=reference,
                received_on=state.received_on,
                channel=state.channel,
                nation=state.nation,
                wording=request.wording,
                legs=tuple(
                    self._leg_page(file, request, state, leg, on=on, is_staff=True) for leg in request.legs
                ),
                round=state.round,
                gathering="running" if running else "complete" if state.round else "not started",
                stores=tuple(store_row(a, names) for a in answers),
                held_back=tuple(
                    HeldBackRow(label=a.store_label, record=str(h.key), why=h.why, code=h.code)
                    for a in answers
                    for h in a.held_back
                ),
                timeline=told,
                happened=told.folded(),
                complaints=tuple(
                    self._complaint_row(reference, c.id, c.complaint, on) for c in complaints_of(file)
                ),
                corrections=tuple(correction_row(file, c, on) for c in corrections_of(file)),
                information=information_rows(file, self._law, state),
                beside=beside_rows(self._law, request, state.received_on),
                across=across_rows(file, state.gathered_round, names),
                asker=AskerRow(name=request.asker.name, contact=request.asker.contact),
            )

    def _leg_page(
        self, file: CaseFile, request: AccessRequest, state: CaseState, leg: Leg, *,
        on: date, is_staff: bool = False,
    ) -> LegPage:  # fmt: skip
        mine = state.leg(leg.number)
        deadline = self._deadline(state, leg.number)
        counts = review_counts(file, state, leg.number)
        stage = state.stage(leg.number)
        stops, missing = self._standing(file, mine, on)
        page = LegPage(
            number=leg.number,
            name=leg.name,
            subject=request.subject_of(leg).name,
            recipient=leg.recipient.name,
            capacity=leg.capacity,
            stage=stage.name.lower().replace("_", "-"),
            stage_words=stage.value,
            due_on=deadline.due_on, start_on=deadline.start_on, extension_notice_by=deadline.extension_notice_by,
            clock_steps=tuple(s.text_for_family for s in deadline.steps),
            clock_law=tuple(f"{s.text_for_family} ({s.statute})" for s in deadline.steps),
            waiting_for=", ".join(w.value for w in deadline.waiting_for),
            records=counts.records,
            undecided_records=counts.undecided_records,
            proposals=counts.proposals,
            undecided=counts.undecided,
            round=state.gathered_round,
            signed_off_round=mine.signed_off_round,
            pack=pack_row(file, state, leg.number),
            conflicts=stops,
            contact=leg.recipient.contact,
            blocked_places=blocked_places(file, mine),
            progress=progress(file.events(), leg.number),
            cautions=self._cautions(state, leg.number, deadline, on) if is_staff else (),
            stops=stop_rows(file, mine, stops),
            missing=missing,
            address_waits=mine.contact_waits,
            is_living=request.subject_of(leg).died_on is None,
            gaps=gap_rows(file, leg.number, due_on=deadline.due_on, on=on),
        )  # fmt: skip
        return with_law(page, self._law, state)

    def _standing(self, file: CaseFile, mine: LegState, on: date) -> tuple[tuple[str, ...], tuple[str, ...]]:
        presumption = self._law.age_presumption
        check = standing_of(file, mine.number, on=on, presumption=presumption)
        missing = tuple(proof.words for proof in check.missing)
        return open_stops(file, mine, on=on, presumption=presumption), missing

    def _cautions(self, state: CaseState, leg: int, deadline: Deadline, on: date) -> tuple[str, ...]:
        late = reminders(clock_facts(state, leg), on=on, after_days=self._law.clarification_reminder_days)
        return (*deadline.cautions, *late)

    def dated_entries(self, case: CaseId) -> tuple[DatedRow, ...]:
        """What the clock is worked out from, each entry with its present day."""
        with self._archive.reading(case) as file:
            return dated_rows(file.events(), request_of(file))

    def review_list(self, case: CaseId, *, leg: int) -> tuple[ReviewRow, ...]:
        """The records of a leg's review, in reading order. A row's place in the list is its page number."""
        with self._archive.reading(case) as file:
            number = state_of(file).gathered_round
            proposals = proposals_of(file, number, leg)
            by_record: dict[object, list[Proposal]] = {}
            for p in proposals:
                by_record.setdefault(p.span.record, []).append(p)
            waiting = {p.id for p in undecided(proposals, decisions_of(file, leg))}
            outcomes = record_decisions_of(file, leg)
            rows = []
            for record in leg_records(file, number, leg):
                mine = by_record.get(record.key, [])
                made = outcomes.get(record.key)
                rows.append(
                    ReviewRow(
                        record=str(record.key),
                        kind=record.kind.value,
                        dated_on=record.dated_on,
                        origin=record.provenance.store_label,
                        proposals=len(mine),
                        undecided=sum(p.id in waiting for p in mine),
                        outcome=made.outcome.value if made and made.version == record.version else "",
                        generated=record.kind.is_generated,
                    )
                )
            return tuple(rows)

    def people(self, case: CaseId) -> tuple[Person, ...]:
        """The people register."""
        with self._archive.reading(case) as file:
            return register_of(file).people

    def laws_for(self, *, is_living: bool) -> tuple[LawRow, ...]:
        """The laws an officer can choose for a leg about a living person, or about one who has died."""
        return choosable(self._law, is_living=is_living)

    def family_page(self, reference: CaseReference, *, legs: frozenset[int], on: date) -> FamilyPage:
        """A case as one family account sees it: only the legs it was granted."""
        case = self._archive.find(reference)
        with self._archive.reading(case) as file:
            state, request = state_of(file), request_of(file)
            mine = [leg for leg in request.legs if leg.number in legs]
            asked = information_rows(file, self._law, state) if INFORMATION_PART in legs else ()
            if not mine and not asked:
                raise NotFound("We cannot find that request.", next_step="Check the reference on our letter.")
            return FamilyPage(
                id=case,
                reference=reference,
                received_on=state.received_on,
                legs=tuple(
                    for_family(self._leg_page(file, request, state, leg, on=on), file, state) for leg in mine
                ),
                complaints=tuple(
                    self._complaint_row(reference, c.id, c.complaint, on)
                    for c in complaints_of(file)
                    if c.leg in legs
                ),
                corrections=tuple(
                    correction_row(file, family_view(file, c), on)
                    for c in corrections_of(file)
                    if c.leg in legs
                ),
                next_steps=self._next_steps(file, state, mine),
                information=asked,
                beside=beside_rows(self._law, request, state.received_on) if mine else (),
            )

    def _next_steps(self, file: CaseFile, state: CaseState, legs: list[Leg]) -> tuple[Statement, ...]:
        """As printed in the pack, with its dates: a date that moved with every visit would mislead."""
        packs = [pack_row(file, state, leg.number, handed_over=True) for leg in legs]
        dated_on = [pack.dated_on for pack in packs if pack is not None and pack.delivered]
        # Of several packs the oldest one counts: no time limit may look longer than it is.
        return guidance.next_steps(self._law, on=min(dated_on)) if dated_on else ()

    def complaint(self, case: CaseId, complaint: str, *, on: date) -> ComplaintPage:
        """One complaint with its dates and history."""
        with self._archive.reading(case) as file:
            kept = complaint_of(file, complaint)
            state = complaint_state(kept.complaint, self._law)
            step = next_step_shown(kept.complaint, self._law, on)
            route = self._law.route(kept.complaint.route)
            stage = route.stage(state.stage)
            acknowledge_by, answer_by = stage_dates(stage, state, self._law)
            mine = [e for e in file.events() if e.facts.get("complaint") == complaint]
            return ComplaintPage(
                id=kept.id,
                reference=file.reference,
                route=route.code,
                route_title=route.title,
                about=kept.about,
                words=kept.words,
                status=state.status,
                stage_title=stage.title,
                opened_on=state.opened_on,
                acknowledge_by=acknowledge_by,
                answer_by=answer_by,
                history=tuple(Timeline(mine)),
                next_step=step.text,
                next_due_on=step.due_on,
                citation=step.citation,
                leg=kept.leg,
            )

    def correction(self, case: CaseId, correction: str, *, for_family: bool = False) -> CorrectionPage:
        """One correction and every place it must reach; for a family only places they have read of."""
        with self._archive.reading(case) as file:
            kept = correction_of(file, correction)
            if for_family:
                kept = family_view(file, kept)
            return CorrectionPage(
                id=kept.id,
                reference=file.reference,
                what_is_wrong=kept.what_is_wrong,
                what_it_should_say=kept.what_it_should_say,
                asked_on=kept.asked_on,
                answer_by=kept.answer_by,
                places=tuple(
                    PlaceRow(
                        place=p.id,
                        label=p.label,
                        controller=p.controller,
                        state=p.state.value,
                        checked_on=p.checked_on,
                        note=p.note,
                        is_ours=p.record is not None,
                    )
                    for p in kept.places
                ),
                status="open" if kept.is_open else "closed",
                next_step=correction_step(kept),
                leg=kept.leg,
                answer=answer_row(kept.answer, self._law) if kept.answer else None,
            )
