"""One signed-in connection to a mail server: it reads, marks nothing as read, and waits for nothing without end."""

from __future__ import annotations

import imaplib
import logging
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from imapclient import IMAPClient, SocketTimeout
from imapclient.exceptions import LoginError
from imapclient.imap4 import IMAP4WithTimeout
from imapclient.tls import IMAP4_TLS

from sar.domain.errors import SARError, StoreUnavailable
from sar.stores.asking import Asking, TooSlow
from sar.stores.mailbox_search import Criteria
from sar.stores.reaching import refused, unavailable

_T = TypeVar("_T")
_MOST_MAILS = 100_000_000
_LINES = 4 * 1024 * 1024
"""How much a server may say beside the content of one mail."""
# At its most talkative the library would write search words, names among them, into the log.
logging.getLogger("imapclient").setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxSettings:
    """Where a mailbox lies and who we are there."""

    host: str
    port: int
    security: str
    """``tls``, ``starttls``, or ``none`` (on this machine only)."""
    user: str = field(repr=False)
    password: Callable[[], str] = field(repr=False)
    """The password, or a fresh token."""
    by_token: bool = False
    ca_file: Path | None = None
    timeout_s: float = 20
    deadline_s: float = 300
    max_bytes: int = 100 * 1024 * 1024


class TooMuch(Exception):
    """The server sent more than one mail may hold. The rest was not taken, so the connection is of no more use."""


