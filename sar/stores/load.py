"""From the settings to the stores: ``stores.toml`` says whose they are, ``connections.toml`` how to reach them.

Addresses and secrets may stand in braces (``{fhir_url}``) and are filled in from a mapping of variables, so that
neither file holds a secret or a machine's path.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path

from sar.domain.errors import BadMapping
from sar.domain.records import DataClass
from sar.domain.references import StoreName
from sar.ports.gathering import Agreement, DocumentReader, Store, StoreDescription
from sar.stores.fhir import FhirStore, load_fhir_mapping
from sar.stores.fields import Fields, bad, read_toml
from sar.stores.files import FilesStore
from sar.stores.files_mapping import load_files_mapping
from sar.stores.http import HttpSettings
from sar.stores.http_tokens import read_signing_key
from sar.stores.sar_http import SarHttpStore, load_sar_http_mapping
from sar.stores.sql import SqlStore
from sar.stores.sql_mapping import load_mapping

_VARIABLE = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
Clock = Callable[[], datetime]
KINDS = ("sql", "fhir", "sar_http", "files")


def load_stores(
    stores: Path,
    *,
    connections: Path,
    variables: Mapping[str, str],
    reader: DocumentReader,
    clock: Clock | None = None,
) -> tuple[Store, ...]:
    """Every store of a settings file, in its order. Nothing is contacted yet.

    :param clock: what signed questions for a token are dated by.

    :raises BadMapping: with the file, the place and what to do.
    """
    top = read_toml(stores)
    reach = Fields(read_toml(connections), connections.name)
    sections = {name: reach.table(name) for name in read_toml(connections)}
    reach.done()
    loaded: dict[str, Store] = {}
    for number, table in enumerate(top.get("store", []), start=1):
        fields = Fields(table, f"{stores.name}, store {number}")
        description, kind = _description(fields)
        if description.name in loaded:
            raise bad(stores.name, f"two stores are called `{description.name}`")
        if description.name not in sections:
            raise bad(connections.name, f"it does not say how to reach `{description.name}`")
        section = _Connection(sections.pop(description.name), variables, connections.parent)
        loaded[description.name] = _store(
            kind=kind,
            description=description,
            section=section,
            reader=reader,
            where=fields.where,
            clock=clock,
        )
        section.fields.done()
    if sections:
        raise bad(connections.name, f"`{min(sections)}` is not a store of {stores.name}")
    return tuple(loaded.values())


def load_agreements(stores: Path) -> tuple[Agreement, ...]:
    """The recorded agreements by which one body reads another's stores."""
    return tuple(_agreement(a, f"{stores.name}, agreement") for a in read_toml(stores).get("agreement", []))


def _agreement(table: Mapping[str, object], where: str) -> Agreement:
    between, agreed_on, ends_on = table.get("between"), table.get("agreed_on"), table.get("ends_on")
    if not isinstance(between, list) or len(between) < len(("one", "other")):
        raise bad(where, "`between` must list the bodies")
    if not isinstance(agreed_on, date) or not (ends_on is None or isinstance(ends_on, date)):
        raise bad(where, "`agreed_on` (and `ends_on`) must be dates like 2025-04-01")
    return Agreement(
        reference=str(table.get("reference") or ""),
        between=frozenset(map(str, between)),
        agreed_on=agreed_on,
        ends_on=ends_on,
    )


def _description(fields: Fields) -> tuple[StoreDescription, str]:
    kind = fields.text("kind")
    if kind not in KINDS:
        raise bad(
            fields.where, f"`{kind}` is not a kind of store", next_step=f"Use one of: {', '.join(KINDS)}."
        )
    description = StoreDescription(
        name=StoreName(fields.text("name")),
        label=fields.text("label"),
        controller=fields.text("controller"),
        holds=fields.text("holds", ""),
        data_class=_data_class(fields),
        owner=fields.text("owner", ""),
        at_once=int(fields.number("at_once", 2)),
        per_minute=int(fields.number("per_minute", 0)) if fields.has("per_minute") else 0,
        suspended=fields.text("suspended", ""),
    )
    # Where the sample's content is kept, for the sample servers; a real store has neither.
    fields.text("source", "")
    fields.text("identifier_type", "")
    fields.done()
    return description, kind


def _data_class(fields: Fields) -> DataClass:
    said = fields.text("data_class", "")
    try:
        return DataClass(said)
    except ValueError as fault:
        known = ", ".join(c.value for c in DataClass if c.value)
        raise bad(
            fields.where, f"`{said}` is not a class of information", next_step=f"Use one of: {known}."
        ) from fault


class _Connection:
    """One section of the connections, its variables filled in and its paths made whole."""

    def __init__(self, fields: Fields, variables: Mapping[str, str], folder: Path) -> None:
        self.fields = fields
        self._variables = variables
        self._folder = folder

    def text(self, key: str, default: str | None = None) -> str:
        """A setting with its variables filled in."""

        def value(found: re.Match[str]) -> str:
            if found[1] not in self._variables:
                raise bad(
                    self.fields.where,
                    f"`{key}` needs the variable `{found[1]}`",
                    next_step=f"Set SAR_STORE_{found[1].upper()} or write the value.",
                )
            return self._variables[found[1]]

        return _VARIABLE.sub(value, self.fields.text(key, default))

    def path(self, key: str) -> Path:
        """A path; a relative one is relative to the connections file."""
        return self._folder / self.text(key)

    def path_of(self, text: str) -> Path:
        """A written path, relative to the connections file unless it is whole."""
        return self._folder / text

    def http(self, clock: Clock | None) -> HttpSettings:
        """How a server is reached."""
        written = self.text("private_key", "")
        key_id = self.text("key_id", "")
        return HttpSettings(
            url=self.text("url"),
            token_url=self.text("token_url", ""),
            client_id=self.text("client_id", ""),
            client_secret=self.text("client_secret", ""),
            scope=self.text("scope", ""),
            key=read_signing_key(self.path_of(written), key_id=key_id, where=self.fields.where)
            if written
            else None,
            clock=clock,
            timeout_s=self.fields.number("timeout_s", 10),
            reply_s=self.fields.number("reply_s", 120),
            deadline_s=self.fields.number("deadline_s", 1800),
            max_bytes=int(self.fields.number("max_megabytes", 100) * 1024 * 1024),
            attachment_hosts=self.fields.texts("attachment_hosts"),
        )


def _store(
    *,
    kind: str,
    description: StoreDescription,
    section: _Connection,
    reader: DocumentReader,
    where: str,
    clock: Clock | None,
) -> Store:
    mapping = section.path("mapping")
    if kind == "sql":
        url = section.text("database")
        local = url if "://" in url else str(section.path_of(url))
        return SqlStore(description=description, url=local, mapping=load_mapping(mapping))
    if kind == "files":
        return FilesStore(
            description=description,
            folder=section.path("folder"),
            mapping=load_files_mapping(mapping),
            reader=reader,
        )
    if kind == "fhir":
        page_size = int(section.fields.number("page_size", 50))
        return FhirStore(
            description=description,
            settings=section.http(clock),
            mapping=load_fhir_mapping(mapping),
            reader=reader,
            page_size=page_size,
        )
    if kind == "sar_http":
        return SarHttpStore(
            description=description,
            settings=section.http(clock),
            mapping=load_sar_http_mapping(mapping),
            reader=reader,
        )
    raise BadMapping(
        f"{where}: `{kind}` is not a kind of store.", next_step=f"Use one of: {', '.join(KINDS)}."
    )
