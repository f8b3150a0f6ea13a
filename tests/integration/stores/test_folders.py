"""A folder as it really is: files nobody registered, links out of it, a file that cannot be opened."""

import pytest

from sar.documents.reader import DocumentReading
from sar.domain.errors import BadMapping, StoreUnavailable
from sar.domain.records import RecordKind, SubjectQuery
from sar.domain.references import StoreName
from sar.ports.gathering import StoreDescription
from sar.stores.files import FilesStore
from sar.stores.files_mapping import load_files_mapping
from tests.fakes.stores import AT, LEANNE

MAPPING = """
[register]
file = "register.csv"
numbers = { nhs = "NHS number" }
[kinds]
"*letter*" = "correspondence"
[domains]
"council.example" = "The council"
"""


@pytest.fixture
def folder(tmp_path):
    inside = tmp_path / "folder"
    inside.mkdir()
    (inside / "register.csv").write_text("file,nhs,kind,dated_on,title\n")
    (tmp_path / "m.toml").write_text(MAPPING)
    return inside


def ask(folder, **more):
    mapping = load_files_mapping(folder.parent / "m.toml")
    store = FilesStore(
        description=StoreDescription(name=StoreName("f"), label="F", controller="C"),
        folder=folder,
        mapping=mapping,
        reader=DocumentReading(),
        **more,
    )
    return store.answer(SubjectQuery(subject=LEANNE), at=AT)


def register(folder, *lines):
    with (folder / "register.csv").open("a") as file:
        file.writelines(f"{line}\n" for line in lines)


def outcome(answer):
    return {r.key.native_id for r in answer.records}, {(h.key.native_id, h.code) for h in answer.held_back}


def test_unregistered_files_are_found_by_number_or_by_two_facts_never_by_name(folder):
    (folder / "2024-01-01-letter-a.txt").write_text("About NHS number 999 204 4179.")
    (folder / "2024-01-02-letter-b.txt").write_text("Leanne Doyle, born 14 March 1993, came in.")
    (folder / "2024-01-03-letter-c.txt").write_text("Leanne Hartley lives at 14 Tanner Row.")
    (folder / "2024-01-04-letter-d.txt").write_text("Leanne Hartley rang.")
    (folder / "2024-01-05-letter-e.txt").write_text("Number 99920441790 is longer.")
    answer = ask(folder)
    assert {n[11:19] for (n,) in ((n,) for n in outcome(answer)[0])} == {"letter-a", "letter-b", "letter-c"}
    assert {r.kind for r in answer.records} == {RecordKind.CORRESPONDENCE}


def test_what_has_no_date_no_kind_or_no_readable_content_is_held_back(folder):
    (folder / "letter.txt").write_text("9992044179")
    (folder / "2024-01-01-thing.txt").write_text("9992044179")
    (folder / "torn.pdf").write_bytes(b"%PDF- torn")
    (folder / "2024-01-01-letter-big.txt").write_text("9992044179" * 100)
    register(
        folder, "lost.pdf,9992044179,correspondence,2024-01-01,Lost", "torn.pdf,9992044179,correspondence,,"
    )
    found, held = outcome(ask(folder, max_bytes=900))
    assert found == set()
    assert held == {
        ("letter.txt", "undated"),
        ("2024-01-01-thing.txt", "unknown-kind"),
        ("torn.pdf", "unreadable"),
        ("lost.pdf", "unreadable"),
        ("2024-01-01-letter-big.txt", "too-large"),
    }


def test_a_file_registered_for_someone_else_is_not_opened(folder):
    (folder / "other.txt").write_text("9992044179 is mentioned.")
    register(folder, "other.txt,9990000018,correspondence,2024-01-01,Other")
    assert outcome(ask(folder)) == (set(), set())


def test_links_out_of_the_folder_are_not_followed(folder):
    (folder.parent / "2024-01-01-letter-secret.txt").write_text("9992044179")
    (folder / "2024-01-01-letter-link.txt").symlink_to(folder.parent / "2024-01-01-letter-secret.txt")
    assert outcome(ask(folder)) == (set(), set())


def test_the_file_name_is_a_passage_and_never_a_label(folder):
    (folder / "letter-from-mrs-tully.txt").write_text("Words.")
    register(folder, "letter-from-mrs-tully.txt,9992044179,correspondence,2024-01-01,A title")
    [record] = ask(folder).records
    assert [(p.label, p.text) for p in record.passages] == [
        ("File name", "letter-from-mrs-tully.txt"),
        ("Title", "A title"),
        ("Text", "Words."),
    ]


def test_a_folder_that_is_gone_is_unavailable_and_a_broken_register_is_named(folder):
    (folder / "register.csv").write_text("file,nhs\na,b\n")
    with pytest.raises(BadMapping, match="dated_on"):
        ask(folder)
    (folder / "register.csv").unlink()
    with pytest.raises(BadMapping, match="not there"):
        ask(folder)
    folder.rmdir()
    with pytest.raises(StoreUnavailable):
        ask(folder)


def test_a_mail_that_cannot_be_taken_apart_is_held_back_and_its_neighbours_kept(folder):
    good = "Message-ID: <m1>\nDate: Thu, 24 Apr 2025 09:05:00 +0000\nFrom: A <a@council.example>\n\nOne.\n"
    deep = "Content-Type: multipart/mixed; boundary=a\n\n--a\n" * 2000
    (folder / "box.mbox").write_text(f"From x\n{good}\nFrom x\n{deep}\nFrom x\n{good.replace('m1', 'm2')}")
    register(folder, "box.mbox,9992044179,correspondence,2025-05-01,Mails")
    found, held = outcome(ask(folder))
    assert found >= {"box.mbox#m1", "box.mbox#m2"}
    assert {code for _, code in held} <= {"unreadable"}
    assert len(found) + len(held) == 3
