"""What each list shows of a case, kept sealed so that a list opens only the cases in which something happened."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "case_glances",
        sa.Column("case_id", sa.String(32), nullable=False),
        sa.Column("shown_in", sa.String(16), nullable=False, comment="which list"),
        sa.Column("seq", sa.Integer, nullable=False, comment="the case's newest event when it was made"),
        sa.Column("basis", sa.String(64), nullable=False, comment="digest of the law it was made with"),
        sa.Column("sealed_value", sa.LargeBinary, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name="fk_case_glances_case_id_cases"),
        sa.PrimaryKeyConstraint("case_id", "shown_in", name="pk_case_glances"),
    )
