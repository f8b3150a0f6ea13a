"""What the journeys are played on: the program as a process, and a small installation in this one."""

from __future__ import annotations

import html
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

from sar.bootstrap import House
from sar.config import Settings
from sar.demonstration.replaying import replay_decisions
from sar.demonstration.sample import Recorded, SampleCase, read_case, read_decisions, record_proof
from sar.domain.disclosure import Contact
from sar.domain.matching import Proposal, Verdict
from sar.domain.opinions import OpinionResult, Professional
from sar.domain.parties import Actor, StaffRole
from sar.domain.records import DataClass, Record, StoreAnswer
from sar.domain.redaction import Outcome
from sar.domain.references import CaseId, CaseReference, StaffId
from sar.domain.trail import Event, EventKind
from sar.ports.answering import records_of
from sar.ports.casework import SignedOff, answers_of, leg_records, proposals_of, state_of
from sar.ports.gaps import Declared
from sar.ports.keeping import Collection
from sar.services.review import Choice

TOP = Path(__file__).resolve().parents[2]
SAMPLE = TOP / "sample_data"
STORES = SAMPLE / "stores"
HARTLEY = SAMPLE / "cases" / "hartley"
LEGS = ("leanne", "marcus", "isla")
TRUST, COUNCIL = "Marlbrook Hospitals NHS Foundation Trust", "Wexcombe Council"
STORY = datetime(2026, 11, 18, 9, 30, tzinfo=UTC)
FAMILY = Actor(id=StaffId("family"), name="the family", is_family=True)
NOBODY_ANSWERS = "http://127.0.0.1:9"


