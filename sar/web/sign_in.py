"""Signing in: families by a one-time code to their safe e-mail address, staff by password and second factor.

Whether an address is known is never shown: the same pages answer, and only a known address gets a
message. Opening a page uses nothing up; only sending the form does.
"""

from __future__ import annotations

from flask import Blueprint, current_app, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from sar.ports.access import (
    GUESSES_PER_ORIGIN,
    SIGN_INS_PER_ACCOUNT,
    SIGN_INS_PER_ORIGIN,
    SessionKind,
    SignInRefused,
    StaffAccount,
)
from sar.web import access, letters
from sar.web.access import ANY_STAFF, EVERYONE, entry_of, open_to
from sar.web.context import site
from sar.web.forms import Form, FormRefused
from sar.web.security import browser_token, replace_token

blueprint = Blueprint("sign_in", __name__)

LONGEST_PASSWORD = 1000
_DESKS = ("officer.queue", "complaints.desk", "tasks.mine", "officer_changes.cases")


@blueprint.get("/sign-in")
@open_to(EVERYONE)
def email() -> str:
    """Ask for the address."""
    return Form("sign_in/email.html").render()


@blueprint.post("/sign-in")
@open_to(EVERYONE)
def send_code() -> Response:
    """Send a code if the address is known, and answer the same if not."""
    form = Form("sign_in/email.html")
    address = form.email("email", empty="Enter the e-mail address you gave us")
    form.check()
    ensure_session()
    letters.send_code(address, token=browser_token(), origin=origin())
    return redirect(url_for("sign_in.code"), code=303)


@blueprint.get("/sign-in/code")
@open_to(EVERYONE)
def code() -> str:
    """Ask for the code."""
    return Form("sign_in/code.html", minutes=letters.CODE_MINUTES).render()


@blueprint.post("/sign-in/code")
@open_to(EVERYONE)
def use_code() -> Response:
    """Sign in with the code, in a new session."""
    form = Form("sign_in/code.html", minutes=letters.CODE_MINUTES)
    given = code_of(form, empty="Enter the 6 numbers from our message")
    form.check()
    here, at = site(), site().clock()
    here.accounts.attempt(GUESSES_PER_ORIGIN, origin(), at=at)
    try:
        holder = here.accounts.use_code(token=browser_token(), code=given, at=at)
    except SignInRefused as error:
        form.fail("code", f"{error.message} {error.next_step}")
        raise FormRefused(form) from error
    enter(SessionKind.FAMILY, holder)
    return redirect(url_for("family.requests"), code=303)


@blueprint.get("/staff/sign-in")
@open_to(EVERYONE)
def staff() -> str:
    """Username, password and second factor, together: which of them was wrong is never said."""
    return Form("sign_in/staff.html").render()


@blueprint.post("/staff/sign-in")
@open_to(EVERYONE)
def enter_staff() -> Response:
    """Check all three at once."""
    form = Form("sign_in/staff.html")
    username = form.words("username", empty="Enter your username")
    password = form.words("password", empty="Enter your password", longest=LONGEST_PASSWORD)
    given = form.words("code", empty="Enter the 6 numbers from your authenticator app")
    form.check()
    here, at = site(), site().clock()
    here.accounts.attempt(SIGN_INS_PER_ORIGIN, origin(), at=at)
    here.accounts.attempt(SIGN_INS_PER_ACCOUNT, username.casefold(), at=at)
    try:
        account = here.accounts.sign_in_staff(
            username=username, password=password, code="".join(given.split()), at=at
        )
    except SignInRefused as error:
        form.fail("username", f"{error.message} {error.next_step}")
        raise FormRefused(form) from error
    enter(SessionKind.STAFF, account.id)
    return redirect(_desk_of(account), code=303)


@blueprint.get("/staff")
@open_to(ANY_STAFF)
def staff_home() -> str | Response:
    """On to the account's own desk; an account without one is told whom to ask."""
    account = access.staff()
    desk = _desk_of(account)
    return (
        render_template("sign_in/staff_home.html")
        if desk == url_for("sign_in.staff_home")
        else redirect(desk)
    )


@blueprint.post("/sign-out")
@open_to(EVERYONE)
def out() -> Response:
    """End the session here and now, in this browser and in the database."""
    was_staff = g.sar_staff is not None
    site().accounts.close_session(browser_token())
    replace_token()
    g.sar_session = g.sar_staff = None
    return redirect(url_for("sign_in.staff" if was_staff else "family.home"), code=303)


def ensure_session() -> None:
    """Begin a visitor's session where none is live, so that a draft or a code has somewhere to be."""
    if g.sar_session is None:
        here = site()
        g.sar_session = here.accounts.open_session(
            token=browser_token(), kind=SessionKind.VISITOR, holder="", at=here.clock()
        )


def enter(kind: SessionKind, holder: str) -> None:
    """A new token and a new session; the old ones die. A draft request comes along for a family."""
    here = site()
    before = browser_token()
    draft = here.accounts.draft(before) if kind is SessionKind.FAMILY and g.sar_session is not None else {}
    here.accounts.close_session(before)
    token = replace_token()
    g.sar_session = here.accounts.open_session(token=token, kind=kind, holder=holder, at=here.clock())
    if draft:
        here.accounts.keep_draft(token, draft)


def _desk_of(account: StaffAccount) -> str:
    """The first desk that is open to any of the account's roles."""
    for endpoint in _DESKS:
        entry = entry_of(current_app.view_functions.get(endpoint, staff_home))
        if account.roles & entry:
            return url_for(endpoint)
    return url_for("sign_in.staff_home")


def origin() -> str:
    """Where a request comes from, for counting attempts."""
    return request.remote_addr or "unknown"


def code_of(form: Form, *, empty: str) -> str:
    """Six numbers as people type them, blanks and all."""
    given = "".join(form.words("code", empty=empty).split())
    if given and not (given.isascii() and given.isdigit() and len(given) == 6):  # noqa: PLR2004 - as sent
        form.fail("code", "The code has 6 numbers")
    return given
