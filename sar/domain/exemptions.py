"""What the law allows to be held back, who may decide it, and what may be said about it.

Nothing here decides anything. A named person decides, and silence means *disclose*; this module
refuses a decision that the law does not support.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from sar.domain.calendar import ONE_DAY, add_months, say_date
from sar.domain.errors import BadLaw, DecisionNotSupported
from sar.domain.references import ExemptionCode

_OPINION_MONTHS = 6


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
    applies_to_adult_own_request: bool = True
    """False where the law reaches only a request made by somebody on another's behalf."""
    opinion_needed: bool = False
    second_person_to_disclose: bool = False
    """Giving the thing out, not holding it back, needs an approver and a reason (an informant)."""
    court_only: bool = False
    uncertain: bool = False

    def __post_init__(self) -> None:
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
    subject_is_adult: bool,
    own_request: bool,
    relied_on: date,
    disclose: bool = False,
    approver: str | None = None,
    opinion_on: date | None = None,
    saying: Saying | None = None,
    controller_is_health_professional: bool = False,
    processed_by_court: bool = False,
    whole_file: bool = False,
) -> None:
    """Raise ``DecisionNotSupported`` for what the law does not allow; say nothing otherwise.

    ``relied_on`` is the day the decision takes effect. ``disclose=True`` is the decision to give
    the thing out although the rule could hold it back.
    """
    if not reason.strip():
        next_step = "Write why this decision is right for this item."
        raise _refused(rule, "no reason is recorded", next_step, "reason")
    if disclose:
        _check_disclosing(rule, approver)
        return
    _check_applies(
        rule,
        subject_is_adult=subject_is_adult,
        own_request=own_request,
        processed_by_court=processed_by_court,
    )
    _check_decider(rule, decided_by_role)
    if rule.opinion_needed and not controller_is_health_professional:
        _check_opinion(rule, opinion_on, relied_on)
    if whole_file and rule.kind is RuleKind.PREJUDICE:
        raise _refused(
            rule, "it asks about the harm of each item, so it cannot cover a whole file",
            "Decide each item on its own.", "whole_file",
        )  # fmt: skip
    _check_saying(rule, saying, approver)


def check_health_release(
    *,
    controller_is_health_professional: bool,
    relied_on: date,
    opinion_not_met_on: date | None = None,
    already_known_reason: str = "",
) -> None:
    """The gate before health data leave a body that is not a health professional (Sch 3 para 6).

    It opens on an opinion, inside six months, that the serious harm test is *not* met, or on a
    recorded reason why the family has already seen or knows the information.
    """
    if controller_is_health_professional or already_known_reason.strip():
        return
    if opinion_not_met_on is not None and opinion_is_in_time(opinion_not_met_on, relied_on):
        return
    raise DecisionNotSupported(
        "Health information cannot be released yet: no health professional's opinion of the last six "
        "months says that the serious harm test is not met.",
        next_step="Ask the right health professional, or record why the family already knows this.",
        field="opinion_on",
    )


def opinion_is_in_time(opinion_on: date, relied_on: date) -> bool:
    """Whether an opinion falls in the six months that end on the day it is relied on."""
    return add_months(relied_on, -_OPINION_MONTHS) + ONE_DAY <= opinion_on <= relied_on


def _check_disclosing(rule: ExemptionRule, approver: str | None) -> None:
    if rule.second_person_to_disclose and not approver:
        raise _refused(
            rule, "an approver has to agree before this is given out",
            "Ask an approver to confirm the decision to disclose.", "approver",
        )  # fmt: skip


def _check_applies(
    rule: ExemptionRule, *, subject_is_adult: bool, own_request: bool, processed_by_court: bool
) -> None:
    if not rule.withholds:
        next_step = "Choose an exemption, or disclose."
        raise _refused(rule, "it is not a reason to hold anything back", next_step, "code")
    if own_request and not rule.applies_to_adult_own_request:
        whose = "an adult's" if subject_is_adult else "a young person's"
        raise _refused(
            rule, f"it cannot be used against {whose} request for their own information",
            "Disclose, or choose an exemption that applies to the person's own request.", "own_request",
        )  # fmt: skip
    if rule.court_only and not processed_by_court:
        raise _refused(
            rule, "it covers only information processed by a court, not another body's copy",
            "Ask a lawyer about the court's own rules on disclosure.", "processed_by_court",
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
