"""Answers kept page by page, workers that come too late, rounds that carry over, and what came after the close."""

from dataclasses import replace
from datetime import date

import pytest

from sar.domain.errors import (
    EnvironmentFault,
    NotFound,
    OutOfOrder,
    QuestionsLeft,
    StoreRefused,
    StoreUnavailable,
    TrailBroken,
)
from sar.domain.parties import Person, Role
from sar.domain.records import AlertEntry, AlertStep, AnswerKind, RecordKind
from sar.domain.references import PersonId, StoreName, SubjectId
from sar.domain.trail import EventKind
from sar.ports.answering import fresh_answers, keep_answer, records_of
from sar.ports.casework import answers_of, state_of
from sar.ports.gathering import Agreement, Estimate
from sar.ports.keeping import Collection
from sar.ports.searching import QuestionState
from sar.services import gathering
from sar.services.gathering.asking import RECORDS_A_PAGE, PageKeeper
from sar.stores.answers import AnswerBuilder
from tests.fakes.ports import HeldStore, record
from tests.integration.services.conftest import (
    COUNCIL,
    FAMILY,
    LEANNE,
    MARCUS,
    OFFICER,
    TRUST,
    own_leg,
)

DOWN = StoreUnavailable("It did not answer in 10 seconds.", next_step="Wait.")
MANY = 2 * RECORDS_A_PAGE + 30


def many(number=MANY, store="ward"):
    return [
        record(str(n), f"Visit number {n}.", store=store, on=date(2024, 1, 1 + n % 28)) for n in range(number)
    ]


def ask(office, case, store, *, attempt=1, number=1, subject="leanne"):
    return office.gathering.ask(
        case, round_number=number, store=StoreName(store), subject=SubjectId(subject), attempt=attempt,
        at=office.at(),
    )  # fmt: skip


def begun(office, *stores, **more):
    office.stores = list(stores)
    case = office.receive()
    office.gathering.begin(case, at=office.at(), by=OFFICER, **more)
    return case


def own(office, case, leg=1):
    return [r for r in office.records(case, leg) if not r.kind.is_generated]


def names(office, case, collection):
    with office.archive.reading(case) as file:
        return file.names(collection)


class Streaming(HeldStore):
    """Sends its records through the sink, as real adapters do; it may fail half-way."""

    def answer(self, query, *, at, into=None):
        answer = AnswerBuilder(self.description, query, at, into=into)
        for one in self.held:
            answer.record(one.key.native_id, one.kind, one.dated_on, one.passages, found_by="NHS number")
        if self.fault is not None:
            raise self.fault
        return answer.build()


@pytest.mark.parametrize("kind", [HeldStore, Streaming])
def test_records_are_kept_page_by_page_and_read_back_whole(office, kind):
    case = begun(office, kind("ward", many()))
    assert ask(office, case, "ward") is AnswerKind.FOUND
    with office.archive.reading(case) as file:
        [head] = answers_of(file, 1)
        assert head.records == ()
        assert len(head.pages) == 3
        assert head.found == MANY
        assert {r.key.native_id for r in records_of(file, head)} == {str(n) for n in range(MANY)}
    office.gathering.conclude(case, round_number=1, at=office.at())
    assert len(own(office, case)) == MANY
    assert office.events(case)[-1].facts["records"] == MANY
    # What nothing changed stands once: only the pages sar writes are kept for the leg.
    assert all("/sar/" in name for name in names(office, case, Collection.LEG_RECORDS))


def test_what_an_attempt_left_that_broke_off_is_never_counted(office):
    ward = Streaming("ward", many(), fault=DOWN)
    case = begun(office, ward)
    assert ask(office, case, "ward") is AnswerKind.UNAVAILABLE
    assert len(names(office, case, Collection.ANSWER_PAGE)) == 2
    ward.fault, ward.held = None, many(5)
    assert ask(office, case, "ward", attempt=2) is AnswerKind.FOUND
    office.gathering.conclude(case, round_number=1, at=office.at())
    assert len(own(office, case)) == 5


