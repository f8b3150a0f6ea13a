"""What a family, a house or a year shares is no second fact: such papers are compared, never taken."""

from dataclasses import replace

import pytest

from sar.domain.parties import Identifier, IdentifierKind
from sar.domain.records import SubjectQuery
from sar.stores.inside import WEAK_IN_TEXT
from sar.stores.names import Candidate, Sameness, judge
from tests.fakes.stores import AT, LEANNE
from tests.integration.stores.test_folders import folder as folder_fixture
from tests.integration.stores.test_folders import store

folder = folder_fixture


def asked(folder, words, **changed):
    """Whether it was taken, and what was held back."""
    (folder / "2024-01-01-letter.txt").write_text(words)
    subject = replace(LEANNE, **changed)
    answer = store(folder).answer(SubjectQuery(subject=subject), at=AT)
    return len(answer.records), [(h.code, h.why) for h in answer.held_back]


TAKEN = (1, [])
COMPARED = (0, [("near-name", WEAK_IN_TEXT)])


@pytest.mark.parametrize(
    ("home", "words", "outcome"),
    [
        ("Flat 2, 14 Tanner Row, Wexcombe", "Leanne Hartley, born 3 March 1971, of Flat 2, 99 Mill Lane.", COMPARED),
        ("Flat 2, 14 Tanner Row, Wexcombe", "Leanne Hartley of Flat 2, 14 Tanner Row.", TAKEN),
        ("Flat 2 14 Tanner Row, Wexcombe", "Leanne Hartley, Flat 2, 14 Tanner Row.", TAKEN),
        ("The Cottage, Wexcombe", "Leanne Hartley of The Cottage, Penzance.", COMPARED),
        ("The Cottage, Wexcombe", "Leanne Hartley of The Cottage, Wexcombe.", TAKEN),
        ("The Cottage", "Leanne Hartley of The Cottage.", COMPARED),
    ],
)  # fmt: skip
def test_a_flat_or_the_name_of_a_house_is_no_home_without_its_street_or_town(folder, home, words, outcome):
    assert asked(folder, words, addresses=(home,)) == outcome


@pytest.mark.parametrize(
    ("number", "words", "outcome"),
    [
        ("2024", "Leanne Hartley, born 3 March 1971, seen on 12 May 2024.", COMPARED),
        ("12", "Leanne Hartley, seen on 12 May 2024.", COMPARED),
        ("120524", "Leanne Hartley, seen 12-05-24.", COMPARED),
        ("120524", "Leanne Hartley, case 12-05-24-7; our number 120524.", TAKEN),
        ("SW12", "Leanne Hartley, case SW12.", TAKEN),
    ],
)
def test_a_local_number_that_may_be_a_day_or_a_year_proves_nothing(folder, number, words, outcome):
    local = (Identifier(kind=IdentifierKind.LOCAL, value=number),)
    assert asked(folder, words, identifiers=local, addresses=()) == outcome


@pytest.mark.parametrize(
    ("former", "words", "outcome"),
    [
        ("Van Dijk", "Mr Pieter Van Dijk, 14 Tanner Row: results.", COMPARED),
        ("Van Dijk", "Mr Pieter Van Dijk, father of a child born 14/03/1993.", COMPARED),
        ("Garcia Lopez", "Mr Juan Garcia Lopez, 14 Tanner Row: results.", COMPARED),
        ("Van Dijk", "Leanne Van Dijk, 14 Tanner Row.", TAKEN),
        ("Van Dijk", "VAN DIJK, Leanne; 14/03/1993", TAKEN),
        ("Lee Doyle", "Lee Doyle, born 14/03/1993", TAKEN),
        ("Leanne Doyle", "Leanne Doyle, 14 Tanner Row.", TAKEN),
    ],
)
def test_a_former_surname_of_two_words_is_no_full_name(folder, former, words, outcome):
    home = ("14 Tanner Row, Wexcombe",)
    assert asked(folder, words, former_names=(former,), addresses=home) == outcome


def test_a_row_with_a_former_surname_alone_is_compared():
    subject = replace(LEANNE, former_names=("Van Dijk",))
    of = [judge(Candidate(names=(name,), born_on=LEANNE.born_on, numbers={}), subject).sameness
          for name in ("Van Dijk", "Leanne van Dijk")]  # fmt: skip
    assert of == [Sameness.NEAR, Sameness.SAME]
