"""One look into a folder, wherever it lies: its names page by page, its files one at a time, all in bounded time.

What the folder gives is not trusted. A name that leads out of it, a link out of it, a name that is no text and a
thing that is no file are listed with the reason they cannot be read; nothing outside the root is opened.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from itertools import islice
from typing import Any, Protocol

from sar.domain.errors import UnreadableItem

PAGE = 1_000
_CHUNK = 1024 * 1024
_DEEPEST = 100

OUTSIDE_NAME = "a name that leads out of the folder"
OUTSIDE_LINK = "a link that leads out of the folder, or nowhere: not followed"
NOT_TEXT = "a file name that is not written in readable characters"
NO_FILE = "not an ordinary file"
NO_ENTRY = "a folder that could not be opened"
TOO_DEEP = "folders inside folders, too deep to follow"
NOT_THERE = "a file that was gone when we came to read it"
NO_OPENING = "a file that could not be opened"
CHANGED = "a file that was being changed while we read it"
TOO_LARGE = "a file larger than we read by machine"


_HALF = re.compile("[\\ud800-\\udfff]")
"""Half a surrogate pair: how bytes that are no UTF-8 stand in a name."""


class Thing(Enum):
    """What a name in a folder stands for."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Entry:
    """One name in one folder, as the server gives it."""

    name: str
    """Bytes that are no UTF-8 stand as half surrogates."""
    thing: Thing
    size: int = 0
    changed: float | None = None
    """Seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Listed:
    """One file of the tree, or the reason why what has this name is none that can be read."""

    name: str
    """The path from the root, with ``/``."""
    size: int = 0
    changed: float | None = None
    why: str = ""

    @property
    def changed_at(self) -> datetime | None:
        """When it was last changed, as the folder says; None for a moment that cannot be."""
        try:
            return None if self.changed is None else datetime.fromtimestamp(self.changed, UTC)
        except (OverflowError, OSError, ValueError):
            return None


class Tree(Protocol):
    """What each kind of folder offers. Errors are the library's own; ``FolderLook`` says what they mean."""

    lost: tuple[type[BaseException], ...]
    """Errors after which nothing more can be asked of the server."""

    def pages(self) -> Iterator[list[Listed]]:
        """Everything in it, some names at a time; a name once given is forgotten."""
        ...

    def read(self, name: str, *, most: int, until: Callable[[], bool]) -> bytes:
        """One file, whole and unchanged meanwhile.

        :raises UnreadableItem: it is too large, or changed.
        """
        ...

    def alive(self) -> bool:
        """Whether the server can still be asked, after an error that does not say."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


class FileSystem(Protocol):
    """The part of an ``fsspec`` file system that is used. There is no way to write."""

    def info(self, path: str) -> dict[str, Any]:
        """Size and times of one file."""
        ...

    def open(self, path: str, mode: str = "rb") -> Any:
        """One file, for reading."""
        ...


def held_item(why: str, code: str = "unreadable") -> UnreadableItem:
    """One file that a person must look at."""
    return UnreadableItem(why, next_step="Open it by hand, or ask the store's owner for it.", field=code)


def read_whole(
    files: FileSystem,
    path: str,
    *,
    most: int,
    until: Callable[[], bool],
    opened: Callable[[], Any] | None = None,
) -> bytes:
    """The content of a file that nobody changed while it was read, and that is no larger than allowed."""
    before = _stamp(files.info(path))
    if before[0] > most:
        raise held_item(TOO_LARGE, "too-large")
    parts: list[bytes] = []
    size = 0
    with opened() if opened else files.open(path, "rb") as file:
        while until() and (part := file.read(_CHUNK)):
            size += len(part)
            if size > most:
                raise held_item(TOO_LARGE, "too-large")
            parts.append(part)
    if not until():
        raise TimeoutError
    if _stamp(files.info(path)) != before or size != before[0]:
        raise held_item(CHANGED)
    return b"".join(parts)


def _stamp(info: dict[str, Any]) -> tuple[int, str, str]:
    changed = info.get("mtime", info.get("LastModified"))
    return int(info.get("size") or 0), str(changed), str(info.get("ETag", ""))


class NestedTree:
    """A tree of folders in folders, walked without recursion, one folder's names at a time."""

    lost: tuple[type[BaseException], ...] = ()

    def entries(self, folder: str) -> Iterable[Entry]:
        """The names in one folder, given as a path from the root."""
        raise NotImplementedError

    def linked(self, name: str) -> Entry | None:
        """What a link inside the tree stands for; None when it leads out of the tree, or nowhere."""
        raise NotImplementedError

    def pages(self) -> Iterator[list[Listed]]:
        """Everything in the tree, a page at a time."""
        waiting = [""]
        while waiting:
            folder, below = waiting.pop(), list[str]()
            try:
                for page in _paged(self.entries(folder)):
                    yield [one for entry in page if (one := self._listed(folder, entry, below))]
            except self.lost:
                raise
            except OSError:
                if not folder or not self.alive():
                    raise
                yield [Listed(folder, why=NO_ENTRY)]
            waiting += sorted(below, reverse=True)

    def alive(self) -> bool:
        """A folder that lies here is always there to be asked."""
        return True

    def _listed(self, folder: str, entry: Entry, below: list[str]) -> Listed | None:
        name = f"{folder}/{entry.name}" if folder else entry.name
        if why := unusable(entry.name):
            return Listed(shown(name), why=why)
        if entry.thing is Thing.LINK:
            target = self.linked(name)
            if target is None:
                return Listed(name, why=OUTSIDE_LINK)
            if target.thing is Thing.FOLDER:
                return None  # It is walked where it lies, inside the tree.
            return Listed(name, target.size, target.changed, "" if target.thing is Thing.FILE else NO_FILE)
        if entry.thing is Thing.FOLDER:
            if name.count("/") >= _DEEPEST:
                return Listed(name, why=TOO_DEEP)
            below.append(name)
            return None
        why = NO_FILE if entry.thing is Thing.OTHER else ""
        return Listed(name, entry.size, entry.changed, why)


def _paged(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    """In pages, each in the order of its names, so that a small folder reads the same everywhere."""
    rest = iter(entries)
    while page := list(islice(rest, PAGE)):
        yield sorted(page, key=lambda entry: entry.name)


def unusable(name: str) -> str:
    """Why one name inside a folder is not used; empty when it is."""
    if name in {"", ".", ".."} or "/" in name or "\x00" in name:
        return OUTSIDE_NAME
    return NOT_TEXT if not name.isascii() and _HALF.search(name) else ""


def shown(name: str) -> str:
    """A name that can be written down, different for different names."""
    plain = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return plain.replace("\x00", "\\x00")


def same_name(name: str) -> str:
    """One spelling for a name that two systems write with different code points."""
    return name if name.isascii() else unicodedata.normalize("NFC", name)
