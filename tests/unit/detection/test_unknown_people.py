import pytest

from sar.domain.parties import Person, Role
from sar.domain.records import RecordKind

SUBJECT = (Person(id="s", name="Leanne Hartley", role=Role.DATA_SUBJECT),)


@pytest.fixture(scope="module")
def unknown(detector):
    reading = detector.for_people(SUBJECT)

    def read(text, kind):
        return [text[m.start : m.end] for m in reading.matches(text) if m.kind == kind and not m.known]

    return read


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Mrs Patel opened the door. Patel was kind.", ["Mrs Patel", "Patel"]),
        ("Her friend there is Poppy Prosser.", ["Poppy Prosser"]),
        ("her nephew Gary Hartley has the card", ["Gary Hartley"]),
        ("Gary Hartley put her off; Hartley is her name", ["Gary Hartley"]),
        ("Leanne Marie Hartley signed.", []),
        ("Mrs Hartley signed.", []),
        ("Mrs Schieck\u2019s letter", ["Mrs Schieck"]),
        ("under the Justice Act", []),
        ("The visit went well.", []),
    ],
)
def test_names_the_register_does_not_know(unknown, text, names):
    assert unknown(text, "person") == names


def test_unnamed_people_are_relations_not_persons(unknown):
    text = "A call from next door about Leanne's half-brother's mum and a school friend's mother."
    assert unknown(text, "relation") == ["next door", "half-brother's mum", "school friend's mother"]
    assert unknown(text, "person") == []


def test_the_subjects_own_close_family_words_are_left(unknown):
    assert unknown("Isla was seen with her mother, who was polite.", "relation") == []


def test_passages_cover_what_must_be_weighed(detector):
    text = "Came at ten.\n\nLegal advice was taken. Do not admit it.\n\nShe was calm. She spoke of suicide. She left."
    found = {
        m.rule: text[m.start : m.end] for m in detector.for_people(()).matches(text) if m.kind == "passage"
    }
    assert found == {
        "privilege.advice": "Legal advice was taken. Do not admit it.",
        "harm.health": "She spoke of suicide.",
    }


def test_work_addresses_of_public_bodies_are_not_private_contacts(unknown):
    assert unknown("records@wexcombe.gov.uk and sue99@example.com", "email") == ["sue99@example.com"]


def test_the_record_kind_never_hides_a_rule_that_reads_all_kinds(detector):
    reading = detector.for_people(SUBJECT)
    text = "Mrs Patel rang 01632 960444."
    assert reading.matches(text, kind=RecordKind.VISIT) == reading.matches(text)
