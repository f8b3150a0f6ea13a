"""A site over invented read models: real accounts and vault in a throw-away folder, services that note calls."""

from __future__ import annotations

import re
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyotp
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import Engine
from werkzeug.test import TestResponse

from sar.db.accounts import Accounts
from sar.db.connecting import open_engine
from sar.db.migrating import upgrade
from sar.domain.disclosure import Contact, GlossaryWord
from sar.domain.errors import NotFound
from sar.domain.parties import SafeContact, StaffRole
from sar.domain.references import CaseId, CaseReference, LegName, StoreName
from sar.ports.access import NewStaff
from sar.ports.disclosing import Letter
from sar.ports.jobs import JobState
from sar.ports.keeping import CaseHead
from sar.ports.pages import (
    ComplaintPage,
    CorrectionPage,
    DeskRow,
    FamilyPage,
    LegPage,
    PackRow,
    PlaceRow,
    ProgressStep,
    TimelineRow,
)
from sar.ports.searching import Progress
from sar.vault import open_vault
from sar.web import Services, SiteConfig, create_app

TOP = Path(__file__).resolve().parents[2]
NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
CASE, OTHER_CASE = CaseId("a" * 32), CaseId("b" * 32)
REFERENCE, OTHER_REFERENCE = CaseReference("SA-2026-0001"), CaseReference("SA-2026-0002")
FAMILY_EMAIL = "leanne@example.org"
PASSWORD = "correct-horse-battery"
PACK_HTML = (
    b"<!DOCTYPE html><html lang='en'><head><title>Pack</title><style>h1{color:#123}</style></head>"
    b"<body><main><h1>Your pack</h1></main></body></html>"
)


def leg_page(number: int, subject: str, **changes: Any) -> LegPage:
    """A leg in review, due on 20 November, unless told otherwise."""
    page = LegPage(
        number=number, name=LegName(subject.split(maxsplit=1)[0].lower()), subject=subject, recipient="Leanne Hartley",
        capacity="self", stage="review", stage_words="in review", due_on=date(2026, 11, 20),
        start_on=date(2026, 10, 20), extension_notice_by=date(2026, 11, 20),
        clock_steps=("We received your request on Tuesday 20 October 2026.",
                     "You should have our answer by Friday 20 November 2026."),
        clock_law=("UK GDPR Article 12A(1)",), waiting_for="", records=41, undecided_records=0, proposals=120,
        blocked_places=(), contact=SafeContact(email=FAMILY_EMAIL, do_not="Do not leave a message."),
        undecided=0, round=1, signed_off_round=0, pack=None, conflicts=(),
        progress=(
            ProgressStep(words="We received your request", state="done", on=date(2026, 10, 20)),
            ProgressStep(words="We look for everything held", state="done", on=date(2026, 10, 22)),
            ProgressStep(words="Two members of staff check every page", state="now", on=None),
            ProgressStep(words="Your pack is ready to read", state="next", on=None),
        ),
    )  # fmt: skip
    return replace(page, **changes)


def delivered_pack(leg: int) -> PackRow:
    return PackRow(
        leg=leg, round=1, dated_on=date(2026, 11, 19), pages=48, digest="d" * 64, fingerprint="ab" * 32,
        delivered=True, collected_at=None,
    )  # fmt: skip


def desk_row(kind: str, name: str) -> DeskRow:
    return DeskRow(
        reference=REFERENCE, kind=kind, id=name,
        title="Complaint about how your information was used" if kind == "complaint" else "Correction of a record",
        stage="Complaint to the organisation: opened" if kind == "complaint" else "1 of 3 places proved",
        opened_on=date(2026, 11, 2), next_due_on=date(2026, 12, 2),
        next_step="The organisation must say that it has it by Wednesday 2 December 2026.", overdue=False,
    )  # fmt: skip


def family_view() -> FamilyPage:
    return FamilyPage(
        id=CASE, reference=REFERENCE, received_on=date(2026, 10, 20),
        legs=(
            leg_page(1, "Leanne Hartley", stage="delivered", pack=delivered_pack(1)),
            leg_page(2, "Marcus Hartley", stage="delivered", pack=delivered_pack(2)),
            leg_page(3, "Isla Hartley", stage="waiting-for-family", due_on=None,
                     waiting_for="proof that you may ask for this person"),
        ),
        complaints=(desk_row("complaint", "c0ffee000001"),), corrections=(desk_row("correction", "c0ffee000002"),),
        next_steps=(),
    )  # fmt: skip


