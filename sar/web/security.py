"""Cookies, forged-request protection and the headers every answer carries."""

from __future__ import annotations

import hmac
import re
import secrets
from hashlib import sha256

from flask import Flask, Response, g, request

from sar.domain.errors import InvalidInput

COOKIE = "__Host-sid"
CSRF_FIELD = "csrf"
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_READING = frozenset({"GET", "HEAD", "OPTIONS"})
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Strict-Transport-Security": "max-age=63072000; includeSubDomains",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class ForgedForm(InvalidInput):
    """A form without the mark this browser was given."""

    code = "input.form-mark"


def new_token() -> str:
    """A session token: 256 bits of chance, kept nowhere but in the visitor's cookie."""
    return secrets.token_urlsafe(32)


def browser_token() -> str:
    """The token in this browser's cookie, or a fresh one that the answer will set if a form needs it."""
    if "sar_token" not in g:
        given = request.cookies.get(COOKIE, "")
        g.sar_token = given if _TOKEN.fullmatch(given) else new_token()
        g.sar_token_is_new = g.sar_token != given
    return str(g.sar_token)


def replace_token() -> str:
    """A new token for this browser, so that no token from before sign-in or sign-out works after it."""
    g.sar_token = new_token()
    g.sar_send_cookie = True
    return str(g.sar_token)


def csrf_token() -> str:
    """The mark for this browser's forms, derived from its token: nothing is stored to check it."""
    token = browser_token()
    g.sar_send_cookie = getattr(g, "sar_send_cookie", False) or g.sar_token_is_new
    return hmac.new(token.encode(), b"form mark", sha256).hexdigest()


def check_csrf() -> None:
    """Refuse a changing request whose form does not carry this browser's mark."""
    if request.method in _READING:
        return
    given = request.form.get(CSRF_FIELD, "")
    token = browser_token()
    wanted = hmac.new(token.encode(), b"form mark", sha256).hexdigest()
    if g.sar_token_is_new or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise ForgedForm(
            "This form is too old, or did not come from our site. Nothing was changed.",
            next_step="Go back, load the page again and send it once more. Cookies must be allowed.",
        )


def protect(app: Flask) -> None:
    """Put the headers and the cookie on every answer, errors included."""

    @app.after_request
    def _finish(response: Response) -> Response:
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("Content-Security-Policy", _POLICY)
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        if getattr(g, "sar_send_cookie", False):
            response.set_cookie(COOKIE, g.sar_token, secure=True, httponly=True, samesite="Lax", path="/")
        return response
