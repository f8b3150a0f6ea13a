"""What the approver looks at beside the records: changes after the request, and what legs contradict together."""

from __future__ import annotations

from collections.abc import Iterable

from sar.ports.across import disagreements_across
from sar.ports.changes import changes_of, rows_of
from sar.services.signoff.leg_review import LegReview


def changed_and_not_seen(mine: LegReview) -> Iterable[str]:
    """What nobody has looked at yet who has to. What the family asked for is not counted."""
    waiting = sum(row.is_new for row in rows_of(mine.file, mine.round, mine.leg.number))
    if waiting:
        one = waiting == 1
        yield (
            f"{waiting} {'change' if one else 'changes'} after the request {'was' if one else 'were'} found in the "
            f"stores. An approver has to look at {'it' if one else 'each of them'} and write down what they found."
        )


def changed_after(mine: LegReview) -> Iterable[str]:
    """How many changes there are in all, and where nothing can be said."""
    rows = [row for row in rows_of(mine.file, mine.round, mine.leg.number) if not row.is_weak]
    if rows:
        asked_for = sum(row.was_asked_for for row in rows)
        yield (
            f"Changes found in the stores after the request: {len(rows)}, of which the family asked for {asked_for}."
        )
    silent = changes_of(mine.file, mine.round, mine.leg.number).uncompared
    if places := {one.store for one in silent}:
        yield f"Stores of which the first answer and the newest cannot be compared, or not wholly: {len(places)}."


def across_legs(mine: LegReview) -> Iterable[str]:
    """How many disagreements about alerts concern this leg and another: counted here, told on the case's page alone."""
    if count := len(disagreements_across(mine.file, mine.round, subject=mine.leg.subject)):
        yield (
            f"{count} {'disagreement' if count == 1 else 'disagreements'} about an alert between this part and another "
            "of the same request. The case page lists them, for staff only."
        )
