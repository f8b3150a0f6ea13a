"""The words for a consultee: nobody else can be known again from them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sar.domain.consulting import Consultation, consulted, unseen_by, words_at
from sar.domain.disclosure import PLACEHOLDER, ConsultedPassage
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
        ("Kerry Lomax met Dean Lomax at Willow Clinic.", f"Kerry Lomax met {PLACEHOLDER} at {PLACEHOLDER}."),
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


REFUGE = Person(
    id=PersonId("refuge"), name="Harbour House Refuge", role=Role.ORGANISATION, phones=("01632 960155",),
    addresses=("4 Quay Row, Fenwater",),
)  # fmt: skip
JO = Person(id=PersonId("jo"), name="Jo Li", role=Role.DATA_SUBJECT, subject=SubjectId("leanne"))
AN = Person(id=PersonId("an"), name="An Anne-Marie Pike", role=Role.THIRD_PARTY)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Kerry shouted at Jo.", ("Jo",)),
        ("Kerry told li and JO twice.", ("li", "JO")),
        ("Kerry saw An with an apple.", ("An",)),
        ("Kerry met Anne at noon.", ("Anne",)),
        ("Kerry says the stay is at Harbour House Refuge.", ("Harbour", "House", "Refuge")),
        ("Kerry went to Harbour House.", ("Harbour", "House")),
        ("Kerry waited in Quay Row: 4 Quay Row, she said.", ("4 Quay Row",)),
        ("Kerry rang +44 1632 960 155 twice.", ("960",)),
    ],
)
def test_short_names_refuges_and_places_are_hidden_too(text, hidden) -> None:
    register = PeopleRegister(people=(KERRY, JO, AN, REFUGE))
    found = shown(text, register=register)
    assert found.startswith("Kerry")
    for words in hidden:
        assert not re.search(rf"\b{words}\b", found)
    assert "an apple" in found or "apple" not in text


def test_where_the_asker_can_be_reached_is_hidden_even_when_they_are_named() -> None:
    made = record("1", "Kerry rang 01632 960177 for Leanne.")
    decision = Consultation(
        id="c", leg=1, person=KERRY.id, span=words_at(made, made.passages[0].text), names_requester=True,
        decided_by=StaffId("olga"), decider_role="records officer", decided_at=datetime(2026, 11, 2, tzinfo=UTC),
    )  # fmt: skip
    asker = Requester(
        name="Leanne Hartley", contact=SafeContact(phone="01632960177"), subject=SubjectId("leanne")
    )
    text = consulted(made, decision, register=REGISTER, others=(), requester=asker).text
    assert text == f"Kerry rang {PLACEHOLDER} for Leanne."


def test_the_gate_looks_for_people_and_organisations_in_the_chosen_words_themselves() -> None:
    text = "Kerry told An Anne-Marie Pike about Harbour House Refuge."
    made = record("1", text)
    decision = Consultation(
        id="c", leg=1, person=KERRY.id, span=words_at(made, text), names_requester=False,
        decided_by=StaffId("olga"), decider_role="records officer", decided_at=datetime(2026, 11, 2, tzinfo=UTC),
    )  # fmt: skip
    slipped = ConsultedPassage(consultee="Kerry Lomax", dated_on=made.dated_on, text=text)
    register = PeopleRegister(people=(KERRY, AN, REFUGE))
    looked = unseen_by(decision, slipped, records=[made], register=register, requester=None)
    assert list(looked.found_in("Kerry went to Harbour House Refuge."))
    assert list(looked.found_in("Kerry told An Anne-Marie Pike."))
    ours = unseen_by(
        decision, slipped, records=[made], register=register, requester=None, ours=["Harbour House Refuge"]
    )
    assert not list(ours.found_in("Yours, Harbour House Refuge"))
