"""Whatever is wrong with what we are given: clear words, what to do, nothing lost and nothing half-done."""

from __future__ import annotations

import resource
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from sar.bootstrap import House
from sar.demonstration.databases import build_databases
from sar.domain.errors import SARError
from sar.domain.records import AnswerKind
from sar.domain.trail import EventKind
from tests.journeys.conftest import Said
from tests.journeys.stage import (
    NOBODY_ANSWERS,
    STORES,
    TRUST,
    Journey,
    house_at,
    plain,
    sar,
    stores_folder,
    words_of,
)

pytestmark = pytest.mark.timeout(900)


def refused(said: Said | subprocess.CompletedProcess[str], *words: str) -> None:
    """Exit 2, in words, with a next step and no traceback."""
    assert said.returncode == 2, said.stdout + said.stderr
    assert "What to do" in said.stderr
    assert "Traceback" not in said.stderr
    for word in words:
        assert word in said.stderr


# ------------------------------------------------------------------------------------------- stores


@pytest.fixture
def untidy(tmp_path: Path, houses: list[House]) -> Callable[[], Journey]:
    """Leanne's request over the council's documents and database, after a test has spoilt something in them."""
    stores = stores_folder(tmp_path / "stores", ["council_ssd", "council_documents"])
    build_databases(STORES, tmp_path / "databases")

    def begin() -> Journey:
        house = house_at(tmp_path / "data", stores, {"databases": str(tmp_path / "databases")})
        houses.append(house)
        return Journey.begin(house)

    return begin


def held_back(journey: Journey) -> dict[str, str]:
    return {h.key.native_id: h.code for a in journey.answers() for h in a.held_back}


def test_an_unreadable_file_is_held_back_told_to_the_officer_and_the_family_and_the_rest_goes_on(
    untidy: Callable[[], Journey], tmp_path: Path
) -> None:
    documents = tmp_path / "stores" / "documents" / "council"
    certificate = documents / "2025-06-12-dbs-certificate.pdf"
    certificate.write_bytes(b"%PDF-1.7\n" + b"garbage " * 500)
    minutes = documents / "2024-03-08-strategy-minutes.docx"
    minutes.write_bytes(minutes.read_bytes()[:2000])
    journey = untidy()
    journey.gather()
    held = held_back(journey)
    assert held[certificate.name] == "unreadable"
    assert held[minutes.name] == "unreadable"
    found = {str(r.key) for r in journey.records()}
    assert "council_documents/2024-04-29-closing-letter.pdf" in found
    assert "council_ssd/CN-7012" in found
    page = journey.house.services.enquiries.case_page(journey.reference, on=journey.house.clock().date())
    assert {row.code for row in page.held_back} >= {"unreadable"}
    search = next(r for r in journey.records() if "search-log" in str(r.key))
    assert "read by the program" in " ".join(p.text for p in search.passages)
    assert [e.facts["held_back"] for e in journey.events(EventKind.STORE_ANSWERED)].count(0) <= 1


def test_a_record_without_a_date_or_of_an_unknown_kind_is_held_back_never_guessed(
    untidy: Callable[[], Journey], tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "databases" / "council_ssd.sqlite")) as owner, owner:
        owner.execute("PRAGMA ignore_check_constraints = ON")
        owner.execute("UPDATE local_case_notes SET note_date = 'one day' WHERE note_id = 'CN-7018'")
        owner.execute("UPDATE local_case_notes SET kind = 'horoscope' WHERE note_id = 'CN-7019'")
    journey = untidy()
    journey.gather()
    held = held_back(journey)
    assert held["CN-7018"] == "undated"
    assert held["CN-7019"] == "unknown-kind"
    found = {r.key.native_id for r in journey.records()}
    assert "CN-7020" in found
    assert not {"CN-7018", "CN-7019"} & found


