"""Letters of an officer or the complaints team: choose one, write its free parts, read it as it leaves, send it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sar.domain.complaints import Outcome
from sar.domain.errors import (
    EnvironmentFault,
    InvalidInput,
    NotAllowed,
    OutOfOrder,
    SARError,
    WithheldTextFound,
)
from sar.domain.letters import LETTERS, Audience, ClockAct, LetterKind
from sar.domain.parties import StaffRole
from sar.ports.pages import CasePage, LegPage
from sar.services.correspondence import NewLetter
from sar.web.access import not_here, open_to, staff, staff_actor
from sar.web.context import site
from sar.web.forms import LONGEST_LINE, LONGEST_TEXT, Form, FormRefused
from sar.web.staff_case import READERS, AskerPart, Option, addressed, may, open_case

blueprint = Blueprint("officer_letters", __name__, url_prefix="/letters/cases/<reference>")

_SENDERS = (StaffRole.OFFICER, StaffRole.COMPLAINTS)
OUTCOMES = tuple(Option(value=o.value, text=o.value.capitalize()) for o in Outcome)
_SHOWN_HERE = (InvalidInput, OutOfOrder, NotAllowed, WithheldTextFound, EnvironmentFault)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The letter in hand: its kind, the leg it belongs to, and what it is about."""

    case: CasePage
    leg: LegPage | AskerPart
    kind: LetterKind
    about: str
    place: str

    @property
    def back(self) -> str:
        """Where whoever writes it came from."""
        reference = self.case.reference
        if self.kind.code.startswith("complaint-"):
            return url_for("complaints.complaint", reference=reference, complaint=self.about)
        if self.kind.code.startswith("correction-"):
            return url_for("complaints_correction.page", reference=reference, correction=self.about)
        return url_for("officer.case", reference=reference)

    @property
    def has_outcome(self) -> bool:
        """Whether an outcome of a complaint goes with it."""
        return self.kind.act is ClockAct.COMPLAINT_ANSWERED

    @property
    def to_recipient(self) -> bool:
        """Whether it goes to whoever receives the records, by their safe contact."""
        return self.kind.audience is Audience.RECIPIENT

    def letter(self, form: Form) -> NewLetter:
        """What the form says, as the service takes it."""
        return NewLetter(
            kind=self.kind.code,
            leg=self.leg.number,
            said={part.name: form.value(part.name) for part in self.kind.parts},
            outcome=form.value("outcome"),
            complaint=self.about if self.kind.code.startswith("complaint-") else "",
            correction=self.about if self.kind.code.startswith("correction-") else "",
            consultation=self.about if self.kind.audience is Audience.CONSULTEE else "",
            place=self.place,
        )


@blueprint.get("/new/<int:leg>")
@open_to(StaffRole.OFFICER)
def choose(reference: str, leg: int) -> str:
    """Ask which letter."""
    case = open_case(reference)
    mine = addressed(case, leg)
    fitting = site().services.correspondence.fitting(case.id, leg=leg)
    kinds = [
        k
        for k in LETTERS.values()
        if k.is_chosen and k.audience is not Audience.CONSULTEE and k.code in fitting
    ]
    first = mine.law.letter if mine.law is not None else ""
    kinds.sort(key=lambda kind: kind.code != first)  # The letter that this law asks for comes first.
    asked = site().services.correspondence.consultees(case.id, leg=leg) if leg else ()
    return render_template("officer/letters.html", case=case, leg=mine, kinds=kinds, consultees=asked)


@blueprint.get("/new/<int:leg>/<kind>")
@open_to(*_SENDERS)
def write(reference: str, leg: int, kind: str) -> str:
    """The free parts of the letter."""
    return _form(_place(reference, leg, kind)).render()


@blueprint.post("/new/<int:leg>/<kind>")
@open_to(*_SENDERS)
def preview(reference: str, leg: int, kind: str) -> str:
    """The letter exactly as it would leave, or the form again to change a word."""
    place = _place(reference, leg, kind)
    form = _form(place)
    if form.value("change"):
        return form.render()
    _read(form, place)
    with _refused(form, place):
        letter = site().services.correspondence.draft(
            place.case.id, place.letter(form), at=site().clock(), by=staff_actor()
        )
    return Form("officer/letter_preview.html", place=place, letter=letter, failed="").render()


@blueprint.post("/new/<int:leg>/<kind>/sending")
@open_to(*_SENDERS)
def send(reference: str, leg: int, kind: str) -> Response:
    """Send it, once, with what it records."""
    place, here = _place(reference, leg, kind), site()
    form = _form(place)
    _read(form, place)
    with _refused(form, place):
        here.services.correspondence.send(
            place.case.id, place.letter(form), at=here.clock(), by=staff_actor(), once=form.once_key()
        )
    return redirect(place.back, code=303)


@blueprint.get("/<int:number>")
@open_to(*READERS, StaffRole.COMPLAINTS)
def read(reference: str, number: int) -> str:
    """A letter again, as it left; also to print for the envelope."""
    case = open_case(reference)
    found = site().services.correspondence.read(case.id, number)
    if LETTERS[found.kind].audience is Audience.CONSULTEE and not staff().roles & set(READERS):
        raise not_here()  # It holds words out of a record, which the complaints team does not read.
    return render_template("officer/letter_sent.html", case=case, letter=found, may=may())


def _place(reference: str, leg: int, kind: str) -> Place:
    found = LETTERS.get(kind)
    if found is None:
        raise not_here()
    if not staff().roles & found.senders:
        who = " or ".join(sorted(role.value for role in found.senders))
        raise NotAllowed(
            f"Only the role {who} may send this letter.", next_step="Ask a person with that role."
        )
    case = open_case(reference)
    about, place = request.args.get("about", ""), request.args.get("place", "")
    if not found.is_chosen and not about:
        raise not_here()
    return Place(case=case, leg=addressed(case, leg), kind=found, about=about, place=place)


def _form(place: Place) -> Form:
    return Form("officer/letter.html", place=place, outcomes=OUTCOMES)


def _read(form: Form, place: Place) -> None:
    """Every free part, with one message for each that is missing."""
    for part in place.kind.parts:
        form.words(
            part.name, empty="Write this part" if part.is_needed else "",
            longest=LONGEST_LINE if part.is_line else LONGEST_TEXT,
        )  # fmt: skip
    if place.has_outcome:
        form.choice("outcome", [o.value for o in OUTCOMES], empty="Choose the outcome")
    form.check()


@contextmanager
def _refused(form: Form, place: Place) -> Iterator[None]:
    """What the gate, the clock or the outbox refuses stands on the form, with every word that was typed."""
    names = {part.name for part in place.kind.parts}
    try:
        yield
    except SARError as error:
        if not isinstance(error, _SHOWN_HERE):
            raise
        field = error.field if error.field in names else place.kind.parts[-1].name
        form.fail(field, f"{error.message} {error.next_step}")
        raise FormRefused(form) from error
