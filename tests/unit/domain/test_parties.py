from datetime import date

import pytest

from sar.domain.parties import (
    AccessRequest,
    Actor,
    DataSubject,
    Leg,
    PeopleRegister,
    Person,
    Requester,
    Role,
    SafeContact,
    StaffRole,
)
from sar.domain.references import LegName, PersonId, StaffId, SubjectId

LEANNE = Person(
    id=PersonId("leanne"), name="Leanne Hartley", role=Role.DATA_SUBJECT, aliases=("Leanne Doyle", "Leanne Hartley"),
    phones=("07700 900117",), subject=SubjectId("leanne"), phrases=("the mother",), identifiers=("9",),
)  # fmt: skip
MARCUS = Person(
    id=PersonId("marcus"),
    name="Marcus Hartley",
    role=Role.DATA_SUBJECT,
    subject=SubjectId("marcus"),
    job_title="driver",
)
PRIYA = Person(id=PersonId("priya"), name="Priya Raman", role=Role.PROFESSIONAL)
REGISTER = PeopleRegister(people=(LEANNE, MARCUS, PRIYA))


@pytest.mark.parametrize(
    ("on", "age"),
    [(date(2026, 2, 7), 3), (date(2026, 2, 8), 4), (date(2026, 12, 31), 4), (date(2022, 2, 8), 0)],
)
def test_an_age_changes_on_the_birthday(on, age):
    isla = DataSubject(id=SubjectId("isla"), name="Isla Hartley", born_on=date(2022, 2, 8))
    assert isla.age_on(on) == age


def test_one_born_on_a_leap_day_is_older_from_the_first_of_march():
    leap = DataSubject(id=SubjectId("x"), name="X", born_on=date(2008, 2, 29))
    assert [leap.age_on(date(2026, 2, 28)), leap.age_on(date(2026, 3, 1))] == [17, 18]


def test_only_the_legs_own_subject_stays_one():
    for_her = {p.name: p.role for p in REGISTER.for_leg(SubjectId("leanne"))}
    for_him = {p.name: p.role for p in REGISTER.for_leg(SubjectId("marcus"))}
    assert for_her == {
        "Leanne Hartley": Role.DATA_SUBJECT, "Marcus Hartley": Role.THIRD_PARTY, "Priya Raman": Role.PROFESSIONAL
    }  # fmt: skip
    assert for_him["Leanne Hartley"] is Role.THIRD_PARTY
    assert for_him["Marcus Hartley"] is Role.DATA_SUBJECT


def test_everything_that_is_looked_for_goes_along_when_a_subject_becomes_a_third_party():
    seen = next(p for p in REGISTER.for_leg(SubjectId("marcus")) if p.id == LEANNE.id)
    for word in (
        "name",
        "aliases",
        "phones",
        "phrases",
        "identifiers",
        "subject",
        "addresses",
        "emails",
        "born_on",
    ):
        assert getattr(seen, word) == getattr(LEANNE, word)


def test_written_forms_are_listed_once():
    assert LEANNE.names == ("Leanne Hartley", "Leanne Doyle")


def test_a_person_is_found_by_id():
    assert REGISTER.find(PersonId("priya")) is PRIYA
    assert REGISTER.find(PersonId("nobody")) is None


def test_roles_are_held_together_and_never_implied():
    amir = Actor(id=StaffId("amir"), name="Amir", roles=frozenset({StaffRole.APPROVER}))
    assert amir.has(StaffRole.APPROVER)
    assert not amir.has(StaffRole.OFFICER)


def test_a_leg_knows_whose_data_it_is_about():
    isla = DataSubject(id=SubjectId("isla"), name="Isla Hartley", born_on=date(2022, 2, 8))
    mother = Requester(name="Leanne Hartley", contact=SafeContact(), subject=SubjectId("leanne"))
    leg = Leg(
        name=LegName("isla"), number=1, subject=isla.id, recipient=mother, capacity="parental-responsibility"
    )
    asked = AccessRequest(
        received_on=date(2026, 10, 20),
        channel="web",
        nation="england",
        wording="",
        subjects=(isla,),
        legs=(leg,),
    )
    assert asked.subject_of(leg) is isla
