"""From the settings to the stores: ``stores.toml`` says whose they are, ``connections.toml`` how to reach them.

Addresses and secrets may stand in braces (``{fhir_url}``) and are filled in from a mapping of variables, so that
neither file holds a secret or a machine's path.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sar.domain.parties import IdentifierKind
from sar.domain.records import DataClass
from sar.domain.references import StoreName
from sar.ports.gathering import Agreement, DocumentReader, Store, StoreDescription
from sar.stores.fhir import FhirStore, load_fhir_mapping
from sar.stores.fields import Fields, bad, read_toml
from sar.stores.files import FilesStore
from sar.stores.files_mapping import load_files_mapping
from sar.stores.files_places import place_of
from sar.stores.http import HttpSettings, web_address
from sar.stores.http_tokens import read_signing_key
from sar.stores.mailbox import MailboxStore
from sar.stores.mailbox_mapping import load_mailbox_mapping, mailbox_settings
from sar.stores.manual import ManualStore, check_manual
from sar.stores.sar_http import SarHttpStore, load_sar_http_mapping
from sar.stores.sql import SqlStore
from sar.stores.sql_engine import require_readable
from sar.stores.sql_extending import ready_mapping
from sar.stores.sql_mapping import load_mapping
from sar.stores.tables import TablesStore

_VARIABLE = re.compile(r"\{([a-z_][a-z0-9_]*)\}")
Clock = Callable[[], datetime]


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
        if kind == MANUAL:
            # Nothing reaches it: there is no connection to describe.
            check_manual(description, fields)
            loaded[description.name] = ManualStore(description=description)
            continue
        if description.name not in sections:
            raise bad(connections.name, f"it does not say how to reach `{description.name}`")
        section = _Connection(sections.pop(description.name), variables, connections.parent)
        loaded[description.name] = _LOADERS[kind](description, section, _Means(reader=reader, clock=clock))
        section.fields.done()
    if sections:
        raise bad(connections.name, f"`{min(sections)}` is not a store of {stores.name}")
    return tuple(loaded.values())


def load_agreements(stores: Path) -> tuple[Agreement, ...]:
    """The recorded agreements by which one body reads another's stores."""
    return tuple(_agreement(a, f"{stores.name}, agreement") for a in read_toml(stores).get("agreement", []))


def _agreement(table: Mapping[str, object], where: str) -> Agreement:
    decides = table.get("decides", False)
    if not isinstance(decides, bool):
        raise bad(where, "`decides` must be true or false")
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
        decides=decides,
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
        kind=kind,
        days_allowed=int(fields.number("days_allowed", 5)) if kind == MANUAL else 5,
        escalate_to=fields.text("escalate_to", "") if kind == MANUAL else "",
    )
    if description.owner and "@" not in description.owner:
        raise bad(
            fields.where,
            "`owner` is no e-mail address: hold notices would reach nobody",
            next_step='Write owner = "name@example.org", or leave it out and tell them yourself.',
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
        url, token_url = self.text("url"), self.text("token_url", "")
        for field, address in (("url", url), ("token_url", token_url)):
            if address or field == "url":
                web_address(address, self.fields.where, field)
        return HttpSettings(
            url=url,
            token_url=token_url,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Means:
    """What some kinds of store need beside their connection."""

    reader: DocumentReader
    clock: Clock | None


def _sql(description: StoreDescription, section: _Connection, _means: _Means) -> Store:
    url, named = section.text("database"), section.text("mapping")
    local = url if "://" in url else str(section.path_of(url))
    mapping = load_mapping(ready_mapping(named) or section.path_of(named))
    require_readable(local, where=section.fields.where)
    return SqlStore(description=description, url=local, mapping=mapping)


def _files(description: StoreDescription, section: _Connection, means: _Means) -> Store:
    mapping = load_files_mapping(section.path("mapping"))
    return FilesStore(description=description, place=place_of(section), mapping=mapping, reader=means.reader)


def _imap(description: StoreDescription, section: _Connection, means: _Means) -> Store:
    mapping = load_mailbox_mapping(section.path("mapping"))
    reach = mailbox_settings(section)
    return MailboxStore(description=description, settings=reach, mapping=mapping, reader=means.reader)


def _fhir(description: StoreDescription, section: _Connection, means: _Means) -> Store:
    return FhirStore(
        description=description,
        settings=section.http(means.clock),
        mapping=load_fhir_mapping(section.path("mapping")),
        reader=means.reader,
        page_size=int(section.fields.number("page_size", 50)),
    )


def _sar_http(description: StoreDescription, section: _Connection, means: _Means) -> Store:
    return SarHttpStore(
        description=description,
        settings=section.http(means.clock),
        mapping=load_sar_http_mapping(section.path("mapping")),
        reader=means.reader,
    )


def _tables(description: StoreDescription, section: _Connection, _means: _Means) -> Store:
    words = section.text("child_number", IdentifierKind.COUNCIL_PERSON_ID.value)
    kinds = {kind.value: kind for kind in IdentifierKind}
    if words not in kinds:
        raise bad(
            section.fields.where,
            f"`child_number` is `{words}`, which is not a kind of identifier",
            next_step=f"Use one of: {', '.join(kinds)}.",
        )
    return TablesStore(
        description=description,
        path=section.path("path"),
        child_number=kinds[words],
        max_bytes=int(section.fields.number("max_megabytes", 500) * 1024 * 1024),
    )


_LOADERS: Mapping[str, Callable[[StoreDescription, _Connection, _Means], Store]] = {
    "sql": _sql,
    "fhir": _fhir,
    "sar_http": _sar_http,
    "files": _files,
    "imap": _imap,
    "tables": _tables,
}
MANUAL = "manual"
KINDS = (*_LOADERS, MANUAL)
