"""Accounts of the people who work here: made and shut from the command line, by whoever runs the machine."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from dataclasses import dataclass

import pyotp

from sar.bootstrap import House, present
from sar.domain.errors import InvalidInput
from sar.domain.parties import StaffRole
from sar.ports.access import NewStaff

ROLES = {role.name.lower().replace("_", "-"): role for role in StaffRole}
"""The words of the command line for each role."""
ISSUER = "Records requests"


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """What a new member of staff needs once. It is kept nowhere else."""

    username: str
    password: str
    otpauth: str
    """For an authenticator: the address that its QR code holds."""


def add_staff(house: House, *, username: str, name: str, roles: Iterable[str]) -> Handover:
    """Make an account with a password and a second factor of chance.

    :raises AlreadyDone: the username is taken.
    """
    if not name.strip():
        raise InvalidInput(
            "The account has no name.", next_step="Give the name colleagues see, with --name.", field="name"
        )
    password, secret = "-".join(secrets.token_hex(4) for _ in range(4)), pyotp.random_base32()
    new = NewStaff(
        username=username.strip(), name=" ".join(name.split()), password=password, totp_secret=secret,
        roles=frozenset(ROLES[role] for role in roles),
    )  # fmt: skip
    house.accounts.add_staff(new, at=present())
    otpauth = pyotp.TOTP(secret).provisioning_uri(name=new.username, issuer_name=ISSUER)
    return Handover(username=new.username, password=password, otpauth=otpauth)


def disable_staff(house: House, username: str) -> None:
    """Shut an account out at once: its sessions end, and nobody signs in with it again.

    :raises NotFound: there is no such account.
    """
    house.accounts.disable_staff(house.accounts.staff_named(username))
