"""What a case file holds and under which name: the one place that spells the names of sealed items."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sar.domain.alerts import Reader
from sar.domain.case import CaseState, InformationRequest
from sar.domain.clock import AskedAndGot, ClockFacts, DateCorrection, DatedFact, ExtensionNotice
from sar.domain.complaints import Complaint
from sar.domain.consulting import Consultation
from sar.domain.disclosure import DisclosedRecord, Ground, Needles, WithheldWhole
from sar.domain.duplicates import Folding
from sar.domain.errors import NotFound, OutOfOrder
from sar.domain.gathered import LegIndex
from sar.domain.leg_state import Asked
from sar.domain.matching import Proposal
from sar.domain.needles import needles_of
from sar.domain.opinions import AlreadyKnown, Classified, HealthView, Opinion, OpinionAsked
from sar.domain.parties import AccessRequest, Actor, Leg, PeopleRegister, Requester
from sar.domain.records import Record, StoreAnswer
from sar.domain.rectification import Correction, only_seen
from sar.domain.redaction import Decision, GroundKey, Outcome, RecordDecision
from sar.domain.references import RecordKey, StoreName, SubjectId
from sar.domain.trail import EventKind, Fact
from sar.domain.wording import fold
from sar.ports.keeping import CaseFile, Collection
from sar.ports.replaying import replayed

RECORDS = tuple[Record, ...]
"""What a page of an answer holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOff:
    """What a second person released from a leg's review: disclosed types only."""

    leg: int
    round: int
    records: tuple[DisclosedRecord, ...]
    generated: tuple[DisclosedRecord, ...]
    grounds: tuple[Ground, ...]
    withheld_whole: tuple[WithheldWhole, ...]
    trail_head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterOfGround:
    """A ground with the decisions it stands for."""

    key: GroundKey
    ground: Ground


def request_of(file: CaseFile) -> AccessRequest:
    """The request as received."""
    return file.latest(Collection.REQUEST, "request", AccessRequest)


def leg_of(file: CaseFile, number: int) -> Leg:
    """One leg. Raises NotFound."""
    for leg in request_of(file).legs:
        if leg.number == number:
            return leg
    raise NotFound("The case has no such leg.", next_step="Open the case again from the queue.", field="leg")


def recipients_of(file: CaseFile) -> frozenset[Requester]:
    """Everybody who receives an answer in a case."""
    return frozenset(leg.recipient for leg in request_of(file).legs)


def reader_of(request: AccessRequest, leg: Leg) -> Reader:
    """Who reads a leg's pages about alerts."""
    return Reader(own=leg.recipient.subject == leg.subject, born_on=request.subject_of(leg).born_on)


def state_of(file: CaseFile) -> CaseState:
    """The case replayed from its trail. One trail is replayed once: its newest digest binds all of it."""
    return replayed(file.events())


def gathered_legs(file: CaseFile) -> tuple[Leg, ...]:
    """The legs that are gathered, reviewed and packed. Any other is answered by a recorded decision."""
    state = state_of(file)
    return tuple(leg for leg in request_of(file).legs if state.leg(leg.number).whole_route)


def require_whole_route(state: CaseState, leg: int) -> None:
    """Refuse a step of the route for a leg that is answered by a recorded decision. Raises OutOfOrder."""
    if not state.leg(leg).whole_route:
        raise OutOfOrder(
            "This part is answered by a recorded decision, not by a pack.",
            next_step="Record the decision on the case page, or choose another law for this part first.",
        )


def contact_on_record(leg: int) -> str:
    """Where the contact is kept that stood before a change that waits; 0 is the part that asks for policies."""
    return f"contact-on-record/{leg}"


def contact_pending(leg: int) -> str:
    """Where a new e-mail address is kept until its owner proves it."""
    return f"contact-pending/{leg}"


def information_name(number: int) -> str:
    """Where the words of a part that asks for information are kept."""
    return f"information/{number}"


