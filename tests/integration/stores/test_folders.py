"""A folder as it really is: files nobody registered, links out of it, a file that cannot be opened."""

import io
import os
import re
import threading
import time
import tracemalloc
import zipfile
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from email.message import EmailMessage
from itertools import islice
from pathlib import Path

import openpyxl
import pytest

from sar.documents.reader import DocumentReading
from sar.domain.changes import touched_on
from sar.domain.errors import BadMapping, StoreUnavailable
from sar.domain.records import AnswerKind, RecordKind, SubjectQuery
from sar.domain.references import StoreName
from sar.ports.gathering import StoreDescription
from sar.stores import answers, files_local, names
from sar.stores.files import _NOT_REACHED, FilesStore
from sar.stores.files_local import LocalTree
from sar.stores.files_look import FolderLook, Limits
from sar.stores.files_mapping import load_files_mapping
from sar.stores.files_places import LocalPlace
from sar.stores.files_tree import CHANGED, OUTSIDE_LINK, PAGE, Listed
from sar.stores.inside import FILED_ELSEWHERE, HALF_IN_TEXT, NOT_ALL_READ, OF_ANOTHER, ONLY_FILED
from tests.fakes.stores import AT, LEANNE, STRANGER, person

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


def store(folder, **limits):
    mapping = load_files_mapping(folder.parent / "m.toml")
    return FilesStore(
        description=StoreDescription(name=StoreName("f"), label="F", controller="C"),
        place=LocalPlace(folder=folder, limits=Limits(**limits)),
        mapping=mapping,
        reader=DocumentReading(),
    )


def ask(folder, *, confirmed=frozenset(), ruled_out=frozenset(), compared=None, **limits):
    query = SubjectQuery(subject=LEANNE, confirmed=confirmed, ruled_out=ruled_out, compared=compared or {})
    return store(folder, **limits).answer(query, at=AT)


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


def test_a_file_that_makes_our_own_reading_stumble_is_held_back_alone(folder, monkeypatch):
    read = DocumentReading.read

    def stumble(self, content, *, name, media_type=""):
        if b"odd" in content:
            raise OverflowError("a day that no calendar has: 9992044179")
        return read(self, content, name=name, media_type=media_type)

    monkeypatch.setattr(DocumentReading, "read", stumble)
    (folder / "2024-01-01-letter.txt").write_text("odd 9992044179")
    (folder / "2024-01-02-letter.txt").write_text("NHS 9992044179")
    answer = ask(folder)
    assert outcome(answer) == ({"2024-01-02-letter.txt"}, {("2024-01-01-letter.txt", "unreadable")})
    assert "9992044179" not in answer.held_back[0].why


def test_a_mail_whose_sender_is_nested_without_end_stops_nothing(folder):
    head = f"From: {'(' * 5000}a@b.example\nDate: Mon, 06 May 2024 10:00:00 +0100\nSubject: x\n\n"
    (folder / "odd.eml").write_text(f"{head}NHS 9992044179")
    (folder / "2024-01-02-letter.txt").write_text("NHS 9992044179")
    answer = ask(folder)
    assert "2024-01-02-letter.txt" in outcome(answer)[0]
    assert len(answer.records) + len(answer.held_back) == 2


def test_a_file_that_the_register_lists_without_a_number_is_looked_into(folder):
    (folder / "register.csv").write_text(
        "file,nhs,kind,dated_on,title\n2024-01-01-letter.txt,,,2024-01-01,A letter\n2024-01-02-letter.txt\n"
    )
    for day in ("01", "02", "03"):
        (folder / f"2024-01-{day}-letter.txt").write_text("NHS 999 204 4179")
    assert len(ask(folder).records) == 3


def test_a_file_registered_for_someone_else_is_not_opened(folder):
    (folder / "other.txt").write_text("9992044179 is mentioned.")
    register(folder, "other.txt,9990000018,correspondence,2024-01-01,Other")
    assert outcome(ask(folder)) == (set(), set())


