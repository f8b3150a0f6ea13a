"""What changed in the stores after the request, for those who look at it: see ``LOOKERS``."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from sar.domain.parties import StaffRole
from sar.ports.changes import ChangeRow, LegChanges
from sar.ports.pages import CasePage
from sar.web.access import not_here, open_to, staff_actor
from sar.web.context import site
from sar.web.forms import LONGEST_TEXT, Form
from sar.web.paging import Paged, paged
from sar.web.staff_case import LOOKERS, may, open_case, refused_on

blueprint = Blueprint("officer_changes", __name__, url_prefix="/officer")


@blueprint.get("/changes")
@open_to(StaffRole.DATA_PROTECTION_OFFICER, StaffRole.APPROVER)
def cases() -> str:
    """Every case, by its reference alone, and how many changes wait to be looked at."""
    return render_template("officer/changes_cases.html", rows=site().services.comparing.cases())


@blueprint.get("/cases/<reference>/changes")
@open_to(*LOOKERS)
def page(reference: str) -> str:
    """Every change, leg by leg."""
    return _form(open_case(reference)).render()


@blueprint.get("/cases/<reference>/changes/<int:leg>/<int:number>")
@open_to(*LOOKERS)
def change(reference: str, leg: int, number: int) -> str:
    """One change, with the words as they were and as they are."""
    case = open_case(reference)
    _leg(_found(case), leg)
    shown = site().services.comparing.shown(case.id, leg=leg, number=number, by=staff_actor())
    return render_template("officer/change.html", reference=case.reference, leg=leg, shown=shown)


@blueprint.post("/cases/<reference>/changes/<int:leg>/<int:round_number>/seen")
@open_to(StaffRole.APPROVER)
def see(reference: str, leg: int, round_number: int) -> Response:
    """Keep that an approver looked at all of them, and what they found."""
    case, here = open_case(reference), site()
    form, field = _form(case), f"note-{leg}"
    note = form.words(field, empty="Write what you found", longest=LONGEST_TEXT)
    form.check()
    with refused_on(form, fields={"note": field}, otherwise=field):
        here.services.comparing.see(
            case.id, leg=leg, round_number=round_number, note=note, at=here.clock(), by=staff_actor()
        )
    return redirect(url_for("officer_changes.page", reference=reference), code=303)


@blueprint.get("/cases/<reference>/trail")
@open_to(StaffRole.DATA_PROTECTION_OFFICER, StaffRole.APPROVER)
def trail(reference: str) -> str:
    """Everything that was recorded, in order: dates, counts and codes, no names."""
    case = open_case(reference)
    return render_template("officer/trail.html", reference=case.reference, rows=case.timeline)


def _found(case: CasePage) -> tuple[LegChanges, ...]:
    return site().services.comparing.found(case.id, by=staff_actor())


def _leg(found: tuple[LegChanges, ...], number: int) -> LegChanges:
    for leg in found:
        if leg.leg == number:
            return leg
    raise not_here()


def _paged(case: CasePage, rows: tuple[ChangeRow, ...], name: str) -> Paged[ChangeRow]:
    return paged(rows, "officer_changes.page", name=name, reference=str(case.reference))


def _form(case: CasePage) -> Form:
    found = _found(case)
    return Form(
        "officer/changes.html", reference=case.reference, received_on=case.received_on, found=found, may=may(),
        changes={leg.leg: _paged(case, leg.changes, f"page-{leg.leg}") for leg in found},
        file_dates={leg.leg: _paged(case, leg.file_dates, f"dates-{leg.leg}") for leg in found},
    )  # fmt: skip
