"""Places without a final answer: none goes unsaid when a leg is signed off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sar.domain.calendar import uk_day
from sar.domain.errors import ImpossibleDate, InvalidInput
from sar.domain.gaps import DOINGS
from sar.domain.parties import Actor
from sar.domain.trail import EventKind
from sar.ports.gaps import Declared, Missing, declared_name, unsettled_places
from sar.ports.keeping import Collection
from sar.ports.recording import EventNote, require_said
from sar.services.signoff.leg_review import LegReview


def to_declare(mine: LegReview) -> tuple[Missing, ...]:
    """The places an approver has to say something of."""
    return unsettled_places(mine.file, mine.round, mine.leg.number) if mine.round else ()


def declare(mine: LegReview, gaps: Sequence[Declared], *, at: datetime, by: Actor) -> None:
    """Record each gap with its own clock; refuse when one is left out.

    :raises InvalidInput: nothing is said of a missing place, or of a place that is not missing.
    """
    said = {gap.store: gap for gap in gaps}
    missing = to_declare(mine)
    if stray := sorted(said.keys() - {m.store for m in missing}):
        raise InvalidInput(
            "That place is not missing.",
            next_step="Open the sign-off page again.",
            field=f"missing-{stray[0]}",
        )
    for number, place in enumerate(missing, start=1):
        if place.store not in said:
            raise InvalidInput(
                f"{place.label} has no final answer, and nothing is said of it.",
                next_step="Declare what is missing, what we do and when it will follow.",
                field=f"missing-{number}",
            )
        _check(said[place.store], number, on=uk_day(at))
    leg, file = mine.leg.number, mine.file
    for place in missing:
        gap = said[place.store]
        file.keep(
            Collection.NOTE, declared_name(leg, mine.round, gap.store), EventNote(words=gap.missing.strip())
        )
        file.record(
            EventKind.GAP_DECLARED, at=at, by=by, leg=leg, round=mine.round, store=gap.store,
            answer=place.answer, doing=gap.doing, follows_on=gap.follows_on.isoformat(),
        )  # fmt: skip


def _check(gap: Declared, number: int, *, on: date) -> None:
    require_said(gap.missing, f"missing-{number}", "Write what is missing there.")
    if gap.doing not in DOINGS:
        raise InvalidInput(
            "Nothing is said of what we do about it.", next_step="Choose one.", field=f"doing-{number}"
        )
    if gap.follows_on <= on:
        raise ImpossibleDate(
            "The rest cannot follow on a day that has passed.",
            next_step="Enter a later day.",
            field=f"follows-{number}",
        )
