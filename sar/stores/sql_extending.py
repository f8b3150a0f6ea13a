"""One mapping built on another: ``extends = "ssd"`` takes the shipped one and says only what differs here.

``without`` names tables (``ssd_missing``) and columns (``ssd_person.pers_send_flag``) that this database lacks;
every rule that reads them is left out. A ``[[record]]`` of a table that the shipped mapping also reads takes its
place; other records, code lists and words are added.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sar.stores.fields import bad, read_toml
from sar.stores.templates import fields_in

Table = dict[str, Any]
Gone = Callable[[str], bool]

_SHIPPED = Path(__file__).with_name("mappings")


def ready_mappings() -> tuple[str, ...]:
    """The names of the mappings that come with the program."""
    return tuple(sorted(p.name.removesuffix(".mapping.toml") for p in _SHIPPED.glob("*.mapping.toml")))


def ready_mapping(name: str) -> Path | None:
    """The file of a shipped mapping; None when the word is not the name of one."""
    return _SHIPPED / f"{name}.mapping.toml" if name in ready_mappings() else None


def extended(top: Table, where: str) -> Table:
    """The whole mapping: what the file extends, less what is left out, with what the file adds."""
    name = top.pop("extends", "")
    without = top.pop("without", [])
    if not name and not without:
        return top
    if not isinstance(without, list) or not all(isinstance(w, str) for w in without):
        raise bad(where, "`without` must be a list of tables and columns")
    path = ready_mapping(name) if isinstance(name, str) else None
    if path is None:
        raise bad(where, "`extends` names no ready mapping", next_step=f"Use: {', '.join(ready_mappings())}.")
    base = read_toml(path)
    _known(without, base, where)
    return _added(_less(base, frozenset(without)), top)


def _known(without: list[str], base: Table, where: str) -> None:
    """A misspelt name would leave in what is not there, and be found out only by the next check."""
    named = set(_tables_in(base))
    for word in without:
        if word.partition(".")[0] not in named:
            raise bad(where, f"`without` names `{word}`, which the mapping does not read")


def _tables_in(value: object) -> list[str]:
    if isinstance(value, dict):
        own = [value["table"]] if isinstance(value.get("table"), str) else []
        return own + [t for v in value.values() for t in _tables_in(v)]
    if isinstance(value, list):
        return [t for v in value for t in _tables_in(v)]
    return []


def _added(base: Table, top: Table) -> Table:
    replaced = {r.get("table") for r in top.get("record", [])}
    records = [r for r in base.get("record", []) if r.get("table") not in replaced]
    codes = {name: dict(words) for name, words in base.get("codes", {}).items()}
    for name, words in top.get("codes", {}).items():
        codes.setdefault(name, {}).update(words)
    person = base.get("person", {}) | top.get("person", {})
    rest = {key: value for key, value in top.items() if key not in {"record", "codes", "person"}}
    return rest | {"person": person, "codes": codes, "record": [*records, *top.get("record", [])]}


def _less(base: Table, gone: frozenset[str]) -> Table:
    person = dict(base["person"])
    for part in ("number_table", "relation"):
        person[part] = [t for t in person.get(part, []) if t["table"] not in gone]
    table = person["table"]
    person["numbers"] = {c: k for c, k in person["numbers"].items() if f"{table}.{c}" not in gone}
    if f"{table}.{person.get('expected_born_on')}" in gone:
        del person["expected_born_on"]
    if person.get("address_table", {}).get("table") in gone:
        del person["address_table"]
    records = [_record(r, gone) for r in base["record"] if r["table"] not in gone]
    return base | {"person": person, "record": records}


def _record(rule: Table, gone: frozenset[str]) -> Table:
    table, joins = rule["table"], rule.get("join", {})
    lost = {name for name, j in joins.items() if j["table"] in gone or f"{table}.{j['here']}" in gone}

    def is_gone(field: str) -> bool:
        head, _, tail = field.partition(".")
        child = head.removesuffix("[]")
        if child != head:
            return child in gone or f"{child}.{tail}" in gone
        if head in joins:
            return head in lost or f"{joins[head]['table']}.{tail}" in gone
        return f"{table}.{head}" in gone

    kept = dict(rule)
    kept["join"] = {name: j for name, j in joins.items() if name not in lost}
    for key in ("dated_on", "json"):
        if key in kept:
            kept[key] = [f for f in kept[key] if not is_gone(f)]
    for key in ("order", "entered_at", "changed_at"):
        if is_gone(kept.get(key, "")):
            del kept[key]
    kept["passages"] = [p for p in (_passage(p, is_gone) for p in rule.get("passages", [])) if p["text"]]
    for key in ("people", "alert", "findings"):
        entries = (_entry(e, is_gone) for e in rule.get(key, []))
        kept[key] = [e for e in entries if e is not None]
    kept["child"] = [_record(c, gone) for c in rule.get("child", []) if c["table"] not in gone]
    return kept


def _passage(passage: Table, is_gone: Gone) -> Table:
    texts = passage["text"] if isinstance(passage["text"], list) else [passage["text"]]
    return passage | {"text": [t for t in texts if not any(map(is_gone, fields_in(t)))]}


def _entry(entry: Table, is_gone: Gone) -> Table | None:
    """An entry without the templates that read what is gone; nothing when it cannot do without one."""
    kept: Table = {}
    for key, value in entry.items():
        fields = [value] if key == "field" else fields_in(value) if isinstance(value, str) else ()
        if any(map(is_gone, fields)):
            if key in {"name", "field", "number", "step", "on"}:
                return None
            continue
        kept[key] = value
    return kept
