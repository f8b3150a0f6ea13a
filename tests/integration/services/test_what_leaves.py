"""The pack: what it may say of what was withheld, the gate before it, and how it is handed over."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from sar.domain.disclosure import PLACEHOLDER, Needles
from sar.domain.errors import NotAllowed, OutOfOrder, StoreUnavailable, WithheldTextFound
from sar.domain.exemptions import Saying
from sar.domain.matching import Verdict
from sar.domain.opinions import OpinionResult
from sar.domain.parties import Person, Role
from sar.domain.records import DataClass, Passage, RecordKind
from sar.domain.references import PersonId
from sar.domain.trail import EventKind
from sar.services.correspondence import NewLetter
from sar.services.packing import _in_records
from sar.services.review import Choice, Words
from tests.fakes.ports import HeldStore, all_words, record
from tests.integration.services.conftest import (
    APPROVER,
    BY_ROLE,
    CLINICIAN,
    KERRY,
    OFFICER,
    PRIYA,
    TULLY,
    child_leg,
    own_leg,
)

NOTE = record("1", "Kerry Lomax rang. Priya Raman will visit.")
TOLD = record("2", "Maureen Tully was worried. Leanne was polite.", on=NOTE.dated_on)
SECRET = record("3", "Everything here is hidden.", kind=RecordKind.POLICE_NOTIFICATION)


def pack_of(office, case):
    office.sign_off(case)
    return office.release(case)


def words_of(pack):
    return "\n".join(all_words(pack))


def test_an_informant_reads_like_any_other_person(office, with_records):
    case = with_records(NOTE, TOLD, people=[KERRY, TULLY])
    office.reviewed(case)
    pack = pack_of(office, case)
    assert len(pack.grounds) == 1
    letters = {p.ground for r in pack.records for q in r.passages for p in q.pieces if hasattr(p, "ground")}
    assert letters == {pack.grounds[0].letter}
    rule = office.law.exemption("INFORMANT")
    assert rule.plain_words not in words_of(pack)
    assert "NSPCC" not in words_of(pack)


def test_a_pack_whose_only_cut_is_an_informant_says_no_more(office, with_records):
    with_informant = with_records(TOLD, people=[TULLY])
    office.reviewed(with_informant)
    informant = pack_of(office, with_informant)
    third = Person(id=PersonId("tully"), name=TULLY.name, role=Role.THIRD_PARTY)
    other = with_records(TOLD, people=[third])
    office.reviewed(other)
    plain = pack_of(office, other)
    assert informant.grounds == plain.grounds
    assert informant.records == plain.records


def test_withheld_words_are_one_placeholder_and_the_rest_stays(office, with_records):
    case = with_records(NOTE, people=[KERRY])
    office.reviewed(case)
    pack = pack_of(office, case)
    assert pack.records[0].passages[0].text == f"{PLACEHOLDER} rang. Priya Raman will visit."


def test_a_record_withheld_whole_is_counted_with_its_ground(office, with_records):
    case = with_records(NOTE, SECRET)
    office.decide_rest(case)
    office.read_all(case, but=["ward/3"])
    office.withhold_record(case, "ward/3", exemption="3RD-PARTY")
    pack = pack_of(office, case)
    assert [w.kind for w in pack.withheld_whole] == ["police notification"]
    assert pack.withheld_whole[0].ground in {g.letter for g in pack.grounds}
    assert len(pack.records) == 1
    assert "Everything here is hidden." not in words_of(pack)


def test_a_general_saying_hides_even_the_kind_of_record(office, with_records):
    case = with_records(NOTE, SECRET)
    office.decide_rest(case)
    office.read_all(case, but=["ward/3"])
    office.withhold_record(
        case, "ward/3", exemption="CRIME", saying=Saying.GENERAL, prejudice="It names a suspect."
    )
    pack = pack_of(office, case)
    assert [w.kind for w in pack.withheld_whole] == ["record"]
    ground = {g.letter: g for g in pack.grounds}[pack.withheld_whole[0].ground]
    assert ground.statute == ""
    assert ground.words == office.law.exemption("CRIME").general_words


def test_where_nothing_may_be_said_nothing_is(office, with_records):
    """Two packs, one with the record and one that never had it, read the same."""
    with_it = with_records(NOTE, SECRET, people=[KERRY])
    office.decide_rest(with_it)
    office.read_all(with_it, but=["ward/3"])
    office.withhold_record(
        with_it, "ward/3", exemption="CRIME", saying=Saying.NOTHING, prejudice="It names a suspect."
    )
    told = pack_of(office, with_it)
    without = with_records(NOTE, people=[KERRY])
    office.reviewed(without)
    plain = pack_of(office, without)
    assert told.withheld_whole == plain.withheld_whole == ()
    assert told.grounds == plain.grounds
    assert told.records == plain.records
    assert told.letter == plain.letter
    # The minute at which a store was asked is its own and tells nothing; all else is the same.
    texts = [[re.sub(r" at \d\d:\d\d", "", p.text) for p in pack.search.passages] for pack in (told, plain)]
    assert texts[0] == texts[1]


def test_a_professional_of_an_unsaid_record_is_not_listed(office):
    hidden = Person(id=PersonId("quill"), name="Theodora Quill", role=Role.PROFESSIONAL, seen_in=("ward",))
    office.stores = [
        HeldStore(
            "ward", [NOTE, record("3", "Theodora Quill of the police wrote this.")], people=(PRIYA, hidden)
        )
    ]
    case = office.receive()
    office.ready(case, KERRY)
    office.decide_rest(case)
    office.read_all(case, but=["ward/3"])
    office.withhold_record(
        case, "ward/3", exemption="CRIME", saying=Saying.NOTHING, prejudice="It names a suspect."
    )
    ready = office.signoff.readiness(case, leg=1, on=office.now.date())
    if ready.blockers:
        return  # Refusing until somebody has taken the name off the page is as safe as leaving it out.
    assert "Quill" not in words_of(pack_of(office, case))


def test_a_case_where_nothing_is_held_still_gets_its_answer(office):
    office.stores = [HeldStore("ward"), HeldStore("housing")]
    case = office.receive()
    office.ready(case)
    office.reviewed(case)
    pack = pack_of(office, case)
    assert pack.records == ()
    assert [p.label for p in pack.search.passages][:2] == ["The housing", "The ward"]
    assert pack.people.passages


def test_records_without_a_member_of_staff_can_be_released(office):
    office.stores = [HeldStore("ward", [record("1", "Leanne was polite.")])]
    case = office.receive()
    office.ready(case)
    office.reviewed(case)
    assert len(pack_of(office, case).records) == 1


def test_the_gate_stops_a_mention_that_nobody_decided_about(office, with_records):
    """Added to the register after the proposals were made: no span of hers was ever put before a person."""
    case = with_records(NOTE, people=[])
    office.decide_rest(case, done=list(office.proposals(case)))
    for proposal in office.every_proposal(case):
        office.decide_id(case, proposal, verdict=Verdict.DISCLOSE, reason="A stranger, long ago.")
    office.read_all(case)
    office.people.add(case, TULLY, at=office.at(), by=OFFICER)
    office.sign_off(case)
    page = office.renderer.render

    def later(pack):
        return page(replace(pack, letter=(*pack.letter, "As mrs\u00a0TULLY said.")))

    office.renderer.render = later  # type: ignore[method-assign]  # the layout adds what no review saw
    with pytest.raises(WithheldTextFound) as stopped:
        office.release(case)
    assert "tully" not in stopped.value.message.casefold()
    assert office.events(case)[-1].kind is EventKind.RELEASE_BLOCKED
    with pytest.raises(OutOfOrder):
        office.packing.pdf(case, leg=1)


@pytest.mark.parametrize("verdict", Verdict)
def test_a_childs_birthday_in_a_mothers_details_is_a_persons_to_decide_and_the_pack_goes_out(
    office, with_records, verdict
):
    """The gate looks for it, so somebody must be asked about it first; either answer lets the pack go."""
    child = Person(id=PersonId("isla"), name="Isla Hartley", role=Role.THIRD_PARTY, born_on=date(2022, 2, 8))
    details = record("4", "council person number 1, born 8 February 2022", kind=RecordKind.PERSON_DETAILS)
    told = record("5", "The baby (dob 08/02/2022) was seen.")
    case = with_records(details, told, people=[child])
    asked = {p.span.record.native_id: p.kind for p in office.every_proposal(case)}
    assert asked == {"4": "birth", "5": "birth"}
    for proposal in office.every_proposal(case):
        office.decide_id(case, proposal, verdict=verdict, reason="She told us the day herself.")
    office.read_all(case)
    words = words_of(pack_of(office, case))
    is_shown = verdict is Verdict.DISCLOSE
    assert ("8 February 2022" in words, "08/02/2022" in words) == (is_shown, is_shown)
    assert "council person number 1, born " in words


def test_a_name_in_the_web_copy_alone_is_stopped_and_can_be_put_right(office):
    office.stores = [HeldStore("ward", [NOTE], people=(PRIYA,))]
    case = office.receive()
    office.ready(case, KERRY)
    office.reviewed(case)
    office.sign_off(case)
    render = office.renderer.render

    def leaky(pack):
        made = render(pack)
        return type(made)(
            pdf=made.pdf, html=made.html + b" KERRY\n LOMAX", data=made.data, pages=made.pages, manifest=b""
        )

    office.renderer.render = leaky
    with pytest.raises(WithheldTextFound):
        office.release(case)
    office.renderer.render = render
    office.release(case)


def test_building_again_after_a_crash_gives_the_released_pack(office, with_records):
    case = with_records(NOTE, people=[KERRY])
    office.reviewed(case)
    office.sign_off(case)
    first = office.packing.build(case, leg=1, at=office.at())
    before = office.events(case)
    assert office.packing.build(case, leg=1, at=office.at()) == first
    assert office.events(case) == before
    assert office.packing.pdf(case, leg=1).endswith(b"+00:00")


def test_nothing_is_built_before_the_sign_off(office, with_records):
    case = with_records(NOTE, people=[KERRY])
    with pytest.raises(OutOfOrder):
        office.release(case)
    with pytest.raises(OutOfOrder):
        office.packing.html(case, leg=1)


def test_a_store_that_did_not_answer_is_a_declared_gap(office):
    office.stores = [
        HeldStore("ward", [NOTE], people=(PRIYA,)),
        HeldStore("desk", fault=StoreUnavailable("It did not answer.", next_step="Wait.")),
    ]
    case = office.receive()
    office.ready(case, KERRY)
    office.reviewed(case)
    pack = pack_of(office, case)
    assert "One place did not answer" in pack.gaps[0].paragraphs[0]


def test_the_letter_speaks_of_freedom_of_information_only_when_it_was_named(office, with_records):
    case = with_records(NOTE, people=[KERRY])
    office.reviewed(case)
    assert not any("Freedom of Information" in p for p in pack_of(office, case).letter)
    foi = office.receive(asked_as_foi=True)
    office.ready(foi, KERRY)
    office.reviewed(foi)
    assert any("Freedom of Information" in p for p in pack_of(office, foi).letter)


# --- handing over -----------------------------------------------------------------------------------


def released(office, with_records):
    case = with_records(NOTE, people=[KERRY])
    office.reviewed(case)
    pack_of(office, case)
    return case


def test_the_message_goes_to_the_safe_contact_and_says_nothing(office, with_records):
    case = released(office, with_records)
    office.delivery.deliver(case, leg=1, at=office.at())
    office.delivery.deliver(case, leg=1, at=office.at())
    assert len(office.post.letters) == 1
    letter = office.post.letters[0]
    assert letter.address == "leanne@example.org"
    said = " ".join((letter.subject, *letter.paragraphs))
    for word in ("records about", "safeguarding", "alert", "Leanne", "Kerry", "withheld"):
        assert word not in said
    assert "https://records.example/" in said


def test_nothing_is_delivered_before_release_or_past_a_stop(office, with_records):
    case = with_records(NOTE, people=[KERRY])
    office.reviewed(case)
    with pytest.raises(OutOfOrder):
        office.delivery.deliver(case, leg=1, at=office.at())
    pack_of(office, case)
    stop = {"leg": 1, "code": "suspected-coercion"}
    office.standing.record_conflict(case, note="She rang from his phone.", at=office.at(), by=OFFICER, **stop)
    with pytest.raises(NotAllowed):
        office.delivery.deliver(case, leg=1, at=office.at())
    assert office.post.letters == []
    office.standing.resolve_conflict(case, note="Seen alone.", at=office.at(), by=APPROVER, **stop)
    office.delivery.deliver(case, leg=1, at=office.at())
    assert len(office.post.letters) == 1


def test_the_first_opening_is_the_receipt(office, with_records):
    case = released(office, with_records)
    office.delivery.deliver(case, leg=1, at=office.at())
    first = office.at()
    office.delivery.collected(case, leg=1, at=first, by=APPROVER)
    office.delivery.collected(case, leg=1, at=office.at(), by=APPROVER)
    page = office.enquiries.case_page(office.queue_reference(case), on=office.now.date())
    assert page.legs[0].pack.collected_at == first


def progress(news: str) -> NewLetter:
    return NewLetter(kind="progress", leg=1, said={"news": news})


def test_an_officers_own_letter_passes_the_gate_too(office, with_records):
    case = released(office, with_records)
    with pytest.raises(WithheldTextFound) as stopped:
        office.correspondence.send(
            case, progress("We cannot say more about KERRY  lomax."), at=office.at(), by=OFFICER
        )
    assert "lomax" not in stopped.value.message.lower()
    assert office.post.letters == []


def test_a_childs_pack_goes_to_the_parent_and_speaks_of_the_child(office):
    office.stores = [HeldStore("ward", [record("1", "Isla was asleep.", about=("isla",))], people=(PRIYA,))]
    case = office.receive(own_leg(), child_leg())
    office.standing.record_authority(
        case,
        leg=2,
        got_on=office.now.date(),
        evidence="birth-certificate",
        how="Seen.",
        at=office.at(),
        by=OFFICER,
    )
    office.ready(case, leg=2)
    office.reviewed(case, leg=2)
    office.sign_off(case, leg=2)
    pack = office.release(case, leg=2)
    assert (pack.recipient, pack.subject, pack.is_own_data) == ("Leanne Hartley", "Isla Hartley", False)
    assert "everything we hold about Isla Hartley" in pack.letter[0]


def test_the_clinicians_ground_stays_general(office, with_records):
    harmful = record(
        "4", "She had thought of suicide in 2019.", "Priya Raman came.", data_class=DataClass.HEALTH
    )
    case = with_records(harmful)
    office.opinion(case, OpinionResult.MET_IN_PART, "ward/4")
    office.reviewed(case)
    pack = pack_of(office, case)
    assert [g.statute for g in pack.grounds] == [""]
    assert CLINICIAN.name not in words_of(pack)
    assert "Dr Invented" not in words_of(pack)


def test_words_of_which_nothing_may_be_said_leave_no_ground_either(office, with_records):
    case = with_records(NOTE, people=[])
    for proposal in office.every_proposal(case):
        office.decide_id(case, proposal, verdict=Verdict.DISCLOSE, reason="She agreed.")
    words = Words(record="ward/1", passage=0, start=0, end=17, quote="Kerry Lomax rang.")
    choice = Choice(
        verdict=Verdict.WITHHOLD, reason="Police work.", exemption="CRIME", saying=Saying.NOTHING,
        answers={"prejudice": "It names a suspect."},
    )  # fmt: skip
    office.review.withhold_words(case, leg=1, words=words, choice=choice, at=office.at(), by=OFFICER)
    office.read_all(case)
    pack = pack_of(office, case)
    assert pack.records[0].passages[0].text.strip() == "Priya Raman will visit."
    assert pack.grounds == ()
    assert not any("covered" in p for p in pack.letter)


ADVICE = "The council would be ill advised to fight point two of it."


def test_words_of_a_record_withheld_whole_do_not_leave_inside_another(office, with_records):
    quoting = record("2", f"See what came: {ADVICE} Leanne.", on=NOTE.dated_on + timedelta(days=3))
    case = with_records(record("3", ADVICE), quoting)
    office.decide_rest(case)
    office.read_all(case, but=["ward/3"])
    office.withhold_record(case, "ward/3", exemption="3RD-PARTY")
    office.sign_off(case)
    with pytest.raises(WithheldTextFound) as stopped:
        office.release(case)
    assert "record " in stopped.value.message


def test_a_name_in_a_label_leaves_as_a_neutral_word(office, with_records):
    told = replace(NOTE, passages=(Passage(label="Told by Kerry Lomax", text="She rang at noon."),))
    case = with_records(told, people=[KERRY])
    office.reviewed(case)
    assert pack_of(office, case).records[0].passages[0].label == "Field 1"


def test_the_gate_says_which_label_and_not_what_it_says(office, with_records):
    case = with_records(NOTE, people=[KERRY])
    office.reviewed(case)
    pack = pack_of(office, case)
    bad = replace(pack.records[0].passages[0], label="Kerry Lomax")
    leaks = _in_records(
        replace(pack, records=(replace(pack.records[0], passages=(bad,)),)),
        Needles([], names=["Kerry Lomax"], whole_words=True),
    )
    assert [leak.place for leak in leaks] == ["the label of part 1 of record 1"]


def test_a_letter_cannot_bring_back_what_was_withheld_before_the_store_changed_the_record(
    office, with_records
):
    case = with_records(record("1", "Kerry Lomax rang. The man at the kiosk saw it all.", on=NOTE.dated_on))
    text = office.records(case)
    number = next(r for r in text if str(r.key) == "ward/1").passages[0].text.index("The man")
    quote = "The man at the kiosk saw it all"
    words = Words(record="ward/1", passage=0, start=number, end=number + len(quote), quote=quote)
    choice = Choice(verdict=Verdict.WITHHOLD, reason="It names him.", exemption="3RD-PARTY")
    office.review.withhold_words(case, leg=1, words=words, choice=choice, at=office.at(), by=OFFICER)
    office.stores = [HeldStore("ward", [record("1", "Kerry Lomax rang twice.")], people=(PRIYA,))]
    office.gather(case)
    with pytest.raises(WithheldTextFound):
        office.correspondence.send(case, progress(f"We read: {quote}."), at=office.at(), by=OFFICER)


def test_an_approver_may_change_what_is_told_and_is_named_nowhere(office, with_records):
    harmful = record("4", "She had thought of suicide in 2019.", data_class=DataClass.HEALTH)
    case = with_records(harmful, record("3", "A van was seen.", on=NOTE.dated_on))
    office.opinion(case, OpinionResult.MET_IN_PART, "ward/4")
    office.withhold_record(
        case, "ward/3", exemption="CRIME", saying=Saying.GENERAL, prejudice="It names a suspect."
    )
    office.decide_rest(case)
    office.read_all(case, but=["ward/3"])
    approver = BY_ROLE["approver"]
    for name, saying in (("ward/3", Saying.NOTHING), ("ward/4", Saying.FULL)):
        told = {"leg": 1, "record": name, "saying": saying, "at": office.at()}
        for who in (OFFICER, CLINICIAN):
            with pytest.raises(NotAllowed):
                office.review.change_saying(case, by=who, **told)
        office.review.change_saying(case, by=approver, **told)
    pack = pack_of(office, case)
    (ground,) = pack.grounds
    assert ground.words == office.law.exemption("HEALTH-HARM").plain_words
    assert ground.statute == office.law.exemption("HEALTH-HARM").statute
    assert pack.withheld_whole == ()
    for who in (approver, CLINICIAN, OFFICER):
        assert who.name not in words_of(pack)
