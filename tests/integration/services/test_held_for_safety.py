"""An address that waits holds every part of its person; what is stopped stays shut, and nobody can tell."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from functools import partial

import pytest

from sar.domain.errors import AuthorityNotShown, NotAllowed, SecondPersonNeeded
from sar.domain.parties import DataSubject, Requester, SafeContact, StaffRole
from sar.domain.pathways import INFORMATION_PART
from sar.domain.references import SubjectId
from sar.domain.trail import EventKind
from sar.ports.standing import NEUTRAL
from sar.services.correspondence import NewLetter
from sar.services.intake import NewLeg, NewRequest
from tests.fakes.ports import HeldStore, record
from tests.integration.services.conftest import (
    APPROVER,
    FAMILY,
    ISLA,
    KERRY,
    LEANNE,
    MARCUS,
    OFFICER,
    PRIYA,
    actor,
    child_leg,
    contact,
    own_leg,
)

NEW = SafeContact(postal_address="9 New Street")
VISIT = record("1", "Leanne was polite.")
SECOND_OFFICER = actor("orla", StaffRole.OFFICER)


def change(office, case, to=NEW, leg=1):
    office.standing.set_contact(
        case, contact=to, leg=leg, reason="Rang and asked.", at=office.at(), by=OFFICER
    )


def own_after_all(office, case, subject=LEANNE):
    """As the web sends it: the asker's name, and a number for the person."""
    own = replace(subject, id=SubjectId("subject-own-2"))
    asks = Requester(name=own.name, contact=contact("stale@example.org"), subject=own.id)
    return office.intake.take_as_own_records(
        case, number=1, leg=NewLeg(name="own-2", subject=own, recipient=asks, capacity="self"),
        reason="She asks about herself.", at=office.at(), by=OFFICER,
    )  # fmt: skip


def page_of(office, case):
    return office.enquiries.case_page(office.queue_reference(case), on=office.now.date())


def family_leg(office, case, leg=1):
    found = office.enquiries.family_page(
        office.queue_reference(case), legs=frozenset({leg}), on=office.now.date()
    )
    return found.legs[0]


def stop(office, case, code="suspected-coercion"):
    office.standing.record_conflict(case, leg=1, code=code, note="He listens.", at=office.at(), by=OFFICER)


def send(office, case, **wanted):
    return office.correspondence.send(case, NewLetter(**wanted), at=office.at(), by=OFFICER)


def released(office, with_records, *records):
    case = with_records(*records or (VISIT,))
    office.reviewed(case)
    office.sign_off(case)
    office.release(case)
    return case


# --- one person, one way to be reached ------------------------------------------------------------


def test_own_records_after_all_wait_with_the_address_of_whoever_asked(office) -> None:
    case = office.receive(own_leg(), information="What do you hold on me?")
    change(office, case)
    made = own_after_all(office, case)
    new = page_of(office, case).legs[made - 1]
    assert (new.address_waits, new.contact) == (True, NEW)
    # The old way, not the new one, confirms it, and for both.
    assert [way.code for way, _ in office.standing.known_contacts(case, leg=made)] == ["on-record-email"]
    with pytest.raises(AuthorityNotShown, match="confirmed"):
        send(office, case, kind="progress", leg=made, said={"news": "We look."})
    office.standing.confirm_contact(
        case, leg=made, means="on-record-email", how="Wrote.", is_safe=True, at=office.at(), by=OFFICER
    )
    assert [leg.address_waits for leg in page_of(office, case).legs] == [False, False]


def test_an_address_changed_while_only_policies_were_asked_for_waits_too(office) -> None:
    asker = Requester(name=LEANNE.name, contact=contact())
    case = office.intake.receive(replace(_only_policies(), requester=asker), at=office.at(), by=FAMILY).id
    office.standing.set_contact(case, contact=NEW, reason="Rang.", at=office.at(), by=OFFICER)
    with pytest.raises(NotAllowed):
        office.standing.set_contact(case, contact=contact("his@example.org"), at=office.at(), by=FAMILY)
    made = own_after_all(office, case)
    new = page_of(office, case).legs[made - 1]
    assert (new.address_waits, new.contact) == (True, NEW)


def _only_policies():
    return NewRequest(
        received_on=date(2026, 10, 20), channel="web", nation="england", wording="x", legs=(),
        information="Your policy on alerts.",
    )  # fmt: skip


