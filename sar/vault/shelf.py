"""Sealed files on disk, a folder a case. Names on disk are keyed digests and tell nothing."""

from __future__ import annotations

import contextlib
import re
import shutil
from pathlib import Path

from sar.domain.errors import InvalidInput, NotFound
from sar.domain.references import CaseId
from sar.ports.sealing import Vault
from sar.vault.files import cannot_write, write_whole

_CASE = re.compile(r"[0-9a-f]{32}")
_LONGEST_NAME = 500


class Shelf:
    """Implements ``sar.ports.sealing.BlobShelf``."""

    def __init__(self, folder: Path, vault: Vault) -> None:
        self._folder = folder
        self._vault = vault

    def put(self, case: CaseId, name: str, plain: bytes) -> None:
        """Seal and keep, whole or not at all.

        :raises EnvironmentFault: full disk, missing permission; what was there before still is.
        """
        path = self._path(case, name)
        write_whole(path, self._vault.seal(case, _place(name), plain))

    def get(self, case: CaseId, name: str) -> bytes:
        """Open. Raises NotFound or SealBroken."""
        path = self._path(case, name)
        try:
            sealed = path.read_bytes()
        except FileNotFoundError:
            raise NotFound("There is no such document.", next_step="Open the case again.") from None
        except OSError as error:
            raise cannot_write(error) from error
        return self._vault.open(case, _place(name), sealed)

    def remove(self, case: CaseId, name: str) -> None:
        """Take a file away, if it is there: the transaction that wrote it did not happen.

        What the disk does not give up stays behind, sealed and named by nothing.
        """
        with contextlib.suppress(OSError):
            self._path(case, name).unlink(missing_ok=True)

    def remove_case(self, case: CaseId) -> None:
        """Take every file of a case away, after its key was destroyed."""
        folder = self._case_folder(case)
        if folder.exists():
            shutil.rmtree(folder)

    def _path(self, case: CaseId, name: str) -> Path:
        folder = self._case_folder(case)
        if not 0 < len(name) <= _LONGEST_NAME:
            raise InvalidInput(
                "A document needs a name of reasonable length.", next_step="Give it a short name."
            )
        return folder / f"{self._vault.keyed_digest(case, _place(name).encode())}.sealed"

    def _case_folder(self, case: CaseId) -> Path:
        if not _CASE.fullmatch(case):
            raise InvalidInput("That is not a case id.", next_step="Use the id the archive gave the case.")
        return self._folder / case


def _place(name: str) -> str:
    return f"blob/{name}"
