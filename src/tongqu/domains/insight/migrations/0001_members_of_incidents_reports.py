"""Members of incidents, reports."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "insight_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "insight_member",
        sa.Column("alarm", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("incident", sa.String(length=80), nullable=False),
        sa.Column("case", sa.String(length=16), nullable=True),
        sa.Column("rule", sa.String(length=60), nullable=False),
        sa.Column("cause", sa.String(length=40), nullable=False),
        sa.Column("severity", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("subject_name", sa.String(length=120), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("standing", sa.Boolean(), nullable=False),
        sa.Column("onset_ms", sa.BigInteger(), nullable=False),
        sa.Column("cleared_ms", sa.BigInteger(), nullable=True),
        sa.Column("lon", sa.Float(), nullable=False),
        sa.Column("lat", sa.Float(), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("alarm", name="pk_insight_member"),
    )
    op.create_index("ix_insight_member_case", "insight_member", ["case"], unique=False)
    op.create_index("ix_insight_member_incident", "insight_member", ["incident"], unique=False)
    op.create_index("ix_insight_member_onset_ms", "insight_member", ["onset_ms"], unique=False)
    op.create_table(
        "insight_report",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("case", sa.String(length=16), nullable=False),
        sa.Column("region", sa.String(length=12), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("changed_ms", sa.BigInteger(), nullable=False),
        sa.Column("author", sa.String(length=80), nullable=False),
        sa.Column("author_name", sa.String(length=120), nullable=False),
        sa.Column("submitted_ms", sa.BigInteger(), nullable=True),
        sa.Column("document", sa.String(length=16), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_insight_report"),
    )
    op.create_index("ix_insight_report_case", "insight_report", ["case"], unique=False)
