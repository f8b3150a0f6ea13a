"""A token to sign in to a mailbox with, where passwords are no longer taken (OAuth 2 client credentials)."""

from __future__ import annotations

from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx

from sar.stores.reaching import refused, unavailable

_WHO = "The sign-in service of the mailbox"
_MOST = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenSettings:
    """Where a token is fetched, and with what."""

    url: str
    client_id: str = field(repr=False)
    client_secret: str = field(repr=False)
    scope: str = ""
    timeout_s: float = 20

    @property
    def host(self) -> str:
        """Where the secret is sent."""
        return urlsplit(self.url).hostname or ""


def fetch_token(settings: TokenSettings) -> str:
    """A fresh token. Nothing is followed elsewhere and nothing large is read."""
    form = {"grant_type": "client_credentials"} | ({"scope": settings.scope} if settings.scope else {})
    content = b""
    try:
        with (
            httpx.Client(timeout=settings.timeout_s, follow_redirects=False, trust_env=False) as client,
            client.stream(
                "POST", settings.url, data=form, auth=(settings.client_id, settings.client_secret)
            ) as reply,
        ):
            if reply.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
                raise unavailable(_WHO, "it answered with a fault of its own")
            if reply.status_code != HTTPStatus.OK:
                raise refused(_WHO, "it did not give us a token")
            for part in reply.iter_bytes():
                content += part
                if len(content) > _MOST:
                    raise refused(_WHO, "its answer is far too large")
        token = httpx.Response(HTTPStatus.OK, content=content).json()["access_token"]
    except httpx.HTTPError:
        raise unavailable(_WHO, "it could not be reached, or broke off") from None
    except (ValueError, LookupError, TypeError, RecursionError):
        raise refused(_WHO, "its answer holds no token") from None
    if not isinstance(token, str) or not token:
        raise refused(_WHO, "its answer holds no token")
    return token
