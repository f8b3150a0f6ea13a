"""Dates put right after they were entered: the trail as it would read had the right day stood there at first.

The first entry stays where it is in the trail. What was corrected, when, from which day to which is told.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType

from sar.domain.calendar import uk_day
from sar.domain.errors import OutOfOrder
from sar.domain.parties import PROGRAM
from sar.domain.trail import Event, EventKind

DAYS = MappingProxyType(
    {
        EventKind.REQUEST_RECEIVED: "received_on",
        EventKind.LEG_ADDED: "received_on",
        EventKind.IDENTITY_ASKED: "asked_on",
        EventKind.IDENTITY_SHOWN: "got_on",
        EventKind.IDENTITY_JUDGED: "got_on",
        EventKind.AUTHORITY_ASKED: "asked_on",
        EventKind.AUTHORITY_SHOWN: "got_on",
        EventKind.EVIDENCE_SEEN: "got_on",
        EventKind.CLARIFICATION_ASKED: "asked_on",
        EventKind.CLARIFICATION_ANSWERED: "answered_on",
        EventKind.EXTENSION_NOTIFIED: "notified_on",
    }
)
"""The events that can be put right or taken back, and the fact in which each keeps its day.

All but a judgement of who asks, and a document that was not the last one needed, move the clock.
"""
RECEIPTS = frozenset({EventKind.REQUEST_RECEIVED, EventKind.LEG_ADDED})
_FOLLOWS_RECEIPT = frozenset({EventKind.AUTHORITY_ASKED, EventKind.IDENTITY_ASKED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """One correction, or one entry taken back (``now`` is None)."""

    event: int
    kind: EventKind
    leg: int | None
    was: date
    now: date | None
    made_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Amended:
    """A trail with its corrections applied."""

    events: tuple[Event, ...]
    amendments: tuple[Amendment, ...]
    withdrawn: frozenset[int]


def is_dated(event: Event) -> bool:
    """Whether an event moves the clock by a day of its own."""
    return event.kind in DAYS and DAYS[event.kind] in event.facts


def day_of(event: Event) -> date:
    """The day an event keeps, as it was entered."""
    return date.fromisoformat(str(event.facts[DAYS[event.kind]]))


def as_amended(events: Iterable[Event]) -> Amended:
    """The trail without what was taken back, and with each date as last corrected.

    :raises OutOfOrder: a correction points to something that is no dated entry before it.
    """
    trail = tuple(events)
    known = {e.seq: e for e in trail if is_dated(e)}
    days = {seq: day_of(event) for seq, event in known.items()}
    corrected: set[int] = set()
    withdrawn: set[int] = set()
    made: list[Amendment] = []
    for event in trail:
        if event.kind not in {EventKind.DATE_CORRECTED, EventKind.ENTRY_WITHDRAWN}:
            continue
        seq, now = _target(event, known)
        if now is None:
            withdrawn.add(seq)
        entry = known[seq]
        made.append(
            Amendment(
                event=seq, kind=entry.kind, leg=entry.leg, was=days[seq], now=now, made_on=uk_day(event.at)
            )
        )
        if now is not None:
            days[seq] = now
            corrected.add(seq)
    _follow_receipt(known, days, corrected)
    standing = (e for e in trail if e.seq not in withdrawn)
    return Amended(
        events=tuple(_with_day(e, days[e.seq]) if e.seq in known else e for e in standing),
        amendments=tuple(made),
        withdrawn=frozenset(withdrawn),
    )


def _target(event: Event, known: dict[int, Event]) -> tuple[int, date | None]:
    """The entry it is about, and its right day; no day when the entry is taken back."""
    is_correction = event.kind is EventKind.DATE_CORRECTED
    seq = int(str(event.facts["corrects" if is_correction else "withdraws"]))
    if seq not in known or seq > event.seq:
        raise OutOfOrder(
            "The trail corrects an entry that has no date.",
            next_step="Check the trail with `sar trail verify`.",
        )
    return seq, date.fromisoformat(str(event.facts["on"])) if is_correction else None


def _follow_receipt(known: dict[int, Event], days: dict[int, date], corrected: set[int]) -> None:
    """What the program asked for by itself on the day of receipt was asked on the right day of receipt."""
    own = {e.leg for e in known.values() if e.kind is EventKind.LEG_ADDED}
    for receipt in [e for e in known.values() if e.kind in RECEIPTS and e.seq in corrected]:
        entered_on = day_of(receipt)
        for seq, event in known.items():
            is_mine = event.leg == receipt.leg if receipt.leg is not None else event.leg not in own
            is_own = is_mine and event.by == PROGRAM.id and event.kind in _FOLLOWS_RECEIPT
            if is_own and seq not in corrected and day_of(event) == entered_on:
                days[seq] = days[receipt.seq]


def _with_day(event: Event, on: date) -> Event:
    if day_of(event) == on:
        return event
    return replace(event, facts={**event.facts, DAYS[event.kind]: on.isoformat()})