def test_links_out_of_the_folder_are_not_followed_and_said(folder):
    (folder.parent / "2024-01-01-letter-secret.txt").write_text("9992044179")
    (folder / "2024-01-01-letter-link.txt").symlink_to(folder.parent / "2024-01-01-letter-secret.txt")
    (folder / "up").symlink_to(folder.parent)
    (folder / "torn").symlink_to("nowhere")
    answer = ask(folder)
    held = {(n, "unreadable") for n in ("2024-01-01-letter-link.txt", "up", "torn")}
    assert outcome(answer) == (set(), held)
    assert {h.why for h in answer.held_back} == {OUTSIDE_LINK}


def test_links_inside_the_folder_are_copies_and_never_go_round(folder):
    (folder / "a").mkdir()
    (folder / "a" / "2024-01-01-letter.txt").write_text("9992044179")
    (folder / "2024-01-01-letter-copy.txt").symlink_to("a/2024-01-01-letter.txt")
    (folder / "a" / "round").symlink_to(folder)
    assert outcome(ask(folder)) == ({"a/2024-01-01-letter.txt", "2024-01-01-letter-copy.txt"}, set())


def test_a_link_to_a_pipe_inside_the_folder_is_said(folder):
    os.mkfifo(folder / "pipe")
    (folder / "2024-01-01-letter-link.txt").symlink_to("pipe")
    held = {("pipe", "unreadable"), ("2024-01-01-letter-link.txt", "unreadable")}
    assert outcome(ask(folder)) == (set(), held)


