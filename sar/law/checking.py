"""What a whole law must be beside each entry: complete, cited in every part, and leading nowhere in vain."""

from __future__ import annotations

from collections.abc import Iterable

from sar.domain.complaint_routes import LodgeFrom, Route, Stage
from sar.domain.errors import BadLaw
from sar.domain.exemptions import ExemptionRule, RuleKind
from sar.domain.statutes import Law
from sar.law.checking_words import check_pathways, check_places

_NEEDED = ("access.reply", "rectification.reply", "ico.lodge")
_ARTICLE_15 = frozenset({"a", "b", "c", "d", "e", "ea", "f", "g", "h"})
_KNEW = "knew"
"""How the law files say that a family's time runs from what they knew."""


def check_everything(law: Law) -> dict[str, int]:
    """How many entries of each kind there are.

    :raises BadLaw: an entry lacks a citation, a stage leads back to itself, or the nation lacks what a
        subject access request cannot be answered without.
    """
    _check_complete(law)
    for where, citation in _citations(law):
        if not citation.strip():
            raise _bad(law, f"'{where}' has no citation", where)
    check_places(law)
    check_pathways(law)
    for route in law.routes.values():
        _check_route(law, route)
        if route.dead_files and not any(stage.code == "ombudsman" for stage in route.stages):
            raise _bad(law, f"the route '{route.code}' has 'dead_files' and no stage 'ombudsman'", route.code)
        for stage in route.stages:
            _check_lodge_from(law, route, stage)
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
        if all(entry.in_force_until is not None for entry in law.time_limits[code]):
            raise _bad(law, f"the time limit '{code}' ends, and nothing follows it", code)
    if missing := sorted(_ARTICLE_15 - {item.code for item in law.article15 if item.in_force_until is None}):
        raise _bad(law, f"Article 15(1)({missing[0]}) is missing", f"article15/{missing[0]}")
    for needed, what in (
        (law.exemptions, "exemptions"),
        (law.routes, "routes"),
        (law.regulators, "regulator"),
    ):
        if not needed:
            raise _bad(law, f"it has no {what}", what)
    if all(entry.in_force_until is not None for entry in law.regulators):
        raise _bad(
            law, "the regulator ends, and no entry follows it: to change its name by a setting, set the name "
            "and leave its dates", "regulator",
        )  # fmt: skip
    if "data-protection" not in law.routes or not any(
        stage.code == "court" for stage in law.routes["data-protection"].stages
    ):
        raise _bad(law, "the route 'data-protection', with its stage 'court', is missing", "data-protection")


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


def _check_lodge_from(law: Law, route: Route, stage: Stage) -> None:
    for limit in law.time_limits.get(stage.lodge_limit, ()):
        if (_KNEW in limit.runs_from) != (stage.lodge_from is LodgeFrom.KNOWLEDGE):
            raise _bad(
                law,
                f"stage '{stage.code}' of '{route.code}' says lodge_from '{stage.lodge_from.value}', but "
                f"'{limit.code}' runs from {limit.runs_from or 'nothing named'}",
                f"{route.code}/{stage.code}",
            )


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
