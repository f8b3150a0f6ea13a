"""Notices to keepers: fixed sentences; sent again after a crash, they are known as the same."""

from __future__ import annotations

from datetime import UTC, date, datetime
from email import message_from_bytes

import pytest
from jinja2 import UndefinedError

from sar.config import shipped
from sar.domain.calendar import say_date
from sar.domain.errors import NotFound
from sar.outbox import FolderOutbox, LetterRoom
from sar.ports.disclosing import NoticeFacts

ON = date(2026, 11, 2)
DAYS = {"received_on": ON, "opened_on": ON, "due_on": date(2026, 11, 9)}
KINDS = ("hold-notice", "task-opened", "task-chased", "task-escalated")


def facts(kind: str, **more: object) -> NoticeFacts:
    given: dict[str, object] = {
        "reference": "SA-2026-0001", "store_label": "The <old> papers", "address": "files@example.org",
        "organisation": "The trust", "contact": ("Records Office",), "link": "https://records.example/tasks",
        "dated_on": ON, "days": DAYS, "number": 1, "message_id": "ab" * 16,
    }  # fmt: skip
    return NoticeFacts(kind=kind, **{**given, **more})  # type: ignore[arg-type]  # fields by name


def room() -> LetterRoom:
    return LetterRoom(templates=shipped("templates"), say=say_date)


def test_there_is_a_file_for_every_notice_and_no_other() -> None:
    files = {file.stem for file in (shipped("templates") / "notices").glob("*.txt")}
    assert files == {*KINDS, "frame"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_notice_says_the_store_whom_to_ask_and_the_reference(kind) -> None:
    notice = room().notice(facts(kind))
    text = " ".join(notice.paragraphs)
    for words in (
        "The <old> papers",
        "Records Office",
        "Our reference: SA-2026-0001",
        "https://records.example/tasks",
    ):
        assert words in text
    assert notice.subject == "A message about SA-2026-0001"


@pytest.mark.parametrize("kind", KINDS)
def test_a_missing_day_is_never_an_empty_place(kind) -> None:
    with pytest.raises(UndefinedError):
        room().notice(facts(kind, days={}))


def test_a_kind_without_words_is_refused() -> None:
    with pytest.raises(NotFound):
        room().notice(facts("love-letter"))


@pytest.mark.parametrize("kind", ["acknowledgement", "../letters/acknowledgement", "letters/acknowledgement"])
def test_a_notice_is_never_made_of_the_words_of_a_letter(kind) -> None:
    with pytest.raises(NotFound):
        room().notice(facts(kind))


@pytest.mark.parametrize("asked", ["words", "codes", "facts.words", "facts.to", "facts.passage"])
def test_a_notice_has_no_place_for_a_name_or_typed_words(asked, tmp_path) -> None:
    folder = tmp_path / "notices"
    folder.mkdir()
    (folder / "task-opened.txt").write_text("{{ " + asked + " }}")
    with pytest.raises(UndefinedError):
        LetterRoom(templates=tmp_path, say=say_date).notice(facts("task-opened"))


def test_the_same_notice_is_put_in_the_folder_once(tmp_path) -> None:
    outbox, notice = FolderOutbox(tmp_path), room().notice(facts("hold-notice"))
    first = outbox.send(notice, at=datetime(2026, 11, 2, 9, tzinfo=UTC))
    assert outbox.send(notice, at=datetime(2026, 11, 2, 10, tzinfo=UTC)) == first
    [file] = tmp_path.glob("*.eml")
    message = message_from_bytes(file.read_bytes())
    assert message["Message-ID"] == f"<{'ab' * 16}@sar.invalid>"
    assert message["To"] == "files@example.org"