def test_a_change_of_address_reaches_the_own_records_of_the_same_person(office) -> None:
    mother = Requester(name=LEANNE.name, contact=contact("old@example.org"))
    child = replace(child_leg(), recipient=mother)
    case = office.receive(child, own_leg(MARCUS), information="What do you hold on me?")
    made = own_after_all(office, case)
    change(office, case)
    legs = page_of(office, case).legs
    assert [legs[0].contact, legs[made - 1].contact, page_of(office, case).asker.contact] == [NEW] * 3
    assert [leg.address_waits for leg in legs] == [True, False, True]
    # From the other side as well.
    other = replace(NEW, phone="01632 960555")
    change(office, case, other, leg=made)
    assert page_of(office, case).legs[0].contact == other


def test_the_asker_of_policies_follows_the_change_of_the_own_records(office) -> None:
    asker = Requester(name=LEANNE.name, contact=contact())
    case = office.intake.receive(replace(_only_policies(), requester=asker), at=office.at(), by=FAMILY).id
    made = own_after_all(office, case)
    assert not page_of(office, case).legs[made - 1].address_waits
    change(office, case, leg=made)
    assert page_of(office, case).asker.contact == NEW


def test_a_father_and_his_son_of_one_name_at_one_address_stay_apart(office) -> None:
    home = SafeContact(postal_address="1 Home Street")
    legs = []
    for mark, born in (("father", date(1960, 1, 1)), ("son", date(1990, 1, 1))):
        person = DataSubject(id=SubjectId(mark), name="Dean Ferris", born_on=born)
        asks = Requester(name=person.name, contact=home, subject=person.id)
        legs.append(NewLeg(name=mark, subject=person, recipient=asks, capacity="self"))
    case = office.receive(*legs)
    change(office, case, leg=2)
    assert [leg.contact for leg in page_of(office, case).legs] == [home, NEW]


def test_no_letter_about_policies_goes_to_an_address_that_waits(office) -> None:
    case = office.receive(own_leg(), information="Your policy on flags.")
    change(office, case)
    with pytest.raises(AuthorityNotShown, match="confirmed"):
        send(office, case, kind="progress", leg=INFORMATION_PART, said={"news": "We look."})
    assert office.post.letters == []


@pytest.mark.parametrize(
    ("before", "after", "waits"),
    [
        ("Never write home, he opens letters.", "", True),
        ("Never ring.\nNever write home.", "Never ring.", True),
        ("Never ring.", "Ring in the morning.\n never  Ring.", False),
        ("[The e-mail address x was given and is not proved.]", "", False),
        ("", "Never ring.", False),
    ],
)
def test_to_leave_out_what_must_not_be_done_waits_to_be_confirmed(office, before, after, waits) -> None:
    mine = own_leg()
    home = SafeContact(postal_address="1 Home Street", do_not=before)
    case = office.receive(replace(mine, recipient=replace(mine.recipient, contact=home)))
    change(office, case, replace(home, do_not=after))
    assert page_of(office, case).legs[0].address_waits is waits


def test_a_way_that_nobody_calls_safe_confirms_nothing(office) -> None:
    case = office.receive()
    change(office, case)
    with pytest.raises(NotAllowed) as refused:
        office.standing.confirm_contact(
            case, leg=1, means="on-record-email", how="Answered.", is_safe=False, at=office.at(), by=OFFICER
        )
    assert refused.value.field == "is_safe"
    assert page_of(office, case).legs[0].address_waits


# --- a stop holds, and does not show ---------------------------------------------------------------


def test_the_covering_letter_does_not_leave_while_the_pack_may_not(office, with_records) -> None:
    case = released(office, with_records)
    stop(office, case)
    with pytest.raises(NotAllowed):
        send(office, case, kind="covering", leg=1)
    office.standing.resolve_conflict(
        case, leg=1, code="suspected-coercion", note="Spoke alone.", at=office.at(), by=APPROVER
    )
    send(office, case, kind="covering", leg=1)
    assert len(office.post.letters) == 1


def opens(office, case) -> bool:
    try:
        office.delivery.require_openable(case, leg=1)
    except NotAllowed:
        for refuse in (
            office.delivery.require_openable,
            partial(office.delivery.collected, by=FAMILY, at=office.at()),
        ):
            with pytest.raises(NotAllowed) as refused:
                refuse(case, leg=1)
            assert (refused.value.message, refused.value.next_step) == NEUTRAL
        return False
    return True


