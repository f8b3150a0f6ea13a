"""A FHIR R4 server: the patient by number, then everything the mapping asks for about them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sar.domain.errors import StoreRefused, UnreadableItem
from sar.domain.parties import IdentifierKind, Person, Role
from sar.domain.records import AnswerKind, Passage, RecordKind, StoreAnswer, SubjectQuery
from sar.ports.gathering import DocumentReader, Estimate, RecordSink, StoreDescription
from sar.stores import fhir_shapes as shapes
from sar.stores.answers import NEAR_NAME, AnswerBuilder, counted, kind_named, subject_person
from sar.stores.documents import passages_of_documents
from sar.stores.fhir_alerts import flag_life, sent_life
from sar.stores.fhir_client import FhirClient
from sar.stores.fhir_shapes import Resource, dicts, named
from sar.stores.fields import Fields, bad, read_toml
from sar.stores.http import HttpSession, HttpSettings
from sar.stores.names import BY_NAME_AND_BIRTH, Judgement, Sameness, judged, names_of, numbers_of
from sar.stores.values import as_date, readable

_PERSONAL = frozenset({"Patient", "RelatedPerson"})


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirMapping:
    """Which numbers, which resources, and what kind of record each is."""

    systems: Mapping[str, IdentifierKind]
    alert_system: str
    employer: str
    resources: Mapping[str, RecordKind | None]
    """Resource type -> kind; None: the document's type decides."""
    document_kinds: Mapping[str, RecordKind]


def load_fhir_mapping(path: Path) -> FhirMapping:
    """Read a mapping file.

    :raises BadMapping: with the place and what to do.
    """
    top = Fields(read_toml(path), path.name)
    kinds = {k.value: k for k in IdentifierKind}
    systems = top.words("identifier_systems")
    if not systems or set(systems.values()) - set(kinds):
        raise bad(path.name, f"`identifier_systems` must map addresses to one of: {', '.join(kinds)}")
    mapping = FhirMapping(
        systems={system: kinds[words] for system, words in systems.items()},
        alert_system=top.text("alert_system", ""),
        employer=top.text("employer", ""),
        resources={name: _kind(word, path.name) for name, word in top.words("resources").items()},
        document_kinds={n: k for n, w in top.words("document_kinds").items() if (k := _kind(w, path.name))},
    )
    top.done()
    return mapping


def _kind(word: str, where: str) -> RecordKind | None:
    kind = kind_named(word)
    if kind is None and word != "by document type":
        known = ", ".join(k.name.lower() for k in RecordKind if not k.is_generated)
        raise bad(where, f"`{word}` is not a kind of record", next_step=f"Use one of: {known}.")
    return kind


class FhirStore:
    """One FHIR server."""

    def __init__(
        self,
        *,
        description: StoreDescription,
        settings: HttpSettings,
        mapping: FhirMapping,
        reader: DocumentReader,
        page_size: int = 50,
    ) -> None:
        self._description = description
        self._settings = settings
        self._mapping = mapping
        self._reader = reader
        self._page_size = page_size

    @property
    def description(self) -> StoreDescription:
        """Who it is and whose."""
        return self._description

    def check(self) -> str:
        """Whether the server states that it speaks FHIR R4 and accepts our credentials."""
        label = self._description.label
        with HttpSession(self._settings, label) as session:
            client = FhirClient(session, label)
            statement = client.read("metadata") or {}
            system = next(iter(self._mapping.systems))
            list(client.search("Patient", identifier=f"{system}|0000000000"))
        version = str(statement.get("fhirVersion") or "unstated")
        return f"{label}: the server answers, speaks FHIR {version} and accepts our credentials."

    def estimate(self, query: SubjectQuery, *, at: datetime) -> Estimate:
        """Whether anything is held and about how much."""
        return counted(self, query, at=at)

    def answer(self, query: SubjectQuery, *, at: datetime, into: RecordSink | None = None) -> StoreAnswer:
        """Everything held about one data subject."""
        answer = AnswerBuilder(self._description, query, at, into=into)
        with HttpSession(self._settings, self._description.label) as session:
            client = FhirClient(session, self._description.label, page_size=self._page_size)
            look = _Look(client, self._mapping, self._reader, answer)
            try:
                look.at_patients()
            except UnreadableItem as large:
                raise StoreRefused(large.message, next_step=large.next_step) from large
        return answer.build(empty=AnswerKind.NOTHING_HELD)


