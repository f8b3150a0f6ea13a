"""When a copy counts as corrected: only when its own store, asked again, says ``entered-in-error``."""

from dataclasses import replace
from datetime import date

import pytest

from sar.domain.duplicates import joined
from sar.domain.records import AlertEntry, AlertStep, Passage, RecordKind
from sar.domain.rectification import Correction, PlaceState, added_since, look_again, paired, places_of
from sar.domain.references import RecordKey
from tests.fakes.ports import record

ON, LOOKED = date(2026, 11, 2), date(2026, 12, 1)


def alert(*statuses, number="AL-1", recipient="", words="Alert.", store="ward", native="1"):
    raised = AlertEntry(alert_number=number, step=AlertStep.RAISED, on=ON, recipient=recipient)
    states = [AlertEntry(alert_number=number, step=AlertStep.STATUS, on=ON, status=s) for s in statuses]
    return record(native, words, store=store, alert=[raised, *states])


def look(held, before=None, *, answered=True):
    [place] = places_of("AL-1", [before or alert("active")], on=ON)
    return look_again(
        place,
        alert_number="AL-1",
        held=held,
        looked_on=LOOKED if answered else None,
        on=LOOKED,
    )


@pytest.mark.parametrize(
    ("statuses", "state"),
    [
        (("entered-in-error",), PlaceState.SEEN),
        (("inactive",), PlaceState.NOT_SEEN),
        (("active",), PlaceState.NOT_SEEN),
        (("entered-in-error", "active"), PlaceState.NOT_SEEN),
        (("entered-in-error", "inactive"), PlaceState.NOT_SEEN),
    ],
)
def test_entered_in_error_is_not_inactive(statuses, state):
    seen = look(alert(*statuses))
    assert seen.state is state
    assert seen.checked_on == LOOKED
    assert bool(seen.note) is (state is PlaceState.NOT_SEEN)


def test_a_silent_store_proves_nothing():
    seen = look(alert("entered-in-error"), answered=False)
    assert seen.state is PlaceState.NOT_ASKED


def test_a_vanished_record_and_a_changed_one_need_a_person():
    assert look(None).state is PlaceState.GONE
    assert look(alert(words="Alert taken off.")).state is PlaceState.CHANGED
    assert look(alert(), alert()).state is PlaceState.NOT_SEEN


def test_a_place_outside_our_stores_is_never_looked_at():
    outside = places_of("AL-1", [alert("active", recipient="GP")], on=ON)[1]
    assert outside.record is None
    told = replace(outside, state=PlaceState.CONFIRMED)
    assert look_again(told, alert_number="AL-1", held=None, looked_on=None, on=LOOKED) == told


def test_a_copy_was_last_looked_at_when_it_was_gathered():
    gathered = alert("active", recipient="GP")
    ours, outside = places_of("AL-1", [gathered], on=LOOKED)
    assert ours.checked_on == gathered.provenance.retrieved_at.date() != LOOKED
    assert outside.checked_on == LOOKED


def labelled(record, label, controller="Fenwater Trust"):
    where = replace(record.provenance, store_label=label, controller=controller)
    return replace(record, provenance=where)


@pytest.mark.parametrize(
    ("label", "controller", "kind", "recipient", "listed"),
    [
        ("The school nursing record", "Trust", RecordKind.ALERT, "School nursing service: School nurse", 1),
        ("The alert system", "Trust", RecordKind.ALERT, "School nursing service: School nurse", 2),
        ("The council's record", "Council", RecordKind.REFERRAL, "Council, front door: Duty manager", 1),
        ("The alert system", "Trust", RecordKind.ALERT, "Trust, emergency department: Nurse", 2),
        ("The council's record", "Council", RecordKind.REFERRAL, "Councillor Smith", 2),
    ],
)
def test_a_recipient_whose_own_record_is_among_ours_is_listed_once(
    label, controller, kind, recipient, listed
):
    held = labelled(replace(alert("active", recipient=recipient), kind=kind), label, controller)
    assert len(places_of("AL-1", [held], on=ON)) == listed


def test_two_spellings_of_a_recipient_are_one_place():
    records = [
        alert("active", recipient="ED: Reception and nursing staff"),
        alert("active", recipient="ED: Nursing and reception staff", store="desk"),
    ]
    assert len([p for p in places_of("AL-1", records, on=ON) if p.record is None]) == 1


