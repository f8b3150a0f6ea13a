"""``sar stores``: whether each store answers, whose it is, and by what agreement it may be read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import click

from sar.config import read_settings
from sar.domain.calendar import uk_day
from sar.domain.errors import InvalidInput, StoreFault

if TYPE_CHECKING:
    from sar.ports.gathering import Store
    from sar.services.store_list import StoreLine


@click.group()
def stores() -> None:
    """The systems that are asked. Example: sar stores check."""


@stores.command("check")
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
def check(name: str | None, as_json: bool) -> None:  # noqa: FBT001
    """Ask each store whether it answers as its contract says, and say whose it is. Example: sar stores check.

    A store of another controller without an agreement in force is signposted, and never asked.
    """
    from sar.bootstrap import House  # noqa: PLC0415 - it loads every part of the program

    house = House(read_settings())
    lines = {line.name: line for line in house.store_list.rows(on=uk_day(house.clock()))}
    rows = [
        _row(store, lines[store.description.name])
        for store in house.stores
        if name in {None, store.description.name}
    ]
    if not rows:
        raise InvalidInput(
            "There is no such store.", next_step="Name one of those in the stores file.", field="name"
        )
    for row in rows:
        click.echo(json.dumps(row) if as_json else _words(row))
    if not all(row["ok"] for row in rows):
        raise click.exceptions.Exit(1)


def _row(store: Store, line: StoreLine) -> dict[str, object]:
    row: dict[str, object] = {
        "store": line.name, "ok": True, "words": "", "label": line.label, "kind": line.kind,
        "controller": line.controller, "asked": line.may_ask and not line.suspended, "agreement": line.agreement,
        "agreed_on": line.agreed_on.isoformat() if line.agreed_on else None,
        "ends_on": line.ends_on.isoformat() if line.ends_on else None, "in_force": line.in_force,
        "owner": line.owner, "suspended": line.suspended, "class": line.data_class,
    }  # fmt: skip
    if not line.may_ask:
        return row | {"words": f"{line.label}: signposted, never asked."}
    if line.suspended:
        return row | {"words": f"{line.label}: suspended, not asked for now. {line.suspended}"}
    try:
        return row | {"words": store.check()}
    except StoreFault as fault:
        return row | {"ok": False, "words": f"{fault.message} {fault.next_step}"}


def _words(row: dict[str, object]) -> str:
    mark = "ok " if row["ok"] else "NO "
    whose = str(row["controller"])
    if row["agreement"]:
        until = f" to {row['ends_on']}" if row["ends_on"] else ""
        state = "in force" if row["in_force"] else "not in force"
        whose += f", {row['agreement']} ({state}, from {row['agreed_on']}{until})"
    owner = f"kept by {row['owner']}" if row["owner"] else "no keeper named"
    held = f"{row['class']} information" if row["class"] else "class of information not said"
    return f"{mark} {row['store']}: {row['words']}\n     {row['kind']}; {whose}; {owner}; {held}"
