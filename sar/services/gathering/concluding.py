"""Closing a round from the indexes of its pages: only records that meet another one are opened."""

from __future__ import annotations

from array import array
from collections import OrderedDict, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain, pairwise

from sar.domain.across_legs import across_legs
from sar.domain.alerts import Expected
from sar.domain.calendar import uk_day
from sar.domain.duplicates import Folding, fold, joined
from sar.domain.found_conflicts import Found, in_people, in_record
from sar.domain.gathered import LegIndex, LegPage, PageIndex, speaks
from sar.domain.parties import Leg
from sar.domain.records import Record, StoreAnswer
from sar.domain.references import RecordKey, SubjectId
from sar.domain.traces import Trace, trace_of
from sar.domain.written import generated_pages
from sar.ports.across import across_name
from sar.ports.casework import RECORDS, leg_prefix, reader_of, request_of
from sar.ports.keeping import CaseFile, Collection
from sar.ports.standing import propose_stops
from sar.services.gathering.merging import merge

_PAGES_HELD = 16
_ENTRIES_COMPARED = 2000
"""Up to so many entries of structured stores are compared for being nearly the same; more, for being the same."""
_MARK = "#"
"""Stands in the key of a second text under one number."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """One record of one answer, by its place."""

    answer: int
    page: str
    position: int
    key: RecordKey
    version: str


class Round:
    """The records of a round's answers, put together."""

    def __init__(self, file: CaseFile, answers: Sequence[StoreAnswer]) -> None:
        self._file = file
        self._answers = answers
        self._held: OrderedDict[str, tuple[Record, ...]] = OrderedDict()
        self._notes: dict[str, PageIndex] = {}
        self._skipped: dict[str, set[int]] = defaultdict(set)
        self._about: dict[RecordKey, frozenset[SubjectId]] = {}
        self._total = 0
        self.changed: dict[RecordKey, Record] = {}
        """Records that are kept anew: merged, or out of an answer that holds its records itself."""
        for group in self._groups():
            self._merge(group)
        self.folding = self._fold()
        """What else is alike: copies in other words or places, and messages that stand in a fuller one."""

    @property
    def count(self) -> int:
        """How many records there are after merging."""
        return self._total - sum(map(len, self._skipped.values())) + len(self.changed)

    def index_for(self, leg: Leg) -> LegIndex:
        """Where the untouched records of a leg are."""
        return LegIndex(
            pages=tuple(
                LegPage(name=name, skipped=tuple(sorted(self._skipped.get(name, ()))))
                for name, index in self._notes.items()
                if leg.subject in index.subjects
            )
        )

    def changed_for(self, leg: Leg) -> tuple[Record, ...]:
        """The records of a leg that are kept anew."""
        return tuple(r for r in self.changed.values() if leg.subject in r.about)

    def folding_for(self, leg: Leg) -> Folding:
        """What is alike among the records of a leg."""
        mine = {r.key for r in self.changed_for(leg)}
        mine |= {k for k, a in self._about.items() if leg.subject in a}

        def ours(keys: Iterable[RecordKey]) -> tuple[RecordKey, ...]:
            return tuple(key for key in keys if key in mine)

        return Folding(
            exact=tuple(group for keys in self.folding.exact if len(group := ours(keys)) > 1),
            contained=tuple((head, ours(inner)) for head, inner in self.folding.contained if head in mine),
            near=tuple(pair for pair in self.folding.near if {*pair[:2]} <= mine),
            altered=tuple(one for one in self.folding.altered if {one.quoting, one.original} <= mine),
        )

    def speaking_for(self, leg: Leg) -> tuple[Record, ...]:
        """The records of a leg that the pages about alerts and disagreements may rest on, oldest first."""
        found = [r for r in self.changed_for(leg) if speaks(r)]
        for name, index in self._notes.items():
            for position in self._untouched(name, index.speaking):
                record = self._page(name)[position]
                if leg.subject in record.about:
                    found.append(record)
        return tuple(sorted(found, key=lambda r: (r.dated_on, str(r.key))))

    def finds_for(self, leg: Leg, *, at: datetime) -> tuple[Found, ...]:
        """What the leg's records and the people in them give reason to look at."""
        found = [find for r in self.changed_for(leg) for find in in_record(r, uk_day(at))]
        for name, index in self._notes.items():
            if leg.subject in index.subjects:
                skipped = self._skipped.get(name, ())
                found += [placed.found for placed in index.finds if placed.position not in skipped]
        people = [p for a in self._answers for p in a.people if a.subject == leg.subject]
        return (*sorted(found, key=lambda f: f.where), *in_people(people, leg=leg))

    def _untouched(self, name: str, positions: Iterable[int]) -> list[int]:
        skipped = self._skipped.get(name, ())
        return [position for position in positions if position not in skipped]

    def _page(self, name: str) -> tuple[Record, ...]:
        if name not in self._held:
            [self._held[name]] = self._file.each(Collection.ANSWER_PAGE, RECORDS, [name])
            if len(self._held) > _PAGES_HELD:
                self._held.popitem(last=False)
        self._held.move_to_end(name)
        return self._held[name]

    def _noted(self) -> Iterator[PageIndex]:
        """Every page once; of each only what is small is remembered, not its keys and versions: they are many."""
        for answer in self._answers:
            indexes = self._file.each(Collection.ANSWER_INDEX, PageIndex, answer.pages)
            for name, index in zip(answer.pages, indexes, strict=True):
                self._notes[name] = replace(index, keys=(), versions=())
                self._total += len(index.keys)
                yield index

    def _spots(self, meeting: Sequence[bool]) -> Iterator[_Spot]:
        """The records of the pages on which any meets another, page by page in the order they were noted."""
        meets = iter(meeting)
        for number, answer in enumerate(self._answers):
            names = [name for name in answer.pages if next(meets)]
            indexes = self._file.each(Collection.ANSWER_INDEX, PageIndex, names)
            for name, index in zip(names, indexes, strict=True):
                for position, (key, version) in enumerate(zip(index.keys, index.versions, strict=True)):
                    yield _Spot(number, name, position, key, version)

    def _groups(self) -> Iterable[list[_Spot]]:
        """Records that share a number or their words, together; what meets nothing is in no group.

        Numbers alone are remembered of each record, so that the room this takes hardly grows with them. Two
        that are equal by chance cost one look too many and nothing else.
        """
        whole = [
            _Spot(number, "", position, record.key, record.version)
            for number, answer in enumerate(self._answers)
            for position, record in enumerate(answer.records)
        ]
        met = _Met()
        met.add([spot.key for spot in whole], [spot.version for spot in whole])
        for index in self._noted():
            met.add(index.keys, index.versions)
        twice = met.twice()
        groups = _Groups(twice)
        for spot in chain(whole, self._spots(met.pages(twice)[1:]) if twice else ()):
            if not spot.page or twice.meets(spot):
                groups.add(spot)
        return groups.in_turn()

    def _merge(self, group: Sequence[_Spot]) -> None:
        """Merge what meets; a record that comes out as it went in stays where it is."""
        read = [(spot, self._read(spot)) for spot in group]
        found: dict[int, list[Record]] = defaultdict(list)
        for spot, record in read:
            found[spot.answer].append(record)
        parts = [
            replace(self._answers[number], records=tuple(sorted(records, key=_in_answer)), pages=())
            for number, records in found.items()
        ]
        left: dict[RecordKey, list[tuple[_Spot, Record]]] = defaultdict(list)
        for spot, record in read:
            left[record.key].append((spot, record))
        for record in merge(parts):
            same = next((s for s, r in left[record.key] if s.page and r == record), None)
            if same is None:
                self.changed[record.key] = record
            else:
                left[record.key] = [(s, r) for s, r in left[record.key] if s is not same]
        for spot in (s for spots in left.values() for s, _ in spots):
            if spot.page:
                self._skipped[spot.page].add(spot.position)

    def _fold(self) -> Folding:
        """Fold what is alike; a record that went into another is not read by itself any more."""
        spots, traces = self._compared()
        self._about = {t.key: t.about for t in traces}
        folding = fold(traces)
        for head, inner in folding.groups:
            fullest, *rest = [self._take(key, spots) for key in (head, *inner)]
            self.changed[head] = joined(fullest, rest)
        return folding

    def _take(self, key: RecordKey, spots: Mapping[RecordKey, _Spot]) -> Record:
        """A record out of its place: it is kept anew, by itself or in another."""
        if key in self.changed:
            return self.changed.pop(key)
        spot = spots[key]
        self._skipped[spot.page].add(spot.position)
        return self._read(spot)

    def _compared(self) -> tuple[dict[RecordKey, _Spot], list[Trace]]:
        """What is compared: every file and message, and entries that say the same or are few enough."""
        spots: dict[RecordKey, _Spot] = {}
        traces = [trace_of(record) for record in self.changed.values()]
        entries = array("q", (text for index in self._notes.values() for text in index.texts if text))
        same = set(entries) if len(entries) <= _ENTRIES_COMPARED else set(_twice(entries))
        same |= {t.text for t in traces}.intersection(entries)
        del entries
        for page, index in self._notes.items():
            for placed in index.traces:
                if self._untouched(page, [placed.position]):
                    traces.append(placed.trace)
                    spots[placed.trace.key] = _Spot(
                        0, page, placed.position, placed.trace.key, placed.trace.version
                    )
            alike = [i for i, text in enumerate(index.texts) if text in same]
            for position in self._untouched(page, alike):
                record = self._page(page)[position]
                traces.append(trace_of(record))
                spots[record.key] = _Spot(0, page, position, record.key, record.version)
        return spots, traces

    def _read(self, spot: _Spot) -> Record:
        if not spot.page:
            return self._answers[spot.answer].records[spot.position]
        return self._page(spot.page)[spot.position]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Twice:
    """Digests of the numbers and of the words that were met more than once."""

    keys: frozenset[int]
    versions: frozenset[int]

    def __bool__(self) -> bool:
        return bool(self.keys or self.versions)

    def meets(self, spot: _Spot) -> bool:
        return hash(spot.version) in self.versions or any(hash(k) in self.keys for k in _names(spot.key))


