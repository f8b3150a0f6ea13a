"""Characters the pack's typeface can show, and what is done about the others.

A glyph that is missing prints as an empty box, which in a pack looks like a redaction. So nothing is left
to chance: signs without a glyph are named in words, and letters without a glyph stop the build.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sar.domain.errors import EnvironmentFault

_KEPT = frozenset("\n\t")
_SILENT = frozenset("\u00ad\u200b\u200c\u200d\u2060\ufeff\ufe0e\ufe0f\r")
"""Characters that say how to lay out and show nothing themselves."""
_ALIKE = {"\u2010": "-", "\u2011": "-", "\u2012": "–", "\u2015": "—", "\u00b5": "μ", "\u2028": "\n", "\u2029": "\n",
          "\u0085": "\n", "\u000b": "\n", "\u000c": "\n", "\u2032": "'", "\u2033": '"', "\u25cf": "•", "\u25aa": "•",
          "\uf0b7": "•", "\u2043": "•"}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Characters:
    """The characters the packaged fonts cover; ``covered=None`` lets everything through."""

    covered: frozenset[int] | None

    @classmethod
    def of(cls, fonts: tuple[Path, ...]) -> Characters:
        """Read what the font files cover in every weight of the text face."""
        # Only the process that lays out needs this library.
        from fontTools.ttLib import TTFont  # noqa: PLC0415

        covered: set[int] = set()
        for path in fonts:
            with TTFont(path, lazy=True) as font:
                covered |= set(font.getBestCmap())
        return cls(covered=frozenset(covered))

    def clean(self, text: str, *, place: str) -> str:
        """The same words with every sign showable.

        :raises EnvironmentFault: letters no packaged font has; ``place`` says where.
        """
        if text.isascii() and text.isprintable():
            return text
        composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n"))
        return "".join(self._shown(c, place) for c in composed)

    def _shown(self, char: str, place: str) -> str:
        if char in _KEPT:
            return char
        if char in _SILENT:
            return ""
        char = _ALIKE.get(char, char)
        category = unicodedata.category(char)
        if category == "Zs":
            return char if self._has(char) else " "
        if category not in ("Cc", "Cf", "Cs", "Co", "Cn") and self._has(char):
            return char
        if char in _KEPT:
            return char
        if category[0] in "LMN":
            return self._letter(char, place)
        return _described(char, category)

    def _letter(self, char: str, place: str) -> str:
        simpler = unicodedata.normalize("NFKC", char)
        if simpler != char and all(self._has(c) for c in simpler):
            return simpler
        script = unicodedata.name(char, "an unknown script").split()[0].title()
        raise EnvironmentFault(
            f"{place} holds letters ({script}) that no packaged font can show.",
            next_step="Put an OFL font with these letters into sar/packs/fonts and build the pack again.",
        )

    def _has(self, char: str) -> bool:
        return self.covered is None or ord(char) in self.covered


def _described(char: str, category: str) -> str:
    if category in ("Cc", "Cs", "Co", "Cn"):
        return "[unreadable sign]"
    if category == "Cf":
        return ""
    return f"[sign: {unicodedata.name(char, 'unknown').lower()}]"


def cleaned(value: Any, characters: Characters, *, place: str) -> Any:
    """Every string in a plain value, cleaned."""
    if isinstance(value, str):
        return characters.clean(value, place=place)
    if isinstance(value, list):
        return [cleaned(v, characters, place=place) for v in value]
    if isinstance(value, dict):
        return {k: cleaned(v, characters, place=place) for k, v in value.items()}
    return value
