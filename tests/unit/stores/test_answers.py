"""An answer that leaves bit by bit, and people whom an officer has compared."""

from dataclasses import replace
from datetime import date

from sar.domain.parties import IdentifierKind, Person, Role
from sar.domain.records import AnswerKind, Passage, RecordKind, SubjectQuery
from sar.domain.references import PersonId, StoreName
from sar.ports.gathering import StoreDescription
from sar.stores.answers import AnswerBuilder, unnumbered
from sar.stores.names import ANEW, BY_OFFICER, CHANGED, Candidate, Sameness, facts_of, judged
from tests.fakes.stores import AT, ISLA, STRANGER

WARD = StoreDescription(name=StoreName("ward"), label="The ward", controller="Nobody")


def note(answer, native, text="A note."):
    answer.record(
        native,
        RecordKind.CASE_NOTE,
        date(2024, 3, 6),
        [Passage(label="Note", text=text)],
        found_by="NHS number",
    )


def test_records_leave_in_batches_and_the_answer_only_counts_them():
    batches = []
    answer = AnswerBuilder(WARD, SubjectQuery(subject=ISLA), AT, into=batches.append)
    for number in range(250):
        note(answer, str(number))
    assert sum(map(len, batches)) == 200
    built = answer.build()
    assert [r.key.native_id for batch in batches for r in batch] == [str(n) for n in range(250)]
    assert (built.kind, built.records, built.found) == (AnswerKind.FOUND, (), 250)


def test_an_item_that_comes_twice_is_one_and_two_texts_under_one_number_are_held_back():
    batches = []
    answer = AnswerBuilder(WARD, SubjectQuery(subject=ISLA), AT, into=batches.append)
    for number in range(150):
        note(answer, str(number))
    note(answer, "3")
    note(answer, "4", "Another text.")
    built = answer.build()
    assert built.found == 150
    assert [h.code for h in built.held_back] == ["duplicate-id"]


def test_a_person_with_a_name_in_another_script_enters_the_register_and_one_without_a_name_does_not():
    answer = AnswerBuilder(WARD, SubjectQuery(subject=ISLA), AT)
    for number, name in enumerate(
        ("\u041e\u043b\u0435\u043d\u0430 \u041a\u043e\u0432\u0430\u043b\u044c", "\u738b\u5c0f\u660e", " - ")
    ):
        who = Person(id=PersonId(f"ward/{number}"), name=name, role=Role.PROFESSIONAL, seen_in=(WARD.name,))
        answer.person(who)
    assert [p.id for p in answer.build().people] == ["ward/0", "ward/1"]
    assert len({unnumbered(WARD.name, name) for name in ("\u738b\u5c0f\u660e", "\u674e\u5927\u4f1f")}) == 2


def test_a_person_an_officer_compared_is_who_the_officer_says():
    stranger = Candidate(names=(STRANGER.name,), born_on=STRANGER.born_on, numbers={})
    herself = Candidate(names=(ISLA.name,), born_on=ISLA.born_on, numbers={})

    def said(candidate, **more):
        return judged("7", candidate, SubjectQuery(subject=ISLA, **more))

    assert said(stranger).sameness is Sameness.OTHER
    assert said(stranger, confirmed=frozenset({"7"})).found_by == BY_OFFICER
    assert said(stranger, confirmed=frozenset({"8"})).sameness is Sameness.OTHER
    assert said(herself).sameness is Sameness.SAME
    near = Candidate(names=(ISLA.name,), born_on=None, numbers={})
    assert said(near).sameness is Sameness.NEAR
    assert said(near, ruled_out=frozenset({"7"})).sameness is Sameness.OTHER
    # The store's facts have changed since she was ruled out: nobody drops her without a look.
    assert said(herself, ruled_out=frozenset({"7"})).sameness is Sameness.NEAR


def test_a_decision_holds_only_while_the_facts_that_were_compared_are_the_same():
    near = Candidate(
        names=(ISLA.name,), born_on=None, numbers={IdentifierKind.LOCAL: frozenset({"C12", "C13"})}
    )
    anothers = Candidate(names=(STRANGER.name,), born_on=STRANGER.born_on, numbers={})
    herself = replace(near, born_on=ISLA.born_on)

    def said(candidate, **decided):
        seen = {"7": frozenset({facts_of(near)})}
        return judged("7", candidate, SubjectQuery(subject=ISLA, compared=seen, **decided))

    same, other = {"confirmed": frozenset({"7"})}, {"ruled_out": frozenset({"7"})}
    assert said(near, **same).found_by == BY_OFFICER
    # The same person, written in another way.
    assert said(replace(near, names=("ISLA  Hartley",)), **same).sameness is Sameness.SAME
    for candidate in (anothers, replace(near, numbers={}), replace(near, names=("Isla Hartly",))):
        changed = said(candidate, **same)
        assert (changed.sameness, changed.why) == (Sameness.NEAR, CHANGED)
    assert said(herself, **same).sameness is Sameness.SAME
    assert said(near, **other).sameness is Sameness.OTHER
    assert said(anothers, **other).sameness is Sameness.OTHER
    again = said(replace(near, numbers={}), **other)
    assert (again.sameness, again.why) == (Sameness.NEAR, CHANGED)
    # More speaks for her than the officer knew.
    seen = {"7": frozenset({facts_of(herself)})}
    known = judged("7", herself, SubjectQuery(subject=ISLA, compared=seen, **other))
    assert (known.sameness, known.why) == (Sameness.NEAR, ANEW)


def test_a_number_met_with_several_facts_is_held_back_once_with_all_of_them():
    answer = AnswerBuilder(WARD, SubjectQuery(subject=ISLA), AT)
    for facts in ("a", "b", "a"):
        answer.hold("7", "a near name", "near-name", facts=facts)
    [held] = answer.build().held_back
    assert held.facts == ("a", "b")
