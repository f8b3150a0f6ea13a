"""Settings: the environment names the data folder, and ``sar.toml`` in it says the rest.

A default here is safe in production and may be read by anyone; what could not be both has no default.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from sar.domain.disclosure import Contact
from sar.domain.errors import EnvironmentFault, InvalidInput
from sar.domain.limits import Term

CHECKOUT = Path(__file__).resolve().parent.parent
SHIPPED = Path(__file__).resolve().parent / "_shipped"
_STORE = "SAR_STORE_"
_HIGHEST_PORT = 65535
_MOST_PROCESSES = 4
_KNOWN = {
    "controller", "controllers", "nation", "stores", "site", "host", "port", "outbox", "database", "rules",
    "contact", "variables", "variables_file", "demonstration", "proxies", "extra_holidays", "health_professional",
    "law", "school_terms", "ask_again", "asking_processes",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything an installation is told."""

    data_dir: Path
    controller: str = ""
    """Whose cases these are: stores of others need a recorded agreement."""
    controllers: tuple[str, ...] = ()
    """Every body this service answers for, as families read it."""
    nation: str = "england"
    extra_holidays: tuple[date, ...] = ()
    """One-off public holidays of the nation, until the law files know them."""
    law: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Entries of the law files marked uncertain, as this installation reads them: ``kind/code`` to values."""
    stores_file: Path | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    """Values for the placeholders in the stores file: addresses, folders, credentials."""
    database_url: str = ""
    rules_dir: Path = field(default_factory=lambda: shipped("redaction_rules"))
    templates_dir: Path = field(default_factory=lambda: shipped("templates"))
    contacts: tuple[Contact, ...] = ()
    host: str = "127.0.0.1"
    port: int = 8471
    site: str = ""
    proxies: int = 0
    """How many proxies of our own stand before the site."""
    outbox_dir: Path | None = None
    is_demonstration: bool = False
    is_health_professional: bool = False
    """Whether the controller itself counts as a health professional (DPA 2018 Sch 3 para 6): uncertain for a trust."""
    ask_again: tuple[float, ...] = ()
    """Minutes before each later attempt at a store that was unavailable; empty for the program's own."""
    asking_processes: int = field(default_factory=lambda: processes_for(os.cpu_count() or 1))
    """How many processes help a worker ask stores."""
    school_terms: tuple[Term, ...] = ()
    """When the school is open, for limits counted in school days."""

    @property
    def site_address(self) -> str:
        """Where families reach the site."""
        return self.site or f"http://{self.host}:{self.port}/"

    @property
    def database(self) -> str:
        """The database address; an SQLite file in the data folder when none is set."""
        return self.database_url or f"sqlite:///{self.data_dir / 'sar.db'}"


def processes_for(cores: int) -> int:
    """One for each core beside the worker's; beyond a few the stores take the time, and each costs memory."""
    return min(cores, _MOST_PROCESSES) - 1


def shipped(name: str) -> Path:
    """A folder that comes with the program: top level in a checkout, inside the package in a wheel."""
    for place in (SHIPPED / name, CHECKOUT / name):
        if place.is_dir():
            return place
    raise EnvironmentFault(
        f"The folder {name} that belongs to the program is missing.",
        next_step="Install the program again, or run it from a whole checkout.",
    )


def data_dir(environment: Mapping[str, str] = os.environ) -> Path:
    """``$SAR_DATA``, or ``./data``."""
    return Path(environment.get("SAR_DATA", "data")).resolve()


