"""What a subject access clock is told: dated facts, whether they are possible, and what they move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import Enum

from sar.domain.calendar import parse_date
from sar.domain.errors import ImpossibleDate


class ClarificationCounting(Enum):
    """Whether the day a question is asked is itself left out of the count."""

    INCLUSIVE = "inclusive"
    ELAPSED = "elapsed"


class Right(Enum):
    """What is asked for. Only access can be paused by a question."""

    ACCESS = "access"
    RECTIFICATION = "rectification"
    ERASURE = "erasure"
    RESTRICTION = "restriction"
    OBJECTION = "objection"


class WaitingFor(Enum):
    """What the clock waits for. The values are the words shown."""

    IDENTITY = "proof of identity"
    AUTHORITY = "proof of authority"
    FEE = "the fee"
    CLARIFICATION = "an answer to our question"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAndGot:
    """Something asked of the requester, and the day it came; ``None`` while it has not."""

    asked_on: date
    got_on: date | None = None

    @classmethod
    def parse(cls, text: str, *, field: str) -> AskedAndGot:
        """Read ``2026-11-20:2026-12-04``; nothing after the colon means still awaited."""
        asked, colon, got = text.partition(":")
        if not colon:
            raise ImpossibleDate(
                f"The {field} needs two dates with a colon between them.",
                next_step="Write the day it was asked and the day it came, like 2026-11-20:2026-12-04.",
                field=field,
            )
        return cls(
            asked_on=parse_date(asked, field=field),
            got_on=parse_date(got, field=field) if got.strip() else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtensionNotice:
    """The family was told that up to two more months are needed, and why."""

    given_on: date
    reasons: str


class DatedFact(Enum):
    """What a corrected date was the date of."""

    RECEIVED = "received"
    IDENTITY_ASKED = "identity asked"
    IDENTITY_GOT = "identity got"
    AUTHORITY_ASKED = "authority asked"
    AUTHORITY_GOT = "authority got"
    QUESTION_ASKED = "question asked"
    QUESTION_ANSWERED = "question answered"
    MORE_TIME_TOLD = "more time told"


@dataclass(frozen=True, slots=True, kw_only=True)
class DateCorrection:
    """A date put right, or an entry taken back (``now`` is None). It is told, and moves nothing by itself."""

    what: DatedFact
    was: date
    now: date | None
    made_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockFacts:
    """Everything that can move a due date. A correction is a new set of facts, never an edited date."""

    received_on: date
    identity: tuple[AskedAndGot, ...] = ()
    authority: tuple[AskedAndGot, ...] = ()
    fee: tuple[AskedAndGot, ...] = ()
    clarifications: tuple[AskedAndGot, ...] = ()
    extension: ExtensionNotice | None = None
    corrections: tuple[DateCorrection, ...] = ()
    """Already applied to the dates above; here so that they are told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStep:
    """One sentence a parent can read, with the law behind it."""

    text_for_family: str
    statute: str
    on: date


def not_in_the_future(facts: ClockFacts, today: date) -> None:
    """Refuse what has not happened yet: a calculator may look ahead, a case may not."""
    for field, days in _dated(facts):
        if any(day is not None and day > today for day in days):
            raise ImpossibleDate(
                f"The {field} date is in the future.",
                next_step="Enter the day it really happened, or wait until it has.",
                field=field,
            )


def require_possible(facts: ClockFacts) -> None:
    for group, field in (
        (facts.identity, "identity"), (facts.authority, "authority"), (facts.fee, "fee"),
        (facts.clarifications, "clarification"),
    ):  # fmt: skip
        for thing in group:
            if thing.asked_on < facts.received_on:
                raise ImpossibleDate(
                    f"The {field} was asked for before the request was received.",
                    next_step="Check the two dates: the request comes first.",
                    field=field,
                )
            if thing.got_on is not None and thing.got_on < thing.asked_on:
                raise ImpossibleDate(
                    f"The {field} is dated as received before it was asked for.",
                    next_step="Give the day it was asked first, then the day it came.",
                    field=field,
                )


def _dated(facts: ClockFacts) -> Iterator[tuple[str, tuple[date | None, ...]]]:
    yield "received", (facts.received_on,)
    for field, group in (
        ("identity", facts.identity), ("authority", facts.authority), ("fee", facts.fee),
        ("clarification", facts.clarifications),
    ):  # fmt: skip
        for thing in group:
            yield field, (thing.asked_on, thing.got_on)
    if facts.extension is not None:
        yield "extension", (facts.extension.given_on,)
