"""Sign-off by a second person, the release, and the released pack."""

from __future__ import annotations

from html import escape

from flask import Blueprint, current_app, redirect, render_template, url_for
from werkzeug.wrappers import Response

from sar.domain.errors import NotFound
from sar.domain.gaps import DOINGS, why
from sar.domain.parties import StaffRole
from sar.ports.gaps import Declared
from sar.ports.jobs import JobState
from sar.ports.pages import CasePage, LegPage, ReviewRow
from sar.ports.readiness import Readiness
from sar.web.access import not_here, open_to, staff_actor
from sar.web.context import site
from sar.web.family_pack import pack_policy, with_bar
from sar.web.forms import LONGEST_TEXT, Form
from sar.web.officer import STOP_POLLING
from sar.web.security import browser_token
from sar.web.staff_case import leg_in, may, open_case, refused_on

blueprint = Blueprint("officer_signoff", __name__, url_prefix="/officer/cases/<reference>/legs/<int:leg>")

_NOTHING = Readiness(
    records=0, undecided_records=0, undecided_proposals=0, disclosed=0, withheld=0, out_of_scope=0,
    blockers=("Nothing is under review in this leg yet.",), warnings=(), short_strings=0, deciders=(),
)  # fmt: skip


@blueprint.get("/sign-off")
@open_to(StaffRole.OFFICER, StaffRole.APPROVER)
def page(reference: str, leg: int) -> str:
    """What stands between the leg and its release."""
    case = open_case(reference)
    return _form(case, leg_in(case, leg)).render()


@blueprint.post("/sign-off")
@open_to(StaffRole.APPROVER)
def sign_off(reference: str, leg: int) -> Response:
    """Redact every record and keep what may leave."""
    case = open_case(reference)
    mine = leg_in(case, leg)
    form, here = _form(case, mine), site()
    gaps = _declared(form, _readiness(case, mine))
    form.choice("checked", ("yes",), empty="Tick the box when you have looked at the decisions")
    form.check()
    fields = {f"{name}-{n}": f"{name}-{n}" for n in range(1, len(gaps) + 1) for name in _DECLARED}
    with refused_on(form, fields=fields, otherwise="checked"):
        here.services.signoff.sign_off(case.id, leg=mine.number, at=here.clock(), by=staff_actor(), gaps=gaps)
    return _back(reference, leg)


@blueprint.post("/return")
@open_to(StaffRole.APPROVER)
def take_back(reference: str, leg: int) -> Response:
    """Send it back to review before release."""
    case = open_case(reference)
    mine = leg_in(case, leg)
    form, here = _form(case, mine), site()
    reason = form.words("reason", empty="Write why it goes back", longest=LONGEST_TEXT)
    form.check()
    with refused_on(form, otherwise="reason"):
        here.services.signoff.return_to_review(
            case.id, leg=mine.number, reason=reason, at=here.clock(), by=staff_actor()
        )
    return _back(reference, leg)


@blueprint.post("/release")
@open_to(StaffRole.OFFICER, StaffRole.APPROVER)
def release(reference: str, leg: int) -> Response:
    """Start the work that builds, searches, signs and hands over the pack."""
    case, here = open_case(reference), site()
    mine = leg_in(case, leg)
    job = here.jobs.start_release(case.id, mine.number, mine.signed_off_round)
    token = browser_token()
    here.accounts.keep_draft(token, here.accounts.draft(token) | {_job_name(case, mine): job})
    return _back(reference, leg)


@blueprint.get("/release")
@open_to(StaffRole.OFFICER, StaffRole.APPROVER)
def progress(reference: str, leg: int) -> Response:
    """How the release stands, for a page that asks again by itself."""
    case = open_case(reference)
    mine = leg_in(case, leg)
    job = _job(case, mine)
    shown = render_template("officer/release.html", case=case, leg=mine, job=job, running=_runs(mine, job))
    answer = current_app.response_class(shown)
    if not _runs(mine, job):
        answer.status_code = STOP_POLLING
        answer.headers["HX-Refresh"] = "true"
    return answer


