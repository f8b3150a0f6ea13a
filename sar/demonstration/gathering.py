"""Gathering from the command line: begun, watched, tried out, and its log."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import date, datetime
from enum import Enum

from sar.bootstrap import House
from sar.domain.errors import NotAllowed
from sar.domain.parties import PROGRAM, Actor, StaffRole
from sar.domain.references import CaseReference
from sar.ports.searching import Progress, QuestionRow, QuestionState

WATCH_SECONDS = 0.5
LONGEST_WATCH = 3600
_BAR = 24


def begin_gathering(house: House, reference: CaseReference, *, only_missing: bool, by: str = "") -> str:
    """Start (or join) a case's gathering; what was begun, in words.

    :param by: the username of the officer who ordered it; without one the log says that the program did.
    """
    house.require_controller()
    who = _officer(house, by) if by else PROGRAM
    case = house.archive.find(reference)
    number = house.services.gathering.begin(case, at=house.clock(), by=who, only_missing=only_missing)
    job = house.jobs.start_gathering(case, number)
    return f"Round {number} of {reference} is waiting for a worker (job {job})."


def _officer(house: House, username: str) -> Actor:
    account = house.accounts.staff(house.accounts.staff_named(username))
    if StaffRole.OFFICER not in account.roles:
        raise NotAllowed(
            "Only a records officer may order a search.",
            next_step="Name a records officer with --by.",
            field="by",
        )
    return Actor(id=account.id, name=account.name, roles=account.roles, stores=account.stores)


def watched(house: House, reference: CaseReference) -> Iterator[Progress]:
    """The newest round again and again until it is complete or stopped."""
    ends_at = time.monotonic() + LONGEST_WATCH
    while True:
        progress = _progress(house, reference)
        yield progress
        if progress.state != "running" or time.monotonic() > ends_at:
            return
        time.sleep(WATCH_SECONDS)


def _progress(house: House, reference: CaseReference) -> Progress:
    progress = house.services.gathering.progress(reference)
    if not progress.gaps:
        return progress
    tries = house.jobs.next_attempts(house.archive.find(reference), progress.round)
    return house.services.gathering.progress(reference, next_attempts=tries)


def draw(looks: Iterator[Progress], say: Callable[[str], None]) -> Progress:
    """A bar for each store, drawn anew in place at each look; the last look."""
    drawn = 0
    for look in looks:
        if drawn:
            say(f"\x1b[{drawn}A\x1b[J")
        lines = [*(_bar(q) for q in look.questions), totals(look)]
        say("\n".join(lines) + "\n")
        drawn = len(lines)
    return look


def tell(looks: Iterator[Progress], say: Callable[[str], None], *, as_json: bool) -> Progress:
    """A line for each answer as it comes; the last look."""
    told: set[tuple[str, str, int]] = set()
    for look in looks:
        for row in look.questions:
            mark = (row.store, row.subject, row.attempt)
            if row.state is QuestionState.ANSWERED and mark not in told:
                told.add(mark)
                say(plain_json(row) if as_json else f"  {_line(row)}")
    return look


def _bar(row: QuestionRow) -> str:
    filled = {QuestionState.WAITING: 0, QuestionState.ASKING: _BAR // 2, QuestionState.ANSWERED: _BAR}[
        row.state
    ]
    bar = "#" * filled + "." * (_BAR - filled)
    if row.state is QuestionState.ANSWERED:
        return f"[{bar}] {_line(row)}"
    so_far = f", about {row.records} records so far" if row.records else ""
    return f"[{bar}] {row.label}: {row.state.value}{so_far}"


def _line(row: QuestionRow) -> str:
    again = f", next attempt at {row.next_attempt_at:%H:%M}" if row.next_attempt_at else ""
    return f"{row.label}: {row.answer}, {row.records} records (attempt {row.attempt}{again})"


def totals(look: Progress) -> str:
    """The last line."""
    words = {"complete": "Complete", "stopped": "Stopped"}.get(look.state, "Running")
    answered = f"{look.answered} of {len(look.questions)} questions answered"
    return f"{words}: {answered}, {look.records} records, {look.gaps} questions without an answer."


def plain_json(value: object) -> str:
    """A read model as JSON."""
    return json.dumps(asdict(value), default=_plain, ensure_ascii=False)  # type: ignore[call-overload]  # a dataclass


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, date | datetime):
        return value.isoformat()
    return str(value)
