"""A SQL database, read through a mapping: SQLite, PostgreSQL or MariaDB, never written to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from functools import cached_property

import sqlalchemy as sa

from sar.domain.errors import StoreFault
from sar.domain.records import AnswerKind, StoreAnswer, SubjectQuery
from sar.ports.gathering import Estimate, RecordSink, StoreDescription
from sar.stores.answers import MALFORMED, NEAR_NAME, NOT_GIVEN, AnswerBuilder, kind_named
from sar.stores.described import DescribedStore
from sar.stores.fields import bad
from sar.stores.names import BY_NAME_AND_BIRTH, Sameness, judged, names_of, numbers_of
from sar.stores.sql_engine import engine_for, fault_of
from sar.stores.sql_people import PeopleTable
from sar.stores.sql_reading import Reader, Schema, TableUnreadableError, reading
from sar.stores.sql_rows import (
    RowView,
    alert_of,
    date_of,
    findings_of,
    has_unread_json,
    passages_of,
    people_of,
)
from sar.stores.sql_rules import SqlMapping, TableRule
from sar.stores.values import as_moment, is_text

MAX_ROWS = 1_000_000
"""Rows of one person in one table; more means that the column for the person is the wrong one."""
_NO_TABLE = "this table cannot be read as it is mapped; what it holds was not searched"
_BROKEN_OFF = "this table could not be read to its end; what was read is there"
_TOO_LARGE = "this table has more rows for one person than can be right; none of it was taken"
_NO_NUMBER = "rows of this table have no number of their own and cannot be told apart"
_NO_TEXT = "it holds bytes that are no text"
_NO_JSON = "a value in it should be JSON, and is not, or is nested too deep to be read"
_ODD = "a row with values that cannot be read as the mapping says"


class SqlStore(DescribedStore):
    """One database. ``url`` is SQLAlchemy's; a plain path is opened as SQLite, read-only."""

    def __init__(
        self, *, description: StoreDescription, url: str, mapping: SqlMapping, timeout_s: float = 30
    ) -> None:
        super().__init__(description=description)
        self._url = url
        self._mapping = mapping
        self._timeout_s = timeout_s

    def check(self) -> str:
        """Whether the database opens and holds every table and column of the mapping."""
        with self._reader() as (reader, schema):
            schema.must_hold_all()
            count = reader.count(self._mapping.people.table)
        return (
            f"{self._description.label}: the database answers; {count} people, every mapped column is there."
        )

    def estimate(self, query: SubjectQuery, *, at: datetime) -> Estimate:
        """Whether anything is held and how many rows; exact unless a period is asked for."""
        answer = AnswerBuilder(self._description, query, at)
        count = 0
        with self._reader() as (reader, schema):
            for key, _ in _matches(PeopleTable(reader, self._mapping.people), answer):
                for rule in self._mapping.records:
                    if schema.unreadable(rule):
                        answer.hold(rule.where, _NO_TABLE, "unreadable")
                        continue
                    with _held_when_unreadable(rule, answer), reader.one_table(rule.table):
                        count += reader.count(rule.table, rule.link, key)
        held = answer.build().held_back
        is_whole = query.from_on is None and query.to_on is None
        return Estimate(
            kind=AnswerKind.FOUND if count else AnswerKind.NOTHING_HELD,
            records=count,
            is_exact=is_whole and all(h.code == "near-name" for h in held),
            near_names=sum(h.code == "near-name" for h in held),
        )

    def answer(self, query: SubjectQuery, *, at: datetime, into: RecordSink | None = None) -> StoreAnswer:
        """Everything held about one data subject."""
        answer = AnswerBuilder(self._description, query, at, into=into)
        with self._reader() as (reader, schema):
            people = PeopleTable(reader, self._mapping.people)
            for key, found_by in _matches(people, answer):
                people.name_subject(key, answer)
                people.name_related(key, answer)
                for rule in self._mapping.records:
                    if schema.unreadable(rule):
                        answer.hold(rule.where, _NO_TABLE, "unreadable")
                    else:
                        self._read(rule, key, found_by, reader, answer)
        return answer.build()

    def _read(self, rule: TableRule, key: str, found_by: str, reader: Reader, answer: AnswerBuilder) -> None:
        with _held_when_unreadable(rule, answer), reader.one_table(rule.table):
            count = reader.count(rule.table, rule.link, key)
            if count > MAX_ROWS:
                answer.hold(rule.where, _TOO_LARGE, "too-large")
            elif count:
                with closing(reader.views(rule, key)) as views:
                    for view in views:
                        _keep_guarded(view, answer, self._mapping, found_by)

    @cached_property
    def _engine(self) -> sa.Engine:
        return engine_for(self._url, timeout_s=self._timeout_s, where=self._description.name)

    @contextmanager
    def _reader(self) -> Iterator[tuple[Reader, Schema]]:
        try:
            with reading(self._engine, self._mapping, self._timeout_s) as (reader, schema):
                schema.must_hold_people()
                yield reader, schema
        except StoreFault:
            raise
        except sa.exc.ArgumentError as wrong:
            raise bad(self._description.name, "its database address cannot be used") from wrong
        except sa.exc.DBAPIError as fault:
            raise fault_of(self._description.label, fault) from fault


