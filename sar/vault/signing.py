"""The signature on checkpoints: an Ed25519 key in a file outside the database."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sar.domain.errors import EnvironmentFault, TrailBroken
from sar.vault.files import read_secret, write_whole

FILE = "checkpoint.key"


class Ed25519Signer:
    """Implements ``sar.ports.sealing.CheckpointSigner``."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key, hex."""
        return hashlib.sha256(self._key.public_key().public_bytes_raw()).hexdigest()

    def sign(self, data: bytes) -> bytes:
        """Ed25519 signature."""
        return self._key.sign(data)

    def verify(self, data: bytes, signature: bytes) -> None:
        """Raises TrailBroken when the signature is not ours."""
        try:
            self._key.public_key().verify(signature, data)
        except InvalidSignature:
            raise TrailBroken(
                "A checkpoint carries a signature that is not ours.",
                next_step="Stop releases and compare the checkpoint file with its copies elsewhere.",
            ) from None


def open_signer(data_dir: Path) -> Ed25519Signer:
    """The signer of one data folder; its key is made at the first start."""
    path = data_dir / FILE
    if not path.exists():
        write_whole(path, Ed25519PrivateKey.generate().private_bytes_raw(), replace=False)
    try:
        return Ed25519Signer(Ed25519PrivateKey.from_private_bytes(read_secret(path)))
    except ValueError:
        raise EnvironmentFault(
            "The key that signs checkpoints cannot be used.",
            next_step="Restore checkpoint.key from the place where keys are kept.",
        ) from None