def test_names_that_are_no_text_and_things_that_are_no_files_are_held_back_each(folder):
    for name in (b"2024-01-01-letter-\xff.txt", b"2024-01-01-letter-\xfe.txt"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text("9992044179")
    os.mkfifo(folder / "pipe.txt")
    found, held = outcome(ask(folder))
    assert found == set()
    assert held == {
        ("2024-01-01-letter-\\xff.txt", "unreadable"),
        ("2024-01-01-letter-\\xfe.txt", "unreadable"),
        ("pipe.txt", "unreadable"),
    }


def test_a_hidden_file_is_searched_and_the_marks_of_programs_are_not(folder):
    (folder / ".2024-01-01-letter.txt").write_text("9992044179")
    # Who has a letter open, as Word notes it: even with the number for a name it is no letter.
    (folder / "~$2024-01-01-letter.docx").write_bytes(b"\x0a9992044179".ljust(162, b"\0"))
    (folder / "._2024-01-01-letter.txt").write_bytes(b"\0\x05\x16\x07 9992044179")
    (folder / ".~lock.2024-01-01-letter.odt#").write_text(",9992044179,host,01.01.2024 10:00,file:///x;")
    (folder / ".DS_Store").write_bytes(b"\0")
    assert outcome(ask(folder)) == ({".2024-01-01-letter.txt"}, set())


def test_a_letter_with_the_name_of_such_a_mark_is_read_or_held_back(folder):
    for name in ("._2024-01-01-letter.txt", "~$2024-01-01-letter.txt", "~$2024-01-01-letter.docx"):
        (folder / name).write_text("About NHS number 999 204 4179.")
    read = {"._2024-01-01-letter.txt", "~$2024-01-01-letter.txt"}
    assert outcome(ask(folder)) == (read, {("~$2024-01-01-letter.docx", "unreadable")})


def test_the_full_name_alone_is_put_before_an_officer_whose_word_then_counts(folder):
    name = "2024-01-04-letter.txt"
    (folder / name).write_text("Leanne Hartley rang.")
    assert outcome(ask(folder)) == (set(), {(name, "near-name")})
    assert outcome(ask(folder, confirmed=frozenset({name}))) == ({name}, set())
    assert outcome(ask(folder, ruled_out=frozenset({name}))) == (set(), set())


def test_a_file_confirmed_before_facts_were_kept_is_nobodys_once_it_names_somebody_else(folder):
    name = "2024-01-04-letter.txt"
    (folder / name).write_text("Marcus Webb, born 1 May 2010, said what happened at home.")
    answer = ask(folder, confirmed=frozenset({name}))
    assert outcome(answer) == (set(), {(name, "near-name")})
    assert [h.why for h in answer.held_back] == [names.CHANGED]


def test_a_file_that_says_something_else_than_an_officer_read_is_put_before_them_again(folder):
    name = "2024-01-04-letter.txt"
    (folder / name).write_text("Leanne Hartley rang.")
    [held] = ask(folder).held_back
    seen = {name: frozenset(held.facts)}
    (folder / name).write_text("Leanne\n  Hartley rang. ")
    assert outcome(ask(folder, confirmed=frozenset({name}), compared=seen)) == ({name}, set())
    (folder / name).write_text("Leanne Hartley of Oak Road rang.")
    for decided in ({"confirmed": frozenset({name})}, {"ruled_out": frozenset({name})}):
        answer = ask(folder, compared=seen, **decided)
        assert outcome(answer) == (set(), {(name, "near-name")})
        assert [h.why for h in answer.held_back] == [names.CHANGED]
    (folder / name).write_text("Nothing of anybody.")
    assert outcome(ask(folder, confirmed=frozenset({name}), compared=seen)) == (set(), {(name, "near-name")})
    assert outcome(ask(folder, ruled_out=frozenset({name}), compared=seen)) == (set(), set())


@pytest.mark.parametrize(
    "words",
    [
        "NHS number: 999 204 4179\n\n12 March", "3 999-204-4179.", "Leanne Hartley (ref 204417)",
        "HARTLEY, Leanne; dob 14.3.1993", "Leanne Doyle, 14th March 1993", "Leanne Hartley, 14 Mar 1993",
    ],
)  # fmt: skip
def test_numbers_and_days_are_known_as_people_write_them(folder, words):
    (folder / "2024-01-04-letter.txt").write_text(words)
    assert outcome(ask(folder)) == ({"2024-01-04-letter.txt"}, set())


@pytest.mark.parametrize(
    ("words", "near"),
    [
        ("Leanne Marie Hartley, born 14 March 1993, 14 Tanner Row", True),
        ("L. Hartley, DOB 14/03/1993", True),
        ("Mrs Hartley of 14 Tanner Row, Wexcombe, WX7 4QL", True),
        ("Doyle (204417)", True),
        ("Leanne (born 14 March 1993)", True),
        ("Hartley rang.", False),
        ("Leanne lives at 14 Tanner Row.", False),
        ("Born 14 March 1993, of 14 Tanner Row.", False),
    ],
)
def test_half_a_name_with_a_fact_is_put_before_an_officer(folder, words, near):
    (folder / "2024-01-04-letter.txt").write_text(words)
    answer = ask(folder)
    assert outcome(answer) == (set(), {("2024-01-04-letter.txt", "near-name")} if near else set())
    assert {h.why for h in answer.held_back} == ({HALF_IN_TEXT} if near else set())


def test_a_title_between_the_names_of_a_list_does_not_part_them(folder):
    (folder / "2024-01-04-letter.txt").write_text("HARTLEY, Mrs Leanne. DOB 14/03/1993")
    assert outcome(ask(folder)) == ({"2024-01-04-letter.txt"}, set())


def test_a_subject_whose_name_is_in_another_script_is_found_in_texts(folder):
    olena = person("\u041e\u043b\u0435\u043d\u0430 \u041a\u043e\u0432\u0430\u043b\u044c", date(1993, 3, 14))
    (folder / "2024-01-04-letter.txt").write_text(f"{olena.name.upper()}, 14 March 1993", encoding="utf-8")
    (folder / "2024-01-05-letter.txt").write_text("Somebody else, 14 March 1993")
    answer = store(folder).answer(SubjectQuery(subject=olena), at=AT)
    assert outcome(answer) == ({"2024-01-04-letter.txt"}, set())


OWN, ELSEWHERE = "9992044179", "9990000018"
ABOUT_HER = "Leanne Hartley, born 14 March 1993."


@pytest.mark.parametrize(
    ("trusted", "stamp", "words", "outcome_and_why"),
    [
        (False, OWN, "About Tom Other.", ONLY_FILED),
        (False, ELSEWHERE, ABOUT_HER, "found"),
        (False, ELSEWHERE, "About Tom Other.", ""),
        (True, OWN, "How the baby slept.", "found"),
        (True, OWN, "Tom Other, 999 000 0018.", OF_ANOTHER),
        (True, OWN, "Leanne Hartley and Tom Other, 999 000 0018.", "found"),
        (True, ELSEWHERE, ABOUT_HER, FILED_ELSEWHERE),
        (True, ELSEWHERE, "Leanne Hartley rang.", ""),
    ],
)
def test_where_a_mail_says_it_is_filed_counts_only_where_the_keepers_write_it(
    folder, trusted, stamp, words, outcome_and_why
):
    (folder.parent / "m.toml").write_text(f"filed_under = {str(trusted).lower()}\n{MAPPING}")
    head = "From: a@example.org\nSubject: A mail\nDate: Mon, 1 Jan 2024 10:00:00 +0000\nMessage-ID: <1@x>\n"
    (folder / "letter.eml").write_text(f"{head}X-Filed-Under: {stamp}\n\n{words}\n")
    answer = ask(folder)
    said = [h.why for h in answer.held_back] + ["found" for _ in answer.records]
    assert said == [outcome_and_why] * bool(outcome_and_why)
    [native] = outcome(answer)[0] or {h.key.native_id for h in answer.held_back} or {""}
    if outcome_and_why == FILED_ELSEWHERE:
        assert outcome(ask(folder, confirmed=frozenset({native}))) == ({native}, set())


def test_a_file_that_changes_while_it_is_read_is_held_back(folder, monkeypatch):
    path = folder / "2024-01-04-letter.txt"
    path.write_text("9992044179")
    real = files_local._open

    def opened(where):
        file = real(where)
        path.write_text("9992044179 and more")
        return file

    monkeypatch.setattr(files_local, "_open", opened)
    answer = ask(folder)
    assert [h.why for h in answer.held_back] == [CHANGED]
    assert answer.records == ()


def test_a_file_that_goes_while_we_look_is_held_back_and_the_rest_goes_on(folder, monkeypatch):
    for name in ("a", "b"):
        (folder / f"2024-01-04-letter-{name}.txt").write_text("9992044179")
    real = LocalTree.read

    def read(tree, name, **more):
        if "letter-a" in name:
            (folder / name).unlink()
        return real(tree, name, **more)

    monkeypatch.setattr(LocalTree, "read", read)
    found, held = outcome(ask(folder))
    assert (found, held) == ({"2024-01-04-letter-b.txt"}, {("2024-01-04-letter-a.txt", "unreadable")})


def test_a_library_that_hangs_is_unavailable_in_time(folder, monkeypatch):
    (folder / "2024-01-04-letter.txt").write_text("9992044179")
    release = threading.Event()
    monkeypatch.setattr(LocalTree, "read", lambda *_args, **_more: release.wait(30))
    with pytest.raises(StoreUnavailable, match="not done in"):
        ask(folder, deadline_s=0.2)
    release.set()


def test_a_record_says_when_its_file_was_last_changed(folder):
    path = folder / "2024-01-04-letter.txt"
    path.write_text("9992044179")
    os.utime(path, (1_700_000_000, 1_700_000_000))
    [record] = ask(folder).records
    assert record.provenance.changed_at == datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC)
    assert record.provenance.is_file_date


