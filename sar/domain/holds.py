"""Hold notices: who keeps a store was told that nothing may be changed or destroyed (DPA 2018 s.173)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sar.domain.calendar import uk_day
from sar.domain.references import StoreName
from sar.domain.trail import Event, EventKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One store's keeper was told, on a day: by our notice, or by a person."""

    told_on: date
    by_notice: bool
    event: int
    """The event's number, behind which the words of whoever told them are sealed."""


def holds_of(events: Iterable[Event]) -> Mapping[StoreName, Held]:
    """Every store whose keeper was told, by the first telling."""
    found: dict[StoreName, Held] = {}
    for event in events:
        if event.kind is EventKind.HOLD_NOTICE_SENT:
            told = Held(told_on=uk_day(event.at), by_notice=True, event=event.seq)
        elif event.kind is EventKind.HOLD_TOLD:
            on = date.fromisoformat(str(event.facts["on"]))
            told = Held(told_on=on, by_notice=False, event=event.seq)
        else:
            continue
        found.setdefault(StoreName(str(event.facts["store"])), told)
    return found
