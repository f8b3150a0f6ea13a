"""A folder in place of a mail server: one readable ``.eml`` file a letter.

For trying the program out, and for a printing room that takes files. Whoever may read the folder reads the
letters, as whoever holds the mail server does.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import uuid
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from sar.domain.errors import EnvironmentFault
from sar.outbox.message import message_of
from sar.ports.disclosing import Letter


class FolderOutbox:
    """Implements ``sar.ports.disclosing.Outbox``. File names are a time and a chance id, never a person."""

    def __init__(self, folder: Path, *, sender: str = "Records requests <records@sar.invalid>") -> None:
        self._folder = folder
        self._sender = sender

    def send(self, letter: Letter, *, at: datetime) -> str:
        """Put the letter in the folder, whole or not at all; the receipt is its file's name.

        A letter with a message id that is there already is not put there again, also when two put it there at once.

        :raises InvalidInput: the address or a header line cannot be used.
        :raises EnvironmentFault: full disk, missing permission; nothing is left behind.
        """
        receipt = letter.message_id or uuid.uuid4().hex
        content = message_of(letter, sender=self._sender, receipt=receipt, at=at).as_bytes()
        path = self._folder / f"{at:%Y%m%dT%H%M%S}-{receipt}.eml"
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with self._alone():
                if before := sorted(self._folder.glob(f"*-{receipt}.eml")):
                    return before[0].stem
                _write(path, content)
        except OSError as error:
            raise EnvironmentFault(
                f"A letter could not be put in the outbox ({error.strerror or 'unknown reason'}).",
                next_step="Check free space and permissions of the outbox folder, then send it again.",
            ) from error
        return path.stem

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Two programs may put the same notice down at one moment; each on its own clock, so the names differ."""
        folder = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)


def _write(path: Path, content: bytes) -> None:
    part = path.with_suffix(f".{uuid.uuid4().hex}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise
