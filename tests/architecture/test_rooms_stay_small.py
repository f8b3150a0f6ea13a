"""Small rooms and honest names: the ceilings no large project we read had kept without a test."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.architecture.tree import (
    MIGRATIONS,
    TOP,
    functions,
    kept_files,
    own_lines,
    program_files,
    shown,
    syntax_of,
)

LINES_A_MODULE = 400
LINES_A_FUNCTION = 40
EMPTY_NAMES = ("util", "utils", "helper", "helpers", "manager", "common", "misc", "v2")


def long_functions(tree: ast.AST) -> list[str]:
    return [
        f"{function.name} has {own_lines(function)}"
        for function in functions(tree)
        if own_lines(function) > LINES_A_FUNCTION
    ]


def empty_words(path: Path) -> list[str]:
    words = [
        word for part in path.parts for word in part.lower().replace("-", "_").replace(".", "_").split("_")
    ]
    return [word for word in words if word in EMPTY_NAMES]


def test_no_module_is_longer_than_400_lines() -> None:
    counted = {shown(file): len(file.read_text(encoding="utf-8").splitlines()) for file in program_files()}
    assert counted, "no program files found"
    assert {file: lines for file, lines in counted.items() if lines > LINES_A_MODULE} == {}


def test_no_function_is_longer_than_40_lines() -> None:
    # A migration is written once and never changed, one statement a column: cutting it up helps nobody.
    living = [file for file in program_files() if MIGRATIONS not in file.parents]
    found = {shown(file): long_functions(syntax_of(file)) for file in living}
    assert {file: names for file, names in found.items() if names} == {}


def test_no_file_or_folder_is_named_after_nothing() -> None:
    # In the sample stores "v2" is the second version of a record, as its system names it.
    paths = [file.relative_to(TOP) for file in kept_files() if TOP / "sample_data" not in file.parents]
    assert [path.as_posix() for path in paths if empty_words(path)] == []


@pytest.mark.parametrize(
    ("body", "is_long"),
    [("    x = 1\n" * 39, False), ("    x = 1\n" * 40, True)],
    ids=["40 lines", "41 lines"],
)
def test_the_ruler_itself(body: str, is_long: bool) -> None:
    assert bool(long_functions(ast.parse(f"def step():\n{body}"))) is is_long


def test_the_ruler_counts_inner_functions_for_themselves() -> None:
    inner = "".join(f"    def page_{n}():\n" + "        x = 1\n" * 20 for n in range(3))
    assert long_functions(ast.parse(f"def make_blueprint():\n{inner}    return 1\n")) == []


@pytest.mark.parametrize("name", ["sar/web/utils.py", "sar/case_helpers.py", "sar/packs/v2/layout.py"])
def test_empty_names_are_noticed(name: str) -> None:
    assert empty_words(Path(name))
