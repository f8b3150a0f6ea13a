"""Two people side by side: what agrees, what speaks against it, and what carries "the same person"."""

from dataclasses import replace
from datetime import date

import pytest

from sar.domain.comparing import (
    Agreement,
    Sameness,
    check_decision,
    compare,
    is_supported,
    with_details,
)
from sar.domain.errors import InvalidInput, SecondPersonNeeded
from sar.domain.parties import DataSubject, Identifier, IdentifierKind, Person, Role
from sar.domain.references import PersonId, SubjectId

NHS = Identifier(kind=IdentifierKind.NHS_NUMBER, value="999 204 4179")
LEANNE = DataSubject(
    id=SubjectId("leanne"), name="Leanne Hartley", born_on=date(1993, 3, 14), former_names=("Leanne Doyle",),
    identifiers=(NHS,), addresses=("14 Mill Row, Lowmere",),
)  # fmt: skip
OTHER = Person(id=PersonId("gp/7"), name="Leanne Hartly", role=Role.NAMESAKE)


def facts(**changes):
    return compare(LEANNE, replace(OTHER, **changes))


def said(**changes):
    return {f.what: f.agreement for f in facts(**changes)}


@pytest.mark.parametrize(
    ("changes", "what", "agreement"),
    [
        ({}, "Names", Agreement.AGAINST),
        ({"name": "LEANNE  DOYLE"}, "Names", Agreement.AGREES),
        ({}, "Date of birth", Agreement.OPEN),
        ({"born_on": date(1993, 3, 14)}, "Date of birth", Agreement.AGREES),
        ({"born_on": date(1993, 4, 14)}, "Date of birth", Agreement.AGAINST),
        ({"identifiers": ("9992044179",)}, "Numbers", Agreement.AGREES),
        ({"identifiers": ("9992044330",)}, "Numbers", Agreement.AGAINST),
        ({"identifiers": ("P-77",)}, "Numbers", Agreement.OPEN),
        ({"addresses": ("14 Mill Row,  Lowmere.",)}, "Addresses", Agreement.AGREES),
        ({"addresses": ("5 Cooper Yard",)}, "Addresses", Agreement.OPEN),
    ],
)
def test_each_fact_is_compared_for_itself(changes, what, agreement):
    assert said(**changes)[what] is agreement


@pytest.mark.parametrize(
    ("changes", "carries"),
    [
        ({}, False),
        ({"identifiers": ("9992044179",)}, True),
        ({"born_on": date(1993, 3, 14)}, False),
        ({"born_on": date(1993, 3, 14), "addresses": ("14 Mill Row, Lowmere",)}, True),
        (
            {"born_on": date(2019, 3, 14), "name": "Leanne Hartley", "addresses": ("14 Mill Row, Lowmere",)},
            False,
        ),
        ({"born_on": date(2019, 3, 14), "identifiers": ("9992044179",)}, False),
        ({"name": "Leanne Doyle", "born_on": date(1993, 3, 14), "identifiers": ("9992044330",)}, False),
    ],
)
def test_a_number_or_two_facts_carry_it_and_another_nhs_number_does_not(changes, carries):
    assert is_supported(facts(**changes)) is carries
    if carries:
        check_decision(Sameness.SAME, "Compared.", facts=facts(**changes), second_look=False)
    else:
        with pytest.raises(SecondPersonNeeded):
            check_decision(Sameness.SAME, "Compared.", facts=facts(**changes), second_look=False)
        check_decision(Sameness.SAME, "Compared.", facts=facts(**changes), second_look=True)


@pytest.mark.parametrize("sameness", [Sameness.OTHER, Sameness.UNSURE])
def test_anything_else_needs_only_a_reason(sameness):
    check_decision(sameness, "Another birthday.", facts=facts(), second_look=False)
    with pytest.raises(InvalidInput) as refused:
        check_decision(sameness, "  ", facts=facts(), second_look=False)
    assert refused.value.field == "reason"


def test_a_number_and_a_former_name_are_added():
    local = Identifier(kind=IdentifierKind.LOCAL, value="C-12")
    assert with_details(LEANNE, identifier=local).identifiers == (NHS, local)
    assert with_details(LEANNE, former_name=" Leanne  Marsh ").former_names == (
        "Leanne Doyle",
        "Leanne Marsh",
    )


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"former_name": "leanne doyle"},
        {"identifier": Identifier(kind=IdentifierKind.NHS_NUMBER, value="9992044179")},
        {"identifier": Identifier(kind=IdentifierKind.NHS_NUMBER, value="12345")},
    ],
)
def test_what_cannot_be_added(given):
    with pytest.raises(InvalidInput) as refused:
        with_details(LEANNE, **given)
    assert refused.value.field == "value"


LOCAL = Identifier(kind=IdentifierKind.LOCAL, value="1001")


def test_another_nhs_number_speaks_against_it_also_where_a_local_number_is_equal():
    ours = replace(LEANNE, identifiers=(NHS, LOCAL))
    tracy = replace(OTHER, name="Tracy Smith", born_on=date(1950, 1, 1), identifiers=("9434765870", "1001"))
    found = compare(ours, tracy)
    assert [f.agreement for f in found if f.is_number] == [Agreement.AGAINST]
    assert not is_supported(found)


def test_a_local_number_alone_does_not_carry_it():
    ours = replace(LEANNE, identifiers=(LOCAL,))
    assert not is_supported(compare(ours, replace(OTHER, identifiers=("1001",))))
    assert is_supported(compare(ours, replace(OTHER, identifiers=("1001",), born_on=LEANNE.born_on)))
