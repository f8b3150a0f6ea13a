"""People on a FHIR server who could be the subject, found without their number: only ever to be compared.

A patient may have no number there, a surname from before or after a wedding, or an initial for a first name. The
server narrows down by birth and by the beginnings of names; who is near is judged here, and an officer decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sar.domain.errors import StoreRefused
from sar.domain.parties import DataSubject
from sar.stores.answers import AnswerBuilder
from sar.stores.fhir_client import FhirClient, ForbiddenQuestion, UnsupportedQuestion
from sar.stores.fhir_shapes import Resource, dicts
from sar.stores.http_exchange import Query
from sar.stores.names import fold, names_of
from sar.stores.values import as_date

MOST_LOOKED_AT = 1_000
"""Entries that one question brings; a day's births with one beginning of a surname are a handful."""
TOO_MANY = (
    "more entries are like this person's than we look at: who else has a nearly equal name is not known"
)
_BEGINNING = 3


@dataclass(frozen=True, slots=True)
class Question:
    """One search for people, and what every entry it brings must be like: some servers pass over what they know not."""

    params: Query
    born_on: date | None = None
    born_in: int | None = None
    without: str = ""
    """In words, what the people it looks for lack. Not every server can be asked for what is not there."""

    def meets(self, patient: Resource) -> bool:
        """Whether the entry is one that was asked for."""
        if self.without == NO_SURNAME and any(n.get("family") for n in dicts(patient.get("name"))):
            return False
        if self.without == NO_BIRTH:
            return not patient.get("birthDate")
        if self.born_on is not None:
            return as_date(patient.get("birthDate")) == self.born_on
        return str(patient.get("birthDate") or "").startswith(str(self.born_in))


NO_SURNAME = "people without a surname"
NO_BIRTH = "people without a date of birth"


def near_candidates(client: FhirClient, answer: AnswerBuilder) -> Iterator[Resource]:
    """Everybody who could be near, and many who are not.

    :raises StoreRefused: the server cannot be asked by birth and name.
    """
    for question in questions_about(answer.subject):
        try:
            yield from _asked(client, answer, question)
        except (UnsupportedQuestion, ForbiddenQuestion) as fault:
            if not question.without:
                raise StoreRefused(fault.message, next_step=fault.next_step) from fault
            client.not_asked_for[question.without] = None


def _asked(client: FhirClient, answer: AnswerBuilder, question: Question) -> Iterator[Resource]:
    for number, patient in enumerate(client.search_many("Patient", question.params), start=1):
        if number > MOST_LOOKED_AT:
            answer.hold("Patient", TOO_MANY, "incomplete")
            return
        if question.meets(patient):
            yield patient
        elif question.without:
            client.not_asked_for[question.without] = None
            return


def questions_about(subject: DataSubject) -> Iterator[Question]:
    """Of the same day by the name, or half of it; of the same year by the beginnings of both; and of no day at all."""
    born, year = subject.born_on, subject.born_on.year
    of_the_day, of_the_year = born.isoformat(), (f"ge{year}-01-01", f"le{year}-12-31")
    surnames = list(dict.fromkeys(s for name in names_of(subject) for s in _surnames(name)))
    initials = list(dict.fromkeys(i for name in names_of(subject) for i in _firsts(name, 1)))
    for words in filter(None, (name.split() for name in names_of(subject))):
        yield Question({"birthdate": of_the_day, "given": words[0], "family": words[-1]}, born_on=born)
    for surname in surnames:
        yield Question({"birthdate": of_the_day, "family": surname}, born_on=born)
    for initial in initials:
        yield Question({"birthdate": of_the_day, "given": initial}, born_on=born)
    for first in dict.fromkeys(f for name in names_of(subject) for f in _firsts(name, _BEGINNING)):
        yield Question({"birthdate": of_the_year, "given": first}, born_in=year)
    for surname in surnames:
        for initial in initials:
            asked = {"birthdate": of_the_year, "family": surname, "given": initial}
            yield Question(asked, born_in=year)
        yield Question({"birthdate:missing": "true", "family": surname}, without=NO_BIRTH)
    asked = {"birthdate": of_the_day, "family:missing": "true"}
    yield Question(asked, born_on=born, without=NO_SURNAME)


def _surnames(name: str) -> Iterator[str]:
    """How a surname may begin: with the last word, or the second; as it is written, and without accents."""
    for words in (name.split(), fold(name).split()):
        yield from (word[:_BEGINNING] for word in (words[-1:] + words[1:2]))


def _firsts(name: str, letters: int) -> Iterator[str]:
    for words in (name.split(), fold(name).split()):
        yield from (word[:letters] for word in words[:1])
