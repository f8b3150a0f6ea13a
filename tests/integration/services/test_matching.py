"""A near name is compared by a person and never merged; what they decide reaches the store."""

from dataclasses import replace
from datetime import date

import pytest

from sar.domain.comparing import Sameness
from sar.domain.errors import DecisionNotSupported, InvalidInput, NotAllowed, NotFound, SecondPersonNeeded
from sar.domain.parties import Identifier, IdentifierKind, Person, Role, SafeContact
from sar.domain.records import HeldBack
from sar.domain.references import PersonId, RecordKey, StoreName
from sar.domain.trail import EventKind
from sar.ports.casework import answers_of, request_of
from sar.ports.matching import question_for
from tests.fakes.ports import HeldStore, record
from tests.integration.services.conftest import APPROVER, LAWYER, LEANNE, OFFICER, own_leg

WARD = StoreName("ward")
OTHER = Person(
    id=PersonId("ward/P/2"), name="Leanne Hartly", role=Role.NAMESAKE, born_on=date(1993, 5, 14),
    addresses=("5 Cooper Yard",), identifiers=("9992044330",),
)  # fmt: skip
HELD = HeldBack(key=RecordKey(WARD, "P/2"), why="a nearly equal name", code="near-name")


@pytest.fixture
def case(office):
    office.stores = [HeldStore("ward", [record("1", "Seen.")], people=(OTHER,), held_back=(HELD,))]
    made = office.receive()
    office.ready(made)
    return made


def decide(office, case, sameness, by=OFFICER, reason="Another birthday.", native="P/2"):
    office.matching.decide(
        case, store="ward", subject="leanne", native_id=native, sameness=sameness, reason=reason, at=office.at(), by=by
    )  # fmt: skip


def asked_with(office, case):
    with office.archive.reading(case) as file:
        asked = question_for(file, LEANNE, WARD, until=office.now.date())
    return asked.confirmed, asked.ruled_out


def warnings(office, case):
    return office.signoff.readiness(case, leg=1, on=office.now.date()).warnings


def test_they_stand_side_by_side_and_nothing_is_merged(office, case):
    [match] = office.matching.near(case)
    assert (match.subject.name, match.person) == ("Leanne Hartley", OTHER)
    assert {f.what for f in match.facts} == {"Names", "Date of birth", "Numbers", "Addresses"}
    assert match.is_open
    assert asked_with(office, case) == (frozenset(), frozenset())
    assert [p.name for p in office.register(case).people if p.role is Role.DATA_SUBJECT] == ["Leanne Hartley"]


def test_somebody_else_is_ruled_out_at_the_next_question(office, case):
    assert any("1 person with a nearly equal name is not told apart yet" in w for w in warnings(office, case))
    decide(office, case, Sameness.OTHER)
    assert asked_with(office, case) == (frozenset(), frozenset({"P/2"}))
    assert not any("nearly equal" in w for w in warnings(office, case))


def test_cannot_tell_stays_open_and_is_shown_to_the_approver(office, case):
    decide(office, case, Sameness.UNSURE)
    assert office.matching.near(case)[0].is_open
    assert asked_with(office, case) == (frozenset(), frozenset())
    assert any("nearly equal name" in w for w in warnings(office, case))


def test_the_same_person_on_too_little_needs_a_second_pair_of_eyes(office, case):
    for by in (OFFICER, APPROVER):
        with pytest.raises(SecondPersonNeeded):
            decide(office, case, Sameness.SAME, by=by)
    decide(office, case, Sameness.UNSURE, reason="The midwife says it is her.")
    with pytest.raises(SecondPersonNeeded):
        decide(office, case, Sameness.SAME)
    decide(office, case, Sameness.SAME, by=APPROVER, reason="I telephoned the ward.")
    assert asked_with(office, case) == (frozenset({"P/2"}), frozenset())
    assert [d.by_role for d in office.matching.near(case)[0].decisions] == ["records officer", "approver"]


def test_a_decision_can_be_changed_and_the_earlier_one_is_kept(office, case):
    decide(office, case, Sameness.OTHER)
    decide(office, case, Sameness.UNSURE, reason="Not so sure.")
    assert asked_with(office, case) == (frozenset(), frozenset())
    assert [d.sameness for d in office.matching.near(case)[0].decisions] == [Sameness.OTHER, Sameness.UNSURE]