def information_of(state: CaseState, number: int) -> InformationRequest:
    """One part that asks for information. Raises NotFound."""
    for part in state.information:
        if part.number == number:
            return part
    raise NotFound(
        "The case has no such part.", next_step="Open the case again from the queue.", field="information"
    )


def log_information(
    file: CaseFile, words: str, *, at: datetime, by: Actor, received_on: date | None = None
) -> int:
    """Log a part that asks for policies or statistics; its number. Without a day it came with the request."""
    number = len(state_of(file).information) + 1
    facts: dict[str, Fact] = {"number": number}
    if received_on:
        facts["received_on"] = received_on.isoformat()
    file.record(EventKind.INFORMATION_REQUEST_LOGGED, at=at, by=by, leg=None, **facts)
    file.keep(Collection.NOTE, information_name(number), (words,))
    return number


def answer_name(round_number: int, store: StoreName, subject: SubjectId) -> str:
    """Where a store's answer is kept."""
    return f"{round_number}/{store}/{subject}"


def answers_of(file: CaseFile, round_number: int) -> tuple[StoreAnswer, ...]:
    """Every answer of one round. Most records are kept beside them: ``answering.records_of`` reads them."""
    return file.every(Collection.ANSWER, StoreAnswer, under=f"{round_number}/")


def register_of(file: CaseFile) -> PeopleRegister:
    """The people register as it stands; empty before it is first built."""
    kept = file.every(Collection.REGISTER, PeopleRegister)
    return kept[-1] if kept else PeopleRegister()


def leg_prefix(round_number: int, leg: int) -> str:
    """The start of every name that belongs to one leg's review of one round."""
    return f"{round_number}/{leg}/"


def pages_name(round_number: int, leg: int) -> str:
    """Where the list of a leg's own pages is kept."""
    return f"pages/{round_number}/{leg}/"


def leg_records(file: CaseFile, round_number: int, leg: int) -> tuple[Record, ...]:
    """The records under review in a leg, generated pages first, then oldest first."""
    prefix = leg_prefix(round_number, leg)
    kept = [*file.every(Collection.LEG_RECORDS, Record, under=prefix)]
    for index in file.every(Collection.LEG_INDEX, LegIndex, under=prefix):
        kept = [r for r in kept if str(r.key) not in index.dropped]
        kept += _on_pages(file, index, leg_of(file, leg).subject)
    pages = file.every(Collection.NOTE, tuple[str, ...], under=pages_name(round_number, leg))
    # A page that is not among those last written was taken back: what it rested on does not go out.
    records = [r for r in kept if not pages or not r.kind.is_generated or str(r.key) in pages[-1]]
    return tuple(sorted(records, key=lambda r: (not r.kind.is_generated, r.dated_on, str(r.key))))


def _on_pages(file: CaseFile, index: LegIndex, subject: SubjectId) -> Iterator[Record]:
    """The records that nothing changed since their store gave them: they are read from its answer."""
    for page in index.pages:
        for position, record in enumerate(file.latest(Collection.ANSWER_PAGE, page.name, RECORDS)):
            if position not in page.skipped and subject in record.about:
                yield record


def folding_of(file: CaseFile, round_number: int, leg: int) -> Folding:
    """What was found alike among a leg's records; nothing where a round was concluded before that was looked at."""
    name = folding_name(round_number, leg)
    if name not in file.names(Collection.FOLDING, under=name):
        return Folding()
    return file.latest(Collection.FOLDING, name, Folding)


def folding_name(round_number: int, leg: int) -> str:
    """Where it is kept what was found alike among a leg's records."""
    return f"{round_number}/{leg}"


def proposals_of(file: CaseFile, round_number: int, leg: int) -> tuple[Proposal, ...]:
    """Every proposal of a leg's review."""
    kept = file.every(Collection.PROPOSALS, tuple[Proposal, ...], under=leg_prefix(round_number, leg))
    return tuple(p for group in kept for p in group)


