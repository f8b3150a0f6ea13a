"""The pages sar writes itself: what they say comes from the answers, and only about one person."""

from datetime import UTC, date, datetime

import pytest

from sar.domain.complaints import Complaint, ComplaintEvent, ComplaintFact, next_step, state_of
from sar.domain.parties import PeopleRegister, Person, Role
from sar.domain.records import AlertEntry, AlertStep, AnswerKind, HeldBack, RecordKind, StoreAnswer
from sar.domain.references import PersonId, RecordKey, StoreName, SubjectId
from sar.domain.written import generated_pages, people_page, trail_page
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
    [text] = search(answer(kind)).values()
    assert said in text
    assert "Kept by Fenwater Trust. Asked on 2 November 2026" in text
    others = {k: search(answer(k))["The ward"] for k in AnswerKind if k is not AnswerKind.FOUND}
    assert len(set(others.values())) == len(others)


def test_the_search_page_speaks_of_one_person_only():
    found = search(
        answer(AnswerKind.NOTHING_HELD),
        answer(AnswerKind.NOTHING_HELD, store="desk", subject=SubjectId("marcus")),
    )
    assert list(found) == ["The ward"]


def test_what_was_used_to_search_is_said_and_what_was_held_back_is_counted():
    by = ("NHS number", "full name and date of birth")
    [text] = search(answer(AnswerKind.NOTHING_HELD, searched_by=by, held_back=(HELD, HELD))).values()
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
    [text] = search(answer(AnswerKind.FOUND, records=(record("1", "Seen."),), attempt=3)).values()
    assert "attempt 3" in text
    [text] = search(answer(AnswerKind.UNAVAILABLE, attempt=3)).values()
    assert "We asked 3 times." in text


def test_alert_pages_come_only_where_there_is_an_alert():
    raised = AlertEntry(alert_number="AL-1", step=AlertStep.RAISED, on=date(2024, 3, 4), recipient="GP")
    records = [record("1", "Alert.", alert=[raised])]
    kinds = [p.kind for p in generated_pages(records, [], subject=LEANNE, at=AT)]
    assert kinds == [
        RecordKind.SEARCH_LOG, RecordKind.ALERT_LIFE, RecordKind.PARENTS_TOLD, RecordKind.RECIPIENTS,
        RecordKind.CONTRADICTIONS,
    ]  # fmt: skip
    assert [p.kind for p in generated_pages([], [], subject=LEANNE, at=AT)] == [RecordKind.SEARCH_LOG]


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
