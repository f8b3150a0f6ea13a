"""The site over real services and a real archive; stores and layout in memory, work done at once."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from sar.domain.errors import NotFound, SARError
from sar.domain.parties import Person, StaffRole
from sar.domain.records import Record
from sar.domain.redaction import Decision, effective
from sar.domain.references import CaseId
from sar.domain.statutes import Law
from sar.ports.casework import decisions_of, record_decisions_of
from sar.ports.jobs import JobState
from sar.ports.reviewing import Detector
from tests.fakes import web
from tests.fakes.ports import HeldStore
from tests.integration.services.by_hand import Keepers
from tests.integration.services.conftest import PRIYA, Office, open_at

_HIDDEN = re.compile(r'name="record" value="([^"]+)"')


@dataclass
class AtOnce:
    """The engine without waiting: what is started is done, or has failed, when the call returns."""

    office: Office
    done: dict[str, str] = field(default_factory=dict)
    hung: dict[str, datetime] = field(default_factory=dict)

    def start_gathering(self, case: CaseId, round_number: int) -> str:
        office = self.office
        for store, subject in office.gathering.plan(case, round_number):
            office.gathering.ask(
                case, round_number=round_number, store=store, subject=subject, attempt=1, at=office.at()
            )
        office.gathering.conclude(case, round_number=round_number, at=office.at())
        return self.gathering_job(case, round_number)

    def gathering_job(self, case: CaseId, round_number: int) -> str:
        return f"gather/{case}/{round_number}"

    def start_release(self, case: CaseId, leg: int, round_number: int) -> str:
        try:
            self.office.packing.build(case, leg=leg, at=self.office.at())
            self.office.delivery.deliver(case, leg=leg, at=self.office.at())
            self.done["release"] = "done"
        except SARError:
            self.done["release"] = "failed"
        return "release"

    def next_attempts(self, case: CaseId, round_number: int) -> dict[object, object]:
        del case, round_number
        return {}

    def cancel(self, job: str) -> JobState:
        return JobState(id=job, name="gather", status="cancelled")

    def state(self, job: str) -> JobState:
        if job in self.hung:
            return JobState(id=job, name="gather", status="running", hung_since=self.hung[job])
        if job not in self.done:
            raise NotFound("There is no such piece of work.", next_step="Start it.")
        return JobState(id=job, name=job.partition("/")[0], status=self.done[job])


@dataclass
class Desk:
    """A running site, its services and browsers for its staff."""

    office: Office
    parts: web.Parts
    app: Flask
    case: CaseId

    @property
    def url(self) -> str:
        return f"/officer/cases/{self.office.queue_reference(self.case)}"

    @property
    def leg(self) -> str:
        return f"{self.url}/legs/1"

    def staff(self, *roles: StaffRole) -> FlaskClient:
        username = "-".join(role.name.lower() for role in roles)
        secret = web.add_staff(self.parts, *roles, username=username)
        client = self.app.test_client()
        client.environ_base |= {"wsgi.url_scheme": "https", "HTTP_HOST": "localhost"}
        assert web.sign_in_staff(self.parts, client, secret, username).status_code == 303
        return client

    def send(self, client: FlaskClient, url: str, **values: Any) -> TestResponse:
        self.parts.later(seconds=1)
        return client.post(url, data={"csrf": web.mark_of(client), **values}, follow_redirects=False)

    def send_on(self, client: FlaskClient, number: int, what: str, **values: Any) -> TestResponse:
        """A form of one record, as its page would send it."""
        name = unescape(_HIDDEN.findall(page(client, f"{self.leg}/records/{number}"))[0])
        return self.send(client, f"{self.leg}/records/{number}/{what}", record=name, **values)

    def decisions(self) -> tuple[Decision, ...]:
        """The decisions on words that stand."""
        with self.office.archive.reading(self.case) as file:
            return effective(decisions_of(file, 1))

    def outcomes(self) -> dict[str, str]:
        with self.office.archive.reading(self.case) as file:
            return {str(k): d.outcome.value for k, d in record_decisions_of(file, 1).items()}

    def number_of(self, native: str) -> int:
        """A record's place in the list of its leg."""
        rows = self.office.enquiries.review_list(self.case, leg=1)
        return 1 + [row.record for row in rows].index(f"ward/{native}")

    def proposal(self, words: str) -> str:
        return self.office.proposals(self.case)[words].id


def make_desk(
    folder: Path,
    *records: Record,
    law: Law,
    detector: Detector,
    people: tuple[Person, ...] = (),
    ready: bool = True,
    stores: tuple[Any, ...] = (),
) -> Desk:
    """A case of one leg, gathered and proposed on unless told otherwise."""
    office = Office(archive=open_at(folder / "data"), law=law, detector=detector)
    office.stores = [HeldStore("ward", list(records), people=(PRIYA,)), *stores]
    case = office.receive()
    if ready:
        office.ready(case, *people)
    (folder / "web").mkdir()
    parts = web.make_parts(folder / "web")
    names = (
        "intake", "standing", "timekeeping", "routing", "gathering", "people", "matching", "comparing", "review",
        "opinions", "signoff", "packing", "delivery", "correspondence", "complaints", "rectification", "enquiries",
    )  # fmt: skip
    parts.services = SimpleNamespace(
        **{name: getattr(office, name) for name in names}, **Keepers(office).services()
    )
    parts.jobs = AtOnce(office)  # type: ignore[assignment]  # the same calls, done at once
    return Desk(office=office, parts=parts, app=web.make_app(parts), case=case)


def page(client: FlaskClient, url: str) -> str:
    """A page that opens."""
    answer = client.get(url)
    assert answer.status_code == 200, f"{url}: {answer.status_code}"
    return answer.get_data(as_text=True)


def errors(answer: TestResponse) -> list[str]:
    """The messages in a refused form's summary."""
    assert answer.status_code == 422, answer.status_code
    text = answer.get_data(as_text=True)
    assert "<title>Error: " in text
    summary = text.split("govuk-error-summary__list", 1)[1].split("</ul>", 1)[0]
    found = re.findall(r"<li>\s*(?:<a href=\"#([^\"]*)\">)?([^<]+)", summary)
    for target, message in found:
        assert not target or f'id="{target}"' in text, f"{message} points at nothing"
    return [unescape(message).strip() for _, message in found]
