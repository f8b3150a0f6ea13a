"""The sample world around an installation: two databases on disk and, in a process of its own, the HTTP stores."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sar.demonstration.databases import build_databases, correct_alerts
from sar.demonstration.documents import date_documents
from sar.domain.errors import EnvironmentFault

START_SECONDS = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleWorld:
    """Running sample stores; ``variables`` fill the stores' connections."""

    folder: Path
    variables: Mapping[str, str]

    def correct_alert(self, number: str, *, at: datetime) -> None:
        """What the trust does in its own system. ``sar`` itself has no way to write to a store."""
        correct_alerts(self.folder / "trust_alerts.sqlite", [number], at=at)


@contextmanager
def sample_world(stores: Path, *, folder: Path, fresh: bool) -> Iterator[SampleWorld]:
    """Start the sample stores and stop them at the end.

    :param fresh: build the databases anew; otherwise those of an earlier run are kept as they were left.
    :raises EnvironmentFault: they do not start.
    """
    try:
        if fresh or not (folder / "trust_alerts.sqlite").exists():
            build_databases(stores, folder)
            date_documents(stores / "documents")
    except (OSError, sqlite3.Error) as fault:
        raise EnvironmentFault(
            f"The sample databases cannot be written ({getattr(fault, 'strerror', None) or 'disk error'}).",
            next_step="Free some space, or set SAR_DATA to a folder you may write to.",
        ) from fault
    ports = folder / "ports.json"
    ports.unlink(missing_ok=True)
    command = [
        sys.executable,
        "-m",
        "sar.demonstration.servers",
        "--stores",
        str(stores),
        "--port-file",
        str(ports),
    ]
    process = subprocess.Popen(command)  # noqa: S603 - our own program, on loopback
    try:
        variables = _wait_for(ports, process)
        yield SampleWorld(folder=folder, variables={**variables, "databases": str(folder)})
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_for(ports: Path, process: subprocess.Popen[bytes]) -> dict[str, str]:
    ends_at = time.monotonic() + START_SECONDS
    while time.monotonic() < ends_at and process.poll() is None:
        if ports.exists():
            said = json.loads(ports.read_text(encoding="utf-8"))
            return {str(k): str(v) for k, v in said.items()}
        time.sleep(0.05)
    raise EnvironmentFault(
        "The sample servers did not start.",
        next_step="Look for another program that takes loopback ports, and run the demo again.",
    )
