"""Asking somebody the records speak of: the decision, its words for the letter, and what became of it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sar.domain.calendar import uk_day
from sar.domain.conflicts import Conflict, known
from sar.domain.consulting import (
    Consultation,
    ConsultationAnswer,
    consulted,
    consultee_of,
    unseen_by,
    words_at,
)
from sar.domain.disclosure import ConsultedPassage, Needles
from sar.domain.errors import AlreadyDone, ImpossibleDate, InvalidInput, NotAllowed, NotFound, UnknownName
from sar.domain.matching import Span, Verdict
from sar.domain.parties import Actor
from sar.domain.records import Record
from sar.domain.redaction import effective
from sar.domain.references import PersonId
from sar.domain.trail import EventKind
from sar.ports.casework import consultation_name as _name
from sar.ports.casework import (
    decisions_of,
    leg_of,
    leg_records,
    proposals_of,
    register_of,
    state_of,
)
from sar.ports.keeping import CaseFile, Collection

_PROTECTING = frozenset(
    {
        Conflict.SUSPECTED_COERCION,
        Conflict.NO_CONTACT_ORDER,
        Conflict.DOMESTIC_ABUSE,
        Conflict.HIDDEN_ADDRESS,
        Conflict.MARAC,
    }
)
"""To be named may itself lead somebody to a person they must not meet."""


def decide(
    file: CaseFile, *, leg: int, person: str, record: str, quote: str, names_requester: bool, at: datetime,
    by: Actor, role: str,
) -> Consultation:  # fmt: skip
    """Keep the decision to ask somebody about some words of a record under review."""
    mine = leg_of(file, leg)
    asked = register_of(file).find(PersonId(person))
    if asked is None or asked.subject == mine.subject:
        raise InvalidInput(
            "That is not somebody else in the people register.",
            next_step="Choose a person from the list, or add them to the register first.",
            field="person",
        )
    if names_requester:
        _require_may_name(file)
    found = _record(file, leg, record)
    made = Consultation(
        id=uuid.uuid4().hex[:12], leg=leg, person=asked.id, span=words_at(found, quote),
        names_requester=names_requester, decided_by=by.id, decider_role=role, decided_at=at,
    )  # fmt: skip
    passage_for(file, made)  # Refuses words that leave nothing to ask about.
    file.keep(Collection.NOTE, _name(made.id), made)
    file.record(
        EventKind.CONSULTATION_DECIDED, at=at, by=by, leg=leg, consultation=made.id, role=role,
        person=file.keyed_digest(str(asked.id).encode()), span=file.keyed_digest(repr(made.span).encode()),
        names_requester=names_requester,
    )  # fmt: skip
    return made


def answer(
    file: CaseFile, *, consultation: str, code: str, on: date, words: str, at: datetime, by: Actor
) -> None:
    """What the person said. It decides nothing: a named officer still weighs it."""
    if code not in {a.value for a in ConsultationAnswer}:
        raise UnknownName(
            "That is not an answer.",
            next_step="Choose one of: " + ", ".join(a.value for a in ConsultationAnswer) + ".",
            field="answer",
        )
    kept = consultation_of(file, consultation)
    if kept.answer is not None:
        raise AlreadyDone("The answer was recorded before.", next_step="Open the case again.")
    if on > uk_day(at) or on < uk_day(kept.decided_at):
        raise ImpossibleDate(
            "The answer must lie between the day of the question and today.",
            next_step="Check the day.",
            field="on",
        )
    file.keep(Collection.NOTE, _name(kept.id), replace(kept, answer=ConsultationAnswer(code), answered_on=on))
    event = file.record(
        EventKind.CONSULTATION_ANSWERED, at=at, by=by, leg=kept.leg, consultation=kept.id, answer=code,
        on=on.isoformat(),
    )  # fmt: skip
    if words.strip():
        file.keep(Collection.NOTE, f"event-{event.seq}", (words.strip(),))


def consultation_of(file: CaseFile, name: str) -> Consultation:
    """One consultation. Raises NotFound."""
    return file.latest(Collection.NOTE, _name(name), Consultation)


def passage_for(file: CaseFile, consultation: Consultation) -> ConsultedPassage:
    """The words for the consultee, everything about anybody else withheld."""
    record = _record(file, consultation.leg, str(consultation.span.record))
    if consultation.names_requester:
        _require_may_name(file)
    return consulted(
        record,
        consultation,
        register=register_of(file),
        others=_spans_of_others(file, consultation),
        requester=leg_of(file, consultation.leg).recipient,
    )


def needles_for(
    file: CaseFile, consultation: Consultation, passage: ConsultedPassage, *, ours: Sequence[str] = ()
) -> Needles:
    """What the letter to the consultee may not hold."""
    state = state_of(file)
    rounds = range(1, state.gathered_round + 1)
    return unseen_by(
        consultation,
        passage,
        records=[r for number in rounds for r in leg_records(file, number, consultation.leg)],
        register=register_of(file),
        requester=leg_of(file, consultation.leg).recipient.subject,
        ours=ours,
    )


def consultee_name(file: CaseFile, consultation: Consultation) -> str:
    """Who is asked, for the officer's page."""
    return consultee_of(consultation, register_of(file)).name


def _require_may_name(file: CaseFile) -> None:
    """Refuse to name the asker to anybody while a stop of any part protects somebody."""
    state = state_of(file)
    if any(_PROTECTING & known(leg.conflicts) for leg in state.legs.values()):
        raise NotAllowed(
            "The asker may not be named to anybody: a stop that protects somebody is in force.",
            next_step="Ask without the name, or decide without asking.",
            field="named",
        )


def _spans_of_others(file: CaseFile, consultation: Consultation) -> list[Span]:
    """Words proposed or withheld in the record because of somebody else, or of nobody that is known."""
    leg, key = consultation.leg, consultation.span.record
    proposals = proposals_of(file, state_of(file).gathered_round, leg)
    about = {p.id: p.person for p in proposals}
    spans = [p.span for p in proposals if p.span.record == key and p.person != consultation.person]
    spans += [
        d.span
        for d in effective(decisions_of(file, leg))
        if d.span.record == key
        and d.verdict is Verdict.WITHHOLD
        and about.get(d.proposal) != consultation.person
        # Marked by hand around the very words that are asked about: they are what the question is about.
        and not (not d.proposal and _holds(d.span, consultation.span))
    ]
    return [
        s for s in spans if s.version == consultation.span.version and s.passage == consultation.span.passage
    ]


def _holds(outer: Span, inner: Span) -> bool:
    return outer.passage == inner.passage and outer.start <= inner.start and inner.end <= outer.end


def _record(file: CaseFile, leg: int, key: str) -> Record:
    for record in leg_records(file, state_of(file).gathered_round, leg):
        if str(record.key) == key and not record.kind.is_generated:
            return record
    raise NotFound(
        "That record is not under review here.", next_step="Choose one from the list.", field="record"
    )
