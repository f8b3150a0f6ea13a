"""Decisions, and the only way from a record to something that may leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import Enum

from sar.domain.disclosure import (
    DisclosedPassage,
    DisclosedRecord,
    Ground,
    Hidden,
    Piece,
    Shown,
    fold,
)
from sar.domain.errors import DecisionNotSupported, UndecidedProposals
from sar.domain.exemptions import Answer, Saying
from sar.domain.matching import Proposal, Span, Verdict
from sar.domain.records import Passage, Record
from sar.domain.references import ExemptionCode, LegName, RecordKey, StaffId


class Outcome(Enum):
    """What happens to a whole record in one leg."""

    DISCLOSE = "disclose"
    WITHHOLD = "withhold"
    OUT_OF_SCOPE = "out_of_scope"
    """Not about this person (another family in the same minutes): never labelled exempt."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A named person's decision on one span. A later decision on the same span replaces it."""

    id: str
    leg: LegName
    span: Span
    verdict: Verdict
    reason: str
    decided_by: StaffId
    decider_role: str
    decided_at: datetime
    exemption: ExemptionCode | None = None
    saying: Saying = Saying.FULL
    proposal: str = ""
    approved_by: StaffId | None = None
    """The approver who confirmed it, where the law or our rules ask for one (a lay source disclosed)."""
    opinion_on: date | None = None
    opinion_role: str = ""
    answers: tuple[Answer, ...] = ()
    """What the decider wrote on each question of the exemption's test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDecision:
    """A named person's decision on a whole record, made after reading it."""

    leg: LegName
    record: RecordKey
    version: str
    outcome: Outcome
    reason: str
    decided_by: StaffId
    decider_role: str
    decided_at: datetime
    exemption: ExemptionCode | None = None
    saying: Saying = Saying.FULL
    opinion_on: date | None = None
    opinion_role: str = ""
    answers: tuple[Answer, ...] = ()
    """What the decider wrote on each question of the exemption's test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroundKey:
    """A ground as the family may know it: two decisions with one public ground share a letter."""

    exemption: ExemptionCode
    saying: Saying


def effective(decisions: Iterable[Decision]) -> tuple[Decision, ...]:
    """The decisions that stand: for each proposal, and for each span marked by hand, the last one made.

    Two rules may propose on the same words for different reasons; each is answered on its own, and words
    withheld for one reason stay out whatever is decided for the other.
    """
    last: dict[tuple[Span, str], Decision] = {}
    for decision in sorted(decisions, key=lambda d: d.decided_at):
        last[decision.span, decision.proposal] = decision
    return tuple(last.values())


def undecided(proposals: Iterable[Proposal], decisions: Iterable[Decision]) -> tuple[Proposal, ...]:
    """Proposals no standing decision answers: their own, or one that withholds the same or wider words."""
    standing = effective(decisions)
    answered = {(d.proposal, d.span) for d in standing}
    covering: dict[tuple[RecordKey, str, int], list[Decision]] = {}
    for d in standing:
        if d.verdict is Verdict.WITHHOLD:
            covering.setdefault((d.span.record, d.span.version, d.span.passage), []).append(d)
    return tuple(p for p in proposals if (p.id, p.span) not in answered and not _covered(p.span, covering))


def _covered(span: Span, covering: Mapping[tuple[RecordKey, str, int], Sequence[Decision]]) -> bool:
    near = covering.get((span.record, span.version, span.passage), ())
    return any(d.span.start <= span.start and span.end <= d.span.end for d in near)


def redact(
    record: Record,
    *,
    decision: RecordDecision | None,
    proposals: Iterable[Proposal],
    decisions: Iterable[Decision],
    letters: Mapping[GroundKey, Ground],
) -> DisclosedRecord:
    """The only ``Record -> DisclosedRecord``. Called at sign-off, for records decided ``disclose``.

    Withholding wins where spans overlap: a word inside both a disclosed and a withheld span stays out.

    :raises UndecidedProposals: the record or a proposal in it has no standing decision.
    :raises DecisionNotSupported: the decision is about another version, or a ground has no letter.
    """
    _require_decided(record, decision)
    mine = [p for p in proposals if p.span.record == record.key and p.span.version == record.version]
    made = [
        d for d in effective(decisions) if d.span.record == record.key and d.span.version == record.version
    ]
    if left := undecided(mine, made):
        raise UndecidedProposals(
            f"{len(left)} proposals in a record wait for a person.",
            next_step="Open the record in the review and decide each of them.",
        )
    hidden = [d for d in made if d.verdict is Verdict.WITHHOLD]
    passages = (
        _redact_passage(p, [d for d in hidden if d.span.passage == i], letters)
        for i, p in enumerate(record.passages)
    )
    return DisclosedRecord(
        kind=record.kind.value,
        dated_on=record.dated_on,
        origin=record.provenance.store_label,
        controller=record.provenance.controller,
        found_by=record.provenance.found_by,
        retrieved_on=record.provenance.retrieved_at.date(),
        also_held_in=tuple(dict.fromkeys(c.store_label for c in record.copies)),
        passages=_without_repeated_marks(passages),
    )


def _require_decided(record: Record, decision: RecordDecision | None) -> None:
    if decision is None or decision.outcome is not Outcome.DISCLOSE:
        raise UndecidedProposals(
            "A record has no decision to disclose it.",
            next_step="Open the record in the review and decide on it.",
        )
    if decision.version != record.version:
        raise DecisionNotSupported(
            "A decision was made on an earlier version of a record.",
            next_step="Review the record again: it changed at the store.",
        )


def _without_repeated_marks(passages: Iterable[DisclosedPassage]) -> tuple[DisclosedPassage, ...]:
    """Passages without the empty ones; neighbours that are all withheld share one mark, so none can be counted."""
    kept: list[DisclosedPassage] = []
    for passage in passages:
        if not passage.pieces:
            continue
        if kept and _is_all_hidden(passage) and _is_all_hidden(kept[-1]):
            continue
        kept.append(passage)
    return tuple(kept)


def _is_all_hidden(passage: DisclosedPassage) -> bool:
    return all(isinstance(p, Hidden) or not p.text.strip() for p in passage.pieces)


def only_named(page: DisclosedRecord, records: Iterable[DisclosedRecord]) -> DisclosedRecord:
    """The page of people with only those who stand in words that go out; it must not tell of a hidden one."""
    out = fold("\n".join(p.text for r in records for p in r.passages))
    named = tuple(p for p in page.passages if fold(p.text.split(",")[0]) in out)
    nobody = DisclosedPassage(
        label="Name and role", pieces=(Shown(text="No member of staff is named in what we can show."),)
    )
    return replace(page, passages=named or (nobody,))


def _redact_passage(
    passage: Passage, hidden: Sequence[Decision], letters: Mapping[GroundKey, Ground]
) -> DisclosedPassage:
    pieces: list[Piece] = []
    at = 0
    for start, end, ground in _merged(passage.text, hidden, letters):
        if start > at:
            pieces.append(Shown(text=passage.text[at:start]))
        if ground:
            pieces.append(Hidden(ground=ground))
        at = end
    if at < len(passage.text):
        pieces.append(Shown(text=passage.text[at:]))
    return DisclosedPassage(label=passage.label, pieces=tuple(pieces))


def _merged(
    text: str, hidden: Sequence[Decision], letters: Mapping[GroundKey, Ground]
) -> list[tuple[int, int, str]]:
    """Withheld stretches, joined where they touch or no letter or digit parts them.

    Joining keeps the number of placeholders from telling how many names or words stood there.
    """
    runs: list[tuple[int, int, str]] = []
    for d in sorted(hidden, key=lambda d: (d.span.start, -d.span.end)):
        letter = _letter(d, letters)
        if runs and not any(c.isalnum() for c in text[runs[-1][1] : d.span.start]):
            start, end, first = runs[-1]
            runs[-1] = (start, max(end, d.span.end), first or letter)
        else:
            runs.append((d.span.start, d.span.end, letter))
    return runs


def _letter(decision: Decision, letters: Mapping[GroundKey, Ground]) -> str:
    if decision.exemption is None:
        raise DecisionNotSupported(
            "Words are withheld without an exemption.",
            next_step="Decide again and name the exemption, or disclose the words.",
        )
    if decision.saying is Saying.NOTHING:
        # Even a mark would say that something is there: the words leave without one.
        return ""
    key = GroundKey(exemption=decision.exemption, saying=decision.saying)
    if key not in letters:
        raise DecisionNotSupported(
            "A ground has no place in the schedule.", next_step="Build the schedule again from the decisions."
        )
    return letters[key].letter
