"""People of a store who could be a data subject: who they are, what was decided, and what a store is told of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sar.domain.comparing import Compared, Sameness, compare
from sar.domain.parties import DataSubject, Person
from sar.domain.records import AnswerKind, HeldBack, StoreAnswer, SubjectQuery
from sar.domain.references import StoreName, SubjectId
from sar.domain.trail import EventKind
from sar.ports.casework import answers_of, request_of, state_of
from sar.ports.keeping import CaseFile, Collection

NEAR_NAME = "near-name"
"""The code under which a store holds such a person back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchDecision:
    """What somebody decided on one person of one store. Sealed: the reason is free text."""

    store: StoreName
    subject: SubjectId
    native_id: str
    sameness: Sameness
    reason: str
    decided_at: datetime
    by: str
    by_role: str
    facts: tuple[str, ...] = ()
    """Digests of what the store said of the person then; none in a decision from before they were kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMatch:
    """A person of a store beside the data subject."""

    store: StoreName
    store_label: str
    controller: str
    subject: DataSubject
    native_id: str
    person: Person | None
    """None where the store gave no more than a number: look there."""
    facts: tuple[Compared, ...]
    decisions: tuple[MatchDecision, ...]
    """Every decision, oldest first; the last one stands."""
    asked_at: datetime | None = None
    """When the store was asked for the answer that holds them back."""
    shown: tuple[str, ...] = ()
    """Digests of what the store says of them now: what is decided holds for that."""

    @property
    def sameness(self) -> Sameness | None:
        """What was decided last; None before anybody compared them."""
        return self.decisions[-1].sameness if self.decisions else None

    @property
    def is_open(self) -> bool:
        """Whether it still waits for a decision.

        A store that was told of a decision, and still holds the person back, has other facts than those decided on.
        """
        if self.sameness in {None, Sameness.UNSURE}:
            return True
        return self.has_changed

    @property
    def looked_at_by(self) -> frozenset[str]:
        """Who has compared what the store says now; a decision from before facts were kept counts as well."""
        now = frozenset(self.shown)
        return frozenset(d.by for d in self.decisions if not (now and d.facts) or now & set(d.facts))

    @property
    def has_changed(self) -> bool:
        """Whether the store was told who they are, and says other things of them now than those decided on."""
        told = (
            self.asked_at is not None
            and bool(self.decisions)
            and self.decisions[-1].decided_at < self.asked_at
        )
        return told and self.sameness is not Sameness.UNSURE


def match_prefix(store: StoreName, subject: SubjectId) -> str:
    """The start of the names under which decisions on one store's people are kept."""
    return f"{store}/{subject}/"


def match_name(decision: MatchDecision, number: int) -> str:
    """Where a decision is kept: each under a name of its own, so that none replaces an earlier one."""
    return f"{match_prefix(decision.store, decision.subject)}{number}"


def decisions_on_matches(file: CaseFile, store: StoreName, subject: SubjectId) -> tuple[MatchDecision, ...]:
    """Every decision on people of one store who could be this data subject, oldest first."""
    return file.every(Collection.MATCH, MatchDecision, under=match_prefix(store, subject))


@dataclass(frozen=True, slots=True)
class _Standing:
    """What stands on one number of a store: the last decision, and the facts it was made on."""

    sameness: Sameness
    facts: frozenset[str]


def question_for(file: CaseFile, subject: DataSubject, store: StoreName, *, until: date) -> SubjectQuery:
    """The question to a store about a data subject, with what people found when they compared its near names."""
    standing = _standing(decisions_on_matches(file, store, subject.id))
    return SubjectQuery(
        subject=subject,
        to_on=until,
        contacts=_contacts(file, subject.id),
        confirmed=_with(standing, Sameness.SAME),
        ruled_out=_with(standing, Sameness.OTHER),
        compared={key: found.facts for key, found in standing.items() if found.facts},
    )


