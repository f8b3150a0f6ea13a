"""Two people side by side, and what stands beside a record: sound on a small phone and on a desk."""

from __future__ import annotations

from datetime import date

import pyotp
import pytest
from playwright.sync_api import Browser, Page

from sar.domain.comparing import Sameness, compare
from sar.domain.disclosure import ReviewPart, ReviewPassage, ReviewView
from sar.domain.parties import DataSubject, Person, Role, StaffRole
from sar.domain.references import PersonId, StoreName, SubjectId
from sar.ports.matching import MatchDecision, NearMatch
from sar.ports.pages import ReviewRow
from sar.ports.reviewing import Alike, CopyPlace, OtherQuote
from tests.browser.conftest import Served
from tests.browser.test_family_pages import sound, watch
from tests.fakes import web
from tests.integration.web.test_officer import case_page

pytestmark = pytest.mark.browser

CASE = f"/officer/cases/{web.REFERENCE}"
LEANNE = DataSubject(
    id=SubjectId("leanne"), name="Leanne Hartley", born_on=date(1993, 3, 14), former_names=("Leanne Doyle",),
    addresses=("Flat 2, 14 Mill Row, Lowmere, Marlbrookshire",),
)  # fmt: skip
OTHER = Person(
    id=PersonId("ward/P2"), name="Leanne Hartly", role=Role.NAMESAKE, born_on=date(1993, 5, 14),
    addresses=("5 Cooper Yard, Lowmere",), identifiers=("9992044330",),
)  # fmt: skip
DECIDED = MatchDecision(
    store=StoreName("ward"), subject=LEANNE.id, native_id="P2", sameness=Sameness.UNSURE, reason="The ward must look.",
    decided_at=web.NOW, by="olga", by_role="records officer",
)  # fmt: skip
MATCH = NearMatch(
    store=StoreName("ward"), store_label="The hospital trust's alert system", controller="Marlbrook Hospitals",
    subject=LEANNE, native_id="P2", person=OTHER, facts=compare(LEANNE, OTHER), decisions=(DECIDED,),
)  # fmt: skip
ROWS = tuple(
    ReviewRow(record=f"ward/{n}", kind="correspondence", dated_on=date(2024, 3, n), origin="The ward", proposals=0,
              undecided=0, outcome="", generated=False)
    for n in (1, 2)
)  # fmt: skip
VIEW = ReviewView(
    record="ward/1", kind="correspondence", dated_on=date(2024, 3, 1), origin="The ward", controller="The trust",
    also_held_in=("The desk",), passages=(ReviewPassage(label="Text", parts=(ReviewPart(text="See below."),)),),
    outcome="", outcome_reason="", undecided=0,
)  # fmt: skip
BESIDE = Alike(
    copies=(CopyPlace(store_label="The desk", controller="The trust", native_id="INBOX/2024/a-rather-long-name.eml"),),
    inner=(("Also in The desk, 1 March 2024", "Date: 1 March 2024\nFrom: Jane Doe\nTo: Ben Okafor"),),
    near=(("ward/2", 91),),
    quotes=(OtherQuote(record="ward/2", is_quoting=True, differences=("Left out of the quote: “It was warm.”",)),),
)  # fmt: skip


def signed_in(served: Served, page: Page) -> None:
    secret = web.add_staff(served.parts, StaffRole.OFFICER)
    page.goto(f"{served.url}/staff/sign-in")
    page.get_by_label("Username").fill("officer")
    page.get_by_label("Password").fill(web.PASSWORD)
    page.get_by_label("Code").fill(pyotp.TOTP(secret).at(served.parts.now))
    page.get_by_role("button", name="Sign in").click()


@pytest.mark.parametrize("width", [320, 1280])
def test_comparing_people_and_reading_what_stands_beside_a_record(
    served: Served, browser: Browser, width: int
) -> None:
    services = served.parts.services
    services.enquiries.answers |= {
        "case_page": case_page(gathering="complete"), "review_list": ROWS,
        "exemptions": (), "sayings": (), "people": (),
    }  # fmt: skip
    services.matching.answers |= {"near": (MATCH,), "subjects": (LEANNE,)}
    services.review.answers |= {"view": VIEW, "alike": BESIDE}
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    seen = watch(page, served)
    signed_in(served, page)
    for path in (f"{CASE}/matches", f"{CASE}/matches/details", f"{CASE}/legs/1/records/1"):
        page.goto(served.url + path)
        sound(page, width)
    for closed in ("1 earlier message is", "2 places hold it"):
        page.get_by_text(closed).click()
    sound(page, width)
    page.goto(f"{served.url}{CASE}/matches/1")
    sound(page, width)
    page.get_by_label("Somebody else").check()
    page.get_by_role("button", name="Record it").click()
    assert page.title().startswith("Error: ")
    sound(page, width)
    page.get_by_label("What did you compare?").fill("Another birthday.")
    page.get_by_role("button", name="Record it").click()
    page.wait_for_url("**/matches")
    [kept] = services.matching.named("decide")
    assert (kept["sameness"], kept["native_id"]) == (Sameness.OTHER, "P2")
    assert seen == []
    context.close()
