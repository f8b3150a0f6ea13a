"""A seal opens under its own key, at its own place, in its own case, unaltered; or not at all."""

from __future__ import annotations

import copy
import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sar.domain.errors import AlreadyDone, EnvironmentFault, InvalidInput, SealBroken
from sar.domain.references import CaseId
from sar.vault import CaseVault, open_vault, rotate_master_key
from sar.vault.master_key import MasterKey

ONE = CaseId("1" * 32)
TWO = CaseId("2" * 32)
PLAIN = b"Mrs Orla Quill, the neighbour, rang on 3 May."


@pytest.fixture
def vault(tmp_path: Path) -> CaseVault:
    vault = open_vault(tmp_path / "data")
    vault.new_case_key(ONE)
    vault.new_case_key(TWO)
    return vault


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> CaseVault:
    vault = open_vault(tmp_path_factory.mktemp("vault"))
    vault.new_case_key(ONE)
    return vault


def test_what_was_sealed_opens_and_shows_nothing_meanwhile(vault: CaseVault) -> None:
    sealed = vault.seal(ONE, "note/a", PLAIN)
    assert vault.open(ONE, "note/a", sealed) == PLAIN
    assert b"Quill" not in sealed
    assert sealed[:2] == bytes((1, 1)), "format and algorithm stand in front"


def test_two_seals_of_one_text_differ(vault: CaseVault) -> None:
    assert vault.seal(ONE, "note/a", PLAIN) != vault.seal(ONE, "note/a", PLAIN)


@given(st.data())
def test_any_flipped_bit_is_refused(shared: CaseVault, data: st.DataObject) -> None:
    sealed = bytearray(shared.seal(ONE, "note/a", PLAIN))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SealBroken):
        shared.open(ONE, "note/a", bytes(sealed))


@given(st.integers(min_value=0))
def test_any_cut_is_refused(shared: CaseVault, length: int) -> None:
    sealed = shared.seal(ONE, "note/a", PLAIN)
    with pytest.raises(SealBroken):
        shared.open(ONE, "note/a", sealed[: length % len(sealed)])


def test_an_appended_byte_is_refused(vault: CaseVault) -> None:
    with pytest.raises(SealBroken):
        vault.open(ONE, "note/a", vault.seal(ONE, "note/a", PLAIN) + b"\0")


def test_another_place_or_case_is_refused(vault: CaseVault) -> None:
    sealed = vault.seal(ONE, "note/a", PLAIN)
    for case, place in ((ONE, "note/b"), (ONE, "decision/a"), (TWO, "note/a")):
        with pytest.raises(SealBroken):
            vault.open(case, place, sealed)


def test_places_cannot_be_run_together(vault: CaseVault) -> None:
    """``a`` + ``b/c`` and ``a/b`` + ``c`` must not bind the same bytes."""
    own = vault.seal_own("engine", PLAIN)
    with pytest.raises(SealBroken):
        vault.open(ONE, "engine", own)
    with pytest.raises(SealBroken):
        vault.open_own("engine ", own)


def test_the_same_case_in_another_installation_does_not_open_it(vault: CaseVault, tmp_path: Path) -> None:
    other = open_vault(tmp_path / "other")
    other.new_case_key(ONE)
    with pytest.raises(SealBroken):
        other.open(ONE, "note/a", vault.seal(ONE, "note/a", PLAIN))
    with pytest.raises(SealBroken):
        other.open_own("x", vault.seal_own("x", PLAIN))


def test_a_key_copied_to_another_case_does_not_open_the_first_case_there(
    vault: CaseVault, tmp_path: Path
) -> None:
    sealed = vault.seal(ONE, "note/a", PLAIN)
    vault.close()
    with sqlite3.connect(tmp_path / "data" / "keys.db") as store:
        key = store.execute("SELECT key_id, wrapped FROM wrapped_keys WHERE owner = ?", (ONE,)).fetchone()
        store.execute("UPDATE wrapped_keys SET key_id = ?, wrapped = ? WHERE owner = ?", (*key, TWO))
    store.close()
    again = open_vault(tmp_path / "data")
    assert again.open(ONE, "note/a", sealed) == PLAIN
    with pytest.raises(SealBroken):
        again.open(TWO, "note/a", sealed)


def test_digests_are_steady_keyed_and_per_case(vault: CaseVault, tmp_path: Path) -> None:
    digest = vault.keyed_digest(ONE, b"Quill")
    assert digest == vault.keyed_digest(ONE, b"Quill")
    assert len({digest, vault.keyed_digest(TWO, b"Quill"), vault.own_digest(b"Quill")}) == 3
    assert open_vault(tmp_path / "other").own_digest(b"Quill") != vault.own_digest(b"Quill")


def test_everything_opens_again_after_a_restart(vault: CaseVault, tmp_path: Path) -> None:
    sealed, own = vault.seal(ONE, "note/a", PLAIN), vault.seal_own("x", PLAIN)
    digest = vault.keyed_digest(ONE, b"q")
    vault.close()
    again = open_vault(tmp_path / "data")
    assert again.open(ONE, "note/a", sealed) == again.open_own("x", own) == PLAIN
    assert again.keyed_digest(ONE, b"q") == digest


def test_a_case_gets_one_key_only(vault: CaseVault) -> None:
    with pytest.raises(AlreadyDone):
        vault.new_case_key(ONE)


