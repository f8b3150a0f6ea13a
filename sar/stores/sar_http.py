"""A service that speaks the subject-access contract of the prison and probation services (one GET, JSON)."""

from __future__ import annotations

import html
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sar.domain.errors import UnreadableItem
from sar.domain.parties import IdentifierKind, Person, Role
from sar.domain.records import AlertEntry, AlertStep, AnswerKind, Passage, StoreAnswer, SubjectQuery
from sar.ports.gathering import DocumentReader, Estimate, RecordSink, StoreDescription
from sar.stores.answers import AnswerBuilder, counted, kind_named, unnumbered
from sar.stores.documents import passages_of_documents
from sar.stores.fields import Fields, bad, read_toml
from sar.stores.http import HttpSession, HttpSettings, refused
from sar.stores.json_passages import passages_of, values_at
from sar.stores.names import numbers_of
from sar.stores.templates import check, fields_in, render
from sar.stores.values import as_date, date_within, readable

PATH = "subject-access-request"
_OK = 200
_NOTHING_HELD = 204
_NOT_USED_HERE = 209
_TOLD = {"yes": True, "no": False}


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertFields:
    """One fact of an alert's life: templates over the fields of an item."""

    step: AlertStep
    on: str
    recipient: str = ""
    category: str = ""
    status: str = ""
    parents_told: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonField:
    """A person written into one field: ``form`` says what stands between the commas."""

    field: str
    form: tuple[str, ...]
    employer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SarHttpMapping:
    """What the fields of the service's own JSON mean."""

    parameters: Mapping[str, IdentifierKind]
    """Query parameter -> kind of identifier sent in it."""
    reference: str
    kind: str
    dated_on: tuple[str, ...]
    labels: Mapping[str, str]
    people: tuple[PersonField, ...]
    alert_number: str
    alerts: tuple[AlertFields, ...]


def load_sar_http_mapping(path: Path) -> SarHttpMapping:
    """Read a mapping file.

    :raises BadMapping: with the place and what to do.
    """
    top = Fields(read_toml(path), path.name)
    kinds = {k.value: k for k in IdentifierKind}
    parameters = top.words("parameters")
    if not parameters or set(parameters.values()) - set(kinds):
        raise bad(path.name, f"`parameters` must map query parameters to one of: {', '.join(kinds)}")
    mapping = SarHttpMapping(
        parameters={name: kinds[words] for name, words in parameters.items()},
        reference=top.text("reference"),
        kind=top.text("kind"),
        dated_on=top.texts("dated_on"),
        labels=top.words("labels"),
        people=tuple(_person_field(f) for f in top.tables("people")),
        alert_number=check(top.text("alert_number", ""), path.name),
        alerts=tuple(_alert_fields(f) for f in top.tables("alert")),
    )
    top.done()
    return mapping


def _person_field(f: Fields) -> PersonField:
    person = PersonField(field=f.text("field"), form=f.texts("form"), employer=f.text("employer", ""))
    f.done()
    if "name" not in person.form or set(person.form) - {"name", "job_title", "employer", "-"}:
        raise bad(f.where, "`form` lists name, job_title, employer or - in the order they are written")
    return person


def _alert_fields(f: Fields) -> AlertFields:
    step = f.text("step").upper()
    if step not in AlertStep.__members__:
        raise bad(f.where, f"`step` must be one of: {', '.join(s.name.lower() for s in AlertStep)}")
    texts = {
        key: check(f.text(key, ""), f.where)
        for key in ("on", "recipient", "category", "status", "parents_told")
    }
    f.done()
    return AlertFields(step=AlertStep[step], **texts)


