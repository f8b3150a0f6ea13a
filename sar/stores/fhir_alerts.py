"""The life of a Flag from its versions and Provenance, and of its copies from Communications."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from sar.domain.records import AlertEntry, AlertStep
from sar.stores import fhir_shapes as shapes
from sar.stores.answers import AnswerBuilder
from sar.stores.fhir_shapes import Resource, dicts
from sar.stores.values import as_date, readable

_ENDED = {"inactive": AlertStep.CLOSED, "entered-in-error": AlertStep.ENTERED_IN_ERROR}


def flag_life(
    number: str,
    versions: Sequence[Resource],
    actions: Sequence[Resource],
    role_of: Callable[[str], str],
    answer: AnswerBuilder,
) -> list[AlertEntry]:
    """One entry a version, what it did told by comparison with the one before; then the present state."""
    by_version = {v: a for a in actions for v in _targets(a)}
    entries: list[AlertEntry] = []
    before: Resource | None = None
    for version in versions:
        action = by_version.get(str(shapes.an_object(version.get("meta")).get("versionId") or ""), {})
        on = shapes.stored_on(version) or as_date(action.get("recorded")) or shapes.date_of(version)
        if before is None:
            on = shapes.date_of(version) or on
        if on is None:
            answer.hold(shapes.named(version), "a version of an alert without a date", "undated")
            continue
        entries.append(
            AlertEntry(
                alert_number=number,
                step=_step(before, version),
                on=on,
                by_role=_role(version, action, role_of),
                category=shapes.concept(version.get("category")),
                status="",
            )
        )
        before = version
    return [*entries, _present(number, versions[-1], answer)]


def _present(number: str, version: Resource, answer: AnswerBuilder) -> AlertEntry:
    return AlertEntry(
        alert_number=number,
        step=AlertStep.STATUS,
        on=answer.at.date(),
        category=shapes.concept(version.get("category")),
        status=str(version.get("status") or ""),
    )


def _step(before: Resource | None, version: Resource) -> AlertStep:
    if before is None:
        return AlertStep.RAISED
    status = str(version.get("status") or "")
    if status != before.get("status") and status in _ENDED:
        return _ENDED[status]
    changed = shapes.concept(version.get("category")) != shapes.concept(before.get("category"))
    return AlertStep.RELABELLED if changed else AlertStep.REVIEWED


def _role(version: Resource, action: Mapping[str, object], role_of: Callable[[str], str]) -> str:
    """The job of whoever acted: Provenance first, then the author of the version."""
    whos = [agent.get("who") for agent in dicts(action.get("agent"))] + [version.get("author")]
    for who in whos:
        if isinstance(who, dict) and (role := role_of(str(who.get("reference") or ""))):
            return role
    return ""


def _targets(action: Resource) -> list[str]:
    return [str(t.get("reference") or "").rpartition("/_history/")[2] for t in dicts(action.get("target"))]


def sent_life(number: str, message: Resource) -> list[AlertEntry]:
    """A copy of an alert: one entry a recipient."""
    on = shapes.date_of(message)
    told = [readable(r.get("display")) for r in dicts(message.get("recipient"))]
    if on is None:
        return []
    return [
        AlertEntry(alert_number=number, step=AlertStep.COPIED, on=on, recipient=_by_role(t))
        for t in told
        if t
    ]


def _by_role(display: str) -> str:
    """``Surgery: Dr A Name, GP`` -> ``Surgery: GP``: an alert's life names places and jobs, not people."""
    place, colon, who = display.partition(":")
    if not colon:
        return display
    role = (who.rpartition(",")[2] or who).strip()
    return f"{place.strip()}: {role[:1].upper()}{role[1:]}"
