"""Trying rules by hand: ``sar rules check`` and ``sar rules try``."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sar.detection.reading import RulesDetector
from sar.detection.rules import WrittenRule, load_rules, people_from
from sar.domain.errors import BadRule, InvalidInput
from sar.domain.parties import Person
from sar.domain.references import RuleId
from sar.ports.reviewing import Detector


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleReport:
    """What ``check_rules`` found out about one rule."""

    rule: RuleId
    family: str
    title: str
    statute: str
    exemption: str
    who_decides: str
    examples: int


def check_rules(folder: Path) -> tuple[RuleReport, ...]:
    """Load every rule and read its examples; ``BadRule`` names the first that fails."""
    written = load_rules(folder)
    detector = RulesDetector.of(written)
    return tuple(_checked(detector, w) for w in written)


def _checked(detector: RulesDetector, written: WrittenRule) -> RuleReport:
    rule = written.rule
    reading = detector.for_people(written.people)
    for wanted, examples in ((True, rule.examples_match), (False, rule.examples_not)):
        for number, example in enumerate(examples, start=1):
            if any(m.rule == rule.id for m in reading.matches(example)) is not wanted:
                raise BadRule(
                    f"{written.source}, {rule.id}: example {number} of '{'match' if wanted else 'not'}' "
                    f"{'is not found' if wanted else 'is found'}.",
                    next_step="Mend the pattern or the example; the two must agree.",
                    field=f"{written.source}:{rule.id}",
                )
    return RuleReport(
        rule=rule.id,
        family=rule.family,
        title=rule.title,
        statute=rule.statute,
        exemption=rule.exemption,
        who_decides=rule.who_decides,
        examples=len(rule.examples_match) + len(rule.examples_not),
    )


def try_text(detector: Detector, text: str, people: Sequence[Person]) -> list[dict[str, Any]]:
    """Proposals for one text as plain values, in the shape ``sar rules try`` prints."""
    return [
        {
            "start": m.start,
            "end": m.end,
            "text": text[m.start : m.end],
            "kind": m.kind,
            "known": m.known,
            "rule": m.rule,
            "person": m.person,
            "exemption": m.exemption,
            "suggests": m.suggests.value,
            "reason": m.reason,
            "certainty": round(m.certainty, 3),
        }
        for m in detector.for_people(people).matches(text)
    ]


def people_from_toml(file: Path) -> tuple[Person, ...]:
    """The register of ``sar rules try --people P.toml``: ``[[people]]`` with a name and a role each."""
    try:
        data = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        raise InvalidInput(
            f"{file.name} cannot be read as a list of people.",
            next_step='Write [[people]] entries with name = "..." and role = "third_party".',
            field="people",
        ) from problem
    if unknown := set(data) - {"people", "person"}:
        raise InvalidInput(
            f"{file.name} has a table we do not know: {min(unknown)}.",
            next_step='Write [[person]] entries with name = "..." and role = "third_party".',
            field="people",
        )
    return people_from_values([*data.get("people", []), *data.get("person", [])], source=file.name)


def people_from_values(entries: Any, *, source: str = "people") -> tuple[Person, ...]:
    """The same from parsed JSON: ``[{"name", "role", "aliases"?}]``."""
    if not isinstance(entries, list):
        raise InvalidInput(
            "The people are not a list.",
            next_step='Give "people": [{"name": "...", "role": "third_party"}].',
            field="people",
        )
    try:
        return people_from(entries, source=source)
    except BadRule as problem:
        raise InvalidInput(problem.message, next_step=problem.next_step, field="people") from problem
