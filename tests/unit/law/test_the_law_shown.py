"""What staff see of the law, what is checked at start, and a nation that is added without Python."""

import json
import shutil
from dataclasses import replace
from datetime import date

import pytest
from click.testing import CliRunner

from sar.cli import root
from sar.domain.authority import Capacity
from sar.domain.errors import BadLaw, UnknownName
from sar.domain.law_shown import law_as_shown
from sar.law import DATA, load, nations
from sar.law.checking import check_everything

NATION = """
[nation]
code = "mann"
title = "Mann"
division = "mann"
includes = ["mann-shared"]
parental_responsibility = "A child's mother has it."
child_age = 14
child_age_statutory = true
child_age_citation = "An Act of Mann s.1"
"""
ENTRIES = """
[[exemption]]
code = "OTHER-PERSON"
statute = "An Act of Mann s.2"
title = "Another person"
test = "It is about somebody else."
plain_words = "We took out details about another person."
general_words = "We took this out."
who_decides = ["records officer"]
kind = "prejudice"
citation = "An Act of Mann s.2"
in_force_from = 2020-01-01

[[exemption.reach]]
capacities = ["parental-responsibility"]
subject_under = 17

[[route]]
code = "public-body"
body_kind = "public body"
title = "Complaint to a public body"
covers = "What it did."
not_covered = "Nothing else."
citation = "An Act of Mann s.3"
in_force_from = 2020-01-01

[[route.stages]]
code = "one"
title = "Complaint"
who = "the organisation you complained to"
how = "Write to it."
citation = "An Act of Mann s.3"

[[route]]
code = "data-protection"
body_kind = "any body"
title = "Complaint about your information"
covers = "What it did."
not_covered = "Nothing else."
citation = "An Act of Mann s.3"
in_force_from = 2020-01-01

[[route.stages]]
code = "court"
title = "Court"
who = "the court"
how = "Ask it."
citation = "An Act of Mann s.3"

[[regulator]]
code = "data-protection"
name = "The Supervisor"
short_name = "TS"
website = "supervisor.example"
postal_address = "1 Quay"
telephone = "01632 960000"
citation = "An Act of Mann s.4"
in_force_from = 2020-01-01
"""
PATHWAY = """
[[pathway]]
code = "subject-access"
title = "Your own records"
statute = "An Act of Mann"
citation = "An Act of Mann s.6"
why = "They are about you."
told = ["You can see them."]
letter = "acknowledgement"
order = 1
whole_route = true
time_limits = ["access.reply"]
in_force_from = 2020-01-01
"""
ITEMS = "".join(
    f"""
[[article15]]
code = "{code}"
title = "An item"
text = "What we hold about {{whose}}."
citation = "An Act of Mann s.7"
in_force_from = 2020-01-01
"""
    for code in ("a", "b", "c", "d", "e", "ea", "f", "g", "h")
)
LIMIT = """
[[time_limit]]
code = "{code}"
title = "Answer"
instrument = "An Act of Mann"
unit = "months"
count = 2
citation = "An Act of Mann s.5"
in_force_from = 2020-01-01
runs_from = "the day it is received"
"""
DIVISION = """
[[division]]
code = "mann"
title = "Mann"
country = "IM"
"""


@pytest.fixture
def data(tmp_path):
    copy = tmp_path / "law"
    shutil.copytree(DATA, copy)
    return copy


def add(data, entries=ENTRIES, limits=("access.reply", "rectification.reply", "ico.lodge"), nation=NATION):
    for folder in ("mann", "mann-shared"):
        (data / folder).mkdir()
    (data / "mann" / "nation.toml").write_text(nation, encoding="utf-8")
    (data / "mann" / "entries.toml").write_text(entries + ITEMS, encoding="utf-8")
    shared = "".join(LIMIT.format(code=code) for code in limits)
    (data / "mann-shared" / "pathways.toml").write_text(PATHWAY, encoding="utf-8")
    (data / "mann-shared" / "limits.toml").write_text(shared, encoding="utf-8")
    with (data / "divisions.toml").open("a", encoding="utf-8") as divisions:
        divisions.write(DIVISION)


