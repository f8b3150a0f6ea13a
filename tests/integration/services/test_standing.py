"""Who may ask: nothing leaves before it is shown, a stop holds one leg and tells nobody, a contact is confirmed."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from sar.domain.conflicts import Conflict
from sar.domain.errors import (
    AuthorityNotShown,
    DecisionNotSupported,
    InvalidInput,
    NotAllowed,
    OutOfOrder,
    SecondPersonNeeded,
    UnknownName,
)
from sar.domain.opinions import OpinionResult
from sar.domain.parties import DataSubject, Requester, SafeContact, StaffRole
from sar.domain.records import DataClass
from sar.domain.references import SubjectId
from sar.domain.trail import EventKind
from sar.ports.casework import leg_of, state_of
from sar.services.intake import NewLeg
from tests.fakes.ports import HeldStore, record
from tests.integration.services.conftest import (
    APPROVER,
    FAMILY,
    ISLA,
    LAWYER,
    LEANNE,
    OFFICER,
    RECEIVED,
    actor,
    child_leg,
    own_leg,
)

BOTH = actor("beth", StaffRole.OFFICER, StaffRole.APPROVER)
NEW = SafeContact(email="", phone="01632 960555")
PAPER = {"evidence": "birth-certificate", "how": "Seen at the desk."}


def leg_page(office, case, leg=1):
    return office.enquiries.case_page(office.queue_reference(case), on=office.now.date()).legs[leg - 1]


def state(office, case, leg=1):
    with office.archive.reading(case) as file:
        return state_of(file).leg(leg)


def contact_of(office, case, leg=1):
    with office.archive.reading(case) as file:
        return leg_of(file, leg).recipient.contact


def stop(office, case, code="suspected-coercion", leg=1, by=OFFICER):
    office.standing.record_conflict(case, leg=leg, code=code, note="From his phone.", at=office.at(), by=by)


def lift(office, case, code="suspected-coercion", leg=1, by=APPROVER, **more):
    office.standing.resolve_conflict(
        case, leg=leg, code=code, note="Seen alone.", at=office.at(), by=by, **more
    )


def to_pack(office, *texts, legs=()):
    office.stores = [
        HeldStore("ward", [record(str(i), text) for i, text in enumerate(texts or ("She was well.",))])
    ]
    case = office.receive(*legs)
    office.ready(case)
    office.reviewed(case)
    return case


@pytest.mark.parametrize("doubted", [True, False])
def test_facts_a_former_partner_knows_never_show_who_asks(office, doubted):
    case = office.receive()
    if doubted:
        office.standing.doubt_identity(
            case, leg=1, asked_on=RECEIVED, reason="A new number.", at=office.at(), by=OFFICER
        )
    before = len(office.events(case))
    given = {"leg": 1, "got_on": RECEIVED, "how": "Her date of birth and old address.", "by": OFFICER}
    with pytest.raises(NotAllowed) as refused:
        office.standing.record_identity(case, means="facts-answered", at=office.at(), **given)
    assert refused.value.field == "means"
    with pytest.raises(UnknownName):
        office.standing.record_identity(case, means="", at=office.at(), **given)
    assert len(office.events(case)) == before
    office.standing.record_identity(case, means="photo-document", at=office.at(), **given)
    last = office.events(case)[-1]
    assert last.facts["means"] == "photo-document"
    assert last.kind is (EventKind.IDENTITY_SHOWN if doubted else EventKind.IDENTITY_JUDGED)


def test_a_document_of_another_right_is_refused_and_nothing_is_kept(office):
    case = office.receive(own_leg(), child_leg())
    before = len(office.events(case))
    wrong = {"evidence": "grant", "how": "Seen."}
    with pytest.raises(InvalidInput) as refused:
        office.standing.record_authority(case, leg=2, got_on=RECEIVED, at=office.at(), by=OFFICER, **wrong)
    assert "birth certificate" in refused.value.next_step
    with pytest.raises(NotAllowed):
        office.standing.record_authority(case, leg=2, got_on=RECEIVED, at=office.at(), by=APPROVER, **PAPER)
    assert len(office.events(case)) == before


@pytest.mark.parametrize(
    "order", [("child-authority", "child-understands"), ("child-understands", "child-authority")]
)
def test_the_right_is_shown_on_the_day_the_last_needed_document_came(office, order):
    mother = Requester(name=LEANNE.name, contact=SafeContact(email="leanne@example.org"), subject=LEANNE.id)
    leg = replace(child_leg(), recipient=mother, capacity="competent-child-authority")
    case = office.receive(leg)
    days = {"child-authority": date(2026, 10, 27), "child-understands": date(2026, 10, 23)}
    for evidence in order:
        assert state(office, case).waits_for == "authority"
        office.standing.record_authority(
            case, leg=1, got_on=days[evidence], evidence=evidence, how="Seen.", at=office.at(), by=OFFICER
        )
    page = leg_page(office, case)
    assert page.missing == ()
    assert page.start_on == date(2026, 10, 27)


def test_a_change_of_name_alone_shows_no_right(office):
    case = office.receive(child_leg())
    office.standing.record_authority(
        case, leg=1, got_on=RECEIVED, evidence="name-change", how="Seen.", at=office.at(), by=OFFICER
    )
    assert state(office, case).waits_for == "authority"


def test_one_legs_missing_authority_never_delays_another(office):
    case = to_pack(office, legs=(own_leg(), child_leg()))
    office.sign_off(case)
    office.release(case)
    office.delivery.deliver(case, leg=1, at=office.at())
    assert leg_page(office, case, 2).missing
    assert len(office.post.letters) == 1


def test_a_child_who_becomes_old_enough_during_the_case_is_asked_first(office):
    child = replace(ISLA, born_on=date(2014, 11, 10))
    office.stores = [HeldStore("ward", [record("1", "Isla was well.", about=("isla",))])]
    case = office.receive(replace(child_leg(), subject=child))
    office.standing.record_authority(case, leg=1, got_on=RECEIVED, at=office.at(), by=OFFICER, **PAPER)
    assert leg_page(office, case).conflicts == ()
    office.ready(case)
    office.reviewed(case)
    office.now = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
    assert leg_page(office, case).conflicts == ("child-old-enough",)
    with pytest.raises(DecisionNotSupported):
        office.sign_off(case)
    with pytest.raises(InvalidInput) as refused:
        lift(office, case, "child-old-enough")
    assert refused.value.field == "child_asked"
    lift(office, case, "child-old-enough", child_asked="asked")
    office.sign_off(case)


def test_nobody_lifts_the_stop_they_recorded_even_with_both_roles(office):
    case = office.receive()
    stop(office, case, by=BOTH)
    with pytest.raises(SecondPersonNeeded):
        lift(office, case, by=BOTH)
    stop(office, case, by=OFFICER)  # Recorded once more by another: it is still theirs too.
    with pytest.raises(SecondPersonNeeded):
        lift(office, case, by=BOTH)
    lift(office, case)
    assert leg_page(office, case).conflicts == ()


def test_papers_of_a_family_court_go_on_with_a_lawyers_decision_only(office):
    case = office.receive()
    stop(office, case, "family-court-papers")
    with pytest.raises(NotAllowed):
        lift(office, case, "family-court-papers")
    lift(office, case, "family-court-papers", by=LAWYER)


def test_an_unknown_stop_is_refused_and_nothing_is_kept(office):
    case = office.receive()
    before = len(office.events(case))
    for code in ("", "MARAC", "no-such"):
        with pytest.raises(UnknownName):
            stop(office, case, code)
    assert len(office.events(case)) == before


@pytest.mark.parametrize("code", [c.code for c in Conflict])
def test_a_stop_holds_sign_off_release_delivery_and_opening_but_not_the_clock(office, code):
    more = {"child_asked": "not-asked"} if code == "child-old-enough" else {}
    case = to_pack(office)
    due = leg_page(office, case).due_on
    stop(office, case, code)
    with pytest.raises(DecisionNotSupported):
        office.sign_off(case)
    assert leg_page(office, case).due_on == due
    lift(office, case, code, by=LAWYER if code == "family-court-papers" else APPROVER, **more)
    office.sign_off(case)
    office.release(case)
    stop(office, case, code)
    with pytest.raises(NotAllowed):
        office.delivery.deliver(case, leg=1, at=office.at())
    assert office.post.letters == []
    lift(office, case, code, by=LAWYER if code == "family-court-papers" else APPROVER, **more)
    office.delivery.deliver(case, leg=1, at=office.at())
    stop(office, case, code)
    with pytest.raises(NotAllowed) as refused:
        office.delivery.collected(case, leg=1, at=office.at(), by=FAMILY)
    # The same words for every kind of stop.
    assert refused.value.message == "This pack cannot be opened at the moment."
    assert state(office, case).collected_at is None


def test_a_stop_after_sign_off_holds_the_release(office):
    case = to_pack(office)
    office.sign_off(case)
    stop(office, case)
    with pytest.raises(NotAllowed):
        office.release(case)
    assert state(office, case).released_round == 0


def test_what_a_family_sees_is_the_same_with_and_without_suspected_coercion(office):
    plain, pressed = office.receive(), office.receive()
    stop(office, pressed)
    seen = []
    for case in (plain, pressed):
        page = office.enquiries.family_page(
            office.queue_reference(case), legs=frozenset({1}), on=office.now.date()
        )
        leg = page.legs[0]
        seen.append((leg.stage, leg.stage_words, leg.due_on, leg.clock_steps, leg.waiting_for, leg.progress,
                     leg.stops, leg.missing, leg.address_waits, page.next_steps))  # fmt: skip
    assert seen[0] == seen[1]
    assert leg_page(office, pressed).stops[0].is_silent
    assert leg_page(office, pressed).stops[0].note == "From his phone."


def test_the_program_stops_for_what_it_finds_once_and_a_person_lifts_it(office):
    held = [record("1", "Heard at MARAC."), record("2", "The MARAC met again.")]
    office.stores = [HeldStore("ward", held)]
    case = office.receive()
    office.gather(case)
    recorded = [e for e in office.events(case) if e.kind is EventKind.CONFLICT_RECORDED]
    assert [(e.facts["code"], e.by) for e in recorded] == [("marac", "sar")]
    row = leg_page(office, case).stops[0]
    assert row.found_by_program
    assert "case note of" in row.note
    assert office.enquiries.queue(on=office.now.date())[0].stopped == 1
    stop(office, case, "marac")
    assert not leg_page(office, case).stops[0].found_by_program
    lift(office, case, "marac")
    office.gather(case)
    assert leg_page(office, case).conflicts == ()
    office.stores = [HeldStore("ward", [*held, record("3", "A third MARAC.")])]
    office.gather(case)
    assert leg_page(office, case).conflicts == ("marac",)


def test_a_find_made_while_a_stop_is_in_force_is_shown_to_whoever_lifts_it(office):
    office.stores = [HeldStore("ward", [record("7", "MARAC of 3 May 2026: high risk.")])]
    case = office.receive(wording="Everything, also what the MARAC said.")
    assert leg_page(office, case).stops[0].note == "What the requester wrote."
    stop(office, case, "marac")
    office.gather(case)
    note = leg_page(office, case).stops[0].note
    assert "case note of" in note
    assert "What the requester wrote." in note
    assert "From his phone." in note
    lift(office, case, "marac")
    office.gather(case)
    assert leg_page(office, case).conflicts == ()
    office.stores = [HeldStore("ward", [record("7", "MARAC of 3 May 2026: high risk. A second referral.")])]
    office.gather(case)
    (row,) = leg_page(office, case).stops
    assert "case note of" in row.note
    assert "From his phone." not in row.note


def change(office, case, contact=NEW, email="new@example.org", leg=1, by=OFFICER, reason="He reads it."):
    office.standing.set_contact(
        case, contact=contact, leg=leg, reason=reason, unproved_email=email, at=office.at(), by=by
    )


def confirm(office, case, means, leg=1):
    office.standing.confirm_contact(
        case, leg=leg, means=means, how="Rang.", is_safe=True, at=office.at(), by=OFFICER
    )


def test_nothing_is_handed_over_at_a_new_address_until_it_is_confirmed(office):
    case = to_pack(office)
    office.sign_off(case)
    office.release(case)
    due = leg_page(office, case).due_on
    change(office, case)
    proved = replace(NEW, email="new@example.org")
    office.standing.prove_contact(case, leg=1, contact=proved, at=office.at(), by=OFFICER)
    assert leg_page(office, case).address_waits
    with pytest.raises(AuthorityNotShown, match="confirmed"):
        office.delivery.deliver(case, leg=1, at=office.at())
    assert leg_page(office, case).due_on == due
    with pytest.raises(InvalidInput):
        confirm(office, case, "on-record-phone")  # The only phone is the new one.
    confirm(office, case, "on-record-email")
    office.delivery.deliver(case, leg=1, at=office.at())
    assert [letter.address for letter in office.post.letters] == ["new@example.org"]


def test_a_change_cannot_be_confirmed_through_an_earlier_change_that_waits(office):
    case = office.receive()
    change(office, case)
    change(office, case, replace(NEW, postal_address="1 Elsewhere"))
    for means in ("on-record-phone", "on-record-post", "facts-answered", "checked-account"):
        with pytest.raises((InvalidInput, NotAllowed)):
            confirm(office, case, means)
    assert state(office, case).contact_waits


def test_a_proved_mailbox_must_be_the_one_that_was_asked_about(office):
    case = office.receive()
    change(office, case)
    for other in (replace(NEW, email="his@example.org"), replace(NEW, email="new@example.org", phone="9")):
        with pytest.raises(OutOfOrder):
            office.standing.prove_contact(case, leg=1, contact=other, at=office.at(), by=OFFICER)
    assert contact_of(office, case).email == ""


def test_to_shut_an_address_out_needs_no_confirmation(office):
    case = office.receive()
    change(office, case, SafeContact(do_not="No e-mail."), email="")
    assert not state(office, case).contact_waits


def test_the_browser_that_sent_the_request_changes_nothing_after_an_officer_did(office):
    case = office.receive()
    his = SafeContact(email="his@example.org")
    office.standing.set_contact(
        case, contact=SafeContact(email="mended@example.org"), at=office.at(), by=FAMILY
    )
    change(office, case)
    with pytest.raises(NotAllowed):
        office.standing.set_contact(case, contact=his, at=office.at(), by=FAMILY)
    with pytest.raises(NotAllowed):
        change(office, case, his, by=APPROVER)
    assert contact_of(office, case) == NEW


def test_a_namesakes_contact_stays_as_it_is(office):
    """A father and his son of one name: two people who receive."""
    father = own_leg()
    son_contact = SafeContact(email="son@example.org")
    son = replace(child_leg(), recipient=Requester(name=LEANNE.name, contact=son_contact))
    case = office.receive(father, son)
    change(office, case)
    assert contact_of(office, case, 1) == NEW
    assert contact_of(office, case, 2) == son_contact
    assert not state(office, case, 2).contact_waits


EDITH = DataSubject(id=SubjectId("edith"), name="Edith Hartley", born_on=date(1940, 5, 5))


def by_attorney(office, *records):
    office.stores = [HeldStore("ward", list(records))]
    asks = Requester(name="Dean Hartley", contact=SafeContact(email="dean@example.org"))
    case = office.receive(NewLeg(name="edith", subject=EDITH, recipient=asks, capacity="attorney"))
    show(office, case, "property-attorney")
    office.ready(case)
    if health := [str(r.key) for r in office.records(case) if r.data_class is DataClass.HEALTH]:
        office.opinion(case, OpinionResult.NOT_MET, *health)
    office.reviewed(case)
    return case


def show(office, case, evidence):
    office.standing.record_authority(
        case, leg=1, got_on=office.now.date(), evidence=evidence, how="Seen.", at=office.at(), by=OFFICER
    )


def blockers(office, case):
    found = office.signoff.readiness(case, leg=1, on=office.now.date()).blockers
    return [words for words in found if "property and money" in words]


@pytest.mark.parametrize("paper", ["health-attorney", "power-reaches-health"])
def test_a_property_attorney_gets_health_records_only_for_a_recorded_reason(office, paper):
    case = by_attorney(
        office, record("1", "Edith was polite.", about=(EDITH.id,), data_class=DataClass.HEALTH)
    )
    assert len(blockers(office, case)) == 1
    with pytest.raises(DecisionNotSupported):
        office.sign_off(case)
    show(office, case, paper)
    assert blockers(office, case) == []


def test_a_property_attorney_gets_what_is_not_about_health(office):
    case = by_attorney(office, record("1", "Edith paid.", about=(EDITH.id,)))
    assert blockers(office, case) == []
