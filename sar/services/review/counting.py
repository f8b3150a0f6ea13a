"""Decisions kept, and beside them how much of a leg's review still waits: pages count nothing anew."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from sar.domain.matching import Proposal
from sar.domain.parties import Actor
from sar.domain.records import Record
from sar.domain.redaction import Decision, RecordDecision, undecided
from sar.domain.references import RecordKey
from sar.ports.casework import decisions_of, proposals_for, record_decisions_of
from sar.ports.counts import ReviewCounts, counts_of, keep_counts
from sar.ports.decided import decision_name, decisions_on, record_decisions_on
from sar.ports.keeping import CaseFile, Collection
from sar.services.review.choices import decided, reviewable


def count_anew(
    file: CaseFile, round_number: int, leg: int, records: Sequence[Record], proposals: Iterable[Proposal]
) -> None:
    """Count a review whose proposals were just made: earlier decisions may answer some of them."""
    made, outcomes = tuple(proposals), record_decisions_of(file, leg)
    counts = ReviewCounts(
        records=len(records),
        undecided_records=sum(r.key not in outcomes or outcomes[r.key].version != r.version for r in records),
        proposals=len(made),
        undecided=len(undecided(made, decisions_of(file, leg))),
    )
    keep_counts(file, round_number, leg, counts)


def keep_decisions(
    file: CaseFile, leg: int, decisions: Sequence[Decision], *, at: datetime, by: Actor
) -> None:
    """Keep decisions on words, each with its own event."""
    with _counted(file, leg, {d.span.record for d in decisions}):
        for decision in decisions:
            decided(file, decision, leg=leg, at=at, by=by)
        file.keep_all(Collection.DECISION, {decision_name(leg, d): d for d in decisions})


def keep_record_decisions(
    file: CaseFile, leg: int, decisions: Mapping[str, RecordDecision], records: Mapping[str, Record]
) -> None:
    """Keep decisions on whole records, by the records' names."""
    number = reviewable(file, leg)
    counts = counts_of(file, number, leg)
    if counts is not None:
        before = record_decisions_on(file, leg, decisions)
        new = sum(
            (made := before.get(records[name].key)) is None or made.version != records[name].version
            for name in decisions
        )
        keep_counts(file, number, leg, counts.with_fewer(records=new))
    file.keep_all(Collection.RECORD_DECISION, {f"{leg}/{name}": made for name, made in decisions.items()})


@contextlib.contextmanager
def _counted(file: CaseFile, leg: int, records: set[RecordKey]) -> Iterator[None]:
    """Keep the count in step with what is decided in the block; only proposals in these records are looked at."""
    number = reviewable(file, leg)
    counts = counts_of(file, number, leg)
    if counts is None:
        # A review from before anything was counted: pages count it themselves.
        yield
        return
    proposals = [p for record in records for p in proposals_for(file, number, leg, record)]
    before = len(undecided(proposals, decisions_on(file, leg, records)))
    yield
    after = len(undecided(proposals, decisions_on(file, leg, records)))
    keep_counts(file, number, leg, counts.with_fewer(proposals=before - after))
