"""Who receives what, and the change of a safe address: sound on a small phone and on a desk."""

from __future__ import annotations

import pyotp
import pytest
from playwright.sync_api import Browser

from sar.domain.parties import SafeContact, StaffRole
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
