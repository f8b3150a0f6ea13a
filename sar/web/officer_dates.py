"""Putting a date right: the dated entries of a case, and a short form for each."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from sar.domain.parties import StaffRole
from sar.ports.pages import CasePage, DatedRow
from sar.web.access import not_here, open_to, staff_actor
from sar.web.context import site
from sar.web.forms import LONGEST_TEXT, Form
from sar.web.staff_case import Option, open_case, refused_on

blueprint = Blueprint("officer_dates", __name__, url_prefix="/officer/cases/<reference>/dates")

WRONG_DAY, MISTAKE = "day", "mistake"
WRONGS = (
    Option(value=WRONG_DAY, text="The day is wrong"),
    Option(value=MISTAKE, text="This entry was made by mistake", hint="It will not move the date any more"),
)


@blueprint.get("")
@open_to(StaffRole.OFFICER)
def entries(reference: str) -> str:
    """Everything the due date is worked out from."""
    case = open_case(reference)
    return render_template(
        "officer/dates.html", case=case, rows=site().services.enquiries.dated_entries(case.id)
    )


@blueprint.get("/<int:entry>")
@open_to(StaffRole.OFFICER)
def entry(reference: str, entry: int) -> str:
    """The empty form for one entry."""
    case = open_case(reference)
    return _form(case, _row(case, entry)).render()


@blueprint.post("/<int:entry>")
@open_to(StaffRole.OFFICER)
def put_right(reference: str, entry: int) -> Response:
    """Keep the right day, or take the entry back."""
    case, here = open_case(reference), site()
    row = _row(case, entry)
    form = _form(case, row)
    wrong = WRONG_DAY
    if row.can_withdraw:
        wrong = form.choice("wrong", [o.value for o in WRONGS], empty="Choose what is wrong")
    on = form.day("on", what="right day", latest=here.today()) if wrong == WRONG_DAY else None
    reason = form.words("reason", empty="Write how you know this", longest=LONGEST_TEXT)
    form.check()
    keeper, at, by = here.services.timekeeping, here.clock(), staff_actor()
    with refused_on(form, fields={"reason": "reason"}, otherwise="on" if on else "wrong"):
        if on is not None:
            keeper.correct_date(case.id, event=row.event, on=on, reason=reason, at=at, by=by)
        else:
            keeper.withdraw_entry(case.id, event=row.event, reason=reason, at=at, by=by)
    return redirect(url_for("officer_dates.entries", reference=reference), code=303)


def _row(case: CasePage, event: int) -> DatedRow:
    """An entry that still stands."""
    for row in site().services.enquiries.dated_entries(case.id):
        if row.event == event and not row.withdrawn:
            return row
    raise not_here()


def _form(case: CasePage, row: DatedRow) -> Form:
    return Form("officer/date.html", case=case, row=row, wrongs=WRONGS)
