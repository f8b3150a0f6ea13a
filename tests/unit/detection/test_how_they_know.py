"""Cues by which a source is known without a name: what must be asked about, and what ordinary notes must not raise."""

import pytest

from sar.domain.matching import Verdict
from sar.domain.parties import Person, Role
from sar.domain.records import RecordKind

CUES = frozenset(
    {
        "source.asks", "source.writes-as", "source.heard-or-saw", "source.caller-says", "source.place", "source.club",
        "source.code", "relation.former-partner-says", "relation.child-age",
    }
)  # fmt: skip
SUBJECT = Person(id="s", name="Dana Whitlow", role=Role.DATA_SUBJECT)
STAFF = Person(id="w", name="Paula Enright", role=Role.PROFESSIONAL)

ORDINARY = (
    "Home visit by appointment. Dana and baby Rory seen. Rory is nine weeks, smiling and following; weight 5,120 grams."
    " Feeding on demand, settles after the evening feed. Dana says she is sleeping better and has more energy.",
    "Stair gate at the top and bottom. Window locks in place. We talked about safe sleep, and about noise and light"
    " before bed. Dana asked about weaning and I gave her the leaflet from the clinic.",
    "Emotional health: Dana reports that the first weeks were hard. She has friends nearby and goes to the baby group"
    " at the library. She is growing in confidence. No thoughts of harm. Edinburgh score 6.",
    "Telephone call to the surgery. The GP has no concerns, immunisations are up to date and the hearing test was"
    " passed. Asked the practice nurse to send the dates in writing.",
    "Core group. Present: school nurse, class teacher, social worker and both parents. Attendance 94 per cent. The"
    " teacher said that Rory joins in, and that his reading is where it should be. Plan to continue.",
    "Social worker visit, unannounced, as agreed in the plan. Kitchen clean, food in the fridge. Dana was making tea"
    " and was open about money. We rang the housing office together about the boiler and were told to expect a call.",
    "Supervision: no drift. The written agreement is signed. Dana does not want to change nursery before the summer."
    " Father has been told of the review date by letter and said that he will come.",
    "Referral received from the hospital by secure e-mail. Mother attended with abdominal pain, seen by the registrar"
    " and discharged. The midwife rang to check that we had it. Screening: no further action, advice letter sent.",
    "Speech and language: uses two words together, enjoys stories, points to what he wants. Dana reads to him every"
    " night and was thanked for keeping the diary. Next appointment in the spring.",
    "Discussed confidentiality and when we may share. Dana understands and agrees. She would rather be rung after"
    " three, when she is back from the school run, and has asked us not to ring her at work.",
    "Joint visit with the nursery nurse. Rory, aged two, played with the train and looked at himself in the window."
    " Dana noticed that he is tired and put him down for his nap. Warm and attentive throughout.",
    "Letter to parents: thank you for meeting me. The assessment is finished and I have no worry about Rory. You may"
    " see the record. Please tell me if anything in it is wrong and I will ask for it to be put right.",
)


def raised(detector, text, *, kind=None, people=(SUBJECT,)):
    return [m for m in detector.for_people(people).matches(text, kind=kind) if m.rule in CUES]


@pytest.mark.parametrize("note", ORDINARY)
@pytest.mark.parametrize("kind", [RecordKind.CASE_NOTE, RecordKind.REFERRAL, RecordKind.CORRESPONDENCE])
def test_ordinary_notes_raise_nothing(detector, note, kind):
    assert [note[m.start : m.end] for m in raised(detector, note, kind=kind)] == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "Thank you for the list. I write as a mum at the school, please do not tell Dana it was me, Paula. Thanks",
            "I write as a mum at the school, please do not tell Dana it was me, Paula.",
        ),
        (
            "Bloods are back.\nShe told me this in strict confidence.",
            "She told me this in strict confidence.",
        ),
        (
            "Call taken at 20:10. He would prefer the parents not to know that he rang. Closed.",
            "He would prefer the parents not to know that he rang.",
        ),
        ("Rang back.\n\nWants to stay anonymous", "Wants to stay anonymous"),
        ("We\u2019d be grateful if you could keep our names out of this.", None),
        ("Don\u2019t let on that we told you, don't mention my name.", None),
        ("She asked not to be named because she meets them every day.", None),
    ],
)
def test_a_wish_not_to_be_named_puts_the_whole_sentence_to_an_approver(detector, text, sentence):
    matches = raised(detector, text)
    assert (sentence or text) in {text[m.start : m.end] for m in matches}
    assert {(m.exemption, m.kind, m.suggests) for m in matches} == {("INFORMANT", "source", Verdict.WITHHOLD)}


