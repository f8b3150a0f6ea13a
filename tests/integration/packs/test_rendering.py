"""The laid-out pack, looked at through other programs."""

from __future__ import annotations

import copy
import json
import multiprocessing
import shutil
import subprocess
from dataclasses import replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pytest

from sar.domain.disclosure import PLACEHOLDER, DisclosedPassage, Hidden, Shown
from sar.domain.errors import EnvironmentFault, InvalidInput
from sar.packs.manifest import ATTACHMENT
from sar.packs.rendering import PackRenderer
from tests.unit.packs.sample_pack import childs_pack, sample_pack, shown

TEMPLATES = Path(__file__).parents[3] / "templates"


def _text(pdf: bytes) -> str:
    with pdfium.PdfDocument(pdf) as document:
        return "\n".join(document[n].get_textpage().get_text_range() for n in range(len(document)))


def _elements(pdf: pikepdf.Pdf):
    return [o for o in pdf.objects if isinstance(o, pikepdf.Dictionary) and o.get("/Type") == "/StructElem"]


def _one_record(*passages: DisclosedPassage):
    pack = sample_pack(records=1)
    return replace(pack, records=(replace(pack.records[0], passages=passages),))


def test_the_pdf_is_tagged_titled_dated_and_in_our_language(rendered):
    with pikepdf.open(BytesIO(rendered.pdf)) as pdf:
        assert pdf.Root.Lang == "en-GB"
        assert pdf.Root.MarkInfo.Marked
        assert pdf.Root.ViewerPreferences.DisplayDocTitle
        assert dict(pdf.docinfo) == {
            "/Title": "Your records: SA-2031-0042, 18 November 2026",
            "/Producer": "sar",
            "/CreationDate": "D:20261118",
            "/ModDate": "D:20261118",
        }
        xmp = pdf.Root.Metadata.read_bytes()
        assert b"pdfuaid:part=" in xmp
        assert b"WeasyPrint" not in xmp
        levels = [int(str(e.S)[2:]) for e in _elements(pdf) if str(e.S) in ("/H1", "/H2", "/H3")]
        assert levels.count(1) == 1
        assert levels.index(1) == 0
        assert all(after - before <= 1 for before, after in pairwise(levels))
        headers = [e for e in _elements(pdf) if e.S == "/TH"]
        assert headers
        assert all(e.A.Scope in ("/Column", "/Row") for e in headers)


def test_bookmarks_lead_to_every_part_and_record(rendered):
    with pdfium.PdfDocument(rendered.pdf) as document:
        titles = [b.get_title() for b in document.get_toc()]
    assert "What we withheld, and why" in titles
    assert sum(t.startswith("Record ") for t in titles) == 12


def test_the_contents_say_the_true_page(rendered):
    with pdfium.PdfDocument(rendered.pdf) as document:
        texts = [document[n].get_textpage().get_text_range() for n in range(len(document))]
    first = next(
        n for n, text in enumerate(texts, start=1) if "Check that this pack is genuine" in text and n > 2
    )
    row = next(line for line in texts[1].splitlines() if line.startswith("Check that this pack"))
    following = texts[1].splitlines()[texts[1].splitlines().index(row) + 1]
    assert str(first) in (row.split()[-1], following.strip())
    assert f"Page 2 of {rendered.pages}" in texts[1]


def test_poppler_finds_names_and_marks(rendered, tmp_path):
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not on this machine")
    path = tmp_path / "pack.pdf"
    path.write_bytes(rendered.pdf)
    text = subprocess.run(["pdftotext", path, "-"], check=True, capture_output=True, text=True).stdout
    for words in (
        "Ruth Calloway",
        "Priya Raman",
        "Dr Owen Marsh",
        f"{PLACEHOLDER} A",
        "SA-2031-0042",
        "20 November 2026",
    ):
        assert words in text


def test_the_manifest_travels_inside_as_data(rendered):
    with pikepdf.open(BytesIO(rendered.pdf)) as pdf:
        held = pdf.attachments[ATTACHMENT]
        assert held.get_file().read_bytes() == rendered.manifest
        assert held.obj.AFRelationship == "/Data"


