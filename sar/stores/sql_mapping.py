"""What the tables of a database mean: a TOML file, read strictly. It refuses to guess.

Field names in the file are columns, ``parent.column`` (of the row a child row belongs to), ``join.column``
(of a row looked up by ``join``) or ``json_column.key`` (of a JSON object kept as text).
"""

from __future__ import annotations

from pathlib import Path

from sar.domain.parties import IdentifierKind, Role
from sar.domain.records import AlertStep
from sar.stores.codes import code_lists
from sar.stores.fields import Fields, bad, read_toml
from sar.stores.sql_extending import extended
from sar.stores.sql_rules import (
    AlertRule,
    Codes,
    FindingRule,
    Join,
    Numbers,
    PassageRule,
    People,
    PersonRule,
    Relation,
    SqlMapping,
    TableRule,
)
from sar.stores.templates import check


def load_mapping(path: Path) -> SqlMapping:
    """Read a mapping file.

    :raises BadMapping: with the place and what to do.
    """
    top = Fields(extended(read_toml(path), path.name), path.name)
    codes = code_lists(top)
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
        expected_on=f.text("expected_born_on", ""),
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
        prefix=f.text("prefix", "") if record else "",
        entered_at=f.text("entered_at", "") if record else "",
        changed_at=f.text("changed_at", "") if record else "",
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
