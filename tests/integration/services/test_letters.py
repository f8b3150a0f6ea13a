"""Every letter in every nation: its dates are the clock's, its words are plain, and it leaves through the gate."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache

import pytest

from sar.domain.calendar import say_date
from sar.domain.errors import (
    AlreadyDone,
    AuthorityNotShown,
    EnvironmentFault,
    InvalidInput,
    NotAllowed,
    NotFound,
    OutOfOrder,
    UnknownName,
    WithheldTextFound,
)
from sar.domain.letters import LETTERS, Audience
from sar.domain.limits import Term
from sar.domain.parties import PROGRAM, DataSubject, Requester, SafeContact
from sar.domain.references import SubjectId
from sar.domain.trail import EventKind
from sar.law import load
from sar.ports.casework import state_of
from sar.ports.disclosing import Letter
from sar.services.correspondence import NewLetter
from sar.services.intake import NewLeg
from tests.fakes.plain_words import HARDEST, grade_of
from tests.fakes.ports import HeldStore
from tests.integration.services.conftest import (
    APPROVER,
    FAMILY,
    KERRY,
    LEANNE,
    OFFICER,
    PRIYA,
    TEAM,
    Office,
    child_leg,
    own_leg,
)
from tests.integration.services.test_rectification import alert
from tests.integration.services.test_what_leaves import NOTE

NATIONS = ("england", "wales", "scotland", "northern-ireland")
DAY = re.compile(
    r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day \d{1,2} (?:January|February|March|April|May|June|July|August|"
    r"September|October|November|December) \d{4}"
)
RECEIVED, TODAY = date(2026, 10, 20), date(2026, 11, 2)
DUE, LATER = date(2026, 11, 20), date(2027, 1, 20)
"""Worked out by hand: a month, and three months, from Tuesday 20 October 2026."""
AFTER_REFUSAL = {
    date(2026, 12, 2),  # s.164A: 30 days from 2 November.
    date(2027, 2, 2),  # The regulator asks for three months.
}
SAID = {
    "reason": "The form came from a new address.", "shows": "You can show us a bus pass or a bill.",
    "question": "Which years do you want?", "reasons": "There are many pages to read.",
    "news": "We have found your file. Two people now check it.", "decision": "We share the file with you.",
    "holder": "The town clinic, 1 High Street.", "words": "We read it all again and put it right.",
    "to": "Dr A Penrose", "address": "penrose@example.org", "more": "Ring us if you like.",
}  # fmt: skip


read_once = cache(load)
"""Reading a nation's law takes longer than any letter: three hundred tests would read the same four."""


@pytest.fixture(params=NATIONS)
def every_office(request, archive, detector) -> Office:
    return Office(archive=archive, law=read_once(request.param), detector=detector)


def nation(office: Office) -> str:
    return office.law.nation.code


def wanted(kind: str, **more: object) -> NewLetter:
    said = {p.name: SAID[p.name] for p in LETTERS[kind].parts}
    return NewLetter(kind=kind, **{"leg": 1, "said": said, **more})  # type: ignore[arg-type]  # fields by name


def complaint(office: Office, case, route: str = "data-protection", leg: int | None = 1) -> str:
    return office.complaints.open(
        case, route=route, about="The alert", words="Nobody told us.", received_on=TODAY, at=office.at(), by=FAMILY,
        leg=leg,
    )  # fmt: skip


def correction(office: Office, case) -> str:
    return office.rectification.ask(
        case, leg=1, what_is_wrong="It is about another person.", what_it_should_say="Entered in error.",
        asked_on=TODAY, at=office.at(), by=FAMILY,
    )  # fmt: skip


def by(kind: str):
    return OFFICER if LETTERS[kind].senders & OFFICER.roles else TEAM


def draft(office: Office, case, letter: NewLetter) -> Letter:
    return office.correspondence.draft(case, letter, at=office.at(), by=by(letter.kind))


def dates_in(letter: Letter) -> set[str]:
    return set(DAY.findall("\n".join(letter.paragraphs)))


def body_of(letter: Letter) -> str:
    """Without greeting and letterhead: short lines would make a hard letter look easy."""
    end = next(i for i, p in enumerate(letter.paragraphs) if p.startswith("If this is hard to read"))
    return "\n".join(f"{p}." for p in letter.paragraphs[1:end])


def said(*days: date) -> set[str]:
    return {say_date(day) for day in days}


