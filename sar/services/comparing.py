"""What changed after the request, before those who have to look at it (Data Protection Act 2018 s.173).

Altering, hiding or destroying records to keep them from somebody who asked for them is a crime. Whether a change
is that, no program can say: it shows what differs, and a person writes down what they found.
"""

from __future__ import annotations

from datetime import datetime

from sar.domain.beside import side_by_side
from sar.domain.errors import NotAllowed, NotFound, OutOfOrder
from sar.domain.parties import Actor, StaffRole
from sar.domain.references import CaseId
from sar.domain.trail import EventKind
from sar.ports.casework import gathered_legs, leg_of, state_of
from sar.ports.changes import (
    CaseChanges,
    ChangeRow,
    ChangeShown,
    LegChanges,
    SeenRow,
    changes_of,
    record_at,
    rows_of,
    seen_events,
)
from sar.ports.keeping import Archive, CaseFile, Collection
from sar.ports.recording import EventNote, note_name, record_with_words, require_said

MAY_READ = frozenset({StaffRole.APPROVER, StaffRole.SAFEGUARDING_LEAD, StaffRole.DATA_PROTECTION_OFFICER})
"""Not the officer by that role alone: they may be the one who is looked at."""


class Comparing:
    """Shows what the comparison of two gatherings found, and keeps that an approver looked at it."""

    def __init__(self, *, archive: Archive) -> None:
        self._archive = archive

    def waiting(self, case: CaseId) -> dict[int, tuple[int, int]]:
        """By leg how many changes there are, and how many nobody has looked at yet. Counts only: for any reader."""
        with self._archive.reading(case) as file:
            return _waiting(file)

    def cases(self) -> tuple[CaseChanges, ...]:
        """Every case that has a gathering behind it: references and counts only."""
        rows = []
        for head in self._archive.heads():
            with self._archive.reading(head.id) as file:
                if state_of(file).destroyed or not state_of(file).gathered_round:
                    continue
                counts = _waiting(file).values()
                rows.append(
                    CaseChanges(
                        reference=head.reference, changes=sum(n for n, _ in counts), waiting=sum(w for _, w in counts)
                    )
                )  # fmt: skip
        return tuple(sorted(rows, key=lambda row: (-row.waiting, str(row.reference))))

    def found(self, case: CaseId, *, by: Actor) -> tuple[LegChanges, ...]:
        """What changed, leg by leg. Raises NotAllowed."""
        _require_reader(by)
        with self._archive.reading(case) as file:
            number = state_of(file).gathered_round
            return tuple(_leg_changes(file, number, leg.number) for leg in gathered_legs(file))

    def shown(self, case: CaseId, *, leg: int, number: int, by: Actor) -> ChangeShown:
        """One change with the words of both sides. Raises NotFound."""
        _require_reader(by)
        with self._archive.reading(case) as file:
            row = _row(rows_of(file, state_of(file).gathered_round, leg), number)
            before, after = row.change.before, row.change.after
            return ChangeShown(
                row=row,
                sides=side_by_side(
                    record_at(file, before) if before else None, record_at(file, after) if after else None
                ),
            )

    def see(self, case: CaseId, *, leg: int, round_number: int, note: str, at: datetime, by: Actor) -> None:
        """An approver looked at every change of a round, and writes what they found.

        :param round_number: the round whose changes they had in front of them.
        :raises OutOfOrder: a newer gathering showed more since, or there is nothing to look at.
        """
        if not by.has(StaffRole.APPROVER):
            raise NotAllowed("Only an approver may record this.", next_step="Ask an approver.")
        require_said(note, "note", "Write what you looked at, whom you asked and what you found.")
        with self._archive.writing(case) as file:
            leg_of(file, leg)
            number = state_of(file).gathered_round
            if round_number != number:
                raise OutOfOrder(
                    "The stores were asked again since you opened the page. Nothing was recorded.",
                    next_step="Open the list of changes again.",
                )
            rows = rows_of(file, number, leg)
            if not any(row.is_new for row in rows):
                raise OutOfOrder(
                    "There is no change to look at.", next_step="Open the list of changes again."
                )
            record_with_words(
                file,
                EventKind.CHANGES_SEEN,
                note,
                at=at,
                by=by,
                leg=leg,
                round=number,
                changes=sum(not row.is_weak for row in rows),
            )


def _waiting(file: CaseFile) -> dict[int, tuple[int, int]]:
    number = state_of(file).gathered_round
    rows = {
        leg.number: [r for r in rows_of(file, number, leg.number) if not r.is_weak]
        for leg in gathered_legs(file)
    }
    return {leg: (len(found), sum(r.is_new for r in found)) for leg, found in rows.items() if found}


def _leg_changes(file: CaseFile, number: int, leg: int) -> LegChanges:
    return LegChanges(
        leg=leg,
        round=number,
        rows=rows_of(file, number, leg),
        uncompared=changes_of(file, number, leg).uncompared,
        seen=tuple(
            SeenRow(
                at=e.at, by_role=e.by_role, round=int(str(e.facts["round"])),
                note=file.latest(Collection.NOTE, note_name(e.seq), EventNote).words,
            )
            for e in seen_events(file, leg)
        ),
    )  # fmt: skip


def _row(rows: tuple[ChangeRow, ...], number: int) -> ChangeRow:
    if not 1 <= number <= len(rows):
        raise NotFound("There is no such change.", next_step="Open the list of changes again.")
    return rows[number - 1]


def _require_reader(by: Actor) -> None:
    if not by.roles & MAY_READ:
        raise NotAllowed(
            "Only an approver, the safeguarding lead and the data protection officer may see this.",
            next_step="Ask one of them.",
        )
