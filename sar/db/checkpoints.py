"""Signed checkpoints over the heads of all chains, in the database and in a file outside it."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BufferedRandom
from itertools import pairwise
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, and_, delete, func, insert, select, text

from sar.db.tables import cases, checkpoints, events, signed_heads
from sar.domain.errors import EnvironmentFault, TrailBroken
from sar.domain.trail import START
from sar.ports.sealing import CheckpointSigner

_ONE_AT_A_TIME = 0x5341_5243
"""The number of PostgreSQL's advisory lock that lets one checkpoint be made at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """What was signed: the chains that moved since the checkpoint before, and that checkpoint."""

    n: int
    at: str
    heads: Mapping[str, tuple[int, str]]
    """Case id -> sequence number and digest of its newest event."""
    previous: str
    digest: str
    signature: str
    fingerprint: str

    @property
    def body(self) -> bytes:
        """The bytes that are signed."""
        heads = {case: list(head) for case, head in sorted(self.heads.items())}
        return json.dumps(
            [self.n, self.at, heads, self.previous, self.fingerprint], separators=(",", ":")
        ).encode("ascii")

    @property
    def line(self) -> bytes:
        """Its line in the file outside the database."""
        heads = {case: list(head) for case, head in sorted(self.heads.items())}
        kept = {
            "n": self.n, "at": self.at, "heads": heads, "previous": self.previous, "digest": self.digest,
            "signature": self.signature, "fingerprint": self.fingerprint,
        }  # fmt: skip
        return json.dumps(kept, separators=(",", ":")).encode("ascii") + b"\n"


def unsigned_events(connection: Connection) -> int:
    """Events no checkpoint covers yet."""
    signed = func.coalesce(signed_heads.c.seq, 0)
    asked = (
        select(func.coalesce(func.sum(cases.c.head_seq - signed), 0))
        .select_from(cases.outerjoin(signed_heads, signed_heads.c.case_id == cases.c.id))
        .where(cases.c.head_seq > signed)
    )
    return int(connection.execute(asked).scalar_one())


def add_checkpoint(connection: Connection, signer: CheckpointSigner, *, at: datetime) -> None:
    """Sign the chains that moved, inside the caller's transaction. Nothing moved: nothing is added."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _ONE_AT_A_TIME})
    heads = _moved_heads(connection)
    if not heads:
        return
    last = connection.execute(
        select(checkpoints.c.n, checkpoints.c.digest).order_by(checkpoints.c.n.desc()).limit(1)
    ).first()
    made = Checkpoint(
        n=last.n + 1 if last else 1, at=at.isoformat(), heads=heads, previous=last.digest if last else START,
        digest="", signature="", fingerprint=signer.fingerprint,
    )  # fmt: skip
    connection.execute(
        insert(checkpoints),
        {
            "n": made.n, "at": made.at, "heads": json.dumps({k: list(v) for k, v in sorted(heads.items())}),
            "previous": made.previous, "digest": hashlib.sha256(made.body).hexdigest(),
            "signature": signer.sign(made.body).hex(), "fingerprint": made.fingerprint,
        },
    )  # fmt: skip
    connection.execute(delete(signed_heads).where(signed_heads.c.case_id.in_(list(heads))))
    connection.execute(
        insert(signed_heads), [{"case_id": case, "seq": seq} for case, (seq, _) in heads.items()]
    )


def _moved_heads(connection: Connection) -> dict[str, tuple[int, str]]:
    signed = func.coalesce(signed_heads.c.seq, 0)
    asked = (
        select(cases.c.id, events.c.seq, events.c.digest)
        .select_from(
            cases.outerjoin(signed_heads, signed_heads.c.case_id == cases.c.id).join(
                events, and_(events.c.case_id == cases.c.id, events.c.seq == cases.c.head_seq)
            )
        )
        .where(cases.c.head_seq > signed)
    )
    return {case: (seq, digest) for case, seq, digest in connection.execute(asked)}


def kept_checkpoints(connection: Connection, *, after: int = 0) -> Iterator[Checkpoint]:
    """The checkpoints of the database, in order."""
    asked = select(checkpoints).where(checkpoints.c.n > after).order_by(checkpoints.c.n)
    return (_checkpoint(dict(row._mapping)) for row in connection.execute(asked))  # noqa: SLF001 - SQLAlchemy's name


def _checkpoint(kept: Mapping[str, Any]) -> Checkpoint:
    heads = kept["heads"] if isinstance(kept["heads"], dict) else json.loads(kept["heads"])
    return Checkpoint(
        n=int(kept["n"]), at=str(kept["at"]),
        heads={str(case): (int(seq), str(digest)) for case, (seq, digest) in heads.items()},
        previous=str(kept["previous"]), digest=str(kept["digest"]), signature=str(kept["signature"]),
        fingerprint=str(kept["fingerprint"]),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What the checkpoints say of every chain."""

    checkpoints: int
    """Those that stand in the file outside as well."""
    heads: Mapping[str, Mapping[int, str]]
    """Case id -> sequence number -> digest, as signed."""
    confirmed: Mapping[str, int]
    """Case id -> newest event whose removal the file outside would show."""


