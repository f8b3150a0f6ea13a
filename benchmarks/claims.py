"""What a benchmark reports: one claim, one number, one target."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A measured number against its target; ``met`` is None where it could not be measured."""

    claim: str
    value: float | None
    target: float
    better: str
    """``higher`` or ``lower``."""
    unit: str
    against: str = ""
    """What it is compared with, or empty for an absolute figure."""
    skipped: str = ""
    """Why it was not measured."""

    @property
    def met(self) -> bool | None:
        """Whether the target is reached."""
        if self.value is None:
            return None
        return self.value >= self.target if self.better == "higher" else self.value <= self.target

    def as_line(self) -> dict[str, object]:
        """The values of one JSON line."""
        line: dict[str, object] = {**asdict(self), "met": self.met}
        if not self.skipped:
            line.pop("skipped")
        return line


def seconds(work: Callable[[], object], *, clock: Callable[[], float] = time.perf_counter) -> float:
    """How long one call takes; with ``time.process_time`` what it costs one core, whoever else is busy."""
    began = clock()
    work()
    return clock() - began


def in_turn(
    first: Callable[[], object],
    second: Callable[[], object],
    *,
    rounds: int = 3,
    clock: Callable[[], float] = time.perf_counter,
) -> tuple[float, float]:
    """Median seconds of two pieces of work, taken A B A B so that a busy machine slows both."""
    times = [(seconds(first, clock=clock), seconds(second, clock=clock)) for _ in range(rounds)]
    return statistics.median(t[0] for t in times), statistics.median(t[1] for t in times)
