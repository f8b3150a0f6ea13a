"""Letters: drafted from typed facts, read by the gate, sent by the safe way, kept sealed, read again.

What a letter does (a question asked, more time taken) is recorded with it or not at all.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date, datetime

from sar.domain.authority import Capacity
from sar.domain.calendar import uk_day
from sar.domain.consulting import ConsultationAnswer, reference_of
from sar.domain.disclosure import ConsultedPassage, Needles
from sar.domain.errors import InvalidInput, NotAllowed, NotFound, OutOfOrder, WithheldTextFound
from sar.domain.letters import LETTERS, OF_INFORMATION, Audience, LetterKind, fits, letter_kind
from sar.domain.parties import PROGRAM, Actor, Leg, StaffRole
from sar.domain.pathways import INFORMATION_PART
from sar.domain.references import CaseId, LegName, SubjectId
from sar.domain.statutes import Law
from sar.domain.trail import EventKind
from sar.ports.casework import (
    consultations_of,
    leg_of,
    legs_of_same_reader,
    request_of,
    state_of,
    withheld_from,
)
from sar.ports.disclosing import Inspector, Letter, LetterWriter, Outbox
from sar.ports.keeping import Archive, CaseFile, Collection
from sar.ports.quoting import quotes_unreleased
from sar.services.correspondence import consultations
from sar.services.correspondence.acts import record_act
from sar.services.correspondence.facts import facts_of
from sar.services.correspondence.making import Making, NewLetter, Sender, pathway_of

__all__ = [
    "ConsultationAnswer", "ConsultationRow", "Correspondence", "NewLetter", "Sender", "SentLetter", "SentRow",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLetter:
    """A letter as it left. Sealed."""

    kind: str
    leg: int
    to: str
    address: str
    subject: str
    paragraphs: tuple[str, ...]
    sent_on: date
    receipt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentRow:
    """A letter in a list."""

    number: int
    """The number of its event."""
    title: str
    leg: int
    sent_on: date
    audience: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultationRow:
    """Somebody who was, or is to be, asked."""

    id: str
    reference: str
    """What the letter bears."""
    person: str
    leg: int
    answer: str
    """Empty while there is none."""


class Correspondence:
    """Writes and sends every letter but one-time codes and the word that a pack waits."""

    def __init__(
        self, *, archive: Archive, law: Law, outbox: Outbox, inspector: Inspector, writer: LetterWriter,
        sender: Sender, is_health_professional: bool = False,
    ) -> None:  # fmt: skip
        self._archive = archive
        self._is_health_professional = is_health_professional
        self._law = law
        self._outbox = outbox
        self._inspector = inspector
        self._writer = writer
        self._sender = sender

    def fitting(self, case: CaseId, *, leg: int) -> frozenset[str]:
        """The letters that say what is true of this part, by the law that answers it."""
        with self._archive.reading(case) as file:
            pathway = pathway_of(state_of(file), self._law, leg)
        return frozenset(kind.code for kind in LETTERS.values() if fits(kind, pathway))

    def draft(self, case: CaseId, wanted: NewLetter, *, at: datetime, by: Actor) -> Letter:
        """The letter exactly as it would leave. Nothing is kept.

        :raises WithheldTextFound: it holds words its reader may not see.
        :raises InvalidInput: a part is missing.
        """
        kind = _kind(wanted, by)
        with self._archive.reading(case) as file:
            letter, _ = self._written(file, kind, wanted, at=at, by=by)
        return letter

    def send(self, case: CaseId, wanted: NewLetter, *, at: datetime, by: Actor, once: str = "") -> int:
        """Send it, with what it records; the number of its event. ``once``: the same form twice sends one.

        The letter leaves last: a failure keeps nothing, and the same form can be sent again.

        :raises WithheldTextFound: it holds words its reader may not see.
        :raises EnvironmentFault: the outbox did not take it.
        """
        kind = _kind(wanted, by)
        mark = f"sent-{hashlib.sha256(once.encode()).hexdigest()[:24]}" if once else ""
        with self._archive.writing(case) as file:
            if mark and mark in file.names(Collection.NOTE):
                return file.latest(Collection.NOTE, mark, int)
            letter, making = self._written(file, kind, wanted, at=at, by=by)
            if by is not PROGRAM:
                record_act(kind.act, making, at=at, by=by)
            receipt = self._outbox.send(letter, at=at)
            event = file.record(
                EventKind.LETTER_SENT, at=at, by=by, leg=wanted.leg, letter=kind.code, receipt=receipt,
                on=making.on.isoformat(),
            )  # fmt: skip
            kept = SentLetter(
                kind=kind.code, leg=wanted.leg, to=letter.to, address=letter.address, subject=letter.subject,
                paragraphs=letter.paragraphs, sent_on=making.on, receipt=receipt,
            )  # fmt: skip
            file.keep(Collection.NOTE, f"event-{event.seq}", kept)
            if mark:
                file.keep(Collection.NOTE, mark, event.seq)
        return event.seq

    def sent(self, case: CaseId, *, legs: frozenset[int] | None = None) -> tuple[SentRow, ...]:
        """Every letter of a case, oldest first; with ``legs`` only those their own recipients were sent."""
        with self._archive.reading(case) as file:
            rows = [
                SentRow(
                    number=e.seq, title=LETTERS[str(e.facts["letter"])].title, leg=e.leg,
                    sent_on=date.fromisoformat(str(e.facts["on"])),
                    audience=LETTERS[str(e.facts["letter"])].audience.value,
                )
                for e in file.events()
                if e.kind is EventKind.LETTER_SENT and e.leg is not None
            ]  # fmt: skip
        if legs is None:
            return tuple(rows)
        return tuple(r for r in rows if r.leg in legs and r.audience == Audience.RECIPIENT.value)

    def read(self, case: CaseId, number: int, *, legs: frozenset[int] | None = None) -> SentLetter:
        """One letter again; with ``legs`` any letter of another leg, or to anybody else, is not found."""
        if number not in {row.number for row in self.sent(case, legs=legs)}:
            raise NotFound("There is no such letter.", next_step="Choose one from the list.")
        with self._archive.reading(case) as file:
            return file.latest(Collection.NOTE, f"event-{number}", SentLetter)

    def ask_consultee(
        self, case: CaseId, *, leg: int, person: str, record: str, quote: str, names_requester: bool,
        at: datetime, by: Actor,
    ) -> str:  # fmt: skip
        """Decide to ask somebody about the words on them in one record; its id. The letter is sent apart."""
        _officer(by)
        with self._archive.writing(case) as file:
            return consultations.decide(
                file, leg=leg, person=person, record=record, quote=quote, names_requester=names_requester,
                at=at, by=by, role=StaffRole.OFFICER.value,
            ).id  # fmt: skip

    def answer_of_consultee(
        self, case: CaseId, *, consultation: str, answer: str, on: date, words: str, at: datetime, by: Actor
    ) -> None:
        """What they said, or that they did not answer. A named officer still decides."""
        _officer(by)
        with self._archive.writing(case) as file:
            consultations.answer(
                file, consultation=consultation, code=answer, on=on, words=words, at=at, by=by
            )

    def consultees(self, case: CaseId, *, leg: int) -> tuple[ConsultationRow, ...]:
        """Everybody it was decided to ask about a leg's records."""
        with self._archive.reading(case) as file:
            return tuple(
                ConsultationRow(
                    id=c.id, reference=reference_of(c.id), person=consultations.consultee_name(file, c), leg=c.leg,
                    answer=c.answer.value if c.answer else "",
                )
                for c in consultations_of(file, leg)
            )  # fmt: skip

    def _written(
        self, file: CaseFile, kind: LetterKind, wanted: NewLetter, *, at: datetime, by: Actor
    ) -> tuple[Letter, Making]:
        making = Making(
            file=file, law=self._law, wanted=wanted, leg=_part(file, kind, wanted.leg), on=uk_day(at),
            is_automatic=by is PROGRAM,
        )  # fmt: skip
        if not fits(kind, making.pathway):
            raise OutOfOrder(
                "That letter speaks of another law than the one that answers this part.",
                next_step="Choose a letter for this part from the list, or choose another law for it first.",
                field="kind",
            )
        passage, unseen = self._reader(file, kind, wanted)
        letter = self._writer.write(facts_of(making, kind, self._sender, passage))
        for needles in unseen:
            self._gate(letter, needles)
        self._refuse_quotes(file, kind, wanted, uk_day(at))
        return letter, making

    def _refuse_quotes(self, file: CaseFile, kind: LetterKind, wanted: NewLetter, on: date) -> None:
        """What somebody wrote into a letter must not quote a record that nobody may give out yet.

        Only their own words are read: the letter's fixed words may well stand in an old letter on the file.
        """
        written = "\n".join(wanted.said.values())
        if kind.audience is Audience.CONSULTEE or not written.strip():
            return  # Letters to a consultee are searched for every sentence of every record.
        if wanted.leg == INFORMATION_PART:
            legs = request_of(file).legs
        else:
            mine = leg_of(file, wanted.leg)
            legs = (mine, *legs_of_same_reader(file, mine))
        if quotes_unreleased(
            file, [leg.number for leg in legs], written, on=on,
            is_health_professional=self._is_health_professional,
        ):  # fmt: skip
            raise WithheldTextFound(
                "The letter was stopped: it holds words of a record that nobody has decided to give out.",
                next_step="Take the words out, or decide on the record first.",
            )

    def _reader(
        self, file: CaseFile, kind: LetterKind, wanted: NewLetter
    ) -> tuple[ConsultedPassage | None, tuple[Needles, ...]]:
        """Words for this reader alone, and what they may not see."""
        if wanted.leg == INFORMATION_PART:
            # Anybody may see the answer to this part: what was withheld in any leg stays so.
            return None, tuple(withheld_from(file, leg.number) for leg in request_of(file).legs)
        if kind.audience is not Audience.CONSULTEE:
            return None, (withheld_from(file, wanted.leg),)
        consultation = consultations.consultation_of(file, wanted.consultation)
        if consultation.leg != wanted.leg:
            raise NotFound("It was not decided to ask anybody here.", next_step="Open the case again.")
        passage = consultations.passage_for(file, consultation)
        ours = (self._sender.organisation, *self._sender.contact)
        return passage, (consultations.needles_for(file, consultation, passage, ours=ours),)

    def _gate(self, letter: Letter, needles: Needles) -> None:
        text = "\n".join((letter.subject, *letter.paragraphs))
        if self._inspector.inspect_text(text, needles, place="letter"):
            raise WithheldTextFound(
                "The letter was stopped: it holds words that were withheld.",
                next_step="Take names and other words about other people out of what you wrote, and try again.",
            )


