"""What a FHIR server's entries are to us: numbers, kinds of record, and what is asked for though nobody named it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from sar.domain.parties import IdentifierKind
from sar.domain.records import RecordKind
from sar.stores.answers import kind_named
from sar.stores.fields import Fields, bad, read_toml

DEFAULTS: Mapping[str, RecordKind] = {
    "Flag": RecordKind.ALERT,
    "Communication": RecordKind.CORRESPONDENCE,
    "DocumentReference": RecordKind.CORRESPONDENCE,
    "Observation": RecordKind.CASE_NOTE,
    "Condition": RecordKind.CASE_NOTE,
    "QuestionnaireResponse": RecordKind.ASSESSMENT,
    "Encounter": RecordKind.VISIT,
    "RiskAssessment": RecordKind.ASSESSMENT,
    "CarePlan": RecordKind.PLAN,
    "Task": RecordKind.CASE_NOTE,
    "AuditEvent": RecordKind.ACCESS_LOG,
}
"""Asked for on every server, whether or not its mapping names them."""

OFTEN: Mapping[str, RecordKind] = {
    "ServiceRequest": RecordKind.REFERRAL,
    "ReferralRequest": RecordKind.REFERRAL,
    "CommunicationRequest": RecordKind.CORRESPONDENCE,
    "ClinicalImpression": RecordKind.ASSESSMENT,
    "Appointment": RecordKind.VISIT,
    "CareTeam": RecordKind.PLAN,
    "Goal": RecordKind.PLAN,
    "RelatedPerson": RecordKind.PERSON_DETAILS,
}
"""What else is more than a note when a server holds it."""

SUPPORTING = frozenset(
    {
        "Practitioner", "PractitionerRole", "Organization", "OrganizationAffiliation", "Location", "HealthcareService",
        "Endpoint", "Medication", "Questionnaire", "ValueSet", "CodeSystem", "StructureDefinition", "PlanDefinition",
    }
)  # fmt: skip
"""Entries about staff, places and forms: they say who is who, and are nobody's record."""

NOT_SEARCHED = SUPPORTING | {
    "Patient",
    "RelatedPerson",
    "Provenance",
    "Binary",
    "Bundle",
    "OperationOutcome",
    "Group",
}
"""Not asked for by patient: they come another way, or are no record."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FhirMapping:
    """Which numbers, which resources, and what kind of record each is."""

    systems: Mapping[str, IdentifierKind]
    alert_system: str
    employer: str
    resources: Mapping[str, RecordKind | None]
    """Resource type -> kind; None: the document's type decides."""
    document_kinds: Mapping[str, RecordKind]

    def kind_of(self, name: str, document_type: str) -> RecordKind | None:
        """The kind of one entry; None when the mapping leaves it to a list that does not have it."""
        by_type = self.document_kinds.get(document_type) if name == "DocumentReference" else None
        if name in self.resources:
            return self.resources[name] or by_type
        return by_type or DEFAULTS.get(name) or OFTEN.get(name, RecordKind.CASE_NOTE)


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
