"""What a person who was asked said, and what one reader may see in all of their legs, holds in each of them."""

from dataclasses import replace

import pytest

from sar.domain.errors import DecisionNotSupported, OutOfOrder, WithheldTextFound
from sar.domain.exemptions import Saying
from sar.domain.matching import Verdict
from sar.domain.opinions import OpinionResult
from sar.domain.parties import Requester
from sar.domain.records import DataClass
from sar.services.correspondence import NewLetter
from sar.services.review import Choice, Words
from tests.fakes.ports import HeldStore, record
from tests.integration.services.conftest import (
    APPROVER,
    KERRY,
    OFFICER,
    PRIYA,
    child_leg,
    contact,
    own_leg,
)

CALL = record("1", "Leanne was polite. Kerry Lomax rang twice.")
SECRET = "Isla said that mum shouts at night"
SHARED = record("1", f"Leanne was polite. {SECRET}.", about=("leanne", "isla"))
TEST = "Her HIV test of 3 May 2024 was positive, and the nurse told her mother so at once."
ILL = record("9", TEST, data_class=DataClass.HEALTH)


def letter(news, leg=1):
    return NewLetter(kind="progress", leg=leg, said={"news": news})


# --- a refusal --------------------------------------------------------------------------------------


def asked(office, with_records):
    """Kerry was asked; meanwhile her words are decided to go out."""
    case = with_records(CALL, people=[KERRY])
    name = office.correspondence.ask_consultee(
        case, leg=1, person="kerry", record="ward/1", quote="Kerry Lomax rang twice.", names_requester=False,
        at=office.at(), by=OFFICER,
    )  # fmt: skip
    disclose(office, case)
    office.read_all(case)
    return case, name


def disclose(office, case):
    office.decide(case, "Kerry Lomax", verdict=Verdict.DISCLOSE, reason="She will agree.")
    office.decide_rest(case, done=["Kerry Lomax"])


def says(office, case, name, answer):
    office.correspondence.answer_of_consultee(
        case, consultation=name, answer=answer, on=office.now.date(), words="x", at=office.at(), by=OFFICER
    )


def readiness(office, case, leg=1):
    return office.signoff.readiness(case, leg=leg, on=office.now.date())


def test_an_open_question_is_a_warning_and_a_refusal_waits_for_a_person(office, with_records):
    case, name = asked(office, with_records)
    assert any("no answer is recorded" in w for w in readiness(office, case).warnings)
    assert readiness(office, case).blockers == ()
    says(office, case, name, "refusal")
    assert not any("no answer" in w for w in readiness(office, case).warnings)
    with pytest.raises(DecisionNotSupported, match="said no"):
        office.sign_off(case)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_words_decided_again_after_a_refusal_may_be_signed_off(office, with_records, verdict):
    case, name = asked(office, with_records)
    says(office, case, name, "refusal")
    office.decide(case, "Kerry Lomax", verdict=verdict, reason="Weighed against what she said.")
    office.sign_off(case)


def test_withheld_words_need_no_second_decision(office, with_records):
    case, name = asked(office, with_records)
    quote = "Kerry Lomax rang twice."
    at = CALL.passages[0].text.index(quote)
    words = Words(record="ward/1", passage=0, start=at, end=at + len(quote), quote=quote)
    choice = Choice(verdict=Verdict.WITHHOLD, reason="About her.", exemption="3RD-PARTY")
    office.review.withhold_words(case, leg=1, words=words, choice=choice, at=office.at(), by=OFFICER)
    says(office, case, name, "refusal")
    assert readiness(office, case).blockers == ()
    office.sign_off(case)


def test_a_consent_stops_nothing(office, with_records):
    case, name = asked(office, with_records)
    says(office, case, name, "consent")
    office.sign_off(case)


def test_an_answer_after_the_sign_off_takes_it_back(office, with_records):
    case, name = asked(office, with_records)
    office.sign_off(case)
    says(office, case, name, "refusal")
    with pytest.raises(OutOfOrder):
        office.release(case)
    office.signoff.return_to_review(case, leg=1, reason="She said no.", at=office.at(), by=APPROVER)
    with pytest.raises(DecisionNotSupported, match="said no"):
        office.sign_off(case)


# --- two legs, one reader ---------------------------------------------------------------------------


def two_legs(office, *, recipient=None, exemption="CRIME"):
    """Leanne asks for her own records and for Isla's; what Isla said is withheld in Isla's leg only."""
    office.stores = [HeldStore("ward", [SHARED], people=(PRIYA,))]
    reader = recipient or own_leg().recipient
    case = office.receive(own_leg(), replace(child_leg(), recipient=reader))
    office.ready(case)
    office.know(case, 2)
    office.standing.record_authority(
        case, leg=2, got_on=office.now.date(), evidence="birth-certificate", how="Seen.", at=office.at(),
        by=OFFICER,
    )  # fmt: skip
    office.review.propose(case, leg=2, at=office.at())
    withhold(office, case, leg=2, exemption=exemption)
    for leg in (1, 2):
        for proposal in office.every_proposal(case, leg):
            office.decide_id(case, proposal, leg=leg, verdict=Verdict.DISCLOSE, reason="Read.")
        office.read_all(case, leg=leg)
    return case


