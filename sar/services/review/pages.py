"""The pages sar writes for one leg, from the records that may go out as far as somebody has decided."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sar.domain.calendar import uk_day
from sar.domain.complaints import next_step_shown
from sar.domain.complaints import state_of as state_of_complaint
from sar.domain.parties import Leg, PeopleRegister
from sar.domain.records import Record
from sar.domain.rectification import only_seen
from sar.domain.redaction import Outcome
from sar.domain.statutes import Law
from sar.domain.written import generated_pages, people_page, trail_page
from sar.ports.casework import (
    answers_of,
    complaints_of,
    corrections_of,
    leg_records,
    reader_of,
    record_decisions_of,
    request_of,
)
from sar.ports.keeping import CaseFile


def pages_of(
    file: CaseFile, leg: Leg, number: int, register: PeopleRegister, *, law: Law, at: datetime
) -> tuple[Record, ...]:
    """The pages sar writes, from the records that may go out as far as somebody has decided."""
    outcomes = record_decisions_of(file, leg.number)
    found = [
        r
        for r in leg_records(file, number, leg.number)
        if not r.kind.is_generated
        and not ((d := outcomes.get(r.key)) and d.version == r.version and d.outcome is not Outcome.DISCLOSE)
    ]
    reader = reader_of(request_of(file), leg)
    written = generated_pages(
        found, answers_of(file, number), subject=leg.subject, at=at, reader=reader, expected=law.alert_review
    )
    people = people_page(register, found, subject=leg.subject, at=at)
    trail = _trail_page(file, leg, found, law=law, at=at)
    return (*written, people, *([trail] if trail else []))


def _trail_page(
    file: CaseFile, leg: Leg, found: Sequence[Record], *, law: Law, at: datetime
) -> Record | None:
    complaints = [
        (
            law.route(c.complaint.route).title,
            state_of_complaint(c.complaint, law),
            next_step_shown(c.complaint, law, uk_day(at)),
        )
        for c in complaints_of(file)
        if c.leg == leg.number
    ]
    corrections = [only_seen(c, found) for c in corrections_of(file) if c.leg == leg.number]
    return trail_page(complaints, corrections, subject=leg.subject, at=at)
