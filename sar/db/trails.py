"""Events and their rows."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, select

from sar.db.tables import events
from sar.domain.errors import InvalidInput, TrailBroken
from sar.domain.parties import PROGRAM, Actor
from sar.domain.references import CaseId
from sar.domain.trail import Event, EventKind, Fact

LONGEST_FACT = 200
"""Facts are ids, dates, codes, counts and digests. Anything longer is somebody's words in the wrong place."""

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


def events_of(connection: Connection, case: CaseId, *, since: int = 0) -> list[Event]:
    """A whole trail, oldest first; or its end, from the event of that number on."""
    asked = select(*_COLUMNS).where(events.c.case_id == case, events.c.seq >= since).order_by(events.c.seq)
    return [event_of(row) for row in connection.execute(asked)]


class KnownTrails:
    """Trails as they were last read, so that only what is new is read: a long case has thousands of events.

    Events hold no personal data. What is known is used only while the database still has its last event, whose
    digest binds all before it. ``sar trail verify`` reads every row itself.
    """

    def __init__(self, *, most_events: int = 50_000) -> None:
        self._most = most_events
        self._known: OrderedDict[CaseId, tuple[Event, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, connection: Connection, case: CaseId, *, is_committed: bool) -> list[Event]:
        """A whole trail, oldest first.

        :param is_committed: the transaction writes nothing, so that all it sees may be remembered.
        """
        with self._lock:
            known = self._known.get(case, ())
        newer = events_of(connection, case, since=known[-1].seq if known else 0)
        if known and not (newer and newer[0].digest == known[-1].digest):
            # Another database, an older moment of it, or a trail that was changed from outside.
            known, newer = (), events_of(connection, case)
        trail = [*known[:-1], *newer]
        if is_committed:
            self._remember(case, tuple(trail))
        return trail

    def _remember(self, case: CaseId, trail: tuple[Event, ...]) -> None:
        with self._lock:
            self._known[case] = trail
            self._known.move_to_end(case)
            held = sum(map(len, self._known.values()))
            while held > self._most:
                _, dropped = self._known.popitem(last=False)
                held -= len(dropped)


def last_event_of(connection: Connection, case: CaseId) -> Event | None:
    """The newest event of a case (None before its first)."""
    asked = select(*_COLUMNS).where(events.c.case_id == case).order_by(events.c.seq.desc()).limit(1)
    row = connection.execute(asked).first()
    return event_of(row) if row else None


def whose_newest(
    connection: Connection, kind: EventKind, *, among: frozenset[EventKind]
) -> tuple[CaseId, ...]:
    """Cases whose newest event among some kinds is of one kind."""
    newest = (
        select(events.c.case_id, func.max(events.c.seq).label("seq"))
        .where(events.c.kind.in_(sorted(one.value for one in among)))
        .group_by(events.c.case_id)
        .subquery()
    )
    asked = (
        select(events.c.case_id)
        .join(newest, (events.c.case_id == newest.c.case_id) & (events.c.seq == newest.c.seq))
        .where(events.c.kind == kind.value)
    )
    return tuple(CaseId(case) for (case,) in connection.execute(asked))


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
