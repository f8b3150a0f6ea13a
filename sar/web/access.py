"""Who may open which page. Every view says it; a view that says nothing is shut."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Flask, abort, current_app, g, redirect, request, url_for
from werkzeug.wrappers import Response

from sar.domain.errors import NotAllowed, NotFound
from sar.domain.parties import Actor, StaffRole
from sar.domain.references import CaseReference, StaffId
from sar.ports.access import Grant, Session, SessionKind, SessionOver, StaffAccount
from sar.web.context import site
from sar.web.security import browser_token, check_csrf
from sar.web.uploads import make_room

EVERYONE = "everyone"
FAMILY = "family"
ANY_STAFF = "any staff"
Entry = str | StaffRole
View = TypeVar("View", bound=Callable[..., Any])


def open_to(*who: Entry) -> Callable[[View], View]:
    """Say who may enter: EVERYONE, FAMILY, ANY_STAFF or some staff roles. Stands next to the function."""

    def mark(view: View) -> View:
        view.sar_entry = frozenset(who)  # type: ignore[attr-defined]  # the mark the guard reads
        return view

    return mark


def entry_of(view: Callable[..., Any]) -> frozenset[Entry]:
    """Who may enter a view; nobody when it does not say."""
    entry: frozenset[Entry] = getattr(view, "sar_entry", frozenset())
    return entry


def guard(app: Flask) -> None:
    """Check every request before its view: the form's mark, the session, the role."""

    @app.before_request
    def _check() -> Response | None:
        g.sar_session = None
        g.sar_staff = None
        if request.endpoint == "static":
            return None
        if request.host.rsplit(":", 1)[0] not in site().config.hosts:
            abort(400)
        _recognise()
        if _is_staff_of_view():
            make_room()
        check_csrf()
        if request.endpoint is None:
            return None  # No such address: the error page answers.
        return _admit(entry_of(current_app.view_functions[request.endpoint]))


def see_one_moment(app: Flask) -> None:
    """A page asks many services about one case: it is opened once, and the page shows one moment of it."""

    @app.before_request
    def _begin() -> None:
        if request.endpoint not in {None, "static"}:
            g.sar_moment = ExitStack()
            g.sar_moment.enter_context(site().services.enquiries.one_moment())

    @app.teardown_request
    def _end(_failure: BaseException | None) -> None:
        if moment := g.pop("sar_moment", None):
            moment.close()


def _is_staff_of_view() -> bool:
    """Whether a member of staff is signed in who may open the view that was asked for."""
    account: StaffAccount | None = g.sar_staff
    view = current_app.view_functions.get(request.endpoint or "")
    return account is not None and view is not None and bool(account.roles & entry_of(view))


def _recognise() -> None:
    token = browser_token()
    if g.sar_token_is_new:
        return
    try:
        g.sar_session = site().accounts.session(token, at=site().clock())
        if g.sar_session.kind is SessionKind.STAFF:
            g.sar_staff = site().accounts.staff(StaffId(g.sar_session.holder))
    except (SessionOver, NotFound):
        g.sar_session = None


def _admit(entry: frozenset[Entry]) -> Response | None:
    if EVERYONE in entry:
        return None
    wanted = SessionKind.FAMILY if FAMILY in entry else SessionKind.STAFF
    live: Session | None = g.sar_session
    if live is None or live.kind is SessionKind.VISITOR:
        return _to_sign_in(wanted)
    if FAMILY in entry and live.kind is SessionKind.FAMILY:
        return None
    account: StaffAccount | None = g.sar_staff
    if account is not None and (ANY_STAFF in entry or account.roles & entry):
        return None
    raise NotAllowed(
        "Your account may not open this page.",
        next_step="Sign out and sign in with another account, or ask the records team.",
    )


def _to_sign_in(kind: SessionKind) -> Response:
    if request.method != "GET":
        abort(401)
    if request.headers.get("HX-Request"):
        # A page that asks again by itself: a redirect would put the sign-in page into the middle of it.
        return current_app.response_class(status=HTTPStatus.UNAUTHORIZED, headers={"HX-Refresh": "true"})
    page = "sign_in.email" if kind is SessionKind.FAMILY else "sign_in.staff"
    return redirect(url_for(page), code=303)


def is_signed_in() -> bool:
    """Whether somebody, family or staff, is signed in."""
    live: Session | None = g.get("sar_session")
    return live is not None and live.kind is not SessionKind.VISITOR


def is_family() -> bool:
    """Whether a family account is signed in."""
    return is_signed_in() and g.sar_session.kind is SessionKind.FAMILY


def staff() -> StaffAccount:
    """The member of staff who is signed in; only for views open to staff."""
    account: StaffAccount | None = g.sar_staff
    if account is None:
        raise NotAllowed("Only staff may do this.", next_step="Sign in as a member of staff.")
    return account


def staff_actor() -> Actor:
    """The same person as the services want to know them."""
    account = staff()
    return Actor(
        id=account.id, name=account.name, roles=account.roles, stores=account.stores,
        controllers=account.controllers,
    )  # fmt: skip


def staff_or_none() -> StaffAccount | None:
    """For the layout only."""
    account: StaffAccount | None = g.get("sar_staff")
    return account


FAMILY_ACTOR = Actor(id=StaffId("family"), name="the family", is_family=True)
"""Events keep no more of a family than that it was the family."""


def family_grants(reference: str) -> tuple[Grant, ...]:
    """This account's grants to one request. Another family's request reads like one that does not exist."""
    granted = site().accounts.grants(g.sar_session.holder) if is_family() else ()
    mine = tuple(grant for grant in granted if str(grant.reference) == reference)
    if not mine:
        raise not_here()
    return mine


def not_here() -> NotFound:
    """The one answer for what is missing and for what is somebody else's."""
    return NotFound(
        "We cannot find that page.",
        next_step="Check the address, or go to the start page and choose from there.",
    )


def case_reference(text: str) -> CaseReference:
    """A reference out of an address; a wrong shape reads like a missing case."""
    try:
        return CaseReference(text)
    except Exception as error:
        raise not_here() from error
