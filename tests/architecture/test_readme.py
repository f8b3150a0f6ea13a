"""The README and the program agree: what it tells people to type exists, and what exists it names."""

from __future__ import annotations

import re

import click
import pytest

from tests.architecture.tree import TOP

TYPED_MAKE = re.compile(r"(?:^|`|\$ )make ([a-z-]+)", re.MULTILINE)
TYPED_SAR = re.compile(r"(?:^|`|\$ |\.venv/bin/)sar ([a-z][a-z-]+)", re.MULTILINE)


@pytest.fixture(scope="module")
def readme() -> str:
    return (TOP / "README.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def commands() -> set[str]:
    from sar import cli  # noqa: PLC0415 - a README without a program yet must fail as such, not at collection

    groups = [value for value in vars(cli).values() if isinstance(value, click.Group)]
    assert groups, "sar.cli holds no click group"
    return set(max(groups, key=lambda group: len(group.commands)).commands)


def make_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (TOP / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


def test_every_make_target_it_names_exists(readme: str) -> None:
    typed = set(TYPED_MAKE.findall(readme))
    assert {"demo", "test"} <= typed
    assert typed - make_targets() == set()


def test_every_command_it_names_exists(readme: str, commands: set[str]) -> None:
    typed = set(TYPED_SAR.findall(readme))
    assert "demo" in typed
    assert typed - commands == set()


def test_every_command_there_is_stands_in_it(readme: str, commands: set[str]) -> None:
    code = " ".join(re.findall(r"```.*?```|`[^`]+`", readme, re.DOTALL))
    assert commands - set(re.findall(r"[a-z-]+", code)) == set()


def test_every_folder_at_the_top_stands_in_it(readme: str) -> None:
    folders = [path.name for path in TOP.iterdir() if path.is_dir() and not path.name.startswith(".")]
    made_here = {"data", "out", "dist", "build"}
    assert [name for name in folders if name not in made_here and f"{name}/" not in readme] == []