def test_a_nation_is_added_with_files_alone(data):
    add(data)
    mann = load("mann", data=data)
    assert check_everything(mann)["exemptions"] == 1
    assert mann.due("access.reply", date(2026, 11, 20)) == date(2027, 1, 20)
    rule = mann.exemption("OTHER-PERSON")
    assert rule.reaches(Capacity.PARENTAL_RESPONSIBILITY, 16)
    assert not rule.reaches(Capacity.PARENTAL_RESPONSIBILITY, 17)
    assert mann.calendar.is_holiday(date(2026, 7, 6))
    assert mann.age_presumption.age == 14
    assert "mann" in nations(data)
    with pytest.raises(UnknownName) as refusal:
        mann.exemption("3RD-PARTY")
    assert refusal.value.field == "exemption"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('capacities = ["parental-responsibility"]', 'capacities = ["the-neighbour"]'),
        ('capacities = ["parental-responsibility"]', "capacities = []"),
        ('who_decides = ["records officer"]', 'who_decides = ["the caretaker"]'),
        ('kind = "prejudice"', 'kind = "prejudice"\nsaying = "whisper"'),
        ('kind = "prejudice"', 'kind = "prejudice"\ndata_class = "weather"'),
        ('citation = "An Act of Mann s.2"', 'citation = "  "'),
        ('how = "Write to it."', 'how = "Write to it."\nnext_stage = "two"'),
        ('how = "Write to it."', 'how = "Write to it."\nalso = ["two"]'),
        ('how = "Write to it."', 'how = "Write to it."\nrespond_limit = "nowhere"'),
    ],
)
def test_an_entry_that_names_what_there_is_not_is_refused(data, old, new):
    assert old in ENTRIES
    add(data, ENTRIES.replace(old, new))
    with pytest.raises(BadLaw) as refusal:
        load("mann", data=data)
    assert refusal.value.field


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('division = "mann"', 'division = "atlantis"'),
        ('includes = ["mann-shared"]', 'includes = ["nowhere"]'),
        ('includes = ["mann-shared"]', 'includes = ["mann-shared"]\nleaves_out = ["exemption/GONE"]'),
    ],
)
def test_a_nation_that_leans_on_what_is_not_there_is_refused(data, old, new):
    add(data, nation=NATION.replace(old, new))
    with pytest.raises(BadLaw):
        load("mann", data=data)


def test_what_a_nation_lacks_stops_the_start(data):
    add(data, limits=("access.reply",))
    with pytest.raises(BadLaw, match=r"rectification\.reply"):
        check_everything(load("mann", data=data))


def test_a_stage_without_a_citation_or_in_a_ring_stops_the_start(data):
    ring = 'how = "Write to it."\nnext_stage = "one"'
    add(data, ENTRIES.replace('how = "Write to it."', ring))
    with pytest.raises(BadLaw, match="leads back"):
        check_everything(load("mann", data=data))


@pytest.mark.parametrize("nation", sorted(nations(DATA)))
def test_every_nation_of_ours_is_whole(nation):
    assert check_everything(load(nation))["routes"] > 2


def rows(law):
    return {(r.kind, r.code, r.in_force_from): r for s in law_as_shown(law) for r in s.rows}


def test_every_limit_exemption_route_and_regulator_is_shown_with_its_citation():
    england = load("england")
    shown = list(rows(england).values())
    for kind, groups in (("time_limit", england.time_limits), ("exemption", england.exemptions)):
        expected = sum(map(len, groups.values()))
        assert sum(r.kind == kind for r in shown) == expected
    assert {r.code for r in shown if r.kind == "route"} == set(england.routes)
    assert all(r.citation and r.says for r in shown)
    child = next(r for r in shown if r.code == "CHILD-ABUSE")
    assert any("under 18" in words and "deputy" in words for words in child.says)


def test_what_is_uncertain_and_what_a_setting_changed_are_marked():
    changed = load(
        "england",
        overrides={
            "time_limit/ico.lodge": {"count": 6}, "nation/england": {"child_age": 13},
            "regulator/data-protection": {"name": "Information Commission", "short_name": "IC"},
        },
    )  # fmt: skip
    shown = list(rows(changed).values())
    marked = {f"{r.kind}/{r.code}" for r in shown if r.overridden}
    assert marked == {"time_limit/ico.lodge", "nation/england", "regulator/data-protection"}
    assert all(r.uncertain for r in shown if r.code in {"ico.lodge", "data-protection"} and r.overridden)
    assert any("Information Commission (IC)" in r.title for r in shown)
    assert changed.due("ico.lodge", date(2026, 11, 20)) == date(2027, 5, 20)


