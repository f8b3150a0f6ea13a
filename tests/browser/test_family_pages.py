"""The family's pages in a real browser: sound for everyone, on a small phone, by keyboard, without scripts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Served, enter_family, violations
from tests.fakes import web

pytestmark = pytest.mark.browser

HERE = f"/requests/{web.REFERENCE}"
OPEN = ("/", "/glossary", "/accessibility", "/sign-in", "/sign-in/code", "/staff/sign-in", "/not-there")
SIGNED_IN = (HERE, f"{HERE}/pack/1", f"{HERE}/complain", f"{HERE}/challenge", f"{HERE}/correct",
             f"{HERE}/complaints/c0ffee000001", f"{HERE}/corrections/c0ffee000002")  # fmt: skip
ANSWERS = (
    ("contact", {"email": "leanne@example.org"}),
    ("about", {"who": "both"}),
    ("you", {"name": "Leanne Hartley", "born-day": "3", "born-month": "3", "born-year": "1991"}),
    (
        "child",
        {"child_name": "Isla", "child_born-day": "3", "child_born-month": "3", "child_born-year": "2022"},
    ),
    ("proof", {"proof": "birth", "shown": "post"}),
    ("wording", {"wording": "Everything about the alert."}),
)


def sound(page: Page, width: int) -> None:
    """No fault that axe knows, and nothing to scroll sideways for."""
    assert violations(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url


def watch(page: Page, served: Served) -> list[str]:
    """Requests to anywhere else, and what the content policy stopped."""
    seen: list[str] = []
    page.on("request", lambda r: seen.append(r.url) if not r.url.startswith(served.url) else None)
    page.on("console", lambda m: seen.append(m.text) if "Content Security Policy" in m.text else None)
    page.on("pageerror", lambda e: seen.append(str(e)))
    return seen


@pytest.mark.parametrize("width", [320, 1280])
def test_every_page_is_sound(served: Served, browser: Browser, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 700})
    page = context.new_page()
    seen = watch(page, served)
    for path in OPEN:
        page.goto(served.url + path)
        sound(page, width)
    enter_family(served, page)
    for path in SIGNED_IN:
        page.goto(served.url + path)
        sound(page, width)
    page.goto(f"{served.url}{HERE}/complain")
    page.get_by_role("button", name="Send my complaint").click()
    assert page.title().startswith("Error: ")
    sound(page, width)
    assert seen == []
    context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_asking_on_a_small_phone_with_and_without_scripts(
    served: Served, browser: Browser, scripts: bool
) -> None:
    context = browser.new_context(viewport={"width": 320, "height": 600}, java_script_enabled=scripts)
    page = context.new_page()
    page.goto(served.url)
    page.get_by_role("button", name="Ask for records").click()
    for name, values in ANSWERS:
        page.wait_for_url(f"**/ask/{name}")
        page.get_by_role("button", name="Continue").click()
        assert page.title().startswith("Error: ")
        if scripts:
            sound(page, 320)
            assert page.evaluate("document.activeElement.className") == "govuk-error-summary"
        for field, value in values.items():
            choice = page.locator(f"input[type=radio][name='{field}'][value='{value}']")
            choice.check() if choice.count() else page.locator(f"[name='{field}']").fill(value)
        page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/ask/check")
    page.get_by_role("button", name="Send my request").click()
    assert page.get_by_text(str(web.REFERENCE)).is_visible()
    assert len(served.parts.services.intake.calls) == 1
    context.close()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the wanted thing has the focus, and can be seen to have it."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            shown = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert shown != "none" or page.evaluate(
                "getComputedStyle(document.activeElement).boxShadow !== 'none'"
            ), selector
            return
    raise AssertionError(selector)


def test_asking_and_proving_the_address_by_keyboard_alone(served: Served, page: Page) -> None:
    page.goto(served.url)
    tab_to(page, ".govuk-button--start")
    page.keyboard.press("Enter")
    for name, values in ANSWERS:
        page.wait_for_url(f"**/ask/{name}")
        for field, value in values.items():
            if page.locator(f"input[type=radio][name='{field}']").count():
                tab_to(page, f"input[name='{field}']")
                page.keyboard.press("Space")
                while page.evaluate("document.activeElement.value") != value:
                    page.keyboard.press("ArrowDown")
            else:
                tab_to(page, f"[name='{field}']")
                page.keyboard.type(value)
        tab_to(page, "main button.govuk-button")
        page.keyboard.press("Enter")
    page.wait_for_url("**/ask/check")
    tab_to(page, "main button.govuk-button")
    page.keyboard.press("Space")
    page.wait_for_url("**/ask/sent")
    tab_to(page, "#code")
    page.keyboard.type(web.newest_code(served.parts))
    page.keyboard.press("Enter")
    page.get_by_text("Your e-mail address works").wait_for()
    tab_to(page, "main a.govuk-button")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{HERE}")
    tab_to(page, ".sar-nav__button")
    page.keyboard.press("Enter")
    page.wait_for_url(f"{served.url}/")


def test_signing_in_by_keyboard_alone(served: Served, page: Page) -> None:
    web.grant(served.parts, 1)
    page.goto(f"{served.url}/sign-in")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent").strip() == "Skip to main content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(web.FAMILY_EMAIL)
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in/code**")  # The skip link's fragment stays on.
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "code":
            break
    page.keyboard.type(web.newest_code(served.parts))
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{HERE}**")


def test_the_page_follows_the_work_by_itself_and_stops_when_it_is_done(served: Served, page: Page) -> None:
    served.parts.page = web.replace(
        served.parts.page, legs=(web.leg_page(1, "Leanne Hartley", stage="gathering"),)
    )
    page.clock.install()
    enter_family(served, page, 1)
    assert page.get_by_text("We are looking for records").is_visible()
    served.parts.page = web.family_view()
    page.clock.run_for(11_000)
    page.get_by_text("Your pack is ready", exact=True).wait_for()
    assert page.locator("[hx-get]").count() == 0


def test_leaving_goes_away_and_the_way_back_is_shut(served: Served, page: Page) -> None:
    page.route(
        "https://www.bbc.co.uk/**", lambda route: route.fulfill(body="weather", content_type="text/html")
    )
    enter_family(served, page)
    page.get_by_role("link", name="Leave this page").click()
    page.wait_for_url("https://www.bbc.co.uk/**")
    page.goto(served.url + HERE)
    assert page.url.endswith("/sign-in")
