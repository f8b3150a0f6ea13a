"""Cases, their trails, their sealed items and the checkpoints."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

APPEND_ONLY = ("events", "checkpoints")


def upgrade() -> None:
    op.create_table(
        "cases",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column(
            "created_at",
            sa.String(32),
            nullable=False,
            comment="UTC, microseconds, so that text sorts as time",
        ),
        sa.Column(
            "head_seq",
            sa.Integer,
            nullable=False,
            comment="a count to know when a checkpoint is due; proves nothing",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_cases"),
        sa.UniqueConstraint("reference", name="uq_cases_reference"),
    )
    op.create_table(
        "events",
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", sa.String(40), nullable=False, comment="ISO text exactly as the digest binds it"),
        sa.Column("kind", sa.String(60), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("by_role", sa.String(120), nullable=False),
        sa.Column("leg", sa.Integer, nullable=True),
        sa.Column("facts", sa.Text, nullable=False),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_events_case_id_cases"),
        sa.PrimaryKeyConstraint("case_id", "seq", name="pk_events"),
    )
    op.create_table(
        "sealed_items",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("position", sa.Integer, nullable=False, comment="order of keeping inside the case"),
        sa.Column("collection", sa.String(32), nullable=False),
        sa.Column("name_digest", sa.String(64), nullable=False, comment="keyed: it dies with the case's key"),
        sa.Column("sealed_name", sa.LargeBinary, nullable=False),
        sa.Column("sealed_value", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_sealed_items_case_id_cases"),
        sa.PrimaryKeyConstraint("id", name="pk_sealed_items"),
        sa.UniqueConstraint("case_id", "position", name="uq_sealed_items_case_id_position"),
    )
    op.create_index(
        "ix_sealed_items_case_id", "sealed_items", ["case_id", "collection", "name_digest", "position"]
    )
    op.create_table(
        "checkpoints",
        sa.Column("n", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("at", sa.String(40), nullable=False),
        sa.Column(
            "heads", sa.Text, nullable=False, comment="the chains that moved since the checkpoint before"
        ),
        sa.Column("previous", sa.String(64), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("signature", sa.String(128), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_checkpoints"),
    )
    op.create_table(
        "signed_heads",
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False, comment="newest event any checkpoint covers"),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_signed_heads_case_id_cases"),
        sa.PrimaryKeyConstraint("case_id", name="pk_signed_heads"),
    )
    for table in APPEND_ONLY:
        for statement in _refusals(table):
            op.execute(statement)


def _refusals(table: str) -> list[str]:
    """What makes the database itself refuse to change or delete a row."""
    if op.get_bind().dialect.name == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} are only ever added to'); END"
            for verb in ("update", "delete")
        ]
    refuse = f"BEGIN RAISE EXCEPTION '{table} are only ever added to'; END"
    when = f"BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT"
    return [
        f"CREATE FUNCTION {table}_only_grow() RETURNS trigger LANGUAGE plpgsql AS $$ {refuse} $$",
        f"CREATE TRIGGER {table}_only_grow {when} EXECUTE FUNCTION {table}_only_grow()",
    ]