def _part(file: CaseFile, kind: LetterKind, number: int) -> Leg:
    """The leg a letter belongs to, or a stand-in for the part that asks for policies or numbers."""
    if number != INFORMATION_PART:
        return leg_of(file, number)
    if kind.code not in OF_INFORMATION:
        raise InvalidInput(
            "That letter is about somebody's records, and this part asks for none.",
            next_step="Choose a letter for this part from the list.",
            field="kind",
        )
    asker = request_of(file).asker
    return Leg(
        name=LegName("information"), number=INFORMATION_PART, subject=SubjectId(""), recipient=asker,
        capacity=Capacity.SELF.value,
    )  # fmt: skip


def _kind(wanted: NewLetter, by: Actor) -> LetterKind:
    """The kind, when this person may send it and wrote all of it."""
    kind = letter_kind(wanted.kind)
    if not (by.roles & kind.senders or (by is PROGRAM and kind.is_automatic)):
        who = " or ".join(sorted(role.value for role in kind.senders))
        raise NotAllowed(
            f"Only the role {who} may send this letter.", next_step=f"Ask a person with the role {who}."
        )
    if by is not PROGRAM:
        kind.require_words(dict(wanted.said))
    if kind.audience is not Audience.RECIPIENT and len(wanted.said.get("to", "").splitlines()) > 1:
        raise InvalidInput("The name has more than one line.", next_step="Write it on one line.", field="to")
    return kind


def _officer(by: Actor) -> None:
    if not by.has(StaffRole.OFFICER):
        raise NotAllowed("Only a records officer may decide whom to ask.", next_step="Ask a records officer.")
