"""What was created, edited, back-dated, closed or deleted after a request came (Data Protection Act 2018 s.173).

Found by comparison alone: what a store said when it was first asked, what it says now, and the days it gives
itself. Most of it is ordinary work. Which of it is not, a named person finds out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from sar.domain.calendar import uk_day
from sar.domain.records import AlertEntry, AlertStep, Finding, Provenance, Record
from sar.domain.rectification import Correction, CorrectionOutcome, PlaceState
from sar.domain.references import RecordKey, StoreName, SubjectId


class ChangeKind(Enum):
    """What happened to a record. The values are the words shown."""

    CREATED = "created after the request"
    BACK_DATED = "back-dated"
    EDITED = "edited"
    RELABELLED = "category of an alert changed"
    CLOSED = "alert closed"
    IN_ERROR = "alert marked as entered in error"
    MOVED = "moved, the same words"
    DELETED = "not there any more"


class Why(Enum):
    """Why nothing can be said of a place or a record. Silence proves nothing."""

    NO_ANSWER_THEN = "It did not answer when it was first asked."
    COMPARED_LATER = "It did not answer when it was first asked. It is compared with its first answer since."
    NO_ANSWER_NOW = "It did not answer at the newest gathering."
    NOT_ASKED_AGAIN = "It was not asked again: its first answer was taken over."
    ASKED_OTHERWISE = "It was asked by other numbers, names or dates than the first time."
    INCOMPLETE = "One of the two answers is not complete."
    HELD_BACK = "The items could not be read at one of the two gatherings, and were held back."


_SILENT = frozenset({Why.NO_ANSWER_NOW, Why.NOT_ASKED_AGAIN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """Where the words of one side are kept."""

    round: int
    store: StoreName
    subject: SubjectId
    page: str
    """Empty where the answer holds its records itself."""
    position: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Whose answer of which gathering: shared by all its records, for there can be very many."""

    round: int
    store: StoreName
    subject: SubjectId


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """One record of one answer, as far as it is known without opening it."""

    key: RecordKey
    version: str
    source: Source
    page: str
    position: int
    has_facts: bool = False
    """It has alerts or findings, which a version does not cover."""
    touched_on: date | None = None
    """The newest day on which its store says that anything was done to it."""

    @property
    def where(self) -> Where:
        """Its place, by itself."""
        source = self.source
        return Where(
            round=source.round, store=source.store, subject=source.subject, page=self.page,
            position=self.position,
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """What is compared of a record."""

    spot: Spot
    label: str
    kind: str
    dated_on: date
    entered_on: date | None = None
    changed_on: date | None = None
    alert: tuple[AlertEntry, ...] = ()
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One answer: its records, what it held back, and whether it is all there is."""

    store: StoreName
    label: str
    spots: tuple[Spot, ...]
    held_back: frozenset[RecordKey] = frozenset()
    is_whole: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change of one record. Sealed: keys and days can tell who somebody is."""

    kind: ChangeKind
    record: RecordKey
    label: str
    """The store's."""
    what: str
    """The kind of record."""
    dated_on: date
    before: Where | None
    after: Where | None
    before_version: str
    after_version: str
    first_seen_on: date
    round: int
    """The gathering that first showed it."""
    entered_on: date | None = None
    changed_on: date | None = None
    is_still: bool = True
    """False where a later gathering shows it no more."""

    @property
    def ident(self) -> tuple[str, RecordKey, str, str]:
        """The same change at another gathering."""
        return (self.kind.name, self.record, self.before_version, self.after_version)


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncompared:
    """Something of which the comparison says nothing."""

    store: StoreName
    label: str
    why: Why
    records: int = 0
    """How many, where it is not the whole store."""


def light_of(record: Record, spot: Spot) -> Light:
    """The facts of a record that are compared."""
    entered, changed = record.provenance.entered_at, _changed_days(record.provenance)
    return Light(
        spot=spot,
        label=record.provenance.store_label,
        kind=record.kind.value,
        dated_on=record.dated_on,
        entered_on=uk_day(entered) if entered else None,
        changed_on=max(changed, default=None),
        alert=record.alert,
        findings=record.findings,
    )


_LATER_STEPS = {
    AlertStep.CLOSED: ChangeKind.CLOSED,
    AlertStep.ENTERED_IN_ERROR: ChangeKind.IN_ERROR,
    AlertStep.RELABELLED: ChangeKind.RELABELLED,
}


def _changed_days(provenance: Provenance) -> list[date]:
    """By the store's word and by the document's own: a file may be copied, and a program's clock may be wrong."""
    stored = [uk_day(provenance.changed_at)] if provenance.changed_at else []
    return [*stored, *([provenance.saved_on] if provenance.saved_on else [])]


def touched_on(record: Record) -> date | None:
    """The newest day on which a record says of itself that something was done to it; None where it says nothing."""
    entered = record.provenance.entered_at
    days = [*([uk_day(entered)] if entered else []), *_changed_days(record.provenance)]
    return max((*days, *(e.on for e in record.alert if e.step in _LATER_STEPS)), default=None)


def by_its_own_dates(light: Light, received_on: date) -> tuple[ChangeKind, ...]:
    """What a record says of itself, whichever gathering brought it."""
    later = dict.fromkeys(
        _LATER_STEPS[e.step] for e in light.alert if e.step in _LATER_STEPS and e.on > received_on
    )
    if light.entered_on and light.entered_on > received_on:
        return (_kind_of_new(light, received_on), *later)
    if light.changed_on and light.changed_on > received_on and not later:
        return (ChangeKind.EDITED,)
    return tuple(later)


def _kind_of_new(light: Light, received_on: date) -> ChangeKind:
    return ChangeKind.BACK_DATED if light.dated_on < received_on else ChangeKind.CREATED


def by_comparison(before: Light, after: Light) -> tuple[ChangeKind, ...]:
    """How two versions of one record differ; nothing where they do not."""
    kinds: dict[ChangeKind, None] = {}
    then, now = alerts_of(before.alert), alerts_of(after.alert)
    for number in then.keys() & now.keys():
        (state, category), (new_state, new_category) = then[number], now[number]
        if state != new_state:
            kinds[_ENDED.get(new_state, ChangeKind.EDITED)] = None
        if category != new_category:
            kinds[ChangeKind.RELABELLED] = None
    same_facts = set(before.alert) == set(after.alert) and set(before.findings) == set(after.findings)
    if not kinds and not (before.spot.version == after.spot.version and same_facts):
        kinds[ChangeKind.EDITED] = None
    return tuple(sorted(kinds, key=list(ChangeKind).index))


_ENDED = {"inactive": ChangeKind.CLOSED, "entered-in-error": ChangeKind.IN_ERROR}
_STATES = {AlertStep.CLOSED: "inactive", AlertStep.ENTERED_IN_ERROR: "entered-in-error"}


def alerts_of(entries: Iterable[AlertEntry]) -> dict[str, tuple[str, str]]:
    """Each alert's last state and last category."""
    order, found = list(AlertStep), dict[str, tuple[str, str]]()
    for entry in sorted(entries, key=lambda e: (e.on, order.index(e.step))):
        state, category = found.get(entry.alert_number, ("", ""))
        state = entry.status or _STATES.get(entry.step, state)
        found[entry.alert_number] = (state, entry.category.casefold() or category)
    return found


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
            if kinds := by_comparison(self._look(old), light):
                self._add(kinds, light, before=old)
        if not kinds:
            self._by_dates(new)

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

    def _by_dates(self, spot: Spot) -> None:
        # What went again is no news of today; what is there may say of itself that it is new.
        if spot.source.round == self._round and spot.touched_on and spot.touched_on > self._received_on:
            light = self._look(spot)
            self._add(by_its_own_dates(light, self._received_on), light)

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
                self._add((ChangeKind.MOVED,), moved.pop(), before=gone.spot)
            else:
                self._add((ChangeKind.DELETED,), gone, before=gone.spot, is_gone=True)
        for light in (one for left in there.values() for one in left):
            kinds = by_its_own_dates(light, self._received_on)
            self._add(tuple(dict.fromkeys((_kind_of_new(light, self._received_on), *kinds))), light)
        self._new, self._gone = [], []

    def _add(
        self, kinds: Sequence[ChangeKind], light: Light, *, before: Spot | None = None, is_gone: bool = False
    ) -> None:
        for kind in kinds:
            self._changes.append(
                Change(
                    kind=kind, record=before.key if before else light.spot.key, label=light.label,
                    what=light.kind, dated_on=light.dated_on, before=before.where if before else None,
                    after=None if is_gone else light.spot.where,
                    before_version=before.version if before else "",
                    after_version="" if is_gone else light.spot.version,
                    first_seen_on=self._on, round=self._round, entered_on=light.entered_on,
                    changed_on=light.changed_on,
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


_MADE = frozenset({PlaceState.REPORTED, PlaceState.CONFIRMED, PlaceState.SEEN})
_GRANTED = frozenset(
    {CorrectionOutcome.CORRECTED, CorrectionOutcome.PARTLY, CorrectionOutcome.STATEMENT_ADDED}
)
_CORRECTIONS = frozenset({ChangeKind.EDITED, ChangeKind.RELABELLED, ChangeKind.IN_ERROR})


def was_asked_for(change: Change, corrections: Iterable[Correction]) -> bool:
    """Whether the family asked for it and it was passed on or agreed to.

    Nobody asks that an alert is only closed, or that a record goes: that stays to be looked at.
    """
    return change.kind in _CORRECTIONS and any(
        place.record == change.record and correction.asked_on <= change.first_seen_on
        and (place.state in _MADE or (correction.answer is not None and correction.answer.outcome in _GRANTED))
        for correction in corrections
        for place in correction.places
    )  # fmt: skip
