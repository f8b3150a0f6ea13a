"""What lists show of each case, sealed: made again from the case whenever it is lost or something happened there."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.dialects import postgresql, sqlite

from sar.db.connecting import reading, writing
from sar.db.conversion import from_bytes, to_bytes
from sar.db.tables import case_glances, cases
from sar.domain.errors import EnvironmentFault, SealBroken
from sar.domain.references import CaseId, CaseReference
from sar.ports.keeping import CaseHead, Glance
from sar.ports.sealing import Vault

T = TypeVar("T")

_GLANCE = case_glances.c
_log = logging.getLogger(__name__)


def kept_glances(
    engine: Engine, vault: Vault, shown_in: str, kind: type[T], *, basis: str
) -> tuple[tuple[CaseHead, T | None], ...]:
    """Every case with its glance, oldest first; None where there is none that still holds."""
    asked = (
        select(cases.c.id, cases.c.reference, cases.c.created_at, _GLANCE.seq, _GLANCE.sealed_value)
        .outerjoin(
            case_glances,
            (_GLANCE.case_id == cases.c.id)
            & (_GLANCE.shown_in == shown_in)
            & (_GLANCE.seq == cases.c.head_seq)
            & (_GLANCE.basis == basis),
        )
        .order_by(cases.c.created_at, func.length(cases.c.reference), cases.c.reference)
    )
    with reading(engine) as connection:
        rows = connection.execute(asked).all()
    return tuple(
        (
            CaseHead(
                id=CaseId(case), reference=CaseReference(reference), created_at=datetime.fromisoformat(created)
            ),
            _opened(vault, CaseId(case), _place(shown_in, seq, basis), sealed, kind) if sealed else None,
        )
        for case, reference, created, seq, sealed in rows
    )  # fmt: skip


def keep_glances(
    engine: Engine, vault: Vault, shown_in: str, glances: Sequence[Glance], *, basis: str, patience_ms: int = 250
) -> None:  # fmt: skip
    """Keep what was made. A list is shown whether or not this can be done, and waits for no other writer."""
    rows = list(_rows(vault, shown_in, glances, basis))
    if not rows:
        return
    try:
        with writing(engine, patience_ms=patience_ms) as connection:
            _keep(connection, rows)
    except EnvironmentFault as fault:
        _log.warning("What a list shows was not kept, and is made again next time. %s", fault.message)


def _rows(
    vault: Vault, shown_in: str, glances: Sequence[Glance], basis: str
) -> Iterator[dict[str, Any]]:  # fmt: skip
    # In one order, so that two writers do not wait for each other.
    for glance in sorted(glances, key=lambda one: one.case):
        with contextlib.suppress(SealBroken):  # The case was destroyed: nothing of it is kept anew.
            seals = vault.held(glance.case)
            yield {
                "case_id": glance.case, "shown_in": shown_in, "seq": glance.seq, "basis": basis,
                "sealed_value": seals.seal(_place(shown_in, glance.seq, basis), to_bytes(glance.value)),
            }  # fmt: skip


def _keep(connection: Connection, rows: list[dict[str, Any]]) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    added = dialect.insert(case_glances)
    said = ("seq", "basis", "sealed_value")
    kept = added.on_conflict_do_update(
        index_elements=[_GLANCE.case_id, _GLANCE.shown_in],
        set_={name: added.excluded[name] for name in said},
    )
    connection.execute(kept, rows)


def _opened(vault: Vault, case: CaseId, place: str, sealed: bytes, kind: type[T]) -> T | None:
    try:
        return from_bytes(vault.held(case).open(place, sealed), kind)
    except SealBroken:
        # A destroyed case, another version's words, or a row that somebody moved: the case itself tells.
        return None


def _place(shown_in: str, seq: int, basis: str) -> str:
    return f"glance/{shown_in}/{seq}/{basis}"
