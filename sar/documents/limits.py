"""Bounds that keep one hostile file from stopping a gathering, and the refusal they end in."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextvars import ContextVar

from sar.domain.errors import UnreadableItem

MAX_BYTES = 100 * 1024 * 1024
MAX_PAGES = 5_000
MAX_CHARACTERS = 20_000_000
MAX_SECONDS = 25.0
"""For one file, the waiting for text recognition not counted."""
MAX_PARTS = 2_000
"""Of one Office file, or one mail."""
MAX_MEMBERS = 10_000
"""Of one archive."""
MAX_UNPACKED = 500 * 1024 * 1024
"""Bytes that a file may unpack to, with all that is inside it."""
MAX_RATIO = 200
MAX_DEPTH = 8
MAX_PIXELS = 120_000_000
"""An A3 page at 600 dots an inch has 70 million."""

MORE_TIME: ContextVar[Callable[[float], None] | None] = ContextVar("MORE_TIME", default=None)
"""How to tell whoever waits for this document that so many more seconds are needed; none when nobody waits."""


def unreadable(
    why: str, *, next_step: str = "Open it by hand, or ask the store's owner for a readable copy."
) -> UnreadableItem:
    """One file that a person must look at. ``why`` holds no content and no file name."""
    return UnreadableItem(why, next_step=next_step, field="unreadable")


def too_large(why: str) -> UnreadableItem:
    """One file that is larger than we read by machine."""
    return UnreadableItem(
        why, next_step="Ask for it in smaller pieces, or read it by hand.", field="too-large"
    )


class Budget:
    """Time and text that one file may take. What is inside it has time of its own, and shares the rest."""

    def __init__(self, outer: Budget | None = None) -> None:
        self._until = time.monotonic() + MAX_SECONDS
        self._characters = 0
        self._bytes = 0
        self._outer = outer

    def spend(self, text: str) -> str:
        """The text itself, while there is budget for it."""
        self.take_text(len(text))
        self.look_at_the_clock()
        return text

    def unpack(self, size: int) -> None:
        """Note that so many bytes are unpacked."""
        self._bytes += size
        if self._bytes > MAX_UNPACKED:
            raise too_large("a file that unpacks to more than we read by machine")
        if self._outer is not None:
            self._outer.unpack(size)

    def look_at_the_clock(self) -> None:
        """Give up when the file has taken its time."""
        if time.monotonic() > self._until:
            raise too_large(f"a file that took longer than {MAX_SECONDS:g} seconds to read")

    def wait(self, for_seconds: float) -> None:
        """Make room for work whose time is bounded elsewhere: the recognition of one page, one more file."""
        self._until += for_seconds
        if (tell := MORE_TIME.get()) is not None:
            tell(for_seconds)
        if self._outer is not None:
            self._outer.extend(for_seconds)

    def extend(self, seconds: float) -> None:
        """What is inside takes longer, so this does."""
        self._until += seconds
        if self._outer is not None:
            self._outer.extend(seconds)

    def take_text(self, characters: int) -> None:
        """Note that so many characters were read."""
        self._characters += characters
        if self._characters > MAX_CHARACTERS:
            raise too_large("a file with more text than a person could read")
        if self._outer is not None:
            self._outer.take_text(characters)
