"""Nothing is withheld or given out without a named person who may decide it, a reason and a ground."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from sar.domain.errors import (
    DecisionNotSupported,
    ImpossibleDate,
    InvalidInput,
    NotAllowed,
    NotFound,
    OutOfOrder,
    SARError,
    SecondPersonNeeded,
    UndecidedProposals,
)
from sar.domain.exemptions import Saying
from sar.domain.matching import Verdict
from sar.domain.opinions import OpinionResult, Professional
from sar.domain.records import DataClass
from sar.domain.redaction import Outcome
from sar.domain.references import ExemptionCode
from sar.ports.casework import decisions_of, record_decisions_of
from sar.ports.decided import decision_name
from sar.ports.keeping import Collection
from sar.services.review import Choice, Words
from sar.services.signoff import SignOff
from tests.fakes.ports import HeldStore, record
from tests.integration.services.conftest import (
    APPROVER,
    BY_ROLE,
    CLINICIAN,
    KERRY,
    LAWYER,
    MARCUS,
    OFFICER,
    PRIYA,
    SECOND_APPROVER,
    TEAM,
    TULLY,
    actor,
    own_leg,
)

from sar.domain.parties import StaffRole  # isort: skip

KERRY_NOTE = record("1", "Leanne was polite. Kerry Lomax rang twice.")
TULLY_NOTE = record("2", "Maureen Tully was worried. Leanne was polite.")
ADVICE = record("3", "Our solicitor's advice is to wait.")
HARM = record("4", "She had thought of suicide in 2019.", data_class=DataClass.HEALTH)
ADVICE_WORDS, HARM_WORDS = ADVICE.passages[0].text, HARM.passages[0].text


# --- one person's decision -------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["", "   "])
@pytest.mark.parametrize("verdict", list(Verdict))
def test_no_decision_without_a_reason(office, with_records, verdict, reason):
    case = with_records(KERRY_NOTE, people=[KERRY])
    before = office.events(case)
    with pytest.raises(DecisionNotSupported) as refused:
        office.decide(case, "Kerry Lomax", verdict=verdict, reason=reason)
    assert refused.value.field == "reason"
    assert office.events(case) == before


def test_no_decision_by_somebody_without_a_deciding_role(office, with_records):
    case = with_records(KERRY_NOTE, people=[KERRY])
    for who in (TEAM, actor("adam", StaffRole.ADMINISTRATOR), actor("nobody")):
        with pytest.raises(NotAllowed):
            office.decide(case, "Kerry Lomax", by=who)


def test_a_role_one_does_not_hold_cannot_be_claimed(office, with_records):
    case = with_records(ADVICE)
    with pytest.raises(NotAllowed):
        office.decide(case, ADVICE_WORDS, by=OFFICER, decider_role="lawyer")


def test_the_deciding_role_of_somebody_with_several_is_found(office, with_records):
    case = with_records(ADVICE)
    office.decide(case, ADVICE_WORDS, by=actor("lena", StaffRole.COMPLAINTS, StaffRole.LAWYER))
    assert office.events(case)[-1].facts["role"] == "lawyer"


@pytest.mark.parametrize("who", [OFFICER, APPROVER, CLINICIAN])
def test_privilege_is_claimed_by_a_lawyer_only(office, with_records, who):
    case = with_records(ADVICE)
    with pytest.raises(DecisionNotSupported) as refused:
        office.decide(case, ADVICE_WORDS, by=who)
    assert refused.value.field == "decided_by_role"
    office.decide(case, ADVICE_WORDS, by=LAWYER)


def test_words_marked_by_hand_need_an_exemption(office, with_records):
    case = with_records(KERRY_NOTE)
    words = Words(record="ward/1", passage=0, start=0, end=6, quote="Leanne")
    choice = Choice(verdict=Verdict.WITHHOLD, reason="It names somebody.")
    with pytest.raises(DecisionNotSupported) as refused:
        office.review.withhold_words(case, leg=1, words=words, choice=choice, at=office.at(), by=OFFICER)
    assert refused.value.field == "exemption"


@pytest.mark.parametrize(
    ("start", "end", "quote", "field"),
    [(0, 6, "Kerry", "quote"), (-1, 3, "Lea", "quote"), (6, 6, "", "quote"), (0, 999, "Leanne", "quote")],
)
def test_words_marked_by_hand_must_be_the_words_that_stand_there(
    office, with_records, start, end, quote, field
):
    case = with_records(KERRY_NOTE)
    choice = Choice(verdict=Verdict.WITHHOLD, reason="It names somebody.", exemption="3RD-PARTY")
    words = Words(record="ward/1", passage=0, start=start, end=end, quote=quote)
    with pytest.raises(InvalidInput) as refused:
        office.review.withhold_words(case, leg=1, words=words, choice=choice, at=office.at(), by=OFFICER)
    assert refused.value.field == field


def test_marking_words_by_hand_cannot_give_out_an_informant(office, with_records):
    """A hand mark has no proposal behind it, so it must not stand in for the decision on one."""
    case = with_records(TULLY_NOTE, people=[TULLY])
    words = Words(record="ward/2", passage=0, start=0, end=13, quote="Maureen Tully")
    choice = Choice(verdict=Verdict.DISCLOSE, reason="She agreed.", exemption="3RD-PARTY")
    with pytest.raises(InvalidInput) as refused:
        office.review.withhold_words(case, leg=1, words=words, choice=choice, at=office.at(), by=OFFICER)
    assert refused.value.field == "verdict"


def test_a_decision_that_hides_its_proposal_is_checked_by_its_place(office, with_records):
    """Whatever kept it there: the sign-off looks at what was proposed on the same words."""
    case = with_records(TULLY_NOTE, people=[TULLY])
    office.decide(case, "Maureen Tully", by=OFFICER, verdict=Verdict.DISCLOSE, reason="She agreed.")
    office.decide_rest(case, done=["Maureen Tully"])
    office.read_all(case)
    with office.archive.writing(case) as file:
        [made] = [d for d in decisions_of(file, 1) if d.verdict is Verdict.DISCLOSE]
        hidden = replace(made, proposal="", exemption=ExemptionCode("3RD-PARTY"), decided_at=office.at())
        file.keep(Collection.DECISION, decision_name(1, hidden), hidden)
    with pytest.raises(UndecidedProposals):
        office.sign_off(case)


def test_what_the_family_is_told_of_an_informant_stays_general(office, with_records):
    case = with_records(TULLY_NOTE, people=[TULLY])
    with pytest.raises(DecisionNotSupported) as refused:
        office.decide(case, "Maureen Tully", saying=Saying.FULL)
    assert refused.value.field == "saying"


def test_many_decisions_are_kept_all_or_none(office, with_records):
    case = with_records(KERRY_NOTE, ADVICE, people=[KERRY])
    made = office.proposals(case)
    choice = Choice(verdict=Verdict.WITHHOLD, reason="It names somebody else.")
    before = office.events(case)
    with pytest.raises(DecisionNotSupported):
        office.review.decide_many(
            case, leg=1, at=office.at(), by=OFFICER,
            choices={made["Kerry Lomax"].id: choice, made[ADVICE_WORDS].id: choice},
        )  # fmt: skip
    assert office.events(case) == before
    assert office.signoff.readiness(case, leg=1, on=office.now.date()).deciders == ()


def test_an_unknown_proposal_or_record_is_refused(office, with_records):
    case = with_records(KERRY_NOTE)
    choice = Choice(verdict=Verdict.DISCLOSE, reason="Read.")
    with pytest.raises(NotFound):
        office.review.decide_many(case, leg=1, choices={"x" * 24: choice}, at=office.at(), by=OFFICER)
    with pytest.raises(NotFound):
        office.review.decide_record(
            case, leg=1, record="ward/99", outcome=Outcome.DISCLOSE, choice=choice, at=office.at(), by=OFFICER
        )


def test_one_decision_reaches_every_mention_of_a_person(office, with_records):
    case = with_records(
        KERRY_NOTE, record("9", "Ms Lomax moved out. Leanne and Kerry Lomax met."), people=[KERRY]
    )
    choice = Choice(verdict=Verdict.WITHHOLD, reason="She has not agreed.")
    reached = office.review.decide_person(
        case, leg=1, person=KERRY.id, choice=choice, at=office.at(), by=OFFICER
    )
    assert reached == len([p for p in office.every_proposal(case) if p.person == KERRY.id]) >= 3
    with pytest.raises(NotFound):
        office.review.decide_person(case, leg=1, person=TULLY.id, choice=choice, at=office.at(), by=OFFICER)


def test_the_trail_of_a_decision_holds_no_words(office, with_records):
    case = with_records(KERRY_NOTE, people=[KERRY])
    office.decide(case, "Kerry Lomax", reason="Kerry asked us not to.")
    said = repr([dict(e.facts) for e in office.events(case)])
    assert "Kerry" not in said
    assert "Lomax" not in said


def test_only_reading_roles_see_a_record(office, with_records):
    case = with_records(KERRY_NOTE, people=[KERRY])
    view = office.review.view(case, leg=1, record="ward/1", by=OFFICER)
    assert "".join(p.text for p in view.passages[0].parts) == KERRY_NOTE.passages[0].text
    for who in (TEAM, actor("adam", StaffRole.ADMINISTRATOR), actor("family")):
        with pytest.raises(NotAllowed):
            office.review.view(case, leg=1, record="ward/1", by=who)


# --- health harm ------------------------------------------------------------------------------------


LEAD = actor("lara", StaffRole.SAFEGUARDING_LEAD)
MET, IN_PART, NOT_MET = OpinionResult.MET, OpinionResult.MET_IN_PART, OpinionResult.NOT_MET
DAY = timedelta(days=1)
# Six months that end on 2 November begin on 3 May.
FIRST = date(2026, 5, 3)


@pytest.mark.parametrize(("result", "on"), [(None, None), (MET, FIRST - DAY), (NOT_MET, FIRST)])
def test_holding_back_for_health_needs_an_opinion_that_the_test_is_met(office, with_records, result, on):
    case = with_records(HARM)
    if result:
        office.opinion(case, result, "ward/4", on=on)
    with pytest.raises(DecisionNotSupported) as refused:
        office.decide(case, HARM_WORDS)
    assert refused.value.field == "opinion_on"
    office.opinion(case, MET, "ward/4", on=FIRST)
    if result is NOT_MET:
        office.opinion(case, MET, "ward/4")
    office.decide(case, HARM_WORDS)


def test_an_opinion_that_has_grown_old_by_the_sign_off_does_not_carry_it(office, with_records):
    case = with_records(HARM)
    office.opinion(case, IN_PART, "ward/4", on=FIRST)
    office.reviewed(case)
    assert not office.signoff.readiness(case, leg=1, on=office.now.date()).blockers
    office.now += DAY
    with pytest.raises(DecisionNotSupported):
        office.sign_off(case)


def test_a_whole_record_held_back_for_health_is_checked_again_at_the_sign_off(office, with_records):
    case = with_records(HARM)
    office.opinion(case, MET, "ward/4", on=FIRST)
    office.withhold_record(case, "ward/4", exemption="HEALTH-HARM", saying=Saying.GENERAL, by=CLINICIAN)
    office.decide_rest(case, done=[HARM_WORDS])
    office.read_all(case, but=["ward/4"])
    assert not office.signoff.readiness(case, leg=1, on=office.now.date()).blockers
    office.now += DAY
    with pytest.raises(DecisionNotSupported):
        office.sign_off(case)


def given_out(office, case):
    """Everything is to go out, the words a clinician must weigh too."""
    office.decide(case, HARM_WORDS, by=OFFICER, verdict=Verdict.DISCLOSE, reason="She wrote it herself.")
    office.decide_rest(case, done=[HARM_WORDS])
    office.read_all(case)


@pytest.mark.parametrize(("result", "on"), [(None, None), (NOT_MET, FIRST - DAY), (MET, FIRST)])
def test_health_information_does_not_leave_before_the_opinion_that_it_may(office, with_records, result, on):
    case = with_records(HARM)
    if result:
        office.opinion(case, result, "ward/4", on=on)
    given_out(office, case)
    with pytest.raises(DecisionNotSupported):
        office.sign_off(case)
    office.opinion(case, NOT_MET, "ward/4", on=FIRST)
    if result is MET:
        office.opinion(case, NOT_MET, "ward/4")
    assert HARM_WORDS in office.sign_off(case).records[0].passages[0].text


def test_health_information_without_any_proposal_waits_for_an_opinion_too(office, with_records):
    plain = record("9", "Leanne was polite.", data_class=DataClass.HEALTH)
    case = with_records(plain, KERRY_NOTE)
    office.reviewed(case)
    with pytest.raises(DecisionNotSupported, match="Health information"):
        office.sign_off(case)
    office.opinions.already_known(
        case, leg=1, records=["ward/9"], reason="She was sent this letter in May.", at=office.at(), by=OFFICER
    )
    assert len(office.sign_off(case).records) == 2


def test_a_body_that_counts_as_a_health_professional_needs_no_other_opinion(office, with_records):
    case = with_records(record("9", "Leanne was polite.", data_class=DataClass.HEALTH))
    office.reviewed(case)
    office.signoff = SignOff(
        archive=office.archive, law=office.law, who=office.who, is_health_professional=True
    )
    assert office.sign_off(case).records


def test_an_opinion_to_be_asked_again_closes_the_gate(office, with_records):
    case = with_records(HARM)
    name = office.opinion(case, NOT_MET, "ward/4")
    given_out(office, case)
    office.opinions.ask_again(
        case, leg=1, opinion=name, reason="She was admitted last night.", at=office.at(), by=OFFICER
    )
    with pytest.raises(DecisionNotSupported):
        office.sign_off(case)


def test_a_record_whose_store_does_not_say_what_it_is_waits_for_an_officer(office, with_records):
    unknown = record("9", "Leanne was polite.", data_class=DataClass.UNKNOWN)
    case = with_records(unknown)
    office.reviewed(case)
    with pytest.raises(DecisionNotSupported, match="health, social work, education"):
        office.sign_off(case)
    with pytest.raises(DecisionNotSupported) as refused:
        office.withhold_record(case, "ward/9", exemption="EDU-HARM", by=LEAD, harm="Somebody would be hurt.")
    assert refused.value.field == "data_class"
    classify = {"leg": 1, "reason": "The store is the school's.", "at": office.at(), "by": OFFICER}
    office.opinions.classify(case, classes={"ward/9": DataClass.HEALTH}, **classify)
    with pytest.raises(DecisionNotSupported, match="Health information"):
        office.sign_off(case)
    office.opinions.classify(case, classes={"ward/9": DataClass.EDUCATION}, **classify)
    office.sign_off(case)


def test_the_trail_tells_of_an_opinion_without_a_word_of_it(office, with_records):
    case = with_records(HARM)
    office.opinions.ask(
        case, leg=1, records=["ward/4"], asked_of="Her consultant", on=FIRST, at=office.at(), by=OFFICER
    )
    office.opinion(case, NOT_MET, "ward/4")
    told = [e for e in office.events(case) if e.kind.value.startswith("opinion")]
    assert [e.kind.value for e in told] == ["opinion asked", "opinion given"]
    assert told[1].facts["not_met"] == 1
    assert not any(word in str([e.facts for e in told]) for word in ("Invented", "consultant", "ward/4"))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"words": " "}, "words"), ({"name": ""}, "name"), ({"role": ""}, "role"),
        ({"given_on": date(2027, 1, 1)}, "given_on"), ({"results": {}}, "records"),
        ({"results": {"ward/1": NOT_MET}}, "records"), ({"results": {"ward/77": NOT_MET}}, "records"),
        ({"asked": "nobody"}, "asked"),
    ],
)  # fmt: skip
def test_half_an_opinion_is_refused_and_nothing_kept(office, with_records, changes, field):
    case = with_records(HARM, KERRY_NOTE)
    given = {
        "results": {"ward/4": NOT_MET}, "professional": Professional.RESPONSIBLE, "role": "consultant",
        "name": "Dr Invented", "words": "Read.", "given_on": FIRST, "at": office.at(), "by": CLINICIAN,
    }  # fmt: skip
    with pytest.raises(SARError) as refused:
        office.opinions.give(case, leg=1, **(given | changes))
    assert refused.value.field == field
    assert office.opinions.page(case, leg=1, on=FIRST, by=OFFICER).opinions == ()


# --- recorded tests, and no blanket -----------------------------------------------------------------


def test_the_answers_to_a_test_are_sealed_with_the_decision(office, with_records):
    case = with_records(KERRY_NOTE, TULLY_NOTE)
    said = {"exemption": "CRIME", "saying": Saying.GENERAL}
    with pytest.raises(DecisionNotSupported) as refused:
        office.withhold_record(case, "ward/1", **said)
    assert refused.value.field == "answer-prejudice"
    office.withhold_record(case, "ward/1", **said, prejudice="It names a suspect.")
    with office.archive.reading(case) as file:
        (made,) = record_decisions_of(file, 1).values()
    assert [(a.question, a.words) for a in made.answers] == [("prejudice", "It names a suspect.")]
    assert "suspect" not in str([e.facts for e in office.events(case)])


def test_one_reason_cannot_hold_back_several_records_as_crime(office, with_records):
    case = with_records(KERRY_NOTE, TULLY_NOTE, ADVICE)

    def choice(reason):
        return Choice(
            verdict=Verdict.WITHHOLD, reason=reason, exemption="CRIME", saying=Saying.GENERAL,
            answers={"prejudice": "It would warn them."},
        )  # fmt: skip

    def at_once(*reasons):
        outcomes = {f"ward/{i}": (Outcome.WITHHOLD, choice(r)) for i, r in enumerate(reasons, start=1)}
        office.review.decide_records(case, leg=1, outcomes=outcomes, at=office.at(), by=OFFICER)

    with pytest.raises(DecisionNotSupported) as refused:
        at_once("A live enquiry.", "A live  enquiry.")
    assert refused.value.field == "whole_file"
    with office.archive.reading(case) as file:
        assert not record_decisions_of(file, 1)
    at_once("It names the van.", "It names the driver.")
    # One by one is no way round it: the second person's page refuses what was not refused before.
    for name in ("ward/1", "ward/2"):
        office.review.decide_record(
            case, leg=1, record=name, outcome=Outcome.WITHHOLD, choice=choice("A live enquiry."),
            at=office.at(), by=OFFICER,
        )  # fmt: skip
    office.decide_rest(case)
    office.read_all(case, but=["ward/1", "ward/2"])
    with pytest.raises(DecisionNotSupported, match="whole file"):
        office.sign_off(case)


def test_legal_advice_is_not_given_out_without_a_lawyer(office, with_records):
    case = with_records(ADVICE)
    office.decide(case, ADVICE_WORDS, by=OFFICER, verdict=Verdict.DISCLOSE, reason="It looks harmless.")
    office.decide_rest(case, done=[ADVICE_WORDS])
    office.read_all(case)
    with pytest.raises(DecisionNotSupported):
        office.sign_off(case)
    office.decide(case, ADVICE_WORDS, by=LAWYER, verdict=Verdict.DISCLOSE, reason="It is not privileged.")
    assert office.sign_off(case).records[0].passages[0].text == ADVICE_WORDS


# --- informants -------------------------------------------------------------------------------------


def disclosed_informant(office, with_records):
    case = with_records(TULLY_NOTE, people=[TULLY])
    office.decide(
        case, "Maureen Tully", by=OFFICER, verdict=Verdict.DISCLOSE, reason="She has agreed in writing."
    )
    office.decide_rest(case, done=["Maureen Tully"])
    office.read_all(case)
    return case


def test_an_informant_is_not_given_out_until_an_approver_agrees(office, with_records):
    case = disclosed_informant(office, with_records)
    with pytest.raises(DecisionNotSupported):
        office.sign_off(case)
    proposal = office.proposals(case)["Maureen Tully"].id
    with pytest.raises(NotAllowed):
        office.review.approve_disclosure(case, leg=1, proposal=proposal, at=office.at(), by=OFFICER)
    office.review.approve_disclosure(case, leg=1, proposal=proposal, at=office.at(), by=SECOND_APPROVER)
    signed = office.sign_off(case)
    assert "Maureen Tully" in signed.records[0].passages[0].text


def test_the_approver_who_agrees_is_not_the_one_who_decided(office, with_records):
    case = with_records(TULLY_NOTE, people=[TULLY])
    office.decide(case, "Maureen Tully", by=APPROVER, verdict=Verdict.DISCLOSE, reason="She has agreed.")
    proposal = office.proposals(case)["Maureen Tully"].id
    with pytest.raises(NotAllowed):
        office.review.approve_disclosure(case, leg=1, proposal=proposal, at=office.at(), by=APPROVER)


def test_there_must_be_a_decision_to_agree_to(office, with_records):
    case = with_records(TULLY_NOTE, people=[TULLY])
    proposal = office.proposals(case)["Maureen Tully"].id
    for decide in (False, True):
        if decide:
            office.decide(case, "Maureen Tully")
        with pytest.raises(OutOfOrder):
            office.review.approve_disclosure(case, leg=1, proposal=proposal, at=office.at(), by=APPROVER)


def test_calling_an_informant_just_another_person_does_not_avoid_the_approver(office, with_records):
    """The rule that proposed decides what disclosing needs, not the exemption the officer names."""
    note = record("5", "A neighbour had heard shouting. Leanne was polite.")
    case = with_records(note)
    words = next(w for w, p in office.proposals(case).items() if p.exemption == "INFORMANT")
    office.decide(
        case, words, by=OFFICER, verdict=Verdict.DISCLOSE, reason="Everybody knows.", exemption="3RD-PARTY"
    )
    office.decide_rest(case, done=[words])
    office.read_all(case)
    with pytest.raises(DecisionNotSupported):
        office.sign_off(case)


# --- records ----------------------------------------------------------------------------------------


def test_a_whole_record_is_withheld_only_by_one_who_may_use_the_exemption(office, with_records):
    case = with_records(ADVICE)
    with pytest.raises(DecisionNotSupported):
        office.withhold_record(case, "ward/3", exemption="PRIVILEGE", by=OFFICER)
    wrong = Choice(verdict=Verdict.DISCLOSE, reason="All legal advice.", exemption="PRIVILEGE")
    with pytest.raises(DecisionNotSupported):
        office.review.decide_record(
            case, leg=1, record="ward/3", outcome=Outcome.WITHHOLD, choice=wrong, at=office.at(), by=OFFICER
        )
    office.withhold_record(case, "ward/3", exemption="PRIVILEGE", by=LAWYER)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_no_decision_on_a_record_without_a_reason(office, with_records, outcome):
    case = with_records(KERRY_NOTE)
    choice = Choice(verdict=Verdict.WITHHOLD, reason=" ", exemption="3RD-PARTY")
    with pytest.raises((InvalidInput, DecisionNotSupported)) as refused:
        office.review.decide_record(
            case, leg=1, record="ward/1", outcome=outcome, choice=choice, at=office.at(), by=OFFICER
        )
    assert refused.value.field == "reason"


def test_a_record_that_changed_at_the_store_is_decided_anew(office, with_records):
    case = with_records(KERRY_NOTE, people=[KERRY])
    office.reviewed(case)
    assert office.signoff.readiness(case, leg=1, on=office.now.date()).undecided_records == 0
    office.stores[0].held = [record("1", "Leanne was polite. Kerry Lomax rang twice, and wept.")]
    number = office.gather(case)
    office.people.build(case, round_number=number, at=office.at())
    office.review.propose(case, leg=1, at=office.at())
    ready = office.signoff.readiness(case, leg=1, on=office.now.date())
    assert ready.undecided_records >= 1
    with pytest.raises(UndecidedProposals):
        office.sign_off(case)
    assert office.review.view(case, leg=1, record="ward/1", by=OFFICER).outcome == ""
    office.reviewed(case)
    office.sign_off(case)


# --- legs -------------------------------------------------------------------------------------------


def two_legs(office):
    note = record("1", "Leanne Hartley and Marcus Hartley came.", about=("leanne", "marcus"))
    office.stores = [HeldStore("ward", [note], people=(PRIYA,))]
    case = office.receive(own_leg(), own_leg(MARCUS))
    office.ready(case)
    office.review.propose(case, leg=2, at=office.at())
    return case


def test_each_is_the_subject_in_their_own_leg_and_a_third_party_in_the_others(office):
    case = two_legs(office)
    in_hers, in_his = office.proposals(case, 1), office.proposals(case, 2)
    assert any("Marcus" in w for w in in_hers)
    assert not any("Leanne" in w for w in in_hers)
    assert any("Leanne" in w for w in in_his)
    assert not any("Marcus" in w for w in in_his)


def test_a_decision_in_one_leg_does_nothing_in_the_other(office):
    case = two_legs(office)
    office.reviewed(case, leg=1)
    ready = [office.signoff.readiness(case, leg=leg, on=office.now.date()) for leg in (1, 2)]
    assert (ready[0].undecided_records, ready[0].undecided_proposals) == (0, 0)
    assert ready[1].undecided_records == len(office.records(case, 2))
    assert ready[1].deciders == ()
    hers = office.every_proposal(case, 1)[0]
    with pytest.raises(NotFound):
        office.decide_id(case, hers, leg=2)
    office.sign_off(case, leg=1)
    with pytest.raises(UndecidedProposals):
        office.sign_off(case, leg=2)


# --- the second person ------------------------------------------------------------------------------


def test_only_an_approver_signs_off_and_never_one_who_decided(office, with_records):
    case = with_records(TULLY_NOTE, people=[TULLY])
    office.reviewed(case)
    with pytest.raises(NotAllowed):
        office.sign_off(case, by=OFFICER)
    with pytest.raises(SecondPersonNeeded):
        office.sign_off(case, by=BY_ROLE["approver"])
    office.sign_off(case, by=APPROVER)


def test_one_who_decided_on_a_record_cannot_sign_it_off(office, with_records):
    case = with_records(KERRY_NOTE, people=[KERRY])
    office.decide_rest(case)
    both = actor("bea", StaffRole.OFFICER, StaffRole.APPROVER)
    office.read_all(case, but=["ward/1"])
    choice = Choice(verdict=Verdict.DISCLOSE, reason="Read.")
    office.review.decide_record(
        case, leg=1, record="ward/1", outcome=Outcome.DISCLOSE, choice=choice, at=office.at(), by=both
    )
    with pytest.raises(SecondPersonNeeded):
        office.sign_off(case, by=both)


def test_sign_off_needs_every_record_and_every_proposal_decided(office, with_records):
    case = with_records(KERRY_NOTE, people=[KERRY])
    with pytest.raises(UndecidedProposals):
        office.sign_off(case)
    office.read_all(case)
    with pytest.raises(UndecidedProposals):
        office.sign_off(case)
    office.decide_rest(case)
    office.sign_off(case)


def test_signing_off_twice_is_refused_and_deciding_afterwards_too(office, with_records):
    case = with_records(KERRY_NOTE, people=[KERRY])
    office.reviewed(case)
    office.sign_off(case)
    with pytest.raises(OutOfOrder):
        office.sign_off(case, by=SECOND_APPROVER)
    with pytest.raises(OutOfOrder):
        office.decide(case, "Kerry Lomax")


def test_a_sign_off_can_be_taken_back_before_release(office, with_records):
    case = with_records(KERRY_NOTE, people=[KERRY])
    office.reviewed(case)
    office.sign_off(case)
    back = office.signoff.return_to_review
    with pytest.raises(NotAllowed):
        back(case, leg=1, reason="Look again.", at=office.at(), by=OFFICER)
    with pytest.raises(InvalidInput):
        back(case, leg=1, reason=" ", at=office.at(), by=APPROVER)
    back(case, leg=1, reason="Look again.", at=office.at(), by=APPROVER)
    with pytest.raises(OutOfOrder):
        back(case, leg=1, reason="Look again.", at=office.at(), by=APPROVER)
    office.decide(case, "Kerry Lomax", verdict=Verdict.DISCLOSE, reason="She agreed.")
    signed = office.sign_off(case)
    assert "Kerry Lomax" in signed.records[0].passages[0].text
    office.release(case)
    with pytest.raises(OutOfOrder):
        back(case, leg=1, reason="Too late.", at=office.at(), by=APPROVER)


def test_a_generated_page_has_to_go_out(office, with_records):
    case = with_records(KERRY_NOTE, people=[KERRY])
    office.reviewed(case)
    page = next(str(r.key) for r in office.records(case) if r.kind.is_generated)
    office.withhold_record(case, page, exemption="3RD-PARTY")
    ready = office.signoff.readiness(case, leg=1, on=office.now.date())
    assert any("has to go out" in b for b in ready.blockers)
    with pytest.raises(DecisionNotSupported):
        office.sign_off(case)


def test_words_decided_in_two_ways_are_shown_to_the_approver(office, with_records):
    case = with_records(KERRY_NOTE, record("6", "Kerry Lomax waved."), people=[KERRY])
    office.reviewed(case)
    assert office.signoff.readiness(case, leg=1, on=office.now.date()).warnings == ()
    office.decide(case, "Kerry Lomax", verdict=Verdict.DISCLOSE, reason="She agreed.")
    warnings = office.signoff.readiness(case, leg=1, on=office.now.date()).warnings
    assert len(warnings) == 2


# --- a record that changed --------------------------------------------------------------------------


def visit(text, data_class=DataClass.HEALTH):
    return record("9", text, data_class=data_class)


def changed_to(office, case, new, *, days=10):
    """The store changes the record; it is gathered and proposed on again."""
    office.now += timedelta(days=days)
    office.stores = [HeldStore("ward", [new], people=(PRIYA,))]
    office.ready(case)


def give(office, case, *records, **more):
    return office.opinions.give(
        case, leg=1, results=dict.fromkeys(records, NOT_MET), professional=Professional.RESPONSIBLE,
        role="consultant", name="Dr Invented", words="Fine.", at=office.at(), by=OFFICER,
        **{"given_on": office.now.date(), **more},
    )  # fmt: skip


def test_a_recorded_class_ends_with_the_text_it_was_recorded_for(office, with_records):
    case = with_records(visit("Attended clinic list.", DataClass.UNKNOWN))
    classed = {"ward/9": DataClass.OTHER}
    office.opinions.classify(case, leg=1, classes=classed, reason="A list.", at=office.at(), by=OFFICER)
    changed_to(office, case, visit("Her HIV test was positive."))
    (row,) = [
        r
        for r in office.opinions.page(case, leg=1, on=office.now.date(), by=OFFICER).rows
        if r.record == "ward/9"
    ]
    assert (row.data_class, row.class_recorded, row.waits) == ("health", False, True)
    office.reviewed(case)
    with pytest.raises(DecisionNotSupported, match="Health information"):
        office.sign_off(case)
    office.opinions.classify(case, leg=1, classes=classed, reason="A sheet.", at=office.at(), by=OFFICER)
    office.sign_off(case)


def test_an_opinion_is_on_the_text_that_was_asked_about(office, with_records):
    case = with_records(
        visit("Blood pressure was normal."), record("8", "Seen.", data_class=DataClass.HEALTH)
    )
    asked = office.opinions.ask(
        case,
        leg=1,
        records=["ward/9"],
        asked_of="consultant",
        on=office.now.date(),
        at=office.at(),
        by=OFFICER,
    )
    with pytest.raises(InvalidInput, match="not asked about") as refused:
        give(office, case, "ward/9", "ward/8", asked=asked)
    assert refused.value.field == "records"
    before = office.now.date()
    changed_to(office, case, visit("Her HIV test was positive."))
    with pytest.raises(InvalidInput, match="has changed"):
        give(office, case, "ward/9", asked=asked)
    with pytest.raises(ImpossibleDate) as early:
        give(office, case, "ward/9", given_on=before)
    assert early.value.field == "given_on"
    assert not office.opinions.page(case, leg=1, on=office.now.date(), by=OFFICER).opinions
    give(office, case, "ward/9")
    office.reviewed(case)
    office.sign_off(case)
