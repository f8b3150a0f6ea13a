"""What a reader would see of a record: which of its words are left once others are withheld."""

from __future__ import annotations

from collections.abc import Iterable

from sar.domain.matching import Span
from sar.domain.needles import sentences_of
from sar.domain.records import Record
from sar.domain.wording import Reading, words_of

_FEWEST_WORDS = 5
"""Fewer words are anybody's words."""


def is_visible(record: Record, span: Span, hidden: Iterable[Span]) -> bool:
    """Whether a letter or a digit of the span is left beside what is withheld."""
    text = record.passages[span.passage].text
    at = span.start
    for inner in sorted((h for h in hidden if h.overlaps(span)), key=lambda h: h.start):
        if any(c.isalnum() for c in text[at : max(at, inner.start)]):
            return True
        at = max(at, inner.end)
    return any(c.isalnum() for c in text[at : max(at, span.end)])


def sentences_quoted(text: str, records: Iterable[Record]) -> frozenset[str]:
    """The sentences of records that stand in a text, as their words alone."""
    if len(words_of(text).split()) < _FEWEST_WORDS:
        return frozenset()
    reading = Reading(text)
    found = {
        words
        for record in records
        for passage in record.passages
        for sentence in sentences_of(passage.text)
        if len(sentence.split()) >= _FEWEST_WORDS and reading.has_words(words := words_of(sentence))
    }
    return frozenset(found)
