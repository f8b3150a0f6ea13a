"""The law we apply, as rows that a person can check: what it says, where it stands, and what is uncertain."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sar.domain.complaint_routes import Route
from sar.domain.exemptions import ExemptionRule
from sar.domain.limits import Counting, TimeLimit, Unit, WhoseLimit
from sar.domain.statutes import Law


@dataclass(frozen=True, slots=True, kw_only=True)
class LawRow:
    """One entry."""

    kind: str
    """As in the law files: with the code it names the entry in a setting."""
    code: str
    title: str
    says: tuple[str, ...]
    citation: str
    in_force_from: date | None
    in_force_until: date | None
    uncertain: bool
    overridden: bool
    """A setting of this installation changed it."""

    def as_report(self) -> dict[str, object]:
        """For scripts."""
        return {
            "kind": self.kind,
            "code": self.code,
            "title": self.title,
            "says": list(self.says),
            "citation": self.citation,
            "in_force_from": self.in_force_from.isoformat() if self.in_force_from else None,
            "in_force_until": self.in_force_until.isoformat() if self.in_force_until else None,
            "uncertain": self.uncertain,
            "overridden": self.overridden,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class LawSection:
    """Entries of one kind, under a heading."""

    heading: str
    rows: tuple[LawRow, ...]


def law_as_shown(law: Law) -> tuple[LawSection, ...]:
    """Everything that dates and decisions rest on, every entry with its citation."""
    limits = [limit for entries in law.time_limits.values() for limit in entries]
    exemptions = [rule for entries in law.exemptions.values() for rule in entries]
    return (
        LawSection(heading="The nation, and how days are counted", rows=_nation(law)),
        LawSection(heading="Time limits", rows=tuple(_limit(law, limit) for limit in limits)),
        LawSection(heading="Exemptions", rows=tuple(_exemption(law, rule) for rule in exemptions)),
        LawSection(heading="Complaint and appeal routes", rows=tuple(_routes(law))),
        LawSection(heading="The data protection regulator", rows=_regulators(law)),
    )


def _nation(law: Law) -> tuple[LawRow, ...]:
    age, code = law.age_presumption, law.nation.code
    changed = f"nation/{code}" in law.overridden
    by_law = "set by law" if age.statutory else "a working assumption, not law"
    counting = (
        "The day a question is asked and the day it is answered are both left out of the count "
        if law.clarification_counting.value == "inclusive"
        else "Only the days between a question and its answer are left out of the count "
    )
    return (
        LawRow(
            kind="nation", code=code, title="Age from which a child is taken to understand",
            says=(f"{age.age} years, {by_law}. Somebody always looks at the child, not only at the age.",),
            citation=age.citation, in_force_from=None, in_force_until=None, uncertain=age.uncertain,
            overridden=changed,
        ),
        LawRow(
            kind="nation", code=code, title="Age from which somebody can give a power of attorney",
            says=(f"{age.attorney_age} years. Below it nobody can ask by such a power.",),
            citation=age.attorney_citation, in_force_from=None, in_force_until=None, uncertain=False,
            overridden=False,
        ),
        LawRow(
            kind="nation", code=code, title="How a pause for a question is counted",
            says=(f"{counting}({law.clarification_counting.value}).",), citation="UK GDPR Article 12A(5)",
            in_force_from=date(2026, 2, 5), in_force_until=None, uncertain=True, overridden=changed,
        ),
        _alert_review(law, is_changed=changed),
        LawRow(
            kind="nation", code=code, title="Public holidays",
            says=(
                f"{law.nation.division.title}: worked out until {law.calendar.covered_until.isoformat()}.",
                "A date past that is refused.",
            ),
            citation="Regulation 1182/71 Article 3; DPA 2018 s.205(2)", in_force_from=None, in_force_until=None,
            uncertain=False, overridden=False,
        ),
    )  # fmt: skip


def _alert_review(law: Law, *, is_changed: bool) -> LawRow:
    expected, months = law.alert_review, law.alert_review.review_months
    unit = "month" if months == 1 else "months"
    said = f"Within {months} {unit}. An alert that waited longer is listed for the officer. {expected.said}"
    return LawRow(
        kind="nation", code=law.nation.code, title="How soon an alert is looked at again",
        says=(said if months else "Nothing is expected: no alert is listed for having waited.",),
        citation=expected.citation, in_force_from=None, in_force_until=None, uncertain=expected.uncertain,
        overridden=is_changed,
    )  # fmt: skip


def _limit(law: Law, limit: TimeLimit) -> LawRow:
    unit = limit.unit.value.replace("-", " ")
    says = [f"{limit.count} {unit[:-1] if limit.count == 1 else unit} from {limit.runs_from}."]
    if limit.counting is Counting.BEGINNING_WITH_EVENT and limit.unit is not Unit.HOURS:
        says.append("That day is itself the first.")
    if limit.rolls:
        says.append("A last day that is not a working day moves to the next one.")
    if limit.whose is WhoseLimit.FAMILY:
        says.append("The family must act; the day never moves to a later one.")
    if limit.discretion:
        says.append(limit.discretion)
    return LawRow(
        kind="time_limit", code=limit.code, title=limit.title, says=tuple(says), citation=limit.citation,
        in_force_from=limit.in_force_from, in_force_until=limit.in_force_until, uncertain=limit.uncertain,
        overridden=f"time_limit/{limit.code}" in law.overridden,
    )  # fmt: skip


def _exemption(law: Law, rule: ExemptionRule) -> LawRow:
    says = [
        rule.test,
        f"Who decides: {', '.join(sorted(role.value for role in rule.who_decides))}.",
        f"What is said of it at first: {_SAID[rule.saying.value]}.",
        "Software may propose it." if rule.software_may_propose else "Software never proposes it.",
        "It also limits the right to have a record put right."
        if rule.blocks_rectification
        else "It does not limit the right to have a record put right.",
    ]
    if rule.data_class is not None:
        says.append(f"It covers {rule.data_class.value.replace('-', ' ')} information only.")
    if rule.reach:
        says.append("It reaches only: " + "; ".join(_reaches(rule)) + ".")
    says.extend(f"To be answered in writing: {question.text}" for question in rule.questions)
    return LawRow(
        kind="exemption", code=str(rule.code), title=rule.title, says=tuple(says), citation=rule.citation,
        in_force_from=rule.in_force_from, in_force_until=rule.in_force_until, uncertain=rule.uncertain,
        overridden=f"exemption/{rule.code}" in law.overridden,
    )  # fmt: skip


_SAID = {"full": "the full reason", "general": "a general reason", "nothing": "nothing"}


def _reaches(rule: ExemptionRule) -> Iterable[str]:
    for reach in rule.reach:
        who = " or ".join(sorted(capacity.value.replace("-", " ") for capacity in reach.capacities))
        whom = f"a person under {reach.subject_under}" if reach.subject_under else "a person of any age"
        yield f"a request by {who} for {whom}"


def _routes(law: Law) -> Iterable[LawRow]:
    for route in law.routes.values():
        yield _route(law, route)


def _route(law: Law, route: Route) -> LawRow:
    says = [f"Covers: {route.covers}", f"Does not cover: {route.not_covered}"]
    for number, stage in enumerate(route.stages, start=1):
        limits = [
            f"{words} {code}"
            for words, code in (
                ("ask:", stage.lodge_limit), ("receipt:", stage.acknowledge_limit),
                ("answer:", stage.respond_limit), ("at most:", stage.longest_limit),
                *(("then:", further) for further in stage.further_limits),
            )
            if code
        ]  # fmt: skip
        times = f" Limits: {', '.join(limits)}." if limits else ""
        doubt = " (uncertain)" if stage.uncertain else ""
        says.append(f"{number}. {stage.title}{doubt}: {stage.who}.{times} {stage.time_words}".strip())
    return LawRow(
        kind="route", code=route.code, title=route.title, says=tuple(says), citation=route.citation,
        in_force_from=route.in_force_from, in_force_until=None,
        uncertain=any(stage.uncertain for stage in route.stages),
        overridden=f"route/{route.code}" in law.overridden,
    )  # fmt: skip


def _regulators(law: Law) -> tuple[LawRow, ...]:
    return tuple(
        LawRow(
            kind="regulator", code=r.code, title=f"{r.name} ({r.short_name})",
            says=(f"{r.website}; {r.telephone}; {r.postal_address}",), citation=r.citation,
            in_force_from=r.in_force_from, in_force_until=r.in_force_until, uncertain=r.uncertain,
            overridden=f"regulator/{r.code}" in law.overridden,
        )
        for r in law.regulators
    )  # fmt: skip
