import hashlib
import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from sar.domain.records import Passage, RecordKind
from sar.domain.references import SubjectId
from tests.fakes.ports import record

NOTE = record("1", "Seen at home.", "Plan: none.")


@pytest.mark.parametrize(
    "changed",
    [
        record("1", "Seen at home. ", "Plan: none."),
        record("1", "Seen at home.Plan: none."),
        record("1", "Plan: none.", "Seen at home."),
        record("1", "Seen at home.", "Plan: none.", on=date(2024, 3, 5)),
        record("1", "Seen at home.", "Plan: none.", kind=RecordKind.VISIT),
        replace(NOTE, passages=(replace(NOTE.passages[0], label="Other"), NOTE.passages[1])),
    ],
)
def test_any_change_of_content_is_another_version(changed):
    assert changed.version != NOTE.version


def test_the_version_of_what_was_kept_years_ago_is_the_same_today():
    odd = record("1", 'Said "no\\yes"\t\x01\n\u2028 \u00e9 \U0001f600', "")
    content = [odd.kind.value, "2024-03-04", [[p.label, p.text] for p in odd.passages]]
    packed = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    assert odd.version == hashlib.sha256(packed.encode()).hexdigest()
    assert NOTE.version == "ae8963d5e9c63469396eee94259aee3ff4033adc14f7290bc17ad9d0e65e3a39"


def test_where_and_when_it_was_found_is_no_part_of_the_version():
    found_again = record(
        "99",
        "Seen at home.",
        "Plan: none.",
        store="desk",
        about=("marcus",),
        at=datetime(2027, 1, 1, tzinfo=UTC),
    )
    assert found_again.version == NOTE.version


def test_labels_and_texts_cannot_be_shifted_into_each_other():
    one = replace(NOTE, passages=(Passage(label="a", text="b\nc"),))
    other = replace(NOTE, passages=(Passage(label="a\nb", text="c"),))
    assert one.version != other.version


def test_a_place_is_listed_once():
    place = record("2", "x", store="desk").provenance
    assert NOTE.with_copy(place).with_copy(place).copies == (place,)


def test_a_record_found_again_for_another_person_is_about_both():
    assert NOTE.also_about(frozenset({SubjectId("isla")})).about == {"leanne", "isla"}


def test_the_pages_we_write_are_known_from_what_stores_hold():
    ours = {k for k in RecordKind if k.is_generated}
    assert {k.name for k in ours} == {
        "SEARCH_LOG", "ALERT_LIFE", "PARENTS_TOLD", "RECIPIENTS", "CONTRADICTIONS", "PEOPLE_KEPT", "COMPLAINT_TRAIL"
    }  # fmt: skip
