"""What an officer does with a gathering: try it out, stop it, ask only what is missing, and show what was searched."""

from __future__ import annotations

import contextlib
from dataclasses import replace

from flask import Blueprint, render_template, url_for
from flask import redirect as go_to
from werkzeug.wrappers import Response

from sar.domain.errors import NotFound
from sar.domain.parties import StaffRole
from sar.domain.references import CaseId
from sar.ports.pages import CasePage
from sar.ports.searching import Progress, QuestionState
from sar.web.access import case_reference, open_to, staff_actor
from sar.web.context import site
from sar.web.staff_case import open_case

blueprint = Blueprint("officer_gathering", __name__, url_prefix="/officer")


def progress_of(reference: str, case: CasePage | None = None) -> Progress:
    """The newest round, with the moment of each next attempt where some place did not answer.

    :param case: where it is open already.
    """
    here = site()
    progress = here.services.gathering.progress(case_reference(reference))
    if progress.state == "running":
        return _with_its_work(progress, (case or open_case(reference)).id)
    if not progress.gaps:
        return progress
    tries = here.jobs.next_attempts((case or open_case(reference)).id, progress.round)
    if not tries:
        return progress
    return here.services.gathering.progress(case_reference(reference), next_attempts=tries)


def _with_its_work(progress: Progress, case: CaseId) -> Progress:
    """With whether the work on it gets on."""
    jobs = site().jobs
    try:
        job = jobs.state(jobs.gathering_job(case, progress.round))
    except NotFound:  # Begun just now: its work is put down next.
        return progress
    return replace(progress, hung_since=job.hung_since, has_failed=job.status in {"failed", "cancelled"})


def mark_of(progress: Progress) -> str:
    """What a watching page has seen. It is sent back in an address, so it is made of counts and words of state."""
    waiting = sum(q.state is QuestionState.WAITING for q in progress.questions)
    attempts = sum(q.attempt for q in progress.questions)
    counts = (progress.round, progress.answered, waiting, attempts, progress.records, progress.late)
    stands_still = progress.has_failed or progress.hung_since is not None
    return "-".join([progress.state.replace(" ", ""), *map(str, counts), str(int(stands_still))])


@blueprint.get("/cases/<reference>/search")
@open_to(StaffRole.OFFICER, StaffRole.APPROVER)
def search(reference: str) -> str:
    """What was searched, with what, when and by whose order. To be printed; never for the family as it is."""
    log = site().services.gathering.search_log(case_reference(reference))
    return render_template("officer/search.html", log=log)


@blueprint.post("/cases/<reference>/gathering/estimate")
@open_to(StaffRole.OFFICER)
def estimate(reference: str) -> Response:
    """Is anything held? Every store says about how much; nothing is fetched."""
    page, here = open_case(reference), site()
    here.services.gathering.estimate(page.id, at=here.clock(), by=staff_actor())
    return _back(reference, estimated="yes")


@blueprint.post("/cases/<reference>/gathering/missing")
@open_to(StaffRole.OFFICER)
def missing(reference: str) -> Response:
    """A new round that asks only what is still open."""
    page, here = open_case(reference), site()
    number = here.services.gathering.begin(page.id, at=here.clock(), by=staff_actor(), only_missing=True)
    here.jobs.start_gathering(page.id, number)
    return _back(reference)


@blueprint.post("/cases/<reference>/gathering/late")
@open_to(StaffRole.OFFICER)
def late(reference: str) -> Response:
    """Take in answers that came after the round was closed."""
    page, here = open_case(reference), site()
    here.services.gathering.take_in(page.id, round_number=page.round, at=here.clock(), by=staff_actor())
    return _back(reference)


@blueprint.post("/cases/<reference>/gathering/stop")
@open_to(StaffRole.OFFICER)
def stop(reference: str) -> Response:
    """Stop a round before its end. What was answered stays."""
    page, here = open_case(reference), site()
    here.services.gathering.cancel(page.id, round_number=page.round, at=here.clock(), by=staff_actor())
    with contextlib.suppress(NotFound):  # Begun, but its work was never put down: there is nothing to stop.
        here.jobs.cancel(here.jobs.gathering_job(page.id, page.round))
    return _back(reference)


def _back(reference: str, **more: str) -> Response:
    return go_to(url_for("officer.case", reference=reference, _anchor="gathering", **more), code=303)  # type: ignore[arg-type]  # names of the address
