"""Bringing a database to the tables of this version."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine

from sar.db.connecting import writing

SCRIPTS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> None:
    """Apply every migration that is missing, all or none. Two processes that start together take turns.

    :raises EnvironmentFault: full disk, missing permission; the database stays as it was.
    """
    with writing(engine) as connection:
        config = Config()
        # Percent signs mean something to the reader of this option.
        config.set_main_option("script_location", str(SCRIPTS).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
