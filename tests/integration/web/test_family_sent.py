"""After sending: nothing is granted to an address, and nothing written to it, before its code was entered."""

from __future__ import annotations

from dataclasses import replace

import pytest

from sar.domain.errors import EnvironmentFault, WithheldTextFound
from sar.domain.parties import PROGRAM
from sar.ports.disclosing import Letter
from sar.services.correspondence import NewLetter
from tests.fakes import web
from tests.integration.web.test_family_ask import CONTACT, answer_all

HERE = f"/requests/{web.REFERENCE}"
RIGHT, MISTYPED = CONTACT["email"], "leane@example.org"


@pytest.fixture(autouse=True)
def only_two_legs(site_parts) -> None:
    """The request these tests send has two legs, as the read model shows it."""
    site_parts.page = replace(
        site_parts.page,
        legs=(web.leg_page(1, "Leanne Hartley"), web.leg_page(2, "Isla Hartley", due_on=None)),
    )


def sent(client, **contact: str) -> None:
    answer_all(client, **contact)
    assert web.send(client, "/ask/check").headers["Location"] == "/ask/sent"


def receipt(client) -> str:
    return client.get("/ask/sent").get_data(as_text=True)


def acknowledged(parts) -> list[NewLetter]:
    return [args[1] for name, args, _ in parts.services.correspondence.calls if name == "send"]


def nobody_can_see(parts, email: str) -> bool:
    letters = len(parts.post.letters)
    browser = web.make_app(parts).test_client()
    browser.environ_base |= {"wsgi.url_scheme": "https", "HTTP_HOST": "localhost"}
    web.send(browser, "/sign-in", email=email)
    return len(parts.post.letters) == letters  # Unknown to the sign-in: no code goes out.


def test_the_request_counts_at_once_and_the_address_when_its_code_was_entered(site_parts, client) -> None:
    sent(client)
    assert len(site_parts.services.intake.named("receive")) == 1
    (letter,) = site_parts.post.letters
    assert letter.address == RIGHT
    assert str(web.REFERENCE) not in " ".join((letter.subject, *letter.paragraphs))
    assert acknowledged(site_parts) == []
    assert nobody_can_see(site_parts, RIGHT)
    page = receipt(client)
    assert str(web.REFERENCE) in page
    assert "Friday 20 November 2026" in page
    code = web.newest_code(site_parts)
    assert web.send(client, "/ask/sent", code=code).headers["Location"] == "/ask/sent"
    assert "Your e-mail address works" in receipt(client)
    follow = client.get(HERE).get_data(as_text=True)
    assert "Leanne Hartley" in follow
    assert "Isla Hartley" in follow
    (call,) = site_parts.services.standing.named("set_contact")
    assert call["contact"].email == RIGHT
    assert call["contact"].do_not == CONTACT["do_not"]


def test_the_address_may_follow_from_another_browser_later(site_parts, client, new_client) -> None:
    sent(client)
    web.send(client, "/ask/sent", code=web.newest_code(site_parts))
    later = new_client()
    web.sign_in_family(site_parts, later, RIGHT)
    assert "Leanne Hartley" in later.get(HERE).get_data(as_text=True)


def test_the_owner_of_a_mistyped_address_sees_nothing(site_parts, client, new_client) -> None:
    sent(client, email=MISTYPED)
    code, stranger = web.newest_code(site_parts), new_client()
    # They read the message, and try what they got in a browser of their own, every way there is.
    for url in ("/ask/sent", "/sign-in/code"):
        web.send(stranger, url, code=code)
    web.send(stranger, "/ask/contact", email=MISTYPED)
    web.send(stranger, "/ask/sent", code=code)
    web.send(stranger, "/sign-in", email=MISTYPED)
    assert web.send(stranger, "/sign-in/code", code=code).status_code == 422
    assert stranger.get(HERE).headers["Location"] == "/sign-in"
    assert str(web.REFERENCE) not in receipt(stranger)
    assert acknowledged(site_parts) == []
    assert [letter.kind for letter in site_parts.post.letters] == ["sign-in-code"]


def test_a_mistyped_address_is_put_right_and_gets_nothing_ever(site_parts, client) -> None:
    sent(client, email=MISTYPED)
    old = web.newest_code(site_parts)
    assert MISTYPED in client.get("/ask/sent/address").get_data(as_text=True)
    assert web.send(client, "/ask/sent/address", email=RIGHT).headers["Location"] == "/ask/sent"
    assert site_parts.post.letters[-1].address == RIGHT
    assert web.send(client, "/ask/sent", code=old).status_code == 422
    assert web.send(client, "/ask/sent", code=web.newest_code(site_parts)).status_code == 303
    (letter,) = acknowledged(site_parts)
    assert (letter.kind, letter.leg) == ("acknowledgement", 1)
    assert nobody_can_see(site_parts, MISTYPED)
    assert site_parts.services.standing.named("set_contact")[-1]["contact"].email == RIGHT
    assert len(site_parts.services.intake.named("receive")) == 1


