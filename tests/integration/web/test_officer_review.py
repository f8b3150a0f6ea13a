"""The review, the sign-off and the release through the site, over real services."""

from __future__ import annotations

import re

import pytest

from sar.db.moments import Moments
from sar.domain.matching import Verdict
from sar.domain.parties import StaffRole
from sar.domain.references import CaseId
from tests.fakes import web
from tests.fakes.ports import record
from tests.integration.services.conftest import KERRY, OFFICER, TULLY
from tests.integration.web.staff_site import Desk, errors, make_desk, page

VISIT = "Kerry Lomax was at home. The child said that the child was well."
CALL = "Maureen Tully rang about the noise."


@pytest.fixture
def desk(tmp_path, law, detector):
    made = make_desk(tmp_path, record("visit-1", VISIT), law=law, detector=detector, people=(KERRY,))
    yield made
    made.parts.engine.dispose()


@pytest.fixture
def told(tmp_path, law, detector):
    made = make_desk(tmp_path, record("call-1", CALL), law=law, detector=detector, people=(TULLY,))
    yield made
    made.parts.engine.dispose()


@pytest.fixture
def officer(desk: Desk):
    return desk.staff(StaffRole.OFFICER)


def decide_all(desk: Desk, officer, **verdicts: str) -> None:
    """Answer every record as its page asks, taking over what was proposed unless told otherwise."""
    rows = desk.office.enquiries.review_list(desk.case, leg=1)
    for number, row in enumerate(rows, start=1):
        view = desk.office.review.view(desk.case, leg=1, record=row.record, by=OFFICER)
        parts = [p for passage in view.passages for p in (*passage.parts, *passage.wide) if p.proposal]
        answers = {f"verdict-{p.proposal}": verdicts.get(p.person.split(" ")[0], p.suggested) for p in parts}
        if parts:
            answer = desk.send_on(
                officer, number, "words", reason="As the rule says.", finish="yes", then="next", **answers
            )
        else:
            answer = desk.send_on(officer, number, "outcome", outcome="disclose", whole_reason="Read it.")
        assert answer.status_code == 303, answer.get_data(as_text=True)


def test_a_proposal_is_shown_in_its_text_with_all_that_is_known(desk: Desk, officer) -> None:
    text = page(officer, f"{desk.leg}/records/{desk.number_of('visit-1')}")
    assert re.search(r"sar-mark--open\">Kerry Lomax</mark> was at home", text)
    for words in (
        "Kerry Lomax, third party",
        "3RD-PARTY",
        "Data Protection Act 2018 Sch 2 para 16",
        "withhold",
    ):
        assert words in text


def test_addresses_never_hold_a_records_own_name(desk: Desk, officer) -> None:
    for url in (f"{desk.leg}/records", f"{desk.leg}/records/1"):
        addresses = re.findall(r'(?:href|action)="([^"]+)"', page(officer, url))
        assert not [a for a in addresses if "visit-1" in a or "ward" in a]


