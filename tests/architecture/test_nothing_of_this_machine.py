"""A clone runs anywhere: no registry's address and no path of the machine it was written on is kept."""

from __future__ import annotations

import re

import pytest

from tests.architecture.tree import kept_files, shown

# Put together here, so that this file does not hold what it looks for.
REGISTRIES = "|".join(
    ["py" + "pi", "python" + "hosted", "npm" + "js", "deb" + "ian", "artifact-?" + "registry"]
)
LINKS = "links"
ADDRESS = re.compile(rf"https?://[^\s\")>]*({REGISTRIES})|--(extra-)?index-url|--find-{LINKS}", re.IGNORECASE)
MACHINE_PATH = re.compile(rf"(?<![\w.])/({'work'}|{'opt'}/(wheels|py{'pi'})|{'root'}|tmp/{'brief'})/")
KEPT_OUT = re.compile(r"--no-emit-(index-url|find-links)")


def foreign_words(text: str) -> list[str]:
    text = KEPT_OUT.sub("", text)
    return [found.group() for pattern in (ADDRESS, MACHINE_PATH) for found in pattern.finditer(text)]


def test_no_kept_file_names_a_registry_or_this_machine() -> None:
    found = {}
    for file in kept_files():
        raw = file.read_bytes()
        if b"\0" in raw[:8000]:
            continue
        words = foreign_words(raw.decode("utf-8", errors="replace"))
        if words:
            found[shown(file)] = words[:3]
    assert found == {}


@pytest.mark.parametrize(
    "planted",
    [
        "resolved: https://registry.npm" + "js.org/htmx.org",
        "--index" + "-url https://example.org/simple",
        "DATA = '/wor" + "k/main/data'",
    ],
)
def test_a_planted_one_is_noticed(planted: str) -> None:
    assert foreign_words(planted)


@pytest.mark.parametrize("harmless", ["/network/", "../work/main", "https://example.org/a", "homework/main/"])
def test_likenesses_are_not(harmless: str) -> None:
    assert foreign_words(harmless) == []
