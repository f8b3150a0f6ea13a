"""The services over a real archive, the real rules and the real law; stores, layout and post in memory."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from sar.config import shipped
from sar.db import SqlArchive, open_archive
from sar.domain.calendar import say_date
from sar.domain.disclosure import Contact, Pack
from sar.domain.exemptions import Saying
from sar.domain.matching import Proposal, Verdict
from sar.domain.opinions import OpinionResult, Professional
from sar.domain.parties import (
    Actor,
    DataSubject,
    PeopleRegister,
    Person,
    Requester,
    Role,
    SafeContact,
    StaffRole,
)
from sar.domain.records import AnswerKind, Record, StoreAnswer
from sar.domain.redaction import Outcome
from sar.domain.references import CaseId, CaseReference, PersonId, StaffId, StoreName, SubjectId
from sar.domain.statutes import Law
from sar.domain.trail import Event
from sar.outbox import LetterRoom
from sar.ports.answering import records_of
from sar.ports.casework import SignedOff, answers_of, leg_records, proposals_of, register_of, state_of
from sar.ports.deciding import WhoDecides
from sar.ports.gaps import Declared
from sar.ports.gathering import Agreement, StoreDescription, readable
from sar.ports.keeping import Collection
from sar.ports.reviewing import Detector
from sar.services.comparing import Comparing
from sar.services.complaints import Complaints
from sar.services.correspondence import Correspondence, Sender
from sar.services.delivery import Delivery
from sar.services.enquiries import Enquiries
from sar.services.gathering import Gathering
from sar.services.intake import Intake, NewLeg, NewRequest
from sar.services.matching import Matching
from sar.services.opinions import Opinions
from sar.services.packing import Packing
from sar.services.people import People
from sar.services.rectification import Rectification
from sar.services.review import Choice, Review
from sar.services.routing import Routing
from sar.services.signoff import SignOff
from sar.services.standing import Standing
from sar.services.timekeeping import Timekeeping
from sar.vault import Shelf, open_signer, open_vault
from tests.fakes.ports import HeldStore, PlainInspector, PlainRenderer, PlainSigner, Post

TRUST, COUNCIL = "Fenwater Trust", "Aldermoor Council"
RECEIVED = date(2026, 10, 20)


def actor(name: str, *roles: StaffRole) -> Actor:
    return Actor(id=StaffId(name), name=name.title(), roles=frozenset(roles))


OFFICER = actor("olga", StaffRole.OFFICER)
APPROVER = actor("amir", StaffRole.APPROVER)
SECOND_APPROVER = actor("anne", StaffRole.APPROVER)
LAWYER = actor("lewis", StaffRole.LAWYER)
CLINICIAN = actor("clare", StaffRole.HEALTH_PROFESSIONAL)
TEAM = actor("tess", StaffRole.COMPLAINTS)
FAMILY = Actor(id=StaffId("family"), name="Leanne Hartley", is_family=True)
BY_ROLE = {
    "records officer": OFFICER,
    "approver": actor("alma", StaffRole.APPROVER),
    "lawyer": LAWYER,
    "health professional": CLINICIAN,
}

LEANNE = DataSubject(id=SubjectId("leanne"), name="Leanne Hartley", born_on=date(1993, 3, 14))
MARCUS = DataSubject(id=SubjectId("marcus"), name="Marcus Hartley", born_on=date(1990, 7, 9))
ISLA = DataSubject(id=SubjectId("isla"), name="Isla Hartley", born_on=date(2022, 2, 8))
PRIYA = Person(
    id=PersonId("priya"), name="Priya Raman", role=Role.PROFESSIONAL, job_title="midwife",
    seen_in=(StoreName("ward"),),
)  # fmt: skip
TULLY = Person(
    id=PersonId("tully"), name="Maureen Tully", role=Role.SOURCE, aliases=("Mrs Tully",),
    phones=("01632 960144",), phrases=("next door",),
)  # fmt: skip
KERRY = Person(id=PersonId("kerry"), name="Kerry Lomax", role=Role.THIRD_PARTY, aliases=("Ms Lomax",))


def contact(email: str = "leanne@example.org") -> SafeContact:
    return SafeContact(email=email)


def own_leg(subject: DataSubject = LEANNE) -> NewLeg:
    asks = Requester(name=subject.name, contact=contact(f"{subject.id}@example.org"), subject=subject.id)
    return NewLeg(name=str(subject.id), subject=subject, recipient=asks, capacity="self")


def child_leg() -> NewLeg:
    mother = Requester(name=LEANNE.name, contact=contact(), subject=LEANNE.id)
    return NewLeg(name="isla", subject=ISLA, recipient=mother, capacity="parental-responsibility")


def request(*legs: NewLeg, received_on: date = RECEIVED, **more: object) -> NewRequest:
    said = {"channel": "web", "nation": "england", "wording": "Everything you hold.", **more}
    return NewRequest(received_on=received_on, legs=legs or (own_leg(),), **said)  # type: ignore[arg-type]  # fields by name


@dataclass
class Office:
    """Every service over one archive, and short words for the steps that a test does not look at."""

    archive: SqlArchive
    law: Law
    detector: Detector
    stores: list[HeldStore] = field(default_factory=list)
    agreements: Sequence[Agreement] = ()
    now: datetime = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
    renderer: PlainRenderer = field(default_factory=PlainRenderer)
    post: Post = field(default_factory=Post)

    def __post_init__(self) -> None:
        archive, law = self.archive, self.law
        self.intake = Intake(archive=archive, law=law)
        self.timekeeping = Timekeeping(archive=archive, law=law)
        self.routing = Routing(archive=archive, law=law, inspector=PlainInspector())
        self.standing = Standing(archive=archive, law=law)
        self.who = who = WhoDecides(own=frozenset({TRUST, COUNCIL}))
        self.people = People(archive=archive, who=who)
        self.matching = Matching(archive=archive, who=who)
        self.comparing = Comparing(archive=archive)
        self.review = Review(archive=archive, detector=self.detector, law=law, who=who)
        self.opinions = Opinions(archive=archive, who=who)
        self.signoff = SignOff(archive=archive, law=law, who=who, readable=self.readable)
        self.packing = Packing(
            archive=archive, law=law, renderer=self.renderer, inspector=PlainInspector(), signer=PlainSigner(),
            controllers=(Contact(organisation=TRUST, lines=("Records Office",)),),
            lawful=self.signoff.require_lawful,
        )  # fmt: skip
        self.delivery = Delivery(
            archive=archive,
            outbox=self.post,
            inspector=PlainInspector(),
            law=law,
            site="https://records.example/",
            lawful=self.signoff.require_lawful,
        )
        self.correspondence = Correspondence(
            archive=archive, law=law, outbox=self.post, inspector=PlainInspector(),
            writer=LetterRoom(templates=shipped("templates"), say=say_date),
            sender=Sender(organisation=TRUST, contact=("Records Office", "01632 960 100"),
                          site="https://records.example/"),
        )  # fmt: skip
        self.complaints = Complaints(archive=archive, law=law, inspector=PlainInspector())
        self.rectification = Rectification(archive=archive, law=law, inspector=PlainInspector())
        self.enquiries = Enquiries(archive=archive, law=law)

    @property
    def gathering(self) -> Gathering:
        return Gathering(
            archive=self.archive, stores=self.stores, controller=TRUST, agreements=self.agreements,
            expected=self.law.alert_review,
        )  # fmt: skip

    def readable(self, on: date) -> tuple[StoreDescription, ...]:
        return readable([s.description for s in self.stores], self.agreements, ours=TRUST, on=on)

    def at(self) -> datetime:
        """A moment later than every one before."""
        self.now += timedelta(minutes=1)
        return self.now

    def receive(self, *legs: NewLeg, **more: object) -> CaseId:
        return self.intake.receive(request(*legs, **more), at=self.at(), by=FAMILY).id  # type: ignore[arg-type]  # fields by name

    def gather(self, case: CaseId) -> int:
        number = self.gathering.begin(case, at=self.at(), by=OFFICER)
        for store, subject in self.gathering.plan(case, number):
            self.gathering.ask(
                case, round_number=number, store=store, subject=subject, attempt=1, at=self.at()
            )
        self.gathering.conclude(case, round_number=number, at=self.at())
        return number

    def ready(self, case: CaseId, *people: Person, leg: int = 1) -> None:
        """Gather, build the register, add an officer's entries and make the proposals."""
        number = self.gather(case)
        if "identity" not in self.waits(case, leg):
            self.know(case, leg)
        self.people.build(case, round_number=number, at=self.at())
        if people:
            self.people.add_many(case, people, at=self.at(), by=OFFICER)
        self.review.propose(case, leg=leg, at=self.at())

    def waits(self, case: CaseId, leg: int = 1) -> str:
        with self.archive.reading(case) as file:
            return state_of(file).leg(leg).waits_for

    def know(self, case: CaseId, leg: int = 1) -> None:
        """An officer records how they know who is asking; without it nothing is signed off."""
        self.standing.record_identity(
            case, leg=leg, got_on=self.at().date(), means="known-in-person", how="Known at the desk.",
            at=self.at(), by=OFFICER,
        )  # fmt: skip

    def events(self, case: CaseId) -> tuple[Event, ...]:
        with self.archive.reading(case) as file:
            return file.events()

    def records(self, case: CaseId, leg: int = 1) -> tuple[Record, ...]:
        with self.archive.reading(case) as file:
            return leg_records(file, state_of(file).gathered_round, leg)

    def answers(self, case: CaseId, round_number: int = 1) -> tuple[StoreAnswer, ...]:
        with self.archive.reading(case) as file:
            return tuple(
                replace(a, records=tuple(records_of(file, a)), pages=())
                for a in answers_of(file, round_number)
            )

    def kinds(self, case: CaseId) -> dict[str, AnswerKind]:
        return {str(a.store): a.kind for a in self.answers(case)}

    def register(self, case: CaseId) -> PeopleRegister:
        with self.archive.reading(case) as file:
            return register_of(file)

    def proposals(self, case: CaseId, leg: int = 1) -> dict[str, Proposal]:
        """By the words they stand on; the first of several."""
        texts = {(r.key, i): p.text for r in self.records(case, leg) for i, p in enumerate(r.passages)}
        with self.archive.reading(case) as file:
            made = proposals_of(file, state_of(file).gathered_round, leg)
        found: dict[str, Proposal] = {}
        for p in made:
            words = texts[p.span.record, p.span.passage][p.span.start : p.span.end]
            found.setdefault(words, p)
        return found

    def every_proposal(self, case: CaseId, leg: int = 1) -> tuple[Proposal, ...]:
        with self.archive.reading(case) as file:
            return proposals_of(file, state_of(file).gathered_round, leg)

    def decide(
        self, case: CaseId, words: str, *, leg: int = 1, by: Actor | None = None, **said: object
    ) -> None:
        """One decision on the words of a proposal: withheld, with what the law says may be said, unless told."""
        proposal = self.proposals(case, leg)[words]
        self.decide_id(case, proposal, leg=leg, by=by, **said)

    def decide_id(
        self, case: CaseId, proposal: Proposal, *, leg: int = 1, by: Actor | None = None, **said: object
    ) -> None:
        given: dict[str, object] = {
            "verdict": Verdict.WITHHOLD,
            "reason": "It names somebody else.",
            "saying": self.law.exemption(str(proposal.exemption)).saying,
            **said,
        }
        who = by or BY_ROLE[proposal.who_decides]
        self.review.decide(case, leg=leg, proposal=proposal.id, at=self.at(), by=who, **given)  # type: ignore[arg-type]  # fields by name

    def decide_rest(self, case: CaseId, *, leg: int = 1, done: Sequence[str] = ()) -> None:
        """Withhold every proposal whose words were not decided by the test itself."""
        own = {self.proposals(case, leg)[w].id for w in done}
        for proposal in self.every_proposal(case, leg):
            if proposal.id not in own:
                self.decide_id(case, proposal, leg=leg)

    def opinion(
        self, case: CaseId, result: OpinionResult, *records: str, on: date | None = None, leg: int = 1
    ) -> str:
        """A clinician's opinion on some records."""
        return self.opinions.give(
            case, leg=leg, results=dict.fromkeys(records, result), professional=Professional.RESPONSIBLE,
            role="consultant", name="Dr Invented", words="I have read it.", given_on=on or self.now.date(),
            at=self.at(), by=CLINICIAN,
        )  # fmt: skip

    def read_all(self, case: CaseId, *, leg: int = 1, but: Sequence[str] = ()) -> None:
        """Decide to disclose every record but those the test decides itself."""
        choice = Choice(verdict=Verdict.DISCLOSE, reason="Read; it is about this person.")
        self.review.decide_records(
            case, leg=leg, at=self.at(), by=OFFICER,
            outcomes={
                str(r.key): (Outcome.DISCLOSE, choice)
                for r in self.records(case, leg) if str(r.key) not in but
            },
        )  # fmt: skip

    def withhold_record(
        self, case: CaseId, record: str, *, exemption: str, saying: Saying = Saying.FULL, leg: int = 1,
        by: Actor = OFFICER, reason: str = "All of it is about somebody else.", **answers: str,
    ) -> None:  # fmt: skip
        choice = Choice(
            verdict=Verdict.WITHHOLD, reason=reason, exemption=exemption, saying=saying, answers=answers,
        )  # fmt: skip
        self.review.decide_record(
            case, leg=leg, record=record, outcome=Outcome.WITHHOLD, choice=choice, at=self.at(), by=by
        )

    def look_at_changes(self, case: CaseId, *, leg: int = 1, by: Actor = APPROVER) -> None:
        """An approver looks at what changed after the request, where anything waits."""
        for found in self.comparing.found(case, by=by):
            if found.leg == leg and found.waiting:
                self.comparing.see(
                    case, leg=leg, round_number=found.round, note="Ordinary work.", at=self.at(), by=by
                )

    def sign_off(self, case: CaseId, *, leg: int = 1, by: Actor = APPROVER) -> SignedOff:
        """A second person looks at changes, signs off, and declares every place that has no final answer."""
        self.look_at_changes(case, leg=leg)
        at = self.at()
        gaps = [
            Declared(
                store=m.store,
                missing="All of it.",
                doing="ask-again",
                follows_on=at.date() + timedelta(days=9),
            )
            for m in self.signoff.readiness(case, leg=leg, on=at.date()).missing
        ]
        self.signoff.sign_off(case, leg=leg, at=at, by=by, gaps=gaps)
        with self.archive.reading(case) as file:
            number = state_of(file).leg(leg).signed_off_round
            return file.latest(Collection.SIGNED_OFF, f"{number}/{leg}", SignedOff)

    def reviewed(self, case: CaseId, *, leg: int = 1) -> None:
        """Everything withheld that was proposed, every record read."""
        self.decide_rest(case, leg=leg)
        self.read_all(case, leg=leg)

    def release(self, case: CaseId, *, leg: int = 1) -> Pack:
        self.packing.build(case, leg=leg, at=self.at())
        return self.renderer.packs[-1]

    def queue_reference(self, case: CaseId) -> CaseReference:
        with self.archive.reading(case) as file:
            return file.reference


@pytest.fixture(scope="session")
def fresh_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated data folder, copied for each test: migrating takes longer than most tests."""
    folder = tmp_path_factory.mktemp("fresh")
    open_at(folder)
    return folder


def open_at(folder: Path) -> SqlArchive:
    vault = open_vault(folder)
    return open_archive(
        f"sqlite:///{folder / 'sar.db'}", vault, Shelf(folder / "blobs", vault), open_signer(folder),
        folder / "checkpoints.jsonl",
    )  # fmt: skip


@pytest.fixture
def archive(fresh_database: Path, tmp_path: Path) -> SqlArchive:
    folder = tmp_path / "data"
    shutil.copytree(fresh_database, folder)
    return open_at(folder)


@pytest.fixture
def office(archive: SqlArchive, law: Law, detector: Detector) -> Office:
    return Office(archive=archive, law=law, detector=detector)


@pytest.fixture
def with_records(office: Office) -> Callable[..., CaseId]:
    """A case of Leanne's own, gathered and proposed on, over the given records."""

    def make(*records: Record, people: Sequence[Person] = ()) -> CaseId:
        office.stores = [HeldStore("ward", list(records), people=(PRIYA,))]
        case = office.receive()
        office.ready(case, *people)
        return case

    return make
