"""Fonts and stylesheets as fetched: what browsers and the renderer are given is fit to be shown."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.architecture.tree import PROGRAM, TOP, kept_files, shown

VENDOR = PROGRAM / "web" / "static" / "vendor"
FONTS = PROGRAM / "packs" / "fonts"
FACE = re.compile(
    r'@font-face\{font-family:"(?P<family>[^"]+)";font-style:(?P<style>\w+);font-weight:(?P<weight>\d+)'
    r"[^}]*?url\((?P<file>[^)]+)\)"
)
FAMILY = "Atkinson Hyperlegible Next"


def lone_families(style: str) -> list[str]:
    """Declarations that name the pack's font without its second half, which holds the letters of Wales."""
    named = re.findall(r"font(?:-family)?\s*:[^;}]*", style)
    return [line for line in named if FAMILY in line and f"{FAMILY} Extended" not in line]


def test_the_stylesheet_is_here_and_shows_neither_crown_nor_its_typeface() -> None:
    style = (VENDOR / "govuk-frontend.min.css").read_text(encoding="utf-8")
    assert ".govuk-button" in style
    assert not re.search(r"GDS Transport|crest|/assets/|url\(.?https?:", style)


@pytest.mark.parametrize("sheet", [VENDOR / "govuk-frontend.min.css", FONTS / "fonts.css"], ids=shown)
def test_every_font_named_is_beside_its_stylesheet(sheet: Path) -> None:
    faces = list(FACE.finditer(sheet.read_text(encoding="utf-8")))
    assert len(faces) == 8
    assert [face["file"] for face in faces if not (sheet.parent / face["file"]).is_file()] == []


def test_the_renderer_gets_one_file_a_family_weight_and_style() -> None:
    # Two would be taken for one font: "Łódź" was printed as "Oód" while its text still read right.
    faces = FACE.finditer((FONTS / "fonts.css").read_text(encoding="utf-8"))
    counted = Counter((face["family"], face["style"], face["weight"]) for face in faces)
    assert counted
    assert {face: files for face, files in counted.items() if files > 1} == {}


def test_pack_stylesheets_name_both_halves_of_the_font() -> None:
    # A stylesheet for screens is read by a browser, which finds each letter a font by itself.
    sheets = [
        file
        for file in kept_files()
        if file.suffix == ".css" and TOP / "templates" in file.parents and file.name != "screen.css"
    ]
    found = {shown(file): lone_families(file.read_text(encoding="utf-8")) for file in sheets}
    assert {file: lines for file, lines in found.items() if lines} == {}


def test_half_a_font_is_noticed() -> None:
    assert lone_families(f'p{{font-family:"{FAMILY}",arial}}')
    assert lone_families(f'p{{font-family:"{FAMILY}","{FAMILY} Extended",arial}}') == []
