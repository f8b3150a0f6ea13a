"""Each controller's officer decides on that controller's records, unless an agreement lets two decide together."""

from dataclasses import replace
from datetime import date

import pytest

from sar.domain.errors import NotAllowed
from sar.domain.exemptions import Saying
from sar.domain.matching import Verdict
from sar.domain.opinions import OpinionResult, Professional
from sar.domain.parties import Person, Role
from sar.domain.records import DataClass
from sar.domain.redaction import Outcome
from sar.domain.references import PersonId, RecordKey, StoreName
from sar.ports.deciding import WhoDecides
from sar.ports.gathering import Agreement
from sar.services.opinions import Opinions
from sar.services.people import People
from sar.services.review import Choice, Review, Words
from tests.fakes.ports import HeldStore, record
from tests.integration.services.conftest import (
    APPROVER,
    CLINICIAN,
    COUNCIL,
    KERRY,
    OFFICER,
    PRIYA,
    TRUST,
)

READ_ONLY = Agreement(reference="JCA-1", between=frozenset({TRUST, COUNCIL}), agreed_on=date(2025, 4, 1))
TOGETHER = replace(READ_ONLY, decides=True)
OURS = record("a", "She was seen with Kerry Lomax.")
THEIRS = record("b", "She telephoned with Kerry Lomax.", store="desk", controller=COUNCIL)
OF_COUNCIL = replace(OFFICER, id="cora", controllers=frozenset({COUNCIL}))
OF_BOTH = replace(OFFICER, id="bea", controllers=frozenset({TRUST, COUNCIL}))
CHOICE = Choice(verdict=Verdict.DISCLOSE, reason="Read; it is about this person.")
HELD = Choice(
    verdict=Verdict.WITHHOLD, reason="It names somebody else.", exemption="3RD-PARTY", saying=Saying.FULL
)


OF_NEITHER = replace(OFFICER, id="nia", controllers=frozenset({"Another Trust"}))
THEIR_MIDWIFE = replace(PRIYA, seen_in=(StoreName("desk"),))


def house(office, agreement=READ_ONLY, own=TRUST):
    who = WhoDecides(own=frozenset({own}), agreements=(agreement,))
    office.people = People(archive=office.archive, who=who)
    office.opinions = Opinions(archive=office.archive, who=who)
    office.review = Review(archive=office.archive, detector=office.detector, law=office.law, who=who)


@pytest.fixture
def case(office):
    office.agreements = (READ_ONLY,)
    office.stores = [HeldStore("ward", [OURS]), HeldStore("desk", [THEIRS], controller=COUNCIL)]
    case = office.receive()
    office.ready(case, KERRY)
    house(office)
    return case


def read(office, case, name, by=OFFICER):
    office.review.decide_records(
        case, leg=1, outcomes={name: (Outcome.DISCLOSE, CHOICE)}, at=office.at(), by=by
    )


def proposal_in(office, case, name):
    return next(p for p in office.every_proposal(case) if str(p.span.record) == name)


def test_our_own_officer_decides_on_our_records_and_on_the_programs_pages_alone(office, case):
    for own in (r for r in office.records(case) if str(r.key) != "desk/b"):
        read(office, case, str(own.key))
    with pytest.raises(NotAllowed, match=f"belongs to {COUNCIL}") as refused:
        read(office, case, "desk/b")
    assert f"Ask an officer of {COUNCIL}" in refused.value.next_step


def test_their_officer_decides_on_theirs_and_not_on_ours(office, case):
    read(office, case, "desk/b", by=OF_COUNCIL)
    with pytest.raises(NotAllowed, match=f"belongs to {TRUST}"):
        read(office, case, "ward/a", by=OF_COUNCIL)
    read(office, case, "ward/a", by=OF_BOTH)
    read(office, case, "desk/b", by=OF_BOTH)


def test_words_marks_and_whole_people_are_refused_alike_and_nothing_is_half_kept(office, case):
    review, at = office.review, office.at()
    ours, theirs = proposal_in(office, case, "ward/a"), proposal_in(office, case, "desk/b")
    with pytest.raises(NotAllowed):
        review.decide_many(case, leg=1, choices={ours.id: HELD, theirs.id: HELD}, at=at, by=OFFICER)
    with pytest.raises(NotAllowed):
        review.decide_person(case, leg=1, person=PersonId("kerry"), choice=HELD, at=at, by=OFFICER)
    words = Words(record="desk/b", passage=0, start=4, end=14, quote="telephoned")
    with pytest.raises(NotAllowed):
        review.withhold_words(case, leg=1, words=words, choice=HELD, at=at, by=OFFICER)
    review.withhold_words(case, leg=1, words=words, choice=HELD, at=at, by=OF_COUNCIL)
    with pytest.raises(NotAllowed):
        review.open_words(case, leg=1, words=words, reason="It may stay.", at=at, by=OFFICER)
    with pytest.raises(NotAllowed):
        review.decide_record(
            case, leg=1, record="desk/b", outcome=Outcome.WITHHOLD, choice=HELD, at=at, by=OFFICER
        )
    review.decide(
        case, leg=1, proposal=theirs.id, verdict=Verdict.DISCLOSE, reason="Known.", at=at, by=OF_COUNCIL
    )
    with pytest.raises(NotAllowed, match="for whom you do not act"):
        review.approve_disclosure(case, leg=1, proposal=theirs.id, at=at, by=APPROVER)
    with pytest.raises(NotAllowed, match="for whom you do not act"):
        review.change_saying(case, leg=1, record="desk/b", saying=Saying.GENERAL, at=at, by=APPROVER)


