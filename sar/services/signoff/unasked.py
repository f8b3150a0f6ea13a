"""Stores that may be asked by now, and that no gathering has asked: set up, or agreed upon, since the newest one."""

from __future__ import annotations

from collections.abc import Iterable

from sar.domain.alerts import listed
from sar.domain.records import AnswerKind
from sar.ports.casework import answers_of
from sar.ports.gathering import StoreDescription
from sar.services.signoff.leg_review import LegReview


def never_asked(mine: LegReview, readable: Iterable[StoreDescription]) -> Iterable[str]:
    """Why a leg is not ready while a store is passed over in silence: no page of the pack would say so.

    :param readable: every store that is ours to ask, or that an agreement in force lets us ask.
    """
    asked = {
        answer.store
        for number in range(1, mine.round + 1)
        for answer in answers_of(mine.file, number)
        if answer.subject == mine.leg.subject
        and (answer.kind is not AnswerKind.NOT_OURS or answer.is_no_longer_ours)
    }
    if mine.round and (new := [store.label for store in readable if store.name not in asked]):
        one = len(new) == 1
        yield (
            f"{listed(new)} {'was' if one else 'were'} set up after the newest gathering, and nobody has asked "
            f"{'it' if one else 'them'}. Gather what is missing."
        )
