"""All cases: opening them in transactions, numbering them, and proving the trail."""

from __future__ import annotations

import contextlib
import logging
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime
from itertools import groupby
from pathlib import Path
from typing import Protocol, TypeVar

from sqlalchemy import Connection, Engine, bindparam, func, insert, select
from sqlalchemy.exc import IntegrityError

from sar.db.case_file import SqlCaseFile
from sar.db.checkpoints import (
    OutsideFile,
    add_checkpoint,
    kept_checkpoints,
    prove,
    unsigned_events,
)
from sar.db.connecting import open_engine, reading, writing
from sar.db.conversion import to_bytes
from sar.db.glances import keep_glances, kept_glances
from sar.db.looks import keep_looks, to_look_at
from sar.db.migrating import upgrade
from sar.db.moments import Moments
from sar.db.tables import cases
from sar.db.trails import KnownTrails, all_events, whose_newest
from sar.domain.errors import AlreadyDone, EnvironmentFault, NotFound, OutOfOrder, TrailBroken
from sar.domain.references import CaseId, CaseReference
from sar.domain.trail import Event, EventKind, verify_chain
from sar.ports.keeping import CaseFile, CaseHead, Glance, Look, Packed, TrailReport
from sar.ports.sealing import BlobShelf, CheckpointSigner, Vault

T = TypeVar("T")

_log = logging.getLogger(__name__)

CHECKPOINT_EVERY = 50
_TRIES_FOR_A_REFERENCE = 20


class UndoableShelf(BlobShelf, Protocol):
    """A shelf from which the files of a transaction that did not happen can be taken again."""

    def remove(self, case: CaseId, name: str) -> None:
        """Take a file away, if it is there."""
        ...


