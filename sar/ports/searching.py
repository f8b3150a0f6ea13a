"""What was asked of the stores and what came of it: the dry run, the progress of a round, and the search log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from sar.domain.calendar import say_date
from sar.domain.parties import DataSubject
from sar.domain.records import AnswerKind
from sar.domain.references import CaseReference, StoreName, SubjectId

ESTIMATE = "estimate"
"""Where the newest dry run is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateRow:
    """What one store says of one data subject before anything is fetched."""

    store: StoreName
    store_label: str
    controller: str
    subject: SubjectId
    kind: AnswerKind
    records: int = 0
    is_exact: bool = False
    megabytes: float = 0
    near_names: int = 0
    note: str = ""
    changed: int | None = None
    """How many records were made or changed since the last gathering; None where the store cannot tell."""


class QuestionState(Enum):
    """Where one question stands while a round runs."""

    WAITING = "waiting"
    ASKING = "asking"
    ANSWERED = "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuestionRow:
    """One store and one data subject in a round."""

    store: StoreName
    label: str
    controller: str
    subject: str
    state: QuestionState
    kind: AnswerKind | None = None
    records: int = 0
    """While it is being asked: about how many came so far."""
    held_back: int = 0
    attempt: int = 0
    asked_at: datetime | None = None
    next_attempt_at: datetime | None = None
    note: str = ""

    @property
    def answer(self) -> str:
        """The answer in words; empty while there is none."""
        return self.kind.value if self.kind else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """A round as it stands. Made without opening a single record."""

    reference: CaseReference
    round: int
    state: str
    """``not started``, ``running``, ``stopped`` or ``complete``."""
    questions: tuple[QuestionRow, ...] = ()
    late: int = 0
    """Answers that came after the round was closed and are in no round yet."""
    estimate: tuple[EstimateRow, ...] = ()
    estimated_on: date | None = None
    hung_since: datetime | None = None
    """It runs, and some part of it has not got on since then."""
    has_failed: bool = False
    """It is begun and not closed, and nobody works on it any more."""

    @property
    def answered(self) -> int:
        """Questions that have an answer, whatever it is."""
        return sum(q.state is QuestionState.ANSWERED for q in self.questions)

    @property
    def records(self) -> int:
        """Records so far."""
        return sum(q.records for q in self.questions)

    @property
    def gaps(self) -> int:
        """Questions whose answer leaves open whether anything is held."""
        return sum(bool(q.kind and q.kind.is_gap) for q in self.questions)


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    """One attempt at a question, as the trail tells it."""

    round: int
    attempt: int
    at: datetime
    answer: str
    records: int
    carried_from: int = 0
    """The round whose answer was taken over, where nobody was asked anew."""
    by: str = ""
    """The account that put it into the case: the program's own, or that of a person who looked or took it over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRow:
    """Everything about one question: enough to show that the search was reasonable and proportionate."""

    store: StoreName
    label: str
    controller: str
    agreement: str
    subject: str
    searched_by: tuple[str, ...]
    terms: tuple[str, ...]
    """With their values: for staff."""
    from_on: date | None
    to_on: date | None
    asked_at: datetime
    ended_at: datetime | None
    answer: str
    records: int
    held_back: int
    note: str
    attempts: tuple[AttemptRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchLog:
    """What was searched in the newest round of a case, and by whose order."""

    reference: CaseReference
    round: int
    began_at: datetime
    began_by: str
    began_by_role: str
    rows: tuple[SearchRow, ...]


def terms_of(subject: DataSubject) -> tuple[str, ...]:
    """Every number and name that could be given to a store, with its kind."""
    names = [f"Name: {subject.name}", *(f"Former name: {n}" for n in subject.former_names)]
    numbers = [f"{i.kind.value}: {i.value}" for i in subject.identifiers]
    return (*names, f"Date of birth: {say_date(subject.born_on)}", *numbers)
