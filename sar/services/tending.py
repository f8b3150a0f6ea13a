"""What has to be done by itself, again and again: hold notices, tasks for a person, reminders, escalations.

Each thing is sent first and recorded after. A crash between the two sends it again, under the same message id,
rather than not at all.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sar.domain.calendar import uk_day
from sar.domain.case import CaseState, Stage
from sar.domain.errors import SARError
from sar.domain.holds import holds_of
from sar.domain.parties import PROGRAM
from sar.domain.references import CaseId, StoreName, SubjectId
from sar.domain.statutes import Law
from sar.domain.tasks import NOT_NEEDED, Task, tasks_of
from sar.domain.trail import EventKind, Fact
from sar.ports.answering import fresh_answers
from sar.ports.by_hand import waiting_questions
from sar.ports.casework import gathered_legs, request_of, state_of
from sar.ports.disclosing import NoticeFacts, NoticeWriter, Outbox
from sar.ports.gaps import unsettled_places
from sar.ports.gathering import Agreement, StoreDescription, relied_on
from sar.ports.keeping import Archive, CaseFile, Look

_log = logging.getLogger(__name__)
_LOOKS_AT_ONCE = 100
_FINISHED = frozenset({Stage.RELEASED, Stage.DELIVERED, Stage.ANSWERED})
SECTION_173 = "https://www.legislation.gov.uk/ukpga/2018/12/section/173"


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """Who writes to the keepers of stores, and which stores there are."""

    organisation: str
    contact: tuple[str, ...]
    site: str
    controller: str
    stores: tuple[StoreDescription, ...]
    agreements: tuple[Agreement, ...] = ()

    @property
    def digest(self) -> str:
        """Of all that makes a notice due or not: another store, keeper or agreement gives another one."""
        return hashlib.sha256(repr((self.controller, self.stores, self._agreed)).encode()).hexdigest()

    @property
    def _agreed(self) -> list[tuple[object, ...]]:
        return [(a.reference, sorted(a.between), a.agreed_on, a.ends_on) for a in self.agreements]

    def asked_on(self, on: date) -> tuple[StoreDescription, ...]:
        """The stores we may read that day: another body's, without an agreement, learn nothing of us."""
        return tuple(s for s in self.stores if self.may_read(s, on))

    def may_read(self, store: StoreDescription, on: date) -> bool:
        """Whether it is our own, or a recorded agreement covers it that day."""
        ours, theirs = self.controller, store.controller
        return ours == theirs or relied_on(self.agreements, ours=ours, theirs=theirs, on=on) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """One notice that has to leave, and what is recorded once it has left."""

    notice: str
    store: StoreDescription
    to: str
    event: EventKind
    facts: Mapping[str, Fact]
    is_done: Callable[[CaseFile], bool]
    """Whether somebody else has recorded it since."""
    days: Mapping[str, date]
    number: int = 0
    task: int = 0


