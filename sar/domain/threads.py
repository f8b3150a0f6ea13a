"""E-mail threads by what is written in them: which message stands wholly in a fuller one, and which quote was altered.

A message goes only into one that quotes each of its parts word for word, in their order, names its sender, has
every file that was attached, and is about the same people. Headers such as In-Reply-To are not trusted: systems drop
and invent them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from sar.domain.quoted import Block, blocks_of, digest, likeness
from sar.domain.records import Record
from sar.domain.references import RecordKey
from sar.domain.traces import TEXT, Said, Trace, is_taken_over, label_of

_TELLING = 8
"""So many words are nobody else's by chance."""
_LOOKED_AT = 500
"""Of messages that quote the same words so many are compared, the fullest first."""
_ALIKE = 0.5
_LEAST_ALTERED = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class AlteredQuote:
    """A quoted passage that is nearly, but not exactly, a message we have."""

    quoting: RecordKey
    original: RecordKey
    held_in: RecordKey
    """The record in which the original's words can be read: itself, or the fuller one it was folded into."""
    quoted: int
    """Digest of the words as quoted."""
    written: int
    """Digest of the words as written."""


def fullest_first(traces: Iterable[Trace]) -> list[Trace]:
    """The messages so that none stands wholly in a later one; of equal ones the first by key."""
    return sorted(
        traces,
        key=lambda t: (
            -len(t.said), -len(t.attached), -sum(s.words for s in t.said), str(t.key.store), t.key.native_id
        ),
    )  # fmt: skip


def contained(messages: Sequence[Trace]) -> dict[RecordKey, RecordKey]:
    """Each message that stands wholly in a fuller one, and the fullest one that it stands in."""
    found: dict[RecordKey, RecordKey] = {}
    kept = _Kept()
    for message in fullest_first(messages):
        fuller = next((k for k in kept.candidates(message) if _stands_in(message, k)), None)
        if fuller is None:
            kept.add(message)
        else:
            found[message.key] = fuller.key
    return found


class _Kept:
    """The messages that stay, found by what they quote and by when who sent them."""

    def __init__(self) -> None:
        self._quoting: dict[object, list[Trace]] = defaultdict(list)
        self._sent: dict[int, list[Trace]] = defaultdict(list)

    def add(self, message: Trace) -> None:
        places = {place for said in message.said[1:] for place in _places(said)}
        for place in places:
            self._quoting[place].append(message)
        if message.sent:
            self._sent[message.sent].append(message)

    def candidates(self, message: Trace) -> Iterator[Trace]:
        """Messages that may hold this one, the fullest first."""
        yield from self._sent.get(message.sent, ()) if message.sent else ()
        own = message.said[0]
        if own.words >= _TELLING:
            yield from self._quoting.get(own.whole, ())[:_LOOKED_AT]
            return
        for names in message.sender:
            yield from self._quoting.get((own.whole, min(names)), ())[:_LOOKED_AT]


def _places(said: Said) -> Iterator[object]:
    if said.words >= _TELLING:
        yield said.whole
    else:
        yield from ((said.whole, name) for name in said.names)


def _stands_in(inner: Trace, fuller: Trace) -> bool:
    fits = (
        inner.kind is fuller.kind
        and inner.data_class is fuller.data_class
        # Equal, not fewer: the fuller one's readers are not all readers of the inner one.
        and inner.about == fuller.about
        and inner.attached <= fuller.attached
        and inner.facts == fuller.facts
    )
    if not fits:
        return False
    own, *quoted = inner.said
    if inner.sent and inner.sent == fuller.sent and _says(fuller.said[0], own):
        return _in_order(quoted, fuller.said[1:])
    return any(
        _is_quote_of(said, inner) and _in_order(quoted, fuller.said[at + 1 :])
        for at, said in enumerate(fuller.said[1:], start=1)
    )


def _says(one: Said, other: Said) -> bool:
    """Whether two blocks have the same words; a signature may be left out of one, but not be another."""
    return one.whole == other.whole and (one.aside == other.aside or not one.aside or not other.aside)


def _is_quote_of(said: Said, message: Trace) -> bool:
    """Word for word, and not said to be by somebody else."""
    own = message.said[0]
    if not _says(said, own):
        return False
    return _names(said, message) if said.names else own.words >= _TELLING


def _names(said: Said, message: Trace) -> bool:
    return any(names <= said.names for names in message.sender)


def _in_order(wanted: Sequence[Said], said: Sequence[Said]) -> bool:
    following = iter(said)
    return all(any(_says(one, block) for one in following) for block in wanted)


