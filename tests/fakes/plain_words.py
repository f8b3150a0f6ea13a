"""How hard a text is to read: the Flesch-Kincaid grade."""

from __future__ import annotations

import re

HARDEST = 8.0
"""What a family reads is no harder than eight years of school."""


def syllables(word: str) -> int:
    plain = re.sub(r"(?:[^laeiouy]es|[^laeiouy]e|(?<=[^td])ed)$", "", word.lower())
    return max(1, len(re.findall(r"[aeiouy]+", plain)))


def grade_of(text: str) -> float:
    """Flesch-Kincaid; a colon ends a sentence as a full stop does."""
    sentences = [re.findall(r"[A-Za-z’']+", s) for s in re.split(r"[.!?:]+", text)]
    sentences = [s for s in sentences if s]
    words = [word for sentence in sentences for word in sentence]
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59
