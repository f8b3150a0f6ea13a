"""What the law allows to be held back, who may decide it, and what may be said about it.

Nothing here decides anything. A named person decides, and silence means *disclose*; this module
refuses a decision that the law does not support.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from types import MappingProxyType

from sar.domain.authority import Capacity
from sar.domain.calendar import ONE_DAY, add_months, say_date
from sar.domain.errors import BadLaw, DecisionNotSupported
from sar.domain.records import DataClass
from sar.domain.references import ExemptionCode

_OPINION_MONTHS = 6
_GROWN_UP = 18
_CLASS_WORDS = {
    DataClass.HEALTH: "health information",
    DataClass.SOCIAL_WORK: "social work information",
    DataClass.EDUCATION: "education information",
    DataClass.OTHER: "none of health, social work and education information",
    DataClass.UNKNOWN: "not yet classed",
}


class Saying(Enum):
    """How much the family may be told of one decision. An explanation can itself betray someone."""

    FULL = "full"
    GENERAL = "general"
    NOTHING = "nothing"


class DeciderRole(Enum):
    """Who the law or good practice lets decide. Shown by role, never by name."""

    OFFICER = "records officer"
    APPROVER = "approver"
    HEALTH_PROFESSIONAL = "health professional"
    LAWYER = "lawyer"
    SAFEGUARDING_LEAD = "safeguarding lead"
    SENIOR_OFFICER = "senior officer"


class RuleKind(Enum):
    """What sort of entry this is: only the first two hold anything back as an exemption."""

    CLASS = "class"
    PREJUDICE = "prejudice"
    KEEP_IN = "keep-in"
    """The opposite of an exemption: it says that something should stay in."""
    DUTY = "duty"
    """Something that must be done before release."""
    LABEL = "label"
    """Not an exemption and never called one: a duplicate, already held, outside the request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """One kind of request that an exemption reaches: who asks, and for a person of what age."""

    capacities: frozenset[Capacity]
    subject_under: int | None = None
    """Only where the person asked about is younger than this; without it, of any age."""

    def covers(self, capacity: Capacity, subject_age: int) -> bool:
        """Whether such a request is reached."""
        young = self.subject_under is None or subject_age < self.subject_under
        return capacity in self.capacities and young


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One part of the legal test that the decider answers in writing."""

    code: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the decider wrote on one question; sealed with the decision."""

    question: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the law asks about beside the words of a decision."""

    capacity: Capacity
    subject_age: int
    relied_on: date
    """The day the decision takes effect."""
    data_class: DataClass = DataClass.UNKNOWN
    opinion_on: date | None = None
    """The day of a health professional's opinion that the serious harm test is met for this record."""
    controller_is_health_professional: bool = False
    processed_by_court: bool = False
    whole_file: bool = False
    """One reason given for several records at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExemptionRule:
    """One provision, as data from the law files."""

    code: ExemptionCode
    statute: str
    title: str
    test: str
    plain_words: str
    """The full statement for the family."""
    general_words: str
    """What is said when the full reason would give away what it protects."""
    who_decides: frozenset[DeciderRole]
    kind: RuleKind
    citation: str
    in_force_from: date
    in_force_until: date | None = None
    saying: Saying = Saying.FULL
    """What may be said unless a named approver decides otherwise."""
    blocks_rectification: bool = False
    software_may_propose: bool = False
    reach: tuple[Reach, ...] = ()
    """The only requests it reaches; none listed means that it reaches every request."""
    data_class: DataClass | None = None
    """The only class of information it covers."""
    questions: tuple[Question, ...] = ()
    """What the decider has to answer in writing before the decision stands."""
    one_reason_may_cover_many: bool = False
    """A test of harm is made item by item; False refuses one reason for many records."""
    opinion_needed: bool = False
    second_person_to_disclose: bool = False
    """Giving the thing out, not holding it back, needs an approver and a reason (an informant)."""
    court_only: bool = False
    uncertain: bool = False

    def __post_init__(self) -> None:
        codes = [question.code for question in self.questions]
        if len(set(codes)) != len(codes) or any(not r.capacities for r in self.reach):
            raise BadLaw(
                f"{self.code}: its questions need different codes, and each reach at least one capacity.",
                next_step="Correct the entry in the law files.",
                field=self.code,
            )
        if not self.citation.strip() or not self.statute.strip():
            raise BadLaw(
                f"{self.code}: an exemption needs its statute and its citation.",
                next_step="Add them to the entry in the law files.",
                field=self.code,
            )

    @property
    def withholds(self) -> bool:
        """True where the entry can hold something back."""
        return self.kind in (RuleKind.CLASS, RuleKind.PREJUDICE, RuleKind.LABEL)

    @property
    def is_item_by_item(self) -> bool:
        """True where harm is tested for each item, so that no reason covers a whole file."""
        return self.kind is RuleKind.PREJUDICE and not self.one_reason_may_cover_many

    def reaches(self, capacity: Capacity, subject_age: int) -> bool:
        """Whether it may be used against a request of that kind at all."""
        return not self.reach or any(r.covers(capacity, subject_age) for r in self.reach)

    def words(self, saying: Saying) -> str:
        """What the family reads for a decision under this rule."""
        if saying is Saying.FULL:
            return self.plain_words
        return self.general_words if saying is Saying.GENERAL else ""


def check_decision_supported(
    rule: ExemptionRule,
    *,
    decided_by_role: DeciderRole,
    reason: str,
    facts: Circumstances,
    answers: Mapping[str, str] = MappingProxyType({}),
    disclose: bool = False,
    approver: str | None = None,
    saying: Saying | None = None,
) -> None:
    """Raise ``DecisionNotSupported`` for what the law does not allow; say nothing otherwise.

    ``disclose=True`` is the decision to give the thing out although the rule could hold it back.
    """
    if not reason.strip():
        next_step = "Write why this decision is right for this item."
        raise _refused(rule, "no reason is recorded", next_step, "reason")
    if disclose:
        _check_disclosing(rule, approver)
        return
    _check_applies(rule, facts)
    _check_decider(rule, decided_by_role)
    if rule.opinion_needed and not facts.controller_is_health_professional:
        _check_opinion(rule, facts.opinion_on, facts.relied_on)
    if facts.whole_file and rule.is_item_by_item:
        raise _whole_file(rule)
    _check_answers(rule, answers)
    _check_saying(rule, saying, approver)


def check_not_blanket(rule: ExemptionRule, reasons: Iterable[str]) -> None:
    """Refuse one reason that stands for several records where harm has to be shown for each.

    :param reasons: the reason of each whole record that is withheld under the rule.
    """
    said = Counter(" ".join(reason.casefold().split()) for reason in reasons)
    if rule.is_item_by_item and any(count > 1 for count in said.values()):
        raise _whole_file(rule)


def opinion_is_in_time(opinion_on: date, relied_on: date) -> bool:
    """Whether an opinion falls in the six months that end on the day it is relied on."""
    return add_months(relied_on, -_OPINION_MONTHS) + ONE_DAY <= opinion_on <= relied_on


def _check_disclosing(rule: ExemptionRule, approver: str | None) -> None:
    if rule.second_person_to_disclose and not approver:
        raise _refused(
            rule, "an approver has to agree before this is given out",
            "Ask an approver to confirm the decision to disclose.", "approver",
        )  # fmt: skip


def _check_applies(rule: ExemptionRule, facts: Circumstances) -> None:
    if not rule.withholds:
        next_step = "Choose an exemption, or disclose."
        raise _refused(rule, "it is not a reason to hold anything back", next_step, "code")
    _check_reach(rule, facts.capacity, facts.subject_age)
    _check_data_class(rule, facts.data_class)
    if rule.court_only and not facts.processed_by_court:
        raise _refused(
            rule, "it covers only information processed by a court, not another body's copy",
            "Ask a lawyer about the court's own rules on disclosure.", "processed_by_court",
        )  # fmt: skip


def _check_reach(rule: ExemptionRule, capacity: Capacity, age: int) -> None:
    if rule.reaches(capacity, age):
        return
    if capacity.is_own_request:
        whose = "an adult's" if age >= _GROWN_UP else "a young person's"
        raise _refused(
            rule, f"it cannot be used against {whose} request for their own information",
            "Disclose, or choose an exemption that applies to the person's own request.", "own_request",
        )  # fmt: skip
    limits = [r.subject_under for r in rule.reach if capacity in r.capacities and r.subject_under]
    why = (
        f"for somebody who asks in this capacity it reaches only a child under {max(limits)}"
        if limits
        else "it does not reach a request made in this capacity"
    )
    raise _refused(rule, why, "Disclose, or choose an exemption that reaches this request.", "capacity")


def _check_data_class(rule: ExemptionRule, found: DataClass) -> None:
    if rule.data_class is None or rule.data_class is found:
        return
    if found is DataClass.UNKNOWN:
        raise _refused(
            rule, f"it covers {_CLASS_WORDS[rule.data_class]} only, and nobody has said what this record is",
            "Record first whether the record is health, social work, education or other information.",
            "data_class",
        )  # fmt: skip
    raise _refused(
        rule, f"it covers {_CLASS_WORDS[rule.data_class]} only, and this record is {_CLASS_WORDS[found]}",
        "Choose an exemption that covers this record, or disclose. If the class is wrong, correct it.",
        "data_class",
    )  # fmt: skip


def _check_answers(rule: ExemptionRule, answers: Mapping[str, str]) -> None:
    for question in rule.questions:
        if not answers.get(question.code, "").strip():
            raise _refused(
                rule, f"a part of its test has no answer: {question.text}",
                "Answer each question in writing, for this item.", f"answer-{question.code}",
            )  # fmt: skip
    if unknown := sorted(set(answers) - {q.code for q in rule.questions}):
        raise _refused(
            rule, f"it does not ask '{unknown[0]}'", "Answer the questions of the exemption you chose.",
            f"answer-{unknown[0]}",
        )  # fmt: skip


def _whole_file(rule: ExemptionRule) -> DecisionNotSupported:
    return _refused(
        rule, "it asks about the harm of each item, so one reason cannot cover a whole file or many records",
        "Decide each record on its own, with its own reason.", "whole_file",
    )  # fmt: skip


def _check_saying(rule: ExemptionRule, saying: Saying | None, approver: str | None) -> None:
    if saying is not None and saying is not rule.saying and not approver:
        raise _refused(
            rule, f"what may be said was changed from '{rule.saying.value}' without an approver",
            "Ask an approver to confirm what the family is told.", "saying",
        )  # fmt: skip


def _check_decider(rule: ExemptionRule, role: DeciderRole) -> None:
    if role not in rule.who_decides:
        roles = " or ".join(sorted(allowed.value for allowed in rule.who_decides))
        next_step = f"Ask a {roles} to decide."
        raise _refused(rule, f"a {role.value} may not decide it", next_step, "decided_by_role")


def _check_opinion(rule: ExemptionRule, opinion_on: date | None, relied_on: date) -> None:
    if opinion_on is None:
        raise _refused(
            rule, "a health professional's opinion is needed and none is recorded",
            "Ask the right health professional for an opinion on this item.", "opinion_on",
        )  # fmt: skip
    if not opinion_is_in_time(opinion_on, relied_on):
        raise _refused(
            rule, f"the opinion is not from the six months ending on {say_date(relied_on)}",
            "Ask the health professional again.", "opinion_on",
        )  # fmt: skip


def _refused(rule: ExemptionRule, why: str, next_step: str, field: str) -> DecisionNotSupported:
    return DecisionNotSupported(
        f"The decision under {rule.code} ({rule.statute}) is not supported: {why}.",
        next_step=next_step,
        field=field,
    )
