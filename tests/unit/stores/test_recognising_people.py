"""A number, or two agreeing facts. The other Leanne is never taken for this one."""

from datetime import date

import pytest

from sar.domain.parties import IdentifierKind
from sar.stores.names import Candidate, Sameness, distance, judge, nearly
from tests.fakes.stores import LEANNE, person

NHS = IdentifierKind.NHS_NUMBER


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