def complaint_view(name: str, *, status: str = "answered") -> ComplaintPage:
    return ComplaintPage(
        id=name, reference=REFERENCE, route="data-protection",
        route_title="Complaint about how your information was used", about="The alert was never taken off",
        words="I was never told.\nPlease say why.", status=status, stage_title="Complaint to the organisation",
        opened_on=date(2026, 11, 2), acknowledge_by=date(2026, 12, 2), answer_by=None,
        history=(TimelineRow(at=NOW, words="Complaint opened", who="family", leg=1),),
        next_step="If you are not content, you can go on to the regulator.", next_due_on=date(2027, 2, 2),
        citation="Data Protection Act 2018 s.164A",
    )  # fmt: skip


def correction_view(name: str) -> CorrectionPage:
    return CorrectionPage(
        id=name, reference=REFERENCE, what_is_wrong="The alert is about another person.",
        what_it_should_say="It was entered in error.", asked_on=date(2026, 11, 2), answer_by=date(2026, 12, 2),
        places=(
            PlaceRow(place="place-1", label="Trust alert system", controller="Marlbrook Hospitals NHS Foundation Trust",
                     state="seen corrected", checked_on=date(2026, 11, 10), note="", is_ours=True),
            PlaceRow(place="place-2", label="School nurse", controller="", state="told", checked_on=date(2026, 11, 10),
                     note="", is_ours=False),
        ),
        status="open", next_step="1 of 2 places are still to be proved.",
    )  # fmt: skip


class Noted:
    """A service that notes every call, answers from ``answers``, and raises what is put in ``refusals``."""

    def __init__(self, **answers: Any) -> None:
        self.calls: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = []
        self.answers = answers
        self.refusals: dict[str, Exception] = {}

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)

        def call(*args: Any, **named: Any) -> Any:
            self.calls.append((name, args, named))
            if name in self.refusals:
                raise self.refusals[name]
            answer = self.answers.get(name)
            return answer(*args, **named) if callable(answer) else answer

        return call

    def named(self, name: str) -> list[dict[str, Any]]:
        """The keyword arguments of every call of one name."""
        return [named for called, _, named in self.calls if called == name]


class Post:
    """An outbox in memory."""

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def send(self, letter: Letter, *, at: datetime) -> str:
        self.letters.append(letter)
        return f"receipt-{len(self.letters)}"


@dataclass
class Parts:
    """Everything a test may turn."""

    engine: Engine
    accounts: Accounts
    services: SimpleNamespace
    post: Post = field(default_factory=Post)
    jobs: Noted = field(default_factory=Noted)
    now: datetime = NOW
    page: FamilyPage = field(default_factory=family_view)

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)


def family_page_for(parts: Parts) -> Any:
    def family_page(reference: CaseReference, *, legs: frozenset[int], on: date) -> FamilyPage:
        if reference not in {REFERENCE, OTHER_REFERENCE}:
            raise NotFound("We cannot find that request.", next_step="Check it.")
        mine = tuple(leg for leg in parts.page.legs if leg.number in legs)
        return replace(parts.page, reference=reference, legs=mine)

    return family_page


