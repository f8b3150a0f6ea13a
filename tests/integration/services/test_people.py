"""The register carries redaction: what an officer wrote is never lost, and two people are never one entry."""

from dataclasses import replace
from datetime import date

import pytest

from sar.domain.errors import InvalidInput, NotAllowed
from sar.domain.naming import shared_names
from sar.domain.parties import Identifier, IdentifierKind, Person, Role
from sar.domain.references import PersonId, StoreName, SubjectId
from sar.ports.casework import answers_of
from sar.services.people import in_order, merged, named_by
from tests.fakes.ports import HeldStore, record
from tests.integration.services.conftest import APPROVER, LEANNE, OFFICER, PRIYA, TULLY, own_leg

AS_STORE = Person(
    id=PersonId("ward-17"), name="Maureen TULLY", role=Role.THIRD_PARTY, phones=("07700 900144",),
    seen_in=(StoreName("ward"),),
)  # fmt: skip

NUMBERED = replace(LEANNE, identifiers=(Identifier(kind=IdentifierKind.NHS_NUMBER, value="9992044179"),))
OTHER_PATIENT = Person(
    id=PersonId("n"), name="Leanne Hartley", role=Role.NAMESAKE, phones=("07700 900427",),
    addresses=("5 Cooper Yard",), identifiers=("9992044330",),
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
        identifiers=("999 204 4179",), phones=("07700 900102",), seen_in=(StoreName("ward"),),
    )  # fmt: skip
    office.stores = [HeldStore("ward", people=(as_store,))]
    case = office.receive(own_leg(NUMBERED))
    office.ready(case)
    [only] = office.register(case).people
    assert only.role is Role.DATA_SUBJECT
    assert only.subject == LEANNE.id
    assert "Leanne Doyle" in only.names
    assert only.phones == ("07700 900102",)


@pytest.mark.parametrize("role", [Role.NAMESAKE, Role.SOURCE, Role.THIRD_PARTY])
@pytest.mark.parametrize("written", [{}, {"name": "Kerry Lomax", "aliases": ("Leanne Hartley",)}])
def test_an_officers_entry_with_the_subjects_name_never_becomes_the_subject(office, role, written):
    other = replace(OTHER_PATIENT, role=role, **written)
    words = "The other one lives at 5 Cooper Yard, 07700 900427, number 9992044330."
    office.stores = [HeldStore("ward", [record("1", words)], people=(PRIYA,))]
    case = office.receive()
    office.ready(case, other)
    for _ in range(2):
        hers, subject = (next(p for p in office.register(case).people if p.role is r)
                         for r in (role, Role.DATA_SUBJECT))  # fmt: skip
        assert hers.phones == other.phones
        assert (subject.phones, subject.addresses, subject.identifiers) == ((), (), ())
        assert {"5 Cooper Yard", "07700 900427", "9992044330"} <= set(office.proposals(case))
        office.people.build(case, round_number=office.gather(case), at=office.at())
        office.review.propose(case, leg=1, at=office.at())


def test_an_entry_with_the_subjects_id_stays_an_entry_and_can_be_found(office):
    office.stores = [HeldStore("ward", [record("1", "Seen.")])]
    case = office.receive()
    office.ready(case, replace(OTHER_PATIENT, id=PersonId("leanne")))
    register = office.register(case)
    assert [p.role for p in register.people] == [Role.DATA_SUBJECT, Role.NAMESAKE]
    assert all(register.find(p.id) is p for p in register.people)


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


def subject(**more):
    return person("Leanne Hartley", Role.DATA_SUBJECT, id="leanne", born_on=LEANNE.born_on, **more)