def test_staff_who_write_as_a_neighbour_are_asked_about_although_staff_are_never_proposed(detector):
    text = "I am ringing as her neighbour, not as a nurse. Paula Enright"
    (match,) = raised(detector, text, people=(SUBJECT, STAFF))
    assert text[match.start : match.end] == "I am ringing as her neighbour, not as a nurse."
    assert "name as well" in match.reason


@pytest.mark.parametrize(
    "text",
    [
        "She could hear banging through the wall most nights.",
        "Raised voices were the television.",
        "The noise was a shelf that fell.",
        "The caller asked whether the baby was all right.",
        "Somebody in the playground said that they have a social worker.",
        "A friend from church rang: she is worried.",
    ],
)
def test_how_somebody_came_to_know_is_asked_in_contacts_notes_and_letters_only(detector, text):
    for kind in (RecordKind.REFERRAL, RecordKind.CASE_NOTE, RecordKind.CORRESPONDENCE):
        found = raised(detector, text, kind=kind)
        assert {(text[m.start : m.end], m.exemption) for m in found} == {(text, "INFORMANT")}
    assert raised(detector, text, kind=RecordKind.ALERT) == []


@pytest.mark.parametrize("letter", "ABCD")
def test_public_codes_of_lay_sources_are_found_with_their_words_in_every_kind(detector, letter):
    text = f"Who made contact: individual: somebody or other (code 1{letter})"
    for kind in (RecordKind.REFERRAL, RecordKind.RECIPIENTS, RecordKind.PERSON_DETAILS):
        (match,) = raised(detector, text, kind=kind)
        assert (match.start, match.end, match.rule) == (0, len(text), "source.code")
    assert raised(detector, f"alcohol misuse: parent or carer (code 1{letter})") == []
    assert raised(detector, "health services: emergency department (code 3E)") == []


def test_a_former_wife_with_the_familys_surname_is_weighed_by_the_sentence(detector):
    text = "Seen alone. Whitlow (the ex-wife) said he hit her. He denies it."
    (match,) = raised(detector, text)
    assert text[match.start : match.end] == "Whitlow (the ex-wife) said he hit her."
    assert (match.exemption, match.kind) == ("3RD-PARTY", "passage")


@pytest.mark.parametrize(
    ("text", "clause"),
    [
        ("His son, aged five, stays on Sundays.", "His son, aged five"),
        ("She has a half-sister (11) in the town.", "a half-sister (11)"),
        ("He collects his nine-year-old daughter.", "his nine-year-old daughter"),
        ("His son Callum Reed, aged seven, was there.", "His son Callum Reed, aged seven"),
    ],
)
def test_relation_and_age_are_one_clause_to_weigh(detector, text, clause):
    found = {text[m.start : m.end] for m in raised(detector, text) if m.rule == "relation.child-age"}
    assert found == {clause}


def test_a_sentence_that_holds_nothing_but_known_names_and_a_cue_is_still_asked_about(detector):
    text = "Paula Enright: in confidence."
    assert [m.kind for m in raised(detector, text, people=(SUBJECT, STAFF))] == ["source"]


def test_a_cue_does_not_reach_over_a_paragraph_that_ends_without_a_stop(detector):
    text = "Somebody at the gate\n\nLetter of 4 May\n\nThe teacher said that he reads well"
    assert raised(detector, text, kind=RecordKind.CORRESPONDENCE) == []
