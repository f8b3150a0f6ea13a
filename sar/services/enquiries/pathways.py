"""Which law answers each part of a request, in words, with its dates; and parts that have no pack."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sar.domain.alerts import say
from sar.domain.case import CaseState, InformationRequest, Stage
from sar.domain.errors import CalendarNotCovered
from sar.domain.leg_state import LegState
from sar.domain.parties import AccessRequest
from sar.domain.pathways import INFORMATION_REQUEST, Pathway, PathwayFacts
from sar.domain.statutes import Law
from sar.ports.casework import information_name
from sar.ports.keeping import CaseFile, Collection
from sar.ports.pages import DueRow, InformationRow, LawRow, LegPage, OutcomeRow, ProgressStep

NO_TERMS = "The school’s term dates are not set, so its school days cannot be counted yet."
NO_LIMIT = "The law sets no last day for this part."


def due_rows(law: Law, pathway: Pathway, received_on: date) -> tuple[DueRow, ...]:
    """Every last day the pathway's law sets, the first one first."""
    rows = []
    for code in pathway.time_limits:
        limit, due_on, why_not = law.time_limit(code, received_on), None, ""
        try:
            due_on = law.due(code, received_on)
        except CalendarNotCovered as fault:
            # The queue must not stop for one school's missing term dates; the page says what to do.
            why_not = NO_TERMS if fault.field == "terms" else fault.message
        rows.append(
            DueRow(
                title=limit.title,
                due_on=due_on,
                citation=limit.citation,
                uncertain=limit.uncertain,
                why_not=why_not,
            )
        )
    return tuple(sorted(rows, key=lambda row: (row.due_on is None, row.due_on or received_on)))


def first_due(rows: tuple[DueRow, ...]) -> date | None:
    """The day to work to: the earliest. None where the law sets none, or none can be counted yet."""
    return min((row.due_on for row in rows if row.due_on is not None), default=None)


def law_row(
    law: Law, pathway: Pathway, received_on: date, *, mine: LegState | None = None, with_dues: bool = True
) -> LawRow:
    """A pathway in words; for a leg, with what was decided."""
    decided = mine is not None and mine.decided_on is not None and mine.outcome
    outcome = pathway.outcome(mine.outcome) if mine is not None and decided else None
    return LawRow(
        code=pathway.code,
        title=pathway.title,
        statute=pathway.statute,
        why=pathway.why,
        told=pathway.told,
        letter=pathway.letter,
        whole_route=pathway.whole_route,
        uncertain=pathway.uncertain,
        dues=due_rows(law, pathway, received_on) if with_dues else (),
        outcomes=_outcomes(pathway),
        decided_on=mine.decided_on if mine is not None else None,
        outcome=outcome.title if outcome else "",
        outcome_told=outcome.told if outcome else "",
    )


def with_law(page: LegPage, law: Law, state: CaseState) -> LegPage:
    """A leg's page with the law that answers it; without a pack, with that law's own dates and steps."""
    mine, received_on = state.leg(page.number), state.received_for(page.number)
    row = law_row(law, law.pathway(mine.pathway, received_on), received_on, mine=mine)
    if mine.whole_route:
        return replace(page, law=row)
    return replace(
        page,
        law=row,
        due_on=first_due(row.dues),
        start_on=received_on,
        extension_notice_by=None,
        clock_steps=_steps(received_on, row.dues),
        clock_law=_steps(received_on, row.dues, with_law=True),
        progress=_progress(mine),
    )


def leg_due(law: Law, state: CaseState, number: int) -> date | None:
    """The day to work to for a leg without a pack."""
    received_on = state.received_for(number)
    pathway = law.pathway(state.leg(number).pathway, received_on)
    return first_due(due_rows(law, pathway, received_on))


def other_laws(law: Law, state: CaseState) -> tuple[str, ...]:
    """What the queue says of parts that are not packs: titles, and no names."""
    found = [
        law.pathway(leg.pathway, state.received_for(leg.number)).title
        for leg in state.legs.values()
        if not leg.whole_route
    ]
    found += [law.pathway(INFORMATION_REQUEST, part.received_on).title for part in state.information]
    return tuple(dict.fromkeys(found))


def information_stages(law: Law, state: CaseState) -> list[tuple[date | None, Stage]]:
    """When each part that asks for information is due, and where it stands."""
    return [
        (
            first_due(due_rows(law, law.pathway(INFORMATION_REQUEST, part.received_on), part.received_on)),
            Stage.ANSWERED if part.answered_on else Stage.DECISION,
        )
        for part in state.information
    ]


def information_rows(file: CaseFile, law: Law, state: CaseState) -> tuple[InformationRow, ...]:
    """The parts that ask for policies, statistics and the like."""
    return tuple(_information_row(file, law, part) for part in state.information)


def _information_row(file: CaseFile, law: Law, part: InformationRequest) -> InformationRow:
    pathway = law.pathway(INFORMATION_REQUEST, part.received_on)
    (words,) = file.latest(Collection.NOTE, information_name(part.number), tuple[str, ...])
    outcome = pathway.outcome(part.outcome) if part.outcome else None
    dues = due_rows(law, pathway, part.received_on)
    return InformationRow(
        number=part.number,
        words=words,
        received_on=part.received_on,
        due_on=first_due(dues),
        clock_steps=_steps(part.received_on, dues),
        clock_law=_steps(part.received_on, dues, with_law=True),
        answered_on=part.answered_on,
        outcome=outcome.title if outcome else "",
        outcome_told=outcome.told if outcome else "",
        law=law_row(law, pathway, part.received_on),
    )


def beside_rows(law: Law, request: AccessRequest, received_on: date) -> tuple[LawRow, ...]:
    """What the family is told beside: why a request under Freedom of Information was taken as it was."""
    facts = PathwayFacts(asked_as_foi=request.asked_as_foi)
    found = law.told_beside(facts, on=received_on) if request.legs else ()
    return tuple(law_row(law, pathway, received_on) for pathway in found)


def choosable(law: Law, *, is_living: bool) -> tuple[LawRow, ...]:
    """The laws that can answer a leg, as they stand now, in the order of the data."""
    found = sorted((law.pathway(code) for code in law.pathways), key=lambda p: p.order)
    return tuple(
        law_row(law, p, p.in_force_from, with_dues=False)
        for p in found
        if not p.beside and not p.when.information and p.when.living == is_living
    )


def _outcomes(pathway: Pathway) -> tuple[OutcomeRow, ...]:
    return tuple(
        OutcomeRow(code=one.code, title=one.title, needs_approver=one.needs_approver)
        for one in pathway.outcomes
    )


def _steps(received_on: date, dues: tuple[DueRow, ...], *, with_law: bool = False) -> tuple[str, ...]:
    said = [f"We received your request on {say(received_on)}."]
    for row in dues:
        words = f"{row.title}: by {say(row.due_on)}." if row.due_on else row.why_not
        said.append(f"{words} ({row.citation})" if with_law else words)
    if len([row for row in dues if row.due_on]) > 1:
        said.append("We work to the first of these days.")
    return tuple(said) if dues else (*said, NO_LIMIT)


def _progress(mine: LegState) -> tuple[ProgressStep, ...]:
    done = mine.decided_on is not None
    return (
        ProgressStep(words="We received your request", state="done", on=None),
        ProgressStep(
            words="A person looks at this part and decides", state="done" if done else "now", on=None
        ),
        ProgressStep(
            words="We write to you with the answer", state="done" if done else "next", on=mine.decided_on
        ),
    )
