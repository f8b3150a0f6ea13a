"""A SQL database, read through a mapping: SQLite or PostgreSQL, never written to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from sar.domain.errors import StoreFault, StoreRefused, StoreUnavailable
from sar.domain.records import StoreAnswer, SubjectQuery
from sar.ports.gathering import Estimate, RecordSink, StoreDescription
from sar.stores.answers import NEAR_NAME, AnswerBuilder, counted, kind_named
from sar.stores.fields import bad
from sar.stores.names import BY_NAME_AND_BIRTH, Sameness, judged, names_of, numbers_of
from sar.stores.sql_mapping import SqlMapping, TableRule
from sar.stores.sql_people import PeopleTable
from sar.stores.sql_rows import (
    Row,
    RowView,
    alert_of,
    date_of,
    findings_of,
    passages_of,
    people_of,
)

_BATCH = 500
MAX_ROWS = 200_000


class SqlStore:
    """One database. ``url`` is SQLAlchemy's; a plain path is opened as SQLite, read-only."""

    def __init__(
        self, *, description: StoreDescription, url: str, mapping: SqlMapping, timeout_s: float = 30
    ) -> None:
        self._description = description
        self._url = url
        self._mapping = mapping
        self._timeout_s = timeout_s

    @property
    def description(self) -> StoreDescription:
        """Who it is and whose."""
        return self._description

    def check(self) -> str:
        """Whether the database opens and holds every table and column of the mapping."""
        with self._reader() as reader:
            count = reader.count(self._mapping.people.table)
        return (
            f"{self._description.label}: the database answers; {count} people, every mapped column is there."
        )

    def estimate(self, query: SubjectQuery, *, at: datetime) -> Estimate:
        """Whether anything is held and about how much."""
        return counted(self, query, at=at)

    def answer(self, query: SubjectQuery, *, at: datetime, into: RecordSink | None = None) -> StoreAnswer:
        """Everything held about one data subject."""
        answer = AnswerBuilder(self._description, query, at, into=into)
        with self._reader() as reader:
            people = PeopleTable(reader, self._mapping.people)
            for key, found_by in _matches(people, answer):
                people.name_subject(key, answer)
                people.name_related(key, answer)
                for rule in self._mapping.records:
                    for view in reader.views(rule, [key]):
                        _keep(view, answer, self._mapping, found_by)
        return answer.build()

    @cached_property
    def _engine(self) -> sa.Engine:
        if "://" not in self._url:
            path = Path(self._url).resolve()
            url = sa.URL.create(
                "sqlite", database=f"file:{path.as_posix()}", query={"mode": "ro", "uri": "true"}
            )
            engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args={"timeout": self._timeout_s})
            sa.event.listen(engine, "connect", _decode_leniently)
            return engine
        url = sa.make_url(self._url)
        return sa.create_engine(
            url,
            poolclass=sa.NullPool,
            connect_args={"connect_timeout": int(self._timeout_s)}
            if url.get_backend_name() == "postgresql"
            else {},
            execution_options={"postgresql_readonly": True, "isolation_level": "REPEATABLE READ"}
            if url.get_backend_name() == "postgresql"
            else {},
        )

    @contextmanager
    def _reader(self) -> Iterator[Reader]:
        try:
            with self._engine.connect() as connection:
                _limit(connection, self._timeout_s)
                yield Reader(connection, self._mapping)
        except StoreFault:
            raise
        except sa.exc.ArgumentError as wrong:
            raise bad(self._description.name, "its database address cannot be used") from wrong
        except sa.exc.ProgrammingError as refused:
            raise StoreRefused(
                f"{self._description.label}: the database refused the question.",
                next_step="Ask its owner for read access to the mapped tables, then `sar stores check`.",
            ) from refused
        except sa.exc.DatabaseError as fault:
            raise _fault(self._description.label, fault) from fault


def _decode_leniently(connection: Any, _record: object) -> None:
    """Old systems put Windows letters into UTF-8 columns; one such cell must not lose the whole answer."""
    connection.text_factory = _text_of


