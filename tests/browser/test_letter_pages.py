"""Letters on a small phone and on a desk: choosing, writing, checking, reading again."""

from __future__ import annotations

from datetime import date

import pyotp
import pytest
from playwright.sync_api import Browser, Page

from sar.domain.letters import Audience
from sar.domain.parties import Person, Role, SafeContact, StaffRole
from sar.domain.references import PersonId
from sar.ports.disclosing import Letter
from sar.services.correspondence import ConsultationRow, SentLetter, SentRow
from tests.browser.conftest import Served, enter_family
from tests.browser.test_family_pages import sound, watch
from tests.fakes import web
from tests.integration.web.test_officer import case_page

pytestmark = pytest.mark.browser

CASE = f"/officer/cases/{web.REFERENCE}"
LETTERS = f"/letters/cases/{web.REFERENCE}"
CONTACT = SafeContact(
    email="an.address.that.is.rather.longer.than.a.small.telephone.is.wide@records.example.org",
    do_not="Do not ring after five.\nNo letters.",
)
PARAGRAPHS = (
    "Dear Leanne Hartley",
    "This is how your request is going.",
    "You can follow it at https://records.a-rather-long-name-of-a-hospital-trust.example.org/requests/SA-2026-0001.",
    "Records Office\n01632 960 100",
)


def prepare(served: Served) -> None:
    answers = served.parts.services.correspondence.answers
    answers["sent"] = (
        SentRow(number=7, title="How your request is going", leg=1, sent_on=date(2026, 11, 19),
                audience=Audience.RECIPIENT.value),
    )  # fmt: skip
    answers["read"] = SentLetter(
        kind="progress", leg=1, to="Leanne Hartley", address=CONTACT.email, subject="A message about SA-2026-0001",
        paragraphs=PARAGRAPHS, sent_on=date(2026, 11, 19), receipt="r",
    )  # fmt: skip
    answers["draft"] = Letter(
        to="Leanne Hartley", address=CONTACT.email, subject="A message about SA-2026-0001", paragraphs=PARAGRAPHS,
        kind="progress",
    )  # fmt: skip
    answers["consultees"] = (
        ConsultationRow(id="c0ffee000003", person="Kerry Lomax", leg=1, answer="", reference="Q-C0FFEE00"),
    )
    enquiries = served.parts.services.enquiries.answers
    enquiries["case_page"] = case_page(
        legs=(web.leg_page(1, "Leanne Hartley", contact=CONTACT),), gathering="complete"
    )
    enquiries["people"] = (Person(id=PersonId("kerry"), name="Kerry Lomax", role=Role.THIRD_PARTY),)
    enquiries["review_list"] = ()


def sign_in(served: Served, page: Page) -> None:
    secret = web.add_staff(served.parts, StaffRole.OFFICER, StaffRole.COMPLAINTS)
    page.goto(f"{served.url}/staff/sign-in")
    page.get_by_label("Username").fill("officer")
    page.get_by_label("Password").fill(web.PASSWORD)
    page.get_by_label("Code").fill(pyotp.TOTP(secret).at(served.parts.now))
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("width", [320, 1280])
def test_writing_a_letter_with_the_keyboard_alone(served: Served, browser: Browser, width: int) -> None:
    prepare(served)
    context = browser.new_context(viewport={"width": width, "height": 700})
    page = context.new_page()
    seen = watch(page, served)
    sign_in(served, page)
    consulting = f"{CASE}/legs/1/consultations"
    for path in (CASE, f"{LETTERS}/new/1", f"{LETTERS}/7", consulting, f"{consulting}/c0ffee000003/answer",
                 f"{LETTERS}/new/1/complaint-outcome?about=c0ffee000001",
                 f"{LETTERS}/new/1/correction-notice?about=c0ffee000002&place=place-1"):  # fmt: skip
        page.goto(served.url + path)
        sound(page, width)
    page.goto(f"{served.url}{LETTERS}/new/1/progress")
    sound(page, width)
    assert page.get_by_text("Do not ring after five.").count() == 1
    page.get_by_role("textbox").focus()
    page.keyboard.type("We have found it all.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Check the letter").wait_for()
    sound(page, width)
    assert page.get_by_text("Do not ring after five.").count() == 1
    page.get_by_role("button", name="Change the words").click()
    assert page.get_by_role("textbox").input_value() == "We have found it all."
    page.get_by_role("button", name="See the letter").click()
    page.get_by_role("button", name="Send it").click()
    page.wait_for_url(f"**{CASE}")
    (call,) = (args for name, args, _ in served.parts.services.correspondence.calls if name == "send")
    assert call[1].said == {"news": "We have found it all."}
    assert seen == []
    context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_a_family_reads_a_letter_again(served: Served, browser: Browser, width: int) -> None:
    prepare(served)
    context = browser.new_context(viewport={"width": width, "height": 700})
    page = context.new_page()
    enter_family(served, page, 1)
    page.goto(f"{served.url}/requests/{web.REFERENCE}")
    page.get_by_role("link", name="How your request is going").click()
    sound(page, width)
    assert page.get_by_text("This is how your request is going.").count() == 1
    context.close()
