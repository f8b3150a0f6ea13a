"""What stands beside a record: its copies, what was folded into it, what is nearly the same, and altered quotes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from sar.domain.alerts import Expected, Reader, lives
from sar.domain.calendar import uk_day
from sar.domain.contradictions import contradictions
from sar.domain.duplicates import Folding, difference
from sar.domain.records import Record, RecordKind
from sar.domain.references import RecordKey
from sar.domain.traces import HEAD, is_taken_over
from sar.ports.casework import folding_of, leg_of, reader_of, request_of
from sar.ports.keeping import CaseFile
from sar.ports.reviewing import Alike, CopyPlace, OtherQuote


def alike_of(
    file: CaseFile, number: int, leg: int, record: Record, records: Sequence[Record], *, expected: Expected
) -> Alike:
    """All of it for one record; ``records`` are those of the leg, for nothing else may be shown here."""
    folding, here = folding_of(file, number, leg), {r.key: r for r in records}
    return Alike(
        copies=tuple(
            CopyPlace(store_label=c.store_label, controller=c.controller, native_id=c.native_id)
            for c in record.copies
        ),
        inner=tuple(
            (p.label.removesuffix(f": {HEAD}"), p.text)
            for p in record.passages
            if is_taken_over(p) and p.label.endswith(HEAD)
        ),
        near=tuple(_near(folding, record.key, here)),
        quotes=tuple(_quotes(folding, record, here)),
        rests_on=tuple(_rests_on(record, records, reader_of(request_of(file), leg_of(file, leg)), expected)),
    )


def _near(folding: Folding, key: RecordKey, here: Mapping[RecordKey, Record]) -> Iterator[tuple[str, int]]:
    for first, second, like in folding.near:
        other = second if first == key else first
        if key in {first, second} and other in here:
            yield str(other), round(like * 100)


def _quotes(
    folding: Folding, record: Record, here: Mapping[RecordKey, Record]
) -> Iterator[OtherQuote]:  # fmt: skip
    for quote in folding.altered:
        quoting, holder = here.get(quote.quoting), here.get(quote.held_in)
        if quoting is None or holder is None or record.key not in {quoting.key, holder.key}:
            continue
        is_quoting = record.key == quoting.key
        yield OtherQuote(
            record=str(holder.key if is_quoting else quoting.key),
            is_quoting=is_quoting,
            differences=difference(quote, quoting=quoting, holder=holder),
        )


def _rests_on(
    record: Record, records: Sequence[Record], reader: Reader, expected: Expected
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """By the words: the page lists what was found when it was written, and a record may be withheld since."""
    if record.kind is not RecordKind.CONTRADICTIONS:
        return
    held = [r for r in records if not r.kind.is_generated]
    on = uk_day(record.provenance.retrieved_at)
    found = contradictions(lives(held), held, reader=reader, expected=expected, on=on)
    keys = {c.words: tuple(map(str, c.rests_on)) for c in found}
    for passage in record.passages:
        if passage.text in keys:
            yield passage.label, keys[passage.text]
