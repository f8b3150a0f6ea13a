"""The rules a mapping is made of: which tables are records, who is a person, what dates and names what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sar.domain.parties import IdentifierKind, Role
from sar.domain.records import AlertStep
from sar.stores.answers import kind_named
from sar.stores.fields import bad
from sar.stores.templates import fields_in

Codes = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """A row of another table found by a number in this one."""

    table: str
    here: str
    there: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageRule:
    """One labelled piece of a record. With ``parts`` the pieces that hold something are joined."""

    label: str
    parts: tuple[str, ...]
    codes: str = ""
    keys: Mapping[str, str] | None = None
    """For a JSON object: its keys and their labels; other keys are kept under ``label``."""
    joiner: str = ", "


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRule:
    """A person named in columns."""

    id: str
    name: str
    role: Role
    job_title: str = ""
    employer: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""
    relation: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """How rows become facts in the life of an alert."""

    number: str
    step: str
    steps: Mapping[str, AlertStep | None]
    on: str
    """A field, or ``gathered`` for the day we looked."""
    by_role: str = ""
    category: str = ""
    recipient: str = ""
    parents_told: str = ""
    reason_not_told: str = ""
    status: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRule:
    """A coded outcome (or a JSON list of them) and the list that puts it in words."""

    field: str
    codes: str
    on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRule:
    """One table whose rows are records, or rows that belong to a record."""

    table: str
    key: str
    link: str
    """For a record: the column that names the person. For a child: the column that names the record."""
    kind: str = ""
    dated_on: tuple[str, ...] = ()
    passages: tuple[PassageRule, ...] = ()
    people: tuple[PersonRule, ...] = ()
    alerts: tuple[AlertRule, ...] = ()
    findings: tuple[FindingRule, ...] = ()
    children: tuple[TableRule, ...] = ()
    joins: Mapping[str, Join]
    json: tuple[str, ...] = ()
    order: str = ""
    prefix: str = ""
    """Put before the row's number where two tables of the database use the same numbers."""
    entered_at: str = ""
    """The field that says when the row was first written."""
    changed_at: str = ""
    """The field that says when the row was last changed."""

    @property
    def where(self) -> str:
        """The record or child in a held-back item's number: never a row's content."""
        return f"table {self.table}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """Identifiers kept in a table of their own."""

    table: str
    person: str
    type: str
    value: str
    types: Mapping[str, IdentifierKind]
    former_surname_types: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A table that ties people to each other."""

    table: str
    subject: str
    other: str
    words: str
    group: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The table of persons and how one is recognised in it."""

    table: str
    key: str
    forename: str
    surname: str
    former_surnames: tuple[str, ...]
    born_on: str
    numbers: Mapping[str, IdentifierKind]
    """Column -> kind of identifier."""
    phone: str
    email: str
    address: str
    number_tables: tuple[Numbers, ...]
    relations: tuple[Relation, ...]
    address_table: TableRule | None
    expected_on: str = ""
    """When somebody not yet born was expected; a database that lacks the column is read without it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlMapping:
    """A whole mapping."""

    where: str
    people: People
    records: tuple[TableRule, ...]
    codes: Codes

    def columns(self) -> dict[str, set[str]]:
        """Every table and column the mapping names, to be compared with the database."""
        needed = self.person_columns()
        if self.people.expected_on:
            needed[self.people.table].add(self.people.expected_on)
        for rule in self.records:
            _columns_of(rule, None, needed)
        return needed

    def person_columns(self) -> dict[str, set[str]]:
        """The tables and columns without which nobody can be recognised."""
        needed: dict[str, set[str]] = {}
        p = self.people
        own = (
            p.key,
            p.forename,
            p.surname,
            p.born_on,
            *p.former_surnames,
            *p.numbers,
            p.phone,
            p.email,
            p.address,
        )
        needed.setdefault(p.table, set()).update(c for c in own if c)
        for n in p.number_tables:
            needed.setdefault(n.table, set()).update((n.person, n.type, n.value))
        for r in p.relations:
            needed.setdefault(r.table, set()).update(c for c in (r.subject, r.other, r.group) if c)
        if p.address_table:
            _columns_of(p.address_table, None, needed)
        return needed


def columns_of(rule: TableRule) -> dict[str, set[str]]:
    """Every table and column that one record and its children read."""
    needed: dict[str, set[str]] = {}
    _columns_of(rule, None, needed)
    return needed


def _columns_of(rule: TableRule, parent: TableRule | None, needed: dict[str, set[str]]) -> None:
    own = needed.setdefault(rule.table, set())
    own.update(c for c in (rule.key, rule.link, rule.order, *rule.json) if c)
    for join in rule.joins.values():
        own.add(join.here)
        needed.setdefault(join.table, set()).add(join.there)
    for field in fields_used(rule):
        head, _, tail = field.partition(".")
        if head.endswith("[]"):
            needed.setdefault(head.removesuffix("[]"), set()).add(tail)
        elif not tail:
            own.add(field)
        elif head == "parent" and parent is not None:
            needed[parent.table].add(tail.partition(".")[0])
        elif head in rule.joins:
            needed[rule.joins[head].table].add(tail)
        elif head not in rule.json:
            raise bad(rule.table, f"`{field}`: `{head}` is neither a join nor a JSON column of this table")
    for child in rule.children:
        _columns_of(child, rule, needed)


def fields_used(rule: TableRule) -> set[str]:
    """Every field the rules of one table read."""
    templates: list[str] = [part for p in rule.passages for part in p.parts]
    for person in rule.people:
        templates += [person.id, person.name, person.job_title, person.employer, person.phone]
        templates += [person.email, person.address, person.relation]
    for a in rule.alerts:
        templates += [a.number, a.step, a.by_role, a.category, a.recipient, a.parents_told]
        templates += [a.reason_not_told, a.status, a.note, *([] if a.on == "gathered" else [a.on])]
    plain = [f.field for f in rule.findings] + [f.on for f in rule.findings] + list(rule.dated_on)
    plain += [rule.kind] if rule.kind and kind_named(rule.kind) is None else []
    plain += [f for f in (rule.entered_at, rule.changed_at) if f]
    return {f for t in templates for f in fields_in(t)} | set(plain)
