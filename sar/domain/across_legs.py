"""One alert seen from several legs of a case: what no leg shows by itself.

For the officer alone. Nothing made here is a record, so nothing of it can reach a leg's pack.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sar.domain.alerts import EXPECTED, AlertLife, Expected, listed, lives
from sar.domain.contradictions import Contradiction, contradictions
from sar.domain.records import AlertStep, Record
from sar.domain.references import RecordKey, SubjectId

_Records = Mapping[SubjectId, Sequence[Record]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """A record that a disagreement rests on, and whose leg holds it."""

    subject: SubjectId
    record: RecordKey


@dataclass(frozen=True, slots=True, kw_only=True)
class AcrossLegs:
    """Entries about one alert, in the legs of several people, that do not agree."""

    code: str
    alert: str
    words: str
    sides: tuple[Side, ...]

    @property
    def subjects(self) -> frozenset[SubjectId]:
        """Whose legs it concerns."""
        return frozenset(side.subject for side in self.sides)


def across_legs(
    records: _Records,
    names: Mapping[SubjectId, str],
    *,
    expected: Expected = EXPECTED,
    on: date | None = None,
) -> tuple[AcrossLegs, ...]:
    """Where the legs disagree about an alert that stands in more than one of them.

    :param records: of each data subject the records that speak of alerts, findings and complaints.
    :param names: as the officer's pages call them.
    """
    by_number: dict[str, dict[SubjectId, AlertLife]] = {}
    for subject, held in records.items():
        for life in lives(held):
            by_number.setdefault(life.number, {})[subject] = life
    found: list[AcrossLegs] = []
    for number, seen in sorted(by_number.items()):
        if len(seen) > 1:
            mine = {subject: records[subject] for subject in seen}
            found += _on_relatives(number, seen, mine, names)
            found += _disagree(number, mine, expected=expected, on=on)
    return tuple(found)


def _on_relatives(
    number: str, seen: Mapping[SubjectId, AlertLife], records: _Records, names: Mapping[SubjectId, str]
) -> Iterator[AcrossLegs]:
    """Raised about one person, and standing on the record of another."""
    raised = [subject for subject, life in seen.items() if life.of(AlertStep.RAISED)]
    others = [subject for subject in seen if subject not in raised]
    if not raised or not others:
        return
    about = listed([names[subject] for subject in raised])
    for other in others:
        shared = {r.key for subject in raised for r in records[subject]}
        places = [s for s in seen[other].seen if s.record not in shared]
        if not places:
            continue
        told = " and ".join(sorted({s.store_label for s in places}))
        keys = {s.record for s in places} | {s.record for n in raised for s in seen[n].of(AlertStep.RAISED)}
        yield AcrossLegs(
            code="flag-on-relative",
            alert=number,
            words=f"Alert {number} was raised about {about}. It stands on the record of {names[other]} too: {told}.",
            sides=_sides(keys, {n: records[n] for n in (*raised, other)}),
        )


def _disagree(number: str, records: _Records, *, expected: Expected, on: date | None) -> Iterator[AcrossLegs]:
    """What all legs together contradict, and none of them by itself."""
    known = {
        (c.code, c.words) for held in records.values() for c in _found(number, held, expected=expected, on=on)
    }
    every = {r.key: r for held in records.values() for r in held}
    for one in _found(number, list(every.values()), expected=expected, on=on):
        sides = _sides(one.rests_on, records)
        if (one.code, one.words) not in known and not _is_in_one_leg(one, records):
            yield AcrossLegs(code=one.code, alert=number, words=one.words, sides=sides)


def _found(
    number: str, held: Sequence[Record], *, expected: Expected, on: date | None
) -> tuple[Contradiction, ...]:
    own = [life for life in lives(held) if life.number == number]
    return contradictions(own, held, expected=expected, on=on)


def _is_in_one_leg(one: Contradiction, records: _Records) -> bool:
    return any({r.key for r in held}.issuperset(one.rests_on) for held in records.values())


def _sides(keys: Iterable[RecordKey | None], records: _Records) -> tuple[Side, ...]:
    wanted = {key for key in keys if key is not None}
    return tuple(
        Side(subject=subject, record=record.key)
        for subject, held in records.items()
        for record in held
        if record.key in wanted
    )
