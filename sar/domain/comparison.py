"""Two gatherings of one data subject side by side: what is new, what is gone, what moved, what differs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from sar.domain.changes import (
    Change,
    ChangeKind,
    Light,
    Side,
    Spot,
    Uncompared,
    Why,
    by_comparison,
    by_its_own_dates,
    facts_between,
    kind_of_new,
)
from sar.domain.references import RecordKey, StoreName

_SAID_BY_NEW = frozenset({ChangeKind.EDITED, ChangeKind.FILE_DATE})
"""What was not there before has a newer date of course: that is no second change."""
_SILENT = frozenset({Why.NO_ANSWER_NOW, Why.NOT_ASKED_AGAIN})

Look = Callable[[Spot], Light]
"""Opens a record: only those that differ, or that their store says were touched, are opened."""


class Comparison:
    """Puts the answers about one data subject side by side, and says at the end what came of it."""

    def __init__(self, *, received_on: date, on: date, round_number: int, look: Look) -> None:
        """:param on: the day of the newer gathering."""
        self._received_on = received_on
        self._on = on
        self._round = round_number
        self._look = look
        self._new: list[Light] = []
        self._gone: list[Light] = []
        self._changes: list[Change] = []
        self.uncompared: list[Uncompared] = []

    def cannot(self, store: StoreName, label: str, why: Why, records: int = 0) -> None:
        """Say that nothing can be said."""
        self.uncompared.append(Uncompared(store=store, label=label, why=why, records=records))

    def look_at(self, spots: Iterable[Spot]) -> None:
        """An answer by itself: what its records say of their own days."""
        for spot in spots:
            self._by_dates(spot)

    def compare(self, before: Side, after: Side, *, same_search: bool) -> None:
        """The first answer of a store and its newest."""
        new, gone, both = _paired(before, after)
        for old, spot in both:
            self._compare_one(old, spot)
        self._new += self._provable(after, new, before, same_search=same_search)
        self._gone += self._provable(before, gone, after, same_search=same_search)

    def _compare_one(self, old: Spot, new: Spot) -> None:
        kinds: tuple[ChangeKind, ...] = ()
        if old.version != new.version or old.has_facts or new.has_facts:
            light = self._look(new)
            first = self._look(old)
            if kinds := by_comparison(first, light):
                self._add(kinds, light, before=old, facts=facts_between(first, light))
        if not kinds:
            self._by_dates(new, first=old)

    def _provable(
        self, side: Side, spots: Sequence[Spot], other: Side, *, same_search: bool
    ) -> Iterable[Light]:
        """The records of one side that the other would have had, had they been there."""
        readable = [s for s in spots if s.key not in other.held_back]
        if len(readable) < len(spots):
            self.cannot(side.store, side.label, Why.HELD_BACK, len(spots) - len(readable))
        if not readable:
            return []
        if other.is_whole and same_search:
            return [self._look(s) for s in readable]
        self.cannot(
            side.store,
            side.label,
            Why.INCOMPLETE if not other.is_whole else Why.ASKED_OTHERWISE,
            len(readable),
        )
        for spot in readable:
            self._by_dates(spot)
        return []

    def _by_dates(self, spot: Spot, *, first: Spot | None = None) -> None:
        # What went again is no news of today; what is there may say of itself that it is new.
        if spot.source.round == self._round and spot.touched_on and spot.touched_on > self._received_on:
            light = self._look(spot)
            same_since = self._look(first).seen_on if first and light.is_file_date else None
            kinds = by_its_own_dates(light, self._received_on, first_seen_on=same_since)
            self._add(kinds, light, facts=facts_between(None, light))

    def changes(self, earlier: Iterable[Change] = ()) -> tuple[Change, ...]:
        """Every change, oldest news first; what moved is neither new nor deleted.

        :param earlier: what the gathering before showed. It stays listed, with the day it was first seen.
        """
        self._settle()
        known = {c.ident: c for c in earlier}
        found = {c.ident: _as_first_seen(c, known.get(c.ident)) for c in self._changes}
        silent = {u.store for u in self.uncompared if u.why in _SILENT}
        for ident, change in known.items():
            if ident not in found:
                still = change.is_still and change.record.store in silent
                found[ident] = replace(change, is_still=still)
        return tuple(sorted(found.values(), key=lambda c: (c.round, str(c.record), c.kind.name)))

    def _settle(self) -> None:
        there: dict[str, list[Light]] = defaultdict(list)
        for light in self._new:
            there[light.spot.version].append(light)
        for gone in self._gone:
            moved = there.get(gone.spot.version)
            if moved:
                new = moved.pop()
                kinds = [ChangeKind.MOVED, *by_comparison(gone, new)]
                self._add(kinds, new, before=gone.spot, facts=facts_between(gone, new))
            else:
                self._add((ChangeKind.DELETED,), gone, before=gone.spot, is_gone=True)
        for light in (one for left in there.values() for one in left):
            kinds = [k for k in by_its_own_dates(light, self._received_on) if k not in _SAID_BY_NEW]
            kinds = [kind_of_new(light, self._received_on), *kinds]
            self._add(tuple(dict.fromkeys(kinds)), light, facts=facts_between(None, light))
        self._new, self._gone = [], []

    def _add(
        self, kinds: Sequence[ChangeKind], light: Light, *, before: Spot | None = None, is_gone: bool = False,
        facts: str = "",
    ) -> None:  # fmt: skip
        for kind in kinds:
            self._changes.append(
                Change(
                    kind=kind, record=before.key if before else light.spot.key, label=light.label,
                    what=light.kind, dated_on=light.dated_on, before=before.where if before else None,
                    after=None if is_gone else light.spot.where,
                    before_version=before.version if before else "",
                    after_version="" if is_gone else light.spot.version,
                    first_seen_on=self._on, round=self._round, entered_on=light.entered_on,
                    changed_on=light.changed_on, facts=facts,
                )
            )  # fmt: skip


def _as_first_seen(change: Change, known: Change | None) -> Change:
    return change if known is None else replace(change, first_seen_on=known.first_seen_on, round=known.round)


def _paired(before: Side, after: Side) -> tuple[list[Spot], list[Spot], list[tuple[Spot, Spot]]]:
    """What only one side has, and the records both have; a store may give one number to several texts."""
    then, now = _by_key(before.spots), _by_key(after.spots)
    new: list[Spot] = []
    gone: list[Spot] = []
    both: list[tuple[Spot, Spot]] = []
    for key in dict.fromkeys((*then, *now)):
        old, fresh = list(then.get(key, ())), list(now.get(key, ()))
        for spot in tuple(old):
            same = next((s for s in fresh if s.version == spot.version), None)
            if same is not None:
                both.append((spot, same))
                old.remove(spot)
                fresh.remove(same)
        both += list(zip(old, fresh, strict=False))
        gone += old[len(fresh) :]
        new += fresh[len(old) :]
    return new, gone, both


def _by_key(spots: Iterable[Spot]) -> Mapping[RecordKey, Sequence[Spot]]:
    found: dict[RecordKey, list[Spot]] = defaultdict(list)
    for spot in spots:
        found[spot.key].append(spot)
    return found