class _Look:
    """One answer in the making."""

    def __init__(
        self, client: FhirClient, mapping: FhirMapping, reader: DocumentReader, answer: AnswerBuilder
    ) -> None:
        self._client = client
        self._map = mapping
        self._reader = reader
        self._answer = answer

    def at_patients(self) -> None:
        """Find the patient by number, else by name and birth; near names are held back."""
        for patient in self._candidates():
            candidate = shapes.candidate(patient, self._map.systems)
            judgement = judged(named(patient), candidate, self._answer.query)
            if judgement.sameness is Sameness.SAME:
                self._read_patient(patient, judgement)
            elif judgement.sameness is Sameness.NEAR:
                self._answer.hold(named(patient), NEAR_NAME, "near-name")
                if other := self._person(patient):
                    self._answer.person(replace(other, role=Role.NAMESAKE))

    def _candidates(self) -> Iterator[Resource]:
        seen: set[str] = set()
        for patient in self._searched():
            if named(patient) not in seen:
                seen.add(named(patient))
                yield patient

    def _searched(self) -> Iterator[Resource]:
        subject = self._answer.subject
        for system, kind in self._map.systems.items():
            for number in numbers_of(subject, kind):
                self._answer.searched_by(kind.value)
                yield from self._client.search("Patient", identifier=f"{system}|{number}")
        self._answer.searched_by(BY_NAME_AND_BIRTH)
        if len(names_of(subject)) > 1:
            self._answer.searched_by("former names and date of birth")
        for name in names_of(subject):
            if len(words := name.split()) > 1:
                parameters = {
                    "given": words[0],
                    "family": words[-1],
                    "birthdate": subject.born_on.isoformat(),
                }
                yield from self._client.search("Patient", **parameters)
        # Near names: the same year and the same first letters, looked at only to be kept apart.
        year, first = subject.born_on.year, subject.name[:3]
        for patient in self._client.search_many("Patient", {"given": first, "birthdate": f"ge{year}-01-01"}):
            if str(patient.get("birthDate") or "").startswith(str(year)):
                yield patient

    def _read_patient(self, patient: Resource, judgement: Judgement) -> None:
        me = self._person(patient)
        if me:
            self._answer.person(subject_person(self._answer.store, self._answer.subject, named(patient), me))
        related = self._related(patient)
        self._professionals(patient)
        self._answer.record(
            named(patient),
            RecordKind.PERSON_DETAILS,
            shapes.stored_on(patient),
            shapes.details(patient, iter(related)),
            found_by=judgement.found_by,
            people=related,
        )
        for kind in self._map.resources:
            for resource in self._client.search(kind, patient=named(patient)):
                try:
                    self._keep(resource, judgement.found_by)
                except UnreadableItem as unreadable:
                    self._answer.hold(named(resource), unreadable.message, unreadable.field or "unreadable")

    def _related(self, patient: Resource) -> list[Person]:
        found = self._client.search("RelatedPerson", patient=named(patient))
        return [self._answer.person(p) for r in found if (p := self._person(r))]

    def _keep(self, resource: Resource, found_by: str) -> None:
        kind = self._map.resources.get(str(resource.get("resourceType")))
        versions = self._client.history(named(resource)) if kind is RecordKind.ALERT else []
        self._answer.record(
            named(resource),
            kind or self._document_kind(resource),
            shapes.date_of(resource),
            [*self._passages(resource), *self._version_passages(versions)],
            found_by=found_by,
            people=[*self._professionals(resource), *(p for v in versions for p in self._professionals(v))],
            alert=self._life(resource, versions),
        )

    def _document_kind(self, resource: Resource) -> RecordKind | None:
        return self._map.document_kinds.get(shapes.concept(resource.get("type")))

    def _life(self, resource: Resource, versions: list[Resource]) -> list[Any]:
        number = self._alert_number(resource)
        if resource.get("resourceType") == "Flag":
            actions = list(self._client.search("Provenance", target=named(resource))) if versions else []
            return flag_life(
                number or named(resource), versions or [resource], actions, self._role, self._answer
            )
        return sent_life(number, resource) if number else []

    def _alert_number(self, resource: Resource) -> str:
        for identifier in dicts(resource.get("identifier")):
            if self._map.alert_system and identifier.get("system") == self._map.alert_system:
                return str(identifier.get("value") or "")
        return ""

    def _passages(self, resource: Resource) -> list[Passage]:
        kind = resource.get("resourceType")
        if kind == "Communication":
            return _message(resource)
        if kind == "DocumentReference":
            return [*_document_head(resource), *self._document(resource)]
        if kind == "Flag":
            return _flag(resource)
        return shapes.as_text(resource)

    def _document(self, resource: Resource) -> Iterator[Passage]:
        for content in dicts(resource.get("content")):
            attachment = content.get("attachment") or {}
            data, media_type = self._client.attachment(attachment)
            read = self._reader.read(data, name=str(attachment.get("title") or ""), media_type=media_type)
            yield from passages_of_documents(read)

    def _version_passages(self, versions: list[Resource]) -> Iterator[Passage]:
        for number, version in enumerate(versions, start=1):
            parts = (shapes.concept(version.get("category")), str(version.get("status") or ""), _who(version))
            on = readable((version.get("meta") or {}).get("lastUpdated"))
            yield Passage(label=f"Version {number}", text=", ".join(filter(None, (on, *parts))))

    def _professionals(self, resource: Resource) -> list[Person]:
        people = []
        for reference in _references(resource):
            if reference.startswith("Practitioner/"):
                found = self._client.read(reference)
                if found and (p := self._person(found)):
                    people.append(self._answer.person(p))
        return people

    def _role(self, reference: str) -> str:
        found = self._client.read(reference) if reference.startswith("Practitioner/") else None
        seen = self._person(found) if found else None
        return seen.job_title if seen else ""

    def _person(self, resource: Resource) -> Person | None:
        return shapes.person(resource, self._answer.store, self._map.systems, employer=self._map.employer)