@pytest.mark.parametrize("case", ["", "../../etc", "1" * 31, "installation", "G" * 32])
def test_only_case_ids_get_keys(vault: CaseVault, case: str) -> None:
    with pytest.raises(InvalidInput):
        vault.new_case_key(CaseId(case))


def test_a_destroyed_key_destroys_the_case_and_no_other(vault: CaseVault) -> None:
    one, two = vault.seal(ONE, "note/a", PLAIN), vault.seal(TWO, "note/a", PLAIN)
    vault.destroy_case_key(ONE)
    with pytest.raises(SealBroken):
        vault.open(ONE, "note/a", one)
    with pytest.raises(SealBroken):
        vault.keyed_digest(ONE, b"Quill")
    assert vault.open(TWO, "note/a", two) == PLAIN


def test_a_key_destroyed_by_another_process_is_not_used_from_memory(vault: CaseVault, tmp_path: Path) -> None:
    sealed = vault.seal(ONE, "note/a", PLAIN)
    other = open_vault(tmp_path / "data")
    assert other.open(ONE, "note/a", sealed) == PLAIN
    vault.destroy_case_key(ONE)
    with pytest.raises(SealBroken):
        other.open(ONE, "note/a", sealed)


def test_a_destroyed_key_is_overwritten_in_its_file(vault: CaseVault, tmp_path: Path) -> None:
    kept = vault._store.find(ONE)
    assert kept is not None
    assert kept.wrapped in (tmp_path / "data" / "keys.db").read_bytes()
    vault.destroy_case_key(ONE)
    for path in (tmp_path / "data").glob("keys.db*"):
        assert kept.wrapped not in path.read_bytes()


def test_key_files_are_for_their_owner_only(vault: CaseVault, tmp_path: Path) -> None:
    for name in ("master.key", "keys.db"):
        assert (tmp_path / "data" / name).stat().st_mode & 0o077 == 0
    (tmp_path / "data" / "master.key").chmod(0o644)
    with pytest.raises(EnvironmentFault, match="Others than its owner"):
        open_vault(tmp_path / "data")


def test_a_lost_master_key_is_never_replaced_in_silence(vault: CaseVault, tmp_path: Path) -> None:
    (tmp_path / "data" / "master.key").unlink()
    with pytest.raises(EnvironmentFault):
        open_vault(tmp_path / "data")
    assert not (tmp_path / "data" / "master.key").exists()


def test_a_wrong_master_key_is_told_at_the_start(vault: CaseVault, tmp_path: Path) -> None:
    wrong = MasterKey(b"w" * 32).text.decode()
    with pytest.raises(EnvironmentFault, match="does not open the key store"):
        open_vault(tmp_path / "data", wrong)


@pytest.mark.parametrize("text", ["", "not base64!", "c2hvcnQ="])
def test_a_master_key_from_outside_must_be_one(tmp_path: Path, text: str) -> None:
    with pytest.raises(EnvironmentFault):
        open_vault(tmp_path / "data", text)


def test_a_master_key_from_outside_leaves_no_key_file(tmp_path: Path) -> None:
    key = MasterKey(b"k" * 32).text.decode()
    vault = open_vault(tmp_path / "data", key)
    vault.new_case_key(ONE)
    sealed = vault.seal(ONE, "note/a", PLAIN)
    assert not (tmp_path / "data" / "master.key").exists()
    assert open_vault(tmp_path / "data", key).open(ONE, "note/a", sealed) == PLAIN


def test_the_master_key_is_not_shown_and_not_copied() -> None:
    key = MasterKey(b"k" * 32)
    assert "kkkk" not in repr(key)
    with pytest.raises(TypeError):
        copy.copy(key)


def test_rotation_wraps_every_key_anew_and_opens_what_was_sealed(vault: CaseVault, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    sealed, own = vault.seal(ONE, "note/a", PLAIN), vault.seal_own("x", PLAIN)
    old_text = (folder / "master.key").read_text()
    vault.close()
    assert rotate_master_key(folder) == 3
    assert (folder / "master.key").read_text() != old_text
    again = open_vault(folder)
    assert again.open(ONE, "note/a", sealed) == again.open_own("x", own) == PLAIN
    again.close()
    (folder / "master.key").write_text(old_text)
    with pytest.raises(EnvironmentFault):
        open_vault(folder)


def test_a_rotation_cut_off_before_the_key_file_moved_is_finished(vault: CaseVault, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    sealed = vault.seal(ONE, "note/a", PLAIN)
    old_text = (folder / "master.key").read_text()
    vault.close()
    rotate_master_key(folder)
    # As a power cut leaves it: the store is wrapped anew, the new key not yet in its place.
    (folder / "master.key").rename(folder / "master.key.next")
    (folder / "master.key").write_text(old_text)
    (folder / "master.key").chmod(0o600)
    assert open_vault(folder).open(ONE, "note/a", sealed) == PLAIN
    assert not (folder / "master.key.next").exists()


def test_a_rotation_cut_off_before_it_wrapped_anything_changes_nothing(
    vault: CaseVault, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    sealed = vault.seal(ONE, "note/a", PLAIN)
    (folder / "master.key.next").write_bytes(MasterKey(b"n" * 32).text)
    (folder / "master.key.next").chmod(0o600)
    assert open_vault(folder).open(ONE, "note/a", sealed) == PLAIN
