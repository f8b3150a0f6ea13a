"""Our own memory: tables, transactions, the trail and its checkpoints. A row never leaves this room."""

from sar.db.accounts import Accounts
from sar.db.archive import SqlArchive, open_archive

__all__ = ["Accounts", "SqlArchive", "open_archive"]
