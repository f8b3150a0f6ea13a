"""The complaints team's desk, over real services and the real law."""

from __future__ import annotations

import re
from datetime import date

import pytest

from sar.domain.parties import StaffRole
from sar.domain.records import AlertEntry, AlertStep, RecordKind
from tests.fakes.ports import record
from tests.integration.services.conftest import FAMILY
from tests.integration.web.staff_site import Desk, errors, make_desk, page

ALERT = record(
    "alert-1", "Alert.", kind=RecordKind.ALERT,
    alert=(
        AlertEntry(alert_number="A-77", step=AlertStep.RAISED, on=date(2024, 3, 4), category="safeguarding"),
        AlertEntry(alert_number="A-77", step=AlertStep.COPIED, on=date(2024, 3, 5), recipient="School nurse"),
        AlertEntry(alert_number="A-77", step=AlertStep.STATUS, on=date(2024, 3, 6), status="active"),
    ),
)  # fmt: skip
OPENING = {
    "route": "data-protection", "received_on-day": "2", "received_on-month": "11", "received_on-year": "2026",
    "about": "The alert", "words": "Nobody told us.", "leg": "1",
}  # fmt: skip


def on(day: str) -> dict[str, str]:
    return {"on-day": day, "on-month": "11", "on-year": "2026"}


@pytest.fixture
def desk(tmp_path, law, detector):
    made = make_desk(tmp_path, ALERT, law=law, detector=detector)
    yield made
    made.parts.engine.dispose()


@pytest.fixture
def team(desk: Desk):
    return desk.staff(StaffRole.COMPLAINTS)


@pytest.fixture
def here(desk: Desk) -> str:
    return desk.url.replace("/officer/", "/complaints-desk/")


@pytest.fixture
def opened(desk: Desk, team, here: str) -> str:
    answer = desk.send(team, f"{here}/open", **OPENING)
    assert answer.status_code == 303, errors(answer)
    return answer.headers["Location"]


@pytest.fixture
def correction(desk: Desk, here: str) -> str:
    made = desk.office.rectification.ask(
        desk.case, leg=1, alert_number="A-77", what_is_wrong="It is about somebody else.",
        what_it_should_say="Entered in error.", asked_on=date(2026, 11, 2), at=desk.office.at(), by=FAMILY,
    )  # fmt: skip
    return f"{here}/corrections/{made}"


def test_an_empty_desk_says_so(team) -> None:
    assert "Nothing is open" in page(team, "/complaints-desk/")


def test_a_complaint_is_found_by_its_reference_and_opened(desk: Desk, team, here: str) -> None:
    assert errors(desk.send(team, "/complaints-desk/open")) == ["Enter the case reference"]
    for wrong in ("SA-1", "SA-2026-9999"):
        assert "There is no case" in errors(desk.send(team, "/complaints-desk/open", reference=wrong))[0]
    found = desk.send(team, "/complaints-desk/open", reference=here.rsplit("/", 1)[1].lower())
    assert found.headers["Location"] == f"{here}/open"


def test_an_empty_complaint_names_every_field_and_opens_nothing(desk: Desk, team, here: str) -> None:
    assert errors(desk.send(team, f"{here}/open")) == [
        "Choose the route", "Enter the day it was received", "Write in a few words what it is about",
        "Write what the family says, in their words", "Choose whose records",
    ]  # fmt: skip
    assert "Nothing is open" in page(team, "/complaints-desk/")


def test_a_complaint_runs_its_stages_with_dates_and_rule(desk: Desk, team, opened: str) -> None:
    text = page(team, opened)
    for words in ("Nobody told us.", "Wednesday 2 December 2026", "s.164A", "Record that we acknowledged it"):
        assert words in text
    assert desk.send(team, f"{opened}/acknowledge", **on("5")).status_code == 303
    assert "Record that we acknowledged it" not in page(team, opened)
    said = errors(desk.send(team, f"{opened}/answer"))
    assert said == ["Enter the day", "Choose the outcome", "Write what we answered and why"]
    assert (
        desk.send(
            team, f"{opened}/answer", outcome="partly upheld", words="We were late.", **on("9")
        ).status_code
        == 303
    )
    assert "you can go on to" in page(team, opened)
    assert desk.send(team, f"{opened}/escalate", words="Not enough.", **on("12")).status_code == 303
    assert desk.send(team, f"{opened}/close", reason="Settled.", **on("18")).status_code == 303
    text = page(team, opened)
    assert "This complaint is closed" in text
    assert "Close the complaint" not in text
    assert text.index("Complaint closed") < text.index("Complaint opened")
    assert "Closed" in page(team, "/complaints-desk/")


def test_dates_that_cannot_be_are_refused_at_the_date(desk: Desk, team, opened: str) -> None:
    before = len(desk.office.events(desk.case))
    assert "must be today or in the past" in errors(desk.send(team, f"{opened}/acknowledge", **on("29")))[0]
    assert "before it was opened" in errors(desk.send(team, f"{opened}/acknowledge", **on("1")))[0]
    assert len(desk.office.events(desk.case)) == before


