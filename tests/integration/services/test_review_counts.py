"""How much of a review waits is kept with each change, and is what counting anew would give."""

import pytest

from sar.domain.matching import Verdict
from sar.domain.parties import Person, Role
from sar.domain.redaction import Outcome, undecided
from sar.domain.references import PersonId
from sar.ports.casework import decisions_of, proposals_of, record_decisions_of, state_of
from sar.ports.counts import ReviewCounts, counts_of
from sar.ports.decided import decisions_on, record_decisions_on
from sar.ports.keeping import Collection
from sar.services.review import Choice, Words
from tests.fakes.ports import record
from tests.integration.services.conftest import APPROVER, KERRY, OFFICER

HELD = Choice(verdict=Verdict.WITHHOLD, reason="It names somebody else.", exemption="3RD-PARTY")
GIVEN = Choice(verdict=Verdict.DISCLOSE, reason="Read; it is about this person.")
NOTES = [record(str(n), f"Visit {n} with Kerry Lomax and Ms Lomax.") for n in range(1, 4)]
GWEN = Person(id=PersonId("gwen"), name="Visit 2 with Kerry", role=Role.THIRD_PARTY)


def shown(office, case):
    leg = office.enquiries.case_page(office.queue_reference(case), on=office.now.date()).legs[0]
    return ReviewCounts(
        records=leg.records, undecided_records=leg.undecided_records, proposals=leg.proposals,
        undecided=leg.undecided,
    )  # fmt: skip


def counted(office, case):
    """The slow way, over all records and decisions."""
    records = office.records(case)
    with office.archive.reading(case) as file:
        number = state_of(file).gathered_round
        proposals, outcomes = proposals_of(file, number, 1), record_decisions_of(file, 1)
        return ReviewCounts(
            records=len(records),
            undecided_records=sum(r.key not in outcomes or outcomes[r.key].version != r.version for r in records),
            proposals=len(proposals),
            undecided=len(undecided(proposals, decisions_of(file, 1))),
        )  # fmt: skip


def mark(office, case):
    words = Words(record="ward/2", passage=0, start=0, end=24, quote="Visit 2 with Kerry Lomax")
    office.review.withhold_words(case, leg=1, words=words, choice=HELD, at=office.at(), by=OFFICER)
    return words


def test_the_counts_follow_every_decision(office, with_records):
    case = with_records(*NOTES, people=[KERRY])
    start = shown(office, case)
    assert start == counted(office, case)
    assert start.undecided == start.proposals == 6
    first, second, *_ = [p for p in office.every_proposal(case) if str(p.span.record) == "ward/1"]
    steps = [
        lambda: office.decide_id(case, first),
        lambda: office.decide_id(case, first, verdict=Verdict.DISCLOSE, reason="She agreed.", exemption=None),
        lambda: office.decide_id(case, second),
        lambda: mark(office, case),
        lambda: office.review.decide_record(
            case, leg=1, record="ward/1", outcome=Outcome.DISCLOSE, choice=GIVEN, at=office.at(), by=OFFICER
        ),
        lambda: office.withhold_record(case, "ward/1", exemption="3RD-PARTY"),
        lambda: office.review.decide_person(
            case, leg=1, person=KERRY.id, choice=HELD, at=office.at(), by=OFFICER
        ),
        lambda: office.read_all(case),
    ]
    seen = [start]
    for step in steps:
        step()
        seen.append(shown(office, case))
        assert seen[-1] == counted(office, case)
    assert seen[-1] == ReviewCounts(records=start.records, proposals=6)
    assert len(set(seen)) >= 5


def test_words_opened_again_let_what_they_covered_wait_again(office, with_records):
    case = with_records(*NOTES, people=[KERRY])
    before = shown(office, case)
    words = mark(office, case)
    covered = shown(office, case)
    assert covered.undecided == before.undecided - 1
    office.review.open_words(case, leg=1, words=words, reason="It may stay.", at=office.at(), by=OFFICER)
    assert shown(office, case) == counted(office, case) == before


def test_proposals_made_again_and_a_new_round_are_counted_anew(office, with_records):
    case = with_records(*NOTES, people=[KERRY])
    office.reviewed(case)
    office.people.add(case, GWEN, at=office.at(), by=OFFICER)
    office.review.propose(case, leg=1, at=office.at())
    again = shown(office, case)
    assert again == counted(office, case)
    assert again.undecided
    office.stores[0].held[0] = record("1", "Another text with Kerry Lomax.")
    office.gather(case)
    assert shown(office, case) == ReviewCounts()
    office.review.propose(case, leg=1, at=office.at())
    assert shown(office, case) == counted(office, case)
    assert shown(office, case).undecided_records >= 1


def test_a_page_opens_no_record_to_count(office, with_records, monkeypatch):
    case = with_records(*NOTES, people=[KERRY])
    opened = []
    file_type = None
    with office.archive.reading(case) as file:
        file_type = type(file)
    every = file_type.every

    def noted(self, collection, kind, *, under=""):
        opened.append(collection)
        return every(self, collection, kind, under=under)

    monkeypatch.setattr(file_type, "every", noted)
    shown(office, case)
    assert not {Collection.LEG_RECORDS, Collection.LEG_INDEX, Collection.PROPOSALS, Collection.DECISION} & {
        *opened
    }


@pytest.mark.parametrize("is_old", [False, True])
def test_a_review_from_before_the_counts_is_counted_by_the_page(office, with_records, monkeypatch, is_old):
    if is_old:
        monkeypatch.setattr("sar.services.review.count_anew", lambda *_args: None)
    case = with_records(*NOTES, people=[KERRY])
    with office.archive.reading(case) as file:
        assert (counts_of(file, 1, 1) is None) is is_old
    office.decide_id(case, office.every_proposal(case)[0])
    office.withhold_record(case, "ward/1", exemption="3RD-PARTY")
    assert shown(office, case) == counted(office, case)


def test_decisions_on_some_records_are_found_however_they_were_kept(office, with_records):
    case = with_records(*NOTES, people=[KERRY])
    office.reviewed(case)
    with office.archive.writing(case) as file:
        every = decisions_of(file, 1)
        wanted = {d.span.record for d in every if str(d.span.record) == "ward/2"}
        found = decisions_on(file, 1, wanted)
        assert {d.id for d in found} == {d.id for d in every if d.span.record in wanted}
        assert len(found) == 2
        # As they were kept before they stood under their record.
        file.keep(Collection.DECISION, f"1/{found[0].id}", found[0])
        assert {d.id for d in decisions_on(file, 1, wanted)} == {d.id for d in found}
        assert {str(k) for k in record_decisions_on(file, 1, ["ward/2", "ward/none"])} == {"ward/2"}


def test_an_approvers_words_on_what_is_told_change_no_count(office, with_records):
    case = with_records(*NOTES, people=[KERRY])
    office.reviewed(case)
    before = shown(office, case)
    office.review.change_saying(case, leg=1, record="ward/1", saying=HELD.saying, at=office.at(), by=APPROVER)
    assert shown(office, case) == before == counted(office, case)
