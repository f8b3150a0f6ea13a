"""What changed in the sample stores after the request, and what an invented approver wrote about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from sar.bootstrap import House
from sar.domain.parties import Actor, StaffRole
from sar.domain.references import StaffId
from sar.ports.keeping import CaseHead

DATA_PROTECTION_OFFICER = Actor(
    id=StaffId("nadia-farrow"), name="Nadia Farrow", roles=frozenset({StaffRole.DATA_PROTECTION_OFFICER})
)
_NOTE = "Each was asked about at its store: ordinary work on the records."


def look_at_changes(house: House, head: CaseHead, approver: Actor, say: Callable[[str], None]) -> None:
    """Tell what the comparison found, and record that the approver looked at it."""
    comparing, at = house.services.comparing, house.clock
    for leg in comparing.found(head.id, by=approver):
        kinds = Counter(row.change.kind.value for row in leg.changes)
        asked_for = sum(row.was_asked_for for row in leg.changes)
        told = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) or "none"
        say(
            f"  changes after the request, person {leg.leg}: {told} (asked for by the family: {asked_for}; "
            f"cannot be compared: {len(leg.uncompared)}; only the date on the file: {len(leg.file_dates)})"
        )
        if leg.waiting:
            comparing.see(head.id, leg=leg.leg, round_number=leg.round, note=_NOTE, at=at(), by=approver)
