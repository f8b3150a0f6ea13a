"""One record of a leg found without opening the others: where each stands is kept in small groups, by its name."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection as Some
from collections.abc import Iterator
from dataclasses import dataclass

from sar.domain.gathered import LegIndex
from sar.domain.records import Record
from sar.domain.references import SubjectId
from sar.ports.casework import RECORDS, leg_of, leg_prefix, leg_records, pages_name
from sar.ports.keeping import CaseFile, Collection

_GROUP = 64
"""About so many records share a group."""
_FEW = 50
"""Up to so many records are looked for one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """How a leg's records are spread over groups. Kept where proposals are made."""

    groups: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where one record stands: a page of an answer, and its position there."""

    record: str
    page: str
    position: int


def keep_places(file: CaseFile, round_number: int, leg: int) -> None:
    """Keep where each record of a leg stands that is read from its store's answer."""
    prefix, subject = leg_prefix(round_number, leg), leg_of(file, leg).subject
    found = [place for index in _indexes(file, prefix) for place in _places(file, index, subject)]
    head = Places(groups=max(1, len(found) // _GROUP))
    groups: dict[str, list[Place]] = defaultdict(list)
    for place in found:
        groups[_group(prefix, place.record, head)].append(place)
    file.keep(Collection.RECORD_PLACE, prefix, head)
    file.keep_all(Collection.RECORD_PLACE, {name: tuple(group) for name, group in groups.items()})


def records_named(file: CaseFile, round_number: int, leg: int, names: Some[str]) -> dict[str, Record]:
    """Those of some records that are under review in a leg, by their names."""
    wanted = frozenset(names)
    head = file.find(Collection.RECORD_PLACE, leg_prefix(round_number, leg), Places)
    if head is None or len(wanted) > _FEW:
        # Many; or the proposals were made before places were kept.
        return {name: r for r in leg_records(file, round_number, leg) if (name := str(r.key)) in wanted}
    found = ((name, _record(file, round_number, leg, name, head)) for name in sorted(wanted))
    return {name: record for name, record in found if record is not None}


def _record(file: CaseFile, round_number: int, leg: int, name: str, head: Places) -> Record | None:
    """The same record as ``leg_records`` has under that name."""
    prefix = leg_prefix(round_number, leg)
    indexes = _indexes(file, prefix)
    kept = file.find(Collection.LEG_RECORDS, f"{prefix}{name}", Record)
    if kept is not None and not any(name in index.dropped for index in indexes):
        return kept if _is_in_force(file, kept, pages_name(round_number, leg)) else None
    group = file.find(Collection.RECORD_PLACE, _group(prefix, name, head), tuple[Place, ...]) or ()
    for place in group:
        if place.record == name and any(_reads(index, place) for index in indexes):
            return file.latest(Collection.ANSWER_PAGE, place.page, RECORDS)[place.position]
    return None


def _is_in_force(file: CaseFile, record: Record, name: str) -> bool:
    """A page that is not among those last written was taken back."""
    if not record.kind.is_generated:
        return True
    pages = file.every(Collection.NOTE, tuple[str, ...], under=name)
    return not pages or str(record.key) in pages[-1]


def _reads(index: LegIndex, place: Place) -> bool:
    return any(page.name == place.page and place.position not in page.skipped for page in index.pages)


def _indexes(file: CaseFile, prefix: str) -> tuple[LegIndex, ...]:
    return file.every(Collection.LEG_INDEX, LegIndex, under=prefix)


def _places(file: CaseFile, index: LegIndex, subject: SubjectId) -> Iterator[Place]:
    for page in index.pages:
        for position, record in enumerate(file.latest(Collection.ANSWER_PAGE, page.name, RECORDS)):
            if position not in page.skipped and subject in record.about:
                yield Place(record=str(record.key), page=page.name, position=position)


def _group(prefix: str, record: str, head: Places) -> str:
    number = int.from_bytes(hashlib.sha256(record.encode()).digest()[:8]) % head.groups
    return f"{prefix}{number}"
