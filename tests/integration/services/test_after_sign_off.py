"""What becomes known after a sign-off counts on the day of release, and on the day of handing over."""

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest

from sar.domain.errors import (
    DecisionNotSupported,
    InvalidInput,
    OutOfOrder,
    SecondPersonNeeded,
    StoreUnavailable,
)
from sar.domain.matching import Verdict
from sar.domain.opinions import OpinionResult, Professional
from sar.domain.parties import Person, Role, StaffRole
from sar.domain.records import DataClass
from sar.domain.references import PersonId, StaffId, StoreName, SubjectId
from sar.ports.gaps import Declared
from sar.ports.gathering import Agreement
from tests.fakes.ports import HeldStore, record
from tests.integration.services.by_hand import KEEPER, LOOKED, Keepers, paper, paper_store
from tests.integration.services.conftest import APPROVER, CLINICIAN, COUNCIL, OFFICER, TRUST, actor

VISIT = record("9", "Blood pressure was normal.", data_class=DataClass.HEALTH)
PLAIN = record("1", "Leanne was polite. Gwen Askew rang twice.")
MET, IN_PART, NOT_MET = OpinionResult.MET, OpinionResult.MET_IN_PART, OpinionResult.NOT_MET
BOTH = actor("bea", StaffRole.OFFICER, StaffRole.APPROVER)


def signed(office, with_records, *records):
    case = with_records(*records)
    if VISIT in records:
        office.opinion(case, NOT_MET, "ward/9")
    for proposal in office.every_proposal(case):
        office.decide_id(case, proposal, verdict=Verdict.DISCLOSE, reason="Read.")
    office.read_all(case)
    office.sign_off(case)
    return case


def ask_again(office, case):
    (kept,) = office.opinions.page(case, leg=1, on=office.now.date(), by=OFFICER).opinions
    why = "She was admitted last night."
    office.opinions.ask_again(case, leg=1, opinion=kept.id, reason=why, at=office.at(), by=CLINICIAN)


def class_it(office, case, *, leg=1):
    office.opinions.classify(
        case, leg=leg, classes={"ward/1": DataClass.HEALTH}, reason="A note.", at=office.at(), by=OFFICER
    )


def known(office, case, *, by=OFFICER):
    office.opinions.already_known(case, leg=1, records=["ward/9"], reason="Sent.", at=office.at(), by=by)


def a_source(office, case):
    gwen = Person(id=PersonId("gwen"), name="Gwen Askew", role=Role.SOURCE)
    office.people.add(case, gwen, at=office.at(), by=OFFICER)


CHANGES = [
    lambda office, case: office.opinion(case, MET, "ward/9"),
    lambda office, case: office.opinion(case, IN_PART, "ward/9"),
    ask_again,
    class_it,
    known,
    a_source,
]


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_after_the_sign_off_stops_the_release(office, with_records, change):
    case = signed(office, with_records, VISIT, PLAIN)
    change(office, case)
    with pytest.raises((OutOfOrder, DecisionNotSupported)):
        office.release(case)
    assert not office.renderer.packs


@pytest.mark.parametrize("change", CHANGES)
def test_what_changes_after_the_release_stops_the_handing_over(office, with_records, change):
    case = signed(office, with_records, VISIT, PLAIN)
    office.release(case)
    change(office, case)
    with pytest.raises((OutOfOrder, DecisionNotSupported)):
        office.delivery.deliver(case, leg=1, at=office.at())
    assert not office.post.letters


def a_number(office, case):
    office.matching.add_details(
        case, subject="leanne", former_name="Leanne Askew", reason="A letter.", at=office.at(), by=OFFICER
    )


def one_more_record(office, case):
    office.stores[0].held.append(record("2", "Seen again."))
    office.gather(case)


def another_text(office, case):
    office.stores[0].held[0] = record("1", "Leanne was not polite.")
    office.gather(case)


SINCE = [
    (a_number, "The ward was asked before all that we know of the person was known"),
    (one_more_record, "A later gathering holds 1 record that was not there"),
    (another_text, "A later gathering holds 1 record that was not there, or not as now"),
]


@pytest.mark.parametrize("is_released", [False, True])
@pytest.mark.parametrize(("change", "words"), SINCE)
def test_what_came_in_after_the_sign_off_stops_the_pack_with_words(
    office, with_records, change, words, is_released
):
    case = signed(office, with_records, PLAIN)
    if is_released:
        office.release(case)
    change(office, case)
    with pytest.raises(OutOfOrder, match=words):
        office.delivery.deliver(case, leg=1, at=office.at()) if is_released else office.release(case)
    assert not office.post.letters
    assert len(office.renderer.packs) == is_released
    assert any(words in w for w in office.signoff.readiness(case, leg=1, on=office.now.date()).blockers)


