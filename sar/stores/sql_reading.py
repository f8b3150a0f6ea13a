"""Bound, quoted reads inside one read-only transaction. Rows of a record table stream; they are never all held."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import date
from itertools import islice
from typing import Any

import sqlalchemy as sa

from sar.stores.fields import bad
from sar.stores.sql_engine import (
    begin,
    columns_held,
    is_of_one_table,
    needs_second,
    renew,
    stream_without_haste,
)
from sar.stores.sql_rows import Row, RowView
from sar.stores.sql_rules import SqlMapping, TableRule, columns_of
from sar.stores.values import decoded

BATCH = 200
_AT_ONCE = 500
"""Values bound in one question."""
MAX_CHILDREN = 100_000
"""Rows that belong to one batch of records; more means that the mapping ties them to the wrong column."""
_KNOWN = 5_000
_LARGEST = 2**63 - 1

Types = Mapping[str, Mapping[str, sa.types.TypeEngine[Any]]]


class TableUnreadableError(Exception):
    """One table cannot be read; the others can. Its words name the table and never what it holds."""


class Reader:
    """The reads that stores of this kind need."""

    def __init__(self, connection: sa.Connection, second: sa.Connection | None, types: Types) -> None:
        self._connection = connection
        self._second = second
        self._types = types
        self._tables = {name: sa.table(name, *map(sa.column, sorted(held))) for name, held in types.items()}
        self._known: dict[tuple[str, str], dict[str, dict[str, Any]]] = {}

    def count(self, table: str, column: str = "", value: object = None) -> int:
        """Rows in a table, or those whose column holds a value."""
        question = sa.select(sa.func.count()).select_from(self._table(table))
        if column:
            question = question.where(self._holds(table, column, [value]))
        renew(self._connection)
        return int(self._connection.execute(question).scalar_one())

    def rows(
        self, table: str, column: str, values: Sequence[object], *, order: str = ""
    ) -> Iterator[dict[str, Any]]:
        """Rows whose column holds one of the values."""
        for start in range(0, len(values), _AT_ONCE):
            yield from self._run(self._question(table, column, values[start : start + _AT_ONCE], order))

    def rows_between(self, table: str, column: str, first: date, last: date) -> Iterator[dict[str, Any]]:
        """Rows whose date column lies in a period of one year; a date kept as text is found by its year."""
        source = self._table(table)
        if isinstance(self._types[table][column], sa.Date | sa.DateTime):
            after = date(last.year + 1, 1, 1)
            limits = (sa.literal(first, sa.Date), sa.literal(after, sa.Date))
            within = sa.and_(source.c[column] >= limits[0], source.c[column] < limits[1])
        else:
            within = sa.cast(source.c[column], sa.String).contains(str(first.year))
        yield from self._run(sa.select(source).where(within))

    def rows_without(self, table: str, column: str) -> Iterator[dict[str, Any]]:
        """Rows whose column holds nothing; in a column of text an empty one is nothing too."""
        source = self._table(table)
        place = source.c[column]
        nothing: sa.ColumnElement[bool] = place.is_(None)
        if isinstance(self._types[table][column], sa.String):
            nothing = sa.or_(nothing, place == sa.literal("", sa.String))
        yield from self._run(sa.select(source).where(nothing))

    def views(self, rule: TableRule, link: object) -> Generator[RowView, None, None]:
        """The rows of one person in a mapped table, with what belongs to them, batch by batch."""
        # Closed at once when reading is broken off: an open read of MariaDB would stand in the way of the next.
        with closing(
            self._stream(self._question(rule.table, rule.link, [link], rule.order or rule.key))
        ) as rows:
            mine = (row for row in rows if same(row[rule.link], link))
            while batch := list(islice(mine, BATCH)):
                yield from self._views(rule, batch, {})

    def _views(self, rule: TableRule, rows: Sequence[Row], parents: Mapping[str, RowView]) -> list[RowView]:
        joined = {name: self._joined(rule, name, rows) for name in rule.joins}
        views = [
            RowView(
                rule=rule,
                row=row,
                joined={n: joined[n].get(str(row[j.here]), {}) for n, j in rule.joins.items()},
                parent=parents.get(str(row[rule.link])),
            )
            for row in rows
        ]
        children: dict[str, list[RowView]] = {}
        by_key = {view.key: view for view in views}
        for child in rule.children:
            for view in self._views(child, self._children(child, by_key), by_key):
                children.setdefault(str(view.row[child.link]), []).append(view)
        return [replace(v, children=tuple(children.get(v.key, ()))) for v in views] if children else views

    def _children(self, rule: TableRule, parents: Mapping[str, RowView]) -> list[Row]:
        found: list[Row] = []
        for row in self.rows(rule.table, rule.link, list(parents), order=rule.order or rule.key):
            if len(found) >= MAX_CHILDREN:
                raise TableUnreadableError(f"{rule.table}: too many rows belong to a few records")
            if str(row[rule.link]) in parents:
                found.append(row)
        return found

    def _joined(self, rule: TableRule, name: str, rows: Iterable[Row]) -> dict[str, dict[str, Any]]:
        join = rule.joins[name]
        known = self._known.setdefault((join.table, join.there), {})
        if len(known) > _KNOWN:
            known.clear()
        wanted = {str(row[join.here]): row[join.here] for row in rows if row[join.here] not in {None, ""}}
        missing = [value for text, value in wanted.items() if text not in known]
        known.update({str(found[join.there]): found for found in self.rows(join.table, join.there, missing)})
        return known

    def _question(self, table: str, column: str, values: Sequence[object], order: str) -> sa.Select[Any]:
        source = self._table(table)
        question = sa.select(source).where(self._holds(table, column, values))
        return question.order_by(source.c[order]) if order else question

    def _holds(self, table: str, column: str, values: Sequence[object]) -> sa.ColumnElement[bool]:
        kind, place = self._types[table][column], self._table(table).c[column]
        if isinstance(kind, sa.Integer):
            whole = [int(t) for t in map(str, values) if t.isdecimal() and int(t) <= _LARGEST]
            return place.in_(_bound(whole, sa.BigInteger()))
        asked = _bound([str(v) for v in values], sa.String())
        return (place if isinstance(kind, sa.String) else sa.cast(place, sa.String)).in_(asked)

    def _run(self, question: sa.Select[Any]) -> Iterator[dict[str, Any]]:
        renew(self._connection)
        yield from self._taken(self._connection, question)

    def _stream(self, question: sa.Select[Any]) -> Generator[dict[str, Any], None, None]:
        yield from self._taken(self._second or self._connection, question)

    def _taken(self, connection: sa.Connection, question: sa.Select[Any]) -> Iterator[dict[str, Any]]:
        renew(connection)
        options = {"stream_results": True, "max_row_buffer": BATCH}
        with connection.execute(question, execution_options=options) as result:
            for part in result.mappings().partitions(BATCH):
                for row in part:
                    yield {name: _plain(value) for name, value in row.items()}
                renew(connection)

    def _table(self, table: str) -> sa.TableClause:
        return self._tables[table]

    @contextmanager
    def one_table(self, table: str) -> Iterator[None]:
        """Reads of one table: what only this table cannot give leaves the transaction as it was.

        :raises TableUnreadableError: the table cannot be read; the rest can.
        """
        aside = self._connection.begin_nested() if self._connection.dialect.name == "postgresql" else None
        try:
            yield
        except sa.exc.DBAPIError as fault:
            if not is_of_one_table(fault):
                raise
            if aside is not None:
                aside.rollback()
            raise TableUnreadableError(f"{table}: the database does not give it") from fault
        if aside is not None:
            aside.commit()


def _bound(values: Sequence[object], kind: sa.types.TypeEngine[Any]) -> sa.BindParameter[Any]:
    return sa.bindparam("asked", list(values), type_=kind, expanding=True, unique=True)


def same(stored: object, asked: object) -> bool:
    """Whether a stored key is the one asked for; a database that ignores case must not lend another's row."""
    return str(stored).strip() == str(asked).strip()


