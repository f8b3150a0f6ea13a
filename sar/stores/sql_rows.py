"""Rows and what a mapping makes of them: passages, people, alert entries, findings."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from sar.domain.parties import Person
from sar.domain.records import AlertEntry, Finding, Passage
from sar.stores.answers import AnswerBuilder, person_id, unnumbered
from sar.stores.codes import codes_in, in_words, known, truth
from sar.stores.sql_rules import AlertRule, Codes, PassageRule, PersonRule, TableRule
from sar.stores.templates import fields_in, render
from sar.stores.values import as_date, date_within, readable

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowView:
    """One row with what it is tied to: looked-up rows, its parent, and its children by table."""

    rule: TableRule
    row: Row
    joined: Mapping[str, Row]
    parent: RowView | None = None
    children: tuple[RowView, ...] = ()

    @property
    def id(self) -> str:
        """The number a person gives for the record: the row's own, with the table's prefix if it has one."""
        return f"{self.rule.prefix}/{self.key}" if self.rule.prefix else self.key

    @property
    def key(self) -> str:
        """The row's own number; its children name it."""
        return str(self.row[self.rule.key])

    def value(self, field: str) -> object:
        """The raw value of a field of the mapping."""
        head, _, tail = field.partition(".")
        if not tail:
            return self.row.get(field)
        if head == "parent":
            return self.parent.value(tail) if self.parent else None
        if head in self.joined:
            return self.joined[head].get(tail)
        if head in self.rule.json:
            return self.json(head).get(tail)
        return None

    def json(self, column: str) -> dict[str, Any]:
        """A JSON object kept as text; a text that is not one is kept under an empty key."""
        text = self.row.get(column)
        if isinstance(text, dict):
            return text
        if not text:
            return {}
        if isinstance(text, list):
            return {"": text}
        try:
            value = json.loads(str(text))
        except (ValueError, RecursionError):
            return {"": str(text)}
        if _depth(value) > _DEEPEST:
            # Nested deeper than can be read piece by piece: its text is kept as it stands.
            return {"": str(text)}
        return value if isinstance(value, dict) else {"": value}

    def with_children(self) -> Iterator[RowView]:
        """This row, then its children in order."""
        yield self
        yield from self.children


_DEEPEST = 50


def _depth(value: object) -> int:
    """How deep the lists and objects of a value stand in one another."""
    deepest, heap = 0, [(value, 0)]
    while heap and deepest <= _DEEPEST:
        top, depth = heap.pop()
        deepest = max(deepest, depth)
        inner = top.values() if isinstance(top, dict) else top if isinstance(top, list) else ()
        heap += [(each, depth + 1) for each in inner if isinstance(each, dict | list)]
    return deepest


def passages_of(view: RowView, codes: Codes) -> list[Passage]:
    """The labelled pieces of a record, its children's after its own."""
    return [p for v in view.with_children() for rule in v.rule.passages for p in _passages(rule, v, codes)]


def _passages(rule: PassageRule, view: RowView, codes: Codes) -> Iterator[Passage]:
    if rule.keys is not None:
        yield from _json_passages(rule, view, codes.get(rule.codes, {}))
        return
    coded = codes.get(rule.codes, {})
    pieces = [in_words(render(part, view.value), coded) for part in rule.parts]
    if text := rule.joiner.join(p for p in pieces if p) or _number_only(rule, view):
        yield Passage(label=rule.label, text=text)


def has_unread_json(view: RowView) -> bool:
    """Whether a value that should be JSON could not be taken apart, and the mapping nowhere takes it as it stands."""
    whole = {f for rule in view.rule.passages if rule.keys is not None for f in fields_in(rule.parts[0])}
    named = {
        f for rule in view.rule.passages if rule.keys is None for part in rule.parts for f in fields_in(part)
    }
    apart = {f.partition(".")[0] for f in named if "." in f} & set(view.rule.json)
    return any(isinstance(view.json(column).get(""), str) for column in apart - whole - named)


def _number_only(rule: PassageRule, view: RowView) -> str:
    """The number by which a row names another that the store does not have: that it did is a fact too."""
    used = {field.partition(".")[0] for part in rule.parts for field in fields_in(part)}
    for name, join in view.rule.joins.items():
        if name in used and (number := readable(view.row.get(join.here))):
            return f"number {number} (the store says no more)"
    return ""


