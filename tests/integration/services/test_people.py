"""The register carries redaction: what an officer wrote into it must never be lost again."""

from dataclasses import replace
from datetime import date

import pytest

from sar.domain.errors import InvalidInput, NotAllowed
from sar.domain.parties import Identifier, IdentifierKind, Person, Role
from sar.domain.references import PersonId, StoreName
from sar.services.people import merged
from tests.fakes.ports import HeldStore, record
from tests.integration.services.conftest import APPROVER, LEANNE, OFFICER, PRIYA, TULLY, own_leg

AS_STORE = Person(
    id=PersonId("ward-17"), name="Maureen TULLY", role=Role.THIRD_PARTY, phones=("07700 900144",),
    seen_in=(StoreName("ward"),),
)  # fmt: skip


def entry(office, case, name="tully"):
    return next(p for p in office.register(case).people if "tully" in p.name.casefold())


def test_the_register_is_built_from_subjects_answers_and_records(office):
    in_record = Person(
        id=PersonId("jo"), name="Jo Marsh", role=Role.PROFESSIONAL, seen_in=(StoreName("ward"),)
    )
    office.stores = [HeldStore("ward", [record("1", "Seen.", people=(in_record,))], people=(PRIYA,))]
    case = office.receive()
    office.ready(case)
    roles = {p.name: p.role for p in office.register(case).people}
    assert roles == {
        "Leanne Hartley": Role.DATA_SUBJECT, "Jo Marsh": Role.PROFESSIONAL, "Priya Raman": Role.PROFESSIONAL
    }  # fmt: skip


def test_an_officers_entry_survives_the_next_gathering(office):
    office.stores = [HeldStore("ward", [record("1", "Seen.")], people=(AS_STORE,))]
    case = office.receive()
    office.ready(case, TULLY)
    for _ in range(2):
        found = entry(office, case)
        assert found.role is Role.SOURCE
        assert found.phrases == ("next door",)
        assert set(found.phones) == {"01632 960144", "07700 900144"}
        office.people.build(case, round_number=office.gather(case), at=office.at())
    assert len([p for p in office.register(case).people if "tully" in p.name.casefold()]) == 1


def test_a_store_cannot_make_the_subject_somebody_else(office):
    as_store = Person(
        id=PersonId("x"), name="LEANNE HARTLEY", role=Role.THIRD_PARTY, aliases=("Leanne Doyle",),
        seen_in=(StoreName("ward"),),
    )  # fmt: skip
    office.stores = [HeldStore("ward", people=(as_store,))]
    case = office.receive()
    office.ready(case)
    [only] = office.register(case).people
    assert only.role is Role.DATA_SUBJECT
    assert only.subject == LEANNE.id
    assert "Leanne Doyle" in only.names


def test_only_an_officer_adds_and_an_entry_needs_a_name(office, with_records):
    case = with_records(record("1", "Seen."))
    with pytest.raises(NotAllowed):
        office.people.add(case, TULLY, at=office.at(), by=APPROVER)
    before = office.register(case)
    with pytest.raises(InvalidInput) as refused:
        office.people.add_many(
            case, [TULLY, replace(TULLY, id=PersonId("m"), name=" M ")], at=office.at(), by=OFFICER
        )
    assert refused.value.field == "name"
    assert office.register(case) == before


def test_a_new_person_is_proposed_on_and_old_decisions_stand(office, with_records):
    case = with_records(record("1", "Kerry Lomax rang. Maureen Tully wept."))
    office.people.add(
        case,
        Person(id=PersonId("kerry"), name="Kerry Lomax", role=Role.THIRD_PARTY),
        at=office.at(),
        by=OFFICER,
    )
    office.review.propose(case, leg=1, at=office.at())
    office.decide(case, "Kerry Lomax")
    office.people.add(case, TULLY, at=office.at(), by=OFFICER)
    office.review.propose(case, leg=1, at=office.at())
    proposed = office.proposals(case)
    assert proposed["Maureen Tully"].is_source
    view = office.review.view(case, leg=1, record="ward/1", by=OFFICER)
    by_words = {p.text: p.verdict for p in view.passages[0].parts if p.proposal}
    assert by_words["Kerry Lomax"] == "withhold"
    assert by_words["Maureen Tully"] == ""


def person(name, role=Role.THIRD_PARTY, **more):
    return Person(id=PersonId(more.pop("id", name)), name=name, role=role, **more)


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        (person("Kerry Lomax"), person("LOMAX, Kerry", id="2"), False),
        (person("Kerry Lomax"), person("kerry  lomax", id="2"), True),
        (person("Kerry Lomax", aliases=("K Lomax",)), person("K Lomax", id="2"), True),
        (
            person("Sam Lee", born_on=date(1990, 1, 1)),
            person("Sam Lee", id="2", born_on=date(2020, 1, 1)),
            False,
        ),
        (person("Sam Lee", identifiers=("9",)), person("S. Lee", id="2", identifiers=("9",)), True),
        (person("Fenwater", Role.ORGANISATION), person("Fenwater", id="2"), False),
    ],
)
def test_two_entries_are_one_only_when_they_are_the_same_person(first, second, one):
    assert len(merged([first, second])) == (1 if one else 2)


def test_numbers_of_the_subject_reach_the_register(office):
    with_number = replace(
        LEANNE, identifiers=(Identifier(kind=IdentifierKind.NHS_NUMBER, value="9992044179"),)
    )
    office.stores = [HeldStore("ward")]
    case = office.receive(own_leg(with_number))
    office.ready(case)
    assert office.register(case).people[0].identifiers == ("9992044179",)
