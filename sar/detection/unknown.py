"""People the register does not know: from one announced mention to the others in the same text."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ahocorasick_rs import AhoCorasick

from sar.detection.folding import Folded, fold_words
from sar.detection.lexicon import ORDINARY_WORDS, SHORTEST_LONE, TITLES, word_set
from sar.detection.names import Form, parts_of
from sar.detection.register import Hit
from sar.domain.matching import Match, Rule

_MENTIONED_AGAIN = "Mentioned again: the same text announces this name elsewhere."
_SHARES_SURNAME = "Has the surname of somebody who is kept in, with another first name; not in the register."
_AGAIN = 0.55
_RELATIVE = 0.6
_MOST = 2000
"""Different unknown names followed up in one text; a register dump is not followed further."""

_FIRST_BEFORE = re.compile(r"(?:^|[^\w'])([A-Z][a-z]{2,20}(?:-[A-Z][a-z]{2,20})?)[ \n]$")
_NO_FIRST_NAME = word_set(
    "the and but that this with from dear both our for baby miss when while since after before about because family"
    " parents children mother father told asked said met saw rang called then also how what who why where",
)


def relatives(surface: str, hits: Sequence[Hit], rule: Rule) -> list[Match]:
    """Say, Gary Hartley, where only the surname is known, because the data subject bears it."""
    found: list[Match] = []
    ends = {hit.end for hit in hits}
    for hit in hits:
        if hit.match is not None or hit.claim.form is not Form.SURNAME:
            continue
        before = _FIRST_BEFORE.search(surface[max(0, hit.start - 44) : hit.start])
        if before is None or hit.start - 1 in ends:
            continue
        word, begin = before[1].casefold(), hit.start - 1 - len(before[1])
        # "Leanne Marie Hartley": a middle name of somebody known, not another person.
        if word not in TITLES and word not in _NO_FIRST_NAME and begin - 1 not in ends:
            found.append(_match(rule, begin, hit.end))
    return found


def mentioned_again(
    surface: str, folded: Folded, announced: Sequence[Match], known: frozenset[str]
) -> list[Match]:
    """Other places of names that a cue announced."""
    seeds: dict[str, Match] = {}
    by_words = {surface[m.start : m.end]: m for m in reversed(announced)}
    for words, match in by_words.items():
        for text in _followed(words, known):
            seeds.setdefault(f" {text} ", match)
        if len(seeds) >= _MOST:
            break
    if not seeds:
        return []
    strings = list(seeds)
    automaton = AhoCorasick(strings, store_patterns=False)
    found = []
    for index, start, end in automaton.find_matches_as_indexes(folded.text, overlapping=True):
        begin, finish = folded.span(start + 1, end - 1)
        if surface[begin].isupper():
            found.append(_like(seeds[strings[index]], begin, finish, _MENTIONED_AGAIN, _AGAIN))
    return found


def without_repeats(people: Sequence[Match]) -> list[Match]:
    """Of proposals for the same words, the widest and surest."""
    kept: list[Match] = []
    for match in sorted(people, key=lambda m: (m.start, -m.end, -m.certainty)):
        if not kept or match.end > kept[-1].end:
            kept.append(match)
    return kept


def _followed(name: str, known: frozenset[str]) -> list[str]:
    parts = parts_of(name)
    lone = [p for p in (parts.surname, *parts.first[:1]) if len(p) >= SHORTEST_LONE]
    fresh = [p for p in lone if p not in known and p not in ORDINARY_WORDS and p not in TITLES]
    return [*fresh, *([fold_words(name)] if parts.first else [])]


def _match(rule: Rule, start: int, end: int) -> Match:
    return Match(
        start=start, end=end, rule=rule.id, kind="person", exemption=rule.exemption, suggests=rule.suggests,
        reason=_SHARES_SURNAME, certainty=min(_RELATIVE, rule.certainty),
    )  # fmt: skip


def _like(match: Match, start: int, end: int, reason: str, certainty: float) -> Match:
    return Match(
        start=start, end=end, rule=match.rule, kind="person", exemption=match.exemption, suggests=match.suggests,
        reason=reason, certainty=min(certainty, match.certainty),
    )  # fmt: skip
