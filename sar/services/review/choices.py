"""What a person chose, checked and turned into decisions and events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from sar.domain.errors import InvalidInput, NotAllowed, OutOfOrder
from sar.domain.exemptions import Answer, DeciderRole, Saying, check_not_blanket
from sar.domain.matching import Proposal, Span, Verdict
from sar.domain.parties import Actor
from sar.domain.records import Record
from sar.domain.redaction import Decision, Outcome, RecordDecision
from sar.domain.references import ExemptionCode, LegName
from sar.domain.statutes import Law
from sar.domain.trail import EventKind
from sar.ports.casework import state_of
from sar.ports.keeping import CaseFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One person's decision on some words, before it is checked and kept."""

    verdict: Verdict
    reason: str
    exemption: str | None = None
    saying: Saying = Saying.FULL
    decider_role: str = ""
    opinion_on: date | None = None
    opinion_role: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    """What was written on each question of the exemption's test, by the question's code."""

    @property
    def answered(self) -> tuple[Answer, ...]:
        """The answers, to be sealed with the decision."""
        return tuple(Answer(question=code, words=words.strip()) for code, words in self.answers.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """Words an officer picks by hand. ``quote`` must equal what stands there."""

    record: str
    passage: int
    start: int
    end: int
    quote: str


def reviewable(file: CaseFile, leg: int) -> int:
    state = state_of(file)
    mine = state.leg(leg)
    if mine.reviewed_round < state.gathered_round:
        raise OutOfOrder(
            "Proposals have not been made for the newest gathering.", next_step="Make the proposals first."
        )
    if mine.signed_off_round >= state.gathered_round:
        raise OutOfOrder(
            "This leg is signed off.", next_step="Return it to review first, or start a new round."
        )
    return state.gathered_round


def decider_role_of(by: Actor, wanted: str) -> DeciderRole:
    held = {r.value for r in by.roles}
    role = wanted or next((r.value for r in DeciderRole if r.value in held), "")
    if role not in held or role not in {r.value for r in DeciderRole}:
        raise NotAllowed("You do not hold the role that decides this.", next_step="Ask somebody who does.")
    return DeciderRole(role)


def span_of(record: Record, words: Words) -> Span:
    if not 0 <= words.passage < len(record.passages):
        raise InvalidInput(
            "That passage does not exist.", next_step="Open the record again.", field="passage"
        )
    text = record.passages[words.passage].text
    if not 0 <= words.start < words.end <= len(text) or text[words.start : words.end] != words.quote:
        raise InvalidInput(
            "The words marked are not the words that stand there.",
            next_step="Open the record again and mark the words once more.",
            field="quote",
        )
    return Span(
        record=record.key, version=record.version, passage=words.passage, start=words.start, end=words.end
    )


def decided(file: CaseFile, decision: Decision, *, leg: int, at: datetime, by: Actor) -> None:
    file.record(
        EventKind.SPAN_DECIDED, at=at, by=by, leg=leg, decision=decision.id, verdict=decision.verdict.value,
        exemption=decision.exemption, saying=decision.saying.value, role=decision.decider_role,
        approved=decision.approved_by is not None, span=file.keyed_digest(repr(decision.span).encode()),
    )  # fmt: skip


def record_decision(
    leg: LegName,
    record: Record,
    outcome: Outcome,
    choice: Choice,
    role: DeciderRole,
    *,
    at: datetime,
    by: Actor,
) -> RecordDecision:
    return RecordDecision(
        leg=leg,
        record=record.key,
        version=record.version,
        outcome=outcome,
        reason=choice.reason.strip(),
        decided_by=by.id,
        decider_role=role.value,
        decided_at=at,
        exemption=ExemptionCode(choice.exemption)
        if choice.exemption and outcome is Outcome.WITHHOLD
        else None,
        saying=choice.saying,
        opinion_on=choice.opinion_on,
        opinion_role=choice.opinion_role,
        answers=choice.answered,
    )


def refuse_blanket(law: Law, withheld: Iterable[tuple[str, Choice]], on: date) -> None:
    """Refuse one reason for several records in one go, where harm has to be shown for each of them.

    :param withheld: each record's name, and the choice to withhold it or words in it.
    """
    reasons: dict[str, dict[str, str]] = {}
    for record, choice in withheld:
        if choice.exemption:
            reasons.setdefault(choice.exemption, {})[f"{record}\0{choice.reason}"] = choice.reason
    for code, said in reasons.items():
        check_not_blanket(law.exemption(code, on), said.values())


def without_nested(made: Sequence[Proposal]) -> tuple[Proposal, ...]:
    """Drop a proposal that lies inside another for the same person and exemption, and repeats."""
    kept: list[Proposal] = []
    for p in sorted(made, key=lambda p: (p.span.passage, p.span.start, p.span.start - p.span.end)):
        inside = any(
            k.span.passage == p.span.passage
            and k.span.start <= p.span.start
            and p.span.end <= k.span.end
            and (k.person, k.exemption, k.kind) == (p.person, p.exemption, p.kind)
            for k in kept
        )
        if not inside:
            kept.append(p)
    return tuple(kept)
