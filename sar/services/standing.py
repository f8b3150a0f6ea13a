"""Who may ask: identity, evidence of authority, what stops delivery, and the safe contact.

Nothing here moves the clock but proof that was asked for and came. A stop holds back one leg's pack, never
the clock, the gathering, the review or another leg.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from sar.domain.authority import (
    AuthorityCheck,
    Capacity,
    Evidence,
    assess_authority,
    documents_for,
    evidence_of,
)
from sar.domain.calendar import uk_day
from sar.domain.conflicts import conflict_of, known, require_may_lift
from sar.domain.errors import ImpossibleDate, InvalidInput, NotAllowed, OutOfOrder
from sar.domain.identity import KnownContact, confirmation_of, means_of
from sar.domain.leg_state import LegState
from sar.domain.parties import Actor, Leg, SafeContact
from sar.domain.pathways import INFORMATION_PART
from sar.domain.references import CaseId
from sar.domain.statutes import Law
from sar.domain.trail import EventKind
from sar.ports.casework import contact_on_record, contact_pending, leg_of, request_of, state_of
from sar.ports.keeping import Archive, CaseFile, Collection
from sar.ports.recording import kept_note, record_with_words, require_day, require_officer, require_said
from sar.ports.standing import authority_facts, open_stops, standing_of


class Standing:
    """Records who asks, by what right, and what stops the answer from being handed over."""

    def __init__(self, *, archive: Archive, law: Law) -> None:
        self._archive = archive
        self._law = law

    @property
    def parental_responsibility(self) -> str:
        """Who has it in this nation, in plain words, for the officer who looks at a document."""
        return self._law.parental_responsibility

    def check(self, case: CaseId, *, leg: int, on: date) -> AuthorityCheck:
        """What is missing for a leg, and what stops it."""
        with self._archive.reading(case) as file:
            return standing_of(file, leg, on=on, presumption=self._law.age_presumption)

    def doubt_identity(
        self, case: CaseId, *, leg: int, asked_on: date, reason: str, at: datetime, by: Actor
    ) -> None:
        """Ask for proof of identity, for a recorded reasonable doubt (UK GDPR Article 12(6))."""
        require_officer(by)
        require_said(reason, "reason", "Write what makes you doubt who is asking.")
        with self._archive.writing(case) as file:
            require_day(asked_on, at=at, received_on=state_of(file).received_for(leg))
            leg_of(file, leg)
            record_with_words(
                file, EventKind.IDENTITY_ASKED, reason, at=at, by=by, leg=leg, asked_on=asked_on
            )

    def record_identity(
        self, case: CaseId, *, leg: int, got_on: date, means: str, how: str, at: datetime, by: Actor
    ) -> None:
        """Proof of identity came; or, where none was asked for, how the officer knows who is asking.

        :param means: a code of ``IdentityMeans``.
        :raises NotAllowed: facts about the family, which a former partner knows too.
        """
        require_officer(by)
        code = means_of(means).code
        require_said(how, "how", "Write what you saw, without copying numbers from it.")
        with self._archive.writing(case) as file:
            require_day(got_on, at=at, received_on=state_of(file).received_for(leg))
            state = state_of(file).leg(leg)
            kind = EventKind.IDENTITY_JUDGED
            if state.waits_for == "identity":
                kind = EventKind.IDENTITY_SHOWN
                if got_on < next(a.asked_on for a in state.identity if a.got_on is None):
                    raise ImpossibleDate(
                        "The proof is dated before it was asked for.",
                        next_step="Check the two dates.",
                        field="got_on",
                    )
            # Without a recorded doubt it is the officer's judgement of who is asking (Article 12(6)).
            record_with_words(file, kind, how, at=at, by=by, leg=leg, got_on=got_on, means=code)

    def record_authority(
        self, case: CaseId, *, leg: int, got_on: date, evidence: str, how: str, at: datetime, by: Actor
    ) -> None:
        """A document that shows the right to ask for somebody else's data came.

        The right is shown on the day the last document that is needed came, whatever the order of entry.

        :param evidence: a code of ``Evidence``.
        :raises InvalidInput: the document shows something else.
        """
        require_officer(by)
        require_said(how, "how", "Write what you saw of the document, without copying numbers from it.")
        with self._archive.writing(case) as file:
            require_day(got_on, at=at, received_on=state_of(file).received_for(leg))
            mine, state = leg_of(file, leg), state_of(file).leg(leg)
            document = evidence_of(evidence, Capacity(mine.capacity))
            facts = authority_facts(file, leg, on=uk_day(at))
            after = replace(facts, seen=facts.seen | {document}, identity_doubt="")
            missing = assess_authority(after, presumption=self._law.age_presumption).missing
            waits = any(asked.got_on is None for asked in state.authority)
            if missing or not waits:
                record_with_words(
                    file, EventKind.EVIDENCE_SEEN, how, at=at, by=by, leg=leg, evidence=document.code, got_on=got_on,
                    reach=document.reach,
                )  # fmt: skip
                return
            shown_on = max((got_on, *_days_that_count(state, mine)))
            record_with_words(
                file, EventKind.AUTHORITY_SHOWN, how, at=at, by=by, leg=leg, evidence=document.code, seen_on=got_on,
                got_on=shown_on, reach=document.reach,
            )  # fmt: skip

    def record_conflict(
        self, case: CaseId, *, leg: int, code: str, note: str, at: datetime, by: Actor
    ) -> None:
        """Something that stops delivery until a person decides. The statutory clock runs on.

        Recorded by a person on top of the program's own find, it confirms the find.
        """
        require_officer(by)
        conflict = conflict_of(code)
        require_said(note, "note", "Write what you know about it.")
        with self._archive.writing(case) as file:
            leg_of(file, leg)
            record_with_words(
                file, EventKind.CONFLICT_RECORDED, note, at=at, by=by, leg=leg, code=conflict.code
            )

    def resolve_conflict(
        self, case: CaseId, *, leg: int, code: str, note: str, at: datetime, by: Actor, child_asked: str = ""
    ) -> None:
        """A named person decided that delivery may go on, and why.

        :param child_asked: a code of ``ChildAsked``, where the child is old enough.
        :raises NotAllowed: the stop needs another role.
        :raises SecondPersonNeeded: the same person recorded it.
        """
        with self._archive.writing(case) as file:
            state = state_of(file).leg(leg)
            if code not in open_stops(file, state, on=uk_day(at), presumption=self._law.age_presumption):
                raise OutOfOrder("That stop is not in force.", next_step="Open the case again.", field="code")
            for conflict in known([code]):
                recorded_by = [who for stop, who in state.stopped_by if stop == code]
                require_may_lift(conflict, by=by, recorded_by=recorded_by, child_asked=child_asked)
            require_said(note, "note", "Write why it is safe to go on.")
            facts = {"child_asked": child_asked} if child_asked else {}
            record_with_words(
                file, EventKind.CONFLICT_RESOLVED, note, at=at, by=by, leg=leg, code=code, **facts
            )

    def set_contact(
        self, case: CaseId, *, contact: SafeContact, at: datetime, by: Actor, leg: int | None = None,
        reason: str = "", unproved_email: str = "",
    ) -> None:  # fmt: skip
        """Replace a safe contact. It reaches every leg of the same recipient, and no leg of anybody else.

        The family may put right what they sent with the request; after an officer has changed it, only an
        officer may. A new way to reach somebody waits until it is confirmed, and nothing is handed over there.

        :param unproved_email: a new address that its owner has not proved: it is not in ``contact`` yet.
        """
        if not by.is_family:
            require_officer(by)
            require_said(reason, "reason", "Write why the address changes.")
        with self._archive.writing(case) as file:
            kept = request_of(file)
            if not kept.legs:
                _change_for_policies(file, contact, reason, at=at, by=by)
                return
            mine = leg_of(file, leg) if leg else kept.legs[0]
            theirs = kept.legs_of(mine.recipient)
            if by.is_family:
                _refuse_after_staff(file, theirs)
                _keep_contact(file, mine, contact)
                record_with_words(file, EventKind.CONTACT_CHANGED, reason, at=at, by=by, leg=leg)
                return
            for one in theirs:
                before = _on_record(file, one)
                waits = contact.opens_more_than(before) or unproved_email not in {"", before.email}
                file.keep(Collection.NOTE, contact_on_record(one.number), before)
                file.keep(Collection.NOTE, contact_pending(one.number), (unproved_email,))
                record_with_words(
                    file, EventKind.CONTACT_CHANGED, reason, at=at, by=by, leg=one.number, waits=waits
                )
            _keep_contact(file, mine, contact)

    def prove_contact(self, case: CaseId, *, leg: int, contact: SafeContact, at: datetime, by: Actor) -> None:
        """The owner of a new e-mail address read out its code. That proves the mailbox, not the person."""
        require_officer(by)
        with self._archive.writing(case) as file:
            mine = leg_of(file, leg)
            pending = (kept_note(file, contact_pending(leg), tuple[str, ...]) or ("",))[0]
            now = mine.recipient.contact
            same = (contact.phone, contact.postal_address) == (now.phone, now.postal_address)
            if not contact.email or contact.email != pending or not same:
                raise OutOfOrder(
                    "The safe contact was changed again since the code was sent.",
                    next_step="Open the case and look at how they may be reached now.",
                )
            theirs = request_of(file).legs_of(mine.recipient)
            _keep_contact(file, mine, contact)
            for one in theirs:
                record_with_words(
                    file, EventKind.CONTACT_CHANGED, "", at=at, by=by, leg=one.number, proved=True
                )

    def known_contacts(self, case: CaseId, *, leg: int) -> tuple[tuple[KnownContact, str], ...]:
        """The ways that were on record before the change that waits, each with its address."""
        with self._archive.reading(case) as file:
            return _known_contacts(_on_record(file, leg_of(file, leg)))

    def confirm_contact(
        self, case: CaseId, *, leg: int, means: str, how: str, at: datetime, by: Actor, is_safe: bool = False
    ) -> None:
        """The person themself asked for the new contact: shown through a contact that was on record.

        Where that is not safe, why it is not is written down, and another sufficient means is used.

        :param means: a code of ``KnownContact``, or of ``IdentityMeans`` where the old contacts are unsafe.
        :param is_safe: the officer says that nobody else reads or hears what goes that way.
        :raises NotAllowed: nobody says so.
        """
        require_officer(by)
        through = confirmation_of(means)
        if not is_safe:
            raise NotAllowed(
                "A way that somebody else may read or hear confirms nothing.",
                next_step="Use a way that is safe: another contact that was on record, or speak to them in person.",
                field="is_safe",
            )
        require_said(how, "how", "Write how it was confirmed; where the old contact is not safe, why not.")
        with self._archive.writing(case) as file:
            mine = leg_of(file, leg)
            if not state_of(file).leg(leg).contact_waits:
                raise OutOfOrder("No new contact waits to be confirmed.", next_step="Open the case again.")
            if isinstance(through, KnownContact) and through not in dict(
                _known_contacts(_on_record(file, mine))
            ):
                raise InvalidInput(
                    "There was no such contact on record before the change.",
                    next_step="Use one that was, or another way to know who asks.",
                    field="means",
                )
            for one in request_of(file).legs_of(mine.recipient):
                record_with_words(
                    file, EventKind.CONTACT_CONFIRMED, how, at=at, by=by, leg=one.number, means=through.code,
                    is_old_unsafe=not isinstance(through, KnownContact),
                )  # fmt: skip


def _days_that_count(state: LegState, mine: Leg) -> list[date]:
    """When the documents came that show this capacity; a change of name or a reason moves nothing."""
    moves_nothing = {Evidence.NAME_CHANGE, Evidence.POWER_REACHES_HEALTH}
    needed = {e.code for e in documents_for(Capacity(mine.capacity)) if e not in moves_nothing}
    return [on for code, on in state.evidence if code in needed]


def _keep_contact(file: CaseFile, mine: Leg, contact: SafeContact) -> None:
    file.keep(Collection.REQUEST, "request", request_of(file).with_contact(contact, of=mine.recipient))


def _change_for_policies(
    file: CaseFile, contact: SafeContact, reason: str, *, at: datetime, by: Actor
) -> None:
    """Only policies or numbers are asked for. Should own records follow, the new address waits for them."""
    kept = request_of(file)
    name = contact_on_record(INFORMATION_PART)
    is_changed = name in file.names(Collection.NOTE, under=name)
    if by.is_family and is_changed:
        raise _not_by_family()
    if not by.is_family and not is_changed:
        file.keep(Collection.NOTE, name, kept.asker.contact)
    file.keep(Collection.REQUEST, "request", kept.with_contact(contact, of=kept.asker))
    record_with_words(file, EventKind.CONTACT_CHANGED, reason, at=at, by=by)


def _refuse_after_staff(file: CaseFile, theirs: tuple[Leg, ...]) -> None:
    """A browser that once sent the request may be the former partner's by now."""
    if any(state_of(file).leg(one.number).is_contact_by_staff for one in theirs):
        raise _not_by_family()


def _not_by_family() -> NotAllowed:
    return NotAllowed(
        "The address cannot be changed here any more.",
        next_step="Ring or write to us at the address on our letters.",
    )


def _on_record(file: CaseFile, mine: Leg) -> SafeContact:
    """The last contact that was confirmed, or that came with the request."""
    if not state_of(file).leg(mine.number).contact_waits:
        return mine.recipient.contact
    return kept_note(file, contact_on_record(mine.number), SafeContact) or mine.recipient.contact


def _known_contacts(contact: SafeContact) -> tuple[tuple[KnownContact, str], ...]:
    given = (
        (KnownContact.EMAIL, contact.email),
        (KnownContact.PHONE, contact.phone),
        (KnownContact.POST, contact.postal_address),
    )
    return tuple((way, value) for way, value in given if value)