def proposals_for(
    file: CaseFile, round_number: int, leg: int, record: RecordKey | str
) -> tuple[Proposal, ...]:
    """The proposals in one record, by its key or name; none where no proposals were made of such a record."""
    name = f"{leg_prefix(round_number, leg)}{record}"
    return file.find(Collection.PROPOSALS, name, tuple[Proposal, ...]) or ()


def decisions_of(file: CaseFile, leg: int) -> tuple[Decision, ...]:
    """Every decision on words in a leg, all rounds: a new round starts from what was decided."""
    return file.every(Collection.DECISION, Decision, under=f"{leg}/")


def record_decisions_of(file: CaseFile, leg: int) -> dict[RecordKey, RecordDecision]:
    """The standing decision on each record of a leg."""
    kept = file.every(Collection.RECORD_DECISION, RecordDecision, under=f"{leg}/")
    return {d.record: d for d in kept}


def withheld_from(file: CaseFile, leg: int) -> Needles:
    """What nothing sent to a leg's recipient may hold, in whichever of their legs it is withheld.

    Of every round there was: words withheld in a record stay withheld when the store changes the record.
    """
    mine, register = leg_of(file, leg), register_of(file)
    needles = needles_of(
        every_record(file, leg),
        decisions=decisions_of(file, leg),
        people=register.for_leg(mine.subject),
        recipient=mine.recipient,
        outcomes=record_decisions_of(file, leg),
    )
    # Whom this letter is about may be another person in the reader's other legs: here they are named.
    own = [n for p in register.people if p.subject == mine.subject for n in p.names]
    for other in legs_of_same_reader(file, mine):
        made = record_decisions_of(file, other.number)
        theirs = needles_of(
            every_record(file, other.number),
            decisions=decisions_of(file, other.number),
            people=(),
            recipient=mine.recipient,
            # What is not about the person of the other leg is not withheld from the reader.
            outcomes={k: d for k, d in made.items() if d.outcome is not Outcome.OUT_OF_SCOPE},
        )
        needles = needles.joined_with(theirs.without_those_in(own))
    return needles


def every_record(file: CaseFile, leg: int) -> tuple[Record, ...]:
    """The records of a leg in every round there was."""
    rounds = range(1, state_of(file).gathered_round + 1)
    return tuple(record for number in rounds for record in leg_records(file, number, leg))


def legs_of_same_reader(file: CaseFile, mine: Leg) -> tuple[Leg, ...]:
    """The other legs that the same person reads: by name, as a data subject, or by one e-mail address."""
    ours = mine.recipient

    def is_same(theirs: Requester) -> bool:
        mail, other = fold(ours.contact.email), fold(theirs.contact.email)
        is_subject = ours.subject is not None and ours.subject == theirs.subject
        return is_subject or fold(ours.name) == fold(theirs.name) or (bool(mail) and mail == other)

    return tuple(leg for leg in request_of(file).legs if leg.number != mine.number and is_same(leg.recipient))


def consultation_name(consultation: str) -> str:
    """Where a consultation is kept."""
    return f"consultation-{consultation}"


def consultations_of(file: CaseFile, leg: int) -> tuple[Consultation, ...]:
    """Every consultation of a leg, oldest first."""
    kept = file.every(Collection.NOTE, Consultation, under=consultation_name(""))
    return tuple(c for c in kept if c.leg == leg)


def newest_by_key(records: Iterable[Record]) -> dict[RecordKey, Record]:
    """Records by key, the last one given winning."""
    return {r.key: r for r in records}


