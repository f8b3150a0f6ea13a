"""Hold notices as an officer sees them, and the word of whoever told a keeper in person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sar.domain.calendar import uk_day
from sar.domain.errors import AlreadyDone, NotFound
from sar.domain.holds import holds_of
from sar.domain.parties import Actor
from sar.domain.references import CaseId, StoreName
from sar.domain.trail import EventKind
from sar.ports.casework import gathered_legs, state_of
from sar.ports.gathering import Agreement, StoreDescription, relied_on
from sar.ports.keeping import Archive
from sar.ports.recording import record_with_words, require_day, require_officer, require_said


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldRow:
    """One store, and whether its keeper was told to keep everything as it is."""

    store: StoreName
    label: str
    controller: str
    has_owner: bool
    """Without one, somebody has to tell them."""
    told_on: date | None
    by_notice: bool


class Holding:
    """Shows whose keeper was told, and records a telling by word of mouth."""

    def __init__(
        self, *, archive: Archive, stores: tuple[StoreDescription, ...], controller: str,
        agreements: tuple[Agreement, ...],
    ) -> None:  # fmt: skip
        self._archive = archive
        self._stores = stores
        self._controller = controller
        self._agreements = agreements

    def rows(self, case: CaseId, *, on: date) -> tuple[HoldRow, ...]:
        """Every store that may be read for the case that day, in the order of the settings."""
        with self._archive.reading(case) as file:
            told, is_gathered = holds_of(file.events()), bool(gathered_legs(file))
        if not is_gathered:
            return ()
        rows = []
        for store in self._stores:
            if not self._may_read(store, on):
                continue
            held = told.get(store.name)
            rows.append(
                HoldRow(
                    store=store.name, label=store.label, controller=store.controller, has_owner=bool(store.owner),
                    told_on=held.told_on if held else None, by_notice=bool(held and held.by_notice),
                )
            )  # fmt: skip
        return tuple(rows)

    def told(self, case: CaseId, *, store: StoreName, who: str, on: date, at: datetime, by: Actor) -> None:
        """Record that somebody told a store's keeper.

        :param who: who told whom, and how: sealed.
        """
        require_officer(by)
        require_said(who, "who", "Write who told whom, and how.")
        if not any(s.name == store and self._may_read(s, uk_day(at)) for s in self._stores):
            raise NotFound("There is no such store.", next_step="Open the case again.", field="store")
        with self._archive.writing(case) as file:
            require_day(on, at=at, received_on=state_of(file).received_on, field="on")
            if store in holds_of(file.events()):
                raise AlreadyDone("They were told already.", next_step="Open the case again.")
            record_with_words(file, EventKind.HOLD_TOLD, who, at=at, by=by, store=store, on=on)

    def _may_read(self, store: StoreDescription, on: date) -> bool:
        ours, theirs = self._controller, store.controller
        return ours == theirs or relied_on(self._agreements, ours=ours, theirs=theirs, on=on) is not None
