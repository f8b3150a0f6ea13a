"""Proposals are put before a named person, who decides. Nothing is decided here by the program."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection as Some
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType

from sar.domain.calendar import uk_day
from sar.domain.disclosure import ReviewView
from sar.domain.errors import (
    InvalidInput,
    NotAllowed,
    NotFound,
    OutOfOrder,
)
from sar.domain.exemptions import Saying
from sar.domain.found_conflicts import in_records
from sar.domain.matching import Match, Proposal, Rule, Span, Verdict
from sar.domain.parties import PROGRAM, Actor, Leg, PeopleRegister, Role, StaffRole
from sar.domain.records import Record
from sar.domain.redaction import Outcome, RecordDecision, effective
from sar.domain.references import CaseId, PersonId
from sar.domain.statutes import Law
from sar.domain.trail import EventKind
from sar.domain.viewing import view_of
from sar.ports.casework import (
    decisions_of,
    leg_of,
    leg_prefix,
    leg_records,
    pages_name,
    proposals_for,
    proposals_of,
    register_of,
    require_whole_route,
    state_of,
)
from sar.ports.decided import decisions_on, record_decisions_on
from sar.ports.deciding import WhoDecides
from sar.ports.keeping import Archive, CaseFile, Collection
from sar.ports.leg_places import keep_places, records_named
from sar.ports.reviewing import Alike, Detector, Reading
from sar.ports.standing import propose_stops
from sar.services.review.alike import alike_of
from sar.services.review.checking import DecisionChecks
from sar.services.review.choices import (
    Choice,
    Words,
    decider_role_of,
    record_decision,
    refuse_blanket,
    reviewable,
    span_of,
    without_nested,
)
from sar.services.review.counting import count_anew, keep_decisions, keep_record_decisions
from sar.services.review.pages import pages_of
from sar.services.review.sayings import change_saying

__all__ = ["Choice", "Review", "Words"]

_MAY_READ = frozenset(StaffRole) - {StaffRole.COMPLAINTS, StaffRole.ADMINISTRATOR}


class Review:
    """Proposes, shows and records decisions, leg by leg."""

    def __init__(
        self, *, archive: Archive, detector: Detector, law: Law, who: WhoDecides,
        is_health_professional: bool = False,
    ) -> None:  # fmt: skip
        """With ``is_health_professional`` the controller itself counts as one, and needs no other's opinion."""
        self._archive = archive
        self._detector = detector
        self._law = law
        self._who = who
        self._is_health_professional = is_health_professional
        self._rules: dict[str, Rule] = {str(r.id): r for r in detector.rules}

    def propose(self, case: CaseId, *, leg: int, at: datetime, by: Actor = PROGRAM) -> int:
        """List the newest round's records of a leg and propose on each; the number of proposals.

        Done again after a person was added: what was decided stands, new finds wait for a decision.
        """
        with self._archive.writing(case) as file:
            state = state_of(file)
            require_whole_route(state, leg)
            if not state.gathered_round:
                raise OutOfOrder("Nothing has been gathered yet.", next_step="Start the gathering first.")
            number = state.gathered_round
            mine = leg_of(file, leg)
            register = register_of(file)
            prefix = leg_prefix(number, leg)
            pages = pages_of(file, mine, number, register, law=self._law, at=at)
            file.keep_all(Collection.LEG_RECORDS, {f"{prefix}{page.key}": page for page in pages})
            file.keep(Collection.NOTE, pages_name(number, leg), tuple(str(page.key) for page in pages))
            reading = self._detector.for_people(register.for_leg(mine.subject))
            records = leg_records(file, number, leg)
            made = {
                f"{prefix}{r.key}": self._proposals(r, reading, leg=mine, register=register) for r in records
            }
            file.keep_all(Collection.PROPOSALS, made)
            keep_places(file, number, leg)
            found = in_records((), people=register.for_leg(mine.subject), leg=mine, on=uk_day(at))
            propose_stops(file, leg, found, at=at)
            count_anew(file, number, leg, records, (p for group in made.values() for p in group))
            count = sum(len(group) for group in made.values())
            file.record(
                EventKind.PROPOSALS_MADE, at=at, by=by, leg=leg, round=number, records=len(made), proposals=count,
                rules=self._rules_digest(),
            )  # fmt: skip
            return count

    def _rules_digest(self) -> str:
        said = "\n".join(f"{r.id} {r.version} {r.statute} {r.pattern}" for r in self._detector.rules)
        return hashlib.sha256(said.encode()).hexdigest()

    def _proposals(
        self, record: Record, reading: Reading, *, leg: Leg, register: PeopleRegister
    ) -> tuple[Proposal, ...]:
        made = [
            self._proposal(record, i, match, leg=leg, register=register)
            for i, passage in enumerate(record.passages)
            for match in reading.matches(passage.text, kind=record.kind)
        ]
        return without_nested(made)

    def _proposal(
        self, record: Record, passage: int, match: Match, *, leg: Leg, register: PeopleRegister
    ) -> Proposal:
        span = Span(
            record=record.key, version=record.version, passage=passage, start=match.start, end=match.end
        )
        person = register.find(match.person) if match.person else None
        rule = self._rules[str(match.rule)]
        name = (
            f"{leg.number}|{span.record}|{span.version}|{passage}|{span.start}|{span.end}|{match.rule}"
            f"|{match.exemption}|{match.person or ''}"
        )
        return Proposal(
            id=hashlib.sha256(name.encode()).hexdigest()[:24],
            leg=leg.name,
            span=span,
            kind=match.kind,
            rule=match.rule,
            person=match.person,
            exemption=match.exemption,
            suggests=match.suggests,
            reason=match.reason,
            certainty=match.certainty,
            who_decides=rule.who_decides,
            is_source=person is not None and person.role is Role.SOURCE,
        )

    def decide(
        self, case: CaseId, *, leg: int, proposal: str, verdict: Verdict, reason: str, at: datetime, by: Actor,
        exemption: str | None = None, saying: Saying = Saying.FULL, decider_role: str = "",
        opinion_on: date | None = None, opinion_role: str = "", answers: Mapping[str, str] = MappingProxyType({}),
    ) -> None:  # fmt: skip
        """One person's decision on one proposal."""
        choice = Choice(
            verdict=verdict, reason=reason, exemption=exemption, saying=saying, decider_role=decider_role,
            opinion_on=opinion_on, opinion_role=opinion_role, answers=answers,
        )  # fmt: skip
        self.decide_many(case, leg=leg, choices={proposal: choice}, at=at, by=by)

    def decide_person(
        self, case: CaseId, *, leg: int, person: PersonId, choice: Choice, at: datetime, by: Actor
    ) -> int:
        """One decision for every mention of a person in a leg; how many places it reached."""
        with self._archive.reading(case) as file:
            number = state_of(file).gathered_round
            ids = [p.id for p in proposals_of(file, number, leg) if p.person == person]
        if not ids:
            raise NotFound(
                "Nobody of that entry is mentioned in this leg.", next_step="Open the review again."
            )
        self.decide_many(case, leg=leg, choices=dict.fromkeys(ids, choice), at=at, by=by)
        return len(ids)

    def decide_many(
        self, case: CaseId, *, leg: int, choices: dict[str, Choice], at: datetime, by: Actor, record: str = ""
    ) -> None:
        """Decisions on proposals, all kept or none. Each has its own event.

        :param record: the one they all stand in, where that is known: then no other is opened.
        """
        with self._archive.writing(case) as file:
            number = reviewable(file, leg)
            found = proposals_for(file, number, leg, record) if record else proposals_of(file, number, leg)
            known = {p.id: p for p in found}
            if any(name not in known for name in choices):
                raise NotFound(
                    "That proposal is not in this review any more.",
                    next_step="Open the record again: a new gathering or a new person changed it.",
                )
            # To disclose is judged under the exemption the rule saw, whatever else was picked.
            asked = {
                name: replace(
                    choice,
                    exemption=(choice.exemption if choice.verdict is Verdict.WITHHOLD else None)
                    or str(known[name].exemption),
                )
                for name, choice in choices.items()
            }
            held = [(known[n], c) for n, c in asked.items() if c.verdict is Verdict.WITHHOLD]
            refuse_blanket(self._law, ((str(p.span.record), c) for p, c in held), uk_day(at))
            check = self._checks(file, leg, at, by, {str(known[name].span.record) for name in asked})
            made = [
                check.decision(known[name].span, choice, at=at, proposal=name)
                for name, choice in asked.items()
            ]
            keep_decisions(file, leg, made, at=at, by=by)

    def withhold_words(
        self, case: CaseId, *, leg: int, words: Words, choice: Choice, at: datetime, by: Actor
    ) -> None:
        """Words the officer marks by hand, where no rule proposed anything. Only to withhold them."""
        self.withhold_many(case, leg=leg, marks=((words, choice),), at=at, by=by)

    def withhold_many(
        self, case: CaseId, *, leg: int, marks: Sequence[tuple[Words, Choice]], at: datetime, by: Actor
    ) -> None:
        """Several marks by hand, all kept or none."""
        if any(choice.verdict is not Verdict.WITHHOLD for _, choice in marks):
            raise InvalidInput(
                "Words marked by hand can only be withheld.",
                next_step="To disclose, decide on the proposal that covers the words.",
                field="verdict",
            )
        with self._archive.writing(case) as file:
            named = {words.record for words, _ in marks}
            records = records_named(file, reviewable(file, leg), leg, named)
            check, made = self._checks(file, leg, at, by, named), []
            for words, choice in marks:
                if words.record not in records:
                    raise NotFound(
                        "That record is not in this review.", next_step="Open the review list again."
                    )
                span = span_of(records[words.record], words)
                made.append(check.decision(span, choice, at=at, proposal=""))
            keep_decisions(file, leg, made, at=at, by=by)

    def open_words(
        self, case: CaseId, *, leg: int, words: Words, reason: str, at: datetime, by: Actor
    ) -> None:
        """Take back words marked by hand, with a reason. What a rule proposed there waits for a decision again."""
        with self._archive.writing(case) as file:
            records = records_named(file, reviewable(file, leg), leg, {words.record})
            if words.record not in records:
                raise NotFound("That record is not in this review.", next_step="Open the review list again.")
            self._checks(file, leg, at, by, records).require_theirs(words.record)
            span = span_of(records[words.record], words)
            standing = [d for d in effective(decisions_on(file, leg, {span.record})) if d.span == span]
            if not standing or standing[0].proposal or standing[0].verdict is not Verdict.WITHHOLD:
                raise OutOfOrder("These words were not marked by hand.", next_step="Decide on the proposal.")
            if not reason.strip():
                raise InvalidInput(
                    "A reason is missing.", next_step="Write why they may stay.", field="reason"
                )
            opened = replace(
                standing[0],
                id=uuid.uuid4().hex,
                verdict=Verdict.DISCLOSE,
                reason=reason.strip(),
                decided_by=by.id,
                decider_role=decider_role_of(by, "").value,
                decided_at=at,
            )
            keep_decisions(file, leg, [opened], at=at, by=by)

    def approve_disclosure(self, case: CaseId, *, leg: int, proposal: str, at: datetime, by: Actor) -> None:
        """An approver confirms that words about a protected source may go out."""
        if not by.has(StaffRole.APPROVER):
            raise NotAllowed("Only an approver may agree to this.", next_step="Ask an approver.")
        with self._archive.writing(case) as file:
            known = {p.id: p for p in proposals_of(file, reviewable(file, leg), leg)}
            standing = [d for d in effective(decisions_of(file, leg)) if d.proposal == proposal]
            if proposal not in known or not standing or standing[0].verdict is not Verdict.DISCLOSE:
                raise OutOfOrder(
                    "There is no decision to disclose to agree to.", next_step="Decide it first."
                )
            if standing[0].decided_by == by.id:
                raise NotAllowed("A second person has to agree.", next_step="Ask another approver.")
            record = str(standing[0].span.record)
            self._checks(file, leg, at, by, {record}).require_theirs(record)
            agreed = replace(standing[0], id=uuid.uuid4().hex, approved_by=by.id, decided_at=at)
            keep_decisions(file, leg, [agreed], at=at, by=by)

    def change_saying(
        self, case: CaseId, *, leg: int, record: str, saying: Saying, at: datetime, by: Actor
    ) -> None:
        """An approver changes how much the family is told of what is withheld in a record."""
        with self._archive.writing(case) as file:
            self._checks(file, leg, at, by, {record}).require_theirs(record)
            change_saying(file, leg=leg, record=record, saying=saying, at=at, by=by)

    def decide_record(
        self,
        case: CaseId,
        *,
        leg: int,
        record: str,
        outcome: Outcome,
        choice: Choice,
        at: datetime,
        by: Actor,
    ) -> None:
        """One person read one record and decided on it as a whole."""
        self.decide_records(case, leg=leg, outcomes={record: (outcome, choice)}, at=at, by=by)

    def decide_records(
        self, case: CaseId, *, leg: int, outcomes: dict[str, tuple[Outcome, Choice]], at: datetime, by: Actor
    ) -> None:
        """Decisions on whole records, all kept or none."""
        with self._archive.writing(case) as file:
            mine = leg_of(file, leg)
            known = records_named(file, reviewable(file, leg), leg, outcomes)
            if any(name not in known for name in outcomes):
                raise NotFound("That record is not in this review.", next_step="Open the review list again.")
            held = [(name, c) for name, (outcome, c) in outcomes.items() if outcome is Outcome.WITHHOLD]
            refuse_blanket(self._law, held, uk_day(at))
            check = self._checks(file, leg, at, by, outcomes)
            kept: dict[str, RecordDecision] = {}
            for name, (outcome, choice) in outcomes.items():
                check.require_theirs(name)
                role = decider_role_of(by, choice.decider_role)
                if outcome is Outcome.WITHHOLD:
                    check(known[name].key, replace(choice, verdict=Verdict.WITHHOLD), role)
                elif not choice.reason.strip():
                    raise InvalidInput("A reason is missing.", next_step="Write why.", field="reason")
                kept[name] = record_decision(mine.name, known[name], outcome, choice, role, at=at, by=by)
                file.record(
                    EventKind.RECORD_DECIDED, at=at, by=by, leg=leg, outcome=outcome.value, role=role.value,
                    exemption=choice.exemption if outcome is Outcome.WITHHOLD else None,
                    saying=choice.saying.value, record=file.keyed_digest(name.encode()),
                )  # fmt: skip
            keep_record_decisions(file, leg, kept, known)

    def view(self, case: CaseId, *, leg: int, record: str, by: Actor) -> ReviewView:
        """The one way an officer sees a record before it is decided. Made here and nowhere else."""
        if not by.roles & _MAY_READ:
            raise NotAllowed("Your role does not read records.", next_step="Ask a records officer.")
        with self._archive.reading(case) as file:
            number = state_of(file).gathered_round
            found = records_named(file, number, leg, {record}).get(record)
            if found is None:
                raise NotFound("That record is not in this review.", next_step="Open the review list again.")
            return view_of(
                found,
                proposals=proposals_for(file, number, leg, record),
                decisions=decisions_on(file, leg, {found.key}),
                outcome=record_decisions_on(file, leg, [record]).get(found.key),
                register=register_of(file),
                law=self._law,
            )

    def alike(self, case: CaseId, *, leg: int, record: str, by: Actor) -> Alike:
        """What stands beside a record: copies, what was folded into it, near copies, altered quotes."""
        if not by.roles & _MAY_READ:
            raise NotAllowed("Your role does not read records.", next_step="Ask a records officer.")
        with self._archive.reading(case) as file:
            number = state_of(file).gathered_round
            records = leg_records(file, number, leg)
            found = next((r for r in records if str(r.key) == record), None)
            if found is None:
                return Alike()
            return alike_of(file, number, leg, found, records, expected=self._law.alert_review)

    def _checks(
        self, file: CaseFile, leg: int, at: datetime, by: Actor, records: Some[str]
    ) -> DecisionChecks:
        return DecisionChecks(
            file, leg, law=self._law, who=self._who, by=by, at=at,
            is_health_professional=self._is_health_professional, records=records,
        )  # fmt: skip
