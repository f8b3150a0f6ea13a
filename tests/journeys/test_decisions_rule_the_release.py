"""What a person decided, and nothing else, says which words leave; the gate stops what was overlooked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from sar.domain.errors import (
    DecisionNotSupported,
    NotAllowed,
    OutOfOrder,
    SARError,
    SecondPersonNeeded,
    UndecidedProposals,
    WithheldTextFound,
)
from sar.domain.exemptions import Saying
from sar.domain.matching import Verdict
from sar.domain.trail import EventKind
from sar.packs.verification import PackVerification
from sar.ports.casework import state_of
from sar.services.review import Choice, Words
from tests.journeys.stage import Journey, disclosed_text

pytestmark = pytest.mark.timeout(120)

INFORMANT = "maureen-tully"
HER_NAMES = ("tully", "maureen")
CALL = "council_ssd/CN-7021"
Begin = Callable[..., Journey]


def disclose_her_name(journey: Journey) -> str:
    """The officer changes one decision about the informant: her surname stays in one note. Its proposal."""
    proposal = next(
        p for p, words in journey.proposals() if str(p.span.record) == CALL and words == "Mrs Tully"
    )
    journey.house.services.review.decide(
        journey.id, leg=1, proposal=proposal.id, verdict=Verdict.DISCLOSE, at=journey.house.clock(),
        by=journey.officer, reason="She told the family herself that she rang, and they told us so.",
    )  # fmt: skip
    return proposal.id


def disclose_sentences_about_her(journey: Journey) -> list[str]:
    """The sentences in which her name stands were proposed too; the officer lets the same words stay. Proposals."""
    review, changed = journey.house.services.review, []
    for proposal, words in journey.proposals():
        if str(proposal.span.record) == CALL and proposal.kind == "source" and "Mrs Tully" in words:
            review.decide(
                journey.id, leg=1, proposal=proposal.id, verdict=Verdict.DISCLOSE, at=journey.house.clock(),
                by=journey.officer, reason="She told the family herself that she rang, and they told us so.",
            )  # fmt: skip
            changed.append(proposal.id)
    return changed


def without_the_sentence_about_her(journey: Journey) -> None:
    """The recorded decisions, but the whole sentence round her name in the note is left to be decided by words."""
    recorded = journey.recorded()
    quotes = tuple(q for q in recorded.quotes if not q[1].startswith("Mrs Tully, the lady"))
    assert len(quotes) == len(recorded.quotes) - 1
    journey.decide(replace(recorded, quotes=quotes))


def test_the_recorded_decisions_release_the_leg_without_her(journey: Begin) -> None:
    made = journey()
    made.decide()
    text = disclosed_text(made.sign_off()).casefold()
    assert not [name for name in HER_NAMES if name in text]
    assert "thanked for her call" not in text
    assert "jean fell on the stairs" in text


def test_one_decision_to_disclose_an_informant_stops_the_sign_off_and_names_nobody(journey: Begin) -> None:
    made = journey()
    without_the_sentence_about_her(made)
    disclose_her_name(made)
    with pytest.raises(DecisionNotSupported) as refused:
        made.sign_off()
    assert_names_nobody(refused.value)
    assert not made.events(EventKind.SIGNED_OFF, EventKind.PACK_BUILT, EventKind.PACK_RELEASED)
    readiness = made.house.services.signoff.readiness(made.id, leg=1, on=made.house.clock().date())
    assert readiness.blockers
    with pytest.raises(OutOfOrder):
        made.release()


def test_a_recorded_file_that_would_disclose_an_informant_stops_the_sign_off(journey: Begin) -> None:
    """The same with the decision changed where the demo reads it: every mention of her, at one stroke."""
    made = journey()
    recorded = made.recorded()
    hers = recorded.people[INFORMANT]
    changed = replace(hers, choice=replace(hers.choice, verdict=Verdict.DISCLOSE, exemption=None))
    made.decide(replace(recorded, people={**recorded.people, INFORMANT: changed}))
    with pytest.raises(DecisionNotSupported) as refused:
        made.sign_off()
    assert_names_nobody(refused.value)


def assert_names_nobody(fault: SARError) -> None:
    said = f"{fault.message} {fault.next_step}".casefold()
    for word in (*HER_NAMES, "tanner", "neighbour", "hartley"):
        assert word not in said
    assert fault.next_step


def test_with_an_approvers_agreement_exactly_those_words_pass(journey: Begin) -> None:
    made = journey()
    without_the_sentence_about_her(made)
    proposal = disclose_her_name(made)
    review = made.house.services.review
    with pytest.raises(NotAllowed):
        review.approve_disclosure(made.id, leg=1, proposal=proposal, at=made.house.clock(), by=made.officer)
    for agreed in (proposal, *disclose_sentences_about_her(made)):
        review.approve_disclosure(made.id, leg=1, proposal=agreed, at=made.house.clock(), by=made.approver)
    text = disclosed_text(made.sign_off())
    assert text.casefold().count("tully") == 1
    assert "Mrs Tully, the lady at" in text
    assert "Maureen" not in text
    assert "16 Tanner Row" not in text
    assert "01632 960144" not in text
    pdf = made.release()
    assert PackVerification().verify(pdf).round == 1
    data = made.house.services.packing.data(made.id, leg=1).decode()
    assert data.count("Tully") == 1


def test_who_decided_cannot_sign_off_and_an_officer_cannot_either(journey: Begin) -> None:
    made = journey()
    made.decide()
    signoff, at = made.house.services.signoff, made.house.clock
    with pytest.raises(NotAllowed):
        signoff.sign_off(made.id, leg=1, at=at(), by=made.officer)
    both = replace(made.officer, roles=made.officer.roles | made.approver.roles)
    with pytest.raises(SecondPersonNeeded):
        signoff.sign_off(made.id, leg=1, at=at(), by=both)


def test_nothing_is_decided_by_the_program_itself(journey: Begin) -> None:
    made = journey()
    with pytest.raises(UndecidedProposals):
        made.sign_off()
    assert not made.events(EventKind.SPAN_DECIDED, EventKind.RECORD_DECIDED)


PLANTED = {
    "another way to write her name": "Card from m a u r e e n  t u l l y put on the file.",
    "an address letter by letter": "Sent to 1 6 t a n n e r  r o w today.",
    "a name withheld by hand elsewhere": "Left word at brackley motors again.",
}


@pytest.mark.parametrize("words", PLANTED.values(), ids=PLANTED.keys())
def test_withheld_words_in_a_record_nobody_marked_block_the_release(journey: Begin, words: str) -> None:
    made = journey(
        change=f"UPDATE local_case_notes SET note_text = note_text || ' {words}' WHERE note_id = 'CN-7020';"  # noqa: S608 - our own words
    )
    at = made.house.clock
    key = "council_ssd/CN-7020"
    assert words in made.record(key).passages[-1].text, "the words were not planted"
    overlook(made, key, words)
    made.sign_off()
    with pytest.raises(WithheldTextFound) as stopped:
        made.release()
    for name in ("tully", "tanner", "brackley", "hartley"):
        assert name not in f"{stopped.value.message} {stopped.value.next_step}".casefold()
    assert [e.leg for e in made.events(EventKind.RELEASE_BLOCKED)] == [1]
    assert not made.events(EventKind.PACK_BUILT, EventKind.PACK_RELEASED, EventKind.PACK_DELIVERED)
    with pytest.raises(SARError):
        made.house.services.packing.pdf(made.id, leg=1)

    made.house.services.signoff.return_to_review(
        made.id, leg=1, reason="Words were overlooked.", at=at(), by=made.approver
    )
    withhold(made, key, words)
    assert words not in disclosed_text(made.sign_off())
    with made.house.archive.reading(made.id) as file:
        assert state_of(file).leg(1).signed_off_round == 1
        assert state_of(file).leg(1).released_round == 0


def overlook(journey: Journey, key: str, words: str) -> None:
    """Decide as recorded; what the rules did find in the planted words is wrongly left in."""
    journey.decide()
    choice = Choice(verdict=Verdict.DISCLOSE, reason="Taken for something else.")
    text = journey.record(key).passages[-1].text
    found = {
        p.id: choice for p, _ in journey.proposals()
        if str(p.span.record) == key and p.span.start >= text.index(words) and p.person is None
    }  # fmt: skip
    if found:
        journey.house.services.review.decide_many(
            journey.id, leg=1, choices=found, at=journey.house.clock(), by=journey.officer
        )
    if "brackley" in words:
        note = journey.record("council_ssd/CN-7022").passages[-1].text
        mark(journey, "council_ssd/CN-7022", note, "Brackley Motors")


def withhold(journey: Journey, key: str, words: str) -> None:
    mark(journey, key, journey.record(key).passages[-1].text, words)


def mark(journey: Journey, key: str, text: str, words: str) -> None:
    start = text.index(words)
    passage = len(journey.record(key).passages) - 1
    journey.house.services.review.withhold_words(
        journey.id, leg=1,
        words=Words(record=key, passage=passage, start=start, end=start + len(words), quote=words),
        choice=Choice(
            verdict=Verdict.WITHHOLD, reason="About another person.", exemption="3RD-PARTY", saying=Saying.FULL
        ),
        at=journey.house.clock(), by=journey.officer,
    )  # fmt: skip


def test_after_the_words_are_withheld_the_pack_is_released_whole(journey: Begin) -> None:
    made = journey(
        change="UPDATE local_case_notes SET note_text = note_text || ' Left word at brackley motors again.' "
        "WHERE note_id = 'CN-7020';"
    )
    made.decide()
    mark(made, "council_ssd/CN-7022", made.record("council_ssd/CN-7022").passages[-1].text, "Brackley Motors")
    made.sign_off()
    with pytest.raises(WithheldTextFound):
        made.release()
    made.house.services.signoff.return_to_review(
        made.id, leg=1, reason="Words were overlooked.", at=made.house.clock(), by=made.approver
    )
    withhold(made, "council_ssd/CN-7020", "brackley motors")
    made.sign_off()
    made.release()
    kinds = [e.kind for e in made.events()]
    order = (
        EventKind.RELEASE_BLOCKED,
        EventKind.SIGN_OFF_RETURNED,
        EventKind.PACK_BUILT,
        EventKind.PACK_RELEASED,
    )
    assert [k for k in kinds if k in order] == list(order)
    assert "brackley" not in made.house.services.packing.html(made.id, leg=1).decode().casefold()
