"""What `pip install subject-access` brings: the program with its templates, rules, sample family and assets."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

from tests.architecture.tree import TOP, kept_files


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    return Path(next(WheelBuilder(str(TOP)).build(directory=str(folder), versions=["standard"])))


@pytest.fixture(scope="module")
def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.mark.parametrize("folder", ["templates", "redaction_rules", "sample_data"])
def test_it_holds_every_file_of(folder: str, names: set[str]) -> None:
    kept = {file.relative_to(TOP).as_posix() for file in kept_files() if (TOP / folder) in file.parents}
    assert kept
    assert {f"sar/_shipped/{name}" for name in kept} - names == set()


def test_it_holds_every_file_of_the_program(names: set[str]) -> None:
    kept = {file.relative_to(TOP).as_posix() for file in kept_files() if (TOP / "sar") in file.parents}
    assert kept - names == set()


def test_it_holds_what_was_fetched(names: set[str]) -> None:
    assert "sar/web/static/vendor/govuk-frontend.min.css" in names
    assert any(name.startswith("sar/packs/fonts/") and name.endswith(".woff2") for name in names)


def test_it_holds_nothing_of_the_checkout(names: set[str]) -> None:
    tops = {name.split("/", 1)[0] for name in names}
    assert {top for top in tops if top != "sar" and not top.endswith(".dist-info")} == set()


def test_it_installs_both_commands(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        entry = next(name for name in archive.namelist() if name.endswith("entry_points.txt"))
        told = archive.read(entry).decode()
    assert "sar = sar.__main__:main" in told
    assert "subject-access = sar.__main__:main" in told