def run(runner, *arguments):
    result = runner.invoke(root, ["law", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_the_command_shows_a_nations_law(runner):
    text = run(runner, "show", "--nation", "scotland")
    assert "uncertain: can be changed by a setting" in text
    assert "CHILD-ABUSE" not in text
    said = json.loads(run(runner, "show", "--nation", "england", "--json"))
    assert any(r["code"] == "CHILD-ABUSE" and r["citation"] for r in said)


def test_the_command_checks_every_nation(runner):
    assert set(run(runner, "check").split()) > {"england:", "scotland:", "wales:", "northern-ireland:"}


def test_a_setting_reaches_the_command(runner, tmp_path):
    (tmp_path / "sar.toml").write_text('[law."time_limit/ico.lodge"]\ncount = 6\n', encoding="utf-8")
    said = json.loads(run(runner, "show", "--json"))
    assert next(r for r in said if r["code"] == "ico.lodge")["overridden"]


FAULTS = {
    "a letter that is not there": (
        "england/pathways.toml",
        'letter = "pupil-record"',
        'letter = "x"',
        "pathway/pupil-record",
    ),
    "a capacity that is not there": (
        "england/pathways.toml",
        '["parental-responsibility"]',
        '["king"]',
        "pathway/pupil-record",
    ),
    "a capacity to ask as": (
        "united-kingdom/pathways.toml",
        'asks_as = "competent-child-authority"',
        'asks_as = "king"',
        "pathway/competent-child",
    ),
    "two outcomes of one code": (
        "england/pathways.toml",
        'code = "withdrawn"',
        'code = "given"',
        "pathway/pupil-record",
    ),
    "two of one order": (
        "england/pathways.toml",
        "order = 190",
        "order = 200",
        "pathway/parent-without-responsibility",
    ),
    "a place nothing fills": ("england/guidance.toml", "{by}", "{bye}", "guidance/5-care"),
    "a brace left open": ("england/guidance.toml", "{by}", "{by", "guidance/5-care"),
    "a date without its limit": (
        "england/guidance.toml",
        'limit = "nhs.complaint.lodge"',
        "",
        "guidance/5-care",
    ),
    "an item nothing fills": ("united-kingdom/article15.toml", "about {whose}", "about {who}", "article15/"),
    "no right to complain": ("united-kingdom/article15.toml", 'code = "ea"', 'code = "zz"', "article15/ea"),
    "no route about information": (
        "england-and-wales/police_and_courts.toml",
        'route = "data-protection"',
        'route = "gone"',
        "stage/gone/court",
    ),
    "a hole between two": (
        "united-kingdom/time_limits.toml",
        "in_force_until = 2026-02-04",
        "in_force_until = 2025-02-04",
        "time_limit/access.reply",
    ),
    "an end without a successor": (
        "united-kingdom/regulator.toml",
        "uncertain = true",
        "uncertain = true\nin_force_until = 2027-01-01",
        "regulator",
    ),
    "an age of nobody": ("england/nation.toml", "child_age = 12", "child_age = 19", "nation"),
    "a day that nobody counts from": (
        "england/routes.toml",
        'lodge_limit = "phso.lodge"\nlodge_from = "knowledge"',
        'lodge_limit = "phso.lodge"',
        "nhs/ombudsman",
    ),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_law_stops_the_start_and_is_named(data, fault):
    name, old, new, field = FAULTS[fault]
    text = (data / name).read_text(encoding="utf-8")
    assert old in text
    (data / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadLaw) as refusal:
        check_everything(load("england", data=data))
    assert refusal.value.field.startswith(field)
    assert refusal.value.next_step


def test_a_law_without_the_route_about_information_is_not_whole():
    england = load("england")
    routes = {code: route for code, route in england.routes.items() if code != "data-protection"}
    with pytest.raises(BadLaw, match="data-protection"):
        check_everything(replace(england, routes=routes))


@pytest.mark.parametrize("age", [-1, 19])
def test_an_age_set_for_a_nation_is_that_of_a_child(age):
    with pytest.raises(BadLaw, match="child_age"):
        load("england", overrides={"nation/england": {"child_age": age}})


def test_a_setting_cannot_end_the_regulator_without_a_successor():
    ended = {"regulator/data-protection": {"in_force_until": date(2027, 1, 1)}}
    with pytest.raises(BadLaw, match="set the name"):
        check_everything(load("england", overrides=ended))


def test_a_law_without_a_regulator_is_not_whole():
    with pytest.raises(BadLaw, match="no regulator"):
        check_everything(replace(load("england"), regulators=()))


@pytest.fixture
def runner(tmp_path, monkeypatch):
    monkeypatch.setenv("SAR_DATA", str(tmp_path))
    return CliRunner()
