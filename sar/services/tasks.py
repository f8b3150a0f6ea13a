"""Tasks for a person: what whoever keeps a store found there, that nothing is held, or that they need more time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sar.domain.calendar import uk_day
from sar.domain.clock import replay
from sar.domain.errors import AlreadyDone, ImpossibleDate, InvalidInput, NotAllowed, NotFound, StoreNotOurs
from sar.domain.parties import Actor, DataSubject, StaffRole
from sar.domain.records import (
    AnswerKind,
    HeldBack,
    Passage,
    Provenance,
    Record,
    StoreAnswer,
)
from sar.domain.references import CaseId, CaseReference, RecordKey, StoreName
from sar.domain.statutes import Law
from sar.domain.tasks import FOUND, LOOKERS, NOTHING, Task, tasks_of
from sar.domain.trail import EventKind
from sar.ports.answering import place_of
from sar.ports.by_hand import (
    FoundByHand,
    Looked,
    Original,
    Paper,
    PaperReader,
    ReadByHand,
    TaskPage,
    TaskRow,
    came_late,
    found_name,
    handed_in,
    require_papers,
    subject_of,
    task_of,
    waiting_questions,
)
from sar.ports.casework import clock_facts, request_of, state_of
from sar.ports.deciding import WhoDecides
from sar.ports.gathering import Agreement, StoreDescription, relied_on
from sar.ports.keeping import Archive, CaseFile, Collection
from sar.ports.recording import kept_note, record_with_words, require_day, require_said
from sar.ports.searching import terms_of


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A paper with what the program could read of it."""

    paper: Paper
    said: ReadByHand


