"""Settings: a word we do not know, or a value we cannot use, is named before anything starts."""

from datetime import date
from pathlib import Path

import pytest

from sar.config import data_dir, read_settings, shipped
from sar.domain.errors import EnvironmentFault, InvalidInput


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


def test_what_ships_with_the_program_is_found_and_what_does_not_is_named():
    assert (shipped("redaction_rules") / "README.md").exists()
    with pytest.raises(EnvironmentFault):
        shipped("no-such-folder")


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