def read_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of one installation.

    :raises InvalidInput: ``sar.toml`` cannot be read or has a word we do not know.
    """
    folder = data_dir(environment)
    file = folder / "sar.toml"
    said: dict[str, object] = {}
    if file.exists():
        try:
            said = tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
            raise InvalidInput(
                "The settings file sar.toml cannot be read.",
                next_step="Put it right: it must be valid TOML in UTF-8.",
                field="sar.toml",
            ) from fault
    if unknown := sorted(set(said) - _KNOWN):
        raise InvalidInput(
            f"The settings file sar.toml has a word we do not know: {unknown[0]}.",
            next_step=f"Use only: {', '.join(sorted(_KNOWN))}.",
            field=unknown[0],
        )
    if environment.get("SAR_SITE"):
        said["site"] = environment["SAR_SITE"]
    return _settings(folder, said, _from_environment(environment))


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """``SAR_STORE_FHIR_URL`` fills ``{fhir_url}``: secrets need not stand in a file."""
    return {
        name.removeprefix(_STORE).lower(): value
        for name, value in environment.items()
        if name.startswith(_STORE)
    }


def _settings(folder: Path, said: Mapping[str, object], variables: Mapping[str, str]) -> Settings:
    text = {k: str(v) for k, v in said.items() if isinstance(v, str | int)}
    controller = text.get("controller", "")
    stores = text.get("stores", "")
    outbox = text.get("outbox", "")
    rules = text.get("rules", "")
    return Settings(
        data_dir=folder,
        controller=controller,
        controllers=_strings(said.get("controllers")) or ((controller,) if controller else ()),
        nation=text.get("nation", "england"),
        extra_holidays=_days(said.get("extra_holidays")),
        law=_law(said.get("law")),
        stores_file=(folder / stores) if stores else None,
        variables={**_variables(said.get("variables")), **_filed(folder, text), **variables},
        database_url=text.get("database", ""),
        rules_dir=Path(rules) if rules else shipped("redaction_rules"),
        contacts=_contacts(said.get("contact")),
        host=text.get("host", "127.0.0.1"),
        port=_port(text.get("port", "8471")),
        site=text.get("site", ""),
        proxies=_count(text.get("proxies", "0"), "proxies"),
        outbox_dir=(folder / outbox) if outbox else None,
        is_demonstration=said.get("demonstration") is True,
        is_health_professional=_yes_or_no(said, "health_professional"),
        school_terms=_terms(said.get("school_terms")),
        ask_again=_minutes(said.get("ask_again")),
        asking_processes=_processes(text.get("asking_processes")),
    )


def _filed(folder: Path, text: Mapping[str, str]) -> dict[str, str]:
    """Variables another program writes while it runs (addresses of sample servers); absent when it does not."""
    file = folder / text.get("variables_file", "")
    if not text.get("variables_file") or not file.exists():
        return {}
    try:
        return _variables(json.loads(file.read_text(encoding="utf-8")))
    except (OSError, ValueError) as fault:
        raise InvalidInput(
            "The file of variables cannot be read.",
            next_step="It must be a JSON object of names and values; take it away or write it again.",
            field="variables_file",
        ) from fault


def _strings(value: object) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, list) else ()


def _days(value: object) -> tuple[date, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(type(day) is date for day in value):
        raise InvalidInput(
            "The extra holidays in sar.toml are not a list of days.",
            next_step="Write them without quotation marks: extra_holidays = [2027-05-03].",
            field="extra_holidays",
        )
    return tuple(value)


def _minutes(value: object) -> tuple[float, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not value or not all(type(v) in {int, float} and v > 0 for v in value):
        raise InvalidInput(
            "The waits before a store is asked again are not numbers of minutes.",
            next_step="Write them like ask_again = [1, 5, 15, 60], each more than 0.",
            field="ask_again",
        )
    return tuple(float(minutes) for minutes in value)


def _law(value: object) -> dict[str, dict[str, object]]:
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(entry, dict) for entry in value.values()):
        raise InvalidInput(
            "The law settings in sar.toml are not tables.",
            next_step='Name the entry in quotation marks: [law."nation/england"], then one setting a line.',
            field="law",
        )
    return {str(entry): dict(values) for entry, values in value.items()}


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= _HIGHEST_PORT:
        raise InvalidInput(
            "The port in sar.toml is not a port.",
            next_step=f"Write a number from 1 to {_HIGHEST_PORT}.",
            field="port",
        )
    return int(text)


def _count(text: str, name: str) -> int:
    if not text.isdecimal():
        raise InvalidInput(
            f"The setting {name} in sar.toml is not a number.",
            next_step="Write a whole number, 0 or more.",
            field=name,
        )
    return int(text)


def _processes(text: str | None) -> int:
    return processes_for(os.cpu_count() or 1) if text is None else _count(text, "asking_processes")


def _variables(value: object) -> dict[str, str]:
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else {}


def _yes_or_no(said: Mapping[str, object], name: str) -> bool:
    value = said.get(name, False)
    if not isinstance(value, bool):
        raise InvalidInput(
            f"The setting {name} in sar.toml is neither true nor false.",
            next_step=f"Write {name} = true or {name} = false, without quotation marks.",
            field=name,
        )
    return value


def _contacts(value: object) -> tuple[Contact, ...]:
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(c, dict) for c in value):
        raise InvalidInput(
            "The contacts in sar.toml are not tables.",
            next_step='Write [[contact]] with organisation = "..." and lines = ["..."].',
            field="contact",
        )
    return tuple(
        Contact(organisation=str(c.get("organisation", "")), lines=_strings(c.get("lines"))) for c in value
    )


def _terms(value: object) -> tuple[Term, ...]:
    """``[[school_terms]]`` with first_on, last_on and, if there are any, the days it is closed in between."""
    rows = value if isinstance(value, list) else [value] if value is not None else []
    return tuple(_term(row) for row in rows)


def _term(row: object) -> Term:
    match row:
        case {"first_on": date() as first_on, "last_on": date() as last_on, **rest} if (
            first_on <= last_on and set(rest) <= {"closed"}
        ):
            return Term(first_on=first_on, last_on=last_on, closed=frozenset(_closed(rest.get("closed", []))))
    raise _bad_terms()


def _closed(value: object) -> list[date]:
    if isinstance(value, list) and all(isinstance(day, date) for day in value):
        return value
    raise _bad_terms()


def _bad_terms() -> InvalidInput:
    return InvalidInput(
        "A school term in sar.toml is not two dates in order.",
        next_step="Write [[school_terms]] with first_on = 2026-09-02, last_on = 2026-12-18, closed = [2026-10-26].",
        field="school_terms",
    )