def test_a_later_gathering_that_brings_nothing_new_stops_nothing(office, with_records):
    case = signed(office, with_records, PLAIN)
    office.gather(case)
    office.release(case)
    office.gather(case)
    office.delivery.deliver(case, leg=1, at=office.at())


def test_after_the_new_round_is_signed_off_nothing_is_in_the_way_any_more(office, with_records):
    case = signed(office, with_records, PLAIN)
    one_more_record(office, case)
    office.review.propose(case, leg=1, at=office.at())
    office.reviewed(case)
    office.sign_off(case)
    assert not office.signoff.readiness(case, leg=1, on=office.now.date()).blockers
    assert office.release(case).round == 2
    office.delivery.deliver(case, leg=1, at=office.at())


def test_the_late_answer_of_a_declared_gap_stops_nothing_and_another_does(office):
    down = StoreUnavailable("It did not answer.", next_step="Wait.")
    lab = HeldStore("lab", [record("7", "A result.", store="lab")], fault=down)
    office.stores = [HeldStore("ward", [PLAIN]), lab]
    case = office.receive()
    office.ready(case)
    office.reviewed(case)
    office.sign_off(case)
    lab.fault = None
    ask_late(office, case)
    office.release(case)
    office.gathering.begin(case, at=office.at(), by=OFFICER, only_missing=True)
    office.gathering.conclude(case, round_number=2, at=office.at())
    office.delivery.deliver(case, leg=1, at=office.at())


def ask_late(office, case):
    office.gathering.ask(
        case, round_number=1, store=StoreName("lab"), subject=SubjectId("leanne"), attempt=2, at=office.at()
    )


def begin_again(office, case):
    """A newer round whose questions are all answered, and that nobody closed."""
    number = office.gathering.begin(case, at=office.at(), by=OFFICER)
    for store, subject in office.gathering.plan(case, number):
        office.gathering.ask(
            case, round_number=number, store=store, subject=subject, attempt=1, at=office.at()
        )
    return number


def stopped_again(office, case):
    number = begin_again(office, case)
    office.gathering.cancel(case, round_number=number, at=office.at(), by=OFFICER)


WARD_GAP = Declared(
    store=StoreName("ward"), missing="A note.", doing="ask-again", follows_on=date(2026, 12, 1)
)


@pytest.mark.parametrize("again", [begin_again, stopped_again])
def test_what_an_unclosed_round_has_found_does_not_go_unsaid_at_the_sign_off(office, with_records, again):
    case = with_records(PLAIN)
    office.reviewed(case)
    office.stores[0].held.append(record("2", "Father hit her."))
    again(office, case)
    missing = office.signoff.readiness(case, leg=1, on=office.now.date()).missing
    assert [(m.store, m.answer, m.label) for m in missing] == [("ward", "late", "The ward")]
    with pytest.raises(InvalidInput):
        office.signoff.sign_off(case, leg=1, at=office.at(), by=APPROVER)
    office.signoff.sign_off(case, leg=1, at=office.at(), by=APPROVER, gaps=[WARD_GAP])
    assert "came too late for this pack" in " ".join(
        p for s in office.release(case).gaps for p in s.paragraphs
    )


@pytest.mark.parametrize("again", [begin_again, stopped_again])
def test_what_an_unclosed_round_finds_after_the_sign_off_stops_the_pack(office, with_records, again):
    case = signed(office, with_records, PLAIN)
    office.gather(case)
    office.stores[0].held.append(record("2", "Father hit her."))
    again(office, case)
    with pytest.raises(OutOfOrder, match="answered after this was signed off"):
        office.release(case)


@pytest.mark.parametrize("again", [begin_again, stopped_again])
def test_an_unclosed_round_that_found_the_same_stops_nothing(office, with_records, again):
    case = with_records(PLAIN)
    office.reviewed(case)
    again(office, case)
    assert not office.signoff.readiness(case, leg=1, on=office.now.date()).missing
    office.sign_off(case)
    office.release(case)


def test_a_store_set_up_after_the_gathering_is_asked_before_the_sign_off(office, with_records):
    case = with_records(PLAIN)
    office.reviewed(case)
    office.stores = [*office.stores, HeldStore("lab", [record("9", "Lab result.", store="lab")])]
    with pytest.raises(DecisionNotSupported, match="The lab was set up after the newest gathering"):
        office.signoff.sign_off(case, leg=1, at=office.at(), by=APPROVER)
    office.ready(case)
    office.reviewed(case)
    assert len(office.sign_off(case).records) == 2