class Tasks:
    """Shows a keeper their own tasks, and takes in what they found."""

    def __init__(
        self, *, archive: Archive, law: Law, stores: tuple[StoreDescription, ...], reader: PaperReader,
        controller: str, who: WhoDecides, agreements: Sequence[Agreement] = (),
    ) -> None:  # fmt: skip
        """``controller`` is our own body: what another's store holds is taken in only under an agreement.

        :param who: for whom each officer acts.
        """
        self._who = who
        self._archive = archive
        self._law = law
        self._stores = {s.name: s for s in stores}
        self._reader = reader
        self._controller = controller
        self._agreements = tuple(agreements)

    def mine(self, *, on: date, by: Actor) -> tuple[TaskRow, ...]:
        """Every task that this person may answer, the open ones first, the nearest day first."""
        _require_role(by)
        rows: list[TaskRow] = []
        for head in self._archive.heads():
            with self._archive.reading(head.id) as file:
                if any(e.kind is EventKind.DESTROYED for e in file.events()):
                    continue
                mine = (t for t in tasks_of(file.events()) if _may(by, t.store) and self._may_see(by, t, on))
                rows += (self._row(file, t, on) for t in mine)
        return tuple(sorted(rows, key=lambda r: (not r.is_open, r.due_on, str(r.reference), r.number)))

    def of_case(self, case: CaseId, *, on: date) -> tuple[TaskRow, ...]:
        """Every task of a case, for its officers."""
        with self._archive.reading(case) as file:
            return tuple(self._row(file, t, on) for t in tasks_of(file.events()))

    def page(self, reference: CaseReference, number: int, *, on: date, by: Actor) -> TaskPage:
        """One task. Raises NotFound for one that is not theirs: the two are not told apart.

        :raises StoreNotOurs: it is another body's keeper who asks, and no agreement is in force that day.
        """
        _require_role(by)
        with self._archive.reading(self._archive.find(reference)) as file:
            task = self._open_to(file, number, by, on=on)
            store = self._stores.get(task.store)
            return TaskPage(
                case=file.id,
                round=task.round,
                row=self._row(file, task, on),
                holds=store.holds if store else "",
                subject=subject_of(file, task),
                received_on=state_of(file).received_on,
                latest_more_time=self._latest(file, task, on),
            )

    def found(
        self, case: CaseId, number: int, *, papers: Sequence[Paper], looked: Looked, at: datetime, by: Actor
    ) -> int:
        """Take in papers; how many could not be read as a whole and are held back.

        A task that was answered takes more: what is found later is not turned away.

        :raises InvalidInput: a paper is empty, too large or dated in the future; nothing is stored.
        """
        with self._archive.reading(case) as file:
            self._require_ours(self._open_to(file, number, by).store, at, by)
            self._check(file, looked, at)
        require_papers(papers, at=at)
        # Reading takes its time, in a process of its own: no transaction waits for it.
        read = [_Read(paper=p, said=self._reader.read(p.content, name=p.file_name)) for p in papers]
        with self._archive.writing(case) as file:
            task = self._open_to(file, number, by)
            kept = self._with_papers(file, task, read, looked, at)
            self._answer(file, task, kept, FOUND, at=at, by=by)
            return sum(bool(r.said.unread) for r in read)

    def nothing_held(self, case: CaseId, number: int, *, looked: Looked, at: datetime, by: Actor) -> None:
        """A person looked and nothing is there: their name stands under it, sealed."""
        with self._archive.writing(case) as file:
            task = self._open_to(file, number, by)
            if not task.is_open:
                raise AlreadyDone("This task is answered already.", next_step="Open your tasks again.")
            self._require_ours(task.store, at, by)
            self._check(file, looked, at)
            self._answer(file, task, FoundByHand(looked=(looked,)), NOTHING, at=at, by=by)

    def more_time(
        self, case: CaseId, number: int, *, until: date, reason: str, at: datetime, by: Actor
    ) -> None:
        """A keeper needs longer. The law's own day does not move, so more time ends before it."""
        require_said(reason, "reason", "Write what keeps you from looking.")
        with self._archive.writing(case) as file:
            on = uk_day(at)
            task = self._open_to(file, number, by, on=on)
            if not task.is_open:
                raise AlreadyDone("This task is answered already.", next_step="Open your tasks again.")
            self._require_theirs(task.store, by, on)
            if until <= max(on, task.due_on):
                raise ImpossibleDate(
                    "That day is not later than the one you have.",
                    next_step="Enter a later day.",
                    field="until",
                )
            if until > self._latest(file, task, on):
                raise ImpossibleDate(
                    "The answer to the family would be too late then.",
                    next_step="Enter an earlier day, or speak with the records team.",
                    field="until",
                )
            record_with_words(
                file, EventKind.STORE_TASK_MORE_TIME, reason, at=at, by=by, task=number, store=task.store,
                until=until,
            )  # fmt: skip

    def original(self, case: CaseId, number: int, *, which: int, on: date, by: Actor) -> tuple[str, bytes]:
        """A paper as it was handed in, with its file's name. Raises as ``page``."""
        with self._archive.reading(case) as file:
            self._open_to(file, number, by, on=on)
            kept = kept_note(file, found_name(number), FoundByHand)
            if kept is None or not 1 <= which <= len(kept.originals):
                raise NotFound("There is no such paper.", next_step="Open the task again.", field="paper")
            original = kept.originals[which - 1]
            return original.file_name, file.blob(original.blob)

    def _open_to(self, file: CaseFile, number: int, by: Actor, *, on: date | None = None) -> Task:
        _require_role(by)
        task = task_of(file, number)
        if not _may(by, task.store):
            raise NotFound("The case has no such task.", next_step="Open your tasks again.", field="task")
        if on is not None and not self._may_see(by, task, on):
            raise StoreNotOurs(
                f"This store belongs to {self._store(task.store).controller}, and no agreement with us is in force.",
                next_step="You need not look for anything. If you think this is wrong, ask the records team.",
            )
        return task

    def _may_see(self, by: Actor, task: Task, on: date) -> bool:
        """Another body's keeper reads whom we ask about only while an agreement covers it; our officers always may."""
        store = self._stores.get(task.store)
        return by.has(StaffRole.OFFICER) or store is None or self._is_read(store, on)

    def _is_read(self, store: StoreDescription, on: date) -> bool:
        ours, theirs = self._controller, store.controller
        return ours == theirs or relied_on(self._agreements, ours=ours, theirs=theirs, on=on) is not None

    def _require_ours(self, name: StoreName, at: datetime, by: Actor) -> None:
        """Refuse what another body's keeper found when no agreement lets us read it that day. Raises StoreNotOurs."""
        self._require_theirs(name, by, uk_day(at))
        store = self._store(name)
        if not self._is_read(store, uk_day(at)):
            raise StoreNotOurs(
                f"These records belong to {store.controller}, and no agreement lets us take them in today.",
                next_step="Nothing was stored. Tell the records team.",
            )

    def _require_theirs(self, name: StoreName, by: Actor, on: date) -> None:
        """Refuse an officer who acts neither for the body whose store it is nor for the one that asks.

        :raises NotAllowed: they answer for a keeper of whom they know nothing.
        """
        theirs = self._store(name).controller
        if not _keeps(by, name) and not self._who.acts_for(by) & {theirs, self._controller}:
            self._who.require_for(by, [theirs], on=on, what="This store")

    def _agreement(self, store: StoreDescription, at: datetime) -> str:
        """The reference of the agreement under which another body's store is read; empty where there is none."""
        if store.controller == self._controller:
            return ""
        by = relied_on(self._agreements, ours=self._controller, theirs=store.controller, on=uk_day(at))
        return by.reference if by else ""

    def _check(self, file: CaseFile, looked: Looked, at: datetime) -> None:
        require_said(looked.name, "name", "Write the name of the person who looked.")
        require_said(looked.where, "where", "Write where they looked.")
        if looked.role not in LOOKERS:
            raise InvalidInput("That is no role in the list.", next_step="Choose one.", field="role")
        require_day(looked.looked_on, at=at, received_on=state_of(file).received_on, field="looked_on")

    def _latest(self, file: CaseFile, task: Task, on: date) -> date:
        """The working day before the earliest answer to a family that waits for it; at least a task's usual time."""
        state, subject = state_of(file), subject_of(file, task)
        calendar = self._law.calendar
        usual = calendar.add_working_days(on, self._store(task.store).days_allowed)
        dues = [
            replay(clock_facts(state, leg.number), calendar=calendar,
                   counting=self._law.clarification_counting, refuse=False, explain=False).due_on
            for leg in request_of(file).legs if leg.subject == subject.id
        ]  # fmt: skip
        return max(usual, min((due for due in dues if due is not None), default=usual))

    def _store(self, name: StoreName) -> StoreDescription:
        if name not in self._stores:
            raise NotFound(
                "This store is not set up any more.",
                next_step="Put it back into the stores file, or close its gap on the case page.",
                field="store",
            )
        return self._stores[name]

    def _row(self, file: CaseFile, task: Task, on: date) -> TaskRow:
        store = self._stores.get(task.store)
        kept = None if task.is_open else kept_note(file, found_name(task.number), FoundByHand)
        return TaskRow(
            reference=file.reference, number=task.number, store=task.store,
            store_label=store.label if store else str(task.store), opened_on=task.opened_on, due_on=task.due_on,
            is_open=task.is_open, is_late=task.is_late(on), chases=len(task.chases),
            is_escalated=task.is_open and task.escalated_on is not None, more_time=task.more_time,
            is_sent=task.is_sent, outcome=task.outcome, answered_on=task.answered_on,
            came_late=came_late(file, task), originals=len(kept.originals) if kept else 0,
        )  # fmt: skip

    def _with_papers(
        self, file: CaseFile, task: Task, read: Iterable[_Read], looked: Looked, at: datetime
    ) -> FoundByHand:
        before = kept_note(file, found_name(task.number), FoundByHand) or FoundByHand(looked=())
        records = {r.key: r for r in before.records}
        held = {(h.key, h.why): h for h in before.held_back}
        originals = list(before.originals)
        for one in read:
            record = self._record(file, task, one, looked, at)
            records.setdefault(record.key, record)
            for why in one.said.unread:
                held.setdefault((record.key, why), HeldBack(key=record.key, why=why, code="unreadable"))
            blob = f"{found_name(task.number)}/{len(originals) + 1}"
            file.keep_blob(blob, one.paper.content)
            originals.append(Original(blob=blob, file_name=one.paper.file_name))
        return FoundByHand(
            looked=(*before.looked, looked),
            # A paper of which nothing could be read is no record yet: it is held back, its original is kept.
            records=tuple(r for r in records.values() if len(r.passages) > 1),
            held_back=tuple(held.values()),
            originals=tuple(originals),
        )

    def _record(self, file: CaseFile, task: Task, read: _Read, looked: Looked, at: datetime) -> Record:
        store, paper = self._store(task.store), read.paper
        mark = repr((paper.kind.name, paper.dated_on.isoformat(), paper.title)).encode() + paper.content
        # The same paper handed in again, in any round, is the same record.
        native_id = f"paper-{file.keyed_digest(mark)[:16]}"
        return Record(
            key=RecordKey(store.name, native_id),
            kind=paper.kind,
            dated_on=paper.dated_on,
            passages=(Passage(label="Title", text=paper.title.strip()), *read.said.passages),
            provenance=Provenance(
                store=store.name, store_label=store.label, controller=store.controller, native_id=native_id,
                found_by=_found_by(looked), retrieved_at=at, data_class=store.data_class,
            ),
            about=frozenset({subject_of(file, task).id}),
        )  # fmt: skip

    def _answer(
        self, file: CaseFile, task: Task, kept: FoundByHand, outcome: str, *, at: datetime, by: Actor
    ) -> None:
        store, subject = self._store(task.store), subject_of(file, task)
        number = _round_of(file, task)
        file.keep(Collection.NOTE, found_name(task.number), kept)
        # The newest answer takes the place of those before it, so it holds what they held.
        every = handed_in(file, task.store, task.subject)
        is_found = bool(every.records or every.held_back)
        answer = StoreAnswer(
            store=store.name,
            store_label=store.label,
            controller=store.controller,
            subject=subject.id,
            kind=AnswerKind.FOUND if is_found else AnswerKind.NOTHING_HELD,
            asked_at=at,
            ended_at=at,
            searched_by=(f"{_numbers(subject)}, {_found_by(kept.looked[-1])}",),
            terms=terms_of(subject),
            to_on=kept.looked[-1].looked_on,
            agreement=self._agreement(store, at),
            records=every.records,
            held_back=every.held_back,
            attempt=_attempts(file, task, number) + 1,
            total=len(every.records),
        )
        file.keep(Collection.ANSWER, place_of(file, number, store.name, subject.id), answer)
        file.record(
            EventKind.STORE_ANSWERED, at=at, by=by, round=number, store=store.name, subject=task.subject,
            answer=answer.kind.value, records=answer.found, held_back=len(answer.held_back),
            attempt=answer.attempt, task=task.number,
            content=file.keyed_digest("".join(r.version for r in answer.records).encode()),
        )  # fmt: skip
        file.record(
            EventKind.STORE_TASK_ANSWERED, at=at, by=by, task=task.number, store=store.name, round=number,
            outcome=outcome,
        )  # fmt: skip


