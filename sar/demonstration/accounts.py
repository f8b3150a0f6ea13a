"""Accounts to try the demonstration site with. Never made outside a demonstration."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from pathlib import Path

import pyotp

from sar.bootstrap import House
from sar.demonstration.by_hand import KEEPER
from sar.demonstration.changes import DATA_PROTECTION_OFFICER
from sar.demonstration.sample import SampleCase, read_toml
from sar.domain.errors import AlreadyDone, InvalidInput, NotAllowed
from sar.domain.parties import Actor, StaffRole
from sar.domain.references import StaffId
from sar.installation import present
from sar.ports.access import NewStaff
from sar.ports.keeping import CaseHead

FILE = "demo-staff.toml"
COMPLAINTS = Actor(id=StaffId("rosa-imani"), name="Rosa Imani", roles=frozenset({StaffRole.COMPLAINTS}))


def open_accounts(house: House, case: SampleCase, head: CaseHead, say: Callable[[str], None]) -> None:
    """Staff and family accounts for the demonstration site, told to whoever runs it."""
    at = present()
    for leg_number, leg in enumerate(case.request.legs, start=1):
        house.accounts.grant_family(
            email=leg.recipient.contact.email, case=head.id, reference=head.reference, leg=leg_number, at=at
        )
    file = house.settings.data_dir / FILE
    if not file.exists():
        _make_staff(house, [*case.staff.values(), COMPLAINTS, KEEPER, DATA_PROTECTION_OFFICER], file)
    families = sorted({leg.recipient.contact.email for leg in case.request.legs})
    say(
        "Sign in as family: " + " or ".join(families) + " (the code arrives as a letter in the outbox folder:"
    )
    say(f"  {house.settings.outbox_dir or house.settings.data_dir / 'outbox'})")
    say("Sign in as staff (user, password; the second factor: sar demo-code USER):")
    for user, entry in read_toml(file).items():
        say(f"  {user}  {entry['password']}  ({entry['roles']})")


def _make_staff(house: House, staff: list[Actor], file: Path) -> None:
    lines = ["# Written by `sar demo` for invented staff on this machine only."]
    for actor in staff:
        password, secret = "-".join(secrets.token_hex(3) for _ in range(3)), pyotp.random_base32()
        try:
            house.accounts.add_staff(
                NewStaff(
                    id=actor.id, username=str(actor.id), name=actor.name, password=password, totp_secret=secret,
                    roles=actor.roles, stores=actor.stores, controllers=actor.controllers,
                ),
                at=present(),
            )  # fmt: skip
        except AlreadyDone:
            continue
        roles = ", ".join(sorted(r.value for r in actor.roles))
        lines += [f"[{actor.id}]", f'password = "{password}"', f'secret = "{secret}"', f'roles = "{roles}"']
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as out:
        out.write("\n".join(lines) + "\n")


def demo_code(house: House, user: str) -> str:
    """The second factor of an invented member of staff, for want of a telephone in a demonstration."""
    if not house.settings.is_demonstration:
        raise NotAllowed(
            "Codes are shown in a demonstration only.",
            next_step="Use the authenticator the account was made with.",
        )
    staff = read_toml(house.settings.data_dir / FILE)
    if user not in staff:
        raise InvalidInput(
            "There is no such user in the demonstration.",
            next_step=f"Use one of: {', '.join(staff)}.",
            field="user",
        )
    return pyotp.TOTP(staff[user]["secret"]).now()
