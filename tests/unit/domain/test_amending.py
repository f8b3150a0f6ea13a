"""A date put right is an event; the case reads as if the right day had stood there at first."""

from datetime import UTC, date, datetime, timedelta

import pytest

from sar.domain.amending import Amendment, as_amended
from sar.domain.case import replay
from sar.domain.errors import OutOfOrder
from sar.domain.leg_state import Asked
from sar.domain.references import CaseId
from sar.domain.trail import EventKind, next_event, verify_chain

AT = datetime(2026, 10, 20, 9, 0, tzinfo=UTC)
K = EventKind
OCT_20 = date(2026, 10, 20)


def trail(*steps, legs=2, by="olga"):
    facts = {"received_on": "2026-10-20", "channel": "web", "nation": "england", "legs": legs}
    events = []
    for i, (kind, leg, said, who) in enumerate(((K.REQUEST_RECEIVED, None, facts, by), *steps)):
        last = events[-1] if events else None
        events.append(
            next_event(
                case=CaseId("c"), last=last, at=AT + timedelta(days=i), kind=kind, by=who, by_role="", leg=leg,
                facts=said,
            )
        )  # fmt: skip
    return events


def step(kind, leg=None, by="olga", **facts):
    return (kind, leg, facts, by)


def corrected(event, fact, on):
    return step(K.DATE_CORRECTED, corrects=event, fact=fact, on=on)


def test_the_day_of_receipt_is_put_right_and_the_first_entry_stays():
    events = trail(corrected(1, "received_on", "2026-10-16"))
    state = replay(events)
    assert state.received_on == date(2026, 10, 16)
    assert state.amendments == (
        Amendment(
            event=1, kind=K.REQUEST_RECEIVED, leg=None, was=OCT_20, now=date(2026, 10, 16),
            made_on=date(2026, 10, 21),
        ),
    )  # fmt: skip
    assert events[0].facts["received_on"] == "2026-10-20"
    verify_chain(events)


DATED = [
    (K.IDENTITY_ASKED, "asked_on", lambda s: s.leg(1).identity_asked),
    (K.IDENTITY_SHOWN, "got_on", lambda s: s.leg(1).identity_got),
    (K.AUTHORITY_ASKED, "asked_on", lambda s: s.leg(1).authority_asked),
    (K.AUTHORITY_SHOWN, "got_on", lambda s: s.leg(1).authority_got),
    (K.CLARIFICATION_ASKED, "asked_on", lambda s: tuple(q.on for q in s.questions)),
    (K.CLARIFICATION_ANSWERED, "answered_on", lambda s: tuple(q.on for q in s.answers)),
    (K.EXTENSION_NOTIFIED, "notified_on", lambda s: tuple(q.on for q in s.extensions)),
]


@pytest.mark.parametrize(("kind", "fact", "days"), DATED)
def test_every_dated_entry_can_be_put_right_and_taken_back(kind, fact, days):
    entry = step(kind, 1, **{fact: "2026-10-23"})
    assert days(replay(trail(entry))) == (date(2026, 10, 23),)
    right = trail(entry, corrected(2, fact, "2026-10-22"))
    assert days(replay(right)) == (date(2026, 10, 22),)
    gone = trail(entry, step(K.ENTRY_WITHDRAWN, withdraws=2))
    assert days(replay(gone)) == ()
    [one] = replay(gone).amendments
    assert (one.event, one.kind, one.leg, one.was, one.now) == (2, kind, 1, date(2026, 10, 23), None)


def test_what_was_taken_back_is_known_by_its_number_and_only_that():
    events = trail(
        step(K.IDENTITY_ASKED, 1, asked_on="2026-10-21"),
        step(K.IDENTITY_SHOWN, 1, got_on="2026-10-23"),
        corrected(2, "asked_on", "2026-10-22"),
        step(K.ENTRY_WITHDRAWN, withdraws=3),
    )
    amended = as_amended(events)
    assert amended.withdrawn == frozenset({3})
    assert [event.seq for event in amended.events] == [1, 2, 4, 5]
    assert as_amended(events[:3]).withdrawn == frozenset()


def test_the_last_of_two_corrections_stands_and_each_tells_what_it_replaced():
    events = trail(corrected(1, "received_on", "2026-10-16"), corrected(1, "received_on", "2026-10-19"))
    assert replay(events).received_on == date(2026, 10, 19)
    assert [(a.was.day, a.now.day) for a in replay(events).amendments] == [(20, 16), (16, 19)]


def test_what_the_program_asked_for_on_receipt_follows_the_right_day_of_receipt():
    own = step(K.AUTHORITY_ASKED, 2, by="sar", asked_on="2026-10-20")
    assert replay(trail(own, corrected(1, "received_on", "2026-10-26"))).leg(2).authority_asked == (
        date(2026, 10, 26),
    )
    officers = step(K.AUTHORITY_ASKED, 2, asked_on="2026-10-20")
    later = step(K.AUTHORITY_ASKED, 2, by="sar", asked_on="2026-10-21")
    for other in (officers, later):
        state = replay(trail(other, corrected(1, "received_on", "2026-10-16")))
        assert state.leg(2).authority_asked == (date.fromisoformat(other[2]["asked_on"]),)
    put_right = trail(own, corrected(2, "asked_on", "2026-10-22"), corrected(1, "received_on", "2026-10-16"))
    assert replay(put_right).leg(2).authority_asked == (date(2026, 10, 22),)
    assert replay(trail(own)).leg(2).authority_asked == (OCT_20,)
    shown = step(K.AUTHORITY_SHOWN, 2, by="sar", got_on="2026-10-20")
    assert replay(trail(shown, corrected(1, "received_on", "2026-10-16"))).leg(2).authority_got == (OCT_20,)


@pytest.mark.parametrize("target", [2, 3, 4, 9])
def test_a_correction_of_what_is_no_dated_entry_before_it_is_refused(target):
    events = trail(step(K.GATHERING_STARTED, round=1), corrected(target, "got_on", "2026-10-16"),
                   step(K.IDENTITY_SHOWN, 1, got_on="2026-10-22"))  # fmt: skip
    with pytest.raises(OutOfOrder):
        as_amended(events)


def test_a_question_of_one_leg_pauses_that_leg_only():
    state = replay(
        trail(
            step(K.CLARIFICATION_ASKED, 2, asked_on="2026-10-22"),
            step(K.CLARIFICATION_ASKED, asked_on="2026-10-23"),
            step(K.CLARIFICATION_ANSWERED, answered_on="2026-10-24"),
        )
    )
    whole = Asked(asked_on=date(2026, 10, 23), got_on=date(2026, 10, 24))
    own = Asked(asked_on=date(2026, 10, 22))
    assert state.clarifications(1) == state.clarifications(None) == (whole,)
    assert state.clarifications(2) == (whole, own)
    assert state.own_clarifications(2) == (own,)


def test_the_first_notice_of_more_time_counts_whatever_was_entered_first():
    early, late = (step(K.EXTENSION_NOTIFIED, notified_on=f"2026-11-{d}") for d in (10, 18))
    for order in ((early, late), (late, early)):
        assert replay(trail(*order)).extended_on(1) == date(2026, 11, 10)
    own = step(K.EXTENSION_NOTIFIED, 2, notified_on="2026-11-05")
    state = replay(trail(own, late))
    assert (state.extended_on(1), state.extended_on(2)) == (date(2026, 11, 18), date(2026, 11, 5))
    assert replay(trail(own)).extended_on(1) is None
    with pytest.raises(OutOfOrder):
        replay(trail(step(K.EXTENSION_NOTIFIED, 7, notified_on="2026-11-05")))