def test_a_store_that_an_agreement_opens_is_asked_before_the_sign_off(office, with_records):
    theirs = HeldStore("lab", [record("9", "Lab result.", store="lab")], controller=COUNCIL)
    case = with_records(PLAIN)
    office.stores = [*office.stores, theirs]
    office.ready(case)
    office.reviewed(case)
    assert not office.signoff.readiness(case, leg=1, on=office.now.date()).blockers
    both = frozenset({TRUST, COUNCIL})
    office.agreements = [Agreement(reference="A1", between=both, agreed_on=date(2020, 1, 1))]
    [said] = office.signoff.readiness(case, leg=1, on=office.now.date()).blockers
    assert said.startswith("The lab was set up after")


def test_papers_handed_in_after_the_sign_off_stop_the_pack(office):
    keepers = Keepers(office)
    office.stores = [HeldStore("ward", [PLAIN]), paper_store()]
    case = office.receive()
    keepers.ask_by_hand(case)
    keepers.tend()
    keepers.tasks.nothing_held(case, 1, looked=LOOKED, at=office.at(), by=KEEPER)
    office.ready(case)
    office.reviewed(case)
    office.sign_off(case)
    keepers.tasks.found(case, 1, papers=[paper()], looked=LOOKED, at=office.at(), by=KEEPER)
    with pytest.raises(OutOfOrder, match="The old paper files answered after this was signed off"):
        office.release(case)


def test_a_changed_leg_goes_out_after_a_new_round_and_a_new_sign_off(office, with_records):
    case = signed(office, with_records, VISIT, PLAIN)
    office.release(case)
    office.opinion(case, IN_PART, "ward/9")
    office.ready(case)
    with pytest.raises(OutOfOrder):
        office.delivery.deliver(case, leg=1, at=office.at())
    office.opinion(case, NOT_MET, "ward/9")
    office.read_all(case)
    office.sign_off(case)
    assert office.release(case).round == 2
    office.delivery.deliver(case, leg=1, at=office.at())


def test_an_opinion_that_finds_no_harm_once_more_takes_no_sign_off_back(office, with_records):
    case = signed(office, with_records, VISIT)
    office.opinion(case, NOT_MET, "ward/9")
    office.release(case)
    office.opinion(case, NOT_MET, "ward/9")
    office.delivery.deliver(case, leg=1, at=office.at())


@pytest.mark.parametrize("is_released", [False, True])
def test_an_opinion_has_to_be_in_time_on_the_day_itself(office, with_records, is_released):
    case = signed(office, with_records, VISIT)
    if is_released:
        office.release(case)
    office.now += timedelta(days=300)
    goes_on = partial(office.delivery.deliver, case, leg=1, at=office.at())
    with pytest.raises(DecisionNotSupported, match="opinion of the last six months"):
        goes_on() if is_released else office.release(case)
    office.opinion(case, NOT_MET, "ward/9")
    office.release(case)
    office.delivery.deliver(case, leg=1, at=office.at())


def test_a_document_withdrawn_after_the_sign_off_takes_it_back(office, with_records):
    case = signed(office, with_records, PLAIN)
    office.standing.doubt_identity(
        case, leg=1, asked_on=office.now.date(), reason="Odd.", at=office.at(), by=OFFICER
    )
    doubt = office.events(case)[-1].seq
    colleague = replace(OFFICER, id=StaffId("colleague"))
    office.timekeeping.withdraw_entry(case, event=doubt, reason="A mistake.", at=office.at(), by=colleague)
    with pytest.raises(OutOfOrder, match="changed after"):
        office.release(case)
    office.signoff.return_to_review(case, leg=1, reason="A doubt came up.", at=office.at(), by=APPROVER)
    office.sign_off(case)
    office.release(case)


def test_whoever_opened_the_gate_for_health_information_does_not_sign_off(office, with_records):
    case = with_records(VISIT, PLAIN)
    office.reviewed(case)
    known(office, case, by=BOTH)
    with pytest.raises(SecondPersonNeeded):
        office.sign_off(case, by=BOTH)
    office.sign_off(case)


@pytest.mark.parametrize("act", ["class", "opinion"])
def test_neither_does_whoever_recorded_a_class_or_an_opinion(office, with_records, act):
    case = with_records(VISIT)
    office.reviewed(case)
    if act == "class":
        other = {"ward/9": DataClass.OTHER}
        office.opinions.classify(case, leg=1, classes=other, reason="A list.", at=office.at(), by=BOTH)
    else:
        office.opinions.give(
            case, leg=1, results={"ward/9": NOT_MET}, professional=Professional.RESPONSIBLE, role="consultant",
            name="Dr Invented", words="Fine.", given_on=office.now.date(), at=office.at(), by=BOTH,
        )  # fmt: skip
    with pytest.raises(SecondPersonNeeded):
        office.sign_off(case, by=BOTH)
    office.sign_off(case)
