"""Looking by hand, hold notices, gaps and the list of stores: sound on a small phone and on a desk."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page

from sar.domain.parties import DataSubject, Identifier, IdentifierKind, StaffRole
from sar.domain.references import StoreName, SubjectId
from sar.ports.by_hand import TaskPage, TaskRow
from sar.ports.gaps import GapRow, Missing
from sar.ports.readiness import Readiness
from sar.services.holding import HoldRow
from sar.services.store_list import StoreLine
from tests.browser.conftest import Served, enter_family
from tests.browser.test_family_pages import sound, watch
from tests.fakes import web
from tests.integration.web.test_officer import case_page

pytestmark = pytest.mark.browser

CASE = f"/officer/cases/{web.REFERENCE}"
TASK = f"/tasks/{web.REFERENCE}/1"
LABEL = "The old health visiting service's paper files of the whole district"
ROW = TaskRow(
    reference=web.REFERENCE, number=1, store=StoreName("papers"), store_label=LABEL, opened_on=date(2026, 11, 2),
    due_on=date(2026, 11, 9), is_open=True, is_late=True, chases=2, is_escalated=True, more_time=1, is_sent=True,
    outcome="", answered_on=None, came_late=False,
)  # fmt: skip
DONE = replace(
    ROW, number=2, is_open=False, is_late=False, is_escalated=False, outcome="found", came_late=True,
    answered_on=date(2026, 11, 12), originals=2,
)  # fmt: skip
SUBJECT = DataSubject(
    id=SubjectId("x"), name="Leanne Hartley", born_on=date(1993, 3, 14), former_names=("Leanne Marsh",),
    identifiers=(Identifier(kind=IdentifierKind.NHS_NUMBER, value="999 000 1234"),),
)  # fmt: skip
PAGE = TaskPage(
    case=web.CASE, round=1, row=ROW, holds="Files until 2016.", subject=SUBJECT, received_on=date(2026, 10, 20),
    latest_more_time=date(2026, 11, 20),
)  # fmt: skip
GAP = GapRow(
    store=StoreName("lab"), label="The laboratory of the hospital trust", answer="unavailable", doing="ask-again",
    declared_on=date(2026, 11, 2), follows_on=date(2026, 11, 30), due_on=date(2026, 11, 18), is_open=True,
    is_overdue=True, closed_on=None, how="", round=1,
)  # fmt: skip
CLOSED = replace(
    GAP, store=StoreName("x"), label="The scans", is_open=False, is_overdue=False, closed_on=date(2026, 11, 19),
    how="supplement",
)  # fmt: skip
LINE = StoreLine(
    name="council_children_and_adult_services", label="The council's record", kind="a database", holds="Contacts.",
    controller="Wexcombe Council", is_ours=False, agreement="JCA-2025-014", agreed_on=date(2025, 4, 1),
    ends_on=None, in_force=True, may_ask=True, data_class="social-work",
    owner="childrens.records.service@wexcombe.example.org", suspended="",
)  # fmt: skip
READY = Readiness(
    records=3, undecided_records=0, undecided_proposals=0, disclosed=3, withheld=0, out_of_scope=0, blockers=(),
    warnings=(), short_strings=0, deciders=("records officer",),
    missing=(Missing(store=StoreName("lab"), label=GAP.label, controller="The trust", answer="unavailable"),),
)  # fmt: skip


def enter(served: Served, page: Page, *roles: StaffRole) -> None:
    secret = web.add_staff(served.parts, *roles)
    page.goto(f"{served.url}/staff/sign-in")
    page.get_by_label("Username").fill("officer")
    page.get_by_label("Password").fill(web.PASSWORD)
    page.get_by_label("Code").fill(pyotp.TOTP(secret).at(served.parts.now))
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("width", [320, 1280])
def test_a_keeper_looks_by_hand(served: Served, browser: Browser, width: int, tmp_path: Path) -> None:
    served.parts.services.tasks.answers |= {"mine": (ROW, DONE), "page": PAGE, "found": 1}
    context = browser.new_context(viewport={"width": width, "height": 700})
    page = context.new_page()
    seen = watch(page, served)
    enter(served, page, StaffRole.RECORD_HOLDER)
    page.wait_for_url("**/tasks")
    sound(page, width)
    page.get_by_role("link", name=f"{web.REFERENCE}, task 1").click()
    sound(page, width)
    for name, send in (("Nothing is held", "Nothing is held"), ("I need more time", "Ask for more time")):
        page.goto(served.url + TASK)
        page.get_by_role("button", name=name).click()
        sound(page, width)
        page.get_by_role("button", name=send).click()
        assert page.title().startswith("Error: ")
        sound(page, width)
    page.goto(f"{served.url}{TASK}/found")
    sound(page, width)
    page.get_by_role("button", name="Hand in").click()
    page.get_by_role("link", name="Choose the file of a paper that you found").click()
    assert page.evaluate("document.activeElement.id") == "file-1"
    sound(page, width)
    card = tmp_path / "card.txt"
    card.write_text("A visit.")
    page.get_by_label("File").first.set_input_files(card)
    page.get_by_label("What is it called?").first.fill("Visit card")
    page.get_by_label("What is it?").first.select_option("visit")
    for start, day in (("dated-1", ("6", "5", "2013")), ("looked_on", ("2", "11", "2026"))):
        for part, value in zip(("day", "month", "year"), day, strict=True):
            page.locator(f"#{start}-{part}").fill(value)
    page.get_by_label("Full name of the person who looked").fill("Ken Archer")
    page.get_by_label("What they do").select_option("archivist")
    page.get_by_label("Where did they look?").fill("Basement")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/1?done=held-1")
    sound(page, width)
    [said] = served.parts.services.tasks.named("found")
    assert (said["papers"][0].content, said["looked"].role) == (b"A visit.", "archivist")
    assert seen == []
    context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_an_officer_sees_to_places(served: Served, browser: Browser, width: int) -> None:
    leg = web.leg_page(1, "Leanne Hartley", gaps=(GAP, CLOSED))
    services = served.parts.services
    services.enquiries.answers["case_page"] = case_page(legs=(leg,), gathering="complete")
    services.tasks.answers["of_case"] = (ROW, DONE)
    held = HoldRow(
        store=StoreName("ward"),
        label="The ward",
        controller="The trust",
        has_owner=False,
        told_on=None,
        by_notice=False,
    )
    services.holding.answers["rows"] = (
        held,
        replace(held, label="The lab", told_on=date(2026, 11, 2), by_notice=True),
    )
    services.store_list.answers["rows"] = (
        LINE,
        replace(LINE, may_ask=False, in_force=False, suspended="Moved."),
    )
    services.signoff.answers["readiness"] = READY
    context = browser.new_context(viewport={"width": width, "height": 700})
    page = context.new_page()
    seen = watch(page, served)
    enter(served, page, StaffRole.OFFICER, StaffRole.APPROVER)
    for path, button in (
        (CASE, ""), ("/officer/stores", ""), (f"{CASE}/holds/ward", "Record it"),
        (f"{CASE}/legs/1/gaps/lab", "Close the gap"), (f"{CASE}/legs/1/sign-off", "Sign off"),
    ):  # fmt: skip
        page.goto(served.url + path)
        sound(page, width)
        if button:
            page.get_by_role("button", name=button, exact=True).click()
            assert page.title().startswith("Error: "), path
            sound(page, width)
    assert seen == []
    context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_a_family_reads_what_is_still_missing(served: Served, browser: Browser, width: int) -> None:
    leg = web.leg_page(
        1, "Leanne Hartley", stage="delivered", pack=web.delivered_pack(1),
        gaps=(GAP, replace(GAP, label="", is_overdue=False), CLOSED),
    )  # fmt: skip
    served.parts.page = replace(served.parts.page, legs=(leg,))
    context = browser.new_context(viewport={"width": width, "height": 700})
    page = context.new_page()
    seen = watch(page, served)
    enter_family(served, page, 1)
    page.goto(f"{served.url}/requests/{web.REFERENCE}")
    sound(page, width)
    shown = page.locator("#progress").inner_text()
    assert "The laboratory of the hospital trust" in shown
    assert "This is late" in shown
    assert "One more place" in shown
    assert "The scans" not in shown
    assert seen == []
    context.close()