def midwife(**more):
    return person("Ann Byrne", Role.PROFESSIONAL, **more)


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        # Private people: a full name, a number, an id; never a first name or a title and a surname.
        (person("Kerry Lomax"), person("LOMAX, Kerry", id="2"), False),
        (person("Kerry Lomax"), person("kerry  lomax", id="2"), True),
        (person("Kerry Lomax"), person("Mrs Kerry Lomax", Role.SOURCE, id="2"), True),
        (person("Kerry Lomax", aliases=("Kerry",)), person("Kerry Hope", id="2", aliases=("Kerry",)), False),
        (person("Kerry Lomax", aliases=("Ms Lomax",)), person("Ms Lomax", id="2"), False),
        (person("Kerry Lomax", aliases=("K. Lomax",)), person("K. Lomax", id="2"), False),
        (person("Sam Lee", born_on=date(1990, 1, 1)), person("Sam Lee", id="2", born_on=date(2020, 1, 1)), False),
        (person("Sam Lee", identifiers=("9",)), person("S. Lee", id="2", identifiers=("9",)), True),
        # Families of roles.
        (person("Fenwater", Role.ORGANISATION), person("Fenwater", id="2"), False),
        (person("Fenwater", Role.ORGANISATION), person("FENWATER", Role.ORGANISATION, id="2"), True),
        (midwife(), person("Ann Byrne", id="2"), False),
        (person("Ann Byrne"), midwife(id="2"), False),
        (person("Ann Byrne", id="ward/~1"), midwife(id="ward/~1"), False),
        # Professionals: a full name, and nothing against it that is known of their post.
        (midwife(), midwife(id="2", job_title="midwife"), True),
        (midwife(job_title="Midwife"), midwife(id="2", job_title="midwife", employer="Fenwater"), True),
        (midwife(employer="Fenwater, ward 3"), midwife(id="2", employer="Fenwater", job_title="nurse"), True),
        (midwife(employer="Fenwater"), midwife(id="2", employer="Aldermoor"), False),
        (midwife(employer="Fenwater", emails=("a@b.example",)),
         midwife(id="2", employer="Aldermoor", emails=("a@b.example",)), True),
        (midwife(job_title="nurse"), midwife(id="2", employer="Aldermoor"), False),
        (person("Ann", Role.PROFESSIONAL), person("Ann", Role.PROFESSIONAL, id="2"), False),
        # The data subject: what a store says of them as their relatives' relative, and nothing less.
        (subject(), person("Leanne Hartley", id="2", born_on=LEANNE.born_on), True),
        (subject(), person("Leanne Hartley", id="2"), False),
        (subject(), person("Leanne Hartley", Role.NAMESAKE, id="2", born_on=LEANNE.born_on), False),
        (subject(), person("Leanne Hartley", id="2", born_on=LEANNE.born_on, by_officer=True), False),
        (subject(identifiers=("9",)), person("Leanne Hartley", id="2", identifiers=("9",)), True),
        (subject(identifiers=("9",)), person("Alfie Hartley", id="2", identifiers=("9",)), False),
        (subject(identifiers=("9",)),
         person("Leanne Hartley", id="2", identifiers=("9",), born_on=date(1951, 1, 1)), False),
        (subject(phones=("07",)), person("Leanne Hartley", id="2", phones=("07",)), True),
        (subject(phones=("07",)), person("Leanne Hartley", id="2", phones=("07", "08")), False),
        (subject(phones=("07",)), person("Leanne Hartley", id="2", phones=("07",), addresses=("4 Elm Close",)), False),
        (subject(subject=SubjectId("leanne")),
         person("L Hartley", Role.DATA_SUBJECT, id="ward/4", subject=SubjectId("leanne")), True),
        (subject(subject=SubjectId("leanne"), identifiers=("family-9",)),
         person("Leanne Hartley", Role.DATA_SUBJECT, id="3", subject=SubjectId("l"), identifiers=("family-9",)), False),
    ],
)  # fmt: skip
def test_two_entries_are_one_only_when_they_are_the_same_person(first, second, one):
    assert len(merged([first, second])) == (1 if one else 2)
    assert len({p.id for p in merged([first, second])}) == (1 if one else 2)


def answered(office, *stores):
    """The register of one case, its stores answering in the order given."""
    office.stores = list(stores)
    case = office.receive()
    office.ready(case)
    return office.register(case).people


def test_a_professional_and_a_private_person_of_one_name_stay_two_and_are_reported(office):
    nurse = midwife(id="a/1", job_title="nurse", seen_in=(StoreName("ward"),))
    aunt = person("Ann Byrne", id="b/9", phones=("01632 960999",), seen_in=(StoreName("desk"),))
    words = record("1", "Ann Byrne, 01632 960999, is the aunt of the other child.")
    people = answered(office, HeldStore("ward", [words], people=(nurse,)), HeldStore("desk", people=(aunt,)))
    assert {(p.role, p.phones) for p in people} >= {
        (Role.PROFESSIONAL, ()), (Role.THIRD_PARTY, ("01632 960999",))
    }  # fmt: skip
    assert shared_names(people) == ("Ann Byrne",)


