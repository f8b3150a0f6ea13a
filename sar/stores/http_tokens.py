"""Tokens: OAuth2 client credentials with a secret, or SMART backend services with a private key."""

from __future__ import annotations

import stat
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import httpx
import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import SECP384R1, EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from sar.domain.errors import BadMapping
from sar.stores.http_exchange import Exchange, Reply, refused

_OK = 200
_ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LASTS = timedelta(minutes=2)
_SKEW = timedelta(seconds=5)
_EARLY_S = 5
_RSA_BITS = 2048
_SMART_SCOPE = "system/*.read"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key whose public half the server knows by ``key_id``."""

    key: RSAPrivateKey | EllipticCurvePrivateKey
    algorithm: str
    key_id: str

    def __repr__(self) -> str:
        """Without the key: settings turn up in tracebacks."""
        return f"SigningKey(algorithm={self.algorithm!r})"


def read_signing_key(path: Path, *, key_id: str, where: str) -> SigningKey:
    """A key file in PEM: RSA signs RS384, P-384 signs ES384.

    :raises BadMapping: it is not there, open to others, or not such a key.
    """

    def bad(what: str, todo: str) -> BadMapping:
        return BadMapping(f"{where}: `private_key` {what}", next_step=todo, field="private_key")

    if not key_id:
        raise BadMapping(
            f"{where}: a `private_key` needs its `key_id`",
            next_step="Write the `kid` under which the server knows the public key.",
            field="key_id",
        )
    try:
        mode = path.stat().st_mode
        if not stat.S_ISREG(mode) or mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise bad("may be read by others than its owner", f"Run: chmod 600 {path.name}")
        key = load_pem_private_key(path.read_bytes(), password=None)
    except OSError as fault:
        raise bad("cannot be read", "Correct the path, or who may read the file.") from fault
    except (ValueError, TypeError, UnsupportedAlgorithm) as fault:
        raise bad(
            "is not a private key in PEM without a password", "Make one, see docs/stores/fhir.md."
        ) from fault
    if isinstance(key, RSAPrivateKey) and key.key_size >= _RSA_BITS:
        return SigningKey(key, "RS384", key_id)
    if isinstance(key, EllipticCurvePrivateKey) and isinstance(key.curve, SECP384R1):
        return SigningKey(key, "ES384", key_id)
    raise bad(
        "is of a kind these servers do not accept", "Use RSA with 2048 bits or more, or the curve P-384."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """How a token is had. The secret and the key are used for this and nothing else."""

    token_url: str = ""
    client_id: str = ""
    client_secret: str = ""
    scope: str = ""
    key: SigningKey | None = None
    clock: Callable[[], datetime] | None = None
    """What a signed question is dated by; without one, the sign-in service's own clock."""

    def __repr__(self) -> str:
        """Without the secret."""
        return f"SignIn(token_url={self.token_url!r})"


class Tokens:
    """The token of one answer: fetched when first needed, renewed when it has run out or is refused."""

    def __init__(self, sign_in: SignIn, exchange: Exchange, label: str) -> None:
        self._sign_in = sign_in
        self._exchange = exchange
        self._label = label
        self._token = ""
        self._until: float | None = None

    @property
    def is_used(self) -> bool:
        """Whether this server wants tokens."""
        return bool(self._sign_in.token_url)

    def current(self) -> str:
        """The token, or nothing where none is wanted."""
        if not self.is_used:
            return ""
        if not self._token or (self._until is not None and time.monotonic() >= self._until):
            self._fetch()
        return self._token

    def forget(self) -> None:
        """It was refused: the next one is fresh."""
        self._token = ""

    def _fetch(self) -> None:
        reply = self._ask()
        body = reply.json(self._label) if reply.status == _OK else None
        token = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(body, dict) or not isinstance(token, str) or not _is_sendable(token):
            raise refused(self._label, "its sign-in service did not give us a token")
        self._token = token
        lasts = body.get("expires_in")
        stated = isinstance(lasts, int | float) and not isinstance(lasts, bool) and lasts > _EARLY_S
        # A life of nothing is a clock that goes wrong: the token is used until it is refused.
        self._until = time.monotonic() + float(lasts) - _EARLY_S if stated and lasts is not None else None

    def _ask(self) -> Reply:
        url = httpx.URL(self._sign_in.token_url)
        form = {"grant_type": "client_credentials"}
        key = self._sign_in.key
        if scope := self._sign_in.scope or (_SMART_SCOPE if key else ""):
            form["scope"] = scope
        if key is None:
            secret = (self._sign_in.client_id, self._sign_in.client_secret)
            return self._exchange.send("POST", url, data=form, auth=secret)
        moment = (
            self._sign_in.clock()
            if self._sign_in.clock
            else self._their_moment(self._exchange.send("HEAD", url))
        )
        reply = self._exchange.send("POST", url, data=form | self._signed(key, moment))
        if reply.status != _OK:
            theirs = self._their_moment(reply)
            if abs(theirs - moment) > _SKEW:
                # Our clocks differ: what counts is whether the service's own says that the question is fresh.
                reply = self._exchange.send("POST", url, data=form | self._signed(key, theirs))
        return reply

    def _their_moment(self, reply: Reply) -> datetime:
        try:
            return parsedate_to_datetime(reply.date)
        except ValueError:
            raise refused(self._label, "its sign-in service refused our signed question") from None

    def _signed(self, key: SigningKey, moment: datetime) -> dict[str, str]:
        claims: dict[str, Any] = {
            "iss": self._sign_in.client_id,
            "sub": self._sign_in.client_id,
            "aud": self._sign_in.token_url,
            "iat": int(moment.timestamp()),
            "exp": int((moment + _LASTS).timestamp()),
            "jti": str(uuid.uuid4()),
        }
        assertion = jwt.encode(claims, key.key, algorithm=key.algorithm, headers={"kid": key.key_id})
        return {"client_assertion_type": _ASSERTION, "client_assertion": assertion}


def _is_sendable(token: str) -> bool:
    return bool(token) and token.isascii() and token.isprintable() and " " not in token
