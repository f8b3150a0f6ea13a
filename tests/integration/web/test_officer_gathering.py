"""The gathering as an officer sees and steers it, over real services."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from sar.config import shipped
from sar.detection.reading import load_detector
from sar.domain.errors import StoreUnavailable
from sar.domain.parties import StaffRole
from sar.domain.trail import EventKind
from sar.law import load
from tests.fakes.ports import HeldStore, record
from tests.integration.services.conftest import OFFICER
from tests.integration.web.staff_site import Desk, make_desk, page

DOWN = StoreUnavailable("It did not answer in 10 seconds.", next_step="Wait.")


@pytest.fixture
def clinic() -> HeldStore:
    return HeldStore("clinic", fault=DOWN)


@pytest.fixture
def desk(tmp_path: Path, clinic: HeldStore) -> Iterator[Desk]:
    made = make_desk(
        tmp_path, record("visit-1", "Kerry was there."), law=load("england"),
        detector=load_detector(shipped("redaction_rules")), ready=False, stores=(clinic,),
    )  # fmt: skip
    yield made
    made.parts.engine.dispose()


@pytest.fixture
def officer(desk: Desk) -> FlaskClient:
    return desk.staff(StaffRole.OFFICER)


def kinds(desk: Desk) -> list[EventKind]:
    return [event.kind for event in desk.office.events(desk.case)]


def test_the_dry_run_says_how_much_there_is_and_fetches_nothing(desk: Desk, officer: FlaskClient) -> None:
    assert "Is anything held?" in page(officer, desk.url)
    assert desk.send(officer, f"{desk.url}/gathering/estimate").status_code == 303
    text = page(officer, desk.url)
    assert "The ward: found, 1 record" in text
    assert "The clinic: unavailable" in text
    assert "No store has been asked yet" in text
    assert kinds(desk)[-1] is EventKind.GATHERING_ESTIMATED


def test_only_what_is_missing_is_asked_again(desk: Desk, officer: FlaskClient, clinic: HeldStore) -> None:
    desk.send(officer, f"{desk.url}/gathering")
    text = page(officer, desk.url)
    assert "Ask only what is missing" in text
    clinic.fault = None
    assert desk.send(officer, f"{desk.url}/gathering/missing").status_code == 303
    text = page(officer, desk.url)
    assert "Round 2 is complete: 1 record from 2 answers" in text
    assert "Ask only what is missing" not in text
    assert kinds(desk).count(EventKind.ANSWER_CARRIED_OVER) == 1


def test_what_came_late_is_shown_and_taken_in(desk: Desk, officer: FlaskClient, clinic: HeldStore) -> None:
    desk.send(officer, f"{desk.url}/gathering")
    clinic.fault, clinic.held = None, [record("9", "A letter.", store="clinic")]
    gathering = desk.office.gathering
    gathering.ask(
        desk.case, round_number=1, store=clinic.description.name, subject=clinic.asked[0].subject.id, attempt=2,
        at=desk.office.at(),
    )  # fmt: skip
    text = page(officer, desk.url)
    assert "1 answer came in since the round was closed" in text
    assert desk.send(officer, f"{desk.url}/gathering/late").status_code == 303
    assert "Round 2 is complete: 2 records" in page(officer, desk.url)


def test_a_running_round_can_be_stopped_and_gone_on_with(
    desk: Desk, officer: FlaskClient, clinic: HeldStore
) -> None:
    desk.office.gathering.begin(desk.case, at=desk.office.at(), by=OFFICER)
    text = page(officer, f"{desk.url}/gathering")
    assert "0 of 2 questions answered" in text
    assert text.count("Waiting") == 2
    stopped: list[str] = []
    desk.parts.jobs.cancel = stopped.append  # type: ignore[assignment,method-assign]  # only what it is asked counts
    assert desk.send(officer, f"{desk.url}/gathering/stop").status_code == 303
    assert stopped == [f"gather/{desk.case}/1"]
    assert not clinic.asked
    text = page(officer, desk.url)
    assert "Round 1 was stopped" in text
    assert "Go on with this round" in text


def test_the_search_log_is_for_officers_and_approvers(desk: Desk, officer: FlaskClient) -> None:
    assert officer.get(f"{desk.url}/search").status_code == 404
    desk.send(officer, f"{desk.url}/gathering")
    for client in (officer, desk.staff(StaffRole.APPROVER)):
        text = page(client, f"{desk.url}/search")
        for said in (
            "NHS number",
            "Name: Leanne Hartley",
            "From the beginning to",
            "It did not answer in 10",
        ):
            assert said in text
    assert desk.staff(StaffRole.LAWYER).get(f"{desk.url}/search").status_code == 403


@pytest.mark.parametrize("what", ["estimate", "missing", "late", "stop"])
def test_only_an_officer_steers_a_gathering(desk: Desk, what: str) -> None:
    before = len(desk.office.events(desk.case))
    client = desk.staff(StaffRole.APPROVER)
    assert desk.send(client, f"{desk.url}/gathering/{what}").status_code == 403
    assert len(desk.office.events(desk.case)) == before


def test_a_round_that_does_not_get_on_says_so_and_what_to_do(desk: Desk, officer: FlaskClient) -> None:
    number = desk.office.gathering.begin(desk.case, at=desk.office.at(), by=OFFICER)
    jobs = desk.parts.jobs
    job = jobs.gathering_job(desk.case, number)
    assert "is running" in page(officer, desk.url)
    before = mark_of_page(officer, desk)
    jobs.hung[job] = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)  # type: ignore[attr-defined]  # the fake's own
    text = page(officer, desk.url)
    assert "A part of it has not got on since 2 November 2026" in text
    assert "that part is taken up anew" in text
    assert "Go on with this round" in text
    # Whoever listens to the page is told.
    assert mark_of_page(officer, desk) != before
    jobs.hung.clear()  # type: ignore[attr-defined]  # the fake's own
    jobs.done[job] = "failed"  # type: ignore[attr-defined]  # the fake's own
    assert "The work on it has stopped on a fault." in page(officer, desk.url)


def mark_of_page(officer: FlaskClient, desk: Desk) -> str:
    [mark] = re.findall(r"seen=([a-z0-9-]+)", page(officer, desk.url))
    return mark
