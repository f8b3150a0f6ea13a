"""What a case file holds and under which name: the one place that spells the names of sealed items."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sar.domain.alerts import Reader
from sar.domain.case import CaseState, InformationRequest, replay
from sar.domain.clock import AskedAndGot, ClockFacts, ExtensionNotice
from sar.domain.complaints import Complaint
from sar.domain.disclosure import DisclosedRecord, Ground, WithheldWhole
from sar.domain.errors import NotFound, OutOfOrder
from sar.domain.matching import Proposal
from sar.domain.parties import AccessRequest, Actor, Leg, PeopleRegister
from sar.domain.records import Record, StoreAnswer
from sar.domain.rectification import Correction, only_seen
from sar.domain.redaction import Decision, GroundKey, Outcome, RecordDecision
from sar.domain.references import RecordKey, StoreName, SubjectId
from sar.domain.trail import EventKind
from sar.ports.keeping import CaseFile, Collection


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


def reader_of(request: AccessRequest, leg: Leg) -> Reader:
    """Who reads a leg's pages about alerts."""
    return Reader(own=leg.recipient.subject == leg.subject, born_on=request.subject_of(leg).born_on)


def state_of(file: CaseFile) -> CaseState:
    """The case replayed from its trail."""
    return replay(file.events())


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
    own_day = received_on.isoformat() if received_on else None
    file.record(EventKind.INFORMATION_REQUEST_LOGGED, at=at, by=by, number=number, received_on=own_day)
    file.keep(Collection.NOTE, information_name(number), (words,))
    return number


def answer_name(round_number: int, store: StoreName, subject: SubjectId) -> str:
    """Where a store's answer is kept."""
    return f"{round_number}/{store}/{subject}"


def answers_of(file: CaseFile, round_number: int) -> tuple[StoreAnswer, ...]:
    """Every answer of one round."""
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
    kept = file.every(Collection.LEG_RECORDS, Record, under=leg_prefix(round_number, leg))
    pages = file.every(Collection.NOTE, tuple[str, ...], under=pages_name(round_number, leg))
    # A page that is not among those last written was taken back: what it rested on does not go out.
    records = [r for r in kept if not pages or not r.kind.is_generated or str(r.key) in pages[-1]]
    return tuple(sorted(records, key=lambda r: (not r.kind.is_generated, r.dated_on, str(r.key))))


def proposals_of(file: CaseFile, round_number: int, leg: int) -> tuple[Proposal, ...]:
    """Every proposal of a leg's review."""
    kept = file.every(Collection.PROPOSALS, tuple[Proposal, ...], under=leg_prefix(round_number, leg))
    return tuple(p for group in kept for p in group)


def proposals_for(file: CaseFile, round_number: int, leg: int, record: RecordKey) -> tuple[Proposal, ...]:
    """The proposals in one record."""
    return file.latest(Collection.PROPOSALS, f"{leg_prefix(round_number, leg)}{record}", tuple[Proposal, ...])


def decisions_of(file: CaseFile, leg: int) -> tuple[Decision, ...]:
    """Every decision on words in a leg, all rounds: a new round starts from what was decided."""
    return file.every(Collection.DECISION, Decision, under=f"{leg}/")


def record_decisions_of(file: CaseFile, leg: int) -> dict[RecordKey, RecordDecision]:
    """The standing decision on each record of a leg."""
    kept = file.every(Collection.RECORD_DECISION, RecordDecision, under=f"{leg}/")
    return {d.record: d for d in kept}


def newest_by_key(records: Iterable[Record]) -> dict[RecordKey, Record]:
    """Records by key, the last one given winning."""
    return {r.key: r for r in records}


def clock_facts(state: CaseState, leg: int, *, extension: ExtensionNotice | None = None) -> ClockFacts:
    """One leg's clock as the trail tells it."""
    mine = state.leg(leg)
    given = extension
    if given is None and state.extended_on is not None:
        given = ExtensionNotice(given_on=state.extended_on, reasons="As recorded in the notice.")
    return ClockFacts(
        received_on=state.received_on,
        identity=tuple(AskedAndGot(asked_on=a.asked_on, got_on=a.got_on) for a in mine.identity),
        authority=tuple(AskedAndGot(asked_on=a.asked_on, got_on=a.got_on) for a in mine.authority),
        clarifications=tuple(AskedAndGot(asked_on=a.asked_on, got_on=a.got_on) for a in state.clarifications),
        extension=given,
    )


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
