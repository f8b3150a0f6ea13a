"""Near names on the officer's pages: side by side, decided one by one, and a number added to the data subject."""

from datetime import date

import pytest

from sar.domain.parties import Person, Role, StaffRole
from sar.domain.records import HeldBack
from sar.domain.references import PersonId, RecordKey, StoreName
from tests.fakes.ports import HeldStore, record
from tests.integration.web.staff_site import errors, make_desk, page

OTHER = Person(
    id=PersonId("ward/P2"), name="Leanne Hartly", role=Role.NAMESAKE, born_on=date(1993, 5, 14),
    addresses=("5 Cooper Yard",), identifiers=("9992044330",),
)  # fmt: skip
HELD = HeldBack(key=RecordKey(StoreName("ward"), "P2"), why="a nearly equal name", code="near-name")


@pytest.fixture
def desk(tmp_path, law, detector):
    made = make_desk(tmp_path, record("visit-1", "Seen."), law=law, detector=detector)
    made.office.stores = [HeldStore("ward", [record("visit-1", "Seen.")], people=(OTHER,), held_back=(HELD,))]
    made.office.gather(made.case)
    yield made
    made.parts.engine.dispose()


def test_the_two_are_shown_side_by_side_and_the_decision_is_kept(desk):
    officer = desk.staff(StaffRole.OFFICER)
    assert "Compare 1 person with a nearly equal name" in page(officer, desk.url)
    assert "Not compared" in page(officer, f"{desk.url}/matches")
    shown = page(officer, f"{desk.url}/matches/1")
    for said in (
        "Leanne Hartley",
        "Leanne Hartly",
        "14 May 1993",
        "5 Cooper Yard",
        "9992044330",
        "Speaks against it",
    ):
        assert said in shown
    form = {"person": "ward/leanne/P2"}
    refused = desk.send(officer, f"{desk.url}/matches/1", **form)
    assert errors(refused) == ["Choose who this is", "Write what you compared"]
    too_little = desk.send(
        officer, f"{desk.url}/matches/1", **form, sameness="same-person", reason="It is her."
    )
    assert too_little.status_code == 422
    assert "An approver may then look and decide" in too_little.get_data(as_text=True)
    done = desk.send(
        officer, f"{desk.url}/matches/1", **form, sameness="somebody-else", reason="Another birthday."
    )
    assert done.status_code == 303
    assert "Used at the next gathering" in page(officer, f"{desk.url}/matches")
    assert "Another birthday." in page(officer, f"{desk.url}/matches/1")


def test_a_form_made_for_somebody_else_decides_nothing(desk):
    officer = desk.staff(StaffRole.OFFICER)
    answer = desk.send(
        officer, f"{desk.url}/matches/1", person="ward/leanne/P9", sameness="cannot-tell", reason="So."
    )
    assert answer.status_code == 409
    assert desk.office.matching.near(desk.case)[0].decisions == ()
    assert officer.get(f"{desk.url}/matches/2").status_code == 404


def test_a_lawyer_does_not_see_another_persons_details(desk):
    lawyer = desk.staff(StaffRole.LAWYER)
    assert lawyer.get(f"{desk.url}/matches/1").status_code == 403
    assert f"{desk.url}/matches" not in page(lawyer, desk.url)


def test_a_former_name_is_added_and_nonsense_is_refused_beside_its_field(desk):
    officer = desk.staff(StaffRole.OFFICER)
    url = f"{desk.url}/matches/details"
    assert "Whose is it?" in page(officer, url)
    wrong = desk.send(officer, url, subject="1", kind="NHS_NUMBER", value="12", reason="On the card.")
    assert wrong.status_code == 422
    assert "An NHS number has ten digits." in wrong.get_data(as_text=True)
    assert (
        desk.send(officer, url, subject="9", kind="former-name", value="X Y", reason="So.").status_code == 422
    )
    right = desk.send(
        officer, url, subject="1", kind="former-name", value="Leanne Marsh", reason="On the card."
    )
    assert right.status_code == 303
    assert desk.office.matching.subjects(desk.case)[0].former_names[-1] == "Leanne Marsh"


def test_an_approver_adds_what_an_officer_alone_may_not(desk):
    url, form = (
        f"{desk.url}/matches/details",
        {"subject": "1", "kind": "NHS_NUMBER", "reason": "On the card."},
    )
    officer, approver = desk.staff(StaffRole.OFFICER), desk.staff(StaffRole.APPROVER)
    assert desk.send(officer, url, value="999 204 4179", **form).status_code == 303
    refused = desk.send(officer, url, value="999 204 4187", **form)
    assert refused.status_code == 422
    assert "Ask an approver to look" in refused.get_data(as_text=True)
    assert desk.send(approver, url, value="999 204 4187", **form).status_code == 303
    assert "Add a number or a former name" in page(approver, f"{desk.url}/matches")
