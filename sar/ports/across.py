"""What the legs of a case contradict together, as its file holds it: kept once a round, for officers alone."""

from __future__ import annotations

from sar.domain.across_legs import AcrossLegs
from sar.domain.references import SubjectId
from sar.ports.keeping import CaseFile, Collection


def across_name(round_number: int) -> str:
    """Where the disagreements of one round are kept."""
    return f"across-legs/{round_number}"


def disagreements_across(
    file: CaseFile, round_number: int, *, subject: SubjectId | None = None
) -> tuple[AcrossLegs, ...]:
    """What was found when the round was closed, for one data subject or for all; nothing in an older round."""
    name = across_name(round_number)
    if name not in file.names(Collection.NOTE, under=name):
        return ()
    found = file.latest(Collection.NOTE, name, tuple[AcrossLegs, ...])
    return tuple(one for one in found if subject is None or subject in one.subjects)
