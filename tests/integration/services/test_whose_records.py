"""Each controller's officer decides on that controller's records, unless an agreement lets two decide together."""

from dataclasses import replace
from datetime import date

import pytest

from sar.domain.errors import NotAllowed
from sar.domain.exemptions import Saying
from sar.domain.matching import Verdict
from sar.domain.redaction import Outcome
from sar.domain.references import PersonId, RecordKey, StoreName
from sar.ports.deciding import WhoDecides
from sar.ports.gathering import Agreement
from sar.services.review import Choice, Review, Words
from tests.fakes.ports import HeldStore, record
from tests.integration.services.conftest import APPROVER, COUNCIL, KERRY, OFFICER, TRUST

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


def house(office, agreement=READ_ONLY, own=TRUST):
    who = WhoDecides(own=frozenset({own}), agreements=(agreement,))
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