def make_parts(folder: Path) -> Parts:
    engine = open_engine(f"sqlite:///{folder / 'sar.db'}")
    upgrade(engine)
    # The cheapest hash the library allows: what is tried here is our use of it.
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    accounts = Accounts(engine, open_vault(folder), hasher=quick)
    names = (
        "intake standing timekeeping routing gathering people matching comparing review opinions signoff packing "
        "delivery correspondence complaints rectification enquiries tasks tending holding gaps store_list"
    )
    services = SimpleNamespace(**{name: Noted() for name in names.split()})
    parts = Parts(engine=engine, accounts=accounts, services=services)
    services.enquiries.answers |= {
        "family_page": family_page_for(parts),
        "routes": (
            ("data-protection", "Complaint about how your information was used"),
            ("nhs", "NHS complaint"),
        ),
        "complaint": lambda _case, name, **_: complaint_view(name),
        "correction": lambda _case, name, **_: correction_view(name),
        "queue": (),
        "dated_entries": (),
        "law_applied": (),
        "questions": {},
        "complaints_desk": (),
        "one_moment": nullcontext(),
    }
    services.intake.answers["receive"] = CaseHead(id=CASE, reference=REFERENCE, created_at=NOW)
    services.complaints.answers["open"] = "c0ffee000001"
    services.rectification.answers["ask"] = "c0ffee000002"
    services.gathering.answers["progress"] = Progress(reference=REFERENCE, round=1, state="complete")
    services.tasks.answers |= {"mine": (), "of_case": ()}
    services.holding.answers["rows"] = ()
    services.store_list.answers["rows"] = ()
    services.matching.answers |= {"near": (), "subjects": ()}
    parts.jobs.answers["state"] = JobState(id="gather/1", name="gather", status="running")
    services.comparing.answers |= {"found": (), "waiting": {}, "cases": ()}
    services.correspondence.answers |= {"sent": (), "consultees": ()}
    services.packing.answers |= {"pdf": b"%PDF-1.7 pack", "html": PACK_HTML, "data": b"{}"}
    return parts


def make_app(parts: Parts) -> Flask:
    config = SiteConfig(
        templates=TOP / "templates",
        organisation="Marlbrook and Wexcombe records service",
        controllers=("Marlbrook Hospitals NHS Foundation Trust", "Wexcombe Council"),
        contact=(
            Contact(
                organisation="Shared records service",
                lines=("Records Office, Marlbrook Hospital", "01632 960 100"),
            ),
        ),
        signer_fingerprint="ab" * 32,
        glossary=(GlossaryWord(term="Alert", meaning="A mark on a record that staff see first."),),
        is_demonstration=True,
    )
    return create_app(
        services=Services(**vars(parts.services)), accounts=parts.accounts, jobs=parts.jobs, outbox=parts.post,
        clock=lambda: parts.now, config=config,
    )  # fmt: skip


def grant(parts: Parts, *legs: int, email: str = FAMILY_EMAIL) -> None:
    for leg in legs:
        parts.accounts.grant_family(email=email, case=CASE, reference=REFERENCE, leg=leg, at=parts.now)


def add_staff(parts: Parts, *roles: StaffRole, username: str = "officer") -> str:
    """An account with the shared password; its second factor's secret."""
    secret = pyotp.random_base32()
    new = NewStaff(
        username=username,
        name="Priya Nair",
        password=PASSWORD,
        totp_secret=secret,
        roles=frozenset(roles),
        stores=frozenset({StoreName("papers")} if StaffRole.RECORD_HOLDER in roles else ()),
    )
    parts.accounts.add_staff(new, at=parts.now)
    return secret


_MARK = re.compile(r'name="csrf" value="([0-9a-f]{64})"')


def mark_of(client: FlaskClient, url: str = "/sign-in") -> str:
    """The mark that this browser's forms carry."""
    found = _MARK.search(client.get(url).get_data(as_text=True))
    assert found is not None, f"no form on {url}"
    return found.group(1)


def send(client: FlaskClient, url: str, **values: Any) -> TestResponse:
    """Post a form as a browser would that had loaded a page before."""
    return client.post(url, data={"csrf": mark_of(client), **values})


def sign_in_family(parts: Parts, client: FlaskClient, email: str = FAMILY_EMAIL) -> TestResponse:
    send(client, "/sign-in", email=email)
    return send(client, "/sign-in/code", code=newest_code(parts))


def newest_code(parts: Parts) -> str:
    found = re.search(r"\b(\d{6})\b", " ".join(parts.post.letters[-1].paragraphs))
    assert found is not None
    return found.group(1)


def sign_in_staff(parts: Parts, client: FlaskClient, secret: str, username: str = "officer") -> TestResponse:
    code = pyotp.TOTP(secret).at(parts.now)
    return send(client, "/staff/sign-in", username=username, password=PASSWORD, code=code)


def sha256_of(words: str) -> str:
    return sha256(words.encode()).hexdigest()
