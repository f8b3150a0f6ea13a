"""What every store promises, tried on every kind of store and on the fake that services are tested with.

A kind of store joins with a module in ``joined/``; see ``joining.py``.
"""

import re
from datetime import date

import pytest

from sar.domain.errors import StoreFault
from sar.domain.parties import Role
from sar.domain.records import AnswerKind, RecordKind, SubjectQuery
from tests.contracts.joining import every_store
from tests.fakes.stores import AT, ISLA_BY_NAME_ONLY, STRANGER

EVERY = {joined.name: joined for joined in every_store()}


@pytest.fixture(scope="module", params=EVERY)
def joined(request):
    return EVERY[request.param]


@pytest.fixture(scope="module")
def store(joined, request, tmp_path_factory):
    with joined.open(request.getfixturevalue, tmp_path_factory.mktemp(joined.name)) as store:
        yield store


@pytest.fixture
def subject(joined):
    return joined.subject


def ask(store, subject, **period):
    return store.answer(SubjectQuery(subject=subject, **period), at=AT)


def test_what_is_found_says_where_it_is_from_whose_it_is_and_how_it_was_found(store, subject):
    answer = ask(store, subject)
    assert answer.kind is AnswerKind.FOUND
    assert answer.records
    for record in answer.records:
        came = record.provenance
        assert record.key.store == came.store == answer.store == store.description.name
        assert came.native_id == record.key.native_id
        assert (came.store_label, came.controller) == (store.description.label, store.description.controller)
        assert came.retrieved_at == AT
        assert came.found_by
        assert record.about == {subject.id}


def test_every_record_is_dated_in_order_with_words_and_a_kind_of_its_own(store, subject):
    records = ask(store, subject).records
    assert [r.dated_on for r in records] == sorted(r.dated_on for r in records)
    assert len({r.key for r in records}) == len(records)
    for record in records:
        assert not record.kind.is_generated
        assert record.passages
        assert all(p.label.strip() and p.text.strip() for p in record.passages)


def test_a_stranger_has_nothing_here(store):
    answer = ask(store, STRANGER)
    assert answer.kind is AnswerKind.NOTHING_HELD
    assert (answer.records, answer.held_back) == ((), ())


def test_a_name_alone_opens_nothing(store):
    assert ask(store, ISLA_BY_NAME_ONLY).records == ()


def test_the_search_log_says_by_what_kind_of_number_never_which(store, subject):
    answer = ask(store, subject)
    assert answer.searched_by
    assert not re.search(r"\d", " ".join(answer.searched_by))
    assert subject.name.split()[0] not in " ".join(answer.searched_by)


def test_the_same_question_gets_the_same_records_with_the_same_versions(store, subject):
    def versions():
        return {str(r.key): r.version for r in ask(store, subject).records}

    assert versions() == versions()


def test_a_period_leaves_out_what_lies_outside_it(store, subject):
    answer = ask(store, subject, from_on=date(1990, 1, 1), to_on=date(1990, 12, 31))
    assert {r.kind for r in answer.records} <= {RecordKind.PERSON_DETAILS}


def test_what_is_dated_after_today_is_held_today(store, subject):
    """A visit that is planned, or a store whose clock runs ahead: the question ends today, and is not for less."""
    whole = ask(store, subject)
    before = AT.replace(year=2019)
    early = store.answer(SubjectQuery(subject=subject, to_on=before.date()), at=before)
    assert {str(r.key) for r in early.records} == {str(r.key) for r in whole.records}
    assert len(early.held_back) == len(whole.held_back)


def test_people_come_with_a_role_and_the_store_that_names_them(store, subject):
    for someone in ask(store, subject).people:
        assert someone.name
        assert store.description.name in someone.seen_in
        assert (someone.role is Role.DATA_SUBJECT) == (someone.subject == subject.id)


def test_check_answers_in_one_sentence_without_personal_data(store):
    said = store.check()
    assert store.description.label in said
    assert "Hartley" not in said


def test_records_leave_bit_by_bit_and_are_the_same_as_in_one_piece(store, subject):
    batches = []
    streamed = store.answer(SubjectQuery(subject=subject), at=AT, into=batches.append)
    whole = ask(store, subject)
    assert streamed.records == ()
    assert all(0 < len(batch) <= 100 for batch in batches)
    given = {str(r.key): r.version for batch in batches for r in batch}
    assert given == {str(r.key): r.version for r in whole.records}
    assert (streamed.kind, streamed.found, streamed.held_back) == (whole.kind, whole.found, whole.held_back)
    assert streamed.people == whole.people


def test_an_estimate_says_whether_anything_is_held_and_about_how_much(store, subject):
    estimate, answer = (f(SubjectQuery(subject=subject), at=AT) for f in (store.estimate, store.answer))
    assert estimate.kind is answer.kind
    assert estimate.records > 0
    if estimate.is_exact:
        assert estimate.records == answer.found
    stranger = store.estimate(SubjectQuery(subject=STRANGER), at=AT)
    assert (stranger.kind, stranger.records) == (AnswerKind.NOTHING_HELD, 0)


@pytest.mark.parametrize("name", EVERY)
def test_a_store_that_is_not_there_is_a_fault_with_a_next_step_never_nothing_held(name, tmp_path):
    store, query = EVERY[name].broken(tmp_path), SubjectQuery(subject=EVERY[name].subject)
    asked = (lambda: store.answer(query, at=AT), lambda: store.estimate(query, at=AT), store.check)
    for attempt in asked:
        with pytest.raises(StoreFault) as fault:
            attempt()
        assert fault.value.next_step
        assert query.subject.name.split()[0] not in fault.value.message
