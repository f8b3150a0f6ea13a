"""The table of persons in a database: who could be the subject, who is tied to them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Protocol

from sar.domain.parties import DataSubject, IdentifierKind, Person, Role
from sar.stores.answers import AnswerBuilder, person_id, subject_person
from sar.stores.names import Candidate, names_of, nearly, numbers_of
from sar.stores.sql_rows import RowView, passages_of
from sar.stores.sql_rules import Numbers, People, TableRule
from sar.stores.values import as_date, digits, readable


class RowSource(Protocol):
    """The reads this room needs."""

    def rows(
        self, table: str, column: str, values: Sequence[object], *, order: str = ""
    ) -> Iterator[dict[str, Any]]: ...

    def rows_between(self, table: str, column: str, first: date, last: date) -> Iterator[dict[str, Any]]: ...

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
        """Rows that carry one of the subject's numbers, or were born in the same year."""
        for row in self._by_number(subject):
            self._rows[str(row[self._map.key])] = row
        year = subject.born_on.year
        for row in self._source.rows_between(
            self._map.table, self._map.born_on, date(year, 1, 1), date(year, 12, 31)
        ):
            if as_date(row[self._map.born_on]) == subject.born_on or self._near(row, subject):
                self._rows.setdefault(str(row[self._map.key]), row)
        for key, row in list(self._rows.items()):
            yield key, self._candidate(key, row)

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
        """A cheap look at the name columns alone, so that a whole year of births stays one read."""
        first = readable(row[self._map.forename])
        surnames = (readable(row[c]) for c in (self._map.surname, *self._map.former_surnames))
        return any(nearly(f"{first} {s}", name) for s in surnames if s for name in names_of(subject))

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
        return Candidate(
            names=self._names(key, row),
            born_on=as_date(row[self._map.born_on]),
            numbers={k: frozenset(v) for k, v in numbers.items()},
        )

    def _other_numbers(self, key: str) -> Iterator[tuple[IdentifierKind, str]]:
        for table in self._map.number_tables:
            for row in self._source.rows(table.table, table.person, [key]):
                kind = table.types.get(str(row[table.type]))
                if kind and (value := digits(row[table.value])):
                    yield kind, value

    def _names(self, key: str, row: dict[str, Any]) -> tuple[str, ...]:
        first = readable(row[self._map.forename])
        surnames = [readable(row[self._map.surname]), *(readable(row[c]) for c in self._map.former_surnames)]
        for table in self._map.number_tables:
            if table.former_surname_types:
                surnames += [
                    readable(found[table.value])
                    for found in self._source.rows(table.table, table.person, [key])
                    if found[table.type] in table.former_surname_types
                ]
        return tuple(dict.fromkeys(f"{first} {s}".strip() for s in surnames if s))

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
        return tuple(p.text for view in self._source.views(rule, key) for p in passages_of(view, {}))


def written(subject: DataSubject, kind: IdentifierKind) -> list[str]:
    """A number as stores write it: bare, and for NHS numbers in threes and fours."""
    values: list[str] = []
    for number in numbers_of(subject, kind):
        values.append(number)
        if kind is IdentifierKind.NHS_NUMBER and len(number) == _NHS_DIGITS:
            values.append(f"{number[:3]} {number[3:6]} {number[6:]}")
    return values


_NHS_DIGITS = 10
