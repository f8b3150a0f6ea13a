"""The pages sar writes itself: what they say comes from the answers, and only about one person."""

from datetime import UTC, date, datetime

import pytest

from sar.domain.complaints import Complaint, ComplaintEvent, ComplaintFact, next_step, state_of
from sar.domain.parties import PeopleRegister, Person, Role
from sar.domain.records import AlertEntry, AlertStep, AnswerKind, HeldBack, RecordKind, StoreAnswer
from sar.domain.rectification import Correction, Place, PlaceState
from sar.domain.references import PersonId, RecordKey, StoreName, SubjectId
from sar.domain.written import TOGETHER, generated_pages, people_page, trail_page
from sar.law import load
from tests.fakes.ports import record

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
LEANNE = SubjectId("leanne")
HELD = HeldBack(key=RecordKey(StoreName("ward"), "9"), why="a PDF with a password", code="unreadable")


def answer(kind, *, store="ward", subject=LEANNE, records=(), **more):
    return StoreAnswer(
        store=StoreName(store), store_label=f"The {store}", controller="Fenwater Trust", subject=subject, kind=kind,
        asked_at=AT, records=records, **more,
    )  # fmt: skip


def search(*answers):
    pages = generated_pages([], answers, subject=LEANNE, at=AT)
    [page] = [p for p in pages if p.kind is RecordKind.SEARCH_LOG]
    return {p.label: p.text for p in page.passages}


def places(*answers):
    """The answers only, without what they come to."""
    return {label: text for label, text in search(*answers).items() if label != TOGETHER}


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (AnswerKind.NOTHING_HELD, "Nothing held."),
        (AnswerKind.NOT_USED_HERE, "does not use the kind of number"),
        (AnswerKind.UNAVAILABLE, "It did not answer. We will ask again"),
        (AnswerKind.REFUSED, "It did not accept our question."),
        (AnswerKind.NOT_OURS, "We may not search it."),
    ],
)
def test_each_meaning_of_an_answer_has_its_own_words(kind, said):
    [text] = places(answer(kind)).values()
    assert said in text
    was_asked = kind is not AnswerKind.NOT_OURS
    assert text.startswith("Kept by Fenwater Trust.")
    assert ("Asked on 2 November 2026" in text) is was_asked
    others = {k: search(answer(k))["The ward"] for k in AnswerKind if k is not AnswerKind.FOUND}
    assert len(set(others.values())) == len(others)


def test_the_search_page_speaks_of_one_person_only():
    found = places(
        answer(AnswerKind.NOTHING_HELD),
        answer(AnswerKind.NOTHING_HELD, store="desk", subject=SubjectId("marcus")),
    )
    assert list(found) == ["The ward"]


def test_what_was_used_to_search_is_said_and_what_was_held_back_is_counted():
    by = ("NHS number", "full name and date of birth")
    [text] = places(answer(AnswerKind.NOTHING_HELD, searched_by=by, held_back=(HELD, HELD))).values()
    assert "by NHS number and full name and date of birth." in text
    assert "2 items could not be read" in text


def test_neither_a_count_of_records_nor_a_near_name_is_told():
    """A count tells of a record withheld without a word; a near name is somebody else's."""
    one, two = (tuple(record(str(i), "Seen.") for i in range(n)) for n in (1, 2))
    near = HeldBack(key=HELD.key, why="another date of birth", code="near-name")
    texts = {
        search(answer(AnswerKind.FOUND, records=records, held_back=held))["The ward"]
        for records in (one, two) for held in ((), (near,))
    }  # fmt: skip
    assert len(texts) == 1


def test_a_later_attempt_is_told():
    for kind in (AnswerKind.FOUND, AnswerKind.UNAVAILABLE):
        [text] = places(answer(kind, attempt=3)).values()
        assert "We asked 3 times." in text


COMPLETE = "Every place we asked has looked and has answered."


@pytest.mark.parametrize(
    ("kind", "held", "said"),
    [
        (AnswerKind.NOTHING_HELD, (), COMPLETE),
        (AnswerKind.NOTHING_HELD, (HELD,), "Some items could not be read"),
        (
            AnswerKind.NOT_USED_HERE,
            (),
            "One place could not look, as the list above says. It may hold something.",
        ),
        (AnswerKind.NOT_OURS, (), "One place we may not search. Ask its owner."),
        (AnswerKind.UNAVAILABLE, (), ""),
        (AnswerKind.REFUSED, (), ""),
    ],
)
def test_nothing_is_called_complete_that_is_not(kind, held, said):
    found = search(answer(AnswerKind.FOUND), answer(kind, store="desk", held_back=held)).get(TOGETHER, "")
    assert found.startswith(said)
    assert (COMPLETE in found) is (said == COMPLETE)
    assert bool(found) is bool(said)


