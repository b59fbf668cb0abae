"""Runs of imports and the report of their rows."""

import sqlalchemy as sa
from alembic import op

revision = "imports_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imports_run",
        sa.Column("job", sa.String(16), nullable=False),
        sa.Column("importer", sa.String(60), nullable=False),
        sa.Column("document", sa.String(16), nullable=False),
        sa.Column("file_name", sa.String(255), nullable=False),
        sa.Column("dry_run", sa.Boolean, nullable=False),
        sa.Column("all_or_nothing", sa.Boolean, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("notes", sa.JSON, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("person", sa.String(60), nullable=False),
        sa.Column("person_name", sa.String(200), nullable=False),
        sa.Column("organisation", sa.String(60), nullable=True),
        sa.Column("region", sa.String(12), nullable=True),
        sa.PrimaryKeyConstraint("job", name="pk_imports_run"),
    )
    op.create_index("ix_imports_run_created_ms", "imports_run", ["created_ms"])
    op.create_table(
        "imports_row",
        sa.Column("job", sa.String(16), nullable=False),
        sa.Column("row", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("outcome", sa.String(10), nullable=False),
        sa.Column("key", sa.String(200), nullable=True),
        sa.Column("urn", sa.String(140), nullable=True),
        sa.Column("problems", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("job", "row", name="pk_imports_row"),
        sa.ForeignKeyConstraint(
            ["job"], ["imports_run.job"], name="fk_imports_row_job_imports_run", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_imports_row_job_outcome", "imports_row", ["job", "outcome"])


def downgrade() -> None:
    op.drop_table("imports_row")
    op.drop_table("imports_run")
