"""Who the subject is on a FHIR server: by number, else by name and birth; followed where entries were merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from sar.stores import fhir_shapes as shapes
from sar.stores.answers import NOT_GIVEN, AnswerBuilder
from sar.stores.fhir_client import FhirClient
from sar.stores.fhir_mapping import FhirMapping
from sar.stores.fhir_near import near_candidates
from sar.stores.fhir_shapes import Resource, an_object, dicts, named
from sar.stores.names import (
    BY_NAME_AND_BIRTH,
    Judgement,
    Sameness,
    by_decision,
    digest_of,
    facts_of,
    judged,
    names_of,
    numbers_of,
)

_MERGED = frozenset({"replaced-by", "replaces", "seealso", "refer"})
LINKED = (
    "linked with the subject's entry as if the same person, but the facts do not agree: compare before using"
)
_MOST_LINKS = 50
_MALFORMED = (AttributeError, TypeError, KeyError, ValueError, OverflowError, RecursionError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A patient entry: the subject's own, or one for an officer to compare."""

    patient: Resource
    is_subject: bool
    found_by: str = ""
    why: str = ""
    facts: str = ""
    """A digest of what an officer has to compare."""


def find_patients(client: FhirClient, mapping: FhirMapping, answer: AnswerBuilder) -> list[Found]:
    """The subject's entries, with those they were merged with, and entries with nearly the same name."""
    found: dict[str, Found] = {}
    seen: set[str] = set()
    for patient in _searched(client, mapping, answer):
        if patient.get("resourceType") == "Patient" and named(patient) not in seen:
            seen.add(named(patient))
            judgement = _judged(patient, mapping, answer)
            if judgement.sameness is not Sameness.OTHER:
                found[named(patient)] = _found(patient, judgement)
    _follow_links(client, mapping, answer, found)
    return list(found.values())


def _judged(patient: Resource, mapping: FhirMapping, answer: AnswerBuilder) -> Judgement:
    """Who a patient is; one whose entry cannot be compared by machine is for an officer, not the store's end."""
    try:
        known = shapes.candidate(patient, mapping.systems)
        judgement = judged(named(patient), known, answer.query)
        return judgement if judgement.facts else replace(judgement, facts=facts_of(known))
    except _MALFORMED:
        odd = Judgement(sameness=Sameness.NEAR, facts=_facts_as_sent(patient))
        return by_decision(named(patient), odd, answer.query)


def _facts_as_sent(patient: Resource) -> str:
    """A digest of what would say who it is, where it cannot be read as that."""
    try:
        return digest_of([patient.get(fact) for fact in ("identifier", "name", "birthDate")])
    except (RecursionError, ValueError):
        return digest_of(named(patient))


def _found(patient: Resource, judgement: Judgement, why: str = "") -> Found:
    is_subject = judgement.sameness is Sameness.SAME
    return Found(
        patient=patient,
        is_subject=is_subject,
        found_by=judgement.found_by,
        why="" if is_subject else judgement.why or why,
        facts=judgement.facts,
    )


def _follow_links(
    client: FhirClient, mapping: FhirMapping, answer: AnswerBuilder, found: dict[str, Found]
) -> None:
    """Entries merged with one of the subject's: the same person if their own facts say so, else to compare."""
    waiting = [f.patient for f in found.values() if f.is_subject]
    asked = set(found)
    while waiting and len(asked) < _MOST_LINKS:
        for reference in _links(waiting.pop()):
            if reference in asked:
                continue
            asked.add(reference)
            other = client.read(reference)
            if other is None or other.get("resourceType") != "Patient":
                answer.hold(
                    reference, "an entry merged with the subject's that the server did not give", "deleted"
                )
                continue
            judgement = _judged(other, mapping, answer)
            is_other = judgement.sameness is Sameness.OTHER
            if not (is_other and named(other) in answer.query.ruled_out):
                found.setdefault(named(other), _found(other, judgement, LINKED))
            if judgement.sameness is Sameness.SAME:
                waiting.append(other)


def _links(patient: Resource) -> Iterator[str]:
    for link in dicts(patient.get("link")):
        reference = shapes.local(str(an_object(link.get("other")).get("reference") or ""))
        if link.get("type") in _MERGED and reference.startswith("Patient/"):
            yield reference


def _searched(client: FhirClient, mapping: FhirMapping, answer: AnswerBuilder) -> Iterator[Resource]:
    subject = answer.subject
    for system, kind in mapping.systems.items():
        for number in numbers_of(subject, kind):
            answer.searched_by(kind.value)
            yield from client.search("Patient", identifier=f"{system}|{number}")
    for reference in sorted(answer.query.confirmed):
        # An officer compared this entry before; a search by number or name need not bring it again.
        confirmed = client.read(reference)
        if confirmed and confirmed.get("resourceType") == "Patient":
            yield confirmed
        else:
            answer.hold(reference, NOT_GIVEN, "deleted")
    answer.searched_by(BY_NAME_AND_BIRTH)
    if len(names_of(subject)) > 1:
        answer.searched_by("former names and date of birth")
    yield from near_candidates(client, answer)
