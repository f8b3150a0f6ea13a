from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from sar.domain.errors import InvalidInput, TrailBroken
from sar.domain.references import CaseId
from sar.domain.trail import START, EventKind, next_event, verify_chain

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def chain(length=4):
    events = []
    for i in range(length):
        events.append(
            next_event(
                case=CaseId("c"),
                last=events[-1] if events else None,
                at=AT + timedelta(minutes=i),
                kind=EventKind.STORE_ANSWERED,
                by="sar",
                by_role="",
                leg=None,
                facts={"round": 1, "store": f"s{i}"},
            )
        )
    return events


def test_a_whole_chain_gives_its_head():
    events = chain()
    assert verify_chain(events) == events[-1].digest
    assert events[0].previous == START
    assert verify_chain([]) == START


def test_events_count_from_one_and_name_the_one_before():
    events = chain()
    assert [e.seq for e in events] == [1, 2, 3, 4]
    assert [e.previous for e in events[1:]] == [e.digest for e in events[:-1]]


@pytest.mark.parametrize(
    "change",
    [
        {"case": CaseId("d")},
        {"at": AT + timedelta(seconds=1)},
        {"kind": EventKind.SIGNED_OFF},
        {"by": "olga"},
        {"by_role": "approver"},
        {"leg": 1},
        {"facts": {"round": 1, "store": "s2 "}},
        {"facts": {"round": True, "store": "s2"}},
        {"facts": {"round": 1, "store": "s2", "more": None}},
        {"previous": START},
        {"digest": START},
        {"seq": 4},
    ],
)
def test_an_edit_of_any_part_is_found(change):
    events = chain()
    events[2] = replace(events[2], **change)
    with pytest.raises(TrailBroken) as found:
        verify_chain(events)
    assert "event 3" in found.value.message


def test_an_event_rewritten_with_its_digest_breaks_the_one_after():
    events = chain()
    changed = replace(events[1], by="olga")
    events[1] = replace(changed, digest=changed.expected_digest())
    with pytest.raises(TrailBroken) as found:
        verify_chain(events)
    assert "event 3" in found.value.message


def test_the_order_of_facts_is_no_part_of_an_event():
    event = chain(1)[0]
    assert replace(event, facts=dict(reversed(event.facts.items()))).expected_digest() == event.digest


def test_later_changes_to_the_callers_facts_do_not_reach_the_event():
    facts = {"round": 1}
    event = next_event(
        case=CaseId("c"), last=None, at=AT, kind=EventKind.SIGNED_OFF, by="a", by_role="", leg=1, facts=facts
    )
    facts["round"] = 2
    assert event.facts == {"round": 1}
    assert verify_chain([event]) == event.digest


def test_a_time_without_a_zone_is_refused():
    with pytest.raises(InvalidInput):
        next_event(
            case=CaseId("c"), last=None, at=AT.replace(tzinfo=None), kind=EventKind.SIGNED_OFF, by="a", by_role="",
            leg=1, facts={},
        )  # fmt: skip


def test_the_same_moment_in_another_zone_is_another_text_but_still_verifies():
    event = next_event(
        case=CaseId("c"), last=None, at=AT.astimezone(timezone(timedelta(hours=1))), kind=EventKind.SIGNED_OFF,
        by="a", by_role="", leg=1, facts={},
    )  # fmt: skip
    assert verify_chain([event]) == event.digest
