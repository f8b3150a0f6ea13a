"""Each part of a request is accepted under the law that answers it, with its own dates, and delays no other."""

from dataclasses import replace
from datetime import date

import pytest

from sar.domain.errors import (
    AuthorityNotShown,
    ImpossibleDate,
    InvalidInput,
    NotAllowed,
    NotFound,
    OutOfOrder,
    UnknownName,
)
from sar.domain.parties import Requester
from sar.domain.pathways import INFORMATION_PART
from sar.domain.references import SubjectId
from sar.domain.trail import EventKind
from sar.ports.casework import state_of
from sar.services.intake import NewLeg
from tests.fakes.ports import HeldStore, record
from tests.integration.services.conftest import (
    APPROVER,
    FAMILY,
    ISLA,
    LEANNE,
    OFFICER,
    RECEIVED,
    child_leg,
    contact,
    own_leg,
    request,
)

MOTHER = Requester(name=LEANNE.name, contact=contact(), subject=LEANNE.id)
LOST = replace(ISLA, id=SubjectId("lost"), name="Noah Hartley", died_on=date(2026, 9, 3))
POLICIES = "How many alerts were raised by mistake last year?"


def dead_leg(records="health", capacity="personal-representative", **more):
    return NewLeg(
        name=f"noah-{records}", subject=LOST, recipient=MOTHER, capacity=capacity, records=records, **more
    )


def page_of(office, case):
    return office.enquiries.case_page(office.queue_reference(case), on=office.now.date())


def family_of(office, case, *parts):
    return office.enquiries.family_page(
        office.queue_reference(case), legs=frozenset(parts), on=office.now.date()
    )


def kinds(office, case):
    return [(e.kind, e.leg, e.facts.get("code")) for e in office.events(case)]


def information_only(**more):
    return replace(request(), legs=(), information=POLICIES, requester=MOTHER, **more)


def test_a_bereaved_mother_has_three_parts_each_under_its_own_law(office):
    case = office.receive(own_leg(), dead_leg(), dead_leg("council"))
    own, health, council = page_of(office, case).legs
    assert [leg.law.code for leg in (own, health, council)] == [
        "subject-access", "health-records-of-the-dead", "dead-council-file",
    ]  # fmt: skip
    assert own.due_on == date(2026, 11, 20)
    # 21 days where the record was added to lately, else 40: the safe day is the first.
    assert [row.due_on for row in health.law.dues] == [date(2026, 11, 10), date(2026, 11, 29)]
    assert health.due_on == date(2026, 11, 10)
    assert council.due_on is None
    assert "no last day" in council.clock_steps[-1]
    assert (EventKind.PATHWAY_CHOSEN, 2, "health-records-of-the-dead") in kinds(office, case)
    assert not any(kind is EventKind.PATHWAY_CHOSEN and leg == 1 for kind, leg, _ in kinds(office, case))


def test_parts_without_a_pack_are_not_gathered_and_delay_nobody(office):
    office.stores.append(HeldStore("ward", [record("1", about=(LEANNE.id,)), record("2", about=(LOST.id,))]))
    case = office.receive(own_leg(), dead_leg())
    number = office.gathering.begin(case, at=office.at(), by=OFFICER)
    assert {subject for _, subject in office.gathering.plan(case, number)} == {LEANNE.id}
    for store, subject in office.gathering.plan(case, number):
        office.gathering.ask(
            case, round_number=number, store=store, subject=subject, attempt=1, at=office.at()
        )
    office.gathering.conclude(case, round_number=number, at=office.at())
    office.people.build(case, round_number=number, at=office.at())
    office.review.propose(case, leg=1, at=office.at())
    for step in (
        lambda: office.review.propose(case, leg=2, at=office.at()),
        lambda: office.signoff.sign_off(case, leg=2, at=office.at(), by=APPROVER),
        lambda: office.packing.build(case, leg=2, at=office.at()),
    ):
        with pytest.raises(OutOfOrder):
            step()
    own, dead = page_of(office, case).legs
    assert own.stage == "review"
    assert dead.stage == "waiting-for-family"  # The grant of probate was asked for.


def test_a_case_without_any_pack_has_nothing_to_gather(office):
    case = office.receive(dead_leg("council", "bereaved-relative"))
    with pytest.raises(OutOfOrder):
        office.gathering.begin(case, at=office.at(), by=OFFICER)


