"""``sar clock``: a calculator for the dates of the law. It looks at no case and refuses no day of the calendar."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

import click

from sar.config import read_settings
from sar.domain.calendar import parse_date, say_date
from sar.domain.clock import AskedAndGot, calculate
from sar.domain.clock_cautions import forecast
from sar.domain.errors import ImpossibleDate, InvalidInput
from sar.domain.limits import Term, TimeLimit, Unit, due_date, due_moment
from sar.domain.statutes import Law, in_force

_UNCERTAIN = "This limit is not certain: check it with the body that sets it."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Limit:
    """What is asked about one time limit."""

    code: str
    from_on: date | None
    at: datetime | None
    terms: tuple[Term, ...]


def _day(_context: click.Context, parameter: click.Parameter, value: str | None) -> date | None:
    return parse_date(value, field=parameter.name or "date") if value else None


def _pairs(
    _context: click.Context, parameter: click.Parameter, value: tuple[str, ...]
) -> tuple[AskedAndGot, ...]:
    return tuple(AskedAndGot.parse(v, field=parameter.name or "date") for v in value)


def _moment(_context: click.Context, _parameter: click.Parameter, value: str | None) -> datetime | None:
    if not value:
        return None
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise ImpossibleDate(
            "The at moment is not a real moment with its time zone.",
            next_step="Write it like 2026-11-20T09:00+00:00.",
            field="at",
        )
    return at


def _terms(_context: click.Context, _parameter: click.Parameter, value: tuple[str, ...]) -> tuple[Term, ...]:
    found = []
    for text in value:
        first, _, last = text.partition(":")
        term = Term(first_on=parse_date(first, field="term"), last_on=parse_date(last, field="term"))
        if term.last_on < term.first_on:
            raise ImpossibleDate(
                "A school term ends before it begins.",
                next_step="Give its first and its last day, like 2026-11-02:2026-12-18.",
                field="term",
            )
        found.append(term)
    return tuple(found)


@click.command()
@click.option("--received", callback=_day, help="The day the request came, like 2026-11-20.")
@click.option(
    "--nation", default="england-and-wales", help="england-and-wales, scotland or northern-ireland."
)
@click.option("--identity", multiple=True, callback=_pairs, metavar="ASKED:GOT", help="Proof of identity.")
@click.option("--authority", multiple=True, callback=_pairs, metavar="ASKED:GOT", help="Proof of authority.")
@click.option("--fee", multiple=True, callback=_pairs, metavar="ASKED:PAID", help="A lawful fee.")
@click.option("--clarification", multiple=True, callback=_pairs, metavar="ASKED:ANSWERED", help="A question.")
@click.option("--extended", callback=_day, help="The day a notice with reasons was given.")
@click.option("--limit", metavar="CODE", help="Another time limit of the nation instead; see --list.")
@click.option("--from", "from_on", callback=_day, help="The day that time limit runs from.")
@click.option("--at", callback=_moment, help="The moment it runs from, for a limit in hours.")
@click.option("--term", multiple=True, callback=_terms, metavar="FIRST:LAST", help="A school term.")
@click.option("--list", "is_list", is_flag=True, help="The codes of all time limits, with their titles.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
def clock(  # noqa: PLR0917 - click passes what the command line names
    received: date | None,
    nation: str,
    identity: tuple[AskedAndGot, ...],
    authority: tuple[AskedAndGot, ...],
    fee: tuple[AskedAndGot, ...],
    clarification: tuple[AskedAndGot, ...],
    extended: date | None,
    limit: str | None,
    from_on: date | None,
    at: datetime | None,
    term: tuple[Term, ...],
    is_list: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """When a subject access request must be answered, and why; or the last day of another time limit.

    Example: sar clock --received 2026-11-20 --identity 2026-11-25:2026-12-04

    Example: sar clock --limit foi.reply --from 2026-11-20
    """
    asked = _Limit(code=limit or "", from_on=from_on, at=at, terms=term)
    _require_one(received, asked, is_list=is_list)
    law = _law(nation)
    if is_list:
        _say_codes(law, as_json=as_json)
    elif received is None:
        _say_limit(law, asked, as_json=as_json)
    else:
        answer = calculate(
            received, calendar=law.calendar, identity=identity, authority=authority, fee=fee,
            clarifications=clarification, extended_on=extended, counting=law.clarification_counting,
        )  # fmt: skip
        lines = [f"{step.text_for_family}  [{step.statute}]" for step in answer.steps]
        lines.extend(f"Note: {caution}" for caution in answer.cautions)
        _say(answer.as_report(), lines, as_json=as_json)


def _require_one(received: date | None, asked: _Limit, *, is_list: bool) -> None:
    """Exactly one question, with the day it needs."""
    questions = [received is not None, bool(asked.code), is_list]
    if sum(questions) != 1:
        raise click.UsageError("Give one of --received, --limit with --from, or --list.")
    if (asked.from_on or asked.at or asked.terms) and not asked.code:
        raise click.UsageError("--from, --at and --term belong to --limit.")
    if asked.code and (asked.from_on is None) is (asked.at is None):
        raise click.UsageError("--limit needs the day it runs from: --from, or --at for a limit in hours.")


def _law(nation: str) -> Law:
    """The nation's law; with this installation's own settings where it is the nation it works in."""
    from sar.law import load, nation_code  # noqa: PLC0415 - keeps the other commands quick

    settings = read_settings()
    if nation_code(nation) != nation_code(settings.nation):
        return load(nation)
    return load(nation, extra_days=settings.extra_holidays, overrides=settings.law)


def _say_codes(law: Law, *, as_json: bool) -> None:
    newest = {code: in_force(entries, None) for code, entries in sorted(law.time_limits.items())}
    titles = {code: entry.title for code, entry in newest.items() if entry is not None}
    report = {"limits": [{"code": code, "title": title} for code, title in titles.items()]}
    _say(report, [f"{code:<34} {title}" for code, title in titles.items()], as_json=as_json)


def _say_limit(law: Law, asked: _Limit, *, as_json: bool) -> None:
    day_on = asked.from_on or (asked.at.date() if asked.at else None)
    if day_on is None:
        raise click.UsageError("--limit needs the day it runs from.")
    limit = law.time_limit(asked.code, day_on)
    last, said, cautions = _last(law, limit, asked, day_on)
    report: dict[str, object] = {
        "limit": limit.code, "title": limit.title, **last, "citation": limit.citation,
        "instrument": limit.instrument, "whose": limit.whose.value, "runs_from": limit.runs_from,
        "uncertain": limit.uncertain, "discretion": limit.discretion, "cautions": cautions,
    }  # fmt: skip
    lines = [
        f"{limit.title}: {said}  [{limit.citation}]",
        f"It runs from {limit.runs_from}.",
        f"Who must act: the {limit.whose.value.replace('-', ' ')}.",
        *([f"If it is late: {limit.discretion}"] if limit.discretion else []),
        *(f"Note: {caution}" for caution in cautions),
    ]
    _say(report, lines, as_json=as_json)


def _last(law: Law, limit: TimeLimit, asked: _Limit, day_on: date) -> tuple[dict[str, str], str, list[str]]:
    """The last day or moment: for scripts, for people, and what to be careful about."""
    cautions = [_UNCERTAIN] if limit.uncertain else []
    if asked.at is not None:
        moment = due_moment(limit, asked.at)
        last = {"due_on": moment.date().isoformat(), "due_at": moment.isoformat()}
        return last, f"{say_date(moment.date())}, {moment:%H:%M %Z}", cautions
    if limit.unit is Unit.HOURS:
        raise InvalidInput(
            "This limit is counted in hours.",
            next_step="Give the moment with --at, like 2026-11-20T09:00+00:00.",
            field="at",
        )
    calendar = law.calendar_anywhere if limit.holidays_anywhere else law.calendar
    due_on = due_date(limit, day_on, calendar, terms=asked.terms)
    if limit.rolls or limit.unit in (Unit.WORKING_DAYS, Unit.SCHOOL_DAYS):
        cautions.extend(forecast(due_on, calendar))  # Other limits never ask for a public holiday.
    return {"due_on": due_on.isoformat()}, say_date(due_on), cautions


def _say(report: Mapping[str, object], lines: list[str], *, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(report, ensure_ascii=False))
        return
    for line in lines:
        click.echo(line)
