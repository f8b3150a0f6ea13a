"""The command line. Every command has an example, ``--json`` where it reports, and exit codes 0, 1, 2."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import click

from sar import __version__
from sar.clock_command import clock
from sar.config import read_settings
from sar.demonstration.staffing import staff
from sar.domain.disclosure import Needles
from sar.domain.errors import EnvironmentFault, InvalidInput, SARError
from sar.gather_command import gather
from sar.kit_command import kit
from sar.law_commands import law
from sar.stores_commands import stores

if TYPE_CHECKING:
    from sar.bootstrap import House

P = ParamSpec("P")
R = TypeVar("R")


def main() -> None:
    """Entry point of ``sar`` and ``subject-access``."""
    # Databases, packs and sealed files are for their owner only.
    os.umask(0o077)
    try:
        # Commands return nothing, so a number can only be the code a command left with.
        left = root.main(standalone_mode=False)
        sys.exit(left if isinstance(left, int) else 0)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(2)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(2)
    except SARError as fault:
        click.echo(f"sar: {fault.message}", err=True)
        click.echo(f"  What to do: {fault.next_step}", err=True)
        sys.exit(fault.exit_code)
    except BrokenPipeError:
        sys.exit(2)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="sar")
def root() -> None:
    """Subject access and records transparency, run by the controller.

    Data live in $SAR_DATA (default ./data). Example: sar clock --received 2026-11-20
    """


def prints_json(command: Callable[P, R]) -> Callable[P, R]:
    """Add ``--json`` to a command."""

    @click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
    @wraps(command)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        return command(*args, **kwargs)

    return wrapped


@root.group()
def rules() -> None:
    """The redaction rules. Example: sar rules check."""


@rules.command("check")
@prints_json
def rules_check(as_json: bool) -> None:  # noqa: FBT001
    """Load every rule and try its examples. Example: sar rules check."""
    from sar.detection.trying import check_rules  # noqa: PLC0415

    house = _house()
    found = check_rules(house.settings.rules_dir)
    # The house's own detector also compares each rule with the law it names.
    house.detector  # noqa: B018 - made when it is asked for
    for rule in found:
        if as_json:
            click.echo(json.dumps({"rule": rule.rule, "statute": rule.statute, "examples": rule.examples}))
        else:
            click.echo(f"ok  {rule.rule}: {rule.title} ({rule.statute}), {rule.examples} examples")
    if not as_json:
        click.echo(f"{len(found)} rules, every example as it should be.")


@rules.command("try")
@click.option(
    "--people", type=click.Path(path_type=Path), help="A TOML file with [[person]] name, role, aliases."
)
@click.option("--jsonl", is_flag=True, help="One JSON object a line in, one a line out.")
def rules_try(people: Path | None, jsonl: bool) -> None:  # noqa: FBT001
    """Print what the rules propose for text on standard input.

    Example: echo "Mrs Tully rang" | sar rules try --people people.toml
    """
    from sar.detection.trying import people_from_toml, people_from_values, try_text  # noqa: PLC0415

    detector = _house().detector
    if not jsonl:
        register = people_from_toml(people) if people else ()
        click.echo(json.dumps(try_text(detector, sys.stdin.read(), register), ensure_ascii=False))
        return
    for number, line in enumerate(sys.stdin, start=1):
        try:
            given = json.loads(line)
            text, name = str(given["text"]), given["id"]
        except (ValueError, KeyError, TypeError) as fault:
            raise InvalidInput(
                f"Line {number} is not an object with id and text.",
                next_step='Write one JSON object a line: {"id": 1, "text": "...", "people": []}.',
                field="jsonl",
            ) from fault
        found = try_text(detector, text, people_from_values(given.get("people", [])))
        click.echo(json.dumps({"id": name, "proposals": found}, ensure_ascii=False))


@root.command()
@click.argument("pack", type=click.Path(path_type=Path))
@click.option(
    "--withheld", required=True, type=click.Path(path_type=Path), help="One string a line, # comments."
)
@prints_json
def inspect(pack: Path, withheld: Path, as_json: bool) -> None:  # noqa: FBT001
    """The release gate on any PDF: exit 1 and the places when a withheld string is in it.

    Example: sar inspect out/pack-leanne.pdf --withheld names.txt
    """
    from sar.packs.inspection import PackInspection  # noqa: PLC0415

    strings = [
        line.strip()
        for line in _text(withheld).splitlines()
        if line.strip() and not line.lstrip().startswith("#")
    ]
    needles = Needles(strings)
    leaks = PackInspection().inspect_pdf(_read(pack), needles)
    if as_json:
        found = [{"place": leak.place, "needle": leak.needle} for leak in leaks]
        click.echo(json.dumps({"searched": len(needles), "too_short": needles.short, "leaks": found}))
    else:
        for leak in leaks:
            click.echo(f"found: string {leak.needle + 1} of the sorted list, at {leak.place}")
        click.echo(
            f"{len(needles)} strings searched, {needles.short} too short to search, {len(leaks)} found."
        )
    if leaks:
        raise click.exceptions.Exit(1)


@root.command()
@click.argument("pack", type=click.Path(path_type=Path))
@prints_json
def verify(pack: Path, as_json: bool) -> None:  # noqa: FBT001
    """What can be checked about a pack offline: signature, digests, manifest.

    Example: sar verify out/pack-leanne.pdf
    """
    from sar.packs.verification import PackVerification  # noqa: PLC0415

    proof = PackVerification().verify(_read(pack))
    if as_json:
        said = {"reference": proof.reference, "round": proof.round, "fingerprint": proof.signer_fingerprint}
        click.echo(json.dumps({**said, "dated_on": proof.dated_on, "digest": proof.digest}))
        return
    for line in proof.lines:
        click.echo(line)
    click.echo(f"Signer's fingerprint: {proof.signer_fingerprint}")


@root.group()
def trail() -> None:
    """The record of everything that happened. Example: sar trail verify."""


@trail.command("verify")
@prints_json
def trail_verify(as_json: bool) -> None:  # noqa: FBT001
    """Check every chain and every signed checkpoint. Example: sar trail verify."""
    report = _house().archive.verify()
    if as_json:
        click.echo(
            json.dumps(
                {
                    "cases": report.cases,
                    "events": report.events,
                    "checkpoints": report.checkpoints,
                    "unproved": report.unproved_events,
                }
            )
        )
        return
    click.echo(
        f"The trail holds: {report.events} events in {report.cases} cases, {report.checkpoints} signed checkpoints. "
        f"{report.unproved_events} events came after the last checkpoint: they are chained, but the removal of the "
        "very last would not be seen yet."
    )


@root.command()
@click.argument("file", type=click.Path(path_type=Path))
@prints_json
def receive(file: Path, as_json: bool) -> None:  # noqa: FBT001
    """Open a case from a request file, as received by letter or e-mail.

    Example: sar receive request.toml (its form: sample_data/cases/hartley/request.toml)
    """
    from sar.demonstration.operating import receive_file  # noqa: PLC0415

    received = receive_file(_house(), file)
    if as_json:
        click.echo(json.dumps({"reference": received.reference, "legs": received.due}))
        return
    click.echo(f"Received as {received.reference}.")
    for leg, due in received.due.items():
        click.echo(f"  leg {leg}: " + (f"answer due {due}" if due else "the clock waits for proof"))


@root.command()
@click.option("--host", help="Address to listen on (default: the one in sar.toml, else 127.0.0.1).")
@click.option("--port", type=int, help="Port to listen on (default: the one in sar.toml, else 8471).")
def serve(host: str | None, port: int | None) -> None:
    """Serve the site, with one worker beside it. Example: sar serve --port 8471."""
    from sar.demonstration.operating import serve_site  # noqa: PLC0415

    serve_site(_house(), host=host, port=port, say=click.echo)


@root.command()
def worker() -> None:
    """Do the durable work until stopped. Example: sar worker."""
    from sar.demonstration.operating import work_until_stopped  # noqa: PLC0415

    work_until_stopped(_house())


@root.command()
@click.option("--out", type=click.Path(path_type=Path), help="Also put the packs into this folder.")
@click.option("--no-serve", is_flag=True, help="End when the packs are made.")
def demo(out: Path | None, no_serve: bool) -> None:  # noqa: FBT001
    """The whole route on the invented sample family. Example: sar demo --out out --no-serve."""
    from sar.demonstration.route import run_demo  # noqa: PLC0415

    run_demo(out=out, serve=not no_serve, say=click.echo)


root.add_command(staff)
root.add_command(clock)
root.add_command(gather)
root.add_command(law)
root.add_command(stores)
root.add_command(kit)


@root.command("demo-code")
@click.argument("user")
def demo_code(user: str) -> None:
    """The second factor of an invented member of staff. Example: sar demo-code priya-nandakumar."""
    from sar.demonstration.accounts import demo_code as code_of  # noqa: PLC0415

    click.echo(code_of(_house(), user))


def _house() -> House:
    from sar.bootstrap import House  # noqa: PLC0415 - it loads every part of the program

    return House(read_settings())


def _text(path: Path) -> str:
    try:
        return _read(path).decode("utf-8")
    except UnicodeDecodeError as fault:
        raise InvalidInput(
            f"The file {path} is not UTF-8 text.",
            next_step="Save it as UTF-8 and try again.",
            field=path.name,
        ) from fault


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        raise EnvironmentFault(
            f"The file {path} cannot be read ({fault.strerror}).", next_step="Check the name and try again."
        ) from fault