def test_discretion_is_decided_by_an_approver_once_and_with_reasons(office):
    case = office.receive(dead_leg("council", "bereaved-relative"))
    row = office.enquiries.queue(on=office.now.date())[0]
    assert (row.stage, row.due_on, row.overdue) == ("waiting for a decision", None, False)
    assert row.also == ("The council file of someone who has died",)
    made = {
        "leg": 1,
        "outcome": "shared-in-part",
        "on": date(2026, 10, 30),
        "reason": "Her grief weighs more.",
    }
    office.know(case)
    before = len(office.events(case))
    for wrong, kind, field in (
        ({"reason": " "}, InvalidInput, "reason"),
        ({"outcome": "burned"}, UnknownName, "outcome"),
        ({"on": date(2026, 11, 3)}, ImpossibleDate, "on"),
        ({"on": date(2026, 10, 19)}, ImpossibleDate, "on"),
    ):
        with pytest.raises(kind) as refused:
            office.routing.decide(case, **(made | wrong), at=office.at(), by=APPROVER)
        assert refused.value.field == field
    with pytest.raises(NotAllowed):
        office.routing.decide(case, **made, at=office.at(), by=OFFICER)
    assert len(office.events(case)) == before
    office.routing.decide(case, **made, at=office.at(), by=APPROVER)
    with pytest.raises(OutOfOrder):
        office.routing.decide(case, **made, at=office.at(), by=APPROVER)
    (leg,) = page_of(office, case).legs
    assert (leg.stage, leg.law.outcome, leg.law.decided_on) == (
        "answered",
        "Shared in part",
        date(2026, 10, 30),
    )
    assert office.enquiries.queue(on=office.now.date())[0].stage == "answered"
    assert "grief" not in repr(office.events(case))


def give(office, case, **said):
    given = {"leg": 1, "outcome": "given", "on": RECEIVED, "reason": "It is theirs.", "by": OFFICER, **said}
    office.routing.decide(case, at=office.at(), **given)


def refused_to_give(office, case, words, kind=AuthorityNotShown, **said):
    with pytest.raises(kind) as refused:
        give(office, case, **said)
    assert words in refused.value.message
    assert page_of(office, case).legs[0].law.decided_on is None


def test_the_record_of_the_dead_is_given_to_whoever_is_known_shows_the_grant_and_is_not_stopped(office):
    case = office.receive(dead_leg())
    refused_to_give(office, case, "how they know who is asking")
    office.know(case)
    refused_to_give(office, case, "right to ask")
    office.standing.record_authority(
        case, leg=1, got_on=RECEIVED, evidence="grant", how="Seen.", at=office.at(), by=OFFICER
    )
    office.standing.record_conflict(
        case, leg=1, code="suspected-coercion", note="He listens in.", at=office.at(), by=OFFICER
    )
    refused_to_give(office, case, "stopped", NotAllowed)
    refused_to_give(office, case, "stopped", NotAllowed, outcome="given-in-part", by=APPROVER)
    office.standing.resolve_conflict(
        case, leg=1, code="suspected-coercion", note="She came alone.", at=office.at(), by=APPROVER
    )
    office.standing.doubt_identity(
        case, leg=1, asked_on=office.now.date(), reason="Another voice.", at=office.at(), by=OFFICER
    )
    refused_to_give(office, case, "has not come")
    office.standing.record_identity(
        case,
        leg=1,
        got_on=office.now.date(),
        means="known-in-person",
        how="Here.",
        at=office.at(),
        by=OFFICER,
    )
    give(office, case)
    assert page_of(office, case).legs[0].stage == "answered"


@pytest.mark.parametrize("outcome", ["nothing-held", "refused", "withdrawn"])
def test_what_gives_nothing_needs_no_proof_and_no_lifted_stop(office, outcome):
    case = office.receive(dead_leg())
    office.standing.record_conflict(
        case, leg=1, code="suspected-coercion", note="He listens in.", at=office.at(), by=OFFICER
    )
    give(office, case, outcome=outcome, by=APPROVER)
    assert page_of(office, case).legs[0].stage == "answered"


