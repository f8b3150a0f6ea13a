"""Telling people apart: an officer compares a store's near name with the data subject, and says who it is.

Nothing is merged. What is decided goes with the next question to that store.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sar.domain.calendar import uk_day
from sar.domain.comparing import Sameness, check_decision, check_details, with_details
from sar.domain.errors import NotAllowed, NotFound
from sar.domain.parties import Actor, DataSubject, Identifier, StaffRole
from sar.domain.references import CaseId, SubjectId
from sar.domain.trail import EventKind
from sar.domain.wording import fold, joined_of
from sar.ports.casework import answers_of, request_of, state_of
from sar.ports.deciding import WhoDecides
from sar.ports.keeping import Archive, CaseFile, Collection
from sar.ports.matching import MatchDecision, NearMatch, decisions_on_matches, match_name, near_matches
from sar.ports.recording import record_with_words, require_officer, require_said


class Matching:
    """Shows near names beside the data subject and keeps what people decide on them."""

    def __init__(self, *, archive: Archive, who: WhoDecides) -> None:
        """``who`` says whose staff may compare the people of whose stores."""
        self._archive = archive
        self._who = who

    def near(self, case: CaseId) -> tuple[NearMatch, ...]:
        """Everybody with a near name whom the newest gathering found."""
        with self._archive.reading(case) as file:
            return near_matches(file)

    def subjects(self, case: CaseId) -> tuple[DataSubject, ...]:
        """The data subjects as they are asked for."""
        with self._archive.reading(case) as file:
            return request_of(file).subjects

    def decide(
        self, case: CaseId, *, store: str, subject: str, native_id: str, sameness: Sameness, reason: str,
        at: datetime, by: Actor,
    ) -> None:  # fmt: skip
        """Keep what somebody found out. It is used at the next gathering.

        :raises NotAllowed: the store belongs to a body for which they do not act.
        :raises SecondPersonNeeded: "the same person" on too little: an approver has to look after an officer.
        """
        if not by.has(StaffRole.OFFICER) and not by.has(StaffRole.APPROVER):
            raise NotAllowed("Only a records officer or an approver compares people.", next_step="Ask one.")
        with self._archive.writing(case) as file:
            match = _find(near_matches(file), store, subject, native_id)
            self._who.require_for(
                by, [match.controller], on=uk_day(at), what="The store that holds this person"
            )
            others = match.looked_at_by - {str(by.id)}
            second_look = by.has(StaffRole.APPROVER) and bool(others)
            check_decision(sameness, reason, facts=match.facts, second_look=second_look)
            role = StaffRole.APPROVER if second_look or not by.has(StaffRole.OFFICER) else StaffRole.OFFICER
            decision = MatchDecision(
                store=match.store, subject=match.subject.id, native_id=native_id, sameness=sameness,
                reason=reason.strip(), decided_at=at, by=str(by.id), by_role=role.value, facts=match.shown,
            )  # fmt: skip
            number = len(decisions_on_matches(file, match.store, match.subject.id)) + 1
            file.keep(Collection.MATCH, match_name(decision, number), decision)
            file.record(
                EventKind.MATCH_DECIDED, at=at, by=by, store=match.store,
                subject=_number(file, match.subject.id), verdict=sameness.value,
                match=file.keyed_digest(f"{match.store}/{native_id}".encode()),
            )  # fmt: skip

    def add_details(
        self, case: CaseId, *, subject: str, identifier: Identifier | None = None, former_name: str = "",
        reason: str, at: datetime, by: Actor,
    ) -> None:  # fmt: skip
        """Add a number or a former name that a store showed to the data subject; the next gathering asks by it.

        :raises SecondPersonNeeded: it would join two people by itself, so it needs an approver.
        """
        if not by.has(StaffRole.APPROVER):
            require_officer(by)
        require_said(reason, "reason", "Write where it was found and how you know that it is this person's.")
        with self._archive.writing(case) as file:
            gave = [a.controller for a in answers_of(file, state_of(file).gathered_round) if a.found]
            self._who.require_for(by, gave, on=uk_day(at), what="What was found for this case")
            request = request_of(file)
            number = _number(file, SubjectId(subject))
            new = with_details(request.subjects[number - 1], identifier=identifier, former_name=former_name)
            _check_details(file, request.subjects[number - 1], identifier, former_name, by)
            subjects = tuple(new if s.id == new.id else s for s in request.subjects)
            file.keep(Collection.REQUEST, "request", replace(request, subjects=subjects))
            record_with_words(
                file, EventKind.SUBJECT_DETAILS_ADDED, reason, at=at, by=by, subject=number,
                code=identifier.kind.name.lower().replace("_", "-") if identifier else "former-name",
            )  # fmt: skip


def _check_details(
    file: CaseFile, subject: DataSubject, identifier: Identifier | None, former_name: str, by: Actor
) -> None:
    number, name = joined_of(identifier.value if identifier else ""), fold(" ".join(former_name.split()))
    held = [
        m
        for m in near_matches(file)
        if m.subject.id == subject.id and m.person and m.sameness is not Sameness.SAME
        if (number and number in {joined_of(n) for n in m.person.identifiers})
        or (name and name in {fold(n) for n in m.person.names})
    ]
    check_details(
        subject, identifier, held_by_others=bool(held), approves=by.has(StaffRole.APPROVER),
        compared_before=all(m.looked_at_by - {str(by.id)} for m in held),
    )  # fmt: skip


def _find(matches: tuple[NearMatch, ...], store: str, subject: str, native_id: str) -> NearMatch:
    for match in matches:
        if (match.store, match.subject.id, match.native_id) == (store, subject, native_id):
            return match
    raise NotFound(
        "That person is not among the near names of the newest gathering.", next_step="Open the list again."
    )


def _number(file: CaseFile, subject: SubjectId) -> int:
    """A data subject's number in the case: their id could be a name."""
    for number, one in enumerate(request_of(file).subjects, start=1):
        if one.id == subject:
            return number
    raise NotFound("The case has no such data subject.", next_step="Open the case again.", field="subject")