def environment(data: Path, **more: str) -> dict[str, str]:
    """What a person's shell would give the program, with a data folder of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SAR_")}
    return kept | {"SAR_DATA": str(data)} | more


def sar(
    *arguments: str | Path,
    data: Path,
    before: Callable[[], None] | None = None,
    more: Mapping[str, str] = MappingProxyType({}),
) -> subprocess.CompletedProcess[str]:
    """The command line, to its end.

    :param before: run in the child before the program: a limit put on it.
    """
    # A child on a full disk keeps nothing of what it compiled: a cut file would be met by all after it.
    limited = {"PYTHONDONTWRITEBYTECODE": "1"} if before else {}
    return subprocess.run(
        [sys.executable, "-m", "sar", *map(str, arguments)],
        env=environment(data, **limited, **more), capture_output=True, text=True, timeout=600, check=False,
        preexec_fn=before, cwd=TOP,
    )  # fmt: skip


def listed(leg: str, name: str) -> list[str]:
    """The strings of a must list."""
    lines = (HARTLEY / leg / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def plain(text: str) -> str:
    """Text as lists are compared: case folded, white space collapsed."""
    return " ".join(text.casefold().split())


def words_of(pdf: Path) -> str:
    """What ``pdftotext`` reads."""
    said = subprocess.run(["pdftotext", pdf, "-"], capture_output=True, text=True, check=True)
    return plain(said.stdout)


def words_of_html(copy: Path) -> str:
    """What the web copy says, without its tags."""
    return plain(html.unescape(re.sub(r"<[^<>]+>", " ", copy.read_text(encoding="utf-8"))))


def stores_folder(into: Path, keep: Sequence[str], *, with_agreement: bool = True) -> Path:
    """A copy of the sample stores with only some of them set up; its ``stores.toml``."""
    shutil.copytree(STORES, into)
    for name, mark, wanted in (
        ("stores.toml", r"(?m)^(?=\[\[)", r'^name = "(\w+)"'),
        ("connections.toml", r"(?m)^(?=\[)", r"^\[(\w+)\]"),
    ):
        file = into / name
        kept = []
        for block in re.split(mark, file.read_text(encoding="utf-8")):
            named = re.search(wanted, block, re.MULTILINE)
            is_agreement = block.startswith("[[agreement]]")
            if (named and named[1] in keep) or (is_agreement and with_agreement):
                kept.append(block)
        file.write_text("".join(kept), encoding="utf-8")
    return into / "stores.toml"


@dataclass
class Clock:
    """Later at each look."""

    now: datetime = STORY

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


def house_at(folder: Path, stores: Path | None, variables: Mapping[str, str]) -> House:
    """An installation of the sample trust over some stores."""
    settings = Settings(
        data_dir=folder, controller=TRUST, controllers=(TRUST, COUNCIL), nation="england", stores_file=stores,
        variables=variables, contacts=(Contact(organisation=TRUST, lines=("Shared records service",)),),
        is_demonstration=True,
    )  # fmt: skip
    return House(settings, clock=Clock())


def close(house: House) -> None:
    """Let go of every file, so that the folder may be copied."""
    if "renderer" in vars(house):
        house.renderer.close()
    if "jobs" in vars(house):
        house.jobs.close()
    house.archive.engine.dispose()
    house.vault.close()


@dataclass
class Journey:
    """One leg of the sample family's request in one installation, taken step by step."""

    house: House
    reference: CaseReference
    leg: str = "leanne"
    number: int = 1
    case: SampleCase = field(default_factory=lambda: read_case(HARTLEY))

    @classmethod
    def begin(cls, house: House, leg: str = "leanne") -> Journey:
        """The request of one leg is received."""
        case = read_case(HARTLEY)
        request = replace(case.request, legs=[one for one in case.request.legs if one.name == leg])
        head = house.services.intake.receive(request, at=house.clock(), by=FAMILY)
        house.services.standing.record_identity(
            head.id, leg=1, got_on=house.clock().date(), means="known-in-person", how="Known at the desk.",
            at=house.clock(),
            by=case.staff["priya-nandakumar"],
        )  # fmt: skip
        return cls(house=house, reference=head.reference, leg=leg, case=case)

    @property
    def id(self) -> CaseId:
        """The case."""
        return self.house.archive.find(self.reference)

    @property
    def officer(self) -> Actor:
        """Who decides."""
        return self.case.staff["priya-nandakumar"]

    @property
    def approver(self) -> Actor:
        """Who signs off."""
        return self.case.staff["tom-ashdown"]

    def gather(self, *, attempts: int = 1) -> int:
        """Ask every store about everybody, one after the other, and close the round."""
        gathering, at = self.house.services.gathering, self.house.clock
        number = gathering.begin(self.id, at=at(), by=self.officer)
        for store, subject in gathering.plan(self.id, number):
            for attempt in range(1, attempts + 1):
                gathering.ask(
                    self.id, round_number=number, store=store, subject=subject, attempt=attempt, at=at()
                )
        gathering.conclude(self.id, round_number=number, at=at())
        return number

    def propose(self) -> None:
        """The register, the officer's own entries, and the proposals."""
        at = self.house.clock
        number = self.round
        self.house.services.people.build(self.id, round_number=number, at=at())
        self.house.services.people.add_many(self.id, self.case.people, at=at(), by=self.officer)
        self.house.services.review.propose(self.id, leg=self.number, at=at())

    def recorded(self) -> Recorded:
        """What the sample's officer decided for the leg."""
        return read_decisions(HARTLEY / self.leg / "decisions.toml")

    def decide(self, recorded: Recorded | None = None) -> int:
        """Replay an officer's decisions."""
        return replay_decisions(
            self.id, leg=self.number, recorded=recorded or self.recorded(), staff=self.case.staff,
            archive=self.house.archive, review=self.house.services.review,
            opinions=self.house.services.opinions, at=self.house.clock(),
        )  # fmt: skip

    def sign_off(self) -> SignedOff:
        """A second person looks at changes, signs off, and declares what is missing; what may leave."""
        comparing = self.house.services.comparing
        for found in comparing.found(self.id, by=self.approver):
            if found.leg == self.number and found.waiting:
                comparing.see(
                    self.id, leg=found.leg, round_number=found.round, note="Ordinary work.",
                    at=self.house.clock(), by=self.approver,
                )  # fmt: skip
        signoff, at = self.house.services.signoff, self.house.clock()
        missing = signoff.readiness(self.id, leg=self.number, on=at.date()).missing
        gaps = [
            Declared(
                store=m.store,
                missing="All of it.",
                doing="ask-again",
                follows_on=at.date() + timedelta(days=9),
            )
            for m in missing
        ]
        signoff.sign_off(self.id, leg=self.number, at=at, by=self.approver, gaps=gaps)
        with self.house.archive.reading(self.id) as file:
            number = state_of(file).leg(self.number).signed_off_round
            return file.latest(Collection.SIGNED_OFF, f"{number}/{self.number}", SignedOff)

    def release(self) -> bytes:
        """Build the pack; its PDF."""
        packing = self.house.services.packing
        packing.build(self.id, leg=self.number, at=self.house.clock())
        return packing.pdf(self.id, leg=self.number)

    @property
    def round(self) -> int:
        """The newest complete round."""
        with self.house.archive.reading(self.id) as file:
            return state_of(file).gathered_round

    def records(self) -> tuple[Record, ...]:
        """What is under review."""
        with self.house.archive.reading(self.id) as file:
            return leg_records(file, state_of(file).gathered_round, self.number)

    def record(self, key: str) -> Record:
        """One record by its key as written."""
        return next(r for r in self.records() if str(r.key) == key)

    def proposals(self) -> tuple[tuple[Proposal, str], ...]:
        """Every proposal with the words it stands on."""
        texts = {(r.key, i): p.text for r in self.records() for i, p in enumerate(r.passages)}
        with self.house.archive.reading(self.id) as file:
            made = proposals_of(file, state_of(file).gathered_round, self.number)
        return tuple((p, texts[p.span.record, p.span.passage][p.span.start : p.span.end]) for p in made)

    def answers(self) -> tuple[StoreAnswer, ...]:
        """Every answer of the newest round."""
        with self.house.archive.reading(self.id) as file:
            found = answers_of(file, state_of(file).gathered_round)
            return tuple(replace(a, records=tuple(records_of(file, a)), pages=()) for a in found)

    def events(self, *kinds: EventKind) -> tuple[Event, ...]:
        """The trail, or some kinds of it."""
        with self.house.archive.reading(self.id) as file:
            return tuple(e for e in file.events() if not kinds or e.kind in kinds)