class _Met:
    """What was met, page by page, as numbers."""

    def __init__(self) -> None:
        self._keys, self._versions = array("q"), array("q")
        self._ends: list[int] = []
        self._others: dict[int, list[int]] = defaultdict(list)
        """By the number of a page, the keys that second texts on it might be given."""

    def add(self, keys: Sequence[RecordKey], versions: Sequence[str]) -> None:
        self._keys.extend(map(hash, keys))
        self._versions.extend(map(hash, versions))
        page = len(self._ends)
        for key in keys:
            if _MARK in key.native_id:
                self._others[page] += map(hash, _names(key)[1:])
        self._ends.append(len(self._keys))

    def twice(self) -> _Twice:
        return _Twice(keys=_twice(self._keys), versions=_twice(self._versions))

    def pages(self, twice: _Twice) -> list[bool]:
        """Of each page, in turn, whether anything on it may meet another."""
        starts = [0, *self._ends]
        return [
            not twice.versions.isdisjoint(self._versions[start:end])
            or not twice.keys.isdisjoint(self._keys[start:end])
            or not twice.keys.isdisjoint(self._others.get(page, ()))
            for page, (start, end) in enumerate(pairwise(starts))
        ]


class _Groups:
    """Spots joined by any number or words they share."""

    def __init__(self, twice: _Twice) -> None:
        self._twice = twice
        self._parent: dict[str, str] = {}
        self._spots: list[_Spot] = []

    def add(self, spot: _Spot) -> None:
        self._spots.append(spot)
        own = self._top(f"key {spot.key}")
        self._parent[self._top(f"words {spot.version}")] = own
        for other in _names(spot.key)[1:]:
            if hash(other) in self._twice.keys:
                self._parent[self._top(f"key {other}")] = self._top(f"key {spot.key}")

    def in_turn(self) -> Iterable[list[_Spot]]:
        groups: dict[str, list[_Spot]] = defaultdict(list)
        for spot in self._spots:
            groups[self._top(f"key {spot.key}")].append(spot)
        return groups.values()

    def _top(self, name: str) -> str:
        above = self._parent.setdefault(name, name)
        while above != name:
            self._parent[name] = self._parent[above]
            name = self._parent[name]
            above = self._parent[name]
        return name


