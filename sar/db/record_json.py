"""Records written straight as JSON, byte for byte as the converter writes them: by the hundred thousand they come.

The converter makes a dictionary of each part first. Here only what every record has is written out; the rest of it,
which few have, is for the converter still. The tests hold the two against each other.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from json.encoder import encode_basestring as text

from sar.domain.records import DataClass, Passage, Provenance, Record, RecordKind

Rest = Callable[[object], str]
"""Writes what is not written here."""

_KINDS = {kind: text(kind.value) for kind in RecordKind}
_CLASSES = {kind: text(kind.value) for kind in DataClass}


class NotAsDeclared(Exception):
    """A record whose fields hold other kinds of value than they say."""


def records_as_json(records: tuple[Record, ...], rest: Rest) -> str:
    """A page of records as a JSON list.

    :raises NotAsDeclared: one holds what its fields do not say.
    """
    try:
        return f"[{','.join([_record(record, rest) for record in records])}]"
    except (TypeError, KeyError, AttributeError):
        raise NotAsDeclared from None


def _record(record: Record, rest: Rest) -> str:
    key, about = record.key, record.about
    return (
        f'{{"key":{{"store":{text(key.store)},"native_id":{text(key.native_id)}}},"kind":{_KINDS[record.kind]},'
        f'"dated_on":"{record.dated_on.isoformat()}","passages":{_passages(record.passages)},'
        f'"provenance":{_provenance(record.provenance)},"about":[{",".join([text(one) for one in about])}],'
        f'"people":{_few(record.people, rest)},"alert":{_few(record.alert, rest)},'
        f'"findings":{_few(record.findings, rest)},"copies":{_few(record.copies, rest)}}}'
    )


def _passages(passages: tuple[Passage, ...]) -> str:
    said = [f'{{"label":{text(passage.label)},"text":{text(passage.text)}}}' for passage in passages]
    return f"[{','.join(said)}]"


def _provenance(place: Provenance) -> str:
    return (
        f'{{"store":{text(place.store)},"store_label":{text(place.store_label)},'
        f'"controller":{text(place.controller)},"native_id":{text(place.native_id)},'
        f'"found_by":{text(place.found_by)},"retrieved_at":{_moment(place.retrieved_at)},'
        f'"data_class":{_CLASSES[place.data_class]},"entered_at":{_moment(place.entered_at)},'
        f'"changed_at":{_moment(place.changed_at)},"saved_on":{_day(place.saved_on)},'
        f'"is_file_date":{_TRUTHS[place.is_file_date]}}}'
    )


_TRUTHS = {True: "true", False: "false"}


def _day(on: date | None) -> str:
    return "null" if on is None else f'"{on.isoformat()}"'


def _moment(at: datetime | None) -> str:
    if at is None:
        return "null"
    # One moment is the same in two zones, but not in the same words.
    return _moment_in_utc(at) if at.tzinfo is UTC else f'"{at.isoformat()}"'


@lru_cache(maxsize=256)
def _moment_in_utc(at: datetime) -> str:
    return f'"{at.isoformat()}"'


def _few(values: tuple[object, ...], rest: Rest) -> str:
    return rest(values) if values else "[]"
