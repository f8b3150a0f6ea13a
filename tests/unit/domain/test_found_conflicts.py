"""What the program proposes a stop for: precise enough that an officer is not drowned."""

from dataclasses import replace
from datetime import date

import pytest

from sar.domain.conflicts import Conflict
from sar.domain.found_conflicts import in_records, in_request
from sar.domain.parties import AccessRequest, DataSubject, Leg, Person, Requester, Role, SafeContact
from sar.domain.records import Finding, Passage, RecordKind
from sar.domain.references import LegName, PersonId, SubjectId
from tests.fakes.ports import record

TODAY = date(2026, 11, 2)
CHILD = DataSubject(id=SubjectId("isla"), name="Isla Hartley", born_on=date(2022, 2, 8))
MOTHER = Requester(name="Leanne Hartley", contact=SafeContact(email="a@example.org"))
LEG = Leg(
    name=LegName("isla"), number=1, subject=CHILD.id, recipient=MOTHER, capacity="parental-responsibility"
)


def asked(wording="Everything.", do_not="", *more):
    leg = replace(LEG, recipient=replace(MOTHER, contact=SafeContact(email="a@example.org", do_not=do_not)))
    request = AccessRequest(
        received_on=TODAY,
        channel="web",
        nation="england",
        wording=wording,
        subjects=(CHILD,),
        legs=(leg, *more),
    )
    return {found.conflict for found in in_request(request, leg)}


def held(kind=RecordKind.CASE_NOTE, text="A visit.", label="Note", on=date(2026, 9, 1), **more):
    made = replace(
        record("1", text), kind=kind, dated_on=on, passages=(Passage(label=label, text=text),), **more
    )
    return {found.conflict for found in in_records([made], people=(), leg=LEG, on=TODAY)}


@pytest.mark.parametrize(
    ("do_not", "conflict"),
    [
        ("My ex-partner reads the post.", Conflict.DOMESTIC_ABUSE),
        ("Never give him our address.", Conflict.HIDDEN_ADDRESS),
        ("There is a non-molestation order.", Conflict.NO_CONTACT_ORDER),
    ],
)
def test_a_safe_contact_note_can_be_a_reason_to_look(do_not, conflict):
    assert conflict in asked(do_not=do_not)


def test_an_ordinary_note_stops_nothing():
    assert asked(do_not="Do not ring after seven: Jean opens the post.") == set()


def test_two_people_who_ask_for_one_child_are_looked_at():
    other = replace(LEG, number=2, recipient=replace(MOTHER, name="Marcus Hartley"))
    assert asked("Everything.", "", other) == {Conflict.SEPARATED_PARENTS}
    assert asked("Everything.", "", replace(other, subject=SubjectId("ben"))) == set()
    assert asked("Everything.", "", replace(other, capacity="agent")) == {Conflict.SEPARATED_PARENTS}
    assert asked("Everything.", "", replace(other, capacity="competent-child-authority")) == set()


@pytest.mark.parametrize(
    ("given", "conflict"),
    [
        ({"text": "Heard at MARAC in May."}, Conflict.MARAC),
        ({"text": "He has a restraining order."}, Conflict.NO_CONTACT_ORDER),
        ({"text": "The Cafcass officer wrote a section 7 report."}, Conflict.FAMILY_COURT_PAPERS),
        ({"label": "Domestic abuse marker", "text": "yes"}, Conflict.DOMESTIC_ABUSE),
        ({"kind": RecordKind.SECTION_47, "text": "begun 1 August 2026"}, Conflict.OPEN_SECTION_47),
        ({"kind": RecordKind.POLICE_NOTIFICATION, "text": "A call at night."}, Conflict.POLICE_MATTER),
        ({"kind": RecordKind.DESIGNATED_OFFICER, "text": "First meeting."}, Conflict.ALLEGATION),
    ],
)
def test_a_record_can_be_a_reason_to_look(given, conflict):
    assert held(**given) == {conflict}


@pytest.mark.parametrize(
    "given",
    [
        {"text": "We talked about domestic violence in general."},
        {"kind": RecordKind.SECTION_47, "text": "begun 1 August 2026, ended 14 August 2026"},
        {"kind": RecordKind.SECTION_47, "text": "begun 1 August 2019", "on": date(2019, 8, 1)},
        {"kind": RecordKind.POLICE_NOTIFICATION, "text": "A call at night.", "on": date(2023, 8, 12)},
        {"kind": RecordKind.SEARCH_LOG, "text": "MARAC"},
    ],
)
def test_what_is_over_or_only_spoken_of_stops_nothing(given):
    assert held(**given) == set()


def test_an_old_matter_that_says_it_goes_on_is_looked_at():
    given = {"kind": RecordKind.POLICE_NOTIFICATION, "text": "He is on bail.", "on": date(2023, 8, 12)}
    assert held(**given) == {Conflict.POLICE_MATTER}


def test_a_coded_finding_counts_as_a_label():
    coded = (Finding(code="3B", words="domestic abuse: parent the subject", on=TODAY),)
    assert held(findings=coded) == {Conflict.DOMESTIC_ABUSE}


@pytest.mark.parametrize(
    ("relation", "stops"),
    [
        ("estranged father", True), ("Marcus's former wife", True), ("grandmother", False),
        ("son of his former wife", False),
    ],
)  # fmt: skip
def test_the_register_can_tell_that_parents_live_apart(relation, stops):
    person = Person(id=PersonId("p"), name="Kerry Lomax", role=Role.THIRD_PARTY, relation=relation)
    found = in_records([], people=[person], leg=LEG, on=TODAY)
    assert bool(found) is stops
    own = in_records([], people=[person], leg=replace(LEG, capacity="self"), on=TODAY)
    assert own == ()


@pytest.mark.parametrize(
    ("text", "conflict"),
    [
        ("A restraining  order was made.", Conflict.NO_CONTACT_ORDER),
        ("A non-molestation\norder was made.", Conflict.NO_CONTACT_ORDER),
        ("A non molestation order was made.", Conflict.NO_CONTACT_ORDER),
        ("Non-mol order in place.", Conflict.NO_CONTACT_ORDER),
        ("A no\u2011contact order.", Conflict.NO_CONTACT_ORDER),
        ("Position statement filed in the Family Court.", Conflict.FAMILY_COURT_PAPERS),
        ("Guardian\u2019s report of May.", Conflict.FAMILY_COURT_PAPERS),
        ("A statement to the\nFamily Court.", Conflict.FAMILY_COURT_PAPERS),
        ("They stay in a women\u2019s refuge.", Conflict.HIDDEN_ADDRESS),
        ("She moved to a refuge.", Conflict.HIDDEN_ADDRESS),
        ("Multi agency risk  assessment conference.", Conflict.MARAC),
    ],
)
def test_spacing_hyphens_and_line_ends_hide_nothing(text, conflict):
    assert held(text=text) == {conflict}


def test_a_changed_record_is_a_new_find():
    reasons = [
        {found.reason for found in in_records([record("1", text)], people=(), leg=LEG, on=TODAY)}
        for text in ("MARAC, closed.", "MARAC, closed.", "MARAC, closed. A new MARAC.")
    ]
    assert reasons[0] == reasons[1]
    assert not reasons[0] & reasons[2]
