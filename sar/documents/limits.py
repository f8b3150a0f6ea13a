"""Bounds that keep one hostile file from stopping a gathering, and the refusal they end in."""

from __future__ import annotations

import time

from sar.domain.errors import UnreadableItem

MAX_BYTES = 100 * 1024 * 1024
MAX_PAGES = 5_000
MAX_CHARACTERS = 20_000_000
MAX_SECONDS = 60.0
MAX_PARTS = 2_000
MAX_RATIO = 200
MAX_DEPTH = 8


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
    """Time and text that one file may take."""

    def __init__(self) -> None:
        self._until = time.monotonic() + MAX_SECONDS
        self._characters = 0

    def spend(self, text: str) -> str:
        """The text itself, while there is budget for it."""
        self._characters += len(text)
        if self._characters > MAX_CHARACTERS:
            raise too_large("a file with more text than a person could read")
        if time.monotonic() > self._until:
            raise too_large(f"a file that took longer than {MAX_SECONDS:g} seconds to read")
        return text