EXPECTED = {
    "acknowledgement": {RECEIVED, DUE},
    "identity-request": {TODAY},
    "clarification": {TODAY},
    "extension": {DUE, LATER} | AFTER_REFUSAL,
    "progress": {DUE},
    "refusal": {RECEIVED} | AFTER_REFUSAL,
    "health-opinion-request": {DUE},
    "foi-own-records": {RECEIVED, DUE},
    "care-leaver": {RECEIVED, DUE},
    "competent-child": {RECEIVED, DUE},
    "adopted-adult": {RECEIVED, DUE},
    "parent-without-responsibility": {RECEIVED} | AFTER_REFUSAL,
    "health-records-of-the-dead": {RECEIVED, date(2026, 11, 29), date(2026, 11, 10)},
    "dead-council-file": {RECEIVED},
    "dead-health-without-right": {RECEIVED},
    "not-ours": {RECEIVED} | AFTER_REFUSAL,
    "complaint-acknowledgement": {date(2026, 12, 2)},
    "complaint-outcome": {date(2027, 2, 2)},
    "correction-acknowledgement": {date(2026, 12, 2)},
    "correction-notice": set(),
    "correction-outcome": AFTER_REFUSAL,
}
"""What each letter of 2 November 2026 says besides its own day: each worked out by hand."""


DOT = DataSubject(id=SubjectId("dot"), name="Dot Hartley", born_on=date(1940, 2, 8), died_on=date(2026, 8, 1))


def of_the_dead(records: str, capacity: str) -> NewLeg:
    return replace(own_leg(), name="dot", subject=DOT, capacity=capacity, records=records)


PARTS = {
    "parent-without-responsibility": replace(child_leg(), has_responsibility=False),
    "health-records-of-the-dead": of_the_dead("health", "personal-representative"),
    "dead-health-without-right": of_the_dead("health", "bereaved-relative"),
    "dead-council-file": of_the_dead("council", "bereaved-relative"),
    "pupil-record": replace(child_leg(), records="maintained-school"),
}
"""What has to be asked for so that the law of the letter answers it."""


def prepared(office: Office, kind: str):
    if kind == "information-request":
        return office.receive(nation=nation(office), information="Your policy on alerts."), wanted(
            kind, leg=0
        )
    case = office.receive(*([PARTS[kind]] if kind in PARTS else []), nation=nation(office))
    more: dict[str, object] = {}
    if kind.startswith("complaint-"):
        more = {"complaint": complaint(office, case), "outcome": "partly upheld"}
    if kind.startswith("correction-"):
        more = {"correction": correction(office, case)}
    return case, wanted(kind, **more)


@pytest.mark.parametrize("kind", EXPECTED)
def test_the_dates_of_a_letter_are_those_of_the_clock_and_the_law(every_office, kind) -> None:
    case, letter = prepared(every_office, kind)
    assert dates_in(draft(every_office, case, letter)) == said(TODAY, *EXPECTED[kind])


FOR_FAMILIES = [
    kind
    for kind in (*EXPECTED, "information-request")
    if LETTERS[kind].audience in {Audience.RECIPIENT, Audience.CONSULTEE}
]


@pytest.mark.parametrize("kind", FOR_FAMILIES)
def test_what_a_family_receives_is_plain(every_office, kind) -> None:
    case, letter = prepared(every_office, kind)
    assert grade_of(body_of(draft(every_office, case, letter))) <= HARDEST


def test_every_letter_is_tried() -> None:
    assert set(LETTERS) - set(EXPECTED) == {
        "information-request", "covering", "third-party-consultation", "pupil-record",
    }  # fmt: skip


def test_a_school_record_has_its_school_days_where_they_are_known(office) -> None:
    case, letter = prepared(office, "pupil-record")
    without = draft(office, case, letter)
    assert dates_in(without) == said(TODAY, RECEIVED)
    assert "15 school days" in " ".join(without.paragraphs)
    assert grade_of(body_of(without)) <= HARDEST
    terms = (
        Term(first_on=date(2026, 9, 2), last_on=date(2026, 12, 18), closed=frozenset({date(2026, 10, 26)})),
    )
    office.correspondence._law = replace(office.law, terms=terms)
    assert dates_in(draft(office, case, letter)) == said(TODAY, RECEIVED, date(2026, 11, 11))


