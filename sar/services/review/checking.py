"""What the law asks of a decision, asked when the decision is made: the sign-off asks it all once more."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from sar.domain.authority import Capacity, asks_as
from sar.domain.calendar import uk_day
from sar.domain.errors import DecisionNotSupported
from sar.domain.exemptions import Circumstances, DeciderRole, Saying, check_decision_supported
from sar.domain.matching import Span, Verdict
from sar.domain.parties import Actor
from sar.domain.redaction import Decision
from sar.domain.references import ExemptionCode, RecordKey
from sar.domain.statutes import Law
from sar.ports.casework import health_view_of, leg_of, request_of, state_of
from sar.ports.deciding import WhoDecides
from sar.ports.keeping import CaseFile
from sar.ports.leg_places import records_named
from sar.services.review.choices import Choice, decider_role_of


class DecisionChecks:
    """The checks of one leg, with what they need read once however many decisions there are."""

    def __init__(
        self, file: CaseFile, leg: int, *, law: Law, who: WhoDecides, by: Actor, at: datetime,
        is_health_professional: bool, records: Collection[str],
    ) -> None:  # fmt: skip
        """:param records: the names of those that are decided on; no other is opened."""
        self.leg = leg_of(file, leg)
        self._law = law
        self._who = who
        self._by = by
        self._on = uk_day(at)
        self._by_name = records_named(file, state_of(file).gathered_round, leg, records)
        self._records = {r.key: r for r in self._by_name.values()}
        self._health = health_view_of(file, leg, is_health_professional=is_health_professional)
        self._age = request_of(file).subject_of(self.leg).age_on(self._on)

    def require_theirs(self, record: str) -> None:
        """Refuse a record of a controller the person does not act for. Raises NotAllowed."""
        if record in self._by_name:
            self._who.require(self._by, self._by_name[record], on=self._on)

    def __call__(self, record: RecordKey, choice: Choice, role: DeciderRole) -> None:
        """Refuse what the law does not allow.

        :raises DecisionNotSupported: naming the field that is missing or wrong.
        :raises NotAllowed: the record belongs to a controller the person does not act for.
        """
        self._who.require(self._by, self._records[record], on=self._on)
        if choice.exemption is None:
            raise DecisionNotSupported(
                "Nothing can be withheld without an exemption.",
                next_step="Choose the exemption, or decide to disclose.",
                field="exemption",
            )
        disclose = choice.verdict is Verdict.DISCLOSE
        check_decision_supported(
            self._law.exemption(choice.exemption, self._on),
            decided_by_role=role,
            reason=choice.reason,
            facts=self._circumstances(record),
            answers=choice.answers,
            disclose=disclose,
            # A source's disclosure is kept first and agreed to by an approver before sign-off.
            approver="to be confirmed" if disclose or choice.saying is not Saying.FULL else None,
            saying=None if disclose else choice.saying,
        )

    def decision(self, span: Span, choice: Choice, *, at: datetime, proposal: str) -> Decision:
        """What was chosen on some words, checked. Raises what the check raises."""
        role = decider_role_of(self._by, choice.decider_role)
        self(span.record, choice, role)
        return Decision(
            id=uuid.uuid4().hex,
            leg=self.leg.name,
            span=span,
            verdict=choice.verdict,
            reason=choice.reason.strip(),
            decided_by=self._by.id,
            decider_role=role.value,
            decided_at=at,
            exemption=ExemptionCode(choice.exemption) if choice.exemption else None,
            saying=choice.saying,
            proposal=proposal,
            opinion_on=choice.opinion_on,
            opinion_role=choice.opinion_role,
            answers=choice.answered if choice.verdict is Verdict.WITHHOLD else (),
        )

    def _circumstances(self, key: RecordKey) -> Circumstances:
        record = self._records[key]
        return Circumstances(
            capacity=asks_as(Capacity(self.leg.capacity), self._age, self._law.age_presumption),
            subject_age=self._age,
            relied_on=self._on,
            data_class=self._health.class_of(record),
            opinion_on=self._health.met_on(record, self._on),
            controller_is_health_professional=self._health.controller_is_health_professional,
        )
