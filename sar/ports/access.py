"""Who may come in: accounts of staff, grants of families, sessions, one-time codes and attempt limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Protocol

from sar.domain.errors import NotAllowed
from sar.domain.parties import StaffRole
from sar.domain.references import CaseId, CaseReference, StaffId, StoreName


class TooManyAttempts(NotAllowed):
    """More tries than the limit allows in its window."""

    code = "not-allowed.too-many"


class SignInRefused(NotAllowed):
    """A code, password or second factor that does not fit; which of them is never said."""

    code = "not-allowed.sign-in"


class SessionOver(NotAllowed):
    """No such session, or it was idle, too old or ended."""

    code = "not-allowed.session"


class SessionKind(Enum):
    """Whose session it is."""

    VISITOR = "visitor"
    """Nobody signed in: holds a draft request and the code asked for."""
    FAMILY = "family"
    STAFF = "staff"


IDLE_LIMIT = {
    SessionKind.VISITOR: timedelta(minutes=30),
    SessionKind.FAMILY: timedelta(minutes=30),
    SessionKind.STAFF: timedelta(minutes=15),
}
LONGEST_SESSION = timedelta(hours=8)
CODE_LIFETIME = timedelta(minutes=10)
CODE_GUESSES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """At most ``most`` attempts of one kind and subject within ``window``."""

    kind: str
    most: int
    window: timedelta


CODES_PER_ADDRESS = Limit(kind="code-address", most=5, window=timedelta(hours=1))
CODES_PER_ORIGIN = Limit(kind="code-origin", most=30, window=timedelta(hours=1))
GUESSES_PER_ORIGIN = Limit(kind="guess-origin", most=30, window=timedelta(minutes=15))
SIGN_INS_PER_ACCOUNT = Limit(kind="sign-in-account", most=10, window=timedelta(minutes=15))
SIGN_INS_PER_ORIGIN = Limit(kind="sign-in-origin", most=40, window=timedelta(minutes=15))
REQUESTS_PER_ORIGIN = Limit(kind="request-origin", most=10, window=timedelta(hours=1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One signed-in (or visiting) browser. ``holder`` is a staff id or a family's keyed digest."""

    kind: SessionKind
    holder: str
    started_at: datetime
    seen_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAccount:
    """A member of staff as the site knows them."""

    id: StaffId
    name: str
    roles: frozenset[StaffRole]
    stores: frozenset[StoreName] = frozenset()
    """The stores that a record holder keeps."""
    controllers: frozenset[str] = frozenset()
    """The bodies they act for; none: the house's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStaff:
    """What a new staff account needs. The TOTP secret is base32, at least 20 bytes."""

    username: str
    name: str
    password: str
    totp_secret: str
    roles: frozenset[StaffRole]
    stores: frozenset[StoreName] = frozenset()
    """The stores that a record holder keeps."""
    controllers: frozenset[str] = frozenset()
    """The bodies they act for; none: the house's own."""
    id: StaffId | None = None
    """Given only where records already name the account; else one is made. It stands in trails: no name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """One leg that a family account may see."""

    case: CaseId
    reference: CaseReference
    leg: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCode:
    """A one-time code, in clear for the message only. ``is_known``: whether anyone may receive it."""

    code: str
    is_known: bool


class Accounts(Protocol):
    """Accounts and sessions. Tokens, codes and passwords are kept as digests only."""

    def open_session(self, *, token: str, kind: SessionKind, holder: str, at: datetime) -> Session:
        """Begin (or begin again, for a visitor) the session of a cookie's token."""
        ...

    def session(self, token: str, *, at: datetime) -> Session:
        """The live session; notes that it was seen. Raises SessionOver."""
        ...

    def close_session(self, token: str) -> None:
        """End one session, its draft and its code; ending it twice is no error."""
        ...

    def close_sessions_of(self, holder: str) -> int:
        """End every session of one holder; how many there were."""
        ...

    def keep_draft(self, token: str, values: Mapping[str, str]) -> None:
        """Seal what was typed so far into the session. Raises SessionOver."""
        ...

    def draft(self, token: str) -> dict[str, str]:
        """What was typed so far; empty when nothing was."""
        ...

    def attempt(self, limit: Limit, subject: str, *, at: datetime) -> None:
        """Count one attempt, exactly, over all processes. Raises TooManyAttempts."""
        ...

    def new_code(self, *, token: str, email: str, at: datetime) -> IssuedCode:
        """A six-digit code bound to the session of this token; an earlier one is void."""
        ...

    def use_code(self, *, token: str, code: str, at: datetime) -> str:
        """The family's holder when the code fits; it never fits again. Raises SignInRefused."""
        ...

    def prove_address(self, *, token: str, email: str, code: str, at: datetime) -> str:
        """The same for an address nobody was granted anything by yet: whoever has the code reads its mail.

        The code must have been made for this very address and session. Raises SignInRefused.
        """
        ...

    def add_staff(self, new: NewStaff, *, at: datetime) -> StaffAccount:
        """Raises AlreadyDone when the username is taken, InvalidInput on a weak password or secret."""
        ...

    def sign_in_staff(self, *, username: str, password: str, code: str, at: datetime) -> StaffAccount:
        """Password and second factor together; each TOTP step works once. Raises SignInRefused."""
        ...

    def staff(self, account: StaffId) -> StaffAccount:
        """An enabled account. Raises NotFound."""
        ...

    def staff_named(self, username: str) -> StaffId:
        """The account of a username, shut or not. Raises NotFound."""
        ...

    def disable_staff(self, account: StaffId) -> None:
        """Shut an account out at once, with all its sessions."""
        ...

    def grant_family(
        self, *, email: str, case: CaseId, reference: CaseReference, leg: int, at: datetime
    ) -> None:
        """Let the reader of an address see one leg; granting twice is no error."""
        ...

    def withdraw_family(self, *, email: str, case: CaseId, leg: int) -> None:
        """Take one leg away; it is gone at the next page."""
        ...

    def shut_leg(self, *, case: CaseId, leg: int) -> int:
        """Take a leg away from every address that sees it, and end their sessions; how many there were."""
        ...

    def grants(self, holder: str) -> tuple[Grant, ...]:
        """What a family account may see, oldest request first."""
        ...

    def address_of(self, holder: str) -> str:
        """The e-mail address of a family account. Raises NotFound."""
        ...
