"""The pages sar writes about a data subject from gathered values: records like any other, to be reviewed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sar.domain import alerts
from sar.domain.alerts import EXPECTED, PARENT, Expected, Reader
from sar.domain.calendar import uk_day, uk_time
from sar.domain.complaints import ComplaintState, NextStep
from sar.domain.contradictions import contradictions, contradictions_record
from sar.domain.disclosure import fold
from sar.domain.parties import PeopleRegister, Person, Role
from sar.domain.records import AnswerKind, Passage, Record, RecordKind, StoreAnswer
from sar.domain.rectification import Correction, Place, PlaceState
from sar.domain.references import SubjectId


def generated_pages(
    records: Sequence[Record],
    answers: Sequence[StoreAnswer],
    *,
    subject: SubjectId,
    at: datetime,
    reader: Reader = PARENT,
    expected: Expected = EXPECTED,
) -> tuple[Record, ...]:
    """The pages sar writes about one data subject from what the stores answered."""
    search = _search_page([a for a in answers if a.subject == subject], subject=subject, at=at)
    return (search, *alert_pages(records, subject=subject, at=at, reader=reader, expected=expected))


def alert_pages(
    records: Sequence[Record], *, subject: SubjectId, at: datetime, reader: Reader = PARENT,
    expected: Expected = EXPECTED,
) -> tuple[Record, ...]:  # fmt: skip
    """The pages about alerts, from these records only: one that does not go out must not be among them.

    The list of recipients is always there: that nobody is named is an answer too (Article 15(1)(c)).
    """
    pages: list[Record] = []
    found = alerts.lives(records)
    if found:
        pages.extend(alerts.life_record(life, subject=subject, at=at) for life in found)
        pages.append(alerts.told_record(found, subject=subject, at=at, reader=reader))
    pages.append(alerts.recipients_record(found, subject=subject, at=at))
    if disagreements := contradictions(found, records, reader=reader, expected=expected, on=uk_day(at)):
        pages.append(contradictions_record(disagreements, subject=subject, on=at.date(), at=at))
    return tuple(pages)


TOGETHER = "Taken together"
"""The line of the search page that says whether every place could answer."""


def _search_page(answers: Sequence[StoreAnswer], *, subject: SubjectId, at: datetime) -> Record:
    # Answers come as they come: the order of the page must not change from run to run or leg to leg.
    ordered = sorted(answers, key=lambda a: (a.controller, a.store_label, a.store))
    together = _together(ordered)
    return alerts.generated(
        subject=subject,
        name="search-log",
        kind=RecordKind.SEARCH_LOG,
        on=at.date(),
        at=at,
        passages=[
            *(Passage(label=a.store_label, text=_search_words(a)) for a in ordered),
            *([Passage(label=TOGETHER, text=together)] if together else []),
        ],
    )


def _together(answers: Sequence[StoreAnswer]) -> str:
    """What the answers leave open. Of a place that is silent the pack speaks by itself, as a gap."""
    if answers and all(a.kind in _LOOKED and not _unread(a) for a in answers):
        return (
            "Every place we asked has looked and has answered. As far as we may say, nothing is missing but "
            "what the law lets us hold back."
        )
    parts: list[str] = []
    if blind := sum(a.kind is AnswerKind.NOT_USED_HERE for a in answers):
        one = blind == 1
        parts.append(
            f"{_places(blind)} could not look, as the list above says. {'It' if one else 'They'} may hold something."
        )
    if others := sum(a.kind is AnswerKind.NOT_OURS for a in answers):
        parts.append(
            f"{_places(others)} we may not search. Ask {'its owner' if others == 1 else 'the owners'}."
        )
    if any(_unread(a) for a in answers):
        parts.append(
            "Some items could not be read by the program. If they are about this request, they follow."
        )
    return " ".join(parts)


_LOOKED = frozenset({AnswerKind.FOUND, AnswerKind.NOTHING_HELD})


def _places(count: int) -> str:
    return "One place" if count == 1 else f"{count} places"


def _unread(answer: StoreAnswer) -> int:
    """Items a person must read. A near name is not told of: it is somebody else's until a person says otherwise."""
    return sum(h.code != "near-name" for h in answer.held_back)


