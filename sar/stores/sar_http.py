"""A service that speaks the subject-access contract of the prison and probation services (one GET, JSON)."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from sar.domain.errors import UnreadableItem
from sar.domain.parties import IdentifierKind, Person, Role
from sar.domain.records import AlertEntry, AnswerKind, Passage, StoreAnswer, SubjectQuery
from sar.ports.gathering import Estimate, RecordSink
from sar.stores.answers import MALFORMED, AnswerBuilder, kind_named, unnumbered
from sar.stores.described import MappedStore
from sar.stores.http import HttpSession, HttpSettings, Reply, refused
from sar.stores.http_exchange import each_field, is_legible
from sar.stores.json_passages import passages_of, values_at
from sar.stores.names import numbers_of
from sar.stores.sar_http_attachments import Attachments
from sar.stores.sar_http_mapping import SarHttpMapping, load_sar_http_mapping
from sar.stores.templates import fields_in, render
from sar.stores.values import as_date, date_within, readable

PATH = "subject-access-request"
_OK = 200
_NOTHING_HELD = 204
_NOT_USED_HERE = 209
_TOLD = {"yes": True, "no": False}
MAX_ENTRIES = 100_000
"""Entries, or attachments, in one answer; a person has hundreds."""
_KNOWN = frozenset({"content", "attachments"})
_BESIDE = "something beside the content that the contract does not know: not read"


class SarHttpStore(MappedStore[HttpSettings, SarHttpMapping]):
    """One service. Called once for each identifier it may know the person by."""

    def check(self) -> str:
        """Whether the service is up and answers a made-up number as the contract says."""
        label = self._description.label
        parameter = next(iter(self._mapping.parameters))
        with HttpSession(self._settings, label) as session:
            reply = session.get(PATH, {parameter: "0000000000"})
        if reply.status not in {_OK, _NOTHING_HELD, _NOT_USED_HERE}:
            raise refused(label, f"it answered {reply.status}, which is not in the contract")
        words = {
            _OK: "holds something",
            _NOTHING_HELD: "nothing held",
            _NOT_USED_HERE: "identifier not used here",
        }
        return f"{label}: the service answers (for a made-up number: {words[reply.status]})."

    def estimate(self, query: SubjectQuery, *, at: datetime) -> Estimate:
        """Whether anything is held and about how much. The contract cannot count, but no attachment is fetched."""
        answer = AnswerBuilder(self._description, query, at, into=lambda _records: None)
        used, size = False, 0
        with HttpSession(self._settings, self._description.label) as session:
            for params, kind in self._questions(query, answer):
                body = self._ask(session, params)
                used |= body is not None
                if body:
                    attachments = Attachments(body, answer, session=session, reader=self._reader)
                    size += attachments.stated_bytes
                    item = _Item(body, self._mapping, answer, kind.value)
                    item.keep_all(attachments.unopened(), session.require_time)
        built = answer.build(empty=AnswerKind.NOTHING_HELD if used else AnswerKind.NOT_USED_HERE)
        return Estimate(kind=built.kind, records=built.found, megabytes=size / 1024 / 1024)

    def answer(self, query: SubjectQuery, *, at: datetime, into: RecordSink | None = None) -> StoreAnswer:
        """Everything held about one data subject.

        A 209 means that this number is not used here, not that nothing is held; only when no number is used
        here is that the answer.
        """
        answer = AnswerBuilder(self._description, query, at, into=into)
        used = False
        with HttpSession(self._settings, self._description.label) as session:
            for params, kind in self._questions(query, answer):
                body = self._ask(session, params)
                used |= body is not None
                if body:
                    attachments = Attachments(body, answer, session=session, reader=self._reader)
                    item = _Item(body, self._mapping, answer, kind.value)
                    item.keep_all(attachments, session.require_time)
        return answer.build(empty=AnswerKind.NOTHING_HELD if used else AnswerKind.NOT_USED_HERE)

    def _questions(
        self, query: SubjectQuery, answer: AnswerBuilder
    ) -> Iterator[tuple[dict[str, str], IdentifierKind]]:
        """One call for each number; what has no value is left out altogether."""
        for parameter, kind in self._mapping.parameters.items():
            for number in filter(None, numbers_of(query.subject, kind)):
                answer.searched_by(kind.value)
                yield {parameter: number, **_period(answer.query)}, kind

    def _ask(self, session: HttpSession, params: Mapping[str, str]) -> dict[str, Any] | None:
        """What is held under one number: the contract's object, empty when nothing is; None: not used here."""
        label = self._description.label
        try:
            reply = session.get(PATH, params)
        except UnreadableItem as large:
            raise refused(label, "its answer is larger than we accept at once") from large
        if reply.status == _NOT_USED_HERE:
            return None
        if reply.status == _NOTHING_HELD or (reply.status == _OK and not reply.content.strip()):
            return {}
        if reply.status != _OK:
            raise refused(label, f"it answered {reply.status}, which the contract has no meaning for")
        session.require_time()
        return self._object(reply)

    def _object(self, reply: Reply) -> dict[str, Any]:
        label = self._description.label
        body = reply.json(label, pairs=each_field)
        if not isinstance(body, dict):
            raise refused(label, "its answer is not the contract's JSON object")
        if "content" not in body:
            # `null` there is the contract's "nothing held"; without it nobody has said so.
            raise refused(label, "its answer has no `content`, so it says nothing about what is held")
        if any(isinstance(body.get(k), list) and len(body[k]) > MAX_ENTRIES for k in _KNOWN):
            raise refused(label, f"its answer has more than {MAX_ENTRIES} entries")
        if reply.may_be_damaged:
            body[_DAMAGED] = True
        return body


