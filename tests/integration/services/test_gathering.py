import re
from dataclasses import replace
from datetime import date

import pytest

from sar.domain.alerts import Expected
from sar.domain.errors import StoreRefused, StoreUnavailable
from sar.domain.records import AlertEntry, AlertStep, AnswerKind, HeldBack, RecordKind, SubjectQuery
from sar.domain.references import RecordKey, StoreName, SubjectId
from sar.ports.gathering import Agreement
from sar.services.gathering import merge
from tests.fakes.ports import HeldStore, record
from tests.integration.services.conftest import COUNCIL, LEANNE, MARCUS, OFFICER, TRUST, Office, own_leg

_TIME = re.compile(r" at \d\d:\d\d")
DOWN = StoreUnavailable("It did not answer in 10 seconds.", next_step="Wait.")


def ask(office, case, store, *, attempt=1, subject="leanne"):
    return office.gathering.ask(
        case,
        round_number=1,
        store=StoreName(store),
        subject=SubjectId(subject),
        attempt=attempt,
        at=office.at(),
    )


def test_every_kind_of_answer_is_kept_and_counted(office):
    refused = StoreRefused("It did not accept our password.", next_step="Ask its owner.")
    office.stores = [
        HeldStore("ward", [record("1", "Seen.")]),
        HeldStore("housing"),
        HeldStore("school", nothing=AnswerKind.NOT_USED_HERE),
        HeldStore("ambulance", fault=DOWN),
        HeldStore("archive", fault=refused),
    ]
    case = office.receive()
    office.gather(case)
    assert office.kinds(case) == {
        "ward": AnswerKind.FOUND,
        "housing": AnswerKind.NOTHING_HELD,
        "school": AnswerKind.NOT_USED_HERE,
        "ambulance": AnswerKind.UNAVAILABLE,
        "archive": AnswerKind.REFUSED,
    }
    notes = {a.store: a.note for a in office.answers(case)}
    assert notes["ambulance"] == "It did not answer in 10 seconds."
    assert notes["archive"] == "It did not accept our password."
    concluded = office.events(case)[-1]
    assert concluded.facts["gaps"] == 2
    assert concluded.facts["records"] == 1


def test_the_search_page_says_what_each_store_answered(office):
    office.stores = [
        HeldStore("ward", [record("1", "Seen.")], held_back=(
            HeldBack(key=RecordKey(StoreName("ward"), "9"), why="a PDF with a password", code="unreadable"),)),
        HeldStore("housing"),
        HeldStore("school", nothing=AnswerKind.NOT_USED_HERE),
        HeldStore("ambulance", fault=DOWN),
        HeldStore("council", controller=COUNCIL),
    ]  # fmt: skip
    case = office.receive()
    office.gather(case)
    page = next(r for r in office.records(case) if r.kind is RecordKind.SEARCH_LOG)
    said = {p.label: p.text for p in page.passages}
    assert "by NHS number" in said["The ward"]
    assert "Kept by Fenwater Trust" in said["The ward"]
    assert "1 item could not be read" in said["The ward"]
    assert "Nothing held." in said["The housing"]
    assert "does not use the kind of number" in said["The school"]
    assert "It did not answer. We will ask again" in said["The ambulance"]
    assert said["The council"] == (
        "Kept by Aldermoor Council. We may not search it. Ask its owner directly: write to Aldermoor "
        "Council and say whose records you want to see. It is free."
    )


def test_another_controllers_store_is_not_even_asked(office):
    office.stores = [HeldStore("council", [record("1", "Seen.", store="council")], controller=COUNCIL)]
    case = office.receive()
    office.gather(case)
    assert office.stores[0].asked == []
    answer = office.answers(case)[0]
    assert answer.kind is AnswerKind.NOT_OURS
    assert answer.records == ()
    assert COUNCIL in answer.note


@pytest.mark.parametrize(
    ("agreed_on", "ends_on", "between", "read"),
    [
        (date(2025, 4, 1), None, {TRUST, COUNCIL}, True),
        (date(2025, 4, 1), date(2026, 11, 2), {TRUST, COUNCIL}, True),
        (date(2025, 4, 1), date(2026, 11, 1), {TRUST, COUNCIL}, False),
        (date(2026, 11, 3), None, {TRUST, COUNCIL}, False),
        (date(2025, 4, 1), None, {TRUST, "Harnsworth Council"}, False),
    ],
)
def test_an_agreement_opens_the_store_on_the_days_it_covers(office, agreed_on, ends_on, between, read):
    office.stores = [HeldStore("council", [record("1", "Seen.", store="council")], controller=COUNCIL)]
    office.agreements = [
        Agreement(reference="JCA-1", between=frozenset(between), agreed_on=agreed_on, ends_on=ends_on)
    ]
    case = office.receive()
    office.gather(case)
    assert office.kinds(case)["council"] is (AnswerKind.FOUND if read else AnswerKind.NOT_OURS)


