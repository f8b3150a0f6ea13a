"""What a whole law must be beside each entry: complete, cited in every part, and leading nowhere in vain."""

from __future__ import annotations

from collections.abc import Iterable

from sar.domain.complaint_routes import Route
from sar.domain.errors import BadLaw
from sar.domain.exemptions import ExemptionRule, RuleKind
from sar.domain.statutes import Law

_NEEDED = ("access.reply", "rectification.reply")


def check_everything(law: Law) -> dict[str, int]:
    """How many entries of each kind there are.

    :raises BadLaw: an entry lacks a citation, a stage leads back to itself, or the nation lacks what a
        subject access request cannot be answered without.
    """
    _check_complete(law)
    for where, citation in _citations(law):
        if not citation.strip():
            raise _bad(law, f"'{where}' has no citation", where)
    for route in law.routes.values():
        _check_route(law, route)
    for rule in (rule for entries in law.exemptions.values() for rule in entries):
        _check_exemption(law, rule)
    return {
        "time limits": sum(map(len, law.time_limits.values())),
        "exemptions": sum(map(len, law.exemptions.values())),
        "routes": len(law.routes),
        "regulators": len(law.regulators),
        "glossary entries": len(law.glossary),
        "retention entries": len(law.retention),
    }


def _check_complete(law: Law) -> None:
    for code in _NEEDED:
        if code not in law.time_limits:
            raise _bad(law, f"the time limit '{code}' is missing", code)
    for needed, what in (
        (law.exemptions, "exemptions"),
        (law.routes, "routes"),
        (law.regulators, "regulator"),
    ):
        if not needed:
            raise _bad(law, f"it has no {what}", what)


def _check_exemption(law: Law, rule: ExemptionRule) -> None:
    if rule.withholds and not rule.who_decides:
        raise _bad(law, f"nobody may decide '{rule.code}'", rule.code)
    if rule.kind is RuleKind.LABEL and (rule.blocks_rectification or rule.opinion_needed):
        raise _bad(law, f"'{rule.code}' is a label and may limit nothing", rule.code)


def _citations(law: Law) -> Iterable[tuple[str, str]]:
    yield law.nation.code, law.age_presumption.citation
    for limits in law.time_limits.values():
        yield from ((limit.code, limit.citation) for limit in limits)
    for rules in law.exemptions.values():
        yield from ((str(rule.code), rule.citation) for rule in rules)
    for route in law.routes.values():
        yield route.code, route.citation
        yield from ((f"{route.code}, {stage.code}", stage.citation) for stage in route.stages)
    yield from ((regulator.code, regulator.citation) for regulator in law.regulators)
    yield from ((item.code, item.citation) for item in law.article15)
    yield from ((entry.code, entry.citation) for entry in law.guidance)
    yield from ((entry.code, entry.citation) for entry in law.retention)


def _check_route(law: Law, route: Route) -> None:
    for stage in route.stages:
        seen, at = {stage.code}, stage
        while at.next_stage:
            at = route.stage(at.next_stage)
            if at.code in seen:
                raise _bad(law, f"the route '{route.code}' leads back to its stage '{at.code}'", route.code)
            seen.add(at.code)


def _bad(law: Law, why: str, field: str) -> BadLaw:
    return BadLaw(
        f"The law of {law.nation.title}: {why}.", next_step="Correct the entry in the law files.", field=field
    )
