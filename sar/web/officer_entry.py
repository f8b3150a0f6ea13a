"""A request that came by letter, by phone or in person, entered by an officer on one page."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from sar.domain.authority import Capacity
from sar.domain.parties import DataSubject, Identifier, IdentifierKind, Requester, SafeContact, StaffRole
from sar.domain.pathways import INFORMATION_PART, RecordsOf
from sar.domain.references import SubjectId
from sar.services.intake import NewLeg, NewRequest
from sar.web.access import open_to, staff_actor
from sar.web.context import site
from sar.web.forms import LONGEST_TEXT, Form
from sar.web.staff_case import Option, refused_on

blueprint = Blueprint("officer_entry", __name__, url_prefix="/officer/new")

PEOPLE = (1, 2, 3)
"""How many people one letter may ask about on this page; the first has to be filled in."""
CHANNELS = (
    Option(value="letter", text="Letter"),
    Option(value="email", text="E-mail"),
    Option(value="phone", text="Phone"),
    Option(value="in person", text="In person"),
)
CAPACITIES = (
    Option(value=Capacity.SELF.value, text="Their own records"),
    Option(value=Capacity.PARENTAL_RESPONSIBILITY.value, text="Parent or guardian of a child"),
    Option(
        value=Capacity.COMPETENT_CHILD_AUTHORITY.value, text="With the authority of a child who understands"
    ),
    Option(value=Capacity.AGENT.value, text="With the person’s written authority"),
    Option(value=Capacity.ATTORNEY.value, text="Lasting power of attorney"),
    Option(value=Capacity.DEPUTY.value, text="Deputy appointed by the court"),
    Option(value=Capacity.COUNCIL_CARE_ORDER.value, text="Council with a care order"),
)
FOR_THE_DEAD = (
    Option(value=Capacity.PERSONAL_REPRESENTATIVE.value, text="Has died: personal representative"),
    Option(value=Capacity.CLAIM_FROM_DEATH.value, text="Has died: a claim because of the death"),
    Option(value=Capacity.BEREAVED_RELATIVE.value, text="Has died: bereaved relative or somebody else"),
)
RECORDS = (
    Option(value=RecordsOf.ANY.value, text="All records"),
    Option(value=RecordsOf.HEALTH.value, text="Health records"),
    Option(value=RecordsOf.COUNCIL.value, text="Council file"),
    Option(value=RecordsOf.SCHOOL.value, text="Pupil record of a maintained school"),
)
MARKS = (
    Option(value="no-responsibility", text="The requester does not have parental responsibility"),
    Option(value="care", text="The person was in care as a child"),
    Option(value="adopted", text="The person was adopted"),
)
YES_NO = (Option(value="no", text="No"), Option(value="yes", text="Yes"))
_NUMBERS = (("nhs", IdentifierKind.NHS_NUMBER), ("council", IdentifierKind.COUNCIL_PERSON_ID))
_FIELDS = {"received_on": "received_on", "channel": "channel", "subject_name": "subject1_name",
           "born_on": "subject1_born", "capacity": "subject1_capacity",
           "died_on": "subject1_died", "records": "subject1_records", "has_responsibility": "subject1_marks",
           "information": "information", "requester_name": "name"}  # fmt: skip


@blueprint.get("")
@open_to(StaffRole.OFFICER)
def page() -> str:
    """The empty form."""
    return _form().render()


@blueprint.post("")
@open_to(StaffRole.OFFICER)
def enter() -> Response:
    """Open the case; a safe e-mail address may follow it from now on."""
    form, here = _form(), site()
    contact = _contact(form)
    received_on = form.day("received_on", what="day it was received", latest=here.today())
    channel = form.choice("channel", [c.value for c in CHANNELS], empty="Choose how it came")
    name = form.words("name", empty="Enter the name of the person who asks")
    people = [found for number in PEOPLE if (found := _subject(form, number, here.today())) is not None]
    wording = form.words("wording", empty="Write what was asked for, in their words", longest=LONGEST_TEXT)
    foi = form.choice("foi", [o.value for o in YES_NO], empty="Choose yes or no")
    information = form.words("information", longest=LONGEST_TEXT)
    if not people and not information:
        form.fail("subject1_name", "Enter whose records are wanted, or what information is asked for")
    own = [new.subject for new in people if new.capacity == Capacity.SELF.value]
    if len(own) > 1:
        form.fail(
            "subject2_capacity",
            "Only one person can ask for their own records here. Enter a request for each",
        )
    form.check()
    requester = Requester(name=name, contact=contact, subject=own[0].id if own else None)
    new = NewRequest(
        received_on=received_on, channel=channel, nation=here.config.nation, wording=wording,
        legs=_legs(people, requester), asked_as_foi=foi == "yes" and bool(people),
        information=information or None, requester=None if people else requester,
    )  # fmt: skip
    with refused_on(form, fields=_FIELDS):
        head = here.services.intake.receive(new, at=here.clock(), by=staff_actor(), once=form.once_key())
    if contact.email:
        parts = [*range(1, len(new.legs) + 1), *([INFORMATION_PART] if new.information else [])]
        for number in parts:
            here.accounts.grant_family(
                email=contact.email, case=head.id, reference=head.reference, leg=number, at=here.clock()
            )
    # Whoever keeps a store hears at once that nothing may be changed.
    here.services.tending.tend_case(head.id, at=here.clock())
    return redirect(url_for("officer.case", reference=head.reference), code=303)


def _form() -> Form:
    return Form("officer/entry.html", channels=CHANNELS, capacities=(*CAPACITIES, *FOR_THE_DEAD),
                yes_no=YES_NO, people=PEOPLE, records=RECORDS, marks=MARKS)  # fmt: skip


def _contact(form: Form) -> SafeContact:
    contact = SafeContact(
        email=form.email("email"),
        phone=form.words("phone"),
        postal_address=form.words("post", longest=LONGEST_TEXT),
        do_not=form.words("do_not", longest=LONGEST_TEXT),
    )
    if not (contact.email or contact.phone or contact.postal_address):
        form.fail("email", "Enter at least one safe way to reach them: e-mail, phone or post")
    return contact


def _subject(form: Form, number: int, today: date) -> NewLeg | None:
    """One person asked about; an empty block is nobody (an absence, not a failure).

    The first may be empty only where information is asked for and nobody's own records.
    """
    start = f"subject{number}"
    if not form.value(f"{start}_name") and (number > 1 or form.value("information")):
        return None
    name = form.words(f"{start}_name", empty="Enter the full name of the person the records are about")
    born_on = form.day(f"{start}_born", what="date of birth", latest=today)
    capacity = form.choice(
        f"{start}_capacity",
        [c.value for c in (*CAPACITIES, *FOR_THE_DEAD)],
        empty="Choose by what right they ask",
    )
    former = form.words(f"{start}_former", longest=LONGEST_TEXT)
    known = tuple(
        Identifier(kind=kind, value="".join(given.split()))
        for field, kind in _NUMBERS
        if (given := form.words(f"{start}_{field}", longest=40))
    )
    subject = DataSubject(
        id=SubjectId(f"subject-{number}"),
        name=" ".join(name.split()),
        born_on=born_on,
        former_names=tuple(part.strip() for part in former.replace("\n", ",").split(",") if part.strip()),
        identifiers=known,
        died_on=form.day_if_given(f"{start}_died", what="day of death", latest=today),
    )
    records = form.value(f"{start}_records") or RecordsOf.ANY.value
    if subject.died_on is not None and records not in {RecordsOf.HEALTH.value, RecordsOf.COUNCIL.value}:
        form.fail(f"{start}_records", "Choose health records or the council file: the person has died")
    marks = form.choices(f"{start}_marks", [m.value for m in MARKS])
    return NewLeg(
        name="", subject=subject, recipient=Requester(name="", contact=SafeContact()), capacity=capacity,
        records=records, has_responsibility="no-responsibility" not in marks, was_in_care="care" in marks,
        was_adopted="adopted" in marks,
    )  # fmt: skip


def _legs(people: list[NewLeg], requester: Requester) -> tuple[NewLeg, ...]:
    """One leg for each person. Its name is short and plain: the first name, numbered where two are alike."""
    legs: list[NewLeg] = []
    for new in people:
        first = (new.subject.name.split(maxsplit=1) or [""])[0].casefold()
        plain = "".join(c for c in first if c.isascii() and c.isalnum()) or "person"
        taken = {leg.name for leg in legs}
        name = plain if plain not in taken else f"{plain}-{len(legs) + 1}"
        legs.append(replace(new, name=name, recipient=requester))
    return tuple(legs)
