"""A FHIR R4 server: the patient by number, then everything the server holds about them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sar.domain.errors import StoreRefused, UnreadableItem
from sar.domain.records import AnswerKind, StoreAnswer, SubjectQuery
from sar.ports.gathering import DocumentReader, Estimate, RecordSink, StoreDescription
from sar.stores.answers import AnswerBuilder
from sar.stores.described import MappedStore
from sar.stores.fhir_client import FhirClient
from sar.stores.fhir_look import Look
from sar.stores.fhir_mapping import FhirMapping, load_fhir_mapping
from sar.stores.fhir_offer import Offer, read_offer
from sar.stores.fhir_patients import find_patients
from sar.stores.fhir_shapes import named
from sar.stores.http import HttpSession, HttpSettings


class FhirStore(MappedStore[HttpSettings, FhirMapping]):
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
        super().__init__(description=description, settings=settings, mapping=mapping, reader=reader)
        self._page_size = page_size

    def check(self) -> str:
        """Whether the server states that it speaks FHIR R4 and accepts our credentials."""
        label = self._description.label
        with HttpSession(self._settings, label) as session:
            client = FhirClient(session, label)
            offer = _offer(client)
            system = next(iter(self._mapping.systems))
            list(client.search("Patient", identifier=f"{system}|0000000000"))
        return f"{label}: the server answers, speaks FHIR {offer.version} and accepts our credentials."

    def estimate(self, query: SubjectQuery, *, at: datetime) -> Estimate:
        """Whether anything is held and about how much: counts only, nothing is fetched."""
        answer = AnswerBuilder(self._description, query, at)
        with HttpSession(self._settings, self._description.label) as session:
            client = self._client(session, answer)
            offer = _offer(client)
            try:
                found = find_patients(client, self._mapping, answer)
            except UnreadableItem as large:
                raise StoreRefused(large.message, next_step=large.next_step) from large
            same = [f for f in found if f.is_subject]
            records = len(same) + sum(
                client.count(kind, {offer.parameter(kind): named(f.patient)})
                for f in same
                for kind in offer.to_ask(self._mapping)
            )
            changed = self._changed(client, offer, [named(f.patient) for f in same], query.seen_at)
        return Estimate(
            kind=AnswerKind.FOUND if same else AnswerKind.NOTHING_HELD,
            records=records,
            near_names=len(found) - len(same),
            changed=changed,
        )

    def _changed(
        self, client: FhirClient, offer: Offer, patients: Sequence[str], since: datetime | None
    ) -> int | None:
        """How many entries the server made or changed since a moment, in one question where it offers that.

        A gathering never asks like this: what was deleted since would not be missed.
        """
        if since is None:
            return None
        moment = since.isoformat(timespec="seconds")
        count = 0
        for patient in patients:
            kinds = set(offer.to_ask(self._mapping))
            if offer.has_everything and (came := _since(client, patient, moment)) is not None:
                count += len({n for n in came if n.partition("/")[0] in {*kinds, "Patient"}})
                # Who looked is no part of a patient's everything with most servers.
                kinds = (
                    {"AuditEvent"} & kinds if not any(n.startswith("AuditEvent/") for n in came) else set()
                )
            for kind in sorted(kinds):
                count += client.count(kind, {offer.parameter(kind): patient, "_lastUpdated": f"ge{moment}"})
        return count

    def answer(self, query: SubjectQuery, *, at: datetime, into: RecordSink | None = None) -> StoreAnswer:
        """Everything held about one data subject."""
        answer = AnswerBuilder(self._description, query, at, into=into)
        with HttpSession(self._settings, self._description.label) as session:
            client = self._client(session, answer)
            look = Look(
                client,
                self._mapping,
                self._reader,
                answer,
                offer=_offer(client),
            )
            try:
                look.at(find_patients(client, self._mapping, answer))
            except UnreadableItem as large:
                raise StoreRefused(large.message, next_step=large.next_step) from large
            return answer.build(empty=AnswerKind.NOTHING_HELD, note=look.note())

    def _client(self, session: HttpSession, answer: AnswerBuilder) -> FhirClient:
        return FhirClient(session, self._description.label, page_size=self._page_size, hold=answer.hold)


def _since(client: FhirClient, patient: str, moment: str) -> set[str] | None:
    """What changed of a patient; None where the server does not say it in one answer."""
    try:
        return {named(r) for r in client.everything(patient, {"_since": moment})}
    except (StoreRefused, UnreadableItem):
        return None


def _offer(client: FhirClient) -> Offer:
    """What the server states; where it states nothing usable, everything is tried."""
    return read_offer(client.statement())


__all__ = ["FhirMapping", "FhirStore", "load_fhir_mapping"]
