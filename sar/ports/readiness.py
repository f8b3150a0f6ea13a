"""What stands between a leg and its release, and what was released."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sar.ports.gaps import Missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What stands between a leg and its release."""

    records: int
    undecided_records: int
    undecided_proposals: int
    disclosed: int
    withheld: int
    out_of_scope: int
    blockers: tuple[str, ...]
    warnings: tuple[str, ...]
    short_strings: int
    deciders: tuple[str, ...]
    to_confirm: tuple[tuple[str, str], ...] = ()
    """Record and proposal of words about a protected source that wait for an approver's agreement."""
    missing: tuple[Missing, ...] = ()
    """Places without a final answer, each to be declared at the sign-off."""
    controllers: tuple[tuple[str, int], ...] = ()
    """Whose records go out, and how many of each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasedPack:
    """A pack that passed the gate and was sealed."""

    leg: int
    leg_name: str
    round: int
    pages: int
    digest: str
    fingerprint: str
    dated_on: date
