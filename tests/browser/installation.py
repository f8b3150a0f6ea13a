"""A whole small installation for the journeys: sample stores, a released case, one that waits, and `sar serve`."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from email import message_from_bytes
from pathlib import Path

import pyotp

from sar.bootstrap import House
from sar.config import read_settings
from sar.demonstration.databases import build_databases
from sar.demonstration.sample import read_case
from sar.demonstration.settings import write_settings
from sar.domain.parties import StaffRole
from sar.domain.references import CaseReference, StaffId
from sar.installation import present
from sar.ports.access import NewStaff
from tests.journeys.stage import (
    FAMILY,
    HARTLEY,
    OKAFOR,
    SAMPLE,
    STORES,
    TOP,
    Journey,
    close,
    decide_as_suggested,
    environment,
    stores_folder,
)

PASSWORD = "correct-horse-battery"
MOTHER = "adaeze.okafor@example.com"
STAFF = {
    "priya-nandakumar": StaffRole.OFFICER,
    "tom-ashdown": StaffRole.APPROVER,
    "rosa-imani": StaffRole.COMPLAINTS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A served site, and the same installation seen from inside for what a test compares with."""

    url: str
    data: Path
    house: House
    answered: Journey
    waiting: Journey
    secrets: dict[str, str]

    @property
    def letters(self) -> list[Path]:
        """The outbox, oldest first."""
        return sorted((self.data / "outbox").glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)

    def code(self, address: str) -> str:
        """The newest one-time code that was sent to an address."""
        for file in reversed(self.letters):
            letter = message_from_bytes(file.read_bytes())
            found = re.search(r"code is (\d{6})", str(letter.get_payload()))
            if found and letter["To"] == address:
                return found[1]
        raise LookupError(address)

    def second_factor(self, user: str) -> str:
        """What the member of staff's telephone shows now."""
        return pyotp.TOTP(self.secrets[user]).now()


def _received(house: House, *, days_ago: int) -> Journey:
    """The second sample family's request, dated so that it lies in the past on any day."""
    case, staff = read_case(OKAFOR), read_case(HARTLEY).staff
    received_on = house.clock().date() - timedelta(days=days_ago)
    services, at = house.services, house.clock
    head = services.intake.receive(replace(case.request, received_on=received_on), at=at(), by=FAMILY)
    services.standing.record_authority(
        head.id, leg=1, got_on=received_on, evidence="birth-certificate", how="Seen at the desk.", at=at(),
        by=staff["priya-nandakumar"],
    )  # fmt: skip
    services.standing.record_identity(
        head.id, leg=1, got_on=received_on, means="known-in-person", how="Known at the desk.",
        at=at(), by=staff["priya-nandakumar"],
    )  # fmt: skip
    return Journey(house=house, reference=CaseReference(str(head.reference)), leg="chidi",
                   case=replace(case, staff=staff))  # fmt: skip


def _answered(house: House) -> Journey:
    """One request taken to its delivered pack, in this process."""
    journey = _received(house, days_ago=20)
    journey.gather()
    house.services.people.build(journey.id, round_number=journey.round, at=house.clock())
    house.services.review.propose(journey.id, leg=1, at=house.clock())
    decide_as_suggested(journey)
    journey.sign_off()
    # The signer runs an event loop of its own, and the browser's already runs in this thread.
    with ThreadPoolExecutor(max_workers=1) as aside:
        aside.submit(journey.release).result()
    house.services.delivery.deliver(journey.id, leg=1, at=house.clock())
    house.accounts.grant_family(
        email=MOTHER, case=journey.id, reference=journey.reference, leg=1, at=house.clock()
    )
    return journey


def _staff(house: House) -> dict[str, str]:
    names = {name: actor.name for name, actor in read_case(HARTLEY).staff.items()}
    secrets = {}
    for user, role in STAFF.items():
        secrets[user] = pyotp.random_base32()
        new = NewStaff(
            id=StaffId(user), username=user, name=names.get(user, "Rosa Imani"), password=PASSWORD,
            totp_secret=secrets[user], roles=frozenset({role}),
        )  # fmt: skip
        house.accounts.add_staff(new, at=house.clock())
    return secrets


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@contextmanager
def _serving(data: Path, log: Path) -> Iterator[str]:
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "sar", "serve", "--port", str(port)], env=environment(data), cwd=TOP,
            stdout=out, stderr=out,
        )  # fmt: skip
        try:
            ends_at = time.monotonic() + 30
            while time.monotonic() < ends_at and process.poll() is None:
                try:
                    with socket.create_connection(("127.0.0.1", port), timeout=2):
                        break
                except OSError:
                    time.sleep(0.1)
            else:
                raise TimeoutError(log.read_text(encoding="utf-8"))
            yield url
        finally:
            process.terminate()
            process.wait(timeout=20)


@contextmanager
def installed(folder: Path) -> Iterator[Installation]:
    """Make it, serve it, and end everything with it."""
    data = folder / "data"
    (data / "sample").mkdir(parents=True)
    write_settings(data, sample=SAMPLE)
    build_databases(STORES, data / "sample")
    # In this process only the council's database is asked; the served site and its worker ask every store.
    stores = stores_folder(folder / "stores", ["council_ssd"])
    settings = replace(
        read_settings({"SAR_DATA": str(data)}), stores_file=stores,
        variables={"databases": str(data / "sample")},
    )  # fmt: skip
    house = House(settings, clock=present)
    try:
        answered, waiting, secrets = _answered(house), _received(house, days_ago=10), _staff(house)
        with _serving(data, folder / "serve.log") as url:
            yield Installation(
                url=url, data=data, house=house, answered=answered, waiting=waiting, secrets=secrets
            )
    finally:
        close(house)