@pytest.mark.parametrize("outcome", ["shared", "shared-in-part"])
@pytest.mark.parametrize("records", ["health", "council"])
def test_discretion_obeys_a_stop_too(office, records, outcome):
    case = office.receive(dead_leg(records, "bereaved-relative"))
    office.know(case)
    office.standing.record_conflict(
        case, leg=1, code="police-matter", note="An inquest.", at=office.at(), by=OFFICER
    )
    refused_to_give(office, case, "stopped", NotAllowed, outcome=outcome, by=APPROVER)


def test_another_law_is_no_way_around_a_stop(office):
    teen = replace(ISLA, born_on=date(2012, 2, 8))
    case = office.receive(replace(child_leg(), subject=teen))
    office.know(case)
    office.routing.choose(
        case, leg=1, pathway="pupil-record", reason="The school file.", at=office.at(), by=OFFICER
    )
    assert page_of(office, case).legs[0].conflicts == ("child-old-enough",)
    refused_to_give(office, case, "stopped", NotAllowed)


def test_a_stop_by_the_childs_age_alone_goes_with_the_leg_to_another_law(office):
    nearly = replace(ISLA, born_on=date(2014, 10, 25))  # Below the age on the day of receipt.
    office.stores = []
    case = office.receive(replace(child_leg(), subject=nearly))
    assert "conflict recorded" not in [e.kind.value for e in office.events(case)]
    office.routing.choose(
        case, leg=1, pathway="pupil-record", reason="The school file.", at=office.at(), by=OFFICER
    )
    assert page_of(office, case).legs[0].conflicts == ("child-old-enough",)


def test_a_reason_to_stop_in_the_request_stops_a_part_without_a_pack(office):
    case = office.receive(
        replace(child_leg(), records="maintained-school"), wording="There is a non-molestation order."
    )
    office.know(case)
    assert page_of(office, case).legs[0].conflicts == ("no-contact-order",)
    refused_to_give(office, case, "stopped", NotAllowed)


def test_nothing_held_needs_no_approver(office):
    case = office.receive(dead_leg("council", "bereaved-relative"))
    office.routing.decide(
        case,
        leg=1,
        outcome="nothing-held",
        on=date(2026, 10, 30),
        reason="Searched.",
        at=office.at(),
        by=OFFICER,
    )
    assert page_of(office, case).legs[0].stage == "answered"


def test_a_leg_of_the_whole_route_cannot_be_decided_away(office):
    case = office.receive(own_leg())
    with pytest.raises(OutOfOrder):
        office.routing.decide(
            case, leg=1, outcome="withdrawn", on=RECEIVED, reason="No.", at=office.at(), by=APPROVER
        )


def test_without_parental_responsibility_the_own_part_goes_on(office):
    case = office.receive(own_leg(), replace(child_leg(), has_responsibility=False))
    own, child = page_of(office, case).legs
    assert (own.law.code, own.due_on) == ("subject-access", date(2026, 11, 20))
    assert (child.law.code, child.stage) == ("parent-without-responsibility", "decision")
    assert child.due_on == date(2026, 11, 20)
    assert EventKind.AUTHORITY_ASKED not in [kind for kind, leg, _ in kinds(office, case) if leg == 2]


@pytest.mark.parametrize(
    ("marks", "code"), [({"was_in_care": True}, "care-leaver"), ({"was_adopted": True}, "adopted-adult")]
)
def test_care_leavers_and_adopted_adults_go_the_whole_route_with_their_own_words(office, marks, code):
    case = office.receive(replace(own_leg(), **marks))
    (leg,) = page_of(office, case).legs
    assert (leg.law.code, leg.law.letter, leg.law.whole_route) == (code, code, True)
    assert (leg.stage, leg.due_on) == ("received", date(2026, 11, 20))


