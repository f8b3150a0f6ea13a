"""Which cases may have something that falls due by itself: worked out again from the trail whenever it is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, func, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from sar.db.tables import case_looks, cases
from sar.domain.references import CaseId
from sar.ports.keeping import Look

_LOOK = case_looks.c


def to_look_at(connection: Connection, *, on: date, basis: str) -> tuple[CaseId, ...]:
    """Every case but those in which nothing can have fallen due since their last look, oldest first."""
    asked = (
        select(cases.c.id)
        .outerjoin(case_looks, _LOOK.case_id == cases.c.id)
        .where(
            or_(
                _LOOK.case_id.is_(None),
                _LOOK.seq != cases.c.head_seq,
                # Days and settings make things due only where the case is not over.
                ~_LOOK.is_over & or_(_LOOK.looked_on != on.isoformat(), _LOOK.basis != basis),
            )
        )
        .order_by(cases.c.created_at, func.length(cases.c.reference), cases.c.reference)
    )
    return tuple(CaseId(case) for (case,) in connection.execute(asked))


def keep_looks(connection: Connection, looks: Sequence[Look], *, on: date, basis: str) -> None:
    """Note that these cases were looked at. The last word stands, whoever says it."""
    if not looks:
        return
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    added = dialect.insert(case_looks)
    said = ("seq", "looked_on", "basis", "is_over")
    kept = added.on_conflict_do_update(
        index_elements=[_LOOK.case_id], set_={name: added.excluded[name] for name in said}
    )
    # In one order, so that two workers do not wait for each other.
    rows = [
        {"case_id": look.case, "seq": look.seq, "looked_on": on.isoformat(), "basis": basis, "is_over": look.is_over}
        for look in sorted(looks, key=lambda look: look.case)
    ]  # fmt: skip
    connection.execute(kept, rows)
