"""Corrections: asked for, passed to every holder, closed only by a fresh look (Articles 16 and 19)."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from sar.domain.calendar import uk_day
from sar.domain.clock import ClockFacts, Right, replay
from sar.domain.errors import ImpossibleDate, InvalidInput, NotAllowed, NotFound, OutOfOrder
from sar.domain.parties import PROGRAM, Actor, StaffRole
from sar.domain.records import AnswerKind, Record, StoreAnswer
from sar.domain.rectification import (
    Correction,
    CorrectionAnswer,
    CorrectionOutcome,
    Held,
    Place,
    PlaceState,
    added_since,
    check_answer,
    look_again,
    numbers_of,
    paired,
    places_of,
)
from sar.domain.references import CaseId, RecordKey, StoreName
from sar.domain.statutes import Law
from sar.domain.trail import EventKind
from sar.ports.answering import records_of
from sar.ports.casework import answers_of, correction_of, leg_of, leg_records, state_of
from sar.ports.disclosing import Inspector
from sar.ports.keeping import Archive, CaseFile, Collection
from sar.ports.told import require_tellable


class Rectification:
    """Tracks each correction to each place until a new gathering shows it."""

    def __init__(self, *, archive: Archive, law: Law, inspector: Inspector) -> None:
        self._archive = archive
        self._law = law
        self._inspector = inspector

    def ask(
        self, case: CaseId, *, leg: int, alert_number: str = "", what_is_wrong: str, what_it_should_say: str,
        asked_on: date, at: datetime, by: Actor, once: str = "",
    ) -> str:  # fmt: skip
        """Open a correction; its id. With an alert's number every copy and every recipient is listed."""
        for words, field in ((what_is_wrong, "what_is_wrong"), (what_it_should_say, "what_it_should_say")):
            if not words.strip():
                raise InvalidInput("Part of the correction is empty.", next_step="Fill it in.", field=field)
        if asked_on > uk_day(at):
            raise ImpossibleDate("That date is in the future.", next_step="Check it.", field="asked_on")
        deadline = replay(
            ClockFacts(received_on=asked_on), calendar=self._law.calendar, right=Right.RECTIFICATION, explain=False
        )  # fmt: skip
        name = hashlib.sha256(once.encode()).hexdigest()[:12] if once else uuid.uuid4().hex[:12]
        with self._archive.writing(case) as file:
            if name in file.names(Collection.CORRECTION):
                return name
            leg_of(file, leg)
            if not by.is_family:
                said = {"what_is_wrong": what_is_wrong, "what_it_should_say": what_it_should_say}
                require_tellable(file, self._inspector, leg=leg, **said)
            places = self._places(file, leg, alert_number, asked_on, by)
            correction = Correction(
                id=name,
                leg=leg,
                asked_on=asked_on,
                answer_by=deadline.not_before,
                alert_number=alert_number,
                what_is_wrong=what_is_wrong.strip(),
                what_it_should_say=what_it_should_say.strip(),
                places=places,
            )
            file.keep(Collection.CORRECTION, name, correction)
            file.record(
                EventKind.CORRECTION_ASKED, at=at, by=by, leg=leg, correction=name, asked_on=asked_on.isoformat(),
                answer_by=correction.answer_by.isoformat(), places=len(places),
            )  # fmt: skip
        return name

    @staticmethod
    def _places(file: CaseFile, leg: int, alert_number: str, on: date, by: Actor) -> tuple[Place, ...]:
        if not alert_number:
            return ()
        number = state_of(file).gathered_round
        records = leg_records(file, number, leg)
        copies = numbers_of(alert_number, records, copies_only=True)
        held = _held(file, _answers(file, number, leg), copies) if copies else {}
        places = places_of(alert_number, records, on=on, held=held)
        if number and not places and not by.is_family:
            # A family is not told: a number that is refused and one that is taken would tell of hidden records.
            raise NotFound(
                "No record of this case carries that alert number.",
                next_step="Use the number printed on the alert's page in the pack, or leave it empty.",
                field="alert_number",
            )
        return places

    def answer(
        self, case: CaseId, *, correction: str, outcome: CorrectionOutcome, reason: str, answered_on: date,
        at: datetime, by: Actor, exemption: str = "", statement: str = "",
    ) -> None:  # fmt: skip
        """Answer a request to put a record right. A later answer replaces an earlier one; both stay in the trail.

        :raises DecisionNotSupported: the exemption does not reach Article 16.
        """
        if not by.has(StaffRole.COMPLAINTS):
            raise NotAllowed(
                "Only the complaints team may answer this.", next_step="Ask the complaints team."
            )
        rule = self._law.exemption(exemption, answered_on) if exemption else None
        given = CorrectionAnswer(
            outcome=outcome, answered_on=answered_on, reason=reason.strip(),
            exemption=rule.code if rule else None, said=rule.words(rule.saying) if rule else "",
            statement=statement.strip(),
        )  # fmt: skip
        with self._archive.writing(case) as file:
            kept = correction_of(file, correction)
            check_answer(given, asked_on=kept.asked_on, on=uk_day(at), rule=rule)
            require_tellable(
                file, self._inspector, leg=kept.leg, reason=given.reason, statement=given.statement
            )
            file.keep(Collection.CORRECTION, correction, replace(kept, answer=given))
            file.record(
                EventKind.CORRECTION_ANSWERED, at=at, by=by, leg=kept.leg, correction=correction,
                outcome=outcome.name.lower(), answered_on=answered_on.isoformat(), exemption=given.exemption,
                statement=bool(given.statement), in_time=answered_on <= kept.answer_by,
            )  # fmt: skip

    def report(self, case: CaseId, *, correction: str, place: str, on: date, at: datetime, by: Actor) -> None:
        """The holder of one copy was told (Article 19)."""
        _staff(by)
        self._set(
            case,
            correction,
            place,
            PlaceState.REPORTED,
            EventKind.CORRECTION_REPORTED,
            note="",
            on=on,
            at=at,
            by=by,
        )

    def confirm(
        self, case: CaseId, *, correction: str, place: str, on: date, words: str, at: datetime, by: Actor
    ) -> None:
        """A holder says that it is done. Where we can look ourselves, only looking counts."""
        _staff(by)
        with self._archive.reading(case) as file:
            kept = correction_of(file, correction)
            if _place(kept, place).record is not None:
                raise OutOfOrder(
                    "We can look into this store ourselves, so its word is not enough.",
                    next_step="Gather again: the correction closes when the store shows it.",
                )
            require_tellable(file, self._inspector, leg=kept.leg, words=words)
        if not words.strip():
            raise InvalidInput("What the holder said is missing.", next_step="Write it.", field="words")
        self._set(
            case, correction, place, PlaceState.CONFIRMED, EventKind.CORRECTION_CONFIRMED, note=words.strip(),
            on=on, at=at, by=by,
        )  # fmt: skip

    def verify(
        self, case: CaseId, *, correction: str, round_number: int, at: datetime, by: Actor = PROGRAM
    ) -> Correction:
        """Compare every copy with what a newer gathering found, and list copies that were found since.

        Closes when every place is proved, and not while a store that might hold another copy has not answered.
        """
        with self._archive.writing(case) as file:
            kept = correction_of(file, correction)
            if state_of(file).gathered_round < round_number:
                raise OutOfOrder(
                    "That gathering is not complete.", next_step="Wait until every store answered."
                )
            look = _look(file, round_number, kept, uk_day(at))
            looked = look.at(kept, since=_since(file, kept), on=uk_day(at))
            for place in looked.places:
                if place.record is not None:
                    seen = place.state is PlaceState.SEEN
                    file.record(
                        EventKind.CORRECTION_SEEN if seen else EventKind.CORRECTION_NOT_SEEN, at=at, by=by,
                        leg=kept.leg, correction=correction, place=place.id, round=round_number,
                        state=place.state.name.lower(),
                    )  # fmt: skip
            if looked.places and not looked.left and looked.is_open and not look.has_gaps:
                looked = replace(looked, closed_on=uk_day(at))
                file.record(EventKind.CORRECTION_CLOSED, at=at, by=by, leg=kept.leg, correction=correction)
            file.keep(Collection.CORRECTION, correction, looked)
            return looked

    def _set(
        self, case: CaseId, name: str, place: str, state: PlaceState, kind: EventKind, *, note: str, on: date,
        at: datetime, by: Actor,
    ) -> None:  # fmt: skip
        if on > uk_day(at):
            raise ImpossibleDate("That date is in the future.", next_step="Check it.", field="on")
        with self._archive.writing(case) as file:
            kept = correction_of(file, name)
            changed = replace(_place(kept, place), state=state, checked_on=on, note=note)
            file.keep(Collection.CORRECTION, name, kept.with_place(changed))
            file.record(kind, at=at, by=by, leg=kept.leg, correction=name, place=place, on=on.isoformat())


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """When a correction was asked for, and when the holder of a place was told: to the moment, and the day named."""

    at: datetime
    on: date | None = None

    def is_before(self, asked_at: datetime) -> bool:
        return asked_at >= self.at or (self.on is not None and uk_day(asked_at) > self.on)


