"""Read models: what the pages show, already in words. Made by ``sar.services.enquiries``, never kept.

They hold personal data of the people the page is for, and nothing out of an undisclosed record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sar.domain.disclosure import Statement
from sar.domain.parties import SafeContact
from sar.domain.references import CaseId, CaseReference
from sar.ports.gaps import GapRow


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueRow:
    """One case in the officer's queue."""

    reference: CaseReference
    received_on: date
    due_on: date | None
    days_left: int | None
    stage: str
    legs: int
    waiting_for: str
    overdue: bool
    also: tuple[str, ...] = ()
    """Parts that another law answers, by title."""
    stopped: int = 0
    """How many legs a stop holds back."""
    gaps: int = 0
    """How many places are still missing from packs that went out."""
    gaps_overdue: int = 0
    escalated: int = 0
    """How many tasks for a person nobody has answered in spite of two reminders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DueRow:
    """One last day that a law sets."""

    title: str
    due_on: date | None
    citation: str
    uncertain: bool
    why_not: str
    """Why there is no day, where there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRow:
    """One way to decide a part that has no pack."""

    code: str
    title: str
    needs_approver: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LawRow:
    """Which law answers a part of the request, and why."""

    code: str
    title: str
    statute: str
    why: str
    told: tuple[str, ...]
    letter: str
    whole_route: bool
    uncertain: bool
    dues: tuple[DueRow, ...]
    outcomes: tuple[OutcomeRow, ...]
    decided_on: date | None
    outcome: str
    outcome_told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationRow:
    """A part that asks for policies, statistics and the like."""

    number: int
    words: str
    received_on: date
    due_on: date | None
    clock_steps: tuple[str, ...]
    clock_law: tuple[str, ...]
    answered_on: date | None
    outcome: str
    outcome_told: str
    law: LawRow


