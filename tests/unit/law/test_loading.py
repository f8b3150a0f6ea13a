"""Law files that contradict themselves are refused; nations are added without Python."""

import shutil
from datetime import date

import pytest

from sar.domain.clock import ClarificationCounting
from sar.domain.errors import BadLaw
from sar.domain.pathways import PathwayFacts
from sar.law import DATA, calendars, load

LIMIT = """
[[time_limit]]
code = "{code}"
title = "A limit"
instrument = "An Act"
unit = "days"
count = 10
citation = "An Act s.1"
in_force_from = {since}
"""


@pytest.fixture
def data(tmp_path):
    copy = tmp_path / "law"
    shutil.copytree(DATA, copy)
    return copy


def write(data, text, name="england/more.toml"):
    (data / name).write_text(text, encoding="utf-8")


def refused(data, **options):
    with pytest.raises(BadLaw) as refusal:
        load("england", data=data, **options)
    return f"{refusal.value.field}: {refusal.value.message}"


def test_an_entry_added_to_a_folder_is_read(data):
    write(data, LIMIT.format(code="new.limit", since="2026-01-01"))
    assert load("england", data=data).due("new.limit", date(2026, 11, 20)) == date(2026, 11, 30)
    assert "new.limit" not in load("wales", data=data).time_limits


def test_two_entries_for_one_day_are_refused(data):
    write(data, LIMIT.format(code="lgsco.lodge", since="2026-01-01"))
    assert "two entries are in force on one day" in refused(data)


def test_a_nation_cannot_quietly_shadow_what_it_includes(data):
    write(data, LIMIT.format(code="breach.notify", since="2026-01-01"))
    assert "time_limit/breach.notify" in refused(data)


def test_entries_that_follow_each_other_are_fine(data):
    first = LIMIT.format(code="new.limit", since="2025-01-01") + "in_force_until = 2025-12-31\n"
    write(data, first + LIMIT.format(code="new.limit", since="2026-01-01"))
    assert len(load("england", data=data).time_limits["new.limit"]) == 2
    touching = LIMIT.format(code="new.limit", since="2025-01-01") + "in_force_until = 2026-01-01\n"
    write(data, touching + LIMIT.format(code="new.limit", since="2026-01-01"))
    assert "one day" in refused(data)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('citation = "An Act s.1"\n', ""), "citation"),
        (('citation = "An Act s.1"', 'citation = ""'), "citation"),
        (("count = 10", 'count = "10"'), "count"),
        (("count = 10", "count = 0"), "at least 1"),
        (("count = 10", "count = 10\ncuont = 11"), "cuont"),
        (('unit = "days"', 'unit = "moons"'), "unit"),
        (("2026-01-01", '"2026-01-01"'), "dates in force"),
        (("2026-01-01", "2026-01-01\nin_force_until = 2025-01-01"), "dates in force"),
        (("count = 10", 'count = 10\nwhose = "family"\nrolls = true'), "never rolled"),
        (("[[time_limit]]", "[[time_limt]]"), "not a kind of entry"),
        (('code = "new.limit"', "code = "), "cannot be read"),
    ],
)
def test_a_faulty_entry_is_refused_and_named(data, change, says):
    write(data, LIMIT.format(code="new.limit", since="2026-01-01").replace(*change))
    assert says in refused(data)


ROUTE = """
[[route]]
code = "new"
body_kind = "a body"
title = "A route"
covers = "This."
not_covered = "That."
citation = "An Act s.2"
in_force_from = 2020-01-01

[[route.stages]]
code = "one"
title = "One"
who = "the organisation"
how = "Write."
citation = "An Act s.2"
"""


@pytest.mark.parametrize(
    ("line", "says"),
    [('respond_limit = "no.such"', "no.such"), ('next_stage = "two"', "lead to each other")],
)
def test_a_route_names_only_what_exists(data, line, says):
    write(data, ROUTE + line)
    assert says in refused(data)


def test_a_glossary_pointer_must_lead_somewhere(data):
    write(data, '[[glossary]]\nterm = "New"\nmeaning = "A new word."\nsee = ["Nowhere"]\n')
    assert "Nowhere" in refused(data)


def test_two_regulators_on_one_day_are_refused(data):
    text = (data / "united-kingdom/regulator.toml").read_text(encoding="utf-8")
    write(data, text.replace('name = "Information Commissioner"', 'name = "Information Commission"'))
    assert "regulator" in refused(data)


