"""Who is meant: the sample family in Leanne's leg, where every surname is shared."""

import time
from dataclasses import replace
from datetime import date

import pytest

from sar.domain.matching import Verdict
from sar.domain.parties import Person, Role

LEANNE = Person(
    id="leanne",
    name="Leanne Hartley",
    role=Role.DATA_SUBJECT,
    aliases=("Leanne Doyle",),
    addresses=("14 Tanner Row, Wexcombe, WX7 4QL",),
    phones=("07700 900117",),
    identifiers=("9992044179",),
)
MARCUS = Person(
    id="marcus",
    name="Marcus Hartley",
    role=Role.THIRD_PARTY,
    addresses=("14 Tanner Row, Wexcombe, WX7 4QL",),
    phones=("07700 900118",),
    emails=("marcus.hartley@example.org",),
    identifiers=("9992170263",),
)
OTHER_PATIENT = Person(id="hartly", name="Leanne Hartly", role=Role.NAMESAKE)
MIDWIFE = Person(id="grace", name="Grace Okonjo", role=Role.PROFESSIONAL, phones=("01632 960101",))
NEIGHBOUR = Person(
    id="osgood",
    name="Margaret Osgood",
    role=Role.SOURCE,
    addresses=("16 Tanner Row, Wexcombe, WX7 4QL",),
    phrases=("next door",),
)
TIA = Person(id="tia", name="Tia Doyle", role=Role.THIRD_PARTY)
FAMILY = (LEANNE, MARCUS, OTHER_PATIENT, MIDWIFE, NEIGHBOUR, TIA)


@pytest.fixture(scope="module")
def known(detector):
    reading = detector.for_people(FAMILY)

    def read(text):
        return [(text[m.start : m.end], m.person) for m in reading.matches(text) if m.known]

    return read


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Marcus rang.", [("Marcus", "marcus")]),
        ("Marcus Hartley and Leanne Hartley", [("Marcus Hartley", "marcus")]),
        ("The Hartley family; Hartley was calm.", []),
        ("MARCUS HARTLEY", [("MARCUS HARTLEY", "marcus")]),
        ("marcus hartley's phone", [("marcus hartley", "marcus")]),
        ("Hartley, Marcus (father)", [("Hartley, Marcus", "marcus")]),
        ("M. Hartley signed", [("M. Hartley", "marcus")]),
        ("Marcus\nHartley", [("Marcus\nHartley", "marcus")]),
        ("Mar-\ncus Hart-\nley", [("Mar-\ncus Hart-\nley", "marcus")]),
        ("hartley_marcus_2024.pdf", [("hartley_marcus", "marcus")]),
        ("see MarcusHartley.docx", [("MarcusHartley", "marcus")]),
        ("\U0001f600\U0001f600 Marcus\u2019s lunch", [("Marcus", "marcus")]),
        ("Marc rang", [("Marc", "marcus")]),
        ("Mr Hartley rang", [("Mr Hartley", "marcus")]),
        ("Mrs Hartley rang", []),
        ("meant for Leanne Hartly", [("Leanne Hartly", "hartly")]),
        ("Miss Hartly", [("Miss Hartly", "hartly")]),
        ("Leanne was tired", []),
        ("Leanne Doyle as she then was", []),
        ("Tia Doyle and Tia", [("Tia Doyle", "tia"), ("Tia", "tia")]),
        ("Doyle", []),
        ("Mrs Osgood rang", [("Mrs Osgood", "osgood")]),
        ("Home visit to 14 Tanner Row, WX7 4QL", []),
        ("16 tanner row", [("16 tanner row", "osgood")]),
        ("The lady at number 16", [("number 16", "osgood")]),
        ("from next  door", [("next  door", "osgood")]),
        ("on +44 7700 900118", [("+44 7700 900118", "marcus")]),
        ("on 07700 900117 or 01632 960101", []),
        ("NHS 999 217 0263", [("999 217 0263", "marcus")]),
        ("NHS 999 204 4179", []),
        ("Grace rang. Okonjo wrote.", []),
        ("Baby Hartley (Marcus)", [("Marcus", "marcus")]),
        ("Marcus (Hartley)", [("Marcus", "marcus")]),
        ("M.Hartley@other.example", [("M.Hartley", "marcus")]),
        ("Hartleyford and Marcusson", []),
        ("He told Marcus. Hartley Green is a park.", [("Marcus", "marcus")]),
    ],
)
def test_who_is_proposed_in_leannes_leg(known, text, expected):
    assert known(text) == expected


