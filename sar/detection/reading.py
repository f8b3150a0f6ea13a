"""The detector: rules and a register in, proposals out. It finds; a person decides."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate
from pathlib import Path

from sar.detection import unknown
from sar.detection.folding import Folded, fold, keep_marks, surface
from sar.detection.lexicon import POST_NOMINALS, TITLES, word_set
from sar.detection.patterns import Found, PatternRules
from sar.detection.register import Hit, RegisterMatcher
from sar.detection.rules import WrittenRule, load_rules
from sar.domain.matching import Match, Rule, Verdict
from sar.domain.parties import Person
from sar.domain.records import RecordKind
from sar.domain.references import RuleId

_LOOKED_UP = frozenset({"phone", "email", "identifier"})
_WHOLE = frozenset({"passage", "source"})
"""Kinds that ask about what is said, whoever is named in it."""
_WORD = re.compile(r"[A-Za-z0-9]+")
_NAME_WORD = re.compile(r"[A-Za-z]{2,}")
_TWO = 2
_SHORTEST_WORD = 3
_SAYS_NOTHING = (
    TITLES
    | POST_NOMINALS
    | word_set(
        "health visitor social worker school nurse head teacher headteacher consultant midwife number house",
    )
)


def load_detector(rules_dir: Path) -> RulesDetector:
    """The detector for a folder of rule families; ``BadRule`` if any rule cannot be used."""
    return RulesDetector.of(load_rules(rules_dir))


@dataclass(frozen=True, slots=True, kw_only=True)
class RulesDetector:
    """Implements ``sar.ports.reviewing.Detector``."""

    written: tuple[WrittenRule, ...]
    patterns: PatternRules

    @classmethod
    def of(cls, written: tuple[WrittenRule, ...]) -> RulesDetector:
        """From rules already loaded."""
        return cls(written=written, patterns=PatternRules(written))

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in force, in the order of their files."""
        return tuple(w.rule for w in self.written)

    def for_people(self, people: Sequence[Person]) -> RegisterReading:
        """Ready for a leg's view of the register."""
        by_role = {
            (role, w.rule.proposal_kind): w.rule
            for w in self.written
            if w.rule.looks_for == "register"
            for role in w.rule.roles
        }
        return RegisterReading(
            register=RegisterMatcher(people, by_role),
            kinds={w.rule.id: w.rule.kinds for w in self.written if w.rule.kinds},
            patterns=self.patterns,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterReading:
    """Implements ``sar.ports.reviewing.Reading`` for one register."""

    register: RegisterMatcher
    patterns: PatternRules
    kinds: dict[RuleId, frozenset[RecordKind]] = field(default_factory=dict)

    def matches(self, text: str, *, kind: RecordKind | None = None) -> tuple[Match, ...]:
        """Every match in order of start; offsets are code points of ``text``, never empty."""
        if not text.strip():
            return ()
        plain, folded = surface(text), fold(text)
        hits = self.register.hits(text, folded)
        known = [replace(h.match, start=h.start, end=h.end) for h in hits if h.match is not None]
        known = [m for m in known if kind is None or kind in self.kinds.get(m.rule, (kind,))]
        found = self.patterns.find(plain, kind=kind)
        covered = _Covered((h.start, h.end) for h in hits)
        kept = _Covered((h.start, h.end) for h in hits if h.match is None)
        proposed = [m for f in found for m in self._weighed(f, plain, covered)]
        proposed = [m for m in proposed if not _belongs_to_kept(m, plain, kept)]
        people = [m for m in proposed if m.kind == "person"]
        people += self._followed(plain, hits, people, covered, folded)
        others = (m for m in proposed if m.kind != "person")
        return _in_order(text, [*known, *others, *unknown.without_repeats(people)])

    def _weighed(self, found: Found, plain: str, covered: _Covered) -> Iterable[Match]:
        """A pattern's find against what the register knows: a known person's, a kept one's, or nobody's."""
        kind = found.written.rule.proposal_kind
        words = plain[found.start : found.end]
        if kind in _LOOKED_UP:
            is_known, match = self.register.number(words, kind)
            if is_known:
                return [replace(match, start=found.start, end=found.end)] if match else []
        if kind in _WHOLE or not covered.explains(found.start, found.end, words):
            return [found.as_match()]
        return []

    def _followed(
        self, plain: str, hits: Sequence[Hit], people: Sequence[Match], covered: _Covered, folded: Folded
    ) -> list[Match]:
        """People the register does not know, seen again or recognised by a shared surname."""
        proposing = (w.rule for w in self.patterns.written if w.rule.proposal_kind == "person")
        rule = next((r for r in proposing if r.suggests is Verdict.WITHHOLD), None)
        if rule is None:
            return []
        first = _Covered((m.start, m.end) for m in people)
        kin = unknown.relatives(plain, hits, rule)
        more = [m for m in kin if not first.explains(m.start, m.end, plain[m.start : m.end])]
        announced = [*people, *more]
        already = _Covered((m.start, m.end) for m in announced)
        again = unknown.mentioned_again(plain, folded, announced, self.register.known_words)
        return more + [
            m
            for m in again
            if not covered.explains(m.start, m.end, plain[m.start : m.end])
            and not already.explains(m.start, m.end, plain[m.start : m.end])
        ]


def _belongs_to_kept(match: Match, plain: str, kept: _Covered) -> bool:
    """Leanne Marie Hartley is Leanne Hartley whatever stands between, and so is leanne.hartley@example.org."""
    if match.known or match.kind not in ("person", "email"):
        return False
    if match.kind == "email":
        local = plain[match.start : match.end].partition("@")[0]
        return kept.explains(match.start, match.start + len(local), local)
    words = [
        w for w in _NAME_WORD.finditer(plain, match.start, match.end) if w.group().casefold() not in TITLES
    ]
    return len(words) > _TWO and all(
        kept.explains(w.start(), w.end(), w.group()) for w in (words[0], words[-1])
    )


class _Covered:
    """Places already accounted for, to see whether a find adds anything."""

    def __init__(self, places: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(places)
        self._starts = [start for start, _ in ordered]
        self._ends = list(accumulate((end for _, end in ordered), max))
        self._places = ordered

    def explains(self, start: int, end: int, words: str) -> bool:
        """Whether the places overlap the find and leave no name or number of it uncovered."""
        first, last = bisect_right(self._ends, start), bisect_left(self._starts, end)
        left = words
        for begin, finish in self._places[first:last]:
            low, high = max(begin, start) - start, min(finish, end) - start
            if low < high:
                left = left[:low] + " " * (high - low) + left[high:]
        return left != words and not any(_says_something(w) for w in _WORD.findall(left))


def _says_something(word: str) -> bool:
    return len(word) >= _SHORTEST_WORD and word.casefold() not in _SAYS_NOTHING


def _in_order(text: str, matches: Iterable[Match]) -> tuple[Match, ...]:
    """By place, each place, rule and kind once."""
    kept: dict[tuple[int, int, str, str], Match] = {}
    for match in matches:
        end = keep_marks(text, match.end)
        if match.start < end:
            whole = match if end == match.end else replace(match, end=end)
            kept.setdefault((whole.start, end, whole.rule, whole.kind), whole)
    return tuple(sorted(kept.values(), key=lambda m: (m.start, -m.end, m.rule, m.kind)))
