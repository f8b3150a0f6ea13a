"""The one place that picks concrete parts, with ``installation`` below it. No rule of the field stands here."""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property, partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sar.db import Accounts
from sar.detection.reading import load_detector
from sar.documents.isolated import IsolatedReading
from sar.domain.calendar import say_date
from sar.domain.disclosure import GlossaryWord
from sar.domain.errors import BadRule, InvalidInput
from sar.installation import Installation, gathering_of, present
from sar.outbox import FolderOutbox, LetterRoom
from sar.packs.inspection import PackInspection
from sar.packs.pool import PooledRenderer
from sar.packs.rendering import PackRenderer
from sar.packs.signing import PackSigning
from sar.ports.deciding import WhoDecides
from sar.ports.gathering import StoreDescription, readable
from sar.ports.reviewing import Detector
from sar.services.comparing import Comparing
from sar.services.complaints import Complaints
from sar.services.correspondence import Correspondence, Sender
from sar.services.delivery import Delivery
from sar.services.enquiries import Enquiries
from sar.services.gaps import Gaps
from sar.services.holding import Holding
from sar.services.intake import Intake
from sar.services.matching import Matching
from sar.services.opinions import Opinions
from sar.services.packing import Packing
from sar.services.people import People
from sar.services.rectification import Rectification
from sar.services.review import Review
from sar.services.routing import Routing
from sar.services.signoff import SignOff
from sar.services.standing import Standing
from sar.services.store_list import StoreList
from sar.services.tasks import Tasks
from sar.services.tending import Tending, Writing
from sar.services.timekeeping import Timekeeping
from sar.stores.manual import PaperReading
from sar.web.context import Services, SiteConfig
from sar.workflows import (
    ASK_AGAIN,
    AskingInProcesses,
    EngineJobs,
    Work,
    Worker,
    run_worker,
)

if TYPE_CHECKING:
    from flask import Flask


