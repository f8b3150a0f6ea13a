"""The officer's queue, and a case on one page: its legs, its stores, what waits, and what happened."""

from __future__ import annotations

from http import HTTPStatus

from flask import Blueprint, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sar.domain.parties import StaffRole
from sar.web.access import open_to, staff_actor
from sar.web.context import site
from sar.web.officer_gathering import mark_of, progress_of
from sar.web.staff_case import CONFLICTS, READERS, may, open_case, reached

blueprint = Blueprint("officer", __name__, url_prefix="/officer")

STOP_POLLING = 286
"""The answer by which htmx stops asking."""
NEWEST = 12
"""Events that a case shows by itself: there can be thousands."""
_ANSWERED = frozenset({"released", "delivered", "answered"})


@blueprint.get("/")
@open_to(*READERS)
def queue() -> str:
    """Open requests by due date, then those already answered. No names: a queue is read over shoulders."""
    rows = site().services.enquiries.queue(on=site().today())
    return render_template(
        "officer/queue.html",
        waiting=[row for row in rows if row.stage not in _ANSWERED or row.gaps],
        answered=[row for row in rows if row.stage in _ANSWERED and not row.gaps],
        may=may(),
    )


@blueprint.get("/cases/<reference>")
@open_to(*READERS)
def case(reference: str) -> str:
    """Everything about one case."""
    page = open_case(reference)
    progress = progress_of(reference, page)
    newest = page.happened[::-1]
    return render_template(
        "officer/case.html", case=page, progress=progress, mark=mark_of(progress), may=may(), conflicts=CONFLICTS,
        now=int(site().clock().timestamp()),
        timeline=newest if request.args.get("events") == "all" else newest[:NEWEST],
        reached=reached(page), letters=site().services.correspondence.sent(page.id)[::-1],
        tasks=site().services.tasks.of_case(page.id, on=site().today()),
        holds=site().services.holding.rows(page.id, on=site().today()),
        changes=site().services.comparing.waiting(page.id),
    )  # fmt: skip


@blueprint.post("/cases/<reference>/gathering")
@open_to(StaffRole.OFFICER)
def gather(reference: str) -> Response:
    """Ask every store. A round that runs, or that stopped half-way, goes on where it was."""
    page, here = open_case(reference), site()
    number = here.services.gathering.begin(page.id, at=here.clock(), by=staff_actor())
    here.jobs.start_gathering(page.id, number)
    return redirect(url_for("officer.case", reference=reference, _anchor="gathering"), code=303)


@blueprint.get("/cases/<reference>/gathering")
@open_to(*READERS)
def gathering(reference: str) -> Response:
    """The answers so far, for a page that asks again by itself; at the end the whole page is loaded anew.

    While nothing is new nothing is sent: whoever listens to the page is not told the same again.
    """
    progress = progress_of(reference)
    mark = mark_of(progress)
    if progress.state == "running" and request.args.get("seen") == mark:
        return current_app.response_class(status=HTTPStatus.NO_CONTENT)
    shown = render_template("officer/gathering_live.html", progress=progress, mark=mark)
    answer = current_app.response_class(shown)
    if progress.state != "running":
        answer.status_code = STOP_POLLING
        answer.headers["HX-Refresh"] = "true"
    return answer
