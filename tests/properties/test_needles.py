"""What one leg's gate looks for: everything withheld and everybody protected, less only what was disclosed."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sar.domain.disclosure import Needles
from sar.domain.exemptions import Saying
from sar.domain.matching import Span, Verdict
from sar.domain.needles import needles_of
from sar.domain.parties import Person, Requester, Role, SafeContact
from sar.domain.redaction import Decision
from sar.domain.references import ExemptionCode, LegName, PersonId, StaffId, SubjectId
from tests.fakes.ports import record

AT = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
NOTE = record("1", "Kerry Lomax wept. Mr Rudge of Quarry Rise drove.")
KERRY = Person(
    id=PersonId("kerry"), name="Kerry Lomax", role=Role.THIRD_PARTY, aliases=("Ms Lomax",),
    phones=("07700 900311",), emails=("kerry@example.net",), addresses=("27 Quarry Rise",), identifiers=("9992583037",),
)  # fmt: skip


HERSELF = Requester(name="Leanne Hartley", contact=SafeContact(), subject=SubjectId("leanne"))


def decided(words, verdict, *, of=NOTE, name="d"):
    start = of.passages[0].text.index(words)
    return Decision(
        id=name, leg=LegName("leanne"), verdict=verdict, reason="Yes.", decided_by=StaffId("o"),
        span=Span(record=of.key, version=of.version, passage=0, start=start, end=start + len(words)),
        decider_role="records officer", decided_at=AT, exemption=ExemptionCode("3RD-PARTY"), saying=Saying.FULL,
    )  # fmt: skip


def person(name, role):
    return Person(id=PersonId(name), name=name, role=role)


def needles(records, *, decisions, people, recipient=HERSELF):
    return needles_of(records, decisions=decisions, people=people, recipient=recipient)


def finds(needles, text):
    return bool(list(needles.found_in(text)))


@pytest.mark.parametrize(
    "text",
    [
        "kerry lomax",
        "Ms Lomax",
        "ring 07700900311",
        "KERRY@example.net",
        "at 27 Quarry Rise",
        "no 9992583037",
    ],
)
def test_a_person_nobody_decided_about_is_looked_for_in_every_written_form(text):
    assert finds(needles([NOTE], decisions=[], people=[KERRY]), text)


@pytest.mark.parametrize("role", [Role.THIRD_PARTY, Role.SOURCE, Role.NAMESAKE])
def test_protected_roles_are_looked_for(role):
    assert finds(needles([], decisions=[], people=[person("Kerry Lomax", role)]), "Kerry Lomax")


@pytest.mark.parametrize("role", [Role.DATA_SUBJECT, Role.PROFESSIONAL, Role.ORGANISATION])
def test_the_subject_professionals_and_bodies_are_not(role):
    assert not finds(needles([], decisions=[], people=[person("Kerry Lomax", role)]), "Kerry Lomax")


def test_a_professional_of_the_same_name_keeps_it_in():
    people = [KERRY, person("Kerry Lomax", Role.PROFESSIONAL)]
    looked = needles([], decisions=[], people=people)
    assert not finds(looked, "Kerry Lomax")
    assert finds(looked, "27 Quarry Rise")


def test_withheld_words_are_looked_for_wherever_they_stand():
    looked = needles([NOTE], decisions=[decided("Mr Rudge of Quarry Rise", Verdict.WITHHOLD)], people=[])
    assert finds(looked, "and mr rudge of\nquarry rise again")
    assert not finds(looked, "Mr Rudge")


def test_disclosing_frees_the_words_disclosed_and_nothing_else():
    looked = needles([NOTE], decisions=[decided("Kerry Lomax", Verdict.DISCLOSE)], people=[KERRY])
    assert not finds(looked, "Kerry Lomax")
    assert finds(looked, "Ms Lomax")
    assert finds(looked, "27 Quarry Rise")


def test_a_wide_disclosure_does_not_free_a_name_withheld_inside_it():
    made = [
        decided("Kerry Lomax wept.", Verdict.DISCLOSE),
        decided("Kerry Lomax", Verdict.WITHHOLD, name="e"),
    ]
    assert finds(needles([NOTE], decisions=made, people=[KERRY]), "Kerry Lomax")


def test_a_longer_professional_name_does_not_free_a_shorter_one():
    people = [person("Dean", Role.THIRD_PARTY), person("Deane Marlow", Role.PROFESSIONAL)]
    assert finds(needles([], decisions=[], people=people), "Dean rang.")


def test_a_decision_on_an_earlier_version_frees_nothing():
    older = record("1", "Kerry Lomax came by.")
    made = [decided("Kerry Lomax", Verdict.DISCLOSE, of=older)]
    assert finds(needles([NOTE], decisions=made, people=[KERRY]), "Kerry Lomax")


def test_words_withheld_in_one_place_and_disclosed_in_another_are_left_to_their_places():
    other = record("2", "Kerry Lomax came by.")
    made = [
        decided("Kerry Lomax", Verdict.WITHHOLD),
        decided("Kerry Lomax", Verdict.DISCLOSE, of=other, name="e"),
    ]
    looked = needles([NOTE, other], decisions=made, people=[person("Kerry Lomax", Role.THIRD_PARTY)])
    assert not finds(looked, "Kerry Lomax")


def test_the_recipient_knows_her_own_names_and_no_one_elses():
    leanne = Person(
        id=PersonId("leanne"), name="Leanne Hartley", role=Role.THIRD_PARTY, aliases=("Leanne Doyle",),
        phones=("07700 900117",), subject=SubjectId("leanne"),
    )  # fmt: skip
    looked = needles([], decisions=[], people=[leanne, KERRY])
    assert not finds(looked, "Leanne Hartley, once Leanne Doyle")
    assert finds(looked, "Kerry Lomax")
    for_another = Requester(name="Marcus Hartley", contact=SafeContact(), subject=SubjectId("marcus"))
    assert finds(needles([], decisions=[], people=[leanne], recipient=for_another), "Leanne Doyle")


words = st.text(alphabet=st.characters(categories=("L", "N")), min_size=4, max_size=12)


@given(name=words, before=st.text(max_size=20), after=st.text(max_size=20))
def test_a_needle_standing_free_is_always_found(name, before, after):
    assert finds(Needles([name], whole_words=True), f"{before} {name.upper()} | {after}") or len(name) < 4
    assert finds(Needles([name], whole_words=True), f"{before}\n{name} \n{after}")


@given(names=st.lists(words, max_size=6), text=st.text(max_size=60))
def test_only_numbers_come_out_and_no_more_than_there_are(names, text):
    needles = Needles(names, whole_words=True)
    found = list(needles.found_in(text))
    assert all(0 <= n < len(needles) for n in found)
    assert len(set(found)) == len(found)


@given(names=st.lists(words, min_size=1, max_size=5), shown=st.lists(words, max_size=3))
def test_freeing_never_adds_and_never_touches_what_was_not_shown(names, shown):
    needles = Needles(names, whole_words=True)
    freed = needles.without_those_in(shown)
    assert len(freed) <= len(needles)
    kept = [n for n in names if not finds(Needles([n], whole_words=True), " ".join(shown))]
    assert all(finds(freed, f" {n} ") for n in kept)
