"""The settings file of a demonstration: invented bodies, sample stores, loopback only."""

from __future__ import annotations

import json
from pathlib import Path

from sar.domain.errors import EnvironmentFault

TRUST = "Marlbrook Hospitals NHS Foundation Trust"
COUNCIL = "Wexcombe Council"


def write_settings(folder: Path, *, sample: Path) -> None:
    """Write ``sar.toml``; whole or not at all."""
    lines = [
        "# Written by `sar demo`. Every body and person named here is invented.",
        "demonstration = true",
        f"controller = {json.dumps(TRUST)}",
        f"controllers = {json.dumps([TRUST, COUNCIL])}",
        'nation = "england"',
        'variables_file = "sample/ports.json"',
        f"stores = {json.dumps(str(sample / 'stores' / 'stores.toml'))}",
        "",
        "[[contact]]",
        f"organisation = {json.dumps(TRUST)}",
        'lines = ["Shared records service", "Marlbrook General Hospital", "01632 960200", "records@marlbrook.example"]',
        "",
        "[[contact]]",
        f"organisation = {json.dumps(COUNCIL)}",
        'lines = ["Shared records service", "Wexcombe Town Hall", "01632 960400", "records@wexcombe.example"]',
        "",
        "[variables]",
        f"databases = {json.dumps(str(folder / 'sample'))}",
    ]
    draft = folder / "sar.toml.new"
    try:
        draft.write_text("\n".join(lines) + "\n", encoding="utf-8")
        draft.replace(folder / "sar.toml")
    except OSError as fault:
        draft.unlink(missing_ok=True)
        raise EnvironmentFault(
            f"The settings file cannot be written ({fault.strerror}).",
            next_step="Free some space, or set SAR_DATA to a folder you may write to.",
        ) from fault
