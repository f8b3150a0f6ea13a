"""Getting in: codes, passwords and second factors, and how long a session lives."""

from __future__ import annotations

import re

import pytest

from sar.domain.parties import StaffRole
from sar.domain.references import StaffId
from tests.fakes import web


def text(answer) -> str:
    """A page without what differs in every browser."""
    return re.sub(r'value="[0-9a-f]{64}"', "", answer.get_data(as_text=True))


def test_a_family_signs_in_with_the_code_from_the_letter(site_parts, client) -> None:
    web.grant(site_parts, 1)
    assert web.send(client, "/sign-in", email=" LEANNE@example.org ").headers["Location"] == "/sign-in/code"
    letter = site_parts.post.letters[0]
    assert letter.address == "LEANNE@example.org"
    assert (
        web.send(client, "/sign-in/code", code=web.newest_code(site_parts)).headers["Location"] == "/requests"
    )
    assert client.get(f"/requests/{web.REFERENCE}").status_code == 200


def test_a_known_and_an_unknown_address_get_the_same_answers(site_parts, new_client) -> None:
    web.grant(site_parts, 1)
    answers = []
    for address in (web.FAMILY_EMAIL, "nobody@example.org"):
        client = new_client()
        asked = web.send(client, "/sign-in", email=address)
        guessed = web.send(client, "/sign-in/code", code="000000")
        answers.append((asked.status_code, asked.headers["Location"], text(client.get("/sign-in/code")),
                        guessed.status_code, text(guessed)))  # fmt: skip
    assert answers[0] == answers[1]
    assert len(site_parts.post.letters) == 1


def test_a_code_works_once(site_parts, client, new_client) -> None:
    web.grant(site_parts, 1)
    web.send(client, "/sign-in", email=web.FAMILY_EMAIL)
    code = web.newest_code(site_parts)
    assert web.send(client, "/sign-in/code", code=code).status_code == 303
    assert web.send(client, "/sign-in/code", code=code).status_code == 422


def test_a_code_works_only_in_the_browser_that_asked(site_parts, client, new_client) -> None:
    web.grant(site_parts, 1)
    web.send(client, "/sign-in", email=web.FAMILY_EMAIL)
    code, other = web.newest_code(site_parts), new_client()
    assert web.send(other, "/sign-in/code", code=code).status_code == 422
    web.send(other, "/sign-in", email="someone@example.org")
    assert web.send(other, "/sign-in/code", code=code).status_code == 422
    assert web.send(client, "/sign-in/code", code=code).status_code == 303


def test_a_code_dies_after_ten_minutes(site_parts, client) -> None:
    web.grant(site_parts, 1)
    web.send(client, "/sign-in", email=web.FAMILY_EMAIL)
    site_parts.later(minutes=10, seconds=1)
    assert web.send(client, "/sign-in/code", code=web.newest_code(site_parts)).status_code == 422


def test_opening_the_code_page_uses_nothing_up(site_parts, client) -> None:
    web.grant(site_parts, 1)
    web.send(client, "/sign-in", email=web.FAMILY_EMAIL)
    for _ in range(3):
        client.get("/sign-in/code")
        client.head("/sign-in/code")
    assert web.send(client, "/sign-in/code", code=web.newest_code(site_parts)).status_code == 303


def test_after_five_wrong_guesses_even_the_right_code_is_dead(site_parts, client) -> None:
    web.grant(site_parts, 1)
    web.send(client, "/sign-in", email=web.FAMILY_EMAIL)
    right = web.newest_code(site_parts)
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    for _ in range(5):
        assert web.send(client, "/sign-in/code", code=wrong).status_code == 422
    assert web.send(client, "/sign-in/code", code=right).status_code == 422


def test_the_sixth_code_for_an_address_in_an_hour_is_refused(site_parts, new_client, as_family) -> None:
    already_in = as_family(1)  # The first code of the hour.
    for _ in range(4):
        assert web.send(new_client(), "/sign-in", email=web.FAMILY_EMAIL).status_code == 303
    answer = web.send(new_client(), "/sign-in", email=web.FAMILY_EMAIL)
    assert answer.status_code == 429
    assert "Wait" in answer.get_data(as_text=True)
    assert already_in.get("/requests").status_code == 303  # To the one request: still signed in.
    site_parts.later(hours=1, minutes=1)
    assert web.send(new_client(), "/sign-in", email=web.FAMILY_EMAIL).status_code == 303


