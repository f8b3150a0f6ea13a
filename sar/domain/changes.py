"""What was created, edited, back-dated, closed or deleted after a request came (Data Protection Act 2018 s.173).

Found by comparison alone: what a store said when it was first asked, what it says now, and the days it gives
itself. Most of it is ordinary work. Which of it is not, a named person finds out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from sar.domain.calendar import uk_day
from sar.domain.records import AlertEntry, AlertStep, Finding, Provenance, Record
from sar.domain.rectification import Correction, CorrectionOutcome, Place, PlaceState
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
    FILE_DATE = "only the date on the file"
    """Weak: copying a file sets its date too. Shown apart, and counted as no change."""


class Why(Enum):
    """Why nothing can be said of a place or a record. Silence proves nothing."""

    NO_ANSWER_THEN = "It did not answer when it was first asked."
    COMPARED_LATER = "It did not answer when it was first asked. It is compared with its first answer since."
    NO_ANSWER_NOW = "It did not answer at the newest gathering."
    NOT_ASKED_AGAIN = "It was not asked again: its first answer was taken over."
    ASKED_OTHERWISE = "It was asked by other numbers, names or dates than the first time."
    INCOMPLETE = "One of the two answers is not complete."
    HELD_BACK = "The items could not be read at one of the two gatherings, and were held back."


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
    seen_on: date
    """When its store was asked."""
    entered_on: date | None = None
    changed_on: date | None = None
    is_file_date: bool = False
    """``changed_on`` is only the date that a folder gives the file."""
    saved_on: date | None = None
    """The day of its last saving, as the document itself says."""
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
    facts: str = ""
    """A digest of both sides' alerts and findings, which no version covers; empty where there are none."""

    @property
    def is_weak(self) -> bool:
        """Whether nothing but the date on a file speaks for it."""
        return self.kind is ChangeKind.FILE_DATE

    @property
    def ident(self) -> tuple[str, RecordKey, str, str, str]:
        """The same change at another gathering."""
        return (self.kind.name, self.record, self.before_version, self.after_version, self.facts)


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
        seen_on=uk_day(record.provenance.retrieved_at),
        entered_on=uk_day(entered) if entered else None,
        changed_on=max(changed, default=None),
        is_file_date=record.provenance.is_file_date,
        saved_on=record.provenance.saved_on,
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
    if not (entered or record.alert or record.provenance.changed_at or record.provenance.saved_on):
        return None
    days = [*([uk_day(entered)] if entered else []), *_changed_days(record.provenance)]
    return max((*days, *(e.on for e in record.alert if e.step in _LATER_STEPS)), default=None)


def by_its_own_dates(
    light: Light, received_on: date, *, first_seen_on: date | None = None
) -> tuple[ChangeKind, ...]:
    """What a record says of itself, whichever gathering brought it.

    :param first_seen_on: since when its words are known to be the same, where an earlier answer shows that.
    """
    later = dict.fromkeys(
        _LATER_STEPS[e.step] for e in light.alert if e.step in _LATER_STEPS and e.on > received_on
    )
    if light.entered_on and light.entered_on > received_on:
        return (kind_of_new(light, received_on), *later)
    if light.changed_on and light.changed_on > received_on and not later:
        if not light.is_file_date or (light.saved_on and light.saved_on > received_on):
            return (ChangeKind.EDITED,)
        if first_seen_on is None or light.changed_on <= first_seen_on:
            return (ChangeKind.FILE_DATE,)
    return tuple(later)


def kind_of_new(light: Light, received_on: date) -> ChangeKind:
    """What a record is that was not there before."""
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


def facts_between(before: Light | None, after: Light | None) -> str:
    """A digest of what the alerts and findings of both sides said; empty where neither side has any."""
    sides = [_facts_of(side) if side else [] for side in (before, after)]
    return hashlib.sha256(repr(sides).encode()).hexdigest()[:32] if any(sides) else ""


def _facts_of(light: Light) -> list[str]:
    return sorted({repr(fact) for fact in (*light.alert, *light.findings)})


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


_GRANTED = frozenset(
    {CorrectionOutcome.CORRECTED, CorrectionOutcome.PARTLY, CorrectionOutcome.STATEMENT_ADDED}
)
_CORRECTIONS = frozenset({ChangeKind.EDITED, ChangeKind.RELABELLED, ChangeKind.IN_ERROR})


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A correction that the family or the complaints team asked for, as the trail tells of it."""

    correction: Correction
    first_round: int
    """The first gathering that was begun after it was asked for. What an earlier one showed, nobody had asked for."""
    told: Mapping[str, int]
    """By place the first gathering that was begun after its holder was told."""
    shown: Mapping[str, int]
    """By place the first gathering in which a look showed that something was done about it."""


def asked_for(changes: Iterable[Change], asked: Iterable[Asked]) -> frozenset[Change]:
    """The changes that the family asked for and that were passed on or agreed to.

    Nobody asks that an alert is only closed, or that a record goes: that stays to be looked at. And one correction
    explains one look alone: what is done to the same record later, nobody asked for.
    """
    candidates = [c for c in changes if c.kind in _CORRECTIONS]
    found: set[Change] = set()
    for one in asked:
        for place in one.correction.places:
            since = _since(place, one)
            if place.record is None or since is None:
                continue
            mine = [
                c
                for c in candidates
                if c.record == place.record
                and c.round >= since
                and c.first_seen_on >= one.correction.asked_on
            ]
            rounds = [c.round for c in mine]
            if place.id in one.shown:
                rounds.append(one.shown[place.id])
            until = min(rounds, default=since)
            found |= {c for c in mine if c.round == until}
    return frozenset(found)


def _since(place: Place, asked: Asked) -> int | None:
    """The first gathering whose changes this correction of this place can explain; None where none can."""
    answer = asked.correction.answer
    if place.state is PlaceState.SEEN or (answer is not None and answer.outcome in _GRANTED):
        return asked.first_round
    if place.state is PlaceState.REPORTED:
        return asked.told.get(place.id)
    return None
