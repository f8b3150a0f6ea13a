"""A small FHIR R4 server over folders of resources: read, search with pages, history, binary, ``$everything``.

It states what it offers, counts without sending, and knows what changed since a moment. A type it does not
offer is refused with an OperationOutcome, as real servers do.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode, urlsplit

from sar.demonstration.sample_http import SampleHandler

BASE = "/fhir"
_PAGE = 20
_NOBODY_S = frozenset({"Binary", "Organization", "Patient", "Practitioner"})
Resource = dict[str, Any]


OFFERED = (
    "AuditEvent", "Communication", "Condition", "DocumentReference", "Encounter", "Flag", "Observation", "Patient",
    "Practitioner", "Provenance", "RelatedPerson",
)  # fmt: skip
"""What this server can be asked for, whether or not it holds any. It has no care plans and no tasks."""


class Resources:
    """The folders in memory: ``<Type>-<id>.json`` and ``<Type>-<id>._history.json``.

    :param everything: whether the server offers ``Patient/x/$everything``.
    """

    def __init__(self, *folders: Path, everything: bool = False) -> None:
        self.by_name: dict[str, Resource] = {}
        self.histories: dict[str, Resource] = {}
        self.everything = everything
        for path in sorted(p for folder in folders for p in folder.glob("*.json")):
            resource = json.loads(path.read_text(encoding="utf-8"))
            if path.name.endswith("._history.json"):
                kind, _, rest = path.name.removesuffix("._history.json").partition("-")
                self.histories[f"{kind}/{rest}"] = resource
            else:
                self.by_name[f"{resource['resourceType']}/{resource['id']}"] = resource

    @property
    def types(self) -> list[str]:
        """What it offers: the usual types, and any other it holds."""
        return sorted({*OFFERED, *(r["resourceType"] for r in self.by_name.values())})

    def statement(self) -> Resource:
        """The CapabilityStatement."""
        listed: list[Resource] = [
            {
                "type": kind,
                "interaction": [{"code": "read"}, {"code": "search-type"}],
                "searchParam": [] if kind in _NOBODY_S else [{"name": "patient", "type": "reference"}],
            }
            for kind in self.types
        ]
        if self.everything:
            patient = next(r for r in listed if r["type"] == "Patient")
            definition = "http://hl7.org/fhir/OperationDefinition/Patient-everything"
            patient["operation"] = [{"name": "everything", "definition": definition}]
        rest = [{"mode": "server", "resource": listed}]
        return {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1", "rest": rest}

    def all_of(self, patient: str, since: str) -> list[Resource]:
        """The patient with everything that names them, and the staff; not who looked, which is asked for apart."""
        mine = [
            r for r in self.by_name.values() if _patient(r, patient) and r["resourceType"] != "AuditEvent"
        ]
        staff = [r for r in self.by_name.values() if r["resourceType"] == "Practitioner"]
        found = [*filter(None, [self.by_name.get(f"Patient/{patient}")]), *mine, *staff]
        return [r for r in found if _changed_since(r, since)]

    def search(self, kind: str, query: Mapping[str, list[str]]) -> list[Resource]:
        """Resources of a type that meet every parameter."""
        wanted = [(k, v) for k, values in query.items() if not k.startswith("_") for v in values]
        since = (query.get("_lastUpdated") or [""])[0].removeprefix("ge")
        return [
            r
            for r in self.by_name.values()
            if r["resourceType"] == kind
            and _changed_since(r, since)
            and all(_meets(r, name, value) for name, value in wanted)
        ]


def handler_for(resources: Resources) -> type[SampleHandler]:
    """A request handler bound to some resources."""

    class FhirHandler(SampleHandler):
        content_type: ClassVar[str] = "application/fhir+json"

        def reply(self, path: str, query: Mapping[str, list[str]]) -> None:
            """Route: metadata, a resource, its history, or a search."""
            steps = path.removeprefix(BASE).strip("/").split("/")
            name = "/".join(steps[:2])
            if steps == ["metadata"]:
                self.say(HTTPStatus.OK, resources.statement())
            elif steps[2:] == ["$everything"] and resources.everything:
                since = (query.get("_since") or [""])[0]
                self.say(HTTPStatus.OK, self._page(resources.all_of(steps[1], since), query))
            elif len(steps) == len(("Flag", "al-1", "_history")) and name in resources.histories:
                self.say(HTTPStatus.OK, resources.histories[name])
            elif len(steps) == len(("Flag", "al-1")) and name in resources.by_name:
                self.say(HTTPStatus.OK, resources.by_name[name])
            elif len(steps) == 1 and steps[0] in resources.types:
                self.say(HTTPStatus.OK, self._page(resources.search(steps[0], query), query))
            else:
                issue = {"severity": "error", "code": "not-supported"}
                self.say(HTTPStatus.NOT_FOUND, {"resourceType": "OperationOutcome", "issue": [issue]})

        def _page(self, found: list[Resource], query: Mapping[str, list[str]]) -> Resource:
            if query.get("_summary") == ["count"]:
                return {"resourceType": "Bundle", "type": "searchset", "total": len(found)}
            size = _number(query, "_count", _PAGE)
            start = _number(query, "_start", 0)
            base = f"{self.server.origin}{urlsplit(self.path).path}"
            links = [{"relation": "self", "url": base}]
            if start + size < len(found):
                rest = {k: v for k, v in query.items() if k != "_start"} | {"_start": [str(start + size)]}
                links.append({"relation": "next", "url": f"{base}?{urlencode(rest, doseq=True)}"})
            return {
                "resourceType": "Bundle",
                "type": "searchset",
                "total": len(found),
                "link": links,
                "entry": [{"resource": r} for r in found[start : start + size]],
            }

    return FhirHandler


def _number(query: Mapping[str, list[str]], name: str, default: int) -> int:
    text = (query.get(name) or [""])[0]
    return int(text) if text.isdecimal() else default


def _meets(resource: Resource, name: str, value: str) -> bool:
    check = _CHECKS.get(name)
    return check is not None and check(resource, value)


def _identifier(resource: Resource, value: str) -> bool:
    system, _, number = value.rpartition("|")
    return any(
        i.get("value") == number and (not system or i.get("system") == system)
        for i in resource.get("identifier", [])
    )


def _patient(resource: Resource, value: str) -> bool:
    wanted = value if value.startswith("Patient/") else f"Patient/{value}"
    entities = [(e.get("what") or {}) for e in resource.get("entity", [])]
    said = [*(resource.get(key) or {} for key in ("subject", "patient")), *entities]
    return any(each.get("reference") == wanted for each in said)


def _changed_since(resource: Resource, since: str) -> bool:
    changed = str((resource.get("meta") or {}).get("lastUpdated") or "")
    return not since or (bool(changed) and datetime.fromisoformat(changed) >= datetime.fromisoformat(since))


def _target(resource: Resource, value: str) -> bool:
    references = [t.get("reference", "") for t in resource.get("target", [])]
    return any(r == value or r.startswith(f"{value}/_history/") for r in references)


def _born(resource: Resource, value: str) -> bool:
    born = str(resource.get("birthDate", ""))
    if value.startswith("ge"):
        return born >= value.removeprefix("ge")
    return born <= value.removeprefix("le") if value.startswith("le") else born == value


def _words(resource: Resource, key: str) -> Iterator[str]:
    for name in resource.get("name", []):
        found = name.get(key) or []
        yield from (found if isinstance(found, list) else [found])


def _begins(key: str) -> Callable[[Resource, str], bool]:
    def check(resource: Resource, value: str) -> bool:
        return any(w.casefold().startswith(value.casefold()) for w in _words(resource, key))

    return check


def _lacks(has: Callable[[Resource], bool]) -> Callable[[Resource, str], bool]:
    return lambda resource, value: has(resource) is (value != "true")


_CHECKS: dict[str, Callable[[Resource, str], bool]] = {
    "identifier": _identifier,
    "patient": _patient,
    "subject": _patient,
    "target": _target,
    "birthdate": _born,
    "birthdate:missing": _lacks(lambda patient: bool(patient.get("birthDate"))),
    "family": _begins("family"),
    "family:missing": _lacks(lambda patient: any(_words(patient, "family"))),
    "given": _begins("given"),
}
