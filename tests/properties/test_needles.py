"""What one leg's gate looks for: everything withheld and everybody protected, less only what was disclosed."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sar.domain.disclosure import Needles
from sar.domain.exemptions import Saying
from sar.domain.matching import Span, Verdict
from sar.domain.needles import needles_of, safe_label
from sar.domain.parties import Person, Requester, Role, SafeContact
from sar.domain.records import RecordKind
from sar.domain.redaction import Decision, Outcome, RecordDecision
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


TULLY = Person(
    id=PersonId("tully"), name="Maureen Tully", role=Role.SOURCE, phrases=("next door",), born_on=date(1963, 11, 2),
)  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Tully rang", "the Tullys", "TULLY, Maureen", "from next-door", "born 2 November 1963", "2 Nov 1963",
        "2nd November 1963", "02/11/1963", "2/11/63", "2.11.1963", "1963-11-02", "November 2, 1963",
    ],
)  # fmt: skip
def test_what_follows_from_an_entry_is_looked_for_too(text):
    assert finds(needles([], decisions=[], people=[TULLY]), text)


def test_nothing_follows_from_a_person_whose_name_was_decided_to_be_shown():
    told = record("1", "Maureen Tully rang.")
    made = [decided("Maureen Tully", Verdict.DISCLOSE, of=told)]
    looked = needles([told], decisions=made, people=[TULLY])
    assert not finds(looked, "Tully, Maureen, born 2 November 1963")


def test_only_a_sources_phrases_are_looked_for():
    third = replace(TULLY, role=Role.THIRD_PARTY)
    assert not finds(needles([], decisions=[], people=[third]), "from next door")


@pytest.mark.parametrize("other", ["Grace Tully", "Ms Tully"])
def test_a_surname_that_a_professional_shares_is_not_looked_for_alone(other):
    looked = needles([], decisions=[], people=[TULLY, person(other, Role.PROFESSIONAL)])
    assert not finds(looked, "Tully came.")
    assert finds(looked, "Tully, Maureen came.")


def test_the_subjects_birthday_is_not_anybody_elses():
    subject = replace(person("Leanne Hartley", Role.DATA_SUBJECT), born_on=TULLY.born_on)
    assert not finds(needles([], decisions=[], people=[TULLY, subject]), "2 November 1963")


def test_withholding_a_name_that_is_a_word_leaves_the_word_alone():
    note = record("1", "I met Will there. I will ring.")
    looked = needles([note], decisions=[decided("Will", Verdict.WITHHOLD, of=note)], people=[])
    assert not finds(looked, "and I will ring")
    assert finds(looked, "and I met Will")


def test_a_description_is_no_surname():
    assert not finds(
        needles([], decisions=[], people=[person("caller on 3 May", Role.SOURCE)]), "in early May"
    )


ADVICE = "The council would be ill advised to fight point two of it."


def whole(record, outcome):
    return RecordDecision(
        leg=LegName("leanne"), record=record.key, version=record.version, outcome=outcome, reason="Yes.",
        decided_by=StaffId("o"), decider_role="lawyer", decided_at=AT,
    )  # fmt: skip


def quoted(*others, outcome=Outcome.WITHHOLD, words=ADVICE, hide=()):
    """Whether words of a record that does not go out are looked for beside the other records."""
    secret = record("1", f"Privileged. {words}", on=date(2024, 5, 1))
    outcomes = {o.key: whole(o, Outcome.DISCLOSE) for o in others} | {secret.key: whole(secret, outcome)}
    looked = needles_of(
        [secret, *others], decisions=list(hide), people=[], recipient=HERSELF, outcomes=outcomes
    )
    return finds(looked, f"> {words}")


@pytest.mark.parametrize("outcome", [Outcome.WITHHOLD, Outcome.OUT_OF_SCOPE])
def test_the_sentences_of_a_record_that_does_not_go_out_are_looked_for(outcome):
    assert quoted(outcome=outcome)


def test_a_later_record_that_quotes_it_does_not_free_it():
    assert quoted(record("2", f"See what came: {ADVICE}", on=date(2024, 6, 1)))


def test_an_earlier_disclosed_record_says_its_own_words():
    earlier = record("2", ADVICE, on=date(2024, 1, 1))
    assert not quoted(earlier)
    assert quoted(earlier, hide=[decided("ill advised", Verdict.WITHHOLD, of=earlier)])


def test_boilerplate_set_phrases_and_shared_notes_are_no_leaks():
    later = [record(str(n), f"{ADVICE} Number {n}.", on=date(2024, 7, n)) for n in range(2, 5)]
    assert not quoted(*later)
    phrase = "No further action is needed."
    assert not quoted(record("2", phrase, on=date(2024, 7, 1)), words=phrase)
    assert not quoted(later[0], outcome=Outcome.OUT_OF_SCOPE)


def test_a_page_of_ours_frees_no_sentence():
    page = record("2", ADVICE, on=date(2024, 1, 1), kind=RecordKind.SEARCH_LOG)
    assert quoted(page)


def test_a_label_with_a_name_in_it_becomes_neutral():
    looked = needles([], decisions=[], people=[KERRY])
    assert safe_label("Told by Kerry Lomax", looked, number=3) == "Field 3"
    assert safe_label("Told by", looked, number=3) == "Told by"


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