def test_a_doubt_after_delivery_shuts_the_pack(office, with_records) -> None:
    case = released(office, with_records)
    office.delivery.deliver(case, leg=1, at=office.at())
    assert opens(office, case)
    office.standing.doubt_identity(
        case, leg=1, asked_on=office.now.date(), reason="She never asked.", at=office.at(), by=OFFICER
    )
    assert not opens(office, case)


def delivered_child(office, born_on):
    isla = replace(ISLA, born_on=born_on)
    office.stores = [HeldStore("ward", [record("1", "Isla was polite.", about=("isla",))], people=(PRIYA,))]
    case = office.receive(replace(child_leg(), subject=isla))
    office.standing.record_authority(
        case, leg=1, got_on=office.now.date(), evidence="birth-certificate", how="Seen.", at=office.at(),
        by=OFFICER,
    )  # fmt: skip
    office.ready(case)
    office.reviewed(case)
    office.sign_off(case)
    office.release(case)
    office.delivery.deliver(case, leg=1, at=office.at())
    return case


def test_a_forged_certificate_taken_back_shuts_the_pack(office) -> None:
    case = delivered_child(office, ISLA.born_on)
    shown = next(e for e in office.events(case) if e.kind is EventKind.AUTHORITY_SHOWN)
    office.timekeeping.withdraw_entry(case, event=shown.seq, reason="Forged.", at=office.at(), by=OFFICER)
    assert not opens(office, case)


def test_a_birthday_alone_shuts_no_pack(office) -> None:
    case = delivered_child(office, date(2014, 12, 1))
    office.now += timedelta(days=60)
    assert opens(office, case)


def again(office, case):
    office.stores = [HeldStore("ward", [VISIT, record("5", "Leanne came again.")], people=(PRIYA,))]
    office.ready(case)
    office.reviewed(case)
    office.sign_off(case)
    office.release(case)


def test_a_stop_on_a_second_pack_changes_nothing_that_the_family_sees(office, with_records) -> None:
    case = released(office, with_records)
    office.delivery.deliver(case, leg=1, at=office.at())
    before = family_leg(office, case)
    again(office, case)
    held = family_leg(office, case)
    stop(office, case)
    stopped = family_leg(office, case)
    for seen in (held, stopped):
        assert (seen.stage, seen.stage_words, seen.pack, seen.progress, seen.signed_off_round) == (
            "delivered", "delivered", before.pack, before.progress, 1,
        )  # fmt: skip
    # The officer sees both; and once it is handed over the family sees the second.
    assert page_of(office, case).legs[0].pack.round == 2
    office.standing.resolve_conflict(
        case, leg=1, code="suspected-coercion", note="Spoke alone.", at=office.at(), by=APPROVER
    )
    office.delivery.deliver(case, leg=1, at=office.at())
    assert family_leg(office, case).pack.round == 2


def test_how_far_a_first_pack_came_is_told_with_its_delivery(office, with_records) -> None:
    case = with_records(VISIT)
    office.reviewed(case)
    before = family_leg(office, case)
    office.sign_off(case)
    signed = family_leg(office, case)
    office.release(case)
    stop(office, case)
    office.now += timedelta(days=40)
    stopped = family_leg(office, case)
    for seen in (signed, stopped):
        assert (seen.stage, seen.pack, seen.progress) == ("review", None, before.progress)
    assert [step.state for step in stopped.progress] == ["done", "done", "now", "next", "next"]
    office.standing.resolve_conflict(
        case, leg=1, code="suspected-coercion", note="Spoke alone.", at=office.at(), by=APPROVER
    )
    office.delivery.deliver(case, leg=1, at=office.at())
    steps = family_leg(office, case).progress
    assert {step.state for step in steps} == {"done"}
    assert [step.on is None for step in steps] == [False, False, True, True, False]


# --- whoever is only asked -------------------------------------------------------------------------


RANG = record("1", "Leanne was polite. Kerry Lomax rang twice.")


def ask_kerry(office, case, *, named):
    return office.correspondence.ask_consultee(
        case, leg=1, person="kerry", record="ward/1", quote="Kerry Lomax rang twice.", names_requester=named,
        at=office.at(), by=OFFICER,
    )  # fmt: skip


