"""``sar law``: the law as this program applies it, printed and checked."""

from __future__ import annotations

import json

import click

from sar.config import Settings, read_settings
from sar.domain.law_shown import law_as_shown
from sar.domain.statutes import Law
from sar.law import load, nations
from sar.law.checking import check_everything


@click.group()
def law() -> None:
    """The law as dated, cited data. Example: sar law show --nation scotland."""


@law.command("show")
@click.option("--nation", help="england, wales, scotland or northern-ireland (default: the one in sar.toml).")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
def show(nation: str | None, as_json: bool) -> None:  # noqa: FBT001 - click passes what the command line names
    """Limits, exemptions, routes and ages, with citations and what is uncertain.

    Example: sar law show --nation scotland
    """
    settings = read_settings()
    sections = law_as_shown(_law(nation or settings.nation, settings))
    if as_json:
        rows = [
            row.as_report() | {"section": section.heading} for section in sections for row in section.rows
        ]
        click.echo(json.dumps(rows, ensure_ascii=False))
        return
    for section in sections:
        click.echo(f"\n{section.heading}\n{'=' * len(section.heading)}")
        for row in section.rows:
            marks = [
                *(["uncertain: can be changed by a setting"] if row.uncertain else []),
                *(["changed by a setting"] if row.overridden else []),
            ]
            click.echo(f"\n{row.title} ({row.code})" + (f"  [{'; '.join(marks)}]" if marks else ""))
            for words in row.says:
                click.echo(f"  {words}")
            since = f", from {row.in_force_from.isoformat()}" if row.in_force_from else ""
            until = f" until {row.in_force_until.isoformat()}" if row.in_force_until else ""
            click.echo(f"  {row.citation}{since}{until}")


@law.command("check")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
def check(as_json: bool) -> None:  # noqa: FBT001 - click passes what the command line names
    """Read every nation's law and refuse what contradicts itself. Example: sar law check."""
    settings = read_settings()
    for code in nations_known():
        found = check_everything(_law(code, settings))
        if as_json:
            click.echo(json.dumps({"nation": code, **found}))
        else:
            click.echo(f"ok  {code}: " + ", ".join(f"{count} {kind}" for kind, count in found.items()))


def nations_known() -> tuple[str, ...]:
    """Every nation the law files have."""
    from sar.law import DATA  # noqa: PLC0415 - a constant that only this command needs

    return tuple(nations(DATA))


def _law(nation: str, settings: Settings) -> Law:
    # What an installation changed, it changed for its own nation.
    home = load(settings.nation, overrides=settings.law)
    return home if nation in {settings.nation, home.nation.code} else load(nation)