def test_people_registered_as_subject_or_professional_are_not_proposed_as_unknown_either(detector):
    reading = detector.for_people(FAMILY)
    text = (
        "Dr Grace Okonjo, midwife Grace Okonjo and Mrs Leanne Hartley met at 14 Tanner Row; ring 01632 960101"
    )
    text += " or write to leanne.hartley@example.net."
    assert [text[m.start : m.end] for m in reading.matches(text)] == []


def test_a_first_name_of_subject_and_third_party_is_proposed_with_both_readings(detector):
    people = (
        Person(id="s", name="Jean Hartley", role=Role.DATA_SUBJECT),
        Person(id="t", name="Jean Lomax", role=Role.THIRD_PARTY),
    )
    (match,) = detector.for_people(people).matches("Jean fell on the stairs.")
    assert match.known
    assert match.person == "t"
    assert match.certainty <= 0.5
    assert "Jean Hartley" in match.reason
    assert "Jean Lomax" in match.reason


def test_a_surname_shared_with_a_professional_is_proposed_with_less_certainty(detector):
    people = (
        Person(id="p", name="Ruth Finchley", role=Role.PROFESSIONAL),
        Person(id="t", name="Adam Finchley", role=Role.THIRD_PARTY),
    )
    reading = detector.for_people(people)
    (lone,) = reading.matches("Finchley telephoned.")
    (full,) = reading.matches("Ruth Finchley telephoned Adam Finchley.")
    assert lone.certainty < full.certainty
    assert full.start == len("Ruth Finchley telephoned ")


def test_two_people_of_one_full_name_are_left_to_the_officer(detector):
    people = (
        Person(id="s", name="Leanne Hartley", role=Role.DATA_SUBJECT),
        Person(id="n", name="Leanne Hartley", role=Role.NAMESAKE),
    )
    (match,) = detector.for_people(people).matches("Leanne Hartley attended.")
    assert match.suggests is Verdict.DISCLOSE
    assert match.certainty < 0.5


def test_a_source_wins_where_a_name_is_shared(detector):
    people = (
        Person(id="t", name="Ann Prewitt", role=Role.THIRD_PARTY),
        Person(id="s", name="Bob Prewitt", role=Role.SOURCE),
    )
    (match,) = detector.for_people(people).matches("Prewitt rang at nine.")
    assert match.person == "s"
    assert match.exemption == "INFORMANT"


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("Grace Lomax", "By the grace of God", []),
        ("Grace Lomax", "Grace was there", ["Grace"]),
        ("May Lomax", "on 3 May 2024 and in May 2023 she may come", []),
        ("May Lomax", "I saw May at home", ["May"]),
        ("May Lomax", "may lomax was there", ["may lomax"]),
        ("K", "K asked for okra. kilo", ["K"]),
        ("Sean O'Brien", "O\u2019Brien or OBrien", ["O\u2019Brien", "OBrien"]),
        (
            "Anne-Marie Smith-Jones",
            "Anne Marie Smith\u2011Jones Ms Jones",
            ["Anne Marie Smith\u2011Jones", "Ms Jones"],
        ),
        ("Maria De La Cruz", "De La Cruz", ["De La Cruz"]),
        ("Mr John Price QC", "John Price, QC", ["John Price"]),
        ("Zoe Lomax", "Zoe\u0301 came", ["Zoe\u0301"]),
    ],
)
def test_difficult_names(detector, name, text, found):
    reading = detector.for_people((Person(id="x", name=name, role=Role.THIRD_PARTY),))
    assert [text[m.start : m.end] for m in reading.matches(text) if m.known] == found


