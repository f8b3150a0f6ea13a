"""Our tables. Names of people stand in none of them: names and values of items are sealed."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

cases = Table(
    "cases",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("reference", String(20), nullable=False, unique=True),
    Column("created_at", String(32), nullable=False, comment="UTC, microseconds, so that text sorts as time"),
    Column(
        "head_seq",
        Integer,
        nullable=False,
        comment="a count to know when a checkpoint is due; proves nothing",
    ),
)

events = Table(
    "events",
    metadata,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False, comment="ISO text exactly as the digest binds it"),
    Column("kind", String(60), nullable=False),
    Column("by", String(64), nullable=False),
    Column("by_role", String(120), nullable=False),
    Column("leg", Integer),
    Column("facts", Text, nullable=False),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
)

sealed_items = Table(
    "sealed_items",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("case_id", String(32), ForeignKey("cases.id"), nullable=False),
    Column("position", Integer, nullable=False, comment="order of keeping inside the case"),
    Column("collection", String(32), nullable=False),
    Column("name_digest", String(64), nullable=False, comment="keyed: it dies with the case's key"),
    Column("sealed_name", LargeBinary, nullable=False),
    Column("sealed_value", LargeBinary, nullable=False),
    UniqueConstraint("case_id", "position"),
    Index(None, "case_id", "collection", "name_digest", "position"),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("heads", Text, nullable=False, comment="the chains that moved since the checkpoint before"),
    Column("previous", String(64), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("signature", String(128), nullable=False),
    Column("fingerprint", String(64), nullable=False),
)

signed_heads = Table(
    "signed_heads",
    metadata,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("seq", Integer, nullable=False, comment="newest event any checkpoint covers"),
)

case_looks = Table(
    "case_looks",
    metadata,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("seq", Integer, nullable=False, comment="the case's newest event at that look"),
    Column("looked_on", String(10), nullable=False),
    Column("basis", String(64), nullable=False, comment="digest of the settings it was looked at with"),
    Column("is_over", Boolean, nullable=False, comment="nothing falls due before something new happens"),
)

case_glances = Table(
    "case_glances",
    metadata,
    Column("case_id", String(32), ForeignKey("cases.id"), primary_key=True),
    Column("shown_in", String(16), primary_key=True, comment="which list"),
    Column("seq", Integer, nullable=False, comment="the case's newest event when it was made"),
    Column("basis", String(64), nullable=False, comment="digest of the law it was made with"),
    Column("sealed_value", LargeBinary, nullable=False),
)

APPEND_ONLY = ("events", "checkpoints")
"""The database itself refuses to change or delete a row of these."""
