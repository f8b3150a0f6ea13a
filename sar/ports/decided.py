"""The decisions on some records alone, where reading all decisions of a leg would take too long."""

from __future__ import annotations

from collections.abc import Collection as Some
from collections.abc import Set as AbstractSet

from sar.domain.redaction import Decision, RecordDecision
from sar.domain.references import RecordKey
from sar.ports.casework import decisions_of, record_decisions_of
from sar.ports.keeping import CaseFile, Collection

_FEW = 200
"""Up to so many are read one by one."""


def decision_name(leg: int, decision: Decision) -> str:
    """Where a decision on words is kept: under its record, so that those on one record are found by name."""
    return f"{leg}/{decision.span.record}/{decision.id}"


def decisions_on(file: CaseFile, leg: int, records: AbstractSet[RecordKey]) -> tuple[Decision, ...]:
    """Every decision on words of some records of a leg."""
    prefix, wanted = f"{leg}/", {*map(str, records)}
    under = {name: name.removeprefix(prefix) for name in file.names(Collection.DECISION, under=prefix)}
    found = [name for name, rest in under.items() if rest.rpartition("/")[0] in wanted]
    if len(found) > _FEW or any("/" not in rest for rest in under.values()):
        # Many; or some were kept before they stood under their record, and tell by themselves alone which it is.
        return tuple(d for d in decisions_of(file, leg) if d.span.record in records)
    return tuple(file.latest(Collection.DECISION, name, Decision) for name in found)


def record_decisions_on(file: CaseFile, leg: int, records: Some[str]) -> dict[RecordKey, RecordDecision]:
    """The standing decision on each of some records, by the records' names."""
    if len(records) > _FEW:
        return record_decisions_of(file, leg)
    kept = (file.find(Collection.RECORD_DECISION, f"{leg}/{record}", RecordDecision) for record in records)
    return {d.record: d for d in kept if d is not None}
