"""What the program is built on can be given away with it: nothing under the GPL or AGPL."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata, packages_distributions

import pytest

from tests.architecture.tree import TOP, program_files, shown, syntax_of

LOCKED = re.compile(r"^([a-z0-9][a-z0-9._-]*)==\S+( ; \S.*?)?\s*\\?$", re.MULTILINE | re.IGNORECASE)
# Not preceded by L ("LGPL", "Lesser"): a library under that one is used as it comes, never changed.
STRONG = re.compile(
    r"\bA?GPL|Affero|(?<!Lesser )(?<!Library or Lesser )General Public License", re.IGNORECASE
)
ALSO_UNDER_ANOTHER = {
    "pyphen": "offered under GPL, LGPL or MPL, as the user chooses: we take the MPL",
}


def locked_names(file: str) -> dict[str, str]:
    """Names in a lock file, each with the condition under which it is installed."""
    return {found[1]: found[2] or "" for found in LOCKED.finditer((TOP / file).read_text(encoding="utf-8"))}


def said_licence(name: str) -> str:
    told = metadata(name)
    classifiers = [line for line in told.get_all("Classifier") or [] if line.startswith("License ::")]
    # A whole licence text in the field is not a name: its first line says which it is.
    short = (told.get("License-Expression") or told.get("License") or "").strip().split("\n", 1)[0]
    return " / ".join([short, *classifiers])


def test_no_library_of_the_program_is_under_the_gpl_or_agpl() -> None:
    read, strong = 0, {}
    for name, condition in locked_names("requirements.lock").items():
        try:
            licence = said_licence(name)
        except PackageNotFoundError:
            assert condition, f"{name} is locked but not installed: make setup-test"
            continue
        read += 1
        if STRONG.search(licence) and name not in ALSO_UNDER_ANOTHER:
            strong[name] = licence
    assert strong == {}
    assert read > 40, "the lock file was not read"


_ELSEWHERE = {"files_s3.py", "files_sftp.py", "files_smb.py"}


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def test_every_library_imported_is_a_dependency_of_our_own() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    of_stores = [line for extra in ("s3", "sftp", "smb") for line in extras[extra]]
    declared, optional = (
        {normal(re.split(r"[><=\[]", line)[0]) for line in lines}
        for lines in (project["dependencies"], of_stores)
    )
    distributions = packages_distributions()
    undeclared: dict[str, str] = {}
    for file in program_files():
        for node in ast.walk(syntax_of(file)):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for root in {name.split(".", 1)[0] for name in names} - sys.stdlib_module_names - {"sar"}:
                # A folder that lies elsewhere brings its libraries as an extra; only its own room may import them.
                allowed = declared | optional if file.name in _ELSEWHERE else declared
                if not allowed & {normal(name) for name in distributions.get(root, [])}:
                    undeclared[root] = shown(file)
    assert undeclared == {}


def test_every_direct_dependency_is_locked() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [line for lines in project["optional-dependencies"].values() for line in lines]
    for lines, file in ((project["dependencies"], "requirements.lock"), (extras, "requirements-dev.lock")):
        wanted = {re.split(r"[\[><=]", line)[0] for line in lines}
        assert wanted - set(locked_names(file)) == set(), f"deploy/lock.sh writes {file} anew"


@pytest.mark.parametrize(
    "licence", ["AGPL-3.0-only", "GPL-2.0", "OSI Approved :: GNU General Public License v3 (GPLv3)"]
)
def test_a_strong_licence_is_noticed(licence: str) -> None:
    assert STRONG.search(licence)


@pytest.mark.parametrize(
    "licence", ["LGPL-3.0-only", "GNU Lesser General Public License v3", "MIT", "MPL-2.0"]
)
def test_others_are_not(licence: str) -> None:
    assert not STRONG.search(licence)