class Tending:
    """Does what is due in every case; done twice at one moment it changes nothing."""

    def __init__(
        self, *, archive: Archive, law: Law, outbox: Outbox, writer: NoticeWriter, writing: Writing
    ) -> None:
        self._archive = archive
        self._law = law
        self._outbox = outbox
        self._writer = writer
        self._writing = writing
        self._stores = {s.name: s for s in writing.stores}

    def tend(self, *, at: datetime) -> int:
        """Do everything that is due by now in all cases; how many things were done.

        A case in which nothing was due is not opened again that day unless something happens in it or the settings
        change; one that is over not before something happens in it.
        """
        on, basis, done = uk_day(at), self._writing.digest, 0
        looks: list[Look] = []
        for case in self._archive.to_look_at(on=on, basis=basis):
            count, look = self._tend(case, at)
            done += count
            looks += [look] if look else []
            if len(looks) == _LOOKS_AT_ONCE:
                self._archive.looked_at(looks, on=on, basis=basis)
                looks = []
        self._archive.looked_at(looks, on=on, basis=basis)
        return done

    def tend_case(self, case: CaseId, *, at: datetime) -> int:
        """The same for one case. One thing that cannot be done does not stop the others: it stays due."""
        return self._tend(case, at)[0]

    def _tend(self, case: CaseId, at: datetime) -> tuple[int, Look | None]:
        """How many things were done; and the look, where nothing was due."""
        try:
            done = self._open_tasks(case, at)
            with self._archive.reading(case) as file:
                due = tuple(self._due(file, uk_day(at)))
                look = None if done or due else _look_of(file)
        except Exception as fault:  # noqa: BLE001 - whatever is wrong with one case, the others are tended
            _log.error("A case could not be tended (%s).", _code(fault))
            return 0, None
        return done + sum(self._send(case, one, at) for one in due), look

    def _open_tasks(self, case: CaseId, at: datetime) -> int:
        with self._archive.reading(case) as file:
            if not self._to_open(file, on=uk_day(at)) and not self._to_end(file):
                return 0
        with self._archive.writing(case) as file:
            ended = self._to_end(file)
            for task in ended:
                file.record(
                    EventKind.STORE_TASK_ANSWERED, at=at, by=PROGRAM, task=task.number, store=task.store,
                    round=task.round, outcome=NOT_NEEDED,
                )  # fmt: skip
            wanted = self._to_open(file, on=uk_day(at))
            for store, subject, number in wanted:
                days = self._stores[store].days_allowed
                due_on = self._law.calendar.add_working_days(uk_day(at), days)
                file.record(
                    EventKind.STORE_TASK_OPENED, at=at, by=PROGRAM, task=len(tasks_of(file.events())) + 1,
                    store=store, subject=subject, round=number, due_on=due_on.isoformat(),
                )  # fmt: skip
            return len(wanted) + len(ended)

    def _to_open(self, file: CaseFile, *, on: date) -> Sequence[tuple[StoreName, int, int]]:
        if state_of(file).destroyed:
            return ()
        there = {(t.store, t.subject) for t in tasks_of(file.events()) if t.is_open}
        return [q for q in _still_waiting(file) if q[:2] not in there and self._is_read(q[0], on)]

    def _to_end(self, file: CaseFile) -> Sequence[Task]:
        """Tasks that nobody waits for any more: their gap was closed, or the store was asked in another way."""
        tasks = [t for t in tasks_of(file.events()) if t.is_open]
        if not tasks or state_of(file).destroyed:
            return ()
        waiting = {q[:2] for q in _still_waiting(file)}
        return [t for t in tasks if (t.store, t.subject) not in waiting]

    def _is_read(self, store: StoreName, on: date) -> bool:
        """Whether a store is set up, and ours to ask that day: a keeper of another body is not sent to look."""
        return store in self._stores and self._writing.may_read(self._stores[store], on)

    def _due(self, file: CaseFile, on: date) -> Iterator[_Due]:
        state = state_of(file)
        if state.destroyed:
            return
        if _is_open(state) and gathered_legs(file):
            yield from self._holds(file, state, on)
        for task in tasks_of(file.events()):
            if task.is_open and self._is_read(task.store, on):
                yield from self._task_notices(task, on)

    def _holds(self, file: CaseFile, state: CaseState, on: date) -> Iterator[_Due]:
        told = holds_of(file.events())
        for store in self._writing.asked_on(on):
            if store.owner and store.name not in told:
                yield _Due(
                    notice="hold-notice", store=store, to=store.owner, event=EventKind.HOLD_NOTICE_SENT,
                    facts={"store": store.name}, is_done=_is_held(store.name),
                    days={"received_on": state.received_on},
                )  # fmt: skip

    def _task_notices(self, task: Task, on: date) -> Iterator[_Due]:
        store, calendar = self._stores[task.store], self._law.calendar
        days = {"opened_on": task.opened_on, "due_on": task.due_on}
        named: dict[str, Fact] = {"task": task.number, "store": task.store}
        if not task.is_sent:
            yield _Due(
                notice="task-opened", store=store, to=store.owner, event=EventKind.STORE_TASK_SENT, facts=named,
                is_done=_was(task, lambda t: t.is_sent), days=days, task=task.number,
            )  # fmt: skip
        if on < task.chase_on(calendar):
            return
        number = len(task.chases) + 1
        if task.is_to_escalate(on, calendar):
            yield _Due(
                notice="task-escalated", store=store, to=store.escalate_to,
                event=EventKind.STORE_TASK_ESCALATED, facts=named,
                is_done=_was(task, lambda t: t.escalated_on is not None), days=days, task=task.number,
            )  # fmt: skip
        yield _Due(
            notice="task-chased", store=store, to=store.owner, event=EventKind.STORE_TASK_CHASED,
            facts={**named, "chase": number}, is_done=_was(task, lambda t: len(t.chases) >= number), days=days,
            number=number, task=task.number,
        )  # fmt: skip

    def _send(self, case: CaseId, due: _Due, at: datetime) -> int:
        try:
            with self._archive.reading(case) as file:
                facts = self._facts(file, due, uk_day(at))
            self._outbox.send(self._writer.notice(facts), at=at)
            with self._archive.writing(case) as file:
                if due.is_done(file):
                    return 0
                file.record(due.event, at=at, by=PROGRAM, leg=None, **due.facts)
        except Exception as fault:  # noqa: BLE001 - nor does one notice stop the next
            # Neither the address nor the cause: both can name somebody.
            _log.error("A notice to the keeper of %s did not leave (%s).", due.store.name, _code(fault))
            return 0
        return 1

    def _facts(self, file: CaseFile, due: _Due, on: date) -> NoticeFacts:
        by = self._writing
        mark = f"{due.notice}/{due.store.name}/{due.task}/{due.number}"
        site = by.site.rstrip("/")
        return NoticeFacts(
            kind=due.notice,
            reference=str(file.reference),
            store_label=due.store.label,
            address=due.to,
            organisation=by.organisation,
            contact=by.contact,
            link=f"{site}/tasks/{file.reference}/{due.task}" if due.task else SECTION_173,
            dated_on=on,
            days=due.days,
            number=due.number,
            message_id=file.keyed_digest(mark.encode())[:32],
        )


