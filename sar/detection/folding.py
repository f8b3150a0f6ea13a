"""Two plain views of a text and the way back to its code points.

``surface`` is ASCII of the same length, for patterns: offsets are those of the text.
``fold`` is what names are compared in: case folded, accents and invisible characters gone, words
joined across a line-end hyphen, everything that is no letter or digit one space. Its offset map is
sparse: only places where lengths differ are kept, so plain text costs next to nothing.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache

_MANY = 40
"""Above this number of different non-ASCII characters one table pass beats replacing each."""

_LOOKALIKES = {
    # Cyrillic, Greek capitals, Greek small and barred Latin letters, quotes, dashes.
    **dict(zip("\u0430\u0435\u043e\u0440\u0441\u0445\u0443\u0456\u0455\u0458", "aeopcxyisj", strict=True)),
    **dict(zip("\u0391\u0392\u0395\u0397\u0399\u039a\u039c\u039d", "abehikmn", strict=True)),
    **dict(zip("\u039f\u03a1\u03a4\u03a7\u03bf\u03b1\u03bd", "optxoav", strict=True)),
    **dict(zip("\u0131\u0142\u0141\u00f8\u00d8\u0111\u0110", "illoodd", strict=True)),
    **dict.fromkeys("\u2018\u2019\u201b\u02bc\u2032\u00b4", "'"),
    **dict.fromkeys("\u201c\u201d\u201e\u201f", '"'),
    **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
    "\u00e6": "ae", "\u00c6": "ae", "\u0153": "oe", "\u0152": "oe", "\u00df": "ss",
}  # fmt: skip


@lru_cache(maxsize=8192)
def _folded(char: str) -> str:
    """What one character becomes in ``fold``: no, one or several characters."""
    if char in _LOOKALIKES:
        return _LOOKALIKES[char]
    plain = unicodedata.normalize("NFKD", char).casefold()
    kept = "".join(c for c in plain if unicodedata.category(c) not in _INVISIBLE)
    return "".join(_LOOKALIKES.get(c, c) for c in kept)


_INVISIBLE = frozenset({"Mn", "Me", "Cf"})


@lru_cache(maxsize=8192)
def _visible(char: str) -> str:
    """The one ASCII character that stands for this one in ``surface``."""
    plain = _folded(char)
    if not plain:
        return "-" if char == "\u00ad" else "\x01"
    first = plain[0]
    if not first.isascii():
        return ("X" if char.isupper() else "x") if char.isalnum() else "\x01"
    return first.upper() if char.isupper() else first


class _Separators(dict[int, int]):
    """Translation table: letters and digits stay, everything else becomes a space."""

    def __missing__(self, code: int) -> int:
        value = code if chr(code).isalnum() else ord(" ")
        self[code] = value
        return value


_SEPARATORS = _Separators()
_ASCII_RUNS = re.compile(r"[^0-9a-z]{2,}")


def _odd(text: str) -> set[str]:
    return {c for c in set(text) if c > "\x7f"}


def surface(text: str) -> str:
    """ASCII of the same length."""
    if text.isascii():
        return text
    return _exchange(text, {c: _visible(c) for c in _odd(text)})


def _exchange(text: str, table: dict[str, str]) -> str:
    if len(table) > _MANY:
        return text.translate({ord(c): new for c, new in table.items()})
    for old, new in table.items():
        text = text.replace(old, new)
    return text


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """A folded text, a space at either end, with the places where its length left the original's."""

    text: str
    folded_at: list[int]
    """Where each replaced stretch ends in the folded text ..."""
    original_at: list[int]
    """... and in the original."""
    began_at: list[int]
    """Where the stretch began in the original."""
    widths: list[int]
    """How many folded characters stand for the stretch."""

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The code points of the original that the folded characters ``start:end`` stand for."""
        return self._original(start, at_end=False), self._original(end - 1, at_end=True)

    def _original(self, position: int, *, at_end: bool) -> int:
        place = bisect_right(self.folded_at, position) - 1
        following = place + 1
        if following < len(self.folded_at) and position >= self.folded_at[following] - self.widths[following]:
            return self.original_at[following] if at_end else self.began_at[following]
        shift = position - self.folded_at[place] + self.original_at[place]
        return shift + 1 if at_end else shift


def fold(text: str) -> Folded:
    """The folded view of a text."""
    if text.isascii():
        return _collapse(text.lower(), _ASCII_RUNS, frozenset(), {})
    table = {c: _folded(c) for c in _odd(text)}
    low = _exchange(text, {c: new for c, new in table.items() if len(new) == 1}).lower()
    unequal = {k: new for c, new in table.items() if len(new) != 1 for k in (c, c.lower()) if len(k) == 1}
    dropped = frozenset(c for c, new in unequal.items() if not new)
    wide = {c: new for c, new in unequal.items() if new}
    return _collapse(low, _runs(dropped, frozenset(wide)), dropped, wide)


@lru_cache(maxsize=256)
def _runs(dropped: frozenset[str], wide: frozenset[str]) -> re.Pattern[str]:
    gone = "".join(re.escape(c) for c in sorted(dropped))
    parts = [rf"[\W_{gone}]{{2,}}"]
    parts += [f"[{gone}]"] if gone else []
    parts += ["[" + "".join(re.escape(c) for c in sorted(wide)) + "]"] if wide else []
    return re.compile("|".join(reversed(parts)) if wide else "|".join(parts))


def _collapse(low: str, runs: re.Pattern[str], dropped: frozenset[str], wide: dict[str, str]) -> Folded:
    folded_at, original_at, began_at, widths = [1], [0], [0], [1]
    pieces: list[str] = [" "]
    cursor, length = 0, 1
    for run in runs.finditer(low):
        start, end = run.span()
        new = _stands_for(run.group(), dropped, wide)
        pieces.append(low[cursor:start])
        pieces.append(new)
        length += start - cursor + len(new)
        folded_at.append(length)
        original_at.append(end)
        began_at.append(start)
        widths.append(len(new))
        cursor = end
    pieces.append(low[cursor:])
    pieces.append(" ")
    joined = "".join(pieces).translate(_SEPARATORS)
    return Folded(text=joined, folded_at=folded_at, original_at=original_at, began_at=began_at, widths=widths)


def _stands_for(run: str, dropped: frozenset[str], wide: dict[str, str]) -> str:
    if run in wide:
        return wide[run]
    left = run if not dropped else "".join(c for c in run if c not in dropped)
    if not left:
        return ""
    # A hyphen at the end of a line splits one word; one inside a line joins two.
    split = left[0] == "-" and "\n" in left and not left[1:].strip()
    return "" if split else " "


def fold_words(text: str) -> str:
    """A name or phrase as it reads in a folded text, without the outer spaces."""
    if text.isascii() and text.isalnum():
        return text.lower()
    return " ".join(fold(text).text.split())


def keep_marks(text: str, end: int) -> int:
    """An end moved past combining and invisible characters that belong to the letter before."""
    while end < len(text) and text[end] > "\x7f" and unicodedata.category(text[end]) in _INVISIBLE:
        end += 1
    return end
