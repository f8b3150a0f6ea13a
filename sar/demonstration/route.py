"""``sar demo``: the whole route on the invented Hartley family, each step told as it happens."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sar.bootstrap import House
from sar.config import data_dir, read_settings, shipped
from sar.demonstration.accounts import open_accounts
from sar.demonstration.by_hand import look_by_hand
from sar.demonstration.changes import look_at_changes
from sar.demonstration.operating import serve_site
from sar.demonstration.replaying import replay_decisions
from sar.demonstration.sample import (
    SampleCase,
    read_case,
    read_decisions,
    read_lifted,
    read_toml,
    record_proof,
)
from sar.demonstration.settings import write_settings
from sar.demonstration.world import SampleWorld, sample_world
from sar.domain.alerts import say as say_date
from sar.domain.errors import (
    AlreadyDone,
    EnvironmentFault,
    OutOfOrder,
    WithheldTextFound,
)
from sar.domain.parties import PROGRAM, Actor, StaffRole
from sar.domain.references import StaffId
from sar.installation import present
from sar.packs.verification import PackVerification
from sar.ports.casework import state_of
from sar.ports.keeping import CaseHead
from sar.ports.pages import PlaceRow
from sar.services.correspondence import NewLetter
from sar.services.intake import NewRequest

Say = Callable[[str], None]
FAMILY = "hartley"
WAITING = "okafor"
LONGEST_JOB = 120


@dataclass
class StoryClock:
    """The demo plays on the day its story says, whatever day it is; only the seconds are real."""

    starts_at: datetime
    _began: float = field(default_factory=time.monotonic)

    def __call__(self) -> datetime:
        return self.starts_at + timedelta(seconds=time.monotonic() - self._began)


def run_demo(*, out: Path | None, serve: bool, say: Say) -> None:
    """Take the family's request to released packs, then serve the site.

    :raises AlreadyDone: the data folder holds cases that are not the demo's.
    :raises EnvironmentFault: another demo runs in the folder, or the machine lacks something.
    """
    began = time.monotonic()
    folder, packs = data_dir(), (out or Path("out")).resolve()
    _refuse_other_cases(folder)
    with _alone(folder):
        sample = shipped("sample_data")
        plays_at = datetime.combine(
            read_toml(sample / "cases" / FAMILY / "request.toml")["plays_on"], datetime.min.time(), UTC
        ).replace(hour=9, minute=30)
        with sample_world(sample / "stores", folder=folder / "sample", fresh=True) as world:
            write_settings(folder, sample=sample)
            house = House(
                replace(read_settings(), variables=world.variables), clock=StoryClock(starts_at=plays_at)
            )
            house.renderer.warm()
            _Demo(house=house, sample=sample, packs=packs, world=world, say=say).run()
            house.renderer.close()
        say(f"Done in {time.monotonic() - began:.0f} seconds. The packs are in {packs}.")
    if serve:
        serve_site(House(read_settings(), clock=present), host=None, port=None, say=say)


def _refuse_other_cases(folder: Path) -> None:
    if (folder / "sar.db").exists() and not read_settings().is_demonstration:
        raise AlreadyDone(
            "The data folder holds cases that are not the demo's.",
            next_step="Run the demo in a folder of its own: SAR_DATA=./demo-data make demo",
        )


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One demo at a time in a folder: two would correct and gather from each other's sample stores."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "demo.lock", os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as fault:
        raise EnvironmentFault(
            f"The data folder cannot be used ({fault.strerror}).",
            next_step="Free some space, or set SAR_DATA to a folder you may write to.",
        ) from fault
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as fault:
        raise EnvironmentFault(
            "Another demo is running in this data folder.",
            next_step="Wait for it to end or stop it, or set SAR_DATA to another folder.",
        ) from fault
    finally:
        os.close(lock)


@dataclass
class _Demo:
    house: House
    sample: Path
    packs: Path
    world: SampleWorld
    say: Say

    def run(self) -> None:
        """The route, step by step."""
        case = read_case(self.sample / "cases" / FAMILY)
        officer, approver = _holder(case, StaffRole.OFFICER), _holder(case, StaffRole.APPROVER)
        head = self._receive(case, officer)
        with self.house.worker():
            look_by_hand(self.house, head, officer, self.say)
            self._gather(head, officer)
            self._trails(head, case)
            self._review(head, case, officer)
            look_at_changes(self.house, head, approver, self.say)
            self._sign_off_and_release(head, case, approver)
            self._correct(head, officer)
            look_at_changes(self.house, head, approver, self.say)
        self._hand_over(head, case)
        self._waiting_case(officer)
        open_accounts(self.house, case, head, self.say)
        report = self.house.archive.verify()
        self.say(
            f"Trail verified: {report.events} events, {report.checkpoints} signed checkpoints, all whole."
        )

    def _receive(self, case: SampleCase, officer: Actor) -> CaseHead:
        services, at = self.house.services, self.house.clock
        head = services.intake.receive(case.request, at=at(), by=_family())
        for proof in case.proofs:
            record_proof(services.standing, head.id, proof, at=at(), by=officer)
        told = services.tending.tend_case(head.id, at=at())
        self.say(
            f"Request {head.reference} received for {len(case.request.legs)} people (an invented family)."
        )
        self.say(f"  hold notices sent to the keepers of stores: {told}")
        page = services.enquiries.case_page(head.reference, on=at().date())
        for number in {leg.recipient: leg.number for leg in reversed(page.legs)}.values():
            self._write(head, NewLetter(kind="acknowledgement", leg=number), by=PROGRAM)
        for leg in page.legs:
            due = say_date(leg.due_on) if leg.due_on else "not known yet"
            self.say(f"  leg {leg.name}: answer due {due}. {' '.join(leg.clock_steps[-1:])}")
        return head

    def _write(self, head: CaseHead, letter: NewLetter, *, by: Actor) -> None:
        """One letter to the outbox folder."""
        self.house.services.correspondence.send(head.id, letter, at=self.house.clock(), by=by)

    def _gather(self, head: CaseHead, officer: Actor) -> int:
        services, at = self.house.services, self.house.clock
        number = services.gathering.begin(head.id, at=at(), by=officer)
        job = self.house.jobs.wait(self.house.jobs.start_gathering(head.id, number), seconds=LONGEST_JOB)
        page = services.enquiries.case_page(head.reference, on=at().date())
        if job.status != "done" or page.gathering != "complete":
            raise EnvironmentFault(
                "The gathering did not end.",
                next_step="Check free space in the data folder, then run `sar worker`, or look at `sar stores check`.",
            )
        self.say(f"Gathered, round {number}:")
        for label in dict.fromkeys(row.label for row in page.stores):
            rows = [row for row in page.stores if row.label == label]
            found = {row.subject.split()[0]: row.answer for row in rows}
            same = len(set(found.values())) == 1
            answers = rows[0].answer if same else ", ".join(f"{name}: {said}" for name, said in found.items())
            tries = max(row.attempt for row in rows)
            again = f" (attempt {tries})" if tries > 1 else ""
            self.say(f"  {label}: {answers}, {sum(row.records for row in rows)} records{again}")
        return number

    def _trails(self, head: CaseHead, case: SampleCase) -> None:
        """A complaint and a correction are opened before the pack, so that the pack shows them."""
        services, at = self.house.services, self.house.clock
        said = read_toml(self.sample / "cases" / FAMILY / "trails.toml")
        complaint = said["complaint"]
        leg = _leg_number(case.request, complaint["leg"])
        opened = services.complaints.open(
            head.id, route=complaint["route"], about=complaint["about"], words=complaint["words"],
            received_on=complaint["received_on"], leg=leg, at=at(), by=_family(),
        )  # fmt: skip
        self._write(head, NewLetter(kind="complaint-acknowledgement", leg=leg, complaint=opened), by=PROGRAM)
        correction = said["correction"]
        leg = _leg_number(case.request, correction["leg"])
        asked = services.rectification.ask(
            head.id, leg=leg, alert_number=correction["alert_number"], what_is_wrong=correction["what_is_wrong"],
            what_it_should_say=correction["what_it_should_say"], asked_on=correction["asked_on"], at=at(),
            by=_family(),
        )  # fmt: skip
        self._write(head, NewLetter(kind="correction-acknowledgement", leg=leg, correction=asked), by=PROGRAM)
        self.say("A complaint and a correction are opened, each with its stage, its dates and its next step.")

    def _review(self, head: CaseHead, case: SampleCase, officer: Actor) -> None:
        services, at = self.house.services, self.house.clock
        with self.house.archive.reading(head.id) as file:
            number = state_of(file).gathered_round
        services.people.build(head.id, round_number=number, at=at())
        services.people.add_many(head.id, case.people, at=at(), by=officer)
        self.say(
            "Review (the demo replays what an invented officer recorded; the program decides nothing itself):"
        )
        for i, leg in enumerate(case.request.legs, start=1):
            proposals = services.review.propose(head.id, leg=i, at=at())
            made = replay_decisions(
                head.id,
                leg=i,
                recorded=read_decisions(self.sample / "cases" / FAMILY / leg.name / "decisions.toml"),
                staff=case.staff,
                archive=self.house.archive,
                review=services.review,
                opinions=services.opinions,
                at=at(),
            )
            self.say(f"  leg {leg.name}: {proposals} proposals, {made} decisions replayed")
            self._lift(head, case, i)

    def _lift(self, head: CaseHead, case: SampleCase, leg: int) -> None:
        """What the program found and stopped for, and why invented people let it go on."""
        services, at = self.house.services, self.house.clock
        name = case.request.legs[leg - 1].name
        page = services.enquiries.case_page(head.reference, on=at().date()).legs[leg - 1]
        lifted = read_lifted(self.sample / "cases" / FAMILY / name / "stops.toml")
        for stop in (s for s in lifted if s.code in page.conflicts):
            services.standing.resolve_conflict(
                head.id, leg=leg, code=stop.code, note=stop.reason, child_asked=stop.child_asked, at=at(),
                by=case.staff[stop.by],
            )  # fmt: skip
            self.say(
                f"  leg {name}: stopped ({stop.code.replace('-', ' ')}), looked at and lifted by a person"
            )

    def _sign_off_and_release(self, head: CaseHead, case: SampleCase, approver: Actor) -> None:
        services, at = self.house.services, self.house.clock
        jobs = []
        for i, _leg in enumerate(case.request.legs, start=1):
            services.signoff.sign_off(head.id, leg=i, at=at(), by=approver)
            page = services.enquiries.case_page(head.reference, on=at().date())
            jobs.append(self.house.jobs.start_release(head.id, i, page.legs[i - 1].signed_off_round))
        for job in jobs:
            if self.house.jobs.wait(job, seconds=LONGEST_JOB).status != "done":
                # The engine keeps no words of a failure; done here, the same step says what stopped it.
                services.packing.build(head.id, leg=jobs.index(job) + 1, at=at())
                services.delivery.deliver(head.id, leg=jobs.index(job) + 1, at=at())
        page = services.enquiries.case_page(head.reference, on=at().date())
        for leg in page.legs:
            if leg.pack is None:
                raise OutOfOrder("A pack was not released.", next_step="Look at the case in the site.")
            self.say(
                f"  pack {leg.name}: {leg.pack.pages} pages, signed off by a second person, released, delivered"
            )

    def _correct(self, head: CaseHead, officer: Actor) -> None:
        """One store's owner corrects the alert; another has not yet. Only a fresh look tells."""
        services, at = self.house.services, self.house.clock
        correction = services.enquiries.case_page(head.reference, on=at().date()).corrections[0]
        kept = services.enquiries.correction(head.id, correction.id)
        trails = read_toml(self.sample / "cases" / FAMILY / "trails.toml")
        for place in kept.places:
            self._write(
                head,
                NewLetter(
                    kind="correction-notice", leg=kept.leg, correction=kept.id, place=place.place,
                    said=_holder_of(trails["holder"], place),
                ),
                by=officer,
            )  # fmt: skip
        said = trails["store_correction"]
        self.world.correct_alert(said["alert_number"], at=at())
        number = self._gather(head, officer)
        services.rectification.verify(head.id, correction=kept.id, round_number=number, at=at())
        page = services.enquiries.correction(head.id, correction.id)
        self.say(f"Correction: {page.status}. {page.next_step}")
        for row in page.places:
            self.say(f"  {row.label}: {row.state}{f' ({row.note})' if row.note else ''}")

    def _hand_over(self, head: CaseHead, case: SampleCase) -> None:
        """Copies of the packs for whoever ran the demo, checked as anyone could check them."""
        copies, packing = self.packs / "copies", self.house.services.packing
        try:
            copies.mkdir(parents=True, exist_ok=True)
            for i, leg in enumerate(case.request.legs, start=1):
                (self.packs / f"pack-{leg.name}.pdf").write_bytes(packing.pdf(head.id, leg=i))
                (copies / f"pack-{leg.name}.html").write_bytes(packing.html(head.id, leg=i))
                (copies / f"pack-{leg.name}.json").write_bytes(packing.data(head.id, leg=i))
        except OSError as fault:
            raise EnvironmentFault(
                f"The packs could not be written ({fault.strerror}). They are safe in the data folder.",
                next_step="Free some space or choose another folder with --out, and run the demo again.",
            ) from fault
        names = [leg.name for leg in case.request.legs]
        with ThreadPoolExecutor() as checks:
            for name, said in zip(names, checks.map(self._check, names), strict=True):
                self.say(f"  checked {name}: signature whole; {said}")

    def _check(self, leg: str) -> str:
        """The release gate and the signature once more, as anyone can run them on a finished file."""
        pack = self.packs / f"pack-{leg}.pdf"
        listed = self.sample / "cases" / FAMILY / leg / "must-not-appear.txt"
        command = [sys.executable, "-m", "sar", "inspect", str(pack), "--withheld", str(listed)]
        found = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
        if found.returncode:
            raise WithheldTextFound(
                f"The pack of leg {leg} holds strings of its must-not-appear list, or could not be searched.",
                next_step="Look at the leg's decisions.toml: a mention has no decision to withhold it.",
            )
        PackVerification().verify(pack.read_bytes())
        return found.stdout.strip().splitlines()[-1]

    def _waiting_case(self, officer: Actor) -> None:
        """A second case that waits for an officer to try the review with."""
        services, at = self.house.services, self.house.clock
        case = read_case(self.sample / "cases" / WAITING)
        known = [
            row
            for row in services.enquiries.queue(on=at().date())
            if row.received_on == case.request.received_on
        ]
        if known:
            return
        head = services.intake.receive(case.request, at=at(), by=officer)
        for proof in case.proofs:
            record_proof(services.standing, head.id, proof, at=at(), by=officer)
        self.say(
            f"A second request, {head.reference}, waits in the officer's queue: nobody has decided anything in it."
        )
        # Its keepers are told, and the clerk has the paper files to look through once more: the last round asked again.
        services.tending.tend(at=at())


def _holder(case: SampleCase, role: StaffRole) -> Actor:
    return next(actor for actor in case.staff.values() if actor.has(role))


def _family() -> Actor:
    return Actor(id=StaffId("family"), name="the family", is_family=True)


def _holder_of(holders: list[dict[str, str]], place: PlaceRow) -> dict[str, str]:
    """Whom to write to about one copy: the first entry of the sample's list that fits its label or its controller."""
    found = next(h for h in holders if h["of"] in f"{place.label}, {place.controller}")
    return {"to": found["to"], "address": found["address"]}


def _leg_number(request: NewRequest, name: str) -> int:
    return 1 + [leg.name for leg in request.legs].index(name)
