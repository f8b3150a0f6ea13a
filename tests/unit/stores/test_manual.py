"""A store that a person looks through: how it is set up, what it answers, and how a handed-in paper is read."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from sar.documents.reader import DocumentReading
from sar.domain.errors import BadMapping
from sar.domain.parties import DataSubject
from sar.domain.records import AnswerKind, SubjectQuery
from sar.domain.references import SubjectId
from sar.ports.gathering import ReadDocument, ReadPart, Store
from sar.stores.load import load_stores
from sar.stores.manual import PaperReading

WANTED = {
    "name": "papers", "label": "The old papers", "controller": "Fenwater Trust", "kind": "manual",
    "owner": "files@fenwater.example", "escalate_to": "head@fenwater.example",
}  # fmt: skip
AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
QUERY = SubjectQuery(subject=DataSubject(id=SubjectId("x"), name="Leanne Hartley", born_on=date(1993, 3, 14)))


def load(folder: Path, *, without: str = "", **changes: object) -> Store:
    said = {k: v for k, v in {**WANTED, **changes}.items() if k != without}
    lines = [f"{k} = {v}" if isinstance(v, int) else f'{k} = "{v}"' for k, v in said.items()]
    (folder / "stores.toml").write_text("[[store]]\n" + "\n".join(lines) + "\n")
    (folder / "connections.toml").write_text("")
    [store] = load_stores(
        folder / "stores.toml",
        connections=folder / "connections.toml",
        variables={},
        reader=DocumentReading(),
    )
    return store


def test_its_one_answer_is_that_a_person_has_to_look(tmp_path) -> None:
    store = load(tmp_path)
    answer = store.answer(QUERY, at=AT)
    assert (answer.kind, answer.found) == (AnswerKind.NEEDS_PERSON, 0)
    assert store.estimate(QUERY, at=AT).kind is AnswerKind.NEEDS_PERSON
    assert "5 working days" in store.check()
    assert load(tmp_path, days_allowed=8).description.days_allowed == 8


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"without": "owner"}, "owner"), ({"owner": "the clerk"}, "owner"),
        ({"without": "escalate_to"}, "escalate_to"), ({"days_allowed": 0}, "days_allowed"),
        ({"days_allowed": 31}, "days_allowed"), ({"days_alowed": 5}, "days_alowed"),
    ],
)  # fmt: skip
def test_a_store_that_nobody_would_hear_of_is_refused(tmp_path, changes, named) -> None:
    with pytest.raises(BadMapping) as wrong:
        load(tmp_path, **changes)
    assert named in f"{wrong.value.message} {wrong.value.next_step}"


def test_the_owner_of_any_store_is_an_address(tmp_path) -> None:
    with pytest.raises(BadMapping) as wrong:
        load(tmp_path, kind="files", owner="the clerk", without="escalate_to")
    assert "owner" in wrong.value.message


class Given:
    """A reader that answers with what it was given."""

    def __init__(self, *documents: ReadDocument) -> None:
        self.documents = documents

    def read(self, content: bytes, *, name: str, media_type: str = "") -> tuple[ReadDocument, ...]:
        del content, name, media_type
        return self.documents


def part(place: str, text: str) -> tuple[ReadPart, ...]:
    return (ReadPart(place=place, text=text),)


def test_a_piece_that_cannot_be_read_is_said_and_the_rest_is_read() -> None:
    said = PaperReading(
        Given(
            ReadDocument(parts=part("text", "A visit."), media_type="text/plain"),
            ReadDocument(
                parts=part("unreadable", "a PDF with a password"), media_type="application/x-unreadable"
            ),
        )
    ).read(b"", name="both.zip")
    assert [p.text for p in said.passages] == ["A visit."]
    assert said.unread == ("a PDF with a password",)


def test_half_a_letter_is_written_as_a_question_mark() -> None:
    reading = PaperReading(Given(ReadDocument(parts=part("text", "A \ud800 sign."), media_type="text/plain")))
    assert [p.text for p in reading.read(b"", name="x").passages] == ["A ? sign."]


def test_a_paper_without_words_is_said_to_be_empty() -> None:
    said = PaperReading(Given(ReadDocument(parts=(), media_type="text/plain"))).read(b"", name="x")
    assert (said.passages, len(said.unread)) == ((), 1)
