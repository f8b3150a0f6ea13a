"""Headers, cookies and forged forms."""

from __future__ import annotations

import logging

import pytest

from sar.domain.errors import EnvironmentFault, IntegrityFault, NotAllowed, OutOfOrder, StoreUnavailable
from tests.fakes import web

PAGES = ("/", "/sign-in", "/ask/contact", "/staff/sign-in", "/nothing-here", "/requests", "/static/site.css")


@pytest.mark.parametrize("path", PAGES)
def test_every_answer_carries_the_headers(client, path) -> None:
    with client.get(path) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert int(headers["Strict-Transport-Security"].split("=")[1].split(";")[0]) >= 31_536_000
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"


def test_personal_pages_are_not_kept_by_anybody(as_family) -> None:
    client = as_family(1)
    for path in ("", "/pack/1", "/pack/1/screen", "/complain"):
        assert client.get(f"/requests/{web.REFERENCE}{path}").headers["Cache-Control"] == "no-store"


def test_the_cookie_is_bound_to_this_host_and_hidden_from_scripts(client) -> None:
    cookie = client.get("/sign-in").headers["Set-Cookie"]
    assert cookie.startswith("__Host-sid=")
    for word in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert word in cookie
    assert "Domain" not in cookie


def test_a_mark_from_another_browser_is_refused(client, new_client) -> None:
    client.get("/sign-in")
    answer = client.post("/sign-in", data={"csrf": web.mark_of(new_client()), "email": web.FAMILY_EMAIL})
    assert answer.status_code == 400
    assert "Nothing was changed" in answer.get_data(as_text=True)


def test_a_form_without_any_cookie_is_refused(new_client) -> None:
    mark = web.mark_of(new_client())
    assert new_client().post("/sign-in", data={"csrf": mark, "email": "a@example.org"}).status_code == 400


def test_another_host_name_is_refused(client) -> None:
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 400


def test_a_form_that_is_too_big_is_refused(client) -> None:
    assert web.send(client, "/ask/contact", do_not="x" * 300_000).status_code == 413


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        (NotAllowed("It is not yours.", next_step="Ask the team."), 403),
        (OutOfOrder("Too early for that.", next_step="Wait a little."), 409),
        (StoreUnavailable("No answer came.", next_step="Try later."), 502),
        (IntegrityFault("It was altered.", next_step="Tell the team."), 500),
        (EnvironmentFault("The disk is full.", next_step="Free space."), 503),
    ],
)
def test_each_refusal_is_a_page_with_a_next_step(site_parts, as_family, fault, status) -> None:
    client = as_family(1)
    site_parts.services.enquiries.refusals["family_page"] = fault
    answer = client.get(f"/requests/{web.REFERENCE}")
    assert answer.status_code == status
    page = answer.get_data(as_text=True)
    assert fault.message in page
    assert fault.next_step in page


def test_an_unknown_fault_shows_and_logs_none_of_its_words(site_parts, as_family, caplog) -> None:
    client = as_family(1)
    site_parts.services.enquiries.refusals["family_page"] = ValueError("Leanne Hartley 943 476 5919")
    with caplog.at_level(logging.DEBUG):
        answer = client.get(f"/requests/{web.REFERENCE}")
    assert answer.status_code == 500
    assert "943 476" not in answer.get_data(as_text=True) + caplog.text
    assert "ValueError" in caplog.text


def test_leaving_forgets_the_browser_and_tells_nothing(as_family) -> None:
    client = as_family(1)
    answer = client.get("/leave")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("https://www.bbc.co.uk/")
    assert '"cookies"' in answer.headers["Clear-Site-Data"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert client.get(f"/requests/{web.REFERENCE}").status_code == 303


def test_a_broken_frame_still_answers_in_plain_words_and_logs_none_of_them(app, client, caplog) -> None:
    app.jinja_env.globals["config"] = None  # The layout asks it for everything.
    answer = client.get("/not-there?name=Leanne")
    assert answer.status_code == 404
    assert "We cannot find that page." in answer.get_data(as_text=True)
    assert "Leanne" not in caplog.text
    assert "fault UndefinedError in the error page" in caplog.text
