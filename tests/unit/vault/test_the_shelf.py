"""Sealed files: whole or not at all, under names that tell nothing, and never outside their folder."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from sar.domain.errors import EnvironmentFault, InvalidInput, NotFound, SealBroken, TrailBroken
from sar.domain.references import CaseId
from sar.vault import Shelf, open_signer, open_vault

ONE = CaseId("1" * 32)
TWO = CaseId("2" * 32)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data" / "blobs"


@pytest.fixture
def shelf(folder: Path) -> Shelf:
    vault = open_vault(folder.parent)
    vault.new_case_key(ONE)
    vault.new_case_key(TWO)
    return Shelf(folder, vault)


@contextmanager
def disk_of(size: int) -> Iterator[None]:
    """The kernel refuses to let a file grow past this, as a full disk would."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_was_put_is_got_and_neither_name_nor_words_are_on_disk(shelf: Shelf, folder: Path) -> None:
    shelf.put(ONE, "pack-leanne-hartley.pdf", b"words of hers")
    assert shelf.get(ONE, "pack-leanne-hartley.pdf") == b"words of hers"
    [path] = files(folder)
    assert "leanne" not in str(path)
    assert b"words" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_a_later_version_replaces_the_earlier(shelf: Shelf, folder: Path) -> None:
    shelf.put(ONE, "a", b"first")
    shelf.put(ONE, "a", b"second")
    assert shelf.get(ONE, "a") == b"second"
    assert len(files(folder)) == 1


def test_a_full_disk_leaves_nothing_behind_and_harms_nothing(shelf: Shelf, folder: Path) -> None:
    shelf.put(ONE, "a", b"first")
    before = {path: path.read_bytes() for path in files(folder)}
    with disk_of(50_000):
        for name in ("a", "new"):
            with pytest.raises(EnvironmentFault):
                shelf.put(ONE, name, b"x" * 200_000)
    assert {path: path.read_bytes() for path in files(folder)} == before
    assert shelf.get(ONE, "a") == b"first"
    with pytest.raises(NotFound):
        shelf.get(ONE, "new")


def test_a_folder_that_cannot_be_made_is_a_fault_of_the_machine(tmp_path: Path) -> None:
    vault = open_vault(tmp_path / "data")
    vault.new_case_key(ONE)
    (tmp_path / "data" / "blobs").write_text("a file stands where the folder should be")
    with pytest.raises(EnvironmentFault):
        Shelf(tmp_path / "data" / "blobs", vault).put(ONE, "a", b"x")


@pytest.mark.parametrize(
    "name", ["../escape", "/etc/passwd", "a/../../b", "\0", "a" * 300, "ö", ".hidden.part"]
)
def test_no_name_leaves_the_folder_of_its_case(shelf: Shelf, folder: Path, name: str) -> None:
    shelf.put(ONE, name, b"x")
    assert [path.parent for path in files(folder)] == [folder / ONE]
    assert shelf.get(ONE, name) == b"x"


@pytest.mark.parametrize("case", ["..", "../x", "", "/tmp", "1" * 31 + "/"])
def test_no_case_id_leaves_the_shelf(shelf: Shelf, case: str) -> None:
    for use in (lambda: shelf.put(CaseId(case), "a", b"x"), lambda: shelf.get(CaseId(case), "a"),
                lambda: shelf.remove_case(CaseId(case))):  # fmt: skip
        with pytest.raises(InvalidInput):
            use()


@pytest.mark.parametrize("name", ["", "a" * 501])
def test_names_are_of_reasonable_length(shelf: Shelf, name: str) -> None:
    with pytest.raises(InvalidInput):
        shelf.put(ONE, name, b"x")


def test_swapped_altered_and_cut_files_are_refused(shelf: Shelf, folder: Path) -> None:
    shelf.put(ONE, "a", b"first")
    [first] = files(folder)
    shelf.put(ONE, "b", b"other")
    [second] = set(files(folder)) - {first}
    kept, other = first.read_bytes(), second.read_bytes()
    for planted in (other, kept[:-1], kept[:-1] + bytes((kept[-1] ^ 1,)), b""):
        first.write_bytes(planted)
        with pytest.raises(SealBroken):
            shelf.get(ONE, "a")


def test_a_file_of_another_case_is_refused(shelf: Shelf, folder: Path) -> None:
    shelf.put(ONE, "a", b"of one")
    [one] = files(folder)
    shelf.put(TWO, "a", b"of two")
    [two] = set(files(folder)) - {one}
    two.write_bytes(one.read_bytes())
    with pytest.raises(SealBroken):
        shelf.get(TWO, "a")


def test_removing_a_case_takes_its_files_only(shelf: Shelf, folder: Path) -> None:
    shelf.put(ONE, "a", b"x")
    shelf.put(TWO, "a", b"y")
    shelf.remove_case(ONE)
    assert not (folder / ONE).exists()
    assert shelf.get(TWO, "a") == b"y"


def test_the_signer_keeps_its_key_and_knows_its_own_signature(tmp_path: Path) -> None:
    signer = open_signer(tmp_path)
    signature = signer.sign(b"heads")
    again = open_signer(tmp_path)
    assert again.fingerprint == signer.fingerprint
    again.verify(b"heads", signature)
    other = open_signer(tmp_path / "other")
    for data, check in ((b"hands", again), (b"heads", other)):
        with pytest.raises(TrailBroken):
            check.verify(data, signature)
    assert (tmp_path / "checkpoint.key").stat().st_mode & 0o077 == 0
