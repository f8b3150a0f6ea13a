"""The pages sar writes about a data subject from gathered values: records like any other, to be reviewed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sar.domain import alerts
from sar.domain.complaints import ComplaintState, NextStep
from sar.domain.disclosure import fold
from sar.domain.parties import PeopleRegister, Role
from sar.domain.records import AnswerKind, Passage, Record, RecordKind, StoreAnswer
from sar.domain.rectification import Correction
from sar.domain.references import SubjectId


def generated_pages(
    records: Sequence[Record], answers: Sequence[StoreAnswer], *, subject: SubjectId, at: datetime
) -> tuple[Record, ...]:
    """The pages sar writes about one data subject from what the stores answered."""
    search = _search_page([a for a in answers if a.subject == subject], subject=subject, at=at)
    return (search, *alert_pages(records, subject=subject, at=at))


def alert_pages(records: Sequence[Record], *, subject: SubjectId, at: datetime) -> tuple[Record, ...]:
    """The pages about alerts, from these records only: one that does not go out must not be among them."""
    pages: list[Record] = []
    found = alerts.lives(records)
    if found:
        pages.extend(alerts.life_record(life, subject=subject, at=at) for life in found)
        pages.append(alerts.told_record(found, subject=subject, at=at))
        told = alerts.recipients_record(found, subject=subject, at=at)
        pages.extend([told] if told else [])
    if disagreements := alerts.contradictions(found, records):
        pages.append(alerts.contradictions_record(disagreements, subject=subject, on=at.date(), at=at))
    return tuple(pages)


def _search_page(answers: Sequence[StoreAnswer], *, subject: SubjectId, at: datetime) -> Record:
    return alerts.generated(
        subject=subject,
        name="search-log",
        kind=RecordKind.SEARCH_LOG,
        on=at.date(),
        at=at,
        passages=[Passage(label=a.store_label, text=_search_words(a)) for a in answers],
    )


def _search_words(answer: StoreAnswer) -> str:
    count = len(answer.records)
    said = {
        # No number: a count would tell of a record that is withheld without a mention.
        AnswerKind.FOUND: "Records found.",
        AnswerKind.NOTHING_HELD: "Nothing held.",
        AnswerKind.NOT_USED_HERE: "This system does not use the kind of number we could give it, so it could not look.",
        AnswerKind.UNAVAILABLE: "It did not answer. We will ask again and send you what it holds.",
        AnswerKind.REFUSED: "It did not accept our question. A member of staff is looking into it.",
        AnswerKind.NOT_OURS: "We may not search it. Ask its owner directly.",
    }[answer.kind]
    parts = [
        f"Kept by {answer.controller}.",
        f"Asked on {alerts.say(answer.asked_at.date())}"
        + (f" by {_joined(answer.searched_by)}." if answer.searched_by else "."),
        said,
    ]
    if answer.attempt > 1:
        parts.append(
            f"It answered at attempt {answer.attempt}." if count else f"We asked {answer.attempt} times."
        )
    # A near name is somebody else's until a person says otherwise: to mention it would tell of them.
    held = sum(h.code != "near-name" for h in answer.held_back)
    if held:
        parts.append(
            f"{held} item{'' if held == 1 else 's'} could not be read by the program: a member of staff looks at each."
        )
    return " ".join(parts)


def _joined(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]


def people_page(
    register: PeopleRegister, records: Iterable[Record], *, subject: SubjectId, at: datetime
) -> Record:
    """The professionals these records name, and their roles."""
    text = fold("\n".join(p.text for r in records if not r.kind.is_generated for p in r.passages))
    named = sorted(
        (p for p in register.people if p.role is Role.PROFESSIONAL and fold(p.name) in text),
        key=lambda p: p.name,
    )
    if not named:
        return _people(
            [Passage(label="Name and role", text="No member of staff is named in these records.")],
            subject=subject,
            at=at,
        )
    passages = [
        Passage(label="Name and role", text=", ".join(w for w in (p.name, p.job_title, p.employer) if w))
        for p in named
    ]
    return _people(passages, subject=subject, at=at)


def _people(passages: Sequence[Passage], *, subject: SubjectId, at: datetime) -> Record:
    return alerts.generated(
        subject=subject,
        name="people-kept",
        kind=RecordKind.PEOPLE_KEPT,
        on=at.date(),
        at=at,
        passages=passages,
    )


def trail_page(
    complaints: Sequence[tuple[str, ComplaintState, NextStep]],
    corrections: Sequence[Correction],
    *,
    subject: SubjectId,
    at: datetime,
) -> Record | None:
    """Complaints and corrections, each with its stage, its dates and its next step."""
    passages = [
        Passage(
            label=f"Complaint of {alerts.say(state.opened_on)}",
            text=f"{title}. It is {state.status}. {step.text}",
        )
        for title, state, step in complaints
    ]
    for correction in corrections:
        passages.append(
            Passage(
                label=f"Correction asked on {alerts.say(correction.asked_on)}",
                text=f"You said: {correction.what_is_wrong} It should say: {correction.what_it_should_say} "
                f"We must answer by {alerts.say(correction.answer_by)}.",
            )
        )
        passages.extend(
            Passage(
                label=f"Place {i}",
                text=f"{place.label}: {place.state.value}, checked on {alerts.say(place.checked_on)}."
                + (f" Note: {place.note}." if place.note else ""),
            )
            for i, place in enumerate(correction.places, start=1)
        )
    if not passages:
        return None
    return alerts.generated(
        subject=subject,
        name="complaint-trail",
        kind=RecordKind.COMPLAINT_TRAIL,
        on=at.date(),
        at=at,
        passages=passages,
    )
