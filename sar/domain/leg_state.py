"""One leg of a case as its trail tells it: what was asked and shown, what stops it, and how far it has come."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sar.domain.pathways import SUBJECT_ACCESS


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Something asked for on a day, and the day it came (None while it has not)."""

    asked_on: date
    got_on: date | None = None


def paired(asked: Iterable[date], got: Iterable[date], *, first: Iterable[date] = ()) -> tuple[Asked, ...]:
    """Each question, oldest first, with the day it was closed.

    What comes closes everything asked for by then: a reminder asks for nothing new. ``first``: days of answers
    that an officer marked as answering only the oldest open question.
    The order of entry changes nothing. An answer nobody had asked for by then changes nothing either.
    """
    happened = sorted([*((on, 0) for on in asked), *((on, 1) for on in first), *((on, 2) for on in got)])
    waiting: list[date] = []
    made: list[Asked] = []
    for on, what in happened:
        if what == 0:
            waiting.append(on)
            continue
        closed = len(waiting) if what == 2 else 1  # noqa: PLR2004 - the two kinds of answer above
        made.extend(Asked(asked_on=one, got_on=on) for one in waiting[:closed])
        del waiting[:closed]
    return (*made, *(Asked(asked_on=one) for one in waiting))


def unasked(asked: Iterable[date], got: Iterable[date]) -> int:
    """How many answers came before anything was asked."""
    first_on = min(asked, default=date.max)
    return sum(on < first_on for on in got)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDay:
    """Something of one leg, or of the whole request (``leg`` is None), on a day."""

    leg: int | None
    on: date
    is_only_first: bool = False
    """Of an answer: it closes the oldest open question alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LegState:
    """One leg, replayed."""

    number: int
    received_on: date | None = None
    """Where it came on another day than the request."""
    identity_asked: tuple[date, ...] = ()
    identity_got: tuple[date, ...] = ()
    authority_asked: tuple[date, ...] = ()
    authority_got: tuple[date, ...] = ()
    is_identity_judged: bool = False
    """An officer recorded how they know who is asking, without a doubt that needed proof."""
    evidence: tuple[tuple[str, date], ...] = ()
    """Documents seen, by code, and the day each came."""
    is_authority_uncoded: bool = False
    """Proof was recorded before documents had codes: it stands as it was recorded."""
    conflicts: frozenset[str] = frozenset()
    stopped_by: frozenset[tuple[str, str]] = frozenset()
    """Each stop in force with everybody who recorded it."""
    lifted: frozenset[str] = frozenset()
    """Stops that a person lifted and nobody recorded again."""
    contact_waits: bool = False
    """A new way to reach the recipient is not confirmed yet: nothing is handed over there."""
    is_contact_by_staff: bool = False
    """An officer changed the safe contact: the web form that sent the request cannot any more."""
    reviewed_round: int = 0
    signed_off_round: int = 0
    released_round: int = 0
    delivered_round: int = 0
    collected_at: datetime | None = None
    is_blocked: bool = False
    pathway: str = SUBJECT_ACCESS
    """The law that answers: a code of the law's pathways."""
    whole_route: bool = True
    """Gathered, reviewed and packed. Otherwise a named person's decision answers the leg."""
    decided_on: date | None = None
    outcome: str = ""

    @property
    def identity(self) -> tuple[Asked, ...]:
        """Proofs of identity asked for and shown."""
        return paired(self.identity_asked, self.identity_got)

    @property
    def authority(self) -> tuple[Asked, ...]:
        """Proofs of authority asked for and shown."""
        return paired(self.authority_asked, self.authority_got)

    @property
    def is_known(self) -> bool:
        """Somebody looked at who is asking: a recorded judgement, or proof that came."""
        return self.is_identity_judged or bool(self.identity_got)

    @property
    def waits_for(self) -> str:
        """``identity``, ``authority`` or empty."""
        for word, asks in (("identity", self.identity), ("authority", self.authority)):
            if any(a.got_on is None for a in asks):
                return word
        return ""
