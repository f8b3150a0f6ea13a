"""Nothing finds out the time for itself, so every date can be replayed and every test is steady."""

from __future__ import annotations

import ast

import pytest

from tests.architecture.tree import program_files, shown, syntax_of

MAY_READ_THE_CLOCK = ("sar/cli.py", "sar/cli/", "sar/installation.py", "sar/demonstration/")
CLOCKS = {
    "now": {"datetime", "dt", "func"},
    "utcnow": {"datetime", "dt"},
    "today": {"datetime", "date", "dt"},
    "time": {"time"},
    "time_ns": {"time"},
}


def clock_readings(tree: ast.AST) -> list[int]:
    """Lines that name a clock, called or handed on; the database's own clock counts."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and _last_word(node.value) in CLOCKS.get(node.attr, ())
    ] + [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        if node.module == "time" and {"time", "time_ns"} & {alias.name for alias in node.names}
    ]


def _last_word(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def test_only_the_doors_of_the_house_read_the_clock() -> None:
    inside = [file for file in program_files() if not shown(file).startswith(MAY_READ_THE_CLOCK)]
    found = {shown(file): clock_readings(syntax_of(file)) for file in inside}
    assert found, "no program files found"
    assert {file: lines for file, lines in found.items() if lines} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "from datetime import datetime, UTC\ndatetime.now(UTC)",
        "import datetime\ndatetime.date.today()",
        "import time\nstart(clock=time.time)",
        "from time import time\ntime()",
        "from sqlalchemy import func\nColumn(server_default=func.now())",
    ],
)
def test_a_hidden_clock_is_noticed(planted: str) -> None:
    assert clock_readings(ast.parse(planted))


def test_a_stop_watch_is_not_a_clock() -> None:
    assert clock_readings(ast.parse("import time\ntime.monotonic()")) == []


def days_of_moments(tree: ast.AST) -> list[int]:
    """Lines that cut the day off a moment: in UTC, half past midnight in summer is still yesterday."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "date"
        if not node.args and not node.keywords
    ]


def test_a_legal_day_is_the_day_here() -> None:
    """Services and web say ``uk_day(at)``; only the two that turn to our own time first may cut it off."""
    at_home = {"sar/web/context.py", "sar/web/filters.py"}
    found = {
        shown(file): days_of_moments(syntax_of(file))
        for file in program_files()
        if shown(file).startswith(("sar/services/", "sar/web/", "sar/workflows/"))
        and shown(file) not in at_home
    }
    assert len(found) > 20
    assert {file: lines for file, lines in found.items() if lines} == {}
