"""Tasks for a person: looking by hand through a store that no program can ask. A fold of the trail."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from sar.domain.calendar import Calendar, uk_day
from sar.domain.records import RecordKind
from sar.domain.references import StoreName
from sar.domain.trail import Event, EventKind

CHASE_EVERY = 4
"""Working days between two reminders."""
CHASES_BEFORE_ESCALATION = 2
FOUND, NOTHING = "found", "nothing-held"
"""How a task was answered."""
NOT_NEEDED = "not-needed"
"""It ended without an answer: nobody waits for one any more."""

LOOKERS = {
    "records-clerk": "records clerk",
    "records-manager": "records manager",
    "archivist": "archivist",
    "administrator": "administrator",
    "team-manager": "team manager",
    "practitioner": "practitioner",
    "school-staff": "member of school staff",
    "other": "member of staff",
}
"""Who may have looked, by code. A fixed list: the words stand in packs, and a typed one could be a name."""

PAPER_KINDS = {kind.name.lower().replace("_", "-"): kind for kind in RecordKind if not kind.is_generated}
"""What a paper can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One store to be looked through for one data subject."""

    number: int
    store: StoreName
    subject: int
    """The data subject's number inside the case."""
    round: int
    """The round it was opened in. Later rounds wait for the same task while it is open."""
    opened_on: date
    due_on: date
    is_sent: bool = False
    chases: tuple[date, ...] = ()
    escalated_on: date | None = None
    more_time: int = 0
    """How often more time was asked for."""
    answered_on: date | None = None
    outcome: str = ""

    @property
    def is_open(self) -> bool:
        """Nobody has said yet what is there."""
        return self.answered_on is None

    def is_late(self, on: date) -> bool:
        """Past its due day, and open."""
        return self.is_open and self.due_on < on

    def chase_on(self, calendar: Calendar) -> date:
        """The day of the next reminder: the working day after it was due, then every four."""
        since = [day for day in self.chases if day > self.due_on]
        if not since:
            return calendar.add_working_days(self.due_on, 1)
        return calendar.add_working_days(since[-1], CHASE_EVERY)

    def is_to_escalate(self, on: date, calendar: Calendar) -> bool:
        """Two reminders have gone unanswered for as long as a third would take."""
        enough = len(self.chases) >= CHASES_BEFORE_ESCALATION and self.escalated_on is None
        return self.is_open and enough and on >= self.chase_on(calendar)


def tasks_of(events: Iterable[Event]) -> tuple[Task, ...]:
    """Every task of a case, in the order opened."""
    found: dict[int, Task] = {}
    for event in events:
        if event.kind is EventKind.STORE_TASK_OPENED:
            task = _opened(event)
            found[task.number] = task
        elif event.kind in _STEPS and (known := found.get(_number(event, "task"))):
            found[known.number] = _stepped(known, event)
    return tuple(found.values())


def _opened(event: Event) -> Task:
    return Task(
        number=_number(event, "task"),
        store=StoreName(str(event.facts["store"])),
        subject=_number(event, "subject"),
        round=_number(event, "round"),
        opened_on=uk_day(event.at),
        due_on=_day(event, "due_on"),
    )


def _stepped(task: Task, event: Event) -> Task:
    on = uk_day(event.at)
    match event.kind:
        case EventKind.STORE_TASK_SENT:
            return replace(task, is_sent=True)
        case EventKind.STORE_TASK_CHASED:
            return replace(task, chases=(*task.chases, on))
        case EventKind.STORE_TASK_ESCALATED:
            return replace(task, escalated_on=on)
        case EventKind.STORE_TASK_MORE_TIME:
            return replace(task, due_on=_day(event, "until"), more_time=task.more_time + 1)
        case _:
            return replace(task, answered_on=on, outcome=str(event.facts["outcome"]))


_STEPS = frozenset(
    {
        EventKind.STORE_TASK_SENT,
        EventKind.STORE_TASK_CHASED,
        EventKind.STORE_TASK_ESCALATED,
        EventKind.STORE_TASK_MORE_TIME,
        EventKind.STORE_TASK_ANSWERED,
    }
)


def _day(event: Event, name: str) -> date:
    return date.fromisoformat(str(event.facts[name]))


def _number(event: Event, name: str) -> int:
    return int(str(event.facts[name]))