def test_a_worker_that_comes_too_late_changes_nothing(office):
    class Overtaken(Streaming):
        """While it is read, another worker puts the same question and is quicker."""

        def answer(self, query, *, at, into=None):
            office.stores = [HeldStore("ward", many(3))]
            assert ask(office, case, "ward") is AnswerKind.FOUND
            return super().answer(query, at=at, into=into)

    case = begun(office, Overtaken("ward", many(7)))
    assert ask(office, case, "ward") is AnswerKind.FOUND
    answered = [e for e in office.events(case) if e.kind is EventKind.STORE_ANSWERED]
    assert [e.facts["records"] for e in answered] == [3]
    office.gathering.conclude(case, round_number=1, at=office.at())
    assert len(own(office, case)) == 3


def test_a_full_disk_is_our_fault_and_not_the_stores(office, monkeypatch):
    class Swallowing(Streaming):
        def answer(self, query, *, at, into=None):
            try:
                return super().answer(query, at=at, into=into)
            except EnvironmentFault:
                return AnswerBuilder(self.description, query, at).build()

    case = begun(office, Swallowing("ward", many()))

    def full(_keeper, _records):
        raise EnvironmentFault("The disk is full.", next_step="Free some space.")

    monkeypatch.setattr(PageKeeper, "_keep", full)
    with pytest.raises(EnvironmentFault):
        ask(office, case, "ward")
    assert office.answers(case) == ()


def test_one_record_that_is_no_text_is_held_back_and_the_rest_is_kept(office):
    half = Person(id=PersonId("ward/p"), name="Ben Ode", role=Role.PROFESSIONAL, employer="Half \ud83d")
    held = [record("1", "Seen."), record("2", "Half \ud83d a sign."), record("3", "Rang.", people=[half])]
    case = begun(office, HeldStore("ward", [*held, record("4", "Left.")]))
    assert ask(office, case, "ward") is AnswerKind.FOUND
    [answer] = office.answers(case)
    assert [r.key.native_id for r in answer.records] == ["1", "4"]
    assert [(h.key.native_id, h.code) for h in answer.held_back] == [("2", "unreadable"), ("3", "unreadable")]


def test_a_page_of_which_nothing_is_text_is_no_page(office):
    case = begun(office, HeldStore("ward", [record("1", "Half \ud83d a sign.")]))
    assert ask(office, case, "ward") is AnswerKind.FOUND
    [answer] = office.answers(case)
    assert (answer.total, answer.pages, len(answer.held_back)) == (0, (), 1)


def test_alerts_and_reasons_to_stop_are_found_on_every_page(office):
    raised = AlertEntry(alert_number="A-1", step=AlertStep.RAISED, on=date(2024, 3, 4))
    held = [*many(), record("last", "A MARAC was held.", alert=(raised,))]
    case = begun(office, HeldStore("ward", held))
    ask(office, case, "ward")
    office.gathering.conclude(case, round_number=1, at=office.at())
    assert RecordKind.ALERT_LIFE in {r.kind for r in office.records(case)}
    stops = [e.facts["code"] for e in office.events(case) if e.kind is EventKind.CONFLICT_RECORDED]
    assert stops == ["marac"]


def test_copies_on_different_pages_and_in_different_places_are_one_record(office):
    office.stores = [
        HeldStore("ward", of_both(many(150))),
        HeldStore("desk", of_both(many(120, store="desk"))),
    ]
    case = office.receive(own_leg(), own_leg(MARCUS))
    office.gather(case)
    hers, his = own(office, case, 1), own(office, case, 2)
    assert len(hers) == len(his) == 150
    assert office.events(case)[-1].facts["records"] == 150
    assert sum(bool(r.copies) for r in hers) + 120 == 240


def of_both(records):
    return [replace(r, about=frozenset({LEANNE.id, MARCUS.id})) for r in records]


