from pathlib import Path

import pytest

from sar.detection.reading import load_detector
from sar.detection.rules import load_rules
from sar.detection.trying import check_rules, people_from_toml, people_from_values, try_text
from sar.domain.errors import BadRule, InvalidInput
from sar.domain.exemptions import DeciderRole
from sar.domain.matching import Verdict
from sar.domain.parties import Person, Role

RULES = Path(__file__).parents[3] / "redaction_rules"
GOOD = {
    "id": "'x.one'",
    "title": "'One'",
    "statute": "'DPA 2018, Schedule 2, paragraph 16'",
    "exemption": "'3RD-PARTY'",
    "who_decides": "'records officer'",
    "looks_for": "'pattern'",
    "pattern": r"'\bQX\d{4}\b'",
    "reason": "'A number.'",
    "match": "['QX1234']",
    "not": "['QY1234']",
}


def family(folder, **changes):
    entries = {**GOOD, **changes}
    lines = [f"{key} = {value}" for key, value in entries.items() if value is not None]
    (folder / "sample.toml").write_text("[[rule]]\n" + "\n".join(lines), encoding="utf-8")
    return folder


def test_every_shipped_rule_passes_its_examples(rules_dir):
    report = check_rules(rules_dir)
    assert {r.family for r in report} == {f.stem for f in rules_dir.glob("*.toml")}
    assert all(r.examples >= 2 for r in report)


@pytest.mark.parametrize("written", load_rules(RULES), ids=lambda w: w.rule.id)
def test_each_example_of_each_rule(detector, written):
    reading, rule = detector.for_people(written.people), written.rule
    for text in rule.examples_match:
        assert rule.id in {m.rule for m in reading.matches(text)}, text
    for text in rule.examples_not:
        assert rule.id not in {m.rule for m in reading.matches(text)}, text


def test_who_decides_what_as_the_law_asks(detector):
    rules = {r.id: r for r in detector.rules}
    assert rules["source.name"].who_decides == DeciderRole.APPROVER.value
    assert rules["privilege.advice"].who_decides == DeciderRole.LAWYER.value
    assert rules["harm.health"].who_decides == DeciderRole.HEALTH_PROFESSIONAL.value
    assert rules["harm.health"].suggests is Verdict.DISCLOSE


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"statute": "''"}, "statute"),
        ({"statute": None}, "statute"),
        ({"exemption": None}, "exemption"),
        ({"who_decides": "'the cat'"}, "the cat"),
        ({"reason": None}, "reason"),
        ({"match": "[]"}, "match"),
        ({"not": None}, "not"),
        ({"pattern": "'('"}, "pattern"),
        ({"pattern": r"'(?=a)b'"}, "pattern"),
        ({"pattern": "'a*'"}, "nothing"),
        ({"pattern": r"'[\s\S]+'"}, "everything"),
        ({"pattern": r"'\w+'"}, "everything"),
        ({"pattern": None}, "pattern"),
        ({"looks_for": "'magic'"}, "magic"),
        ({"looks_for": "'register'", "pattern": None}, "roles"),
        ({"looks_for": "'register'", "pattern": None, "roles": "['queen']"}, "queen"),
        ({"check": "'luhn'"}, "luhn"),
        ({"certainty": "2.0"}, "certainty"),
        ({"colour": "'red'"}, "colour"),
        ({"kinds": "['shopping list']"}, "shopping list"),
    ],
)
def test_a_rule_that_cannot_be_used_names_file_rule_and_next_step(tmp_path, changes, said):
    with pytest.raises(BadRule) as refusal:
        load_detector(family(tmp_path, **changes))
    assert "sample.toml" in refusal.value.message
    assert "x.one" in refusal.value.message
    assert said in refusal.value.message
    assert refusal.value.next_step


def test_an_example_that_disagrees_with_its_pattern_is_refused(tmp_path):
    with pytest.raises(BadRule, match=r"x\.one: example 1 of 'match' is not found"):
        check_rules(family(tmp_path, match="['QY1']"))
    with pytest.raises(BadRule, match=r"x\.one: example 1 of 'not' is found"):
        check_rules(family(tmp_path, **{"not": "['QX9999']"}))


def test_any_words_of_one_sentence_can_be_asked_for(tmp_path):
    found = load_detector(
        family(tmp_path, pattern="'kept<...>locker'", match="['kept in a locker']")
    ).for_people(())
    assert [m.start for m in found.matches("It is kept\nin the old locker.")] == [6]
    assert found.matches("It is kept. The locker is empty.") == ()
    assert found.matches("What is kept\n\nThe locker") == ()


def test_a_folder_without_rules_broken_toml_and_a_repeated_id_are_refused(tmp_path):
    with pytest.raises(BadRule, match="no redaction rules"):
        load_detector(tmp_path)
    family(tmp_path)
    text = (tmp_path / "sample.toml").read_text(encoding="utf-8")
    (tmp_path / "second.toml").write_text(text, encoding="utf-8")
    with pytest.raises(BadRule, match="used twice"):
        load_detector(tmp_path)
    (tmp_path / "second.toml").write_text("[[rule]\n", encoding="utf-8")
    with pytest.raises(BadRule, match=r"second\.toml is not readable TOML"):
        load_detector(tmp_path)


def test_try_text_answers_in_the_promised_shape(detector):
    people = (Person(id="p9", name="Kerry Lomax", role=Role.THIRD_PARTY),)
    text = "\U0001f600 Kerry Lomax"
    (proposal,) = try_text(detector, text, people)
    assert {"start", "end", "text", "kind", "known", "rule", "person", "exemption", "certainty"} <= set(
        proposal
    )
    assert (proposal["start"], proposal["end"], proposal["text"]) == (2, 13, "Kerry Lomax")
    assert (proposal["kind"], proposal["known"], proposal["person"]) == ("person", True, "p9")
    assert try_text(detector, "Nothing to see.", people) == []


def test_people_come_from_toml_or_json_and_bad_ones_say_what_to_do(tmp_path):
    file = tmp_path / "p.toml"
    file.write_text(
        '[[people]]\nname = "Kerry Lomax"\nrole = "third_party"\naliases = ["Kez"]\n', encoding="utf-8"
    )
    (person,) = people_from_toml(file)
    assert (person.name, person.role, person.aliases) == ("Kerry Lomax", Role.THIRD_PARTY, ("Kez",))
    assert people_from_values([{"name": "A B", "role": "data_subject"}])[0].role is Role.DATA_SUBJECT
    for bad in (
        {"name": "x"},
        [{"role": "source"}],
        [{"name": "A", "role": "boss"}],
        [{"name": "A", "aliases": "B"}],
    ):
        with pytest.raises(InvalidInput) as refusal:
            people_from_values(bad)
        assert refusal.value.next_step
    with pytest.raises(InvalidInput):
        people_from_toml(tmp_path / "absent.toml")