def test_an_unknown_kind_in_a_mapping_is_named_and_never_passed_over_in_silence(
    command: Callable[..., Said], untidy: Callable[[], Journey], tmp_path: Path
) -> None:
    mapping = tmp_path / "stores" / "council_ssd.mapping.toml"
    right = mapping.read_text()
    mapping.write_text(right.replace('kind = "referral"', 'kind = "astrology"', 1))
    folder = installation(
        tmp_path / "other",
        f'controller = "{TRUST}"\nstores = "{tmp_path / "stores" / "stores.toml"}"\n'
        f'[variables]\ndatabases = "{tmp_path / "databases"}"\n',
    )
    refused(command("stores", "check", data=folder), "astrology", "council_ssd.mapping.toml")
    journey = untidy()
    journey.gather()
    held = {str(h.key.native_id): h.why for a in journey.answers() for h in a.held_back}
    assert "not searched" in held["table ssd_contacts"]
    mapping.write_text(right)
    mended = replace(journey, house=untidy().house)
    mended.gather()
    assert {a.kind for a in mended.answers()} == {AnswerKind.FOUND}
    assert any("CONT-3101" in str(r.key) for r in mended.records())


def no_case(folder: Path) -> bool:
    with closing(sqlite3.connect(folder / "sar.db")) as database:
        return bool(database.execute("SELECT count(*) FROM cases").fetchone() == (0,))


def installation(folder: Path, settings: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "sar.toml").write_text(settings)
    return folder


@pytest.mark.parametrize(
    ("broken", "named"),
    [
        ("[[store]\nname = ", "stores.toml"),
        ('[[store]]\nname = "x"\n', "store 1"),
        ('[[store]]\nname = "x"\nlabel = "X"\ncontroller = "Y"\nkind = "oracle"\n', "oracle"),
        ('[[store]]\nname = "x"\nlabel = "X"\ncontroller = "Y"\nkind = "sql"\n', "how to reach"),
    ],
)
def test_broken_stores_settings_are_named(
    command: Callable[..., Said], tmp_path: Path, broken: str, named: str
) -> None:
    folder = installation(tmp_path / "data", f'controller = "{TRUST}"\nstores = "stores.toml"\n')
    (folder / "stores.toml").write_text(broken)
    (folder / "connections.toml").write_text("")
    refused(command("stores", "check", data=folder), named)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ('colour = "red"\n', "colour"),
        ("controller = \n", "sar.toml"),
        ('port = "many"\n', "port"),
        ('contact = ["a line"]\n', "contact"),
    ],
)
def test_wrong_settings_are_named(
    command: Callable[..., Said], tmp_path: Path, settings: str, named: str
) -> None:
    folder = installation(tmp_path / "data", settings)
    refused(command("gather", "SA-2026-0001", data=folder), named)
    assert not list(folder.glob("*.db")) or no_case(folder)


def test_a_store_that_is_not_there_is_told_by_name_and_the_answer_is_no(
    command: Callable[..., Said], tmp_path: Path
) -> None:
    stores = stores_folder(tmp_path / "stores", ["council_ssd"])
    folder = installation(
        tmp_path / "data",
        f'controller = "{TRUST}"\nstores = "{stores}"\n[variables]\ndatabases = "{tmp_path}/nowhere"\n',
    )
    said = command("stores", "check", data=folder)
    assert said.returncode == 1
    assert "NO  council_ssd" in said.stdout
    assert "Traceback" not in said.stderr


# -------------------------------------------------------------------------------------------- rules


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A folder for a rule that is spoilt; an installation that uses it."""
    (tmp_path / "rules").mkdir()
    installation(tmp_path / "data", f'rules = "{tmp_path / "rules"}"\n')
    return tmp_path / "rules"


RULE = """
[[rule]]
id = "test.rule"
title = "A test"
statute = "Data Protection Act 2018, Schedule 2, paragraph 16"
exemption = "3RD-PARTY"
who_decides = "records officer"
looks_for = "pattern"
reason = "To try."
proposal_kind = "phone"
pattern = 'zz[0-9]+'
match = ["call zz12 now"]
not = ["call me"]
"""


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ("'zz[0-9]+'", "'zz([0-9+'", "test.rule"),
        ("'zz[0-9]+'", r"'(zz)\1'", "test.rule"),
        ('statute = "Data Protection Act 2018, Schedule 2, paragraph 16"\n', "", "statute"),
        ('statute = "Data Protection Act 2018, Schedule 2, paragraph 16"', 'statute = ""', "statute"),
        ('["call zz12 now"]', '["call nobody"]', "test.rule"),
        ('exemption = "3RD-PARTY"', 'exemption = "BECAUSE"', "BECAUSE"),
        ("[[rule]]", "[[rule]", "test.toml"),
    ],
    ids=["bad pattern", "backreference", "no citation", "empty citation", "example fails", "unknown exemption",
         "not TOML"],
)  # fmt: skip
def test_a_bad_rule_stops_the_program_before_anything_is_proposed(
    command: Callable[..., Said], rules: Path, old: str, new: str, named: str
) -> None:
    (rules / "test.toml").write_text(RULE)
    assert command("rules", "check", data=rules.parent / "data").returncode == 0
    assert old in RULE
    (rules / "test.toml").write_text(RULE.replace(old, new))
    refused(command("rules", "check", data=rules.parent / "data"), named)


# ---------------------------------------------------------------------------------------- full disk


def at_most(size: int) -> Callable[[], None]:
    """No file of the child may grow beyond a size: a disk that fills up while it works."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))

    return limit


