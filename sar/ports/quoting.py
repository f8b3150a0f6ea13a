"""Whether somebody's own words in a letter quote a record that nobody may give out yet."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sar.domain.matching import Verdict
from sar.domain.needles import words_left
from sar.domain.records import Record
from sar.domain.redaction import Outcome, effective
from sar.domain.showing import sentences_quoted
from sar.ports.casework import (
    decisions_of,
    health_view_of,
    leg_records,
    record_decisions_of,
    state_of,
)
from sar.ports.keeping import CaseFile


def quotes_unreleased(
    file: CaseFile, legs: Iterable[int], text: str, *, on: date, is_health_professional: bool
) -> bool:
    """Whether a text holds a sentence of a record that is undecided in these legs, or waits for an opinion.

    What one reader may see of them is taken together: a sentence that goes out in one of the legs is free.
    """
    waiting: list[Record] = []
    shown: list[str] = []
    for leg in legs:
        view = health_view_of(file, leg, is_health_professional=is_health_professional)
        outcomes = record_decisions_of(file, leg)
        hidden = [d for d in effective(decisions_of(file, leg)) if d.verdict is Verdict.WITHHOLD]
        for number in range(1, state_of(file).gathered_round + 1):
            for record in (r for r in leg_records(file, number, leg) if not r.kind.is_generated):
                made = outcomes.get(record.key)
                if made is None or made.version != record.version:
                    waiting.append(record)
                elif made.outcome is not Outcome.DISCLOSE:
                    continue  # What is withheld is looked for with everything else that is.
                elif view.may_go_out(record, on, part_withheld=True):
                    shown.append(words_left(record, hidden))
                else:
                    waiting.append(record)
    return any(not any(f" {s} " in said for said in shown) for s in sentences_quoted(text, waiting))