class SarHttpStore:
    """One service. Called once for each identifier it may know the person by."""

    def __init__(
        self,
        *,
        description: StoreDescription,
        settings: HttpSettings,
        mapping: SarHttpMapping,
        reader: DocumentReader,
    ) -> None:
        self._description = description
        self._settings = settings
        self._mapping = mapping
        self._reader = reader

    @property
    def description(self) -> StoreDescription:
        """Who it is and whose."""
        return self._description

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
        """Whether anything is held and about how much."""
        return counted(self, query, at=at)

    def answer(self, query: SubjectQuery, *, at: datetime, into: RecordSink | None = None) -> StoreAnswer:
        """Everything held about one data subject.

        A 209 means that this number is not used here, not that nothing is held; only when no number is used
        here is that the answer.
        """
        answer = AnswerBuilder(self._description, query, at, into=into)
        used = False
        with HttpSession(self._settings, self._description.label) as session:
            for parameter, kind in self._mapping.parameters.items():
                for number in numbers_of(query.subject, kind):
                    answer.searched_by(kind.value)
                    used |= self._ask(session, {parameter: number, **_period(query)}, kind, answer)
        return answer.build(empty=AnswerKind.NOTHING_HELD if used else AnswerKind.NOT_USED_HERE)

    def _ask(
        self, session: HttpSession, params: Mapping[str, str], kind: IdentifierKind, answer: AnswerBuilder
    ) -> bool:
        label = self._description.label
        try:
            reply = session.get(PATH, params)
        except UnreadableItem as large:
            raise refused(label, "its answer is larger than we accept at once") from large
        if reply.status == _NOT_USED_HERE:
            return False
        if reply.status == _NOTHING_HELD or (reply.status == _OK and not reply.content.strip()):
            return True
        if reply.status != _OK:
            raise refused(label, f"it answered {reply.status}, which the contract has no meaning for")
        body = reply.json(label)
        if not isinstance(body, dict):
            raise refused(label, "its answer is not the contract's JSON object")
        _Item(body, self._mapping, answer, kind.value).keep_all(self._attachments(session, body, answer))
        return True

    def _attachments(
        self, session: HttpSession, body: Mapping[str, Any], answer: AnswerBuilder
    ) -> list[Passage]:
        """Attachments checked by length, read, and kept under number and name. One bad one is held back."""
        passages: list[Passage] = []
        listed = body.get("attachments")
        for entry in listed if isinstance(listed, list) else []:
            if not isinstance(entry, dict):
                continue
            number, name = readable(entry.get("attachmentNumber")), _clean(readable(entry.get("filename")))
            try:
                passages += [
                    Passage(label="Attached file", text=f"{number}: {name}"),
                    *self._attachment(session, entry, name),
                ]
            except UnreadableItem as fault:
                answer.hold(f"attachment {number}", fault.message, fault.field or "unreadable")
        return passages

    def _attachment(self, session: HttpSession, entry: Mapping[str, Any], name: str) -> list[Passage]:
        reply = session.get_item(
            readable(entry.get("url")), accept=readable(entry.get("contentType")) or "*/*"
        )
        size = entry.get("filesize")
        if reply.status != _OK or (isinstance(size, int) and size != len(reply.content)):
            raise UnreadableItem("an attachment that did not arrive whole", next_step="Ask for it again.")
        media_type = readable(entry.get("contentType"))
        return list(passages_of_documents(self._reader.read(reply.content, name=name, media_type=media_type)))


def _period(query: SubjectQuery) -> dict[str, str]:
    limits = {"fromDate": query.from_on, "toDate": query.to_on}
    return {name: on.isoformat() for name, on in limits.items() if on}


def _clean(name: str) -> str:
    """A file name without marks that hide what it is."""
    text = unicodedata.normalize("NFKC", html.unescape(name))
    return "".join(c for c in text if unicodedata.category(c)[0] != "C").strip()


class _Item:
    """The content of one answer: an object is one record, a list is one record an entry."""

    def __init__(
        self, body: Mapping[str, Any], mapping: SarHttpMapping, answer: AnswerBuilder, found_by: str
    ) -> None:
        content = body.get("content")
        self._entries = content if isinstance(content, list) else [] if content is None else [content]
        self._map = mapping
        self._answer = answer
        self._found_by = found_by

    def keep_all(self, attached: list[Passage]) -> None:
        """Every entry as a record; attachments go with the first."""
        for number, entry in enumerate(self._entries, start=1):
            item = entry if isinstance(entry, dict) else {"": entry}
            self._keep(item, number, attached if number == 1 else [])

    def _keep(self, item: Mapping[str, Any], number: int, attached: list[Passage]) -> None:
        self._answer.record(
            readable(item.get(self._map.reference)) or f"item {number}",
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