def test_a_letter_of_a_law_the_nation_lacks_is_refused(every_office) -> None:
    case, letter = prepared(every_office, "pupil-record")
    if "pupil-record" in every_office.law.pathways:
        assert draft(every_office, case, letter).paragraphs
        return
    with pytest.raises(OutOfOrder, match="another law"):
        draft(every_office, case, letter)


@pytest.mark.parametrize("kind", ["refusal", "not-ours"])
def test_a_refusal_under_freedom_of_information_names_the_remedies_of_that_act_alone(
    every_office, kind
) -> None:
    office = every_office
    case = office.receive(nation=nation(office), information="Your policy on alerts.")
    found = draft(office, case, wanted(kind, leg=0))
    text = body_of(found)
    for foreign in ("164A", "165", "167", "Data Protection Act", "a month"):
        assert foreign not in text, foreign
    review_by = office.law.due("foi.review.ask", TODAY)
    assert dates_in(found) == said(TODAY, RECEIVED, review_by)
    assert "look again" in text
    if nation(office) == "scotland":
        assert "Scottish Information Commissioner" in text
        assert "6 months" in text
        assert "Court of Session" in text
        assert "2002 section 47" in text
        assert "tribunal" not in text.lower()
    else:
        assert office.law.regulator_on(TODAY).name in text
        assert "2000 section 50" in text
        assert "28 days" in text
        assert "First-tier Tribunal" in text
    assert grade_of(text) <= HARDEST


def test_the_time_to_ask_for_a_review_is_forty_working_days(office) -> None:
    """From 2 November 2026, without Saint Andrew's day, Christmas Day and the Monday for Boxing Day."""
    assert office.law.due("foi.review.ask", TODAY) == date(2026, 12, 31)


@pytest.mark.parametrize("kind", ["refusal", "not-ours"])
@pytest.mark.parametrize("part", ["health-records-of-the-dead", "pupil-record"])
def test_a_refusal_under_another_act_speaks_of_no_data_protection_and_no_day_of_its_own(
    every_office, kind, part
) -> None:
    if part not in every_office.law.pathways:
        return
    case, _ = prepared(every_office, part)
    found = draft(every_office, case, wanted(kind))
    for foreign in ("164A", "165", "167", "Data Protection Act", "a month"):
        assert foreign not in body_of(found), foreign
    assert dates_in(found) == said(TODAY, RECEIVED)
    assert "Write to" in body_of(found)
    assert grade_of(body_of(found)) <= HARDEST


@pytest.mark.parametrize("part", ["dead-council-file", "dead-health-without-right"])
def test_where_no_right_is_refused_no_letter_of_refusal_leaves(every_office, part) -> None:
    case, _ = prepared(every_office, part)
    with pytest.raises(OutOfOrder, match="another law"):
        draft(every_office, case, wanted("refusal"))


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize(
    "kind", ["clarification", "extension", "covering", "foi-own-records", "information-request"]
)
def test_a_letter_of_subject_access_goes_to_no_part_of_another_law(office, part, kind) -> None:
    case, _ = prepared(office, part)
    before = office.events(case)
    with pytest.raises(OutOfOrder, match="another law"):
        office.correspondence.send(case, wanted(kind), at=office.at(), by=OFFICER)
    assert office.events(case) == before
    assert kind not in office.correspondence.fitting(case, leg=1)


def test_identity_may_be_asked_of_any_part_without_a_word_of_its_clock(office) -> None:
    case, _ = prepared(office, "health-records-of-the-dead")
    text = body_of(draft(office, case, wanted("identity-request")))
    assert "Your time starts" not in text
    assert grade_of(text) <= HARDEST
    usual, letter = prepared(office, "identity-request")
    assert "Your time starts on the day we see it" in body_of(draft(office, usual, letter))


def test_freedom_of_information_has_the_twenty_working_days_of_the_nation(every_office) -> None:
    case, letter = prepared(every_office, "information-request")
    assert dates_in(draft(every_office, case, letter)) == said(TODAY, RECEIVED, date(2026, 11, 17))


