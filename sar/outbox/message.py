"""A letter of ours as a mail message. Nothing a person typed can become a header of its own."""

from __future__ import annotations

import mimetypes
import re
import textwrap
from datetime import datetime
from email.headerregistry import Address, Group
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from sar.domain.errors import InvalidInput
from sar.ports.disclosing import Letter

_WIDTH = 78
_WORD = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ONE_ADDRESS = re.compile(rf"{_WORD}(\.{_WORD})*@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


def message_of(letter: Letter, *, sender: str, receipt: str, at: datetime) -> EmailMessage:
    """The message: plain text, dated, with the receipt as its id.

    :raises InvalidInput: the address is not one address, or a line break stands in a header.
    """
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = _address(letter) if goes_by_mail(letter) else Group(_one_line(letter.to, "name"))
    message["Subject"] = _one_line(letter.subject, "subject")
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{receipt}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"
    written = (
        letter.paragraphs if goes_by_mail(letter) else (f"{letter.to}\n{letter.address}", *letter.paragraphs)
    )
    message.set_content("\n\n".join(_wrapped(p) for p in written) + "\n")
    for name, content in letter.attachments:
        kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
        main, _, sub = kind.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=_one_line(name, "attachment"))
    return message


def goes_by_mail(letter: Letter) -> bool:
    """Whether the address is one for e-mail; else it is for an envelope."""
    return "@" in letter.address


def _address(letter: Letter) -> Address:
    name, address = _one_line(letter.to, "name"), _one_line(letter.address, "address")
    if not _ONE_ADDRESS.fullmatch(address):
        raise InvalidInput(
            "That is not one e-mail address.",
            next_step="Write one address, like name@example.org.",
            field="address",
        )
    user, _, domain = address.rpartition("@")
    return Address(display_name=name, username=user, domain=domain)


def _one_line(text: str, field: str) -> str:
    if any(ord(character) < ord(" ") or character in "\x7f\x85\u2028\u2029" for character in text):
        raise InvalidInput(
            "A line break stands where only one line may be.", next_step="Write it on one line.", field=field
        )
    return text


def _wrapped(paragraph: str) -> str:
    lines = paragraph.splitlines() or [""]
    return "\n".join(
        textwrap.fill(line, _WIDTH, break_long_words=False, break_on_hyphens=False) for line in lines
    )