def test_a_copy_that_is_about_one_person_only_is_not_named_to_the_other(office):
    office.stores = [HeldStore("ward", of_both(many(2))), HeldStore("desk", many(2, store="desk"))]
    case = office.receive(own_leg(), own_leg(MARCUS))
    office.gather(case)
    assert "The desk" not in str(own(office, case, 2))
    assert {r.provenance.store for r in own(office, case, 1)} == {"ward", "desk"}


def test_mails_that_stand_in_a_fuller_one_are_read_there_and_stay_listed(office):
    def mail(native, text, on):
        one = record(native, kind=RecordKind.CORRESPONDENCE, on=on)
        labels = {
            "From": "Priya Raman",
            "To": "Duty team",
            "Date": on.isoformat(),
            "Subject": "Visit",
            "Text": text,
        }
        passages = tuple(replace(record("x", v).passages[0], label=k) for k, v in labels.items())
        return replace(one, passages=passages)

    first = "The visit on Monday went well and the family were calm throughout."
    answer = f"Thank you, that is good to hear from you all.\n\nOn 4 March 2024 Priya Raman wrote:\n> {first}"
    case = begun(
        office, HeldStore("mail", [mail("1", first, date(2024, 3, 4)), mail("2", answer, date(2024, 3, 5))])
    )
    ask(office, case, "mail")
    office.gathering.conclude(case, round_number=1, at=office.at())
    [fullest] = own(office, case)
    assert fullest.key.native_id == "2"
    assert [c.native_id for c in fullest.copies] == ["1"]
    assert office.events(case)[-1].facts["records"] == 1
    assert names(office, case, Collection.FOLDING) == ("1/1",)


def test_a_round_for_what_is_missing_asks_only_that(office):
    ward, desk = HeldStore("ward", many(3)), HeldStore("desk", fault=DOWN)
    office.stores = [ward, desk]
    case = office.receive()
    office.gather(case)
    desk.fault = None
    desk.held = [record("9", "A letter.", store="desk")]
    assert office.gathering.begin(case, at=office.at(), by=OFFICER, only_missing=True) == 2
    assert office.gathering.plan(case, 2) == (("desk", "leanne"),)
    ask(office, case, "desk", number=2)
    office.gathering.conclude(case, round_number=2, at=office.at())
    assert len(ward.asked) == 1
    assert len(own(office, case)) == 4
    carried = [e.facts["from_round"] for e in office.events(case) if e.kind is EventKind.ANSWER_CARRIED_OVER]
    assert carried == [1]


def test_the_plan_names_only_questions_without_an_answer(office):
    case = begun(office, HeldStore("ward", many(1)), HeldStore("desk", fault=DOWN))
    assert len(office.gathering.plan(case, 1)) == 2
    ask(office, case, "ward")
    ask(office, case, "desk")
    assert office.gathering.plan(case, 1) == (("desk", "leanne"),)


def closed_with_a_gap(office):
    desk = HeldStore("desk", fault=DOWN)
    office.stores = [HeldStore("ward", many(2)), desk]
    case = office.receive()
    office.gather(case)
    desk.fault, desk.held = None, [record("9", "A letter.", store="desk")]
    return case


def test_a_late_answer_gets_a_round_of_its_own_while_nobody_has_decided(office):
    case = closed_with_a_gap(office)
    assert office.gathering.take_in(case, round_number=1, at=office.at()) == 1
    assert ask(office, case, "desk", attempt=2) is AnswerKind.FOUND
    # What the closed round rests on does not change under the hands of those who read it.
    assert office.kinds(case)["desk"] is AnswerKind.UNAVAILABLE
    assert len(own(office, case)) == 2
    assert office.gathering.take_in(case, round_number=1, at=office.at()) == 2
    assert len(own(office, case)) == 3
    assert office.gathering.take_in(case, round_number=1, at=office.at()) == 1
    with office.archive.reading(case) as file:
        assert state_of(file).gathered_round == 2
        assert fresh_answers(file) == ()
    assert office.events(case)[-1].facts["gaps"] == 0