_Since = dict[str, list[_Told]]
"""By place; "" is what counts for all of them."""


def _since(file: CaseFile, kept: Correction) -> _Since:
    since: _Since = {"": []}
    for event in file.events():
        if event.facts.get("correction") != kept.id:
            continue
        if event.kind is EventKind.CORRECTION_ASKED:
            since[""] = [_Told(at=event.at)]
        elif event.kind is EventKind.CORRECTION_REPORTED:
            day = date.fromisoformat(str(event.facts["on"]))
            since[str(event.facts["place"])] = [_Told(at=event.at, on=day)]
    return since


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """What one round found where a correction has, or should have, its places."""

    held: Held
    found: tuple[Place, ...]
    asked: dict[StoreName, datetime]
    """Stores that answered, and when; an answer may have been taken over from an earlier round."""
    has_gaps: bool

    def at(self, kept: Correction, *, since: _Since, on: date) -> Correction:
        new = added_since(kept.places, self.found)
        places = (*kept.places, *new)
        there = paired([p for p in places if p.record], self.held, alert_number=kept.alert_number)
        looked = [
            look_again(
                place, alert_number=kept.alert_number, held=there.get(place.id), on=on,
                looked_on=self._asked_on(place, [*since[""], *since.get(place.id, ())]),
            )
            for place in places
        ]  # fmt: skip
        # Nobody told the holder of a copy that was only found now.
        fresh = [
            p if p.state is PlaceState.SEEN else q
            for p, q in zip(looked[len(kept.places) :], new, strict=True)
        ]
        return replace(kept, places=(*looked[: len(kept.places)], *fresh))

    def _asked_on(self, place: Place, since: list[_Told]) -> date | None:
        """The day on which its store was asked; an answer from before says nothing about what was done since."""
        asked_at = self.asked.get(place.store)
        if asked_at is None or not all(told.is_before(asked_at) for told in since):
            return None
        return uk_day(asked_at)


