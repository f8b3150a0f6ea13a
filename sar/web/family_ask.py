"""Asking: a few short pages, kept between pages, one sending at the end.

What is typed is sealed into the browser's session as it goes, so that a shared phone can be put down.
Each page lists the answers it keeps; a page that is not asked of this person (a child's, when they ask
about themself only) is skipped, and a later page sends the reader back to the first one left open.
"""

from __future__ import annotations

from flask import Blueprint, g, redirect, url_for
from werkzeug.wrappers import Response

from sar.domain.pathways import INFORMATION_PART
from sar.ports.access import REQUESTS_PER_ORIGIN
from sar.web import family_sent
from sar.web.access import EVERYONE, FAMILY_ACTOR, not_here, open_to
from sar.web.context import site
from sar.web.family_ask_pages import CONTEXT, DATES, LISTS, PAGES, AskPage, Draft, day_in, wants_own
from sar.web.family_request import request_from
from sar.web.forms import Form, new_mark, once_key
from sar.web.security import browser_token
from sar.web.sign_in import ensure_session, origin

blueprint = Blueprint("family_ask", __name__, url_prefix="/ask")

_MARK = "mark"
"""Made when a draft begins: whatever is pressed twice, one draft is one request."""

_BY_NAME = {page.name: page for page in PAGES}


@blueprint.get("")
@open_to(EVERYONE)
def start() -> Response:
    """Go to the first page that is still open."""
    return redirect(_first_open(_draft()), code=303)


@blueprint.get("/<name>")
@open_to(EVERYONE)
def page(name: str) -> str | Response:
    """One page, with what was typed before."""
    asked, draft = _page(name), _draft()
    if not _may_open(asked, draft):
        return redirect(_first_open(draft), code=303)
    return _form(asked, draft).render()


@blueprint.post("/<name>")
@open_to(EVERYONE)
def save(name: str) -> Response:
    """Keep one page's answers and go on."""
    asked, draft = _page(name), _draft()
    if not _may_open(asked, draft):
        return redirect(_first_open(draft), code=303)
    form = _form(asked, draft)
    asked.read(form, draft, site().today())
    form.check()
    answers = {f: "\n".join(form.values(f)) if f in LISTS else form.value(f) for f in asked.fields}
    ensure_session()
    kept = {_MARK: new_mark(), **draft, **answers}
    kept[f"done-{asked.name}"] = asked.form_of(kept)
    site().accounts.keep_draft(browser_token(), kept)
    # Pages answered before stay answered, so a change on one page leads straight back to the check.
    return redirect(_first_open(kept), code=303)


@blueprint.get("/check")
@open_to(EVERYONE)
def check() -> str | Response:
    """Everything typed, to look over before sending."""
    draft = _draft()
    if _open_pages(draft):
        return redirect(_first_open(draft), code=303)
    return _check_form(draft).render()


@blueprint.post("/check")
@open_to(EVERYONE)
def send() -> Response:
    """Make the request and forget the draft. The address may follow it when it is proved, not before."""
    draft = _draft()
    if draft.get("sent") and not any(f"done-{page.name}" in draft for page in PAGES):
        # Sent a moment ago, by a second press of the same button.
        return redirect(url_for("family_sent.receipt"), code=303)
    if _open_pages(draft):
        return redirect(_first_open(draft), code=303)
    form = _check_form(draft)
    here, at = site(), site().clock()
    here.accounts.attempt(REQUESTS_PER_ORIGIN, origin(), at=at)
    new = request_from(
        draft, received_on=here.today(), nation=here.config.nation,
        proved=family_sent.is_proved(draft["email"]),
    )  # fmt: skip
    with form.refusals():
        head = here.services.intake.receive(
            new, at=at, by=FAMILY_ACTOR, once=once_key(draft.get(_MARK, ""), draft.items())
        )
    # Whoever keeps a store hears at once that nothing may be changed.
    here.services.tending.tend_case(head.id, at=at)
    if _draft().get("sent-case") != head.id:
        parts = [*range(1, len(new.legs) + 1), *([INFORMATION_PART] if new.information is not None else [])]
        family_sent.begin(head, draft, parts=parts)
    return redirect(url_for("family_sent.receipt"), code=303)


def _draft() -> dict[str, str]:
    """What was typed so far in a session that is still alive."""
    return site().accounts.draft(browser_token()) if g.sar_session is not None else {}


def _page(name: str) -> AskPage:
    if name not in _BY_NAME:
        raise not_here()
    return _BY_NAME[name]


def _form(asked: AskPage, draft: Draft) -> Form:
    before = [p.name for p in PAGES if p.applies(draft)]
    place = before.index(asked.name) if asked.name in before else 0
    back = url_for("family.home") if place == 0 else url_for("family_ask.page", name=before[place - 1])
    return Form(
        asked.template, saved=draft, page=asked, back=back, draft=draft, own=wants_own(draft), **CONTEXT
    )


def _open_pages(draft: Draft) -> list[AskPage]:
    return [p for p in PAGES if p.applies(draft) and not p.is_done(draft)]


def _may_open(asked: AskPage, draft: Draft) -> bool:
    """A page opens when it is asked of this person and everything before it was answered."""
    waiting = _open_pages(draft)
    return asked.applies(draft) and (not waiting or PAGES.index(asked) <= PAGES.index(waiting[0]))


def _first_open(draft: Draft) -> str:
    waiting = _open_pages(draft)
    return url_for("family_ask.page", name=waiting[0].name) if waiting else url_for("family_ask.check")


def _check_form(draft: Draft) -> Form:
    asked = [p for p in PAGES if p.applies(draft)]
    days = {name: day_in(draft, name) for name in DATES}
    names = {page.name for page in asked}
    return Form(
        "family/ask_check.html", saved=draft, draft=draft, pages=asked, names=names, days=days,
        own=wants_own(draft), **CONTEXT,
    )  # fmt: skip
