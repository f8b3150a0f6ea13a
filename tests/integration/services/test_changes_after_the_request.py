"""What was created, edited, back-dated, closed or deleted after the request is found, shown and looked at (s.173)."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from sar.domain.changes import ChangeKind, Why
from sar.domain.comparing import Sameness
from sar.domain.errors import (
    DecisionNotSupported,
    InvalidInput,
    NotAllowed,
    NotFound,
    OutOfOrder,
    StoreUnavailable,
)
from sar.domain.parties import Identifier, IdentifierKind, Person, Role, StaffRole
from sar.domain.records import AlertEntry, AlertStep, HeldBack
from sar.domain.rectification import CorrectionOutcome
from sar.domain.references import PersonId, RecordKey, StoreName
from sar.domain.trail import EventKind
from tests.fakes.ports import HeldStore, record
from tests.integration.services.conftest import (
    APPROVER,
    FAMILY,
    LEANNE,
    OFFICER,
    RECEIVED,
    TEAM,
    actor,
    own_leg,
)

DPO = actor("dora", StaffRole.DATA_PROTECTION_OFFICER)
LEAD = actor("lara", StaffRole.SAFEGUARDING_LEAD)
SILENT = StoreUnavailable("It does not answer.", next_step="Ask again.")


def flag(state="active", category="Risk to child", native="flag"):
    entries = (
        AlertEntry(alert_number="AL-1", step=AlertStep.RAISED, on=date(2024, 3, 4), category=category),
        AlertEntry(alert_number="AL-1", step=AlertStep.STATUS, on=date(2024, 3, 4), status=state),
    )
    return record(native, f"A flag, {state}, {category}.", alert=entries)


def stamped(native, *words, on=date(2024, 3, 4), **moments):
    made = record(native, *words, on=on)
    return replace(made, provenance=replace(made.provenance, **moments))


NOTE = record("note", "She was seen at home.")
VISIT = record("visit", "The flat was warm and tidy.")


def twice(office, first, second, **store):
    """A case gathered over the first records, then over the second."""
    office.stores = [HeldStore("ward", list(first), **store)]
    case = office.receive()
    office.ready(case)
    office.stores[0].held[:] = second
    office.ready(case)
    return case


def found(office, case, leg=1):
    [mine] = [one for one in office.comparing.found(case, by=APPROVER) if one.leg == leg]
    return mine


def kinds(office, case):
    return {(str(r.change.record), r.change.kind) for r in found(office, case).rows}


def whys(office, case):
    return {(str(u.store), u.why) for u in found(office, case).uncompared}


def test_nothing_changed_is_said_as_well(office):
    case = twice(office, [NOTE, VISIT], [VISIT, NOTE])
    assert kinds(office, case) == set()
    [event] = [e for e in office.events(case) if e.kind is EventKind.CHANGES_FOUND]
    assert dict(event.facts) == {"round": 2, "changes": 0, "uncompared": 0}


def test_new_edited_back_dated_and_deleted_records_are_told_apart(office):
    edited = record("visit", "The flat was cold and untidy.")
    new = record("new", "A call.", on=date(2026, 10, 25))
    older = record("older", "A call two years ago.", on=date(2024, 1, 2))
    case = twice(office, [NOTE, VISIT], [edited, new, older])
    assert kinds(office, case) == {
        ("ward/note", ChangeKind.DELETED),
        ("ward/visit", ChangeKind.EDITED),
        ("ward/new", ChangeKind.CREATED),
        ("ward/older", ChangeKind.BACK_DATED),
    }
    assert {r.change.first_seen_on for r in found(office, case).rows} == {date(2026, 11, 2)}


@pytest.mark.parametrize(
    ("after", "kind"),
    [
        (flag("inactive"), {ChangeKind.CLOSED}),
        (flag("entered-in-error"), {ChangeKind.IN_ERROR}),
        (flag(category="Information"), {ChangeKind.RELABELLED}),
        (flag("inactive", "Information"), {ChangeKind.CLOSED, ChangeKind.RELABELLED}),
    ],
)
def test_the_life_of_an_alert(office, after, kind):
    case = twice(office, [flag()], [after])
    assert {k for _, k in kinds(office, case)} == kind


def test_an_alert_that_changed_in_its_codes_alone_is_found_too(office):
    silent = replace(flag("inactive"), passages=flag().passages)
    case = twice(office, [flag()], [silent])
    assert kinds(office, case) == {("ward/flag", ChangeKind.CLOSED)}
    [row] = found(office, case).rows
    sides = office.comparing.shown(case, leg=1, number=row.number, by=DPO).sides
    assert any([r.text for r in s.after if r.is_changed] == ["inactive;"] for s in sides)


def test_the_first_gathering_shows_what_the_store_itself_dates_after_the_request(office):
    after = datetime(2026, 10, 23, 9, tzinfo=UTC)
    office.stores = [
        HeldStore(
            "ward",
            [
                NOTE,
                stamped("typed-later", "Seen.", entered_at=after),
                stamped("of-today", "Seen now.", on=date(2026, 10, 23), entered_at=after),
                stamped("changed", "Seen twice.", changed_at=after),
                stamped("same-day", "x.", changed_at=datetime(2026, 10, 20, 20, tzinfo=UTC)),
            ],
        )
    ]
    case = office.receive()
    office.ready(case)
    assert kinds(office, case) == {
        ("ward/typed-later", ChangeKind.BACK_DATED),
        ("ward/of-today", ChangeKind.CREATED),
        ("ward/changed", ChangeKind.EDITED),
    }
    first = {r.change.ident for r in found(office, case).rows}
    office.ready(case)
    again = found(office, case).rows
    assert {r.change.ident for r in again} == first
    assert {(r.change.round, r.change.is_still) for r in again} == {(1, True)}


def test_a_file_that_says_itself_that_it_was_saved_after_the_request_is_found_whatever_the_folder_says(
    office,
):
    old = stamped("copied", "Seen.", changed_at=datetime(2020, 1, 1, tzinfo=UTC))
    late = replace(old, provenance=replace(old.provenance, saved_on=date(2026, 10, 23), is_file_date=True))
    office.stores = [HeldStore("ward", [NOTE, late])]
    case = office.receive()
    office.ready(case)
    assert kinds(office, case) == {("ward/copied", ChangeKind.EDITED)}
    [row] = found(office, case).rows
    assert row.change.changed_on == date(2026, 10, 23)


def file_of(day, *words, native="letter.pdf"):
    """A file with a date after the request; the first look of these tests is on 2 November."""
    at = datetime(2026, 10 if day > 20 else 11, day, 9, tzinfo=UTC)
    return stamped(native, *(words or ("Dear Leanne,",)), changed_at=at, is_file_date=True)


def listed(office, case):
    """What an approver has to look at, and what is shown apart."""
    mine = found(office, case)
    assert (*mine.changes, *mine.file_dates) == mine.rows
    return [[(str(r.change.record), r.change.kind) for r in rows] for rows in (mine.changes, mine.file_dates)]


def test_the_date_on_a_file_alone_is_shown_apart_and_holds_up_nothing(office):
    office.stores = [
        HeldStore(
            "ward", [file_of(25), stamped("typed", "x.", entered_at=datetime(2026, 10, 30, tzinfo=UTC))]
        )
    ]
    case = office.receive()
    office.ready(case)
    apart = [("ward/letter.pdf", ChangeKind.FILE_DATE)]
    assert listed(office, case) == [[("ward/typed", ChangeKind.BACK_DATED)], apart]
    assert found(office, case).waiting == 1
    assert office.comparing.waiting(case) == {1: (1, 1)}
    assert [(c.changes, c.waiting) for c in office.comparing.cases()] == [(1, 1)]
    office.comparing.see(case, leg=1, round_number=1, note="Asked.", at=office.at(), by=APPROVER)
    counts = {e.kind: e.facts["changes"] for e in office.events(case) if "changes" in e.facts}
    assert counts == {EventKind.CHANGES_FOUND: 1, EventKind.CHANGES_SEEN: 1}


def test_a_file_that_was_copied_since_we_first_looked_has_not_changed(office):
    case = twice(office, [file_of(25)], [file_of(5)])
    [row] = found(office, case).rows
    # The first look could not tell; the second saw the same words, under a date that a copy brings.
    assert (row.change.kind, row.change.is_still, row.is_new) == (ChangeKind.FILE_DATE, False, False)
    plain = stamped(
        "letter.pdf", "Dear Leanne,", changed_at=datetime(2026, 1, 5, tzinfo=UTC), is_file_date=True
    )
    assert listed(office, twice(office, [plain], [file_of(5)])) == [[], []]


def test_a_date_before_our_first_look_stays_apart_however_often_we_look(office):
    case = twice(office, [file_of(25)], [file_of(25)])
    assert listed(office, case) == [[], [("ward/letter.pdf", ChangeKind.FILE_DATE)]]
    assert [r.change.is_still for r in found(office, case).rows] == [True]


def test_a_file_whose_words_differ_or_that_was_not_there_is_one_change(office):
    case = twice(office, [file_of(25)], [file_of(5, "Dear Ms Hartley,"), file_of(6, native="new.pdf")])
    changed, apart = listed(office, case)
    assert changed == [("ward/letter.pdf", ChangeKind.EDITED), ("ward/new.pdf", ChangeKind.BACK_DATED)]
    assert [a for a in apart if a[0] == "ward/new.pdf"] == []


def test_a_case_without_changes_has_no_event_at_its_first_gathering(with_records, office):
    case = with_records(NOTE)
    assert not [e for e in office.events(case) if e.kind is EventKind.CHANGES_FOUND]


@pytest.mark.parametrize("which", ["then", "now"])
def test_a_store_that_did_not_answer_proves_nothing(office, which):
    office.stores = [HeldStore("ward", [NOTE]), HeldStore("desk", [record("d", "A letter.", store="desk")])]
    case = office.receive()
    office.stores[1].fault = SILENT if which == "then" else None
    office.gather(case)
    office.stores[1].fault = SILENT if which == "now" else None
    office.gather(case)
    assert kinds(office, case) == set()
    assert whys(office, case) == {("desk", Why.NO_ANSWER_THEN if which == "then" else Why.NO_ANSWER_NOW)}


def test_a_store_that_answers_later_is_compared_from_then_on(office):
    office.stores = [HeldStore("ward", [NOTE]), HeldStore("desk", [VISIT], fault=SILENT)]
    case = office.receive()
    office.gather(case)
    office.stores[1].fault = None
    office.gather(case)
    office.stores[1].held[:] = []
    office.gather(case)
    assert kinds(office, case) == {("ward/visit", ChangeKind.DELETED)}
    assert whys(office, case) == {("desk", Why.COMPARED_LATER)}


def test_what_was_seen_before_a_store_fell_silent_stays_listed(office):
    case = twice(office, [NOTE, VISIT], [VISIT])
    office.stores[0].fault = SILENT
    office.gather(case)
    [row] = found(office, case).rows
    assert (row.change.kind, row.change.is_still) == (ChangeKind.DELETED, True)
    assert whys(office, case) == {("ward", Why.NO_ANSWER_NOW)}


def test_an_answer_taken_over_is_no_second_answer(office):
    office.stores = [HeldStore("ward", [NOTE])]
    case = office.receive()
    office.gather(case)
    number = office.gathering.begin(case, at=office.at(), by=OFFICER, only_missing=True)
    office.gathering.conclude(case, round_number=number, at=office.at())
    assert whys(office, case) == {("ward", Why.NOT_ASKED_AGAIN)}


def test_a_record_that_moved_is_not_deleted(office):
    elsewhere = replace(VISIT, key=RecordKey(StoreName("ward"), "visit-of-the-new-system"))
    case = twice(office, [NOTE, VISIT], [NOTE, elsewhere])
    assert kinds(office, case) == {("ward/visit", ChangeKind.MOVED)}


def test_a_copy_that_is_folded_into_another_is_not_deleted(office):
    copy = replace(VISIT, key=RecordKey(StoreName("desk"), "v"),
                   provenance=replace(VISIT.provenance, store=StoreName("desk"), native_id="v"))  # fmt: skip
    office.stores = [HeldStore("ward", [VISIT]), HeldStore("desk", [])]
    case = office.receive()
    office.gather(case)
    office.stores[1].held[:] = [copy]
    office.gather(case)
    # What is new is that a second place holds it: that is said, and nothing is called deleted.
    assert kinds(office, case) == {("desk/v", ChangeKind.BACK_DATED)}
    office.stores[0].held[:] = []
    office.gather(case)
    assert ("ward/visit", ChangeKind.MOVED) in kinds(office, case)
    assert ChangeKind.DELETED not in {k for _, k in kinds(office, case)}


def test_what_was_held_back_is_neither_new_nor_deleted(office):
    office.stores = [HeldStore("ward", [NOTE, VISIT])]
    case = office.receive()
    office.gather(case)
    office.stores[0].held[:] = [NOTE]
    office.stores[0].held_back = (HeldBack(key=VISIT.key, why="a PDF with a password", code="unreadable"),)
    office.gather(case)
    assert kinds(office, case) == set()
    assert whys(office, case) == {("ward", Why.HELD_BACK)}
    office.stores[0].held_back = (HeldBack(key=VISIT.key, why="deleted there", code="deleted"),)
    office.gather(case)
    assert kinds(office, case) == {("ward/visit", ChangeKind.DELETED)}


def test_half_an_answer_proves_no_deletion(office):
    office.stores = [HeldStore("ward", [NOTE, VISIT])]
    case = office.receive()
    office.gather(case)
    office.stores[0].held[:] = [NOTE]
    office.stores[0].held_back = (
        HeldBack(key=RecordKey(StoreName("ward"), "page-2"), why="a page is missing", code="incomplete"),
    )
    office.gather(case)
    assert kinds(office, case) == set()
    assert whys(office, case) == {("ward", Why.INCOMPLETE)}


def test_what_another_number_or_a_compared_person_brings_is_not_called_new(office):
    office.stores = [HeldStore("ward", [NOTE])]
    case = office.receive()
    office.gather(case)
    number = Identifier(kind=IdentifierKind.NHS_NUMBER, value="999 204 4330")
    office.matching.add_details(case, subject="leanne", identifier=number, reason="On the card.", at=office.at(),
                                by=OFFICER)  # fmt: skip
    late = stamped("late", "Typed after the request.", entered_at=datetime(2026, 10, 30, tzinfo=UTC))
    office.stores[0].held[:] = [NOTE, VISIT, late]
    office.gather(case)
    assert kinds(office, case) == {("ward/late", ChangeKind.BACK_DATED)}
    assert whys(office, case) == {("ward", Why.ASKED_OTHERWISE)}


def test_somebody_else_who_was_ruled_out_was_not_deleted(office):
    other = Person(
        id=PersonId("ward/P2"), name="Leanne Hartly", role=Role.NAMESAKE, born_on=date(1993, 5, 14)
    )
    held = HeldBack(key=RecordKey(StoreName("ward"), "P2"), why="a nearly equal name", code="near-name")
    office.stores = [HeldStore("ward", [NOTE, VISIT], people=(other,), held_back=(held,))]
    case = office.receive()
    office.gather(case)
    office.matching.decide(case, store="ward", subject="leanne", native_id="P2", sameness=Sameness.OTHER,
                           reason="Another birthday.", at=office.at(), by=OFFICER)  # fmt: skip
    office.stores[0].held[:] = [NOTE]
    office.gather(case)
    assert kinds(office, case) == set()
    assert ("ward", Why.ASKED_OTHERWISE) in whys(office, case)


def test_what_came_and_went_between_two_gatherings_stays_listed(office):
    case = twice(office, [NOTE], [NOTE, VISIT])
    office.stores[0].held[:] = [NOTE]
    office.gather(case)
    [row] = found(office, case).rows
    assert (row.change.kind, row.change.is_still) == (ChangeKind.BACK_DATED, False)
    assert (
        office.comparing.shown(case, leg=1, number=1, by=APPROVER).sides[-1].after[0].text
        == VISIT.passages[0].text
    )


def test_the_sign_off_waits_until_an_approver_has_looked(office):
    case = twice(office, [NOTE, VISIT], [NOTE])
    office.reviewed(case)
    with pytest.raises(DecisionNotSupported, match="1 change after the request was found"):
        office.signoff.sign_off(case, leg=1, at=office.at(), by=APPROVER)
    for by in (OFFICER, DPO, LEAD):
        with pytest.raises(NotAllowed):
            office.comparing.see(case, leg=1, round_number=2, note="So.", at=office.at(), by=by)
    with pytest.raises(InvalidInput):
        office.comparing.see(case, leg=1, round_number=2, note=" ", at=office.at(), by=APPROVER)
    with pytest.raises(OutOfOrder):
        office.comparing.see(case, leg=1, round_number=1, note="Asked the ward.", at=office.at(), by=APPROVER)
    office.comparing.see(
        case, leg=1, round_number=2, note="Asked the ward: a slip.", at=office.at(), by=APPROVER
    )
    mine = found(office, case)
    assert (mine.waiting, [s.note for s in mine.seen]) == (0, ["Asked the ward: a slip."])
    office.sign_off(case)
    assert any("Changes found in the stores after the request: 1" in w
               for w in office.signoff.readiness(case, leg=1, on=office.now.date()).warnings)  # fmt: skip


def test_a_newer_change_has_to_be_looked_at_again(office):
    case = twice(office, [NOTE, VISIT], [NOTE])
    office.comparing.see(case, leg=1, round_number=2, note="A slip.", at=office.at(), by=APPROVER)
    office.gather(case)
    assert found(office, case).waiting == 0
    office.stores[0].held[:] = [record("note", "She was not seen.")]
    office.gather(case)
    assert [str(r.change.record) for r in found(office, case).rows if r.is_new] == ["ward/note"]


def test_a_correction_that_the_family_asked_for_is_marked_as_such(office):
    office.stores = [HeldStore("ward", [flag()])]
    case = office.receive()
    office.ready(case)
    asked = office.rectification.ask(
        case, leg=1, alert_number="AL-1", what_is_wrong="It is not me.", what_it_should_say="Nothing.",
        asked_on=date(2026, 11, 2), at=office.at(), by=TEAM,
    )  # fmt: skip
    office.stores[0].held[:] = [flag("entered-in-error")]
    office.gather(case)
    assert [(r.was_asked_for, r.is_new) for r in found(office, case).rows] == [(False, True)]
    office.rectification.answer(
        case, correction=asked, outcome=CorrectionOutcome.CORRECTED, reason="You are right.",
        answered_on=date(2026, 11, 2), at=office.at(), by=TEAM,
    )  # fmt: skip
    assert [(r.was_asked_for, r.is_new) for r in found(office, case).rows] == [(True, False)]
    # That it was only closed is not what was asked for.
    office.stores[0].held[:] = [flag("inactive")]
    office.gather(case)
    assert {(r.change.kind, r.is_new) for r in found(office, case).rows if r.change.is_still} == {
        (ChangeKind.CLOSED, True)
    }


def asked_by(office, case, by, *, on=None):
    return office.rectification.ask(
        case, leg=1, alert_number="AL-1", what_is_wrong="It is not me.", what_it_should_say="Nothing.",
        asked_on=on or office.now.date(), at=office.at(), by=by,
    )  # fmt: skip


def told(office, case, correction, by=OFFICER):
    office.rectification.report(
        case, correction=correction, place="place-1", on=office.now.date(), at=office.at(), by=by
    )


def reworded(words):
    return replace(flag(), passages=record("flag", words).passages)


@pytest.mark.parametrize(
    "by", [OFFICER, actor("olwen", StaffRole.OFFICER, StaffRole.COMPLAINTS)], ids=["officer", "both"]
)
def test_an_officer_cannot_explain_a_change_by_a_correction_of_their_own(office, by):
    office.stores = [HeldStore("ward", [flag()])]
    case = office.receive()
    office.ready(case)
    told(office, case, asked_by(office, case, by))
    office.stores[0].held[:] = [reworded("She was not well at all.")]
    office.gather(case)
    assert [(r.was_asked_for, r.is_new) for r in found(office, case).rows] == [(False, True)]


@pytest.mark.parametrize("by", [FAMILY, TEAM], ids=["family", "team"])
def test_what_a_gathering_showed_before_nobody_had_asked_for(office, by):
    case = twice(office, [flag()], [reworded("She was not well at all.")])
    told(office, case, asked_by(office, case, by, on=date(2026, 10, 21)), by=TEAM)
    assert [(r.was_asked_for, r.is_new) for r in found(office, case).rows] == [(False, True)]
    office.gather(case)
    assert [(r.was_asked_for, r.is_new) for r in found(office, case).rows] == [(False, True)]


def test_that_a_holder_was_told_explains_nothing_that_was_done_before(office):
    office.stores = [HeldStore("ward", [flag()])]
    case = office.receive()
    office.ready(case)
    correction = asked_by(office, case, FAMILY)
    office.stores[0].held[:] = [reworded("She was not well at all.")]
    office.gather(case)
    told(office, case, correction)
    assert [(r.was_asked_for, r.is_new) for r in found(office, case).rows] == [(False, True)]


@pytest.mark.parametrize("by", [FAMILY, TEAM], ids=["family", "team"])
def test_one_correction_explains_one_look_and_no_later_edit(office, by):
    office.stores = [HeldStore("ward", [flag()])]
    case = office.receive()
    office.ready(case)
    told(office, case, asked_by(office, case, by))
    office.stores[0].held[:] = [reworded("Put right as asked.")]
    office.gather(case)
    assert [(r.was_asked_for, r.is_new) for r in found(office, case).rows] == [(True, False)]
    office.stores[0].held[:] = [reworded("Rewritten to accuse the mother.")]
    office.gather(case)
    shown = {r.change.round: (r.was_asked_for, r.is_new) for r in found(office, case).rows}
    assert shown == {2: (True, False), 3: (False, True)}


def test_an_alert_relabelled_twice_with_the_words_unchanged_is_looked_at_twice(office):
    once, again = (
        replace(flag(category=c), passages=flag().passages) for c in ("Violence", "Fabricated illness")
    )
    case = twice(office, [flag()], [once])
    office.comparing.see(case, leg=1, round_number=2, note="A slip.", at=office.at(), by=APPROVER)
    office.gather(case)
    assert found(office, case).waiting == 0
    office.stores[0].held[:] = [again]
    office.gather(case)
    mine = found(office, case)
    assert [(r.change.kind, r.change.round, r.is_new) for r in mine.rows if r.change.is_still] == [
        (ChangeKind.RELABELLED, 4, True)
    ]


def test_a_record_that_moved_and_was_relabelled_is_both(office):
    case = twice(
        office, [flag()], [replace(flag(category="Violence", native="new"), passages=flag().passages)]
    )
    assert {kind for _, kind in kinds(office, case)} == {ChangeKind.MOVED, ChangeKind.RELABELLED}


def test_the_words_stand_side_by_side_for_those_who_may_see_them(office):
    case = twice(office, [VISIT], [record("visit", "The flat was cold and tidy.")])
    for by in (APPROVER, LEAD, DPO):
        [_, note] = office.comparing.shown(case, leg=1, number=1, by=by).sides
        assert [r.text for r in note.before if r.is_changed] == ["warm"]
        assert [r.text for r in note.after if r.is_changed] == ["cold"]
    for by in (OFFICER, TEAM):
        with pytest.raises(NotAllowed):
            office.comparing.found(case, by=by)
        with pytest.raises(NotAllowed):
            office.comparing.shown(case, leg=1, number=1, by=by)
    for number in (0, 2):
        with pytest.raises(NotFound):
            office.comparing.shown(case, leg=1, number=number, by=DPO)


def test_the_trail_holds_counts_alone(office):
    case = twice(office, [NOTE, VISIT], [NOTE, record("leanne-new", "Marcus was seen.")])
    office.comparing.see(case, leg=1, round_number=2, note="Marcus knows.", at=office.at(), by=APPROVER)
    told = [e for e in office.events(case) if e.kind in {EventKind.CHANGES_FOUND, EventKind.CHANGES_SEEN}]
    assert [dict(e.facts) for e in told] == [
        {"round": 2, "changes": 2, "uncompared": 0}, {"round": 2, "changes": 2},
    ]  # fmt: skip


def test_each_leg_sees_its_own_changes_and_its_own_day(office):
    office.stores = [HeldStore("ward", [record("a", "One.", about=("leanne",))])]
    case = office.receive(own_leg(LEANNE), received_on=RECEIVED)
    office.gather(case)
    office.stores[0].held.append(record("b", "Of another.", about=("isla",)))
    office.gather(case)
    assert kinds(office, case) == set()
