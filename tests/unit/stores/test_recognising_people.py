"""A number, or two agreeing facts. The other Leanne is never taken for this one."""

from datetime import date

import pytest

from sar.domain.parties import IdentifierKind
from sar.stores.fhir_shapes import candidate as patient
from sar.stores.inside import look_inside
from sar.stores.names import Candidate, Sameness, distance, fold, judge, nearly
from sar.stores.values import digits
from tests.fakes.stores import ISLA, LEANNE, person

NHS, UPN = IdentifierKind.NHS_NUMBER, IdentifierKind.UPN


def candidate(*names, born=None, nhs=""):
    return Candidate(names=names, born_on=born, numbers={NHS: frozenset({nhs})} if nhs else {})


BORN = date(1993, 3, 14)


@pytest.mark.parametrize(
    ("seen", "sameness"),
    [
        (candidate("Leanne Hartley", born=BORN, nhs="9992044179"), Sameness.SAME),
        (candidate("L Hartley", born=BORN, nhs="9992044179"), Sameness.SAME),
        (candidate("Leanne Doyle", born=BORN), Sameness.SAME),
        (candidate("LEANNE  HÄRTLEY", born=BORN), Sameness.SAME),
        (candidate("Leanne Hartley", born=BORN, nhs="9992044330"), Sameness.NEAR),
        (candidate("Leanne Hartly", born=date(1993, 11, 2), nhs="9992044330"), Sameness.NEAR),
        (candidate("Leanne Hartly", born=date(1993, 11, 2)), Sameness.NEAR),
        (candidate("Leanne Hartley", born=None), Sameness.NEAR),
        (candidate("Someone Else", born=date(1950, 1, 1), nhs="9992044179"), Sameness.NEAR),
        (candidate("Leanne Hartley", born=date(1968, 1, 1)), Sameness.OTHER),
        (candidate("Joanne Kirk", born=BORN), Sameness.OTHER),
        (candidate(born=BORN), Sameness.OTHER),
    ],
)
def test_who_is_who(seen, sameness):
    assert judge(seen, LEANNE).sameness is sameness


def test_a_former_surname_alone_is_joined_to_the_first_name():
    former = person("Leanne Hartley", BORN, former=["Doyle"])
    assert judge(candidate("Leanne Doyle", born=BORN), former).sameness is Sameness.SAME


@pytest.mark.parametrize(
    ("first", "second", "edits"),
    [("hartley", "hartly", 1), ("hartley", "hratley", 1), ("ann", "anna", 1), ("a", "xyzq", 3)],
)
def test_edits_between_words(first, second, edits):
    assert distance(first, second) == distance(second, first) == edits


def test_two_different_people_are_not_near():
    assert not nearly("Leanne Hartley", "Leanne Prosser")


def of_isla(*names, born=ISLA.born_on, nhs="", upn="", expected=None):
    numbers = {NHS: nhs, UPN: upn}
    return Candidate(
        names=names,
        born_on=born,
        numbers={k: frozenset({n}) for k, n in numbers.items() if n},
        expected_on=expected,
    )


OWN, OWN_UPN, ANOTHERS = "9992311584", "Y937204417026", "9990000018"


@pytest.mark.parametrize(
    ("seen", "sameness"),
    [
        (of_isla("Erin Hartley", nhs=ANOTHERS, upn=OWN_UPN), Sameness.NEAR),
        (of_isla("Erin Hartley", nhs=OWN), Sameness.NEAR),
        (of_isla("Erin Hartley", nhs=OWN, born=None), Sameness.NEAR),
        (of_isla("Isla Hartley", nhs=OWN, upn="Y937204417099"), Sameness.SAME),
        (of_isla("Isla Hartley", nhs=ANOTHERS, upn=OWN_UPN, born=None), Sameness.NEAR),
        (of_isla("Isla Penrose", nhs=ANOTHERS, upn=OWN_UPN), Sameness.NEAR),
        (of_isla("Isla Penrose", nhs=OWN), Sameness.SAME),
        (of_isla("Hartley, Miss I", nhs=OWN), Sameness.SAME),
        (of_isla("Baby Doyle", nhs=OWN), Sameness.SAME),
        (of_isla(nhs=OWN), Sameness.SAME),
        (of_isla("Isla Hartley", nhs=OWN, born=date(2022, 8, 2)), Sameness.SAME),
    ],
)
def test_one_number_does_not_lend_a_sister_s_file(seen, sameness):
    assert judge(seen, ISLA).sameness is sameness


