"""The people register of a case: who is looked for in every record, and who an officer adds."""

from __future__ import annotations

import uuid

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from sar.domain.errors import OutOfOrder
from sar.domain.parties import Person, Role, StaffRole
from sar.domain.references import PersonId
from sar.web.access import open_to, staff_actor
from sar.web.context import site
from sar.web.forms import LONGEST_TEXT, Form
from sar.web.staff_case import READERS, Option, may, open_case, refused_on

blueprint = Blueprint("officer_people", __name__, url_prefix="/officer/cases/<reference>/people")

ROLES = (
    Option(value=Role.THIRD_PARTY.name, text="Somebody else", hint="Family, friends, neighbours, other patients"),
    Option(value=Role.SOURCE.name, text="A private person who told us something in confidence",
           hint="Protected: only an approver may agree to name them"),
    Option(value=Role.PROFESSIONAL.name, text="A professional doing their work", hint="Usually stays in"),
    Option(value=Role.NAMESAKE.name, text="Another person of the same or nearly the same name"),
    Option(value=Role.ORGANISATION.name, text="An organisation"),
)  # fmt: skip


@blueprint.get("")
@open_to(*READERS)
def register(reference: str) -> str:
    """Everybody known in the case."""
    return _form(reference).render()


@blueprint.post("")
@open_to(StaffRole.OFFICER)
def add(reference: str) -> Response:
    """Add a person. Proposals have to be made again to find every place."""
    case, form, here = open_case(reference), _form(reference), site()
    name = form.words("name", empty="Enter a name, or words such as: caller on 3 May")
    role = form.choice("role", [o.value for o in ROLES], empty="Choose who this is")
    relation, job, employer = form.words("relation"), form.words("job_title"), form.words("employer")
    aliases, phrases = _lines(form, "aliases"), _lines(form, "phrases")
    phones, emails, addresses = _lines(form, "phones"), _lines(form, "emails"), _lines(form, "addresses")
    form.check()
    person = Person(
        id=PersonId(f"officer-{uuid.uuid4().hex[:12]}"), name=name, role=Role[role], relation=relation,
        job_title=job, employer=employer, aliases=aliases, phrases=phrases, phones=phones, emails=emails,
        addresses=addresses,
    )  # fmt: skip
    with refused_on(form, otherwise="name"):
        here.services.people.add(case.id, person, at=here.clock(), by=staff_actor())
    return redirect(url_for("officer_people.register", reference=reference), code=303)


@blueprint.post("/gathered")
@open_to(StaffRole.OFFICER)
def bring_in(reference: str) -> Response:
    """Bring in everybody whom the stores name in fields of their own."""
    case, here = open_case(reference), site()
    if case.gathering != "complete":
        raise OutOfOrder("The gathering is not complete.", next_step="Wait until every store has answered.")
    here.services.people.build(case.id, round_number=case.round, at=here.clock(), by=staff_actor())
    return redirect(url_for("officer_people.register", reference=reference), code=303)


def _form(reference: str) -> Form:
    case = open_case(reference)
    people = site().services.enquiries.people(case.id)
    return Form("officer/people.html", case=case, people=people, roles=ROLES, may=may())


def _lines(form: Form, field: str) -> tuple[str, ...]:
    text = form.words(field, longest=LONGEST_TEXT)
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