@pytest.mark.parametrize("born_on", [None, LEANNE.born_on])
def test_an_agreeing_number_is_enough_for_one_officer(office, born_on):
    number = Identifier(kind=IdentifierKind.NHS_NUMBER, value="999 204 4330")
    known = replace(OTHER, born_on=born_on)
    office.stores = [HeldStore("ward", [record("1", "Seen.")], people=(known,), held_back=(HELD,))]
    case = office.receive(own_leg(replace(LEANNE, identifiers=(number,))))
    office.ready(case)
    decide(office, case, Sameness.SAME)
    assert asked_with(office, case)[0] == {"P/2"}


def test_a_number_that_agrees_and_a_birth_that_does_not_need_a_second_person(office):
    """A newborn may stand under their mother's number."""
    number = Identifier(kind=IdentifierKind.NHS_NUMBER, value="999 204 4330")
    office.stores = [HeldStore("ward", [record("1", "Seen.")], people=(OTHER,), held_back=(HELD,))]
    case = office.receive(own_leg(replace(LEANNE, identifiers=(number,))))
    office.ready(case)
    with pytest.raises(SecondPersonNeeded):
        decide(office, case, Sameness.SAME)
    decide(office, case, Sameness.UNSURE)
    decide(office, case, Sameness.SAME, by=APPROVER)
    assert asked_with(office, case)[0] == {"P/2"}


def test_who_may_not_and_what_is_not_there(office, case):
    with pytest.raises(NotAllowed):
        decide(office, case, Sameness.OTHER, by=LAWYER)
    with pytest.raises(NotFound):
        decide(office, case, Sameness.OTHER, native="P/3")
    with pytest.raises(InvalidInput):
        decide(office, case, Sameness.OTHER, reason=" ")
    assert not [e for e in office.events(case) if e.kind is EventKind.MATCH_DECIDED]


def test_the_trail_holds_no_name_number_or_reason(office, case):
    decide(office, case, Sameness.OTHER)
    office.matching.add_details(case, subject="leanne", former_name="Leanne Marsh", reason="On the ward card.",
                                at=office.at(), by=OFFICER)  # fmt: skip
    told = [
        e for e in office.events(case) if e.kind in {EventKind.MATCH_DECIDED, EventKind.SUBJECT_DETAILS_ADDED}
    ]
    assert len(told) == 2
    words = repr([e.facts for e in told])
    for never in ("P/2", "Leanne", "leanne", "Hartl", "birthday", "Marsh", "card", "1993"):
        assert never not in words


def test_an_added_number_and_name_are_asked_by_at_the_next_gathering(office, case):
    local = Identifier(kind=IdentifierKind.LOCAL, value="C-12")
    for given in ({"identifier": local}, {"former_name": "Leanne Marsh"}):
        office.matching.add_details(case, subject="leanne", reason="On the ward card.", at=office.at(), by=OFFICER,
                                    **given)  # fmt: skip
    office.gather(case)
    asked = office.stores[0].asked[-1].subject
    assert asked.identifiers == (local,)
    assert asked.former_names == ("Leanne Marsh",)
    with office.archive.reading(case) as file:
        assert len(request_of(file).legs) == 1
    with pytest.raises(NotAllowed):
        office.matching.add_details(
            case, subject="leanne", former_name="X Y", reason="So.", at=office.at(), by=LAWYER
        )
    with pytest.raises(InvalidInput):
        office.matching.add_details(
            case, subject="leanne", former_name="X Y", reason="", at=office.at(), by=OFFICER
        )


def add_number(office, case, value, by=OFFICER):
    number = Identifier(kind=IdentifierKind.NHS_NUMBER, value=value)
    office.matching.add_details(
        case, subject="leanne", identifier=number, reason="On the card.", at=office.at(), by=by
    )


def test_the_number_of_a_near_name_is_not_added_by_one_officer_alone(office, case):
    for by in (OFFICER, APPROVER):
        with pytest.raises(SecondPersonNeeded):
            add_number(office, case, "999 204 4330", by)
    decide(office, case, Sameness.UNSURE)
    with pytest.raises(SecondPersonNeeded):
        add_number(office, case, "999 204 4330")
    add_number(office, case, "999 204 4330", APPROVER)
    assert [i.value for i in office.matching.subjects(case)[0].identifiers] == ["999 204 4330"]


def test_the_name_of_a_near_name_is_not_made_a_former_name_by_one_officer_alone(office, case):
    with pytest.raises(SecondPersonNeeded):
        office.matching.add_details(
            case, subject="leanne", former_name="leanne  hartly", reason="A slip.", at=office.at(), by=OFFICER
        )


