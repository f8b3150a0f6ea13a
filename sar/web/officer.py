"""The officer's queue, and a case on one page: its legs, its stores, what waits, and what happened."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response

from sar.domain.parties import StaffRole
from sar.web.access import open_to, staff_actor
from sar.web.context import site
from sar.web.officer_gathering import progress_of
from sar.web.staff_case import CONFLICTS, READERS, may, open_case, reached

blueprint = Blueprint("officer", __name__, url_prefix="/officer")

STOP_POLLING = 286
"""The answer by which htmx stops asking."""
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
    return render_template(
        "officer/case.html", case=page, progress=progress_of(reference), may=may(), conflicts=CONFLICTS,
        timeline=page.happened[::-1],
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
    """The answers so far, for a page that asks again by itself; at the end the whole page is loaded anew."""
    progress = progress_of(reference)
    answer = current_app.response_class(render_template("officer/gathering.html", progress=progress))
    if progress.state != "running":
        answer.status_code = STOP_POLLING
        answer.headers["HX-Refresh"] = "true"
    return answer
