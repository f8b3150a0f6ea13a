"""The table of persons in a database: who could be the subject, who is tied to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Protocol

from sar.domain.parties import DataSubject, IdentifierKind, Person, Role
from sar.stores.answers import AnswerBuilder, person_id, subject_person
from sar.stores.names import Candidate, Sameness, fold, judge, numbers_of
from sar.stores.sql_rows import RowView, passages_of
from sar.stores.sql_rules import Numbers, PassageRule, People, TableRule
from sar.stores.templates import fields_in
from sar.stores.values import as_date, digits, readable


class RowSource(Protocol):
    """The reads this room needs."""

    def rows(
        self, table: str, column: str, values: Sequence[object], *, order: str = ""
    ) -> Iterator[dict[str, Any]]: ...

    def rows_between(self, table: str, column: str, first: date, last: date) -> Iterator[dict[str, Any]]: ...

    def rows_without(self, table: str, column: str) -> Iterator[dict[str, Any]]: ...

    def views(self, rule: TableRule, link: object) -> Iterator[RowView]: ...


class PeopleTable:
    """Persons by number first; names only together with a date of birth."""

    def __init__(self, source: RowSource, mapping: People) -> None:
        self._source = source
        self._map = mapping
        self._rows: dict[str, dict[str, Any]] = {}

    @property
    def kinds(self) -> tuple[IdentifierKind, ...]:
        """Kinds of number this store knows people by."""
        tables = (k for t in self._map.number_tables for k in t.types.values())
        return tuple(dict.fromkeys((*self._map.numbers.values(), *tables)))

    def candidates(self, subject: DataSubject) -> Iterator[tuple[str, Candidate]]:
        """Rows that carry one of the subject's numbers, were born in the same year, or say no date of birth."""
        for row in self._by_number(subject):
            self._rows[str(row[self._map.key])] = row
        year = subject.born_on.year
        for row in self._source.rows_between(
            self._map.table, self._map.born_on, date(year, 1, 1), date(year, 12, 31)
        ):
            if as_date(row[self._map.born_on]) == subject.born_on or self._near(row, subject):
                self._rows.setdefault(str(row[self._map.key]), row)
        for row in self._source.rows_without(self._map.table, self._map.born_on):
            if self._near(row, subject):
                self._rows.setdefault(str(row[self._map.key]), row)
        for key, row in list(self._rows.items()):
            yield key, self._candidate(key, row)

    def gone(self, confirmed: Iterable[str]) -> list[str]:
        """Numbers an officer compared that nobody has now; the others are candidates, whatever has become of them."""
        keys = sorted(confirmed)
        self._fetch(keys)
        return [key for key in keys if key not in self._rows]

    def name_subject(self, key: str, answer: AnswerBuilder) -> None:
        """The data subject, as this store writes them."""
        answer.person(subject_person(answer.store, answer.subject, key, self._person(key, answer)))

    def name_namesake(self, key: str, answer: AnswerBuilder) -> None:
        """Another person who could be taken for the subject: known, so that they are kept out."""
        answer.person(replace(self._person(key, answer), role=Role.NAMESAKE))

    def name_related(self, key: str, answer: AnswerBuilder) -> None:
        """Everybody the store ties to the subject."""
        for relation in self._map.relations:
            tied = list(self._source.rows(relation.table, relation.subject, [key]))
            if relation.group and tied:
                tied = list(
                    self._source.rows(relation.table, relation.group, [row[relation.group] for row in tied])
                )
            others = list(dict.fromkeys(str(row[relation.other]) for row in tied))
            self._fetch([o for o in others if o not in self._rows])
            for other in others:
                if other != key and other in self._rows:
                    answer.person(replace(self._person(other, answer), relation=relation.words))

    def _near(self, row: dict[str, Any], subject: DataSubject) -> bool:
        """A cheap look at this row alone, so that a whole year of births stays one read."""
        seen = replace(self._alone(row), numbers={})
        return judge(seen, subject).sameness is not Sameness.OTHER

    def _fetch(self, keys: Sequence[str]) -> None:
        for row in self._source.rows(self._map.table, self._map.key, list(keys)):
            self._rows[str(row[self._map.key])] = row

    def _by_number(self, subject: DataSubject) -> Iterator[dict[str, Any]]:
        for column, kind in self._map.numbers.items():
            if values := written(subject, kind):
                yield from self._source.rows(self._map.table, column, values)
        for table in self._map.number_tables:
            yield from self._by_other_table(table, subject)

    def _by_other_table(self, table: Numbers, subject: DataSubject) -> Iterator[dict[str, Any]]:
        for word, kind in table.types.items():
            values = written(subject, kind)
            if not values:
                continue
            found = [
                row[table.person]
                for row in self._source.rows(table.table, table.value, values)
                if row[table.type] == word
            ]
            yield from self._source.rows(self._map.table, self._map.key, found)

    def _candidate(self, key: str, row: dict[str, Any]) -> Candidate:
        numbers: dict[IdentifierKind, set[str]] = {}
        for column, kind in self._map.numbers.items():
            if value := digits(row[column]):
                numbers.setdefault(kind, set()).add(value)
        for kind, value in self._other_numbers(key):
            numbers.setdefault(kind, set()).add(value)
        names = self._joined(row, [*self._surnames(row), *self._other_surnames(key)])
        return replace(self._alone(row), names=names, numbers={k: frozenset(v) for k, v in numbers.items()})

    def _alone(self, row: dict[str, Any]) -> Candidate:
        """What the row itself says of somebody; a column that the database lacks says nothing."""
        return Candidate(
            names=self._joined(row, self._surnames(row)),
            born_on=as_date(row[self._map.born_on]),
            numbers={},
            expected_on=as_date(row.get(self._map.expected_on)),
        )

    def _other_numbers(self, key: str) -> Iterator[tuple[IdentifierKind, str]]:
        for table in self._map.number_tables:
            for row in self._source.rows(table.table, table.person, [key]):
                kind = table.types.get(str(row[table.type]))
                if kind and (value := digits(row[table.value])):
                    yield kind, value

    def _surnames(self, row: dict[str, Any]) -> list[str]:
        return [readable(row[c]) for c in (self._map.surname, *self._map.former_surnames)]

    def _other_surnames(self, key: str) -> Iterator[str]:
        for table in self._map.number_tables:
            if table.former_surname_types:
                for found in self._source.rows(table.table, table.person, [key]):
                    if found[table.type] in table.former_surname_types:
                        yield readable(found[table.value])

    def _joined(self, row: dict[str, Any], surnames: Sequence[str]) -> tuple[str, ...]:
        first = readable(row[self._map.forename])
        names = [f"{first} {s}".strip() for s in surnames if s] or [first]
        return tuple(dict.fromkeys(n for n in names if n))

    def _person(self, key: str, answer: AnswerBuilder) -> Person:
        row = self._rows[key]
        candidate = self._candidate(key, row)
        names = candidate.names or ("",)
        return Person(
            id=person_id(answer.store, key),
            name=names[0],
            role=Role.THIRD_PARTY,
            aliases=names[1:],
            phones=self._one(row, self._map.phone),
            emails=self._one(row, self._map.email),
            addresses=(*self._one(row, self._map.address), *self._addresses(key)),
            identifiers=tuple(sorted({n for held in candidate.numbers.values() for n in held})),
            born_on=candidate.born_on,
            seen_in=(answer.store,),
        )

    def _one(self, row: dict[str, Any], column: str) -> tuple[str, ...]:
        text = readable(row[column]) if column else ""
        return (text,) if text else ()

    def _addresses(self, key: str) -> tuple[str, ...]:
        rule = self._map.address_table
        if rule is None:
            return ()
        return tuple(line for view in self._source.views(rule, key) for line in _addresses_in(view))