def test_an_officer_decides_and_the_record_goes_out(desk: Desk, officer) -> None:
    number, proposal = desk.number_of("visit-1"), desk.proposal("Kerry Lomax")
    answer = desk.send_on(
        officer, number, "words", rule_reason="yes", finish="yes", **{f"verdict-{proposal}": "withhold"}
    )
    assert answer.status_code == 303
    (made,) = desk.decisions()
    assert (made.verdict, made.exemption, made.decider_role) == (
        Verdict.WITHHOLD,
        "3RD-PARTY",
        "records officer",
    )
    assert made.reason.startswith("Names somebody else")
    assert desk.outcomes() == {"ward/visit-1": "disclose"}
    assert "sar-mark--withhold" in page(officer, f"{desk.leg}/records/{number}")


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({}, "Choose withhold or disclose for at least one place"),
        ({"verdict": "withhold"}, "Write why, in a sentence"),
        ({"verdict": "disclose", "rule_reason": "yes"}, "Write a reason of your own"),
        ({"verdict": "nonsense", "reason": "So."}, "Choose withhold or disclose"),
        ({"finish": "yes"}, "Decide every place before the record goes out"),
        ({"verdict": "withhold", "reason": "So.", "exemption": "NO-SUCH"}, "Choose the legal reason"),
        ({"verdict": "withhold", "reason": "So.", "exemption": "PRIVILEGE"}, "Ask a lawyer to decide"),
        ({"verdict": "withhold", "reason": "So.", "opinion_role": "lawyer"}, "Enter the date of the opinion"),
        ({"verdict": "withhold", "reason": "x" * 5001}, "Write no more than 5000 letters"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_decided(desk: Desk, officer, given, message) -> None:
    given = {k if k != "verdict" else f"verdict-{desk.proposal('Kerry Lomax')}": v for k, v in given.items()}
    answer = desk.send_on(officer, desk.number_of("visit-1"), "words", **given)
    assert any(message in said for said in errors(answer))
    assert desk.decisions() == ()
    assert desk.outcomes() == {}


def test_a_form_made_for_another_record_decides_nothing(desk: Desk, officer) -> None:
    number = desk.number_of("visit-1")
    answer = desk.send(
        officer,
        f"{desk.leg}/records/{number}/outcome",
        record="ward/other",
        outcome="disclose",
        whole_reason="Read.",
    )
    assert answer.status_code == 409
    assert "The list of records changed" in answer.get_data(as_text=True)
    assert desk.outcomes() == {}


def test_words_by_hand_are_found_by_the_words(desk: Desk, officer) -> None:
    number = desk.number_of("visit-1")
    given = {"marks_passage": "0", "marks_exemption": "3RD-PARTY", "marks_reason": "About somebody else."}
    answer = desk.send_on(officer, number, "marks", marks_quote="was\nat   home", **given)
    assert answer.status_code == 303
    (made,) = desk.decisions()
    assert VISIT[made.span.start : made.span.end] == "was at home"
    text = page(officer, f"{desk.leg}/records/{number}")
    assert 'sar-mark--withhold">was at home</mark>' in text


def test_words_marked_by_mistake_are_taken_back_with_a_reason(desk: Desk, officer) -> None:
    number = desk.number_of("visit-1")
    given = {"marks_passage": "0", "marks_exemption": "3RD-PARTY", "marks_reason": "About somebody else."}
    desk.send_on(officer, number, "marks", marks_quote="was at home", **given)
    url = f"{desk.leg}/records/{number}"
    (which,) = re.findall(r'name="opened_which" type="radio" value="(\d+)"', page(officer, url))
    assert errors(desk.send_on(officer, number, "opened")) == [
        "Choose the words",
        "Write why they may stay in",
    ]
    wrong = desk.send_on(officer, number, "opened", opened_which="99", opened_reason="So.")
    assert errors(wrong) == ["Choose the words"]
    assert [d.verdict.value for d in desk.decisions()] == ["withhold"]
    answer = desk.send_on(officer, number, "opened", opened_which=which, opened_reason="It is about Leanne.")
    assert answer.status_code == 303, errors(answer)
    (made,) = desk.decisions()
    assert (made.verdict.value, made.reason) == ("disclose", "It is about Leanne.")
    text = page(officer, url)
    assert 'sar-mark--withhold">was at home' not in text
    assert "Take back words" not in text
    assert desk.send_on(desk.staff(StaffRole.APPROVER), number, "opened").status_code == 403


def test_words_that_stand_twice_are_asked_about(desk: Desk, officer) -> None:
    number = desk.number_of("visit-1")
    given = {
        "marks_passage": "0",
        "marks_quote": "child",
        "marks_exemption": "3RD-PARTY",
        "marks_reason": "So.",
    }
    answer = desk.send_on(officer, number, "marks", **given)
    assert errors(answer) == ["These words stand there 2 times. Choose which you mean"]
    assert "said that the child was well" in answer.get_data(as_text=True)
    assert desk.decisions() == ()
    assert desk.send_on(officer, number, "marks", marks_which="1", **given).status_code == 303
    assert desk.decisions()[0].span.start == VISIT.rindex("child")


def test_words_that_do_not_stand_there_are_refused(desk: Desk, officer) -> None:
    number = desk.number_of("visit-1")
    answer = desk.send_on(officer, number, "marks", marks_passage="0", marks_quote="was away")
    said = errors(answer)
    assert "These words do not stand in that passage. Copy them from the text" in said
    empty = desk.send_on(officer, number, "marks")
    assert errors(empty)[:2] == ["Choose the passage", "Write or copy the words to withhold"]
    assert desk.decisions() == ()


def test_one_decision_for_a_person_reaches_every_record(tmp_path, law, detector) -> None:
    desk = make_desk(
        tmp_path, record("a", "Kerry Lomax came."), record("b", "Ms Lomax left."), law=law, detector=detector,
        people=(KERRY,),
    )  # fmt: skip
    officer, number = desk.staff(StaffRole.OFFICER), desk.number_of("a")
    assert errors(desk.send_on(officer, number, "person", person_who="nobody"))[0] == "Choose the person"
    answer = desk.send_on(
        officer,
        number,
        "person",
        person_who="kerry",
        person_verdict="withhold",
        person_reason="Not hers to see.",
    )
    assert answer.status_code == 303
    assert {str(d.span.record) for d in desk.decisions()} >= {"ward/a", "ward/b"}
    assert {d.verdict for d in desk.decisions()} == {Verdict.WITHHOLD}
    desk.parts.engine.dispose()


@pytest.mark.parametrize("outcome", ["withhold", "out_of_scope"])
def test_a_record_as_a_whole(desk: Desk, officer, outcome: str) -> None:
    number = desk.number_of("visit-1")
    empty = errors(desk.send_on(officer, number, "outcome"))
    assert empty == ["Choose what happens to the record", "Write why, in a sentence"]
    if outcome == "withhold":
        bare = errors(desk.send_on(officer, number, "outcome", outcome=outcome, whole_reason="All hers."))
        assert bare == ["Choose the legal reason"]
    given = {"whole_exemption": "3RD-PARTY"} if outcome == "withhold" else {}
    answer = desk.send_on(officer, number, "outcome", outcome=outcome, whole_reason="All hers.", **given)
    assert answer.status_code == 303
    assert desk.outcomes() == {"ward/visit-1": outcome}


def test_going_on_opens_the_next_record_that_waits(desk: Desk, officer) -> None:
    number = desk.number_of("visit-1")
    answer = desk.send_on(
        officer, number, "outcome", outcome="out_of_scope", whole_reason="Other.", then="next"
    )
    assert answer.headers["Location"] == f"{desk.leg}/records/1"
    for other in range(1, number):
        desk.send_on(officer, other, "outcome", outcome="disclose", whole_reason="Read.")
    again = desk.send_on(
        officer, number, "outcome", outcome="out_of_scope", whole_reason="Other.", then="next"
    )
    assert again.headers["Location"] == f"{desk.leg}/records"
    assert "Every record is decided" in page(officer, f"{desk.leg}/records")


def test_who_holds_two_roles_says_in_which_they_decide(desk: Desk) -> None:
    both, number = desk.staff(StaffRole.OFFICER, StaffRole.LAWYER), desk.number_of("visit-1")
    given = {
        f"verdict-{desk.proposal('Kerry Lomax')}": "withhold",
        "reason": "Advice.",
        "exemption": "PRIVILEGE",
    }
    assert errors(desk.send_on(both, number, "words", **given)) == ["Choose your role in this"]
    assert desk.send_on(both, number, "words", role="lawyer", **given).status_code == 303
    assert desk.decisions()[0].decider_role == "lawyer"


def test_what_a_clinician_must_weigh_needs_one_and_an_opinion(desk: Desk, officer) -> None:
    number, clinician = desk.number_of("visit-1"), desk.staff(StaffRole.HEALTH_PROFESSIONAL)
    given = {
        "marks_passage": "0",
        "marks_quote": "was well",
        "marks_exemption": "HEALTH-HARM",
        "marks_reason": "So.",
    }
    assert "health information only" in errors(desk.send_on(clinician, number, "marks", **given))[0]
    classed = {"which": str(number), "data_class": "health", "class_reason": "A nurse wrote it."}
    assert desk.send(officer, f"{desk.leg}/health/class", **classed).status_code == 303
    assert "Ask a health professional to decide" in errors(desk.send_on(officer, number, "marks", **given))[0]
    assert "opinion is needed" in errors(desk.send_on(clinician, number, "marks", **given))[0]
    opinion = {"rest": "met-in-part", "professional": "responsible", "role": "Midwife", "name": "Clare Invented",
               "words": "It would harm her.", "given_on-day": "1", "given_on-month": "11",
               "given_on-year": "2026"}  # fmt: skip
    wrong = desk.send(clinician, f"{desk.leg}/health/opinion", **(opinion | {"rest": "", "name": ""}))
    assert errors(wrong)[0].startswith("Choose what the opinion says")
    assert desk.send(clinician, f"{desk.leg}/health/opinion", **opinion).status_code == 303
    assert "It would harm her." in page(officer, f"{desk.leg}/health")
    assert desk.send_on(clinician, number, "marks", **given).status_code == 303
    (made,) = desk.decisions()
    assert (made.decider_role, made.saying.value) == ("health professional", "general")


def test_the_questions_of_a_chosen_reason_come_with_the_first_try(desk: Desk, officer) -> None:
    number = desk.number_of("visit-1")
    given = {
        "marks_passage": "0", "marks_quote": "was well", "marks_exemption": "CRIME", "marks_reason": "Police.",
    }  # fmt: skip
    first = desk.send_on(officer, number, "marks", **given)
    assert errors(first) == ["What work to stop or find crime would giving this very item harm, and how?"]
    assert 'name="marks_answer-prejudice"' in first.get_data(as_text=True)
    assert not desk.decisions()
    done = desk.send_on(officer, number, "marks", **given, **{"marks_answer-prejudice": "The live enquiry."})
    assert done.status_code == 303
    (made,) = desk.decisions()
    assert [a.words for a in made.answers] == ["The live enquiry."]


def test_a_safeguarding_lead_can_decide_what_only_they_may(desk: Desk) -> None:
    number, lead = desk.number_of("visit-1"), desk.staff(StaffRole.SAFEGUARDING_LEAD)
    given = {
        "marks_passage": "0", "marks_quote": "was well", "marks_exemption": "SW-HARM", "marks_reason": "So.",
        "marks_answer-harm": "He would hit her.", "marks_answer-social-work": "No visits.",
    }  # fmt: skip
    # The law's own refusal reaches the page, and names what covers the record.
    assert "social work information only" in errors(desk.send_on(lead, number, "marks", **given))[0]


def test_an_approver_changes_what_the_family_is_told(desk: Desk, officer) -> None:
    number = desk.number_of("visit-1")
    given = {
        "marks_passage": "0", "marks_quote": "was well", "marks_exemption": "CRIME", "marks_reason": "Police.",
        "marks_answer-prejudice": "The live enquiry.",
    }  # fmt: skip
    assert desk.send_on(officer, number, "marks", **given).status_code == 303
    approver = desk.staff(StaffRole.APPROVER)
    assert desk.send_on(officer, number, "told", told="full").status_code == 403
    assert errors(desk.send_on(approver, number, "told")) == ["Choose what the family is told"]
    assert desk.send_on(approver, number, "told", told="full").status_code == 303
    (made,) = desk.decisions()
    assert (made.saying.value, made.approved_by is None) == ("full", False)


def test_the_whole_path_to_a_released_pack(desk: Desk, officer) -> None:
    decide_all(desk, officer)
    approver = desk.staff(StaffRole.APPROVER)
    url = f"{desk.leg}/sign-off"
    assert "Sign off" in page(approver, url)
    assert errors(desk.send(approver, url)) == ["Tick the box when you have looked at the decisions"]
    assert desk.send(approver, url, checked="yes").status_code == 303
    assert "Release the pack" in page(approver, url)
    assert "Decisions are shut" in page(officer, f"{desk.leg}/records/1")
    assert desk.send(officer, f"{desk.leg}/release").status_code == 303
    text = page(officer, url)
    assert "released and handed over" in text
    assert (
        desk.office.enquiries.case_page(desk.office.queue_reference(desk.case), on=web.NOW.date())
        .legs[0]
        .pack.digest
        in text
    )  # type: ignore[union-attr]  # released above
    pdf = officer.get(f"{desk.leg}/pack.pdf")
    assert pdf.status_code == 200
    assert "visit-1" not in pdf.headers["Content-Disposition"]
    assert "You asked for everything we hold" in page(officer, f"{desk.leg}/pack")


def test_a_sign_off_can_be_taken_back_with_a_reason(desk: Desk, officer) -> None:
    decide_all(desk, officer)
    approver = desk.staff(StaffRole.APPROVER)
    desk.send(approver, f"{desk.leg}/sign-off", checked="yes")
    assert errors(desk.send(approver, f"{desk.leg}/return")) == ["Write why it goes back"]
    assert desk.send(approver, f"{desk.leg}/return", reason="One more look.").status_code == 303
    number = desk.number_of("visit-1")
    assert (
        desk.send_on(officer, number, "outcome", outcome="out_of_scope", whole_reason="Other.").status_code
        == 303
    )


def test_who_decided_cannot_sign_off(desk: Desk) -> None:
    both = desk.staff(StaffRole.OFFICER, StaffRole.APPROVER)
    decide_all(desk, both)
    said = errors(desk.send(both, f"{desk.leg}/sign-off", checked="yes"))
    assert said == ["You decided on parts of this yourself. Ask another approver to sign it off."]


def test_nothing_undecided_is_signed_off(desk: Desk) -> None:
    approver = desk.staff(StaffRole.APPROVER)
    assert "wait for a person" in errors(desk.send(approver, f"{desk.leg}/sign-off", checked="yes"))[0]


def test_a_protected_source_goes_out_only_with_an_approver(told: Desk) -> None:
    officer, approver = told.staff(StaffRole.OFFICER), told.staff(StaffRole.APPROVER)
    decide_all(told, officer, Maureen="disclose")
    number, url = told.number_of("call-1"), f"{told.leg}/sign-off"
    refused = errors(told.send(approver, url, checked="yes"))
    assert "approver" in refused[0]
    assert f'href="{told.leg}/records/{number}"' in page(approver, url)
    assert "Agree that these words go out" not in page(officer, f"{told.leg}/records/{number}")
    assert "Agree that these words go out" in page(approver, f"{told.leg}/records/{number}")
    assert (
        told.send_on(officer, number, "agreement", proposal=told.proposal("Maureen Tully")).status_code == 403
    )
    assert errors(told.send_on(approver, number, "agreement", proposal="none")) == [
        "Those words do not wait for an approver"
    ]
    while waiting := re.search(
        r'name="proposal" value="(\w+)"', page(approver, f"{told.leg}/records/{number}")
    ):
        assert told.send_on(approver, number, "agreement", proposal=waiting[1]).status_code == 303
    assert told.send(approver, url, checked="yes").status_code == 303


def test_withholding_a_source_says_only_the_general_reason(told: Desk) -> None:
    officer, number = told.staff(StaffRole.OFFICER), told.number_of("call-1")
    given = {f"verdict-{told.proposal('Maureen Tully')}": "withhold", "rule_reason": "yes"}
    assert told.send_on(officer, number, "words", **given).status_code == 303
    assert {d.saying.value for d in told.decisions()} == {"general"}


@pytest.mark.parametrize("role", [StaffRole.COMPLAINTS, StaffRole.ADMINISTRATOR])
def test_record_texts_are_shut_to_those_who_do_not_need_them(desk: Desk, role: StaffRole) -> None:
    client = desk.staff(role)
    for url in (desk.url, f"{desk.url}/people", f"{desk.leg}/records", f"{desk.leg}/records/1"):
        answer = client.get(url)
        assert answer.status_code == 403
        assert "Lomax" not in answer.get_data(as_text=True)


def test_an_approver_reads_and_does_not_decide(desk: Desk) -> None:
    approver, number = desk.staff(StaffRole.APPROVER), desk.number_of("visit-1")
    assert "Your decision" not in page(approver, f"{desk.leg}/records/{number}")
    for what in ("words", "person", "marks", "outcome"):
        assert desk.send_on(approver, number, what, outcome="disclose", whole_reason="x").status_code == 403
    assert desk.outcomes() == {}


def test_a_leg_or_record_that_is_not_there(desk: Desk, officer) -> None:
    for url in (
        f"{desk.leg}/records/999",
        f"{desk.leg}/records/0",
        f"{desk.url}/legs/7/records",
        "/officer/cases/x",
    ):
        assert officer.get(url).status_code == 404


def test_from_gathering_to_proposals(tmp_path, law, detector) -> None:
    desk = make_desk(tmp_path, record("visit-1", VISIT), law=law, detector=detector, ready=False)
    officer = desk.staff(StaffRole.OFFICER)
    assert "No store has been asked yet" in page(officer, desk.url)
    early = desk.send(officer, f"{desk.leg}/proposals")
    assert early.status_code == 409
    assert desk.send(officer, f"{desk.url}/gathering").status_code == 303
    assert "Round 1 is complete" in page(officer, desk.url)
    assert officer.get(f"{desk.url}/gathering").status_code == 286
    assert desk.send(officer, f"{desk.leg}/proposals").status_code == 303
    assert "still wait for a person" in page(officer, f"{desk.leg}/records")
    assert "Priya Raman" in page(officer, f"{desk.url}/people")
    desk.parts.engine.dispose()


def test_a_page_opens_its_case_once_and_a_later_page_sees_what_was_done_since(
    desk: Desk, officer, monkeypatch
) -> None:
    opened = []
    archive = desk.office.archive
    opening = archive._opened

    def noted(case: CaseId):
        opened.append(case)
        return opening(case)

    number, url, leg = desk.number_of("visit-1"), desk.url, desk.leg
    monkeypatch.setattr(archive, "_moments", Moments(noted))
    approver = desk.staff(StaffRole.APPROVER)
    for browser, address in (
        (officer, url), (officer, f"{leg}/records"), (officer, f"{leg}/records/{number}"),
        (officer, f"/letters{url.removeprefix('/officer')}/new/1"), (approver, f"{leg}/sign-off"),
    ):  # fmt: skip
        opened.clear()
        page(browser, address)
        assert opened == [desk.case], address
    before = page(officer, f"{leg}/records")
    desk.office.withhold_record(desk.case, "ward/visit-1", exemption="3RD-PARTY")
    assert page(officer, f"{leg}/records") != before