@contextmanager
def _held_when_unreadable(rule: TableRule, answer: AnswerBuilder) -> Iterator[None]:
    try:
        yield
    except (TableUnreadableError, RecursionError):
        answer.hold(rule.where, _BROKEN_OFF, "unreadable")


def _matches(people: PeopleTable, answer: AnswerBuilder) -> Iterator[tuple[str, str]]:
    """Keys of rows that are the subject, and how each was recognised; near names are held back."""
    subject = answer.subject
    for kind in people.kinds:
        if numbers_of(subject, kind):
            answer.searched_by(kind.value)
    answer.searched_by(BY_NAME_AND_BIRTH)
    if len(names_of(subject)) > 1:
        answer.searched_by("former names and date of birth")
    for key in people.gone(answer.query.confirmed):
        answer.hold(key, NOT_GIVEN, "deleted")
    for key, candidate in people.candidates(subject):
        judgement = judged(key, candidate, answer.query)
        if judgement.sameness is Sameness.SAME:
            yield key, judgement.found_by
        elif judgement.sameness is Sameness.NEAR:
            answer.hold(key, judgement.why or NEAR_NAME, "near-name", facts=judgement.facts)
            people.name_namesake(key, answer)


def _keep_guarded(view: RowView, answer: AnswerBuilder, mapping: SqlMapping, found_by: str) -> None:
    """One odd row is one item for a person, and not the end of the store."""
    try:
        _keep(view, answer, mapping, found_by)
    except MALFORMED:
        answer.hold(view.id, _ODD, "unreadable")


def _keep(view: RowView, answer: AnswerBuilder, mapping: SqlMapping, found_by: str) -> None:
    rule = view.rule
    if view.row[rule.key] in {None, ""}:
        answer.hold(rule.where, _NO_NUMBER, "unreadable")
        return
    if not all(is_text(value) for v in view.with_children() for value in v.row.values()):
        answer.hold(view.id, _NO_TEXT, "unreadable")
        return
    if any(map(has_unread_json, view.with_children())):
        answer.hold(view.id, _NO_JSON, "unreadable")
        return
    kind = kind_named(rule.kind) or kind_named(str(view.value(rule.kind) or ""))
    answer.record(
        view.id,
        kind,
        date_of(view),
        passages_of(view, mapping.codes),
        found_by=found_by,
        people=people_of(view, answer),
        alert=alert_of(view, answer),
        findings=findings_of(view, mapping.codes),
        entered_at=as_moment(view.value(rule.entered_at)) if rule.entered_at else None,
        changed_at=as_moment(view.value(rule.changed_at)) if rule.changed_at else None,
    )