class SqlArchive:
    """Implements ``sar.ports.keeping.Archive`` on SQLite and PostgreSQL."""

    def __init__(
        self, engine: Engine, vault: Vault, shelf: UndoableShelf, signer: CheckpointSigner,
        checkpoint_file: Path, *, checkpoint_every: int = CHECKPOINT_EVERY,
    ) -> None:  # fmt: skip
        self.engine = engine
        """Shared with the accounts, which live in the same database."""
        self._vault = vault
        self._shelf = shelf
        self._signer = signer
        self._outside = OutsideFile(checkpoint_file)
        self._every = checkpoint_every
        self._trails = KnownTrails()
        self._moments = Moments(self._opened)

    @contextlib.contextmanager
    def new_case(self, *, at: datetime, case: CaseId | None = None) -> Iterator[CaseFile]:
        """A new case with its key and the next free reference; committed when the block ends well.

        :raises AlreadyDone: there is a case of the id given.
        """
        name = case or CaseId(uuid.uuid4().hex)
        is_new_key = self._new_key(name)
        try:
            with self._adding(name, created_at=at) as file:
                yield file
        except BaseException:
            # A case that was never committed leaves no key behind either. Under an id that was given, another
            # writer may have opened the case with this very key in the meantime: then the key has to stay.
            if is_new_key and case is None:
                self._vault.destroy_case_key(name)
            raise

    def _new_key(self, case: CaseId) -> bool:
        """Make the key; False where one is left of an attempt that died before its case was committed."""
        try:
            self._vault.new_case_key(case)
        except AlreadyDone:
            if any(head.id == case for head in self.heads()):
                raise
            return False
        return True

    @contextlib.contextmanager
    def writing(self, case: CaseId) -> Iterator[CaseFile]:
        """A case to add to; committed when the block ends well, else nothing happened."""
        with self._adding(case) as file:
            yield file

    def reading(self, case: CaseId) -> AbstractContextManager[CaseFile]:
        """A case to read, as it is at one moment; writing through it raises."""
        return self._moments.reading(case)

    def one_moment(self) -> AbstractContextManager[None]:
        """Inside, this thread's readings of one case see one moment, until it writes."""
        return self._moments.one_moment()

    @contextlib.contextmanager
    def _opened(self, case: CaseId) -> Iterator[SqlCaseFile]:
        with reading(self.engine) as connection:
            reference = _reference_of(connection, case, lock=False)
            yield SqlCaseFile(
                connection, self._vault, self._shelf, case=case, reference=reference, trails=self._trails,
                may_write=False,
            )  # fmt: skip

    def packed(self, value: object) -> Packed:
        """A value ready to be kept."""
        return Packed(to_bytes(value))

    def heads(self) -> tuple[CaseHead, ...]:
        """Every case, oldest first."""
        asked = select(cases.c.id, cases.c.reference, cases.c.created_at).order_by(
            cases.c.created_at, func.length(cases.c.reference), cases.c.reference
        )
        with reading(self.engine) as connection:
            return tuple(
                CaseHead(
                    id=CaseId(case),
                    reference=CaseReference(reference),
                    created_at=datetime.fromisoformat(created),
                )
                for case, reference, created in connection.execute(asked)
            )

    def to_look_at(self, *, on: date, basis: str) -> tuple[CaseId, ...]:
        """Every case but those in which nothing can have fallen due since they were looked at, oldest first."""
        with reading(self.engine) as connection:
            return to_look_at(connection, on=on, basis=basis)

    def looked_at(self, looks: Sequence[Look], *, on: date, basis: str) -> None:
        """Note that nothing was due in these cases."""
        with writing(self.engine) as connection:
            keep_looks(connection, looks, on=on, basis=basis)

    def glances(self, shown_in: str, kind: type[T], *, basis: str) -> tuple[tuple[CaseHead, T | None], ...]:
        """Every case with what a list shows of it, oldest first; None where that has to be made again."""
        return kept_glances(self.engine, self._vault, shown_in, kind, basis=basis)

    def keep_glances(self, shown_in: str, glances: Sequence[Glance], *, basis: str) -> None:
        """Keep what a list shows of some cases; where that cannot be done now, it is made again next time."""
        keep_glances(self.engine, self._vault, shown_in, glances, basis=basis)

    def whose_newest(self, kind: EventKind, *, among: frozenset[EventKind]) -> tuple[CaseId, ...]:
        """Cases whose newest event among some kinds is of one kind, in no order. No case is opened for it."""
        with reading(self.engine) as connection:
            return whose_newest(connection, kind, among=among)

    def find(self, reference: CaseReference) -> CaseId:
        """Raises NotFound."""
        with reading(self.engine) as connection:
            found = connection.execute(select(cases.c.id).where(cases.c.reference == reference.text)).scalar()
        if found is None:
            raise _no_such_case()
        return CaseId(found)

    def checkpoint(self, *, at: datetime) -> None:
        """Sign the heads of all chains that moved, in the database and in the file outside it."""
        with writing(self.engine) as connection:
            add_checkpoint(connection, self._signer, at=at)
        with reading(self.engine) as connection:
            self._outside.catch_up(connection)

    def verify(self) -> TrailReport:
        """Check every chain and checkpoint. Raises TrailBroken."""
        # The file is read first: it never leads the database, so what it holds must be found there.
        outside = self._outside.read()
        with reading(self.engine) as connection:
            known = dict(iter(connection.execute(select(cases.c.id, cases.c.reference))))
            proof = prove(tuple(kept_checkpoints(connection)), outside, self._signer)
            counted, unproved, seen = 0, 0, set()
            for case, chain in groupby(all_events(connection), key=lambda e: e.case):
                length = _check_case(chain, known.get(case, "an unknown case"), proof.heads.get(case, {}))
                seen.add(case)
                counted += length
                unproved += length - proof.confirmed.get(case, 0)
        if lost := set(proof.heads) - seen:
            raise _broken(f"The whole trail of {known.get(CaseId(min(lost)), 'a case')} is gone.")
        return TrailReport(
            cases=len(known), events=counted, checkpoints=proof.checkpoints, unproved_events=unproved
        )

    def close(self) -> None:
        """Let go of the database's connections."""
        self.engine.dispose()

    @contextlib.contextmanager
    def _adding(self, case: CaseId, *, created_at: datetime | None = None) -> Iterator[CaseFile]:
        shelved: list[str] = []
        self._moments.forget()
        try:
            with _one_writer(), writing(self.engine) as connection:
                if created_at is None:
                    reference = _reference_of(connection, case, lock=True)
                else:
                    reference = _insert_case(connection, case, created_at)
                file = SqlCaseFile(
                    connection, self._vault, self._shelf, case=case, reference=reference, trails=self._trails,
                    may_write=True,
                )  # fmt: skip
                shelved = file.shelved
                try:
                    yield file
                finally:
                    file.close()
                file.flush()
                is_signed = self._sign_if_due(connection, file.recorded)
        except BaseException:
            for name in shelved:
                self._shelf.remove(case, name)
            raise
        finally:
            self._moments.forget()
        if is_signed:
            self._tell_outside()

    def _sign_if_due(self, connection: Connection, recorded: Sequence[Event]) -> bool:
        if not recorded:
            return False
        is_release = any(event.kind is EventKind.PACK_RELEASED for event in recorded)
        if not is_release and unsigned_events(connection) < self._every:
            return False
        add_checkpoint(connection, self._signer, at=recorded[-1].at)
        return True

    def _tell_outside(self) -> None:
        """Bring the file up to date. What was decided stands in the database by now, whatever happens here."""
        try:
            with reading(self.engine) as connection:
                self._outside.catch_up(connection)
        except EnvironmentFault as fault:
            _log.error("%s %s", fault.message, fault.next_step)