def test_an_officer_adds_people_only_where_a_record_is_of_a_controller_they_act_for(office, case):
    new = Person(id=PersonId("gwen"), name="Gwen Askew", role=Role.THIRD_PARTY)
    known = office.register(case)
    with pytest.raises(NotAllowed, match=f"belongs to {COUNCIL} and {TRUST}, for whom you do not act"):
        office.people.add(case, new, at=office.at(), by=OF_NEITHER)
    assert office.register(case) == known
    office.people.add(case, new, at=office.at(), by=OF_COUNCIL)
    office.people.add(case, replace(new, id=PersonId("ada"), name="Ada Lund"), at=office.at(), by=OFFICER)


def test_whoever_is_known_from_the_records_of_others_alone_is_theirs_to_enter_anew(office):
    office.agreements = (READ_ONLY,)
    office.stores = [
        HeldStore("ward", [OURS]), HeldStore("desk", [THEIRS], controller=COUNCIL, people=(THEIR_MIDWIFE,)),
    ]  # fmt: skip
    case = office.receive()
    office.ready(case)
    house(office)
    entry = Person(id=PersonId("x"), name=PRIYA.name, role=Role.PROFESSIONAL, job_title="midwife")
    both = (Person(id=PersonId("y"), name="Ada Lund", role=Role.THIRD_PARTY), entry)
    with pytest.raises(NotAllowed, match=f"names this person belongs to {COUNCIL}"):
        office.people.add_many(case, both, at=office.at(), by=OFFICER)
    assert not [p for p in office.register(case).people if p.by_officer]
    office.people.add(case, entry, at=office.at(), by=OF_COUNCIL)
    house(office, TOGETHER)
    office.people.add_many(case, both, at=office.at(), by=OFFICER)


def test_classes_and_opinions_on_others_records_are_for_their_own_staff(office):
    theirs = replace(THEIRS, provenance=replace(THEIRS.provenance, data_class=DataClass.HEALTH))
    office.agreements = (READ_ONLY,)
    office.stores = [HeldStore("ward", [OURS]), HeldStore("desk", [theirs], controller=COUNCIL)]
    case = office.receive()
    office.ready(case, KERRY)
    house(office)
    their_doctor = replace(CLINICIAN, id="dora", controllers=frozenset({COUNCIL}))

    def give(by):
        return office.opinions.give(
            case, leg=1, results={"desk/b": OpinionResult.NOT_MET}, professional=Professional.RESPONSIBLE,
            role="consultant", name="Dr Invented", words="Read.", given_on=office.now.date(), at=office.at(), by=by,
        )  # fmt: skip

    def class_it(by):
        office.opinions.classify(
            case, leg=1, classes={"desk/b": DataClass.HEALTH}, reason="A note.", at=office.at(), by=by
        )

    def ask(by):
        office.opinions.ask(
            case,
            leg=1,
            records=["desk/b"],
            asked_of="consultant",
            on=office.now.date(),
            at=office.at(),
            by=by,
        )

    def known(by):
        office.opinions.already_known(case, leg=1, records=["desk/b"], reason="Sent.", at=office.at(), by=by)

    def again(by):
        office.opinions.ask_again(case, leg=1, opinion=opinion, reason="New facts.", at=office.at(), by=by)

    opinion = give(their_doctor)
    before = len(office.events(case))
    for act, by in (
        (give, CLINICIAN),
        (class_it, OFFICER),
        (ask, OFFICER),
        (known, OFFICER),
        (again, CLINICIAN),
    ):
        with pytest.raises(NotAllowed, match=f"belongs to {COUNCIL}"):
            act(by)
    assert len(office.events(case)) == before
    for act in (class_it, ask, known):
        act(OF_COUNCIL)
    again(their_doctor)


@pytest.mark.parametrize(
    ("agreement", "may"),
    [
        (TOGETHER, True),
        (READ_ONLY, False),
        (replace(TOGETHER, ends_on=date(2026, 10, 31)), False),
        (replace(TOGETHER, agreed_on=date(2027, 1, 1)), False),
        (replace(TOGETHER, between=frozenset({TRUST, "Another Trust"})), False),
    ],
)
def test_an_agreement_lets_two_decide_together_only_if_it_says_so_and_is_in_force(
    office, case, agreement, may
):
    house(office, agreement)
    if may:
        read(office, case, "desk/b")
        return
    with pytest.raises(NotAllowed):
        read(office, case, "desk/b")


def test_of_a_record_that_both_hold_either_officer_decides(office):
    place = replace(OURS.provenance, store=StoreName("desk"), controller=COUNCIL, native_id="a")
    copy = replace(OURS, key=RecordKey(StoreName("desk"), "a"), provenance=place)
    office.agreements = (READ_ONLY,)
    office.stores = [HeldStore("ward", [OURS]), HeldStore("desk", [copy], controller=COUNCIL)]
    case = office.receive()
    office.ready(case, KERRY)
    house(office)
    [held] = [str(r.key) for r in office.records(case) if r.copies]
    read(office, case, held)
    read(office, case, held, by=OF_COUNCIL)


def test_the_sign_off_counts_records_by_controller(office, case):
    house(office, TOGETHER)
    office.reviewed(case)
    assert office.signoff.readiness(case, leg=1, on=office.now.date()).controllers == (
        (COUNCIL, 1),
        (TRUST, 1),
    )
