"""A small FHIR R4 server over a folder of resources: read, search with pages, history, binary."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlencode

from sar.demonstration.sample_http import SampleHandler

BASE = "/fhir"
_PAGE = 20
Resource = dict[str, Any]


class Resources:
    """The folder in memory: ``<Type>-<id>.json`` and ``<Type>-<id>._history.json``."""

    def __init__(self, folder: Path) -> None:
        self.by_name: dict[str, Resource] = {}
        self.histories: dict[str, Resource] = {}
        for path in sorted(folder.glob("*.json")):
            resource = json.loads(path.read_text(encoding="utf-8"))
            if path.name.endswith("._history.json"):
                kind, _, rest = path.name.removesuffix("._history.json").partition("-")
                self.histories[f"{kind}/{rest}"] = resource
            else:
                self.by_name[f"{resource['resourceType']}/{resource['id']}"] = resource

    def search(self, kind: str, query: Mapping[str, list[str]]) -> list[Resource]:
        """Resources of a type that meet every parameter."""
        wanted = [(k, v) for k, values in query.items() if not k.startswith("_") for v in values]
        return [
            r
            for r in self.by_name.values()
            if r["resourceType"] == kind and all(_meets(r, name, value) for name, value in wanted)
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
                self.say(HTTPStatus.OK, {"resourceType": "CapabilityStatement", "fhirVersion": "4.0.1"})
            elif len(steps) == len(("Flag", "al-1", "_history")) and name in resources.histories:
                self.say(HTTPStatus.OK, resources.histories[name])
            elif len(steps) == len(("Flag", "al-1")) and name in resources.by_name:
                self.say(HTTPStatus.OK, resources.by_name[name])
            elif len(steps) == 1 and steps[0]:
                self.say(HTTPStatus.OK, self._bundle(steps[0], query))
            else:
                self.say(HTTPStatus.NOT_FOUND, {"resourceType": "OperationOutcome"})

        def _bundle(self, kind: str, query: Mapping[str, list[str]]) -> Resource:
            found = resources.search(kind, query)
            size = _number(query, "_count", _PAGE)
            start = _number(query, "_start", 0)
            base = f"{self.server.origin}{BASE}/{kind}"
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
    return any((resource.get(key) or {}).get("reference") == wanted for key in ("subject", "patient"))


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


_CHECKS: dict[str, Callable[[Resource, str], bool]] = {
    "identifier": _identifier,
    "patient": _patient,
    "subject": _patient,
    "target": _target,
    "birthdate": _born,
    "family": _begins("family"),
    "given": _begins("given"),
}