def test_a_folded_copy_is_a_place_of_its_own():
    held = alert("active").with_copy(alert("active", store="desk", native="7").provenance)
    places = places_of("AL-1", [held], on=ON)
    assert [str(p.record) for p in places] == ["ward/1", "desk/7"]
    assert len({p.id for p in places}) == 2


def test_another_alert_is_nobodys_place_and_recipients_are_named_once():
    records = [
        alert("active", recipient="GP"),
        alert("active", recipient="GP", store="desk"),
        alert("active", number="AL-2", recipient="School", store="other"),
    ]
    places = places_of("AL-1", records, on=ON)
    assert [str(p.record) for p in places] == ["ward/1", "desk/1", "None"]
    assert places[2].label == "GP"
    assert places_of("AL-9", records, on=ON) == ()


@pytest.mark.parametrize("state", list(PlaceState))
def test_only_seen_and_confirmed_leave_nothing_to_do(state):
    [place] = places_of("AL-1", [alert("active")], on=ON)
    asked = Correction(
        id="c", leg=1, asked_on=ON, answer_by=LOOKED, alert_number="AL-1", what_is_wrong="It.",
        what_it_should_say="Not.", places=(place,),
    )  # fmt: skip
    moved = asked.with_place(replace(place, state=state))
    assert (moved.left == ()) is (state in {PlaceState.SEEN, PlaceState.CONFIRMED})
    assert asked.with_place(replace(place, id="other", state=PlaceState.SEEN)).left == (place,)
    assert moved.is_open
    assert not replace(moved, closed_on=LOOKED).is_open


def test_a_copy_that_was_folded_away_is_a_place_and_is_known_again_in_its_store():
    raised = AlertEntry(alert_number="AL-1", step=AlertStep.RAISED, on=date(2024, 3, 4))
    ward = replace(record("1", "At  risk.", alert=(raised,)), copies=())
    desk = replace(record("9", "At risk.", store="desk", alert=(raised,)), copies=())
    more = replace(desk, passages=(*desk.passages, Passage(label="File name", text="copy.txt")))
    one = joined(ward, [more])
    assert one.version != ward.version
    found = places_of("AL-1", [one], on=date(2026, 11, 2))
    assert [(p.store, p.record.native_id) for p in found] == [("ward", "1"), ("desk", "9")]
    for place, fresh in zip(found, (ward, desk), strict=True):
        seen = look_again(
            place, alert_number="AL-1", held=fresh, looked_on=LOOKED, on=LOOKED,
        )  # fmt: skip
        assert seen.state is PlaceState.NOT_SEEN
        changed = replace(fresh, passages=(Passage(label="Note", text="Put right."),))
        other = look_again(
            place, alert_number="AL-1", held=changed, looked_on=LOOKED, on=LOOKED,
        )  # fmt: skip
        assert other.state is PlaceState.CHANGED


def test_of_two_texts_under_one_number_each_is_compared_with_itself():
    one = alert(words="Alert on the ward.", native="17")
    other = alert(words="Alert at night.", native="17")
    second = replace(other, key=RecordKey(other.key.store, "17#2"))
    places = places_of("AL-1", [one, second], on=ON)
    both = paired(places, {one.key: [other, one]}, alert_number="AL-1")
    assert [both[p.id].passages[0].text for p in places] == ["Alert on the ward.", "Alert at night."]
    [gone] = [p for p in places if p.id not in paired(places, {one.key: [one]}, alert_number="AL-1")]
    assert str(gone.record) == "ward/17#2"
    # An old correction knew only our own key.
    old = [replace(p, native_id="") for p in places]
    assert paired(old, {one.key: [one, other]}, alert_number="AL-1") == both
    # Whichever of the two has the key of its own now, both are listed already.
    swapped = places_of("AL-1", [other, replace(one, key=second.key)], on=ON)
    assert added_since(places, swapped) == ()
    assert added_since(places[1:], places_of("AL-1", [other], on=ON)) == ()


def test_a_place_found_later_gets_an_id_of_its_own():
    listed = places_of("AL-1", [alert("active", recipient="GP")], on=ON)
    later = [alert("active", recipient="gp"), alert("active", store="desk", recipient="School")]
    new = added_since(listed, places_of("AL-1", later, on=LOOKED))
    assert [(p.id, str(p.record), p.label) for p in new if p.record is None] == [
        ("place-4", "None", "School")
    ]
    assert [(p.id, str(p.record)) for p in new if p.record] == [("place-3", "desk/1")]
