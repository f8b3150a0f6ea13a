"""Pattern and cue rules over the ASCII surface of a text, with RE2: linear time on any input."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import re2

from sar.detection.checks import CHECKS
from sar.detection.rules import WrittenRule, search_options
from sar.domain.matching import Match
from sar.domain.records import RecordKind

_REACH = 1200
"""A sentence or paragraph that never ends is cut here on either side."""

_BREAKS = {
    "sentence": re.compile(r"(?<=[.!?])[\"')]*\s+(?=\S)|\n\s*\n"),
    "paragraph": re.compile(r"\n[ \t\r]*\n\s*"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One place a pattern or cue rule points at."""

    start: int
    end: int
    written: WrittenRule

    def as_match(self) -> Match:
        """The proposal, for somebody the register does not know."""
        rule = self.written.rule
        return Match(
            start=self.start, end=self.end, rule=rule.id, kind=rule.proposal_kind, exemption=rule.exemption,
            suggests=rule.suggests, reason=rule.reason, certainty=rule.certainty,
        )  # fmt: skip


class PatternRules:
    """Every pattern and cue rule. One pass over the text tells which of them have anything to find."""

    def __init__(self, written_rules: Sequence[WrittenRule]) -> None:
        self.written = tuple(w for w in written_rules if w.expression is not None)
        self._groups = [1 if w.expression.groups else 0 for w in self.written]
        self._filter = re2.Set.SearchSet(search_options())
        for written in self.written:
            self._filter.Add(written.rule.pattern.encode("ascii"))
        # It matches any text. Where it is not reported the filter itself failed, and every rule is run.
        self._alive = self._filter.Add(rb"(?s).")
        self._filter.Compile()

    def find(self, ascii_text: str, *, kind: RecordKind | None) -> list[Found]:
        """Every place, rule by rule."""
        data = ascii_text.encode("ascii")
        found: list[Found] = []
        breaks: dict[str, list[int]] = {}
        for number in self._worth_running(data):
            written = self.written[number]
            if kind is not None and written.rule.kinds and kind not in written.rule.kinds:
                continue
            places = _places(written, self._groups[number], data)
            if written.extent != "words":
                places = _widened(places, ascii_text, written.extent, breaks)
            found += [Found(start=start, end=end, written=written) for start, end in places]
        return found

    def _worth_running(self, data: bytes) -> Iterable[int]:
        possible = self._filter.Match(data) or []
        if self._alive not in possible:
            return range(len(self.written))
        return sorted(number for number in possible if number != self._alive)


def _places(written: WrittenRule, group: int, data: bytes) -> Iterator[tuple[int, int]]:
    check = CHECKS.get(written.check)
    for match in written.expression.finditer(data):
        start, end = match.span(group)
        if start < 0 or start == end:
            continue
        words = data[start:end]
        if check is not None and not check(words.decode("ascii")):
            continue
        if written.unless is None or not written.unless.search(words):
            yield start, end


def _widened(
    places: Iterator[tuple[int, int]], text: str, extent: str, breaks: dict[str, list[int]]
) -> Iterator[tuple[int, int]]:
    """The whole sentences or paragraphs, each once."""
    last = -1
    for start, end in places:
        if extent not in breaks:
            breaks[extent] = [m.end() for m in _BREAKS[extent].finditer(text)]
        edges = breaks[extent]
        before, after = bisect_right(edges, start) - 1, bisect_left(edges, end)
        begin = max(edges[before] if before >= 0 else 0, start - _REACH, last)
        finish = min(edges[after] if after < len(edges) else len(text), end + _REACH)
        while finish > end and text[finish - 1].isspace():
            finish -= 1
        if finish > begin:
            yield begin, finish
            last = finish