def test_uncertain_entries_can_be_set_and_certain_ones_cannot(data):
    changed = load("england", overrides={
        "time_limit/ico.lodge": {"count": 6},
        "regulator/data-protection": {"name": "Information Commission"},
        "nation/england": {"child_age": 13, "clarification_counting": "elapsed"},
    })  # fmt: skip
    assert changed.due("ico.lodge", date(2026, 11, 20)) == date(2027, 5, 20)
    assert changed.regulator.name == "Information Commission"
    assert changed.age_presumption.age == 13
    assert changed.clarification_counting is ClarificationCounting.ELAPSED
    assert "uncertain" in refused(data, overrides={"time_limit/foi.reply": {"count": 30}})
    assert "matches no entry" in refused(data, overrides={"time_limit/foi.rply": {"count": 30}})
    assert "cannot be set" in refused(data, overrides={"nation/england": {"title": "Albion"}})
    assert "nation/england" in refused(data, overrides={"nation/england": {"child_age": "13"}})
    assert "nation/england" in refused(data, overrides={"nation/england": {"clarification_counting": "x"}})


def test_a_nation_is_added_with_files_alone(data):
    with (data / "divisions.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[[division]]\ncode = "isle-of-man"\ntitle = "Isle of Man"\ncountry = "IM"\n'
            "extra_days = [2026-11-23]\n"
        )
    (data / "isle-of-man").mkdir()
    text = (data / "wales/nation.toml").read_text(encoding="utf-8")
    text = text.replace('"wales"', '"isle-of-man"').replace('"england-and-wales"', '"isle-of-man"')
    write(data, text, "isle-of-man/nation.toml")
    island = load("isle-of-man", data=data)
    assert island.nation.division.title == "Isle of Man"
    assert island.calendar.is_holiday(date(2026, 11, 23))
    # It is not part of the United Kingdom, so its holidays do not move a freedom of information date.
    assert not island.calendar_anywhere.is_holiday(date(2026, 11, 23))


def test_a_folder_and_its_nation_must_agree(data):
    text = (data / "wales/nation.toml").read_text(encoding="utf-8")
    write(data, text.replace('code = "wales"', 'code = "cymru"'), "wales/nation.toml")
    with pytest.raises(BadLaw):
        load("england", data=data)


def test_a_division_the_holidays_package_does_not_know_is_refused(data):
    text = (data / "divisions.toml").read_text(encoding="utf-8")
    write(data, text.replace('"SCT"', '"SCX"'), "divisions.toml")
    assert "SCX" in refused(data)


def test_calendars_need_years():
    with pytest.raises(BadLaw):
        calendars(years=range(0))


PATHWAY = """
[[pathway]]
code = "visitor-record"
title = "A visitor"
statute = "A Law"
citation = "A Law s.1"
why = "You visited."
told = ["You can see it."]
letter = "acknowledgement"
order = 1
whole_route = true
in_force_from = 2020-01-01
"""


def test_a_nation_with_pathways_of_its_own_is_added_without_python(data):
    (data / "man").mkdir()
    nation = (data / "wales" / "nation.toml").read_text(encoding="utf-8")
    (data / "man" / "nation.toml").write_text(
        nation.replace('"wales"', '"man"').replace('"Wales"', '"Man"'), encoding="utf-8"
    )
    write(data, PATHWAY, "man/pathways.toml")
    assert load("man", data=data).pathway_for(
        PathwayFacts(capacity="self", age=40), on=date(2026, 1, 1)
    ).code == ("visitor-record")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (('citation = "A Law s.1"', 'citation = ""'), "citation"),
        (("whole_route = true", 'whole_route = true\ntime_limits = ["no.such"]'), "no.such"),
        (("whole_route = true", "whole_route = false"), "outcomes"),
        (("order = 1", 'order = "1"'), "order"),
        (("order = 1", "order = 1\n[pathway.when]\nrecords = ['cellar']"), "records"),
    ],
)
def test_a_faulty_pathway_is_refused_and_named(data, change, says):
    write(data, PATHWAY.replace("in_force_from = 2020-01-01\n", "").replace(
        'title = "A visitor"', 'title = "A visitor"\nin_force_from = 2020-01-01').replace(*change))  # fmt: skip
    assert says in refused(data)


def test_a_nation_without_subject_access_is_refused(data):
    text = (data / "united-kingdom" / "pathways.toml").read_text(encoding="utf-8")
    write(data, text.replace('code = "subject-access"', 'code = "something"'), "united-kingdom/pathways.toml")
    assert "subject-access" in refused(data)
