"""Every store that is set up: whose it is, by what agreement it may be read, and who keeps it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sar.ports.gathering import Agreement, StoreDescription

KINDS = {
    "sql": "a database",
    "fhir": "a health record over FHIR",
    "sar_http": "a service that speaks the subject access contract",
    "files": "a folder of files",
    "imap": "a mailbox",
    "tables": "statutory tables",
    "manual": "looked through by a person",
}
"""How each kind of store reads to an officer."""
SIGNPOSTED = "signposted, never asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreLine:
    """One store in the list."""

    name: str
    label: str
    kind: str
    holds: str
    controller: str
    is_ours: bool
    agreement: str
    """Its reference; empty where there is none."""
    agreed_on: date | None
    ends_on: date | None
    in_force: bool
    may_ask: bool
    data_class: str
    owner: str
    suspended: str


class StoreList:
    """Shows the stores as the settings have them."""

    def __init__(
        self, *, stores: tuple[StoreDescription, ...], controller: str, agreements: tuple[Agreement, ...]
    ) -> None:
        self._stores = stores
        self._controller = controller
        self._agreements = agreements

    def rows(self, *, on: date) -> tuple[StoreLine, ...]:
        """Every store, in the order of the settings, as things stand that day."""
        return tuple(self._line(store, on) for store in self._stores)

    def _line(self, store: StoreDescription, on: date) -> StoreLine:
        is_ours = store.controller == self._controller
        agreement = None if is_ours else self._agreement(store.controller, on)
        in_force = agreement is not None and agreement.covers(self._controller, store.controller, on=on)
        return StoreLine(
            name=str(store.name),
            label=store.label,
            kind=KINDS.get(store.kind, store.kind or "not said"),
            holds=store.holds,
            controller=store.controller,
            is_ours=is_ours,
            agreement=agreement.reference if agreement else "",
            agreed_on=agreement.agreed_on if agreement else None,
            ends_on=agreement.ends_on if agreement else None,
            in_force=in_force,
            may_ask=is_ours or in_force,
            data_class=store.data_class.value,
            owner=store.owner,
            suspended=store.suspended,
        )

    def _agreement(self, theirs: str, on: date) -> Agreement | None:
        """The one in force; else the newest between the two, so that a list can say that it has ended."""
        between = [a for a in self._agreements if {self._controller, theirs} <= a.between]
        in_force = [a for a in between if a.covers(self._controller, theirs, on=on)]
        newest = sorted(in_force or between, key=lambda a: a.agreed_on)
        return newest[-1] if newest else None