def _contacts(file: CaseFile, subject: SubjectId) -> tuple[str, ...]:
    """Where the subject is reached, if they are one who asks. What waits to be confirmed may be another's."""
    state = state_of(file)
    own = (leg for leg in request_of(file).legs if leg.recipient.subject == subject)
    sure = (leg.recipient.contact.email.strip() for leg in own if not state.leg(leg.number).contact_waits)
    return tuple(dict.fromkeys(filter(None, sure)))


def _with(standing: Mapping[str, _Standing], sameness: Sameness) -> frozenset[str]:
    return frozenset(key for key, found in standing.items() if found.sameness is sameness)


def _standing(made: Iterable[MatchDecision]) -> dict[str, _Standing]:
    """What stands on each number.

    One number can be met with several facts, as a child in two lists: those that one answer after another gave,
    decided alike, stand together. A decision from before facts were kept holds for all of them.
    """
    standing: dict[str, _Standing] = {}
    for each in made:
        before = standing.get(each.native_id)
        alike = before is not None and before.sameness is each.sameness and bool(each.facts)
        facts = frozenset(each.facts) | (before.facts if before and alike else frozenset())
        standing[each.native_id] = _Standing(each.sameness, facts)
    return standing


def near_matches(file: CaseFile) -> tuple[NearMatch, ...]:
    """Everybody whom a store held back in the newest gathering for a near name, in an order of their own."""
    subjects = {s.id: s for s in request_of(file).subjects}
    found = [
        _match(file, answer, subjects[answer.subject], held)
        for answer in answers_of(file, state_of(file).gathered_round)
        if answer.subject in subjects
        for held in answer.held_back
        if held.code == NEAR_NAME
    ]
    return tuple(sorted(found, key=lambda m: (m.subject.name, m.store_label, m.store, m.native_id)))


def _match(file: CaseFile, answer: StoreAnswer, subject: DataSubject, held: HeldBack) -> NearMatch:
    native_id = held.key.native_id
    person = next((p for p in answer.people if p.id == f"{answer.store}/{native_id}"), None)
    made = decisions_on_matches(file, answer.store, answer.subject)
    return NearMatch(
        store=answer.store,
        store_label=answer.store_label,
        controller=answer.controller,
        subject=subject,
        native_id=native_id,
        person=person,
        facts=compare(subject, person) if person else (),
        decisions=tuple(d for d in made if d.native_id == native_id),
        asked_at=answer.asked_at,
        shown=held.facts,
    )


def undecided_matches(file: CaseFile, subject: SubjectId) -> int:
    """How many people with a near name nobody has told apart from this data subject yet."""
    return sum(m.is_open for m in near_matches(file) if m.subject.id == subject)


def is_outdated(file: CaseFile, answer: StoreAnswer) -> bool:
    """Whether a store would be asked otherwise today than it was for this answer.

    Somebody has since been found to be the data subject, or not to be; or a number or a name was added. That a
    near name is somebody else's changes nothing in what was found without them.
    """
    if answer.kind.is_gap or answer.kind is AnswerKind.NOT_OURS:
        return False
    made = decisions_on_matches(file, answer.store, answer.subject)
    then = _same(_standing(d for d in made if d.decided_at <= answer.asked_at))
    return _same(_standing(made)) != then or any(
        at > answer.asked_at for at in _added_to(file, answer.subject)
    )


def outdated_places(file: CaseFile, round_number: int, subject: SubjectId) -> tuple[str, ...]:
    """The labels of the places that have to be asked about a data subject again."""
    answers = answers_of(file, round_number)
    return tuple(sorted({a.store_label for a in answers if a.subject == subject and is_outdated(file, a)}))


def _same(standing: Mapping[str, _Standing]) -> dict[str, frozenset[str]]:
    return {key: found.facts for key, found in standing.items() if found.sameness is Sameness.SAME}


def _added_to(file: CaseFile, subject: SubjectId) -> tuple[datetime, ...]:
    """When numbers and names were added to a data subject."""
    numbers = {n for n, one in enumerate(request_of(file).subjects, start=1) if one.id == subject}
    added = (e for e in file.events() if e.kind is EventKind.SUBJECT_DETAILS_ADDED)
    return tuple(e.at for e in added if e.facts["subject"] in numbers)
