"""What is said of a folder or mailbox that could not be reached, or would not have us."""

from __future__ import annotations

from sar.domain.errors import StoreRefused, StoreUnavailable


def refused(label: str, why: str) -> StoreRefused:
    """A refusal in the store's name."""
    return StoreRefused(
        f"{label}: {why}.", next_step="Speak to the store's owner, then run `sar stores check`."
    )


def unavailable(label: str, why: str) -> StoreUnavailable:
    """A silence in the store's name."""
    return StoreUnavailable(
        f"{label}: {why}.", next_step="It is asked again by itself; nothing else needs to be done now."
    )
