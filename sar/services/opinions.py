"""Opinions of health professionals, and what else opens the gate for health information (DPA 2018 Sch 3)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from sar.domain.calendar import uk_day
from sar.domain.errors import ImpossibleDate, InvalidInput, NotAllowed, NotFound, OutOfOrder
from sar.domain.exemptions import opinion_is_in_time
from sar.domain.opinions import (
    AlreadyKnown,
    Classified,
    HealthView,
    Opinion,
    OpinionAsked,
    OpinionResult,
    Professional,
    RecordOpinion,
)
from sar.domain.parties import Actor, StaffRole
from sar.domain.records import DataClass, Record
from sar.domain.references import CaseId, RecordKey
from sar.domain.trail import EventKind
from sar.ports.casework import health_view_of, leg_of, leg_records, opinions_asked, state_of
from sar.ports.deciding import WhoDecides
from sar.ports.health_pages import HealthPage, HealthRow, OpinionRow
from sar.ports.keeping import Archive, CaseFile, Collection

_READ = frozenset(
    {
        StaffRole.OFFICER, StaffRole.APPROVER, StaffRole.HEALTH_PROFESSIONAL, StaffRole.LAWYER,
        StaffRole.SAFEGUARDING_LEAD, StaffRole.SENIOR_OFFICER,
    }
)  # fmt: skip
_RECORD = frozenset({StaffRole.OFFICER, StaffRole.HEALTH_PROFESSIONAL})


class Opinions:
    """Asks for opinions, keeps what was said, and shows what still waits."""

    def __init__(self, *, archive: Archive, who: WhoDecides, is_health_professional: bool = False) -> None:
        """``who`` says whose staff may record anything about whose records."""
        self._archive = archive
        self._who = who
        self._is_health_professional = is_health_professional

    def page(self, case: CaseId, *, leg: int, on: date, by: Actor) -> HealthPage:
        """Each record's class, its opinion, and whether it may go out."""
        if not by.roles & _READ:
            raise NotAllowed("Your role does not read records.", next_step="Ask a records officer.")
        with self._archive.reading(case) as file:
            leg_of(file, leg)
            view, records = self._view(file, leg), _records(file, leg)
            answered = {o.asked for o in view.opinions}
            return HealthPage(
                rows=tuple(_row(i, r, view, on) for i, r in enumerate(records, start=1)),
                opinions=tuple(_opinion_row(o, on) for o in view.opinions),
                asked=tuple(
                    (a.id, a.asked_on, a.asked_of, len(a.records))
                    for a in opinions_asked(file, leg)
                    if a.id not in answered
                ),
                controller_is_health_professional=self._is_health_professional,
            )

    def classify(
        self,
        case: CaseId,
        *,
        leg: int,
        classes: Mapping[str, DataClass],
        reason: str,
        at: datetime,
        by: Actor,
    ) -> None:
        """Record what class of information records are, where the store does not say or is wrong."""
        _allow(by, frozenset({StaffRole.OFFICER}))
        said = _words(reason, "reason", "Write how you know.")
        if not classes or DataClass.UNKNOWN in classes.values():
            raise InvalidInput(
                "A record has no class.",
                next_step="Choose health, social work, education or other for each record.",
                field="data_class",
            )
        with self._archive.writing(case) as file:
            for record in self._theirs(_chosen(file, leg, classes), by, at):
                made = classes[str(record.key)]
                file.keep(
                    Collection.CLASSED, str(record.key),
                    Classified(
                        record=record.key, data_class=made, reason=said, on=uk_day(at), version=record.version,
                        over=record.data_class,
                    ),
                )  # fmt: skip
                file.record(
                    EventKind.RECORD_CLASSED, at=at, by=by, leg=leg, data_class=made.value,
                    record=file.keyed_digest(str(record.key).encode()),
                )  # fmt: skip

    def ask(
        self,
        case: CaseId,
        *,
        leg: int,
        records: Sequence[str],
        asked_of: str,
        on: date,
        at: datetime,
        by: Actor,
    ) -> str:
        """Ask a health professional for an opinion on some records; the id of what was asked."""
        _allow(by, frozenset({StaffRole.OFFICER}))
        whom = _words(asked_of, "asked_of", "Write the role of the professional you ask.")
        _not_later(on, at)
        with self._archive.writing(case) as file:
            chosen = self._theirs(self._health_records(file, leg, records), by, at)
            asked = OpinionAsked(
                id=uuid.uuid4().hex[:12], leg=leg, asked_on=on, asked_of=whom,
                records=tuple(r.key for r in chosen), versions=tuple(r.version for r in chosen),
            )  # fmt: skip
            file.keep(Collection.OPINION_ASKED, f"{leg}/{asked.id}", asked)
            file.record(
                EventKind.OPINION_ASKED, at=at, by=by, leg=leg, opinion=asked.id, asked_on=on.isoformat(),
                records=len(chosen),
            )  # fmt: skip
        return asked.id

    def give(
        self, case: CaseId, *, leg: int, results: Mapping[str, OpinionResult], professional: Professional,
        role: str, name: str, words: str, given_on: date, at: datetime, by: Actor, asked: str = "",
    ) -> str:  # fmt: skip
        """Keep an opinion on some records, in the professional's own words; its id."""
        _allow(by, _RECORD)
        role = _words(role, "role", "Write the professional's role, like consultant psychiatrist.")
        name = _words(name, "name", "Write who gave the opinion. It is sealed and shown to staff only.")
        said = _words(words, "words", "Write what the professional said.")
        _not_later(given_on, at)
        with self._archive.writing(case) as file:
            chosen = self._theirs(self._health_records(file, leg, list(results)), by, at)
            _require_asked_about(file, leg, asked, chosen)
            _require_read(file, leg, chosen, given_on)
            opinion = Opinion(
                id=uuid.uuid4().hex[:12], leg=leg, asked=asked, given_on=given_on, professional=professional,
                role=role, name=name, words=said,
                records=tuple(
                    RecordOpinion(record=r.key, version=r.version, result=results[str(r.key)]) for r in chosen
                ),
            )  # fmt: skip
            file.keep(Collection.OPINION, f"{leg}/{opinion.id}", opinion)
            found = [r.result for r in opinion.records]
            file.record(
                EventKind.OPINION_GIVEN, at=at, by=by, leg=leg, opinion=opinion.id, asked=asked or None,
                given_on=given_on.isoformat(), met=found.count(OpinionResult.MET),
                in_part=found.count(OpinionResult.MET_IN_PART), not_met=found.count(OpinionResult.NOT_MET),
            )  # fmt: skip
        return opinion.id

    def ask_again(
        self, case: CaseId, *, leg: int, opinion: str, reason: str, at: datetime, by: Actor
    ) -> None:
        """Something changed, so that it is reasonable to consult again: the opinion is not relied on any more."""
        _allow(by, _RECORD)
        why = _words(reason, "reason", "Write what changed since the opinion.")
        with self._archive.writing(case) as file:
            kept = [o for o in self._view(file, leg).opinions if o.id == opinion]
            if not kept:
                raise NotFound("There is no such opinion.", next_step="Open the page again.", field="opinion")
            if kept[0].ask_again:
                raise OutOfOrder("That is recorded already.", next_step="Ask for a new opinion.")
            named = {r.record for r in kept[0].records}
            self._theirs([r for r in _records(file, leg) if r.key in named], by, at)
            file.keep(Collection.OPINION, f"{leg}/{opinion}", replace(kept[0], ask_again=why))
            file.record(EventKind.OPINION_TO_BE_ASKED_AGAIN, at=at, by=by, leg=leg, opinion=opinion)

    def already_known(
        self, case: CaseId, *, leg: int, records: Sequence[str], reason: str, at: datetime, by: Actor
    ) -> None:
        """Record why the family has already seen or knows some health records."""
        _allow(by, frozenset({StaffRole.OFFICER}))
        why = _words(
            reason, "reason", "Write when and how the family saw this, like the letter they were sent."
        )
        with self._archive.writing(case) as file:
            for record in self._theirs(self._health_records(file, leg, records), by, at):
                known = AlreadyKnown(
                    leg=leg, record=record.key, version=record.version, reason=why, on=uk_day(at)
                )
                file.keep(Collection.KNOWN, f"{leg}/{record.key}", known)
                file.record(
                    EventKind.HEALTH_ALREADY_KNOWN, at=at, by=by, leg=leg,
                    record=file.keyed_digest(str(record.key).encode()),
                )  # fmt: skip

    def _theirs(self, chosen: Sequence[Record], by: Actor, at: datetime) -> Sequence[Record]:
        """The records, where each belongs to a controller the person acts for. Raises NotAllowed."""
        for record in chosen:
            self._who.require(by, record, on=uk_day(at))
        return chosen

    def _view(self, file: CaseFile, leg: int) -> HealthView:
        return health_view_of(file, leg, is_health_professional=self._is_health_professional)

    def _health_records(self, file: CaseFile, leg: int, names: Sequence[str]) -> tuple[Record, ...]:
        chosen = _chosen(file, leg, names)
        view = self._view(file, leg)
        if not chosen or any(view.class_of(r) is not DataClass.HEALTH for r in chosen):
            raise InvalidInput(
                "Only health records can be chosen here, and at least one.",
                next_step="Choose the health records. If a record's class is wrong, correct it first.",
                field="records",
            )
        return chosen