def _look(file: CaseFile, round_number: int, kept: Correction, on: date) -> _Look:
    answers = _answers(file, round_number, kept.leg)
    records = leg_records(file, round_number, kept.leg) if kept.alert_number else ()
    wanted = numbers_of(kept.alert_number, records)
    for place in (p for p in kept.places if p.record):
        # An old correction does not know the store's own number of a second text under one number.
        first = place.number.native_id.rpartition("#")[0]
        wanted |= {place.number, *([RecordKey(place.store, first)] if first else [])}
    held = _held(file, answers, wanted)
    return _Look(
        held=held,
        found=places_of(kept.alert_number, records, on=on, held=held) if kept.alert_number else (),
        asked={a.store: a.asked_at for a in answers if a.kind in _LOOKED},
        has_gaps=any(a.kind.is_gap for a in answers),
    )


_LOOKED = frozenset({AnswerKind.FOUND, AnswerKind.NOTHING_HELD, AnswerKind.NOT_USED_HERE})


def _answers(file: CaseFile, round_number: int, leg: int) -> list[StoreAnswer]:
    subject = leg_of(file, leg).subject
    return [a for a in answers_of(file, round_number) if a.subject == subject]


def _held(file: CaseFile, answers: Iterable[StoreAnswer], wanted: set[RecordKey]) -> Held:
    """What stands in the stores under some numbers, as the stores gave it."""
    stores, held = {key.store for key in wanted}, dict[RecordKey, list[Record]]()
    for record in (r for a in answers if a.store in stores for r in records_of(file, a)):
        known = held.setdefault(record.key, []) if record.key in wanted else None
        if known is not None and record.version not in {r.version for r in known}:
            known.append(record)
    return held


def _place(correction: Correction, name: str) -> Place:
    for place in correction.places:
        if place.id == name:
            return place
    raise NotFound("The correction has no such place.", next_step="Open the correction again.", field="place")


def _staff(by: Actor) -> None:
    if not (by.has(StaffRole.COMPLAINTS) or by.has(StaffRole.OFFICER)):
        raise NotAllowed("Only staff may record this.", next_step="Ask the complaints team.")