def _addresses_in(view: RowView) -> Iterator[str]:
    """What the mapping names, one by one; with whatever else the row's JSON has, when the mapping takes that too."""
    others = [text for rule in view.rule.passages if rule.keys is not None for text in _unlisted(rule, view)]
    rules = [rule for rule in view.rule.passages if rule.keys is None]
    listed = [p.text for p in passages_of(replace(view, rule=replace(view.rule, passages=tuple(rules))), {})]
    if not others:
        yield from listed
        return
    inside = (f for rule in rules for part in rule.parts for f in fields_in(part))
    if any(readable(view.value(f)) for f in inside if f.partition(".")[0] in view.rule.json):
        yield ", ".join([*listed, *others])
    else:
        # The postcode of the row may stand in the text as well.
        said = f" {fold(', '.join(others))} "
        yield ", ".join([*others, *(text for text in listed if f" {fold(text)} " not in said)])


def _unlisted(rule: PassageRule, view: RowView) -> Iterator[str]:
    for field in fields_in(rule.parts[0]):
        for key, value in view.json(field).items():
            if (rule.keys or {}).get(key) != "-":
                yield from _leaves(value)


def _leaves(value: object) -> Iterator[str]:
    if isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _leaves(inner)
    elif text := readable(value):
        yield text


def written(subject: DataSubject, kind: IdentifierKind) -> list[str]:
    """A number as stores write it: bare, in letters of either size, and for NHS numbers in threes and fours."""
    values: list[str] = []
    for number in numbers_of(subject, kind):
        values += dict.fromkeys((number, number.lower()))
        if kind is IdentifierKind.NHS_NUMBER and len(number) == _NHS_DIGITS:
            values += [sign.join((number[:3], number[3:6], number[6:])) for sign in (" ", "-")]
    return values


_NHS_DIGITS = 10
