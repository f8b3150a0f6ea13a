"""The law's own tests, asked once more at sign-off: by then an opinion may be too old, a record changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import partial

from sar.domain.authority import Capacity, asks_as, reaches_health
from sar.domain.errors import DecisionNotSupported
from sar.domain.exemptions import (
    Circumstances,
    DeciderRole,
    check_decision_supported,
    check_not_blanket,
    opinion_is_in_time,
)
from sar.domain.matching import Proposal, Verdict
from sar.domain.opinions import HealthView, OpinionResult, check_health_release
from sar.domain.records import DataClass, Record
from sar.domain.redaction import Decision, Outcome, RecordDecision
from sar.domain.references import RecordKey
from sar.domain.statutes import Law
from sar.ports.casework import health_view_of
from sar.ports.standing import authority_facts
from sar.services.signoff.leg_review import LegReview, words

_ASK_FIRST = frozenset({DeciderRole.LAWYER.value, DeciderRole.HEALTH_PROFESSIONAL.value})
_SIGNING = "signing off"
"""What may be said of a withholding is confirmed by the sign-off itself, a second person's act."""


class LawChecks:
    """One leg's decisions under the law of one day."""

    def __init__(self, mine: LegReview, law: Law, on: date, *, is_health_professional: bool) -> None:
        self._mine = mine
        self._law = law
        self._on = on
        self._health: HealthView = health_view_of(
            mine.file, mine.leg.number, is_health_professional=is_health_professional
        )
        self._records = {r.key: r for r in mine.records}

    def refusals(self) -> Iterable[str]:
        """What the law does not allow as things stand, in words."""
        for record in self._mine.records:
            made = self._mine.outcome(record)
            if made and made.outcome is Outcome.WITHHOLD and made.exemption is not None:
                yield from words(partial(self._whole, made))
        by_id = {p.id: p for p in self._mine.proposals}
        for decision in self._mine.standing():
            if decision.proposal in by_id or decision.verdict is Verdict.WITHHOLD:
                yield from words(partial(self._words, decision, by_id.get(decision.proposal)))
        yield from self._blanket()
        yield from self._health_gate()
        yield from self._power()

    def _whole(self, made: RecordDecision) -> None:
        check_decision_supported(
            self._law.exemption(str(made.exemption), self._on),
            decided_by_role=DeciderRole(made.decider_role),
            reason=made.reason,
            facts=self._circumstances(made.record),
            answers={a.question: a.words for a in made.answers},
            approver=_SIGNING,
            saying=made.saying,
        )

    def _words(self, decision: Decision, proposal: Proposal | None) -> None:
        disclose = decision.verdict is Verdict.DISCLOSE
        code = proposal.exemption if proposal and disclose else decision.exemption
        if code is None:
            raise DecisionNotSupported("Words are withheld without an exemption.", next_step="Decide again.")
        check_decision_supported(
            self._law.exemption(str(code), self._on),
            decided_by_role=DeciderRole(decision.decider_role),
            reason=decision.reason,
            facts=self._circumstances(decision.span.record),
            answers={a.question: a.words for a in decision.answers},
            disclose=disclose,
            approver=decision.approved_by if disclose else _SIGNING,
            saying=None if disclose else decision.saying,
        )
        if proposal and disclose:
            self._given_out(decision, proposal)

    def _given_out(self, decision: Decision, proposal: Proposal) -> None:
        if proposal.is_source and decision.approved_by is None:
            raise DecisionNotSupported(
                "Words about a protected source are marked to be disclosed, and no approver has agreed.",
                next_step="Ask an approver to agree, or withhold them.",
            )
        needed = proposal.who_decides
        if needed not in _ASK_FIRST or decision.decider_role == needed:
            return
        if needed == DeciderRole.HEALTH_PROFESSIONAL.value and self._was_weighed(decision.span.record):
            return
        if (
            decision.opinion_role != needed
            or decision.opinion_on is None
            or not opinion_is_in_time(decision.opinion_on, self._on)
        ):
            raise DecisionNotSupported(
                f"Words that a {needed} has to weigh are marked to be disclosed without asking one.",
                next_step=f"Ask a {needed}, and record the opinion and its date.",
            )

    def _was_weighed(self, record: RecordKey) -> bool:
        found = self._health.standing(self._records[record], self._on)
        return found is not None and found[1] is not OpinionResult.MET

    def _blanket(self) -> Iterable[str]:
        reasons: dict[str, list[str]] = {}
        for record in self._mine.records:
            made = self._mine.outcome(record)
            if made and made.outcome is Outcome.WITHHOLD and made.exemption is not None:
                reasons.setdefault(str(made.exemption), []).append(made.reason)
        for code, said in reasons.items():
            yield from words(partial(check_not_blanket, self._law.exemption(code, self._on), said))

    def _health_gate(self) -> Iterable[str]:
        out = self._mine.going_out()
        if unclassed := self._health.unclassed(out):
            yield (
                f"Nobody has said whether {len(unclassed)} records are health, social work, education or other "
                "information, and their stores do not say."
            )
        held: dict[RecordKey, set[str]] = {}
        for decision in self._mine.standing():
            if decision.verdict is Verdict.WITHHOLD and decision.exemption is not None:
                rule = self._law.exemption(str(decision.exemption), self._on)
                if rule.opinion_needed:
                    held.setdefault(decision.span.record, set()).add(rule.code)
        refused = [list(words(partial(self._release, record, record.key in held))) for record in out]
        # One line for each thing that is missing, not one for each record.
        for message in dict.fromkeys(m for messages in refused for m in messages):
            count = sum(message in messages for messages in refused)
            yield message if count == 1 else f"{message} ({count} records)"

    def _power(self) -> Iterable[str]:
        """A power over money says nothing of health records."""
        facts = authority_facts(self._mine.file, self._mine.leg.number, on=self._on)
        health = [r for r in self._mine.going_out() if self._health.class_of(r) is DataClass.HEALTH]
        if health and not reaches_health(facts.capacity, facts.seen):
            yield (
                f"{len(health)} health records would go out on a power over property and money. See the one for "
                "health and care, or record with the proof of authority why this power reaches them."
            )

    def _release(self, record: Record, part_withheld: bool) -> None:  # noqa: FBT001 - bound by partial
        check_health_release(self._health, record, on=self._on, part_withheld=part_withheld)

    def _circumstances(self, key: RecordKey) -> Circumstances:
        record = self._records[key]
        age = self._mine.subject.age_on(self._on)
        return Circumstances(
            capacity=asks_as(Capacity(self._mine.leg.capacity), age, self._law.age_presumption),
            subject_age=age,
            relied_on=self._on,
            data_class=self._health.class_of(record),
            opinion_on=self._health.met_on(record, self._on),
            controller_is_health_professional=self._health.controller_is_health_professional,
        )
