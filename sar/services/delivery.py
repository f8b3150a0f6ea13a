"""Handing a released pack over, by the way the recipient said is safe."""

from __future__ import annotations

from datetime import datetime

from sar.domain.calendar import uk_day
from sar.domain.disclosure import Needles
from sar.domain.errors import AuthorityNotShown, OutOfOrder, WithheldTextFound
from sar.domain.leg_state import LegState
from sar.domain.parties import PROGRAM, Actor, SafeContact
from sar.domain.references import CaseId
from sar.domain.statutes import Law
from sar.domain.trail import EventKind
from sar.ports.casework import leg_of, state_of, withheld_from
from sar.ports.disclosing import Inspector, Letter, Outbox
from sar.ports.keeping import Archive
from sar.ports.releasing import LawfulToday, require_still_signed
from sar.ports.standing import require_clear, require_openable


class Delivery:
    """Sends through the outbox what the gate let pass."""

    def __init__(
        self, *, archive: Archive, outbox: Outbox, inspector: Inspector, law: Law, site: str,
        lawful: LawfulToday,
    ) -> None:  # fmt: skip
        """``lawful`` asks the law's own tests again: an opinion may have grown old since the release."""
        self._archive = archive
        self._law = law
        self._outbox = outbox
        self._inspector = inspector
        self._site = site
        self._lawful = lawful

    def deliver(self, case: CaseId, *, leg: int, at: datetime, by: Actor = PROGRAM) -> None:
        """Tell the recipient, by their safe contact only, that the pack waits behind the sign-in.

        The message says nothing about what the records are: somebody else may read the screen.
        """
        with self._archive.reading(case) as file:
            state, mine = state_of(file).leg(leg), leg_of(file, leg)
            if not state.released_round:
                raise OutOfOrder("The pack is not released.", next_step="Release it first.")
            if state.delivered_round >= state.released_round:
                return
            require_clear(file, leg, on=uk_day(at), presumption=self._law.age_presumption)
            _require_reachable(state, mine.recipient.contact)
            letter = Letter(
                to=mine.recipient.name,
                address=mine.recipient.contact.email or mine.recipient.contact.postal_address,
                subject=f"A message about {file.reference}",
                paragraphs=(
                    "The answer to your request is ready to read.",
                    f"Go to {self._site} and sign in with the e-mail address you gave us. We will send a code.",
                    "Choose a time and place where you feel safe to read it.",
                ),
                kind="pack-ready",
            )
            self._gate(letter, withheld_from(file, leg))
            number = state.released_round
            require_still_signed(file, leg, number)
            self._lawful(file, leg=leg, round_number=number, on=uk_day(at))
        receipt = self._outbox.send(letter, at=at)
        with self._archive.writing(case) as file:
            file.record(EventKind.PACK_DELIVERED, at=at, by=by, leg=leg, round=number, receipt=receipt)

    def require_openable(self, case: CaseId, *, leg: int) -> None:
        """Refuse to open a pack that was handed over, in words that give no reason, while it is stopped.

        :raises NotAllowed: a stop, an address that waits, or a right that has fallen since.
        """
        with self._archive.reading(case) as file:
            require_openable(file, leg, presumption=self._law.age_presumption)

    def collected(self, case: CaseId, *, leg: int, at: datetime, by: Actor) -> None:
        """The recipient opened or downloaded the pack: the first time is kept as the receipt."""
        with self._archive.writing(case) as file:
            state = state_of(file).leg(leg)
            require_openable(file, leg, presumption=self._law.age_presumption)
            if state.delivered_round and state.collected_at is None:
                file.record(EventKind.PACK_COLLECTED, at=at, by=by, leg=leg, round=state.delivered_round)

    def _gate(self, letter: Letter, needles: Needles) -> None:
        text = "\n".join((letter.subject, *letter.paragraphs))
        leaks = self._inspector.inspect_text(text, needles, place="letter")
        if leaks:
            raise WithheldTextFound(
                "The letter was stopped: it holds words that were withheld.",
                next_step="Take the words out and send it again.",
            )


def _require_reachable(state: LegState, contact: SafeContact) -> None:
    if state.contact_waits:
        raise AuthorityNotShown(
            "A new address waits to be confirmed, so nothing is handed over there.",
            next_step="Confirm it through a contact that was on record, or in another safe way. The clock runs on.",
        )
    if not (contact.email or contact.postal_address):
        raise OutOfOrder(
            "There is no safe address to write to.",
            next_step="Reach the recipient in the way they said is safe, and agree on an address with them.",
        )