@dataclass(frozen=True, slots=True, kw_only=True)
class AskerRow:
    """Who sent the request, and how they may be reached."""

    name: str
    contact: SafeContact


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressStep:
    """One step of the route as a family sees it."""

    words: str
    state: str
    """``done``, ``now`` or ``next``."""
    on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PackRow:
    """A released pack."""

    leg: int
    round: int
    dated_on: date
    pages: int
    digest: str
    fingerprint: str
    delivered: bool
    collected_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StopRow:
    """What stops a leg's delivery, for staff only."""

    code: str
    words: str
    why: str
    who: str
    """The roles that may lift it, in words."""
    is_silent: bool
    """Not a word of it to the family."""
    found_by_program: bool
    """Nobody has looked at it yet: the program found it."""
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegPage:
    """One leg: whose data, for whom, by when, and where it stands."""

    number: int
    name: str
    subject: str
    recipient: str
    capacity: str
    stage: str
    stage_words: str
    due_on: date | None
    start_on: date | None
    extension_notice_by: date | None
    clock_steps: tuple[str, ...]
    clock_law: tuple[str, ...]
    waiting_for: str
    records: int
    undecided_records: int
    proposals: int
    undecided: int
    round: int
    signed_off_round: int
    """The round that the standing sign-off is about; 0 without one."""
    pack: PackRow | None
    conflicts: tuple[str, ...]
    contact: SafeContact
    """How the recipient may be reached, and what must not be done. For staff, and for the recipient alone."""
    blocked_places: tuple[str, ...]
    """Where the gate stopped the last release; empty when it did not."""
    progress: tuple[ProgressStep, ...]
    cautions: tuple[str, ...] = ()
    """What an officer should look at beside the due date. Not for families."""
    stops: tuple[StopRow, ...] = ()
    """The same stops as ``conflicts``, with what staff need to decide. Empty on a family's page."""
    missing: tuple[str, ...] = ()
    """What still has to be seen before the right to ask is shown, in words."""
    address_waits: bool = False
    """A new way to reach the recipient is not confirmed: nothing is handed over there."""
    law: LawRow | None = None
    """Which law answers, and why."""
    is_living: bool = True
    gaps: tuple[GapRow, ...] = ()
    """Places missing from its packs, each with its own clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatedRow:
    """One dated entry that moves the clock, as it stands now."""

    event: int
    words: str
    leg: int | None
    subject: str
    """Whose records; empty for the whole request."""
    on: date
    was: date
    """The day first entered."""
    withdrawn: bool
    can_withdraw: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreRow:
    """One store's answer about one data subject."""

    store: str
    label: str
    controller: str
    subject: str
    answer: str
    records: int
    held_back: int
    asked_at: datetime
    attempt: int
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBackRow:
    """One item a person must look at."""

    label: str
    record: str
    why: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineRow:
    """One event in words."""

    at: datetime
    words: str
    who: str
    leg: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskRow:
    """A complaint or a correction on the complaints team's desk, or in a case."""

    reference: CaseReference
    kind: str
    """``complaint`` or ``correction``."""
    id: str
    title: str
    stage: str
    opened_on: date
    next_due_on: date | None
    next_step: str
    overdue: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CasePage:
    """A case as an officer sees it."""

    id: CaseId
    reference: CaseReference
    received_on: date
    channel: str
    nation: str
    wording: str
    legs: tuple[LegPage, ...]
    round: int
    gathering: str
    """``not started``, ``running`` or ``complete``."""
    stores: tuple[StoreRow, ...]
    held_back: tuple[HeldBackRow, ...]
    timeline: Sequence[TimelineRow]
    """Every event."""
    complaints: tuple[DeskRow, ...]
    corrections: tuple[DeskRow, ...]
    information: tuple[InformationRow, ...] = ()
    beside: tuple[LawRow, ...] = ()
    """What the family is told beside the law of each leg."""
    asker: AskerRow | None = None
    happened: tuple[TimelineRow, ...] = ()
    """Every event, with a run of decisions in one row."""
    across: tuple[AcrossRow, ...] = ()
    """What the legs contradict together. For staff: it tells of one leg what only another holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AcrossRow:
    """Entries about one alert, in the legs of several people, that do not agree."""

    words: str
    sides: tuple[tuple[str, str], ...]
    """Whose leg, and the record there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewRow:
    """One record in a leg's review list."""

    record: str
    kind: str
    dated_on: date
    origin: str
    proposals: int
    undecided: int
    outcome: str
    generated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FamilyPage:
    """A case as one family account sees it: only the legs granted to it."""

    id: CaseId
    reference: CaseReference
    received_on: date
    legs: tuple[LegPage, ...]
    complaints: tuple[DeskRow, ...]
    corrections: tuple[DeskRow, ...]
    next_steps: tuple[Statement, ...]
    information: tuple[InformationRow, ...] = ()
    beside: tuple[LawRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintPage:
    """One complaint with its stages and dates."""

    id: str
    reference: CaseReference
    route: str
    route_title: str
    about: str
    words: str
    status: str
    stage_title: str
    opened_on: date
    acknowledge_by: date | None
    answer_by: date | None
    history: tuple[TimelineRow, ...]
    next_step: str
    next_due_on: date | None
    citation: str
    leg: int | None = None
    """The leg it is about; None for the request as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRow:
    """One copy of an error and how it stands."""

    place: str
    label: str
    controller: str
    state: str
    checked_on: date
    note: str
    is_ours: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerRow:
    """The answer to a request to put a record right."""

    outcome: str
    answered_on: date
    reason: str
    said: str
    statement: str
    ways_on: tuple[Statement, ...]
    """What can be done by somebody who is not content; empty where everything asked for was done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionPage:
    """One correction and every place it must reach."""

    id: str
    reference: CaseReference
    what_is_wrong: str
    what_it_should_say: str
    asked_on: date
    answer_by: date
    places: tuple[PlaceRow, ...]
    status: str
    next_step: str
    leg: int = 1
    answer: AnswerRow | None = None
