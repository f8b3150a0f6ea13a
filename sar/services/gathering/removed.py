"""A place that was to be asked, and that the settings no longer name: what is known of it, and its answer."""

from __future__ import annotations

from datetime import datetime

from sar.domain.records import AnswerKind, StoreAnswer
from sar.domain.references import StoreName, SubjectId
from sar.ports.casework import answers_of, state_of
from sar.ports.keeping import CaseFile, Collection
from sar.ports.searching import ESTIMATE, EstimateRow

NO_LONGER_SET_UP = "It is no longer set up here, so it was not asked."
_UNKNOWN_WHOSE = "Nothing here says any more whose records these are."


def no_longer_set_up(
    file: CaseFile, store: StoreName, subject: SubjectId, *, ours: str, attempt: int, at: datetime
) -> StoreAnswer:
    """Suspended: nobody asked, it may hold something, and the round can be closed with a gap in its place.

    :param ours: the controller of the case, who answers for the gap where nothing says whose the place was.
    """
    label, controller = _known(file, store)
    return StoreAnswer(
        store=store, store_label=label or str(store), controller=controller or ours, subject=subject,
        kind=AnswerKind.SUSPENDED, asked_at=at, ended_at=at, attempt=attempt,
        note=NO_LONGER_SET_UP if controller else f"{NO_LONGER_SET_UP} {_UNKNOWN_WHOSE}",
    )  # fmt: skip


def _known(file: CaseFile, store: StoreName) -> tuple[str, str]:
    """What a place was called and whose it was, by what it said last; empty where nothing says so."""
    for number in range(state_of(file).round, 0, -1):
        for answer in answers_of(file, number):
            if answer.store == store:
                return answer.store_label, answer.controller
    if ESTIMATE in file.names(Collection.ESTIMATE):
        for row in file.latest(Collection.ESTIMATE, ESTIMATE, tuple[EstimateRow, ...]):
            if row.store == store:
                return row.store_label, row.controller
    return "", ""
