"""Copies, threads and near copies: one is read, every place is listed, and no word is lost.

``trace_of`` is taken when a record comes in, ``fold`` compares the traces of a whole round, ``joined`` makes
the one record that is read. Nothing here decides what is disclosed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from sar.domain.alerts import say
from sar.domain.quoted import Block, blocks_of, likeness, squeezed, unmarked
from sar.domain.records import Passage, Provenance, Record
from sar.domain.references import RecordKey
from sar.domain.threads import AlteredQuote, altered, contained, difference
from sar.domain.traces import ALSO_IN, HEAD, HEADERS, TEXT, Shape, Trace, is_taken_over, label_of, trace_of

__all__ = ["AlteredQuote", "Folding", "Trace", "difference", "fold", "joined", "trace_of"]

NEAR = 0.8
"""From this share of common words on two records are shown as nearly the same."""
_LEAST_WORDS = 12
_COMPARED = 8
_CROWD = 50
_NEAREST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Folding:
    """What was found alike among the records of a round."""

    exact: tuple[tuple[RecordKey, ...], ...] = ()
    """The same words: the record that is read, then its copies."""
    contained: tuple[tuple[RecordKey, tuple[RecordKey, ...]], ...] = ()
    """The fullest message first, then the messages that stand wholly in it."""
    near: tuple[tuple[RecordKey, RecordKey, float], ...] = ()
    """Two records that are nearly the same, and how nearly (1: the same words, another date or kind)."""
    altered: tuple[AlteredQuote, ...] = ()

    @property
    def groups(self) -> tuple[tuple[RecordKey, tuple[RecordKey, ...]], ...]:
        """Each record that is read, with every other that goes into it; give both to ``joined``."""
        copies = {group[0]: group[1:] for group in self.exact}
        inner = dict(self.contained)
        gone = {key for keys in inner.values() for key in keys}
        heads = sorted({*copies, *inner} - gone, key=_by_key)
        return tuple(
            (
                head,
                (*copies.get(head, ()), *(k for i in inner.get(head, ()) for k in (i, *copies.get(i, ())))),
            )
            for head in heads
        )


def _by_key(key: RecordKey) -> tuple[str, str]:
    return (key.store, key.native_id)


def fold(traces: Iterable[Trace]) -> Folding:
    """What is alike. The order of the traces does not matter, and what was folded does not fold again."""
    every = sorted(traces, key=lambda t: _by_key(t.key))
    groups = _same(every)
    read = [group[0] for group in groups]
    messages = [t for t in read if t.shape is Shape.MESSAGE]
    held_in = contained(messages)
    dated = {t.key: t.dated_on for t in messages}
    inner: dict[RecordKey, list[RecordKey]] = defaultdict(list)
    for key in sorted(held_in, key=lambda k: (dated[k], _by_key(k))):
        inner[held_in[key]].append(key)
    kept = [t for t in read if t.key not in held_in]
    return Folding(
        exact=tuple(tuple(t.key for t in group) for group in groups if len(group) > 1),
        contained=tuple((head, tuple(inner[head])) for head in sorted(inner, key=_by_key)),
        near=tuple(_near(kept)),
        altered=altered(messages, kept=frozenset(t.key for t in kept), held_in=held_in),
    )


def _same(traces: Sequence[Trace]) -> list[list[Trace]]:
    alike: dict[object, list[Trace]] = defaultdict(list)
    for trace in traces:
        same = (
            trace.text, trace.shape, trace.kind, trace.dated_on, trace.data_class, trace.facts, trace.about
        )  # fmt: skip
        alike[same].append(trace)
    return [group for bucket in alike.values() for group in _grouped(bucket)]


def _grouped(bucket: list[Trace]) -> list[list[Trace]]:
    """A store's equal entries stay apart.

    All of a bucket are about the same people. A copy about fewer stays by itself: who is handed the one record
    would read, in its places and headers, where somebody else's papers are.
    """
    groups: list[list[Trace]] = []
    for trace in bucket:
        group = next((g for g in groups if _may_join(g, trace)), None)
        if group is None:
            groups.append([trace])
        else:
            group.append(trace)
    return groups


def _may_join(group: Sequence[Trace], trace: Trace) -> bool:
    return trace.shape is not Shape.ENTRY or not any(trace.stores & known.stores for known in group)


def _near(kept: Sequence[Trace]) -> Iterator[tuple[RecordKey, RecordKey, float]]:
    """Pairs that share most of their words; of many alike the nearest only, for it is a hint to the reader."""
    crowds: dict[int, list[Trace]] = defaultdict(list)
    for trace in kept:
        if trace.words >= _LEAST_WORDS:
            for mark in trace.sketch[:_COMPARED]:
                crowds[mark].append(trace)
    seen: dict[tuple[RecordKey, RecordKey], float] = {}
    for crowd in crowds.values():
        for first, second in combinations(crowd[:_CROWD], 2):
            if (first.key, second.key) not in seen and first.about & second.about:
                seen[first.key, second.key] = likeness(first.sketch, second.sketch)
    shown: dict[RecordKey, int] = defaultdict(int)
    pairs = sorted(seen.items(), key=lambda p: (-p[1], _by_key(p[0][0]), _by_key(p[0][1])))
    for (one, other), like in pairs:
        if like >= NEAR and max(shown[one], shown[other]) < _NEAREST:
            shown[one] += 1
            shown[other] += 1
            yield one, other, round(like, 2)


def joined(fullest: Record, inner: Sequence[Record]) -> Record:
    """One record for them all, and every place that holds any of them.

    What another says beyond the fullest is taken over under a label of its own: above all to whom it went.
    """
    known = _Known(fullest)
    for other in inner:
        known.take_over(other)
    places: dict[Provenance, None] = dict.fromkeys(
        place for r in (fullest, *inner) for place in (r.provenance, *r.copies)
    )
    places.pop(fullest.provenance, None)
    every = (fullest, *inner)
    return replace(
        fullest,
        passages=(*fullest.passages, *known.added),
        about=fullest.about.union(*(r.about for r in inner)),
        people=tuple(dict.fromkeys(p for r in every for p in r.people)),
        alert=tuple(dict.fromkeys(a for r in every for a in r.alert)),
        findings=tuple(dict.fromkeys(f for r in every for f in r.findings)),
        copies=tuple(places),
    )


class _Known:
    """What the record that is read says already."""

    def __init__(self, fullest: Record) -> None:
        self.added: list[Passage] = []
        self._labelled: set[tuple[str, str]] = set()
        self._whole: set[str] = set()
        self._announced: set[str] = set()
        self._blocks: dict[str, set[str]] = defaultdict(set)
        """The words of each block, and the footers that stand with them."""
        self._heads = {_head(fullest)}
        self._learn_all(fullest)

    def _learn_all(self, record: Record) -> None:
        for passage in record.passages:
            self._labelled.add((label_of(passage), squeezed(passage.text)))
        for text in _texts(record):
            self._whole.add(unmarked(text))
            for block in blocks_of(text):
                self._announced.add(block.announced)
                self._blocks[block.text].add(_footer(block))

    def take_over(self, other: Record) -> None:
        """Add what is not known yet, under a label that says where it stands."""
        where = f"{ALSO_IN}{other.provenance.store_label}, {say(other.dated_on)}: "
        head = _head(other)
        if head not in self._heads:
            # From, to and date say who was told and when: only together, and for each message of its own.
            self._heads.add(head)
            self._add(Passage(label=where + HEAD, text=head))
        # A mail in several parts may be quoted in one piece: part by part it would seem to be new.
        beyond = any(map(self._beyond, list(_texts(other))[:1]))
        for passage in other.passages:
            if label_of(passage) in HEADERS and not is_taken_over(passage):
                continue
            if text := self._new(passage, is_beyond=beyond):
                label = passage.label if is_taken_over(passage) else where + passage.label
                self._add(Passage(label=label, text=text))
        self._learn_all(other)

    def _add(self, found: Passage) -> None:
        if (label_of(found), squeezed(found.text)) not in self._labelled:
            self._labelled.add((label_of(found), squeezed(found.text)))
            self.added.append(found)

    def _new(self, passage: Passage, *, is_beyond: bool) -> str:
        """What is not known: of a mail's text its blocks and footers, of anything else the whole."""
        if (label_of(passage), squeezed(passage.text)) in self._labelled:
            return ""
        if label_of(passage) != TEXT:
            return passage.text
        return self._beyond(passage.text) if is_beyond else ""

    def _beyond(self, text: str) -> str:
        """The blocks and footers that do not stand as a whole in what is read.

        A line is never looked for inside another: "I was told by him" is not said in "Nobody says that I was told
        by him", and a footer belongs to the words it stands with.
        """
        if unmarked(text) in self._whole:
            return ""
        found: list[str] = []
        for block in blocks_of(text):
            lines = [] if block.announced in self._announced else [block.announced]
            if block.text not in self._blocks:
                lines += [*block.lines, *block.footers]
            elif block.footers and _footer(block) not in self._blocks[block.text]:
                lines += block.footers
            marks = "> " * block.level
            found += [f"{marks}{line}" for line in lines if line]
        return "\n".join(found)


def _texts(record: Record) -> Iterator[str]:
    """A mail's own text as its trace was taken from it, and each part of it."""
    parts = [p.text for p in record.passages if label_of(p) == TEXT]
    if parts:
        yield "\n\n".join(parts)
    if len(parts) > 1:
        yield from parts


def _footer(block: Block) -> str:
    return squeezed(" ".join(block.footers))


def _head(record: Record) -> str:
    own = [p for p in record.passages if label_of(p) in HEADERS and not is_taken_over(p)]
    return "\n".join(sorted(f"{label_of(p).capitalize()}: {squeezed(p.text)}" for p in own))
