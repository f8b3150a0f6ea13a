"""What the accounts keep, and that limits count exactly."""

from __future__ import annotations

import threading

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from sar.db.tables import metadata
from sar.domain.errors import AlreadyDone, InvalidInput
from sar.domain.parties import StaffRole
from sar.ports.access import Limit, NewStaff, SessionKind, SessionOver, TooManyAttempts
from tests.fakes import web

TOKEN = "t" * 43
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def test_nothing_that_names_or_admits_anybody_stands_in_the_database(site_parts, tmp_path, client) -> None:
    secret = web.add_staff(site_parts, StaffRole.OFFICER, username="canary-username")
    web.grant(site_parts, 1, email="canary-address@example.org")
    web.send(client, "/sign-in", email="canary-address@example.org")
    code = web.newest_code(site_parts)
    web.send(client, "/ask/contact", email="canary-draft@example.org", do_not="canary-do-not")
    token = client.get_cookie("__Host-sid", domain="localhost").value
    found = b"".join(file.read_bytes() for file in tmp_path.iterdir() if file.name.startswith("sar.db"))
    assert found
    # A six-digit code could stand there by chance inside a seal; its digest may not be the bare one.
    canaries = (
        secret,
        web.PASSWORD,
        "Priya Nair",
        token,
        "canary",
        web.sha256_of(code),
        web.sha256_of("officer"),
    )
    assert [word for word in canaries if word.encode() in found] == []


def test_a_limit_is_exact_over_many_threads(site_parts) -> None:
    limit, passed = Limit(kind="tried", most=20, window=web.timedelta(minutes=1)), []

    def work() -> None:
        for _ in range(10):
            try:
                site_parts.accounts.attempt(limit, "one", at=web.NOW)
                passed.append(1)
            except TooManyAttempts:
                continue

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 20


def test_limits_of_different_people_do_not_touch(site_parts) -> None:
    limit = Limit(kind="tried", most=1, window=web.timedelta(minutes=1))
    site_parts.accounts.attempt(limit, "one", at=web.NOW)
    site_parts.accounts.attempt(limit, "two", at=web.NOW)
    with pytest.raises(TooManyAttempts):
        site_parts.accounts.attempt(limit, "one", at=web.NOW)
    site_parts.accounts.attempt(limit, "one", at=web.NOW + web.timedelta(seconds=60))


def test_a_draft_needs_a_session(site_parts) -> None:
    with pytest.raises(SessionOver):
        site_parts.accounts.keep_draft(TOKEN, {"name": "x"})
    site_parts.accounts.open_session(token=TOKEN, kind=SessionKind.VISITOR, holder="", at=web.NOW)
    site_parts.accounts.keep_draft(TOKEN, {"name": "Zoë\n"})
    assert site_parts.accounts.draft(TOKEN) == {"name": "Zoë\n"}
    site_parts.accounts.close_session(TOKEN)
    assert site_parts.accounts.draft(TOKEN) == {}


def staff(**changes: object) -> NewStaff:
    values = {
        "username": "sam", "name": "Sam Obi", "password": "long-enough-words", "totp_secret": SECRET,
        "roles": frozenset({StaffRole.OFFICER}),
    }  # fmt: skip
    return NewStaff(**{**values, **changes})


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password": "short"}, "password"),
        ({"password": "SAM-and-more-words"}, "password"),
        ({"totp_secret": "ABCD"}, "totp_secret"),
        ({"totp_secret": "not base32 at all!"}, "totp_secret"),
        ({"roles": frozenset()}, "username"),
        ({"username": " "}, "username"),
    ],
)
def test_a_weak_account_is_refused(site_parts, change, field) -> None:
    with pytest.raises(InvalidInput) as refusal:
        site_parts.accounts.add_staff(staff(**change), at=web.NOW)
    assert refusal.value.field == field


def test_a_username_is_taken_once_whatever_its_capitals(site_parts) -> None:
    site_parts.accounts.add_staff(staff(), at=web.NOW)
    with pytest.raises(AlreadyDone):
        site_parts.accounts.add_staff(staff(username="SAM "), at=web.NOW)


def test_granting_twice_is_one_grant_and_the_address_can_be_read_back(site_parts) -> None:
    web.grant(site_parts, 1)
    web.grant(site_parts, 1, email="Leanne@Example.org")
    issued = None
    site_parts.accounts.open_session(token=TOKEN, kind=SessionKind.VISITOR, holder="", at=web.NOW)
    issued = site_parts.accounts.new_code(token=TOKEN, email=web.FAMILY_EMAIL, at=web.NOW)
    holder = site_parts.accounts.use_code(token=TOKEN, code=issued.code, at=web.NOW)
    assert [grant.leg for grant in site_parts.accounts.grants(holder)] == [1]
    assert site_parts.accounts.address_of(holder) == web.FAMILY_EMAIL


def test_the_migrations_make_exactly_these_tables(site_parts) -> None:
    with site_parts.engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    assert {"staff_accounts", "family_grants", "sessions", "one_time_codes", "attempts"} <= set(
        metadata.tables
    )