def test_an_alias_that_repeats_a_shared_surname_does_not_claim_it(detector):
    people = (
        LEANNE,
        Person(id="m", name="Marcus Hartley", role=Role.THIRD_PARTY, aliases=("Hartley", "Marcus")),
    )
    text = "Hartley rang Marcus."
    assert [text[m.start : m.end] for m in detector.for_people(people).matches(text)] == ["Marcus"]


def test_a_phrase_is_found_with_its_brackets(detector):
    people = (Person(id="g", name="Gemma Prosser", role=Role.SOURCE, phrases=("Gemma (Poppy's mum)",)),)
    text = "From Gemma (Poppy\u2019s mum), Tuesday"
    found = [text[m.start : m.end] for m in detector.for_people(people).matches(text) if m.known]
    assert found == ["Gemma (Poppy\u2019s mum"]


def test_an_empty_register_and_empty_text_are_fine(detector):
    assert detector.for_people(()).matches("") == ()
    assert detector.for_people(()).matches(" \n\t") == ()


@pytest.mark.parametrize(
    "hostile",
    [
        "a" * 1_000_000,
        "Marcus " * 150_000,
        "-.\n" * 300_000,
        "Mr " * 300_000,
        "\u0301\u200b" * 400_000,
        "@a." * 99_999,
    ],
)
def test_hostile_lines_take_bounded_time(detector, hostile):
    reading = detector.for_people(FAMILY)
    began = time.monotonic()
    for match in reading.matches(hostile):
        assert 0 <= match.start < match.end <= len(hostile)
    assert time.monotonic() - began < 30


BORN = date(2022, 2, 8)
ISLA = Person(id="isla", name="Isla Hartley", role=Role.THIRD_PARTY, born_on=BORN)


def proposed(detector, people, text):
    return [
        (text[m.start : m.end], m.kind, m.person, m.rule) for m in detector.for_people(people).matches(text)
    ]


@pytest.mark.parametrize(
    "written",
    [
        "8 February 2022", "08/02/2022", "8/2/22", "8.2.2022", "2022-02-08", "8th Feb 2022", "8 FEB 2022",
        "08-Feb-2022", "8th of February, 2022", "February 8, 2022", "February 8th 2022", "8\u00a0February\n2022",
    ],
)  # fmt: skip
def test_the_date_of_birth_of_a_known_third_party_is_proposed_however_it_is_written(detector, written):
    mother = replace(LEANNE, born_on=date(1993, 3, 14))
    text = f"Child: council person number 1, born {written}. Mother born 14 March 1993, seen 9 February 2022."
    assert proposed(detector, (mother, ISLA), text) == [(written, "birth", "isla", "third-party.birth")]


@pytest.mark.parametrize("role", [Role.DATA_SUBJECT, Role.PROFESSIONAL])
def test_a_date_on_which_somebody_kept_in_was_born_too_is_theirs(detector, role):
    kept = replace(LEANNE, role=role, born_on=BORN)
    assert proposed(detector, (kept, ISLA), "born 8 February 2022") == []


def test_whose_a_shared_birthday_is_is_asked_and_a_sources_asks_the_approver(detector):
    twin = replace(ISLA, id="ida", name="Ida Hartley")
    [match] = detector.for_people((ISLA, twin)).matches("dob 08/02/2022")
    assert "Could be Isla Hartley (third party) or Ida Hartley (third party)" in match.reason
    source = replace(NEIGHBOUR, born_on=BORN)
    [(_, kind, person, rule)] = proposed(detector, (ISLA, source), "dob 08/02/2022")
    assert (kind, person, rule) == ("birth", "osgood", "source.birth")


def test_a_birthday_says_nothing_of_the_names_beside_it(detector):
    child = replace(ISLA, born_on=date(2022, 4, 8))
    found = proposed(detector, (LEANNE, child), "Mrs Tamsin April rang on 8 April 2022. Why did April ring?")
    assert [(words, kind) for words, kind, *_ in found] == [
        ("Mrs Tamsin April", "person"), ("8 April 2022", "birth"), ("April", "person"),
    ]  # fmt: skip
