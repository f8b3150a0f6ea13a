"""What a staff account must be like, and whether a second factor fits."""

from __future__ import annotations

import base64
import binascii
import hmac

import pyotp

from sar.domain.errors import InvalidInput
from sar.domain.parties import StaffRole
from sar.ports.access import NewStaff, SignInRefused

SHORTEST_PASSWORD = 12
_SHORTEST_SECRET = 16
_TOTP_STEP = 30


def check_new(new: NewStaff) -> None:
    """Raises InvalidInput on a missing part, a weak password or a weak secret."""
    if not new.roles or not new.username.strip():
        raise InvalidInput(
            "An account needs a username and a role.", next_step="Give both.", field="username"
        )
    if (StaffRole.RECORD_HOLDER in new.roles) != bool(new.stores):
        raise InvalidInput(
            "Whoever holds records needs the names of the stores they keep, and nobody else has any.",
            next_step="Give the role record holder together with each store.",
            field="stores",
        )
    try:
        secret = base64.b32decode(new.totp_secret, casefold=True)
    except binascii.Error:
        secret = b""
    if len(secret) < _SHORTEST_SECRET:
        raise InvalidInput(
            "The second factor's secret is too short or not base32.",
            next_step="Make one with pyotp.random_base32().",
            field="totp_secret",
        )
    if len(new.password) < SHORTEST_PASSWORD or plain(new.username) in new.password.casefold():
        raise InvalidInput(
            "That password is too easy to guess.",
            next_step=f"Use at least {SHORTEST_PASSWORD} letters and leave the username out of it.",
            field="password",
        )


def totp_step(secret: str, code: str, now: int) -> int:
    """The step whose code was given: the present one or a neighbour, for clocks that differ a little."""
    one_time = pyotp.TOTP(secret, interval=_TOTP_STEP)
    present = now // _TOTP_STEP
    for step in (present, present - 1, present + 1):
        if hmac.compare_digest(one_time.generate_otp(step).encode(), code.encode()):
            return step
    raise sign_in_refused()


def plain(text: str) -> str:
    """A name or address as it is compared: without its case and the spaces around it."""
    return text.strip().casefold()


def sign_in_refused() -> SignInRefused:
    """The one answer to a wrong name, password or code."""
    return SignInRefused(
        "We could not sign you in.",
        next_step="Check your username, password and code. Each code works once: wait for the next one.",
    )
