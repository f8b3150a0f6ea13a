"""Seals, keys, the shelf of sealed files, and the signature on the trail's checkpoints."""

from sar.vault.master_key import rotate_master_key
from sar.vault.sealing import CaseVault, open_vault
from sar.vault.shelf import Shelf
from sar.vault.signing import Ed25519Signer, open_signer

__all__ = ["CaseVault", "Ed25519Signer", "Shelf", "open_signer", "open_vault", "rotate_master_key"]
