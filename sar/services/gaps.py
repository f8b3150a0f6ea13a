"""Closing a declared gap by a person's word: somebody looked, and the place holds nothing."""

from __future__ import annotations

from datetime import datetime

from sar.domain.calendar import uk_day
from sar.domain.errors import OutOfOrder
from sar.domain.gaps import NOTHING_HELD
from sar.domain.parties import Actor
from sar.domain.references import CaseId, StoreName
from sar.domain.trail import EventKind
from sar.ports.casework import leg_of
from sar.ports.deciding import WhoDecides
from sar.ports.gaps import controllers_of_place, open_gaps
from sar.ports.keeping import Archive
from sar.ports.recording import record_with_words, require_officer, require_said


class Gaps:
    """Closes gaps that no supplement will close."""

    def __init__(self, *, archive: Archive, who: WhoDecides) -> None:
        """``who`` says whose officers may speak for whose stores."""
        self._archive = archive
        self._who = who

    def close(
        self, case: CaseId, *, leg: int, store: StoreName, name: str, reason: str, at: datetime, by: Actor
    ) -> None:
        """Record that a place holds nothing.

        :param name: who found that, and their role: sealed with the reason.
        :raises NotAllowed: the place belongs to a body for which they do not act.
        """
        require_officer(by)
        require_said(name, "name", "Write the name and the role of whoever found that nothing is held.")
        require_said(reason, "reason", "Write how they know.")
        with self._archive.writing(case) as file:
            leg_of(file, leg)
            if store not in {gap.store for gap in open_gaps(file, leg)}:
                raise OutOfOrder("That gap is closed already.", next_step="Open the case again.")
            holders = controllers_of_place(file, store)
            self._who.require_for(by, holders, on=uk_day(at), what="What that place holds")
            record_with_words(
                file, EventKind.GAP_CLOSED, f"{name.strip()}\n{reason.strip()}", at=at, by=by, leg=leg,
                store=store, how=NOTHING_HELD,
            )  # fmt: skip
