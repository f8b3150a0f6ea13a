"""Declared gaps: none goes unsaid at sign-off, each keeps the leg's clock, a supplement or a name closes it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from sar.domain.errors import InvalidInput, NotAllowed, OutOfOrder, StoreUnavailable
from sar.domain.gaps import gaps_of
from sar.domain.records import AnswerKind
from sar.domain.references import StoreName
from sar.domain.trail import EventKind, verify_chain
from sar.ports.gaps import Declared, missing_places
from tests.fakes.ports import HeldStore, record
from tests.integration.services.by_hand import KEEPER, LOOKED, PAPERS, Keepers, paper, paper_store
from tests.integration.services.conftest import APPROVER, COUNCIL, LEANNE, OFFICER, Office

WARD, LAB = StoreName("ward"), StoreName("lab")
DOWN = StoreUnavailable("It did not answer.", next_step="Ask again.")
LAB_GAP = Declared(store=LAB, missing="Results of 2024.", doing="ask-again", follows_on=date(2026, 11, 30))
PAPER_GAP = replace(LAB_GAP, store=PAPERS, doing="person-looks", follows_on=date(2026, 12, 4))


@pytest.fixture
def keepers(office: Office) -> Keepers:
    office.stores = [HeldStore("ward", [record("1", "Seen on the ward.")]), HeldStore("lab", fault=DOWN)]
    return Keepers(office)


@pytest.fixture
def reviewed(keepers: Keepers):
    case = keepers.office.receive()
    keepers.office.ready(case)
    keepers.office.reviewed(case)
    return case


def sign(office: Office, case, *gaps: Declared) -> None:
    office.signoff.sign_off(case, leg=1, at=office.at(), by=APPROVER, gaps=gaps)


def again(office: Office, case) -> None:
    """A later round, reviewed."""
    office.ready(case)
    office.reviewed(case)


def row(office: Office, case, on: date):
    return next(r for r in office.enquiries.queue(on=on) if r.reference == office.queue_reference(case))


def test_a_missing_place_must_be_declared(keepers, reviewed) -> None:
    office = keepers.office
    ready = office.signoff.readiness(reviewed, leg=1, on=date(2026, 11, 2))
    assert [(m.store, m.answer) for m in ready.missing] == [(LAB, "unavailable")]
    with pytest.raises(InvalidInput) as refused:
        sign(office, reviewed)
    assert refused.value.field == "missing-1"
    assert not [
        e for e in office.events(reviewed) if e.kind in {EventKind.SIGNED_OFF, EventKind.GAP_DECLARED}
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"missing": " "}, "missing-1"), ({"doing": "nothing"}, "doing-1"),
        ({"follows_on": date(2026, 11, 2)}, "follows-1"), ({"store": WARD}, "missing-ward"),
    ],
)  # fmt: skip
def test_a_declaration_says_what_what_we_do_and_when(keepers, reviewed, change, field) -> None:
    with pytest.raises(InvalidInput) as refused:
        sign(keepers.office, reviewed, replace(LAB_GAP, **change))
    assert refused.value.field == field
    assert not gaps_of(keepers.office.events(reviewed), 1)


def test_the_pack_says_what_is_missing_and_by_when(keepers, reviewed) -> None:
    office = keepers.office
    sign(office, reviewed, LAB_GAP)
    pack = office.release(reviewed)
    text = " ".join(p for s in pack.gaps for p in s.paragraphs)
    assert (
        "The lab: It did not answer. We will ask it again. You will hear from us by 30 November 2026." in text
    )
    assert "Results of 2024" not in text
    assert "Results" not in repr([e.facts for e in office.events(reviewed)])
    verify_chain(office.events(reviewed))


def test_a_gap_keeps_the_legs_day_and_comes_first_in_the_queue_when_it_has_passed(keepers, reviewed) -> None:
    office = keepers.office
    sign(office, reviewed, LAB_GAP)
    assert row(office, reviewed, date(2026, 12, 30)).gaps == 0
    office.release(reviewed)
    assert (
        row(office, reviewed, date(2026, 11, 20)).gaps,
        row(office, reviewed, date(2026, 11, 20)).gaps_overdue,
    ) == (1, 0)
    other = office.receive()
    after = date(2026, 11, 21)
    queue = office.enquiries.queue(on=after)
    assert [r.reference for r in queue] == [office.queue_reference(reviewed), office.queue_reference(other)]
    assert queue[0].gaps_overdue == 1
    [gap] = office.enquiries.case_page(office.queue_reference(reviewed), on=after).legs[0].gaps
    assert (gap.label, gap.due_on, gap.is_overdue) == ("The lab", date(2026, 11, 20), True)


def test_a_valid_extension_of_the_leg_moves_the_gap_too(keepers, reviewed) -> None:
    office = keepers.office
    sign(office, reviewed, LAB_GAP)
    office.release(reviewed)
    office.timekeeping.extend(
        reviewed, notified_on=date(2026, 11, 2), reasons="Many records.", at=office.at(), by=OFFICER
    )
    assert row(office, reviewed, date(2026, 12, 20)).gaps_overdue == 0
    assert row(office, reviewed, date(2027, 1, 21)).gaps_overdue == 1


def test_a_supplement_closes_the_gap(keepers, reviewed) -> None:
    office = keepers.office
    sign(office, reviewed, LAB_GAP)
    office.release(reviewed)
    office.stores[1].fault = None
    again(office, reviewed)
    assert gaps_of(office.events(reviewed), 1)[0].is_open
    assert office.signoff.readiness(reviewed, leg=1, on=date(2026, 11, 2)).missing == ()
    sign(office, reviewed)
    assert not office.release(reviewed).gaps
    [gap] = gaps_of(office.events(reviewed), 1)
    assert (gap.is_open, gap.how) == (False, "supplement")
    assert row(office, reviewed, date(2027, 3, 1)).gaps == 0


def test_a_place_still_missing_is_declared_again_and_stays_open(keepers, reviewed) -> None:
    office = keepers.office
    sign(office, reviewed, LAB_GAP)
    office.release(reviewed)
    again(office, reviewed)
    with pytest.raises(InvalidInput):
        sign(office, reviewed)
    sign(office, reviewed, replace(LAB_GAP, follows_on=date(2026, 12, 24)))
    office.release(reviewed)
    [gap] = gaps_of(office.events(reviewed), 1)
    assert (gap.is_open, gap.follows_on) == (True, date(2026, 12, 24))


def test_a_sign_off_that_is_taken_back_takes_its_gaps_along(keepers, reviewed) -> None:
    office = keepers.office
    sign(office, reviewed, LAB_GAP)
    office.signoff.return_to_review(reviewed, leg=1, reason="Wait.", at=office.at(), by=APPROVER)
    assert gaps_of(office.events(reviewed), 1) == ()


def test_an_officer_closes_a_gap_with_a_name(keepers, reviewed) -> None:
    office = keepers.office
    sign(office, reviewed, LAB_GAP)
    office.release(reviewed)
    said = {"leg": 1, "store": LAB, "name": "Una Reed, lab lead", "reason": "She looked.", "at": office.at()}
    with pytest.raises(NotAllowed):
        keepers.gaps.close(reviewed, **said, by=KEEPER)
    for empty in ("name", "reason"):
        with pytest.raises(InvalidInput) as refused:
            keepers.gaps.close(reviewed, **{**said, empty: " "}, by=OFFICER)
        assert refused.value.field == empty
    keepers.gaps.close(reviewed, **said, by=OFFICER)
    assert "Reed" not in repr([e.facts for e in office.events(reviewed)])
    assert row(office, reviewed, date(2027, 3, 1)).gaps == 0
    with pytest.raises(OutOfOrder):
        keepers.gaps.close(reviewed, **said, by=OFFICER)
    # A later round asks the place anew, and it does not answer again: a word about the first silence is not enough.
    again(office, reviewed)
    assert [m.store for m in office.signoff.readiness(reviewed, leg=1, on=date(2026, 11, 2)).missing] == [LAB]


def test_a_closed_gap_stays_closed_in_what_was_asked_before_somebody_looked(keepers, reviewed) -> None:
    office = keepers.office
    sign(office, reviewed, LAB_GAP)
    office.release(reviewed)
    again(office, reviewed)
    keepers.gaps.close(
        reviewed, leg=1, store=LAB, name="Una Reed", reason="She looked.", at=office.at(), by=OFFICER
    )
    sign(office, reviewed)
    assert not office.release(reviewed).gaps


def test_records_that_come_after_all_are_not_silenced_by_a_closed_gap(keepers, reviewed) -> None:
    office = keepers.office
    sign(office, reviewed, LAB_GAP)
    office.release(reviewed)
    again(office, reviewed)
    keepers.gaps.close(
        reviewed, leg=1, store=LAB, name="Una Reed", reason="She looked.", at=office.at(), by=OFFICER
    )
    office.stores[1] = HeldStore("lab", [record("9", "A result.", store="lab")])
    office.gathering.ask(
        reviewed, round_number=2, store=LAB, subject=LEANNE.id, attempt=2, at=office.at()
    )  # fmt: skip
    missing = office.signoff.readiness(reviewed, leg=1, on=date(2026, 11, 2)).missing
    assert [(m.store, m.answer) for m in missing] == [(LAB, "late")]
    with pytest.raises(InvalidInput):
        sign(office, reviewed)


def test_what_comes_late_from_a_place_that_had_answered_is_missing_too(keepers) -> None:
    office = keepers.office
    office.stores = [HeldStore("ward", [record("1", "Seen.")]), paper_store()]  # type: ignore[list-item]
    case = office.receive()
    keepers.ask_by_hand(case)
    keepers.tend()
    keepers.tasks.found(case, 1, papers=[paper()], looked=LOOKED, at=office.at(), by=KEEPER)
    again(office, case)
    assert not office.signoff.readiness(case, leg=1, on=date(2026, 11, 2)).missing
    second = [paper("A second card.", title="Second card")]
    keepers.tasks.found(case, 1, papers=second, looked=LOOKED, at=office.at(), by=KEEPER)
    with pytest.raises(InvalidInput):
        sign(office, case)
    sign(office, case, PAPER_GAP)
    assert "came too late for this pack" in " ".join(
        p for s in office.release(case).gaps for p in s.paragraphs
    )


def test_a_store_that_is_not_set_up_any_more_keeps_its_gap(keepers, reviewed) -> None:
    office = keepers.office
    sign(office, reviewed, LAB_GAP)
    office.release(reviewed)
    office.stores = office.stores[:1]
    again(office, reviewed)
    with pytest.raises(InvalidInput):
        sign(office, reviewed)
    sign(office, reviewed, LAB_GAP)
    assert "The lab" in repr(office.release(reviewed).gaps)
    assert gaps_of(office.events(reviewed), 1)[0].is_open


def test_a_place_that_is_not_ours_any_more_is_no_supplement(keepers, reviewed) -> None:
    office = keepers.office
    sign(office, reviewed, LAB_GAP)
    office.release(reviewed)
    office.stores[1].controller = COUNCIL
    again(office, reviewed)
    assert office.kinds(reviewed)["lab"] is AnswerKind.UNAVAILABLE
    assert [a.kind for a in office.answers(reviewed, 2) if a.store == LAB] == [AnswerKind.NOT_OURS]
    sign(office, reviewed)
    office.release(reviewed)
    assert gaps_of(office.events(reviewed), 1)[0].is_open


@pytest.mark.parametrize("only_missing", [True, False])
def test_what_a_store_held_stays_when_it_is_not_set_up_any_more(keepers, only_missing) -> None:
    office = keepers.office
    office.stores[1] = HeldStore("lab", [record("9", "A result.", store="lab")])
    case = office.receive()
    office.gather(case)
    office.stores = office.stores[:1]
    number = office.gathering.begin(case, at=office.at(), by=OFFICER, only_missing=only_missing)
    for store, subject in office.gathering.plan(case, number):
        office.gathering.ask(
            case, round_number=number, store=store, subject=subject, attempt=1, at=office.at()
        )
    office.gathering.conclude(case, round_number=number, at=office.at())
    assert {r.key.store for r in office.records(case) if not r.kind.is_generated} == {WARD, LAB}


def test_a_place_that_a_round_passed_over_is_missing_from_it(keepers, monkeypatch) -> None:
    office = keepers.office
    office.stores[1].fault = None
    case = office.receive()
    office.gather(case)
    office.stores = office.stores[:1]
    # A round of an older version, which took nothing over.
    monkeypatch.setattr("sar.services.gathering.carry_over", lambda *_, **__: None)
    again(office, case)
    missing = office.signoff.readiness(case, leg=1, on=date(2026, 11, 2)).missing
    assert [(m.label, m.answer) for m in missing] == [("The lab", "not asked")]


def test_paper_that_nobody_has_looked_through_is_a_gap_too(keepers) -> None:
    office = keepers.office
    office.stores = [HeldStore("ward", [record("1", "Seen.")]), paper_store()]  # type: ignore[list-item]
    case = office.receive()
    office.ready(case)
    office.reviewed(case)
    with pytest.raises(InvalidInput):
        sign(office, case)
    keepers.tend()
    keepers.tasks.found(case, 1, papers=[paper()], looked=LOOKED, at=office.at(), by=KEEPER)
    with office.archive.reading(case) as file:
        # What came in after the round was put together stands in no page of it.
        assert [m.answer for m in missing_places(file, 1, 1)] == ["late"]
    with pytest.raises(InvalidInput):
        sign(office, case)
    sign(office, case, PAPER_GAP)
    assert "came too late for this pack" in " ".join(
        p for s in office.release(case).gaps for p in s.paragraphs
    )


def test_the_family_reads_of_a_gap_only_in_a_pack_they_were_handed(keepers, reviewed) -> None:
    office = keepers.office
    sign(office, reviewed, LAB_GAP)
    reference = office.queue_reference(reviewed)

    def shown():
        on = date(2026, 11, 24)
        return office.enquiries.family_page(reference, legs=frozenset({1}), on=on).legs[0].gaps

    assert shown() == ()
    office.release(reviewed)
    assert shown() == ()
    office.delivery.deliver(reviewed, leg=1, at=office.at())
    [gap] = shown()
    assert (gap.label, gap.follows_on, gap.is_overdue) == ("The lab", date(2026, 11, 30), True)


def test_a_place_taken_out_of_the_search_page_is_not_named_by_a_gap(keepers, reviewed, monkeypatch) -> None:
    office = keepers.office
    monkeypatch.setattr("sar.services.packing.places_shown", lambda *_: frozenset({"The ward"}))
    monkeypatch.setattr("sar.services.enquiries.rows.places_shown", lambda *_: frozenset({"The ward"}))
    sign(office, reviewed, LAB_GAP)
    text = " ".join(p for s in office.release(reviewed).gaps for p in s.paragraphs)
    assert "The lab" not in text
    assert "One place did not answer" in text
    office.delivery.deliver(reviewed, leg=1, at=office.at())
    page = office.enquiries.family_page(
        office.queue_reference(reviewed), legs=frozenset({1}), on=office.now.date()
    )
    assert [(g.label, str(g.store)) for g in page.legs[0].gaps] == [("", "")]


def test_late_gaps_are_not_forgotten_by_time(keepers, reviewed) -> None:
    office = keepers.office
    sign(office, reviewed, LAB_GAP)
    office.release(reviewed)
    office.now += timedelta(days=300)
    assert row(office, reviewed, office.now.date()).gaps_overdue == 1
