"""The words for a consultee: nobody else can be known again from them."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sar.domain.consulting import Consultation, consulted, words_at
from sar.domain.disclosure import PLACEHOLDER
from sar.domain.errors import DecisionNotSupported, InvalidInput, NotFound
from sar.domain.parties import PeopleRegister, Person, Requester, Role, SafeContact
from sar.domain.references import PersonId, StaffId, SubjectId
from tests.fakes.ports import record

KERRY = Person(id=PersonId("kerry"), name="Kerry Lomax", role=Role.THIRD_PARTY)
DEAN = Person(
    id=PersonId("dean"), name="Dean Lomax", role=Role.THIRD_PARTY, phones=("01632 960144",),
    born_on=date(1980, 2, 3), phrases=("her brother",),
)  # fmt: skip
LEANNE = Person(
    id=PersonId("leanne"), name="Leanne Hartley", role=Role.DATA_SUBJECT, subject=SubjectId("leanne")
)
CLINIC = Person(id=PersonId("clinic"), name="Willow Clinic", role=Role.ORGANISATION)
REGISTER = PeopleRegister(people=(KERRY, DEAN, LEANNE, CLINIC))
ASKER = Requester(name="Leanne Hartley", contact=SafeContact(), subject=SubjectId("leanne"))


def shown(text: str, quote: str = "", *, named: bool = False, register: PeopleRegister = REGISTER) -> str:
    made = record("1", text)
    decision = Consultation(
        id="c", leg=1, person=KERRY.id, span=words_at(made, quote or text), names_requester=named,
        decided_by=StaffId("olga"), decider_role="records officer", decided_at=datetime(2026, 11, 2, tzinfo=UTC),
    )  # fmt: skip
    return consulted(made, decision, register=register, others=(), requester=ASKER).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Kerry Lomax met Dean Lomax at Willow Clinic.", f"Kerry Lomax met {PLACEHOLDER} at Willow Clinic."),
        ("Kerry rang DEAN  LOMAX twice.", f"Kerry rang {PLACEHOLDER} twice."),
        ("Kerry gave 01632 960144 and 3 February 1980.", f"Kerry gave {PLACEHOLDER} and {PLACEHOLDER}."),
        ("Kerry and her brother saw Ms Hartley.", f"Kerry and {PLACEHOLDER} saw Ms {PLACEHOLDER}."),
        ("Kerry has a leanness about her.", "Kerry has a leanness about her."),
    ],
)  # fmt: skip
def test_everything_about_anybody_else_is_withheld(text, expected) -> None:
    assert shown(text) == expected


def test_the_asker_stays_covered_unless_the_decision_names_them() -> None:
    text = "Kerry told Leanne Hartley and Dean."
    assert shown(text) == f"Kerry told {PLACEHOLDER} and {PLACEHOLDER}."
    assert shown(text, named=True) == f"Kerry told Leanne Hartley and {PLACEHOLDER}."


def test_only_the_chosen_words_are_shown() -> None:
    assert shown("It rained. Kerry shouted. It snowed.", "Kerry shouted.") == "Kerry shouted."


@pytest.mark.parametrize(
    ("text", "quote"), [("Kerry ran. Kerry ran.", "Kerry ran."), ("Kerry ran.", "kerry ran.")]
)
def test_words_that_stand_twice_or_nowhere_are_refused(text, quote) -> None:
    with pytest.raises(InvalidInput) as refused:
        words_at(record("1", text), quote)
    assert refused.value.field == "quote"


def test_another_version_or_an_unknown_person_is_refused() -> None:
    made = record("1", "Kerry ran.")
    decision = Consultation(
        id="c", leg=1, person=KERRY.id, span=words_at(made, "Kerry ran."), names_requester=False,
        decided_by=StaffId("olga"), decider_role="records officer", decided_at=datetime(2026, 11, 2, tzinfo=UTC),
    )  # fmt: skip
    with pytest.raises(DecisionNotSupported):
        consulted(record("1", "Kerry ran off."), decision, register=REGISTER, others=(), requester=ASKER)
    with pytest.raises(NotFound):
        consulted(made, decision, register=PeopleRegister(), others=(), requester=ASKER)


@given(
    st.lists(
        st.sampled_from(["Dean", "Lomax", "Leanne", "Hartley", "Kerry", "and", "rang,", "the", "\n"]),
        min_size=1,
    )
)
def test_no_order_of_words_lets_another_name_through(words) -> None:
    text = " ".join(["Kerry said", *words])
    found = shown(text)
    for name in ("Dean", "Leanne", "Hartley"):
        assert name not in found