def open_archive(
    database_url: str, vault: Vault, shelf: UndoableShelf, signer: CheckpointSigner, checkpoint_file: Path,
    *, checkpoint_every: int = CHECKPOINT_EVERY,
) -> SqlArchive:  # fmt: skip
    """The archive at an address, brought to the tables of this version.

    :raises EnvironmentFault: the address cannot be used, the disk is full or read-only.
    """
    engine = open_engine(database_url)
    upgrade(engine)
    return SqlArchive(engine, vault, shelf, signer, checkpoint_file, checkpoint_every=checkpoint_every)


@contextlib.contextmanager
def _one_writer() -> Iterator[None]:
    # The case's lock makes this impossible among ourselves; only a writer that goes round it gets here.
    try:
        yield
    except IntegrityError as error:
        raise OutOfOrder(
            "Somebody else added to the case at the same moment; nothing of this was kept.",
            next_step="Open the case again and repeat the step.",
        ) from error


# Made once: a gathering begins a transaction for every page.
_REFERENCE = select(cases.c.reference).where(cases.c.id == bindparam("case"))
# SQLite has taken its only write lock already and leaves FOR UPDATE out.
_REFERENCE_LOCKED = _REFERENCE.with_for_update()


def _reference_of(connection: Connection, case: CaseId, *, lock: bool) -> CaseReference:
    found = connection.execute(_REFERENCE_LOCKED if lock else _REFERENCE, {"case": case}).scalar()
    if found is None:
        raise _no_such_case()
    return CaseReference(found)


def _insert_case(connection: Connection, case: CaseId, at: datetime) -> CaseReference:
    """The row of a new case under the next free reference of the year."""
    created = at.astimezone(UTC)
    for _ in range(_TRIES_FOR_A_REFERENCE):
        reference = _next_reference(connection, created.year)
        row = {
            "id": case, "reference": reference.text, "head_seq": 0,
            "created_at": created.isoformat(timespec="microseconds"),
        }  # fmt: skip
        try:
            with connection.begin_nested():
                connection.execute(insert(cases), row)
        except IntegrityError:
            # Another new case took the number while we counted (PostgreSQL only): count again.
            continue
        return reference
    raise EnvironmentFault("No case reference was free.", next_step="Try again in a moment.")


def _next_reference(connection: Connection, year: int) -> CaseReference:
    start = f"SA-{year}-"
    asked = (
        select(cases.c.reference)
        .where(cases.c.reference.startswith(start))
        .order_by(func.length(cases.c.reference).desc(), cases.c.reference.desc())
        .limit(1)
    )
    last = connection.execute(asked).scalar()
    return CaseReference(f"{start}{int(last.removeprefix(start)) + 1 if last else 1:04d}")


def _check_case(chain: Iterable[Event], reference: str, signed: Mapping[int, str]) -> int:
    """The length of one case's chain, proved link by link and against what was signed."""
    digests: dict[int, str] = {}

    def noted() -> Iterator[Event]:
        for event in chain:
            digests[event.seq] = event.digest
            yield event

    try:
        verify_chain(noted())
    except TrailBroken as broken:
        raise TrailBroken(f"{reference}: {broken.message}", next_step=broken.next_step) from None
    for seq, digest in signed.items():
        if digests.get(seq) != digest:
            raise _broken(f"{reference}: event {seq} is not the one that was signed for, or is gone.")
    return len(digests)


def _broken(what: str) -> TrailBroken:
    return TrailBroken(
        what, next_step="Stop releases, keep the data as they are and restore the trail from a backup."
    )


def _no_such_case() -> NotFound:
    return NotFound("There is no such case.", next_step="Check the reference, as printed on our letters.")
