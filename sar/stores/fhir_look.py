"""One answer of a FHIR server in the making: find the patient, read what is theirs, hold back what is not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from sar.domain.errors import StoreRefused, UnreadableItem
from sar.domain.parties import Person, Role
from sar.domain.records import AlertEntry, Passage, RecordKind
from sar.ports.gathering import DocumentReader
from sar.stores import fhir_shapes as shapes
from sar.stores import fhir_text as words
from sar.stores.answers import NEAR_NAME, AnswerBuilder, subject_person, unnumbered
from sar.stores.documents import not_read, passages_of_documents
from sar.stores.fhir_alerts import flag_life, sent_life
from sar.stores.fhir_client import FhirClient, ForbiddenQuestion, UnsupportedQuestion
from sar.stores.fhir_mapping import DEFAULTS, SUPPORTING, FhirMapping
from sar.stores.fhir_offer import Offer
from sar.stores.fhir_patients import Found
from sar.stores.fhir_shapes import Resource, dicts, named

MALFORMED = (AttributeError, TypeError, KeyError, ValueError, OverflowError, RecursionError)
"""What a server's odd shapes make our reading stumble over: one entry, not the store."""

NOT_ANSWERED = "the server says that it has this kind of entry, but turned the question for it away"


class Look:
    """Everything of the patients that were found."""

    def __init__(
        self,
        client: FhirClient,
        mapping: FhirMapping,
        reader: DocumentReader,
        answer: AnswerBuilder,
        *,
        offer: Offer,
    ) -> None:
        self._client = client
        self._map = mapping
        self._reader = reader
        self._answer = answer
        self._offer = offer
        self._mine: frozenset[str] = frozenset()
        self._family: set[str] = set()
        self._read_files: set[str] = set()
        self._loose_files: set[str] = set()
        self._staff: set[str] = set()
        self._unsupported: dict[str, None] = {}
        self._flags: list[tuple[Resource, str]] = []
        self._actions: dict[str, Resource] = {}
        """Provenance of alerts that came along; the alerts wait for it."""

    def at(self, found: Iterable[Found]) -> None:
        """Read every patient who is the subject; hold the others back, known by name."""
        same: list[Found] = []
        for each in found:
            if each.is_subject:
                same.append(each)
                continue
            self._answer.hold(named(each.patient), each.why or NEAR_NAME, "near-name", facts=each.facts)
            if other := self._person(each.patient):
                self._answer.person(replace(other, role=Role.NAMESAKE))
        self._mine = frozenset(named(s.patient) for s in same)
        for each in same:
            self._read_patient(each)
        for native in sorted(self._loose_files - self._read_files):
            self._answer.hold(native, "a file that no entry of the record refers to", "undated")

    def note(self) -> str:
        """What was not asked or not taken as a record, in plain words."""
        lines = []
        if self._mine and (lacking := dict.fromkeys((*self._offer_lacks(), *self._unsupported))):
            named_types = ", ".join(words.kind_words({"resourceType": k}).lower() for k in lacking)
            lines.append(f"The server does not offer these kinds of entry: {named_types}.")
        if self._staff:
            lines.append(
                f"{len(self._staff)} entries about staff, places and forms were used to say who is who."
            )
        if self._client.not_asked_for:
            lines.append(f"The server cannot be asked for {' or '.join(self._client.not_asked_for)}.")
        if self._client.warned:
            lines.append(f"The server attached a warning to its answer on: {', '.join(self._client.warned)}.")
        return " ".join(lines)

    def _offer_lacks(self) -> tuple[str, ...]:
        return tuple(k for k in self._offer.lacks() if k not in self._map.resources)

    def _read_patient(self, found: Found) -> None:
        patient = found.patient
        if me := self._person(patient):
            self._answer.person(subject_person(self._answer.store, self._answer.subject, named(patient), me))
        if shapes.has_several(patient, self._map.systems):
            self._answer.hold(
                named(patient),
                "this person's entry carries two numbers of one kind in use: it may hold another person's records",
                "several-numbers",
            )
        related = self._related(patient)
        self._guarded(patient, lambda: self._keep_patient(found, related))
        seen = self._read_everything(found) if self._offer.has_everything else None
        for kind in self._offer.to_ask(self._map):
            if seen is None or (kind not in seen and (kind in self._map.resources or kind == "AuditEvent")):
                self._read_kind(kind, found)
        self._keep_flags()

    def _keep_patient(self, found: Found, related: list[tuple[Resource, Person]]) -> None:
        patient = found.patient
        self._professionals(patient)
        self._answer.record(
            named(patient),
            RecordKind.PERSON_DETAILS,
            shapes.stored_on(patient),
            words.details(patient, related),
            found_by=found.found_by,
            people=[*(p for _, p in related), *self._contacts(patient)],
            entered_at=shapes.entered_at(patient),
            changed_at=shapes.changed_at(patient),
        )

    def _read_everything(self, found: Found) -> set[str] | None:
        """The types that came; None when the server did not keep its word and everything must be searched."""
        seen: set[str] = set()
        try:
            for resource in self._client.everything(named(found.patient), {}):
                seen.add(str(resource.get("resourceType")))
                self._take(resource, found.found_by)
        except (UnsupportedQuestion, ForbiddenQuestion):
            return None
        except (StoreRefused, UnreadableItem) as fault:
            self._answer.hold("$everything", fault.message, "incomplete")
            return None
        return seen

    def _read_kind(self, kind: str, found: Found) -> None:
        """One type. What goes wrong with it is said; the other types go on."""
        params = {self._offer.parameter(kind): named(found.patient)}
        try:
            for resource in self._client.search_many(kind, params):
                self._take(resource, found.found_by)
        except UnsupportedQuestion:
            self._not_answered(kind)
        except ForbiddenQuestion:
            self._answer.hold(kind, "the server does not let us read this kind of entry", "not-allowed")
        except (StoreRefused, UnreadableItem) as fault:
            self._answer.hold(kind, fault.message, "incomplete")

    def _not_answered(self, kind: str) -> None:
        """A type that the server would not be asked for: a gap where it says itself that it has it."""
        if self._offer.lists(kind):
            self._answer.hold(kind, NOT_ANSWERED, "incomplete")
        else:
            self._unsupported[kind] = None

    def _take(self, resource: Resource, found_by: str) -> None:
        """One entry, whatever it is: a record, somebody's name, or an item for a person."""
        self._guarded(resource, lambda: self._sort(resource, found_by))

    def _guarded(self, resource: Resource, keep: Callable[[], None]) -> None:
        try:
            keep()
        except UnreadableItem as unreadable:
            self._answer.hold(named(resource), unreadable.message, unreadable.field or "unreadable")
        except MALFORMED:
            self._answer.hold(named(resource), "an entry that is not formed as FHIR says", "unreadable")

    def _sort(self, resource: Resource, found_by: str) -> None:
        kind = resource.get("resourceType")
        name = named(resource)
        if kind in SUPPORTING:
            self._client.remember(resource)
            self._staff.add(name)
        elif kind == "Binary":
            self._loose_files.add(name)
        elif name in self._mine or name in self._family:
            return  # Its content is in the details.
        elif kind == "Provenance" and self._is_of_a_flag(resource):
            self._actions[name] = resource
        elif not isinstance(kind, str) or not kind or not resource.get("id"):
            self._answer.hold(name, "an entry without a kind or a number", "unreadable")
        elif kind == "Patient" or self._is_of_others(resource):
            self._answer.hold(
                name, "an entry about another person came with the answer: not opened", "other-person"
            )
        elif kind == "Flag":
            self._flags.append((resource, found_by))
        else:
            self._keep(resource, kind, found_by)

    def _keep_flags(self) -> None:
        """The alerts, each with whatever tells who did what to it, and why; what tells of none of them is held."""
        told: set[str] = set()
        for flag, found_by in self._flags:
            self._guarded(flag, lambda f=flag, by=found_by: told.update(self._keep_flag(f, by)))  # type: ignore[misc]
        for name in sorted(set(self._actions) - told):
            self._answer.hold(name, "it tells of an alert that did not come with the answer", "incomplete")
        self._flags.clear()
        self._actions.clear()

    def _keep_flag(self, flag: Resource, found_by: str) -> set[str]:
        actions = {n: a for n, a in self._actions.items() if named(flag) in _targets(a)}
        for action in self._actions_of(named(flag)):
            actions.setdefault(named(action), action)
        self._keep(flag, "Flag", found_by, list(actions.values()))
        return set(actions)

    def _is_of_others(self, resource: Resource) -> bool:
        about = shapes.patients_of(resource)
        return bool(about) and not about & self._mine

    @staticmethod
    def _is_of_a_flag(resource: Resource) -> bool:
        targets = _targets(resource)
        return bool(targets) and all(t.startswith("Flag/") for t in targets)

    def _keep(self, resource: Resource, what: str, found_by: str, actions: Sequence[Resource] = ()) -> None:
        name = named(resource)
        kind = self._map.kind_of(what, shapes.concept(resource.get("type")))
        versions = self._client.history(name) if kind is RecordKind.ALERT else []
        on = shapes.date_of(resource)
        if on is None and what not in self._map.resources and what not in DEFAULTS:
            on = shapes.stored_on(
                resource
            )  # A type nobody told us about: better dated by the server than not kept.
        passages = self._passages(resource)
        passages += words.version_passages(versions)
        passages += words.action_passages(actions, name)
        self._answer.record(
            name,
            kind,
            on,
            passages,
            found_by=found_by,
            people=[
                *self._named_in(resource),
                *(p for other in (*versions, *actions) for p in self._professionals(other)),
            ],
            alert=self._life(resource, versions, actions),
            entered_at=shapes.entered_at(resource, versions),
            changed_at=shapes.changed_at(resource),
        )

    def _passages(self, resource: Resource) -> list[Passage]:
        passages = words.passages_of(resource)
        if resource.get("resourceType") == "DocumentReference":
            passages += self._document(resource)
        return passages

    def _document(self, resource: Resource) -> Iterator[Passage]:
        unread: dict[str, None] = {}
        for content in dicts(resource.get("content")):
            attachment = shapes.an_object(content.get("attachment"))
            self._read_files.add(shapes.local(str(attachment.get("url") or "")))
            data, media_type = self._client.attachment(attachment)
            read = self._reader.read(data, name=str(attachment.get("title") or ""), media_type=media_type)
            unread |= dict.fromkeys(why for document in read for why in not_read(document))
            yield from passages_of_documents(read)
        for which, why in enumerate(unread, start=1):
            self._answer.hold(f"{named(resource)}#not-read-{which}", why, "unreadable")

    def _life(
        self, resource: Resource, versions: list[Resource], actions: Sequence[Resource]
    ) -> list[AlertEntry]:
        number = self._alert_number(resource)
        if resource.get("resourceType") == "Flag":
            return flag_life(
                number or named(resource), versions or [resource], actions, self._role, self._answer
            )
        return sent_life(number, resource) if number else []

    def _actions_of(self, target: str) -> Iterator[Resource]:
        try:
            for action in self._client.search("Provenance", target=target):
                if action.get("resourceType") == "Provenance":
                    yield action
        except (StoreRefused, UnreadableItem) as fault:
            if not isinstance(fault, UnsupportedQuestion) or self._offer.lists("Provenance"):
                self._answer.hold(target, "who changed this alert could not be read", "incomplete")

    def _alert_number(self, resource: Resource) -> str:
        for identifier in dicts(resource.get("identifier")):
            if self._map.alert_system and identifier.get("system") == self._map.alert_system:
                return str(identifier.get("value") or "")
        return ""

    def _related(self, patient: Resource) -> list[tuple[Resource, Person]]:
        related = []
        try:
            for each in self._client.search("RelatedPerson", patient=named(patient)):
                if each.get("resourceType") == "RelatedPerson" and not self._is_of_others_than(patient, each):
                    self._family.add(named(each))
                    if person := self._person(each):
                        related.append((each, self._answer.person(person)))
        except UnsupportedQuestion:
            self._not_answered("RelatedPerson")
        except (StoreRefused, UnreadableItem) as fault:
            self._answer.hold("RelatedPerson", fault.message, "incomplete")
        return related

    @staticmethod
    def _is_of_others_than(patient: Resource, resource: Resource) -> bool:
        about = shapes.patients_of(resource)
        return bool(about) and named(patient) not in about

    def _contacts(self, patient: Resource) -> Iterator[Person]:
        """Next of kin written into the patient's own entry."""
        for contact in dicts(patient.get("contact")):
            person = self._person({**contact, "name": dicts(contact.get("name")), "resourceType": "Contact"})
            if person:
                yield replace(person, id=unnumbered(self._answer.store, person.name))

    def _named_in(self, resource: Resource) -> list[Person]:
        """Staff whom the entry refers to, and those an access log writes out by name."""
        people = self._professionals(resource)
        if resource.get("resourceType") != "AuditEvent":
            return people
        for agent in dicts(resource.get("agent")):
            if name := str(agent.get("name") or ""):
                someone = Person(
                    id=unnumbered(self._answer.store, name),
                    name=name,
                    role=Role.PROFESSIONAL,
                    job_title=shapes.concept(agent.get("role")),
                    employer=self._map.employer,
                    seen_in=(self._answer.store,),
                )
                people.append(self._answer.person(someone))
        return people

    def _professionals(self, resource: Resource) -> list[Person]:
        people = []
        for reference in dict.fromkeys(r for r in _references(resource) if "Practitioner/" in r):
            found = self._client.read(shapes.local(reference))
            if found and (p := self._person(found)):
                people.append(self._answer.person(p))
        return people

    def _role(self, reference: str) -> str:
        found = self._client.read(shapes.local(reference)) if "Practitioner/" in reference else None
        seen = self._person(found) if found else None
        return seen.job_title if seen else ""

    def _person(self, resource: Resource) -> Person | None:
        return shapes.person(resource, self._answer.store, self._map.systems, employer=self._map.employer)


def _targets(action: Resource) -> list[str]:
    return [shapes.local(str(t.get("reference") or "")) for t in dicts(action.get("target"))]


def _references(value: object) -> list[str]:
    """Every reference in a resource; a heap instead of calls, since most of it holds none."""
    found: list[str] = []
    heap = [value]
    while heap:
        top = heap.pop()
        if isinstance(top, dict):
            if isinstance(reference := top.get("reference"), str):
                found.append(reference)
            heap += [inner for inner in top.values() if isinstance(inner, _HOLDS)]
        elif isinstance(top, list):
            heap += [inner for inner in top if isinstance(inner, _HOLDS)]
    return found


_HOLDS = (dict, list)