def _names(key: RecordKey) -> tuple[RecordKey, ...]:
    """A key, and the key whose second text might be given this one."""
    first, mark, _ = key.native_id.rpartition(_MARK)
    return (key, RecordKey(key.store, first)) if mark else (key,)


def _twice(numbers: array[int]) -> frozenset[int]:
    ordered = sorted(numbers)
    return frozenset(a for a, b in pairwise(ordered) if a == b)


def _in_answer(record: Record) -> tuple[object, str]:
    return record.dated_on, record.key.native_id


def conclude_legs(
    file: CaseFile, legs: Sequence[Leg], answers: Sequence[StoreAnswer], *, round_number: int, at: datetime,
    expected: Expected,
) -> int:  # fmt: skip
    """Keep what each leg reviews: the changed records, the pages sar writes, and where the rest is; how many."""
    request = request_of(file)
    merged = Round(file, answers)
    speaking: dict[SubjectId, tuple[Record, ...]] = {}
    for leg in legs:
        speaking[leg.subject] = merged.speaking_for(leg)
        pages = generated_pages(
            speaking[leg.subject], answers, subject=leg.subject, at=at, reader=reader_of(request, leg),
            expected=expected,
        )  # fmt: skip
        prefix = leg_prefix(round_number, leg.number)
        mine = merged.changed_for(leg)
        file.keep_all(Collection.LEG_RECORDS, {f"{prefix}{r.key}": r for r in (*pages, *mine)})
        file.keep(Collection.LEG_INDEX, prefix, merged.index_for(leg))
        file.keep(Collection.FOLDING, f"{round_number}/{leg.number}", merged.folding_for(leg))
        propose_stops(file, leg.number, merged.finds_for(leg, at=at), at=at)
    names = {subject.id: subject.name for subject in request.subjects}
    if across := across_legs(speaking, names, expected=expected, on=uk_day(at)):
        file.keep(Collection.NOTE, across_name(round_number), across)
    return merged.count
