"""When each case was last looked at for what falls due by itself."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_looks",
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("seq", sa.Integer, nullable=False, comment="the case's newest event at that look"),
        sa.Column("looked_on", sa.String(10), nullable=False),
        sa.Column(
            "basis", sa.String(64), nullable=False, comment="digest of the settings it was looked at with"
        ),
        sa.Column(
            "is_over", sa.Boolean, nullable=False, comment="nothing falls due before something new happens"
        ),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_looks_case_id_cases"),
        sa.PrimaryKeyConstraint("case_id", name="pk_case_looks"),
    )
