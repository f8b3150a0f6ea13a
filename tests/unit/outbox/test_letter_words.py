"""The words of letters: what is missing is loud, gaps part paragraphs, and nothing a person types is a template."""

from __future__ import annotations

from datetime import date

import pytest
from jinja2 import UndefinedError

from sar.config import shipped
from sar.domain.calendar import say_date
from sar.domain.disclosure import ConsultedPassage, LetterWords
from sar.domain.errors import NotFound
from sar.domain.letters import LETTERS
from sar.outbox import LetterRoom
from sar.ports.disclosing import LetterFacts

ON = date(2026, 11, 2)


def room() -> LetterRoom:
    return LetterRoom(templates=shipped("templates"), say=say_date)


def facts(kind: str, **more: object) -> LetterFacts:
    given: dict[str, object] = {
        "reference": "SA-2026-0001", "to": "A B", "address": "a@example.org", "organisation": "The trust",
        "contact": ("Records Office",), "site": "https://records.example/", "dated_on": ON, "days": {"dated_on": ON},
    }  # fmt: skip
    return LetterFacts(kind=kind, **{**given, **more})  # type: ignore[arg-type]  # fields by name


def test_a_letter_is_paragraphs_that_the_next_step_begins() -> None:
    letter = room().write(
        facts(
            "clarification",
            days={"dated_on": ON, "asked_on": ON},
            words={"question": LetterWords("Which?\n\nAll?")},
        )
    )
    assert letter.paragraphs[:4] == ("Dear A B", "We have one question about your request.", "Which?", "All?")
    assert letter.paragraphs[-1] == "The trust\nMonday 2 November 2026\nOur reference: SA-2026-0001"


def test_what_a_person_types_stays_what_it_is() -> None:
    typed = "{{ facts.address }} <b>Tom & Ann's</b> {% raw %}"
    letter = room().write(
        facts("clarification", days={"dated_on": ON, "asked_on": ON}, words={"question": LetterWords(typed)})
    )
    assert typed in letter.paragraphs


@pytest.mark.parametrize("kind", sorted(LETTERS))
def test_a_missing_fact_is_never_an_empty_place(kind) -> None:
    with pytest.raises(UndefinedError):
        room().write(facts(kind, days={}))


def test_there_is_a_file_for_every_kind_and_no_other_letter() -> None:
    parts = {"letter", "closing", "more", "due", "remedies", "remedies-of-the-law"}
    files = {file.stem for file in (shipped("templates") / "letters").glob("*.txt")}
    assert files - parts == set(LETTERS)


def test_a_kind_without_words_is_refused() -> None:
    with pytest.raises(NotFound):
        room().write(facts("love-letter"))


def test_the_asker_is_named_to_a_consultee_only_where_the_passage_says_so() -> None:
    for requester in ("", "Leanne Hartley"):
        passage = ConsultedPassage(
            consultee="Kerry Lomax", dated_on=ON, text="Kerry Lomax rang.", requester=requester
        )
        text = " ".join(room().write(facts("third-party-consultation", passage=passage)).paragraphs)
        assert ("Leanne Hartley" in text) is bool(requester)
        assert "Kerry Lomax rang." in text
