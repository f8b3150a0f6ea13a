"""Writing secret files: whole or not at all, readable by their owner only."""

from __future__ import annotations

import os
import stat
import uuid
from pathlib import Path

from sar.domain.errors import EnvironmentFault

_OWNER_ONLY = 0o600
_FOLDER_OF_OWNER = 0o700


def cannot_write(error: OSError) -> EnvironmentFault:
    """The fault to raise when the disk refuses. The path stays out of it: a name could be somebody's."""
    return EnvironmentFault(
        f"A file could not be written ({error.strerror or 'unknown reason'}).",
        next_step="Check free space and permissions of the data folder, then try again.",
    )


def make_folder(folder: Path) -> None:
    """A folder only its owner can enter.

    :raises EnvironmentFault: it cannot be made.
    """
    try:
        folder.mkdir(mode=_FOLDER_OF_OWNER, parents=True, exist_ok=True)
    except OSError as error:
        raise cannot_write(error) from error


def write_whole(path: Path, content: bytes, *, replace: bool = True) -> None:
    """Put content at ``path`` so that a reader sees all of it or none, whatever happens on the way.

    With ``replace=False`` a file that is already there wins and nothing is changed.

    :raises EnvironmentFault: full disk, missing permission; nothing is left behind.
    """
    make_folder(path.parent)
    part = path.with_name(f".{uuid.uuid4().hex}.part")
    try:
        _write_synced(part, content)
        if replace:
            part.replace(path)
        else:
            _link_unless_there(part, path)
        _sync_folder(path.parent)
    except OSError as error:
        raise cannot_write(error) from error
    finally:
        part.unlink(missing_ok=True)


def read_secret(path: Path) -> bytes:
    """The content of a secret file.

    :raises EnvironmentFault: it cannot be read, or others than its owner may read it.
    """
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise EnvironmentFault(
                f"Others than its owner may read {path.name}.",
                next_step=f"Run: chmod 600 {path.name} in the data folder, and consider the key as seen.",
            )
        return path.read_bytes()
    except OSError as error:
        raise EnvironmentFault(
            f"The key file {path.name} cannot be read.",
            next_step="Restore it from the place where keys are kept, with the right owner and mode 0600.",
        ) from error


def _write_synced(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _link_unless_there(part: Path, path: Path) -> None:
    try:
        path.hardlink_to(part)
    except FileExistsError:
        return


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
