"""The text of a mail taken apart: what the sender wrote, what is quoted, and who is said to have written that.

Nothing is removed here: a line that announces a quote, and a footer, are only told apart from the words, and kept
beside the words they stand with.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import blake2b

_MARKS = re.compile(r"[ \t]*(?:>[ \t]?)+")
_WROTE = re.compile(r"\b(?:wrote|writes):?\s*$", re.IGNORECASE)
_ON = re.compile(r"^On\b.*\d", re.IGNORECASE)
_RULE = re.compile(
    r"^(?:-{2,}\s*(?:original message|forwarded message|forwarded by\b.*|original appointment)\s*-{2,}"
    r"|begin forwarded message:|_{10,})\s*$",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"^\W{0,2}(from|sent|date|to|cc|bcc|subject|importance|attachments?|reply-to|sent by|on behalf of)\W{0,2}:",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"^(?:sent from (?:my|outlook|mail|yahoo)\b|get outlook for\b|sent using\b"
    r"|\W*(?:caution|external)\b.*\b(?:originated|outside|unknown sender|do not click)\b"
    r"|please consider the environment)",
    re.IGNORECASE,
)
_DISCLAIMER = re.compile(
    r"^(?:this|the information in this) (?:e-?mail|message)\b.*\b(?:confidential|intended|virus|privileged)",
    re.IGNORECASE,
)
_MAY_ANNOUNCE = re.compile(
    r"^(?:\W{0,2}from\W|[-_]{2}|begin forwarded|on\b)|\b(?:wrote|writes):?$", re.IGNORECASE
)
_SIGNED = re.compile(r"^--\s?$")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_WORD = re.compile(r"[^\W_]+")
_ANNOUNCED_IN = 4
"""An announcement ("On ... wrote:") is wrapped over so many lines at most."""
_BLOCK_OF_HEADERS = 15
_SIGNATURE = 8
"""A signature or a disclaimer is so many lines at most; what is longer are words."""
SKETCH = 32


def digest(text: str) -> int:
    """A number for a text, the same in every process. Held in sealed places only."""
    return int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=7).digest())


def squeezed(text: str) -> str:
    """The words of a text with one space between them, as they are written."""
    return " ".join(text.split())


def unquoted(line: str) -> tuple[int, str]:
    """How deep a line is quoted, and the line without its marks and outer spaces."""
    marks = _MARKS.match(line)
    if marks is None:
        return 0, line.strip()
    return marks[0].count(">"), line[marks.end() :].strip()


def names_in(text: str) -> frozenset[int]:
    """Every word of a line with names and addresses, as numbers."""
    return frozenset(zlib.crc32(word.encode()) for word in _WORD.findall(text.casefold()))


def sketch_of(words: Sequence[str], *, run: int, size: int = SKETCH) -> tuple[int, ...]:
    """The smallest numbers of all runs of so many words: two texts that share most words share most of these."""
    runs = {zlib.crc32(" ".join(words[i : i + run]).encode()) for i in range(max(1, len(words) - run + 1))}
    return tuple(sorted(runs)[:size]) if words else ()


def likeness(first: Sequence[int], second: Sequence[int], *, size: int = SKETCH) -> float:
    """What share of their words two sketches have in common, between 0 and 1."""
    if not first or not second:
        return 0.0
    mine, theirs = set(first), set(second)
    smallest = sorted(mine | theirs)[:size]
    return sum(one in mine and one in theirs for one in smallest) / len(smallest)


@dataclass(slots=True)
class Block:
    """What one person wrote, as far as the text tells: the sender's own words, or one quoted message."""

    level: int
    announced: str = ""
    """The line or headers that say who wrote it."""
    lines: list[str] = field(default_factory=list)
    footers: list[str] = field(default_factory=list)
    """What was taken for a signature, a disclaimer or a program's own line. It may still be words."""

    @property
    def aside(self) -> str:
        """The footers that may hold words: all but the lines a program adds by itself."""
        return squeezed(
            " ".join(line for line in self.footers if not _SIGNED.match(line) and not _FOOTER.match(line))
        )

    @property
    def text(self) -> str:
        """The words, however they were wrapped."""
        return squeezed(" ".join(self.lines))

    @property
    def sentences(self) -> list[str]:
        """The words, sentence by sentence."""
        text = self.text
        return _SENTENCE.split(text) if text else []


def blocks_of(text: str) -> tuple[Block, ...]:
    """The sender's own words first, then each quoted message in the order it begins. Footers are left out."""
    taking = _Taking([unquoted(line) for line in text.split("\n")])
    while taking.at < len(taking.lines):
        taking.step()
    return tuple(b for b in taking.blocks if b.level == 0 or b.announced or b.lines)


class _Taking:
    """One pass over the lines of a text."""

    def __init__(self, lines: list[tuple[int, str]]) -> None:
        self.lines = lines
        self.at = 0
        self.blocks = [Block(level=0)]
        self._open = {0: self.blocks[0]}
        self._deeper: dict[int, int] = {}
        """Quotes without marks: by how much what follows at a depth is deeper than its marks say."""
        self._footer = (0, 0)
        """The depth of the footer we are in, and how many lines it may still have."""

    def step(self) -> None:
        marks, line = self.lines[self.at]
        if self._footer[0] != marks:
            self._footer = (marks, 0)
        if not line:
            self.at += 1
        elif _MAY_ANNOUNCE.search(line) and (found := self._announcement(marks, line)):
            self._announce(marks, *found)
        elif self._is_footer(marks, line):
            self._open.get(self._level(marks), self.blocks[-1]).footers.append(line)
            self.at += 1
        else:
            self._block(self._level(marks)).lines.append(line)
            self.at += 1

    def _level(self, marks: int) -> int:
        return marks + sum(by for depth, by in self._deeper.items() if depth <= marks)

    def _block(self, level: int) -> Block:
        if level not in self._open:
            self._begin(level, "")
        return self._open[level]

    def _begin(self, level: int, announced: str) -> None:
        for deeper in [known for known in self._open if known >= level and known]:
            del self._open[deeper]
        self._open[level] = Block(level=level, announced=announced)
        self.blocks.append(self._open[level])

    def _announce(self, marks: int, announced: str, taken: int) -> None:
        level = self._level(marks) + 1
        self.at += taken
        self._footer = (marks, 0)
        following = next((depth for depth, line in self.lines[self.at :] if line), marks)
        if following <= marks:
            self._deeper[marks] = self._deeper.get(marks, 0) + 1
        self._begin(level, announced)

    def _announcement(self, marks: int, line: str) -> tuple[str, int] | None:
        if _RULE.match(line):
            following = self._same(marks, start=self.at + 1)
            head = self._headers(following)
            if head:
                return squeezed(" ".join(following[:head])), head + 1
            return (line, 1) if not line.startswith("_") else None
        here = self._same(marks, start=self.at)
        if head := self._headers(here):
            return squeezed(" ".join(here[:head])), head
        return _wrote(here)

    def _same(self, marks: int, *, start: int) -> list[str]:
        """The next lines at one depth."""
        found: list[str] = []
        for depth, line in self.lines[start : start + _BLOCK_OF_HEADERS]:
            if depth != marks and line:
                break
            found.append(line)
        return found

    @staticmethod
    def _headers(lines: Sequence[str]) -> int:
        """How many lines the headers of a quoted message take; 0 where none begin here."""
        first = next((i for i, line in enumerate(lines) if line), 0)
        end, seen = first, set[str]()
        if not lines[first:] or not re.match(r"\W{0,2}from\W{0,2}:", lines[first], re.IGNORECASE):
            return 0
        while end < len(lines) and lines[end]:
            if header := _HEADER.match(lines[end]):
                seen.add(header[1].casefold())
            elif "subject" in seen:
                break
            end += 1
        return end if seen & {"sent", "date"} and seen & {"to", "subject"} else 0

    def _is_footer(self, marks: int, line: str) -> bool:
        if _SIGNED.match(line) or _DISCLAIMER.match(line):
            self._footer = (marks, _SIGNATURE)
            return True
        left = self._footer[1]
        self._footer = (marks, max(0, left - 1))
        return left > 0 or bool(_FOOTER.match(line))


def _wrote(lines: Sequence[str]) -> tuple[str, int] | None:
    """``On 3 March ... wrote:`` over one line or several; ``jane@example.org wrote:`` on one."""
    if _WROTE.search(lines[0]) and ("@" in lines[0] or any(c.isdigit() for c in lines[0])):
        return lines[0], 1
    if not lines[0].startswith("On "):
        return None
    for taken in range(1, min(_ANNOUNCED_IN, len(lines)) + 1):
        said = squeezed(" ".join(lines[:taken]))
        if _WROTE.search(said):
            return (said, taken) if _ON.match(said) else None
    return None


def unmarked(text: str) -> str:
    """The whole of a text in one piece, without its quoting marks."""
    return squeezed(" ".join(unquoted(line)[1] for line in text.split("\n")))
