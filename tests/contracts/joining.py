"""How a kind of store joins the contract suite: a module in ``joined/`` with a list ``JOINED``.

Each entry opens a real store that holds the sample family (or at least the entry's subject), and the same store
with nothing behind it. The suite in ``test_stores.py`` then tries every promise on it.
"""

from __future__ import annotations

import importlib
import tomllib
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sar.documents.reader import DocumentReading
from sar.domain.parties import DataSubject
from sar.ports.gathering import Store
from sar.stores.load import load_stores
from tests.fakes.stores import ISLA

Fixture = Callable[[str], Any]
"""``request.getfixturevalue``: for servers that a module- or session-wide fixture starts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """One store in the suite."""

    name: str
    open: Callable[[Fixture, Path], AbstractContextManager[Store]]
    """The store, its server running. Skips, with the name of the program, when that cannot be had."""
    broken: Callable[[Path], Store]
    """The same store when what it reads is not there: no server, no file, no folder."""
    subject: DataSubject = ISLA
    """Someone of whom it holds something."""


def set_up(where: Path, heading: str, settings: dict[str, str | int | float | Path]) -> Store:
    """One store, loaded as an installation loads it.

    :param heading: what ``stores.toml`` says of it beside its controller.
    :param settings: how it is reached, for ``connections.toml``.
    """
    (where / "stores.toml").write_text(
        f'[[store]]\n{heading}\ncontroller = "Wexcombe Council"\ndata_class = "social-work"\n'
    )
    lines = [f"{k} = {str(v)!r}" if isinstance(v, str | Path) else f"{k} = {v}" for k, v in settings.items()]
    name = tomllib.loads(heading)["name"]
    (where / "connections.toml").write_text("\n".join([f"[{name}]", *lines]))
    [store] = load_stores(
        where / "stores.toml",
        connections=where / "connections.toml",
        variables={},
        reader=DocumentReading(),
    )
    return store


def every_store() -> list[Joined]:
    """What all modules in ``joined/`` bring."""
    folder = Path(__file__).with_name("joined")
    modules = sorted(p.stem for p in folder.glob("*.py") if p.stem != "__init__")
    return [j for m in modules for j in importlib.import_module(f"tests.contracts.joined.{m}").JOINED]
