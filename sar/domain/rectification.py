"""Corrections: asked, passed to every holder, and closed only by a fresh look in the store.

UK GDPR Articles 16 and 19. ``entered-in-error`` is not ``inactive``: an alert that was only switched
off still says that it was once right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from sar.domain.alerts import say, words_of
from sar.domain.records import AlertStep, Record, RecordKind
from sar.domain.references import RecordKey, StoreName


class PlaceState(Enum):
    """How one copy of an error stands, in the words of the trail and the pack."""

    LISTED = "found, its holder not yet told"
    REPORTED = "its holder has been told"
    CONFIRMED = "confirmed by the holder, not seen by us"
    SEEN = "seen corrected in the store"
    CHANGED = "changed in the store: an officer must read it"
    GONE = "no longer in the store: an officer must ask why"
    NOT_SEEN = "still wrong in the store"
    NOT_ASKED = "the store did not answer this time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One copy of the error: where it lives and how it stands."""

    id: str
    record: RecordKey | None
    """None for a recipient outside our stores: we can ask and be told, not look."""
    store: StoreName
    label: str
    controller: str
    version: str
    state: PlaceState
    checked_on: date
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One asked-for correction and every place it must reach."""

    id: str
    leg: int
    asked_on: date
    answer_by: date
    alert_number: str
    what_is_wrong: str
    what_it_should_say: str
    places: tuple[Place, ...]
    closed_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Open until every place is proved or answered by a person."""
        return self.closed_on is None

    @property
    def left(self) -> tuple[Place, ...]:
        """Places where nothing proves the correction yet."""
        return tuple(p for p in self.places if p.state not in _DONE)

    def with_place(self, place: Place) -> Correction:
        """The same correction with one place's new state."""
        return replace(self, places=tuple(place if p.id == place.id else p for p in self.places))


_DONE = frozenset({PlaceState.SEEN, PlaceState.CONFIRMED})


def look_again(
    place: Place,
    *,
    alert_number: str,
    fresh: Mapping[RecordKey, Record],
    answered: frozenset[StoreName],
    on: date,
) -> Place:
    """The place after a new gathering.

    :param fresh: what the stores hold now.
    :param answered: stores that answered this time; silence proves nothing.
    """
    if place.record is None:
        return place
    if place.store not in answered:
        return replace(place, state=PlaceState.NOT_ASKED, checked_on=on)
    record = fresh.get(place.record)
    if record is None:
        return replace(place, state=PlaceState.GONE, checked_on=on)
    mine = [e for e in record.alert if e.alert_number == alert_number]
    states = [e.status for e in mine if e.step is AlertStep.STATUS and e.status]
    if states:
        done = all(s == "entered-in-error" for s in states)
        note = "" if done else f"the store shows the alert as {', '.join(sorted(set(states)))}"
        return replace(
            place, state=PlaceState.SEEN if done else PlaceState.NOT_SEEN, checked_on=on, note=note
        )
    same = record.version == place.version
    return replace(place, state=PlaceState.NOT_SEEN if same else PlaceState.CHANGED, checked_on=on)


def only_seen(correction: Correction, records: Sequence[Record]) -> Correction:
    """The correction as somebody may see it who knows these records only: no place tells of another one."""
    keys = {r.key for r in records} | {RecordKey(c.store, c.native_id) for r in records for c in r.copies}
    named = {e.recipient for r in records for e in r.alert if e.alert_number == correction.alert_number}
    return replace(
        correction,
        places=tuple(p for p in correction.places if (p.record in keys if p.record else p.label in named)),
    )


def places_of(alert_number: str, records: Sequence[Record], *, on: date) -> tuple[Place, ...]:
    """Every record that carries the alert, and every recipient a record names, as places to correct.

    A copy of ours was last looked at when it was gathered; a recipient's is only known from that day on. A recipient
    whose own record is among ours is that place already, and two spellings of one recipient are one.
    """
    holders = [r for r in records if any(e.alert_number == alert_number for e in r.alert)]
    spots = [(r.key, r.provenance, r) for r in holders]
    # A folded copy is a place of its own: it has to be corrected where it lives.
    spots += [(RecordKey(c.store, c.native_id), c, r) for r in holders for c in r.copies]
    found = [
        Place(
            id=f"place-{i}",
            record=key,
            store=where.store,
            label=f"{where.store_label}, {record.kind.value} of {say(record.dated_on)}",
            controller=where.controller,
            version=record.version,
            state=PlaceState.LISTED,
            checked_on=where.retrieved_at.date(),
        )
        for i, (key, where, record) in enumerate(spots, start=1)
    ]
    told: dict[frozenset[str], str] = {}
    for record in holders:
        for entry in record.alert:
            if entry.alert_number == alert_number and entry.recipient:
                told.setdefault(words_of(entry.recipient), entry.recipient)
    ours = {words_of(name) for r in holders for name in _received_as(r, alert_number)}
    outside = [
        Place(
            id=f"place-{len(found) + i}",
            record=None,
            store=StoreName(""),
            label=recipient,
            controller="",
            version="",
            state=PlaceState.LISTED,
            checked_on=on,
        )
        for i, recipient in enumerate((name for key, name in told.items() if key not in ours), start=1)
    ]
    return (*found, *outside)


def _received_as(record: Record, alert_number: str) -> tuple[str, ...]:
    """Recipients named in a record that plainly are the place the record lives in.

    Either the store has the recipient's name ("School nursing service" and "The school nursing record"), or the record
    is the contact that the recipient's own organisation wrote when it was told.
    """
    mine = words_of(record.provenance.store_label) - _NOT_A_NAME
    got_it = record.kind is RecordKind.REFERRAL
    named = [e.recipient for e in record.alert if e.alert_number == alert_number and e.recipient]
    return tuple(
        name
        for name in named
        if (mine and words_of(name.split(":")[0]) - _NOT_A_NAME == mine)
        or (got_it and name.startswith(f"{record.provenance.controller},"))
    )


_NOT_A_NAME = frozenset({"the", "service", "services", "record", "records", "system", "folder", "team"})
