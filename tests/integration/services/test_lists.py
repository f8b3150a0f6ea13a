"""Lists over every case: they open only the cases in which something happened, and always say what is so now."""

import time
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from sar.db import SqlArchive
from sar.db.tables import case_glances
from sar.domain.parties import DataSubject, Requester
from sar.domain.references import SubjectId
from sar.services.intake import NewLeg
from sar.vault import open_vault
from tests.integration.services.conftest import FAMILY, OFFICER, contact, open_at, own_leg

DAY = date(2026, 11, 2)


@pytest.fixture
def cases(office):
    return [office.receive() for _ in range(4)]


@pytest.fixture
def opened(monkeypatch):
    """The cases that were opened to be read, by whichever archive."""
    seen = []
    reading = SqlArchive.reading

    def noted(self, case):
        seen.append(case)
        return reading(self, case)

    monkeypatch.setattr(SqlArchive, "reading", noted)
    return seen


def complain(office, case):
    return office.complaints.open(
        case, route="data-protection", about="The alert", words="Nobody told me.",
        received_on=date(2026, 10, 28), leg=1, at=office.at(), by=FAMILY,
    )  # fmt: skip


def stop(office, case):
    office.standing.record_conflict(
        case, leg=1, code="suspected-coercion", note="From his phone.", at=office.at(), by=OFFICER
    )


def elsewhere(office, tmp_path):
    """The same installation as another process has it."""
    return replace(office, archive=open_at(tmp_path / "data"))


def test_a_list_opens_only_what_changed_and_shows_it_at_once(office, cases, opened):
    first = office.enquiries.queue(on=DAY), office.enquiries.complaints_desk(on=DAY)
    assert sorted(set(opened)) == sorted(cases)
    opened.clear()
    assert (office.enquiries.queue(on=DAY), office.enquiries.complaints_desk(on=DAY)) == first
    assert opened == []
    stop(office, cases[1])
    complain(office, cases[2])
    reference = office.queue_reference(cases[1])
    opened.clear()
    assert [row.reference for row in office.enquiries.queue(on=DAY) if row.stopped] == [reference]
    assert [row.kind for row in office.enquiries.complaints_desk(on=DAY)] == ["complaint"]
    assert set(opened) == {cases[1], cases[2]}


def test_what_another_process_did_shows_at_once_and_what_it_kept_is_used(office, cases, opened, tmp_path):
    office.enquiries.queue(on=DAY)
    other = elsewhere(office, tmp_path)
    opened.clear()
    assert len(other.enquiries.queue(on=DAY)) == 4
    assert opened == []
    stop(other, cases[3])
    new = other.receive()
    rows = {row.reference: row.stopped for row in office.enquiries.queue(on=DAY)}
    assert rows[office.queue_reference(cases[3])] == 1
    assert office.queue_reference(new) in rows


def test_a_row_tells_of_the_day_it_is_shown_on(office, cases, opened):
    (row, *_) = office.enquiries.queue(on=DAY)
    late = row.due_on + timedelta(days=1)
    opened.clear()
    shown = office.enquiries.queue(on=late)
    assert [(r.days_left, r.overdue) for r in shown] == [(-1, True)] * 4
    assert opened == []


def test_a_complaint_tells_of_the_day_it_is_shown_on(office, cases):
    complain(office, cases[0])
    (row,) = office.enquiries.complaints_desk(on=DAY)
    assert not row.overdue
    (late,) = office.enquiries.complaints_desk(on=row.next_due_on + timedelta(days=1))
    assert late.overdue


def test_a_birthday_stops_a_delivery_though_nothing_was_recorded(office, opened):
    child = DataSubject(id=SubjectId("isla"), name="Isla Hartley", born_on=date(2014, 11, 20))
    mother = Requester(name="Leanne Hartley", contact=contact())
    office.receive(NewLeg(name="isla", subject=child, recipient=mother, capacity="parental-responsibility"))
    (before,) = office.enquiries.queue(on=date(2026, 11, 19))
    (on_the_day,) = office.enquiries.queue(on=date(2026, 11, 20))
    assert (before.stopped, on_the_day.stopped) == (0, 1)


def test_another_law_makes_every_row_anew(office, cases, opened):
    office.enquiries.queue(on=DAY)
    other = replace(office, law=replace(office.law, clarification_reminder_days=1))
    opened.clear()
    other.enquiries.queue(on=DAY)
    assert sorted(opened) == sorted(cases)


def test_what_is_kept_is_sealed_and_dies_with_the_case(office, cases, tmp_path):
    complain(office, cases[0])
    rows = office.enquiries.queue(on=DAY), office.enquiries.complaints_desk(on=DAY)
    assert all(rows)
    with office.archive.engine.connect() as connection:
        kept = connection.execute(select(case_glances)).all()
    assert len(kept) == 8
    told = b" ".join(row.sealed_value for row in kept)
    for words in (b"received", b"request", b"data-protection", b"2026-", b"SA-2026"):
        assert words not in told
    sealed = next(row for row in kept if row.case_id == cases[0] and row.shown_in == "queue")
    vault = open_vault(tmp_path / "data")
    place = f"glance/queue/{sealed.seq}/{sealed.basis}"
    assert b"received_on" in vault.open(cases[0], place, sealed.sealed_value)
    vault.destroy_case_key(cases[0])
    assert office.archive.glances("queue", dict, basis=sealed.basis)[0][1] is None


def test_a_row_that_somebody_moved_or_spoiled_is_made_again_from_the_case(office, cases):
    office.enquiries.queue(on=DAY)
    stop(office, cases[0])
    before = office.enquiries.queue(on=DAY)
    with office.archive.engine.begin() as connection:
        one, two = connection.execute(
            select(case_glances.c.sealed_value).where(case_glances.c.case_id.in_(cases[:2]))
        ).scalars()
        for case, value in ((cases[0], two), (cases[1], one), (cases[2], b"spoiled")):
            connection.execute(
                case_glances.update().where(case_glances.c.case_id == case).values(sealed_value=value)
            )
    assert office.enquiries.queue(on=DAY) == before


def test_a_list_does_not_wait_for_somebody_who_writes(office, cases):
    with office.archive.writing(cases[0]):
        began = time.monotonic()
        assert len(office.enquiries.queue(on=DAY)) == 4
        assert time.monotonic() - began < 10  # The lock is waited for up to 30 s by what has to be written.
    assert len(office.enquiries.queue(on=DAY)) == 4


def test_a_case_of_somebody_born_on_a_leap_day_is_listed(office):
    born = DataSubject(id=SubjectId("leap"), name="Ida Leap", born_on=date(2012, 2, 29))
    office.receive(own_leg(born))
    assert len(office.enquiries.queue(on=DAY)) == 1
    assert len(office.enquiries.queue(on=date(2027, 3, 1))) == 1
