"""A form sent twice at one moment, over a real archive: one thing is made of it."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sar.domain.parties import StaffRole
from sar.domain.trail import EventKind
from tests.fakes import web
from tests.fakes.ports import record
from tests.integration.web.staff_site import Desk, make_desk, page
from tests.integration.web.test_family_ask import answer_all
from tests.integration.web.test_officer import GOOD

PRESSES = 4
_ONCE = re.compile(r'name="once" value="([0-9a-f]{32})"')
COMPLAINT = {"route": "data-protection", "about": "The alert", "words": "Nobody told me."}
CORRECTION = {"what_is_wrong": "Not me.", "what_it_should_say": "Entered in error."}


@pytest.fixture
def desk(tmp_path, law, detector):
    made = make_desk(tmp_path, record("visit-1", "Kerry was there."), law=law, detector=detector)
    yield made
    made.parts.engine.dispose()


def browser(desk: Desk) -> FlaskClient:
    client = desk.app.test_client()
    client.environ_base |= {"wsgi.url_scheme": "https", "HTTP_HOST": "localhost"}
    return client


@pytest.fixture
def family(desk: Desk) -> FlaskClient:
    head = desk.office.archive.heads()[0]
    desk.parts.accounts.grant_family(
        email=web.FAMILY_EMAIL, case=head.id, reference=head.reference, leg=1, at=desk.parts.now
    )
    client = browser(desk)
    assert web.sign_in_family(desk.parts, client).status_code == 303
    return client


def pressed(
    desk: Desk, client: FlaskClient, url: str, presses: int = PRESSES, **values: str
) -> list[TestResponse]:
    """The same form from the same browser, every press at one moment."""
    cookie = client.get_cookie("__Host-sid", domain="localhost")
    assert cookie is not None
    values["csrf"] = web.mark_of(client)
    start = Barrier(presses)

    def press(_: int) -> TestResponse:
        again = browser(desk)
        again.set_cookie("__Host-sid", cookie.value, domain="localhost", secure=True)
        start.wait(timeout=20)
        return again.post(url, data=values)

    with ThreadPoolExecutor(presses) as pool:
        return list(pool.map(press, range(presses)))


def all_led_to_one_place(answers: list[TestResponse]) -> None:
    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["Location"] for answer in answers}) == 1


def of_kind(desk: Desk, kind: EventKind) -> int:
    return sum(event.kind is kind for event in desk.office.events(desk.case))


@pytest.mark.parametrize(
    ("path", "values", "kind"),
    [
        ("complain", COMPLAINT, EventKind.COMPLAINT_OPENED),
        ("correct", CORRECTION, EventKind.CORRECTION_ASKED),
    ],
)
def test_a_form_of_the_family_pressed_four_times_counts_once(desk, family, path, values, kind) -> None:
    url = f"{desk.url.replace('/officer/cases', '/requests')}/{path}"
    (mark,) = _ONCE.findall(page(family, url))
    all_led_to_one_place(pressed(desk, family, url, once=mark, **values))
    assert of_kind(desk, kind) == 1


def test_a_form_changed_and_sent_again_loses_nothing(desk: Desk, family) -> None:
    url = f"{desk.url.replace('/officer/cases', '/requests')}/complain"
    (mark,) = _ONCE.findall(page(family, url))
    for words in ("Nobody told me.", "Nobody told me.", "Nobody told me of either alert."):
        desk.send(family, url, once=mark, **COMPLAINT | {"words": words})
    assert of_kind(desk, EventKind.COMPLAINT_OPENED) == 2
    (mark,) = _ONCE.findall(page(family, url))
    desk.send(family, url, once=mark, **COMPLAINT)
    assert of_kind(desk, EventKind.COMPLAINT_OPENED) == 3


def test_a_request_pressed_four_times_is_one_case_with_one_clock(desk: Desk) -> None:
    client, before = browser(desk), len(desk.office.archive.heads())
    answer_all(client, "self")
    all_led_to_one_place(pressed(desk, client, "/ask/check"))
    assert len(desk.office.archive.heads()) == before + 1
    assert web.send(client, "/ask/check").headers["Location"] == "/ask/sent"
    # The case can be opened: no copy that came second took its key away.
    assert desk.office.archive.verify().cases == before + 1
    newest = str(desk.office.archive.heads()[-1].reference)
    assert newest in client.get("/ask/sent").get_data(as_text=True)


def test_the_next_request_of_the_same_words_is_another_one(desk: Desk) -> None:
    client, before = browser(desk), len(desk.office.archive.heads())
    for _ in range(2):
        answer_all(client, "self")
        web.send(client, "/ask/check")
    assert len(desk.office.archive.heads()) == before + 2


def test_a_request_on_paper_pressed_four_times_is_one_case(desk: Desk) -> None:
    officer, before = desk.staff(StaffRole.OFFICER), len(desk.office.archive.heads())
    (mark,) = _ONCE.findall(page(officer, "/officer/new"))
    all_led_to_one_place(pressed(desk, officer, "/officer/new", once=mark, **GOOD))
    assert len(desk.office.archive.heads()) == before + 1


def test_a_complaint_entered_by_the_team_counts_once(desk: Desk) -> None:
    team = desk.staff(StaffRole.COMPLAINTS)
    url = f"{desk.url.replace('/officer/', '/complaints-desk/')}/open"
    (mark,) = _ONCE.findall(page(team, url))
    given = {
        **COMPLAINT,
        "leg": "1",
        "received_on-day": "2",
        "received_on-month": "11",
        "received_on-year": "2026",
    }
    all_led_to_one_place(pressed(desk, team, url, once=mark, **given))
    assert of_kind(desk, EventKind.COMPLAINT_OPENED) == 1


@pytest.mark.parametrize("mark", ["", "x", "0" * 31, "../../etc"])
def test_a_mark_of_another_shape_is_no_mark(desk: Desk, family, mark: str) -> None:
    url = f"{desk.url.replace('/officer/cases', '/requests')}/complain"
    for _ in range(2):
        assert desk.send(family, url, once=mark, **COMPLAINT).status_code == 303
    assert of_kind(desk, EventKind.COMPLAINT_OPENED) == 2
