"""What a FHIR server says it can be asked: its CapabilityStatement, read once an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sar.stores.fhir_mapping import DEFAULTS, NOT_SEARCHED, FhirMapping
from sar.stores.fhir_shapes import Resource, dicts

_BY_PERSON = ("patient", "subject")
_EVERYTHING = "everything"


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The statement; one that says nothing is ``is_known=False``, and then everything is tried."""

    is_known: bool
    version: str
    types: Mapping[str, frozenset[str]]
    """Resource type -> its search parameters; none listed: the server does not say."""
    has_everything: bool

    def parameter(self, kind: str) -> str:
        """By which parameter entries of this type are asked for."""
        listed = self.types.get(kind, frozenset())
        return next((p for p in _BY_PERSON if p in listed), _BY_PERSON[0])

    def to_ask(self, mapping: FhirMapping) -> tuple[str, ...]:
        """Every type to search: those of the mapping, our own list, and whatever else is kept by person."""
        others = (k for k, found in self.types.items() if found & set(_BY_PERSON))
        wanted = dict.fromkeys((*mapping.resources, *DEFAULTS, *others))
        return tuple(k for k in wanted if k in mapping.resources or (self._has(k) and k not in NOT_SEARCHED))

    def lacks(self) -> tuple[str, ...]:
        """Types of our own list that the server says it does not have."""
        return tuple(k for k in DEFAULTS if not self._has(k))

    def lists(self, kind: str) -> bool:
        """Whether the server says itself that it has this type."""
        return kind in self.types

    def _has(self, kind: str) -> bool:
        return not self.is_known or kind in self.types


def read_offer(statement: Resource | None) -> Offer:
    """The offer in a CapabilityStatement, or in whatever came instead."""
    found = statement if statement and statement.get("resourceType") == "CapabilityStatement" else {}
    servers = [r for r in dicts(found.get("rest")) if r.get("mode", "server") == "server"]
    listed = [r for server in servers for r in dicts(server.get("resource"))]
    types = {
        str(r.get("type") or ""): frozenset(str(p.get("name") or "") for p in dicts(r.get("searchParam")))
        for r in listed
    }
    operations = [
        o
        for place in (*servers, *(r for r in listed if r.get("type") == "Patient"))
        for o in dicts(place.get("operation"))
    ]
    return Offer(
        is_known=bool(types),
        version=str(found.get("fhirVersion") or "unstated"),
        types=types,
        has_everything=any(_is_everything(o) for o in operations),
    )


def _is_everything(operation: Mapping[str, object]) -> bool:
    name = str(operation.get("name") or "").lstrip("$").casefold()
    return name in {_EVERYTHING, f"patient-{_EVERYTHING}"} or str(operation.get("definition") or "").endswith(
        f"Patient-{_EVERYTHING}"
    )