@dataclass
class House(Installation):
    """All parts of one installation, made when they are first asked for."""

    @cached_property
    def accounts(self) -> Accounts:
        """Who may come in."""
        return Accounts(self.archive.engine, self.vault)

    @cached_property
    def detector(self) -> Detector:
        """The redaction rules, checked and compiled."""
        detector = load_detector(self.settings.rules_dir)
        for rule in detector.rules:
            if str(rule.exemption) not in self.law.exemptions:
                raise BadRule(
                    f"The rule {rule.id} names an exemption the law does not have: {rule.exemption}.",
                    next_step="Use a code of the exemptions in the law files.",
                    field=str(rule.id),
                )
        return detector

    @cached_property
    def signing(self) -> PackSigning:
        """The key that signs packs; not in the database."""
        return PackSigning.open(self._folder() / "pack-key", organisation=self._organisation())

    @cached_property
    def renderer(self) -> PooledRenderer:
        """Lays out packs, in processes of its own."""
        return PooledRenderer(
            PackRenderer(signer_fingerprint=self.signing.fingerprint, templates=self.settings.templates_dir)
        )

    @cached_property
    def outbox(self) -> FolderOutbox:
        """Where letters leave."""
        return FolderOutbox(self.settings.outbox_dir or self._folder() / "outbox")

    @cached_property
    def services(self) -> Services:
        """Every step of the route, with the parts it uses."""
        archive, law, is_health = self.archive, self.law, self.settings.is_health_professional
        inspector = PackInspection()
        return Services(
            intake=Intake(archive=archive, law=law),
            timekeeping=Timekeeping(archive=archive, law=law),
            routing=Routing(archive=archive, law=law, inspector=inspector),
            standing=Standing(archive=archive, law=law),
            gathering=self.gathering,
            people=People(archive=archive, who=self.who_decides),
            matching=Matching(archive=archive, who=self.who_decides),
            comparing=Comparing(archive=archive),
            review=self.review,
            opinions=Opinions(archive=archive, who=self.who_decides, is_health_professional=is_health),
            signoff=self.signoff,
            packing=Packing(
                archive=archive, law=law, renderer=self.renderer, inspector=inspector, signer=self.signing,
                controllers=self.settings.contacts, lawful=self.signoff.require_lawful,
            ),
            delivery=Delivery(
                archive=archive, outbox=self.outbox, inspector=inspector, law=law,
                site=self.settings.site_address, lawful=self.signoff.require_lawful,
            ),
            correspondence=Correspondence(
                archive=archive, law=law, outbox=self.outbox, inspector=inspector,
                writer=self.letter_room,
                sender=self._sender(),
                is_health_professional=is_health,
            ),
            complaints=Complaints(archive=archive, law=law, inspector=inspector),
            rectification=Rectification(archive=archive, law=law, inspector=inspector),
            enquiries=Enquiries(archive=archive, law=law),
            tasks=self.tasks, tending=self.tending, holding=self.holding,
            gaps=Gaps(archive=archive, who=self.who_decides),
            store_list=self.store_list,
        )  # fmt: skip

    @cached_property
    def signoff(self) -> SignOff:
        """The second person."""
        return SignOff(
            archive=self.archive, law=self.law, who=self.who_decides, readable=self._readable,
            is_health_professional=self.settings.is_health_professional,
        )  # fmt: skip

    @cached_property
    def review(self) -> Review:
        """Proposals and decisions."""
        return Review(
            archive=self.archive, detector=self.detector, law=self.law, who=self.who_decides,
            is_health_professional=self.settings.is_health_professional,
        )  # fmt: skip

    @property
    def own_controllers(self) -> frozenset[str]:
        """The bodies this house works for; an account that names none acts for them."""
        return frozenset((*self.settings.controllers, self.settings.controller)) - {""}

    @property
    def who_decides(self) -> WhoDecides:
        """Whose records whose officers decide on."""
        return WhoDecides(own=self.own_controllers, agreements=self.agreements)

    @property
    def _described(self) -> tuple[StoreDescription, ...]:
        return tuple(store.description for store in self.stores)

    def _readable(self, on: date) -> tuple[StoreDescription, ...]:
        return readable(self._described, self.agreements, ours=self.settings.controller, on=on)

    @cached_property
    def tasks(self) -> Tasks:
        """What people look through by hand."""
        reader = PaperReading(IsolatedReading())
        return Tasks(
            archive=self.archive, law=self.law, stores=self._described, reader=reader,
            controller=self.settings.controller, agreements=self.agreements, who=self.who_decides,
        )  # fmt: skip

    @cached_property
    def holding(self) -> Holding:
        """Whose keepers were told to keep everything as it is."""
        return Holding(
            archive=self.archive, stores=self._described, controller=self.settings.controller,
            agreements=self.agreements,
        )  # fmt: skip

    @cached_property
    def store_list(self) -> StoreList:
        """The stores as the settings have them."""
        return StoreList(
            stores=self._described, controller=self.settings.controller, agreements=self.agreements
        )

    @cached_property
    def letter_room(self) -> LetterRoom:
        """Where letters and notices are worded."""
        return LetterRoom(templates=self.settings.templates_dir, say=say_date)

    @cached_property
    def tending(self) -> Tending:
        """What falls due by itself: hold notices, tasks, reminders."""
        sender = self._sender()
        writing = Writing(
            organisation=sender.organisation, contact=sender.contact, site=sender.site,
            controller=self.settings.controller, stores=self._described, agreements=self.agreements,
        )  # fmt: skip
        return Tending(
            archive=self.archive, law=self.law, outbox=self.outbox, writing=writing, writer=self.letter_room
        )

    @cached_property
    def jobs(self) -> EngineJobs:
        """The durable work, as those see it who start it."""
        return EngineJobs(self._folder(), self.vault, database=self.settings.database, present=present)

    def worker(self) -> Worker:
        """The durable work, as the process sees it that does it: a context manager."""
        return Worker(self._folder(), self.vault, self._work(), database=self.settings.database)

    def run_worker(self, *, until: threading.Event) -> None:
        """Work until told to stop."""
        self.require_controller()
        database = self.settings.database
        run_worker(self._folder(), self.vault, self._work(), until=until, database=database)

    def _work(self) -> Work:
        services, settings = self.services, self.settings
        later = tuple(60 * minutes for minutes in settings.ask_again) or ASK_AGAIN
        work = Work(
            gathering=services.gathering,
            packing=services.packing,
            delivery=services.delivery,
            tending=services.tending,
            clock=self.clock,
            present=present,
            later=later,
        )
        if not settings.asking_processes or self.clock is not present:
            # A process beside this one knows the real time only.
            return work
        make = partial(gathering_of, settings)
        asking = AskingInProcesses(services.gathering, make, processes=settings.asking_processes)
        return replace(work, asking=asking, ended=asking.close)

    def site(self) -> Flask:
        """The web application."""
        from sar.web import create_app  # noqa: PLC0415 - the command line does not need the site

        settings = self.settings
        return create_app(
            services=self.services,
            accounts=self.accounts,
            jobs=self.jobs,
            outbox=self.outbox,
            clock=self.clock,
            config=SiteConfig(
                templates=settings.templates_dir,
                organisation=self._organisation(),
                controllers=settings.controllers,
                contact=settings.contacts,
                signer_fingerprint=self.signing.fingerprint,
                glossary=tuple(GlossaryWord(term=g.term, meaning=g.meaning) for g in self.law.glossary),
                nation=settings.nation,
                child_age=self.law.age_presumption.age,
                is_demonstration=settings.is_demonstration,
                address=settings.site_address,
                hosts=self._hosts(),
                trusted_proxies=settings.proxies,
            ),
        )

    def _hosts(self) -> tuple[str, ...]:
        """Host names the site answers to: its own address, and this machine."""
        named = urlsplit(self.settings.site_address).hostname or self.settings.host
        return tuple(dict.fromkeys((named, "127.0.0.1", "localhost")))

    def _organisation(self) -> str:
        return " and ".join(self.settings.controllers) or "Records service"

    def _sender(self) -> Sender:
        lines = [
            line for contact in self.settings.contacts for line in (contact.organisation, *contact.lines)
        ]
        return Sender(
            organisation=self._organisation(), contact=tuple(lines), site=self.settings.site_address
        )

    def require_controller(self) -> None:
        """Refuse to gather for nobody: a case's controller decides which stores may be read."""
        if not self.settings.controller:
            raise InvalidInput(
                "No controller is set.",
                next_step='Write controller = "the name of your organisation" in sar.toml in the data folder.',
                field="controller",
            )