def disclosed_text(signed: SignedOff) -> str:
    """Every word that a sign-off lets out."""
    return "\n".join(p.text for r in (*signed.records, *signed.generated) for p in r.passages)


OKAFOR = SAMPLE / "cases" / "okafor"


def begin_okafor(house: House) -> Journey:
    """The second family's request is received, with its authority."""
    case, at = read_case(OKAFOR), house.clock
    staff = read_case(HARTLEY).staff
    head = house.services.intake.receive(case.request, at=at(), by=FAMILY)
    for proof in case.proofs:
        record_proof(house.services.standing, head.id, proof, at=at(), by=staff["priya-nandakumar"])
    return Journey(house=house, reference=head.reference, leg="chidi", case=replace(case, staff=staff))


def decide_as_suggested(journey: Journey) -> None:
    """An officer reads everything and follows the suggestions; whoever the law names decides the rest."""
    house, at = journey.house, journey.house.clock
    by = {
        "records officer": "priya-nandakumar", "lawyer": "eleanor-voss", "health professional": "amara-nwosu",
    }  # fmt: skip
    approver = Actor(
        id=StaffId("another-approver"), name="Another Approver", roles=frozenset({StaffRole.APPROVER})
    )
    for proposal, _words in journey.proposals():
        who = journey.case.staff.get(by.get(proposal.who_decides, ""), approver)
        rule = house.law.exemption(str(proposal.exemption))
        choice = Choice(
            verdict=proposal.suggests, reason="Read with the words around it.", saying=rule.saying,
            opinion_on=at().date() if proposal.who_decides == "health professional" else None,
            answers={
                q.code: "Weighed for this very item." for q in rule.questions
            } if proposal.suggests is Verdict.WITHHOLD else {},
        )  # fmt: skip
        house.services.review.decide_many(journey.id, leg=1, choices={proposal.id: choice}, at=at(), by=who)
    health = [str(r.key) for r in journey.records() if r.data_class is DataClass.HEALTH]
    if health:
        house.services.opinions.give(
            journey.id, leg=1, results=dict.fromkeys(health, OpinionResult.NOT_MET),
            professional=Professional.EXPERIENCED, role="paediatrician", name="Dr Invented",
            words="Read; no harm.", given_on=at().date(), at=at(), by=journey.case.staff["amara-nwosu"],
        )  # fmt: skip
    read = Choice(verdict=Verdict.DISCLOSE, reason="Read in full.")
    house.services.review.decide_records(
        journey.id, leg=1, outcomes={str(r.key): (Outcome.DISCLOSE, read) for r in journey.records()}, at=at(),
        by=journey.officer,
    )  # fmt: skip