def test_a_late_answer_waits_for_an_officer_once_somebody_decided(office):
    case = closed_with_a_gap(office)
    with office.archive.writing(case) as file:
        file.record(EventKind.RECORD_DECIDED, at=office.at(), by=OFFICER, leg=1, outcome="disclose")
    ask(office, case, "desk", attempt=2)
    assert office.gathering.take_in(case, round_number=1, at=office.at()) == 1
    assert office.gathering.progress(reference(office, case)).late == 1
    assert office.gathering.take_in(case, round_number=1, at=office.at(), by=OFFICER) == 2
    assert office.gathering.progress(reference(office, case)).late == 0


def stopped(office, case, *, only_missing=False):
    number = office.gathering.begin(case, at=office.at(), by=OFFICER, only_missing=only_missing)
    office.gathering.cancel(case, round_number=number, at=office.at(), by=OFFICER)
    return number


@pytest.mark.parametrize("only_missing", [False, True])
def test_a_late_answer_is_taken_in_while_a_round_is_stopped(office, only_missing):
    case = closed_with_a_gap(office)
    stopped(office, case, only_missing=only_missing)
    assert ask(office, case, "desk", attempt=2) is AnswerKind.FOUND
    assert office.gathering.take_in(case, round_number=1, at=office.at()) == 2
    assert len(own(office, case)) == 3
    assert office.gathering.progress(reference(office, case)).state == "complete"
    assert office.gathering.begin(case, at=office.at(), by=OFFICER) == 3


def test_what_a_stopped_round_was_told_is_taken_in_too_and_its_gaps_take_nothing_away(office):
    case = closed_with_a_gap(office)
    number = office.gathering.begin(case, at=office.at(), by=OFFICER)
    office.stores[0].fault = DOWN
    assert ask(office, case, "ward", number=number) is AnswerKind.UNAVAILABLE
    assert ask(office, case, "desk", number=number) is AnswerKind.FOUND
    office.gathering.cancel(case, round_number=number, at=office.at(), by=OFFICER)
    # The closed round's own attempt asks no second time, and yet its gap is filled.
    assert ask(office, case, "desk", attempt=2) is AnswerKind.FOUND
    assert len(office.stores[1].asked) == 2
    assert office.gathering.take_in(case, round_number=1, at=office.at()) == number
    assert len(own(office, case)) == 3
    carried = [e.facts["store"] for e in office.events(case) if e.kind is EventKind.ANSWER_CARRIED_OVER]
    assert carried == ["ward"]


def test_a_stopped_round_is_not_closed_while_a_question_was_never_answered(office):
    case = closed_with_a_gap(office)
    office.stores.append(HeldStore("new", many(1, store="new")))
    stopped(office, case)
    ask(office, case, "desk", attempt=2)
    assert office.gathering.take_in(case, round_number=1, at=office.at()) == 1
    with pytest.raises(OutOfOrder, match="nobody has answered"):
        office.gathering.take_in(case, round_number=1, at=office.at(), by=OFFICER)


def test_an_officer_is_told_why_nothing_is_taken_in(office):
    case = closed_with_a_gap(office)
    before = office.events(case)
    with pytest.raises(OutOfOrder, match="No answer came in"):
        office.gathering.take_in(case, round_number=1, at=office.at(), by=OFFICER)
    assert office.events(case) == before
    ask(office, case, "desk", attempt=2)
    office.gathering.begin(case, at=office.at(), by=OFFICER)
    with pytest.raises(OutOfOrder, match="is running"):
        office.gathering.take_in(case, round_number=1, at=office.at(), by=OFFICER)
    assert office.gathering.take_in(case, round_number=1, at=office.at()) == 1


def reference(office, case):
    return next(head.reference for head in office.archive.heads() if head.id == case)


