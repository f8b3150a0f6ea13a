"""Corrections: asked, passed to every holder, and closed only by a fresh look in the store.

UK GDPR Articles 16 and 19. ``entered-in-error`` is not ``inactive``: an alert that was only switched
off still says that it was once right.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from sar.domain.alerts import say, words_of
from sar.domain.disclosure import Statement
from sar.domain.errors import DecisionNotSupported, ImpossibleDate, InvalidInput
from sar.domain.exemptions import ExemptionRule
from sar.domain.records import AlertStep, Provenance, Record, RecordKind
from sar.domain.references import ExemptionCode, RecordKey, StoreName
from sar.domain.statutes import Regulator
from sar.domain.traces import trace_of


class PlaceState(Enum):
    """How one copy of an error stands, in the words of the trail and the pack."""

    LISTED = "found, its holder not yet told"
    REPORTED = "its holder has been told"
    CONFIRMED = "confirmed by the holder, not seen by us"
    SEEN = "seen corrected in the store"
    CHANGED = "changed in the store: an officer must read it"
    GONE = "no longer in the store: an officer must ask why"
    NOT_SEEN = "still wrong in the store"
    NOT_ASKED = "the store did not answer this time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One copy of the error: where it lives and how it stands."""

    id: str
    record: RecordKey | None
    """None for a recipient outside our stores: we can ask and be told, not look."""
    store: StoreName
    label: str
    controller: str
    version: str
    state: PlaceState
    checked_on: date
    note: str = ""
    native_id: str = ""
    """The store's own number, where two texts under one number got two keys of ours; empty in old corrections."""

    @property
    def number(self) -> RecordKey:
        """The number under which the store itself is asked for this copy."""
        native = self.native_id or (self.record.native_id if self.record else "")
        return RecordKey(self.store, native)


class CorrectionOutcome(Enum):
    """How a request to put a record right was answered. The values are the words shown."""

    CORRECTED = "put right as you asked"
    PARTLY = "put right in part"
    STATEMENT_ADDED = "your statement was added to the record"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionAnswer:
    """What the controller answered. Places are proved one by one whatever was answered."""

    outcome: CorrectionOutcome
    answered_on: date
    reason: str
    exemption: ExemptionCode | None = None
    """The exemption that limits Article 16 here, where one was relied on."""
    said: str = ""
    """What the family may be told of the exemption, and no more."""
    statement: str = ""
    """The person's own words, kept with the record (Article 16)."""

    @property
    def is_short_of_what_was_asked(self) -> bool:
        """Then the answer has to name the ways on: s.164A, s.165 and a court (Article 12(4))."""
        return self.outcome is not CorrectionOutcome.CORRECTED