def test_policies_alone_are_logged_from_receipt_and_every_page_works(office):
    head = office.intake.receive(information_only(), at=office.at(), by=FAMILY)
    assert [kind for kind, _, _ in kinds(office, head.id)] == [
        EventKind.REQUEST_RECEIVED, EventKind.INFORMATION_REQUEST_LOGGED,
    ]  # fmt: skip
    row = office.enquiries.queue(on=office.now.date())[0]
    assert (row.legs, row.due_on, row.stage) == (0, date(2026, 11, 17), "waiting for a decision")
    page = page_of(office, head.id)
    assert page.legs == ()
    assert page.information[0].words == POLICIES
    assert page.asker.name == LEANNE.name
    assert page.timeline
    seen = family_of(office, head.id, INFORMATION_PART)
    assert seen.information[0].due_on == date(2026, 11, 17)
    assert POLICIES not in repr(office.events(head.id))
    with pytest.raises(OutOfOrder):
        office.gathering.begin(head.id, at=office.at(), by=OFFICER)
    new = contact("new@example.org")
    office.standing.set_contact(head.id, contact=new, at=office.at(), by=FAMILY)
    assert page_of(office, head.id).asker.contact.email == "new@example.org"
    made = office.complaints.open(
        head.id, route="foi", about="Late", words="No answer.", received_on=office.now.date(), at=office.at(),
        by=FAMILY, leg=INFORMATION_PART,
    )  # fmt: skip
    assert [c.id for c in family_of(office, head.id, INFORMATION_PART).complaints] == [made]


def test_a_mixed_request_is_split_and_each_part_seen_only_by_its_grant(office):
    case = office.receive(own_leg(), information=POLICIES, asked_as_foi=True)
    page = page_of(office, case)
    assert (page.legs[0].due_on, page.information[0].due_on) == (date(2026, 11, 20), date(2026, 11, 17))
    assert office.enquiries.queue(on=office.now.date())[0].due_on == date(2026, 11, 17)
    assert [row.code for row in page.beside] == ["own-records-asked-as-foi"]
    assert family_of(office, case, 1).information == ()
    assert family_of(office, case, 1).beside[0].letter == "foi-own-records"
    only = family_of(office, case, INFORMATION_PART)
    assert (only.legs, len(only.information)) == ((), 1)
    office.routing.answer_information(
        case, number=1, outcome="answered", on=date(2026, 10, 30), reason="Sent.", at=office.at(), by=OFFICER
    )
    row = office.enquiries.queue(on=office.now.date())[0]
    assert (row.stage, row.due_on) == ("received", date(2026, 11, 20))
    with pytest.raises(OutOfOrder):
        office.routing.answer_information(
            case,
            number=1,
            outcome="answered",
            on=date(2026, 10, 30),
            reason="Again.",
            at=office.at(),
            by=OFFICER,
        )


def test_an_officer_splits_later_from_the_day_of_receipt(office):
    case = office.receive(own_leg())
    said = {"words": POLICIES, "reason": "It was on page two."}
    for wrong, field in (({"words": " "}, "information"), ({"reason": ""}, "reason")):
        with pytest.raises(InvalidInput) as refused:
            office.routing.log_information(case, **(said | wrong), at=office.at(), by=OFFICER)
        assert refused.value.field == field
    with pytest.raises(NotAllowed):
        office.routing.log_information(case, **said, at=office.at(), by=APPROVER)
    assert len(office.events(case)) == 1
    office.routing.log_information(case, **said, at=office.at(), by=OFFICER)
    office.routing.log_information(case, **said, received_on=date(2026, 10, 27), at=office.at(), by=OFFICER)
    first, second = page_of(office, case).information
    assert (first.received_on, first.due_on) == (RECEIVED, date(2026, 11, 17))
    assert (second.received_on, second.due_on) == (date(2026, 10, 27), date(2026, 11, 24))


def test_an_information_request_for_own_records_becomes_a_leg_from_the_same_day(office):
    head = office.intake.receive(information_only(), at=office.at(), by=FAMILY)
    with pytest.raises(InvalidInput):
        office.routing.answer_information(
            head.id,
            number=1,
            outcome="own-records",
            on=office.now.date(),
            reason="x",
            at=office.at(),
            by=OFFICER,
        )
    number = office.intake.take_as_own_records(
        head.id, number=1, leg=own_leg(), reason="She asks about herself.", at=office.at(), by=OFFICER
    )
    page = page_of(office, head.id)
    assert (page.legs[number - 1].due_on, page.legs[0].stage) == (date(2026, 11, 20), "received")
    assert page.information[0].answered_on == office.now.date()
    assert page.beside[0].code == "own-records-asked-as-foi"
    with pytest.raises(OutOfOrder):
        office.intake.take_as_own_records(
            head.id, number=1, leg=own_leg(), reason="Twice.", at=office.at(), by=OFFICER
        )
    with pytest.raises(NotFound):
        office.intake.take_as_own_records(
            head.id, number=7, leg=own_leg(), reason="None such.", at=office.at(), by=OFFICER
        )


