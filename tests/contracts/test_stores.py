"""What every store promises, tried on every kind of store and on the fake that services are tested with."""

import re
from datetime import date
from pathlib import Path

import pytest

from sar.demonstration.databases import build_databases
from sar.demonstration.servers import sample_servers
from sar.documents.reader import DocumentReading
from sar.domain.errors import StoreFault
from sar.domain.parties import Role
from sar.domain.records import AnswerKind, RecordKind, SubjectQuery
from sar.stores.load import load_stores
from tests.fakes.stores import AT, ISLA, ISLA_BY_NAME_ONLY, STRANGER, FakeStore

SAMPLE = Path(__file__).parents[2] / "sample_data" / "stores"
REAL = ["trust_alerts", "council_ssd", "trust_fhir", "school_nursing", "trust_documents", "council_documents"]
NOWHERE = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def stores(tmp_path_factory):
    databases = tmp_path_factory.mktemp("databases")
    build_databases(SAMPLE, databases)
    with sample_servers(SAMPLE) as variables:
        loaded = load_stores(
            SAMPLE / "stores.toml",
            connections=SAMPLE / "connections.toml",
            variables=variables | {"databases": str(databases)},
            reader=DocumentReading(),
        )
        by_name = {s.description.name: s for s in loaded}
        # The sample's school nursing service fails its first call on purpose; that is not this suite's subject.
        with pytest.raises(StoreFault):
            by_name["school_nursing"].answer(SubjectQuery(subject=ISLA), at=AT)
        fake = FakeStore(
            [("9992311584", "F-1", date(2024, 3, 6), "A note."), ("1", "F-2", date(2024, 1, 1), "-")]
        )
        yield by_name | {"fake": fake}


@pytest.fixture(params=[*REAL, "fake"])
def store(request, stores):
    return stores[request.param]


def ask(store, subject, **period):
    return store.answer(SubjectQuery(subject=subject, **period), at=AT)


def test_what_is_found_says_where_it_is_from_whose_it_is_and_how_it_was_found(store):
    answer = ask(store, ISLA)
    assert answer.kind is AnswerKind.FOUND
    assert answer.records
    for record in answer.records:
        came = record.provenance
        assert record.key.store == came.store == answer.store == store.description.name
        assert came.native_id == record.key.native_id
        assert (came.store_label, came.controller) == (store.description.label, store.description.controller)
        assert came.retrieved_at == AT
        assert came.found_by
        assert record.about == {ISLA.id}


def test_every_record_is_dated_in_order_with_words_and_a_kind_of_its_own(store):
    records = ask(store, ISLA).records
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


def test_the_search_log_says_by_what_kind_of_number_never_which(store):
    answer = ask(store, ISLA)
    assert answer.searched_by
    assert not re.search(r"\d", " ".join(answer.searched_by))
    assert "Isla" not in " ".join(answer.searched_by)


def test_the_same_question_gets_the_same_records_with_the_same_versions(store):
    def versions():
        return {str(r.key): r.version for r in ask(store, ISLA).records}

    assert versions() == versions()


def test_a_period_leaves_out_what_lies_outside_it(store):
    answer = ask(store, ISLA, from_on=date(1990, 1, 1), to_on=date(1990, 12, 31))
    assert {r.kind for r in answer.records} <= {RecordKind.PERSON_DETAILS}


def test_people_come_with_a_role_and_the_store_that_names_them(store):
    for someone in ask(store, ISLA).people:
        assert someone.name
        assert store.description.name in someone.seen_in
        assert (someone.role is Role.DATA_SUBJECT) == (someone.subject == ISLA.id)


def test_check_answers_in_one_sentence_without_personal_data(store):
    said = store.check()
    assert store.description.label in said
    assert "Hartley" not in said


def broken(name, tmp_path):
    if name == "fake":
        return FakeStore(down=True)
    variables = {
        key: NOWHERE for n in ("fhir", "school_nursing", "ambulance", "housing") for key in (f"{n}_url",)
    }
    variables |= {
        f"{k}_token_url": f"{NOWHERE}/token" for k in ("fhir", "school_nursing", "ambulance", "housing")
    }
    connections = (SAMPLE / "connections.toml").read_text()
    connections = re.sub(r'mapping = "', f'mapping = "{SAMPLE}/', connections)
    (tmp_path / "connections.toml").write_text(connections)
    loaded = load_stores(
        SAMPLE / "stores.toml",
        connections=tmp_path / "connections.toml",
        variables=variables | {"databases": str(tmp_path), "client_id": "x", "client_secret": "y"},
        reader=DocumentReading(),
    )
    return next(s for s in loaded if s.description.name == name)


@pytest.mark.parametrize("name", [*REAL, "fake"])
def test_a_store_that_is_not_there_is_a_fault_with_a_next_step_never_nothing_held(name, tmp_path):
    store = broken(name, tmp_path)
    for attempt in (lambda: ask(store, ISLA), store.check):
        with pytest.raises(StoreFault) as fault:
            attempt()
        assert fault.value.next_step
        assert "Isla" not in fault.value.message
