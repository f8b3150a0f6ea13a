"""A mailbox somebody else reads: shut out at once, and the new one let in only by its code."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from sar.domain.errors import EnvironmentFault
from sar.domain.parties import StaffRole
from sar.ports.casework import leg_of
from tests.fakes import web
from tests.fakes.ports import HeldStore, record
from tests.integration.services.conftest import MARCUS, OFFICER, child_leg, own_leg
from tests.integration.web.staff_site import Desk, errors, make_desk, page

OLD, NEW, HIS = "leanne@example.org", "new.safe@example.org", "marcus@example.org"
CHANGE = {"email": NEW, "phone": "01632 960555", "do_not": "Never ring.", "reason": "Her ex reads her mail."}


@pytest.fixture
def desk(tmp_path, law, detector):
    """Leanne asked for herself and her child, Marcus for himself; both are signed in."""
    made = make_desk(tmp_path, record("visit-1", "A visit."), law=law, detector=detector, ready=False)
    made.case = made.office.receive(own_leg(), own_leg(MARCUS), child_leg())
    reference = made.office.archive.heads()[-1].reference
    for email, leg in ((OLD, 1), (HIS, 2), (OLD, 3)):
        made.parts.accounts.grant_family(
            email=email, case=made.case, reference=reference, leg=leg, at=made.parts.now
        )
    yield made
    made.parts.engine.dispose()


def family(desk: Desk, email: str) -> FlaskClient:
    client = desk.app.test_client()
    client.environ_base |= {"wsgi.url_scheme": "https", "HTTP_HOST": "localhost"}
    web.sign_in_family(desk.parts, client, email)
    return client


def sees(desk: Desk, client: FlaskClient) -> bool:
    return client.get(desk.url.replace("/officer/cases", "/requests")).status_code == 200


def may_sign_in(desk: Desk, email: str) -> bool:
    before = len(desk.parts.post.letters)
    client = desk.app.test_client()
    client.environ_base |= {"wsgi.url_scheme": "https", "HTTP_HOST": "localhost"}
    web.send(client, "/sign-in", email=email)
    return len(desk.parts.post.letters) > before


def contact_of(desk: Desk, leg: int):
    with desk.office.archive.reading(desk.case) as file:
        return leg_of(file, leg).recipient.contact


def test_the_old_mailbox_is_out_at_once_and_the_new_one_in_by_its_code(desk: Desk) -> None:
    old, his, officer = family(desk, OLD), family(desk, HIS), desk.staff(StaffRole.OFFICER)
    assert sees(desk, old)
    url = f"{desk.leg}/address"
    assert OLD not in page(officer, url)
    assert desk.send(officer, url, **CHANGE).headers["Location"] == f"{url}/code"
    # Everything the mailbox could see is shut, on the child's leg too, and nobody else's.
    assert not sees(desk, old)
    assert not may_sign_in(desk, OLD)
    assert sees(desk, his)
    assert contact_of(desk, 2).email == HIS
    # The new address has its code, and nothing else yet.
    assert not may_sign_in(desk, NEW)
    for leg in (1, 3):
        assert contact_of(desk, leg).email == ""
        assert contact_of(desk, leg).phone == "01632 960555"
    letter = desk.parts.post.letters[-1]
    assert letter.address == NEW
    assert "Read it out only if" in " ".join(letter.paragraphs)
    right = web.newest_code(desk.parts)
    wrong = "000000" if right != "000000" else "000001"
    assert "does not work" in errors(desk.send(officer, f"{url}/code", code=wrong))[0]
    assert not may_sign_in(desk, NEW)
    assert desk.send(officer, f"{url}/code", code=right).headers["Location"] == f"{url}/confirm"
    # The mailbox is proved, the person is not: somebody else may have asked for the change.
    assert not may_sign_in(desk, NEW)
    assert "New address not confirmed" in page(officer, desk.url)
    assert OLD in page(officer, f"{url}/confirm")
    facts = desk.send(officer, f"{url}/confirm", means="facts-answered", how="Her date of birth.")
    assert errors(facts)[0] == "Choose how it was confirmed"
    said = {"means": "known-in-person", "how": "Her ex reads the old mail. Her health visitor knows her."}
    assert errors(desk.send(officer, f"{url}/confirm", **said))[0].startswith("Say whether nobody else")
    assert "confirms nothing" in errors(desk.send(officer, f"{url}/confirm", **said, safe="no"))[0]
    said |= {"safe": "yes"}
    assert desk.send(officer, f"{url}/confirm", **said).headers["Location"] == desk.url
    assert sees(desk, family(desk, NEW))
    for leg in (1, 3):
        contact = contact_of(desk, leg)
        assert (contact.email, contact.do_not) == (NEW, "Never ring.")
    assert contact_of(desk, 2).email == HIS
    # Once: a second sending of the same page changes nothing more.
    events = len(desk.office.events(desk.case))
    assert desk.send(officer, f"{url}/code", code=right).status_code == 303
    assert len(desk.office.events(desk.case)) == events


def test_without_an_e_mail_there_is_nothing_to_prove(desk: Desk) -> None:
    old, officer = family(desk, OLD), desk.staff(StaffRole.OFFICER)
    url = f"{desk.leg}/address"
    assert desk.send(officer, url, **CHANGE | {"email": ""}).headers["Location"] == f"{url}/confirm"
    assert not sees(desk, old)
    text = page(officer, desk.url)
    assert "01632 960555" in text
    assert "Never ring." in text
    assert officer.get(f"{url}/code").headers["Location"] == desk.url


def test_a_code_of_another_leg_or_officer_lets_nobody_in(desk: Desk) -> None:
    officer, other = desk.staff(StaffRole.OFFICER), desk.staff(StaffRole.OFFICER, StaffRole.APPROVER)
    desk.send(officer, f"{desk.leg}/address", **CHANGE)
    code = web.newest_code(desk.parts)
    desk.send(other, f"{desk.leg}/address/code", code=code)
    desk.send(officer, f"{desk.url}/legs/2/address/code", code=code)
    assert not may_sign_in(desk, NEW)


def test_a_code_that_cannot_leave_still_shuts_the_old_address_out(desk: Desk, monkeypatch) -> None:
    old, officer = family(desk, OLD), desk.staff(StaffRole.OFFICER)

    def no_post(*_: object, **__: object) -> str:
        raise EnvironmentFault("No post.", next_step="Wait.")

    monkeypatch.setattr(desk.parts.post, "send", no_post)
    desk.send(officer, f"{desk.leg}/address", **CHANGE)
    assert "No code could be sent" in page(officer, f"{desk.leg}/address/code")
    assert not sees(desk, old)


def test_a_form_with_mistakes_shuts_nobody_out(desk: Desk) -> None:
    old, officer = family(desk, OLD), desk.staff(StaffRole.OFFICER)
    url = f"{desk.leg}/address"
    assert errors(desk.send(officer, url)) == [
        "Write why the address changes", "Enter at least one safe way to reach them: e-mail, phone or post",
    ]  # fmt: skip
    assert "like name@example.com" in errors(desk.send(officer, url, **CHANGE | {"email": "nowhere"}))[0]
    assert sees(desk, old)
    assert desk.send(desk.staff(StaffRole.APPROVER), url, **CHANGE).status_code == 403
    assert sees(desk, old)


@pytest.fixture
def mixed(tmp_path, law, detector):
    """Leanne asked for herself and for a policy, with one mailbox."""
    made = make_desk(tmp_path, record("visit-1", "A visit."), law=law, detector=detector, ready=False)
    made.case = made.office.receive(own_leg(), information="What is your policy on alerts?")
    reference = made.office.archive.heads()[-1].reference
    for leg in (1, 0):
        made.parts.accounts.grant_family(
            email=OLD, case=made.case, reference=reference, leg=leg, at=made.parts.now
        )
    yield made
    made.parts.engine.dispose()


def test_the_old_mailbox_loses_the_part_on_policies_as_well(mixed: Desk) -> None:
    old, officer, url = family(mixed, OLD), mixed.staff(StaffRole.OFFICER), f"{mixed.leg}/address"
    mixed.send(officer, url, **CHANGE)
    assert not sees(mixed, old)
    assert not may_sign_in(mixed, OLD)
    mixed.send(officer, f"{url}/code", code=web.newest_code(mixed.parts))
    mixed.send(officer, f"{url}/confirm", means="known-in-person", safe="yes", how="At the ward.")
    text = page(family(mixed, NEW), mixed.url.replace("/officer/cases", "/requests"))
    assert "What is your policy on alerts?" in text
    assert "Leanne Hartley" in text


def test_own_records_after_all_open_nothing_to_an_address_that_waits(mixed: Desk) -> None:
    """Whoever rings and reads out a code is not yet the person who asked."""
    officer, url = mixed.staff(StaffRole.OFFICER), f"{mixed.leg}/address"
    mixed.send(officer, url, **CHANGE)
    mixed.send(officer, f"{url}/code", code=web.newest_code(mixed.parts))
    born = {"born-day": "14", "born-month": "3", "born-year": "1993"}
    made = mixed.send(officer, f"{mixed.url}/information/1/own-records", **born, reason="Own.")
    assert made.status_code == 303
    assert contact_of(mixed, 2).email == NEW
    assert not may_sign_in(mixed, NEW)
    mixed.send(officer, f"{url}/confirm", means="known-in-person", safe="yes", how="At the ward.")
    assert may_sign_in(mixed, NEW)


def test_a_second_pack_that_is_held_back_does_not_show(mixed: Desk) -> None:
    office, reader = mixed.office, family(mixed, OLD)
    url = mixed.url.replace("/officer/cases", "/requests")
    for stored in ([record("visit-1", "A visit.")], [record("visit-1", "A visit."), record("5", "Again.")]):
        office.stores = [HeldStore("ward", stored)]
        office.ready(mixed.case)
        office.reviewed(mixed.case)
        office.sign_off(mixed.case)
        office.release(mixed.case)
        if len(stored) == 1:
            office.delivery.deliver(mixed.case, leg=1, at=office.at())
    text = page(reader, url)
    assert "Your pack is ready" in text
    assert "nearly ready" not in text
    assert "hx-get" not in text
    first = office.packing.html(mixed.case, leg=1, round_number=1)
    assert office.packing.html(mixed.case, leg=1) != first
    assert mixed.send(reader, f"{url}/pack/1/pdf").data == office.packing.pdf(
        mixed.case, leg=1, round_number=1
    )
    office.standing.doubt_identity(
        mixed.case, leg=1, asked_on=office.now.date(), reason="She never asked.", at=office.at(), by=OFFICER
    )
    assert reader.get(f"{url}/pack/1").status_code == 403
    assert reader.get(f"{url}/pack/1/screen").status_code == 403
