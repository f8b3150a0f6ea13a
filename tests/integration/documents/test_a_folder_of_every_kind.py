"""A folder with a document of every kind, read by the real reader in its own processes: nothing is lost in silence."""

import io
import zipfile
from email.message import EmailMessage

import docx
import openpyxl
import pytest
from reportlab.pdfgen import canvas

from sar.documents.isolated import IsolatedReading
from sar.domain.records import SubjectQuery
from sar.domain.references import StoreName
from sar.ports.gathering import StoreDescription
from sar.stores.files import FilesStore
from sar.stores.files_look import Limits
from sar.stores.files_mapping import load_files_mapping
from sar.stores.files_places import LocalPlace
from sar.stores.inside import NOT_ALL_READ
from tests.fakes.compound import compound, fields, outlook
from tests.fakes.stores import AT, LEANNE

WORDS = "About NHS number 999 204 4179."
MAPPING = '[kinds]\n"*" = "correspondence"\n'


def pdf(words):
    out = io.BytesIO()
    page = canvas.Canvas(out)
    page.drawString(70, 800, words)
    page.save()
    return out.getvalue()


def word(words, **parts):
    document = docx.Document()
    document.add_paragraph(words)
    out = io.BytesIO()
    document.save(out)
    with zipfile.ZipFile(out, "a") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def workbook(words):
    book = openpyxl.Workbook()
    book.active["A1"] = words
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def mail(words):
    message = EmailMessage()
    message["Date"] = "Thu, 24 Apr 2025 09:05:00 +0000"
    message["Message-ID"] = "<m1@example.org>"
    message.set_content(words)
    return message.as_bytes()


def archive(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in files.items():
            package.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def answer(tmp_path):
    folder = tmp_path / "folder"
    folder.mkdir()
    files = {
        "letter.pdf": pdf(WORDS),
        "letter.docx": word(WORDS, **{"word/strange.bin": b"\x00\x01"}),
        "log.xlsx": workbook(WORDS),
        "mail.eml": mail(WORDS),
        "mail.msg": compound(outlook(fields({0x1000: WORDS}, header=32))),
        "note.txt": WORDS.encode("utf-16"),
        "note.rtf": b"{\\rtf1 " + WORDS.encode() + b"}",
        "page.html": f"<p>{WORDS}</p>".encode(),
        "files.zip": archive(
            **{"in/a.txt": WORDS, "in/torn.pdf": "%PDF- torn", "in/b.txt": "Somebody else."}
        ),
        "other.docx": word("Somebody else.", **{"word/embeddings/x.bin": b"\x00\x01"}),
        "stranger.txt": b"Somebody else.",
        "torn.pdf": b"%PDF- torn",
    }
    for name, content in files.items():
        (folder / f"2024-01-01 {name}").write_bytes(content)
    (tmp_path / "m.toml").write_text(MAPPING)
    store = FilesStore(
        description=StoreDescription(name=StoreName("f"), label="F", controller="C"),
        place=LocalPlace(folder=folder, limits=Limits()),
        mapping=load_files_mapping(tmp_path / "m.toml"),
        reader=IsolatedReading(),
    )
    return store.answer(SubjectQuery(subject=LEANNE), at=AT)


def test_every_kind_is_found_and_what_was_not_read_stands_on_the_officer_s_list(answer):
    found = {r.key.native_id.removeprefix("2024-01-01 ") for r in answer.records}
    assert found == {
        "letter.pdf",
        "letter.docx",
        "log.xlsx",
        "mail.eml#m1@example.org",
        "mail.msg",
        "note.txt",
        "note.rtf",
        "page.html",
        "files.zip#in/a.txt#1",
    }
    held = {h.key.native_id.removeprefix("2024-01-01 "): h.why for h in answer.held_back}
    assert set(held) == {"letter.docx#not-read-1", "files.zip#in/torn.pdf#2", "other.docx", "torn.pdf"}
    assert held["other.docx#not-read-1"] == NOT_ALL_READ
    assert "damaged PDF" in held["files.zip#in/torn.pdf#2"]
    [archived] = [r for r in answer.records if "files.zip" in r.key.native_id]
    assert ("File in the archive", "in/a.txt") in {(p.label, p.text) for p in archived.passages}
