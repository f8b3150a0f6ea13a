"""FHIR R4 resources as people, numbers and dates, however oddly a server shapes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sar.domain.parties import IdentifierKind, Person, Role
from sar.domain.references import PersonId, StoreName
from sar.stores.names import Candidate
from sar.stores.values import as_date, as_moment, digits, readable

Resource = Mapping[str, Any]

_DATES = (
    "sent", "authoredOn", "effectiveDateTime", "recordedDate", "recorded", "occurrenceDateTime", "performedDateTime",
    "onsetDateTime", "created", "date", "issued", "received", "authored", "effectiveInstant", "start", "lastModified",
)  # fmt: skip
_PERIODS = ("period", "effectivePeriod", "occurrencePeriod", "performedPeriod")
_ABOUT = ("subject", "patient", "for", "individual")
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
    for key in _PERIODS:
        period = resource.get(key)
        if isinstance(period, dict) and (on := as_date(period.get("start") or period.get("end"))):
            return on
    for key in _DATES:
        if key in resource and (on := as_date(resource[key])):
            return on
    return None


def stored_on(resource: Resource) -> date | None:
    """When the server last changed the resource: the date of details that have no other."""
    return as_date(an_object(resource.get("meta")).get("lastUpdated"))


def changed_at(resource: Resource) -> datetime | None:
    """The moment the server last changed the resource."""
    said = an_object(resource.get("meta")).get("lastUpdated")
    if not said:
        return None
    try:
        moment = datetime.fromisoformat(str(said))
    except ValueError:
        return None
    return as_moment(moment) if moment.tzinfo else None


def entered_at(resource: Resource, versions: Sequence[Resource] = ()) -> datetime | None:
    """The moment the server first had it: its first version's, where that version is known."""
    first = versions[0] if versions else resource
    is_first = str(an_object(first.get("meta")).get("versionId") or "") == "1"
    return changed_at(first) if versions or is_first else None


def patients_of(resource: Resource) -> frozenset[str]:
    """``Patient/1``: whom the resource says that it is about; empty when it does not say."""
    said = [r.get("reference") for key in _ABOUT if key in resource for r in _dicts(resource[key])]
    if "entity" in resource:
        said += [an_object(entity.get("what")).get("reference") for entity in _dicts(resource["entity"])]
    return frozenset([p for r in said if isinstance(r, str) and (p := local(r)).startswith("Patient/")])


def local(reference: str) -> str:
    """``Patient/1`` for any way of writing it: absolute, with a version."""
    if reference.count("/") == 1:
        return reference
    steps = reference.partition("/_history/")[0].rstrip("/").split("/")
    return "/".join(steps[-2:])


def full_names(resource: Resource) -> tuple[str, ...]:
    """Written names, the official one first and former ones last."""
    listed = _dicts(resource.get("name"))
    ordered = sorted(listed, key=lambda n: (n.get("use") in _MAIDEN, n.get("use") != "official"))
    return tuple(dict.fromkeys(filter(None, (_name(n) for n in ordered))))


def full_name(name: Mapping[str, Any]) -> str:
    """One name as it is written out, else from its parts."""
    return _name(name)


def _name(name: Mapping[str, Any]) -> str:
    return readable(name.get("text")) or _in_parts(name, "prefix", "given", "family")


def _in_parts(name: Mapping[str, Any], *parts: str) -> str:
    return " ".join(readable(p) for part in parts for p in _list(name.get(part)) if p)


def _compared_names(resource: Resource) -> tuple[str, ...]:
    """Names as they are compared: as written in full and from their parts, without what stands before a name."""
    written = [
        (readable(n.get("text")), _in_parts(n, "given", "family")) for n in _dicts(resource.get("name"))
    ]
    return tuple(dict.fromkeys(way for ways in written for way in ways if way))


def addresses(resource: Resource) -> tuple[str, ...]:
    """Addresses on one line each; where one is written out as well, and differently, as both."""
    written = (t for a in _dicts(resource.get("address")) for t in (address(a), readable(a.get("text"))))
    return tuple(dict.fromkeys(filter(None, written)))


def address(one: Mapping[str, Any]) -> str:
    """An address on one line, from its parts; as it is written out where it has none."""
    parts = (*_list(one.get("line")), one.get("city"), one.get("district"), one.get("postalCode"))
    return ", ".join(readable(part) for part in parts if part) or readable(one.get("text"))


def reached(resource: Resource, *systems: str) -> tuple[str, ...]:
    """Telephone numbers or e-mail addresses."""
    return tuple(
        readable(t["value"])
        for t in _dicts(resource.get("telecom"))
        if t.get("system") in systems and t.get("value")
    )


def candidate(patient: Resource, systems: Mapping[str, IdentifierKind]) -> Candidate:
    """A Patient as someone who may be the subject."""
    numbers: dict[IdentifierKind, frozenset[str]] = {}
    for identifier in _dicts(patient.get("identifier")):
        kind = systems.get(str(identifier.get("system")))
        if kind and (value := digits(identifier.get("value"))):
            numbers[kind] = numbers.get(kind, frozenset()) | {value}
    return Candidate(
        names=_compared_names(patient), born_on=as_date(patient.get("birthDate")), numbers=numbers
    )


def has_several(patient: Resource, systems: Mapping[str, IdentifierKind]) -> bool:
    """Whether two different numbers of one kind are in use: perhaps two people in one entry."""
    numbers: dict[IdentifierKind, set[str]] = {}
    for identifier in _dicts(patient.get("identifier")):
        kind = systems.get(str(identifier.get("system")))
        ended = identifier.get("use") == "old" or an_object(identifier.get("period")).get("end")
        if kind and not ended and (value := digits(identifier.get("value"))):
            numbers.setdefault(kind, set()).add(value)
    return any(len(found) > 1 for found in numbers.values())


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
        phones=reached(resource, "phone", "sms", "fax", "pager"),
        emails=reached(resource, "email"),
        addresses=addresses(resource),
        identifiers=tuple(sorted({n for held in seen.numbers.values() for n in held})),
        born_on=seen.born_on,
        seen_in=(store,),
    )


def _dicts(value: object) -> list[dict[str, Any]]:
    if isinstance(value, list):
        return [v for v in value if isinstance(v, dict)]
    return [value] if isinstance(value, dict) else []


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def dicts(value: object) -> list[dict[str, Any]]:
    """The objects in a list, whatever else is in it."""
    return _dicts(value)


def an_object(value: object) -> dict[str, Any]:
    """The object itself; an empty one for whatever else a server put in its place."""
    return value if isinstance(value, dict) else {}
