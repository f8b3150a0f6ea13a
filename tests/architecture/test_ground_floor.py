"""The ground floor is standard-library values: whatever else is imported there, now or later, is refused."""

from __future__ import annotations

import ast
import sys
import tomllib

import pytest

from tests.architecture.tree import PROGRAM, TOP, program_files, shown, syntax_of

DOMAIN = PROGRAM / "domain"


def contract(name: str) -> dict[str, list[str]]:
    settings = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]
    return next(one for one in settings["contracts"] if one["id"] == name)


def imported(tree: ast.AST) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(node.module or "")
    return names


def strangers(tree: ast.AST) -> set[str]:
    banned = set(contract("ground")["forbidden_modules"])
    return {
        name
        for name in imported(tree)
        if not name.startswith("sar.domain")
        if name.split(".", 1)[0] not in sys.stdlib_module_names or name.split(".", 1)[0] in banned
    }


def test_the_domain_imports_standard_values_and_itself() -> None:
    files = [file for file in program_files() if DOMAIN in file.parents]
    assert len(files) > 10
    found = {shown(file): strangers(syntax_of(file)) for file in files}
    assert {file: names for file, names in found.items() if names} == {}


def test_no_input_or_output_by_built_in_functions() -> None:
    calls = {
        shown(file): [
            node.func.id
            for node in ast.walk(syntax_of(file))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if node.func.id in {"open", "print", "input", "eval", "exec", "__import__"}
        ]
        for file in program_files()
        if DOMAIN in file.parents
    }
    assert {file: names for file, names in calls.items() if names} == {}


@pytest.mark.parametrize(
    "planted",
    ["import time", "from os import environ", "import attrs", "from sar.stores import sql", "import logging"],
)
def test_a_stranger_is_noticed(planted: str) -> None:
    assert strangers(ast.parse(planted))


def test_every_room_says_what_it_may_touch() -> None:
    rooms = [file for file in program_files() if file.name == "__init__.py" and file.parent.parent == PROGRAM]
    assert len(rooms) == len([path for path in PROGRAM.iterdir() if (path / "__init__.py").is_file()])
    assert [shown(file) for file in rooms if not ast.get_docstring(syntax_of(file))] == []