@pytest.mark.parametrize(
    "route", ["data-protection", "nhs", "children-social-care", "council-corporate", "foi"]
)
@pytest.mark.parametrize("outcome", ["upheld", "partly upheld", "not upheld", "withdrawn"])
def test_an_answer_to_a_complaint_names_the_next_stage_in_plain_words(office, route, outcome) -> None:
    case = office.receive()
    letter = wanted("complaint-outcome", complaint=complaint(office, case, route), outcome=outcome)
    text = body_of(draft(office, case, letter))
    route_of = office.law.route(route)
    is_urged = route_of.stage(route_of.stages[0].next_stage).title in text
    assert is_urged == (outcome != "withdrawn")
    assert ("go to court" in text) == (route == "data-protection" and outcome != "withdrawn")
    assert "last step" not in text
    assert grade_of(text) <= HARDEST


def test_the_time_for_a_court_is_said_in_words_and_that_of_england_only_there(every_office) -> None:
    case = every_office.receive(nation=nation(every_office))
    found = complaint(every_office, case, "data-protection")
    for letter in (wanted("refusal"), wanted("complaint-outcome", complaint=found, outcome="not upheld")):
        text = body_of(draft(every_office, case, letter))
        is_certain = nation(every_office) in ("england", "wales")
        assert ("six years from the day of the wrong" in text) == is_certain
        assert ("We are not sure how long it is" in text) != is_certain
        assert "2032" not in text


def test_the_day_on_which_a_panel_meets_is_not_called_our_answer(office) -> None:
    case = office.receive()
    found = complaint(office, case, "children-social-care")
    for number in range(2):
        office.complaints.answer(
            case, complaint=found, on=TODAY, outcome="not upheld", words="No.", at=office.at(), by=TEAM
        )
        office.complaints.escalate(
            case, complaint=found, on=TODAY, words=f"On {number}", at=office.at(), by=FAMILY
        )
    text = body_of(draft(office, case, wanted("complaint-acknowledgement", complaint=found)))
    # 30 working days from 2 November, then 5, then 15: worked out by hand.
    assert "By Monday 14 December 2026 the panel of three independent people must meet." in text
    assert "report must come by Monday 21 December 2026" in text
    assert "our answer by Thursday 14 January 2027" in text


def test_an_answer_counted_from_the_acknowledgement_is_counted_from_the_letter_that_is_one(office) -> None:
    case = office.receive()
    name = office.complaints.open(
        case, route="council-corporate", about="x", words="w", received_on=date(2026, 10, 28), leg=1,
        at=office.at(), by=FAMILY,
    )  # fmt: skip
    text = body_of(draft(office, case, wanted("complaint-acknowledgement", complaint=name)))
    assert (
        "our answer by Monday 16 November 2026" in text
    )  # Ten working days from today, not from 28 October.


def test_the_answer_to_any_complaint_of_any_nation_is_plain_and_dated_by_its_law(every_office) -> None:
    office = every_office
    case = office.receive(nation=nation(office))
    tried = 0
    for code, route in office.law.routes.items():
        if not route.stages[0].next_stage:
            continue
        letter = wanted("complaint-outcome", complaint=complaint(office, case, code), outcome="not upheld")
        found = draft(office, case, letter)
        following = route.stage(route.stages[0].next_stage)
        assert following.title in body_of(found), code
        assert grade_of(body_of(found)) <= HARDEST, code
        limit = following.lodge_limit
        if limit and office.law.find_time_limit(limit, TODAY):
            assert say_date(office.law.due(limit, TODAY)) in dates_in(found), code
        tried += 1
    assert tried


def test_a_letter_with_a_pack_has_the_day_of_the_pack(office, with_records) -> None:
    case = with_records(NOTE, people=[KERRY])
    with pytest.raises(OutOfOrder):
        draft(office, case, wanted("covering"))
    office.reviewed(case)
    office.sign_off(case)
    pack = office.release(case)
    found = draft(office, case, wanted("covering"))
    assert dates_in(found) == said(TODAY, RECEIVED, pack.dated_on, *AFTER_REFUSAL)
    assert grade_of(body_of(found)) <= HARDEST


def test_the_holder_of_a_copy_is_told_by_a_letter_that_is_recorded_with_it(office) -> None:
    office.stores = [HeldStore("ward", [alert("ward", "active", number="AL-7")], people=(PRIYA,))]
    case = office.receive()
    office.ready(case)
    made = office.rectification.ask(
        case, leg=1, alert_number="AL-7", what_is_wrong="It is about another person.",
        what_it_should_say="Entered in error.", asked_on=TODAY, at=office.at(), by=FAMILY,
    )  # fmt: skip
    place = office.enquiries.correction(case, made).places[0]
    letter = wanted("correction-notice", correction=made, place=place.place)
    office.correspondence.send(case, letter, at=office.at(), by=TEAM)
    assert office.enquiries.correction(case, made).places[0].state == "its holder has been told"
    (sent,) = office.post.letters
    assert (sent.to, sent.address) == (SAID["to"], SAID["address"])
    assert "It is about Leanne Hartley. The number of the alert is AL-7." in sent.paragraphs
    with pytest.raises(NotFound):
        office.correspondence.send(
            case, wanted("correction-notice", correction=made, place="place-99"), at=office.at(), by=TEAM
        )
    assert len(office.post.letters) == 1


