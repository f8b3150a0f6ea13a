"""After the whole route, no byte we keep tells what the records, the people or the decisions are."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.journeys.canaries import CANARIES, MAIL, NAMES, PUBLIC_MAIL, forms_of
from tests.journeys.conftest import Demo, Watch
from tests.journeys.stage import HARTLEY, LEGS, STORES, listed

pytestmark = pytest.mark.timeout(900)


def kept_files(demo: Demo) -> list[Path]:
    """Everything in the data folder but other people's systems and the letters that left."""
    return [
        p for p in demo.data.rglob("*")
        if p.is_file() and not {"sample", "outbox"} & set(p.relative_to(demo.data).parts)
    ]  # fmt: skip


def test_the_canaries_are_real_words_of_the_story() -> None:
    """A canary that stands nowhere proves nothing."""
    story = b"".join(
        p.read_bytes() for folder in (STORES, HARTLEY.parent) for p in folder.rglob("*")
        if p.suffix in {".sql", ".toml", ".json", ".mbox", ".csv", ".txt"}
    )  # fmt: skip
    assert len(CANARIES) >= 25
    missing = [c for c in CANARIES if c.encode() not in story]
    assert missing == []


def test_the_search_itself_finds_every_form() -> None:
    for words in ("Maureen Tully", "16 Tanner Row"):
        hidden = (
            words.encode(), words.encode("utf-16-le"), words.encode().hex().encode(),
            *(base64.b64encode(b"x" * n + words.encode() + b"yz") for n in range(3)),
        )  # fmt: skip
        for form in hidden:
            assert any(f in form for f in forms_of(words)), form


def test_the_watch_of_the_running_demo_finds_every_form_and_a_file_that_grew(tmp_path: Path) -> None:
    for n, canary in enumerate(CANARIES):
        for m, form in enumerate(forms_of(canary)):
            (tmp_path / f"{n}-{m}").write_bytes(b"\xff\x00 before" + form + b"after \x80")
    growing = tmp_path / "journal"
    growing.write_bytes(b"nothing yet")
    watch = Watch([tmp_path])
    watch.look()
    assert {(c, f"{n}-{m}") for n, c in enumerate(CANARIES) for m in range(len(forms_of(c)))} <= watch.found
    assert not any(file == "journal" for _, file in watch.found)
    growing.write_bytes(b"nothing yet, now " + CANARIES[0].encode())
    watch.look()
    assert (CANARIES[0], "journal") in watch.found


def test_no_canary_stands_in_anything_we_keep(demo: Demo) -> None:
    files = kept_files(demo)
    names = {p.name for p in files}
    assert {"sar.db", "engine.db", "keys.db", "checkpoints.jsonl"} <= names
    assert sum(p.suffix == "" or "blobs" in p.parts for p in files) >= 9, "sealed packs are on the shelf"
    forms = [(c, form) for c in CANARIES for form in forms_of(c)]
    for path in files:
        content = path.read_bytes()
        found = {canary for canary, form in forms if form in content}
        assert not found, f"{path.name} tells {found}"
        assert b"%PDF-" not in content, f"{path.name} holds a document in clear"


def test_no_canary_stood_in_a_journal_or_a_temporary_file_while_it_ran(demo: Demo) -> None:
    assert demo.files_watched >= 5, "the watch saw nothing"
    assert demo.seen_in_clear == frozenset()
    left = [p for p in demo.tmp.rglob("*") if p.is_file()]
    forms = [form for c in CANARIES for form in forms_of(c)]
    assert [p.name for p in left if any(f in p.read_bytes() for f in forms)] == []


def test_the_names_of_files_tell_nothing(demo: Demo) -> None:
    told = " ".join(str(p.relative_to(demo.data)) for p in kept_files(demo)).casefold()
    for name in NAMES:
        for word in name.casefold().split():
            assert word not in told
    assert "pdf" not in told.split("/")[-1] or "pack-" not in told


def test_the_terminal_names_nobody_but_who_may_sign_in(demo: Demo) -> None:
    said = demo.stdout + demo.stderr
    hidden = {s for leg in LEGS for s in listed(leg, "must-not-appear") if len(s) > 3} - {"lady at number"}
    assert [s for s in hidden if s.casefold() in said.casefold()] == []
    told = [c for c in CANARIES if c in said and c not in PUBLIC_MAIL]
    assert told == []
    assert MAIL[2] not in said


def test_letters_name_the_recipient_and_say_nothing_of_the_records(demo: Demo) -> None:
    letters = [p.read_text() for p in (demo.data / "outbox").rglob("*") if p.is_file()]
    to_family = [text for text in letters if any(f"{name}.hartley@example.com" in text for name in LEGS)]
    to_keepers = [text for text in letters if "You keep this store of records" in text]
    notices = [text for text in letters if text not in to_family and text not in to_keepers]
    # Hold notices of both requests to eight keepers, and the clerk's tasks for three people, twice.
    assert len(to_keepers) == 2 * 8 + 2 * 3
    # An acknowledgement for each parent, of the complaint and of the correction; then word of three packs.
    assert (len(to_family), len(notices)) == (2 + 2 + 3, 9)
    private = [c for c in CANARIES if c not in {*PUBLIC_MAIL, "Leanne Hartley", "Marcus Hartley"}]
    for text in to_family:
        assert [c for c in private if c in text] == []
    for text in to_keepers:
        assert [c for c in CANARIES if c in text and c not in PUBLIC_MAIL] == []
    for text in letters:
        for leg in LEGS:
            words = [s for s in listed(leg, "must-not-appear") if len(s) > 3]
            assert [s for s in words if s.casefold() in text.casefold()] == []
    for text in notices:
        assert "Please put a record right" in text
        assert "AL-40112" in text


def test_keys_are_readable_by_their_owner_only(demo: Demo) -> None:
    for name in ("master.key", "keys.db", "checkpoint.key", "demo-staff.toml"):
        assert (demo.data / name).stat().st_mode & 0o077 == 0, name
    for path in (demo.data / "pack-key").iterdir():
        assert path.stat().st_mode & 0o077 == 0
