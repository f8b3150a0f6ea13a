"""The master key: in a file of the data folder, or handed in from outside. It wraps every other key."""

from __future__ import annotations

import base64
import binascii
import hashlib
import secrets
from pathlib import Path

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from sar.domain.errors import EnvironmentFault
from sar.vault.files import read_secret, write_whole
from sar.vault.key_store import KeyStore, WrappedKey

FILE = "master.key"
NEXT_FILE = "master.key.next"
STORE = "keys.db"
INSTALLATION = "installation"
"""The owner of the key that seals what belongs to no case."""
KEY_BYTES = 32


class MasterKey:
    """Wraps and unwraps data keys (AES key wrap, RFC 3394); never shown."""

    __slots__ = ("_key", "id")

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise EnvironmentFault(
                "The master key must be 32 bytes long.", next_step="Make one with: openssl rand -base64 32"
            )
        self._key = key
        self.id = hashlib.sha256(b"sar master key id" + key).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"<MasterKey {self.id}>"

    def __reduce__(self) -> tuple[object, ...]:
        raise TypeError("A master key is not written anywhere but in its own file.")

    def wrap(self, owner: str, key_id: bytes, key: bytes) -> WrappedKey:
        """A data key for the key store."""
        return WrappedKey(
            owner=owner, key_id=key_id, wrapped_by=self.id, wrapped=aes_key_wrap(self._key, key_id + key)
        )

    def unwrap(self, kept: WrappedKey) -> bytes:
        """The data key. Raises EnvironmentFault when another master key wrapped it, or it was altered."""
        try:
            opened = aes_key_unwrap(self._key, kept.wrapped)
        except (InvalidUnwrap, ValueError):
            raise _not_the_key() from None
        if opened[: len(kept.key_id)] != kept.key_id:
            raise _not_the_key()
        return opened[len(kept.key_id) :]

    @property
    def text(self) -> bytes:
        """The key as it stands in its file."""
        return base64.b64encode(self._key) + b"\n"


def master_key_from(text: str | bytes) -> MasterKey:
    """The key written as base64."""
    try:
        return MasterKey(base64.b64decode(text.strip(), validate=True))
    except (binascii.Error, ValueError):
        raise EnvironmentFault(
            "The master key is not base64 text.", next_step="Make one with: openssl rand -base64 32"
        ) from None


def load_master_key(folder: Path, store: KeyStore, given: str | None) -> MasterKey:
    """The key that wrapped this installation's keys; made at the very first start.

    A rotation that was interrupted is finished: whichever of the two files opens the store is the key.

    :raises EnvironmentFault: there are keys and no master key that opens them.
    """
    installation = store.find(INSTALLATION)
    if given is not None:
        return _checked(master_key_from(given), installation)
    if installation is None and not (folder / FILE).exists():
        write_whole(folder / FILE, MasterKey(secrets.token_bytes(KEY_BYTES)).text, replace=False)
    if installation is not None and _opens(folder / NEXT_FILE, installation):
        (folder / NEXT_FILE).replace(folder / FILE)
    return _checked(master_key_from(read_secret(folder / FILE)), installation)


def rotate_master_key(folder: Path, *, given: str | None = None, new: str | None = None) -> int:
    """Wrap every key anew; how many. The sealed data stay as they are.

    Without ``new`` a fresh key replaces the one in the data folder. With it (both keys live outside),
    the operator puts ``new`` in place of ``given`` afterwards.
    """
    store = KeyStore(folder / STORE)
    try:
        old = load_master_key(folder, store, given)
        fresh = master_key_from(new) if new is not None else MasterKey(secrets.token_bytes(KEY_BYTES))
        if new is None:
            write_whole(folder / NEXT_FILE, fresh.text)
        keys = store.every()
        store.replace_all(tuple(fresh.wrap(k.owner, k.key_id, old.unwrap(k)) for k in keys))
        if new is None:
            (folder / NEXT_FILE).replace(folder / FILE)
        return len(keys)
    finally:
        store.close()


def _opens(path: Path, kept: WrappedKey) -> bool:
    return path.exists() and master_key_from(read_secret(path)).id == kept.wrapped_by


def _checked(master: MasterKey, installation: WrappedKey | None) -> MasterKey:
    if installation is not None:
        master.unwrap(installation)
    return master


def _not_the_key() -> EnvironmentFault:
    return EnvironmentFault(
        "The master key does not open the key store.",
        next_step="Put back the master key this installation was started with (file master.key or SAR_MASTER_KEY).",
    )
