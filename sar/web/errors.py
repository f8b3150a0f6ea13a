"""Every failure as a page: what happened, what to do now, and the right status."""

from __future__ import annotations

import logging

from flask import Flask, g, render_template, request
from markupsafe import escape
from werkzeug.exceptions import HTTPException

from sar.domain.errors import (
    EnvironmentFault,
    IntegrityFault,
    InvalidInput,
    NotAllowed,
    NotFound,
    OutOfOrder,
    SARError,
    StoreFault,
    WithheldTextFound,
)
from sar.ports.access import SessionOver, SignInRefused, TooManyAttempts
from sar.web.forms import ONCE_FIELD, FormRefused
from sar.web.security import CSRF_FIELD, ForgedForm
from sar.web.uploads import LARGEST_UPLOAD, makes_room

_LOG = logging.getLogger("sar.web")
_STATUS: tuple[tuple[type[SARError], int], ...] = (
    (ForgedForm, 400),
    (TooManyAttempts, 429),
    (SessionOver, 401),
    (SignInRefused, 422),
    (InvalidInput, 422),
    (NotFound, 404),
    (NotAllowed, 403),
    (OutOfOrder, 409),
    (WithheldTextFound, 409),
    (StoreFault, 502),
    (IntegrityFault, 500),
    (EnvironmentFault, 503),
    (SARError, 500),
)
_TITLES = {
    400: "We could not accept that form",
    401: "You need to sign in",
    403: "You cannot open this page",
    404: "Page not found",
    405: "Page not found",
    409: "This cannot be done now",
    413: "That is too much to send",
    422: "There is a problem",
    429: "Too many tries",
    502: "A record system did not answer",
    503: "The service is not ready",
}
_OTHERS = {
    400: ("Your browser sent something we do not understand.", "Go back and try once more."),
    401: ("You are not signed in, or were away too long.", "Sign in, then do it again. Nothing was changed."),
    404: ("We cannot find that page.", "Check the address, or go to the start page and choose from there."),
    413: ("What you sent is too long.", "Make it shorter, or send it in two parts."),
}
_TOO_MANY_FILES = (
    f"The files are larger than {LARGEST_UPLOAD // 1024 // 1024} megabytes together. None of them was stored.",
    "Go back and hand in fewer at once: the task takes more papers afterwards.",
)
_UNKNOWN = (
    "Something went wrong on our side. Nothing you typed was sent on.",
    "Try again in a few minutes. If it goes on, ring or write to us.",
)


_NOT_TYPED = frozenset({CSRF_FIELD, ONCE_FIELD, "outcome", "person", "proposal", "record"})
_LOSES_WORDS = frozenset({400, 401})
"""Refusals after which a browser shows the form again empty."""


def _typed(status: int) -> tuple[str, ...]:
    """What stood in a form that was turned away as a whole, so that nobody has to think of it again.

    Only for whoever sent our own cookie along, so never for a form from elsewhere; and no password.
    """
    if status not in _LOSES_WORDS or request.method != "POST" or getattr(g, "sar_token_is_new", True):
        return ()
    if (request.endpoint or "").startswith("sign_in."):
        return ()
    return tuple(v.strip() for k, v in request.form.items(multi=True) if k not in _NOT_TYPED and v.strip())


def status_of(error: SARError) -> int:
    """The HTTP status of a refusal."""
    return next(status for kind, status in _STATUS if isinstance(error, kind))


def answer_failures(app: Flask) -> None:
    """Register the pages."""

    @app.errorhandler(FormRefused)
    def _form(error: FormRefused) -> tuple[str, int]:
        return error.form.render(), 422

    @app.errorhandler(SARError)
    def _refusal(error: SARError) -> tuple[str, int]:
        status = status_of(error)
        _LOG.log(logging.ERROR if status >= 500 else logging.INFO, "%s %s", error.code, request.endpoint)  # noqa: PLR2004
        return _page(status, error.message, error.next_step)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> tuple[str, int] | HTTPException:
        status = error.code or 500
        if status < 400:  # noqa: PLR2004 - redirects are not failures
            return error
        message, next_step = _OTHERS.get(404 if status == 405 else status, _UNKNOWN)  # noqa: PLR2004
        if status == 413 and makes_room():  # noqa: PLR2004
            message, next_step = _TOO_MANY_FILES
        return _page(status, message, next_step)

    @app.errorhandler(Exception)
    def _fault(error: Exception) -> tuple[str, int]:
        # The kind only: the words of an unknown fault may hold somebody's data.
        _LOG.error("fault %s at %s", type(error).__name__, request.endpoint)
        return _page(500, *_UNKNOWN)


def _page(status: int, message: str, next_step: str) -> tuple[str, int]:
    title = _TITLES.get(status, "Sorry, there is a problem")
    try:
        page = render_template(
            "shared/error.html", heading=title, message=message, next_step=next_step, status=status,
            typed=_typed(status),
        )  # fmt: skip
    except Exception as error:  # noqa: BLE001 - the frame itself is broken: answer bare, and log no words
        _LOG.error("fault %s in the error page", type(error).__name__)
        bare = "".join(f"<p>{escape(words)}</p>" for words in (message, next_step))
        page = f"<!DOCTYPE html><html lang='en'><title>{escape(title)}</title><h1>{escape(title)}</h1>{bare}"
    return page, status
