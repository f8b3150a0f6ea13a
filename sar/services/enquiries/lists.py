"""The officer's queue and the complaints team's desk: lists over every case that open only those that changed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import date
from enum import Enum
from functools import cached_property
from typing import Protocol, TypeVar

from sar.domain.case import CaseState, Stage
from sar.domain.clock import Deadline, replay
from sar.domain.complaints import Complaint, next_step_shown
from sar.domain.complaints import state_of as complaint_state
from sar.domain.parties import AccessRequest
from sar.domain.references import CaseReference
from sar.domain.statutes import Law
from sar.domain.tasks import tasks_of
from sar.ports.casework import clock_facts, complaints_of, corrections_of, request_of, state_of
from sar.ports.gaps import open_gaps
from sar.ports.keeping import Archive, CaseFile, Glance
from sar.ports.pages import DeskRow, QueueRow
from sar.ports.standing import open_stops
from sar.services.enquiries.law_pages import LawPages
from sar.services.enquiries.pathways import information_stages, leg_due, other_laws
from sar.services.enquiries.rows import correction_row, in_queue, questions_out

_FORM = 1
"""Goes up when a row says anything else than before of the same case: what is kept is then made again."""
_AT_ONCE = 200
"""Cases opened before what was made of them is kept: the first list of a large house is not lost half-way."""
_DONE = frozenset({Stage.RELEASED, Stage.DELIVERED, Stage.ANSWERED})
_HANDED_OVER = _DONE - {Stage.RELEASED}


class _Kept(Protocol):
    """What is kept of a case for a list."""

    @property
    def good_until(self) -> date | None:
        """The first day on which it may say something else though nothing was recorded."""
        ...


T = TypeVar("T", bound=_Kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueGlance:
    """A row of the queue before the day it is shown on: no names and no words of anybody."""

    received_on: date
    due_on: date | None
    stage: str
    is_finished: bool
    legs: int
    waiting_for: str
    also: tuple[str, ...]
    stopped: int
    gaps_due: tuple[date | None, ...]
    """Of each place that is missing from a pack that went out, the leg's own last day."""
    escalated: int
    good_until: date | None = None
    """The next birthday of anybody it is about: an age can stop a delivery."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ComplaintGlance:
    """A complaint by its dates alone, from which its next step is worked out each day."""

    id: str
    complaint: Complaint


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskGlance:
    """What the desk shows of a case."""

    complaints: tuple[ComplaintGlance, ...]
    corrections: tuple[DeskRow, ...]
    good_until: date | None = None


class Lists(LawPages):
    """Rows of many cases. They come from what was kept of each case, sealed, while nothing happened there."""

    def __init__(self, *, archive: Archive, law: Law) -> None:
        super().__init__(law=law)
        self._archive = archive

    def queue(self, *, on: date) -> tuple[QueueRow, ...]:
        """Open cases, overdue gaps and then the nearest due date first; those whose clock has not started last."""
        made = self._glances("queue", QueueGlance, lambda file: self._queue_glance(file, on), on)
        return tuple(sorted((_queue_row(reference, kept, on) for reference, kept in made), key=in_queue))

    def complaints_desk(self, *, on: date) -> tuple[DeskRow, ...]:
        """Every complaint and correction, the nearest date first."""
        rows: list[DeskRow] = []
        for reference, kept in self._glances("desk", DeskGlance, lambda file: _desk_glance(file, on), on):
            rows += [self._complaint_row(reference, c.id, c.complaint, on) for c in kept.complaints]
            rows += [replace(row, overdue=_is_past(row.next_due_on, on)) for row in kept.corrections]
        return tuple(sorted(rows, key=lambda r: (r.next_due_on is None, r.next_due_on or r.opened_on)))

    def _glances(
        self, shown_in: str, kind: type[T], make: Callable[[CaseFile], T], on: date
    ) -> Iterator[tuple[CaseReference, T]]:
        """Of each case what was kept, or else what is made of it now and kept for the next time."""
        new: list[Glance] = []
        for head, kept in self._archive.glances(shown_in, kind, basis=self._basis):
            if kept is not None and (kept.good_until is None or on < kept.good_until):
                yield head.reference, kept
                continue
            with self._archive.reading(head.id) as file:
                made = make(file)
                new.append(Glance(case=head.id, seq=file.events()[-1].seq, value=made))
            yield head.reference, made
            if len(new) == _AT_ONCE:
                self._archive.keep_glances(shown_in, new, basis=self._basis)
                new = []
        self._archive.keep_glances(shown_in, new, basis=self._basis)

    @cached_property
    def _basis(self) -> str:
        return hashlib.sha256(f"{_FORM}\n{_told(self._law)}".encode()).hexdigest()

    def _queue_glance(self, file: CaseFile, on: date) -> QueueGlance:
        state = state_of(file)
        dues = {n: self._leg_due(state, n) for n in state.legs}
        parts = [(dues[n], state.stage(n)) for n in state.legs]
        parts += information_stages(self._law, state)
        still_open = [part for part in parts if part[1] not in _DONE]
        first = min((stage for _, stage in parts), key=list(Stage).index)
        stops = [
            open_stops(file, leg, on=on, presumption=self._law.age_presumption) for leg in state.legs.values()
        ]
        return QueueGlance(
            received_on=state.received_on,
            due_on=min((due for due, _ in still_open or parts if due is not None), default=None),
            stage=first.value,
            is_finished=first in _DONE,
            legs=len(state.legs),
            waiting_for=", ".join(sorted({leg.waits_for for leg in state.legs.values() if leg.waits_for})),
            also=(*other_laws(self._law, state), *questions_out(file.events())),
            stopped=sum(map(bool, stops)),
            gaps_due=tuple(
                dues[n]
                for n in state.legs
                for gap in open_gaps(file, n)
                if gap.round <= state.leg(n).released_round
            ),
            escalated=sum(t.is_open and t.escalated_on is not None for t in tasks_of(file.events())),
            # Of what was handed over nothing is stopped by an age, and its words may be destroyed by now.
            good_until=_next_birthday(request_of(file), on)
            if any(stage not in _HANDED_OVER for _, stage in parts)
            else None,
        )

    def _leg_due(self, state: CaseState, leg: int) -> date | None:
        if not state.leg(leg).whole_route:
            return leg_due(self._law, state, leg)
        return self._deadline(state, leg).due_on

    def _deadline(self, state: CaseState, leg: int) -> Deadline:
        return replay(
            clock_facts(state, leg), calendar=self._law.calendar, counting=self._law.clarification_counting,
            refuse=False,
        )  # fmt: skip

    def _complaint_row(self, reference: CaseReference, name: str, complaint: Complaint, on: date) -> DeskRow:
        state = complaint_state(complaint, self._law)
        step = next_step_shown(complaint, self._law, on)
        route = self._law.route(complaint.route)
        return DeskRow(
            reference=reference,
            kind="complaint",
            id=name,
            title=route.title,
            stage=f"{route.stage(state.stage).title}: {state.status}",
            opened_on=state.opened_on,
            next_due_on=step.due_on,
            next_step=step.text,
            overdue=step.overdue,
        )


def _queue_row(reference: CaseReference, kept: QueueGlance, on: date) -> QueueRow:
    return QueueRow(
        reference=reference,
        received_on=kept.received_on,
        due_on=kept.due_on,
        days_left=(kept.due_on - on).days if kept.due_on else None,
        stage=kept.stage,
        legs=kept.legs,
        waiting_for=kept.waiting_for,
        overdue=_is_past(kept.due_on, on) and not kept.is_finished,
        also=kept.also,
        stopped=kept.stopped,
        gaps=len(kept.gaps_due),
        gaps_overdue=sum(_is_past(due, on) for due in kept.gaps_due),
        escalated=kept.escalated,
    )


def _desk_glance(file: CaseFile, on: date) -> DeskGlance:
    return DeskGlance(
        complaints=tuple(ComplaintGlance(id=c.id, complaint=c.complaint) for c in complaints_of(file)),
        corrections=tuple(correction_row(file, c, on) for c in corrections_of(file)),
    )


def _is_past(due_on: date | None, on: date) -> bool:
    return due_on is not None and due_on < on


def _next_birthday(request: AccessRequest, on: date) -> date | None:
    """The first day after this one on which somebody the request is about is a year older."""
    ages = ((subject, subject.age_on(on)) for subject in request.subjects)
    return min((_birthday(subject.born_on, age + 1) for subject, age in ages), default=None)


def _birthday(born_on: date, age: int) -> date:
    try:
        return born_on.replace(year=born_on.year + age)
    except ValueError:  # Born on 29 February, and it is no leap year.
        return date(born_on.year + age, 3, 1)


def _told(value: object) -> str:
    """A value of the law in full, the same in every process."""
    if isinstance(value, Enum):
        return value.name
    if is_dataclass(value) and not isinstance(value, type):
        return f"{type(value).__name__}({','.join(_told(getattr(value, f.name)) for f in fields(value))})"
    if isinstance(value, Mapping):
        return f"{{{','.join(sorted(f'{_told(k)}:{_told(v)}' for k, v in value.items()))}}}"
    if isinstance(value, AbstractSet):
        return f"{{{','.join(sorted(map(_told, value)))}}}"
    if isinstance(value, tuple | list):
        return f"[{','.join(map(_told, value))}]"
    if value is None or isinstance(value, str | int | float | date):
        return repr(value)
    raise TypeError(type(value).__name__)
