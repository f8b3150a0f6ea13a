"""Asking over HTTP: one origin, bounded answers, bounded time, and a token that goes nowhere else."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import TracebackType
from typing import Any, Self

import httpx

from sar.domain.errors import BadMapping, StoreRefused, StoreUnavailable, UnreadableItem

_OK = 200
_REDIRECTS = range(300, 400)
_UNAUTHORISED = frozenset({401, 403})
_SERVER_FAULTS = range(500, 600)
_TOO_MANY = 429
_TIMED_OUT = 408


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """How a server is reached. The secret is used for the token and nowhere else."""

    url: str
    token_url: str = ""
    client_id: str = ""
    client_secret: str = ""
    scope: str = ""
    timeout_s: float = 10
    deadline_s: float = 60
    max_bytes: int = 100 * 1024 * 1024

    def __repr__(self) -> str:
        """Without the secret: settings turn up in tracebacks."""
        return f"HttpSettings(url={self.url!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back, whole."""

    status: int
    content: bytes
    content_type: str

    def json(self, label: str) -> Any:
        """The body as JSON, or a refusal that says what came instead."""
        if "json" not in self.content_type:
            raise refused(label, "it did not answer in JSON")
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError):
            raise refused(label, "its JSON is broken") from None


def refused(label: str, why: str) -> StoreRefused:
    """A refusal in the store's name."""
    return StoreRefused(
        f"{label}: {why}.", next_step="Speak to the store's owner, then run `sar stores check`."
    )


def unavailable(label: str, why: str) -> StoreUnavailable:
    """A silence in the store's name."""
    return StoreUnavailable(
        f"{label}: {why}.", next_step="It is asked again by itself; nothing else needs to be done now."
    )


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


class HttpSession:
    """The calls of one answer. Redirects are not followed; other origins are not called."""

    def __init__(self, settings: HttpSettings, label: str) -> None:
        self._settings = settings
        self._label = label
        self._base = httpx.URL(settings.url)
        if self._base.scheme not in {"http", "https"} or not self._base.host:
            raise BadMapping(f"{label}: its address is not a web address.", next_step="Correct `url`.")
        self._client = httpx.Client(
            timeout=settings.timeout_s, follow_redirects=False, trust_env=False, verify=_tls()
        )
        self._token = ""
        self._until = time.monotonic() + settings.deadline_s

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._client.close()

    def url(self, reference: str) -> httpx.URL:
        """A reference made absolute, if it stays on the store's own origin and path.

        :raises StoreRefused: it leads elsewhere.
        """
        target = httpx.URL(str(self._base).rstrip("/") + "/").join(reference)
        if (target.scheme, target.host, _port(target)) != (
            self._base.scheme,
            self._base.host,
            _port(self._base),
        ):
            raise refused(self._label, "it sent us to another address, which we do not follow")
        if target.userinfo:
            raise refused(self._label, "it sent us to an address with a password in it")
        return target

    def get(
        self, reference: str, params: Mapping[str, str] | None = None, *, accept: str = "application/json"
    ) -> Reply:
        """One bounded GET with the token. A stale token is renewed once."""
        reply = self._authorised_get(reference, params, accept)
        if reply.status in _UNAUTHORISED and self._token:
            self._token = ""
            reply = self._authorised_get(reference, params, accept)
        if reply.status in _UNAUTHORISED:
            raise refused(self._label, "it did not accept our credentials")
        return reply

    def get_item(self, reference: str, *, accept: str) -> Reply:
        """``get`` for one item among many: what is refused is that item, not the whole store.

        :raises UnreadableItem: it lies elsewhere, or we may not have it.
        """
        try:
            return self.get(reference, accept=accept)
        except StoreRefused as fault:
            raise UnreadableItem(
                "an item kept at another address, or not open to us",
                next_step="Ask the store's owner for it.",
                field="unreadable",
            ) from fault

    def _authorised_get(self, reference: str, params: Mapping[str, str] | None, accept: str) -> Reply:
        return self._send("GET", self.url(reference), params=params, headers=self._headers(accept))

    def _headers(self, accept: str) -> dict[str, str]:
        if self._settings.token_url and not self._token:
            self._token = self._fetch_token()
        return {"Accept": accept, **({"Authorization": f"Bearer {self._token}"} if self._token else {})}

    def _fetch_token(self) -> str:
        form = {"grant_type": "client_credentials"} | (
            {"scope": self._settings.scope} if self._settings.scope else {}
        )
        reply = self._send(
            "POST",
            httpx.URL(self._settings.token_url),
            data=form,
            auth=(self._settings.client_id, self._settings.client_secret),
        )
        if reply.status != _OK:
            raise refused(self._label, "its sign-in service did not give us a token")
        body = reply.json(self._label)
        token = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(token, str) or not token:
            raise refused(self._label, "its sign-in service did not give us a token")
        return token

    def _send(self, method: str, url: httpx.URL, **arguments: Any) -> Reply:
        try:
            with self._client.stream(method, url, **arguments) as response:
                _refuse_status(response, self._label)
                return Reply(
                    status=response.status_code,
                    content=self._body(response),
                    content_type=response.headers.get("content-type", "").casefold(),
                )
        except httpx.TimeoutException:
            raise unavailable(
                self._label, f"it did not answer in {self._settings.timeout_s:g} seconds"
            ) from None
        except httpx.TransportError:
            raise unavailable(self._label, "it could not be reached, or broke off") from None

    def _body(self, response: httpx.Response) -> bytes:
        """The body, unless it is larger or slower than allowed; the rest is not fetched."""
        parts: list[bytes] = []
        size = 0
        for part in response.iter_bytes():
            size += len(part)
            if size > self._settings.max_bytes:
                raise UnreadableItem(
                    f"{self._label}: an answer is larger than {self._settings.max_bytes // 1024 // 1024} MB.",
                    next_step="Ask the store's owner for it in pieces.",
                    field="too-large",
                )
            if time.monotonic() > self._until:
                raise unavailable(self._label, f"it was not done in {self._settings.deadline_s:g} seconds")
            parts.append(part)
        return b"".join(parts)


def _refuse_status(response: httpx.Response, label: str) -> None:
    status = response.status_code
    if status in _REDIRECTS:
        raise refused(label, "it sent us to another address, which we do not follow")
    if status in _SERVER_FAULTS or status in {_TOO_MANY, _TIMED_OUT}:
        raise unavailable(label, f"it answered with a fault of its own (status {status})")


def _port(url: httpx.URL) -> int:
    return url.port or {"http": 80, "https": 443}.get(url.scheme, 0)
