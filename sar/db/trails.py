"""Events and their rows."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from sar.db.tables import events
from sar.domain.errors import InvalidInput, TrailBroken
from sar.domain.parties import PROGRAM, Actor
from sar.domain.references import CaseId
from sar.domain.trail import Event, EventKind, Fact

LONGEST_FACT = 200
"""Facts are ids, dates, codes, counts and digests. Anything longer is somebody's words in the wrong place."""

_TRAILS_REMEMBERED = 16

_COLUMNS = (
    events.c.case_id, events.c.seq, events.c.at, events.c.kind, events.c.by, events.c.by_role, events.c.leg,
    events.c.facts, events.c.previous, events.c.digest,
)  # fmt: skip


def event_row(event: Event) -> dict[str, Any]:
    """The row of an event."""
    return {
        "case_id": event.case, "seq": event.seq, "at": event.at.isoformat(), "kind": event.kind.value,
        "by": event.by, "by_role": event.by_role, "leg": event.leg,
        "facts": json.dumps(dict(sorted(event.facts.items())), separators=(",", ":")),
        "previous": event.previous, "digest": event.digest,
    }  # fmt: skip


def event_of(row: Sequence[Any]) -> Event:
    """The event of a row.

    :raises TrailBroken: the row does not even read as an event.
    """
    case_id, seq, at, kind, by, by_role, leg, facts, previous, digest = row
    try:
        return Event(
            case=CaseId(case_id), seq=seq, at=datetime.fromisoformat(at), kind=EventKind(kind), by=by,
            by_role=by_role, leg=leg, facts=json.loads(facts), previous=previous, digest=digest,
        )  # fmt: skip
    except ValueError:
        raise TrailBroken(
            f"The trail does not hold at event {seq}.",
            next_step="Stop releases, keep the data as they are and restore the trail from a backup.",
        ) from None


class TrailMemory:
    """The trails last read, so that an event is understood once and not at every look at its case.

    The rows are read each time and compared with those remembered: what somebody altered in the table is seen.
    """

    def __init__(self) -> None:
        self._kept: dict[CaseId, tuple[list[tuple[Any, ...]], list[Event]]] = {}

    def events_of(self, connection: Connection, case: CaseId) -> list[Event]:
        """A whole trail, oldest first."""
        asked = select(*_COLUMNS).where(events.c.case_id == case).order_by(events.c.seq)
        rows = [tuple(row) for row in connection.execute(asked)]
        known, understood = self._kept.get(case, ([], []))
        if rows[: len(known)] != known:
            known, understood = [], []
        trail = understood + [event_of(row) for row in rows[len(known) :]]
        if len(self._kept) >= _TRAILS_REMEMBERED and case not in self._kept:
            self._kept = {}
        self._kept[case] = (rows, trail)
        return list(trail)


def last_event_of(connection: Connection, case: CaseId) -> Event | None:
    """The newest event of a case (None before its first)."""
    asked = select(*_COLUMNS).where(events.c.case_id == case).order_by(events.c.seq.desc()).limit(1)
    row = connection.execute(asked).first()
    return event_of(row) if row else None


def all_events(connection: Connection) -> Iterator[Event]:
    """Every event of every case: case by case, each oldest first, without holding them all."""
    asked = select(*_COLUMNS).order_by(events.c.case_id, events.c.seq)
    for row in connection.execution_options(yield_per=1000).execute(asked):
        yield event_of(row)


def role_words(by: Actor) -> str:
    """What an event says of who did it, without a name."""
    if by.is_family:
        return "family"
    if by.id == PROGRAM.id:
        return "program"
    return ", ".join(sorted(role.value for role in by.roles))


def checked_facts(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    """The facts, if they are of the size and kind a trail may hold.

    :raises InvalidInput: free words, or something else than a plain value.
    """
    for name, fact in facts.items():
        plain = fact is None or isinstance(fact, (str, int))
        if not plain or (isinstance(fact, str) and (len(fact) > LONGEST_FACT or "\n" in fact)):
            raise InvalidInput(
                "An event holds ids, dates, codes, counts and digests only.",
                next_step="Keep words in a sealed item and let the event point to it.",
                field=name,
            )
    return dict(facts)
