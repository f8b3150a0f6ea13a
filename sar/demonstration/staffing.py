"""Accounts of the people who work here: made and shut from the command line, by whoever runs the machine."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from sar.config import read_settings
from sar.domain.errors import InvalidInput
from sar.domain.parties import StaffRole
from sar.domain.references import StoreName

if TYPE_CHECKING:
    from sar.bootstrap import House

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


@click.group()
def staff() -> None:
    """Accounts of the people who work here.

    Example: sar staff add p.nair --name "Priya Nair" --role officer
    """


@staff.command("add")
@click.argument("username")
@click.option("--name", required=True, help="The name that colleagues see.")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice(list(ROLES)),
    help="What they do here; may be given again.",
)  # fmt: skip
@click.option(
    "--store", "stores", multiple=True, help="A store that a record-holder keeps; may be given again."
)
@click.option(
    "--controller", "controllers", multiple=True,
    help="A body they act for, when it is not the house's own; may be given again.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
def add(
    username: str,
    *,
    name: str,
    roles: tuple[str, ...],
    stores: tuple[str, ...],
    controllers: tuple[str, ...],
    as_json: bool,
) -> None:
    """Make an account; its password and second factor are shown this once.

    Example: sar staff add p.nair --name "Priya Nair" --role officer --role complaints
    """
    made = add_staff(
        _house(), username=username, name=name, roles=roles, stores=stores, controllers=controllers
    )
    if as_json:
        said = {"username": made.username, "password": made.password, "otpauth": made.otpauth}
        click.echo(json.dumps(said))
        return
    click.echo(f"Account {made.username} is made. Hand these over now: they are not shown again.")
    click.echo(f"  password:      {made.password}")
    click.echo(f"  second factor: {made.otpauth}")


@staff.command("disable")
@click.argument("username")
def disable(username: str) -> None:
    """Shut an account at once, with its open sessions. Example: sar staff disable p.nair."""
    disable_staff(_house(), username)
    click.echo(f"The account {username} is shut, and its sessions have ended.")


def add_staff(
    house: House, *, username: str, name: str, roles: Iterable[str], stores: Iterable[str] = (),
    controllers: Iterable[str] = (),
) -> Handover:  # fmt: skip
    """Make an account with a password and a second factor of chance.

    :param stores: the stores that a record holder keeps.
    :param controllers: the bodies they act for; none: the house's own.
    :raises AlreadyDone: the username is taken.
    :raises InvalidInput: a controller or a store is not set up, or a keeper of records has none.
    """
    import pyotp  # noqa: PLC0415 - keeps the other commands quick

    from sar.installation import present  # noqa: PLC0415 - it loads every part of the program
    from sar.ports.access import NewStaff  # noqa: PLC0415

    if not name.strip():
        raise InvalidInput(
            "The account has no name.", next_step="Give the name colleagues see, with --name.", field="name"
        )
    password, secret = "-".join(secrets.token_hex(4) for _ in range(4)), pyotp.random_base32()
    acts_for = frozenset(body.strip() for body in controllers)
    _require_known(house, acts_for)
    kept = frozenset(StoreName(store) for store in stores)
    if unknown := sorted(kept - {s.description.name for s in house.stores} if kept else ()):
        raise InvalidInput(
            f"There is no store called {unknown[0]}.",
            next_step="List them with `sar stores check`.",
            field="store",
        )
    new = NewStaff(
        username=username.strip(), name=" ".join(name.split()), password=password, totp_secret=secret,
        roles=frozenset(ROLES[role] for role in roles), stores=kept, controllers=acts_for,
    )  # fmt: skip
    house.accounts.add_staff(new, at=present())
    otpauth = pyotp.TOTP(secret).provisioning_uri(name=new.username, issuer_name=ISSUER)
    return Handover(username=new.username, password=password, otpauth=otpauth)


def _require_known(house: House, controllers: frozenset[str]) -> None:
    known = house.own_controllers | {s.description.controller for s in house.stores} if controllers else ()
    if unknown := sorted(controllers - frozenset(known)):
        raise InvalidInput(
            f"No store and no setting names a controller called {unknown[0]}.",
            next_step=f"Write it as the settings do: {', '.join(sorted(known)) or 'none is set up'}.",
            field="controller",
        )


def disable_staff(house: House, username: str) -> None:
    """Shut an account out at once: its sessions end, and nobody signs in with it again.

    :raises NotFound: there is no such account.
    """
    house.accounts.disable_staff(house.accounts.staff_named(username))


def _house() -> House:
    from sar.bootstrap import House  # noqa: PLC0415 - it loads every part of the program

    return House(read_settings())
