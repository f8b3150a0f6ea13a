"""One HTTP question and its whole reply: bounded in time, in size and in what it may unpack to."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import httpx

from sar.domain.errors import StoreRefused, StoreUnavailable, UnreadableItem

_REDIRECTS = range(300, 400)
_SERVER_FAULTS = range(500, 600)
_TOO_MANY = 429
_TIMED_OUT = 408
_GZIP = 31
_AGAIN_S = 0.05
_NOT_A_CHARACTER = re.compile(rb"\\u[dD][89a-fA-F]")
Pairs = Callable[[list[tuple[str, Any]]], dict[str, Any]]
Query = Mapping[str, str | Sequence[str]]
"""What follows the question mark of an address; one name may have several values."""
MAX_VALUES = 4_000_000
"""Commas and brackets in one reply: parsed, each may take a hundred times its one byte."""
_MAX_RATIO = 200
_MANY_BYTES = 8 * 1024 * 1024
"""Packed text unpacks to ten or forty times its size; what swells more, beyond so many bytes, is a bomb."""
UNREACHABLE = "unreachable"
"""The ``field`` of a fault when nobody listens there at all: the next question would fail too."""
LATE = "late"
"""The ``field`` of a fault when the time was up: to ask again at once would take as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long a server may be silent, may take over one reply and over the whole answer, and how much it may send."""

    timeout_s: float = 10
    """Silence: no byte for so long."""
    reply_s: float = 120
    """One reply from its question to its last byte, however it drips."""
    deadline_s: float = 1800
    """The whole answer: many replies."""
    max_bytes: int = 100 * 1024 * 1024
    """One reply, unpacked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back, whole."""

    status: int
    content: bytes
    content_type: str
    length: int | None = None
    """What the server said beforehand that the content measures; None when it did not say."""
    date: str = ""

    def json(self, label: str, *, pairs: Pairs | None = None) -> Any:
        """The body as JSON, or a refusal that says what came instead.

        :param pairs: makes an object of its fields; without it the last one of a name wins.

        Bytes that are no characters become half surrogates, by which ``is_legible`` knows the damaged items.
        """
        if "json" not in self.content_type:
            raise refused(label, "it did not answer in JSON")
        if sum(map(self.content.count, (b",", b"[", b"{"))) > MAX_VALUES:
            raise refused(label, "its answer has more parts than we accept at once")
        try:
            return json.loads(self.content, strict=False, object_pairs_hook=pairs)
        except UnicodeDecodeError:
            pass
        except (ValueError, RecursionError):
            raise refused(label, "its JSON is broken") from None
        try:
            text = self.content.decode("utf-8", "surrogateescape")
            return json.loads(text, strict=False, object_pairs_hook=pairs)
        except (ValueError, RecursionError):
            raise refused(label, "its JSON is broken") from None

    @property
    def may_be_damaged(self) -> bool:
        """Whether some text in it may hold what is no character; then each item is looked at."""
        try:
            self.content.decode()
        except UnicodeDecodeError:
            return True
        return bool(_NOT_A_CHARACTER.search(self.content))


def is_legible(item: object) -> bool:
    """Whether every text of a parsed item consists of characters."""
    try:
        json.dumps(item, ensure_ascii=False).encode()
    except (UnicodeEncodeError, RecursionError):
        return False
    return True


def refused(label: str, why: str) -> StoreRefused:
    """A refusal in the store's name."""
    return StoreRefused(
        f"{label}: {why}.", next_step="Speak to the store's owner, then run `sar stores check`."
    )


