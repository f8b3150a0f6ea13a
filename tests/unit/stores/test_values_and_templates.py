from datetime import UTC, date, datetime

import pytest

from sar.domain.errors import BadMapping
from sar.stores.json_passages import passages_of, values_at
from sar.stores.templates import check, render
from sar.stores.values import as_date, as_moment, date_within, readable


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2024-03-05", date(2024, 3, 5)),
        ("2024-03-05 11:42:00", date(2024, 3, 5)),
        ("2024-07-01T23:30:00Z", date(2024, 7, 2)),
        ("6 March 2024", date(2024, 3, 6)),
        ("06/03/2024", date(2024, 3, 6)),
        (datetime(2024, 1, 31, 23, 59, tzinfo=UTC), date(2024, 1, 31)),
        ("2024-02-30", None),
        ("March", None),
        ("on 6 March 2024", None),
        ("", None),
        (None, None),
    ],
)
def test_dates_as_other_systems_write_them(written, meant):
    assert as_date(written) == meant


def test_a_sentence_with_one_date_has_that_date_and_with_two_has_none():
    assert date_within("told the head on 7 September 2026") == date(2026, 9, 7)
    assert date_within("from 7 September 2026 to 8 September 2026") is None


def test_stored_values_are_read_as_people_write_them():
    assert readable("2024-03-05 11:42:00") == "5 March 2024, 11:42"
    assert readable("2024-07-01T10:00:00Z") == "1 July 2024, 11:00"
    assert readable("AL-40112\x00") == "AL-40112"


def test_a_template_with_an_empty_field_says_nothing_rather_than_half_a_sentence():
    row = {"organisation": "Brook Street Surgery", "role": "GP, Dr Siddiqui", "note": None}
    assert render("{organisation}: {role|first part}", row.get) == "Brook Street Surgery: GP"
    assert render("{role|part 2}", row.get) == "Dr Siddiqui"
    assert render("Note: {note}", row.get) == ""


def test_an_unknown_filter_is_refused_when_the_mapping_is_read():
    with pytest.raises(BadMapping, match="shout"):
        check("{role|shout}", "x.toml")


def test_json_keys_nobody_mapped_are_text_and_never_labels():
    content = {
        "known": "one",
        "Mrs Tully": "rang",
        "notes": [{"by": "A", "text": "B"}, {"text": "C"}],
        "empty": None,
    }
    found = list(
        passages_of(content, {"known": "Known", "notes": "Note", "notes.text": "x", "notes.by": "x"})
    )
    assert [p.label for p in found] == ["Known", "Also recorded", "Note", "Note"]
    assert "Mrs Tully: rang" in found[1].text
    assert list(values_at(content, "notes.text")) == ["B", "C"]


@pytest.mark.parametrize("never", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59-05:00"])
def test_the_first_and_last_moments_there_are_do_not_stop_the_reading(never):
    assert as_date(never) == date.fromisoformat(never[:10])
    assert never[:4].lstrip("0") in readable(never)
    assert as_moment(never) is None