def altered(
    messages: Sequence[Trace], *, kept: frozenset[RecordKey], held_in: dict[RecordKey, RecordKey]
) -> tuple[AlteredQuote, ...]:
    """Quotes in the messages that stay that differ a little from what their author wrote."""
    written = _Written(messages)
    found: dict[tuple[RecordKey, int], AlteredQuote] = {}
    for message in sorted((m for m in messages if m.key in kept), key=lambda m: str(m.key)):
        for said in message.said[1:]:
            if said.words < _LEAST_ALTERED or written.knows(said):
                continue
            original = written.nearest(said, quoting=message)
            if original is not None:
                found.setdefault(
                    (message.key, said.whole),
                    AlteredQuote(
                        quoting=message.key, original=original.key,
                        held_in=held_in.get(original.key, original.key),
                        quoted=said.whole, written=original.said[0].whole,
                    ),
                )  # fmt: skip
    return tuple(found.values())


class _Written:
    """What senders wrote themselves, found by a sentence or by pairs of words."""

    def __init__(self, messages: Sequence[Trace]) -> None:
        self._whole: dict[int, list[Trace]] = defaultdict(list)
        self._by: dict[int, list[Trace]] = defaultdict(list)
        self._likely: dict[int, tuple[tuple[float, Trace], ...]] = {}
        for message in sorted(messages, key=lambda m: str(m.key)):
            own = message.said[0]
            self._whole[own.whole].append(message)
            if len(self._whole[own.whole]) == 1 and own.words >= _LEAST_ALTERED:
                for mark in {*own.sentences, *own.sketch}:
                    self._by[mark].append(message)

    def knows(self, said: Said) -> bool:
        """Whether somebody wrote exactly this."""
        return said.whole in self._whole

    def nearest(self, said: Said, *, quoting: Trace) -> Trace | None:
        """The message a quote was most likely made from; None when it is like none of ours."""
        if said.whole not in self._likely:
            self._likely[said.whole] = tuple(self._like(said))
        fitting = [pair for pair in self._likely[said.whole] if _may_quote(said, pair[1], quoting)]
        return max(fitting, key=lambda pair: pair[0])[1] if fitting else None

    def _like(self, said: Said) -> Iterator[tuple[float, Trace]]:
        """The messages that share the most sentences and rare words with a quote, and how like it they are."""
        shared: dict[RecordKey, int] = defaultdict(int)
        known: dict[RecordKey, Trace] = {}
        for mark in {*said.sentences, *said.sketch}:
            theirs = self._by.get(mark, ())
            if len(theirs) <= _RARE:
                for message in theirs:
                    shared[message.key] += 1
                    known[message.key] = message
        for key in sorted(shared, key=lambda key: (-shared[key], str(key)))[:_MOST_LIKELY]:
            if (like := _alike(said, known[key].said[0])) >= _ALIKE:
                yield like, known[key]


_MOST_LIKELY = 5
_RARE = 40
"""Words that more messages than these share tell none of them from the others."""


def _may_quote(said: Said, message: Trace, quoting: Trace) -> bool:
    named = not said.names or _names(said, message)
    return named and message.key != quoting.key and bool(message.about & quoting.about)


def _alike(said: Said, own: Said) -> float:
    same = len(set(said.sentences) & set(own.sentences))
    return max(
        same / max(len(set(said.sentences)), len(set(own.sentences)), 1), likeness(said.sketch, own.sketch)
    )


def difference(quote: AlteredQuote, *, quoting: Record, holder: Record) -> tuple[str, ...]:
    """What was changed, left out or put in, sentence by sentence, in words for the officer.

    :param holder: the record ``quote.held_in`` names.
    """
    as_quoted, as_written = _block(quoting, quote.quoted), _block(holder, quote.written)
    if as_quoted is None or as_written is None:
        return ()
    before, after = as_written.sentences, as_quoted.sentences
    told: list[str] = []
    for what, i, j, k, n in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        old, new = " ".join(before[i:j]), " ".join(after[k:n])
        if what == "replace":
            told.append(f"Written: \u201c{old}\u201d Quoted as: \u201c{new}\u201d")
        elif what == "delete":
            told.append(f"Left out of the quote: \u201c{old}\u201d")
        elif what == "insert":
            told.append(f"Put into the quote: \u201c{new}\u201d")
    return tuple(told)


def _block(record: Record, wanted: int) -> Block | None:
    text = "\n\n".join(p.text for p in record.passages if label_of(p) == TEXT and not is_taken_over(p))
    return next((b for b in blocks_of(text) if digest(b.text) == wanted), None)
