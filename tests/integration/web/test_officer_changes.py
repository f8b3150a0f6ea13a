"""What changed after the request, on the pages of those who may see it; an officer is told only how much."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from sar.domain.parties import StaffRole
from tests.fakes.ports import record
from tests.integration.web.staff_site import errors, make_desk, page

BEFORE, AFTER = record("visit", "The flat was warm and tidy."), record("visit", "The flat was cold and tidy.")
LOOKERS = (StaffRole.APPROVER, StaffRole.SAFEGUARDING_LEAD, StaffRole.DATA_PROTECTION_OFFICER)


@pytest.fixture
def desk(tmp_path, law, detector):
    made = make_desk(tmp_path, BEFORE, law=law, detector=detector)
    made.office.stores[0].held[:] = [AFTER]
    made.office.ready(made.case)
    yield made
    made.parts.engine.dispose()


def test_the_page_shows_the_change_and_its_words_to_each_who_may_look(desk):
    for role in LOOKERS:
        client = desk.staff(role)
        shown = page(client, f"{desk.url}/changes")
        assert "Edited" in shown
        assert "Not looked at" in shown
        answer = client.get(f"{desk.url}/changes/1/1")
        assert answer.headers["Cache-Control"] == "no-store"
        words = answer.get_data(as_text=True)
        assert "<del>warm</del>" in words
        assert "<ins>cold</ins>" in words
        assert "What stayed the same: 1 part" in words
        assert client.get(f"{desk.url}/changes/1/2").status_code == 404
        assert client.get(f"{desk.url}/changes/7/1").status_code == 404


def test_a_file_with_a_late_date_is_shown_apart_and_nothing_is_said_of_what_nobody_saw(desk):
    late = replace(
        AFTER.provenance,
        changed_at=datetime(2026, 10, 25, 9, tzinfo=UTC),
        is_file_date=True,
        native_id="letter",
    )
    letter = replace(record("letter", "Dear Leanne,"), provenance=late)
    desk.office.stores[0].held[:] = [letter]
    other = desk.office.receive()
    desk.office.gather(other)
    approver = desk.staff(StaffRole.APPROVER)
    url = f"/officer/cases/{desk.office.queue_reference(other)}"
    shown = page(approver, f"{url}/changes")
    assert "No change was found." in shown
    assert "Only the date on the file is after the request: 1 file" in shown
    assert "I looked at" not in shown
    words = page(approver, f"{url}/changes/1/1")
    assert "Since then its words are the same." in words
    assert "As we first saw it" in words
    assert "<ins>" not in words
    assert "Not there" not in words
    assert "None was found." in page(approver, url)


def test_an_officer_is_told_how_many_and_no_more(desk):
    officer = desk.staff(StaffRole.OFFICER)
    assert "1 change in the stores" in page(officer, desk.url)
    assert "cold" not in page(officer, desk.url)
    for address in (
        f"{desk.url}/changes",
        f"{desk.url}/changes/1/1",
        f"{desk.url}/trail",
        "/officer/changes",
    ):
        assert officer.get(address).status_code == 403


def test_an_approver_looks_and_writes_it_down_and_only_then_signs_off(desk):
    approver = desk.staff(StaffRole.APPROVER)
    assert "An approver has to look at it" in page(approver, f"{desk.leg}/sign-off")
    seen = f"{desk.url}/changes/1/2/seen"
    empty = desk.send(approver, seen, **{"note-1": " "})
    assert errors(empty) == ["Write what you found"]
    stale = desk.send(approver, f"{desk.url}/changes/1/1/seen", **{"note-1": "So."})
    assert stale.status_code == 422
    assert "asked again since you opened the page" in stale.get_data(as_text=True)
    assert desk.send(approver, seen, **{"note-1": "Asked the ward."}).status_code == 303
    assert "Asked the ward." in page(approver, f"{desk.url}/changes")
    assert "An approver has to look at it" not in page(approver, f"{desk.leg}/sign-off")
    twice = desk.send(approver, seen, **{"note-1": "Again."})
    assert "There is no change to look at." in twice.get_data(as_text=True)


def test_the_data_protection_officer_reads_the_changes_and_the_trail_and_nothing_else(desk):
    officer = desk.staff(StaffRole.DATA_PROTECTION_OFFICER)
    home = officer.get("/staff")
    assert home.headers["Location"].endswith("/officer/changes")
    shown = page(officer, "/officer/changes")
    assert f"{desk.url}/changes" in shown
    assert "Leanne" not in shown
    assert "Changes after the request found" in page(officer, f"{desk.url}/trail")
    assert desk.send(officer, f"{desk.url}/changes/1/2/seen", **{"note-1": "So."}).status_code == 403
    for address in (
        "/officer/",
        desk.url,
        f"{desk.leg}/records",
        f"{desk.leg}/records/1",
        f"{desk.leg}/sign-off",
    ):
        assert officer.get(address).status_code == 403
