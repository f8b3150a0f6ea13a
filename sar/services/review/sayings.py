"""An approver decides how much the family is told of what is withheld in one record (decision 0002)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import datetime

from sar.domain.errors import NotAllowed, OutOfOrder
from sar.domain.exemptions import Saying
from sar.domain.matching import Verdict
from sar.domain.parties import Actor, StaffRole
from sar.domain.redaction import Outcome, effective
from sar.domain.trail import EventKind
from sar.ports.casework import decisions_of, record_decisions_of
from sar.ports.keeping import CaseFile, Collection
from sar.services.review.choices import reviewable
from sar.services.review.counting import keep_decisions


def change_saying(file: CaseFile, *, leg: int, record: str, saying: Saying, at: datetime, by: Actor) -> None:
    """What may be said of everything withheld in a record, whole or in part.

    :raises NotAllowed: not an approver, or the one who decided.
    """
    if not by.has(StaffRole.APPROVER):
        raise NotAllowed("Only an approver may change what is told.", next_step="Ask an approver.")
    reviewable(file, leg)
    held = [
        d
        for d in effective(decisions_of(file, leg))
        if str(d.span.record) == record and d.verdict is Verdict.WITHHOLD
    ]
    whole = [
        d
        for key, d in record_decisions_of(file, leg).items()
        if str(key) == record and d.outcome is Outcome.WITHHOLD
    ]
    if not held and not whole:
        raise OutOfOrder("Nothing is withheld in this record.", next_step="Open the record again.")
    if by.id in {d.decided_by for d in held} | {d.decided_by for d in whole}:
        raise NotAllowed("A second person has to decide this.", next_step="Ask another approver.")
    told = [replace(d, id=uuid.uuid4().hex, saying=saying, approved_by=by.id, decided_at=at) for d in held]
    keep_decisions(file, leg, told, at=at, by=by)
    for made in whole:
        file.keep(Collection.RECORD_DECISION, f"{leg}/{record}", replace(made, saying=saying))
        file.record(
            EventKind.RECORD_DECIDED, at=at, by=by, leg=leg, outcome=made.outcome.value, role=made.decider_role,
            exemption=made.exemption, saying=saying.value, record=file.keyed_digest(record.encode()),
        )  # fmt: skip
