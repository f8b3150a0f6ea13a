"""Our own words in the pack: plain, in order, and silent about what was withheld."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sar.domain.alerts import recipients_record
from sar.domain.disclosure import DisclosedPassage, Hidden, Shown
from sar.domain.errors import EnvironmentFault
from sar.domain.references import SubjectId
from sar.domain.written import TEAM
from sar.domain.written import TOGETHER as WRITTEN_TOGETHER
from sar.packs.characters import Characters
from sar.packs.layout import TOGETHER, counted, day, grouped, joined, sections, uses
from sar.packs.manifest import Manifest, data_copy, digest
from tests.unit.packs.sample_pack import childs_pack, sample_pack

TEMPLATE = Path(__file__).parents[3] / "templates" / "pack" / "pack.html.jinja"
LATIN = Characters(covered=frozenset(range(0x20, 0x17F)) | {0x2013, 0x2014, 0x2019, 0x2022, 0x3BC})


def _syllables(word: str) -> int:
    return max(
        1, len(re.findall(r"[aeiouy]+", word.lower())) - (word.lower().endswith("e") and len(word) > 3)
    )


def test_our_own_words_are_read_at_grade_eight_or_below():
    text = re.sub(
        r"\{[{%#].*?[}%#]\}|<title>.*?</title>|<style>.*?</style>", " ", TEMPLATE.read_text(), flags=re.DOTALL
    )
    text = re.sub(r"</(?:p|h\d|li|th|td)>", ". ", text)
    text = re.sub(r"<[^>]+>", " ", text)
    sentences = [s for s in re.split(r"[.?!:]+\s", text) if len(s.split()) > 2]
    words = [w for s in sentences for w in re.findall(r"[A-Za-z’']+", s)]
    grade = 0.39 * len(words) / len(sentences) + 11.8 * sum(map(_syllables, words)) / len(words) - 15.59
    assert len(words) > 700
    assert grade <= 8, f"grade {grade:.1f}"


def test_dates_counts_and_lists_read_as_people_write_them():
    assert day("2026-10-03") == "3 October 2026"
    assert [counted(n, "record", "records") for n in (0, 1, 2)] == ["0 records", "1 record", "2 records"]
    assert [joined(n) for n in ([], ["A"], ["A", "B"], ["A", "B", "C"])] == ["", "A", "A and B", "A, B and C"]
    assert grouped("ab" * 8) == "abababab abababab"


def test_a_part_with_nothing_in_it_is_left_out():
    assert "Who was told" in [s.title for s in sections(sample_pack())]
    short = [s.id for s in sections(childs_pack())]
    assert not {"alerts", "told", "recipients", "disagree", "matters"} & set(short)
    assert {"search", "records", "schedule", "genuine"} <= set(short)


def test_the_page_looks_for_the_labels_that_are_written():
    assert TOGETHER == WRITTEN_TOGETHER
    assert TEMPLATE.read_text().count(f'"{TEAM}"') == 2
    [nobody] = recipients_record([], subject=SubjectId("ruth"), at=datetime(2026, 11, 2, tzinfo=UTC)).passages
    assert TEMPLATE.read_text().count(f'"{nobody.label}"') == 1


def test_the_schedule_does_not_change_with_how_often_or_how_much_is_hidden():
    record = sample_pack(records=1).records[0]
    once = replace(record, passages=(DisclosedPassage(label="Note", pieces=(Hidden(ground="A"),)),))
    often = replace(
        record,
        passages=(DisclosedPassage(label="Note", pieces=(Hidden(ground="A"), Shown(text=" and ")) * 9),),
    )
    pack = sample_pack(records=1)
    assert uses(replace(pack, records=(once,))) == uses(replace(pack, records=(often,)))


def test_the_manifest_digests_what_is_disclosed_and_names_nobody():
    pack = sample_pack(records=3)
    data = data_copy(pack)
    manifest = Manifest.of(pack, data)
    assert Manifest.read(manifest.to_json()) == manifest
    text = manifest.to_json().decode()
    assert all(name not in text for name in ("Ruth", "ruth", "Calloway", "Fenwater"))
    changed = replace(pack.records[1], dated_on=date(2020, 1, 1))
    assert digest(changed) != digest(pack.records[1])
    assert (
        Manifest.of(replace(pack, records=(pack.records[0], changed)), data).records[0] == manifest.records[0]
    )


def test_the_data_copy_marks_a_gap_as_no_text_could():
    given = json.loads(data_copy(sample_pack(records=1)))
    pieces = given["records"][0]["passages"][1]["pieces"]
    assert {"withheld": "A"} in pieces
    assert given["records"][0]["number"] == 1


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("thumbs \U0001f44d up", "thumbs [sign: thumbs up sign] up"),
        ("bell\x07", "bell[unreadable sign]"),
        ("\ufb01nd", "find"),
        ("soft\u00adhyphen zero\u200bwidth", "softhyphen zerowidth"),
        ("non\u2011breaking\u202fspace", "non-breaking space"),
        ("Zoe\u0308", "Zoë"),
        ("line\u2028end\r\nnext", "line\nend\nnext"),
        ("right \u202eto left", "right to left"),
    ],
)
def test_signs_without_a_glyph_are_named_not_boxed(written, shown):
    assert LATIN.clean(written, place="Record 1") == shown


def test_letters_without_a_glyph_stop_the_build_and_say_where():
    with pytest.raises(EnvironmentFault) as stop:
        LATIN.clean("منى", place="Record 12")
    assert "Record 12" in stop.value.message
    assert "Arabic" in stop.value.message
    assert "منى" not in stop.value.message
