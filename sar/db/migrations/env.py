"""Run by Alembic. The connection, and its transaction, come from ``sar.db.migrating.upgrade``."""

from alembic import context

import sar.db.account_tables  # noqa: F401 - so that its tables stand in the metadata too
from sar.db.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
