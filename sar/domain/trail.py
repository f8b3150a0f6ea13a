"""The trail: dated, past-tense, append-only events, hash-chained per case.

Events hold references, dates, codes and keyed digests, never personal data: the trail outlives the
destruction of a case's key and still explains every date and decision.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sar.domain.errors import InvalidInput, TrailBroken
from sar.domain.references import CaseId

Fact = str | int | bool | None


class EventKind(Enum):
    """What happened. The values stand in the trail for good: never rename one."""

    REQUEST_RECEIVED = "request received"
    IDENTITY_ASKED = "identity asked"
    IDENTITY_SHOWN = "identity shown"
    IDENTITY_JUDGED = "identity judged"
    AUTHORITY_ASKED = "authority asked"
    AUTHORITY_SHOWN = "authority shown"
    PATHWAY_CHOSEN = "pathway chosen"
    PATHWAY_DECIDED = "decided without a pack"
    LEG_ADDED = "person added"
    INFORMATION_REQUEST_LOGGED = "information request logged"
    INFORMATION_REQUEST_ANSWERED = "information request answered"
    EVIDENCE_SEEN = "evidence of authority seen"
    CONTACT_CHANGED = "safe contact changed"
    CONTACT_CONFIRMED = "safe contact confirmed"
    CLARIFICATION_ASKED = "clarification asked"
    CLARIFICATION_ANSWERED = "clarification answered"
    EXTENSION_NOTIFIED = "extension notified"
    DATE_CORRECTED = "date corrected"
    ENTRY_WITHDRAWN = "entry withdrawn"
    CONFLICT_RECORDED = "conflict recorded"
    CONFLICT_RESOLVED = "conflict resolved"
    GATHERING_STARTED = "gathering started"
    STORE_ANSWERED = "store answered"
    ANSWER_CARRIED_OVER = "answer carried over"
    GATHERING_ESTIMATED = "gathering estimated"
    GATHERING_CANCELLED = "gathering cancelled"
    GATHERING_COMPLETED = "gathering completed"
    PEOPLE_REGISTERED = "people registered"
    MATCH_DECIDED = "person of a store compared"
    SUBJECT_DETAILS_ADDED = "number or former name added"
    PROPOSALS_MADE = "proposals made"
    RECORD_CLASSED = "class of a record recorded"
    OPINION_ASKED = "opinion asked"
    OPINION_GIVEN = "opinion given"
    OPINION_TO_BE_ASKED_AGAIN = "opinion to be asked again"
    HEALTH_ALREADY_KNOWN = "health information already known to the family"
    SPAN_DECIDED = "span decided"
    RECORD_DECIDED = "record decided"
    SIGNED_OFF = "disclosure signed off"
    SIGN_OFF_RETURNED = "sign-off returned"
    PACK_BUILT = "pack built"
    RELEASE_BLOCKED = "release blocked"
    PACK_RELEASED = "pack released"
    PACK_DELIVERED = "pack delivered"
    PACK_COLLECTED = "pack collected"
    REDACTION_CHALLENGED = "redaction challenged"
    COMPLAINT_OPENED = "complaint opened"
    COMPLAINT_ACKNOWLEDGED = "complaint acknowledged"
    COMPLAINT_ANSWERED = "complaint answered"
    COMPLAINT_ESCALATED = "complaint escalated"
    COMPLAINT_CLOSED = "complaint closed"
    CORRECTION_ASKED = "correction asked"
    CORRECTION_ANSWERED = "correction answered"
    CORRECTION_REPORTED = "correction reported to a holder"
    CORRECTION_CONFIRMED = "correction confirmed by a holder"
    CORRECTION_SEEN = "correction seen in the store"
    CORRECTION_NOT_SEEN = "correction not seen in the store"
    CORRECTION_CLOSED = "correction closed"
    LETTER_SENT = "letter sent"
    CONSULTATION_DECIDED = "consultation decided"
    CONSULTATION_ANSWERED = "consultation answered"
    STORE_TASK_OPENED = "task for a person opened"
    STORE_TASK_SENT = "task sent to the keeper of a store"
    STORE_TASK_CHASED = "task chased"
    STORE_TASK_ESCALATED = "task escalated"
    STORE_TASK_MORE_TIME = "more time asked for a task"
    STORE_TASK_ANSWERED = "task answered by a person"
    HOLD_NOTICE_SENT = "hold notice sent"
    HOLD_TOLD = "keeper of a store told to hold"
    GAP_DECLARED = "gap declared"
    GAP_CLOSED = "gap closed"
    CHANGES_FOUND = "changes after the request found"
    CHANGES_SEEN = "changes after the request looked at"
    DESTROYED = "case destroyed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One thing that happened, at one place in the chain."""

    case: CaseId
    seq: int
    at: datetime
    kind: EventKind
    by: str
    """Staff id, ``family`` or ``sar``."""
    by_role: str
    leg: int | None
    """The leg's number inside the case: its name could be a person's."""
    facts: Mapping[str, Fact]
    previous: str
    digest: str

    def expected_digest(self) -> str:
        """What ``digest`` must be, computed from everything else."""
        return event_digest(
            case=self.case, seq=self.seq, at=self.at, kind=self.kind, by=self.by, by_role=self.by_role,
            leg=self.leg, facts=self.facts, previous=self.previous,
        )  # fmt: skip


START = "0" * 64
"""What the first event of a chain names as the one before it."""


def event_digest(
    *, case: CaseId, seq: int, at: datetime, kind: EventKind, by: str, by_role: str, leg: int | None,
    facts: Mapping[str, Fact], previous: str,
) -> str:  # fmt: skip
    """SHA-256 over the canonical form of an event, the digest before it included."""
    body = json.dumps(
        [case, seq, at.isoformat(), kind.value, by, by_role, leg, dict(sorted(facts.items())), previous],
        ensure_ascii=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(body.encode("ascii")).hexdigest()


def next_event(
    *, case: CaseId, last: Event | None, at: datetime, kind: EventKind, by: str, by_role: str,
    leg: int | None, facts: Mapping[str, Fact],
) -> Event:  # fmt: skip
    """The event that follows ``last``. ``at`` must be aware UTC."""
    if at.tzinfo is None:
        raise InvalidInput("An event needs a time with a time zone.", next_step="Pass an aware UTC time.")
    seq = last.seq + 1 if last else 1
    previous = last.digest if last else START
    digest = event_digest(
        case=case, seq=seq, at=at, kind=kind, by=by, by_role=by_role, leg=leg, facts=facts, previous=previous
    )
    return Event(
        case=case, seq=seq, at=at, kind=kind, by=by, by_role=by_role, leg=leg, facts=dict(facts),
        previous=previous, digest=digest,
    )  # fmt: skip


def verify_chain(events: Iterable[Event]) -> str:
    """The head digest of a whole chain.

    :raises TrailBroken: an event was edited, removed from the middle, or put in another order.
    """
    previous = START
    for seq, event in enumerate(events, start=1):
        if event.seq != seq or event.previous != previous or event.digest != event.expected_digest():
            raise TrailBroken(
                f"The trail does not hold at event {seq}.",
                next_step="Stop releases, keep the data as they are and restore the trail from a backup.",
            )
        previous = event.digest
    return previous
