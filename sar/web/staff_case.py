"""What the staff pages share: the case in front of somebody, and refusals shown where they were met."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from sar.domain.conflicts import Conflict
from sar.domain.errors import InvalidInput, NotAllowed, OutOfOrder
from sar.domain.exemptions import DeciderRole
from sar.domain.parties import SafeContact, StaffRole
from sar.domain.pathways import INFORMATION_PART
from sar.ports.pages import CasePage, LegPage
from sar.web.access import case_reference, not_here, staff
from sar.web.context import site
from sar.web.forms import Form, FormRefused

READERS = (
    StaffRole.OFFICER, StaffRole.APPROVER, StaffRole.HEALTH_PROFESSIONAL, StaffRole.LAWYER,
    StaffRole.SAFEGUARDING_LEAD, StaffRole.SENIOR_OFFICER,
)  # fmt: skip
"""Who may open a case and read its records."""
DECIDERS = (
    StaffRole.OFFICER, StaffRole.HEALTH_PROFESSIONAL, StaffRole.LAWYER, StaffRole.SAFEGUARDING_LEAD,
    StaffRole.SENIOR_OFFICER,
)  # fmt: skip
"""Who decides in a review. An approver reads, and signs off what others decided."""

LIFTERS = (StaffRole.APPROVER, StaffRole.LAWYER, StaffRole.SAFEGUARDING_LEAD)
"""Who may open the form that lifts a stop; which kinds they may lift the rules of each kind say."""

LOOKERS = (StaffRole.APPROVER, StaffRole.SAFEGUARDING_LEAD, StaffRole.DATA_PROTECTION_OFFICER)
"""Who sees what changed after a request. Not the officer by that role alone: they may be the one who is looked at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One entry of a list to choose from."""

    value: str
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class May:
    """What the person at the screen may do, so that a page offers nothing that would be refused."""

    officer: bool
    approver: bool
    complaints: bool
    decide: bool
    lift: bool
    """At least one kind of stop; each kind says who."""
    see_changes: bool
    """What changed in the stores after the request."""
    read_trail: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """One person who receives records, and how they may be reached."""

    recipient: str
    subjects: tuple[str, ...]
    contact: SafeContact


CONFLICTS = {c.code: c.value for c in Conflict}
"""Code in the trail, and the words an officer reads."""


def may() -> May:
    """The rights of the signed-in member of staff."""
    roles = staff().roles
    return May(
        officer=StaffRole.OFFICER in roles,
        approver=StaffRole.APPROVER in roles,
        complaints=StaffRole.COMPLAINTS in roles,
        decide=bool(roles & set(DECIDERS)),
        lift=bool(roles & set(LIFTERS)),
        see_changes=bool(roles & set(LOOKERS)),
        read_trail=bool(roles & {StaffRole.APPROVER, StaffRole.DATA_PROTECTION_OFFICER}),
    )


def decider_roles() -> tuple[str, ...]:
    """The roles in which the signed-in member of staff may decide, the officer's first."""
    held = staff().roles
    known = {r.value for r in DeciderRole}
    return tuple(r.value for r in DECIDERS if r in held and r.value in known)


def open_case(reference: str) -> CasePage:
    """The case of an address. A wrong reference reads like a missing case."""
    return site().services.enquiries.case_page(case_reference(reference), on=site().today())


def leg_in(case: CasePage, number: int) -> LegPage:
    """One leg of the case."""
    for leg in case.legs:
        if leg.number == number:
            return leg
    raise not_here()


@dataclass(frozen=True, slots=True, kw_only=True)
class AskerPart:
    """Stands for a leg where a letter is about the part that asks for policies or numbers."""

    recipient: str
    contact: SafeContact
    number: int = INFORMATION_PART
    subject: str = "policies and numbers"
    records: int = 0
    law: None = None


def addressed(case: CasePage, number: int) -> LegPage | AskerPart:
    """Whom a letter of one part goes to."""
    if number == INFORMATION_PART and case.information and case.asker is not None:
        return AskerPart(recipient=case.asker.name, contact=case.asker.contact)
    return leg_in(case, number)


def reached(case: CasePage) -> tuple[Reach, ...]:
    """Everybody who receives something in this case, in the order of the legs; the same person once."""
    found: dict[tuple[str, SafeContact], list[LegPage]] = {}
    for leg in case.legs:
        found.setdefault((leg.recipient, leg.contact), []).append(leg)
    if case.asker is not None and not case.legs:
        found.setdefault((case.asker.name, case.asker.contact), [])
    return tuple(
        Reach(recipient=recipient, subjects=tuple(leg.subject for leg in legs), contact=contact)
        for (recipient, contact), legs in found.items()
    )


@contextmanager
def refused_on(
    form: Form, *, fields: Mapping[str, str] | None = None, otherwise: str = "form"
) -> Iterator[None]:
    """Show what a service refuses on the page it was asked from.

    :param fields: the service's name of a field, and the page's.
    :param otherwise: the page's field for everything else.
    """
    try:
        yield
    except (InvalidInput, OutOfOrder, NotAllowed) as error:
        form.fail((fields or {}).get(error.field, otherwise), f"{error.message} {error.next_step}")
        raise FormRefused(form) from error