def test_asking_again_after_an_answer_changes_nothing(office):
    ward = HeldStore("ward", [record("1", "Seen.")])
    office.stores = [ward]
    case = office.receive()
    office.gathering.begin(case, at=office.at(), by=OFFICER)
    ask(office, case, "ward")
    before = office.events(case)
    ward.held.append(record("2", "A late entry."))
    assert ask(office, case, "ward", attempt=2) is AnswerKind.FOUND
    assert len(ward.asked) == 1
    assert office.events(case) == before
    assert len(office.answers(case)[0].records) == 1


def test_a_store_that_was_down_is_asked_again_and_then_found(office):
    ward = HeldStore("ward", [record("1", "Seen.")], fault=DOWN)
    office.stores = [ward]
    case = office.receive()
    office.gathering.begin(case, at=office.at(), by=OFFICER)
    assert ask(office, case, "ward") is AnswerKind.UNAVAILABLE
    # The same attempt done again by another worker is the same attempt.
    assert ask(office, case, "ward") is AnswerKind.UNAVAILABLE
    assert len(ward.asked) == 1
    ward.fault = None
    assert ask(office, case, "ward", attempt=2) is AnswerKind.FOUND
    office.gathering.conclude(case, round_number=1, at=office.at())
    page = next(r for r in office.records(case) if r.kind is RecordKind.SEARCH_LOG)
    assert "We asked 2 times." in page.passages[0].text
    assert office.events(case)[-1].facts["gaps"] == 0


def test_how_soon_an_alert_is_looked_at_again_is_read_from_the_law_by_every_step(archive, law, detector):
    office = Office(
        archive=archive, law=replace(law, alert_review=Expected(review_months=3)), detector=detector
    )
    steps = (
        AlertEntry(alert_number="A-1", step=AlertStep.RAISED, on=date(2024, 3, 4), category="concern"),
        AlertEntry(alert_number="A-1", step=AlertStep.REVIEWED, on=date(2024, 9, 4), category="concern"),
    )
    office.stores = [HeldStore("ward", [record("1", "Seen.", alert=steps)])]
    case = office.receive()
    office.gather(case)

    def said():
        [page] = [r for r in office.records(case) if r.kind is RecordKind.CONTRADICTIONS]
        return " ".join(p.text for p in page.passages)

    assert "not looked at again within 3 months of 4 March 2024" in said()
    office.ready(case)
    assert "within 3 months" in said()
    number = next(str(r.key) for r in office.records(case) if r.kind is RecordKind.CONTRADICTIONS)
    rests = office.review.alike(case, leg=1, record=number, by=OFFICER).rests_on
    assert all(keys == ("ward/1",) for _, keys in rests)
    assert rests
    office.reviewed(case)
    office.sign_off(case)


def test_a_round_is_begun_and_concluded_once(office):
    office.stores = [HeldStore("ward", [record("1", "Seen.")])]
    case = office.receive()
    assert office.gathering.begin(case, at=office.at(), by=OFFICER) == 1
    assert office.gathering.begin(case, at=office.at(), by=OFFICER) == 1
    ask(office, case, "ward")
    office.gathering.conclude(case, round_number=1, at=office.at())
    before = office.events(case)
    office.gathering.conclude(case, round_number=1, at=office.at())
    assert office.events(case) == before
    assert office.gathering.begin(case, at=office.at(), by=OFFICER) == 2


def test_a_record_found_for_two_people_is_one_record_in_both_legs(office):
    office.stores = [HeldStore("ward", [record("1", "Both seen.", about=("leanne", "marcus"))])]
    case = office.receive(own_leg(), own_leg(MARCUS))
    office.gather(case)
    for leg in (1, 2):
        mine = [r for r in office.records(case, leg) if not r.kind.is_generated]
        assert [(str(r.key), r.about) for r in mine] == [("ward/1", {"leanne", "marcus"})]


def test_what_is_held_about_one_person_stays_out_of_the_other_leg(office):
    office.stores = [HeldStore("ward", [record("1", "Hers."), record("2", "His.", about=("marcus",))])]
    case = office.receive(own_leg(), own_leg(MARCUS))
    office.gather(case)
    found = [{str(r.key) for r in office.records(case, leg) if not r.kind.is_generated} for leg in (1, 2)]
    assert found == [{"ward/1"}, {"ward/2"}]


def test_equal_copies_in_two_places_fold_into_one_that_lists_both(office):
    office.stores = [
        HeldStore("ward", [record("1", "The same letter.")]),
        HeldStore(
            "desk", [record("77", "The same letter.", store="desk"), record("78", "Another.", store="desk")]
        ),
    ]
    case = office.receive()
    office.gather(case)
    mine = {r.passages[0].text: r for r in office.records(case) if not r.kind.is_generated}
    assert set(mine) == {"The same letter.", "Another."}
    folded = mine["The same letter."]
    assert {str(folded.provenance.store), *(str(c.store) for c in folded.copies)} == {"ward", "desk"}
    assert mine["Another."].copies == ()


