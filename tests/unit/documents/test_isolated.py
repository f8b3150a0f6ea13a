"""A document that hurts its reader is held back; the next one is read as if nothing had been."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

import pytest

from sar.documents.isolated import MOST_MEMORY, IsolatedReading
from sar.documents.limits import Budget
from sar.documents.reader import DocumentReading
from sar.domain.errors import UnreadableItem


class Hurting:
    """Reads text, and does to itself what a document's words say."""

    def read(self, content, *, name, media_type=""):
        deed, _, rest = content.decode().partition(" ")
        if deed == "eat":
            return (bytearray(2 * MOST_MEMORY),)
        if deed == "die":
            os._exit(9)
        if deed == "sleep":
            time.sleep(60)
        if deed == "spawn":
            child = subprocess.Popen(["sleep", "60"])
            Path(rest).write_text(str(child.pid))
            time.sleep(60)
        if deed == "ask":
            Budget().wait(60)
            time.sleep(4)
        if deed == "meet":
            self.meet(Path(rest), name)
        if deed == "surprise":
            raise KeyError
        return DocumentReading().read(content, name=name, media_type=media_type)

    def meet(self, place, name):
        """Two must be inside at once for either to leave."""
        (place / name).touch()
        while len(list(place.iterdir())) < 2:
            time.sleep(0.01)


@pytest.mark.parametrize(
    ("deed", "code"),
    [("eat", "unreadable"), ("die", "unreadable"), ("sleep", "too-large"), ("surprise", "unreadable")],
)
def test_one_bad_document_is_held_back_and_the_next_is_read(deed, code):
    reading = IsolatedReading(Hurting(), seconds=2)
    with pytest.raises(UnreadableItem) as held:
        reading.read(deed.encode(), name="x.txt")
    assert held.value.field == code
    [document] = reading.read(b"Dear Leanne", name="letter.txt")
    assert [part.text for part in document.parts] == ["Dear Leanne"]


def test_a_refusal_of_the_reader_inside_comes_through_with_its_words():
    with pytest.raises(UnreadableItem) as held:
        IsolatedReading().read(b"%PDF-1.7 broken", name="x.pdf")
    assert "PDF" in held.value.message
    assert held.value.next_step


def test_everything_read_comes_back_as_it_was():
    content = b"Message-ID: <m1>\nDate: Thu, 24 Apr 2025 09:05:00 +0000\n\nCaf\xc3\xa9 \xf0\x9f\x98\x80\n"
    assert IsolatedReading().read(content, name="x.eml") == DocumentReading().read(content, name="x.eml")


def test_two_documents_are_read_at_once_and_one_that_dies_harms_no_neighbour(tmp_path):
    reading = IsolatedReading(Hurting(), seconds=20)
    found = {}

    def read(name, deed):
        try:
            found[name] = reading.read(deed.encode(), name=name)
        except UnreadableItem as fault:
            found[name] = fault

    deeds = {f"{n}.txt": f"meet {tmp_path}" for n in "ab"} | {f"dies{n}.txt": "die" for n in range(2)}
    threads = [threading.Thread(target=read, args=pair) for pair in deeds.items()]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(not isinstance(found[f"{n}.txt"], UnreadableItem) for n in "ab")
    assert all(isinstance(found[f"dies{n}.txt"], UnreadableItem) for n in range(2))


def test_a_reader_that_waits_for_text_recognition_is_given_the_time_it_asks_for():
    [document] = IsolatedReading(Hurting(), seconds=2).read(b"ask", name="x.txt")
    assert document.parts


def test_what_a_reader_started_ends_with_it(tmp_path):
    noted = tmp_path / "pid"
    with pytest.raises(UnreadableItem):
        IsolatedReading(Hurting(), seconds=2).read(f"spawn {noted}".encode(), name="x.txt")
    until = time.monotonic() + 10
    while is_running(int(noted.read_text())) and time.monotonic() < until:
        time.sleep(0.02)
    assert not is_running(int(noted.read_text()))


def is_running(pid):
    """Whether it lives; one that has died and waits for its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