@blueprint.get("/pack")
@open_to(StaffRole.OFFICER, StaffRole.APPROVER)
def pack(reference: str, leg: int) -> Response:
    """The released pack's own page, as the family reads it."""
    case, mine = _released(reference, leg)
    content = site().services.packing.html(case.id, leg=mine.number)
    back = escape(url_for("officer_signoff.page", reference=reference, leg=leg))
    bar = f'<nav aria-label="This site"><a href="{back}">Back to the case</a></nav>'.encode()
    shown = with_bar(content, bar)
    answer = current_app.response_class(shown, mimetype="text/html")
    answer.headers["Content-Security-Policy"] = pack_policy(content)
    return answer


@blueprint.get("/pack.pdf")
@open_to(StaffRole.OFFICER, StaffRole.APPROVER)
def pdf(reference: str, leg: int) -> Response:
    """The signed PDF, byte for byte as it was released."""
    case, mine = _released(reference, leg)
    answer = current_app.response_class(
        site().services.packing.pdf(case.id, leg=mine.number), mimetype="application/pdf"
    )
    answer.headers["Content-Disposition"] = f'attachment; filename="{reference}-pack-{mine.number}.pdf"'
    return answer


def _readiness(case: CasePage, leg: LegPage) -> Readiness:
    here = site()
    return (
        here.services.signoff.readiness(case.id, leg=leg.number, on=here.today()) if leg.records else _NOTHING
    )


_DECLARED = ("missing", "doing", "follows")


def _declared(form: Form, ready: Readiness) -> tuple[Declared, ...]:
    """What the approver says of each place that has no final answer."""
    return tuple(
        Declared(
            store=place.store,
            missing=form.words(
                f"missing-{n}", empty=f"Write what is missing: {place.label}", longest=LONGEST_TEXT
            ),
            doing=form.choice(f"doing-{n}", DOINGS, empty=f"Choose what we do about it: {place.label}"),
            follows_on=form.day(f"follows-{n}", what=f"day the rest will follow ({place.label})"),
        )
        for n, place in enumerate(ready.missing, start=1)
    )


def _form(case: CasePage, leg: LegPage) -> Form:
    ready = _readiness(case, leg)
    job = _job(case, leg)
    return Form(
        "officer/sign_off.html", case=case, leg=leg, ready=ready, may=may(), job=job, running=_runs(leg, job),
        to_agree=_to_agree(case, leg, ready), doings=DOINGS, why=why,
    )  # fmt: skip


def _to_agree(case: CasePage, leg: LegPage, ready: Readiness) -> list[tuple[int, ReviewRow]]:
    """Records in which words about a protected source wait for an approver, with their place in the list."""
    wanted = {record for record, _ in ready.to_confirm}
    rows = site().services.enquiries.review_list(case.id, leg=leg.number) if wanted else ()
    return [(number, row) for number, row in enumerate(rows, start=1) if row.record in wanted]


def _job_name(case: CasePage, leg: LegPage) -> str:
    return f"release {case.reference} {leg.number}"


def _job(case: CasePage, leg: LegPage) -> JobState | None:
    """The release this browser started, if it started one: other browsers go by the case's own stage."""
    known = site().accounts.draft(browser_token()).get(_job_name(case, leg))
    if known is None:
        return None
    try:
        return site().jobs.state(known)
    except NotFound:
        return None


def _runs(leg: LegPage, job: JobState | None) -> bool:
    """Whether to look again: signed off, started here, and neither done nor failed."""
    return leg.stage in {"signed-off", "blocked", "released"} and job is not None and job.status in {
        "waiting", "running",
    }  # fmt: skip


def _released(reference: str, leg: int) -> tuple[CasePage, LegPage]:
    case = open_case(reference)
    mine = leg_in(case, leg)
    if mine.pack is None:
        raise not_here()
    return case, mine


def _back(reference: str, leg: int) -> Response:
    return redirect(url_for("officer_signoff.page", reference=reference, leg=leg), code=303)
