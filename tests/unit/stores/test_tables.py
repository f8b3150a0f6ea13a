"""Statutory tables: every fact of the child asked for, codes in words; a bad file or row never stops the rest."""

import tracemalloc
import zipfile
from datetime import date

import openpyxl
import pytest

from sar.documents.reader import DocumentReading
from sar.domain.errors import BadMapping, StoreRefused, StoreUnavailable
from sar.domain.parties import Role
from sar.domain.records import AnswerKind, RecordKind, SubjectQuery
from sar.stores import tables, tables_annex, tables_census
from sar.stores.load import load_stores
from sar.stores.tables_columns import LISTS, list_named
from tests.contracts.joined.tables import filled, store_in
from tests.fakes.stores import AT, ISLA, LEANNE, STRANGER, person

CHILD = (
    "<Child><ChildIdentifiers><LAchildID>{id}</LAchildID><PersonBirthDate>{born}</PersonBirthDate>"
    "</ChildIdentifiers>{more}</Child>"
)
REFERRAL = "<CINdetails><CINreferralDate>{on}</CINreferralDate></CINdetails>"


def census(*children, head=""):
    return f"<?xml version='1.0'?>{head}<Message><Children>{''.join(children)}</Children></Message>"


def isla(more=""):
    return CHILD.format(id="204420", born="2022-02-08", more=more)


@pytest.fixture
def folder(tmp_path):
    return tmp_path


def ask(folder, subject=ISLA, **more):
    return store_in(folder).answer(SubjectQuery(subject=subject), at=AT, **more)


def held(answer):
    return {(h.key.native_id, h.code) for h in answer.held_back}


def test_every_group_of_the_census_is_a_record_with_its_codes_in_words(folder):
    filled(folder)
    records = {r.key.native_id: r for r in ask(folder).records if "census" in r.key.native_id}
    names = {n.removeprefix("cin_census_2026/204420/"): r.kind for n, r in records.items()}
    assert names == {
        "details-2026-03-31": RecordKind.PERSON_DETAILS,
        "referral-2024-03-07": RecordKind.REFERRAL,
        "assessment-2024-04-26": RecordKind.ASSESSMENT,
        "need-plan-2024-03-20": RecordKind.PLAN,
        "section-47-2024-03-08": RecordKind.SECTION_47,
        "protection-plan-2024-03-21": RecordKind.PLAN,
        "review-2024-04-02": RecordKind.REVIEW,
        "review-2024-04-20": RecordKind.REVIEW,
    }
    said = {(p.label, p.text) for r in records.values() for p in r.passages}
    assert said >= {
        ("Who referred", "health services: other, such as a hospital or hospice (code 3F)"),
        ("Reason for closing", "case closed after assessment, no further action (code RC8)"),
        ("Factor found", "no factors identified (code 21)"),
        ("First category", "physical abuse (code PHY)"),
        ("No conference needed", "Yes (code 1)"),
        ("Disability", "hearing (code HEAR)"),
        ("Sex", "Female"),
    }
    findings = {(f.code, f.on) for r in records.values() for f in r.findings}
    assert findings == {("RC8", date(2024, 4, 26)), ("21", date(2024, 4, 26))}


def test_elements_and_codes_nobody_knows_are_kept_and_never_dropped(folder):
    filled(folder)
    said = {(p.label, p.text) for r in ask(folder).records for p in r.passages}
    assert said >= {
        ("Also recorded", "FavouriteColour: Green"),
        ("Disability", "QQQ"),
        ("Factor found", "99X"),
        ("Also recorded", "NewIn2030 Waited: 12"),
        ("Also recorded", "NewIn2030 unit: days"),
    }


def test_every_text_of_the_child_s_entry_stands_in_some_record(folder):
    words = [f"word{n}" for n in range(40)]
    unknown = "".join(f"<E{n}><In>{w}</In>tail{n}</E{n}>" for n, w in enumerate(words))
    (folder / "c.xml").write_text(
        census(isla(REFERRAL.format(on="2024-03-07").replace("</CIN", unknown + "</CIN")))
    )
    text = " ".join(p.text for r in ask(folder).records for p in r.passages)
    assert [w for w in [*words, *(f"tail{n}" for n in range(40))] if w not in text] == []


