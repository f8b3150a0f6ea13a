"""Wrapped keys, in a file of their own: never in the main database and never in its backup."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sar.domain.errors import AlreadyDone, EnvironmentFault
from sar.vault.files import make_folder

_TABLE = """
CREATE TABLE IF NOT EXISTS wrapped_keys (
    owner TEXT PRIMARY KEY,
    key_id BLOB NOT NULL,
    wrapped_by TEXT NOT NULL,
    wrapped BLOB NOT NULL
) WITHOUT ROWID
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrappedKey:
    """A data key that only the master key opens."""

    owner: str
    key_id: bytes
    wrapped_by: str
    """The id of the master key, so that a half-done rotation is recognised."""
    wrapped: bytes


class KeyStore:
    """Small, synced on every change, and overwritten with zeros where a key is deleted."""

    def __init__(self, path: Path) -> None:
        make_folder(path.parent)
        self._lock = threading.Lock()
        with _faults():
            self._connection = sqlite3.connect(
                path, timeout=30, check_same_thread=False, isolation_level=None
            )
            path.chmod(0o600)
            # A write-ahead log would keep pages of deleted keys for a while; the rollback journal does not.
            for pragma in ("journal_mode=DELETE", "synchronous=FULL", "secure_delete=ON"):
                self._connection.execute(f"PRAGMA {pragma}")
            self._connection.execute(_TABLE)

    def version(self) -> int:
        """A number that changes when another process has changed the store."""
        with self._lock, _faults():
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def add(self, key: WrappedKey) -> None:
        """Keep a key for an owner that has none. Raises AlreadyDone."""
        with self._lock, _faults():
            try:
                self._connection.execute(
                    "INSERT INTO wrapped_keys VALUES (?, ?, ?, ?)",
                    (key.owner, key.key_id, key.wrapped_by, key.wrapped),
                )
            except sqlite3.IntegrityError:
                raise AlreadyDone(
                    "There is a key already.",
                    next_step="Use the key that is there; a second one is never made.",
                ) from None

    def find(self, owner: str) -> WrappedKey | None:
        """The owner's key, if there is one (a lookup, not a failure)."""
        with self._lock, _faults():
            row = self._connection.execute(
                "SELECT owner, key_id, wrapped_by, wrapped FROM wrapped_keys WHERE owner = ?", (owner,)
            ).fetchone()
        return _key(row) if row else None

    def replace_all(self, keys: Iterator[WrappedKey] | tuple[WrappedKey, ...]) -> None:
        """Put other wrappings in place of the present ones, all together."""
        with self._lock, _faults(), self._transaction():
            self._connection.executemany(
                "UPDATE wrapped_keys SET wrapped_by = ?, wrapped = ? WHERE owner = ?",
                [(key.wrapped_by, key.wrapped, key.owner) for key in keys],
            )

    def every(self) -> tuple[WrappedKey, ...]:
        """All keys."""
        with self._lock, _faults():
            rows = self._connection.execute(
                "SELECT owner, key_id, wrapped_by, wrapped FROM wrapped_keys ORDER BY owner"
            ).fetchall()
        return tuple(_key(row) for row in rows)

    def delete(self, owner: str) -> None:
        """Forget a key for good."""
        with self._lock, _faults():
            self._connection.execute("DELETE FROM wrapped_keys WHERE owner = ?", (owner,))

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextlib.contextmanager
    def _transaction(self) -> Iterator[None]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")


def _key(row: tuple[str, bytes, str, bytes]) -> WrappedKey:
    owner, key_id, wrapped_by, wrapped = row
    return WrappedKey(owner=owner, key_id=key_id, wrapped_by=wrapped_by, wrapped=wrapped)


@contextlib.contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except (sqlite3.Error, OSError) as error:
        raise EnvironmentFault(
            "The key store cannot be used.",
            next_step="Check free space and permissions of keys.db in the data folder.",
        ) from error
