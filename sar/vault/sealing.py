"""AES-256-GCM under a data key per case. A seal opens at its own place, in its own case, here only."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import re
import secrets
import threading
from json.encoder import encode_basestring_ascii as _as_json
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sar.domain.errors import AlreadyDone, InvalidInput, SealBroken
from sar.domain.references import CaseId
from sar.ports.sealing import CaseSeals
from sar.vault.key_store import KeyStore
from sar.vault.master_key import INSTALLATION, KEY_BYTES, STORE, MasterKey, load_master_key

FORMAT = 1
AES_256_GCM = 1
KEY_ID_BYTES = 8
_NONCE_BYTES = 12
_TAG_BYTES = 16
_HEAD_BYTES = 2 + KEY_ID_BYTES
_CASE = re.compile(r"[0-9a-f]{32}")


class _DataKey:
    """One unwrapped data key, ready to use. Sealing and digests run under different derived keys."""

    __slots__ = ("_cipher", "_digest_key", "head")

    def __init__(self, key_id: bytes, key: bytes) -> None:
        self.head = bytes((FORMAT, AES_256_GCM)) + key_id
        self._cipher = AESGCM(_derived(key, b"sar seal"))
        self._digest_key = _derived(key, b"sar digest")

    def seal(self, plain: bytes, bound: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return self.head + nonce + self._cipher.encrypt(nonce, plain, self.head + bound)

    def open(self, sealed: bytes, bound: bytes) -> bytes:
        body = sealed[_HEAD_BYTES:]
        if len(body) < _NONCE_BYTES + _TAG_BYTES or sealed[:_HEAD_BYTES] != self.head:
            raise _broken()
        try:
            return self._cipher.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], self.head + bound)
        except InvalidTag:
            raise _broken() from None

    def digest(self, data: bytes) -> str:
        return hmac.new(self._digest_key, data, hashlib.sha256).hexdigest()


class _HeldKey:
    """Implements ``sar.ports.sealing.CaseSeals``: one owner's key, bound to that owner's places."""

    __slots__ = ("_key", "_start")

    def __init__(self, key: _DataKey, installation: str, owner: str) -> None:
        self._key = key
        # What a seal is bound to is the list [installation, owner, place]: its start is written once.
        self._start = f"[{_as_json(installation)}, {_as_json(owner)}, "

    def seal(self, place: str, plain: bytes) -> bytes:
        return self._key.seal(plain, self._bound(place))

    def open(self, place: str, sealed: bytes) -> bytes:
        return self._key.open(sealed, self._bound(place))

    def keyed_digest(self, data: bytes) -> str:
        return self._key.digest(data)

    def _bound(self, place: str) -> bytes:
        return f"{self._start}{_as_json(place)}]".encode("ascii")


class CaseVault:
    """Implements ``sar.ports.sealing.Vault``. Safe to share between threads; made anew in each process."""

    def __init__(self, store: KeyStore, master: MasterKey) -> None:
        self._store = store
        self._master = master
        self._lock = threading.Lock()
        self._opened: dict[str, _DataKey] = {}
        self._seen_version = store.version()
        self._make_installation_key()
        self._installation = self._key_of(INSTALLATION).head.hex()

    def new_case_key(self, case: CaseId) -> None:
        """Make and keep the data key of a new case. Raises AlreadyDone when there is one."""
        if not _CASE.fullmatch(case):
            raise InvalidInput("That is not a case id.", next_step="Use the id the archive gave the case.")
        self._add_key(case)

    def held(self, case: CaseId) -> CaseSeals:
        """The key of a case as it stands now, for one reading or transaction. Raises SealBroken."""
        return self._held(case)

    def seal(self, case: CaseId, place: str, plain: bytes) -> bytes:
        """Seal bytes for one place of one case."""
        return self.held(case).seal(place, plain)

    def open(self, case: CaseId, place: str, sealed: bytes) -> bytes:
        """Open what was sealed for this place. Raises SealBroken."""
        return self.held(case).open(place, sealed)

    def keyed_digest(self, case: CaseId, data: bytes) -> str:
        """HMAC-SHA-256 (hex) under a key derived from the case key; dies with it."""
        return self._key_of(case).digest(data)

    def destroy_case_key(self, case: CaseId) -> None:
        """Crypto-erasure: every process notices when it next opens the case, to read or to write."""
        with self._lock:
            self._opened.pop(case, None)
            self._store.delete(case)

    def seal_own(self, place: str, plain: bytes) -> bytes:
        """Seal what belongs to the installation and to no case."""
        return self._held(INSTALLATION).seal(place, plain)

    def open_own(self, place: str, sealed: bytes) -> bytes:
        """Open what ``seal_own`` sealed. Raises SealBroken."""
        return self._held(INSTALLATION).open(place, sealed)

    def own_digest(self, data: bytes) -> str:
        """HMAC-SHA-256 (hex) under the installation's key."""
        return self._key_of(INSTALLATION).digest(data)

    def close(self) -> None:
        """Forget the keys in memory and let go of the key store."""
        self._opened.clear()
        self._store.close()

    def _held(self, owner: str) -> _HeldKey:
        return _HeldKey(self._key_of(owner), self._installation, owner)

    def _key_of(self, owner: str) -> _DataKey:
        with self._lock:
            version = self._store.version()
            if version != self._seen_version:
                # Another process changed the store: a key remembered here may have been destroyed there.
                self._opened.clear()
                self._seen_version = version
            if owner not in self._opened:
                kept = self._store.find(owner)
                if kept is None:
                    raise SealBroken(
                        "The key of this case is not in the key store.",
                        next_step="If the case was destroyed, nothing can be read any more. "
                        "Otherwise restore keys.db from its own backup.",
                    )
                self._opened[owner] = _DataKey(kept.key_id, self._master.unwrap(kept))
            return self._opened[owner]

    def _make_installation_key(self) -> None:
        # The site and the worker may start for the first time together: the first key stands.
        with contextlib.suppress(AlreadyDone):
            if self._store.find(INSTALLATION) is None:
                self._add_key(INSTALLATION)

    def _add_key(self, owner: str) -> None:
        key_id, key = secrets.token_bytes(KEY_ID_BYTES), secrets.token_bytes(KEY_BYTES)
        self._store.add(self._master.wrap(owner, key_id, key))


def open_vault(data_dir: Path, master_key: str | None = None) -> CaseVault:
    """The vault of one data folder; ``master_key`` (base64) takes the place of the file ``master.key``.

    :raises EnvironmentFault: the master key is missing, readable by others or not the right one.
    """
    store = KeyStore(data_dir / STORE)
    return CaseVault(store, load_master_key(data_dir, store, master_key))


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=purpose).derive(key)


def _broken() -> SealBroken:
    return SealBroken(
        "A sealed item does not open under its key and place.",
        next_step="It was altered, cut or moved. Restore it from a backup and look at who could write there.",
    )