def test_a_refusal_names_the_three_remedies(every_office) -> None:
    case, letter = prepared(every_office, "refusal")
    text = " ".join(draft(every_office, case, letter).paragraphs)
    assert "section 164A" in text
    assert "section 165" in text
    assert "section 167" in text
    assert every_office.law.regulator.name in text
    assert SAID["reasons"] in text


def test_nothing_in_a_letter_says_that_delivery_is_stopped(office) -> None:
    case, letter = prepared(office, "progress")
    before = draft(office, case, letter).paragraphs
    office.standing.record_conflict(
        case, leg=1, code="suspected-coercion", note="Heard a voice.", at=office.at(), by=OFFICER
    )
    assert draft(office, case, letter).paragraphs == before


@pytest.mark.parametrize("kind", EXPECTED)
def test_the_subject_line_says_nothing(office, kind) -> None:
    case, letter = prepared(office, kind)
    about = f"Q-{letter.consultation.upper()}" if letter.consultation else office.queue_reference(case)
    assert draft(office, case, letter).subject == f"A message about {about}"


def test_the_reason_of_a_doubt_stays_sealed(office) -> None:
    case, letter = prepared(office, "identity-request")
    assert SAID["reason"] not in " ".join(draft(office, case, letter).paragraphs)


def test_one_acknowledgement_tells_the_dates_of_all_a_recipient_asked_for(office) -> None:
    mother = Requester(name=LEANNE.name, contact=SafeContact(email="leanne@example.org"), subject=LEANNE.id)
    case = office.receive(replace(own_leg(), recipient=mother), child_leg())
    letter = office.correspondence.draft(
        case, NewLetter(kind="acknowledgement", leg=1), at=office.at(), by=PROGRAM
    )
    text = " ".join(letter.paragraphs)
    assert f"For one part you should have our answer by {say_date(DUE)}" in text
    for told in ("Leanne", "Isla", "Hartley", "child", "records"):
        assert told not in text.replace("https://records.example/", ""), told


def test_only_an_officer_speaks_of_freedom_of_information_in_a_letter(office) -> None:
    """What the site sends by itself could be read over a shoulder."""
    case = office.receive(asked_as_foi=True)
    quiet = office.correspondence.draft(
        case, NewLetter(kind="acknowledgement", leg=1), at=office.at(), by=PROGRAM
    )
    assert "Freedom" not in " ".join(quiet.paragraphs)
    assert "Freedom of Information" in " ".join(draft(office, case, wanted("acknowledgement")).paragraphs)


# --- sending ---------------------------------------------------------------------------------------


def events_of(office: Office, case, kind: EventKind):
    return [e for e in office.events(case) if e.kind is kind]


def test_a_letter_leaves_as_it_was_drafted_and_is_kept(office) -> None:
    case, letter = prepared(office, "progress")
    drafted = draft(office, case, letter)
    number = office.correspondence.send(case, letter, at=office.at(), by=OFFICER)
    assert office.post.letters == [drafted]
    (event,) = events_of(office, case, EventKind.LETTER_SENT)
    assert (event.seq, event.leg, event.facts["letter"], event.facts["receipt"]) == (
        number,
        1,
        "progress",
        "receipt-1",
    )
    assert not any("found your file" in str(fact) for fact in event.facts.values())
    kept = office.correspondence.read(case, number)
    assert kept.paragraphs == drafted.paragraphs
    assert kept.address == "leanne@example.org"


def test_the_same_form_sent_twice_sends_one_letter(office) -> None:
    case, letter = prepared(office, "clarification")
    numbers = [
        office.correspondence.send(case, letter, at=office.at(), by=OFFICER, once="form-1") for _ in range(2)
    ]
    assert numbers[0] == numbers[1]
    assert len(office.post.letters) == 1
    assert len(events_of(office, case, EventKind.CLARIFICATION_ASKED)) == 1


