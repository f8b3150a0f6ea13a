"""Names of things: references that may appear in a trail, a log or a letter without personal data."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NewType

from sar.domain.errors import InvalidInput

CaseId = NewType("CaseId", str)
"""A UUID in hex, known before the row is written so that seals can be bound to it."""
LegName = NewType("LegName", str)
"""A short name of one leg inside its case (``leanne``); sealed wherever it could name a person."""
SubjectId = NewType("SubjectId", str)
PersonId = NewType("PersonId", str)
StoreName = NewType("StoreName", str)
RuleId = NewType("RuleId", str)
ExemptionCode = NewType("ExemptionCode", str)
StaffId = NewType("StaffId", str)

_CASE = re.compile(r"SA-\d{4}-\d{4,}")


@dataclass(frozen=True, slots=True, order=True)
class CaseReference:
    """What people quote: ``SA-2026-0001``."""

    text: str

    def __post_init__(self) -> None:
        if not _CASE.fullmatch(self.text):
            raise InvalidInput(
                "That is not a case reference.",
                next_step="Write it like SA-2026-0001, as printed on our letters.",
                field="reference",
            )

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, slots=True, order=True)
class RecordKey:
    """One record in one store, by the store's own identifier."""

    store: StoreName
    native_id: str

    def __str__(self) -> str:
        return f"{self.store}/{self.native_id}"
