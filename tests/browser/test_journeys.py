"""The whole way on a real served site: a mother on a small phone, and the staff who answer her."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import violations
from tests.browser.installation import MOTHER, PASSWORD, Installation, installed
from tests.journeys.stage import decide_as_suggested

pytestmark = pytest.mark.browser
PHONE = {"width": 320, "height": 640}
NEW = "ruth.okello@example.com"
ANSWERS = (
    ("contact", {"email": "ruth.okelo@example.com"}),
    ("about", {"who": "self"}),
    ("you", {"name": "Ruth Okello", "born-day": "3", "born-month": "3", "born-year": "1991"}),
    ("wording", {"wording": "Everything about the alert."}),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with installed(tmp_path_factory.mktemp("installation")) as made:
        yield made


def sound(page: Page) -> None:
    """No fault that axe knows, no sideways scrolling, no error page."""
    assert violations(page) == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
    assert not page.title().startswith(("Error", "Sorry", "Page not found")), page.url


def press(page: Page, name: str | re.Pattern[str]) -> None:
    """A button, and the page it leads to looked over."""
    page.get_by_role("button", name=name).first.click()
    sound(page)


def follow(page: Page, name: str | re.Pattern[str]) -> None:
    page.get_by_role("link", name=name).first.click()
    sound(page)


def fill(page: Page, **values: str) -> None:
    for field, value in values.items():
        choice = page.locator(f"input[type=radio][name='{field}'][value='{value}']")
        choice.check() if choice.count() else page.locator(f"[name='{field}']").fill(value)


def test_a_mother_asks_reads_and_answers_back(site: Installation, browser: Browser) -> None:
    context = browser.new_context(viewport=PHONE, accept_downloads=True)
    page = context.new_page()
    page.goto(site.url)
    sound(page)
    ask_with_a_mistyped_address(site, page)
    read_the_pack(site, page)
    answer_back(site, page)
    press(page, "Sign out")
    page.goto(f"{site.url}/requests/{site.answered.reference}")
    assert page.url.endswith("/sign-in")
    context.close()


def ask_with_a_mistyped_address(site: Installation, page: Page) -> None:
    page.get_by_role("button", name="Ask for records").click()
    for name, values in ANSWERS:
        page.wait_for_url(f"**/ask/{name}")
        sound(page)
        fill(page, **values)
        page.get_by_role("button", name="Continue").click()
    press(page, "Send my request")
    # It has been received whatever becomes of the address.
    expect(page.get_by_text(re.compile(r"SA-\d{4}-0003"))).to_be_visible()
    follow(page, "The address is wrong")
    fill(page, email=NEW)
    press(page, "Send a new code")
    fill(page, code=site.code(NEW))
    press(page, "Check the code")
    letter = site.letters[-1].read_text()
    assert "To: ruth.okello@example.com" in letter
    assert "SA-" in letter
    press(page, "Follow your request")
    expect(page.get_by_text("We have your request").first).to_be_visible()
    press(page, "Sign out")


def read_the_pack(site: Installation, page: Page) -> None:
    page.goto(f"{site.url}/sign-in")
    sound(page)
    fill(page, email=MOTHER)
    press(page, "Send me a code")
    fill(page, code=site.code(MOTHER))
    press(page, "Sign in")
    expect(page.get_by_role("heading", name="Your next steps and their dates")).to_be_visible()
    follow(page, re.compile("^Read the pack|^Read"))
    press(page, "Read it on this screen")
    expect(page.get_by_text("Chidi Okafor").first).to_be_visible()
    follow(page, "Back to your request")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download as PDF").click()
    house, case = site.house, site.answered.id
    assert Path(download.value.path()).read_bytes() == house.services.packing.pdf(case, leg=1)
    row = house.services.enquiries.case_page(site.answered.reference, on=house.clock().date()).legs[0].pack
    assert row is not None
    assert row.collected_at is not None


def answer_back(site: Installation, page: Page) -> None:
    here = f"{site.url}/requests/{site.answered.reference}"
    page.goto(f"{here}/complain")
    sound(page)
    fill(page, route="data-protection", about="The wait", words="Nobody rang us back.")
    press(page, "Send my complaint")
    assert "We have your complaint" in site.letters[-1].read_text()
    page.goto(f"{here}/correct")
    sound(page)
    fill(page, what_is_wrong="The plan names the wrong school.", what_it_should_say="Another school.")
    press(page, "Ask for a correction")
    page.goto(f"{here}/challenge")
    sound(page)
    fill(page, record="4", words="I was in the room.")
    press(page, "Ask for another look")
    page.goto(here)
    sound(page)
    for words in ("The wait", "Words withheld in record 4 of the pack", "Correction of a record"):
        expect(page.get_by_text(words).first).to_be_visible()


def enter(site: Installation, page: Page, user: str) -> None:
    page.goto(f"{site.url}/staff/sign-in")
    sound(page)
    fill(page, username=user, password=PASSWORD, code=site.second_factor(user))
    press(page, "Sign in")


def until(page: Page, words: str, *, seconds: float = 40) -> None:
    """Look again until the page says it: the worker needs its time."""
    ends_at = time.monotonic() + seconds
    while words not in page.locator("main").inner_text():
        assert time.monotonic() < ends_at, page.locator("main").inner_text()[:1500]
        page.wait_for_timeout(400)
        page.reload()


def decide_record(page: Page) -> None:
    """The officer follows what the program proposes, or lets the record go out as it is."""
    proposals = page.locator("input[type=radio][name^='verdict-'][value=disclose]")
    for i in range(proposals.count()):
        block = proposals.nth(i).locator("xpath=ancestor::*[contains(., 'Proposed:')][1]")
        verdict = "withhold" if "Proposed: withhold" in block.inner_text() else "disclose"
        block.locator(f"input[value={verdict}]").check()
    if proposals.count():
        page.locator("input[name=rule_reason]").check()
        page.locator("input[name=finish]").check()
    else:
        fill(page, outcome="disclose", whole_reason="It is about the child alone.")
    press(page, "Save and go on")


def look_at_changes(page: Page, case: str) -> None:
    """What the stores did since the request is looked at before anything is signed."""
    page.goto(f"{case}/changes")
    sound(page)
    if page.locator("[name='note-1']").count():
        fill(page, **{"note-1": "I asked the keepers. It is ordinary work."})
        press(page, "I looked at every change of person 1")


def sign_off(page: Page, case: str, *, follows_on: date) -> None:
    """The approver says of each place without a final answer what is missing, then signs."""
    page.goto(f"{case}/legs/1/sign-off")
    sound(page)
    for number in range(1, page.locator("select[name^='doing-']").count() + 1):
        page.locator(f"[name='missing-{number}']").fill("All that it holds.")
        page.locator(f"[name='doing-{number}']").select_option("ask-again")
        for part in ("day", "month", "year"):
            page.locator(f"[name='follows-{number}-{part}']").fill(str(getattr(follows_on, part)))
    page.locator("input[name=checked]").check()
    page.get_by_role("button", name="Sign off", exact=True).click()


@pytest.mark.timeout(300)
def test_staff_answer_a_request_together(site: Installation, browser: Browser) -> None:
    officers, approvers = browser.new_context(), browser.new_context()
    officer, approver = officers.new_page(), approvers.new_page()
    case = f"{site.url}/officer/cases/{site.waiting.reference}"
    enter(site, officer, "priya-nandakumar")
    follow(officer, str(site.waiting.reference))
    press(officer, "Start gathering")
    until(officer, "Round 1 is complete")
    officer.goto(f"{case}/people")
    press(officer, "Bring in everybody")
    officer.goto(case)
    press(officer, "Make proposals")
    officer.goto(f"{case}/legs/1/records/1")
    for _ in range(2):
        decide_record(officer)
    # The other records are decided as quickly as a test may; the page of each is the same.
    decide_as_suggested(site.waiting)
    officer.goto(f"{case}/legs/1/sign-off")
    sound(officer)
    assert officer.get_by_role("button", name="Sign off", exact=True).count() == 0

    enter(site, approver, "tom-ashdown")
    look_at_changes(approver, case)
    sign_off(approver, case, follows_on=site.waiting.house.clock().date() + timedelta(days=9))
    press(approver, "Release the pack")
    until(approver, "The pack is released and handed over")
    sound(approver)
    follow(approver, "Read the pack as the family does")
    expect(approver.get_by_text("Chidi Okafor").first).to_be_visible()
    assert f"{site.url}/" in site.letters[-1].read_text()
    officers.close()
    approvers.close()


def test_the_complaints_desk_answers_and_looks_again(site: Installation, browser: Browser) -> None:
    house, journey = site.house, site.answered
    today = house.clock().date()
    made = house.services.complaints.open(
        journey.id, route="data-protection", about="The tone", words="It was unkind.", received_on=today,
        at=house.clock(), by=journey.officer, leg=1,
    )  # fmt: skip
    context = browser.new_context()
    page = context.new_page()
    enter(site, page, "rosa-imani")
    desk = f"{site.url}/complaints-desk/cases/{journey.reference}/complaints/{made}"
    day = {"on-day": str(today.day), "on-month": str(today.month), "on-year": str(today.year)}
    page.goto(desk)
    press(page, "Record that we acknowledged it")
    fill(page, **day)
    press(page, "Record it")
    press(page, "Record our answer")
    fill(page, **day, outcome="upheld", words="You were right.")
    press(page, "Record it")
    found = house.services.enquiries.complaint(journey.id, made, on=today)
    assert found.status == "answered"
    context.close()
