"""An archive: each file a document; one that cannot be read, or must not be, loses only itself."""

import io
import struct
import zipfile

import docx
import pytest

from sar.documents.limits import MAX_MEMBERS
from sar.documents.reader import DocumentReading
from sar.domain.errors import UnreadableItem
from sar.ports.gathering import UNREADABLE

READER = DocumentReading(recognise=lambda picture, budget: "")


def archive(files, *, packed=zipfile.ZIP_DEFLATED):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", packed) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return out.getvalue()


def read(content, name="files.zip"):
    return READER.read(content, name=name)


def by_name(documents):
    return {
        next(p.text for p in d.parts if p.place == "file-name"): d
        for d in documents
        if any(p.place == "file-name" for p in d.parts)
    }


def texts(document, place="text"):
    return [p.text for p in document.parts if p.place == place]


def locked(content, name):
    """The archive, one file of it marked as encrypted."""
    raw = bytearray(content)
    for mark, flags, at_name in ((b"PK\x03\x04", 6, 30), (b"PK\x01\x02", 8, 46)):
        at = -1
        while (at := raw.find(mark, at + 1)) >= 0:
            if raw[at + at_name : at + at_name + len(name)] == name.encode():
                raw[at + flags] |= 1
    return bytes(raw)


def test_each_file_is_a_document_with_its_path_and_a_lying_path_is_only_a_name():
    word = io.BytesIO()
    document = docx.Document()
    document.add_paragraph("In a letter.")
    document.save(word)
    files = {
        "a/note.txt": "One.",
        "../../etc/passwd": "Two.",
        "/abs.txt": "Three.",
        "letter.docx": word.getvalue(),
    }
    found = by_name(read(archive(files)))
    assert set(found) == set(files)
    assert texts(found["letter.docx"]) == ["In a letter."]


def test_what_cannot_be_read_is_held_back_by_itself():
    torn = archive(
        {"good.txt": "Kept.", "secret.txt": "Locked.", "torn.pdf": "%PDF- torn", "thing.xyz": b"\x00\x01"}
    )
    documents = read(locked(torn, "secret.txt"))
    found = by_name(documents)
    assert texts(found["good.txt"]) == ["Kept."]
    reasons = {name: texts(d, "unreadable") for name, d in found.items() if d.media_type == UNREADABLE}
    assert {name: "".join(r) for name, r in reasons.items()} == {
        "secret.txt": "a file in an archive with a password",
        "torn.pdf": "a damaged PDF",
        "thing.xyz": "a kind of file this program cannot read",
    }


def test_a_bomb_among_others_is_held_back_and_the_others_read():
    found = by_name(read(archive({"bomb.txt": b" " * 50_000_000, "good.txt": "Kept."})))
    assert found["bomb.txt"].media_type == UNREADABLE
    assert texts(found["good.txt"]) == ["Kept."]


def test_a_claim_of_ten_gigabytes_is_not_believed():
    content = bytearray(archive({"huge.txt": "x", "good.txt": "Kept."}, packed=zipfile.ZIP_STORED))
    at = content.find(b"PK\x01\x02")
    struct.pack_into("<I", content, at + 24, 0xFFFFFFF0)
    found = by_name(read(bytes(content)))
    assert found["huge.txt"].media_type == UNREADABLE
    assert texts(found["good.txt"]) == ["Kept."]


def test_files_in_files_are_followed_only_so_deep():
    inner = archive({"innermost.txt": "Deep."})
    for n in range(20):
        inner = archive({f"{n}.zip": inner, f"{n}.txt": f"Level {n}"})
    documents = read(inner)
    assert any("Level 19" in texts(d) for d in documents)
    held = [d for d in documents if d.media_type == UNREADABLE]
    assert {reason for d in held for reason in texts(d, "unreadable")} == {
        "files inside files, too deep to follow"
    }


def test_a_million_entries_are_refused_before_they_are_listed():
    content = bytearray(archive({"a.txt": "x"}))
    at = content.rfind(b"PK\x05\x06")
    struct.pack_into("<HH", content, at + 8, 0xFFFF, 0xFFFF)
    with pytest.raises(UnreadableItem, match="more files") as fault:
        read(bytes(content))
    assert fault.value.field == "too-large"
    assert MAX_MEMBERS < 0xFFFF


def test_a_damaged_member_and_a_damaged_archive():
    content = bytearray(
        archive({"a.txt": "Words that are long enough to be damaged. " * 50, "b.txt": "Kept."})
    )
    content[60] ^= 0xFF
    found = by_name(read(bytes(content)))
    assert found["a.txt"].media_type == UNREADABLE
    assert texts(found["b.txt"]) == ["Kept."]
    with pytest.raises(UnreadableItem, match="damaged archive"):
        read(b"PK\x03\x04" + b"x" * 100)
    with pytest.raises(UnreadableItem, match="nothing in it"):
        read(archive({"folder/": ""}))


def test_what_is_noted_on_an_archive_and_on_its_files_is_kept():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        info = zipfile.ZipInfo("a.txt")
        info.comment = b"Sent by Imran"
        file.writestr(info, "Words.")
        file.comment = b"For Leanne's file"
    documents = read(out.getvalue())
    assert texts(documents[0], "comment") == ["For Leanne's file"]
    assert texts(documents[1], "comment") == ["Sent by Imran"]


def test_what_stands_before_an_archive_or_in_the_place_of_a_folder_is_not_passed_over():
    documents = read(archive({"a.txt": "First"}) + archive({"b.txt": "Second", "folder/": "Words", "c/": ""}))
    [before] = [d for d in documents if not any(p.place == "file-name" for p in d.parts)]
    assert before.media_type == UNREADABLE
    assert "before the archive" in texts(before, "unreadable")[0]
    assert {name: d.media_type == UNREADABLE for name, d in by_name(documents).items()} == {
        "b.txt": False,
        "folder/": True,
    }
