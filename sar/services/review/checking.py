"""What the law asks of a decision, asked when the decision is made: the sign-off asks it all once more."""

from __future__ import annotations

from datetime import datetime

from sar.domain.authority import Capacity, asks_as
from sar.domain.calendar import uk_day
from sar.domain.errors import DecisionNotSupported
from sar.domain.exemptions import Circumstances, DeciderRole, Saying, check_decision_supported
from sar.domain.matching import Verdict
from sar.domain.parties import Actor
from sar.domain.references import RecordKey
from sar.domain.statutes import Law
from sar.ports.casework import health_view_of, leg_of, leg_records, request_of, state_of
from sar.ports.deciding import WhoDecides
from sar.ports.keeping import CaseFile
from sar.services.review.choices import Choice


class DecisionChecks:
    """The checks of one leg, with what they need read once however many decisions there are."""

    def __init__(
        self, file: CaseFile, leg: int, *, law: Law, who: WhoDecides, by: Actor, at: datetime,
        is_health_professional: bool,
    ) -> None:  # fmt: skip
        self.leg = leg_of(file, leg)
        self._law = law
        self._who = who
        self._by = by
        self._on = uk_day(at)
        self._records = {r.key: r for r in leg_records(file, state_of(file).gathered_round, leg)}
        self._by_name = {str(key): record for key, record in self._records.items()}
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
