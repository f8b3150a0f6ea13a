"""Settings: a word we do not know, or a value we cannot use, is named before anything starts."""

from datetime import date
from pathlib import Path

import pytest

from sar.bootstrap import House
from sar.config import data_dir, read_settings, shipped
from sar.domain.clock import ClarificationCounting
from sar.domain.errors import BadLaw, EnvironmentFault, InvalidInput


def settings(folder: Path, text: str | bytes = "", **environment: str):
    folder.mkdir(exist_ok=True)
    if text:
        (folder / "sar.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_settings({"SAR_DATA": str(folder), **environment})


def test_without_a_file_the_defaults_are_safe(tmp_path):
    found = settings(tmp_path)
    assert found.host == "127.0.0.1"
    assert found.controller == ""
    assert not found.is_demonstration
    assert found.database == f"sqlite:///{tmp_path / 'sar.db'}"
    assert found.site_address == f"http://127.0.0.1:{found.port}/"
    assert found.stores_file is None


def test_the_folder_comes_from_the_environment_or_is_data():
    assert data_dir({"SAR_DATA": "/srv/sar"}) == Path("/srv/sar")
    assert data_dir({}) == Path("data").resolve()


def test_what_the_file_says_is_read(tmp_path):
    text = """
controller = "Fenwater Trust"
nation = "scotland"
stores = "stores.toml"
site = "https://records.example/"
port = 9000
outbox = "out"
demonstration = true
[variables]
fhir_url = "http://one/"
[[contact]]
organisation = "Records"
lines = ["a", "b"]
"""
    found = settings(tmp_path, text)
    assert found.controllers == ("Fenwater Trust",)
    assert (found.nation, found.port, found.site_address) == ("scotland", 9000, "https://records.example/")
    assert found.stores_file == tmp_path / "stores.toml"
    assert found.outbox_dir == tmp_path / "out"
    assert found.is_demonstration
    assert found.contacts[0].lines == ("a", "b")
    assert found.variables == {"fhir_url": "http://one/"}


def test_the_environment_fills_a_stores_secrets_and_wins(tmp_path):
    found = settings(
        tmp_path,
        '[variables]\nfhir_url = "http://one/"\n',
        SAR_STORE_FHIR_URL="http://two/",
        SAR_STORE_KEY="k",
    )
    assert found.variables == {"fhir_url": "http://two/", "key": "k"}


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("contoller = 'x'", "contoller"),
        ("extra_holidays = ['2026-12-24']", "extra_holidays"),
        ('asking_processes = "many"', "asking_processes"),
        ("asking_processes = -1", "asking_processes"),
        ("ask_again = 5", "ask_again"),
        ("ask_again = []", "ask_again"),
        ("ask_again = [1, 0]", "ask_again"),
        ("ask_again = [true]", "ask_again"),
        ("extra_holidays = 2026-12-24", "extra_holidays"),
        ("extra_holidays = [2026-12-24T09:00:00]", "extra_holidays"),
        ("law = 'elapsed'", "law"),
        ("[law]\nclarification_counting = 'elapsed'", "law"),
        ("controller = ", "sar.toml"),
        (b"controller = '\xff'", "sar.toml"),
        ("port = 'abc'", "port"),
        ("port = 0", "port"),
        ("port = 70000", "port"),
        ("contact = ['x']", "contact"),
    ],
)
def test_a_wrong_word_or_value_is_named(tmp_path, text, field):
    with pytest.raises(InvalidInput) as refused:
        settings(tmp_path, text)
    assert refused.value.field == field
    assert refused.value.next_step


def test_one_off_holidays_and_readings_of_the_law_reach_the_installation(tmp_path):
    text = """
extra_holidays = [2026-11-20, 2027-05-04]
[law."nation/england"]
clarification_counting = "elapsed"
clarification_reminder_days = 10
child_age = 13
alert_review_months = 6
[law."time_limit/ico.lodge"]
count = 6
"""
    house = House(settings(tmp_path, text))
    assert house.law.calendar.is_holiday(date(2027, 5, 4))
    assert house.law.clarification_counting is ClarificationCounting.ELAPSED
    assert house.law.clarification_reminder_days == 10
    assert house.law.age_presumption.age == 13
    assert house.law.alert_review.review_months == 6
    assert house.law.alert_review.uncertain
    assert house.law.due("ico.lodge", date(2026, 11, 20)) == date(2027, 5, 20)
    plain = House(settings(tmp_path / "plain")).law
    assert not plain.calendar.is_holiday(date(2027, 5, 4))
    assert plain.clarification_counting is ClarificationCounting.INCLUSIVE


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ('"nation/england"]\nclarification_counting = "sometimes"', "nation/england"),
        ('"nation/england"]\nclarification_reminder_days = "ten"', "nation/england"),
        ('"nation/england"]\nalert_review_months = 121', "alert_review_months"),
        ('"nation/england"]\nalert_review_months = "often"', "nation/england"),
        ('"time_limit/foi.reply"]\ncount = 30', "uncertain"),
        ('"time_limit/no.such"]\ncount = 30', "matches no entry"),
    ],
)
def test_a_reading_the_law_does_not_allow_stops_the_installation(tmp_path, entry, says):
    house = House(settings(tmp_path, f"[law.{entry}\n"))
    with pytest.raises(BadLaw) as refused:
        house.law  # noqa: B018 - made when it is asked for
    assert says in f"{refused.value.field} {refused.value.message}"


def test_what_ships_with_the_program_is_found_and_what_does_not_is_named():
    assert (shipped("redaction_rules") / "README.md").exists()
    with pytest.raises(EnvironmentFault):
        shipped("no-such-folder")


def test_whether_the_body_is_a_health_professional_is_a_plain_yes_or_no(tmp_path):
    assert not settings(tmp_path).is_health_professional
    assert settings(tmp_path, "health_professional = true\n").is_health_professional
    with pytest.raises(InvalidInput) as refused:
        settings(tmp_path, 'health_professional = "yes"\n')
    assert refused.value.field == "health_professional"


def test_entries_of_the_law_are_changed_by_tables(tmp_path):
    found = settings(tmp_path, '[law."time_limit/ico.lodge"]\ncount = 6\n')
    assert found.law == {"time_limit/ico.lodge": {"count": 6}}
    with pytest.raises(InvalidInput) as refused:
        settings(tmp_path, "law = 6\n")
    assert refused.value.field == "law"


def test_school_terms_are_read_and_a_wrong_one_is_named(tmp_path):
    text = "[[school_terms]]\nfirst_on = 2026-09-02\nlast_on = 2026-12-18\nclosed = [2026-10-26]\n"
    (term,) = settings(tmp_path, text).school_terms
    assert (term.first_on, term.last_on, term.closed) == (
        date(2026, 9, 2), date(2026, 12, 18), frozenset({date(2026, 10, 26)}),
    )  # fmt: skip
    for wrong in (text.replace("2026-12-18", "2026-08-18"), text.replace("closed", "shut"),
                  text.replace("[2026-10-26]", '"never"'), "school_terms = 3\n"):  # fmt: skip
        with pytest.raises(InvalidInput) as refused:
            settings(tmp_path, wrong)
        assert refused.value.field == "school_terms"
