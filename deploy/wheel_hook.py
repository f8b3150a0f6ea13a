"""What a wheel holds beside `sar/`: the folders that stand at the top of a checkout for people to find.

An editable install takes them from the checkout itself; copies beside it would go stale unseen.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

SHIPPED = ("templates", "redaction_rules", "sample_data")
FETCHED = ("sar/web/static/vendor/govuk-frontend.min.css", "sar/packs/fonts/fonts.css")


class ShippedFolders(BuildHookInterface[Any]):
    """Called by hatchling before each build; ``version`` is "standard" or "editable"."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "editable":
            return
        absent = [file for file in FETCHED if not (Path(self.root) / file).is_file()]
        if absent:
            message = f"{absent[0]} is not there, and pages without it are unreadable. Type: make setup"
            raise FileNotFoundError(message)
        for folder in SHIPPED:
            build_data["force_include"][str(Path(self.root) / folder)] = f"sar/_shipped/{folder}"