def test_the_order_of_places_is_not_the_order_of_their_answers():
    one, two = answer(AnswerKind.FOUND, store="desk"), answer(AnswerKind.FOUND)
    assert list(places(one, two)) == list(places(two, one)) == ["The desk", "The ward"]


def test_alert_pages_come_only_where_there_is_an_alert():
    raised = AlertEntry(alert_number="AL-1", step=AlertStep.RAISED, on=date(2024, 3, 4), recipient="GP")
    records = [record("1", "Alert.", alert=[raised])]
    kinds = [p.kind for p in generated_pages(records, [], subject=LEANNE, at=AT)]
    assert kinds == [
        RecordKind.SEARCH_LOG, RecordKind.ALERT_LIFE, RecordKind.PARENTS_TOLD, RecordKind.RECIPIENTS,
        RecordKind.CONTRADICTIONS,
    ]  # fmt: skip
    bare = [p.kind for p in generated_pages([], [], subject=LEANNE, at=AT)]
    assert bare == [RecordKind.SEARCH_LOG, RecordKind.RECIPIENTS]


def people(*entries, text="Priya Raman and KERRY LOMAX came."):
    return people_page(PeopleRegister(people=entries), [record("1", text)], subject=LEANNE, at=AT)


def person(name, role, **more):
    return Person(id=PersonId(name), name=name, role=role, **more)


def test_the_people_page_names_professionals_in_these_records_with_their_roles():
    page = people(
        person("Priya Raman", Role.PROFESSIONAL, job_title="midwife", employer="Fenwater Trust"),
        person("Owen Marsh", Role.PROFESSIONAL),
        person("Kerry Lomax", Role.THIRD_PARTY),
    )
    assert page is not None
    assert [p.text for p in page.passages] == ["Priya Raman, midwife, Fenwater Trust"]


def test_a_shared_mailbox_is_no_person():
    page = people(
        person("Front door", Role.PROFESSIONAL, employer="Wexcombe Council"),
        person("Priya Raman", Role.PROFESSIONAL),
        text="Priya Raman wrote to the Front door.",
    )
    assert [(p.label, p.text) for p in page.passages] == [
        ("Name and role", "Priya Raman"), ("Team or office", "Front door, Wexcombe Council")
    ]  # fmt: skip


def test_with_nobody_named_there_still_is_a_page_that_says_so():
    page = people(person("Owen Marsh", Role.PROFESSIONAL))
    assert page is not None
    assert len(page.passages) == 1
    assert "Owen" not in page.passages[0].text


def test_our_own_pages_name_nobody_into_the_people_page():
    priya = person("Priya Raman", Role.PROFESSIONAL)
    ours = record("p", "Priya Raman", kind=RecordKind.PEOPLE_KEPT)
    page = people_page(PeopleRegister(people=(priya,)), [ours], subject=LEANNE, at=AT)
    assert page is None or "Priya" not in page.passages[0].text


@pytest.mark.parametrize(
    ("state", "outside", "said"),
    [
        (PlaceState.LISTED, False, "The ward: seen on 2 November 2026, its holder not yet told."),
        (PlaceState.LISTED, True, "The ward: named in an alert, not yet told."),
        (PlaceState.REPORTED, True, "The ward: its holder has been told, on 2 November 2026."),
        (PlaceState.SEEN, False, "The ward: seen corrected in the store, checked on 2 November 2026."),
    ],
)
def test_no_place_is_said_to_be_looked_at_on_a_day_nobody_looked(state, outside, said):
    place = Place(
        id="place-1", record=None if outside else RecordKey(StoreName("ward"), "1"), store=StoreName("ward"),
        label="The ward", controller="", version="", state=state, checked_on=AT.date(),
    )  # fmt: skip
    asked = Correction(
        id="c", leg=1, asked_on=date(2026, 11, 3), answer_by=date(2026, 12, 3), alert_number="AL-1",
        what_is_wrong="It.", what_it_should_say="Not.", places=(place,),
    )  # fmt: skip
    page = trail_page([], [asked], subject=LEANNE, at=AT)
    assert page is not None
    assert page.passages[1].text == said


def test_the_trail_page_tells_stage_date_and_next_step():
    law = load("england")
    kept = Complaint(
        route="data-protection", knew_on=date(2026, 10, 1),
        facts=(ComplaintFact(event=ComplaintEvent.OPENED, on=date(2026, 10, 28)),),
    )  # fmt: skip
    step = next_step(kept, law, AT.date())
    page = trail_page([("About your information", state_of(kept, law), step)], [], subject=LEANNE, at=AT)
    assert page is not None
    assert page.kind is RecordKind.COMPLAINT_TRAIL
    [passage] = page.passages
    assert passage.label == "Complaint of 28 October 2026"
    assert passage.text == f"About your information. It is opened. {step.text}"
    assert trail_page([], [], subject=LEANNE, at=AT) is None
