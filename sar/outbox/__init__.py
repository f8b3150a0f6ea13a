"""Where letters leave: a folder that stands in for the mail server, or a mail server."""

from sar.outbox.folder import FolderOutbox
from sar.outbox.smtp import SmtpOutbox, SmtpSettings
from sar.outbox.writing import LetterRoom

__all__ = ["FolderOutbox", "LetterRoom", "SmtpOutbox", "SmtpSettings"]
