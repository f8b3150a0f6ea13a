"""A record cut at the edges of its proposals, for the page on which a person decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from sar.domain.disclosure import ReviewPart, ReviewPassage, ReviewView
from sar.domain.matching import Proposal, Verdict
from sar.domain.parties import PeopleRegister
from sar.domain.records import Passage, Record
from sar.domain.redaction import Decision, RecordDecision, effective, undecided
from sar.domain.statutes import Law


def view_of(
    record: Record,
    *,
    proposals: Sequence[Proposal],
    decisions: Sequence[Decision],
    outcome: RecordDecision | None,
    register: PeopleRegister,
    law: Law,
) -> ReviewView:
    """The only maker of ``ReviewView``: unredacted, for one officer's page, never kept or sent."""
    current = [p for p in proposals if p.span.version == record.version]
    current_decisions = [d for d in effective(decisions) if d.span.version == record.version]
    standing = {d.proposal: d for d in current_decisions if d.proposal}
    by_hand = [d for d in current_decisions if not d.proposal and d.verdict is Verdict.WITHHOLD]

    def part(proposal: Proposal, text: str) -> ReviewPart:
        return _part(proposal, text, standing.get(proposal.id), register, law)

    stands = outcome is not None and outcome.version == record.version
    return ReviewView(
        record=str(record.key),
        kind=record.kind.value,
        dated_on=record.dated_on,
        origin=record.provenance.store_label,
        controller=record.provenance.controller,
        also_held_in=tuple(dict.fromkeys(c.store_label for c in record.copies)),
        passages=tuple(
            _passage(passage, [p for p in current if p.span.passage == i], part, by_hand, i)
            for i, passage in enumerate(record.passages)
        ),
        outcome=outcome.outcome.value if outcome and stands else "",
        outcome_reason=outcome.reason if outcome and stands else "",
        undecided=len(undecided(current, decisions)),
    )


def _passage(
    passage: Passage,
    proposals: Sequence[Proposal],
    part: Callable[[Proposal, str], ReviewPart],
    marked: Iterable[Decision],
    index: int,
) -> ReviewPassage:
    text = passage.text
    wide = [p for p in proposals if any(_inside(q, p) for q in proposals)]
    narrow = sorted((p for p in proposals if p not in wide), key=lambda p: (p.span.start, p.span.end))
    parts: list[ReviewPart] = []
    at = 0
    for p in narrow:
        start = max(at, p.span.start)
        if start > at:
            parts.append(ReviewPart(text=text[at:start], start=at))
        parts.append(part(p, text[start : max(start, p.span.end)]))
        at = max(at, p.span.end)
    if at < len(text):
        parts.append(ReviewPart(text=text[at:], start=at))
    by_hand = [d for d in marked if d.span.passage == index]
    return ReviewPassage(
        label=passage.label,
        parts=tuple(parts),
        wide=(
            *(part(p, text[p.span.start : p.span.end]) for p in wide),
            *(_by_hand(d, text) for d in by_hand if d.span.end <= len(text)),
        ),
    )


def _inside(inner: Proposal, outer: Proposal) -> bool:
    return (
        inner.span != outer.span and outer.span.start <= inner.span.start and inner.span.end <= outer.span.end
    )


def _by_hand(decision: Decision, text: str) -> ReviewPart:
    return ReviewPart(
        text=text[decision.span.start : decision.span.end],
        start=decision.span.start,
        exemption=decision.exemption or "",
        verdict=decision.verdict.value,
        decision_reason=decision.reason,
    )


def _part(
    proposal: Proposal, text: str, decision: Decision | None, register: PeopleRegister, law: Law
) -> ReviewPart:
    person = register.find(proposal.person) if proposal.person else None
    return ReviewPart(
        text=text,
        start=proposal.span.start,
        proposal=proposal.id,
        person=person.name if person else "",
        role=person.role.value if person else "",
        reason=proposal.reason,
        exemption=str(proposal.exemption),
        statute=law.exemption(str(proposal.exemption)).statute,
        must_be_decided_by=proposal.who_decides,
        suggested=proposal.suggests.value,
        verdict=decision.verdict.value if decision else "",
        decision_reason=decision.reason if decision else "",
        approved=decision is not None and decision.approved_by is not None,
    )
