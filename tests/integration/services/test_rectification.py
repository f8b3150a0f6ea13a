"""A correction ends only on a fresh look: a promise, a silence and a switched-off alert prove nothing."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from sar.domain.errors import (
    DecisionNotSupported,
    ImpossibleDate,
    InvalidInput,
    NotAllowed,
    NotFound,
    OutOfOrder,
    SARError,
    StoreUnavailable,
    UnknownName,
)
from sar.domain.records import AlertEntry, AlertStep, Passage
from sar.domain.rectification import CorrectionOutcome, PlaceState
from sar.domain.trail import EventKind
from tests.fakes.ports import HeldStore, record
from tests.integration.services.conftest import APPROVER, FAMILY, OFFICER, TEAM

ON = date(2024, 3, 4)
ERROR, OFF, ACTIVE = "entered-in-error", "inactive", "active"
DOWN = StoreUnavailable("It did not answer.", next_step="Wait.")


def alert(store, status, *, number="AL-1", extra=(), native="1", recipient=""):
    entries = [
        AlertEntry(alert_number=number, step=AlertStep.RAISED, on=ON, category="at risk", recipient=recipient)
    ]
    if status:
        entries.append(AlertEntry(alert_number=number, step=AlertStep.STATUS, on=ON, status=status))
    words = f"Alert {number}: {status}."
    return record(native, words, store=store, alert=[*entries, *extra])


@pytest.fixture
def case(office):
    office.stores = [
        HeldStore("ward", [alert("ward", ACTIVE)]),
        HeldStore("desk", [alert("desk", ACTIVE, recipient="School nurse")]),
    ]
    case = office.receive()
    office.gather(case)
    return case


def ask(office, case, **said):
    given = {
        "leg": 1, "alert_number": "AL-1", "what_is_wrong": "It is about somebody else.",
        "what_it_should_say": "Entered in error.", "asked_on": date(2026, 11, 2), "by": FAMILY, **said,
    }  # fmt: skip
    return office.rectification.ask(case, at=office.at(), **given)


def where(place):
    """The store or the recipient; which record of the store it is comes after a comma."""
    return place.label.partition(",")[0]


def states(correction):
    return {where(p): p.state for p in correction.places}


def places(office, case, name):
    return {where(p): p for p in office.enquiries.correction(case, name).places}


def look(office, case, name):
    number = office.gather(case)
    return office.rectification.verify(case, correction=name, round_number=number, at=office.at())


def confirm_outside(office, case, name):
    nurse = places(office, case, name)["School nurse"].place
    office.rectification.confirm(
        case, correction=name, place=nurse, on=date(2026, 11, 2), words="Taken off.", at=office.at(), by=TEAM
    )


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"what_is_wrong": " "}, InvalidInput),
        ({"what_it_should_say": ""}, InvalidInput),
        ({"asked_on": date(2026, 11, 3)}, ImpossibleDate),
        ({"alert_number": "AL-9", "by": TEAM}, NotFound),
        ({"leg": 9}, NotFound),
    ],
)
def test_a_correction_with_a_wrong_part_is_not_opened(office, case, said, kind):
    before = office.events(case)
    with pytest.raises(kind):
        ask(office, case, **said)
    assert office.events(case) == before


def test_a_family_learns_from_a_correction_only_of_what_it_has_read(office, case):
    """Neither the places nor a refused number tell of records that nobody has decided to disclose."""
    known, guessed = ask(office, case), ask(office, case, alert_number="AL-9")
    for name in (known, guessed):
        assert office.enquiries.correction(case, name, for_family=True).places == ()
    assert len(places(office, case, known)) == 3
    with office.archive.reading(case) as file:
        reference = file.reference
    page = office.enquiries.family_page(reference, legs=frozenset({1}), on=office.now.date())
    row = page.corrections[0]
    assert "3" not in row.next_step


def test_every_holder_and_every_recipient_is_a_place(office, case):
    found = places(office, case, ask(office, case))
    assert set(found) == {"The ward", "The desk", "School nurse"}
    assert [found[label].is_ours for label in ("The ward", "The desk", "School nurse")] == [True, True, False]
    assert {p.state for p in found.values()} == {PlaceState.LISTED.value}


def test_a_folded_copy_is_a_place_of_its_own(office):
    same = {"native": "1", "number": "AL-1"}
    office.stores = [
        HeldStore("ward", [alert("ward", ACTIVE, **same)]),
        HeldStore("desk", [alert("desk", ACTIVE, **same)]),
    ]
    case = office.receive()
    office.gather(case)
    assert len([r for r in office.records(case) if not r.kind.is_generated]) == 1
    name = ask(office, case)
    assert set(places(office, case, name)) == {"The ward", "The desk"}
    office.stores[0].held = [alert("ward", ERROR)]
    looked = look(office, case, name)
    assert states(looked) == {"The ward": PlaceState.SEEN, "The desk": PlaceState.NOT_SEEN}
    assert looked.is_open


def test_it_is_answered_within_a_month(office, case):
    page = office.enquiries.correction(case, ask(office, case))
    assert (page.asked_on, page.answer_by) == (date(2026, 11, 2), date(2026, 12, 2))


def test_it_closes_when_every_place_is_proved_and_not_before(office, case):
    name = ask(office, case)
    confirm_outside(office, case, name)
    office.stores[0].held = [alert("ward", ERROR)]
    first = look(office, case, name)
    assert states(first) == {
        "The ward": PlaceState.SEEN, "The desk": PlaceState.NOT_SEEN, "School nurse": PlaceState.CONFIRMED
    }  # fmt: skip
    assert first.is_open
    office.stores[1].held = [alert("desk", ERROR, recipient="School nurse")]
    second = look(office, case, name)
    assert second.closed_on == office.now.date()
    assert office.events(case)[-1].kind is EventKind.CORRECTION_CLOSED


def test_an_alert_that_was_only_switched_off_is_not_corrected(office, case):
    name = ask(office, case)
    office.stores[0].held = [alert("ward", OFF)]
    looked = look(office, case, name)
    assert states(looked)["The ward"] is PlaceState.NOT_SEEN
    assert "inactive" in next(p.note for p in looked.places if where(p) == "The ward")


def test_a_silent_store_proves_nothing(office, case):
    name = ask(office, case)
    office.stores[0].held = [alert("ward", ERROR)]
    office.stores[0].fault = StoreUnavailable("It did not answer.", next_step="Wait.")
    looked = look(office, case, name)
    assert states(looked)["The ward"] is PlaceState.NOT_ASKED
    assert looked.is_open


def test_a_record_that_vanished_is_asked_about(office, case):
    name = ask(office, case)
    office.stores[0].held = []
    looked = look(office, case, name)
    assert states(looked)["The ward"] is PlaceState.GONE
    assert looked.is_open


def test_another_alert_in_the_same_record_proves_nothing(office):
    other = AlertEntry(alert_number="AL-2", step=AlertStep.STATUS, on=ON, status=ACTIVE)
    office.stores = [HeldStore("ward", [alert("ward", "", extra=[other])])]
    case = office.receive()
    office.gather(case)
    name = ask(office, case)
    corrected = AlertEntry(alert_number="AL-2", step=AlertStep.STATUS, on=ON, status=ERROR)
    office.stores[0].held = [alert("ward", "", extra=[corrected])]
    looked = look(office, case, name)
    assert states(looked)["The ward"] is PlaceState.NOT_SEEN
    assert looked.is_open


def test_where_we_can_look_a_holders_word_is_not_enough(office, case):
    name = ask(office, case)
    ward = places(office, case, name)["The ward"].place
    said = {"correction": name, "on": date(2026, 11, 2), "by": TEAM}
    with pytest.raises(OutOfOrder):
        office.rectification.confirm(case, place=ward, words="Done.", at=office.at(), **said)
    nurse = places(office, case, name)["School nurse"].place
    with pytest.raises(InvalidInput):
        office.rectification.confirm(case, place=nurse, words=" ", at=office.at(), **said)
    with pytest.raises(NotFound):
        office.rectification.confirm(case, place="place-99", words="Done.", at=office.at(), **said)


def test_what_is_told_to_a_holder_is_dated_and_by_staff(office, case):
    name = ask(office, case)
    nurse = places(office, case, name)["School nurse"].place
    said = {"correction": name, "place": nurse}
    with pytest.raises(NotAllowed):
        office.rectification.report(case, on=date(2026, 11, 2), at=office.at(), by=APPROVER, **said)
    with pytest.raises(ImpossibleDate):
        office.rectification.report(case, on=date(2026, 11, 3), at=office.at(), by=OFFICER, **said)
    office.rectification.report(case, on=date(2026, 11, 2), at=office.at(), by=OFFICER, **said)
    assert places(office, case, name)["School nurse"].state == PlaceState.REPORTED.value
    assert office.events(case)[-1].kind is EventKind.CORRECTION_REPORTED


def test_an_unfinished_gathering_proves_nothing(office, case):
    name = ask(office, case)
    number = office.gathering.begin(case, at=office.at(), by=OFFICER)
    with pytest.raises(OutOfOrder):
        office.rectification.verify(case, correction=name, round_number=number, at=office.at())


def test_the_next_pack_lists_every_place_and_how_it_stands(office, case):
    name = ask(office, case)
    office.stores[0].held = [alert("ward", ERROR)]
    look(office, case, name)
    office.review.propose(case, leg=1, at=office.at())
    page = next(r for r in office.records(case) if r.kind.name == "COMPLAINT_TRAIL")
    text = " ".join(p.text for p in page.passages)
    assert re.search(r"The ward[^.:]*: seen corrected in the store, checked on 2 November 2026", text)
    assert re.search(r"The desk[^.:]*: still wrong in the store", text)
    assert "It is about somebody else." in text
    assert "2 December 2026" in text


def test_a_correction_without_an_alert_waits_for_an_officer(office, case):
    name = ask(office, case, alert_number="")
    looked = look(office, case, name)
    assert looked.is_open
    assert "find every copy" in office.enquiries.correction(case, name).next_step


# --- the answer -------------------------------------------------------------------------------------


def answer(office, case, name, outcome=CorrectionOutcome.REFUSED, **said):
    given = {"reason": "The entry is right.", "answered_on": date(2026, 11, 2), "by": TEAM, **said}
    office.rectification.answer(case, correction=name, outcome=outcome, at=office.at(), **given)


def test_a_refusal_names_the_controller_the_regulator_and_a_court(office, case):
    name = ask(office, case)
    answer(office, case, name, statement="I was never seen that day.")
    told = office.enquiries.correction(case, name, for_family=True).answer
    assert (told.outcome, told.reason) == ("refused", "The entry is right.")
    assert told.statement == "I was never seen that day."
    assert [w.citation for w in told.ways_on][:3] == [
        "Data Protection Act 2018 s.164A", "Data Protection Act 2018 s.165", "Data Protection Act 2018 s.167",
    ]  # fmt: skip


def test_what_was_all_put_right_names_no_way_on(office, case):
    name = ask(office, case)
    answer(office, case, name, CorrectionOutcome.CORRECTED)
    assert office.enquiries.correction(case, name).answer.ways_on == ()
    (row,) = [r for r in office.enquiries.complaints_desk(on=date(2027, 3, 1)) if r.id == name]
    assert not row.overdue
    assert office.enquiries.correction(case, name).status == "open"


@pytest.mark.parametrize(
    "code", ["3RD-PARTY", "HEALTH-HARM", "SW-HARM", "EDU-HARM", "CHILD-ABUSE", "PRIVILEGE", "ADOPTION"]
)
def test_what_limits_seeing_a_record_does_not_keep_it_wrong(office, case, code):
    name = ask(office, case)
    before = office.events(case)
    with pytest.raises(DecisionNotSupported) as refused:
        answer(office, case, name, exemption=code)
    assert refused.value.field == "exemption"
    assert office.events(case) == before


def test_an_exemption_that_reaches_article_16_is_told_only_as_far_as_it_may_be(office, case):
    name = ask(office, case)
    answer(office, case, name, exemption="CRIME")
    told = office.enquiries.correction(case, name, for_family=True).answer
    assert told.said == office.law.exemption("CRIME").general_words
    facts = office.events(case)[-1].facts
    assert (facts["outcome"], facts["exemption"], facts["in_time"]) == ("refused", "CRIME", True)
    assert "right" not in str(facts)


@pytest.mark.parametrize(
    ("changes", "kind", "field"),
    [
        ({"reason": " "}, InvalidInput, "reason"),
        ({"answered_on": date(2026, 11, 3)}, ImpossibleDate, "answered_on"),
        ({"answered_on": date(2026, 11, 1)}, ImpossibleDate, "answered_on"),
        ({"outcome": CorrectionOutcome.STATEMENT_ADDED}, InvalidInput, "statement"),
        ({"outcome": CorrectionOutcome.CORRECTED, "exemption": "CRIME"}, DecisionNotSupported, "exemption"),
        ({"exemption": "NOPE"}, UnknownName, "exemption"),
        ({"by": OFFICER}, NotAllowed, ""),
        ({"by": FAMILY}, NotAllowed, ""),
    ],
)
def test_half_an_answer_is_refused_and_nothing_kept(office, case, changes, kind, field):
    name = ask(office, case)
    with pytest.raises(SARError) as refused:
        answer(office, case, name, **changes)
    assert isinstance(refused.value, kind)
    assert refused.value.field == field
    assert office.enquiries.correction(case, name).answer is None


# --- what was found since, and what was not asked since --------------------------------------------


def test_a_copy_that_was_found_later_is_listed_and_keeps_the_correction_open(office):
    ward = HeldStore("ward", [alert("ward", ACTIVE)])
    desk = HeldStore("desk", [alert("desk", ACTIVE, native="7", recipient="School nurse")], fault=DOWN)
    office.stores = [ward, desk]
    case = office.receive()
    office.gather(case)
    name = ask(office, case)
    assert set(places(office, case, name)) == {"The ward"}
    ward.held, desk.fault = [alert("ward", ERROR)], None
    looked = look(office, case, name)
    assert looked.is_open
    assert states(looked) == {
        "The ward": PlaceState.SEEN, "The desk": PlaceState.LISTED, "School nurse": PlaceState.LISTED
    }  # fmt: skip
    confirm_outside(office, case, name)
    assert states(look(office, case, name))["The desk"] is PlaceState.NOT_SEEN
    desk.held = [alert("desk", ERROR, native="7", recipient="School nurse")]
    last = look(office, case, name)
    assert last.closed_on == office.now.date()
    assert len(last.places) == 3


def test_a_store_that_does_not_answer_may_hold_another_copy(office):
    ward, desk = HeldStore("ward", [alert("ward", ACTIVE)]), HeldStore("desk", fault=DOWN)
    office.stores = [ward, desk]
    case = office.receive()
    office.gather(case)
    name = ask(office, case)
    ward.held = [alert("ward", ERROR)]
    looked = look(office, case, name)
    assert looked.left == ()
    assert looked.is_open
    assert "every place we ask has answered" in office.enquiries.correction(case, name).next_step
    desk.fault = None
    assert not look(office, case, name).is_open


def look_at_what_is_missing(office, case, name):
    """A round that asks only the stores that did not answer; the other answers are taken over."""
    number = office.gathering.begin(case, at=office.at(), by=OFFICER, only_missing=True)
    for store, subject in office.gathering.plan(case, number):
        office.gathering.ask(
            case, round_number=number, store=store, subject=subject, attempt=1, at=office.at()
        )
    office.gathering.conclude(case, round_number=number, at=office.at())
    return office.rectification.verify(case, correction=name, round_number=number, at=office.at())


def test_an_answer_from_before_the_correction_proves_nothing(office):
    ward, desk = HeldStore("ward", [alert("ward", ACTIVE)]), HeldStore("desk", fault=DOWN)
    office.stores = [ward, desk]
    case = office.receive()
    office.gather(case)
    name = ask(office, case)
    office.now += timedelta(days=10)
    assert states(look_at_what_is_missing(office, case, name))["The ward"] is PlaceState.NOT_ASKED
    assert len(ward.asked) == 1


def test_what_a_store_said_before_its_holder_was_told_is_not_said_since(office):
    ward, desk = HeldStore("ward", [alert("ward", ACTIVE)]), HeldStore("desk", fault=DOWN)
    office.stores = [ward, desk]
    case = office.receive()
    office.gather(case)
    name = ask(office, case)
    first = look(office, case, name)
    [place] = first.places
    assert (place.state, place.checked_on) == (PlaceState.NOT_SEEN, date(2026, 11, 2))
    told = {"correction": name, "place": place.id, "by": OFFICER}
    office.rectification.report(case, on=date(2026, 11, 2), at=office.at(), **told)
    office.now += timedelta(days=10)
    assert states(look_at_what_is_missing(office, case, name))["The ward"] is PlaceState.NOT_ASKED
    # Told on an earlier day and written down only now: what was seen after that day counts, on the day it was seen.
    looked_on = office.now.date()
    assert states(look(office, case, name))["The ward"] is PlaceState.NOT_SEEN
    office.now += timedelta(days=5)
    office.rectification.report(case, on=looked_on - timedelta(days=1), at=office.at(), **told)
    [place] = look_at_what_is_missing(office, case, name).places
    assert (place.state, place.checked_on) == (PlaceState.NOT_SEEN, looked_on)


def mail(native, sender, to, on, text):
    raised = AlertEntry(alert_number="AL-1", step=AlertStep.RAISED, on=ON, category="at risk")
    said = {"From": sender, "To": to, "Date": on, "Subject": "Isla", "Text": text}
    return replace(
        record(native, "x", alert=[raised]), passages=tuple(Passage(label=k, text=v) for k, v in said.items())
    )


def test_a_mail_that_was_folded_into_a_fuller_one_is_compared_with_itself(office):
    body = "The alert AL-1 is raised for this family as from today, please note."
    inner = mail("1", "Ann Lee <ann@x.example>", "b@x.example", "4 March 2024", body)
    answer = f"Noted.\n\nOn 4 March 2024, Ann Lee <ann@x.example> wrote:\n> {body}"
    office.stores = [
        HeldStore("ward", [inner, mail("2", "Ben <ben@x.example>", "c@x", "5 March 2024", answer)])
    ]
    case = office.receive()
    office.gather(case)
    name = ask(office, case)
    looked = look(office, case, name)
    assert [(str(p.record), p.state) for p in looked.places] == [
        ("ward/2", PlaceState.NOT_SEEN), ("ward/1", PlaceState.NOT_SEEN)
    ]  # fmt: skip


def test_two_texts_under_one_number_are_both_proved(office):
    def held(*statuses):
        return [replace(alert("ward", s), passages=(Passage(label="Note", text=f"Text {n}, {s}"),))
                for n, s in enumerate(statuses)]  # fmt: skip

    ward = HeldStore("ward", held(ACTIVE, ACTIVE))
    office.stores = [ward]
    case = office.receive()
    office.gather(case)
    name = ask(office, case)
    assert [p.state for p in look(office, case, name).places] == [PlaceState.NOT_SEEN, PlaceState.NOT_SEEN]
    ward.held = held(ACTIVE, ERROR)
    assert [p.state for p in look(office, case, name).places] == [PlaceState.NOT_SEEN, PlaceState.SEEN]
    ward.held = held(ERROR, ERROR)
    assert not look(office, case, name).is_open