_CORRECTED = {
    EventKind.REQUEST_RECEIVED: DatedFact.RECEIVED,
    EventKind.LEG_ADDED: DatedFact.RECEIVED,
    EventKind.IDENTITY_ASKED: DatedFact.IDENTITY_ASKED,
    EventKind.IDENTITY_SHOWN: DatedFact.IDENTITY_GOT,
    EventKind.AUTHORITY_ASKED: DatedFact.AUTHORITY_ASKED,
    EventKind.AUTHORITY_SHOWN: DatedFact.AUTHORITY_GOT,
    EventKind.CLARIFICATION_ASKED: DatedFact.QUESTION_ASKED,
    EventKind.CLARIFICATION_ANSWERED: DatedFact.QUESTION_ANSWERED,
    EventKind.EXTENSION_NOTIFIED: DatedFact.MORE_TIME_TOLD,
}


def clock_facts(state: CaseState, leg: int, *, extension: ExtensionNotice | None = None) -> ClockFacts:
    """One leg's clock as the trail tells it."""
    mine = state.leg(leg)
    given, told_on = extension, state.extended_on(leg)
    if given is None and told_on is not None:
        given = ExtensionNotice(given_on=told_on, reasons="As recorded in the notice.")
    return ClockFacts(
        received_on=state.received_for(leg),
        identity=_asked_and_got(mine.identity),
        authority=_asked_and_got(mine.authority),
        clarifications=_asked_and_got(state.clarifications(leg)),
        extension=given,
        corrections=tuple(
            DateCorrection(what=_CORRECTED[one.kind], was=one.was, now=one.now, made_on=one.made_on)
            for one in state.amendments
            if one.leg in {None, leg}
            and one.kind in _CORRECTED
            # The day of the request moves no part that came on a day of its own.
            and not (one.kind is EventKind.REQUEST_RECEIVED and mine.received_on is not None)
        ),
    )


def _asked_and_got(asked: Iterable[Asked]) -> tuple[AskedAndGot, ...]:
    return tuple(AskedAndGot(asked_on=a.asked_on, got_on=a.got_on) for a in asked)


def health_view_of(file: CaseFile, leg: int, *, is_health_professional: bool) -> HealthView:
    """Opinions, what the family knows, and the classes people recorded, as one leg's decisions see them."""
    return HealthView(
        opinions=file.every(Collection.OPINION, Opinion, under=f"{leg}/"),
        known=file.every(Collection.KNOWN, AlreadyKnown, under=f"{leg}/"),
        classes={c.record: c for c in file.every(Collection.CLASSED, Classified)},
        controller_is_health_professional=is_health_professional,
    )


def opinions_asked(file: CaseFile, leg: int) -> tuple[OpinionAsked, ...]:
    """Every opinion asked for in a leg, in the order asked."""
    return file.every(Collection.OPINION_ASKED, OpinionAsked, under=f"{leg}/")


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptComplaint:
    """A complaint with its sealed words; its dates are facts that ``sar.domain.complaints`` folds."""

    id: str
    leg: int | None
    about: str
    words: str
    complaint: Complaint


def complaint_of(file: CaseFile, name: str) -> KeptComplaint:
    """One complaint. Raises NotFound."""
    return file.latest(Collection.COMPLAINT, name, KeptComplaint)


def complaints_of(file: CaseFile) -> tuple[KeptComplaint, ...]:
    """Every complaint of a case, in the order opened."""
    return file.every(Collection.COMPLAINT, KeptComplaint)


def family_view(file: CaseFile, correction: Correction) -> Correction:
    """A correction as its family may see it: places whose records stand in a pack that was delivered to them."""
    delivered = state_of(file).leg(correction.leg).delivered_round
    outcomes = record_decisions_of(file, correction.leg)
    shown = [
        r
        for r in (leg_records(file, delivered, correction.leg) if delivered else ())
        if (made := outcomes.get(r.key)) and made.version == r.version and made.outcome is Outcome.DISCLOSE
    ]
    return only_seen(correction, shown)


def correction_of(file: CaseFile, name: str) -> Correction:
    """One correction. Raises NotFound."""
    return file.latest(Collection.CORRECTION, name, Correction)


def corrections_of(file: CaseFile) -> tuple[Correction, ...]:
    """Every correction of a case, in the order asked."""
    return file.every(Collection.CORRECTION, Correction)