def test_rows_of_annex_a_are_records_with_words_days_and_columns_nobody_knows(folder):
    filled(folder)
    records = [r for r in ask(folder).records if "List 1" in r.key.native_id]
    assert [(r.kind, r.dated_on) for r in records] == [
        (RecordKind.REFERRAL, date(2024, 3, 6)),
        (RecordKind.REFERRAL, date(2026, 3, 9)),
    ]
    said = [(p.label, p.text) for p in records[0].passages]
    assert ("Ethnicity", "White British (recorded as a) WBRI)") in said
    assert ("Who made contact", "health services: other, such as a hospital or hospice (code 3F)") in said
    assert ("Sex", "b) Female") in said
    assert ("Also recorded", "Screened by: Duty desk") in said


@pytest.mark.parametrize(
    ("title", "number"),
    [
        ("List 1 - Contacts", 1), ("List_2_Early_Help", 2), ("AA_3_referrals", 3), ("Assessments", 4),
        ("Section 47 enquiries and ICPC", 5), ("Children in Need", 6), ("List 7", 7), ("LAC", 8),
        ("Care leavers", 9), ("Holidays", 0), ("List 12", 0),
    ],
)  # fmt: skip
def test_a_list_is_known_by_its_number_or_its_words(title, number):
    assert list_named(title) == number


def test_a_workbook_with_all_nine_lists_is_read_sheet_by_sheet(folder):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, annex in LISTS.items():
        sheet = book.create_sheet(f"List {number}")
        sheet.append(["A title that stands above the table"])
        sheet.append(["Child Unique ID", "Date of Birth", annex.dated_on[0].upper(), "Allocated Worker"])
        sheet.append([204420.0, date(2022, 2, 8), date(2024, 3, number), "Nadia Rahim"])
        sheet.append(["204421", date(2020, 2, 8), date(2024, 3, number), "Nadia Rahim"])
    book.save(folder / "annex a.xlsx")
    answer = ask(folder)
    assert [(r.kind, r.dated_on) for r in answer.records] == [
        (annex.kind, date(2024, 3, number)) for number, annex in LISTS.items()
    ]
    assert {(p.name, p.role) for p in answer.people} == {
        ("Isla Hartley", Role.DATA_SUBJECT),
        ("Nadia Rahim", Role.PROFESSIONAL),
    }
    assert ("Council's child number", "204420") in [(p.label, p.text) for p in answer.records[0].passages]


def test_a_child_is_known_by_a_number_or_by_name_and_birth_and_a_near_name_is_held_back(folder):
    (folder / "contacts.csv").write_text(
        "Child ID,UPN,NHS number,Forename,Surname,DOB,Date of contact\n"
        ",Y937204417026,,,,,01/03/2024\n"
        "7,Y937204417026,,,,,01/03/2024\n"
        ",,999 231 1584,,,08/02/2022,02/03/2024\n"
        ",,,Isla,Hartley,2022-02-08,03/03/2024\n"
        "10,,,Isla,Hartly,2022-08-02,04/03/2024\n"
        "11,,,Isla,Hartley,,05/03/2024\n"
        "204420,,,Another,Child,2011-01-01,06/03/2024\n"
    )
    answer = ask(folder)
    assert [(r.dated_on.day, r.provenance.found_by) for r in answer.records] == [
        (1, "unique pupil number"),
        (2, "NHS number"),
        (3, "full name and date of birth"),
    ]
    assert held(answer) == {(number, "near-name") for number in ("7", "10", "11", "204420")}
    assert {p.name for p in answer.people if p.role is Role.NAMESAKE} == {
        "Isla Hartly",
        "Isla Hartley",
        "Another Child",
    }


def test_another_separator_encoding_and_more_cells_than_columns_lose_nothing(folder):
    (folder / "list 3.csv").write_bytes(
        "\ufeffChild ID;Date of Referral;Notes\r\n204420;07/03/2024 10:15;Caf\u00e9;beyond\r\n".encode()
    )
    (folder / "list 4.csv").write_bytes(
        "Child ID\tAssessment start date\tNotes\n204420\t07/03/2024\tCaf\u00e9\n".encode("cp1252")
    )
    (folder / "list 6.csv").write_bytes("Child ID,CIN start date\n204420,07/03/2024\n".encode("utf-16"))
    answer = ask(folder)
    text = [p.text for r in answer.records for p in r.passages]
    assert text.count("Notes: Caf\u00e9") == 2
    assert "beyond" in text
    assert answer.found == 3
    assert answer.held_back == ()