_DAMAGED = "\ufffd"
"""Marks an answer some of whose letters are none; no service can send a field of this name on purpose."""


_EMPTY: tuple[object, ...] = (None, "", [], {})


def _period(query: SubjectQuery) -> dict[str, str]:
    limits = {"fromDate": query.from_on, "toDate": query.to_on}
    return {name: on.isoformat() for name, on in limits.items() if on}


class _Item:
    """The content of one answer: an object is one record, a list is one record an entry."""

    def __init__(
        self, body: Mapping[str, Any], mapping: SarHttpMapping, answer: AnswerBuilder, found_by: str
    ) -> None:
        content = body.get("content")
        self._entries = content if isinstance(content, list) else [] if content is None else [content]
        self._beside = [k for k, v in body.items() if k not in {*_KNOWN, _DAMAGED} and v not in _EMPTY]
        self._may_be_damaged = _DAMAGED in body
        self._map = mapping
        self._answer = answer
        self._found_by = found_by

    def keep_all(self, attachments: Attachments, require_time: Callable[[], None]) -> None:
        """Every entry as a record; an attachment goes with the entry that names its number, else with the first."""
        for place, _ in enumerate(self._beside, start=1):
            # By its place, since a name may be anything; the same fields come with every number asked for.
            self._answer.hold(f"beside the content {place}", _BESIDE, "unknown-kind")
        placed = attachments.place(self._entries)
        met = Counter[str]()
        for number, entry in enumerate(self._entries):
            require_time()
            item = entry if isinstance(entry, dict) else {"": entry}
            name = f"{self._found_by}, item {number + 1}"
            try:
                is_damaged = self._may_be_damaged and not is_legible(entry)
                attached = [] if is_damaged else attachments.read(placed.get(number, ()), entry)
                name = self._name(entry, attached, met)
                if is_damaged:
                    self._answer.hold(
                        name, "its letters are damaged: it was written in another code", "unreadable"
                    )
                    attachments.hold(placed.get(number, ()))
                elif not self._keep(item, name, attached):
                    attachments.hold(placed.get(number, ()))
            except MALFORMED:
                self._answer.hold(name, "an entry that cannot be read as the contract says", "unreadable")
        if not self._entries:
            attachments.hold_all()

    def _name(self, entry: object, attached: list[Passage], met: Counter[str]) -> str:
        """What an entry without a reference is called: by its content, for its place in a list tells nothing.

        The lists of two numbers of one person may differ, and what stands in both is the same entry. Two equal
        entries of one list are two: two calls on one day are two calls.
        """
        said = json.dumps([self._answer.store, entry, [[p.label, p.text] for p in attached]], sort_keys=True)
        digest = hashlib.sha256(said.encode()).hexdigest()[:16]
        met[digest] += 1
        return f"item {digest}" if met[digest] == 1 else f"item {digest}, {met[digest]}"

    def _keep(self, item: Mapping[str, Any], name: str, attached: list[Passage]) -> bool:
        """Whether it was not held back."""
        return self._answer.record(
            readable(item.get(self._map.reference)) or name,
            kind_named(readable(item.get(self._map.kind))) or kind_named(self._map.kind),
            next((on for f in self._map.dated_on if (on := as_date(item.get(f)))), None),
            [*passages_of(item, self._map.labels), *attached],
            found_by=self._found_by,
            people=self._people(item),
            alert=self._alerts(item),
        )

    def _people(self, item: Mapping[str, Any]) -> Iterator[Person]:
        for rule in self._map.people:
            for value in values_at(item, rule.field):
                parts = dict(zip(rule.form, (p.strip() for p in readable(value).split(",")), strict=False))
                if name := parts.get("name"):
                    yield Person(
                        id=unnumbered(self._answer.store, name),
                        name=name,
                        role=Role.PROFESSIONAL,
                        job_title=parts.get("job_title", ""),
                        employer=parts.get("employer", rule.employer),
                        seen_in=(self._answer.store,),
                    )

    def _alerts(self, item: Mapping[str, Any]) -> Iterator[AlertEntry]:
        number = render(self._map.alert_number, item.get) if self._map.alert_number else ""
        for rule in self._map.alerts if number else ():
            if any(item.get(f) is None for f in fields_in(rule.on)):
                continue
            if (
                on := self._answer.at.date()
                if rule.on == "gathered"
                else date_within(render(rule.on, item.get))
            ):
                yield AlertEntry(
                    alert_number=number,
                    step=rule.step,
                    on=on,
                    recipient=render(rule.recipient, item.get),
                    category=render(rule.category, item.get),
                    status=render(rule.status, item.get),
                    parents_told=_TOLD.get(render(rule.parents_told, item.get).casefold()),
                )
            else:
                reference = readable(item.get(self._map.reference)) or "item"
                self._answer.hold(reference, "a step of an alert without a date", "undated")


__all__ = ["PATH", "SarHttpMapping", "SarHttpStore", "load_sar_http_mapping"]
