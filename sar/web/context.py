"""What the pages are given: services, accounts, jobs, the clock and the settings; nothing is global."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, cast
from zoneinfo import ZoneInfo

from flask import current_app

from sar.domain.disclosure import Contact, GlossaryWord
from sar.ports.access import Accounts
from sar.ports.disclosing import Outbox
from sar.ports.jobs import Jobs

if TYPE_CHECKING:
    from sar.services.comparing import Comparing
    from sar.services.complaints import Complaints
    from sar.services.correspondence import Correspondence
    from sar.services.delivery import Delivery
    from sar.services.enquiries import Enquiries
    from sar.services.gaps import Gaps
    from sar.services.gathering import Gathering
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
    from sar.services.tending import Tending
    from sar.services.timekeeping import Timekeeping

LOCAL_TIME = ZoneInfo("Europe/London")


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Every step of the route, as bootstrap made it."""

    intake: Intake
    timekeeping: Timekeeping
    routing: Routing
    standing: Standing
    gathering: Gathering
    people: People
    matching: Matching
    comparing: Comparing
    review: Review
    opinions: Opinions
    signoff: SignOff
    packing: Packing
    delivery: Delivery
    correspondence: Correspondence
    complaints: Complaints
    rectification: Rectification
    enquiries: Enquiries
    tasks: Tasks
    tending: Tending
    holding: Holding
    gaps: Gaps
    store_list: StoreList


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteConfig:
    """Settings of the site. Everything here may be shown to anyone."""

    templates: Path
    organisation: str
    """The organisation bar and the sender's name."""
    controllers: tuple[str, ...]
    """Whose records can be asked for here."""
    contact: tuple[Contact, ...]
    """How to reach a person without this site."""
    signer_fingerprint: str
    """Shown so that a family can compare it with `sar verify`."""
    glossary: tuple[GlossaryWord, ...] = ()
    nation: str = "england"
    child_age: int = 12
    """From this age a child is taken to understand, and is asked: the law's presumption for the nation."""
    address: str = "http://127.0.0.1:8471/"
    """Where families reach the site; printed in letters."""
    service_name: str = "Ask to see your family’s records"
    leave_to: str = "https://www.bbc.co.uk/weather"
    """A page that tells an onlooker nothing."""
    is_demonstration: bool = False
    hosts: tuple[str, ...] = field(default=("127.0.0.1", "localhost"))
    """Host names the site answers to."""
    trusted_proxies: int = 0
    """How many proxies of our own stand before the site; without them every visitor would count as one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One running site."""

    services: Services
    accounts: Accounts
    jobs: Jobs
    outbox: Outbox
    clock: Callable[[], datetime]
    config: SiteConfig

    def today(self) -> date:
        """The day it is for people in the United Kingdom."""
        return self.clock().astimezone(LOCAL_TIME).date()


def site() -> Site:
    """The site that answers this request."""
    return cast("Site", current_app.extensions["sar"])
