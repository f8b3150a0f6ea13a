"""What has to hold on the day a pack is made and on the day it is handed over, not on the day of sign-off alone."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from sar.domain.errors import OutOfOrder, SealBroken
from sar.domain.trail import Event, EventKind
from sar.ports.casework import SignedOff, leg_records
from sar.ports.keeping import CaseFile, Collection


class LawfulToday(Protocol):
    """Asks the law's own tests once more of a round that was signed off."""

    def __call__(self, file: CaseFile, *, leg: int, round_number: int, on: date) -> None:
        """Raises DecisionNotSupported with the first thing that does not hold that day.

        :raises OutOfOrder: something came in since that the signed-off round does not hold.
        """
        ...


_CONTENT = frozenset(
    {
        EventKind.PEOPLE_REGISTERED,
        EventKind.PROPOSALS_MADE,
        EventKind.SPAN_DECIDED,
        EventKind.RECORD_DECIDED,
        EventKind.RECORD_CLASSED,
        EventKind.OPINION_GIVEN,
        EventKind.OPINION_TO_BE_ASKED_AGAIN,
        EventKind.HEALTH_ALREADY_KNOWN,
        EventKind.CONSULTATION_ANSWERED,
        EventKind.PATHWAY_CHOSEN,
    }
)
_STANDING = frozenset(
    {
        EventKind.CONFLICT_RECORDED,
        EventKind.AUTHORITY_ASKED,
        EventKind.AUTHORITY_SHOWN,
        EventKind.EVIDENCE_SEEN,
        EventKind.ENTRY_WITHDRAWN,
    }
)
"""Who may ask. At the handing over these are looked at as they stand: a stop that was lifted stops nothing more."""


def require_unchanged(file: CaseFile, leg: int) -> None:
    """What was signed off is what goes out: nothing was decided, added or found to object to since."""
    signing = _last_signing(file, leg)
    if _changed_since(file, leg, signing, _CONTENT | _STANDING):
        raise OutOfOrder(
            "Something about this leg changed after it was signed off.",
            next_step="Return it to review, decide what is new, and sign it off again.",
        )
    signed = file.latest(Collection.SIGNED_OFF, f"{signing.facts['round']}/{leg}", SignedOff)
    if file.keyed_digest(repr(signed).encode()) != signing.facts["content"]:
        raise SealBroken(
            "What was signed off is not what is kept.",
            next_step="Stop, keep the data as they are, and look at who could write there.",
        )


def require_still_signed(file: CaseFile, leg: int, round_number: int) -> None:
    """A released pack is handed over only while nothing it rests on has changed since its sign-off."""
    signing = _last_signing(file, leg, round_number)
    if _changed_since(file, leg, signing, _CONTENT):
        raise OutOfOrder(
            "Something about this leg changed after its pack was signed off, so the pack is not handed over.",
            next_step="Gather once more, decide what is new, and sign it off again: a new pack is made.",
        )


def _last_signing(file: CaseFile, leg: int, round_number: int | None = None) -> Event:
    return [
        e
        for e in file.events()
        if e.kind is EventKind.SIGNED_OFF and e.leg == leg and round_number in {None, e.facts["round"]}
    ][-1]


def _changed_since(file: CaseFile, leg: int, signing: Event, kinds: frozenset[EventKind]) -> bool:
    return any(
        e.kind in kinds and not _confirms(e) and _concerns(file, e, leg, signing)
        for e in file.events()
        if e.seq > signing.seq
    )


def _confirms(event: Event) -> bool:
    """An opinion that finds no harm changes nothing; whether it carries the release, the law's tests ask anew."""
    found = event.kind is EventKind.OPINION_GIVEN and [event.facts.get(part) for part in ("met", "in_part")]
    return found == [0, 0]


def _concerns(file: CaseFile, event: Event, leg: int, signing: Event) -> bool:
    if event.leg in {None, leg}:
        return True
    if event.kind is not EventKind.RECORD_CLASSED:
        return False
    # A class is of the record itself, in whichever leg it was recorded.
    records = leg_records(file, int(str(signing.facts["round"])), leg)
    return event.facts["record"] in {file.keyed_digest(str(r.key).encode()) for r in records}