def test_an_officer_chooses_another_law_with_a_reason_and_the_dates_follow(office):
    case = office.receive(own_leg(), replace(child_leg(), has_responsibility=False))
    for wrong, kind, field in (
        ({"pathway": "no-such"}, UnknownName, "pathway"),
        ({"pathway": "dead-council-file"}, InvalidInput, "pathway"),
        ({"pathway": "information-request"}, InvalidInput, "pathway"),
        ({"pathway": "care-leaver"}, InvalidInput, "pathway"),
        ({"pathway": "own-records-asked-as-foi"}, InvalidInput, "pathway"),
        ({"pathway": "parent-without-responsibility"}, InvalidInput, "pathway"),
        ({"reason": ""}, InvalidInput, "reason"),
    ):
        with pytest.raises(kind) as refused:
            office.routing.choose(
                case, **({"leg": 2, "pathway": "competent-child", "reason": "She let him."} | wrong),
                at=office.at(), by=OFFICER,
            )  # fmt: skip
        assert refused.value.field == field
    with pytest.raises(NotAllowed):
        office.routing.choose(case, leg=2, pathway="competent-child", reason="x", at=office.at(), by=APPROVER)
    office.routing.choose(
        case, leg=2, pathway="competent-child", reason="She let him.", at=office.at(), by=OFFICER
    )
    with office.archive.reading(case) as file:
        assert state_of(file).leg(2).whole_route
    child = page_of(office, case).legs[1]
    assert (child.law.code, child.capacity) == ("competent-child", "competent-child-authority")
    # The child's word has to be shown: another law is no way around proof.
    assert (child.stage, child.due_on) == ("waiting-for-family", None)


def test_going_back_to_the_ordinary_law_brings_its_proof_and_its_stops(office):
    teen = replace(ISLA, born_on=date(2012, 2, 8))
    case = office.receive(replace(child_leg(), subject=teen, has_responsibility=False))
    assert page_of(office, case).legs[0].conflicts == ()
    office.routing.choose(
        case, leg=1, pathway="subject-access", reason="A court order came.", at=office.at(), by=OFFICER
    )
    (leg,) = page_of(office, case).legs
    assert (leg.stage, leg.conflicts) == ("waiting-for-family", ("child-old-enough",))


@pytest.mark.parametrize(
    ("leg", "kind", "field"),
    [
        (replace(dead_leg(), subject=replace(LOST, died_on=date(2026, 10, 21))), ImpossibleDate, "died_on"),
        (replace(dead_leg(), subject=replace(LOST, died_on=date(2021, 1, 1))), ImpossibleDate, "died_on"),
        (replace(dead_leg(), subject=replace(LOST, died_on=None)), InvalidInput, "died_on"),
        (replace(dead_leg(), capacity="parental-responsibility"), InvalidInput, "capacity"),
        (replace(dead_leg(), records="cellar"), UnknownName, "records"),
        (replace(own_leg(), has_responsibility=False), InvalidInput, "has_responsibility"),
        (replace(child_leg(), subject=replace(ISLA, born_on=date(2000, 1, 1))), InvalidInput, "capacity"),
    ],
)
def test_what_cannot_be_is_named_and_nothing_is_stored(office, leg, kind, field):
    with pytest.raises(kind) as refused:
        office.intake.receive(request(leg), at=office.at(), by=FAMILY)
    assert refused.value.field == field
    assert office.archive.heads() == ()


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (request(information="  "), "information"),
        (replace(request(), legs=(), information=POLICIES), "requester_name"),
        (replace(request(), legs=()), "legs"),
        (information_only(nation="atlantis"), "nation"),
    ],
)
def test_an_empty_or_nameless_information_part_is_refused(office, asked, field):
    with pytest.raises(InvalidInput) as refused:
        office.intake.receive(asked, at=office.at(), by=FAMILY)
    assert refused.value.field == field
    assert office.archive.heads() == ()


def test_school_days_wait_for_the_schools_terms_and_say_so(office):
    case = office.receive(replace(child_leg(), records="maintained-school"))
    (leg,) = page_of(office, case).legs
    assert (leg.law.code, leg.due_on) == ("pupil-record", None)
    assert "term dates" in leg.law.dues[0].why_not
