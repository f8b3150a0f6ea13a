"""Keys, seals and signatures."""

from __future__ import annotations

from typing import Protocol

from sar.domain.references import CaseId


class CaseSeals(Protocol):
    """The seals of one case under the key it had when somebody opened it. Never kept beyond that reading."""

    def seal(self, place: str, plain: bytes) -> bytes:
        """Seal bytes for one place (``collection/id``); they open nowhere else."""
        ...

    def open(self, place: str, sealed: bytes) -> bytes:
        """Open what was sealed for this place. Raises SealBroken."""
        ...

    def keyed_digest(self, data: bytes) -> str:
        """HMAC-SHA-256 (hex) under a key derived from the case key; dies with it."""
        ...


class Vault(Protocol):
    """AES-256-GCM under a data key per case; destroying the key destroys the case."""

    def new_case_key(self, case: CaseId) -> None:
        """Make and keep the data key of a new case. Raises AlreadyDone when there is one."""
        ...

    def held(self, case: CaseId) -> CaseSeals:
        """The key of a case as it stands now, for one reading or transaction. Raises SealBroken.

        The key store is asked here and not again: whoever opens the case next asks it anew, and so notices a key
        that was destroyed in the meantime, by whichever process.
        """
        ...

    def seal(self, case: CaseId, place: str, plain: bytes) -> bytes:
        """Seal bytes for one place (``collection/id``); they open nowhere else."""
        ...

    def open(self, case: CaseId, place: str, sealed: bytes) -> bytes:
        """Open what was sealed for this place. Raises SealBroken."""
        ...

    def keyed_digest(self, case: CaseId, data: bytes) -> str:
        """HMAC-SHA-256 (hex) under a key derived from the case key; dies with it."""
        ...

    def destroy_case_key(self, case: CaseId) -> None:
        """Crypto-erasure."""
        ...

    def seal_own(self, place: str, plain: bytes) -> bytes:
        """Seal the installation's own secrets (staff second factors, contact addresses of accounts)."""
        ...

    def open_own(self, place: str, sealed: bytes) -> bytes:
        """Open what ``seal_own`` sealed. Raises SealBroken."""
        ...

    def own_digest(self, data: bytes) -> str:
        """HMAC-SHA-256 (hex) under the installation's key: equality search over sealed values."""
        ...


class BlobShelf(Protocol):
    """Sealed bytes on disk, for packs and documents. Writing is whole or not at all."""

    def put(self, case: CaseId, name: str, plain: bytes) -> None:
        """Seal and keep. Raises EnvironmentFault on a full disk, leaving nothing half-written."""
        ...

    def get(self, case: CaseId, name: str) -> bytes:
        """Open. Raises NotFound or SealBroken."""
        ...


class CheckpointSigner(Protocol):
    """Signs the heads of all chains, with a key that is not in the database."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key, hex."""
        ...

    def sign(self, data: bytes) -> bytes:
        """Ed25519 signature."""
        ...

    def verify(self, data: bytes, signature: bytes) -> None:
        """Raises TrailBroken when the signature is not ours."""
        ...
