"""Accounts of staff, grants of families, sessions, one-time codes and attempt counts."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "staff_accounts",
        sa.Column("id", sa.String(40), nullable=False),
        sa.Column("username_digest", sa.String(64), nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("sealed_profile", sa.LargeBinary, nullable=False, comment="name and second-factor secret"),
        sa.Column("roles", sa.String(200), nullable=False),
        sa.Column(
            "totp_step", sa.BigInteger, nullable=False, comment="the newest step used; none works twice"
        ),
        sa.Column("disabled", sa.Integer, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False, comment="seconds, UTC, like every _at here"),
        sa.PrimaryKeyConstraint("id", name="pk_staff_accounts"),
        sa.UniqueConstraint("username_digest", name="uq_staff_accounts_username_digest"),
    )
    op.create_table(
        "family_grants",
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("holder", sa.String(64), nullable=False, comment="keyed digest of the e-mail address"),
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("reference", sa.String(20), nullable=False),
        sa.Column("leg", sa.Integer, nullable=False),
        sa.Column("sealed_email", sa.LargeBinary, nullable=False),
        sa.Column("granted_at", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("n", name="pk_family_grants"),
        sa.UniqueConstraint("holder", "case_id", "leg", name="uq_family_grants_holder_case_id_leg"),
    )
    op.create_index("ix_family_grants_holder", "family_grants", ["holder"])
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(64), nullable=False, comment="SHA-256 of the cookie's token"),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("seen_at", sa.BigInteger, nullable=False),
        sa.Column("sealed_draft", sa.LargeBinary, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_holder", "sessions", ["holder"])
    op.create_table(
        "one_time_codes",
        sa.Column("session_id", sa.String(64), nullable=False),
        sa.Column("holder", sa.String(64), nullable=False),
        sa.Column("code_digest", sa.String(64), nullable=False),
        sa.Column("made_at", sa.BigInteger, nullable=False),
        sa.Column("guesses", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("session_id", name="pk_one_time_codes"),
    )
    op.create_table(
        "attempts",
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("subject", sa.String(64), nullable=False, comment="keyed digest"),
        sa.Column("started_at", sa.BigInteger, nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("kind", "subject", name="pk_attempts"),
    )
