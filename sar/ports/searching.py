"""What was asked of the stores and what came of it: the dry run, the progress of a round, and the search log."""

from __future__ import annotations

from dataclasses import dataclass

from sar.domain.records import AnswerKind
from sar.domain.references import StoreName, SubjectId

ESTIMATE = "estimate"
"""Where the newest dry run is kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateRow:
    """What one store says of one data subject before anything is fetched."""

    store: StoreName
    store_label: str
    controller: str
    subject: SubjectId
    kind: AnswerKind
    records: int = 0
    is_exact: bool = False
    megabytes: float = 0
    near_names: int = 0
    note: str = ""