def test_the_same_pack_gives_the_same_bytes_in_another_process(rendered):
    renderer = PackRenderer()
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        other = pool.apply(copy.copy(renderer).render, (childs_pack(),))
    here = renderer.render(childs_pack())
    assert (other.pdf, other.html, other.data) == (here.pdf, here.html, here.data)


def test_what_is_hidden_changes_neither_the_size_of_the_mark_nor_anything_else():
    def pdf(*hidden: Hidden) -> bytes:
        pieces = (Shown(text="The caller was "), *hidden, Shown(text=" of this street."))
        return PackRenderer().render(_one_record(DisclosedPassage(label="Note", pieces=pieces))).pdf

    with pdfium.PdfDocument(pdf(Hidden(ground="A"))) as a, pdfium.PdfDocument(pdf(Hidden(ground="B"))) as b:
        places = []
        for document in (a, b):
            pages = [document[n].get_textpage() for n in range(len(document))]
            page = next(p for p in pages if "The caller was" in p.get_text_range())
            places.append(page.get_charbox(page.get_text_range().index("of this street"))[0])
    assert places[0] == pytest.approx(places[1], abs=0.01)


def test_hostile_words_stay_words():
    evil = '<img src="http://127.0.0.1:9/x"><link rel=attachment href="file:///etc/passwd"><script>1</script>{{ 7*7 }}'
    out = PackRenderer().render(_one_record(shown(evil, evil)))
    assert "<script>" not in out.html.decode()
    assert "{{ 7*7 }}" in out.html.decode()
    with pikepdf.open(BytesIO(out.pdf)) as pdf:
        assert list(pdf.attachments) == [ATTACHMENT]
    assert "/etc/passwd" in _text(out.pdf)


def test_line_breaks_of_a_record_are_kept():
    text = _text(PackRenderer().render(_one_record(shown("Note", "First line\n  second line"))).pdf)
    assert [line.strip() for line in text.splitlines() if line.strip() in ("First line", "second line")] == [
        "First line",
        "second line",
    ]


def test_a_childs_pack_is_about_the_child_and_leaves_empty_parts_out():
    text = _text(PackRenderer().render(childs_pack()).pdf)
    assert "For Ruth Calloway" in text
    assert "There is one record in this pack." in text
    assert "Who was told" not in text
    assert "No words were withheld" in text


def test_a_pack_without_records_still_says_where_we_looked():
    text = _text(PackRenderer().render(replace(childs_pack(), records=())).pdf)
    assert "There are no records to send you." in text
    assert "What it answered" in text


def test_the_html_copy_stands_alone(rendered):
    page = rendered.html.decode()
    assert page.startswith("<!doctype html>") or page.lstrip().startswith("<!doctype html>")
    assert "http://" not in page
    assert "https://" not in page
    assert 'lang="en-GB"' in page
    assert page.count("<h1>") == 1
    assert json.loads(rendered.data)["reference"] == "SA-2031-0042"


def test_missing_fonts_say_what_to_type(no_fonts):
    with pytest.raises(EnvironmentFault) as stop:
        PackRenderer(fonts=no_fonts).render(childs_pack())
    assert "make setup" in stop.value.next_step


def test_a_template_that_asks_for_a_file_builds_nothing(tmp_path):
    shutil.copytree(TEMPLATES / "pack", tmp_path / "pack")
    page = tmp_path / "pack" / "pack.html.jinja"
    page.write_text(page.read_text().replace("<main>", '<main><img src="file:///etc/hostname" alt="">'))
    with pytest.raises(InvalidInput, match="outside"):
        PackRenderer(templates=tmp_path).render(childs_pack())


def test_a_record_in_letters_we_cannot_show_names_the_record_and_builds_nothing():
    with pytest.raises(EnvironmentFault, match="Record 1 holds letters"):
        PackRenderer().render(_one_record(shown("Note", "\u0645\u0646\u0649")))
