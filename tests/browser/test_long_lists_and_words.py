"""Long lists come in pages, progress is heard once, and no name of a store or a person is too long for a phone."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from sar.domain.beside import side_by_side
from sar.domain.changes import Change, ChangeKind
from sar.domain.comparing import compare
from sar.domain.parties import DataSubject, Person, Role, StaffRole
from sar.domain.records import AnswerKind
from sar.domain.references import PersonId, RecordKey, StoreName, SubjectId
from sar.ports.changes import ChangeRow, ChangeShown, LegChanges
from sar.ports.gaps import Missing
from sar.ports.matching import NearMatch
from sar.ports.pages import HeldBackRow
from sar.ports.searching import AttemptRow, Progress, QuestionRow, QuestionState, SearchLog, SearchRow
from tests.browser.conftest import Served
from tests.browser.test_family_pages import sound, watch
from tests.browser.test_place_pages import DONE, GAP, LINE, PAGE, READY, ROW
from tests.fakes import web
from tests.fakes.ports import record
from tests.integration.web.test_officer import case_page

pytestmark = pytest.mark.browser

CASE = f"/officer/cases/{web.REFERENCE}"
TASK = f"/tasks/{web.REFERENCE}/1"
UNBROKEN = "Safeguarding" * 17
SPACED = "The old health visiting service of the whole district " * 4
FAMILY_OF_EMOJI = "👩‍👩‍👧‍👦" * 20
NAMES = (UNBROKEN, SPACED, "שרה־לאה בת־אברהם " * 8, FAMILY_OF_EMOJI)
EDIT = Change(
    kind=ChangeKind.EDITED, record=RecordKey(StoreName("ward"), "note"), label="The ward", what="DBS disclosure",
    dated_on=date(2024, 3, 4), before=None, after=None, before_version="a", after_version="b",
    first_seen_on=date(2026, 11, 18), round=2, changed_on=date(2026, 11, 2),
)  # fmt: skip


def signed_in(served: Served, page: Page, *roles: StaffRole) -> None:
    secret = web.add_staff(served.parts, *roles, username="staff")
    page.goto(f"{served.url}/staff/sign-in")
    page.get_by_label("Username").fill("staff")
    page.get_by_label("Password").fill(web.PASSWORD)
    page.get_by_label("Code").fill(pyotp.TOTP(secret).at(served.parts.now))
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()


def changes(
    count: int, *, kind: ChangeKind = ChangeKind.EDITED, start: int = 1, **more: Any
) -> tuple[ChangeRow, ...]:
    return tuple(
        ChangeRow(
            number=n, was_asked_for=False, is_new=kind is not ChangeKind.FILE_DATE,
            change=replace(EDIT, kind=kind, record=RecordKey(StoreName("ward"), f"note-{n}"), **more),
        )
        for n in range(start, start + count)
    )  # fmt: skip


def near(name: str, number: int = 1, label: str = "The ward") -> NearMatch:
    subject = DataSubject(id=SubjectId("leanne"), name=name, born_on=date(1993, 3, 14))
    other = Person(
        id=PersonId(f"ward/P{number}"), name=f"{name}{number}", role=Role.NAMESAKE, addresses=(name,)
    )
    return NearMatch(
        store=StoreName("ward"), store_label=label, controller=label, subject=subject, native_id=f"P{number}",
        person=other, facts=compare(subject, other), decisions=(),
    )  # fmt: skip


def test_120_changes_come_in_pages_and_the_act_says_how_many_it_covers(
    served: Served, browser: Browser
) -> None:
    rows = (*changes(120), *changes(60, kind=ChangeKind.FILE_DATE, start=121))
    services = served.parts.services
    services.enquiries.answers["case_page"] = case_page(gathering="complete")
    services.comparing.answers["found"] = (LegChanges(leg=1, round=2, rows=rows, uncompared=(), seen=()),)
    page = browser.new_context(viewport={"width": 320, "height": 640}).new_page()
    signed_in(served, page, StaffRole.APPROVER)
    page.goto(f"{served.url}{CASE}/changes")
    table = page.get_by_role("table", name="Changes for person 1")
    links = page.get_by_role("navigation", name="Pages of changes for person 1")
    expect(table.get_by_role("row")).to_have_count(51)
    expect(page.get_by_text("Showing 1 to 50 of 120.")).to_be_visible()
    expect(page.get_by_text("all 120 changes of person 1, on all 3 pages")).to_be_visible()
    expect(page.get_by_role("button", name="I looked at all 120 changes of person 1")).to_be_visible()
    expect(page.get_by_text("DBS disclosure").first).to_be_visible()
    sound(page, 320)
    links.get_by_role("link", name="Next").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Showing 51 to 100 of 120.")).to_be_visible()
    page.get_by_role("link", name="Page 3").click()
    expect(table.get_by_role("row")).to_have_count(21)
    assert page.url.endswith("#person-1")
    # Another list on the same page turns by itself, and this one stays where it is.
    page.get_by_text("Only the date on the file is after the request: 60 files").click()
    sound(page, 320)
    page.get_by_role("navigation", name="Pages of files with a late date").get_by_role(
        "link", name="Next"
    ).click()
    expect(page.get_by_text("Showing 51 to 60 of 60.")).to_be_visible()
    expect(page.get_by_text("Showing 101 to 120 of 120.")).to_be_visible()
    page.get_by_role("button", name="I looked at all 120 changes of person 1").click()
    expect(page.get_by_text("Showing 101 to 120 of 120.")).to_be_visible()
    assert page.title().startswith("Error: ")
    for far, shown in (("9", "101 to 120"), ("-1", "1 to 50"), ("0x1", "1 to 50"), ("9" * 5000, "1 to 50")):
        page.goto(f"{served.url}{CASE}/changes?page-1={far}")
        expect(page.get_by_text(f"Showing {shown} of 120.")).to_be_visible()
    page.context.close()


def test_60_near_names_come_in_pages_and_each_link_opens_its_own(served: Served, browser: Browser) -> None:
    services = served.parts.services
    services.enquiries.answers["case_page"] = case_page(gathering="complete")
    services.matching.answers["near"] = tuple(near("Leanne Hartley", n) for n in range(1, 61))
    page = browser.new_context(viewport={"width": 320, "height": 640}).new_page()
    signed_in(served, page, StaffRole.OFFICER)
    page.goto(f"{served.url}{CASE}/matches?page=2")
    expect(page.get_by_text("Showing 51 to 60 of 60.")).to_be_visible()
    sound(page, 320)
    page.get_by_role("link", name="Leanne Hartley51").click()
    page.wait_for_url("**/matches/51")
    expect(page.get_by_role("cell", name="Leanne Hartley51")).to_be_visible()
    # The way back to the case is there on a phone too.
    expect(page.get_by_role("link", name=str(web.REFERENCE), exact=True)).to_be_visible()
    page.context.close()


def running(answered: int, label: str = "The ward") -> Progress:
    rows = tuple(
        QuestionRow(
            store=StoreName(f"ward-{n}"), label=f"{label} {n}", controller="The trust", subject="Leanne Hartley",
            state=QuestionState.ANSWERED if n <= answered else QuestionState.ASKING,
            kind=AnswerKind.FOUND if n <= answered else None, records=7, attempt=1,
        )
        for n in (1, 2, 3)
    )  # fmt: skip
    return Progress(reference=web.REFERENCE, round=1, state="running", questions=rows)


def test_progress_is_told_politely_once_and_the_asking_ends(served: Served, browser: Browser) -> None:
    services = served.parts.services
    services.enquiries.answers["case_page"] = case_page()
    services.gathering.answers["progress"] = running(1)
    page = browser.new_context(viewport={"width": 320, "height": 640}).new_page()
    page.clock.install()
    seen = watch(page, served)
    signed_in(served, page, StaffRole.OFFICER)
    page.goto(f"{served.url}{CASE}")
    expect(page).to_have_title(re.compile("round 1 is running"))
    status = page.get_by_role("status")
    expect(status).to_contain_text("1 of 3 questions answered")
    expect(page.get_by_text("This page looks again by itself.")).to_be_visible()
    sound(page, 320)
    # A place that stays is heard; one that is put anew is not. The same words again are not said again.
    told = (
        "window.place = document.getElementById('gathering-said'); window.told = 0;"
        "new MutationObserver(() => { window.told += 1 }).observe(place, {childList: true, subtree: true})"
    )
    page.evaluate(told)
    with page.expect_response("**/gathering?seen=*") as same:
        page.clock.run_for(3100)
    assert same.value.status == 204
    services.gathering.answers["progress"] = running(2)
    page.get_by_role("button", name="Stop this round").focus()
    with page.expect_response("**/gathering?seen=*") as new:
        page.clock.run_for(3100)
    assert new.value.status == 200
    expect(status).to_contain_text("2 of 3 questions answered")
    assert page.evaluate("[told, place.isConnected]") == [1, True]
    assert page.evaluate("document.activeElement.textContent.trim()") == "Stop this round"
    services.gathering.answers["progress"] = replace(running(3), state="complete")
    with page.expect_navigation(), page.expect_response("**/gathering?seen=*") as last:
        page.clock.run_for(3100)
    assert last.value.status == 286
    expect(page).to_have_title(re.compile("round 1 complete"))
    asked = len(services.gathering.calls)
    page.clock.run_for(20_000)
    assert len(services.gathering.calls) == asked
    assert page.locator("[hx-get]").count() == 0
    assert seen == []
    page.context.close()


def test_without_scripts_the_page_tells_how_it_stands_and_has_a_link_to_look_again(
    served: Served, browser: Browser
) -> None:
    services = served.parts.services
    services.enquiries.answers["case_page"] = case_page()
    services.gathering.answers["progress"] = running(1)
    page = browser.new_context(viewport={"width": 320, "height": 640}, java_script_enabled=False).new_page()
    signed_in(served, page, StaffRole.OFFICER)
    page.goto(f"{served.url}{CASE}#gathering")
    expect(page.get_by_text("1 of 3 questions answered")).to_be_visible()
    expect(page.get_by_text("This page looks again by itself.")).to_be_hidden()
    services.gathering.answers["progress"] = running(2)
    served.parts.later(seconds=1)
    page.get_by_role("link", name="Look again now").click()
    expect(page.get_by_text("2 of 3 questions answered")).to_be_visible()
    services.gathering.answers["progress"] = replace(running(3), state="complete")
    served.parts.later(seconds=1)
    page.get_by_role("link", name="Look again now").click()
    expect(page.get_by_text("Round 1 is complete")).to_be_visible()
    expect(page.get_by_role("link", name="Look again now")).to_have_count(0)
    page.context.close()


@pytest.mark.parametrize("name", NAMES, ids=["unbroken", "spaced", "right-to-left", "emoji"])
def test_no_name_is_too_long_for_any_page(served: Served, browser: Browser, name: str) -> None:
    _fill(served, name)
    page = browser.new_context(viewport={"width": 320, "height": 640}).new_page()
    signed_in(served, page, StaffRole.OFFICER, StaffRole.APPROVER)
    addresses = (
        CASE, f"{CASE}/search", "/officer/stores", f"{CASE}/matches", f"{CASE}/matches/1", f"{CASE}/matches/details",
        f"{CASE}/changes", f"{CASE}/changes/1/1", f"{CASE}/legs/1/sign-off", f"{CASE}/legs/1/gaps/lab", "/tasks", TASK,
        f"{TASK}/found", f"{TASK}/nothing", f"{TASK}/more-time",
    )  # fmt: skip
    for address in addresses:
        page.goto(served.url + address)
        assert page.get_by_role("heading", level=1).is_visible(), address
        for width in (320, 1280):
            page.set_viewport_size({"width": width, "height": 640})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
    page.context.close()


def _fill(served: Served, name: str) -> None:
    """Every page's names, titles and numbers are this one."""
    services = served.parts.services
    key = RecordKey(StoreName("ward"), name)
    question = running(2, name).questions[0]
    leg = web.leg_page(
        1, name, gaps=(replace(GAP, label=name),), records=3, stage="review", stage_words="in review"
    )
    services.enquiries.answers["case_page"] = case_page(
        legs=(leg,), gathering="complete",
        held_back=(HeldBackRow(label=name, record=str(key), why=name, code="unreadable"),),
    )  # fmt: skip
    services.gathering.answers |= {
        "progress": Progress(
            reference=web.REFERENCE, round=1, state="complete",
            questions=(replace(question, subject=name, note=name, controller=name),),
        ),
        "search_log": SearchLog(
            reference=web.REFERENCE, round=1, began_at=web.NOW, began_by=name, began_by_role="records officer",
            rows=(
                SearchRow(
                    store=StoreName("ward"), label=name, controller=name, agreement=name, subject=name,
                    searched_by=(name,), terms=(name,), from_on=None, to_on=None, asked_at=web.NOW, ended_at=web.NOW,
                    answer="found", records=7, held_back=1, note=name,
                    attempts=(
                        AttemptRow(round=1, attempt=1, at=web.NOW, answer=name, records=0),
                        AttemptRow(round=1, attempt=2, at=web.NOW, answer="found", records=7),
                    ),
                ),
            ),
        ),
    }  # fmt: skip
    rows = (
        *changes(1, label=name, what=name),
        *changes(1, kind=ChangeKind.FILE_DATE, start=2, label=name, what=name),
    )
    rows = tuple(replace(row, change=replace(row.change, record=key)) for row in rows)
    services.comparing.answers |= {
        "found": (LegChanges(leg=1, round=2, rows=rows, uncompared=(), seen=()),), "waiting": {1: (1, 1)},
        "shown": ChangeShown(row=rows[0], sides=side_by_side(record("a", name), record("a", f"{name} {name}"))),
    }  # fmt: skip
    services.matching.answers |= {"near": (near(name, label=name),), "subjects": (near(name).subject,)}
    services.store_list.answers["rows"] = (
        replace(LINE, label=name, name=name, controller=name, owner=name, suspended=name),
    )
    task = replace(ROW, store_label=name)
    services.tasks.answers |= {
        "mine": (task, replace(DONE, store_label=name)), "of_case": (task,),
        "page": replace(PAGE, row=task, holds=name, subject=replace(PAGE.subject, name=name, former_names=(name,))),
    }  # fmt: skip
    services.signoff.answers["readiness"] = replace(
        READY, missing=(Missing(store=StoreName("lab"), label=name, controller=name, answer="unavailable"),),
        warnings=(name,), deciders=(name,),
    )  # fmt: skip
