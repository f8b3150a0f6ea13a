"""Alerts compared across the legs of a case: the officer is told, and no leg's pack tells of another's records."""

from datetime import date

from sar.domain.records import AlertEntry, AlertStep
from sar.domain.references import SubjectId
from sar.ports.across import disagreements_across
from tests.fakes.ports import HeldStore, record
from tests.integration.services.conftest import ISLA, MARCUS, child_leg, own_leg

RAISED = AlertEntry(
    alert_number="AL-1", step=AlertStep.RAISED, on=date(2024, 3, 4), category="heron concern",
    by_role="heron midwife", reason_not_told="An emergency.",
)  # fmt: skip
ACTIVE = AlertEntry(alert_number="AL-1", step=AlertStep.STATUS, on=date(2024, 9, 4), status="active")


def gathered(office, second=None, about="isla"):
    mothers = record("a", "The heron note.", alert=[RAISED])
    childs = record("b", "A kingfisher stands here.", store="school", about=[about], alert=[ACTIVE])
    office.stores = [HeldStore("ward", [mothers]), HeldStore("school", [childs])]
    case = office.receive(own_leg(), second or child_leg())
    office.ready(case, leg=1)
    return case


def test_the_officer_reads_on_the_case_page_what_the_legs_contradict_together(office):
    case = gathered(office)
    page = office.enquiries.case_page(office.queue_reference(case), on=office.now.date())
    [row] = page.across
    assert row.words == (
        "Alert AL-1 was raised about Leanne Hartley. It stands on the record of Isla Hartley too: The school."
    )
    assert set(row.sides) == {("Leanne Hartley", "ward/a"), ("Isla Hartley", "school/b")}
    warned = office.signoff.readiness(case, leg=1, on=office.now.date()).warnings
    assert any(w.startswith("1 disagreement about an alert between this part and another") for w in warned)
    assert "AL-1" not in " ".join(warned)


def test_nothing_of_it_reaches_a_record_a_pack_or_the_trail(office):
    case = gathered(office, own_leg(MARCUS), "marcus")
    office.know(case, leg=2)
    office.review.propose(case, leg=2, at=office.at())
    said = "\n".join(p.text for r in office.records(case, 2) for p in r.passages)
    assert "kingfisher" in said
    for words in ("heron", "Leanne Hartley. It stands", "raised about Leanne"):
        assert words not in said
    assert "kingfisher" not in "\n".join(p.text for r in office.records(case, 1) for p in r.passages)
    office.reviewed(case, leg=2)
    office.sign_off(case, leg=2)
    pack = office.release(case, leg=2)
    assert "heron" not in repr(pack)
    assert "The ward" not in repr(pack.contradictions)
    assert "Hartley" not in repr([e.facts for e in office.events(case)])


def test_a_later_round_in_which_it_is_put_right_lists_it_no_more(office):
    case = gathered(office)
    office.stores[1].held = []
    office.ready(case)
    with office.archive.reading(case) as file:
        assert disagreements_across(file, 2) == ()
        assert len(disagreements_across(file, 1, subject=ISLA.id)) == 1
        assert disagreements_across(file, 1, subject=SubjectId("nobody")) == ()


def test_one_persons_case_has_nothing_to_compare(office):
    office.stores = [HeldStore("ward", [record("a", "A note.", alert=[RAISED, ACTIVE])])]
    case = office.receive()
    office.ready(case)
    assert office.enquiries.case_page(office.queue_reference(case), on=office.now.date()).across == ()
