"""One command takes the sample family's request to packs that hold what they must and nothing they must not."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pikepdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from tests.journeys.conftest import Demo, Said
from tests.journeys.stage import HARTLEY, LEGS, listed, plain, sar, words_of, words_of_html

pytestmark = pytest.mark.timeout(900)

A4 = (595, 842)


def pack_of(demo: Demo, leg: str) -> Path:
    return demo.out / f"pack-{leg}.pdf"


def test_the_demo_ends_well_and_says_each_step(demo: Demo) -> None:
    assert demo.code == 0, demo.stderr
    assert demo.stderr == ""
    for step in ("received", "Gathered, round 1", "replays what an invented officer recorded", "signed off by a "
                 "second person", "Correction: open", "Trail verified"):  # fmt: skip
        assert step in demo.stdout


def test_there_is_a_pack_for_each_leg_and_its_copies_beside_it(demo: Demo) -> None:
    assert sorted(p.name for p in demo.out.glob("*.pdf")) == sorted(f"pack-{leg}.pdf" for leg in LEGS)
    kept = {p.name for p in (demo.out / "copies").iterdir()}
    assert kept == {f"pack-{leg}.{kind}" for leg in LEGS for kind in ("html", "json")}


def test_the_lists_are_long_enough_to_prove_something() -> None:
    assert sum(len(listed(leg, "must-appear")) for leg in LEGS) >= 60
    assert sum(len(listed(leg, "must-not-appear")) for leg in LEGS) >= 60
    assert all(len(listed(leg, "must-appear")) >= 20 for leg in LEGS)
    assert all(len(listed(leg, "must-not-appear")) >= 20 for leg in LEGS)


@pytest.mark.parametrize("leg", LEGS)
def test_what_must_be_in_a_pack_is_in_it_and_what_must_not_is_in_no_form_of_it(demo: Demo, leg: str) -> None:
    read = words_of(pack_of(demo, leg))
    assert [s for s in listed(leg, "must-appear") if plain(s) not in read] == []
    forms = {"pdf": read, "joined": read.replace("- ", "-").replace(" ", "")}
    for kind in ("html", "json"):
        forms[kind] = plain((demo.out / "copies" / f"pack-{leg}.{kind}").read_text())
    for form, text in forms.items():
        squeezed = form == "joined"
        found = [
            s for s in listed(leg, "must-not-appear")
            if (len(s) > 8 and plain(s).replace(" ", "") in text if squeezed else plain(s) in text)
        ]  # fmt: skip
        assert found == [], f"in the {form} of {leg}"


def test_what_is_private_of_one_leg_is_disclosed_only_there(demo: Demo) -> None:
    leanne, marcus, isla = (words_of(pack_of(demo, leg)) for leg in LEGS)
    for words in ("willow court", "brackley motors", "01632 960377"):
        assert words in marcus, "Marcus must get what is his own"
        assert words not in leanne
        assert words not in isla
    for words in ("sertraline", "needle phobia"):
        assert words in leanne, "Leanne must get what is her own"
        assert words not in marcus
        assert words not in isla
    assert listed("marcus", "must-not-appear") != listed("leanne", "must-not-appear")


def test_nobody_learns_from_a_pack_that_another_asked(demo: Demo) -> None:
    assert "marcus.hartley@example.com" not in words_of(pack_of(demo, "leanne"))
    assert "leanne.hartley@example.com" not in words_of(pack_of(demo, "marcus"))
    for leg, other in (("leanne", "marcus"), ("marcus", "leanne")):
        data = json.loads((demo.out / "copies" / f"pack-{leg}.json").read_text())
        assert f'"{other}"' not in json.dumps(data.get("leg", ""))


@pytest.mark.parametrize("leg", LEGS)
def test_a_pack_is_a4_dated_tagged_and_can_be_found_ones_way_in(demo: Demo, leg: str) -> None:
    path = pack_of(demo, leg)
    with pikepdf.open(path) as pdf:
        assert not pdf.is_encrypted
        root = pdf.Root
        assert bool(root.MarkInfo.Marked)
        assert "/StructTreeRoot" in root
        assert str(root.Lang).lower().startswith("en")
        assert bool(root.ViewerPreferences.DisplayDocTitle)
        sizes = {tuple(round(float(n)) for n in page.mediabox[2:]) for page in pdf.pages}
        assert sizes == {A4}
        with pdf.open_metadata() as meta:
            assert meta["pdfuaid:part"] == "1"
            assert meta["dc:title"]
        with pdf.open_outline() as outline:
            titles = [child.title for item in outline.root for child in item.children]
        assert len(titles) >= 8
        assert len(set(titles)) == len(titles)
        pages = len(pdf.pages)
    read = words_of(path)
    assert f"page 1 of {pages}" in read or f"page 2 of {pages}" in read
    assert f"page {pages} of {pages}" in read
    assert "18 november 2026" in read


@pytest.mark.parametrize("leg", LEGS)
def test_a_pack_has_every_page_the_family_was_promised(demo: Demo, leg: str) -> None:
    read = words_of(pack_of(demo, leg))
    for page in ("a letter about", "what we searched", "who is named, and in what role", "words explained",
                 "what you can do next", "what we withheld, and why", "your rights", "164a",
                 "information commissioner"):  # fmt: skip
        assert page in read, page
    if leg != "marcus":
        assert "should we have been told?" in read
        assert "al-40112" in read if leg == "leanne" else "al-40113" in read


@pytest.mark.parametrize("leg", LEGS)
def test_a_pack_tells_where_nothing_was_held_and_where_our_number_is_of_no_use(demo: Demo, leg: str) -> None:
    read = words_of_html(demo.out / "copies" / f"pack-{leg}.html")
    assert "the ambulance handover record" in read
    assert "nothing held" in read
    assert "the council's housing record" in read
    assert "does not use the kind of number" in read
    assert "what is still missing" not in read, "every store answered in the end"


@pytest.mark.parametrize("leg", LEGS)
def test_anyone_can_verify_a_pack_offline(demo: Demo, leg: str, tmp_path: Path) -> None:
    said = sar("verify", pack_of(demo, leg), data=tmp_path / "nothing", more={"HOME": str(tmp_path)})
    assert said.returncode == 0, said.stderr
    fingerprint = said.stdout.strip().rsplit(" ", 1)[-1]
    assert fingerprint.lower() in words_of(pack_of(demo, leg)).replace(" ", "")


@pytest.mark.parametrize("leg", LEGS)
def test_the_gate_finds_nothing_in_a_pack_and_finds_one_planted_string(
    demo: Demo, leg: str, tmp_path: Path, command: Callable[..., Said]
) -> None:
    withheld = HARTLEY / leg / "must-not-appear.txt"
    clean = sar("inspect", pack_of(demo, leg), "--withheld", withheld, data=tmp_path)
    assert clean.returncode == 0, clean.stdout + clean.stderr
    planted = tmp_path / "planted.pdf"
    planted.write_bytes(with_words(pack_of(demo, leg), listed(leg, "must-not-appear")[0], page=3))
    caught = command("inspect", planted, "--withheld", withheld, data=tmp_path)
    assert caught.returncode == 1
    assert "page 4" in caught.stdout
    assert listed(leg, "must-not-appear")[0] not in caught.stdout, "the gate must not print what it looks for"


def with_words(pack: Path, words: str, *, page: int) -> bytes:
    """The pack with words printed over one page, by another program than ours."""
    sheet = BytesIO()
    canvas = Canvas(sheet, pagesize=A4)
    canvas.setFont("Helvetica", 7)
    canvas.drawString(300, 30, f"see {words} about it")
    canvas.save()
    sheet.seek(0)
    with pikepdf.open(pack) as pdf, pikepdf.open(sheet) as over:
        pikepdf.Page(pdf.pages[page]).add_overlay(over.pages[0], pikepdf.Rectangle(0, 0, *A4))
        out = BytesIO()
        pdf.save(out)
    return out.getvalue()


def test_one_changed_byte_anywhere_makes_a_pack_fail(
    demo: Demo, tmp_path: Path, command: Callable[..., Said]
) -> None:
    whole = pack_of(demo, "marcus").read_bytes()
    for share in (0.001, 0.3, 0.8, 0.999):
        changed = bytearray(whole)
        at = int(len(whole) * share)
        changed[at] ^= 1
        path = tmp_path / f"changed-{at}.pdf"
        path.write_bytes(changed)
        said = command("verify", path, data=tmp_path)
        assert said.returncode == 1, f"byte {at}: {said.stdout}"
        assert "What to do" in said.stderr
    for name, content in (("cut.pdf", whole[:-100]), ("longer.pdf", whole + b"\n%more")):
        (tmp_path / name).write_bytes(content)
        assert command("verify", tmp_path / name, data=tmp_path).returncode == 1, name
    # And once as a person would: what the process ends with is what a script goes by.
    assert sar("verify", tmp_path / "cut.pdf", data=tmp_path).returncode == 1


def test_another_reader_opens_every_pack_without_a_complaint(demo: Demo) -> None:
    assert shutil.which("pdfinfo")
    for leg in LEGS:
        said = subprocess.run(["pdfinfo", pack_of(demo, leg)], capture_output=True, text=True, check=True)
        assert said.stderr == ""
        assert "Tagged:          yes" in said.stdout
        assert "JavaScript:      no" in said.stdout