def check_answer(answer: CorrectionAnswer, *, asked_on: date, on: date, rule: ExemptionRule | None) -> None:
    """Refuse an answer that the law does not allow.

    Most exemptions limit access only: a record that may be withheld may still have to be put right.

    :param rule: the exemption relied on.
    :raises DecisionNotSupported: an exemption that does not reach Article 16, or one without a refusal.
    """
    if not answer.reason.strip():
        raise InvalidInput("The reason is missing.", next_step="Write why, for the family.", field="reason")
    if not asked_on <= answer.answered_on <= on:
        raise ImpossibleDate(
            "The answer has to lie between the day the correction was asked for and today.",
            next_step="Check the date.", field="answered_on",
        )  # fmt: skip
    if answer.outcome is CorrectionOutcome.STATEMENT_ADDED and not answer.statement.strip():
        raise InvalidInput(
            "The statement is missing.", next_step="Write the person's own words.", field="statement"
        )
    if rule is None:
        return
    if answer.outcome is CorrectionOutcome.CORRECTED:
        raise DecisionNotSupported(
            "An exemption was named although everything was put right.",
            next_step="Take the exemption out, or choose another outcome.", field="exemption",
        )  # fmt: skip
    if not rule.blocks_rectification:
        raise DecisionNotSupported(
            f"{rule.code} ({rule.statute}) limits what may be seen, not the right to have a record put right.",
            next_step="Look at whether the record is right, and answer that.", field="exemption",
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """One asked-for correction and every place it must reach."""

    id: str
    leg: int
    asked_on: date
    answer_by: date
    alert_number: str
    what_is_wrong: str
    what_it_should_say: str
    places: tuple[Place, ...]
    closed_on: date | None = None
    answer: CorrectionAnswer | None = None

    @property
    def is_open(self) -> bool:
        """Open until every place is proved or answered by a person."""
        return self.closed_on is None

    @property
    def left(self) -> tuple[Place, ...]:
        """Places where nothing proves the correction yet."""
        return tuple(p for p in self.places if p.state not in _DONE)

    def with_place(self, place: Place) -> Correction:
        """The same correction with one place's new state."""
        return replace(self, places=tuple(place if p.id == place.id else p for p in self.places))


_DONE = frozenset({PlaceState.SEEN, PlaceState.CONFIRMED})


Held = Mapping[RecordKey, Sequence[Record]]
"""What stores hold, as they gave it: unfolded, and by their own numbers, several texts under one where it is so."""


def look_again(
    place: Place, *, alert_number: str, held: Record | None, looked_on: date | None, on: date
) -> Place:
    """The place after a new gathering.

    :param held: what its store holds there now; see ``paired``.
    :param looked_on: when its store was asked; None where it did not answer this time: silence proves nothing.
    """
    if place.record is None:
        return place
    if looked_on is None:
        return replace(place, state=PlaceState.NOT_ASKED, checked_on=on)
    if held is None:
        return replace(place, state=PlaceState.GONE, checked_on=looked_on)
    mine = [e for e in held.alert if e.alert_number == alert_number]
    states = [e.status for e in mine if e.step is AlertStep.STATUS and e.status]
    if states:
        done = all(s == "entered-in-error" for s in states)
        note = "" if done else f"the store shows the alert as {', '.join(sorted(set(states)))}"
        return replace(
            place, state=PlaceState.SEEN if done else PlaceState.NOT_SEEN, checked_on=looked_on, note=note
        )
    same = _is_as_it_was(place, held)
    return replace(place, state=PlaceState.NOT_SEEN if same else PlaceState.CHANGED, checked_on=looked_on)


def paired(places: Sequence[Place], held: Held, *, alert_number: str) -> dict[str, Record]:
    """What each place holds now, by the place's id.

    Where a store gives one number to several texts, one that did not change stands for the place it was listed as.
    The others stand for the rest in turn: a place that is left over is gone, and no text counts for two.
    """
    found: dict[str, Record] = {}
    changed: dict[RecordKey, list[Place]] = defaultdict(list)
    left = {number: list(records) for number, records in held.items()}
    for place in places:
        number = _held_under(place, held)
        same = next((r for r in left.get(number, ()) if _is_as_it_was(place, r)), None)
        if same is None:
            changed[number].append(place)
        else:
            found[place.id] = same
            left[number].remove(same)
    for number, others in changed.items():
        rest = sorted(left.get(number, ()), key=lambda r: not _carries(r, alert_number))
        found |= {place.id: record for place, record in zip(others, rest, strict=False)}
    return found


def _held_under(place: Place, held: Held) -> RecordKey:
    number = place.number
    if number in held or place.native_id:
        return number
    # An old correction knows only our key: the second text under "17" was listed as "17#2".
    first, mark, count = number.native_id.rpartition("#")
    return RecordKey(place.store, first) if mark and count.isdigit() else number


def _is_as_it_was(place: Place, record: Record) -> bool:
    return place.version in {record.version, seen_as(record)}


def _carries(record: Record, alert_number: str) -> bool:
    return any(e.alert_number == alert_number for e in record.alert)


def seen_as(record: Record) -> str:
    """What a record said when it was looked at, so that each of its copies can be compared with it later.

    White space, and what was taken over from a record folded into it, make no difference: a copy never had them.
    """
    return f"{record.kind.value}, {record.dated_on.isoformat()}, {trace_of(record).text}"


def only_seen(correction: Correction, records: Sequence[Record]) -> Correction:
    """The correction as somebody may see it who knows these records only: no place tells of another one."""
    keys = {r.key for r in records} | {RecordKey(c.store, c.native_id) for r in records for c in r.copies}
    named = {e.recipient for r in records for e in r.alert if e.alert_number == correction.alert_number}
    return replace(
        correction,
        places=tuple(p for p in correction.places if (p.record in keys if p.record else p.label in named)),
    )


def numbers_of(alert_number: str, records: Sequence[Record], *, copies_only: bool = False) -> set[RecordKey]:
    """The stores' own numbers of every record that carries the alert and of each of its copies."""
    return {
        RecordKey(where.store, where.native_id)
        for r in records
        if _carries(r, alert_number)
        for where in (r.copies if copies_only else (r.provenance, *r.copies))
    }


def places_of(
    alert_number: str, records: Sequence[Record], *, on: date, held: Held | None = None
) -> tuple[Place, ...]:
    """Every record that carries the alert, and every recipient a record names, as places to correct.

    A copy of ours was last looked at when it was gathered; a recipient's is only known from that day on. A recipient
    whose own record is among ours is that place already, and two spellings of one recipient are one.

    :param held: what stands in the stores under the numbers of the copies: a mail that was folded into a fuller
        one has to be compared later with what it said itself.
    """
    holders = [r for r in records if _carries(r, alert_number)]
    spots = [(r.key, r.provenance, r) for r in holders]
    # A folded copy is a place of its own: it has to be corrected where it lives.
    spots += [
        (RecordKey(c.store, c.native_id), c, _own_of(c, r, holders, held or {}))
        for r in holders
        for c in r.copies
    ]
    found = [
        Place(
            id=f"place-{i}",
            record=key,
            store=where.store,
            label=f"{where.store_label}, {record.kind.value} of {say(record.dated_on)}",
            controller=where.controller,
            version=seen_as(record),
            state=PlaceState.LISTED,
            checked_on=where.retrieved_at.date(),
            native_id=where.native_id,
        )
        for i, (key, where, record) in enumerate(spots, start=1)
    ]
    return (*found, *_recipients(alert_number, holders, after=len(found), on=on))


def _recipients(alert_number: str, holders: Sequence[Record], *, after: int, on: date) -> tuple[Place, ...]:
    """Whoever was told, by the holders' records, and whose own record is not among ours."""
    told: dict[frozenset[str], str] = {}
    for record in holders:
        for entry in record.alert:
            if entry.alert_number == alert_number and entry.recipient:
                told.setdefault(words_of(entry.recipient), entry.recipient)
    ours = {words_of(name) for r in holders for name in _received_as(r, alert_number)}
    return tuple(
        Place(
            id=f"place-{after + i}",
            record=None,
            store=StoreName(""),
            label=recipient,
            controller="",
            version="",
            state=PlaceState.LISTED,
            checked_on=on,
        )
        for i, recipient in enumerate((name for key, name in told.items() if key not in ours), start=1)
    )


def _own_of(copy: Provenance, folded: Record, holders: Sequence[Record], held: Held) -> Record:
    """What a copy said in its own place; where that is not at hand, what it was folded into."""
    mine, read = seen_as(folded), {seen_as(r) for r in holders}
    there = held.get(RecordKey(copy.store, copy.native_id), ())
    same = next((r for r in there if seen_as(r) == mine), None)
    return same or next((r for r in there if seen_as(r) not in read), folded)


def added_since(listed: Sequence[Place], found: Sequence[Place]) -> tuple[Place, ...]:
    """Places found by a newer gathering that a correction does not list yet, with ids of their own."""
    keys = {p.record for p in listed if p.record}
    told = {words_of(p.label) for p in listed if p.record is None}
    more = Counter(p.number for p in found if p.record) - Counter(p.number for p in listed if p.record)
    new: list[Place] = []
    for place in found:
        if place.record is None:
            is_new = words_of(place.label) not in told
        else:
            # One number may hold two texts, and which of them got the key of its own may have changed.
            is_new = place.record not in keys and more[place.number] > 0
            more[place.number] -= is_new
        if is_new:
            new.append(replace(place, id=f"place-{len(listed) + len(new) + 1}"))
    return tuple(new)


def _received_as(record: Record, alert_number: str) -> tuple[str, ...]:
    """Recipients named in a record that plainly are the place the record lives in.

    Either the store has the recipient's name ("School nursing service" and "The school nursing record"), or the record
    is the contact that the recipient's own organisation wrote when it was told.
    """
    mine = words_of(record.provenance.store_label) - _NOT_A_NAME
    got_it = record.kind is RecordKind.REFERRAL
    named = [e.recipient for e in record.alert if e.alert_number == alert_number and e.recipient]
    return tuple(
        name
        for name in named
        if (mine and words_of(name.split(":")[0]) - _NOT_A_NAME == mine)
        or (got_it and name.startswith(f"{record.provenance.controller},"))
    )


_NOT_A_NAME = frozenset({"the", "service", "services", "record", "records", "system", "folder", "team"})


def ways_on(regulator: Regulator) -> tuple[Statement, ...]:
    """What somebody can do who is not content with the answer (UK GDPR Article 12(4))."""
    return (
        Statement(
            heading="Complain to us",
            paragraphs=("Tell us what we got wrong. We must look into it and give you our answer.",),
            citation="Data Protection Act 2018 s.164A",
        ),
        Statement(
            heading=f"Complain to the {regulator.name}",
            paragraphs=(
                f"Use {regulator.website} or telephone {regulator.telephone}. It is best to tell us first.",
            ),
            citation="Data Protection Act 2018 s.165",
        ),
        Statement(
            heading="Ask a court",
            paragraphs=(
                "A court can order that a record be put right. Get advice first: it can cost money.",
            ),
            citation="Data Protection Act 2018 s.167",
        ),
        Statement(
            heading="Add your own words",
            paragraphs=(
                "You can ask us to keep a note with the record that says why you think it is wrong.",
            ),
            citation="UK GDPR Article 16",
        ),
    )