def _message(resource: Resource) -> list[Passage]:
    pairs = [
        ("Sent", readable(resource.get("sent"))),
        ("From", _display(resource.get("sender"))),
        *(("To", _display(r)) for r in dicts(resource.get("recipient"))),
        ("About", shapes.concept(resource.get("category"))),
        *(("Message", readable(p.get("contentString"))) for p in dicts(resource.get("payload"))),
        *(("Note", readable(n.get("text"))) for n in dicts(resource.get("note"))),
    ]
    return [Passage(label=label, text=text) for label, text in pairs if text]


def _flag(resource: Resource) -> list[Passage]:
    period = resource.get("period") or {}
    pairs = [
        *(("Alert number", readable(i.get("value"))) for i in dicts(resource.get("identifier"))),
        ("Category now", shapes.concept(resource.get("category"))),
        ("What it says", shapes.concept(resource.get("code"))),
        ("State now", str(resource.get("status") or "")),
        ("From", readable(period.get("start"))),
        ("To", readable(period.get("end"))),
        ("Last changed by", _display(resource.get("author"))),
    ]
    return [Passage(label=label, text=text) for label, text in pairs if text]


def _document_head(resource: Resource) -> list[Passage]:
    pairs = [
        ("Title", readable(resource.get("description")) or shapes.concept(resource.get("type"))),
        ("Date", readable(as_date(resource.get("date")))),
        *(("Written by", _display(a)) for a in dicts(resource.get("author"))),
    ]
    return [Passage(label=label, text=text) for label, text in pairs if text]


def _display(reference: object) -> str:
    return readable(reference.get("display")) if isinstance(reference, dict) else ""


def _who(version: Resource) -> str:
    return _display(version.get("author"))


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("reference"), str):
            yield value["reference"]
        for inner in value.values():
            yield from _references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _references(inner)


__all__ = ["FhirMapping", "FhirStore", "load_fhir_mapping"]