class NoPost:
    def send(self, letter: Letter, *, at: datetime) -> str:
        raise EnvironmentFault("The mail server did not take a letter.", next_step="Send it again.")


@pytest.mark.parametrize("kind", ["identity-request", "clarification", "extension", "complaint-outcome"])
def test_when_the_letter_cannot_leave_nothing_is_recorded_and_it_can_be_sent_again(office, kind) -> None:
    case, letter = prepared(office, kind)
    before = office.events(case)
    working, office.correspondence._outbox = office.correspondence._outbox, NoPost()
    with pytest.raises(EnvironmentFault):
        office.correspondence.send(case, letter, at=office.at(), by=by(kind), once="a")
    assert office.events(case) == before
    office.correspondence._outbox = working
    office.correspondence.send(case, letter, at=office.at(), by=by(kind), once="a")
    assert len(office.post.letters) == 1


def test_asking_for_proof_moves_the_clock_with_the_letter(office) -> None:
    case, letter = prepared(office, "identity-request")
    office.correspondence.send(case, letter, at=office.at(), by=OFFICER)
    assert office.waits(case) == "identity"


def test_a_question_and_its_letter_are_one_act(office) -> None:
    case, letter = prepared(office, "clarification")
    office.correspondence.send(case, letter, at=office.at(), by=OFFICER)
    with office.archive.reading(case) as file:
        assert [a.asked_on for a in state_of(file).clarifications(1)] == [TODAY]


def test_more_time_is_recorded_with_its_letter_once(office) -> None:
    case, letter = prepared(office, "extension")
    office.correspondence.send(case, letter, at=office.at(), by=OFFICER)
    page = office.enquiries.case_page(office.queue_reference(case), on=TODAY)
    assert page.legs[0].due_on == LATER
    with pytest.raises(AlreadyDone):
        office.correspondence.send(case, letter, at=office.at(), by=OFFICER)


def test_more_time_taken_too_late_sends_no_letter(office) -> None:
    case, letter = prepared(office, "extension")
    office.now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    with pytest.raises(NotAllowed, match="too late"):
        office.correspondence.send(case, letter, at=office.at(), by=OFFICER)
    assert office.post.letters == []
    assert events_of(office, case, EventKind.EXTENSION_NOTIFIED) == []


def test_an_answer_to_a_complaint_is_recorded_with_its_letter(office) -> None:
    case, letter = prepared(office, "complaint-outcome")
    office.correspondence.send(case, letter, at=office.at(), by=TEAM)
    page = office.enquiries.complaint(case, letter.complaint, on=TODAY)
    assert page.status == "answered"


def test_an_acknowledgement_sent_by_the_site_records_nothing_but_itself(office) -> None:
    case, letter = prepared(office, "complaint-acknowledgement")
    office.correspondence.send(case, letter, at=office.at(), by=PROGRAM)
    assert office.enquiries.complaint(case, letter.complaint, on=TODAY).status == "opened"
    assert len(office.post.letters) == 1


@pytest.mark.parametrize(
    ("kind", "who"),
    [("refusal", TEAM), ("refusal", APPROVER), ("complaint-outcome", OFFICER), ("progress", FAMILY),
     ("refusal", PROGRAM), ("correction-notice", APPROVER)],
)  # fmt: skip
def test_who_may_not_send_a_letter(office, kind, who) -> None:
    case, letter = prepared(office, kind)
    with pytest.raises(NotAllowed):
        office.correspondence.send(case, letter, at=office.at(), by=who)
    assert office.post.letters == []


def test_a_part_left_empty_is_named(office) -> None:
    case, _ = prepared(office, "refusal")
    with pytest.raises(InvalidInput) as refused:
        draft(office, case, NewLetter(kind="refusal", leg=1, said={"reasons": "  "}))
    assert refused.value.field == "reasons"


def test_an_unknown_kind_and_outcome_are_refused(office) -> None:
    case, letter = prepared(office, "complaint-outcome")
    with pytest.raises(UnknownName):
        office.correspondence.draft(case, NewLetter(kind="../pack", leg=1), at=office.at(), by=OFFICER)
    with pytest.raises(UnknownName):
        draft(office, case, wanted("complaint-outcome", complaint=letter.complaint, outcome="won"))


