"""Numbers given out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "numbering_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "numbering_number",
        sa.Column("series", sa.String(length=80), nullable=False),
        sa.Column("owner", sa.String(length=40), nullable=False),
        sa.Column("period", sa.String(length=10), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.String(length=120), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("given_ms", sa.BigInteger(), nullable=False),
        sa.Column("given_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("series", "owner", "period", "number", name="pk_numbering_number"),
        sa.UniqueConstraint("series", "text", name="uq_numbering_number_series_text"),
    )
