"""A decision on one record opens that record: what it takes does not grow with the records of the leg."""

import pytest
from sqlalchemy import text

from sar.domain.errors import NotFound, SealBroken
from sar.domain.matching import Verdict
from sar.domain.parties import Person, Role
from sar.domain.redaction import Outcome
from sar.domain.references import PersonId
from sar.ports.casework import leg_records, proposals_of
from sar.ports.keeping import Collection
from sar.ports.leg_places import Places, records_named
from sar.services.review import Choice, Words
from sar.vault import sealing
from tests.fakes.ports import HeldStore, record
from tests.integration.services.conftest import KERRY, LEANNE, OFFICER, PRIYA, child_leg, own_leg

HELD = Choice(verdict=Verdict.WITHHOLD, reason="It names somebody else.", exemption="3RD-PARTY")
GIVEN = Choice(verdict=Verdict.DISCLOSE, reason="Read; it is about this person.")


def notes(count):
    return [record(str(n), f"Visit {n} with Kerry Lomax.") for n in range(count)]


@pytest.fixture
def seals(monkeypatch):
    """How many seals were opened."""
    count = []
    opened = sealing._HeldKey.open

    def noted(self, place, sealed):
        count.append(place)
        return opened(self, place, sealed)

    monkeypatch.setattr(sealing._HeldKey, "open", noted)
    return count


def opened_by_decisions(office, case, seals):
    (proposal,) = [p for p in office.every_proposal(case) if str(p.span.record) == "ward/77"]
    counts = []
    for act in (
        lambda: office.review.decide_many(
            case, leg=1, choices={proposal.id: HELD}, at=office.at(), by=OFFICER, record="ward/77"
        ),
        lambda: office.review.decide_record(
            case, leg=1, record="ward/77", outcome=Outcome.DISCLOSE, choice=GIVEN, at=office.at(), by=OFFICER
        ),
        lambda: office.review.withhold_words(
            case, leg=1, words=Words(record="ward/77", passage=0, start=0, end=5, quote="Visit"), choice=HELD,
            at=office.at(), by=OFFICER,
        ),
        lambda: office.review.open_words(
            case, leg=1, words=Words(record="ward/77", passage=0, start=0, end=5, quote="Visit"),
            reason="It may stay.", at=office.at(), by=OFFICER,
        ),
        lambda: office.review.view(case, leg=1, record="ward/77", by=OFFICER),
    ):  # fmt: skip
        seals.clear()
        act()
        counts.append(len(seals))
    return counts


def test_a_decision_opens_as_much_of_a_large_leg_as_of_a_small_one(with_records, office, seals):
    few = opened_by_decisions(office, with_records(*notes(100), people=(KERRY,)), seals)
    many = opened_by_decisions(office, with_records(*notes(600), people=(KERRY,)), seals)
    # The names of pages and of groups are few: one for many records.
    assert all(large - small <= 20 for small, large in zip(few, many, strict=True)), (few, many)
    assert max(many) < 60, many


def test_each_record_is_found_by_its_name_as_the_whole_leg_has_it(office):
    both = frozenset({LEANNE.id, child_leg().subject.id})
    shared = [record(str(n), f"Visit {n}.", about=both) for n in range(70)]
    copies = [record(f"c{n}", f"Visit {n}.", store="office", about=both) for n in range(5)]
    office.stores = [HeldStore("ward", shared, people=(PRIYA,)), HeldStore("office", copies)]
    case = office.receive(own_leg(), child_leg())
    office.ready(case)
    office.review.propose(case, leg=2, at=office.at())
    for leg in (1, 2):
        with office.archive.reading(case) as file:
            every = {str(r.key): r for r in leg_records(file, 1, leg)}
        assert any(r.copies for r in every.values())
        for name, whole in every.items():
            with office.archive.reading(case) as file:
                assert records_named(file, 1, leg, {name}) == {name: whole}
        with office.archive.reading(case) as file:
            assert records_named(file, 1, leg, {"ward/none", *every}) == every
            assert records_named(file, 1, leg, {"ward/none"}) == {}


def test_a_page_that_was_taken_back_is_not_found(with_records, office):
    case = with_records(*notes(3))
    with office.archive.writing(case) as file:
        pages = [str(r.key) for r in leg_records(file, 1, 1) if r.kind.is_generated]
        file.keep(Collection.NOTE, "pages/1/1/", tuple(pages[1:]))
        assert list(records_named(file, 1, 1, pages)) == sorted(pages[1:])


def test_a_review_from_before_places_were_kept_is_decided_on_as_ever(with_records, office, monkeypatch):
    monkeypatch.setattr("sar.services.review.keep_places", lambda *_: None)
    case = with_records(*notes(3), people=(KERRY,))
    with office.archive.reading(case) as file:
        assert file.find(Collection.RECORD_PLACE, "1/1/", Places) is None
        made = next(p for p in proposals_of(file, 1, 1) if str(p.span.record) == "ward/2")
    office.review.decide_many(
        case, leg=1, choices={made.id: HELD}, at=office.at(), by=OFFICER, record="ward/2"
    )
    assert office.review.view(case, leg=1, record="ward/2", by=OFFICER).record == "ward/2"


def test_a_proposal_of_another_record_is_refused_under_the_record_that_was_named(with_records, office):
    case = with_records(*notes(3), people=(KERRY,))
    with office.archive.reading(case) as file:
        other = next(p for p in proposals_of(file, 1, 1) if str(p.span.record) == "ward/1")
    with pytest.raises(NotFound):
        office.review.decide_many(
            case, leg=1, choices={other.id: HELD}, at=office.at(), by=OFFICER, record="ward/2"
        )


def test_a_person_added_later_is_found_in_every_record_still(with_records, office):
    case = with_records(*notes(3))
    added = Person(id=PersonId("gwen"), name="Visit 2", role=Role.THIRD_PARTY)
    office.people.add_many(case, [added], at=office.at(), by=OFFICER)
    office.review.propose(case, leg=1, at=office.at())
    with office.archive.reading(case) as file:
        assert set(records_named(file, 1, 1, {"ward/0", "ward/2"})) == {"ward/0", "ward/2"}


@pytest.mark.parametrize("garbage", [False, True])
def test_exchanged_digests_of_names_lead_to_no_other_item(with_records, office, garbage):
    case = with_records(*notes(3), people=(KERRY,))
    with office.archive.engine.begin() as connection:
        rows = connection.execute(
            text("SELECT id, name_digest FROM sealed_items WHERE case_id = :c AND collection = 'proposals'"),
            {"c": case},
        ).all()
        for (item, _), (_, digest) in zip(rows, [*rows[1:], rows[0]], strict=True):
            connection.execute(
                text("UPDATE sealed_items SET name_digest = :d WHERE id = :i"),
                {"d": "0" * 60 + digest[:4] if garbage else digest, "i": item},
            )
    with office.archive.reading(case) as file:
        names = file.names(Collection.PROPOSALS)
    for name in (name for name in names if "/ward/" in name):
        with office.archive.reading(case) as file:
            (found,) = file.latest(Collection.PROPOSALS, name, tuple)
            assert name.endswith(f"/ward/{found['span']['record']['native_id']}")


def test_a_spoiled_name_is_told(with_records, office):
    case = with_records(*notes(3))
    with office.archive.engine.begin() as connection:
        connection.execute(
            text("UPDATE sealed_items SET sealed_name = sealed_value WHERE collection = 'proposals'")
        )
    with office.archive.reading(case) as file, pytest.raises(SealBroken):
        file.latest(Collection.PROPOSALS, "1/1/ward/1", tuple)
