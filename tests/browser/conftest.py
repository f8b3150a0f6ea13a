"""The site behind a real browser, on this machine only."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from werkzeug.serving import make_server

from tests.fakes import web

CHROMIUM = shutil.which("chromium")
QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-features=OptimizationHints,MediaRouter,Translate",
]


@dataclass
class Served:
    """A running site."""

    url: str
    parts: web.Parts


# Not for the whole session: its event loop runs in this thread, where later tests would start one of their own.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed (sudo apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def served(tmp_path) -> Iterator[Served]:
    parts = web.make_parts(tmp_path)
    server = make_server("127.0.0.1", 0, web.make_app(parts), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Served(url=f"http://127.0.0.1:{server.server_port}", parts=parts)
    server.shutdown()
    thread.join()
    server.server_close()
    parts.engine.dispose()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {[node['target'] for node in one['nodes']]}" for one in found]


def enter_family(served: Served, page: Page, *legs: int) -> None:
    """Sign in as a person would."""
    web.grant(served.parts, *(legs or (1, 2, 3)))
    page.goto(f"{served.url}/sign-in")
    page.get_by_label("E-mail address").fill(web.FAMILY_EMAIL)
    page.get_by_role("button", name="Send me a code").click()
    page.get_by_label("Code").fill(web.newest_code(served.parts))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/requests**")