def _json_passages(rule: PassageRule, view: RowView, coded: Mapping[str, str]) -> Iterator[Passage]:
    for field in fields_in(rule.parts[0]):
        for key, value in view.json(field).items():
            label = (rule.keys or {}).get(key)
            text = flat(value, coded)
            if label == "-" or not text:
                continue
            if label or not key:
                yield Passage(label=label or rule.label, text=text)
            elif code := known(key, coded):
                # A code with a yes or a no beside it: {"18C": "Yes"}.
                yield Passage(label=rule.label, text=_said(in_words(code, coded), text))
            else:
                # A key the mapping does not list is part of the text: a label never comes from the data.
                yield Passage(label=rule.label, text=f"{key}: {text}")


def _said(words: str, text: str) -> str:
    return words if truth(text) is True else f"{words}: {text}"


def flat(value: object, coded: Mapping[str, str] | None = None) -> str:
    """A JSON value as one readable text, codes in words."""
    if isinstance(value, dict):
        return "; ".join(f"{k}: {flat(v, coded)}" for k, v in value.items())
    if isinstance(value, list):
        return "; ".join(flat(v, coded) for v in value)
    return in_words(readable(value), coded or {})


def date_of(view: RowView) -> date | None:
    """The first of the mapping's date fields that holds a date."""
    for field in view.rule.dated_on:
        child, _, column = field.partition("[].")
        if column:
            dates = [d for c in view.children if c.rule.table == child and (d := as_date(c.value(column)))]
            if dates:
                return max(dates)
        elif on := as_date(view.value(field)):
            return on
    return None


def people_of(view: RowView, answer: AnswerBuilder) -> Iterator[Person]:
    """The people named in the columns of a record and its children."""
    for v in view.with_children():
        for rule in v.rule.people:
            if person := _person(rule, v, answer):
                yield person


def _person(rule: PersonRule, view: RowView, answer: AnswerBuilder) -> Person | None:
    name = render(rule.name, view.value)
    if not name:
        return None
    native = render(rule.id, view.value) if rule.id else ""

    def one(template: str) -> tuple[str, ...]:
        text = render(template, view.value)
        return (text,) if text else ()

    return Person(
        id=person_id(answer.store, native) if native else unnumbered(answer.store, name),
        name=name,
        role=rule.role,
        relation=render(rule.relation, view.value),
        job_title=render(rule.job_title, view.value),
        employer=render(rule.employer, view.value),
        phones=one(rule.phone),
        emails=one(rule.email),
        addresses=one(rule.address),
        seen_in=(answer.store,),
    )


def alert_of(view: RowView, answer: AnswerBuilder) -> Iterator[AlertEntry]:
    """The facts of an alert's life in a record and its children."""
    for v in view.with_children():
        for rule in v.rule.alerts:
            if entry := _entry(rule, v, answer):
                yield entry


def _entry(rule: AlertRule, view: RowView, answer: AnswerBuilder) -> AlertEntry | None:
    def text(template: str) -> str:
        return render(template, view.value)

    number, word = text(rule.number), text(rule.step)
    if not number or not word:
        return None
    if word not in rule.steps:
        answer.hold(view.id, "a step of an alert that the mapping does not list", "unknown-kind")
        return None
    step = rule.steps[word]
    if step is None:
        return None
    if _unsaid(rule.on, view):
        return None
    on = answer.at.date() if rule.on == "gathered" else _day(rule.on, view)
    if on is None:
        answer.hold(view.id, "a step of an alert without a date", "undated")
        return None
    return AlertEntry(
        alert_number=number,
        step=step,
        on=on,
        by_role=text(rule.by_role),
        category=text(rule.category),
        recipient=text(rule.recipient),
        parents_told=truth(text(rule.parents_told)),
        reason_not_told=text(rule.reason_not_told),
        status=text(rule.status),
        note=text(rule.note),
    )


def _unsaid(on: str, view: RowView) -> bool:
    """Whether the date stands in a JSON object that does not have it: then the row states no such step."""
    return any(f.partition(".")[0] in view.rule.json and view.value(f) is None for f in fields_in(on))


def _day(template: str, view: RowView) -> date | None:
    fields = fields_in(template)
    return as_date(view.value(fields[0])) if fields else date_within(template)


def findings_of(view: RowView, codes: Codes) -> Iterator[Finding]:
    """Coded outcomes in words."""
    for v in view.with_children():
        for rule in v.rule.findings:
            coded = codes[rule.codes]
            on = as_date(v.value(rule.on)) or date_of(v) or date_of(view)
            value = v.json(rule.field) if rule.field in v.rule.json else v.value(rule.field)
            for code in codes_in(value, coded):
                if on:
                    words = coded.get(code, "a code this program has no words for")
                    yield Finding(code=code, words=words, on=on)