def test_a_code_proves_only_the_address_it_was_sent_to(site_parts, client) -> None:
    """A code asked for one's own address at the sign-in must not open a request sent for another's."""
    web.grant(site_parts, 1, email="own@example.org")
    sent(client, email=MISTYPED)
    web.send(client, "/sign-in", email="own@example.org")
    assert web.send(client, "/ask/sent", code=web.newest_code(site_parts)).status_code == 422
    assert nobody_can_see(site_parts, MISTYPED)


def test_a_code_for_the_receipt_works_once_for_ten_minutes_and_five_guesses(site_parts, client) -> None:
    sent(client)
    right = web.newest_code(site_parts)
    site_parts.later(minutes=10, seconds=1)
    assert web.send(client, "/ask/sent", code=right).status_code == 422
    web.send(client, "/ask/sent/address", email=RIGHT)
    right = web.newest_code(site_parts)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _ in range(5):
        page = web.send(client, "/ask/sent", code=wrong)
        assert page.status_code == 422
        assert str(web.REFERENCE) in page.get_data(as_text=True)  # The receipt stays in sight.
    assert web.send(client, "/ask/sent", code=right).status_code == 422


@pytest.mark.parametrize(
    ("code", "message"), [("", "Enter the 6 numbers"), ("12a", "The code has 6 numbers")]
)
def test_a_bad_code_is_explained(client, code, message) -> None:
    sent(client)
    answer = web.send(client, "/ask/sent", code=code)
    assert answer.status_code == 422
    assert message in answer.get_data(as_text=True)


@pytest.mark.parametrize(("email", "message"), [("", "Enter an e-mail"), ("ada@", "like name@example.com")])
def test_a_bad_new_address_is_explained(client, email, message) -> None:
    sent(client)
    answer = web.send(client, "/ask/sent/address", email=email)
    assert answer.status_code == 422
    assert message in answer.get_data(as_text=True)


def test_a_code_that_cannot_be_sent_loses_no_request(site_parts, client, monkeypatch) -> None:
    def full(_letter: Letter, *, at: object) -> str:
        raise EnvironmentFault(f"No room at {at}.", next_step="Free some space.")

    monkeypatch.setattr(site_parts.post, "send", full)
    sent(client)
    page = receipt(client)
    assert "We could not send a code" in page
    assert str(web.REFERENCE) in page
    monkeypatch.undo()
    web.send(client, "/ask/sent/address", email=RIGHT)
    assert "We have sent a code" in receipt(client)


def test_codes_to_one_address_are_counted_and_the_receipt_stays(site_parts, client) -> None:
    sent(client)
    for _ in range(6):
        web.send(client, "/ask/sent/address", email=RIGHT)
    assert len(site_parts.post.letters) == 5
    assert "We could not send a code" in receipt(client)


def test_without_an_e_mail_address_nothing_is_sent(site_parts, client) -> None:
    sent(client, email="", phone="01632 960 123")
    page = receipt(client)
    assert "Note down the reference" in page
    assert str(web.REFERENCE) in page
    assert site_parts.post.letters == []
    assert acknowledged(site_parts) == []
    assert 'name="code"' not in page
    assert web.send(client, "/ask/sent", code="123456").status_code == 303


def test_who_is_signed_in_with_the_address_needs_no_second_code(site_parts, as_family) -> None:
    client = as_family(1, email=RIGHT)
    codes = len(site_parts.post.letters)
    sent(client, email=RIGHT.upper())
    assert len(site_parts.post.letters) == codes
    assert "Your e-mail address works" in receipt(client)
    (request,) = (args[0] for name, args, _ in site_parts.services.intake.calls if name == "receive")
    assert request.legs[0].recipient.contact.email == RIGHT.upper()
    assert [letter.kind for letter in acknowledged(site_parts)] == ["acknowledgement"]


def test_signing_in_with_one_address_proves_no_other(site_parts, as_family) -> None:
    client = as_family(1, email="own@example.org")
    sent(client, email=MISTYPED)
    assert acknowledged(site_parts) == []
    assert nobody_can_see(site_parts, MISTYPED)


def test_complaints_and_corrections_are_acknowledged_once_by_the_program(site_parts, as_family) -> None:
    client = as_family(1)
    web.send(client, f"{HERE}/complain", route="nhs", about="The alert", words="Nobody told me of the alert.")
    web.send(client, f"{HERE}/correct", what_is_wrong="The alert is wrong.", what_it_should_say="In error.")
    complaint, correction = acknowledged(site_parts)
    assert (complaint.kind, complaint.complaint) == ("complaint-acknowledgement", "c0ffee000001")
    assert (correction.kind, correction.correction) == ("correction-acknowledgement", "c0ffee000002")
    sent_by = site_parts.services.correspondence.named("send")
    assert [call["by"] for call in sent_by] == [PROGRAM, PROGRAM]
    assert all(call["once"] for call in sent_by)


@pytest.mark.parametrize("fault", [WithheldTextFound, EnvironmentFault])
def test_a_letter_that_cannot_leave_loses_no_complaint(site_parts, as_family, fault) -> None:
    client = as_family(1)
    site_parts.services.correspondence.refusals["send"] = fault("No.", next_step="Wait.")
    answer = web.send(client, f"{HERE}/complain", route="nhs", about="Tone", words="Unkind.")
    assert answer.headers["Location"].endswith("/complaints/c0ffee000001")
    assert len(site_parts.services.complaints.named("open")) == 1
