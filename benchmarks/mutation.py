"""Mutation score: of small faults put into the clock and the authority rules, how many a test finds.

Each fault (a changed sign, bound, default or call) is tried alone, in a copy of the tree, against the unit
and property tests of the ground floor. Minutes long, so only in the full form. A fault that no test
notices is printed to standard error by its name: ``mutmut show NAME`` in the copy tells what it was.
"""

from __future__ import annotations

import fnmatch
import importlib.util
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.claims import Claim

TOP = Path(__file__).parents[1]
TARGET = 85
GROUPS = {
    "clock": (
        "calendar.py", "clock.py", "clock_facts.py", "clock_counting.py", "clock_cautions.py", "limits.py",
        "amending.py",
    ),
    "authority": ("authority*.py", "authority/*.py", "identity*.py", "conflicts*.py"),
}  # fmt: skip
"""Modules of the ground floor, by name; those that are not there are passed over."""
TESTS = (
    "tests/unit/domain/test_calendar*.py", "tests/unit/domain/test_clock*.py", "tests/unit/domain/test_limits*.py",
    "tests/unit/domain/test_amending*.py", "tests/unit/domain/test_case*.py", "tests/unit/domain/test_authority*.py",
    "tests/unit/domain/test_identity*.py", "tests/unit/domain/test_conflicts*.py", "tests/properties/test_clock*.py",
    "tests/properties/test_case*.py", "tests/properties/test_authority*.py", "tests/properties/test_standing*.py",
    "tests/unit/law/test_clocks_of_the_law.py",
)  # fmt: skip
_COPIED = ("sar", "tests", "benchmarks")
_FOUND = frozenset({"killed", "timeout", "suspicious", "segfault"})
_CONFTEST = """from hypothesis import HealthCheck, settings

settings.register_profile(
    "few", max_examples=25, deadline=None, derandomize=True, database=None,
    suppress_health_check=list(HealthCheck),
)
settings.load_profile("few")
"""
_RESULT = re.compile(r"^\s*sar\.domain\.(?P<name>\S+): (?P<state>.+)$", re.MULTILINE)


def claims(*, full: bool) -> Iterator[Claim]:
    """One claim for each group that is there."""
    skipped = "" if full else "only in the full form: it takes minutes"
    if full and importlib.util.find_spec("mutmut") is None:
        skipped = "the package mutmut is not installed"
    scores = {} if skipped else _scores()
    for group in GROUPS:
        nothing = "" if group in scores else "no module of this group is there"
        yield Claim(
            claim=f"mutation.{group}", value=scores.get(group), target=TARGET, better="higher",
            unit="% found by a test", skipped=skipped or nothing,
        )  # fmt: skip


def _scores() -> dict[str, float]:
    """The score of each group, in percent."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        modules = _prepare(folder)
        _mutmut(folder, "run")
        said = _mutmut(folder, "results", "--all", "true")
    counts: dict[str, Counter[bool]] = {}
    for found in _RESULT.finditer(said):
        module = found["name"].split(".x")[0]
        group = next((g for g, names in modules.items() if module in names), None)
        if group is None or found["state"] in {"skipped", "not checked"}:
            continue
        counts.setdefault(group, Counter())[found["state"] in _FOUND] += 1
        if found["state"] not in _FOUND:
            print(f"  not noticed: {found['name']} ({found['state']})", file=sys.stderr)
    return {group: round(100 * seen[True] / seen.total(), 1) for group, seen in counts.items()}


def _prepare(folder: Path) -> dict[str, set[str]]:
    """A copy of the tree with settings for the tool; the names of the modules of each group."""
    unwanted = shutil.ignore_patterns("__pycache__", "vendor", "fonts")
    for part in _COPIED:
        shutil.copytree(TOP / part, folder / part, ignore=unwanted)
    (folder / "conftest.py").write_text(_CONFTEST, encoding="utf-8")
    domain = TOP / "sar" / "domain"
    present = sorted(p.relative_to(domain).as_posix() for p in domain.rglob("*.py"))
    chosen = {
        group: [name for name in present if any(fnmatch.fnmatch(name, pattern) for pattern in patterns)]
        for group, patterns in GROUPS.items()
    }
    tests = sorted(str(p.relative_to(TOP)) for pattern in TESTS for p in TOP.glob(pattern))
    mutated = [f"sar/domain/{name}" for names in chosen.values() for name in names]
    (folder / "pyproject.toml").write_text(_settings(mutated, tests), encoding="utf-8")
    return {
        group: {name.removesuffix(".py").replace("/", ".").removesuffix(".__init__") for name in names}
        for group, names in chosen.items()
    }


def _settings(mutated: list[str], tests: list[str]) -> str:
    return "\n".join(
        (
            "[tool.mutmut]",
            'source_paths = ["sar/"]',
            f"only_mutate = {mutated}",
            'also_copy = ["tests", "benchmarks", "conftest.py"]',
            'pytest_add_cli_args = ["-q", "-p", "no:cacheprovider", "-x"]',
            f"pytest_add_cli_args_test_selection = {tests}",
            "max_children = 2",
            "[tool.pytest.ini_options]",
            'addopts = ["--import-mode=importlib"]',
            'pythonpath = ["."]',
            "",
        )
    )


def _mutmut(folder: Path, *words: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "mutmut", *words], cwd=folder, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise RuntimeError(
            f"mutmut {words[0]} ended with {ran.returncode}: {ran.stdout[-2000:]} {ran.stderr[-2000:]}"
        )
    return ran.stdout