def test_the_same_file_made_again_gives_the_same_numbers_with_a_record_more(folder):
    lines = ["204420,06/03/2024,a", "204420,06/03/2024,b"]
    head = "Child ID,Date of contact,Words\n"
    (folder / "contacts.csv").write_text(head + "\n".join(lines))
    before = {r.key.native_id for r in ask(folder).records}
    (folder / "contacts.csv").write_text(
        head + "\n".join(["1,01/01/2020,x", "204420,01/01/2020,new", *lines])
    )
    after = {r.key.native_id for r in ask(folder).records}
    assert len(before) == 2
    assert before < after


def bomb():
    lines = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    return census(isla("<X>&l11;</X>"), head=f'<!DOCTYPE Message [<!ENTITY l0 "ha">{lines}]>')


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (bomb(), "unreadable"),
        (census(isla("<X>&e;</X>"), head='<!DOCTYPE M [<!ENTITY e SYSTEM "file:///etc/passwd">]>'), "unreadable"),
        (census(isla())[:-20], "unreadable"),
        ("<?xml version='1.0' encoding='klingon'?><Message><Children/></Message>", "unreadable"),
        ("", "unreadable"),
        ("<html><body/></html>", "unknown-kind"),
        (b"\x00\x01\x02", "unreadable"),
    ],
    ids=["bomb", "outside file", "cut short", "strange encoding", "empty", "no census", "no xml"],
)  # fmt: skip
def test_a_hostile_or_broken_census_is_held_back_and_the_other_files_are_read(folder, content, code):
    (folder / "a.xml").write_bytes(content if isinstance(content, bytes) else content.encode())
    (folder / "b.xml").write_text(census(isla(REFERRAL.format(on="2024-03-07"))))
    answer = ask(folder)
    assert ("a.xml", code) in held(answer)
    assert "b/204420/referral-2024-03-07" in {r.key.native_id for r in answer.records}
    assert "root:" not in str(answer)
    with pytest.raises(StoreRefused, match=r"a\.xml"):
        store_in(folder).check()


def test_children_before_a_broken_place_are_kept(folder):
    (folder / "a.xml").write_text(census(isla(REFERRAL.format(on="2024-03-07")), isla("<Broken>")))
    answer = ask(folder)
    assert answer.found == 2
    assert held(answer) == {("a.xml", "unreadable")}


def test_an_entry_with_endless_parts_is_held_back(folder, monkeypatch):
    monkeypatch.setattr(tables_census, "MAX_PARTS", 100)
    (folder / "a.xml").write_text(census(isla(), isla("<X>1</X>" * 200)))
    assert ("a.xml", "too-large") in held(ask(folder))


def test_a_row_without_a_day_or_with_a_nul_is_held_back_alone(folder):
    (folder / "contacts.csv").write_bytes(
        b"Child ID,Date of contact,Words\n204420,soon,a\n204420,06/03/2024,b\x00b\n204420,07/03/2024,c\n"
    )
    answer = ask(folder)
    assert [r.dated_on for r in answer.records] == [date(2024, 3, 7)]
    assert {code for _, code in held(answer)} == {"undated", "unreadable"}