def withhold(office, case, *, leg, exemption="CRIME"):
    at = SHARED.passages[0].text.index(SECRET)
    words = Words(record="ward/1", passage=0, start=at, end=at + len(SECRET), quote=SECRET)
    crime = {"saying": Saying.GENERAL, "answers": {"prejudice": "It names a suspect."}}
    choice = Choice(
        verdict=Verdict.WITHHOLD, reason="Said in confidence.", exemption=exemption,
        **(crime if exemption == "CRIME" else {}),
    )  # fmt: skip
    office.review.withhold_words(case, leg=leg, words=words, choice=choice, at=office.at(), by=OFFICER)


@pytest.mark.parametrize(
    "reader",
    [
        own_leg().recipient,
        replace(own_leg().recipient, name="Leanne  HARTLEY", subject=None),
        replace(own_leg().recipient, name="Leanne Ferris", subject=None),
    ],
)
def test_words_withheld_in_one_leg_do_not_go_to_the_same_reader_in_another(office, reader):
    case = two_legs(office, recipient=reader)
    with pytest.raises(DecisionNotSupported, match="same reader in another leg"):
        office.sign_off(case)
    with pytest.raises(WithheldTextFound):
        office.correspondence.send(case, letter(f"We read: {SECRET}."), at=office.at(), by=OFFICER)
    withhold(office, case, leg=1)
    assert SECRET not in office.sign_off(case).records[0].passages[0].text
    office.sign_off(case, leg=2)


def test_what_is_somebody_elses_in_a_childs_pack_may_be_the_readers_own(office):
    case = two_legs(office, exemption="3RD-PARTY")
    assert any("only where they are about the reader" in w for w in readiness(office, case).warnings)
    assert readiness(office, case).blockers == ()
    with pytest.raises(WithheldTextFound):
        office.correspondence.send(case, letter(f"We read: {SECRET}."), at=office.at(), by=OFFICER)


def test_another_reader_is_not_held_to_it(office):
    case = two_legs(office, recipient=Requester(name="Dean Hartley", contact=contact("dean@example.org")))
    assert SECRET in office.sign_off(case).records[0].passages[0].text
    office.correspondence.send(case, letter(f"We read: {SECRET}."), at=office.at(), by=OFFICER)


def test_words_withheld_after_the_sign_off_of_the_other_leg_stop_its_release(office):
    case = two_legs(office)
    withhold(office, case, leg=1)
    office.sign_off(case)
    at = SHARED.passages[0].text.index("polite")
    words = Words(record="ward/1", passage=0, start=at, end=at + 6, quote="polite")
    choice = Choice(
        verdict=Verdict.WITHHOLD, reason="About another.", exemption="CRIME", saying=Saying.GENERAL,
        answers={"prejudice": "It names a suspect."},
    )  # fmt: skip
    office.review.withhold_words(case, leg=2, words=words, choice=choice, at=office.at(), by=OFFICER)
    with pytest.raises(DecisionNotSupported, match="same reader in another leg"):
        office.release(case)


def test_the_reader_is_still_written_to_about_whom_the_leg_is_about(office):
    case = two_legs(office)
    office.correspondence.send(
        case, letter("We are reading what we hold about Isla Hartley.", leg=2), at=office.at(), by=OFFICER
    )


# --- what a letter may quote ------------------------------------------------------------------------


def test_a_letter_quotes_no_record_that_nobody_has_decided_on(office, with_records):
    case = with_records(ILL)
    quoting = letter(f"We found a note: {TEST}")
    with pytest.raises(WithheldTextFound, match="nobody has decided"):
        office.correspondence.send(case, quoting, at=office.at(), by=OFFICER)
    office.reviewed(case)
    with pytest.raises(WithheldTextFound):
        office.correspondence.send(case, quoting, at=office.at(), by=OFFICER)
    office.opinion(case, OpinionResult.NOT_MET, "ward/9")
    office.correspondence.send(case, quoting, at=office.at(), by=OFFICER)


def test_our_own_set_words_are_no_quotation_of_an_old_letter_on_the_file(office, with_records):
    first = with_records(CALL)
    office.correspondence.send(first, letter("We look for them."), at=office.at(), by=OFFICER)
    old = "\n\n".join(p for p in office.post.letters[-1].paragraphs[1:] if "SA-" not in p)
    case = with_records(record("5", old))
    office.correspondence.send(case, letter("We look further."), at=office.at(), by=OFFICER)
