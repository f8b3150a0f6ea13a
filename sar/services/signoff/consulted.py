"""What became of asking the people a record speaks of: a refusal is weighed by a person before words go out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sar.domain.consulting import Consultation, ConsultationAnswer
from sar.domain.matching import Verdict
from sar.domain.showing import is_visible
from sar.domain.trail import EventKind
from sar.ports.casework import consultations_of
from sar.services.signoff.leg_review import LegReview


def refused_and_not_weighed(mine: LegReview) -> Iterable[str]:
    """Words that somebody asked us not to give out, and that nobody has decided on since."""
    answered = {
        str(e.facts["consultation"]): e.at
        for e in mine.file.events()
        if e.kind is EventKind.CONSULTATION_ANSWERED
    }
    for consultation in consultations_of(mine.file, mine.leg.number):
        if consultation.answer is not ConsultationAnswer.REFUSAL:
            continue
        if _goes_out(mine, consultation) and not _weighed(mine, consultation, answered[consultation.id]):
            yield (
                "Somebody who was asked said no, and words about them would go out without a decision made since. "
                "Withhold the words, or decide again to disclose them and write why."
            )


def still_open(mine: LegReview) -> Iterable[str]:
    """People who were asked and have not answered."""
    asked = consultations_of(mine.file, mine.leg.number)
    waiting = sum(c.answer is None and _goes_out(mine, c) for c in asked)
    if waiting:
        yield f"{waiting} people were asked about words that would go out, and no answer is recorded."


def _goes_out(mine: LegReview, consultation: Consultation) -> bool:
    """Whether any of the words asked about would be read. Of a changed record nobody knows: they may."""
    span = consultation.span
    found = [r for r in mine.going_out() if r.key == span.record]
    if not found or found[0].version != span.version:
        return bool(found)
    return is_visible(found[0], span, [d.span for d in mine.standing() if d.verdict is Verdict.WITHHOLD])


def _weighed(mine: LegReview, consultation: Consultation, answered_at: datetime) -> bool:
    made = mine.outcomes.get(consultation.span.record)
    near = [d.decided_at for d in mine.standing() if d.span.overlaps(consultation.span)]
    return any(at >= answered_at for at in (*near, *([made.decided_at] if made else [])))
