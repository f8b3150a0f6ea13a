"""Whatever is edited, removed from the middle or put in another order is found."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from sar.domain.errors import TrailBroken
from sar.domain.references import CaseId
from sar.domain.trail import EventKind, next_event, verify_chain

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
fact = st.one_of(st.text(max_size=12), st.integers(-(2**40), 2**40), st.booleans(), st.none())
facts = st.dictionaries(st.text(min_size=1, max_size=6), fact, max_size=3)
steps = st.tuples(
    st.sampled_from(EventKind), st.one_of(st.none(), st.integers(1, 3)), facts, st.text(max_size=6)
)


@st.composite
def chains(draw, shortest=1):
    events = []
    for i, (kind, leg, said, by) in enumerate(draw(st.lists(steps, min_size=shortest, max_size=6))):
        events.append(
            next_event(
                case=CaseId("c"),
                last=events[-1] if events else None,
                at=AT + timedelta(minutes=i),
                kind=kind,
                by=by,
                by_role="",
                leg=leg,
                facts=said,
            )
        )
    return events


@given(chains())
def test_a_whole_chain_verifies(events):
    assert verify_chain(events) == events[-1].digest


@given(chains(), st.data())
def test_an_edited_event_is_found(events, data):
    number = data.draw(st.integers(0, len(events) - 1))
    kind, leg, said, by = data.draw(steps)
    changed = replace(events[number], kind=kind, leg=leg, facts=said, by=by)
    # JSON is the canonical form, in which True and 1 differ; Python would call them equal.
    assume(changed.expected_digest() != events[number].digest)
    events[number] = changed
    with pytest.raises(TrailBroken):
        verify_chain(events)


@given(chains(shortest=2), st.data())
def test_an_event_removed_from_the_middle_is_found(events, data):
    del events[data.draw(st.integers(0, len(events) - 2))]
    with pytest.raises(TrailBroken):
        verify_chain(events)


@given(chains(shortest=2), st.data())
def test_two_events_exchanged_are_found(events, data):
    first = data.draw(st.integers(0, len(events) - 2))
    second = data.draw(st.integers(first + 1, len(events) - 1))
    events[first], events[second] = events[second], events[first]
    with pytest.raises(TrailBroken):
        verify_chain(events)


@given(chains(), st.data())
def test_an_event_doubled_is_found(events, data):
    number = data.draw(st.integers(0, len(events) - 1))
    events.insert(number, events[number])
    with pytest.raises(TrailBroken):
        verify_chain(events)


@given(chains())
def test_removing_the_last_leaves_a_shorter_whole_chain_with_another_head(events):
    """Why heads are signed outside the database: the chain alone cannot see this."""
    assert verify_chain(events[:-1]) != events[-1].digest
