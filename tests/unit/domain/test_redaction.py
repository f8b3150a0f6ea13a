"""The one-way door: nothing passes undecided, and what passes is exactly what was decided."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from sar.domain.disclosure import PLACEHOLDER, Ground, Hidden, Shown
from sar.domain.errors import DecisionNotSupported, UndecidedProposals
from sar.domain.exemptions import Saying
from sar.domain.matching import Proposal, Span, Verdict
from sar.domain.redaction import (
    Decision,
    GroundKey,
    Outcome,
    RecordDecision,
    effective,
    redact,
    undecided,
)
from sar.domain.references import ExemptionCode, LegName, RuleId, StaffId
from tests.fakes.ports import record

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LEG, OTHER, CODE = LegName("leanne"), ExemptionCode("PRIVILEGE"), ExemptionCode("3RD-PARTY")
TEXT = "Kerry Lomax and Dean rang."
NOTE = record("1", TEXT, "Nothing else.")
LETTERS = {
    GroundKey(exemption=CODE, saying=Saying.FULL): Ground(letter="A", words="Others.", statute="para 16"),
    GroundKey(exemption=OTHER, saying=Saying.FULL): Ground(letter="B", words="Advice.", statute="para 19"),
}


def span(start, end, *, passage=0, of=NOTE):
    return Span(record=of.key, version=of.version, passage=passage, start=start, end=end)


def proposal(start, end, **more):
    return Proposal(
        id=f"{start}-{end}", leg=LEG, span=span(start, end, **more), kind="person", rule=RuleId("r"), person=None,
        exemption=CODE, suggests=Verdict.WITHHOLD, reason="", certainty=1.0, who_decides="records officer",
    )  # fmt: skip


def decision(
    where, verdict=Verdict.WITHHOLD, *, minute=0, exemption=CODE, name="d", saying=Saying.FULL, answers=""
):
    return Decision(
        id=name, proposal=answers, leg=LEG, span=where, verdict=verdict, reason="Yes.", saying=saying,
        decided_by=StaffId("o"), decider_role="records officer", exemption=exemption,
        decided_at=AT + timedelta(minutes=minute),
    )  # fmt: skip


def read(of=NOTE, outcome=Outcome.DISCLOSE):
    return RecordDecision(
        leg=LEG, record=of.key, version=of.version, outcome=outcome, reason="Read.", decided_by=StaffId("o"),
        decider_role="records officer", decided_at=AT,
    )  # fmt: skip


def through(*decisions, proposals=(), of=NOTE, made=None, letters=LETTERS):
    return redact(of, decision=made or read(of), proposals=proposals, decisions=decisions, letters=letters)


def text_of(done, passage=0):
    return done.passages[passage].text


@pytest.mark.parametrize("made", [None, read(outcome=Outcome.WITHHOLD), read(outcome=Outcome.OUT_OF_SCOPE)])
def test_a_record_nobody_decided_to_disclose_does_not_pass(made):
    with pytest.raises(UndecidedProposals):
        redact(NOTE, decision=made, proposals=(), decisions=(), letters=LETTERS)


def test_a_decision_on_an_earlier_version_does_not_pass():
    with pytest.raises(DecisionNotSupported):
        through(made=replace(read(), version="0" * 64))


def test_an_undecided_proposal_does_not_pass():
    with pytest.raises(UndecidedProposals):
        through(decision(span(0, 11)), proposals=[proposal(0, 11), proposal(16, 20)])


def test_a_decision_for_an_earlier_version_of_the_words_is_no_decision():
    stale = decision(replace(span(0, 11), version="0" * 64))
    with pytest.raises(UndecidedProposals):
        through(stale, proposals=[proposal(0, 11)])


@pytest.mark.parametrize(
    ("exemption", "saying"),
    [(None, Saying.FULL), (ExemptionCode("CRIME"), Saying.FULL), (CODE, Saying.GENERAL)],
)
def test_a_ground_without_a_letter_does_not_pass(exemption, saying):
    with pytest.raises(DecisionNotSupported):
        through(decision(span(0, 11), exemption=exemption, saying=saying))


def test_withheld_words_give_way_to_one_placeholder_and_the_rest_stays():
    done = through(decision(span(0, 11)), proposals=[proposal(0, 11)])
    assert done.passages[0].pieces == (Hidden(ground="A"), Shown(text=" and Dean rang."))
    assert text_of(done) == f"{PLACEHOLDER} and Dean rang."
    assert text_of(done, 1) == "Nothing else."


def test_the_placeholder_is_one_size_whatever_it_hides():
    sizes = {len(text_of(through(decision(span(0, end))))) - (len(TEXT) - end) for end in range(1, len(TEXT))}
    assert sizes == {len(PLACEHOLDER)}


@pytest.mark.parametrize(
    "gap",
    [
        "",
        " ",
        ", ",
        ". ",
        "-",
        "; ",
        " (",
        "'",
        "\u2019",
        "\t",
        "\n",
        "\n\n",
        " / ",
        ": ",
        " \u2013 ",
        "\u00a0",
    ],
)
def test_neighbouring_placeholders_merge_so_their_count_tells_nothing(gap):
    note = record("1", f"Kerry{gap}Lomax rang.")
    after = 5 + len(gap)
    done = through(
        decision(span(0, 5, of=note)), decision(span(after, after + 5, of=note), name="e"), of=note
    )
    assert text_of(done) == f"{PLACEHOLDER} rang."


def test_placeholders_with_a_word_between_stay_apart():
    done = through(decision(span(0, 11)), decision(span(16, 20), name="e"))
    assert text_of(done) == f"{PLACEHOLDER} and {PLACEHOLDER} rang."


def test_withholding_wins_where_spans_overlap():
    done = through(
        decision(span(0, 20), Verdict.DISCLOSE, answers="0-20"), decision(span(6, 11), name="e"),
        proposals=[proposal(0, 20), proposal(6, 11)],
    )  # fmt: skip
    assert text_of(done) == f"Kerry {PLACEHOLDER} and Dean rang."


def test_overlapping_withheld_spans_are_one_stretch():
    done = through(decision(span(0, 11)), decision(span(6, 20), name="e", exemption=OTHER))
    assert text_of(done) == f"{PLACEHOLDER} rang."


def test_a_decision_answers_its_own_proposal_only():
    """Two rules see the same words for different reasons: one answer to disclose does not answer the other."""
    two = [proposal(0, 11), replace(proposal(0, 11), id="second", exemption=OTHER)]
    given = decision(span(0, 11), Verdict.DISCLOSE, answers="0-11")
    with pytest.raises(UndecidedProposals):
        through(given, proposals=two)
    withheld = decision(span(0, 11), name="e", minute=1, exemption=OTHER, answers="second")
    assert text_of(through(given, withheld, proposals=two)).startswith(PLACEHOLDER)


def test_decisions_on_other_records_and_passages_do_nothing_here():
    elsewhere = record("2", TEXT)
    done = through(
        decision(span(0, 11, of=elsewhere)), decision(span(0, 7, passage=1), name="e"),
        proposals=[proposal(0, 11, of=elsewhere)],
    )  # fmt: skip
    assert text_of(done) == TEXT
    assert text_of(done, 1) == f"{PLACEHOLDER} else."


def test_the_last_decision_on_a_span_stands_in_whatever_order_they_are_given():
    first = decision(span(0, 11), Verdict.DISCLOSE)
    last = decision(span(0, 11), minute=1, name="e")
    for order in ((first, last), (last, first)):
        assert effective(order) == (last,)
        assert PLACEHOLDER in text_of(through(*order))


def test_a_later_decision_of_the_same_moment_replaces_an_earlier_one():
    first = decision(span(0, 11), name="z")
    last = decision(span(0, 11), Verdict.DISCLOSE, name="a")
    assert effective([first, last]) == (last,)


def test_a_wider_withholding_answers_what_lies_inside_it_and_a_wider_disclosure_does_not():
    inside = [proposal(6, 11)]
    assert undecided(inside, [decision(span(0, 20))]) == ()
    assert undecided(inside, [decision(span(0, 20), Verdict.DISCLOSE)]) == tuple(inside)
    assert undecided(inside, [decision(span(7, 11))]) == tuple(inside)
    assert undecided(inside, [decision(span(6, 11, passage=1))]) == tuple(inside)


def test_where_it_came_from_goes_with_it():
    copy = replace(NOTE.provenance, store_label="The desk")
    done = through(of=NOTE.with_copy(copy).with_copy(copy))
    assert (done.kind, done.dated_on, done.origin) == ("case note", NOTE.dated_on, "The ward")
    assert (done.controller, done.found_by) == ("Fenwater Trust", "NHS number")
    assert done.also_held_in == ("The desk",)


# --- counts and silences ------------------------------------------------------------------------------

NAMES = record("3", "Kerry Lomax", "Dean Rudge", "  ", "rang.")


def test_neighbouring_passages_that_are_all_withheld_share_one_mark():
    made = [
        decision(span(0, 11, of=NAMES)),
        decision(span(0, 10, passage=1, of=NAMES), name="e"),
    ]
    done = through(*made, of=NAMES)
    assert "".join(p.text for p in done.passages).count(PLACEHOLDER) == 1
    assert text_of(done, -1) == "rang."


@pytest.mark.parametrize("end", [11, 16])
def test_words_of_which_nothing_may_be_said_leave_no_mark(end):
    done = through(decision(span(0, end), saying=Saying.NOTHING))
    assert text_of(done) == TEXT[end:]


def test_a_passage_of_which_nothing_may_be_said_is_not_there():
    done = through(decision(span(0, len(TEXT)), saying=Saying.NOTHING))
    assert [p.text for p in done.passages] == ["Nothing else."]


@pytest.mark.parametrize(("first", "second"), [(Saying.NOTHING, Saying.FULL), (Saying.FULL, Saying.NOTHING)])
def test_silence_beside_a_withheld_name_does_not_take_its_mark_away(first, second):
    done = through(decision(span(0, 5), saying=first), decision(span(6, 11), saying=second, name="e"))
    assert text_of(done) == f"{PLACEHOLDER} and Dean rang."