@pytest.mark.parametrize(
    ("seen", "sameness"),
    [
        (of_isla("Miss Isla Hartley"), Sameness.SAME),
        (of_isla("HARTLEY, Isla"), Sameness.SAME),
        (of_isla("Isla Marie Hartley"), Sameness.NEAR),
        (of_isla("Isla Hartley-Doyle"), Sameness.NEAR),
        (of_isla("I. Hartley"), Sameness.NEAR),
        (of_isla("Isla Penrose"), Sameness.NEAR),
        (of_isla("Miss Hartley"), Sameness.NEAR),
        (of_isla("Isla Marie Hartley", born=date(2022, 8, 2)), Sameness.NEAR),
        (of_isla("Isla Marie Hartley", born=None), Sameness.NEAR),
        (of_isla("Isla Marie Hartley", nhs=ANOTHERS), Sameness.NEAR),
        (of_isla("Erin Hartley", nhs=ANOTHERS), Sameness.OTHER),
        (of_isla("Erin Penrose"), Sameness.OTHER),
        (of_isla("Erin Hartley", born=date(2022, 8, 2)), Sameness.OTHER),
        (of_isla("Unborn Hartley", born=None), Sameness.NEAR),
        (of_isla("Unborn Hartley", born=None, expected=date(2022, 3, 1)), Sameness.NEAR),
        (of_isla("Unborn Hartley", born=None, expected=date(2026, 3, 1)), Sameness.OTHER),
    ],
)
def test_a_middle_name_a_title_or_an_initial_is_never_nothing_held(seen, sameness):
    assert judge(seen, ISLA).sameness is sameness


NUMBER = "9992044179"
WRITTEN = [
    "999 204 4179", "999-204-4179", "999\u00a0204\u00a04179", "999\u2011204\u20114179", "999\u2013204\u20134179",
    "99920\u200c44179", "999\u00ad204\u00ad4179", "\ufeff9992044179",
    "\uff19\uff19\uff19\uff12\uff10\uff14\uff14\uff11\uff17\uff19",
]  # fmt: skip


@pytest.mark.parametrize("written", WRITTEN, ids=ascii)
def test_a_number_is_known_with_other_dashes_figures_and_signs_that_nobody_sees(written):
    assert digits(written) == NUMBER
    assert look_inside([f"Seen: {written}."], LEANNE).sameness is Sameness.SAME
    assert look_inside([f"Seen: 7{written}."], LEANNE).sameness is Sameness.OTHER


@pytest.mark.parametrize(
    ("name", "as_written", "another"),
    [
        (
            "\u041e\u043b\u0435\u043d\u0430 \u041a\u043e\u0432\u0430\u043b\u044c",
            "\u041e\u041b\u0415\u041d\u0410 \u041a\u041e\u0412\u0410\u041b\u042c",
            "\u0406\u0432\u0430\u043d \u041f\u0435\u0442\u0440\u0435\u043d\u043a\u043e",
        ),
        ("\u0141ukasz \u0141\u00f3d\u017a", "Lukasz Lodz", "Marek Nowak"),
        ("\u738b \u5c0f\u660e", "\u738b  \u5c0f\u660e", "\u674e \u5927\u4f1f"),
        (
            "\u0645\u0631\u064a\u0645 \u062d\u0633\u0646",
            "\u0645\u064e\u0631\u064a\u0645 \u062d\u0633\u0646",
            "\u0639\u0645\u0631 \u0633\u0639\u064a\u062f",
        ),
    ],
)
def test_a_name_in_any_script_is_found_by_name_and_birth_and_taken_for_no_other(name, as_written, another):
    subject = person(name, BORN)
    assert fold(as_written) == fold(name) != ""
    assert judge(candidate(as_written, born=BORN), subject).sameness is Sameness.SAME
    assert judge(candidate(another, born=BORN), subject).sameness is Sameness.OTHER


@pytest.mark.parametrize(
    ("name", "sameness"),
    [
        ({"prefix": ["Miss"], "given": ["Isla"], "family": "Hartley"}, Sameness.SAME),
        ({"prefix": ["Cllr"], "given": ["Isla"], "family": "Hartley"}, Sameness.SAME),
        ({"text": "The Hartley girl", "given": ["Isla"], "family": "Hartley"}, Sameness.SAME),
        ({"given": ["Isla", "Marie"], "family": "Hartley"}, Sameness.NEAR),
    ],
)
def test_the_parts_of_a_patient_s_name_are_compared_without_what_stands_before_it(name, sameness):
    seen = patient({"resourceType": "Patient", "name": [name], "birthDate": "2022-02-08"}, {})
    assert judge(seen, ISLA).sameness is sameness
