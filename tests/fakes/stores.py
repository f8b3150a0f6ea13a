"""The sample family as data subjects, and a store kept in memory that keeps the port's promises."""

from datetime import UTC, date, datetime

from sar.domain.errors import StoreUnavailable
from sar.domain.parties import DataSubject, Identifier, IdentifierKind
from sar.domain.records import Passage, RecordKind, StoreAnswer, SubjectQuery
from sar.domain.references import StoreName, SubjectId
from sar.ports.gathering import StoreDescription
from sar.stores.answers import AnswerBuilder, counted
from sar.stores.names import numbers_of

AT = datetime(2026, 10, 27, 9, 30, tzinfo=UTC)


def person(name, born_on, *, nhs="", council="", upn="", former=(), addresses=()):
    """A data subject with whatever numbers are known."""
    kinds = {
        IdentifierKind.NHS_NUMBER: nhs,
        IdentifierKind.COUNCIL_PERSON_ID: council,
        IdentifierKind.UPN: upn,
    }
    return DataSubject(
        id=SubjectId(name.split()[0].lower()),
        name=name,
        born_on=born_on,
        former_names=tuple(former),
        identifiers=tuple(Identifier(kind=k, value=v) for k, v in kinds.items() if v),
        addresses=tuple(addresses),
    )


HOME = "14 Tanner Row, Wexcombe, WX7 4QL"
LEANNE = person(
    "Leanne Hartley",
    date(1993, 3, 14),
    nhs="999 204 4179",
    council="204417",
    former=["Leanne Doyle"],
    addresses=[HOME],
)
MARCUS = person("Marcus Hartley", date(1990, 7, 9), nhs="9992170263", council="204418", addresses=[HOME])
ISLA = person(
    "Isla Hartley",
    date(2022, 2, 8),
    nhs="9992311584",
    council="204420",
    upn="Y937204417026",
    addresses=[HOME],
)
STRANGER = person("Wilfred Quayle", date(1971, 5, 5), nhs="9990000018", council="990001")
ISLA_BY_NAME_ONLY = person("Isla Hartley", date(1968, 11, 30))


class FakeStore:
    """A store in memory: what a service may rely on, without a system behind it."""

    def __init__(self, held=(), *, down=False):
        self.held = tuple(held)
        self.down = down
        self.description = StoreDescription(
            name=StoreName("fake"), label="A store in memory", controller="Nobody"
        )

    def check(self):
        self._awake()
        return "A store in memory: it answers."

    def estimate(self, query: SubjectQuery, *, at: datetime):
        return counted(self, query, at=at)

    def answer(self, query: SubjectQuery, *, at: datetime, into=None) -> StoreAnswer:
        self._awake()
        answer = AnswerBuilder(self.description, query, at, into=into)
        answer.searched_by("NHS number")
        for nhs, native, on, text in self.held:
            if nhs in numbers_of(query.subject, IdentifierKind.NHS_NUMBER):
                words = [Passage(label="Note", text=text)]
                answer.record(native, RecordKind.CASE_NOTE, on, words, found_by="NHS number")
        return answer.build()

    def _awake(self):
        if self.down:
            raise StoreUnavailable("A store in memory: it is down.", next_step="Wait.")
