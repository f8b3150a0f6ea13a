"""The officer's page: every character once, cut where decisions fall, and only what stands now."""

from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

from sar.domain.matching import Proposal, Span, Verdict
from sar.domain.parties import PeopleRegister, Person, Role
from sar.domain.redaction import Decision, Outcome, RecordDecision
from sar.domain.references import ExemptionCode, LegName, PersonId, RuleId, StaffId
from sar.domain.viewing import view_of
from sar.law import load
from tests.fakes.ports import record

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TEXT = "Kerry Lomax and Dean rang."
NOTE = record("1", TEXT, "Kerry.")
KERRY = Person(id=PersonId("kerry"), name="Kerry Lomax", role=Role.THIRD_PARTY)


@cache
def law():
    return load("england")


def span(start, end, *, passage=0, of=NOTE):
    return Span(record=of.key, version=of.version, passage=passage, start=start, end=end)


def proposal(start, end, name="p", **more):
    return Proposal(
        id=name, leg=LegName("leanne"), span=span(start, end, **more), kind="person", rule=RuleId("r"),
        person=KERRY.id, exemption=ExemptionCode("3RD-PARTY"), suggests=Verdict.WITHHOLD, reason="Names her.",
        certainty=1.0, who_decides="records officer",
    )  # fmt: skip


def decision(where, verdict=Verdict.WITHHOLD, proposal="p"):
    return Decision(
        id="d", leg=LegName("leanne"), span=where, verdict=verdict, reason="Yes.", decided_by=StaffId("o"),
        decider_role="records officer", decided_at=AT, exemption=ExemptionCode("3RD-PARTY"), proposal=proposal,
    )  # fmt: skip


def view(*proposals, decisions=(), outcome=None, of=NOTE):
    return view_of(
        of, proposals=proposals, decisions=decisions, outcome=outcome, register=PeopleRegister(people=(KERRY,)),
        law=law(),
    )  # fmt: skip


def test_the_parts_put_together_are_the_text():
    seen = view(proposal(0, 11), proposal(16, 20, "q"), proposal(0, 5, "r", passage=1))
    assert ["".join(p.text for p in q.parts) for q in seen.passages] == [TEXT, "Kerry."]
    assert [(p.text, p.proposal) for p in seen.passages[0].parts] == [
        ("Kerry Lomax", "p"), (" and ", ""), ("Dean", "q"), (" rang.", "")
    ]  # fmt: skip
    assert all(TEXT[p.start : p.start + len(p.text)] == p.text for p in seen.passages[0].parts)
    assert seen.undecided == 3


def test_overlapping_proposals_lose_no_character_and_repeat_none():
    seen = view(proposal(0, 11), proposal(6, 20, "q"))
    assert "".join(p.text for p in seen.passages[0].parts) == TEXT


def test_a_proposal_with_others_inside_stands_beside_the_text():
    seen = view(proposal(0, 26, "wide"), proposal(0, 11))
    assert [w.proposal for w in seen.passages[0].wide] == ["wide"]
    assert seen.passages[0].wide[0].text == TEXT
    assert [p.proposal for p in seen.passages[0].parts] == ["p", ""]


def test_a_part_says_who_why_and_under_what_law():
    part = view(proposal(0, 11)).passages[0].parts[0]
    assert (part.person, part.role, part.reason) == ("Kerry Lomax", "third party", "Names her.")
    assert (part.exemption, part.must_be_decided_by, part.suggested) == (
        "3RD-PARTY",
        "records officer",
        "withhold",
    )
    assert part.statute == "Data Protection Act 2018 Sch 2 para 16"
    assert part.verdict == ""


def test_a_decision_shows_where_it_was_made():
    seen = view(proposal(0, 11), decisions=[decision(span(0, 11), Verdict.DISCLOSE)])
    assert (seen.passages[0].parts[0].verdict, seen.undecided) == ("disclose", 0)


def test_words_marked_by_hand_are_shown_for_this_version_only():
    by_hand = decision(span(16, 20), proposal="")
    assert [w.text for w in view(decisions=[by_hand]).passages[0].wide] == ["Dean"]
    older = replace(by_hand, span=replace(by_hand.span, version="0" * 64))
    assert view(decisions=[older]).passages[0].wide == ()


def test_what_was_decided_on_an_earlier_version_does_not_show_as_standing():
    made = RecordDecision(
        leg=LegName("leanne"), record=NOTE.key, version=NOTE.version, outcome=Outcome.DISCLOSE, reason="Read.",
        decided_by=StaffId("o"), decider_role="records officer", decided_at=AT,
    )  # fmt: skip
    assert (view(outcome=made).outcome, view(outcome=made).outcome_reason) == ("disclose", "Read.")
    stale = view(
        replace(proposal(0, 5), span=replace(span(0, 5), version="0" * 64)),
        outcome=replace(made, version="0"),
    )
    assert (stale.outcome, stale.outcome_reason, stale.undecided) == ("", "", 0)
    assert [p.proposal for p in stale.passages[0].parts] == [""]
