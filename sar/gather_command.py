"""``sar gather``: ask the stores for one case, watch them answer, try what there is, print what was searched."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from sar.config import read_settings
from sar.domain.references import CaseReference

if TYPE_CHECKING:
    from sar.bootstrap import House


@click.command()
@click.argument("case")
@click.option("--watch", is_flag=True, help="Stay until every store has answered; exit 1 when some did not.")
@click.option("--only-missing", is_flag=True, help="A new round that asks only what is still open.")
@click.option("--dry-run", is_flag=True, help="Is anything held, and how much? Nothing is fetched.")
@click.option(
    "--log", "print_log", is_flag=True, help="What was searched, with what, when and by whose order."
)
@click.option("--by", default="", help="The username of the officer who orders it: the log names them.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
def gather(
    case: str, *, watch: bool, only_missing: bool, dry_run: bool, print_log: bool, by: str, as_json: bool
) -> None:
    """Ask every store for one case. A worker does the asking. Example: sar gather SA-2026-0001 --watch."""
    from sar.bootstrap import House  # noqa: PLC0415 - it loads every part of the program

    house, reference = House(read_settings()), CaseReference(case)
    if print_log:
        _print_log(house, reference, as_json=as_json)
    elif dry_run:
        _print_estimate(house, reference, as_json=as_json)
    else:
        _begin(house, reference, watch=watch, only_missing=only_missing, by=by, as_json=as_json)


def _begin(
    house: House, reference: CaseReference, *, watch: bool, only_missing: bool, by: str, as_json: bool
) -> None:
    from sar.demonstration import gathering  # noqa: PLC0415 - it loads every part of the program

    begun = gathering.begin_gathering(house, reference, only_missing=only_missing, by=by)
    click.echo(begun, err=as_json)
    if not watch:
        click.echo(
            "A worker does the asking: start one with `sar worker`, or the site with `sar serve`.",
            err=as_json,
        )
        return
    looks = gathering.watched(house, reference)
    if as_json or not sys.stdout.isatty():
        last = gathering.tell(looks, click.echo, as_json=as_json)
        click.echo(gathering.totals(last), err=as_json)
    else:
        last = gathering.draw(looks, lambda text: click.echo(text, nl=False))
    if last.state != "complete" or last.gaps:
        raise click.exceptions.Exit(1)


def _print_estimate(house: House, reference: CaseReference, *, as_json: bool) -> None:
    from sar.demonstration.gathering import plain_json  # noqa: PLC0415 - it loads every part of the program

    house.require_controller()
    rows = house.services.gathering.estimate(house.archive.find(reference), at=house.clock())
    for row in rows:
        about = "" if row.is_exact else "about "
        held = f": {about}{row.records} records" if row.records else ""
        size = f", {row.megabytes:.1f} MB" if row.megabytes else ""
        near = f", {row.near_names} people with nearly the same name" if row.near_names else ""
        new = "" if row.changed is None else f", {row.changed} changed since the last gathering"
        click.echo(
            plain_json(row)
            if as_json
            else f"  {row.store_label} ({row.subject}): {row.kind.value}{held}{size}{near}{new}"
        )
    if not as_json:
        click.echo(f"{sum(r.records for r in rows)} records in all; nothing was fetched.")


def _print_log(house: House, reference: CaseReference, *, as_json: bool) -> None:
    from sar.demonstration.gathering import plain_json  # noqa: PLC0415 - it loads every part of the program

    log = house.services.gathering.search_log(reference)
    if as_json:
        click.echo(plain_json(log))
        return
    click.echo(
        f"Round {log.round} of {log.reference}, begun {log.began_at:%Y-%m-%d %H:%M} by {log.began_by}."
    )
    for row in log.rows:
        until = f" to {row.ended_at:%H:%M:%S}" if row.ended_at else ""
        click.echo(f"  {row.label} ({row.controller}): {row.answer}, {row.records} records")
        click.echo(f"    about {row.subject}; asked {row.asked_at:%Y-%m-%d %H:%M:%S}{until}")
        click.echo(f"    by {', '.join(row.searched_by) or 'nothing: it was not asked'}")
        for one in row.attempts:
            taken = (
                f"taken over from round {one.carried_from}" if one.carried_from else f"attempt {one.attempt}"
            )
            click.echo(f"    round {one.round}, {taken}, {one.at:%Y-%m-%d %H:%M}, by {one.by}: {one.answer}")
