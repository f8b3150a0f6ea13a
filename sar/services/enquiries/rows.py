"""Rows of the read models, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from sar.domain.amending import RECEIPTS, as_amended, day_of, is_dated
from sar.domain.calendar import uk_day
from sar.domain.case import CaseState, Stage
from sar.domain.conflicts import RULES, known
from sar.domain.consulting import reference_of
from sar.domain.leg_state import LegState
from sar.domain.parties import PROGRAM, AccessRequest, StaffRole
from sar.domain.records import StoreAnswer
from sar.domain.rectification import Correction, CorrectionAnswer, ways_on
from sar.domain.redaction import undecided
from sar.domain.references import StoreName, SubjectId
from sar.domain.statutes import Law
from sar.domain.trail import Event, EventKind
from sar.ports.across import disagreements_across
from sar.ports.casework import decisions_of, leg_records, proposals_of, record_decisions_of
from sar.ports.counts import ReviewCounts, counts_of
from sar.ports.gaps import GapRow, places_shown
from sar.ports.keeping import CaseFile, Collection
from sar.ports.pages import (
    AcrossRow,
    AnswerRow,
    DatedRow,
    DeskRow,
    LegPage,
    PackRow,
    ProgressStep,
    QueueRow,
    StopRow,
    StoreRow,
)
from sar.ports.readiness import ReleasedPack
from sar.ports.recording import EventNote, note_name
from sar.services.enquiries.timeline import ENTRIES


def review_counts(file: CaseFile, state: CaseState, leg: int) -> ReviewCounts:
    """As they were kept with the last change; a review from before they were kept is counted here."""
    if state.leg(leg).reviewed_round != state.gathered_round or not state.gathered_round:
        return ReviewCounts()
    if kept := counts_of(file, state.gathered_round, leg):
        return kept
    records = leg_records(file, state.gathered_round, leg)
    proposals = proposals_of(file, state.gathered_round, leg)
    outcomes = record_decisions_of(file, leg)
    open_records = sum(r.key not in outcomes or outcomes[r.key].version != r.version for r in records)
    return ReviewCounts(
        records=len(records), undecided_records=open_records, proposals=len(proposals),
        undecided=len(undecided(proposals, decisions_of(file, leg))),
    )  # fmt: skip


def questions_out(events: Sequence[Event]) -> tuple[str, ...]:
    """By what an answer of somebody who was asked can be found back: their letter does not name the case."""
    asked = [e.facts["consultation"] for e in events if e.kind is EventKind.CONSULTATION_DECIDED]
    return tuple(f"Somebody was asked: {reference_of(str(name))}" for name in asked)


def pack_row(file: CaseFile, state: CaseState, leg: int, *, handed_over: bool = False) -> PackRow | None:
    """The newest pack, or the newest one that was handed over."""
    mine = state.leg(leg)
    number = mine.delivered_round if handed_over else mine.released_round
    if not number:
        return None
    pack = file.latest(Collection.PACK, f"{number}/{leg}", ReleasedPack)
    return PackRow(
        leg=leg,
        round=pack.round,
        dated_on=pack.dated_on,
        pages=pack.pages,
        digest=pack.digest,
        fingerprint=pack.fingerprint,
        delivered=mine.delivered_round >= pack.round,
        collected_at=mine.collected_at,
    )


def in_queue(row: QueueRow) -> tuple[bool, bool, date, str]:
    """The order of the queue: packs with an overdue gap, then by due date, then those without one."""
    return (not row.gaps_overdue, row.due_on is None, row.due_on or row.received_on, str(row.reference))


_HELD_BACK = frozenset({Stage.SIGNED_OFF, Stage.BLOCKED, Stage.RELEASED})


def for_family(page: LegPage, file: CaseFile, state: CaseState) -> LegPage:
    """A leg as its family sees it: the pack they were handed, and nothing of one that is not theirs yet.

    How far a pack has come would tell, when it comes no further, that something stops it. Why it is stopped is
    for staff: whoever reads a family's page may be the reason.
    """
    mine = state.leg(page.number)
    stage = Stage.REVIEW if state.stage(page.number) in _HELD_BACK else state.stage(page.number)
    if mine.whole_route and mine.delivered_round:
        stage = Stage.DELIVERED
    return replace(
        page, stage=stage.name.lower().replace("_", "-"), stage_words=stage.value, stops=(), missing=(),
        pack=pack_row(file, state, page.number, handed_over=True), signed_off_round=mine.delivered_round,
        blocked_places=(), gaps=_gaps_for_family(page, file, mine.delivered_round),
    )  # fmt: skip


def _gaps_for_family(page: LegPage, file: CaseFile, delivered: int) -> tuple[GapRow, ...]:
    """Gaps of packs they were handed. A place that their search page does not name is not named here."""
    return tuple(
        gap
        if gap.label in places_shown(file, page.number, gap.round)
        else replace(gap, label="", store=StoreName(""))
        for gap in page.gaps
        if gap.round <= delivered
    )


_ROUTE = (
    (EventKind.REQUEST_RECEIVED, "We received your request"),
    (EventKind.GATHERING_COMPLETED, "We look for everything held"),
    (EventKind.SIGNED_OFF, "Two members of staff check every page"),
    (EventKind.PACK_RELEASED, "We make your pack and search it once more"),
    (EventKind.PACK_DELIVERED, "Your pack is ready to read"),
)


_DONE_WITH_DELIVERY = frozenset({EventKind.SIGNED_OFF, EventKind.PACK_RELEASED})


def progress(events: Sequence[Event], leg: int) -> tuple[ProgressStep, ...]:
    """The route as the family sees it.

    What comes just before delivery is done with it, and has no day of its own: a step that is done on a day,
    and then nothing, would tell of a stop.
    """
    steps: list[ProgressStep] = []
    handed_over = any(e.kind is EventKind.PACK_DELIVERED and e.leg == leg for e in events)
    for kind, words in _ROUTE:
        done = [e for e in events if e.kind is kind and e.leg in {None, leg}]
        waits_for_delivery = kind in _DONE_WITH_DELIVERY
        done = done if handed_over or not waits_for_delivery else []
        now = not done and all(s.state == "done" for s in steps)
        steps.append(
            ProgressStep(
                words=words,
                state="done" if done else "now" if now else "next",
                on=uk_day(done[0].at) if done and not waits_for_delivery else None,
            )
        )
    return tuple(steps)


def dated_rows(events: Sequence[Event], request: AccessRequest) -> tuple[DatedRow, ...]:
    """Every entry that can be put right or taken back, by its present day."""
    amended = as_amended(events)
    present = {e.seq: day_of(e) for e in amended.events if is_dated(e)}
    subjects = {leg.number: request.subject_of(leg).name for leg in request.legs}
    rows = [
        DatedRow(
            event=e.seq,
            words=ENTRIES[e.kind],
            leg=e.leg,
            subject=subjects[e.leg] if e.leg is not None else "",
            on=present.get(e.seq, day_of(e)),
            was=day_of(e),
            withdrawn=e.seq in amended.withdrawn,
            can_withdraw=e.kind not in RECEIPTS,
        )
        for e in events
        if is_dated(e)
    ]
    return tuple(sorted(rows, key=lambda row: (row.on, row.event)))


def correction_row(file: CaseFile, kept: Correction, on: date) -> DeskRow:
    return DeskRow(
        reference=file.reference,
        kind="correction",
        id=kept.id,
        title="Correction of a record",
        stage=f"{len(kept.places) - len(kept.left)} of {len(kept.places)} places proved"
        if kept.is_open
        else "closed",
        opened_on=kept.asked_on,
        next_due_on=kept.answer_by if kept.is_open and kept.answer is None else None,
        next_step=correction_step(kept),
        overdue=kept.is_open and kept.answer is None and kept.answer_by < on,
    )


def correction_step(kept: Correction) -> str:
    if not kept.is_open:
        return "Every place has been seen corrected or has confirmed it."
    if not kept.places:
        return "An officer has to find every copy and tell its holder."
    if not kept.left:
        return "Every place listed here is put right. It ends when every place we ask has answered."
    return f"{len(kept.left)} of {len(kept.places)} places are still to be proved."


def answer_row(answer: CorrectionAnswer, law: Law) -> AnswerRow:
    """The answer to a correction; where less was done than asked, with the ways on."""
    short = answer.is_short_of_what_was_asked
    return AnswerRow(
        outcome=answer.outcome.value,
        answered_on=answer.answered_on,
        reason=answer.reason,
        said=answer.said,
        statement=answer.statement,
        ways_on=ways_on(law.regulator_on(answer.answered_on)) if short else (),
    )


def store_row(answer: StoreAnswer, names: Mapping[SubjectId, str]) -> StoreRow:
    """One store's answer as the officer sees it."""
    return StoreRow(
        store=answer.store,
        label=answer.store_label,
        controller=answer.controller,
        subject=names.get(answer.subject, ""),
        answer=answer.kind.value,
        records=answer.found,
        held_back=len(answer.held_back),
        asked_at=answer.asked_at,
        attempt=answer.attempt,
        note=answer.note,
    )