def prove(kept: Sequence[Checkpoint], outside: Sequence[Checkpoint], signer: CheckpointSigner) -> Proof:
    """Check the checkpoints of the database, and that the file outside says the same.

    :raises TrailBroken: one was altered or removed, here or there.
    """
    _check_chain(kept, signer)
    for mine, theirs in zip(kept, outside, strict=False):
        if mine != theirs:
            raise _broken(f"Checkpoint {mine.n} in the database is not the one in the file outside it.")
    if len(outside) > len(kept):
        raise _broken("The file outside the database holds checkpoints that the database has lost.")
    heads: dict[str, dict[int, str]] = {}
    for checkpoint in kept:
        for case, (seq, digest) in checkpoint.heads.items():
            heads.setdefault(case, {})[seq] = digest
    confirmed = {case: seq for checkpoint in outside for case, (seq, _) in checkpoint.heads.items()}
    return Proof(checkpoints=len(outside), heads=heads, confirmed=confirmed)


def _check_chain(chain: Sequence[Checkpoint], signer: CheckpointSigner) -> None:
    for checkpoint in chain:
        if checkpoint.digest != hashlib.sha256(checkpoint.body).hexdigest():
            raise _broken(f"Checkpoint {checkpoint.n} was altered.")
        try:
            signer.verify(checkpoint.body, bytes.fromhex(checkpoint.signature))
        except ValueError:
            raise _broken(f"Checkpoint {checkpoint.n} was altered.") from None
    numbers = [c.n for c in chain]
    linked = all(after.previous == before.digest for before, after in pairwise(chain))
    if numbers != list(range(1, len(chain) + 1)) or not linked or (chain and chain[0].previous != START):
        raise _broken("A checkpoint is missing, or stands in another order.")


class OutsideFile:
    """The file of checkpoints outside the database: append-only, one JSON line each.

    It is written after the database has committed, so it may lag behind it, never lead.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> tuple[Checkpoint, ...]:
        """Every whole line.

        :raises TrailBroken: a line cannot be read.
        """
        try:
            return tuple(_parsed(line) for line in _whole_lines(self._path.read_bytes()))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise _unusable() from error

    def catch_up(self, connection: Connection) -> None:
        """Append what the database has and the file has not.

        :raises EnvironmentFault: full disk, missing permission; a half-written line is cut off again later.
        """
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            with os.fdopen(descriptor, "r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                last = _last_number(file)
                file.writelines(c.line for c in kept_checkpoints(connection, after=last))
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _unusable() from error


def _last_number(file: BufferedRandom) -> int:
    """The number of the last whole line; whatever stands behind it (a write cut short) is removed."""
    content = file.read()
    whole = content[: content.rfind(b"\n") + 1]
    file.truncate(len(whole))
    file.seek(len(whole))
    lines = _whole_lines(whole)
    return _parsed(lines[-1]).n if lines else 0


def _whole_lines(content: bytes) -> list[bytes]:
    return content[: content.rfind(b"\n") + 1].splitlines()


def _parsed(line: bytes) -> Checkpoint:
    try:
        return _checkpoint(json.loads(line))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _broken("A line of the checkpoint file cannot be read.") from None


def _broken(what: str) -> TrailBroken:
    return TrailBroken(
        what, next_step="Stop releases, keep everything as it is, and compare with copies kept elsewhere."
    )


def _unusable() -> EnvironmentFault:
    return EnvironmentFault(
        "The checkpoint file outside the database cannot be used.",
        next_step="Check free space and permissions of checkpoints.jsonl; the next checkpoint catches up.",
    )