def _records(file: CaseFile, leg: int) -> tuple[Record, ...]:
    return leg_records(file, state_of(file).gathered_round, leg)


def _chosen(file: CaseFile, leg: int, names: Iterable[str]) -> tuple[Record, ...]:
    by_name = {str(r.key): r for r in _records(file, leg)}
    wanted = list(dict.fromkeys(names))
    if any(name not in by_name for name in wanted):
        raise NotFound(
            "That record is not in this review.", next_step="Open the page again.", field="records"
        )
    return tuple(by_name[name] for name in wanted)


def _require_asked_about(file: CaseFile, leg: int, asked: str, chosen: Sequence[Record]) -> None:
    """An answer is about what was asked: a record that has changed since was never read."""
    if not asked:
        return
    found = [a for a in opinions_asked(file, leg) if a.id == asked]
    if not found:
        raise NotFound("Nobody was asked that.", next_step="Open the page again.", field="asked")
    if not all(found[0].covers(record) for record in chosen):
        raise InvalidInput(
            "One of these records was not asked about, or has changed since it was.",
            next_step="Ask for an opinion on the record as it is now. Record the answer on the others alone.",
            field="records",
        )


def _require_read(file: CaseFile, leg: int, chosen: Sequence[Record], given_on: date) -> None:
    """Where a record has changed, an opinion from before its new text was found is about the old one."""
    keys = {r.key for r in chosen}
    started = [e for e in file.events() if e.kind is EventKind.GATHERING_STARTED]
    texts: dict[RecordKey, dict[str, date]] = {}
    for event in started:
        for record in leg_records(file, int(str(event.facts["round"])), leg):
            if record.key in keys:
                texts.setdefault(record.key, {}).setdefault(record.version, uk_day(event.at))
    for record in chosen:
        seen = texts[record.key]
        if next(iter(seen)) != record.version and given_on < seen[record.version]:
            raise ImpossibleDate(
                "A record has changed, and this day is before its new text was found.",
                next_step="Ask for an opinion on the record as it is now.",
                field="given_on",
            )


