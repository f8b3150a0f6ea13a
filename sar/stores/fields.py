"""Reading settings strictly: every key is known, every value has its type, every error names its place."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sar.domain.errors import BadMapping


def bad(where: str, what: str, *, next_step: str = "") -> BadMapping:
    """A mapping error: where it is, what is wrong, what to do."""
    return BadMapping(
        f"{where}: {what}",
        next_step=next_step or f"Correct it in {where.partition(',')[0]} and run `sar stores check`.",
    )


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file, or an error that says which and why."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as missing:
        raise bad(path.name, "the file is not there", next_step="Write it, or correct the path.") from missing
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as broken:
        raise bad(path.name, f"it cannot be read as TOML ({type(broken).__name__})") from broken


class Fields:
    """One table of a settings file. What is not asked for by ``done`` is an error, not a silence."""

    def __init__(self, values: Mapping[str, Any], where: str) -> None:
        self._values = dict(values)
        self.where = where

    def has(self, key: str) -> bool:
        """Whether the key is written."""
        return key in self._values

    def text(self, key: str, default: str | None = None) -> str:
        """A string; required without a default."""
        value = self._values.pop(key, default)
        if not isinstance(value, str):
            raise bad(self.where, f"`{key}` must be text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings, or one string."""
        value = self._values.pop(key, [])
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(v, str) for v in listed):
            raise bad(self.where, f"`{key}` must be a list of texts")
        return tuple(listed)

    def number(self, key: str, default: float) -> float:
        """A number."""
        value = self._values.pop(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise bad(self.where, f"`{key}` must be a number above 0")
        return float(value)

    def flag(self, key: str, *, default: bool = False) -> bool:
        """True or false."""
        value = self._values.pop(key, default)
        if not isinstance(value, bool):
            raise bad(self.where, f"`{key}` must be true or false")
        return value

    def words(self, key: str) -> dict[str, str]:
        """A table of texts."""
        value = self._values.pop(key, {})
        if not isinstance(value, dict) or not all(isinstance(v, str) for v in value.values()):
            raise bad(self.where, f"`{key}` must be a table of texts")
        return dict(value)

    def names(self) -> tuple[str, ...]:
        """What is written in this table and not read yet."""
        return tuple(self._values)

    def is_table(self, key: str) -> bool:
        """Whether a table is written under the key."""
        return isinstance(self._values.get(key), dict)

    def table(self, key: str) -> Fields:
        """A table inside this one; empty when not written."""
        value = self._values.pop(key, {})
        if not isinstance(value, dict):
            raise bad(self.where, f"`{key}` must be a table")
        return Fields(value, f"{self.where}, {key}")

    def named(self, key: str) -> dict[str, Fields]:
        """A table of tables."""
        value = self._values.pop(key, {})
        if not isinstance(value, dict) or not all(isinstance(v, dict) for v in value.values()):
            raise bad(self.where, f"`{key}` must be a table of tables")
        return {name: Fields(v, f"{self.where}, {key}.{name}") for name, v in value.items()}

    def tables(self, key: str) -> tuple[Fields, ...]:
        """A list of tables."""
        value = self._values.pop(key, [])
        if not isinstance(value, list) or not all(isinstance(v, dict) for v in value):
            raise bad(self.where, f"`{key}` must be a list of tables")
        return tuple(Fields(v, f"{self.where}, {key} {i}") for i, v in enumerate(value, start=1))

    def done(self) -> None:
        """Refuse what nobody asked for: a misspelt key would otherwise lose data in silence."""
        if self._values:
            raise bad(self.where, f"unknown setting `{min(self._values)}`")
