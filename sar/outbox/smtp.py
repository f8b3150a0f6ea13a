"""Sending through a mail server."""

from __future__ import annotations

import smtplib
import ssl
import uuid
from dataclasses import dataclass
from datetime import datetime

from sar.domain.errors import EnvironmentFault, InvalidInput
from sar.outbox.message import goes_by_mail, message_of
from sar.ports.disclosing import Letter


@dataclass(frozen=True, slots=True, kw_only=True)
class SmtpSettings:
    """How to reach the mail server."""

    host: str
    sender: str
    port: int = 587
    user: str = ""
    password: str = ""
    starttls: bool = True
    """Off only for a relay on this machine: without it the words cross the network in clear."""
    timeout_s: float = 20.0

    def __repr__(self) -> str:
        return f"SmtpSettings(host={self.host!r}, port={self.port})"


class SmtpOutbox:
    """Implements ``sar.ports.disclosing.Outbox``."""

    def __init__(self, settings: SmtpSettings) -> None:
        self._settings = settings

    def send(self, letter: Letter, *, at: datetime) -> str:
        """Hand the letter to the mail server; the receipt is its message id.

        :raises InvalidInput: the address or a header line cannot be used.
        :raises EnvironmentFault: the server was not reached or did not take it.
        """
        if not goes_by_mail(letter):
            raise InvalidInput(
                "This addressee has no e-mail address.",
                next_step="Print the letter and post it.",
                field="address",
            )
        receipt = letter.message_id or uuid.uuid4().hex
        settings = self._settings
        message = message_of(letter, sender=settings.sender, receipt=receipt, at=at)
        try:
            with smtplib.SMTP(settings.host, settings.port, timeout=settings.timeout_s) as server:
                if settings.starttls:
                    server.starttls(context=ssl.create_default_context())
                if settings.user:
                    server.login(settings.user, settings.password)
                server.send_message(message)
        except (smtplib.SMTPException, OSError) as error:
            # The server's words quote the addressee, so neither they nor the cause go any further.
            raise EnvironmentFault(
                f"The mail server did not take a letter ({type(error).__name__}).",
                next_step="Check the mail settings and the server's own log, then send it again.",
            ) from None
        return receipt
