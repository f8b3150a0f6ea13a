"""A missing server must not pass for a green test: the last lines of a run name what did not run and why."""

from types import SimpleNamespace

from tests.conftest import pytest_terminal_summary


class Terminal:
    def __init__(self, *skipped):
        self.stats = {"skipped": list(skipped)}
        self.said = []

    def section(self, title):
        self.said.append(title)

    def line(self, words):
        self.said.append(words)


def skipped(test, why):
    return SimpleNamespace(nodeid=test, longrepr=("conftest.py", 1, f"Skipped: {why}"))


def test_tests_that_did_not_run_are_grouped_by_why():
    terminal = Terminal(
        skipped("tests/a.py::test_one[x]", "no MariaDB server on this machine"),
        skipped("tests/a.py::test_one[y]", "no MariaDB server on this machine"),
        skipped("tests/b.py::test_two", "no Dovecot on this machine"),
    )
    pytest_terminal_summary(terminal)
    assert terminal.said == [
        "tests that did not run, and why",
        "no Dovecot on this machine (1 tests)",
        "    tests/b.py::test_two",
        "no MariaDB server on this machine (2 tests)",
        "    tests/a.py::test_one (2)",
    ]


def test_nothing_is_said_when_all_ran():
    terminal = Terminal()
    pytest_terminal_summary(terminal)
    assert terminal.said == []