def _look_of(file: CaseFile) -> Look:
    state, events = state_of(file), file.events()
    waits = (
        (_is_open(state) and gathered_legs(file))
        or any(t.is_open for t in tasks_of(events))
        or _still_waiting(file)
    )
    return Look(case=file.id, seq=events[-1].seq, is_over=state.destroyed or not waits)


def _is_open(state: CaseState) -> bool:
    """Whether any part still waits for its answer. A request answered long ago needs no notice any more."""
    return any(state.stage(number) not in _FINISHED for number in state.legs)


def _still_waiting(file: CaseFile) -> list[tuple[StoreName, int, int]]:
    """The questions that wait for a person: none that was answered since, and none whose gap a person closed."""
    waiting = waiting_questions(file)
    if not waiting:
        return []
    subjects = request_of(file).subjects
    answered = {(a.store, a.subject) for a in fresh_answers(file)}
    return [
        (store, number, asked_in)
        for store, number, asked_in in waiting
        if (store, subjects[number - 1].id) not in answered
        and not _is_settled(file, store, subjects[number - 1].id, asked_in)
    ]


def _is_settled(file: CaseFile, store: StoreName, subject: SubjectId, asked_in: int) -> bool:
    """Whether every part about a person was told by an officer that the place holds nothing."""
    if state_of(file).gathered_round < asked_in:
        return False
    legs = [leg.number for leg in gathered_legs(file) if leg.subject == subject]
    unsettled = ({m.store for m in unsettled_places(file, asked_in, leg)} for leg in legs)
    return bool(legs) and all(store not in stores for stores in unsettled)


def _is_held(store: StoreName) -> Callable[[CaseFile], bool]:
    return lambda file: store in holds_of(file.events())


def _was(task: Task, is_so: Callable[[Task], bool]) -> Callable[[CaseFile], bool]:
    def check(file: CaseFile) -> bool:
        now = next(t for t in tasks_of(file.events()) if t.number == task.number)
        return not now.is_open or is_so(now)

    return check


def _code(fault: Exception) -> str:
    """What may be logged of a fault: never its words, which can hold a name."""
    return fault.code if isinstance(fault, SARError) else type(fault).__name__
