"""The tree as the architecture tests see it: which files there are, and what their syntax says."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
PROGRAM = TOP / "sar"
MIGRATIONS = PROGRAM / "db" / "migrations" / "versions"


@cache
def kept_files() -> tuple[Path, ...]:
    """Every file that is, or is about to be, in git: what a stranger will clone."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=TOP,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    return tuple(TOP / name for name in listed if name and (TOP / name).is_file())


@cache
def program_files() -> tuple[Path, ...]:
    return tuple(file for file in kept_files() if file.suffix == ".py" and PROGRAM in file.parents)


@cache
def syntax_of(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def shown(file: Path) -> str:
    return file.relative_to(TOP).as_posix()


Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(tree: ast.AST) -> Iterator[Function]:
    return (node for node in ast.walk(tree) if isinstance(node, Function))


def own_lines(function: Function) -> int:
    """Lines of a function without its docstring, which is a contract and not a step, and without
    functions inside it, which are counted for themselves.
    """
    inner = [node for node in directly_inside(function) if isinstance(node, Function)]
    docstring = [function.body[0]] if ast.get_docstring(function) is not None else []
    return _lines(function) - sum(_lines(node) for node in [*inner, *docstring])


def directly_inside(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, Function):
            yield from directly_inside(child)


def _lines(node: ast.stmt) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def called_name(call: ast.Call) -> str:
    """The last word of what is called: `Shown` for both `Shown(...)` and `disclosure.Shown(...)`."""
    match call.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""