def test_an_estimate_reads_the_register_and_a_few_files_and_only_weighs_many(folder):
    (folder / "one.pdf").write_bytes(b"%PDF- not opened")
    register(folder, "one.pdf,9992044179,correspondence,2024-01-01,One", "b.pdf,1,correspondence,,B")
    (folder / "2024-01-04-letter.txt").write_text("9992044179")
    few = store(folder).estimate(SubjectQuery(subject=LEANNE), at=AT)
    assert (few.kind, few.records, few.is_exact) == (AnswerKind.FOUND, 2, False)
    nothing = store(folder).estimate(SubjectQuery(subject=STRANGER), at=AT)
    assert (nothing.kind, nothing.records, nothing.is_exact) == (AnswerKind.NOTHING_HELD, 0, True)
    for n in range(30):
        (folder / f"loose-{n}.txt").write_bytes(b"x" * 1024 * 100)
    many = store(folder).estimate(SubjectQuery(subject=STRANGER), at=AT)
    assert (many.kind, many.records, many.is_exact) == (AnswerKind.FOUND, 0, False)
    assert many.megabytes == pytest.approx(3, rel=0.1)


def test_a_hundred_thousand_files_are_listed_without_being_held(folder):
    (folder / "register.csv").unlink()
    for n in range(50):
        (folder / f"{n:02}").mkdir()
        at = os.open(folder / f"{n:02}", os.O_RDONLY)
        for m in range(2_000):
            os.mknod(f"{m:04}.txt", dir_fd=at)
        os.close(at)
    began = time.monotonic()
    with FolderLook(LocalPlace(folder=folder), "F") as look:
        assert sum(1 for _ in look.files()) == 100_000
    assert time.monotonic() - began < 30
    tracemalloc.start()
    with FolderLook(LocalPlace(folder=folder), "F") as look:
        assert sum(1 for _ in islice(look.files(), 10_000)) == 10_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 * 1024 * 1024


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