def test_a_round_that_was_stopped_goes_on_where_it_was(office):
    ward = HeldStore("ward", many(1))
    case = begun(office, ward, HeldStore("desk"))
    ask(office, case, "ward")
    office.gathering.cancel(case, round_number=1, at=office.at(), by=OFFICER)
    assert office.gathering.progress(reference(office, case)).state == "stopped"
    with pytest.raises(OutOfOrder):
        office.gathering.cancel(case, round_number=1, at=office.at(), by=OFFICER)
    assert office.gathering.begin(case, at=office.at(), by=OFFICER) == 1
    assert office.gathering.plan(case, 1) == (("desk", "leanne"),)
    ask(office, case, "desk")
    office.gathering.conclude(case, round_number=1, at=office.at())
    assert office.gathering.progress(reference(office, case)).state == "complete"


def test_a_round_that_was_stopped_or_passed_over_a_store_is_not_closed(office):
    case = begun(office, HeldStore("ward", many(1)), HeldStore("desk"))
    ask(office, case, "ward")
    office.gathering.cancel(case, round_number=1, at=office.at(), by=OFFICER)
    with pytest.raises(OutOfOrder) as stopped:
        office.gathering.conclude(case, round_number=1, at=office.at())
    assert "stopped" in stopped.value.message
    office.gathering.begin(case, at=office.at(), by=OFFICER)
    with pytest.raises(OutOfOrder):
        office.gathering.conclude(case, round_number=1, at=office.at())
    assert office.gathering.progress(reference(office, case)).state == "running"


def test_a_store_added_while_a_round_runs_is_named_and_asked_before_it_is_closed(office):
    case = begun(office, HeldStore("ward", many(1)))
    ask(office, case, "ward")
    office.stores.append(HeldStore("desk", many(1, store="desk")))
    with pytest.raises(QuestionsLeft):
        office.gathering.conclude(case, round_number=1, at=office.at())
    assert office.gathering.plan(case, 1) == (("desk", "leanne"),)
    ask(office, case, "desk")
    office.gathering.conclude(case, round_number=1, at=office.at())
    assert office.gathering.progress(reference(office, case)).state == "complete"


def test_a_store_taken_out_of_the_settings_while_a_round_runs_leaves_a_gap_and_the_round_closes(office):
    case = begun(office, HeldStore("ward", many(1)), HeldStore("desk", many(1, store="desk")))
    questions = office.gathering.plan(case, 1)
    del office.stores[1]
    kinds = [ask(office, case, store, subject=subject) for store, subject in questions]
    assert kinds == [AnswerKind.FOUND, AnswerKind.SUSPENDED]
    office.gathering.conclude(case, round_number=1, at=office.at())
    assert office.events(case)[-1].facts["gaps"] == 1
    row = next(r for r in office.gathering.search_log(reference(office, case)).rows if r.store == "desk")
    assert row.note.startswith("It is no longer set up here, so it was not asked.")
    assert (row.answer, row.controller, row.records) == (AnswerKind.SUSPENDED.value, TRUST, 0)
    office.ready(case)
    office.reviewed(case)
    [missing] = office.signoff.readiness(case, leg=1, on=office.now.date()).missing
    assert (missing.store, missing.answer) == ("desk", AnswerKind.SUSPENDED.value)


def test_what_a_store_gave_before_it_was_taken_out_stays_and_it_is_asked_again_when_it_is_back(office):
    desk = HeldStore("desk", many(120, store="desk"), controller=COUNCIL)
    office.agreements = [
        Agreement(reference="JCA-1", between=frozenset({TRUST, COUNCIL}), agreed_on=date(2025, 4, 1))
    ]
    office.stores = [HeldStore("ward", [record("a", "Seen.")]), desk]
    case = office.receive()
    office.gather(case)
    office.gathering.begin(case, at=office.at(), by=OFFICER)
    questions = office.gathering.plan(case, 2)
    office.stores = office.stores[:1]
    for store, subject in questions:
        ask(office, case, store, number=2, subject=subject)
    office.gathering.conclude(case, round_number=2, at=office.at())
    [answer] = [a for a in office.answers(case, 2) if a.store == "desk"]
    assert (answer.kind, answer.found, answer.controller) == (AnswerKind.SUSPENDED, 120, COUNCIL)
    assert answer.store_label == desk.description.label
    assert answer.note.endswith("What it gave us on Monday 2 November 2026 is kept and answered for.")
    assert len(own(office, case)) == 121
    assert office.events(case)[-1].facts["gaps"] == 1
    office.stores.append(desk)
    office.gather(case)
    assert [office.kinds(case)["desk"], len(desk.asked)] == [AnswerKind.FOUND, 2]


