"""What the tables of a database mean: a TOML file, read strictly. It refuses to guess.

Field names in the file are columns, ``parent.column`` (of the row a child row belongs to), ``join.column``
(of a row looked up by ``join``) or ``json_column.key`` (of a JSON object kept as text).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sar.domain.parties import IdentifierKind, Role
from sar.domain.records import AlertStep
from sar.stores.answers import kind_named
from sar.stores.fields import Fields, bad, read_toml
from sar.stores.templates import check, fields_in

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


@dataclass(frozen=True, slots=True, kw_only=True)
class SqlMapping:
    """A whole mapping."""

    where: str
    people: People
    records: tuple[TableRule, ...]
    codes: Codes

    def columns(self) -> dict[str, set[str]]:
        """Every table and column the mapping names, to be compared with the database."""
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
        tables = [*self.records, *([p.address_table] if p.address_table else [])]
        for rule in tables:
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
    return {f for t in templates for f in fields_in(t)} | set(plain)


def load_mapping(path: Path) -> SqlMapping:
    """Read a mapping file.

    :raises BadMapping: with the place and what to do.
    """
    top = Fields(read_toml(path), path.name)
    codes = {name: table.all_words() for name, table in top.named("codes").items()}
    mapping = SqlMapping(
        where=path.name,
        people=_people(top.table("person")),
        records=tuple(_table(t, codes, record=True) for t in top.tables("record")),
        codes=codes,
    )
    top.done()
    if not mapping.records:
        raise bad(path.name, "it maps no table to records", next_step="Add at least one [[record]].")
    mapping.columns()
    return mapping


def _people(f: Fields) -> People:
    address = f.table("address_table") if f.has("address_table") else None
    people = People(
        table=f.text("table"),
        key=f.text("key"),
        forename=f.text("forename"),
        surname=f.text("surname"),
        former_surnames=f.texts("former_surnames"),
        born_on=f.text("born_on"),
        numbers={column: _number_kind(kind, f.where) for column, kind in f.words("numbers").items()},
        phone=f.text("phone", ""),
        email=f.text("email", ""),
        address=f.text("address", ""),
        number_tables=tuple(_numbers(n) for n in f.tables("number_table")),
        relations=tuple(_relation(r) for r in f.tables("relation")),
        address_table=_table(address, {}, record=False) if address else None,
    )
    f.done()
    if not people.numbers and not people.number_tables:
        raise bad(f.where, "no number identifies a person; a name alone is never enough")
    return people


def _numbers(f: Fields) -> Numbers:
    numbers = Numbers(
        table=f.text("table"),
        person=f.text("person"),
        type=f.text("type"),
        value=f.text("value"),
        types={word: _number_kind(kind, f.where) for word, kind in f.words("types").items()},
        former_surname_types=f.texts("former_surname_types"),
    )
    f.done()
    return numbers


def _relation(f: Fields) -> Relation:
    relation = Relation(
        table=f.text("table"),
        subject=f.text("subject"),
        other=f.text("other"),
        words=f.text("words"),
        group=f.text("group", ""),
    )
    f.done()
    return relation


def _number_kind(words: str, where: str) -> IdentifierKind:
    for kind in IdentifierKind:
        if kind.value == words:
            return kind
    known = ", ".join(k.value for k in IdentifierKind)
    raise bad(where, f"`{words}` is not a kind of identifier", next_step=f"Use one of: {known}.")


def _table(f: Fields, codes: Codes, *, record: bool) -> TableRule:
    rule = TableRule(
        table=f.text("table"),
        key=f.text("key"),
        link=f.text("person" if record else "parent"),
        kind=f.text("kind") if record else "",
        dated_on=f.texts("dated_on"),
        passages=tuple(_passage(p, codes) for p in f.tables("passages")),
        people=tuple(_person(p) for p in f.tables("people")),
        alerts=tuple(_alert(a) for a in f.tables("alert")),
        findings=tuple(_finding(x, codes) for x in f.tables("findings")),
        children=tuple(_table(c, codes, record=False) for c in f.tables("child")),
        joins={name: _join(j) for name, j in f.named("join").items()},
        json=f.texts("json"),
        order=f.text("order", ""),
    )
    f.done()
    if record and not rule.dated_on:
        raise bad(f.where, "`dated_on` names no column", next_step="Name the columns that date a record.")
    if record and not rule.passages:
        raise bad(f.where, "no passages", next_step="Say which columns a reader should see, with labels.")
    return rule


def _passage(f: Fields, codes: Codes) -> PassageRule:
    where = f.where
    rule = PassageRule(
        label=f.text("label"),
        parts=tuple(check(p, where) for p in f.texts("text")),
        codes=_known_codes(f.text("codes", ""), codes, where),
        keys=f.words("keys") or None,
        joiner=f.text("joiner", ", "),
    )
    f.done()
    if not rule.parts:
        raise bad(where, "`text` is empty", next_step='Write text = "{column}" or a list of such pieces.')
    return rule


def _known_codes(name: str, codes: Codes, where: str) -> str:
    if name and name not in codes:
        raise bad(
            where, f"there is no code list `{name}`", next_step=f"Add [codes.{name}] or correct the name."
        )
    return name


def _person(f: Fields) -> PersonRule:
    where, role = f.where, f.text("role")
    names = {r.name.lower(): r for r in (Role.PROFESSIONAL, Role.THIRD_PARTY, Role.ORGANISATION, Role.SOURCE)}
    if role not in names:
        raise bad(where, f"`{role}` is not a role here", next_step=f"Use one of: {', '.join(names)}.")
    texts = {
        key: check(f.text(key, ""), where)
        for key in ("id", "name", "job_title", "employer", "phone", "email", "address", "relation")
    }
    f.done()
    return PersonRule(role=names[role], **texts)


def _alert(f: Fields) -> AlertRule:
    where = f.where
    steps = {word: _step(step, where) for word, step in f.words("steps").items()}
    texts = {
        key: check(f.text(key, ""), where)
        for key in (
            "number", "step", "on", "by_role", "category", "recipient", "parents_told", "reason_not_told",
            "status", "note",
        )
    }  # fmt: skip
    f.done()
    if not (texts["number"] and texts["step"] and texts["on"]):
        raise bad(where, "an alert entry needs `number`, `step` and `on`")
    if not steps:
        steps = {texts["step"]: _step(texts["step"], where)}
    return AlertRule(steps=steps, **texts)


def _step(word: str, where: str) -> AlertStep | None:
    if word == "none":
        return None
    try:
        return AlertStep[word.upper()]
    except KeyError:
        known = ", ".join(s.name.lower() for s in AlertStep)
        raise bad(
            where, f"`{word}` is not a step of an alert", next_step=f"Use one of: {known}, none."
        ) from None


def _finding(f: Fields, codes: Codes) -> FindingRule:
    rule = FindingRule(
        field=f.text("field"), codes=_known_codes(f.text("codes"), codes, f.where), on=f.text("on")
    )
    f.done()
    return rule


def _join(f: Fields) -> Join:
    join = Join(table=f.text("table"), here=f.text("here"), there=f.text("there"))
    f.done()
    return join
