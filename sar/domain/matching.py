"""Rules and the places they point at. Software proposes; nothing here decides."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from sar.domain.parties import Role
from sar.domain.records import RecordKind
from sar.domain.references import ExemptionCode, LegName, PersonId, RecordKey, RuleId


class Verdict(Enum):
    """What happens to the words of a span."""

    WITHHOLD = "withhold"
    DISCLOSE = "disclose"


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Span:
    """Words of one passage of one version of a record, in code points, end not included."""

    record: RecordKey
    version: str
    passage: int
    start: int
    end: int

    def overlaps(self, other: Span) -> bool:
        """Whether the two share at least one character."""
        return (
            (self.record, self.version, self.passage) == (other.record, other.version, other.passage)
            and self.start < other.end
            and other.start < self.end
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One redaction rule as written in ``redaction_rules/*.toml``."""

    id: RuleId
    family: str
    title: str
    statute: str
    exemption: ExemptionCode
    who_decides: str
    """A value of ``sar.domain.exemptions.DeciderRole``."""
    looks_for: str
    """``register`` (people known in the case), ``pattern`` or ``cue`` (words that announce a person)."""
    roles: frozenset[Role] = frozenset()
    """For register rules: whose mentions the rule proposes on."""
    kinds: frozenset[RecordKind] = frozenset()
    """Record kinds it reads; empty means all."""
    pattern: str = ""
    proposal_kind: str = "person"
    """``person``, ``relation``, ``address``, ``phone``, ``email``, ``identifier``, ``passage`` ..."""
    suggests: Verdict = Verdict.WITHHOLD
    reason: str = ""
    certainty: float = 1.0
    examples_match: tuple[str, ...] = ()
    examples_not: tuple[str, ...] = ()
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """What a detector found in one text: a span of code points and why."""

    start: int
    end: int
    rule: RuleId
    kind: str
    exemption: ExemptionCode
    person: PersonId | None = None
    known: bool = False
    """True for somebody in the register, False for a suggested new person."""
    suggests: Verdict = Verdict.WITHHOLD
    reason: str = ""
    certainty: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A match in a record, put before an officer of one leg."""

    id: str
    leg: LegName
    span: Span
    kind: str
    rule: RuleId
    person: PersonId | None
    exemption: ExemptionCode
    suggests: Verdict
    reason: str
    certainty: float
    who_decides: str
    is_source: bool = False
    """The span concerns a lay source: only an approver may disclose it, with reasons."""