@pytest.mark.parametrize("size", [10_000, 300_000])
def test_a_disk_that_fills_up_stops_the_demo_with_words_and_leaves_a_whole_trail(
    tmp_path: Path, size: int
) -> None:
    folder = tmp_path / "data"
    said = sar("demo", "--no-serve", "--out", tmp_path / "out", data=folder, before=at_most(size))
    refused(said, "space")
    assert not list((tmp_path / "out").glob("*.pdf"))
    if (folder / "sar.db").exists() and (folder / "sar.db").stat().st_size:
        again = sar("trail", "verify", data=folder)
        assert again.returncode == 0, again.stderr


REACH = (
    "client_id", "client_secret", "fhir_url", "fhir_token_url", "school_nursing_url", "school_nursing_token_url",
    "ambulance_url", "ambulance_token_url", "housing_url", "housing_token_url",
)  # fmt: skip


def test_a_full_disk_loses_nothing_of_a_case_that_was_there(copy: Path) -> None:
    def trail() -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(copy / "sar.db")) as database:
            return database.execute("SELECT * FROM events ORDER BY case_id, seq").fetchall()

    before, packs = trail(), {p: p.read_bytes() for p in (copy / "blobs").rglob("*") if p.is_file()}
    reach = {f"SAR_STORE_{n}".upper(): NOBODY_ANSWERS for n in REACH}
    said = sar("gather", "SA-2026-0002", data=copy, before=at_most(2_000), more=reach)
    refused(said, "space")
    assert trail() == before
    assert {p: p.read_bytes() for p in (copy / "blobs").rglob("*") if p.is_file()} == packs
    assert sar("trail", "verify", data=copy).returncode == 0
    after = sar("gather", "SA-2026-0002", data=copy, more=reach)
    assert after.returncode == 0, after.stderr
    assert "waiting for a worker" in after.stdout


def test_a_pack_that_cannot_be_kept_is_not_released_and_can_be_released_later(
    journey: Callable[..., Journey], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    made = journey()
    made.decide()
    made.sign_off()

    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("os.fsync", full)
        with pytest.raises(SARError) as stopped:
            made.release()
    assert stopped.value.exit_code == 2
    assert "space" in f"{stopped.value.message} {stopped.value.next_step}".casefold()
    assert not made.events(EventKind.PACK_BUILT, EventKind.PACK_RELEASED)
    pdf = tmp_path / "pack.pdf"
    pdf.write_bytes(made.release())
    assert plain("Leanne Hartley") in words_of(pdf)
    assert len(made.events(EventKind.PACK_RELEASED)) == 1


def test_a_folder_where_packs_cannot_be_written_is_told_and_the_packs_are_safe(
    tmp_path: Path, journey: Callable[..., Journey]
) -> None:
    made = journey()
    assert made.house.archive.heads()
    (tmp_path / "file").write_text("in the way")
    said = sar("inspect", tmp_path / "none.pdf", "--withheld", tmp_path / "file", data=tmp_path / "x")
    refused(said, "none.pdf")
    nowhere = sar("demo", "--no-serve", data=tmp_path / "file" / "data")
    refused(nowhere)


def test_a_list_that_is_not_text_is_wrong_usage_not_a_leak(
    command: Callable[..., Said], tmp_path: Path
) -> None:
    (tmp_path / "list.txt").write_bytes(b"\xff\xfeT\x00u\x00\x81")
    (tmp_path / "pack.pdf").write_bytes(b"%PDF-1.7 not much")
    refused(
        command("inspect", tmp_path / "pack.pdf", "--withheld", tmp_path / "list.txt", data=tmp_path / "x")
    )