@pytest.mark.parametrize("after", ["", 'z.txt,1,letter,2024-01-01,"Last"\n'])
def test_a_register_whose_quote_nobody_closed_is_named_and_not_read_in_part(folder, after):
    register(
        folder, 'a.txt,1,letter,2024-01-01,"Open', "scan.txt,9992044179,letter,2024-01-01,Hers", after.strip()
    )
    (folder / "scan.txt").write_text("No name in it.")
    with pytest.raises(BadMapping, match="register cannot be read") as fault:
        ask(folder)
    assert "close every quote" in fault.value.next_step


def test_a_mail_that_cannot_be_taken_apart_is_held_back_and_its_neighbours_kept(folder):
    good = "Message-ID: <m1>\nDate: Thu, 24 Apr 2025 09:05:00 +0000\nFrom: A <a@council.example>\n\nOne.\n"
    deep = "Content-Type: multipart/mixed; boundary=a\n\n--a\n" * 2000
    (folder / "box.mbox").write_text(f"From x\n{good}\nFrom x\n{deep}\nFrom x\n{good.replace('m1', 'm2')}")
    register(folder, "box.mbox,9992044179,correspondence,2025-05-01,Mails")
    found, held = outcome(ask(folder))
    assert found >= {"box.mbox#m1", "box.mbox#m2"}
    assert {code for _, code in held} <= {"unreadable"}
    assert len(found) + len(held) == 3


def test_one_member_of_an_archive_that_cannot_be_read_is_said_and_the_others_go_on(folder):
    with zipfile.ZipFile(folder / "2024-01-04-letters.zip", "w") as archive:
        archive.writestr("one.txt", "9992044179")
        archive.writestr("two.pdf", "%PDF- torn")
        archive.writestr("three.txt", "9992044179 again")
        archive.writestr("../../four.txt", "9992044179 from above")
    found, held = outcome(ask(folder))
    members = ("one.txt#1", "three.txt#3", "../../four.txt#4")
    assert found == {f"2024-01-04-letters.zip#{member}" for member in members}
    assert held == {("2024-01-04-letters.zip#two.pdf#2", "unreadable")}


def test_what_could_not_be_read_inside_a_file_is_said_whoever_it_is_about(folder):
    mail = EmailMessage()
    mail["From"], mail["Date"] = "a@council.example", "Thu, 24 Apr 2025 09:05:00 +0000"
    mail.set_content("See the scan.")
    mail.add_attachment(b"%PDF- torn", maintype="application", subtype="pdf", filename="scan.pdf")
    (folder / "letter.eml").write_bytes(mail.as_bytes())
    answer = ask(folder)
    assert answer.records == ()
    assert [h.why for h in answer.held_back] == [NOT_ALL_READ]
    register(folder, "letter.eml,9992044179,correspondence,2024-01-01,A mail")
    answer = ask(folder)
    assert len(answer.records) == 1
    [held] = answer.held_back
    assert held.key != answer.records[0].key
    assert held.why != NOT_ALL_READ