class _Bounded(imaplib.IMAP4):
    """Counts what one command brings."""

    most = _LINES
    left = _LINES

    def read(self, size: int) -> bytes:
        """A literal, unless it is announced larger than allowed."""
        self._spend(size)
        return super().read(size)

    def readline(self) -> bytes:
        """A line."""
        line = super().readline()
        self._spend(len(line))
        return line

    def _spend(self, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise TooMuch


class _Plain(_Bounded, IMAP4WithTimeout):  # type: ignore[misc]  # nor have these
    pass


class _Tls(_Bounded, IMAP4_TLS):  # type: ignore[misc]
    pass


class _Client(IMAPClient):  # type: ignore[misc]  # the library has no types
    def _create_IMAP4(self) -> _Bounded:  # noqa: N802 (the library's name for it)
        if self.ssl:
            tls: Any = _Tls
            made: _Bounded = tls(self.host, self.port, self.ssl_context, self._timeout.connect)
            return made
        return _Plain(self.host, self.port, self._timeout.connect)


@dataclass(frozen=True, slots=True)
class OpenFolder:
    """One folder, open for reading."""

    name: str
    validity: int
    mails: int


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a server says of a mail before it is fetched."""

    uid: int
    size: int
    received_at: datetime | None


class MailboxSession:
    """The commands of one answer."""

    def __init__(self, settings: MailboxSettings, label: str) -> None:
        self._settings = settings
        self._label = label
        self._asking = Asking()
        self._client: Any = None

    def __enter__(self) -> Self:
        try:
            self._ask(self._sign_in)
        except BaseException:
            self._drop()
            self._asking.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._asking.begin(self._client.logout)
        else:
            self._drop()
        self._asking.stop()

    def again(self) -> None:
        """A new connection in the place of one that is of no more use."""
        self._drop()
        self._ask(self._sign_in)

    def folders(self, patterns: Sequence[str]) -> tuple[str, ...]:
        """The folders that hold mails, by the patterns of the settings (empty: all that are shown to us)."""
        found: dict[str, None] = {}
        for number, pattern in enumerate(patterns or ("*",), start=1):
            listed = self._command(lambda p=pattern: self._client.list_folders("", p))  # type: ignore[misc]
            if patterns and not listed:
                raise refused(self._label, f"number {number} of `folders` is not there, or not open to us")
            closed = {b"\\noselect", b"\\nonexistent"}
            for flags, _, name in listed:
                if not closed & {bytes(flag).lower() for flag in flags}:
                    found[str(name)] = None
        return tuple(found)

    def examine(self, name: str) -> OpenFolder | None:
        """Open a folder so that nothing in it can change through us; None when it will not open."""
        try:
            said = self._command(lambda: self._client.select_folder(name, readonly=True), refusal=False)
        except _Refusal:
            return None
        mails, validity = int(said.get(b"EXISTS") or 0), int(said.get(b"UIDVALIDITY") or 0)
        if mails > _MOST_MAILS:
            raise refused(self._label, "it speaks of more mails than a folder can hold")
        return OpenFolder(name, validity, mails)

    def search(self, criteria: Criteria, *, charset: str | None = None) -> list[int] | None:
        """The numbers of the mails that match; None when the server does not know these letters."""
        try:
            return list(
                self._command(lambda: self._client.search(criteria, charset), refusal=charset is None)
            )
        except _Refusal:
            return None

    def envelopes(self, uids: Sequence[int]) -> Iterator[Envelope]:
        """Sizes and arrival of mails; one that is gone since is left out."""
        said = self._command(lambda: self._client.fetch(uids, ["RFC822.SIZE", "INTERNALDATE"]))
        for uid in uids:
            if uid in said:
                received = said[uid].get(b"INTERNALDATE")
                moment = received if isinstance(received, datetime) and received.tzinfo else None
                yield Envelope(uid, int(said[uid].get(b"RFC822.SIZE") or 0), moment)

    def structures(self, uids: Sequence[int]) -> dict[int, object]:
        """How mails are built, without their content; one that the server does not tell of is left out."""
        try:
            said = self._command(
                lambda: self._client.fetch(uids, ["BODYSTRUCTURE"]),
                most=self._settings.max_bytes,
                refusal=False,
            )
        except _Refusal:
            return {}
        except TooMuch:
            raise self._broken() from None
        return {uid: said[uid].get(b"BODYSTRUCTURE") for uid in uids if uid in said}

    def mail(self, uid: int) -> bytes | None:
        """One mail as it was sent, left unread if it was unread; None when it is gone.

        :raises TooMuch: it is larger than it said; call ``again`` before anything else.
        """
        try:
            said = self._command(
                lambda: self._client.fetch([uid], ["BODY.PEEK[]"]),
                most=self._settings.max_bytes,
                refusal=False,
            )
        except _Refusal:
            return None
        body = said.get(uid, {}).get(b"BODY[]")
        return body if isinstance(body, bytes) else None

    def _sign_in(self) -> None:
        settings = self._settings
        context = ssl.create_default_context(cafile=settings.ca_file)
        client = _Client(
            settings.host,
            port=settings.port,
            ssl=settings.security == "tls",
            ssl_context=context,
            timeout=SocketTimeout(settings.timeout_s, settings.timeout_s),
        )
        client.normalise_times = False
        self._client = client
        if settings.security == "starttls":
            client.starttls(context)
        secret = settings.password()
        if settings.by_token:
            client.oauth2_login(settings.user, secret)
        else:
            client.login(settings.user, secret)

    def _command(self, command: Callable[[], _T], *, most: int = 0, refusal: bool = True) -> _T:
        """One command. What the server will not do is a refusal of the store, or ``_Refusal`` for the caller."""

        def bounded() -> _T:
            self._client._imap.left = _LINES + most  # noqa: SLF001 (our own class, made above)
            return command()

        try:
            return self._ask(bounded)
        except _Refusal:
            if not refusal:
                raise
            raise refused(self._label, "it would not do what a mailbox must") from None

    def _ask(self, question: Callable[[], _T]) -> _T:
        try:
            return self._asking.ask(question, self._settings.deadline_s)
        except (SARError, TooMuch):
            raise
        except TooSlow:
            self._drop()
            seconds = self._settings.deadline_s
            raise unavailable(self._label, f"it was not done in {seconds:g} seconds") from None
        except LoginError as fault:
            passing = isinstance(fault.__context__, imaplib.IMAP4.abort) or "[UNAVAILABLE]" in str(fault)
            raise (
                self._broken() if passing else refused(self._label, "it did not accept our credentials")
            ) from None
        except ssl.SSLCertVerificationError:
            raise refused(self._label, "its certificate does not prove that it is the right server") from None
        except (imaplib.IMAP4.abort, OSError, EOFError):
            raise self._broken() from None
        except (
            imaplib.IMAP4.error,
            ValueError,
            LookupError,
            TypeError,
            AttributeError,
            AssertionError,
            RecursionError,
        ):
            # Answers that are no IMAP fail in many ways in the library; all mean the same here.
            raise _Refusal from None

    def _broken(self) -> StoreUnavailable:
        return unavailable(self._label, "it could not be reached, or broke off")

    def _drop(self) -> None:
        """Cut the line, so that a thread which waits for the server comes free and closes what is left."""
        client, self._client = self._client, None
        if client is not None:
            client._imap.left = 0  # noqa: SLF001 (whatever still comes is not taken)
            with suppress(OSError):
                client.socket().shutdown(socket.SHUT_RDWR)
            self._asking.begin(client.shutdown)


class _Refusal(Exception):
    """The server said no to one command, or said what is no answer."""
