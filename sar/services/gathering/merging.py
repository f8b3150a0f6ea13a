"""Records found for several people, or held in several places, put together without dropping a word."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from sar.domain.records import Record, StoreAnswer
from sar.domain.references import RecordKey, StoreName, SubjectId


def in_order(answers: Iterable[StoreAnswer]) -> tuple[StoreAnswer, ...]:
    """Answers as pages list them: which store was quicker must not change a page."""
    return tuple(sorted(answers, key=lambda a: (a.store, a.subject)))


def merge(answers: Iterable[StoreAnswer]) -> tuple[Record, ...]:
    """Every record once: found for several people, or held in several places, it lists them all.

    No word is dropped. Where a store gives one number to two texts, both are kept; and equal entries of
    one store are two entries, for two calls on one day are two calls.
    """
    folded: dict[tuple[str, frozenset[SubjectId]], list[Record]] = defaultdict(list)
    for record in _by_key(in_order(answers)).values():
        same = folded[record.version, record.about]
        at = next((i for i, kept in enumerate(same) if record.key.store not in _places(kept)), None)
        if at is None:
            same.append(record)
        else:
            same[at] = _with_facts_of(same[at].with_copy(record.provenance), record)
    every = (r for same in folded.values() for r in same)
    return tuple(sorted(every, key=lambda r: (r.dated_on, str(r.key))))


def _by_key(answers: Iterable[StoreAnswer]) -> dict[RecordKey, Record]:
    """Records by key; a second text under a key that is taken gets the next free one ("17#2")."""
    kept: dict[RecordKey, Record] = {}
    theirs = {r.key for answer in answers for r in answer.records}
    for found in (r for answer in answers for r in answer.records):
        key, number = found.key, 2
        while (key in kept and kept[key].version != found.version) or (key != found.key and key in theirs):
            key, number = RecordKey(found.key.store, f"{found.key.native_id}#{number}"), number + 1
        known = kept.get(key)
        kept[key] = (
            replace(found, key=key) if known is None else _with_facts_of(known.also_about(found.about), found)
        )
    return kept


def _places(record: Record) -> set[StoreName]:
    return {record.provenance.store, *(c.store for c in record.copies)}


def _with_facts_of(kept: Record, other: Record) -> Record:
    """What the other's structured fields say beyond the same words."""
    return replace(
        kept,
        people=tuple(dict.fromkeys((*kept.people, *other.people))),
        alert=tuple(dict.fromkeys((*kept.alert, *other.alert))),
        findings=tuple(dict.fromkeys((*kept.findings, *other.findings))),
    )