def _row(number: int, record: Record, view: HealthView, on: date) -> HealthRow:
    standing = view.standing(record, on)
    return HealthRow(
        number=number,
        record=str(record.key),
        kind=record.kind.value,
        dated_on=record.dated_on,
        origin=record.provenance.store_label,
        data_class=view.class_of(record).value,
        class_recorded=view.is_classed(record),
        result=standing[1].value if standing else "",
        opinion_on=standing[0] if standing else None,
        is_known=view.is_known(record),
        waits=not view.may_go_out(record, on, part_withheld=True),
    )


def _opinion_row(opinion: Opinion, on: date) -> OpinionRow:
    return OpinionRow(
        id=opinion.id,
        given_on=opinion.given_on,
        role=opinion.role,
        professional=opinion.professional.value,
        name=opinion.name,
        words=opinion.words,
        records=len(opinion.records),
        in_time=opinion_is_in_time(opinion.given_on, on),
        ask_again=opinion.ask_again,
    )


def _allow(by: Actor, roles: frozenset[StaffRole]) -> None:
    if not by.roles & roles:
        raise NotAllowed("Your role does not record this.", next_step="Ask a records officer.")


def _words(text: str, field: str, next_step: str) -> str:
    if not text.strip():
        raise InvalidInput("Something is missing.", next_step=next_step, field=field)
    return text.strip()


def _not_later(on: date, at: datetime) -> None:
    if on > uk_day(at):
        raise ImpossibleDate(
            "That date is in the future.", next_step="Give the day it happened.", field="given_on"
        )