def test_records_of_different_people_are_never_folded():
    assert (
        len(merge([answer("leanne", "Visited.", who="leanne"), answer("marcus", "Visited.", who="marcus")]))
        == 2
    )


def answer(native, *words, who="leanne", store="ward", **more):
    held = [record(native, w, about=(who,), store=store, **more) for w in words]
    subject = LEANNE if who == "leanne" else MARCUS
    return HeldStore(store, held).answer(SubjectQuery(subject=subject), at=held[0].provenance.retrieved_at)


def told(records):
    return {(str(r.key), r.passages[0].text, tuple(sorted(r.about))) for r in records}


def test_two_texts_under_one_number_are_both_kept_each_for_its_own_person():
    both = [answer("1", "Leanne was calm.", who="leanne"), answer("1", "Marcus was loud.", who="marcus")]
    expected = {("ward/1", "Leanne was calm.", ("leanne",)), ("ward/1#2", "Marcus was loud.", ("marcus",))}
    assert told(merge(both)) == expected
    assert told(merge(reversed(both))) == expected
    # A correction is asked at the store, which knows the number without our mark.
    assert {r.provenance.native_id for r in merge(both)} == {"1"}


def test_the_mark_of_a_second_text_takes_no_other_records_number():
    taken = answer("1#2", "Something else.", who="marcus")
    found = merge([answer("1", "Hers.", who="leanne"), answer("1", "His.", who="marcus"), taken])
    assert len(found) == 3
    assert {r.passages[0].text: r.key.native_id for r in found}["Something else."] == "1#2"
    assert len({r.key for r in found}) == 3


def test_both_texts_reach_the_leg_they_are_about(office):
    office.stores = [HeldStore("ward", [record("1", "Leanne was calm.")])]
    case = office.receive(own_leg(), own_leg(MARCUS))
    office.gathering.begin(case, at=office.at(), by=OFFICER)
    ask(office, case, "ward")
    office.stores[0].held = [record("1", "Marcus was loud.", about=("marcus",))]
    ask(office, case, "ward", subject="marcus")
    office.gathering.conclude(case, round_number=1, at=office.at())
    found = [
        {r.passages[0].text for r in office.records(case, leg) if not r.kind.is_generated} for leg in (1, 2)
    ]
    assert found == [{"Leanne was calm."}, {"Marcus was loud."}]


def test_two_equal_entries_of_one_store_are_two_calls(office):
    office.stores = [
        HeldStore("ward", [record("2", "Rang. No reply."), record("3", "Rang. No reply.")]),
        HeldStore("desk", [record("8", "Rang. No reply.", store="desk")]),
    ]
    case = office.receive()
    office.gather(case)
    mine = [r for r in office.records(case) if not r.kind.is_generated]
    places = sorted([str(r.provenance.store), *(str(c.store) for c in r.copies)] for r in mine)
    assert places == [["desk", "ward"], ["ward"]]


def test_a_folded_copy_keeps_what_its_fields_say():
    raised = AlertEntry(alert_number="A-1", step=AlertStep.RAISED, on=date(2024, 3, 4))
    closed = AlertEntry(alert_number="A-1", step=AlertStep.CLOSED, on=date(2024, 5, 4))
    [folded] = merge(
        [
            answer("1", "An alert.", alert=(closed, raised)),
            answer("9", "An alert.", store="desk", alert=(raised,)),
        ]
    )
    assert set(folded.alert) == {raised, closed}
    assert len(folded.alert) == 2


def test_pages_do_not_depend_on_which_store_answered_first(office):
    pages = []
    for turned in (False, True):
        office.stores = [
            HeldStore("ward", [record("1", "Seen.")]),
            HeldStore("desk", [record("7", "Seen.", store="desk")]),
            HeldStore("clinic"),
        ]
        case = office.receive()
        office.gathering.begin(case, at=office.at(), by=OFFICER)
        for store in sorted((str(s.name) for s in office.stores), reverse=turned):
            ask(office, case, store)
        office.gathering.conclude(case, round_number=1, at=office.at())
        pages.append(
            [
                # The times at which they were asked are facts of their own.
                (
                    str(r.key),
                    [(p.label, _TIME.sub("", p.text)) for p in r.passages],
                    [str(c.store) for c in r.copies],
                )
                for r in office.records(case)
            ]
        )
    assert pages[0] == pages[1]
    search = next(r for r in office.records(case) if r.kind is RecordKind.SEARCH_LOG)
    assert [p.label for p in search.passages][:3] == ["The clinic", "The desk", "The ward"]