def test_the_day_that_a_document_itself_says_it_was_saved_on_goes_with_its_record(folder):
    book = openpyxl.Workbook()
    book.active.append(["NHS number", "9992044179"])
    path = folder / "2024-01-01-letter.xlsx"
    book.save(path)
    path.write_bytes(with_saved_day(path.read_bytes(), b"2026-09-30T10:00:00Z"))
    # Somebody copied it years ago, or says so: the file system is not asked alone.
    os.utime(path, (1_600_000_000, 1_600_000_000))
    (folder / "2024-01-02-letter.txt").write_text("NHS number 9992044179")
    first, second = sorted(ask(folder).records, key=lambda r: r.key.native_id)
    assert (first.provenance.saved_on, second.provenance.saved_on) == (date(2026, 9, 30), None)
    assert touched_on(first) == date(2026, 9, 30)


def with_saved_day(content, day):
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            said = before.read(name)
            if name == "docProps/core.xml":
                said, count = re.subn(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + day, said)
                assert count == 1
            after.writestr(name, said)
    return out.getvalue()


class Endless:
    """A folder of so many small files that are nobody's, but for one; each name is made when it is asked for."""

    lost = ()

    def __init__(self, count, hers=-1, why=""):
        self.count, self.hers, self.why = count, hers, why

    def pages(self):
        for start in range(0, self.count, PAGE):
            numbers = range(start, min(start + PAGE, self.count))
            yield [Listed(f"2024-01-01-letter-{n:07}.txt", 20, 1.0, self.why) for n in numbers]

    def read(self, name, *, most, until):
        return b"NHS number 9992044179" if name.endswith(f"{self.hers:07}.txt") else b"Nothing of anybody"

    def alive(self):
        return True

    def close(self):
        pass


@dataclass
class EndlessPlace:
    tree: Endless
    limits: Limits

    def open(self, label):
        return self.tree


def of_endless(folder, tree, **limits):
    opened = store(folder)
    opened._place = EndlessPlace(tree, Limits(**limits))
    opened._mapping = replace(opened._mapping, register="")
    return opened


def test_a_folder_with_more_files_than_one_search_takes_is_searched_so_far_and_that_is_said(folder):
    endless = of_endless(folder, Endless(10_000, hers=1_999), max_files=2_000)
    found, held = outcome(answer := endless.answer(SubjectQuery(subject=LEANNE), at=AT))
    assert found == {"2024-01-01-letter-0001999.txt"}
    assert held == {("the folder", "incomplete")}
    assert "more than 2,000 files" in answer.held_back[0].why
    assert not endless.estimate(SubjectQuery(subject=STRANGER), at=AT).is_exact
    slow = of_endless(folder, Endless(10_000), search_s=0.0).answer(SubjectQuery(subject=LEANNE), at=AT)
    assert "0 files were searched, the rest not" in slow.held_back[0].why
    just = of_endless(folder, Endless(2_000), max_files=2_000).answer(SubjectQuery(subject=LEANNE), at=AT)
    assert just.held_back == ()


def test_a_search_that_ends_early_does_not_call_a_registered_file_lost(folder):
    for name in ("a.txt", "b.txt"):
        (folder / name).write_text("9992044179")
    register(
        folder,
        "b.txt,9992044179,correspondence,2024-01-01,B",
        "lost.txt,9992044179,correspondence,2024-01-01,L",
    )
    assert {h.key.native_id: h.why for h in ask(folder, max_files=1).held_back if h.code == "unreadable"} == {
        "b.txt": _NOT_REACHED, "lost.txt": _NOT_REACHED,
    }  # fmt: skip


def test_many_files_that_cannot_be_read_are_listed_up_to_a_bound_and_then_counted(folder, monkeypatch):
    monkeypatch.setattr(answers, "MOST_HELD", 100)
    odd = of_endless(folder, Endless(1_000, why="not an ordinary file"))
    held = odd.answer(SubjectQuery(subject=LEANNE), at=AT).held_back
    assert len(held) == 101
    assert (held[-1].code, held[-1].why.startswith("900 more items are held back as `unreadable`")) == (
        "incomplete", True,
    )  # fmt: skip


def test_the_memory_of_a_search_does_not_grow_with_the_folder(folder):
    peaks = []
    for count in (500, 2_000):
        tracemalloc.start()
        of_endless(folder, Endless(count)).answer(SubjectQuery(subject=LEANNE), at=AT, into=lambda _: None)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.3 * peaks[0] + 500_000
