"""The whole route on the sample family, as ``make demo`` runs it once everything is set up."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from benchmarks.claims import Claim

RUNS = 3
TARGET_S = 25.0


def claims(*, full: bool) -> Iterator[Claim]:
    """Wall seconds of a whole ``sar demo --no-serve`` in a fresh data folder: median of three."""
    del full
    yield Claim(
        claim="demo when set up",
        value=round(statistics.median(_run() for _ in range(RUNS)), 1),
        target=TARGET_S,
        better="lower",
        unit="s wall, whole process",
    )


def _run() -> float:
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "SAR_DATA": str(Path(folder) / "data")}
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-m", "sar", "demo", "--no-serve", "--out", str(Path(folder) / "out")],
            env=environment,
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return time.perf_counter() - began
