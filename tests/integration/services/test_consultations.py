"""Somebody the records speak of is shown the words about them, and nothing about anybody else."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sar.domain.disclosure import PLACEHOLDER
from sar.domain.errors import (
    AlreadyDone,
    DecisionNotSupported,
    ImpossibleDate,
    InvalidInput,
    NotAllowed,
    NotFound,
    WithheldTextFound,
)
from sar.domain.parties import Person, Role
from sar.domain.references import PersonId
from sar.domain.trail import EventKind
from sar.services.correspondence import NewLetter
from tests.fakes.plain_words import HARDEST, grade_of
from tests.integration.services.conftest import APPROVER, KERRY, OFFICER, TULLY
from tests.integration.services.test_letters import DAY, body_of
from tests.integration.services.test_what_leaves import record

TOLD = record(
    "7", "Kerry Lomax told Maureen Tully that Leanne shouts. Priya Raman wrote it down for the file."
)


def ask(office, case, **more):
    said = {"person": "kerry", "record": "ward/7", "quote": TOLD.passages[0].text, "names_requester": False}
    return office.correspondence.ask_consultee(case, leg=1, at=office.at(), by=OFFICER, **{**said, **more})


def letter(asked: str, **said: str) -> NewLetter:
    words = {"address": "kerry@example.org", **said}
    return NewLetter(kind="third-party-consultation", leg=1, said=words, consultation=asked)


@pytest.fixture
def case(with_records):
    return with_records(TOLD, people=[KERRY, TULLY])


def test_only_the_words_about_the_consultee_are_shown(office, case) -> None:
    found = office.correspondence.draft(case, letter(ask(office, case)), at=office.at(), by=OFFICER)
    (words,) = (p for p in found.paragraphs if p.startswith("Kerry Lomax told"))
    assert words == (
        f"Kerry Lomax told {PLACEHOLDER} that {PLACEHOLDER} shouts. {PLACEHOLDER} wrote it down for the file."
    )
    assert found.to == "Kerry Lomax"
    text = " ".join(found.paragraphs)
    for other in ("Tully", "Leanne", "Hartley", "Priya", "Raman"):
        assert other not in text
    assert grade_of(body_of(found)) <= HARDEST
    assert len(set(DAY.findall(text))) == 2  # The day of the record, and of the letter.


def test_the_asker_is_named_only_when_the_decision_says_so(office, case) -> None:
    named = office.correspondence.draft(
        case, letter(ask(office, case, names_requester=True)), at=office.at(), by=OFFICER
    )
    assert "The person who asked is Leanne Hartley." in named.paragraphs
    assert "Tully" not in " ".join(named.paragraphs)


def test_the_gate_reads_the_letter_against_what_the_consultee_may_not_see(office, with_records) -> None:
    case = with_records(
        TOLD, record("8", "Another note says that the plan ended well in the spring."), people=[KERRY]
    )
    asked = ask(office, case, quote="Kerry Lomax told")
    office.people.add_many(
        case, [Person(id=PersonId("x"), name="Monday Novak", role=Role.THIRD_PARTY, aliases=("Fenwater Trust",))],
        at=office.at(), by=OFFICER,
    )  # fmt: skip
    with pytest.raises(WithheldTextFound):
        office.correspondence.send(case, letter(asked), at=office.at(), by=OFFICER)
    assert office.post.letters == []


def test_the_decision_and_the_answer_are_events_without_a_name(office, case) -> None:
    asked = ask(office, case)
    office.correspondence.send(case, letter(asked), at=office.at(), by=OFFICER)
    office.correspondence.answer_of_consultee(
        case, consultation=asked, answer="refusal", on=office.now.date(), words="Please do not.", at=office.at(),
        by=OFFICER,
    )  # fmt: skip
    kinds = {EventKind.CONSULTATION_DECIDED, EventKind.LETTER_SENT, EventKind.CONSULTATION_ANSWERED}
    mine = [e for e in office.events(case) if e.kind in kinds]
    assert [e.kind for e in mine] == [
        EventKind.CONSULTATION_DECIDED, EventKind.LETTER_SENT, EventKind.CONSULTATION_ANSWERED,
    ]  # fmt: skip
    facts = " ".join(str(f) for e in mine for f in e.facts.values()).casefold()
    assert "kerry" not in facts
    assert "please" not in facts
    (row,) = office.correspondence.consultees(case, leg=1)
    assert (row.person, row.answer) == ("Kerry Lomax", "refusal")
    with pytest.raises(AlreadyDone):
        office.correspondence.answer_of_consultee(
            case,
            consultation=asked,
            answer="consent",
            on=office.now.date(),
            words="",
            at=office.at(),
            by=OFFICER,
        )


def test_the_family_never_reads_a_letter_to_somebody_else(office, case) -> None:
    number = office.correspondence.send(case, letter(ask(office, case)), at=office.at(), by=OFFICER)
    assert office.correspondence.sent(case, legs=frozenset({1})) == ()
    with pytest.raises(NotFound):
        office.correspondence.read(case, number, legs=frozenset({1}))


@pytest.mark.parametrize(
    ("more", "field"),
    [({"person": "nobody"}, "person"), ({"quote": "Words that are not there"}, "quote"), ({"quote": " "}, "quote")],
)  # fmt: skip
def test_what_cannot_be_asked_is_refused_and_nothing_kept(office, case, more, field) -> None:
    before = office.events(case)
    with pytest.raises(InvalidInput) as refused:
        ask(office, case, **more)
    assert refused.value.field == field
    assert office.events(case) == before


def test_the_person_whose_records_they_are_is_not_asked_as_somebody_else(office, case) -> None:
    with pytest.raises(InvalidInput):
        ask(
            office,
            case,
            person=next(str(p.id) for p in office.register(case).people if p.subject == "leanne"),
        )


def test_words_that_are_only_about_others_leave_nothing_to_ask(office, case) -> None:
    with pytest.raises(DecisionNotSupported):
        ask(office, case, quote="Maureen Tully")


def test_a_day_before_the_question_and_another_role_are_refused(office, case) -> None:
    asked = ask(office, case)
    with pytest.raises(ImpossibleDate):
        office.correspondence.answer_of_consultee(
            case, consultation=asked, answer="consent", on=office.now.date() - timedelta(days=1), words="",
            at=office.at(), by=OFFICER,
        )  # fmt: skip
    with pytest.raises(NotAllowed):
        office.correspondence.ask_consultee(
            case, leg=1, person="kerry", record="ward/7", quote="Kerry Lomax told", names_requester=False,
            at=office.at(), by=APPROVER,
        )  # fmt: skip


def test_without_a_recorded_decision_there_is_no_letter(office, case) -> None:
    with pytest.raises(NotFound):
        office.correspondence.draft(case, letter("0123456789ab"), at=office.at(), by=OFFICER)
