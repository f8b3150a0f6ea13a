"""A request file is received whole or not at all."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from sar.config import shipped
from sar.demonstration.operating import receive_file
from sar.domain.errors import SARError

NOW = datetime(2026, 11, 21, 9, tzinfo=UTC)
HARTLEY = shipped("sample_data") / "cases" / "hartley" / "request.toml"


@pytest.fixture
def house(office):
    tending = SimpleNamespace(tend_case=lambda case, *, at: 0)
    services = SimpleNamespace(
        intake=office.intake, standing=office.standing, enquiries=office.enquiries, tending=tending
    )
    return SimpleNamespace(services=services, clock=lambda: NOW)


def changed(tmp_path, old, new):
    text = HARTLEY.read_text(encoding="utf-8")
    assert old in text
    file = tmp_path / "request.toml"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    return file


def test_a_whole_file_is_received(house, office):
    received = receive_file(house, HARTLEY)
    assert received.due
    assert len(tuple(office.archive.heads())) == 1


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('evidence = "birth-certificate"', 'evidence = "a-letter"', "evidence"),
        ('evidence = "birth-certificate"', 'evidence = "court-of-protection-order"', "evidence"),
        ('means = "checked-account"', 'means = "family-facts"', "means"),
        ('what = "authority"', 'what = "authorty"', "what"),
        ("got_on = 2026-10-23", "got_on = 2026-10-19", "got_on"),
        ("got_on = 2026-10-23", "got_on = 2026-11-22", "got_on"),
        ("got_on = 2026-10-23", 'got_on = "2026-10-23"', "got_on"),
        ('how = "As for Leanne\'s own request."', 'how = " "', "how"),
        ("received_on = 2026-10-20", 'received_on = "20 Oct 2026"', "received_on"),
        ("received_on = 2026-10-20", "received_on = 2026-10-20T09:00:00", "received_on"),
        ("born_on = 1993-03-14", "born_on = 1993", "born_on"),
        ('capacity = "self"', 'capacity = "friend"', "capacity"),
    ],
)
def test_what_is_wrong_in_a_file_is_named_and_nothing_is_stored(house, office, tmp_path, old, new, field):
    with pytest.raises(SARError) as refused:
        receive_file(house, changed(tmp_path, old, new))
    assert refused.value.field == field
    assert not tuple(office.archive.heads())
