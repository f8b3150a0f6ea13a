"""``sar kit``: what the owner of a system needs to join in a day: an example, the rules, and a check."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from sar import kit_check
from sar.config import shipped
from sar.domain.errors import EnvironmentFault, InvalidInput


@click.group()
def kit() -> None:
    """For owners of other systems: how to be asked. Example: sar kit write our-kit."""


@kit.command("write")
@click.argument("folder", type=click.Path(path_type=Path))
def write(folder: Path) -> None:
    """Write a folder that explains itself: plain words, an example server, golden answers, a check.

    It needs nothing but Python 3.11 where it is used. Example: sar kit write our-kit.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InvalidInput(
            f"{folder} is there already and not empty.", next_step="Name a new folder.", field="folder"
        )
    try:
        shutil.copytree(
            shipped("sample_data") / "kit",
            folder,
            dirs_exist_ok=True,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
        shutil.copyfile(Path(kit_check.__file__), folder / "check.py")
    except OSError as fault:
        raise EnvironmentFault(
            f"The folder {folder} cannot be written ({fault.strerror}).",
            next_step="Name one you may write to.",
        ) from fault
    click.echo(f"The kit is in {folder}. Begin with {folder / 'README.md'}.")


@kit.command("check")
@click.argument("url")
@click.option(
    "--token-url", default="", help=f"Where a token is had; the secret is read from ${kit_check.SECRET}."
)
@click.option("--client-id", default="", help="The client that may have one.")
@click.option("--number", default="", help="An invented person's number that it holds, like nhs=9990000018.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
def check(url: str, token_url: str, client_id: str, number: str, as_json: bool) -> None:  # noqa: FBT001
    """Ask a running service whether it keeps every rule of the contract; exit 1 when one is broken.

    Example: sar kit check http://127.0.0.1:8080 --number nhs=9990000018
    """
    try:
        subject = kit_check.subject_of(url, token_url=token_url, client_id=client_id, number=number)
    except kit_check.KitProblem as fault:
        raise InvalidInput(
            f"The check cannot be made: {fault}.", next_step="See `sar kit check --help`.", field="check"
        ) from fault
    findings = kit_check.Check(subject).run()
    if not kit_check.report(findings, as_json=as_json, say=click.echo):
        raise click.exceptions.Exit(1)
