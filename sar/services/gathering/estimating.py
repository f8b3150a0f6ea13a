"""Is anything held? A dry run that fetches nothing it can avoid, and says about how much there is."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from sar.domain.parties import Actor, DataSubject
from sar.domain.references import CaseId, StoreName, SubjectId
from sar.domain.trail import EventKind
from sar.ports.keeping import CaseFile, Collection
from sar.ports.searching import ESTIMATE, EstimateRow
from sar.services.gathering.asking import Asking

_AT_ONCE = 16


def estimate_rows(
    asking: Asking, case: CaseId, questions: Sequence[tuple[StoreName, SubjectId]], subjects: Iterable[DataSubject],
    *, at: datetime,
) -> tuple[EstimateRow, ...]:  # fmt: skip
    """What every store says, side by side: one that is slow holds up none."""
    people = {s.id: s for s in subjects}

    def row(question: tuple[StoreName, SubjectId]) -> EstimateRow:
        store, subject = question
        answer, told = asking.estimate(case, store, people[subject], at=at)
        return EstimateRow(
            store=store, store_label=answer.store_label, controller=answer.controller, subject=subject,
            kind=answer.kind, records=told.records, is_exact=told.is_exact, megabytes=told.megabytes,
            near_names=told.near_names, note=answer.note, changed=told.changed,
        )  # fmt: skip

    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        return tuple(pool.map(row, questions))


def kept_estimate(file: CaseFile, rows: tuple[EstimateRow, ...], *, at: datetime, by: Actor) -> None:
    """Keep what was said, sealed, and record that it was asked: counts only."""
    file.keep(Collection.ESTIMATE, ESTIMATE, rows)
    file.record(
        EventKind.GATHERING_ESTIMATED, at=at, by=by, stores=len({r.store for r in rows}),
        records=sum(r.records for r in rows), gaps=sum(r.kind.is_gap for r in rows),
    )  # fmt: skip
