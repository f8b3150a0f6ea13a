"""What changed after the request: sound on a small phone and on a desk, and sent with the keyboard alone."""

from __future__ import annotations

from datetime import date

import pyotp
import pytest
from playwright.sync_api import Browser, Page

from sar.domain.beside import side_by_side
from sar.domain.changes import Change, ChangeKind, Uncompared, Why
from sar.domain.parties import StaffRole
from sar.domain.references import RecordKey, StoreName
from sar.ports.changes import CaseChanges, ChangeRow, ChangeShown, LegChanges, SeenRow
from tests.browser.conftest import Served
from tests.browser.test_family_pages import sound, watch
from tests.fakes import web
from tests.fakes.ports import record
from tests.integration.web.test_officer import case_page

pytestmark = pytest.mark.browser

CASE = f"/officer/cases/{web.REFERENCE}"
LABEL = "The hospital trust's alert system"
CHANGE = Change(
    kind=ChangeKind.BACK_DATED, record=RecordKey(StoreName("trust_alerts"), "alerts/2024/a-rather-long-number"),
    label=LABEL, what="alert", dated_on=date(2024, 3, 4), before=None, after=None, before_version="",
    after_version="b", first_seen_on=date(2026, 11, 18), round=2, entered_on=date(2026, 10, 30),
    changed_on=date(2026, 11, 2), is_still=False,
)  # fmt: skip
ROW = ChangeRow(number=1, change=CHANGE, was_asked_for=False, is_new=True)
LEG = LegChanges(
    leg=1, round=2, rows=(ROW, ChangeRow(number=2, change=CHANGE, was_asked_for=True, is_new=False)),
    uncompared=(Uncompared(store=StoreName("lab"), label=LABEL, why=Why.NO_ANSWER_NOW, records=3),),
    seen=(SeenRow(at=web.NOW, by_role="approver", round=1, note="Asked the ward."),),
)  # fmt: skip
SHOWN = ChangeShown(
    row=ROW,
    sides=side_by_side(record("a", "The flat was warm and tidy."), record("a", "The flat was cold.")),
)


def signed_in(served: Served, page: Page) -> None:
    secret = web.add_staff(served.parts, StaffRole.APPROVER, username="approver")
    page.goto(f"{served.url}/staff/sign-in")
    page.get_by_label("Username").fill("approver")
    page.get_by_label("Password").fill(web.PASSWORD)
    page.get_by_label("Code").fill(pyotp.TOTP(secret).at(served.parts.now))
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("width", [320, 1280])
def test_the_changes_of_a_case(served: Served, browser: Browser, width: int) -> None:
    services = served.parts.services
    services.enquiries.answers |= {"case_page": case_page(gathering="complete")}
    services.comparing.answers |= {
        "found": (LEG,), "shown": SHOWN, "waiting": {1: (2, 1)},
        "cases": (CaseChanges(reference=web.REFERENCE, changes=2, waiting=1),),
    }  # fmt: skip
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    try:
        broken = watch(page, served)
        signed_in(served, page)
        addresses = ("/officer/changes", CASE, f"{CASE}/changes/1/1", f"{CASE}/trail", f"{CASE}/changes")
        for address in addresses:
            page.goto(f"{served.url}{address}")
            sound(page, width)
        page.get_by_label("What did you find about person 1?").focus()
        page.keyboard.type("Asked the ward: a slip.")
        page.keyboard.press("Tab")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        [seen] = services.comparing.named("see")
        assert (seen["leg"], seen["round_number"], seen["note"]) == (1, 2, "Asked the ward: a slip.")
        assert broken == []
    finally:
        context.close()
