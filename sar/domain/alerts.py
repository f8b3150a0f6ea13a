"""The life of an alert across stores; ``sar.domain.contradictions`` says where the stores disagree about it.

The values made here are ordinary ``Record`` values of generated kinds: they pass the same proposals,
decisions, sign-off and gate as anything a store holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from sar.domain.records import (
    AlertEntry,
    AlertStep,
    DataClass,
    Passage,
    Provenance,
    Record,
    RecordKind,
)
from sar.domain.references import RecordKey, StoreName, SubjectId

OWN_STORE = StoreName("sar")
"""The store name of generated records: this program, from what the stores answered."""
OWN_LABEL = "This service, from the answers of the stores"


ADULT = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who reads a page about an alert, and so who is meant by "told"."""

    own: bool = False
    """The data subject reads about themself."""
    born_on: date | None = None
    """The data subject's birthday: a grown person is told in person, for a child the parents are."""

    def grown_on(self, on: date) -> bool:
        """Whether the alert was about a grown person when it was raised."""
        born = self.born_on
        if born is None:
            return self.own
        return on.year - born.year - ((on.month, on.day) < (born.month, born.day)) >= ADULT

    def told(self, on: date) -> str:
        """The front of "... told": "you were", "the parents were"."""
        if self.grown_on(on):
            return "you were" if self.own else "the person was"
        return "your parents were" if self.own else "the parents were"

    def them(self, on: date) -> str:
        """The same people as an object."""
        return "you" if self.own and self.grown_on(on) else "them"


PARENT = Reader()
"""Nothing is known of the reader: the words for a child's pack."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What is expected of alerts, by the law files or a setting of the controller's own."""

    review_months: int = 12
    """An alert is looked at again within so many months; 0: nothing is expected."""
    citation: str = ""
    """Where the time stands; where nothing sets it, that nothing does."""
    uncertain: bool = True
    """No source sets the time: the words on the page say so."""

    @property
    def said(self) -> str:
        """Where the time comes from, for whoever reads the page."""
        if self.uncertain:
            return "No law that we know sets this time: it is the time we go by."
        return f"This time is set by {self.citation}."


EXPECTED = Expected()
"""Nothing is known of the nation or of the controller's own time: a working assumption."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenEntry:
    """One fact of an alert's life and the store that holds it."""

    entry: AlertEntry
    store: StoreName
    store_label: str
    record: RecordKey | None = None
    """The record that says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLife:
    """Everything every store holds about one alert on one data subject, oldest first."""

    number: str
    seen: tuple[SeenEntry, ...]

    @property
    def raised_on(self) -> date:
        """The first date any store gives."""
        return self.seen[0].entry.on

    def of(self, step: AlertStep) -> tuple[SeenEntry, ...]:
        """The entries of one kind, oldest first."""
        return tuple(s for s in self.seen if s.entry.step is step)

    @property
    def standing(self) -> tuple[SeenEntry, ...]:
        """The present state in each record of each place. One place may hold the alert twice, in two states."""
        newest: dict[object, SeenEntry] = {}
        for seen in self.of(AlertStep.STATUS):
            if seen.entry.status:
                newest[seen.store, seen.store_label, seen.record] = seen
        return tuple(newest.values())

    @property
    def states(self) -> tuple[tuple[str, str], ...]:
        """Every present state with its place's label, in the order of the labels."""
        return tuple(sorted({(s.store_label, s.entry.status) for s in self.standing}))

    @property
    def told(self) -> bool | None:
        """Whether any store records that the parents were told; None when none says anything."""
        said = [s.entry.parents_told for s in self.seen if s.entry.parents_told is not None]
        return any(said) if said else None

    @property
    def reasons_not_told(self) -> tuple[str, ...]:
        """Recorded reasons for not telling the parents, without repeats."""
        return tuple(dict.fromkeys(s.entry.reason_not_told for s in self.seen if s.entry.reason_not_told))


def lives(records: Iterable[Record]) -> tuple[AlertLife, ...]:
    """The alerts in these records, each with its facts from every store."""
    by_number: dict[str, dict[object, SeenEntry]] = {}
    for record in records:
        # A copy is one more place where the alert stands: it is told of, and has to be corrected.
        places = dict.fromkeys((p.store, p.store_label) for p in (record.provenance, *record.copies))
        for entry in record.alert:
            for store, label in places:
                seen = SeenEntry(entry=entry, store=store, store_label=label, record=record.key)
                # A state is told of each record, for two of one store may differ; any other fact once.
                fact = (entry, store, label, record.key if entry.step is AlertStep.STATUS else None)
                by_number.setdefault(entry.alert_number, {}).setdefault(fact, seen)
    order = list(AlertStep)
    return tuple(
        AlertLife(
            number=number,
            seen=tuple(sorted(seen.values(), key=lambda s: (s.entry.on, order.index(s.entry.step), s.store))),
        )
        for number, seen in sorted(by_number.items())
    )


def generated(
    *, subject: SubjectId, name: str, kind: RecordKind, on: date, at: datetime, passages: Sequence[Passage]
) -> Record:
    """A page sar writes for one data subject, as a record to be reviewed."""
    return Record(
        key=RecordKey(OWN_STORE, f"{name}/{subject}"),
        kind=kind,
        dated_on=on,
        passages=tuple(passages),
        provenance=Provenance(
            store=OWN_STORE,
            store_label=OWN_LABEL,
            controller="",
            native_id=name,
            found_by="written from the answers",
            retrieved_at=at,
            data_class=DataClass.OTHER,
        ),
        about=frozenset({subject}),
    )


