"""Declared gaps: places that had not answered when a pack was signed off, each with its own clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from sar.domain.alerts import say
from sar.domain.calendar import uk_day
from sar.domain.references import StoreName
from sar.domain.trail import Event, EventKind

LATE = "late"
"""In place of an answer: it came after the round was put together."""
NOT_ASKED = "not asked"
"""In place of an answer: the place answered an earlier round, and this one passed over it."""
NO_LONGER_OURS = "no longer ours"
"""In place of an answer: what was gathered there is kept, and nothing newer may be asked for."""
SUPPLEMENT, NOTHING_HELD = "supplement", "nothing-held"
"""How a gap is closed: a later pack covers the place, or a person found that it holds nothing."""

DOINGS = {
    "ask-again": "We will ask it again.",
    "person-looks": "A member of staff looks there by hand.",
    "put-right": "We are putting right what keeps us from looking.",
}
"""What is done about a gap, by code, in the words a family reads. Fixed: nobody types what goes out here."""

_WHY = {
    "unavailable": "It did not answer.",
    "refused": "It did not accept our question.",
    "suspended: not asked for now": "It was out of use.",
    "a person looks for it": "A person has to look there by hand.",
    NOT_ASKED: "It was not asked again.",
    NO_LONGER_OURS: "We may not search it any more. Whatever we found there before is in this pack.",
    LATE: "Its answer came too late for this pack.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """One place whose records are missing from a leg's pack."""

    leg: int
    store: StoreName
    round: int
    """The round of the pack that was signed off without it."""
    answer: str
    """What the place had answered, as the trail says it."""
    doing: str
    declared_on: date
    follows_on: date
    closed_on: date | None = None
    how: str = ""
    closed_by_event: int = 0

    @property
    def is_open(self) -> bool:
        """Still missing."""
        return self.closed_on is None

    def is_overdue(self, on: date, due_on: date | None) -> bool:
        """Past the leg's own last day: the statutory date does not move for a gap."""
        return self.is_open and due_on is not None and due_on < on


def gaps_of(events: Iterable[Event], leg: int) -> tuple[Gap, ...]:
    """Every gap of a leg, in the order first declared. One declared for a sign-off that was taken back is none."""
    found: dict[StoreName, list[Gap]] = {}
    for event in (e for e in events if e.leg == leg):
        if event.kind is EventKind.GAP_DECLARED:
            gap = _declared(event, leg)
            found.setdefault(gap.store, []).append(gap)
        elif event.kind is EventKind.SIGN_OFF_RETURNED:
            returned = int(str(event.facts["round"]))
            found = {store: [g for g in gaps if g.round != returned] for store, gaps in found.items()}
        elif event.kind is EventKind.GAP_CLOSED:
            store = StoreName(str(event.facts["store"]))
            found[store] = [_closed(g, event) for g in found.get(store, [])]
    return tuple(gaps[-1] for gaps in found.values() if gaps)


def _declared(event: Event, leg: int) -> Gap:
    return Gap(
        leg=leg,
        store=StoreName(str(event.facts["store"])),
        round=int(str(event.facts["round"])),
        answer=str(event.facts["answer"]),
        doing=str(event.facts["doing"]),
        declared_on=uk_day(event.at),
        follows_on=date.fromisoformat(str(event.facts["follows_on"])),
    )


def _closed(gap: Gap, event: Event) -> Gap:
    if not gap.is_open:
        return gap
    return replace(gap, closed_on=uk_day(event.at), how=str(event.facts["how"]), closed_by_event=event.seq)


def why(answer: str) -> str:
    """Why a place is missing, in plain words."""
    return _WHY.get(answer, "It has not answered.")


def said_of(label: str, *, answer: str, doing: str, follows_on: date) -> str:
    """One missing place as a family reads it."""
    done = DOINGS.get(doing, DOINGS["ask-again"])
    return f"{label}: {why(answer)} {done} You will hear from us by {say(follows_on)}."