def each_field(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object of which a service sent one field twice: the later one has a name of its own, and none is lost."""
    fields = dict(pairs)
    if len(fields) == len(pairs):
        return fields
    fields = {}
    for key, value in pairs:
        name, turn = key, 1
        while name in fields and fields[name] != value:
            turn += 1
            name = f"{key} ({turn})"
        fields[name] = value
    return fields


def unavailable(label: str, why: str, *, field: str = "") -> StoreUnavailable:
    """A silence in the store's name."""
    return StoreUnavailable(
        f"{label}: {why}.",
        next_step="It is asked again by itself; nothing else needs to be done now.",
        field=field,
    )


@cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


class Exchange:
    """A client of one answer. Redirects are not followed, cookies not kept, proxies of the machine not used."""

    def __init__(self, limits: Limits, label: str) -> None:
        self._limits = limits
        self._label = label
        self._transport = httpx.HTTPTransport(verify=_tls(), trust_env=False)
        self._client = httpx.Client(
            transport=self._transport,
            timeout=limits.timeout_s,
            follow_redirects=False,
            trust_env=False,
            # A cookie goes to every port of a host: it could carry a session to another service there.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            headers={"Accept-Encoding": "gzip", "User-Agent": "subject-access"},
        )
        self._watch = _Watch(limits)

    def close(self) -> None:
        """Hang up."""
        self._watch.close()
        self._client.close()

    def require_time(self) -> None:
        """Nothing while there is time left.

        :raises StoreUnavailable: the time for the whole answer is up.
        """
        if not self._watch.has_time:
            raise self._late(self._limits.deadline_s)

    def send(
        self, method: str, url: httpx.URL, *, told: frozenset[int] = frozenset(), **arguments: Any
    ) -> Reply:
        """One question.

        :param told: statuses that the caller wants to see although they are faults.
        :raises StoreUnavailable: no answer, or a fault of the server's own.
        :raises StoreRefused: it cannot be asked like this.
        :raises UnreadableItem: the reply is larger than allowed.
        """
        if not self._watch.begin():
            raise self._late(self._limits.deadline_s)
        try:
            with contextlib.closing(self._begun(method, url, **arguments)) as response:
                if response.status_code not in told:
                    _refuse_status(response.status_code, self._label)
                packed = response.headers.get("content-encoding", "identity").strip().casefold() != "identity"
                return Reply(
                    status=response.status_code,
                    content=self._body(response),
                    content_type=response.headers.get("content-type", "").casefold(),
                    length=None if packed else _number(response.headers.get("content-length", "")),
                    date=response.headers.get("date", ""),
                )
        except (httpx.HTTPError, httpx.InvalidURL, OSError, UnicodeError) as fault:
            raise self._told(fault) from None
        finally:
            self._watch.end()

    def _begun(
        self, method: str, url: httpx.URL, *, auth: tuple[str, str] | None = None, **arguments: Any
    ) -> httpx.Response:
        """What came of a question as far as its headers; the body is still to be read."""
        extensions = {"trace": self._watch.trace}
        request = self._client.build_request(method, url, extensions=extensions, **arguments)
        if auth is not None:
            return self._client.send(request, auth=auth, stream=True)
        # Of what the client does around it (redirects, cookies, sign-in) a question needs nothing: a store is asked
        # thousands.
        return self._transport.handle_request(request)

    def _told(self, fault: Exception) -> StoreUnavailable | StoreRefused:
        if self._watch.has_hung_up:
            return self._late(self._watch.allowed)
        if isinstance(fault, httpx.ConnectError | httpx.ConnectTimeout):
            return unavailable(self._label, "it could not be reached", field=UNREACHABLE)
        if isinstance(fault, httpx.TimeoutException):
            why = f"it did not answer in {self._limits.timeout_s:g} seconds"
            return unavailable(self._label, why, field=LATE)
        if isinstance(fault, httpx.LocalProtocolError | httpx.UnsupportedProtocol | UnicodeError):
            return refused(self._label, "it asks for a question that cannot be sent")
        if isinstance(fault, httpx.InvalidURL):
            return refused(self._label, "it gave an address that is none")
        return unavailable(self._label, "it broke off, or did not speak HTTP")

    def _late(self, seconds: float) -> StoreUnavailable:
        return unavailable(self._label, f"it was not done in {seconds:g} seconds", field=LATE)

    def _body(self, response: httpx.Response) -> bytes:
        """The body, unless it is larger than allowed, packed or not; the rest is not fetched."""
        most = self._limits.max_bytes
        if (_number(response.headers.get("content-length", "")) or 0) > most:
            raise self._too_large()
        unpack = self._unpacker(response.headers.get("content-encoding", ""))
        parts: list[bytes] = []
        size, came = 0, 0
        for raw in response.iter_raw():
            part = raw if unpack is None else unpack.more(raw, most - size + 1)
            size += len(part)
            came += len(raw)
            swells = unpack is not None and size > max(_MANY_BYTES, _MAX_RATIO * came)
            if size > most or swells:
                raise self._too_large()
            parts.append(part)
        if unpack is not None and not unpack.is_whole:
            raise unavailable(self._label, "a packed answer did not arrive whole")
        return b"".join(parts)

    def _unpacker(self, encoding: str) -> _Unpacker | None:
        if encoding.strip().casefold() in {"", "identity"}:
            return None
        if encoding.strip().casefold() not in {"gzip", "x-gzip"}:
            raise refused(self._label, "its answer is packed in a way we did not ask for")
        return _Unpacker(self._label)

    def _too_large(self) -> UnreadableItem:
        return UnreadableItem(
            f"{self._label}: an answer is larger than {self._limits.max_bytes / 1024 / 1024:g} MB,"
            " or swells without end when it is unpacked.",
            next_step="Ask the store's owner for it in pieces, or raise `max_megabytes`.",
            field="too-large",
        )


class _Unpacker:
    """Gzip, never more than asked for at once: a bomb ends at the limit, not in memory."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._inner = zlib.decompressobj(_GZIP)

    @property
    def is_whole(self) -> bool:
        """Whether the packed answer came to its own end."""
        return self._inner.eof

    def more(self, raw: bytes, most: int) -> bytes:
        """What these bytes unpack to, at most so many."""
        unpacked = b""
        try:
            while raw and len(unpacked) < most:
                if self._inner.eof:
                    self._inner = zlib.decompressobj(_GZIP)
                unpacked += self._inner.decompress(raw, most - len(unpacked))
                raw = self._inner.unused_data
        except zlib.error:
            raise unavailable(self._label, "a packed answer is damaged") from None
        return unpacked


class _Watch:
    """Hangs up when a reply, or all replies together, take too long: silence alone does not see a drip.

    The client waits for each byte afresh, so a server that sends one byte a second would hold it for ever.
    """

    def __init__(self, limits: Limits) -> None:
        self._reply_s = limits.reply_s
        self._deadline_s = limits.deadline_s
        self._whole = time.monotonic() + limits.deadline_s
        self._until: float | None = None
        self._sockets: list[socket.socket] = []
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None
        self.has_hung_up = False
        self.allowed = limits.reply_s

    def begin(self) -> bool:
        """A question is about to be asked; False when there is no time left for any."""
        now = time.monotonic()
        self.has_hung_up = False
        self.allowed = self._reply_s if now + self._reply_s < self._whole else self._deadline_s
        self._until = min(now + self._reply_s, self._whole)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, daemon=True, name="http-watch")
            self._thread.start()
        return now < self._whole

    @property
    def has_time(self) -> bool:
        """Whether the time for the whole answer is not up."""
        return time.monotonic() < self._whole

    def end(self) -> None:
        """The reply is here, or given up."""
        self._until = None

    def close(self) -> None:
        """Watch no more."""
        self._closed.set()
        if self._thread is not None:
            self._thread.join()

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """The client tells us about its connections; we remember what to hang up."""
        if event in {"connection.connect_tcp.complete", "connection.start_tls.complete"}:
            found = info["return_value"].get_extra_info("socket")
            self._sockets = [*(s for s in self._sockets if s.fileno() != -1), found]

    def _run(self) -> None:
        pause = self._idle()
        while not self._closed.wait(pause):
            until = self._until
            pause = self._idle() if until is None else until - time.monotonic()
            if pause <= 0:
                self.has_hung_up = True
                for each in self._sockets:
                    with contextlib.suppress(OSError):
                        # The plain shutdown: that of TLS would take the session from under the reading thread.
                        socket.socket.shutdown(each, socket.SHUT_RDWR)
                pause = _AGAIN_S

    def _idle(self) -> float:
        """How long no deadline can fall due: none is nearer than that of a reply begun now, or of the whole."""
        return max(min(self._reply_s, self._whole - time.monotonic()), _AGAIN_S)


def _refuse_status(status: int, label: str) -> None:
    if status in _REDIRECTS:
        raise refused(label, "it sent us to another address, which we do not follow")
    if status in _SERVER_FAULTS or status in {_TOO_MANY, _TIMED_OUT}:
        raise unavailable(label, f"it answered with a fault of its own (status {status})")


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < len("1" * 20) else None
