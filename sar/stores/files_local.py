"""A folder on this machine, or mounted on it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import BinaryIO

from fsspec.implementations.local import LocalFileSystem

from sar.stores.files_tree import OUTSIDE_LINK, Entry, NestedTree, Thing, held_item, read_whole


class LocalTree(NestedTree):
    """Names come straight from the system, so that a folder of a million files costs no more than a page."""

    lost: tuple[type[BaseException], ...] = (TimeoutError,)

    def __init__(self, root: Path) -> None:
        self._root = os.path.realpath(root)
        self._files = LocalFileSystem(use_listings_cache=False, skip_instance_cache=True)
        if not Path(self._root).is_dir():
            raise FileNotFoundError

    def entries(self, folder: str) -> Iterator[Entry]:
        """The names in one folder."""
        with os.scandir(f"{self._root}/{folder}") as found:
            for one in found:
                try:
                    yield _entry(one.name, one.stat(follow_symlinks=False))
                except FileNotFoundError:
                    yield Entry(one.name, Thing.FILE)

    def linked(self, name: str) -> Entry | None:
        """Where a link leads, if that is inside."""
        try:
            path = self._inside(name)
            return _entry(name, Path(path).stat())
        except (OSError, ValueError):
            return None

    def read(self, name: str, *, most: int, until: Callable[[], bool]) -> bytes:
        """One file, opened where it really lies: a link put there since the listing leads nowhere."""
        try:
            path = self._inside(name)
        except ValueError:
            raise held_item(OUTSIDE_LINK) from None
        return read_whole(self._files, path, most=most, until=until, opened=partial(_open, path))

    def close(self) -> None:
        """Nothing is held open."""

    def _inside(self, name: str) -> str:
        path = os.path.realpath(f"{self._root}/{name}", strict=True)
        if os.path.commonpath([path, self._root]) != self._root:
            raise ValueError
        return path


def _open(path: str) -> BinaryIO:
    # A pipe put in the place of a file would keep us waiting; a link there would lead elsewhere.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    return open(path, "rb", opener=lambda where, _flags: os.open(where, flags))


def _entry(name: str, seen: os.stat_result) -> Entry:
    return Entry(name, _THINGS.get(stat.S_IFMT(seen.st_mode), Thing.OTHER), seen.st_size, seen.st_mtime)


_THINGS = {stat.S_IFREG: Thing.FILE, stat.S_IFDIR: Thing.FOLDER, stat.S_IFLNK: Thing.LINK}
