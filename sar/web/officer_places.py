"""What a case owes its stores: hold notices told by word of mouth, gaps closed by a person, what is due now."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from sar.domain.parties import StaffRole
from sar.domain.references import StoreName
from sar.ports.gaps import GapRow
from sar.ports.pages import CasePage, LegPage
from sar.services.holding import HoldRow
from sar.web.access import not_here, open_to, staff_actor
from sar.web.context import site
from sar.web.forms import LONGEST_TEXT, Form
from sar.web.staff_case import leg_in, open_case, refused_on

blueprint = Blueprint("officer_places", __name__, url_prefix="/officer/cases/<reference>")


@blueprint.post("/tending")
@open_to(StaffRole.OFFICER)
def tend(reference: str) -> Response:
    """Send what is due now: notices, tasks, reminders. Nothing is sent twice."""
    case, here = open_case(reference), site()
    here.services.tending.tend_case(case.id, at=here.clock())
    return _back(reference)


@blueprint.get("/holds/<store>")
@open_to(StaffRole.OFFICER)
def hold_form(reference: str, store: str) -> str:
    """The empty form."""
    case = open_case(reference)
    return _hold_form(case, _hold(case, store)).render()


@blueprint.post("/holds/<store>")
@open_to(StaffRole.OFFICER)
def hold(reference: str, store: str) -> Response:
    """Record who told the keeper of a store, and when."""
    case, here = open_case(reference), site()
    row = _hold(case, store)
    form = _hold_form(case, row)
    on = form.day("on", what="day they were told", latest=here.today())
    who = form.words("who", empty="Write who told whom, and how", longest=LONGEST_TEXT)
    form.check()
    with refused_on(form, fields={"on": "on", "who": "who"}):
        here.services.holding.told(
            case.id, store=row.store, who=who, on=on, at=here.clock(), by=staff_actor()
        )
    return _back(reference)


@blueprint.get("/legs/<int:leg>/gaps/<store>")
@open_to(StaffRole.OFFICER)
def gap_form(reference: str, leg: int, store: str) -> str:
    """The empty form."""
    case = open_case(reference)
    mine = leg_in(case, leg)
    return _gap_form(case, mine, _gap(mine, store)).render()


@blueprint.post("/legs/<int:leg>/gaps/<store>")
@open_to(StaffRole.OFFICER)
def close_gap(reference: str, leg: int, store: str) -> Response:
    """A person found that the place holds nothing."""
    case, here = open_case(reference), site()
    mine = leg_in(case, leg)
    gap = _gap(mine, store)
    form = _gap_form(case, mine, gap)
    name = form.words("name", empty="Enter the name and the role of whoever found that")
    reason = form.words("reason", empty="Write how they know", longest=LONGEST_TEXT)
    form.check()
    with refused_on(form, fields={"name": "name", "reason": "reason"}):
        here.services.gaps.close(
            case.id,
            leg=mine.number,
            store=gap.store,
            name=name,
            reason=reason,
            at=here.clock(),
            by=staff_actor(),
        )
    return _back(reference)


def _hold(case: CasePage, store: str) -> HoldRow:
    """A store whose keeper nobody has told yet."""
    here = site()
    for row in here.services.holding.rows(case.id, on=here.today()):
        if row.store == StoreName(store) and row.told_on is None:
            return row
    raise not_here()


def _gap(leg: LegPage, store: str) -> GapRow:
    for gap in leg.gaps:
        if gap.store == StoreName(store) and gap.is_open:
            return gap
    raise not_here()


def _hold_form(case: CasePage, row: HoldRow) -> Form:
    return Form("officer/hold_told.html", case=case, row=row)


def _gap_form(case: CasePage, leg: LegPage, gap: GapRow) -> Form:
    return Form("officer/gap_close.html", case=case, leg=leg, gap=gap)


def _back(reference: str) -> Response:
    return redirect(url_for("officer.case", reference=reference, _anchor="places"), code=303)
