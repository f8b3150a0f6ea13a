"""A dead child's records with one's own, and policies with one's own, on a small phone and by keyboard alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from sar.config import shipped
from sar.detection.reading import load_detector
from sar.law import load
from tests.browser.conftest import Served, violations
from tests.browser.test_family_pages import tab_to
from tests.fakes import web
from tests.integration.web.staff_site import make_desk

pytestmark = pytest.mark.browser

YOU = {"name": "Leanne Hartley", "born-day": "3", "born-month": "3", "born-year": "1991"}
CONTACT = {"email": "leanne@example.org"}
DIED = (
    ("contact", CONTACT),
    ("about", {"who": "died"}),
    ("died", {"died_name": "Noah Hartley", "died_born-day": "8", "died_born-month": "2", "died_born-year": "2022",
              "died_on-day": "3", "died_on-month": "9", "died_on-year": "2026"}),
    ("died_right", {"died_files": "health", "died_relation": "Mother", "died_right": "representative",
                    "died_own": "yes"}),
    ("you", YOU),
    ("wording", {"wording": "Everything."}),
)  # fmt: skip
MIXED = (
    ("contact", CONTACT),
    ("about", {"who": "child"}),
    ("you", {"name": "Leanne Hartley"}),
    ("child", {"child_name": "Isla", "child_born-day": "3", "child_born-month": "3", "child_born-year": "2012"}),
    ("child_knows", {"child_knows": "unsafe"}),
    ("proof", {"proof": "none"}),
    ("no_right", {"no_right_own": "yes"}),
    ("you", YOU),
    ("wording", {"wording": "Everything.", "foi": "yes", "info": "How many alerts were wrong last year?"}),
)  # fmt: skip


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Served]:
    """The site over real services: what is asked for is received, dated and shown."""
    law, detector = load("england"), load_detector(shipped("redaction_rules"))
    desk = make_desk(tmp_path, law=law, detector=detector, ready=False)
    server = make_server("127.0.0.1", 0, desk.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Served(url=f"http://127.0.0.1:{server.server_port}", parts=desk.parts)
    server.shutdown()
    thread.join()
    server.server_close()
    desk.parts.engine.dispose()


def sound(page: Page) -> None:
    assert violations(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= 320, page.url


def fill(page: Page, values: dict[str, str]) -> None:
    for field, value in values.items():
        choice = page.locator(f"input:is([type=radio], [type=checkbox])[name='{field}'][value='{value}']")
        choice.check() if choice.count() else page.locator(f"[name='{field}']").fill(value)


def ask(served: Served, page: Page, answers: tuple[tuple[str, dict[str, str]], ...]) -> None:
    """Walk the pages, each looked at; send; prove the address; follow."""
    page.goto(f"{served.url}/ask")
    for name, values in answers:
        page.wait_for_url(f"**/ask/{name}")
        sound(page)
        fill(page, values)
        page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/ask/check")
    sound(page)
    page.get_by_role("button", name="Send my request").click()
    page.wait_for_url("**/ask/sent")
    sound(page)
    page.locator("[name=code]").fill(web.newest_code(served.parts))
    page.get_by_role("button", name="Check the code").click()
    page.get_by_role("button", name="Follow your request").click()
    page.wait_for_url("**/requests/*")
    sound(page)


def test_a_dead_childs_health_record_and_ones_own_on_a_phone(whole: Served, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 600})
    page = context.new_page()
    ask(whole, page, DIED)
    card = page.locator("section.sar-card", has=page.get_by_role("heading", name="Noah Hartley"))
    assert card.get_by_text("Friday 11 December 2026").first.is_visible()  # 21 days, the safe one of two.
    card.get_by_text("Which law we use").click()
    assert card.get_by_text("Access to Health Records Act 1990").is_visible()
    own = page.locator("section.sar-card", has=page.get_by_role("heading", name="Leanne Hartley"))
    assert own.get_by_text("Monday 21 December 2026").first.is_visible()
    context.close()


def test_own_records_called_foi_with_policies_and_no_responsibility_on_a_phone(
    whole: Served, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 600}, java_script_enabled=False)
    page = context.new_page()
    page.set_default_timeout(10_000)
    page.goto(f"{whole.url}/ask")
    for name, values in MIXED:
        page.wait_for_url(f"**/ask/{name}")
        fill(page, values)
        page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Send my request").click()
    page.wait_for_url("**/ask/sent")
    assert page.get_by_text("The freedom of information law does not cover your own records.").is_visible()
    page.locator("[name=code]").fill(web.newest_code(whole.parts))
    page.get_by_role("button", name="Check the code").click()
    page.get_by_role("button", name="Follow your request").click()
    page.wait_for_url("**/requests/*")
    for heading in ("You called it Freedom of Information", "Isla", "Policies, numbers and other papers"):
        assert page.get_by_role("heading", name=heading, exact=True).is_visible()
    assert page.get_by_text("How many alerts were wrong last year?").is_visible()
    context.close()


def test_the_same_by_keyboard_alone(whole: Served, page: Page) -> None:
    page.goto(f"{whole.url}/ask")
    for name, values in DIED:
        page.wait_for_url(f"**/ask/{name}")
        for field, value in values.items():
            if page.locator(f"input[type=radio][name='{field}']").count():
                tab_to(page, f"input[name='{field}']")
                page.keyboard.press("Space")
                while page.evaluate("document.activeElement.value") != value:
                    page.keyboard.press("ArrowDown")
            elif page.locator(f"input[type=checkbox][name='{field}']").count():
                tab_to(page, f"input[name='{field}'][value='{value}']")
                page.keyboard.press("Space")
            else:
                tab_to(page, f"[name='{field}']")
                page.keyboard.type(value)
        tab_to(page, "main button.govuk-button")
        page.keyboard.press("Enter")
    page.wait_for_url("**/ask/check")
    tab_to(page, "main button.govuk-button")
    page.keyboard.press("Enter")
    page.wait_for_url("**/ask/sent")
    assert page.get_by_text("We are sorry for your loss.").is_visible()