def test_staff_need_password_and_second_factor_together(site_parts, client) -> None:
    secret = web.add_staff(site_parts, StaffRole.OFFICER)
    right = web.pyotp.TOTP(secret).at(site_parts.now)
    for values in (
        {"username": "officer", "password": "wrong-password-here", "code": right},
        {"username": "officer", "password": web.PASSWORD, "code": "000000"},
        {"username": "nobody", "password": web.PASSWORD, "code": right},
    ):
        answer = web.send(client, "/staff/sign-in", **values)
        assert answer.status_code == 422
        assert "We could not sign you in." in answer.get_data(as_text=True)
        assert web.PASSWORD not in answer.get_data(as_text=True)
    assert web.sign_in_staff(site_parts, client, secret).status_code == 303


def test_a_second_factor_code_works_once(site_parts, new_client) -> None:
    secret = web.add_staff(site_parts, StaffRole.OFFICER)
    assert web.sign_in_staff(site_parts, new_client(), secret).status_code == 303
    assert web.sign_in_staff(site_parts, new_client(), secret).status_code == 422
    site_parts.later(seconds=30)
    assert web.sign_in_staff(site_parts, new_client(), secret).status_code == 303


def test_the_eleventh_staff_try_in_a_quarter_of_an_hour_is_refused(site_parts, client, new_client) -> None:
    secret = web.add_staff(site_parts, StaffRole.OFFICER)
    wrong = {"username": "officer", "password": "not-it-at-all", "code": "123456"}
    for _ in range(10):
        assert web.send(new_client(), "/staff/sign-in", **wrong).status_code == 422
    assert web.sign_in_staff(site_parts, client, secret).status_code == 429


@pytest.mark.parametrize(("minutes", "status"), [(14, 200), (16, 303)])
def test_staff_are_signed_out_after_fifteen_idle_minutes(site_parts, as_staff, minutes, status) -> None:
    client = as_staff(StaffRole.OFFICER)
    site_parts.later(minutes=minutes)
    assert ("Sign out" in client.get("/glossary").get_data(as_text=True)) is (status == 200)


@pytest.mark.parametrize(("minutes", "inside"), [(29, True), (31, False)])
def test_families_are_signed_out_after_thirty_idle_minutes(site_parts, as_family, minutes, inside) -> None:
    client = as_family(1)
    site_parts.later(minutes=minutes)
    assert (client.get(f"/requests/{web.REFERENCE}").status_code == 200) is inside


def test_nobody_stays_in_longer_than_eight_hours(site_parts, as_family) -> None:
    client = as_family(1)
    for _ in range(23):
        site_parts.later(minutes=20)
        assert client.get(f"/requests/{web.REFERENCE}").status_code == 200
    site_parts.later(minutes=21)
    assert client.get(f"/requests/{web.REFERENCE}").status_code == 303


def token_of(client) -> str:
    return client.get_cookie("__Host-sid", domain="localhost").value


def test_signing_in_changes_the_token_and_kills_the_old_one(site_parts, client, new_client) -> None:
    web.grant(site_parts, 1)
    web.send(client, "/sign-in", email=web.FAMILY_EMAIL)
    before = token_of(client)
    web.send(client, "/sign-in/code", code=web.newest_code(site_parts))
    assert token_of(client) != before
    thief = new_client()
    thief.set_cookie("__Host-sid", before, domain="localhost", secure=True)
    assert thief.get("/requests").headers["Location"] == "/sign-in"


def test_a_copied_cookie_dies_with_sign_out(as_family, new_client) -> None:
    client, thief = as_family(1), new_client()
    thief.set_cookie("__Host-sid", token_of(client), domain="localhost", secure=True)
    assert thief.get(f"/requests/{web.REFERENCE}").status_code == 200
    assert web.send(client, "/sign-out").status_code == 303
    assert thief.get(f"/requests/{web.REFERENCE}").headers["Location"] == "/sign-in"


def test_a_disabled_account_is_out_at_once(site_parts, as_staff) -> None:
    client = as_staff(StaffRole.OFFICER)
    with site_parts.engine.connect() as connection:
        name = connection.exec_driver_sql("SELECT id FROM staff_accounts").scalar_one()
    site_parts.accounts.disable_staff(StaffId(name))
    assert "Sign out" not in client.get("/glossary").get_data(as_text=True)


def test_a_withdrawn_leg_is_gone_at_the_next_page(site_parts, as_family) -> None:
    client = as_family(1, 2)
    assert "Marcus Hartley" in client.get(f"/requests/{web.REFERENCE}").get_data(as_text=True)
    site_parts.accounts.withdraw_family(email=web.FAMILY_EMAIL, case=web.CASE, leg=2)
    assert "Marcus Hartley" not in client.get(f"/requests/{web.REFERENCE}").get_data(as_text=True)


def test_the_draft_request_comes_along_when_a_family_signs_in(site_parts, client) -> None:
    web.grant(site_parts, 1)
    web.send(client, "/ask/contact", email="new@example.org")
    web.sign_in_family(site_parts, client)
    assert "new@example.org" in client.get("/ask/contact").get_data(as_text=True)