def test_a_later_attempt_at_a_store_that_was_taken_out_is_the_last_one(office):
    case = begun(office, HeldStore("ward", many(1)), HeldStore("desk", fault=DOWN))
    ask(office, case, "ward")
    assert ask(office, case, "desk") is AnswerKind.UNAVAILABLE
    del office.stores[1]
    # Nothing that the engine tries again: only a place that did not answer is.
    assert ask(office, case, "desk", attempt=2) is AnswerKind.SUSPENDED
    office.gathering.conclude(case, round_number=1, at=office.at())
    [page] = [r for r in office.records(case) if r.kind is RecordKind.SEARCH_LOG]
    [said] = [p.text for p in page.passages if p.label == "The desk"]
    assert "It was out of use and was not asked." in said
    assert "We asked 2 times" not in said


def test_that_nothing_is_held_never_takes_the_place_of_what_was_found_and_not_taken_in(office):
    case = closed_with_a_gap(office)
    with office.archive.writing(case) as file:
        file.record(EventKind.RECORD_DECIDED, at=office.at(), by=OFFICER, leg=1, outcome="disclose")
    ask(office, case, "desk", attempt=2)
    office.stores[1].held = []
    office.gather(case)
    with office.archive.reading(case) as file:
        assert state_of(file).gathered_round == 3
    assert len(own(office, case)) == 3


class Suspended(HeldStore):
    @property
    def description(self):
        return replace(super().description, suspended="It is moved to a new server until Monday.")


def test_a_suspended_store_is_not_asked_and_leaves_a_gap(office):
    store = Suspended("ward", many(1))
    case = begun(office, store)
    assert ask(office, case, "ward") is AnswerKind.SUSPENDED
    assert store.asked == []
    office.gathering.conclude(case, round_number=1, at=office.at())
    assert office.events(case)[-1].facts["gaps"] == 1
    [row] = office.gathering.progress(reference(office, case)).questions
    assert row.note == "It is moved to a new server until Monday."


def test_the_log_tells_the_agreement_and_a_refusal_the_one_that_ended(office):
    theirs = HeldStore("council", many(1, store="council"), controller=COUNCIL)
    between = frozenset({TRUST, COUNCIL})
    office.agreements = [Agreement(reference="JCA-1", between=between, agreed_on=date(2025, 4, 1))]
    case = begun(office, theirs)
    ask(office, case, "council")
    assert office.gathering.search_log(reference(office, case)).rows[0].agreement == "JCA-1"
    office.agreements = [replace(office.agreements[0], ends_on=date(2026, 10, 1))]
    case = begun(office, theirs)
    assert ask(office, case, "council") is AnswerKind.NOT_OURS
    note = office.gathering.search_log(reference(office, case)).rows[0].note
    assert "JCA-1" in note
    assert "1 October 2026" in note


@pytest.fixture
def lent(office):
    """A case that was gathered from the council's store while an agreement was in force; it has ended since."""
    agreement = Agreement(reference="JCA-1", between=frozenset({TRUST, COUNCIL}), agreed_on=date(2025, 4, 1))
    office.agreements = [agreement]
    theirs = HeldStore("desk", many(120, store="desk"), controller=COUNCIL)
    office.stores = [HeldStore("ward", [record("a", "Seen."), record("b", "Seen again.")]), theirs]
    case = office.receive()
    office.ready(case)
    office.agreements = [replace(agreement, ends_on=date(2026, 11, 1))]
    return case


