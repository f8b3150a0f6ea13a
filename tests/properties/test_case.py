"""Entry order of dated facts must not change what the case says of them."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from sar.domain.case import replay
from sar.domain.clock import replay as replay_clock
from sar.domain.leg_state import paired
from sar.domain.references import CaseId
from sar.domain.trail import EventKind, next_event
from sar.law import calendars
from sar.ports.casework import clock_facts

AT = datetime(2026, 10, 20, 9, 0, tzinfo=UTC)
K = EventKind
DATED = (
    (K.IDENTITY_ASKED, "asked_on", 1), (K.IDENTITY_SHOWN, "got_on", 1), (K.AUTHORITY_ASKED, "asked_on", 2),
    (K.AUTHORITY_SHOWN, "got_on", 2), (K.CLARIFICATION_ASKED, "asked_on", None),
    (K.CLARIFICATION_ANSWERED, "answered_on", None), (K.CLARIFICATION_ASKED, "asked_on", 2),
    (K.CLARIFICATION_ANSWERED, "answered_on", 2), (K.EXTENSION_NOTIFIED, "notified_on", None),
    (K.EXTENSION_NOTIFIED, "notified_on", 2),
)  # fmt: skip

days = st.dates(date(2026, 10, 20), date(2026, 12, 31))
facts = st.lists(st.tuples(st.sampled_from(DATED), days), max_size=10)


# Worked out before the first example, which would otherwise take too long.
ENGLAND = calendars(years=range(2026, 2029))["england-and-wales"]


def state_of(steps):
    first = {
        "received_on": "2026-10-20",
        "channel": "web",
        "nation": "england",
        "legs": 2,
        "asked_as_foi": False,
    }
    events = [
        next_event(
            case=CaseId("c"),
            last=None,
            at=AT,
            kind=K.REQUEST_RECEIVED,
            by="family",
            by_role="",
            leg=None,
            facts=first,
        )
    ]
    for i, ((kind, word, leg), on) in enumerate(steps, start=1):
        events.append(
            next_event(
                case=CaseId("c"),
                last=events[-1],
                at=AT + timedelta(hours=i),
                kind=kind,
                by="olga",
                by_role="records officer",
                leg=leg,
                facts={word: on.isoformat()} if isinstance(on, date) else on,
            )
        )
    return replay(events)


@given(facts, st.randoms(use_true_random=False))
def test_the_clock_is_told_the_same_in_whatever_order_facts_were_entered(steps, shuffler):
    shuffled = list(steps)
    shuffler.shuffle(shuffled)
    for leg in (1, 2):
        once, again = clock_facts(state_of(steps), leg), clock_facts(state_of(shuffled), leg)
        assert once == again


@given(facts, st.data())
def test_a_date_put_right_equals_the_right_date_at_first(steps, data):
    if not steps:
        return
    wrong = data.draw(st.lists(days, min_size=len(steps), max_size=len(steps)))
    entered = [(what, on) for (what, _), on in zip(steps, wrong, strict=True)]
    corrections = [
        ((K.DATE_CORRECTED, "", what[2]), {"corrects": i, "fact": what[1], "on": on.isoformat()})
        for i, (what, on) in enumerate(steps, start=2)
    ]
    data.draw(st.randoms(use_true_random=False)).shuffle(corrections)
    for leg in (1, 2):
        right = clock_facts(state_of(steps), leg)
        put_right = clock_facts(state_of([*entered, *corrections]), leg)
        assert replace(put_right, corrections=()) == right
        assert len(put_right.corrections) == sum(what[2] in {None, leg} for what, _ in steps)


@given(facts, st.data())
def test_an_entry_taken_back_equals_none_at_all(steps, data):
    if not steps:
        return
    gone = data.draw(st.integers(0, len(steps) - 1))
    back = ((K.ENTRY_WITHDRAWN, "", steps[gone][0][2]), {"withdraws": gone + 2})
    for leg in (1, 2):
        without = clock_facts(state_of([*steps[:gone], *steps[gone + 1 :]]), leg)
        taken = clock_facts(state_of([*steps, back]), leg)
        assert replace(taken, corrections=()) == without


@given(facts, st.randoms(use_true_random=False))
def test_what_is_recorded_always_gives_pages_their_dates_whatever_the_order(steps, shuffler):
    """The facts of a trail never stop a case from being shown."""
    shuffled = list(steps)
    shuffler.shuffle(shuffled)
    for leg in (1, 2):
        once, again = (
            replay_clock(clock_facts(state_of(s), leg), calendar=ENGLAND, refuse=False)
            for s in (steps, shuffled)
        )
        assert once == again


@given(facts)
def test_a_fact_of_one_leg_never_moves_the_other(steps):
    without = [s for s in steps if s[0][2] != 2]
    assert clock_facts(state_of(steps), 1) == clock_facts(state_of(without), 1)


some_days = st.lists(days, max_size=6)


@given(some_days, some_days, some_days, st.randoms(use_true_random=False))
def test_every_question_stays_and_what_comes_closes_what_was_open(asked, got, first, shuffler):
    made = paired(asked, got, first=first)
    assert sorted(a.asked_on for a in made) == sorted(asked)
    came = {*got, *first}
    assert all(a.got_on is None or (a.got_on >= a.asked_on and a.got_on in came) for a in made)
    # No question outlives an answer to all of them that came when it was open.
    assert not any(
        answer >= a.asked_on and (a.got_on is None or answer < a.got_on) for a in made for answer in got
    )
    for things in (asked, got, first):
        shuffler.shuffle(things)
    assert paired(asked, got, first=first) == made


@given(some_days, some_days)
def test_an_answer_to_the_first_question_alone_serves_once(asked, first):
    made = paired(asked, [], first=first)
    spare = list(first)
    for a in made:
        if a.got_on is not None:
            spare.remove(a.got_on)
    assert not any(a.got_on is None and answer >= a.asked_on for a in made for answer in spare)