def _found_by(looked: Looked) -> str:
    role = LOOKERS[looked.role]
    return f"looked up by hand by {'an' if role[0] in 'aeiou' else 'a'} {role}"


def _numbers(subject: DataSubject) -> str:
    """By what a person can look, in words and without values."""
    return "name, date of birth and numbers" if subject.identifiers else "name and date of birth"


def _require_role(by: Actor) -> None:
    if not (by.has(StaffRole.OFFICER) or by.has(StaffRole.RECORD_HOLDER)):
        raise NotAllowed(
            "Only a records officer, or whoever keeps the store, may do this.",
            next_step="Ask the records team.",
        )


def _may(by: Actor, store: StoreName) -> bool:
    """An officer answers for every keeper; a keeper for their own stores."""
    return by.has(StaffRole.OFFICER) or _keeps(by, store)


def _keeps(by: Actor, store: StoreName) -> bool:
    return by.has(StaffRole.RECORD_HOLDER) and store in by.stores


def _round_of(file: CaseFile, task: Task) -> int:
    """The newest round that waits for the task; the one it was answered for, when more is handed in later."""
    for store, subject, number in waiting_questions(file):
        if (store, subject) == (task.store, task.subject):
            return number
    answered = [
        int(str(e.facts["round"]))
        for e in file.events()
        if e.kind is EventKind.STORE_TASK_ANSWERED and e.facts["task"] == task.number
    ]
    return answered[-1] if answered else task.round


def _attempts(file: CaseFile, task: Task, number: int) -> int:
    return max(
        (
            int(str(e.facts["attempt"]))
            for e in file.events()
            if e.kind is EventKind.STORE_ANSWERED
            and (e.facts["round"], e.facts["store"], e.facts.get("subject"))
            == (number, task.store, task.subject)
        ),
        default=0,
    )
