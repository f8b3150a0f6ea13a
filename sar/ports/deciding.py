"""Each controller's officer decides on that controller's records, unless an agreement lets two decide together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sar.domain.errors import NotAllowed
from sar.domain.parties import Actor
from sar.domain.records import Record
from sar.ports.gathering import Agreement


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoDecides:
    """Whom the staff of this house act for, and what was agreed with others."""

    own: frozenset[str]
    """The house's own controllers: whoever's account names none acts for these."""
    agreements: Sequence[Agreement] = ()

    def acts_for(self, by: Actor) -> frozenset[str]:
        """The bodies a person acts for."""
        return by.controllers or self.own

    def require(self, by: Actor, record: Record, *, on: date) -> None:
        """Refuse a decision on a record of a controller the person does not act for. Raises NotAllowed.

        A page the program wrote itself is nobody's; of a record that lives in two places, either's officer decides.
        """
        holders = {place.controller for place in (record.provenance, *record.copies)}
        self.require_for(by, holders, on=on, what="A record here")

    def require_for(self, by: Actor, holders: Iterable[str], *, on: date, what: str) -> None:
        """The same for anything that belongs to some controllers. Raises NotAllowed.

        :param what: it, at the beginning of a sentence.
        """
        theirs = {*holders} - {""}
        acts_for = self.acts_for(by)
        if not theirs or theirs & acts_for or self._is_agreed(acts_for, theirs, on):
            return
        whose = " and ".join(sorted(theirs))
        raise NotAllowed(
            f"{what} belongs to {whose}, for whom you do not act.",
            next_step=f"Ask an officer of {whose}. Where an agreement in force lets you decide together, it has to say "
            "so in the list of stores (decides = true).",
        )

    def _is_agreed(self, acts_for: frozenset[str], holders: set[str], on: date) -> bool:
        return any(
            agreed.decides and agreed.covers(mine, theirs, on=on)
            for agreed in self.agreements
            for mine in acts_for
            for theirs in holders
        )