def test_only_the_team_acts_on_a_complaint(desk: Desk, opened: str) -> None:
    for role in (StaffRole.OFFICER, StaffRole.APPROVER):
        client = desk.staff(role)
        assert "Record our answer" not in page(client, opened)
        assert client.get(f"{opened}/answer").status_code == 403
        assert desk.send(client, f"{opened}/close", reason="x", **on("9")).status_code == 403
    assert desk.staff(StaffRole.LAWYER).get(opened).status_code == 403


def test_what_is_not_there(team, here: str, opened: str, correction: str) -> None:
    for url in (f"{here}/complaints/none", f"{opened}/no-such", f"{here}/corrections/none", f"{correction}/places/9",
                f"{correction}/places/0"):  # fmt: skip
        assert team.get(url).status_code == 404


def test_a_holders_word_is_shown_as_no_more_than_that(desk: Desk, team, correction: str) -> None:
    outside = re.findall(r'href="([^"]+/places/\d+)"', page(team, correction))[-1]
    assert errors(desk.send(team, outside)) == ["Choose what happened", "Enter the day"]
    assert errors(desk.send(team, outside, what="confirm", **on("9"))) == ["Write what the holder said"]
    assert desk.send(team, outside, what="confirm", words="Taken off.", **on("9")).status_code == 303
    assert "Confirmed by the holder, not seen by us" in page(team, correction)


def test_where_we_can_look_a_holders_word_is_not_asked_for(desk: Desk, team, correction: str) -> None:
    own = re.findall(r'href="([^"]+/places/\d+)"', page(team, correction))[0]
    assert "The holder says that it is put right" not in page(team, own)
    assert errors(desk.send(team, own, what="confirm", words="Done.", **on("9")))[0] == "Choose what happened"
    assert desk.send(team, own, what="report", **on("9")).status_code == 303
    assert "Its holder has been told" in page(team, correction)


def test_only_a_fresh_look_closes_a_place(desk: Desk, team, correction: str) -> None:
    assert desk.send(team, f"{correction}/gathering").status_code == 303
    assert "Check the places against round 2" in page(team, correction)
    assert desk.send(team, f"{correction}/check").status_code == 303
    assert "Still wrong in the store" in page(team, correction)
    put_right = AlertEntry(
        alert_number="A-77", step=AlertStep.STATUS, on=date(2026, 11, 9), status="entered-in-error"
    )
    desk.office.stores[0] = type(desk.office.stores[0])(
        "ward", [record("alert-1", "Alert.", kind=RecordKind.ALERT, alert=(put_right,))]
    )
    desk.parts.services.gathering = desk.office.gathering
    assert desk.send(team, f"{correction}/gathering").status_code == 303
    assert desk.send(team, f"{correction}/check").status_code == 303
    assert "Seen corrected in the store" in page(team, correction)


def test_the_team_sees_how_to_reach_the_family(team, opened: str, correction: str) -> None:
    for url in (opened, correction):
        assert "leanne@example.org" in page(team, url)


def test_the_team_sees_no_record_text(desk: Desk, team, correction: str) -> None:
    assert team.get(desk.url).status_code == 403
    assert team.get(f"{desk.leg}/records").status_code == 403
    assert desk.url not in page(team, correction)


def test_a_correction_is_answered_and_the_family_is_told_how_to_go_on(desk: Desk, team) -> None:
    name = desk.office.rectification.ask(
        desk.case, leg=1, alert_number="A-77", what_is_wrong="It is another person's.",
        what_it_should_say="Entered in error.", asked_on=date(2026, 11, 2), at=desk.office.at(), by=FAMILY,
    )  # fmt: skip
    reference = desk.office.queue_reference(desk.case)
    url = f"/complaints-desk/cases/{reference}/corrections/{name}"
    assert "Answer the family" in page(team, url)
    given = {
        "outcome": "refused", "reason": "The entry is right.", "answered_on-day": "2", "answered_on-month": "11",
        "answered_on-year": "2026",
    }  # fmt: skip
    assert (
        "limits what may be seen"
        in errors(desk.send(team, f"{url}/answer", **given, exemption="3RD-PARTY"))[0]
    )
    assert len(errors(desk.send(team, f"{url}/answer"))) == 3
    assert desk.send(team, f"{url}/answer", **given).status_code == 303
    told = page(team, url)
    assert "The entry is right." in told
    assert "s.164A" in told
    assert "s.165" in told


def test_what_is_gone_to_directly_is_not_opened_as_a_complaint(desk: Desk, team) -> None:
    text = page(team, f"/complaints-desk/cases/{desk.office.queue_reference(desk.case)}/open")
    assert 'value="nhs"' in text
    assert 'value="courts"' not in text


def test_every_member_of_staff_can_read_the_law_we_apply(team) -> None:
    text = page(team, "/officer/law")
    assert "Data Protection Act 2018 Sch 3 para 21" in text
    assert "Uncertain" in text