def blocked_places(file: CaseFile, leg: LegState) -> tuple[str, ...]:
    """Where the gate found withheld words the last time a release was stopped: places, never words."""
    if not leg.is_blocked:
        return ()
    return file.latest(Collection.NOTE, f"blocked/{leg.number}", tuple[str, ...])


def across_rows(file: CaseFile, round_number: int, names: Mapping[SubjectId, str]) -> tuple[AcrossRow, ...]:
    """What the legs contradict together, each side by whose leg it stands in."""
    return tuple(
        AcrossRow(words=one.words, sides=tuple((names.get(s.subject, ""), str(s.record)) for s in one.sides))
        for one in disagreements_across(file, round_number)
    )


def stop_rows(file: CaseFile, leg: LegState, codes: Iterable[str]) -> tuple[StopRow, ...]:
    """What stops a leg, with all that was recorded about each kind since it was last lifted. For staff only."""
    return tuple(_stop_row(file, leg, code) for code in codes)


def _stop_row(file: CaseFile, leg: LegState, code: str) -> StopRow:
    rule = next((RULES[conflict] for conflict in known([code])), None)
    recorded = {by for stop, by in leg.stopped_by if stop == code}
    return StopRow(
        code=code,
        words=next((conflict.value for conflict in known([code])), code),
        why=rule.why if rule else "",
        who=rule.who if rule else StaffRole.APPROVER.value,
        is_silent=bool(rule and rule.is_silent),
        found_by_program=recorded <= {str(PROGRAM.id)},
        note=_notes(file, leg.number, code),
    )


def _notes(file: CaseFile, leg: int, code: str) -> str:
    """Everything the stop stands on, the newest first: who lifts it has to have read all of it."""
    kinds = (EventKind.CONFLICT_RECORDED, EventKind.CONFLICT_RESOLVED)
    said: list[str] = []
    for event in reversed(file.events()):
        if event.kind not in kinds or event.leg != leg or event.facts.get("code") != code:
            continue
        if event.kind is EventKind.CONFLICT_RESOLVED:
            break
        if (name := note_name(event.seq)) in file.names(Collection.NOTE, under=name):
            said.append(file.latest(Collection.NOTE, name, EventNote).words)
    return "\n".join(dict.fromkeys(said))