@pytest.mark.parametrize("only_missing", [False, True])
def test_what_a_place_gave_us_while_it_was_ours_to_ask_stays_when_it_is_not_any_more(
    office, lent, only_missing
):
    theirs = office.stores[1]
    for number in (2, 3):
        office.gathering.begin(lent, at=office.at(), by=OFFICER, only_missing=only_missing)
        for store, subject in office.gathering.plan(lent, number):
            ask(office, lent, store, number=number, subject=subject)
        office.gathering.conclude(lent, round_number=number, at=office.at())
        assert len(own(office, lent)) == 122
        assert office.events(lent)[-1].facts["gaps"] == 1
        [answer] = [a for a in office.answers(lent, number) if a.store == "desk"]
        assert (answer.kind, answer.found, answer.agreement) == (AnswerKind.NOT_OURS, 120, "JCA-1")
        assert "Our agreement JCA-1 with them ended on Sunday 1 November 2026." in answer.note
        assert answer.note.endswith("What it gave us on Monday 2 November 2026 is kept and answered for.")
    assert len(theirs.asked) == 1
    [page] = [r for r in office.records(lent) if r.kind is RecordKind.SEARCH_LOG]
    [said] = [p.text for p in page.passages if p.label == "The desk"]
    assert "Whatever we found there before is part of this answer." in said
    assert f"For anything newer ask its owner directly: write to {COUNCIL}" in said
    assert "Asked on 2 November 2026" in said


def test_a_place_that_is_not_ours_any_more_is_declared_as_a_gap_of_its_own(office, lent):
    office.ready(lent)
    office.reviewed(lent)
    [missing] = office.signoff.readiness(lent, leg=1, on=office.now.date()).missing
    assert (missing.store, missing.answer) == ("desk", "no longer ours")
    office.sign_off(lent)
    said = " ".join(p for s in office.release(lent).gaps for p in s.paragraphs)
    assert "We may not search it any more. Whatever we found there before is in this pack." in said


def test_a_place_that_never_gave_us_anything_leaves_no_gap_when_it_is_not_ours(office):
    case = begun(
        office, HeldStore("ward", many(1)), HeldStore("desk", many(3, store="desk"), controller=COUNCIL)
    )
    for _ in range(2):
        office.gather(case)
        assert [office.kinds(case)["desk"], office.events(case)[-1].facts["gaps"]] == [AnswerKind.NOT_OURS, 0]
    assert len(own(office, case)) == 1


def test_the_log_proves_the_search(office):
    ward = HeldStore("ward", many(2), fault=DOWN)
    case = begun(office, ward)
    ask(office, case, "ward")
    ward.fault = None
    ask(office, case, "ward", attempt=2)
    log = office.gathering.search_log(reference(office, case))
    assert (log.began_by, log.round) == ("olga", 1)
    [row] = log.rows
    assert row.searched_by == ("NHS number",)
    assert "Name: Leanne Hartley" in row.terms
    assert row.to_on == date(2026, 11, 2)
    assert row.ended_at is not None
    assert row.ended_at >= row.asked_at
    assert [(a.attempt, a.answer, a.records) for a in row.attempts] == [
        (1, "unavailable", 0),
        (2, "found", 2),
    ]
    # The trail, which outlives the case's key, holds none of it.
    assert "Hartley" not in str(office.events(case))


def test_without_a_round_there_is_no_log(office):
    case = office.receive()
    with pytest.raises(NotFound):
        office.gathering.search_log(reference(office, case))