def test_a_letter_to_whoever_is_asked_bears_a_reference_of_its_own(office, with_records) -> None:
    case = with_records(RANG, people=[KERRY])
    asked = ask_kerry(office, case, named=False)
    send(
        office, case, kind="third-party-consultation", leg=1, consultation=asked,
        said={"address": "kerry@example.org"},
    )  # fmt: skip
    letter = office.post.letters[-1]
    text = "\n".join((letter.subject, *letter.paragraphs))
    (row,) = office.correspondence.consultees(case, leg=1)
    assert row.reference in text
    (queued,) = office.enquiries.queue(on=office.now.date())
    assert row.reference in queued.also[-1]
    assert str(office.queue_reference(case)) not in text


@pytest.mark.parametrize(
    "code", ["suspected-coercion", "no-contact-order", "domestic-abuse", "hidden-address", "marac"]
)
def test_the_asker_is_named_to_nobody_while_a_stop_protects(office, with_records, code) -> None:
    case = with_records(RANG, people=[KERRY])
    earlier = ask_kerry(office, case, named=True)
    stop(office, case, code)
    with pytest.raises(NotAllowed) as refused:
        ask_kerry(office, case, named=True)
    assert refused.value.field == "named"
    with pytest.raises(NotAllowed):
        send(
            office, case, kind="third-party-consultation", leg=1, consultation=earlier,
            said={"address": "kerry@example.org"},
        )  # fmt: skip
    assert ask_kerry(office, case, named=False)


# --- wrong entries ---------------------------------------------------------------------------------


def test_a_document_of_another_child_can_be_taken_back(office) -> None:
    asks = Requester(name="Dean Ferris", contact=contact("dean@example.org"))
    case = office.receive(
        NewLeg(name="isla", subject=replace(ISLA, born_on=date(2018, 5, 5)), recipient=asks,
               capacity="competent-child-authority")
    )  # fmt: skip
    for evidence in ("child-understands", "child-authority"):
        office.standing.record_authority(
            case, leg=1, got_on=office.now.date(), evidence=evidence, how="Seen.", at=office.at(), by=OFFICER
        )
    assert not office.standing.check(case, leg=1, on=office.now.date()).missing
    seen = next(e for e in office.events(case) if e.kind is EventKind.EVIDENCE_SEEN)
    assert seen.seq in {row.event for row in office.enquiries.dated_entries(case)}
    due = page_of(office, case).legs[0].due_on
    office.timekeeping.withdraw_entry(
        case, event=seen.seq, reason="Another child's.", at=office.at(), by=OFFICER
    )
    assert office.standing.check(case, leg=1, on=office.now.date()).missing
    assert page_of(office, case).legs[0].due_on == due


def test_a_judgement_of_who_asks_can_be_taken_back(office, with_records) -> None:
    case = with_records(VISIT)
    office.reviewed(case)
    judged = next(e for e in office.events(case) if e.kind is EventKind.IDENTITY_JUDGED)
    office.timekeeping.withdraw_entry(
        case, event=judged.seq, reason="The wrong case.", at=office.at(), by=OFFICER
    )
    with pytest.raises(Exception, match=r"who is asking|identity|know"):
        office.sign_off(case)


def test_a_judgement_taken_back_after_sign_off_holds_and_shuts_the_pack(office, with_records) -> None:
    case = released(office, with_records)
    office.delivery.deliver(case, leg=1, at=office.at())
    again(office, case)
    for judged in [e for e in office.events(case) if e.kind is EventKind.IDENTITY_JUDGED]:
        office.timekeeping.withdraw_entry(
            case, event=judged.seq, reason="The wrong case.", at=office.at(), by=OFFICER
        )
    with pytest.raises(AuthorityNotShown):
        office.delivery.deliver(case, leg=1, at=office.at())
    assert not opens(office, case)
    office.know(case)
    office.delivery.deliver(case, leg=1, at=office.at())
    assert opens(office, case)


def test_a_doubt_is_taken_back_only_by_somebody_else(office, with_records) -> None:
    case = with_records(VISIT)
    office.standing.doubt_identity(
        case, leg=1, asked_on=office.now.date(), reason="Odd.", at=office.at(), by=OFFICER
    )
    asked = office.events(case)[-1]
    taken = {"event": asked.seq, "reason": "It was another case."}
    with pytest.raises(SecondPersonNeeded):
        office.timekeeping.withdraw_entry(case, **taken, at=office.at(), by=OFFICER)
    assert office.waits(case) == "identity"
    office.timekeeping.withdraw_entry(case, **taken, at=office.at(), by=SECOND_OFFICER)
    assert office.waits(case) == ""
