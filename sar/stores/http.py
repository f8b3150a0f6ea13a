"""Asking over HTTP: one origin, bounded answers, bounded time, and a token that goes nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import ip_address
from types import TracebackType
from typing import Self

import httpx

from sar.domain.errors import BadMapping, StoreRefused, StoreUnavailable, UnreadableItem
from sar.stores.http_exchange import LATE, UNREACHABLE, Exchange, Limits, Query, Reply, refused, unavailable
from sar.stores.http_tokens import SignIn, SigningKey, Tokens

_UNAUTHORISED = frozenset({401, 403})
_OF_OURS = frozenset(
    {
        "host",
        "content-length",
        "transfer-encoding",
        "connection",
        "te",
        "upgrade",
        "expect",
        "trailer",
        "cookie",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """How a server is reached. The secret is used for the token and nowhere else."""

    url: str
    token_url: str = ""
    client_id: str = ""
    client_secret: str = ""
    scope: str = ""
    key: SigningKey | None = None
    clock: Callable[[], datetime] | None = None
    timeout_s: float = 10
    reply_s: float = 120
    deadline_s: float = 1800
    max_bytes: int = 100 * 1024 * 1024
    attachment_hosts: tuple[str, ...] = ()
    """Other hosts (``files.example`` or ``files.example:8443``) that attachments may be fetched from."""

    def __repr__(self) -> str:
        """Without the secret, nor one in the address: settings turn up in tracebacks."""
        scheme, mark, rest = self.url.partition("://")
        return f"HttpSettings(url={scheme + mark + rest.rpartition('@')[2]!r})"

    @property
    def limits(self) -> Limits:
        """What a reply may take."""
        return Limits(
            timeout_s=self.timeout_s,
            reply_s=self.reply_s,
            deadline_s=self.deadline_s,
            max_bytes=self.max_bytes,
        )

    @property
    def sign_in(self) -> SignIn:
        """How a token is had."""
        return SignIn(
            token_url=self.token_url,
            client_id=self.client_id,
            client_secret=self.client_secret,
            scope=self.scope,
            key=self.key,
            clock=self.clock,
        )


class HttpSession:
    """The calls of one answer. Redirects are not followed; other origins are not called."""

    def __init__(self, settings: HttpSettings, label: str) -> None:
        self._label = label
        self._base = web_address(settings.url, label, "url")
        self._hosts = settings.attachment_hosts
        if settings.token_url:
            web_address(settings.token_url, label, "token_url")
        self._folder = httpx.URL(str(self._base).rstrip("/") + "/")
        self._exchange = Exchange(settings.limits, label)
        self._tokens = Tokens(settings.sign_in, self._exchange, label)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._exchange.close()

    def url(self, reference: str) -> httpx.URL:
        """A reference made absolute, if it stays on the store's own origin.

        :raises StoreRefused: it leads elsewhere, or nowhere.
        """
        target = self._joined(reference)
        if not _same_origin(target, self._base):
            raise refused(self._label, "it sent us to another address, which we do not follow")
        return target

    def get(
        self,
        reference: str,
        params: Query | None = None,
        *,
        accept: str = "application/json",
        told: frozenset[int] = frozenset(),
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """One bounded GET with the token. A stale token is renewed once.

        :param told: statuses that come back as replies although they are faults.
        """
        target = self.url(reference)
        reply = self._authorised_get(target, params, accept, told, headers)
        if reply.status in _UNAUTHORISED and self._tokens.is_used:
            self._tokens.forget()
            reply = self._authorised_get(target, params, accept, told, headers)
        if reply.status in _UNAUTHORISED - told:
            raise refused(self._label, "it did not accept our credentials")
        return reply

    def require_time(self) -> None:
        """Nothing while there is time left for the whole answer.

        :raises StoreUnavailable: there is none: what came takes longer to read than it may.
        """
        self._exchange.require_time()

    def get_item(self, reference: str, *, accept: str, headers: Mapping[str, str] | None = None) -> Reply:
        """``get`` for one item among many: what fails is that item, not the whole store.

        On another host, if the settings list it, over TLS and without the token.

        :raises UnreadableItem: it lies elsewhere, does not come, or we may not have it.
        :raises StoreUnavailable: nobody listens there any more, so that nothing else would come either.
        """
        own = False
        try:
            target = self._joined(reference)
            own = _same_origin(target, self._base)
            if own:
                return self._twice(lambda: self.get(reference, accept=accept, headers=headers))
            self._require_listed(target)
            sent = {"Accept": accept, **(headers or {})}
            return self._twice(lambda: self._exchange.send("GET", target, headers=sent))
        except StoreRefused as fault:
            raise _item("an item kept at another address, or not open to us") from fault
        except StoreUnavailable as fault:
            if own and fault.field == UNREACHABLE:
                raise
            raise _item("an item that its server lists but did not send whole") from fault

    def _twice(self, ask: Callable[[], Reply]) -> Reply:
        """Once more, at once, for an item that broke off: often enough the second time goes well."""
        try:
            return ask()
        except StoreUnavailable as fault:
            if fault.field in {UNREACHABLE, LATE}:
                raise
            return ask()

    def _authorised_get(
        self,
        target: httpx.URL,
        params: Query | None,
        accept: str,
        told: frozenset[int],
        headers: Mapping[str, str] | None,
    ) -> Reply:
        token = self._tokens.current()
        sent = {"Accept": accept, **(headers or {})}
        if token:
            sent = {k: v for k, v in sent.items() if k.casefold() != "authorization"}
            sent["Authorization"] = f"Bearer {token}"
        return self._exchange.send("GET", target, params=params, headers=sent, told=told)

    def _joined(self, reference: str) -> httpx.URL:
        try:
            target = self._folder.join(reference)
        except (httpx.InvalidURL, ValueError, TypeError):
            raise refused(self._label, "it gave an address that is none") from None
        if target.userinfo:
            raise refused(self._label, "it sent us to an address with a password in it")
        return target

    def _require_listed(self, target: httpx.URL) -> None:
        if target.scheme != "https" and not (target.scheme == "http" and is_loopback(target.host)):
            raise refused(self._label, "it sent us to another address that is not protected")
        usual = _port(httpx.URL(f"{target.scheme}://x/"))
        written = {f"{target.host}:{_port(target)}"} | ({target.host} if _port(target) == usual else set())
        if not written & set(self._hosts):
            raise refused(self._label, "it sent us to another address, which we do not follow")


def listed_headers(listed: object) -> dict[str, str]:
    """The headers that an attachment wants to be fetched with.

    :raises UnreadableItem: they are not a list of names and values, or name what is ours to set.
    """
    if listed is None:
        return {}
    pairs = listed if isinstance(listed, Sequence) and not isinstance(listed, str) else [None]
    headers: dict[str, str] = {}
    for pair in pairs:
        name = pair.get("name") if isinstance(pair, dict) else None
        value = pair.get("value") if isinstance(pair, dict) else None
        if not (isinstance(name, str) and isinstance(value, str) and _is_header(name, value)):
            raise _item("an attachment that asks for a header that cannot be sent")
        headers[name] = value
    return headers


def _is_header(name: str, value: str) -> bool:
    letters = name.replace("-", "").replace("_", "")
    plain = letters.isascii() and letters.isalnum() and value.isascii() and value.isprintable()
    return plain and name.casefold() not in _OF_OURS


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def web_address(written: str, label: str, field: str) -> httpx.URL:
    """An address that may be sent a secret.

    :raises BadMapping: it is none, holds a password, or leads over the net without protection.
    """
    try:
        url = httpx.URL(written)
    except httpx.InvalidURL:
        url = httpx.URL("")
    if url.scheme not in {"http", "https"} or not url.host:
        raise BadMapping(
            f"{label}: `{field}` is not a web address.", next_step=f"Correct `{field}`.", field=field
        )
    if url.userinfo:
        raise BadMapping(
            f"{label}: `{field}` has a name or a password in it.",
            next_step="Take it out, and write `client_id` and `client_secret` instead.",
            field=field,
        )
    if url.scheme != "https" and not is_loopback(url.host):
        raise BadMapping(
            f"{label}: `{field}` is not protected: what is sent there could be read on the way.",
            next_step=f"Begin `{field}` with https://; http:// is for this machine itself only.",
            field=field,
        )
    return url


def _item(why: str) -> UnreadableItem:
    return UnreadableItem(why, next_step="Ask the store's owner for it.", field="unreadable")


def _same_origin(first: httpx.URL, second: httpx.URL) -> bool:
    return (first.scheme, first.host, _port(first)) == (second.scheme, second.host, _port(second))


def _port(url: httpx.URL) -> int:
    return url.port or {"http": 80, "https": 443}.get(url.scheme, 0)


__all__ = [
    "HttpSession", "HttpSettings", "Reply", "SigningKey", "is_loopback", "listed_headers", "refused", "unavailable",
    "web_address",
]  # fmt: skip
