"""An office with a store of paper: the parts that look after keepers, over the same archive."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sar.config import shipped
from sar.documents.reader import DocumentReading
from sar.domain.calendar import say_date
from sar.domain.parties import Actor, StaffRole
from sar.domain.records import DataClass, RecordKind
from sar.domain.references import CaseId, StaffId, StoreName
from sar.outbox import LetterRoom
from sar.ports.by_hand import Looked, Paper
from sar.ports.gathering import StoreDescription
from sar.services.gaps import Gaps
from sar.services.holding import Holding
from sar.services.store_list import StoreList
from sar.services.tasks import Tasks
from sar.services.tending import Tending, Writing
from sar.stores.manual import ManualStore, PaperReading
from tests.integration.services.conftest import TRUST, Office

PAPERS = StoreName("papers")
PAPER_STORE = StoreDescription(
    name=PAPERS, label="The old paper files", controller=TRUST, holds="Files until 2015.",
    data_class=DataClass.OTHER, owner="files@fenwater.example", escalate_to="head@fenwater.example", kind="manual",
)  # fmt: skip
KEEPER = Actor(
    id=StaffId("ken"),
    name="Ken Archer",
    roles=frozenset({StaffRole.RECORD_HOLDER}),
    stores=frozenset({PAPERS}),
)
OTHER_KEEPER = replace(KEEPER, id=StaffId("kim"), stores=frozenset({StoreName("maps")}))
LOOKED = Looked(
    name="Ken Archer", role="records-clerk", looked_on=date(2026, 11, 2), where="Basement, shelf 12"
)


def paper(text: str = "A visit on a wet day.", *, title: str = "Visit card", content: bytes = b"") -> Paper:
    return Paper(
        file_name="card.txt", content=content or text.encode(), kind=RecordKind.VISIT,
        dated_on=date(2013, 5, 6), title=title,
    )  # fmt: skip


class Keepers:
    """The tasks, the notices and the gaps of an office whose stores may change."""

    def __init__(self, office: Office) -> None:
        self.office = office
        self.outbox = office.post

    def described(self) -> tuple[StoreDescription, ...]:
        return tuple(s.description for s in self.office.stores)

    @property
    def tasks(self) -> Tasks:
        return Tasks(
            archive=self.office.archive, law=self.office.law, stores=self.described(),
            reader=PaperReading(DocumentReading()), controller=TRUST, agreements=tuple(self.office.agreements),
            who=self.office.who,
        )  # fmt: skip

    @property
    def tending(self) -> Tending:
        writing = Writing(
            organisation=TRUST, contact=("Records Office", "01632 960 100"), site="https://records.example/",
            controller=TRUST, stores=self.described(), agreements=tuple(self.office.agreements),
        )  # fmt: skip
        room = LetterRoom(templates=shipped("templates"), say=say_date)
        return Tending(
            archive=self.office.archive, law=self.office.law, outbox=self.outbox, writer=room, writing=writing
        )

    @property
    def holding(self) -> Holding:
        return Holding(
            archive=self.office.archive, stores=self.described(), controller=TRUST,
            agreements=tuple(self.office.agreements),
        )  # fmt: skip

    @property
    def gaps(self) -> Gaps:
        return Gaps(archive=self.office.archive, who=self.office.who)

    @property
    def store_list(self) -> StoreList:
        return StoreList(stores=self.described(), controller=TRUST, agreements=tuple(self.office.agreements))

    def services(self) -> dict[str, object]:
        """What the site is given of it."""
        return {name: getattr(self, name) for name in ("tasks", "tending", "holding", "gaps", "store_list")}

    def tend(self) -> int:
        return self.tending.tend(at=self.office.at())

    def ask_by_hand(self, case: CaseId) -> int:
        """Begin a round in which the paper store has answered and the others have not."""
        office = self.office
        number = office.gathering.begin(case, at=office.at(), by=Actor(id=StaffId("x"), name="X"))
        for store, subject in office.gathering.plan(case, number):
            if store == PAPERS:
                office.gathering.ask(
                    case, round_number=number, store=store, subject=subject, attempt=1, at=office.at()
                )
        return number


def paper_store() -> ManualStore:
    return ManualStore(description=PAPER_STORE)
