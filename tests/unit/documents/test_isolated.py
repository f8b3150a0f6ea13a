"""A document that hurts its reader is held back; the next one is read as if nothing had been."""

from __future__ import annotations

import os
import time

import pytest

from sar.documents.isolated import MOST_MEMORY, IsolatedReading
from sar.documents.reader import DocumentReading
from sar.domain.errors import UnreadableItem


class Hurting:
    """Reads text, and does to itself what a document's words say."""

    def read(self, content, *, name, media_type=""):
        deed = content.decode()
        if deed == "eat":
            return (bytearray(2 * MOST_MEMORY),)
        if deed == "die":
            os._exit(9)
        if deed == "sleep":
            time.sleep(60)
        return DocumentReading().read(content, name=name, media_type=media_type)


@pytest.mark.parametrize(
    ("deed", "code"), [("eat", "unreadable"), ("die", "unreadable"), ("sleep", "too-large")]
)
def test_one_bad_document_is_held_back_and_the_next_is_read(deed, code):
    reading = IsolatedReading(Hurting(), seconds=3)
    with pytest.raises(UnreadableItem) as held:
        reading.read(deed.encode(), name="x.txt")
    assert held.value.field == code
    [document] = reading.read(b"Dear Leanne", name="letter.txt")
    assert [part.text for part in document.parts] == ["Dear Leanne"]


def test_a_refusal_of_the_reader_inside_comes_through_with_its_words():
    with pytest.raises(UnreadableItem) as held:
        IsolatedReading().read(b"%PDF-1.7 broken", name="x.pdf")
    assert "PDF" in held.value.message