def life_record(life: AlertLife, *, subject: SubjectId, at: datetime) -> Record:
    """The alert's timeline: one passage a fact, labelled with its date and what happened.

    A fact that several stores hold alike is told once, with all of them.
    """
    spelled = _spellings((life,))
    held: dict[AlertEntry, list[str]] = {}
    for seen in life.seen:
        labels = held.setdefault(_alike(seen.entry, spelled), [])
        if seen.store_label not in labels:
            labels.append(seen.store_label)
    return generated(
        subject=subject,
        name=f"alert-life/{life.number}",
        kind=RecordKind.ALERT_LIFE,
        on=life.raised_on,
        at=at,
        passages=[
            Passage(label="Alert number", text=life.number),
            *(_life_line(entry, labels) for entry, labels in held.items()),
        ],
    )


def _alike(entry: AlertEntry, spelled: Mapping[frozenset[str], str]) -> AlertEntry:
    """The entry with its words in one form, so that two stores' words for one fact meet."""
    first = entry.by_role[:1].upper() + entry.by_role[1:]
    recipient = spelled.get(words_of(entry.recipient), entry.recipient)
    return replace(entry, by_role=first, category=entry.category.lower(), recipient=recipient)


def words_of(name: str) -> frozenset[str]:
    """The words of a name without their order: "nursing and reception staff" is "reception and nursing staff"."""
    return frozenset(re.findall(r"\w+", name.casefold()))


def _spellings(alert_lives: Iterable[AlertLife]) -> dict[frozenset[str], str]:
    """One spelling for each recipient: the first that was used."""
    named = sorted(
        (s.entry.on, s.store, s.entry.recipient) for a in alert_lives for s in a.seen if s.entry.recipient
    )
    spelled: dict[frozenset[str], str] = {}
    for _, _, recipient in named:
        spelled.setdefault(words_of(recipient), recipient)
    return spelled


def _life_line(entry: AlertEntry, labels: Sequence[str]) -> Passage:
    parts = [
        f"By {entry.by_role}." if entry.by_role else "",
        f"Category: {entry.category}." if entry.category else "",
        f"Told: {entry.recipient}." if entry.recipient else "",
        f"State: {state_words(entry.status)}." if entry.status else "",
        entry.note,
        f"(Held in: {listed(labels)}.)",
    ]
    return Passage(label=f"{say(entry.on)}: {entry.step.value}", text=" ".join(p for p in parts if p))


def told_record(
    alert_lives: Sequence[AlertLife], *, subject: SubjectId, at: datetime, reader: Reader = PARENT
) -> Record:
    """For the page "Should we have been told?": what the alert entries say about it, alert by alert."""
    return generated(
        subject=subject,
        name="parents-told",
        kind=RecordKind.PARENTS_TOLD,
        on=min(life.raised_on for life in alert_lives),
        at=at,
        passages=[
            Passage(label=f"Alert raised on {say(a.raised_on)}", text=_told_words(a, reader))
            for a in alert_lives
        ],
    )


def _told_words(life: AlertLife, reader: Reader) -> str:
    told = reader.told(life.raised_on)
    if life.told:
        return f"Alert {life.number}: an alert entry says that {told} told."
    never = f"Alert {life.number}: no alert entry says that {told} told when it was raised"
    if reasons := " ".join(life.reasons_not_told):
        return f"{never}. The reason given is: {reasons}"
    return f"{never}, and none gives a reason for not telling {reader.them(life.raised_on)}."


NOBODY_NAMED = "No alert entry that we found names anyone who was told."


def recipients_record(alert_lives: Sequence[AlertLife], *, subject: SubjectId, at: datetime) -> Record:
    """Who was told as far as the alerts say, once each, with every day and every place that says so."""
    spelled = _spellings(alert_lives)
    told: dict[str, tuple[set[date], set[str]]] = {}
    for life in alert_lives:
        for seen in life.seen:
            if seen.entry.recipient:
                days, labels = told.setdefault(spelled[words_of(seen.entry.recipient)], (set(), set()))
                days.add(seen.entry.on)
                labels.add(seen.store_label)
    rows = sorted((sorted(days), recipient, sorted(labels)) for recipient, (days, labels) in told.items())
    return generated(
        subject=subject,
        name="recipients",
        kind=RecordKind.RECIPIENTS,
        on=rows[0][0][0] if rows else at.date(),
        at=at,
        passages=[
            Passage(label=" and ".join(map(say, days)), text=f"{recipient}. (Recorded in: {listed(labels)}.)")
            for days, recipient, labels in rows
        ]
        or [Passage(label="From the alerts", text=NOBODY_NAMED)],
    )


def say(on: date) -> str:
    """A date as people write it: 3 March 2024."""
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def state_words(state: str) -> str:
    """A state in plain words: closed is not the same as wrong."""
    return {
        "entered-in-error": "marked as entered in error",
        "inactive": "closed (not marked as an error)",
    }.get(state, state)


def listed(labels: Sequence[str]) -> str:
    """Labels of places as a sentence has them: only the first keeps its capital "The"."""
    words = [labels[0], *(re.sub(r"^The ", "the ", label) for label in labels[1:])]
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " and " + words[-1]