def test_files_of_another_kind_links_and_sheets_without_children_are_held_back(folder, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "secret.csv"
    outside.write_text("Child ID,Date of contact\n204420,06/03/2024\n")
    (folder / "link.csv").symlink_to(outside)
    (folder / "notes.docx").write_bytes(b"x")
    (folder / "holidays.csv").write_text("When,Where\n2024,Sea\n")
    (folder / "broken.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    (folder / ".DS_Store").write_bytes(b"x")
    answer = ask(folder)
    assert answer.records == ()
    assert held(answer) == {
        ("link.csv", "unreadable"),
        ("notes.docx", "unknown-kind"),
        ("holidays", "unknown-kind"),
        ("broken.xlsx", "unreadable"),
    }


def test_a_workbook_that_unpacks_without_end_and_a_file_beyond_all_size_are_held_back(folder, monkeypatch):
    book = openpyxl.Workbook()
    book.active.append(["Child ID", "Date of contact"])
    book.save(folder / "contacts.xlsx")
    monkeypatch.setattr(tables_annex, "_MAX_UNPACKED", 10)
    assert held(ask(folder)) == {("contacts.xlsx", "too-large")}
    store = store_in(folder)
    store._max_bytes = 10
    assert {h.code for h in store.answer(SubjectQuery(subject=ISLA), at=AT).held_back} == {"too-large"}


def test_a_large_census_is_never_held_whole(folder):
    filler = "<Note>" + "words and words " * 40 + "</Note>"
    others = (CHILD.format(id=n, born="2015-01-01", more=filler) for n in range(300000, 306000))
    (folder / "a.xml").write_text(census(*others, isla(REFERRAL.format(on="2024-03-07"))))
    assert (folder / "a.xml").stat().st_size > 4_000_000
    tracemalloc.start()
    try:
        answer = ask(folder, into=lambda _records: None)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert answer.found == 2
    assert peak < 2_000_000, peak


def test_nobody_else_is_found_and_nothing_is_nothing(folder):
    filled(folder)
    for subject in (STRANGER, LEANNE, person("Nobody Here", date(2012, 9, 1))):
        answer = ask(folder, subject)
        assert (answer.kind, answer.held_back) == (AnswerKind.NOTHING_HELD, ())


def test_a_folder_that_is_not_there_or_empty_is_a_fault_never_nothing_held(folder):
    with pytest.raises(StoreRefused, match="no file"):
        ask(folder)
    with pytest.raises(StoreUnavailable):
        ask(folder / "gone")


def test_it_is_reached_through_the_connections(folder):
    filled(folder)
    (folder / "stores.toml").write_text(
        '[[store]]\nname = "r"\nlabel = "Returns"\ncontroller = "C"\ndata_class = "social-work"\nkind = "tables"'
    )
    reach = folder / "connections.toml"

    def load(words):
        reach.write_text(words)
        return load_stores(folder / "stores.toml", connections=reach, variables={}, reader=DocumentReading())

    [store] = load('[r]\npath = "cin_census_2026.xml"\nchild_number = "local case number"')
    assert store.check() == "Returns: 1 files, each can be read to its end."
    # The number is asked for as what the connections say it is; the pupil number still finds her.
    assert (
        store.answer(SubjectQuery(subject=ISLA), at=AT).records[0].provenance.found_by
        == "unique pupil number"
    )
    with pytest.raises(BadMapping, match="shoe size"):
        load('[r]\npath = "x"\nchild_number = "shoe size"')
    with pytest.raises(BadMapping, match="colour"):
        load('[r]\npath = "x"\ncolour = "red"')


def test_folders_in_the_folder_and_hidden_files_are_read_and_only_leftovers_are_not(folder, tmp_path_factory):
    good = census(isla(REFERRAL.format(on="2024-03-07")))
    outside = tmp_path_factory.mktemp("outside")
    (outside / "secret.xml").write_text(good)
    (folder / "2024" / "autumn").mkdir(parents=True)
    (folder / "2024" / "autumn" / "census.xml").write_text(good)
    (folder / "census.xml").write_text(good)
    (folder / ".census.xml").write_text(good)
    (folder / "elsewhere").symlink_to(outside)
    (folder / "~$census.xlsx").write_bytes(b"\x0aA Person".ljust(165, b"\0"))
    (folder / ".~lock.census.ods#").write_text(",A Person,host,01.01.2024 10:00,file:///x;")
    (folder / ".odd").write_bytes(b"x")
    answer = ask(folder)
    assert {r.key.native_id for r in answer.records if "referral" in r.key.native_id} == {
        f"{place}/204420/referral-2024-03-07" for place in ("2024/autumn/census", "census", ".census")
    }
    assert held(answer) == {("elsewhere", "unreadable"), (".odd", "unknown-kind")}


def test_a_list_that_is_only_called_like_a_mark_of_a_program_is_read_or_held_back(folder):
    good = census(isla(REFERRAL.format(on="2024-03-07")))
    (folder / "~$kept").mkdir()
    for name in ("~$census.xml", ".~lock.census.xml", "~$kept/census.xml", "._census.xml"):
        (folder / name).write_text(good)
    (folder / "~$list.xlsx").write_bytes(b"x")
    (folder / ".~lock.list.ods#").write_text("9992044179")
    answer = ask(folder)
    assert {r.key.native_id for r in answer.records if "referral" in r.key.native_id} == {
        f"{place}/204420/referral-2024-03-07"
        for place in ("~$census", ".~lock.census", "~$kept/census", "._census")
    }
    assert held(answer) == {("~$list.xlsx", "unreadable"), (".~lock.list.ods#", "unknown-kind")}


def test_a_folder_with_endless_files_is_refused_and_not_read_in_part(folder, monkeypatch):
    for name in "abc":
        (folder / f"{name}.csv").write_text("Child ID,Date of contact\n204420,06/03/2024\n")
    monkeypatch.setattr(tables, "MAX_FILES", 2)
    with pytest.raises(StoreRefused, match="more than 2 files"):
        ask(folder)


def swelling(folder, part, words, times):
    book = openpyxl.Workbook()
    book.active.append(["Child ID", "Date of contact"])
    book.active.append(["204420", "2024-03-06"])
    book.save(folder / "whole.xlsx")
    with (
        zipfile.ZipFile(folder / "whole.xlsx") as source,
        zipfile.ZipFile(folder / "list.xlsx", "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for item in source.infolist():
            if item.filename != part:
                target.writestr(item.filename, source.read(item))
        target.writestr(part, words * times)
    (folder / "whole.xlsx").unlink()


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/worksheets/sheet9.xml"])
def test_a_small_workbook_whose_parts_swell_is_held_back_before_it_is_unpacked(folder, monkeypatch, part):
    monkeypatch.setattr(tables_annex, "_SWELLS_FROM", 100_000)
    swelling(folder, part, b"<si><t>a</t></si>", 50_000)
    monkeypatch.setattr(openpyxl, "load_workbook", lambda *_, **__: pytest.fail("it was opened"))
    assert held(ask(folder)) == {("list.xlsx", "too-large")}
    # One that swells less, and is no sheet though it is called one, is not held whole in memory either.
    monkeypatch.setattr(tables_annex, "_MAX_RATIO", 10_000)
    monkeypatch.setattr(tables_annex, "_MAX_PART", 100_000)
    assert held(ask(folder)) == {("list.xlsx", "too-large")}


@pytest.mark.parametrize(("limit", "value"), [("MAX_ROWS", 1), ("DEADLINE_S", 0)])
def test_a_list_with_endless_or_endlessly_slow_rows_keeps_what_was_read(folder, monkeypatch, limit, value):
    monkeypatch.setattr(tables_annex, limit, value)
    rows = "204420,06/03/2024\n204420,07/03/2024\n"
    (folder / "contacts.csv").write_text(f"Child ID,Date of contact\n{rows}")
    answer = ask(folder)
    assert held(answer) == {("contacts", "too-large")}
    assert answer.found == (1 if limit == "MAX_ROWS" else 0)


def test_a_date_beyond_all_dates_ends_no_answer(folder):
    (folder / "contacts.csv").write_text(
        "Child ID,Date of contact\n204420,0001-01-01T00:00:00Z\n204420,2024-03-06\n"
    )
    (folder / "census.xml").write_text(census(isla(REFERRAL.format(on="9999-12-31T23:59:59-05:00"))))
    assert date(2024, 3, 6) in {r.dated_on for r in ask(folder).records}


def test_a_child_that_cannot_be_made_sense_of_is_held_back_alone(folder, monkeypatch):
    (folder / "contacts.csv").write_text("Child ID,Date of contact\n204420,06/03/2024\n204420,07/03/2024\n")
    numbered = tables.Child.numbered
    monkeypatch.setattr(
        tables.Child,
        "numbered",
        lambda child, seen: (
            {}["x"] if next(iter(child.made())).dated_on == date(2024, 3, 6) else numbered(child, seen)
        ),
    )
    answer = ask(folder)
    assert [r.dated_on for r in answer.records] == [date(2024, 3, 7)]
    assert held(answer) == {("contacts/204420", "unreadable")}
