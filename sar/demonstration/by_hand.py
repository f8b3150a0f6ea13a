"""The one store of the demonstration that no program can ask: an invented clerk looks through its paper."""

from __future__ import annotations

from collections.abc import Callable

from sar.bootstrap import House
from sar.domain.calendar import uk_day
from sar.domain.parties import Actor, StaffRole
from sar.domain.references import StaffId, StoreName
from sar.ports.by_hand import Looked
from sar.ports.keeping import CaseHead

PAPERS = StoreName("health_visiting_papers")
KEEPER = Actor(
    id=StaffId("colin-beck"), name="Colin Beck", roles=frozenset({StaffRole.RECORD_HOLDER}),
    stores=frozenset({PAPERS}),
)  # fmt: skip


def look_by_hand(house: House, head: CaseHead, officer: Actor, say: Callable[[str], None]) -> None:
    """The round begins, the clerk gets a task for each person, looks, and finds nothing."""
    services, at = house.services, house.clock
    number = services.gathering.begin(head.id, at=at(), by=officer)
    for store, subject in services.gathering.plan(head.id, number):
        if store == PAPERS:
            services.gathering.ask(
                head.id, round_number=number, store=store, subject=subject, attempt=1, at=at()
            )
    services.tending.tend_case(head.id, at=at())
    tasks = [task for task in services.tasks.of_case(head.id, on=uk_day(at())) if task.is_open]
    for task in tasks:
        looked = Looked(
            name=KEEPER.name, role="records-clerk", looked_on=uk_day(at()), where="Old clinic, shelves 3 to 9"
        )
        services.tasks.nothing_held(head.id, task.number, looked=looked, at=at(), by=KEEPER)
    say(f"A records clerk looked through the old paper files for {len(tasks)} people: nothing held.")