def test_a_name_borne_once_is_not_reported():
    assert shared_names([subject(), midwife(aliases=("Ann",)), person("Kerry Lomax", aliases=("Ann",))]) == ()
    assert shared_names([subject(), replace(OTHER_PATIENT, name="leanne hartley")]) == ("Leanne Hartley",)


def test_a_first_name_in_common_leaves_the_midwife_a_midwife(office):
    okonjo = person("Maureen Okonjo", Role.PROFESSIONAL, aliases=("Maureen",), seen_in=(StoreName("ward"),))
    office.stores = [HeldStore("ward", [record("1", "Seen.")], people=(okonjo,))]
    case = office.receive()
    office.ready(case, replace(TULLY, aliases=("Maureen",)))
    roles = {p.name: p.role for p in office.register(case).people if p.subject is None}
    assert roles == {"Maureen Okonjo": Role.PROFESSIONAL, "Maureen Tully": Role.SOURCE}


def test_the_register_does_not_depend_on_which_store_answered_first(office):
    def stores():
        said = [
            ("ward", person("Ann Byrne", id="ward/1", phones=("07",), relation="aunt")),
            ("desk", person("ANN BYRNE", Role.SOURCE, id="desk/4", phones=("08",), relation="caller")),
            ("clinic", midwife(id="clinic/2", job_title="midwife", employer="Fenwater")),
            ("school", midwife(id="school/3", job_title="teacher", employer="Aldermoor")),
        ]
        return [HeldStore(n, people=(replace(p, seen_in=(StoreName(n),)),)) for n, p in said]

    first, second = answered(office, *stores()), answered(office, *reversed(stores()))
    assert first == second
    private = next(p for p in first if p.id == "desk/4")
    assert private.role is Role.SOURCE
    assert set(private.phones) == {"07", "08"}
    assert len(first) == 4


def test_the_more_protected_role_wins_among_stores_and_the_officers_word_over_them():
    caller, aunt = person("Ann Byrne", Role.SOURCE, id="z"), person("Ann Byrne", id="a")
    assert [p.role for p in merged([aunt, caller])] == [Role.SOURCE]
    assert [p.role for p in merged([replace(aunt, by_officer=True), caller])] == [Role.THIRD_PARTY]


def test_an_officer_writes_an_entry_anew_with_another_role(office, with_records):
    case = with_records(record("1", "Seen."), people=(TULLY,))
    office.people.add(case, replace(TULLY, role=Role.PROFESSIONAL), at=office.at(), by=OFFICER)
    assert entry(office, case).role is Role.PROFESSIONAL
    assert len([p for p in office.register(case).people if "tully" in p.name.casefold()]) == 1


def test_a_copy_is_known_whenever_the_subjects_telephone_is_learned(office):
    mother = person("Leanne Hartley", id="clinic/1", phones=("07",), relation="mother")
    another = person("Leanne Hartley", id="annex/1", phones=("09",), seen_in=(StoreName("annex"),))
    hers = replace(subject(phones=("07",), subject=LEANNE.id), id=PersonId("ward/1"))
    stores = (
        HeldStore("annex", people=(another,)),
        HeldStore("clinic", people=(replace(mother, seen_in=(StoreName("clinic"),)),)),
        HeldStore("ward", people=(replace(hers, seen_in=(StoreName("ward"),)),)),
    )
    people = answered(office, *stores)
    assert [(p.id, p.phones) for p in people] == [("leanne", ("07",)), ("annex/1", ("09",))]


def test_people_of_answers_are_named_once_each(office):
    office.stores = [HeldStore("ward", [record("1", "Seen.", people=(PRIYA,))], people=(PRIYA,))]
    case = office.receive()
    office.gather(case)
    with office.archive.reading(case) as file:
        assert in_order(named_by(file, answers_of(file, 1))) == (PRIYA,)


def test_numbers_of_the_subject_reach_the_register(office):
    office.stores = [HeldStore("ward")]
    case = office.receive(own_leg(NUMBERED))
    office.ready(case)
    assert office.register(case).people[0].identifiers == ("9992044179",)