def test_a_dry_run_counts_and_fetches_nothing(office):
    refused = StoreRefused("It did not accept our password.", next_step="Ask its owner.")
    office.stores = [
        HeldStore("ward", many(7)),
        HeldStore("archive", fault=refused),
        HeldStore("council", many(2, store="council"), controller=COUNCIL),
    ]
    case = office.receive()
    rows = office.gathering.estimate(case, at=office.at(), by=OFFICER)
    assert [(str(r.store), r.kind, r.records) for r in rows] == [
        ("ward", AnswerKind.FOUND, 7), ("archive", AnswerKind.REFUSED, 0), ("council", AnswerKind.NOT_OURS, 0),
    ]  # fmt: skip
    event = office.events(case)[-1]
    assert (event.kind, event.facts["records"], event.facts["gaps"]) == (EventKind.GATHERING_ESTIMATED, 7, 1)
    assert names(office, case, Collection.ANSWER_PAGE) == ()
    shown = office.gathering.progress(reference(office, case))
    assert (shown.state, shown.estimate) == ("not started", rows)


def test_a_dry_run_after_a_gathering_asks_what_changed_since(office):
    class Telling(HeldStore):
        def estimate(self, query, *, at):
            changed = None if query.seen_at is None else 3
            return Estimate(kind=AnswerKind.FOUND, records=7, changed=changed)

    office.stores = [Telling("ward", many(7))]
    case = office.receive()
    [row] = office.gathering.estimate(case, at=office.at(), by=OFFICER)
    assert row.changed is None
    office.gather(case)
    [row] = office.gathering.estimate(case, at=office.at(), by=OFFICER)
    assert row.changed == 3


def test_progress_counts_what_came_without_opening_it(office):
    seen = []

    class Looking(Streaming):
        def answer(self, query, *, at, into=None):
            def noted(records):
                into(records)
                seen.append(office.gathering.progress(reference(office, case)).questions[0])

            return super().answer(query, at=at, into=noted)

    case = begun(office, Looking("ward", many()), HeldStore("desk"))
    assert {q.state for q in office.gathering.progress(reference(office, case)).questions} == {
        QuestionState.WAITING
    }
    ask(office, case, "ward")
    assert [(q.state, q.records) for q in seen[:2]] == [
        (QuestionState.ASKING, 100),
        (QuestionState.ASKING, 200),
    ]
    shown = office.gathering.progress(reference(office, case))
    assert [(str(q.store), q.state, q.records) for q in shown.questions] == [
        ("ward", QuestionState.ANSWERED, MANY), ("desk", QuestionState.WAITING, 0),
    ]  # fmt: skip


def test_an_answer_kept_by_somebody_else_is_not_kept_twice(office):
    case = begun(office, HeldStore("ward", many(1)))
    ask(office, case, "ward")
    with office.archive.writing(case) as file:
        [answer] = answers_of(file, 1)
        assert not keep_answer(file, 1, replace(answer, attempt=2), at=office.at(), content="", by=FAMILY)


def test_a_round_is_running_until_it_is_closed_or_stopped(office):
    office.stores = [HeldStore("ward", [record("1", "Seen.")])]
    case, other = office.receive(), office.receive()
    assert office.gathering.running() == ()
    office.gather(other)
    number = office.gathering.begin(case, at=office.at(), by=OFFICER)
    assert office.gathering.running() == ((case, number),)
    office.gathering.cancel(case, round_number=number, at=office.at(), by=OFFICER)
    assert office.gathering.running() == ()
    office.gather(case)
    assert office.gathering.running() == ()
    assert office.gathering.begin(other, at=office.at(), by=OFFICER) == 2
    assert office.gathering.running() == ((other, 2),)


def test_a_case_that_cannot_be_read_does_not_hide_the_rounds_of_others(office, monkeypatch):
    office.stores = [HeldStore("ward", [record("1", "Seen.")])]
    torn, well = office.receive(), office.receive()
    for case in (torn, well):
        office.gathering.begin(case, at=office.at(), by=OFFICER)
    read, its = gathering.state_of, reference(office, torn)

    def state(file):
        if file.reference == its:
            raise TrailBroken("An event is missing.", next_step="Restore the backup.")
        return read(file)

    monkeypatch.setattr(gathering, "state_of", state)
    assert office.gathering.running() == ((well, 1),)