def test_a_second_nhs_number_needs_an_approver(office, case):
    add_number(office, case, "999 204 4179")
    with pytest.raises(SecondPersonNeeded):
        add_number(office, case, "999 204 4187")
    add_number(office, case, "999 204 4187", APPROVER)


def blockers(office, case):
    found = office.signoff.readiness(case, leg=1, on=office.now.date()).blockers
    return [b for b in found if "Gather again, from every place" in b]


def test_an_answer_from_before_somebody_was_found_to_be_the_same_is_not_signed_off(office, case):
    decide(office, case, Sameness.UNSURE)
    assert blockers(office, case) == []
    decide(office, case, Sameness.SAME, by=APPROVER)
    assert blockers(office, case)[0].startswith("The ward was asked before")
    office.reviewed(case)
    with pytest.raises(DecisionNotSupported, match="Gather again"):
        office.sign_off(case)
    office.ready(case)
    assert blockers(office, case) == []


def test_that_a_near_name_is_somebody_elses_stops_nothing(office, case):
    decide(office, case, Sameness.OTHER)
    assert blockers(office, case) == []


def test_an_answer_from_before_a_number_or_a_name_was_added_is_not_signed_off(office, case):
    office.matching.add_details(
        case, subject="leanne", former_name="Leanne Marsh", reason="Card.", at=office.at(), by=OFFICER
    )
    assert len(blockers(office, case)) == 1
    office.ready(case)
    assert blockers(office, case) == []


def test_somebody_whom_the_store_holds_back_again_after_a_decision_waits_anew(office, case):
    decide(office, case, Sameness.OTHER)
    assert not office.matching.near(case)[0].is_open
    office.gather(case)
    assert office.matching.near(case)[0].is_open


def shows(office, case, *facts):
    """The ward says other things of that person from now on, and is asked again."""
    store = HeldStore(
        "ward", [record("1", "Seen.")], people=(OTHER,), held_back=(replace(HELD, facts=facts),)
    )
    office.stores = [store]
    office.gather(case)


def question(office, case):
    with office.archive.reading(case) as file:
        return question_for(file, LEANNE, WARD, until=office.now.date())


def decide_same(office, case):
    decide(office, case, Sameness.UNSURE)
    decide(office, case, Sameness.SAME, by=APPROVER, reason="I telephoned the ward.")


def test_a_decision_goes_to_the_store_with_the_facts_it_was_made_on(office, case):
    shows(office, case, "first")
    decide_same(office, case)
    assert dict(question(office, case).compared) == {"P/2": {"first"}}
    shows(office, case, "second")
    [match] = office.matching.near(case)
    assert (match.is_open, match.has_changed) == (True, True)
    # Nobody has looked at what the store says now: the earlier look was at somebody else, perhaps.
    with pytest.raises(SecondPersonNeeded):
        decide(office, case, Sameness.SAME, by=APPROVER, reason="As before.")
    assert blockers(office, case) == []
    decide_same(office, case)
    assert question(office, case).confirmed == {"P/2"}
    assert len(blockers(office, case)) == 1, "the ward was told of the other facts only"
    decide(office, case, Sameness.OTHER)
    assert (question(office, case).confirmed, question(office, case).ruled_out) == (set(), {"P/2"})
    assert question(office, case).compared == {"P/2": {"second"}}


def test_facts_of_one_number_that_were_decided_alike_stand_together(office, case):
    for facts in ("first", "second"):
        shows(office, case, facts)
        decide(office, case, Sameness.OTHER)
    assert question(office, case).compared == {"P/2": {"first", "second"}}
    decide(office, case, Sameness.UNSURE)
    assert question(office, case).ruled_out == set()


def test_a_decision_without_facts_holds_as_it_did(office, case):
    decide(office, case, Sameness.OTHER)
    assert question(office, case).ruled_out == {"P/2"}
    assert question(office, case).compared == {}


def test_her_own_address_is_asked_by_and_one_that_waits_to_be_confirmed_is_not(office, case):
    assert office.stores[0].asked[-1].contacts == ("leanne@example.org",)
    with office.archive.reading(case) as file:
        [answer] = answers_of(file, 1)
    assert "E-mail address: leanne@example.org" in answer.terms
    office.standing.set_contact(
        case, contact=SafeContact(email=""), leg=1, reason="It says so.", unproved_email="his@example.org",
        at=office.at(), by=OFFICER,
    )  # fmt: skip
    office.standing.prove_contact(
        case, leg=1, contact=SafeContact(email="his@example.org"), at=office.at(), by=OFFICER
    )
    office.gather(case)
    assert office.stores[0].asked[-1].contacts == ()
