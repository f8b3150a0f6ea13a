"""One correction on the desk: every place the error was copied to, and a fresh look in the stores."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from sar.domain.errors import OutOfOrder
from sar.domain.parties import StaffRole
from sar.domain.rectification import CorrectionOutcome
from sar.ports.pages import CasePage, CorrectionPage, PlaceRow
from sar.web.access import not_here, open_to, staff_actor
from sar.web.complaints_desk import READERS
from sar.web.context import site
from sar.web.forms import LONGEST_TEXT, Form
from sar.web.staff_case import Option, may, open_case, reached, refused_on

blueprint = Blueprint(
    "complaints_correction",
    __name__,
    url_prefix="/complaints-desk/cases/<reference>/corrections/<correction>",
)

_TOLD = Option(value="report", text="We told the holder that it is wrong")
_CONFIRMED = Option(value="confirm", text="The holder says that it is put right",
                    hint="Shown as: confirmed by the holder, not seen by us")  # fmt: skip


@blueprint.get("")
@open_to(*READERS)
def page(reference: str, correction: str) -> str:
    """The places and how each stands."""
    case, found = _correction(reference, correction)
    return render_template(
        "complaints/correction.html", case=case, correction=found, may=may(), reached=reached(case)
    )


@blueprint.get("/places/<int:place>")
@open_to(StaffRole.COMPLAINTS, StaffRole.OFFICER)
def place(reference: str, correction: str, place: int) -> str:
    """The form for one place, by its line in the table."""
    case, found = _correction(reference, correction)
    return _place_form(case, found, _place(found, place), place).render()


@blueprint.post("/places/<int:place>")
@open_to(StaffRole.COMPLAINTS, StaffRole.OFFICER)
def record(reference: str, correction: str, place: int) -> Response:
    """Record that the holder was told, or what the holder says."""
    case, found = _correction(reference, correction)
    row, here = _place(found, place), site()
    form = _place_form(case, found, row, place)
    what = form.choice("what", [o.value for o in _options(row)], empty="Choose what happened")
    on = form.day("on", what="day", latest=here.today())
    said = form.words("words", longest=LONGEST_TEXT)
    if what == _CONFIRMED.value and not said:
        form.fail("words", "Write what the holder said")
    form.check()
    change, by = here.services.rectification, staff_actor()
    with refused_on(form, fields={"words": "words"}, otherwise="what"):
        if what == _TOLD.value:
            change.report(case.id, correction=found.id, place=row.place, on=on, at=here.clock(), by=by)
        else:
            change.confirm(
                case.id, correction=found.id, place=row.place, on=on, words=said, at=here.clock(), by=by
            )
    return _back(reference, correction)


@blueprint.get("/answer")
@open_to(StaffRole.COMPLAINTS)
def answer_form(reference: str, correction: str) -> str:
    """The form for the answer that the family gets."""
    return _answer_form(*_correction(reference, correction)).render()


@blueprint.post("/answer")
@open_to(StaffRole.COMPLAINTS)
def answer(reference: str, correction: str) -> Response:
    """Record the answer: put right, in part, a statement added, or refused."""
    case, found = _correction(reference, correction)
    form, here = _answer_form(case, found), site()
    outcome = form.choice("outcome", [o.value for o in _OUTCOMES], empty="Choose the answer")
    reason = form.words("reason", empty="Write why, for the family", longest=LONGEST_TEXT)
    statement = form.words("statement", longest=LONGEST_TEXT)
    on = form.day("answered_on", what="day of the answer", latest=here.today())
    exemption = form.value("exemption")
    if exemption:
        known = [code for code, _ in here.services.enquiries.exemptions()]
        form.choice("exemption", known, empty="Choose the legal reason, or none")
    form.check()
    same = {name: name for name in ("reason", "statement", "answered_on", "exemption")}
    with refused_on(form, fields=same, otherwise="outcome"):
        here.services.rectification.answer(
            case.id, correction=found.id, outcome=CorrectionOutcome[outcome.upper()], reason=reason,
            statement=statement, answered_on=on, exemption=exemption, at=here.clock(), by=staff_actor(),
        )  # fmt: skip
    return _back(reference, correction)


@blueprint.post("/gathering")
@open_to(StaffRole.COMPLAINTS, StaffRole.OFFICER)
def look_again(reference: str, correction: str) -> Response:
    """Ask every store again: only a fresh look closes a correction."""
    case, _ = _correction(reference, correction)
    here = site()
    number = here.services.gathering.begin(case.id, at=here.clock(), by=staff_actor())
    here.jobs.start_gathering(case.id, number)
    return _back(reference, correction)


@blueprint.post("/check")
@open_to(StaffRole.COMPLAINTS, StaffRole.OFFICER)
def verify(reference: str, correction: str) -> Response:
    """Compare every place with what the newest gathering found."""
    case, found = _correction(reference, correction)
    if case.gathering != "complete":
        raise OutOfOrder(
            "The stores have not all answered.", next_step="Wait for the gathering, then check again."
        )
    here = site()
    here.services.rectification.verify(
        case.id, correction=found.id, round_number=case.round, at=here.clock(), by=staff_actor()
    )
    return _back(reference, correction)


def _correction(reference: str, correction: str) -> tuple[CasePage, CorrectionPage]:
    case = open_case(reference)
    return case, site().services.enquiries.correction(case.id, correction)


def _place(correction: CorrectionPage, number: int) -> PlaceRow:
    if not 1 <= number <= len(correction.places):
        raise not_here()
    return correction.places[number - 1]


def _options(row: PlaceRow) -> tuple[Option, ...]:
    """Where we can look ourselves, the holder's word is not enough and is not asked for."""
    return (_TOLD,) if row.is_ours else (_TOLD, _CONFIRMED)


def _place_form(case: CasePage, correction: CorrectionPage, row: PlaceRow, number: int) -> Form:
    return Form(
        "complaints/place.html", case=case, correction=correction, place=row, number=number,
        options=_options(row),
    )  # fmt: skip


_OUTCOMES = tuple(
    Option(value=outcome.name.lower(), text=outcome.value[:1].upper() + outcome.value[1:])
    for outcome in CorrectionOutcome
)


def _answer_form(case: CasePage, correction: CorrectionPage) -> Form:
    told = site().services.enquiries
    return Form(
        "complaints/answer.html", case=case, correction=correction, outcomes=_OUTCOMES,
        exemptions=[Option(value=code, text=f"{title} ({code})") for code, title in told.exemptions()],
    )  # fmt: skip


def _back(reference: str, correction: str) -> Response:
    return redirect(
        url_for("complaints_correction.page", reference=reference, correction=correction), code=303
    )
