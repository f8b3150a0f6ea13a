"""Each controller's officer decides on that controller's records, unless an agreement lets two decide together."""

from dataclasses import replace
from datetime import date

import pytest

from sar.domain.comparing import Sameness
from sar.domain.errors import NotAllowed, StoreUnavailable
from sar.domain.exemptions import Saying
from sar.domain.matching import Verdict
from sar.domain.opinions import OpinionResult, Professional
from sar.domain.parties import Person, Role
from sar.domain.records import DataClass, HeldBack
from sar.domain.redaction import Outcome
from sar.domain.references import PersonId, RecordKey, StoreName
from sar.ports.deciding import WhoDecides
from sar.ports.gathering import Agreement
from sar.services.opinions import Opinions
from sar.services.people import People
from sar.services.review import Choice, Review, Words
from tests.fakes.ports import HeldStore, record
from tests.integration.services.by_hand import LOOKED, Keepers, paper, paper_store
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


OF_THEIRS = replace(APPROVER, id="cass", controllers=frozenset({COUNCIL}))
NEAR = Person(
    id=PersonId("ward/P/2"), name="Leanne Hartley", role=Role.NAMESAKE, born_on=date(1993, 3, 14),
    addresses=("5 Cooper Yard",),
)  # fmt: skip
HELD_BACK = HeldBack(key=RecordKey(StoreName("ward"), "P/2"), why="a nearly equal name", code="near-name")
DOWN = StoreUnavailable("It does not answer.", next_step="Wait.")


@pytest.fixture
def ours_alone(office):
    """A house of two bodies, and a case that only one of them holds anything about."""
    office.stores = [
        HeldStore("ward", [OURS], people=(NEAR,), held_back=(HELD_BACK,)), HeldStore("lab", fault=DOWN),
    ]  # fmt: skip
    case = office.receive()
    office.ready(case)
    return case


def test_people_of_a_store_are_told_apart_by_staff_of_its_body(office, ours_alone):
    def compare(by):
        office.matching.decide(
            ours_alone, store="ward", subject="leanne", native_id="P/2", sameness=Sameness.SAME, reason="Compared.",
            at=office.at(), by=by,
        )  # fmt: skip

    def add(by):
        office.matching.add_details(
            ours_alone,
            subject="leanne",
            former_name="Leanne Doyle",
            reason="In the file.",
            at=office.at(),
            by=by,
        )

    for act in (compare, add):
        with pytest.raises(NotAllowed, match=f"belongs to {TRUST}, for whom you do not act"):
            act(OF_COUNCIL)
        act(OFFICER)


def test_an_approver_signs_and_takes_back_only_what_holds_records_of_their_body(office, ours_alone):
    office.reviewed(ours_alone)
    with pytest.raises(NotAllowed, match=f"belongs to {TRUST}, for whom you do not act"):
        office.sign_off(ours_alone, by=OF_THEIRS)
    office.sign_off(ours_alone)
    with pytest.raises(NotAllowed, match=f"belongs to {TRUST}, for whom you do not act"):
        office.signoff.return_to_review(ours_alone, leg=1, reason="No.", at=office.at(), by=OF_THEIRS)
    office.signoff.return_to_review(ours_alone, leg=1, reason="No.", at=office.at(), by=APPROVER)


def test_an_approver_of_either_body_signs_what_both_hold(office, case):
    house(office, TOGETHER)
    office.reviewed(case)
    office.sign_off(case, by=OF_THEIRS)


def test_a_gap_is_closed_by_an_officer_of_its_body(office, ours_alone):
    office.reviewed(ours_alone)
    office.sign_off(ours_alone)

    def close(by):
        Keepers(office).gaps.close(
            ours_alone, leg=1, store=StoreName("lab"), name="Ann", reason="By phone.", at=office.at(), by=by
        )

    with pytest.raises(NotAllowed, match=f"belongs to {TRUST}, for whom you do not act"):
        close(OF_COUNCIL)
    close(OFFICER)


def test_an_officer_answers_for_a_keeper_of_a_body_they_act_for(office):
    keepers = Keepers(office)
    office.stores = [HeldStore("ward", [OURS]), paper_store()]
    case = office.receive()
    office.gather(case)
    keepers.tend()
    tries = (
        lambda by: keepers.tasks.more_time(
            case, 1, until=date(2026, 11, 12), reason="Flood.", at=office.at(), by=by
        ),
        lambda by: keepers.tasks.nothing_held(case, 1, looked=LOOKED, at=office.at(), by=by),
        lambda by: keepers.tasks.found(case, 1, papers=[paper()], looked=LOOKED, at=office.at(), by=by),
    )
    for answer in tries:
        with pytest.raises(NotAllowed, match=f"This store belongs to {TRUST}, for whom you do not act"):
            answer(OF_COUNCIL)
        answer(OFFICER)


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
