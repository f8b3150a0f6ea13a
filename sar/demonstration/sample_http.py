"""What the sample servers share: JSON answers, tokens, a bearer check. Loopback only.

A token is given for a client's secret or, as SMART backend services has it, for a question signed with the
client's private key: right audience, short life, and every number (``jti``) once only.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import time
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

CLIENT_ID = "sar-demonstration"
_LONGEST_LIFE_S = 300
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class SampleServer(ThreadingHTTPServer):
    """One service on a free port of this machine, with its own client secret and tokens."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(
        self,
        handler: type[SampleHandler],
        secret: str,
        port: int = 0,
        *,
        keys: Mapping[str, RSAPublicKey | EllipticCurvePublicKey] | None = None,
        token_lasts_s: int = 300,
    ) -> None:
        super().__init__(("127.0.0.1", port), handler)
        self.secret = secret
        self.keys = keys or {}
        self.token_lasts_s = token_lasts_s
        self.tokens: dict[str, float] = {}
        self.used_numbers: set[str] = set()

    @property
    def origin(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class SampleHandler(BaseHTTPRequestHandler):
    """Answers one request. Services override ``reply``."""

    protocol_version = "HTTP/1.1"
    # Head and body in one packet: written apart they wait for each other on loopback.
    wbufsize = -1
    content_type: ClassVar[str] = "application/json"
    server: SampleServer

    def reply(self, path: str, query: Mapping[str, list[str]]) -> None:
        """Answer an authorised GET."""
        raise LookupError(path, query)

    def do_GET(self) -> None:
        """Check the bearer token, then answer."""
        parts = urlsplit(self.path)
        if parts.path.endswith("/health/ping"):
            self.say(HTTPStatus.OK, {"status": "UP"})
        elif not self._authorised():
            self.say(HTTPStatus.UNAUTHORIZED, {"status": 401, "userMessage": "A token is needed."})
        else:
            self.reply(parts.path, parse_qs(parts.query))

    def do_POST(self) -> None:
        """The token endpoint: client credentials, in the form or as basic authentication."""
        size = int(self.headers.get("Content-Length") or 0)
        form = parse_qs(self.rfile.read(min(size, 10_000)).decode("utf-8", "replace"))
        if not urlsplit(self.path).path.endswith("/token") or form.get("grant_type") != [
            "client_credentials"
        ]:
            self.say(HTTPStatus.BAD_REQUEST, {"error": "invalid_request"})
        elif not (self._is_signed(form) if self.server.keys else self._knows_client()):
            self.say(HTTPStatus.UNAUTHORIZED, {"error": "invalid_client"})
        else:
            token = secrets.token_urlsafe(24)
            lasts = self.server.token_lasts_s
            self.server.tokens[token] = time.monotonic() + (lasts or _LONGEST_LIFE_S)
            self.say(HTTPStatus.OK, {"access_token": token, "token_type": "Bearer", "expires_in": lasts})

    def do_HEAD(self) -> None:
        """Nothing but the head: it says what time it is here."""
        self.say(HTTPStatus.NO_CONTENT)

    def say(self, status: int, body: object = None, *, content_type: str = "") -> None:
        """Send a status and, unless empty, a JSON body."""
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(status)
        if content:
            self.send_header("Content-Type", content_type or self.content_type)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
        """Say nothing: queries hold numbers that identify people."""

    def _knows_client(self) -> bool:
        scheme, _, encoded = self.headers.get("Authorization", "").partition(" ")
        if scheme.casefold() != "basic":
            return False
        try:
            given = base64.b64decode(encoded, validate=True).decode()
        except ValueError:
            return False
        return hmac.compare_digest(given, f"{CLIENT_ID}:{self.server.secret}")

    def _is_signed(self, form: Mapping[str, list[str]]) -> bool:
        assertion = (form.get("client_assertion") or [""])[0]
        audience = f"{self.server.origin}{urlsplit(self.path).path}"
        try:
            key = self.server.keys[str(jwt.get_unverified_header(assertion).get("kid"))]
            claims = jwt.decode(
                assertion,
                key,
                algorithms=["RS384" if isinstance(key, RSAPublicKey) else "ES384"],
                audience=audience,
                issuer=CLIENT_ID,
                subject=CLIENT_ID,
                options={"require": ["exp", "iat", "jti", "iss", "sub", "aud"]},
            )
        except (jwt.PyJWTError, KeyError):
            return False
        number = str(claims["jti"])
        fresh = number not in self.server.used_numbers
        self.server.used_numbers.add(number)
        short = claims["exp"] - claims["iat"] <= _LONGEST_LIFE_S
        named = form.get("client_assertion_type") == [_ASSERTION] and bool(form.get("scope"))
        return fresh and short and named

    def _authorised(self) -> bool:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        return scheme.casefold() == "bearer" and time.monotonic() < self.server.tokens.get(token, 0)
