"""Looking by hand: what a person hands in, how it is kept, and what their pages show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from sar.domain.calendar import uk_day
from sar.domain.errors import ImpossibleDate, InvalidInput, NotFound
from sar.domain.parties import DataSubject
from sar.domain.records import AnswerKind, HeldBack, Passage, Record, RecordKind
from sar.domain.references import CaseId, CaseReference, RecordKey, StoreName
from sar.domain.tasks import NOT_NEEDED, Task, tasks_of
from sar.domain.trail import Event, EventKind
from sar.ports.casework import request_of
from sar.ports.keeping import CaseFile
from sar.ports.recording import kept_note, require_said

MOST_PAPERS = 20
LARGEST_PAPER = 20 * 1024 * 1024
"""Bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper that somebody found, as it was handed in."""

    file_name: str
    content: bytes
    kind: RecordKind
    dated_on: date
    title: str

    def __repr__(self) -> str:
        return f"Paper({self.kind.name}, {len(self.content)} bytes)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """Who looked, when and where. The name and the place are sealed; the role is one of a fixed list."""

    name: str
    role: str
    """A code of ``sar.domain.tasks.LOOKERS``."""
    looked_on: date
    where: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadByHand:
    """What the program could read of one paper, and why it could not read the rest."""

    passages: tuple[Passage, ...]
    unread: tuple[str, ...] = ()
    """A reason for each part that could not be read, without a word of its content."""


class PaperReader(Protocol):
    """Reads a paper that somebody handed in."""

    def read(self, content: bytes, *, name: str) -> ReadByHand:
        """Its words. What cannot be read is said, never refused."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """One paper as it lies on the shelf."""

    blob: str
    file_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundByHand:
    """Everything that a task has brought so far, sealed."""

    looked: tuple[Looked, ...]
    records: tuple[Record, ...] = ()
    held_back: tuple[HeldBack, ...] = ()
    originals: tuple[Original, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRow:
    """A task in a list. No name: a list is read over shoulders."""

    reference: CaseReference
    number: int
    store: StoreName
    store_label: str
    opened_on: date
    due_on: date
    is_open: bool
    is_late: bool
    chases: int
    is_escalated: bool
    more_time: int
    is_sent: bool
    outcome: str
    answered_on: date | None
    came_late: bool
    """Its answer came after its round was put together: no pack of that round holds it."""
    originals: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPage:
    """One task, with as much of the case as is needed to look, and nothing else."""

    case: CaseId
    round: int
    """The round of gathering that asked for it."""
    row: TaskRow
    holds: str
    subject: DataSubject
    received_on: date
    latest_more_time: date
    """How far more time can reach: the law's day does not move."""


def found_name(task: int) -> str:
    """Where what a task brought is kept."""
    return f"by-hand/{task}"


def handed_in(file: CaseFile, store: StoreName, subject: int) -> FoundByHand:
    """Everything people brought of a store about a subject, whichever task it was for: none is left behind."""
    tasks = (t for t in tasks_of(file.events()) if (t.store, t.subject) == (store, subject))
    return put_together(n for t in tasks if (n := kept_note(file, found_name(t.number), FoundByHand)))


def put_together(notes: Iterable[FoundByHand]) -> FoundByHand:
    """What several tasks brought, each paper once, as it was handed in first."""
    every = tuple(notes)
    records: dict[RecordKey, Record] = {}
    for record in (r for note in every for r in note.records):
        records.setdefault(record.key, record)
    return FoundByHand(
        looked=tuple(one for note in every for one in note.looked),
        records=tuple(records.values()),
        held_back=tuple(dict.fromkeys(h for note in every for h in note.held_back)),
        originals=tuple(one for note in every for one in note.originals),
    )


def task_of(file: CaseFile, number: int) -> Task:
    """One task of a case. Raises NotFound."""
    for task in tasks_of(file.events()):
        if task.number == number:
            return task
    raise NotFound("The case has no such task.", next_step="Open your tasks again.", field="task")


def subject_of(file: CaseFile, task: Task) -> DataSubject:
    """The person a task is about."""
    return request_of(file).subjects[task.subject - 1]


_ANSWERS = frozenset({EventKind.STORE_ANSWERED, EventKind.ANSWER_CARRIED_OVER})


def waiting_questions(file: CaseFile) -> tuple[tuple[StoreName, int, int], ...]:
    """Each store and subject number whose newest answer is that a person has to look, with that answer's round.

    An answer that a later round took over is the newest too.
    """
    newest: dict[tuple[StoreName, int], tuple[str, int]] = {}
    for event in file.events():
        if event.kind in _ANSWERS and "subject" in event.facts:
            facts = event.facts
            key = (StoreName(str(facts["store"])), int(str(facts["subject"])))
            newest[key] = (str(facts["answer"]), int(str(facts["round"])))
    return tuple(
        (store, subject, number)
        for (store, subject), (answer, number) in newest.items()
        if answer == AnswerKind.NEEDS_PERSON.value
    )


def _is_answer(event: Event, task: Task) -> bool:
    return event.facts["task"] == task.number and event.facts["outcome"] != NOT_NEEDED


def came_late(file: CaseFile, task: Task) -> bool:
    """Whether the newest answer of a task came after its round was put together, and no later round has begun."""
    answered: tuple[int, int] | None = None
    concluded: dict[int, int] = {}
    newest_round = 0
    for event in file.events():
        match event.kind:
            case EventKind.STORE_TASK_ANSWERED if _is_answer(event, task):
                answered = (event.seq, int(str(event.facts["round"])))
            case EventKind.GATHERING_COMPLETED:
                concluded.setdefault(int(str(event.facts["round"])), event.seq)
            case EventKind.GATHERING_STARTED:
                newest_round = max(newest_round, int(str(event.facts["round"])))
            case _:
                pass
    if answered is None or newest_round > answered[1]:
        return False
    return concluded.get(answered[1], answered[0]) < answered[0]


def require_papers(papers: Sequence[Paper], *, at: datetime) -> None:
    """Refuse papers that are too many, too large, empty, unnamed or dated in the future; the field names which."""
    if not 0 < len(papers) <= MOST_PAPERS:
        raise InvalidInput(
            f"Hand in 1 to {MOST_PAPERS} papers at a time.",
            next_step="Choose a file, or send the rest after this.",
            field="papers",
        )
    for number, paper in enumerate(papers, start=1):
        _require_paper(paper, number, at=at)


def _require_paper(paper: Paper, number: int, *, at: datetime) -> None:
    if not paper.content:
        raise InvalidInput("A file is empty.", next_step="Choose it again.", field=f"file-{number}")
    if len(paper.content) > LARGEST_PAPER:
        raise InvalidInput(
            f"A file is larger than {LARGEST_PAPER // 1024 // 1024} megabytes.",
            next_step="Split it, or bring it to the records team.",
            field=f"file-{number}",
        )
    require_said(paper.title, f"title-{number}", "Write what the paper is called.")
    if paper.kind.is_generated:
        raise InvalidInput("That is no kind of paper.", next_step="Choose one.", field=f"kind-{number}")
    if paper.dated_on > uk_day(at):
        raise ImpossibleDate(
            "That date is in the future.", next_step="Enter the day on the paper.", field=f"dated-{number}"
        )
