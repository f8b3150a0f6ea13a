"""What every test may use. Sockets beyond this machine are refused by the options in pyproject.toml."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from jinja2 import Environment
from werkzeug.routing import Rule

from sar.db import archive
from tests import made_once
from tests.fakes import web
from tests.servers.mariadb import mariadb_server
from tests.servers.postgres import postgres_server
from tests.servers.processes import own_folder

# The same examples on every run: a property that fails for one person fails for all. The many
# others are tried with HYPOTHESIS_PROFILE=search.
settings.register_profile("repeatable", derandomize=True, deadline=None, database=None, max_examples=100)
settings.register_profile("search", deadline=None, max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))


# What the tests start imports the whole program: compiled once for all of them, it starts three times as fast.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# A file goes to one process as a whole: those that take longest begin, so that none is left alone at the end. The
# first four begin together: one of them runs the demo, and no other that looks at it comes before it is over.
_LONGEST_FIRST = (
    "tests/journeys/test_the_demo_packs.py",
    "tests/browser/test_journeys.py",
    "tests/integration/workflows/test_supervision.py",
    "tests/contracts/test_jobs.py",
    "tests/browser/test_family_pages.py",
    "tests/journeys/test_bad_input_and_a_full_disk.py",
    "tests/browser/test_long_lists_and_words.py",
    "tests/integration/workflows/",
    "tests/journeys/test_the_demo_again.py",
    "tests/browser/",
    "tests/chaos/test_kills.py",
    "tests/journeys/test_killed_workers.py",
    "tests/integration/web/test_officer_review.py",
    "tests/journeys/",
    "tests/architecture/test_routes.py",
    "tests/integration/services/test_letters.py",
    "tests/integration/packs/",
    "tests/integration/web/",
    "tests/contracts/",
    "tests/integration/",
    "tests/properties/",
    "tests/architecture/",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files by how long they take; within a file, and among the rest, nothing moves."""
    items.sort(key=_place_of)


def _place_of(item: pytest.Item) -> int:
    starts = (i for i, start in enumerate(_LONGEST_FIRST) if item.nodeid.startswith(start))
    return next(starts, len(_LONGEST_FIRST))


@pytest.fixture
def at() -> datetime:
    """The moment tests take for now. Nothing under test may find out another."""
    return datetime(2026, 11, 20, 9, 0, tzinfo=UTC)


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty data folder that the program finds as its own."""
    folder = tmp_path / "data"
    monkeypatch.setenv("SAR_DATA", str(folder))
    return folder


@pytest.fixture(scope="session", autouse=True)
def _made_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What every test would make alike, a thousand times over."""
    with pytest.MonkeyPatch.context() as patch:
        tables = made_once.empty_tables(tmp_path_factory.mktemp("tables") / "empty.db")
        for module in (archive, web):
            patch.setattr(module, "upgrade", tables)
        patch.setattr(Environment, "compile", made_once.compiled_templates())
        patch.setattr(Rule, "_compile_builder", made_once.compiled_addresses())
        yield


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person's own SAR_ settings must not decide a test."""
    for name in [name for name in os.environ if name.startswith("SAR_")]:
        monkeypatch.delenv(name)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what did not run and why: a missing server or program must not pass for a green test."""
    groups: dict[str, dict[str, int]] = {}
    for report in terminalreporter.stats.get("skipped", []):
        why = str(report.longrepr[-1] if isinstance(report.longrepr, tuple) else report.longrepr)
        group = report.nodeid.partition("[")[0]
        tests = groups.setdefault(why.removeprefix("Skipped: "), {})
        tests[group] = tests.get(group, 0) + 1
    if not groups:
        return
    terminalreporter.section("tests that did not run, and why")
    for why, tests in sorted(groups.items()):
        terminalreporter.line(f"{why} ({sum(tests.values())} tests)")
        for group, count in sorted(tests.items()):
            terminalreporter.line(f"    {group}" + (f" ({count})" if count > 1 else ""))


@pytest.fixture(autouse=True)
def _own_mask() -> Iterator[None]:
    """The command line closes new files to others; called in this process, it must not do so for later tests."""
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a private PostgreSQL; one server serves all tests that ask."""
    with own_folder() as folder, postgres_server(folder) as url:
        yield url


@pytest.fixture(scope="session")
def mariadb() -> Iterator[str]:
    """The address of a private MariaDB; one server serves all tests that ask."""
    with own_folder() as folder, mariadb_server(folder) as url:
        yield url