def _plain(value: Any) -> Any:
    return decoded(bytes(value)) if isinstance(value, bytes | bytearray | memoryview) else value


@contextmanager
def reading(engine: sa.Engine, mapping: SqlMapping, timeout_s: float) -> Iterator[tuple[Reader, Schema]]:
    """A reader on a fresh transaction, and what of the mapping the database holds."""
    with ExitStack() as opened:
        connection = opened.enter_context(engine.connect())
        begin(connection, timeout_s)
        second = None
        if needs_second(connection):
            second = opened.enter_context(engine.connect())
            stream_without_haste(second)
            second.rollback()
            begin(second, timeout_s)
        schema = Schema(connection, mapping)
        yield Reader(connection, second, schema.types), schema


class Schema:
    """The tables and columns of the database, compared with the mapping."""

    def __init__(self, connection: sa.Connection, mapping: SqlMapping) -> None:
        self._mapping = mapping
        needed = mapping.columns()
        held = columns_held(connection, needed)
        self.types: dict[str, dict[str, sa.types.TypeEngine[Any]]] = {}
        self._missing: dict[str, frozenset[str]] = {}
        for table, columns in sorted(needed.items()):
            found = held.get(table, {})
            self.types[table] = {c: found[c] for c in columns & set(found)}
            self._missing[table] = frozenset(columns - set(found)) if found else frozenset({""})

    def lacks(self, needed: Mapping[str, set[str]]) -> list[str]:
        """What is not there of some tables and columns, in words."""
        words: list[str] = []
        for table, columns in sorted(needed.items()):
            missing = self._missing[table]
            if "" in missing:
                words.append(f"there is no table `{table}` in the database")
            else:
                words += [f"table `{table}` has no column `{c}`" for c in sorted(columns & missing)]
        return words

    def must_hold_people(self) -> None:
        """Refuse a database in which nobody can be recognised."""
        self._refuse(self._mapping.person_columns())

    def must_hold_all(self) -> None:
        """Refuse a database that lacks anything the mapping names."""
        self._refuse(self._mapping.columns())

    def unreadable(self, rule: TableRule) -> str:
        """Why a record cannot be read as mapped; empty when it can."""
        return "; ".join(self.lacks(columns_of(rule)))

    def _refuse(self, needed: Mapping[str, set[str]]) -> None:
        if words := self.lacks(needed):
            raise bad(self._mapping.where, "; ".join(words))