def _text_of(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")


def _limit(connection: sa.Connection, timeout_s: float) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(
            sa.select(sa.func.set_config("statement_timeout", str(int(timeout_s * 1000)), sa.true()))
        )


def _fault(label: str, fault: sa.exc.DatabaseError) -> StoreFault:
    """Damage does not heal by asking again; a lock or a lost connection does."""
    text = str(fault.orig).casefold()
    if "malformed" in text or "not a database" in text or "password" in text or "role" in text:
        return StoreRefused(
            f"{label}: the database cannot be read as it is.",
            next_step="Ask its owner to check the file or the sign-in, then `sar stores check`.",
        )
    return StoreUnavailable(
        f"{label}: the database did not answer.",
        next_step="It is asked again by itself; or start it and retry.",
    )


def _matches(people: PeopleTable, answer: AnswerBuilder) -> Iterator[tuple[str, str]]:
    """Keys of rows that are the subject, and how each was recognised; near names are held back."""
    subject = answer.subject
    for kind in people.kinds:
        if numbers_of(subject, kind):
            answer.searched_by(kind.value)
    answer.searched_by(BY_NAME_AND_BIRTH)
    if len(names_of(subject)) > 1:
        answer.searched_by("former names and date of birth")
    for key, candidate in people.candidates(subject):
        judgement = judged(key, candidate, answer.query)
        if judgement.sameness is Sameness.SAME:
            yield key, judgement.found_by
        elif judgement.sameness is Sameness.NEAR:
            answer.hold(key, NEAR_NAME, "near-name")
            people.name_namesake(key, answer)


def _keep(view: RowView, answer: AnswerBuilder, mapping: SqlMapping, found_by: str) -> None:
    kind = kind_named(view.rule.kind) or kind_named(str(view.value(view.rule.kind) or ""))
    answer.record(
        view.id,
        kind,
        date_of(view),
        passages_of(view, mapping.codes),
        found_by=found_by,
        people=people_of(view, answer),
        alert=alert_of(view, answer),
        findings=findings_of(view, mapping.codes),
    )


class Reader:
    """Bound, quoted, batched reads inside one read-only transaction."""

    def __init__(self, connection: sa.Connection, mapping: SqlMapping) -> None:
        self._connection = connection
        self._mapping = mapping
        self._types = self._inspect(mapping)

    def count(self, table: str) -> int:
        """Rows in a table."""
        return int(
            self._connection.execute(sa.select(sa.func.count()).select_from(sa.table(table))).scalar_one()
        )

    def rows(
        self, table: str, column: str, values: Sequence[object], *, order: str = ""
    ) -> Iterator[dict[str, Any]]:
        """Rows whose column holds one of the values."""
        source = self._table(table)
        for start in range(0, len(values), _BATCH):
            bound = [self._bind(table, column, v) for v in values[start : start + _BATCH]]
            question = sa.select(source).where(source.c[column].in_(bound))
            if order:
                question = question.order_by(source.c[order])
            yield from self._run(question)

    def rows_between(self, table: str, column: str, first: date, last: date) -> Iterator[dict[str, Any]]:
        """Rows whose date column lies in a period."""
        source = self._table(table)
        limits = (sa.literal(first, sa.Date), sa.literal(last, sa.Date))
        yield from self._run(sa.select(source).where(source.c[column].between(*limits)))

    def views(
        self, rule: TableRule, links: Sequence[object], parents: Sequence[RowView] = ()
    ) -> list[RowView]:
        """Rows of a mapped table with their joins, parents and children."""
        rows = list(self.rows(rule.table, rule.link, links, order=rule.order or rule.key))
        joined = {name: self._joined(rule, name, rows) for name in rule.joins}
        by_id = {p.id: p for p in parents}
        views = [
            RowView(
                rule=rule,
                row=row,
                joined={n: joined[n].get(str(row[j.here]), {}) for n, j in rule.joins.items()},
                parent=by_id.get(str(row[rule.link])),
            )
            for row in rows
        ]
        children = (
            [c for child in rule.children for c in self.views(child, _keys(views), views)] if views else []
        )
        return [_with_children(v, children) for v in views] if children else views

    def _joined(self, rule: TableRule, name: str, rows: Iterable[Row]) -> dict[str, dict[str, Any]]:
        join = rule.joins[name]
        wanted = list(dict.fromkeys(row[join.here] for row in rows if row[join.here] not in {None, ""}))
        return {str(found[join.there]): found for found in self.rows(join.table, join.there, wanted)}

    def _run(self, question: sa.Select[Any]) -> Iterator[dict[str, Any]]:
        result = self._connection.execution_options(stream_results=True, max_row_buffer=_BATCH).execute(
            question
        )
        for number, row in enumerate(result.mappings()):
            if number >= MAX_ROWS:
                raise StoreRefused(
                    f"A table gave more than {MAX_ROWS} rows for one person.",
                    next_step="Check the mapping: the column that names the person is probably wrong.",
                )
            yield dict(row)

    def _table(self, table: str) -> sa.TableClause:
        return sa.table(table, *(sa.column(c) for c in sorted(self._types[table])))

    def _bind(self, table: str, column: str, value: object) -> object:
        kind = self._types[table][column]
        if isinstance(kind, sa.Integer):
            text = str(value)
            return sa.literal(int(text) if text.isdecimal() else -1, kind)
        return sa.literal(str(value), sa.String)

    def _inspect(self, mapping: SqlMapping) -> dict[str, dict[str, sa.types.TypeEngine[Any]]]:
        needed = mapping.columns()
        inspector = sa.inspect(self._connection)
        there = {*inspector.get_table_names(), *inspector.get_view_names()}
        found: dict[str, dict[str, sa.types.TypeEngine[Any]]] = {}
        for table, columns in sorted(needed.items()):
            if table not in there:
                raise bad(mapping.where, f"there is no table `{table}` in the database")
            held = {c["name"]: c["type"] for c in inspector.get_columns(table)}
            for column in sorted(columns - set(held)):
                raise bad(mapping.where, f"table `{table}` has no column `{column}`")
            found[table] = {c: held[c] for c in columns}
        return found


def _keys(views: Sequence[RowView]) -> list[object]:
    return [v.row[v.rule.key] for v in views]


def _with_children(view: RowView, children: Sequence[RowView]) -> RowView:
    mine = tuple(c for c in children if str(c.row[c.rule.link]) == view.id)
    return replace(view, children=mine)
