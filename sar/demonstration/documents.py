"""The dates on the sample's files: those a real folder would show, not the day on which the sample came here."""

from __future__ import annotations

import contextlib
import os
import re
from datetime import UTC, date, datetime, time
from pathlib import Path

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_LAST_ENTRY = date(2026, 10, 12)
"""Of what goes on for years: the mail box, the school's log, the register. Before the request came."""


def date_documents(folder: Path) -> None:
    """Give each file the day in its name; each that has none, the day of the newest entry in any of them.

    A sample that is not ours to touch keeps its dates. They are weak evidence, and the pages say so.
    """
    for file in sorted(p for p in folder.rglob("*") if p.is_file()):
        named = _DAY.match(file.name)
        on = date.fromisoformat(named.group()) if named else _LAST_ENTRY
        at = datetime.combine(on, time(9), UTC).timestamp()
        with contextlib.suppress(PermissionError):
            os.utime(file, (at, at))
