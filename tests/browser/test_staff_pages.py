"""Who receives what, and the change of a safe address: sound on a small phone and on a desk."""

from __future__ import annotations

from datetime import date

import pyotp
import pytest
from playwright.sync_api import Browser

from sar.domain.parties import SafeContact, StaffRole
from sar.ports.pages import DatedRow
from tests.browser.conftest import Served
from tests.browser.test_family_pages import sound, watch
from tests.fakes import web
from tests.integration.web.test_officer import case_page

pytestmark = pytest.mark.browser

CASE = f"/officer/cases/{web.REFERENCE}"
DESK = f"/complaints-desk/cases/{web.REFERENCE}"
LONG = SafeContact(
    email="an.address.that.is.rather.longer.than.a.small.telephone.is.wide@records.example.org",
    phone="01632 960999", postal_address="Flat 2\n5 Mill Row", do_not="Do not ring after five.\nNo letters.",
)  # fmt: skip


@pytest.mark.parametrize("width", [320, 1280])
def test_reaching_a_family_and_changing_its_address(served: Served, browser: Browser, width: int) -> None:
    legs = (
        web.leg_page(1, "Leanne Hartley", contact=LONG),
        web.leg_page(2, "Marcus Hartley", recipient="Marcus"),
    )
    served.parts.services.enquiries.answers["case_page"] = case_page(legs=legs, gathering="complete")
    secret = web.add_staff(served.parts, StaffRole.OFFICER, StaffRole.COMPLAINTS)
    context = browser.new_context(viewport={"width": width, "height": 700})
    page = context.new_page()
    seen = watch(page, served)
    page.goto(f"{served.url}/staff/sign-in")
    page.get_by_label("Username").fill("officer")
    page.get_by_label("Password").fill(web.PASSWORD)
    page.get_by_label("Code").fill(pyotp.TOTP(secret).at(served.parts.now))
    page.get_by_role("button", name="Sign in").click()
    for path in (CASE, f"{CASE}/legs/1/address", f"{DESK}/complaints/c0ffee000001",
                 f"{DESK}/corrections/c0ffee000002"):  # fmt: skip
        page.goto(served.url + path)
        sound(page, width)
        assert page.get_by_text("Do not ring after five.").count() == 1, path
    page.goto(f"{served.url}{CASE}/legs/1/address")
    page.get_by_role("button", name="Shut out the old address").click()
    assert page.title().startswith("Error: ")
    sound(page, width)
    page.get_by_label("New safe e-mail address").fill("new.safe@example.org")
    page.get_by_label("Why does it change?").fill("Her mailbox is read.")
    page.get_by_role("button", name="Shut out the old address").click()
    page.wait_for_url("**/address/code")
    sound(page, width)
    assert page.get_by_text("Ask Leanne Hartley to open the message").count() == 1
    assert seen == []
    context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_putting_a_date_right(served: Served, browser: Browser, width: int) -> None:
    leg = web.leg_page(
        1, "Leanne Hartley", cautions=("The extension notice came too late. It does not count.",)
    )
    rows = (
        DatedRow(event=1, words="The request was received", leg=None, subject="", on=date(2026, 10, 16),
                 was=date(2026, 10, 20), withdrawn=False, can_withdraw=False),
        DatedRow(event=4, words="A question was put to the family", leg=1, subject="Leanne Hartley",
                 on=date(2026, 10, 26), was=date(2026, 10, 26), withdrawn=False, can_withdraw=True),
        DatedRow(event=6, words="Proof of identity was asked for", leg=1, subject="Leanne Hartley",
                 on=date(2026, 10, 27), was=date(2026, 10, 27), withdrawn=True, can_withdraw=True),
    )  # fmt: skip
    answers = served.parts.services.enquiries.answers
    answers["case_page"] = case_page(legs=(leg,), gathering="complete")
    answers["dated_entries"] = rows
    secret = web.add_staff(served.parts, StaffRole.OFFICER)
    context = browser.new_context(viewport={"width": width, "height": 700})
    page = context.new_page()
    seen = watch(page, served)
    page.goto(f"{served.url}/staff/sign-in")
    page.get_by_label("Username").fill("officer")
    page.get_by_label("Password").fill(web.PASSWORD)
    page.get_by_label("Code").fill(pyotp.TOTP(secret).at(served.parts.now))
    page.get_by_role("button", name="Sign in").click()
    page.goto(served.url + CASE)
    page.get_by_text("How the date is worked out").click()
    page.get_by_role("link", name="Correct a date").click()
    sound(page, width)
    page.get_by_role("link", name="Put right the day of: a question was put to the family").click()
    page.get_by_role("button", name="Put it right").click()
    assert page.title().startswith("Error: ")
    sound(page, width)
    page.get_by_label("This entry was made by mistake").check()
    page.get_by_label("How do you know?").fill("It was another family.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/dates")
    assert served.parts.services.timekeeping.named("withdraw_entry")[-1]["event"] == 4
    assert seen == []
    context.close()
