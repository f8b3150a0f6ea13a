"""FHIR R4 resources as passages, people and dates. Unknown resources stay readable text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from sar.domain.parties import IdentifierKind, Person, Role
from sar.domain.records import Passage
from sar.domain.references import PersonId, StoreName
from sar.stores.names import Candidate
from sar.stores.values import as_date, digits, readable

Resource = Mapping[str, Any]

_DATES = (
    "sent", "authoredOn", "effectiveDateTime", "recordedDate", "recorded", "occurrenceDateTime", "performedDateTime",
    "onsetDateTime", "created", "date", "issued", "received",
)  # fmt: skip
_SILENT = frozenset(
    {"resourceType", "id", "meta", "contained", "extension", "modifierExtension", "implicitRules"}
)
_TAG = re.compile(r"<[^>]+>")
_MAIDEN = frozenset({"maiden", "old"})


def named(resource: Resource) -> str:
    """``Flag/al-1``: how a resource is referred to."""
    return f"{resource.get('resourceType', '')}/{resource.get('id', '')}"


def concept(value: object) -> str:
    """A CodeableConcept, or a list of them, in words."""
    if isinstance(value, list):
        return ", ".join(filter(None, (concept(v) for v in value)))
    if not isinstance(value, dict):
        return readable(value)
    coded = [readable(c.get("display") or c.get("code")) for c in _dicts(value.get("coding"))]
    return readable(value.get("text")) or ", ".join(filter(None, coded))


def date_of(resource: Resource) -> date | None:
    """When the thing happened, as far as the resource says; never when a server stored it."""
    for key in ("period", "effectivePeriod", "occurrencePeriod", "performedPeriod"):
        period = resource.get(key)
        if isinstance(period, dict) and (on := as_date(period.get("start") or period.get("end"))):
            return on
    for key in _DATES:
        if on := as_date(resource.get(key)):
            return on
    return None


def stored_on(resource: Resource) -> date | None:
    """When the server last changed the resource: the date of details that have no other."""
    meta = resource.get("meta")
    return as_date(meta.get("lastUpdated")) if isinstance(meta, dict) else None


def full_names(resource: Resource) -> tuple[str, ...]:
    """Written names, the official one first and former ones last."""
    listed = _dicts(resource.get("name"))
    ordered = sorted(listed, key=lambda n: (n.get("use") in _MAIDEN, n.get("use") != "official"))
    return tuple(dict.fromkeys(filter(None, (_name(n) for n in ordered))))


def _name(name: Mapping[str, Any]) -> str:
    if name.get("text"):
        return readable(name["text"])
    parts = [*_list(name.get("prefix")), *_list(name.get("given")), name.get("family")]
    return " ".join(readable(p) for p in parts if p)


def addresses(resource: Resource) -> tuple[str, ...]:
    """Addresses on one line each."""
    return tuple(
        ", ".join(
            readable(part)
            for part in (*_list(a.get("line")), a.get("city"), a.get("district"), a.get("postalCode"))
            if part
        )
        or readable(a.get("text"))
        for a in _dicts(resource.get("address"))
    )


def reached(resource: Resource, system: str) -> tuple[str, ...]:
    """Telephone numbers or e-mail addresses."""
    return tuple(
        readable(t["value"])
        for t in _dicts(resource.get("telecom"))
        if t.get("system") == system and t.get("value")
    )


def candidate(patient: Resource, systems: Mapping[str, IdentifierKind]) -> Candidate:
    """A Patient as someone who may be the subject."""
    numbers: dict[IdentifierKind, frozenset[str]] = {}
    for identifier in _dicts(patient.get("identifier")):
        kind = systems.get(str(identifier.get("system")))
        if kind and (value := digits(identifier.get("value"))):
            numbers[kind] = numbers.get(kind, frozenset()) | {value}
    return Candidate(names=full_names(patient), born_on=as_date(patient.get("birthDate")), numbers=numbers)


def person(
    resource: Resource, store: StoreName, systems: Mapping[str, IdentifierKind], *, employer: str = ""
) -> Person | None:
    """A Patient, RelatedPerson or Practitioner as an entry of the register."""
    names = full_names(resource)
    if not names:
        return None
    professional = resource.get("resourceType") in {"Practitioner", "PractitionerRole"}
    seen = candidate(resource, systems)
    skills = [concept(q.get("code")) for q in _dicts(resource.get("qualification"))]
    return Person(
        id=PersonId(f"{store}/{named(resource)}"),
        name=names[0],
        role=Role.PROFESSIONAL if professional else Role.THIRD_PARTY,
        aliases=names[1:],
        relation=concept(resource.get("relationship")),
        job_title=", ".join(filter(None, skills)),
        employer=employer if professional else "",
        phones=reached(resource, "phone"),
        emails=reached(resource, "email"),
        addresses=addresses(resource),
        identifiers=tuple(sorted({n for held in seen.numbers.values() for n in held})),
        born_on=seen.born_on,
        seen_in=(store,),
    )


def details(patient: Resource, related: Iterator[Person]) -> list[Passage]:
    """A Patient as passages, with the people recorded as family."""
    pairs = [
        ("Name", "; ".join(full_names(patient))),
        ("Born", readable(patient.get("birthDate"))),
        *(("Number", readable(i.get("value"))) for i in _dicts(patient.get("identifier"))),
        *(("Address", a) for a in addresses(patient)),
        *(("Telephone", t) for t in reached(patient, "phone")),
        *(("E-mail", e) for e in reached(patient, "email")),
        *(("GP", readable(g.get("display"))) for g in _dicts(patient.get("generalPractitioner"))),
        *(("Recorded as family", _family(p)) for p in related),
    ]
    return [Passage(label=label, text=text) for label, text in pairs if text]


def _family(p: Person) -> str:
    return ", ".join(filter(None, (p.name, p.relation, *p.phones, *p.emails, *p.addresses)))


def as_text(resource: Resource) -> list[Passage]:
    """Any resource, field by field: nothing is dropped because nobody mapped it."""
    passages = [Passage(label="Kind of entry", text=_spaced(str(resource.get("resourceType", ""))))]
    story = resource.get("text")
    if isinstance(story, dict) and story.get("div"):
        passages.append(Passage(label="Summary", text=plain(str(story["div"]))))
    for key, value in resource.items():
        if key not in _SILENT and key != "text" and (text := _flat(value)):
            passages.append(Passage(label=_spaced(key) if key.isalpha() else "Also recorded", text=text))
    return passages


def _flat(value: object) -> str:
    if isinstance(value, dict):
        if "coding" in value or set(value) == {"text"}:
            return concept(value)
        if "display" in value:
            return readable(value["display"])
        return "; ".join(f"{_spaced(str(k))}: {t}" for k, v in value.items() if (t := _flat(v)))
    if isinstance(value, list):
        return "; ".join(filter(None, (_flat(v) for v in value)))
    return readable(value)


def plain(markup: str) -> str:
    """The words of an XHTML story."""
    return " ".join(html.unescape(_TAG.sub(" ", markup)).split())


def _spaced(key: str) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", key)
    return words[:1].upper() + words[1:].lower()


def _dicts(value: object) -> list[dict[str, Any]]:
    return [v for v in _list(value) if isinstance(v, dict)]


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def dicts(value: object) -> list[dict[str, Any]]:
    """The objects in a list, whatever else is in it."""
    return _dicts(value)
