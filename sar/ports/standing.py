"""One leg's right to be answered, as its trail tells it: what is missing, what stops it, what was found.

The one place where the events of ``sar.services.standing`` become the facts of ``sar.domain.authority``.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime

from sar.domain.authority import (
    EVIDENCE_NEEDED,
    AgePresumption,
    AuthorityCheck,
    AuthorityFacts,
    Capacity,
    Evidence,
    assess_authority,
)
from sar.domain.calendar import uk_day
from sar.domain.conflicts import Conflict, known
from sar.domain.errors import AuthorityNotShown, NotAllowed, SARError
from sar.domain.found_conflicts import Found
from sar.domain.leg_state import LegState
from sar.domain.parties import PROGRAM
from sar.domain.trail import EventKind
from sar.ports.casework import leg_of, request_of, state_of
from sar.ports.keeping import CaseFile, Collection
from sar.ports.recording import EventNote, kept_note, note_name

NEUTRAL = (
    "This pack cannot be opened at the moment.",
    "Ring or write to us at the address on our letters.",
)
"""What a family reads, whatever the reason: whoever reads it may be the reason."""


def authority_facts(file: CaseFile, leg: int, *, on: date) -> AuthorityFacts:
    """What is known about one leg's right to ask, on a day: a child's birthday may have come since."""
    mine, state = leg_of(file, leg), state_of(file).leg(leg)
    seen = {evidence for evidence in Evidence if evidence.code in {code for code, _on in state.evidence}}
    if state.waits_for != "identity":
        seen.add(Evidence.IDENTITY_PROVED)
    if state.is_authority_uncoded:
        # Recorded before documents had codes: somebody saw what showed the right.
        seen.update(Evidence)
    return AuthorityFacts(
        capacity=Capacity(mine.capacity),
        subject_age=request_of(file).subject_of(mine).age_on(on),
        identity_doubt="recorded" if state.identity_asked else "",
        seen=frozenset(seen),
        conflicts=known(state.conflicts),
        decided=known(state.lifted) - known(state.conflicts),
    )


def standing_of(file: CaseFile, leg: int, *, on: date, presumption: AgePresumption) -> AuthorityCheck:
    """What is missing and what stops delivery of one leg."""
    return assess_authority(authority_facts(file, leg, on=on), presumption=presumption)


def open_stops(file: CaseFile, state: LegState, *, on: date, presumption: AgePresumption) -> tuple[str, ...]:
    """The codes of every stop in force. A birthday stops what is still to be handed over, not what was."""
    stops = set(state.conflicts)
    if not state.whole_route:
        return tuple(sorted(stops))
    if not _is_handed_over(state):
        check = standing_of(file, state.number, on=on, presumption=presumption)
        stops |= {c.code for c in check.conflicts if c not in known(state.conflicts)}
    return tuple(sorted(stops))


def _is_handed_over(state: LegState) -> bool:
    return bool(state.delivered_round) and state.delivered_round >= state.signed_off_round


def hindrances(file: CaseFile, leg: int, *, on: date, presumption: AgePresumption) -> tuple[SARError, ...]:
    """Everything about the right to ask that stands between a leg and its release."""
    state = state_of(file).leg(leg)
    check = standing_of(file, leg, on=on, presumption=presumption)
    found: list[SARError] = []
    if check.routed_to:
        found.append(
            AuthorityNotShown(
                f"This leg cannot be answered in this capacity any more. {check.why}",
                next_step=f"Answer it as {check.routed_to}.",
            )
        )
    if state.waits_for:
        found.append(
            AuthorityNotShown(
                f"Proof of {state.waits_for} has not been shown for this leg.",
                next_step="Record the proof when it comes; everything is kept until then.",
            )
        )
    elif check.missing:
        found.append(
            AuthorityNotShown(
                "The right to ask for this person's records is not shown yet.",
                next_step=f"Ask for {'; and '.join(proof.words for proof in check.missing)}.",
            )
        )
    if open_stops(file, state, on=on, presumption=presumption):
        found.append(_stopped())
    return tuple(found)


def _stopped() -> SARError:
    return NotAllowed(
        "Delivery is stopped until a person decides on what was recorded about this leg.",
        next_step="Whoever may decide has to lift the stop, with a reason.",
    )


def require_clear(file: CaseFile, leg: int, *, on: date, presumption: AgePresumption) -> None:
    """Refuse while something is missing or a stop is in force. The clock runs on."""
    if found := hindrances(file, leg, on=on, presumption=presumption):
        raise found[0]
    if _is_unknown_again(file, leg):
        raise AuthorityNotShown(
            "How the person who asks is known was taken back, and nothing was recorded since.",
            next_step="Record how you know who is asking, or ask for proof of identity.",
        )


def require_givable(file: CaseFile, leg: int, *, asks_proof: bool, on: date) -> None:
    """Refuse to give anything by a recorded decision while a pack would be refused for the same person.

    :param asks_proof: whether the law that answers wants the capacity shown by documents.
    """
    state, mine = state_of(file).leg(leg), leg_of(file, leg)
    if state.waits_for == "identity" or not state.is_known:
        raise AuthorityNotShown(
            "Nobody has recorded how they know who is asking, or proof of it was asked for and has not come.",
            next_step="Record how you know who is asking, or the proof when it comes.",
        )
    if state.contact_waits:
        raise AuthorityNotShown(
            "A new address waits to be confirmed, so nothing is handed over there.",
            next_step="Confirm it through a contact that was on record, or in another safe way.",
        )
    seen = authority_facts(file, leg, on=on).seen
    needed = EVIDENCE_NEEDED[Capacity(mine.capacity)] if asks_proof else ()
    if missing := [proof.words for proof in needed if not seen & frozenset(proof.any_of)]:
        raise AuthorityNotShown(
            "The right to ask for this person's records is not shown yet.",
            next_step=f"Ask for {'; and '.join(missing)}.",
        )
    if state.conflicts:
        raise _stopped()


def _is_unknown_again(file: CaseFile, leg: int) -> bool:
    """The sign-off rested on a judgement of who asks that does not stand any more."""
    judged = any(e.kind is EventKind.IDENTITY_JUDGED and e.leg == leg for e in file.events())
    return judged and not state_of(file).leg(leg).is_known


def require_openable(file: CaseFile, leg: int, *, presumption: AgePresumption) -> None:
    """Refuse to open a pack that was handed over while it is stopped, in words that give no reason.

    So too once the right to it has fallen: a doubt that came up, a document that was taken back. The age is
    that of the day it was handed over: a birthday shuts nothing.
    """
    state = state_of(file).leg(leg)
    handed_over = [uk_day(e.at) for e in file.events() if e.kind is EventKind.PACK_DELIVERED and e.leg == leg]
    fallen = bool(state.waits_for) or _is_unknown_again(file, leg)
    if handed_over and not fallen:
        check = standing_of(file, leg, on=handed_over[-1], presumption=presumption)
        fallen = bool(check.missing)
    if state.conflicts or state.contact_waits or fallen:
        raise NotAllowed(NEUTRAL[0], next_step=NEUTRAL[1])


def propose_stops(file: CaseFile, leg: int, found: Iterable[Found], *, at: datetime) -> None:
    """Stop a leg for what the program found, and never twice for the same find.

    A find on top of a stop in force is recorded too: whoever lifts the stop reads all it stands on.
    """
    by_conflict: dict[Conflict, list[Found]] = defaultdict(list)
    for find in found:
        by_conflict[find.conflict].append(find)
    for conflict, finds in by_conflict.items():
        name = f"found-stops/{leg}/{conflict.code}"
        known_already = kept_note(file, name, tuple[str, ...]) or ()
        new = [find for find in finds if find.reason not in known_already]
        if not new:
            continue
        file.keep(Collection.NOTE, name, (*known_already, *dict.fromkeys(find.reason for find in new)))
        event = file.record(
            EventKind.CONFLICT_RECORDED, at=at, by=PROGRAM, leg=leg, code=conflict.code, finds=len(new)
        )
        where = "\n".join(dict.fromkeys(find.where for find in new))
        file.keep(Collection.NOTE, note_name(event.seq), EventNote(words=where))