def _search_words(answer: StoreAnswer) -> str:
    said = {
        # No number: a count would tell of a record that is withheld without a mention.
        AnswerKind.FOUND: "Records found.",
        AnswerKind.NOTHING_HELD: "Nothing held.",
        AnswerKind.NOT_USED_HERE: "This system does not use the kind of number we could give it, so it could not look.",
        AnswerKind.UNAVAILABLE: "It did not answer. We will ask again and send you what it holds.",
        AnswerKind.REFUSED: "It did not accept our question. A member of staff is looking into it.",
        AnswerKind.SUSPENDED: "It was out of use and was not asked. We will ask it later and send you what it holds.",
        AnswerKind.NEEDS_PERSON: "A person has to look there by hand. We will send you what they find.",
        AnswerKind.NOT_OURS: _not_ours(answer),
    }[answer.kind]
    parts = [
        f"Kept by {answer.controller}.",
        *([] if answer.kind in _NEVER_ASKED and not answer.is_no_longer_ours else [_asked(answer)]),
        *([_period(answer)] if answer.to_on else []),
        said,
    ]
    if answer.attempt > 1 and answer.kind is not AnswerKind.SUSPENDED:
        parts.append(f"We asked {answer.attempt} times.")
    if held := _unread(answer):
        parts.append(
            f"{held} item{'' if held == 1 else 's'} could not be read by the program: a member of staff looks at each."
        )
    return " ".join(parts)


def _not_ours(answer: StoreAnswer) -> str:
    way = f"write to {answer.controller} and say whose records you want to see. It is free."
    if answer.is_no_longer_ours:
        return (
            "We may not search it any more. Whatever we found there before is part of this answer. For anything newer "
            f"ask its owner directly: {way}"
        )
    return f"We may not search it. Ask its owner directly: {way}"


_NEVER_ASKED = frozenset({AnswerKind.NOT_OURS, AnswerKind.SUSPENDED})


def _asked(answer: StoreAnswer) -> str:
    by = f" by {_joined(answer.searched_by)}" if answer.searched_by else ""
    return f"Asked on {alerts.say(answer.asked_at.date())}{_at(answer.asked_at)}{by}."


def _at(moment: datetime) -> str:
    """The time on the clocks here, as people say it."""
    return f" at {uk_time(moment):%H:%M}"


def _period(answer: StoreAnswer) -> str:
    until = alerts.say(answer.to_on) if answer.to_on else ""
    if answer.from_on:
        return f"We asked for the time from {alerts.say(answer.from_on)} to {until}."
    return f"We asked for everything up to {until}."


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
        Passage(
            label=TEAM if _is_team(p) else "Name and role",
            text=", ".join(w for w in (p.name, p.job_title, p.employer) if w),
        )
        for p in sorted(named, key=_is_team)
    ]
    return _people(passages, subject=subject, at=at)


TEAM = "Team or office"


def _is_team(person: Person) -> bool:
    """A shared mailbox ("Front door") is no person: it has no job, and its last word no capital."""
    return not person.job_title and person.name.split()[-1][:1].islower()


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
            Passage(label=f"Place {i}", text=_stands(place))
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


def _stands(place: Place) -> str:
    """How one place stands, with the day it was looked at or told."""
    on = alerts.say(place.checked_on)
    if place.state in {PlaceState.REPORTED, PlaceState.CONFIRMED}:
        said = f"{place.state.value}, on {on}"
    elif place.state is not PlaceState.LISTED:
        said = f"{place.state.value}, checked on {on}"
    elif place.record is None:
        said = "named in an alert, not yet told"
    else:
        said = f"seen on {on}, its holder not yet told"
    return f"{place.label}: {said}." + (f" Note: {place.note}." if place.note else "")
