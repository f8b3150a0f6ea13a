"""Officers see and decide which law answers; a case without any leg works on every page."""

from __future__ import annotations

import pytest

from sar.domain.parties import StaffRole
from sar.domain.references import CaseReference
from tests.integration.services.conftest import OFFICER
from tests.integration.web.staff_site import errors, make_desk, page

ENTRY = {
    "received_on-day": "2", "received_on-month": "11", "received_on-year": "2026", "channel": "letter",
    "wording": "All of it.", "foi": "no", "name": "Leanne Hartley", "email": "leanne@example.org",
}  # fmt: skip
DEAD = {
    "subject1_name": "Noah Hartley", "subject1_born-day": "8", "subject1_born-month": "2", "subject1_born-year": "2022",
    "subject1_died-day": "3", "subject1_died-month": "9", "subject1_died-year": "2026",
    "subject1_capacity": "personal-representative", "subject1_records": "council",
}  # fmt: skip
DAY = {"on-day": "19", "on-month": "11", "on-year": "2026"}


@pytest.fixture
def desk(tmp_path, law, detector):
    return make_desk(tmp_path, law=law, detector=detector, ready=False)


def enter(desk, client, **values):
    answer = desk.send(client, "/officer/new", **(ENTRY | values))
    assert answer.status_code == 303, errors(answer)
    return answer.headers["Location"]


def test_a_dead_childs_council_file_is_decided_by_an_approver(desk):
    officer, approver = desk.staff(StaffRole.OFFICER), desk.staff(StaffRole.APPROVER)
    case = enter(desk, officer, **DEAD)
    shown = page(officer, case)
    assert "The council file of someone who has died" in shown
    assert "What the stores answered" not in shown
    decided = {"outcome": "shared", "reason": "It is right to.", **DAY}
    assert (
        "Only an approver may decide this"
        in errors(desk.send(officer, f"{case}/legs/1/decision", **decided))[0]
    )
    assert len(errors(desk.send(approver, f"{case}/legs/1/decision"))) == 3
    refused = errors(desk.send(approver, f"{case}/legs/1/decision", **decided))
    assert "how they know who is asking" in refused[0]
    known, office = desk.office.archive.find(CaseReference(case.rpartition("/")[2])), desk.office
    office.know(known)
    assert "grant of probate" in errors(desk.send(approver, f"{case}/legs/1/decision", **decided))[0]
    office.standing.record_authority(
        known, leg=1, got_on=office.now.date(), evidence="grant", how="Seen.", at=office.at(), by=OFFICER
    )
    assert desk.send(approver, f"{case}/legs/1/decision", **decided).status_code == 303
    assert "Decided on 19 November 2026: Shared" in page(officer, case)
    assert approver.get(f"{case}/legs/1/decision").status_code == 404
    assert "Answered" in page(officer, "/officer/")


def test_policies_alone_then_own_records_after_all(desk):
    officer = desk.staff(StaffRole.OFFICER)
    case = enter(desk, officer, information="How many alerts were wrong?")
    shown = page(officer, case)
    assert "Information request 1" in shown
    assert "Leanne Hartley receives the answer" in shown
    assert "People whose records were asked for" not in shown
    assert "Policies, numbers and other papers" in page(officer, "/officer/")
    for part in ("people", "information", "information/1", "information/1/own-records"):
        page(officer, f"{case}/{part}")
    page(officer, f"/complaints-desk/cases/{case.rsplit('/', 1)[1]}/open")
    own = {"born-day": "14", "born-month": "3", "born-year": "1993", "reason": "She asks about herself."}
    assert desk.send(officer, f"{case}/information/1/own-records", **own).status_code == 303
    shown = page(officer, case)
    assert "People whose records were asked for" in shown
    assert "2 December 2026" in shown  # A month from the day the first letter came.
    assert officer.get(f"{case}/information/1").status_code == 404


def test_a_part_is_split_off_answered_and_another_law_chosen(desk):
    officer = desk.staff(StaffRole.OFFICER)
    child = {key: value for key, value in DEAD.items() if "died" not in key}
    case = enter(
        desk, officer, **(child | {"subject1_capacity": "parental-responsibility", "subject1_records": "any",
                                   "subject1_marks": "no-responsibility"}),
    )  # fmt: skip
    assert len(errors(desk.send(officer, f"{case}/information"))) == 2
    split = {"words": "Your policy on alerts.", "reason": "Page two."}
    assert desk.send(officer, f"{case}/information", **split).status_code == 303
    assert len(errors(desk.send(officer, f"{case}/information/1"))) == 3
    answered = {"outcome": "not-held", "reason": "Looked.", **DAY}
    assert desk.send(officer, f"{case}/information/1", **answered).status_code == 303
    assert "Answered on 19 November 2026: Not held" in page(officer, case)
    assert "Answered by a recorded decision" in page(officer, case)
    assert len(errors(desk.send(officer, f"{case}/legs/1/law"))) == 2
    chosen = {"pathway": "competent-child", "reason": "She let him."}
    assert desk.send(officer, f"{case}/legs/1/law", **chosen).status_code == 303
    assert "The whole route, to a pack." in page(officer, case)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"subject1_died-year": "2021"}, "lies before the day of birth"),
        ({"subject1_died-year": "2027"}, "must be today or in the past"),
        ({"subject1_capacity": "self"}, "nobody can ask in this capacity"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(desk, wrong, says):
    officer = desk.staff(StaffRole.OFFICER)
    assert says in " ".join(errors(desk.send(officer, "/officer/new", **(ENTRY | DEAD | wrong))))


def test_an_empty_entry_asks_for_a_person_or_for_information(desk):
    officer = desk.staff(StaffRole.OFFICER)
    assert any(
        "full name of the person" in said for said in errors(desk.send(officer, "/officer/new", **ENTRY))
    )