def test_without_a_safe_way_nothing_is_sent(office) -> None:
    case, letter = prepared(office, "progress")
    office.standing.set_contact(
        case, contact=SafeContact(do_not="Never write."), at=office.at(), by=FAMILY, leg=1
    )
    with pytest.raises(OutOfOrder, match="No safe way"):
        office.correspondence.send(case, letter, at=office.at(), by=OFFICER)


def test_a_letter_for_post_goes_to_the_safe_address_only(office) -> None:
    case, letter = prepared(office, "progress")
    office.standing.set_contact(
        case, contact=SafeContact(postal_address="Flat 2\n5 Mill Row"), at=office.at(), by=OFFICER, leg=1,
        reason="She moved.",
    )  # fmt: skip
    with pytest.raises(AuthorityNotShown):
        draft(office, case, letter)
    office.standing.confirm_contact(
        case,
        leg=1,
        means="known-in-person",
        how="She came to the desk.",
        at=office.at(),
        by=OFFICER,
        is_safe=True,
    )
    sent = draft(office, case, letter)
    assert sent.address == "Flat 2\n5 Mill Row"
    assert "e-mail" not in " ".join(sent.paragraphs)


def test_a_withheld_name_typed_by_an_officer_stops_the_letter(office, with_records) -> None:
    case = with_records(NOTE, people=[KERRY])
    office.reviewed(case)
    letter = NewLetter(kind="progress", leg=1, said={"news": "We still wait for kerry  lomax."})
    with pytest.raises(WithheldTextFound) as stopped:
        office.correspondence.send(case, letter, at=office.at(), by=OFFICER)
    assert "lomax" not in str(stopped.value).casefold()
    assert office.post.letters == []
    office.correspondence.send(
        case, NewLetter(kind="progress", leg=1, said={"news": "We still wait for one place."}), at=office.at(),
        by=OFFICER,
    )  # fmt: skip


def test_a_recipient_reads_the_letters_of_their_own_leg_and_no_other(office) -> None:
    case = office.receive(own_leg(), child_leg())
    first = office.correspondence.send(case, wanted("progress", leg=1), at=office.at(), by=OFFICER)
    second = office.correspondence.send(case, wanted("progress", leg=2), at=office.at(), by=OFFICER)
    doctor = office.correspondence.send(
        case, wanted("health-opinion-request", leg=1), at=office.at(), by=OFFICER
    )
    mine = frozenset({1})
    assert [row.number for row in office.correspondence.sent(case, legs=mine)] == [first]
    assert office.correspondence.read(case, first, legs=mine).leg == 1
    for other in (second, doctor):
        with pytest.raises(NotFound):
            office.correspondence.read(case, other, legs=mine)


def test_a_complaint_of_another_leg_is_not_answered_here(office) -> None:
    case = office.receive(own_leg(), child_leg())
    made = complaint(office, case, leg=2)
    with pytest.raises(NotFound):
        draft(office, case, wanted("complaint-outcome", complaint=made, outcome="upheld"))


def test_a_letter_read_again_needs_its_number(office) -> None:
    case, letter = prepared(office, "progress")
    office.correspondence.send(case, letter, at=office.at(), by=OFFICER)
    with pytest.raises(NotFound):
        office.correspondence.read(case, 1)


OMBUDSMEN = {
    "england": (
        "the Parliamentary and Health Service Ombudsman",
        "the Local Government and Social Care Ombudsman",
    ),
    "wales": ("the Public Services Ombudsman for Wales",) * 2,
    "scotland": ("the Scottish Public Services Ombudsman",) * 2,
    "northern-ireland": ("the Northern Ireland Public Services Ombudsman",) * 2,
}


def test_a_letter_about_the_file_of_the_dead_names_the_ombudsman_of_the_nation(every_office) -> None:
    health, council = OMBUDSMEN[nation(every_office)]
    for kind, ombudsman in (("dead-health-without-right", health), ("dead-council-file", council)):
        case, letter = prepared(every_office, kind)
        text = body_of(draft(every_office, case, letter))
        assert f"you can go to {ombudsman}. The way there is called: " in text
        assert "council file" not in text
        assert grade_of(text) <= HARDEST


def test_northern_ireland_has_no_council_file() -> None:
    told = load("northern-ireland").pathway("dead-council-file")
    said = [told.title, told.statute, *told.told, *(outcome.told for outcome in told.outcomes)]
    assert "council" not in " ".join(said)
