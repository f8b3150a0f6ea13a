"""Following a request, reading the pack, and the rights after it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import pytest

from sar.domain.errors import AlreadyDone, NotFound, OutOfOrder
from sar.domain.references import CaseReference
from sar.web.filters import happened
from tests.fakes import web

HERE = f"/requests/{web.REFERENCE}"


def without_mark(page: str) -> str:
    return page.replace(str(web.OTHER_REFERENCE), "REF").replace("SA-2026-9999", "REF")


def body(answer) -> str:
    return answer.get_data(as_text=True)


def test_another_familys_request_reads_like_one_that_is_not_there(site_parts, as_family) -> None:
    client = as_family(1)
    site_parts.accounts.grant_family(
        email="other@example.org", case=web.OTHER_CASE, reference=web.OTHER_REFERENCE, leg=1, at=web.NOW
    )
    marks = web.mark_of(client, "/requests/SA-2026-9999")
    for path in ("", "/progress", "/pack/1", "/pack/1/screen", "/complain", "/correct", "/challenge",
                 "/complaints/c0ffee000001", "/corrections/c0ffee000002"):  # fmt: skip
        theirs = client.get(f"/requests/{web.OTHER_REFERENCE}{path}")
        missing = client.get(f"/requests/SA-2026-9999{path}")
        assert (theirs.status_code, missing.status_code) == (404, 404), path
        assert body(theirs).replace(marks, "") == body(missing).replace(marks, "")


def test_only_granted_legs_are_shown_and_opened(as_family) -> None:
    client = as_family(1)
    page = body(client.get(HERE))
    assert "Leanne Hartley" in page
    assert "Marcus" not in page
    assert "Isla" not in page
    for path in ("/pack/2", "/pack/2/screen", "/pack/3"):
        assert client.get(HERE + path).status_code == 404
    assert web.send(client, f"{HERE}/pack/2/pdf").status_code == 404


def test_no_gap_in_the_numbers_tells_that_somebody_else_asked(site_parts, as_family) -> None:
    """Legs 1 and 3 of the case are 1 and 2 of this account; nothing anywhere says 3."""
    third = web.leg_page(3, "Isla Hartley", stage="delivered", pack=web.delivered_pack(3))
    site_parts.page = replace(site_parts.page, legs=(*site_parts.page.legs[:2], third))
    client = as_family(1, 3)
    for path in ("", "/progress"):
        shown = body(client.get(HERE + path))
        assert f"{HERE}/pack/1" in shown
        assert f"{HERE}/pack/2" in shown
        assert "pack/3" not in shown
    assert "The pack about Isla Hartley" in body(client.get(f"{HERE}/pack/2"))
    assert "pack/3" not in body(client.get(f"{HERE}/pack/2"))
    answer = web.send(client, f"{HERE}/pack/2/pdf")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="SA-2026-0001-pack-2.pdf"'
    assert [call["leg"] for call in site_parts.services.packing.named("pdf")] == [3]
    data = web.send(client, f"{HERE}/pack/2/data")
    assert data.headers["Content-Disposition"].endswith('-pack-2.json"')
    for path in ("/pack/3", "/pack/3/screen", "/pack/0"):
        assert client.get(HERE + path).status_code == 404
    for path in ("complain", "correct", "challenge"):
        assert re.findall(r'name="leg" type="radio" value="(\d+)"', body(client.get(f"{HERE}/{path}"))) == [
            "1",
            "2",
        ]


def test_a_form_about_the_second_leg_reaches_the_right_one(site_parts, as_family) -> None:
    client = as_family(1, 3)
    given = {"what_is_wrong": "Not her.", "what_it_should_say": "Entered in error."}
    assert web.send(client, f"{HERE}/correct", leg="3", **given).status_code == 422
    assert web.send(client, f"{HERE}/correct", leg="2", **given).status_code == 303
    assert [call["leg"] for call in site_parts.services.rectification.named("ask")] == [3]


def test_a_read_model_with_a_leg_too_many_is_not_drawn(site_parts, as_family) -> None:
    client = as_family(1)
    site_parts.services.enquiries.answers["family_page"] = site_parts.page
    assert client.get(HERE).status_code == 404


def test_the_due_date_stands_there_with_its_reasons_and_what_we_wait_for(site_parts, as_family) -> None:
    site_parts.page = replace(
        site_parts.page, legs=(web.leg_page(1, "Leanne Hartley"), site_parts.page.legs[2])
    )
    page = body(as_family(1, 3).get(HERE))
    assert "by <strong>Friday 20 November 2026</strong> (today)" in page
    assert "We received your request on Tuesday 20 October 2026." in page
    assert "proof that you may ask for this person" in page


@pytest.mark.parametrize(
    ("stage", "waiting", "status"),
    [("gathering", "", 200), ("signed-off", "", 200), ("review", "", 286), ("received", "proof", 286)],
)
def test_polling_ends_when_nothing_moves_by_itself(site_parts, as_family, stage, waiting, status) -> None:
    leg = web.leg_page(1, "Leanne Hartley", stage=stage, waiting_for=waiting)
    site_parts.page = replace(site_parts.page, legs=(leg,))
    client = as_family(1)
    answer = client.get(f"{HERE}/progress")
    assert answer.status_code == status
    assert ("hx-get" in body(answer)) is (status == 200)
    assert ('http-equiv="refresh"' in body(client.get(HERE))) is (status == 200)


def test_a_pack_that_was_not_delivered_cannot_be_had(site_parts, as_family) -> None:
    held = replace(web.delivered_pack(1), delivered=False)
    site_parts.page = replace(site_parts.page, legs=(web.leg_page(1, "Leanne Hartley", pack=held),))
    client = as_family(1)
    assert "Read the pack" not in body(client.get(HERE))
    for path in ("/pack/1", "/pack/1/screen"):
        assert client.get(HERE + path).status_code == 404
    assert web.send(client, f"{HERE}/pack/1/pdf").status_code == 404
    assert site_parts.services.packing.calls == []


def test_downloading_notes_the_collection_once_and_names_nobody(site_parts, as_family) -> None:
    client = as_family(1)
    answer = web.send(client, f"{HERE}/pack/1/pdf")
    assert answer.data == b"%PDF-1.7 pack"
    assert answer.mimetype == "application/pdf"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="SA-2026-0001-pack-1.pdf"'
    assert [call["leg"] for call in site_parts.services.delivery.named("collected")] == [1]
    site_parts.services.delivery.refusals["collected"] = AlreadyDone("Done before.", next_step="Nothing.")
    assert web.send(client, f"{HERE}/pack/1/pdf").status_code == 200


def test_the_pack_is_not_shown_before_its_collection_is_noted(site_parts, as_family) -> None:
    client = as_family(1)
    answer = client.get(f"{HERE}/pack/1/screen")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"{HERE}/pack/1")
    assert site_parts.services.packing.calls == []


def test_the_pack_on_screen_keeps_its_own_styles_and_nothing_else(site_parts, as_family) -> None:
    client = as_family(1)
    assert web.send(client, f"{HERE}/pack/1/read").headers["Location"].endswith("/pack/1/screen")
    assert [call["leg"] for call in site_parts.services.delivery.named("collected")] == [1]
    read = replace(web.delivered_pack(1), collected_at=site_parts.now)
    site_parts.page = replace(site_parts.page, legs=(web.leg_page(1, "Leanne Hartley", pack=read),))
    answer = client.get(f"{HERE}/pack/1/screen")
    policy = answer.headers["Content-Security-Policy"]
    assert "style-src 'sha256-" in policy
    assert "script" not in policy
    assert "unsafe" not in policy
    assert "Leave this page" in body(answer)
    assert "<h1>Your pack</h1>" in body(answer)


def test_one_request_is_opened_at_once_and_several_are_listed(site_parts, as_family) -> None:
    client = as_family(1)
    assert client.get("/requests").headers["Location"] == HERE
    site_parts.accounts.grant_family(
        email=web.FAMILY_EMAIL, case=web.OTHER_CASE, reference=web.OTHER_REFERENCE, leg=1, at=web.NOW
    )
    page = body(client.get("/requests"))
    assert HERE in page
    assert str(web.OTHER_REFERENCE) in page


def test_a_complaint_goes_to_the_chosen_route(site_parts, as_family) -> None:
    client = as_family(1)
    answer = web.send(client, f"{HERE}/complain", route="nhs", about="The alert", words="It was never taken off.",
                      **{"knew-day": "6", "knew-month": "5", "knew-year": "2025"})  # fmt: skip
    assert answer.headers["Location"] == f"{HERE}/complaints/c0ffee000001"
    (made,) = site_parts.services.complaints.named("open")
    assert (made["route"], made["leg"], made["knew_on"]) == ("nhs", 1, date(2025, 5, 6))
    assert made["received_on"] == date(2026, 11, 20)
    assert made["by"].is_family


@pytest.mark.parametrize(
    ("path", "values", "messages"),
    [
        ("complain", {}, 4),
        ("complain", {"route": "x", "about": "a" * 201, "words": "w" * 5001, "leg": "9", "knew-day": "1"}, 5),
        ("challenge", {}, 3),
        ("challenge", {"record": "-1", "words": "w" * 5001, "leg": "3"}, 3),
        ("correct", {}, 3),
        ("correct", {"leg": "x", "record": "twelve", "alert_number": "n" * 41, "what_is_wrong": "",
                     "what_it_should_say": "s" * 5001}, 5),
    ],
)  # fmt: skip
def test_forms_with_nothing_or_everything_wrong(site_parts, as_family, path, values, messages) -> None:
    answer = web.send(as_family(1, 2, 3), f"{HERE}/{path}", **values)
    assert answer.status_code == 422
    assert "<title>Error: " in body(answer)
    assert body(answer).count('<li><a href="#') == messages
    assert body(answer).count("govuk-error-message") == messages
    assert site_parts.services.complaints.calls == site_parts.services.rectification.calls == []


def test_a_challenge_names_the_record_of_the_pack(site_parts, as_family) -> None:
    web.send(as_family(1), f"{HERE}/challenge", record="12", words="I was there.")
    (made,) = site_parts.services.complaints.named("open")
    assert (made["route"], made["leg"]) == ("data-protection", 1)
    assert "record 12" in made["about"]


def test_without_a_pack_there_is_nothing_to_challenge(as_family) -> None:
    client = as_family(3)
    assert "when we have given you a pack" in body(client.get(f"{HERE}/challenge"))
    assert web.send(client, f"{HERE}/challenge", record="1", words="x").status_code == 422


def test_a_correction_carries_the_alert_and_the_record(site_parts, as_family) -> None:
    answer = web.send(as_family(1), f"{HERE}/correct", record="3", alert_number="AL-40112", what_is_wrong="Not me.",
                      what_it_should_say="Entered in error.")  # fmt: skip
    assert answer.headers["Location"] == f"{HERE}/corrections/c0ffee000002"
    (asked,) = site_parts.services.rectification.named("ask")
    assert (asked["leg"], asked["alert_number"]) == (1, "AL-40112")
    assert asked["what_is_wrong"] == "Record 3 in the pack: Not me."


def test_an_unknown_alert_number_is_said_on_the_form(site_parts, as_family) -> None:
    missing = NotFound(
        "No record carries that number.", next_step="Use the one in the pack.", field="alert_number"
    )
    site_parts.services.rectification.refusals["ask"] = missing
    answer = web.send(
        as_family(1), f"{HERE}/correct", alert_number="X1", what_is_wrong="a", what_it_should_say="b"
    )
    assert answer.status_code == 422
    assert 'href="#alert_number">No record carries that number.' in body(answer)


def test_complaints_and_corrections_show_stage_date_and_next_step(as_family) -> None:
    client = as_family(1)
    complaint = body(client.get(f"{HERE}/complaints/c0ffee000001"))
    for words in (
        "Complaint to the organisation",
        "Tuesday 2 February 2027",
        "go on to the regulator",
        "s.164A",
    ):
        assert words in complaint
    correction = body(client.get(f"{HERE}/corrections/c0ffee000002"))
    for words in (
        "Trust alert system",
        "School nurse",
        "We cannot look into this one ourselves",
        "Wednesday 2 December",
    ):
        assert words in correction


def test_a_complaint_that_is_not_on_the_familys_page_is_not_there(as_family) -> None:
    client = as_family(1)
    assert client.get(f"{HERE}/complaints/somebody-elses").status_code == 404
    assert client.get(f"{HERE}/corrections/c0ffee000001").status_code == 404
    assert web.send(client, f"{HERE}/complaints/somebody-elses/next", words="x").status_code == 404


def test_going_on_to_the_next_stage(site_parts, as_family) -> None:
    client = as_family(1)
    url = f"{HERE}/complaints/c0ffee000001/next"
    assert web.send(client, url).status_code == 422
    assert web.send(client, url, words="It does not answer me.").status_code == 303
    (call,) = site_parts.services.complaints.named("escalate")
    assert (call["complaint"], call["on"]) == ("c0ffee000001", date(2026, 11, 20))
    site_parts.services.complaints.refusals["escalate"] = OutOfOrder(
        "No further stage.", next_step="See others."
    )
    assert "No further stage. See others." in body(web.send(client, url, words="Again."))


def test_no_reference_of_another_shape_is_accepted(as_family) -> None:
    assert as_family(1).get("/requests/..%2Fetc").status_code == 404
    assert CaseReference("SA-2026-0001") == web.REFERENCE


@pytest.mark.parametrize(
    ("event", "read"),
    [
        ("Complaint opened (on 2026-11-03)", "Complaint opened, 3 November 2026"),
        ("Complaint answered (outcome upheld, on 2026-12-01)", "Complaint answered, 1 December 2026"),
        ("Complaint opened", "Complaint opened"),
        ("Store answered (store trust_fhir)", "Store answered"),
    ],
)
def test_events_are_read_without_their_codes(event, read) -> None:
    assert happened(event) == read
