"""A case is the fold of its trail: the stage of a leg through the whole route, and no leg that is not there."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sar.domain.case import Stage, replay
from sar.domain.errors import OutOfOrder
from sar.domain.leg_state import Asked, paired
from sar.domain.references import CaseId
from sar.domain.trail import EventKind, next_event

AT = datetime(2026, 10, 20, 9, 0, tzinfo=UTC)
K = EventKind


def trail(*steps, legs=1):
    facts = {"received_on": "2026-10-20", "channel": "web", "nation": "england", "legs": legs}
    received = (K.REQUEST_RECEIVED, None, facts)
    events, last = [], None
    for i, (kind, leg, facts) in enumerate((received, *steps)):
        last = next_event(
            case=CaseId("c"),
            last=last,
            at=AT + timedelta(hours=i),
            kind=kind,
            by="sar",
            by_role="",
            leg=leg,
            facts=facts,
        )
        events.append(last)
    return events


def step(kind, leg=None, **facts):
    return (kind, leg, facts)


ROUTE = (
    (step(K.GATHERING_STARTED, round=1), Stage.GATHERING),
    (step(K.GATHERING_COMPLETED, round=1), Stage.REVIEW),
    (step(K.PROPOSALS_MADE, 1, round=1), Stage.REVIEW),
    (step(K.SIGNED_OFF, 1, round=1), Stage.SIGNED_OFF),
    (step(K.SIGN_OFF_RETURNED, 1, round=1), Stage.REVIEW),
    (step(K.SIGNED_OFF, 1, round=1), Stage.SIGNED_OFF),
    (step(K.RELEASE_BLOCKED, 1, round=1), Stage.BLOCKED),
    (step(K.SIGN_OFF_RETURNED, 1, round=1), Stage.REVIEW),
    (step(K.SIGNED_OFF, 1, round=1), Stage.SIGNED_OFF),
    (step(K.PACK_RELEASED, 1, round=1), Stage.RELEASED),
    (step(K.PACK_DELIVERED, 1, round=1), Stage.DELIVERED),
    (step(K.PACK_COLLECTED, 1, round=1), Stage.DELIVERED),
    (step(K.GATHERING_STARTED, round=2), Stage.DELIVERED),
    (step(K.GATHERING_COMPLETED, round=2), Stage.DELIVERED),
    (step(K.PROPOSALS_MADE, 1, round=2), Stage.DELIVERED),
    (step(K.SIGNED_OFF, 1, round=2), Stage.SIGNED_OFF),
    (step(K.RELEASE_BLOCKED, 1, round=2), Stage.BLOCKED),
    (step(K.SIGN_OFF_RETURNED, 1, round=2), Stage.DELIVERED),
    (step(K.SIGNED_OFF, 1, round=2), Stage.SIGNED_OFF),
    (step(K.PACK_RELEASED, 1, round=2), Stage.RELEASED),
    (step(K.PACK_DELIVERED, 1, round=2), Stage.DELIVERED),
)


@pytest.mark.parametrize("length", range(1, len(ROUTE) + 1))
def test_the_stage_follows_the_route(length):
    state = replay(trail(*(s for s, _ in ROUTE[:length])))
    assert state.stage(1) is ROUTE[length - 1][1]


def test_a_new_request_is_received():
    assert replay(trail()).stage(1) is Stage.RECEIVED


def test_one_legs_steps_leave_the_other_where_it_is():
    state = replay(trail(*(s for s, _ in ROUTE[:4]), legs=2))
    assert [state.stage(n) for n in (1, 2)] == [Stage.SIGNED_OFF, Stage.REVIEW]


def test_a_leg_waits_until_everything_asked_for_has_come():
    asked = [
        step(K.AUTHORITY_ASKED, 1, asked_on="2026-10-20"),
        step(K.IDENTITY_ASKED, 1, asked_on="2026-10-21"),
    ]
    shown = [step(K.AUTHORITY_SHOWN, 1, got_on="2026-10-22"), step(K.IDENTITY_SHOWN, 1, got_on="2026-10-23")]
    state = replay(trail(*asked))
    assert (state.stage(1), state.leg(1).waits_for) == (Stage.WAITING_FOR_FAMILY, "identity")
    state = replay(trail(*asked, shown[1]))
    assert (state.stage(1), state.leg(1).waits_for) == (Stage.WAITING_FOR_FAMILY, "authority")
    state = replay(trail(*asked, *shown, step(K.GATHERING_STARTED, round=1)))
    assert (state.stage(1), state.leg(1).waits_for) == (Stage.GATHERING, "")


def test_the_receipt_belongs_to_the_pack_it_was_given_for():
    first = [s for s, _ in ROUTE[:12]]
    assert replay(trail(*first)).leg(1).collected_at is not None
    assert replay(trail(*(s for s, _ in ROUTE))).leg(1).collected_at is None


def test_a_stop_is_in_force_until_it_is_lifted():
    stop = step(K.CONFLICT_RECORDED, 1, code="MARAC")
    assert replay(trail(stop)).leg(1).conflicts == {"MARAC"}
    assert replay(trail(stop, step(K.CONFLICT_RESOLVED, 1, code="MARAC"))).leg(1).conflicts == set()


def test_an_unknown_leg_and_an_empty_trail_are_refused():
    with pytest.raises(OutOfOrder):
        replay([])
    with pytest.raises(OutOfOrder):
        replay(trail(step(K.SIGNED_OFF, 9, round=1)))
    with pytest.raises(OutOfOrder):
        replay(trail()).leg(9)


def test_destruction_is_remembered():
    assert not replay(trail()).destroyed
    assert replay(trail(step(K.DESTROYED))).destroyed


def test_the_first_answer_goes_with_the_first_question():
    days = [date(2026, 10, d) for d in (20, 21, 22, 23)]
    asked = paired([days[2], days[0]], [days[3], days[1]])
    assert asked == (Asked(asked_on=days[0], got_on=days[1]), Asked(asked_on=days[2], got_on=days[3]))
    assert paired([days[0]], []) == (Asked(asked_on=days[0]),)
    assert paired([], [days[0]]) == ()
    # An answer from before the question is no answer to it.
    assert paired([days[1]], [days[0]]) == (Asked(asked_on=days[1]),)
    assert paired([days[1]], [days[0], days[1]]) == (Asked(asked_on=days[1], got_on=days[1]),)


def test_a_trail_without_pathways_is_on_the_ordinary_one():
    leg = replay(trail()).leg(1)
    assert (leg.pathway, leg.whole_route, leg.decided_on) == ("subject-access", True, None)


def test_a_leg_answered_by_a_decision_and_another_law_chosen_after_it():
    chosen = step(K.PATHWAY_CHOSEN, 1, code="dead-council-file", whole_route=False)
    decided = step(K.PATHWAY_DECIDED, 1, outcome="shared", on="2026-11-02")
    assert replay(trail(chosen)).stage(1) is Stage.DECISION
    asked = step(K.AUTHORITY_ASKED, 1, asked_on="2026-10-20")
    assert replay(trail(chosen, asked)).stage(1) is Stage.WAITING_FOR_FAMILY
    assert replay(trail(chosen, asked, decided)).stage(1) is Stage.ANSWERED
    back = step(K.PATHWAY_CHOSEN, 1, code="subject-access", whole_route=True)
    leg = replay(trail(chosen, decided, back)).leg(1)
    assert (leg.whole_route, leg.decided_on, leg.outcome) == (True, None, "")


def test_information_parts_come_with_the_request_or_on_a_day_of_their_own():
    state = replay(
        trail(
            step(K.INFORMATION_REQUEST_LOGGED, number=1),
            step(K.INFORMATION_REQUEST_LOGGED, number=2, received_on="2026-10-27"),
            step(K.INFORMATION_REQUEST_ANSWERED, number=1, outcome="not-held", on="2026-11-02"),
            legs=0,
        )
    )
    first, second = state.information
    assert (first.received_on, first.answered_on, first.outcome) == (
        date(2026, 10, 20), date(2026, 11, 2), "not-held",
    )  # fmt: skip
    assert (second.received_on, second.answered_on) == (date(2026, 10, 27), None)


def test_a_person_added_later_is_a_leg_like_any_other():
    state = replay(trail(step(K.LEG_ADDED, 1), legs=0))
    assert state.stage(1) is Stage.RECEIVED
