"""Names as they are compared: what falls away, what stays, and the two names of one person."""

from datetime import date

import pytest

from sar.domain.parties import IdentifierKind
from sar.stores.names import Candidate, Sameness, facts_of, fold, judge, names_of, nearly, surname_of
from tests.fakes.stores import ISLA, person

NHS, LOCAL = IdentifierKind.NHS_NUMBER, IdentifierKind.LOCAL


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("  Zoë   ÅSTRÖM ", "zoe astrom"),
        ("O\u2019Brien", "obrien"),
        ("O'Brien", "obrien"),
        ("Smith-Jones", "smith jones"),
        ("Łukasz Ørsted", "lukasz orsted"),
        ("Straße", "strasse"),
        ("\uff29\uff33\uff2c\uff21", "isla"),
        ("Is\u200bla", "isla"),
        ("Isla, (Hartley)", "isla hartley"),
        ("\u041e\u043b\u0435\u043d\u0430", "\u043e\u043b\u0435\u043d\u0430"),
        ("\u0932\u0940\u0932\u093e", "\u0932\u0940\u0932\u093e"),
        (" - . ", ""),
        ("", ""),
    ],
)
def test_what_is_left_of_a_name_when_it_is_compared(written, folded):
    assert fold(written) == folded


def test_a_bare_former_surname_is_joined_to_the_first_name_and_a_whole_one_stays():
    assert names_of(person("Leanne Hartley", ISLA.born_on, former=("Doyle", "Lea Marsh", "Leanne Hartley"))) == (
        "Leanne Hartley", "Leanne Doyle", "Lea Marsh",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "surname"), [("Ana de la Cruz", ["cruz"]), ("Isla Smith-Jones", ["smith", "jones"]), (" ", [])]
)
def test_the_last_name_is_the_last_word_in_one_piece_or_two(name, surname):
    assert surname_of(name) == surname


@pytest.mark.parametrize(
    ("first", "second", "near"),
    [
        ("Al", "Bo", False),  # two short names are not near for being short
        ("Li", "Lu", False),
        ("Ann", "Anna", True),
        ("Isla Hartley", "", False),
        ("Hartley, Isla", "Isla Hartley", True),
        ("Dr Isla Hartley", "Isla Hartley", True),
    ],
)
def test_names_that_could_be_confused(first, second, near):
    assert nearly(first, second) is nearly(second, first) is near


def of(*names, born=ISLA.born_on, local="", nhs=""):
    numbers = {LOCAL: local, NHS: nhs}
    return Candidate(names=names, born_on=born, numbers={k: frozenset({n}) for k, n in numbers.items() if n})


@pytest.mark.parametrize(
    ("seen", "sameness"),
    [
        (of("Isla Hartley", local="7"), Sameness.SAME),  # we know no local number that could speak against it
        (of("Isla Hartley", born=date(2022, 1, 1)), Sameness.NEAR),
        (of("Isla Hartley", born=date(2021, 2, 8)), Sameness.OTHER),  # another year
        (of("Isla Penrose"), Sameness.NEAR),
        (of("Bella Hartly"), Sameness.NEAR),
        (of("Bella Penrose"), Sameness.OTHER),
        (of("I Penrose"), Sameness.NEAR),
        (of("I Penrose", born=date(2022, 2, 9)), Sameness.OTHER),
        (of("I Hartley", born=None), Sameness.NEAR),
        (of("Isla Penrose", nhs="9990000018"), Sameness.OTHER),  # a number of the same kind speaks against it
    ],
)
def test_the_same_a_near_one_and_another(seen, sameness):
    assert judge(seen, ISLA).sameness is sameness


def test_the_facts_of_a_decision_are_name_birth_and_numbers_however_they_are_written():
    known = of("Isla Hartley", local="7")
    assert (
        facts_of(known)
        == facts_of(of("ISLA  HARTLEY", local="7"))
        == facts_of(of("Isla Hartley", "isla hartley", local="7"))
    )
    others = (
        of("Isla Hartly", local="7"),
        of("Isla Hartley", local="8"),
        of("Isla Hartley"),
        of("Isla Hartley", born=None, local="7"),
    )
    assert len({facts_of(each) for each in (known, *others)}) == 5
    unborn = Candidate(names=("Baby Hartley",), born_on=None, numbers={}, expected_on=date(2026, 3, 1))
    later = Candidate(names=("Baby Hartley",), born_on=None, numbers={}, expected_on=date(2028, 3, 1))
    assert facts_of(unborn) != facts_of(later), "the same row, and another baby"
