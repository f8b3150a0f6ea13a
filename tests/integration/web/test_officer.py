"""The queue, entering a request, the case page and its short forms."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from sar.domain.parties import SafeContact, StaffRole
from sar.domain.records import AnswerKind
from sar.domain.references import StoreName
from sar.ports.pages import AcrossRow, CasePage, QueueRow
from sar.ports.searching import Progress, QuestionRow, QuestionState
from sar.web.staff_case import CONFLICTS
from tests.fakes import web
from tests.fakes.ports import record
from tests.integration.web.staff_site import Desk, errors, make_desk, page

TODAY = {"day": "19", "month": "11", "year": "2026"}
OCT_26 = {"day": "26", "month": "10", "year": "2026"}
DEMANDS = {
    "identity-doubted/1": ("asked_on", "reason"),
    "stop/1": ("", "note"),
    "question": ("asked_on", "question"),
    "more-time": ("notified_on", "reasons"),
}


def day(name: str, **parts: str) -> dict[str, str]:
    return {f"{name}-{part}": value for part, value in (parts or TODAY).items()}


@pytest.fixture
def desk(tmp_path, law, detector):
    made = make_desk(tmp_path, record("visit-1", "Kerry was there."), law=law, detector=detector)
    yield made
    made.parts.engine.dispose()


@pytest.fixture
def officer(desk: Desk):
    return desk.staff(StaffRole.OFFICER)


def case_page(**changes: Any) -> CasePage:
    made = CasePage(
        id=web.CASE, reference=web.REFERENCE, received_on=date(2026, 10, 20), channel="letter", nation="england",
        wording="Everything.", legs=(web.leg_page(1, "Leanne Hartley"),), round=1, gathering="running", stores=(),
        held_back=(), timeline=(), complaints=(), corrections=(),
    )  # fmt: skip
    return replace(made, **changes)


def queue_row(number: int, **changes: Any) -> QueueRow:
    row = QueueRow(
        reference=web.REFERENCE, received_on=date(2026, 10, 20), due_on=date(2026, 11, 18), days_left=-2,
        stage="in review", legs=1, waiting_for="", overdue=True,
    )  # fmt: skip
    return replace(row, **changes)


def test_the_queue_says_what_is_late_and_what_it_waits_for(site_parts, as_staff) -> None:
    late, waiting = (
        queue_row(1),
        queue_row(2, overdue=False, due_on=None, waiting_for="identity", stage="received"),
    )
    done = queue_row(3, stage="delivered", overdue=False)
    site_parts.services.enquiries.answers["queue"] = (late, waiting, done)
    text = page(as_staff(StaffRole.OFFICER), "/officer/")
    assert "2 open requests" in text
    assert "1 overdue" in text
    assert "2 days ago" in text
    assert "Proof of identity" in text
    assert text.index("Answered") < text.index("Delivered")


def test_an_empty_queue_says_so(as_staff) -> None:
    assert "No request is open" in page(as_staff(StaffRole.APPROVER), "/officer/")


def test_the_case_page_lists_what_the_parts_disagree_on(site_parts, as_staff) -> None:
    said = (
        "Alert AL-1 was raised about Leanne Hartley. It stands on the record of Isla Hartley too: The school."
    )
    row = AcrossRow(words=said, sides=(("Leanne Hartley", "ward/a"), ("Isla Hartley", "school/b")))
    asked = site_parts.services.gathering.answers
    asked["progress"] = Progress(reference=web.REFERENCE, round=1, state="complete", questions=())
    answers = site_parts.services.enquiries.answers
    answers["case_page"] = case_page(gathering="complete", across=(row,))
    client = as_staff(StaffRole.OFFICER)
    text = page(client, f"/officer/cases/{web.REFERENCE}")
    assert said in text
    assert "school/b" in text
    answers["case_page"] = case_page(gathering="complete")
    assert "the parts of this request disagree" not in page(client, f"/officer/cases/{web.REFERENCE}")


def test_a_running_gathering_asks_again_and_then_stops(site_parts, as_staff) -> None:
    answers = site_parts.services.enquiries.answers
    client = as_staff(StaffRole.OFFICER)
    row = QuestionRow(
        store=StoreName("ward"), label="The ward", controller="Trust", subject="Leanne Hartley",
        state=QuestionState.ANSWERED, kind=AnswerKind.UNAVAILABLE, asked_at=web.NOW, attempt=2,
        next_attempt_at=web.NOW, note="It did not answer.",
    )  # fmt: skip
    asked = site_parts.services.gathering.answers
    asked["progress"] = Progress(reference=web.REFERENCE, round=1, state="running", questions=(row,))
    answers["case_page"] = case_page()
    text = page(client, f"/officer/cases/{web.REFERENCE}")
    assert 'hx-trigger="every 3s"' in text
    assert '<noscript><meta http-equiv="refresh"' in text
    running = client.get(f"/officer/cases/{web.REFERENCE}/gathering")
    assert running.status_code == 200
    assert "It did not answer." in running.get_data(as_text=True)
    asked["progress"] = replace(asked["progress"], state="complete")
    ended = client.get(f"/officer/cases/{web.REFERENCE}/gathering")
    assert ended.status_code == 286
    assert ended.headers["HX-Refresh"] == "true"


def test_a_stopped_release_says_where(site_parts, as_staff) -> None:
    leg = web.leg_page(
        1,
        "Leanne Hartley",
        stage="blocked",
        stage_words="release blocked",
        blocked_places=("page 3",),
        records=0,
    )
    site_parts.services.enquiries.answers["case_page"] = case_page(legs=(leg,))
    text = page(as_staff(StaffRole.APPROVER), f"/officer/cases/{web.REFERENCE}/legs/1/sign-off")
    assert "Where: page 3." in text
    assert "Return to review" in text
    assert "Release the pack" not in text


def test_the_released_pack_is_shown_with_a_way_back(site_parts, as_staff) -> None:
    leg = web.leg_page(1, "Leanne Hartley", stage="delivered", pack=web.delivered_pack(1))
    site_parts.services.enquiries.answers["case_page"] = case_page(legs=(leg,))
    answer = as_staff(StaffRole.OFFICER).get(f"/officer/cases/{web.REFERENCE}/legs/1/pack")
    assert "Back to the case" in answer.get_data(as_text=True)
    assert "sha256-" in answer.headers["Content-Security-Policy"]
    assert "script" not in answer.headers["Content-Security-Policy"]


def test_no_pack_no_copy(site_parts, as_staff) -> None:
    site_parts.services.enquiries.answers["case_page"] = case_page()
    client = as_staff(StaffRole.OFFICER)
    for copy in ("pack", "pack.pdf"):
        assert client.get(f"/officer/cases/{web.REFERENCE}/legs/1/{copy}").status_code == 404


GOOD = {
    **day("received_on"), "channel": "letter", "wording": "My file, please.", "foi": "yes", "name": "Ada Okafor",
    "email": "ada@example.org", "subject1_name": "Ada Okafor",
    **day("subject1_born", day="3", month="May", year="1980"),
    "subject1_capacity": "self", "subject2_name": "Ben Okafor",
    **day("subject2_born", day="4", month="6", year="2018"), "subject2_capacity": "parental-responsibility",
}  # fmt: skip


def test_a_request_on_paper_becomes_a_case_its_family_can_follow(desk: Desk, officer) -> None:
    answer = desk.send(officer, "/officer/new", **GOOD)
    assert answer.status_code == 303, errors(answer)
    text = page(officer, answer.headers["Location"])
    for words in ("Ada Okafor", "Ben Okafor", "by letter", "My file, please."):
        assert words in text
    client = desk.app.test_client()
    client.environ_base |= {"wsgi.url_scheme": "https", "HTTP_HOST": "localhost"}
    assert web.sign_in_family(desk.parts, client, "ada@example.org").status_code == 303


def test_an_empty_entry_names_every_field(desk: Desk, officer) -> None:
    before = len(desk.office.archive.heads())
    said = errors(desk.send(officer, "/officer/new"))
    assert said == [
        "Enter at least one safe way to reach them: e-mail, phone or post",
        "Enter the day it was received", "Choose how it came", "Enter the name of the person who asks",
        "Enter the full name of the person the records are about", "Enter the date of birth",
        "Choose by what right they ask", "Write what was asked for, in their words", "Choose yes or no",
    ]  # fmt: skip
    assert len(desk.office.archive.heads()) == before


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (day("received_on", day="30", month="11", year="2026"), "must be today or in the past"),
        (day("received_on", day="31", month="2", year="2026"), "must be a real date"),
        (day("subject1_born", day="1", month="11", year="2026") | day("received_on", day="1", month="10", year="2026"),
         "A date of birth lies after the request"),
        ({"channel": "pigeon"}, "Choose how it came"),
        ({"email": "nowhere"}, "Enter an e-mail address like"),
        ({"subject2_capacity": "self"}, "Only one person can ask for their own records"),
        ({"name": "A\x00da"}, "ordinary letters"),
        ({"wording": "x" * 6000}, "no more than 5000 letters"),
    ],
)  # fmt: skip
def test_a_wrong_entry_opens_no_case_and_keeps_what_was_typed(desk: Desk, officer, wrong, message) -> None:
    before = len(desk.office.archive.heads())
    answer = desk.send(officer, "/officer/new", **GOOD | wrong)
    assert any(message in said for said in errors(answer))
    assert 'value="Ben Okafor"' in answer.get_data(as_text=True)
    assert len(desk.office.archive.heads()) == before


@pytest.mark.parametrize("what", DEMANDS)
def test_a_short_form_records_one_thing(desk: Desk, officer, what: str) -> None:
    field, words = DEMANDS[what]
    url, before = f"{desk.url}/record/{what}", len(desk.office.events(desk.case))
    assert len(errors(desk.send(officer, url))) == 2
    assert len(desk.office.events(desk.case)) == before
    given = {words: "As agreed.", **(day(field) if field else {"code": next(iter(CONFLICTS))})}
    answer = desk.send(officer, url, **given)
    assert answer.status_code == 303, errors(answer)
    assert len(desk.office.events(desk.case)) == before + 1


def test_what_the_service_refuses_stands_beside_its_field(desk: Desk, officer) -> None:
    early = desk.send(
        officer,
        f"{desk.url}/record/question",
        question="Which?",
        **day("asked_on", day="1", month="1", year="2026"),
    )
    assert errors(early) == ["That date is before the request was received. Check the date."]
    none = desk.send(officer, f"{desk.url}/record/answer", answer="Both.", **day("answered_on"))
    assert "No question was open on that day" in errors(none)[0]


def test_how_we_know_who_is_asking_is_recorded_without_a_doubt(desk: Desk, officer) -> None:
    assert "Record how you know who is asking" in page(officer, desk.url)
    url = f"{desk.url}/record/identity-shown/1"
    assert (
        desk.send(
            officer, url, means="known-in-person", how="Met at the ward before.", **day("got_on")
        ).status_code
        == 303
    )


def test_only_an_approver_lifts_a_stop(desk: Desk, officer) -> None:
    code = "separated-parents"
    desk.send(officer, f"{desk.url}/record/stop/1", code=code, note="They live apart.")
    assert "The parents live apart" in page(officer, desk.url)
    lift = f"{desk.url}/record/lift/1"
    assert officer.get(lift).status_code == 403
    assert desk.send(officer, lift, code=code, note="Fine.").status_code == 403
    approver = desk.staff(StaffRole.APPROVER)
    assert desk.send(approver, lift, code=code, note="Both were asked.").status_code == 303
    assert "Delivery stopped" not in page(officer, desk.url)


def test_a_stop_to_be_silent_about_says_so_and_only_a_lawyer_lifts_court_papers(desk: Desk, officer) -> None:
    desk.send(officer, f"{desk.url}/record/stop/1", code="suspected-coercion", note="From his phone.")
    desk.send(officer, f"{desk.url}/record/stop/1", code="family-court-papers", note="A report.")
    text = page(officer, desk.url)
    assert "Do not speak of this to the family" in text
    assert "From his phone." in text
    assert "Delivery stopped" in page(officer, "/officer/")
    lift = f"{desk.url}/record/lift/1"
    said = {"code": "family-court-papers", "note": "The court agreed."}
    assert "lawyer" in errors(desk.send(desk.staff(StaffRole.APPROVER), lift, **said))[0]
    assert desk.send(desk.staff(StaffRole.LAWYER), lift, **said).status_code == 303


def test_a_safeguarding_lead_lifts_what_is_theirs_and_nothing_else(desk: Desk, officer) -> None:
    for code in ("suspected-coercion", "family-court-papers"):
        desk.send(officer, f"{desk.url}/record/stop/1", code=code, note="A call.")
    lift, lead = f"{desk.url}/record/lift/1", desk.staff(StaffRole.SAFEGUARDING_LEAD)
    assert "Lift a stop" in page(lead, desk.url)
    assert lead.get(lift).status_code == 200
    refused = desk.send(lead, lift, code="family-court-papers", note="Seen alone.")
    assert "lawyer" in errors(refused)[0]
    assert desk.send(lead, lift, code="suspected-coercion", note="Seen alone.").status_code == 303
    assert lead.get(f"{desk.url}/record/stop/1").status_code == 403


def test_a_document_is_chosen_from_those_that_fit(desk: Desk, officer) -> None:
    made = desk.send(officer, "/officer/new", **GOOD).headers["Location"]
    url = f"{made}/record/authority-shown/2"
    text = page(officer, url)
    assert "birth mother has it" in text
    assert "grant of probate" not in text
    wrong = desk.send(officer, url, evidence="grant", how="Seen.", **day("got_on"))
    assert errors(wrong) == ["Choose one of these"]


def test_a_form_that_does_not_exist(desk: Desk, officer) -> None:
    for what in ("no-such", "question/9", "stop", "stop/9"):
        assert officer.get(f"{desk.url}/record/{what}").status_code == 404


def test_a_person_is_added_to_the_register(desk: Desk, officer) -> None:
    url = f"{desk.url}/people"
    assert errors(desk.send(officer, url)) == [
        "Enter a name, or words such as: caller on 3 May", "Choose who this is",
    ]  # fmt: skip
    (said,) = errors(desk.send(officer, url, name="K", role="THIRD_PARTY"))
    assert said.startswith("A register entry needs a name of at least two letters.")
    answer = desk.send(officer, url, name="Kerry Lomax", role="SOURCE", phrases="next door\n\nthe caller\n")
    assert answer.status_code == 303
    added = next(p for p in desk.office.register(desk.case).people if p.name == "Kerry Lomax")
    assert added.phrases == ("next door", "the caller")
    assert "Kerry Lomax" in page(officer, url)


def test_readers_of_other_roles_cannot_change_a_case(desk: Desk) -> None:
    before = len(desk.office.events(desk.case))
    for role in (StaffRole.APPROVER, StaffRole.LAWYER, StaffRole.HEALTH_PROFESSIONAL):
        client = desk.staff(role)
        text = page(client, desk.url)
        assert "Gather again" not in text
        for url in (f"{desk.url}/gathering", f"{desk.url}/people", f"{desk.leg}/proposals", "/officer/new"):
            assert desk.send(client, url, name="X Y", role="SOURCE").status_code == 403
    assert len(desk.office.events(desk.case)) == before


ASKED_SAFELY = {
    "phone": "01632 960999", "post": "Flat 2\n5 Mill Row", "do_not": "Do not ring after five.\nNo letters.",
    "email": "",
}  # fmt: skip


def test_staff_see_first_how_to_reach_them_and_what_they_must_not_do(desk: Desk, officer) -> None:
    url = desk.send(officer, "/officer/new", **GOOD | ASKED_SAFELY).headers["Location"]
    text = page(officer, url)
    for words in ("01632 960999", "Flat 2, 5 Mill Row", "Do not ring after five.<br>No letters.",
                  "Ada Okafor receives the records of Ada Okafor and Ben Okafor"):  # fmt: skip
        assert words in text
    assert text.index("Do not ring") < text.index("01632 960999") < text.index("Answer due:")
    assert "ada@example.org" in page(officer, desk.send(officer, "/officer/new", **GOOD).headers["Location"])


def test_who_only_reads_records_is_not_told_where_the_family_can_be_found(desk: Desk) -> None:
    email = "leanne@example.org"
    assert email in page(desk.staff(StaffRole.APPROVER), desk.url)
    for role in (StaffRole.LAWYER, StaffRole.HEALTH_PROFESSIONAL):
        assert email not in page(desk.staff(role), desk.url)


def test_two_people_who_asked_are_never_shown_under_one_address(site_parts, as_staff) -> None:
    hers, his = SafeContact(email="hers@example.org"), SafeContact(do_not="Do not ring.")
    legs = (
        web.leg_page(1, "Leanne Hartley", contact=hers),
        web.leg_page(2, "Marcus Hartley", recipient="Marcus Hartley", contact=his),
        web.leg_page(3, "Isla Hartley", contact=hers),
    )
    site_parts.services.enquiries.answers["case_page"] = case_page(legs=legs)
    text = as_staff(StaffRole.OFFICER).get(f"/officer/cases/{web.REFERENCE}").get_data(as_text=True)
    her_card, his_card = (part.split("</section>")[0] for part in text.split('id="reach-')[1:])
    assert "receives the records of Leanne Hartley and Isla Hartley" in her_card
    assert "hers@example.org" in her_card
    assert "Do not ring." not in her_card
    assert "no safe way is known" in his_card
    assert "hers@example.org" not in his_card


# --- dates put right ------------------------------------------------------------------------------


def test_an_officer_puts_the_day_of_receipt_right(desk: Desk, officer) -> None:
    case = page(officer, desk.url)
    assert f'href="{desk.url}/dates"' in case
    listed = page(officer, f"{desk.url}/dates")
    assert "The request was received" in listed
    assert "Tuesday 20 October 2026" in listed
    form = page(officer, f"{desk.url}/dates/1")
    assert "made by mistake" not in form
    sent = desk.send(
        officer, f"{desk.url}/dates/1", reason="The stamp.", **day("on", day="16", month="10", year="2026")
    )
    assert sent.status_code == 303
    listed = page(officer, f"{desk.url}/dates")
    assert "First entered as Tuesday 20 October 2026" in listed
    assert "answer due Monday 16 November 2026" in listed
    assert "put a date right" in page(officer, desk.url)


def test_an_entry_made_by_mistake_is_taken_back_on_the_page(desk: Desk, officer) -> None:
    desk.send(officer, f"{desk.url}/record/question", question="Which years?", **day("asked_on", **OCT_26))
    event = desk.office.events(desk.case)[-1].seq
    assert "made by mistake" in page(officer, f"{desk.url}/dates/{event}")
    url = f"{desk.url}/dates/{event}"
    assert desk.send(officer, url, wrong="mistake", reason="Another family.").status_code == 303
    assert "Taken back: made by mistake" in page(officer, f"{desk.url}/dates")
    assert officer.get(url).status_code == 404
    assert desk.office.events(desk.case)[-1].facts["withdraws"] == event


def test_a_wrong_correction_names_its_field_and_keeps_nothing(desk: Desk, officer) -> None:
    before = len(desk.office.events(desk.case))
    assert len(errors(desk.send(officer, f"{desk.url}/dates/1"))) == 2
    same = desk.send(
        officer, f"{desk.url}/dates/1", reason="x", **day("on", day="20", month="10", year="2026")
    )
    assert "already recorded" in errors(same)[0]
    old = desk.send(officer, f"{desk.url}/dates/1", reason="x", **day("on", day="1", month="1", year="1990"))
    assert errors(old)
    assert len(desk.office.events(desk.case)) == before
    assert officer.get(f"{desk.url}/dates/99").status_code == 404


def test_a_caution_stands_beside_the_due_date(site_parts, as_staff) -> None:
    leg = web.leg_page(1, "Leanne Hartley", cautions=("The extension does not count.",))
    site_parts.services.enquiries.answers["case_page"] = case_page(legs=(leg,))
    text = page(as_staff(StaffRole.OFFICER), f"/officer/cases/{web.REFERENCE}")
    assert "Look at this" in text
    assert "The extension does not count." in text


def test_a_question_can_be_about_one_person_only(desk: Desk, officer) -> None:
    url = f"{desk.url}/record/question/1"
    assert desk.send(officer, url, question="Which?", **day("asked_on", **OCT_26)).status_code == 303
    assert desk.office.events(desk.case)[-1].leg == 1
