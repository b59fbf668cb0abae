"""Areas for supervision."""

import sqlalchemy as sa
from alembic import op

revision = "fleets_0002"
down_revision = "fleets_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fleets_area",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("id", sa.String(20), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(12), nullable=False),
        sa.Column("geometry", sa.LargeBinary(), nullable=False),
        sa.Column("vertical", sa.String(20), nullable=True),
        sa.Column("west", sa.Float(), nullable=False),
        sa.Column("south", sa.Float(), nullable=False),
        sa.Column("east", sa.Float(), nullable=False),
        sa.Column("north", sa.Float(), nullable=False),
        sa.Column("width_m", sa.Float(), nullable=True),
        sa.Column("limit_kmh", sa.Float(), nullable=True),
        sa.Column("cause", sa.String(20), nullable=False),
        sa.Column("categories", sa.JSON(), nullable=False),
        sa.Column("vehicles", sa.JSON(), nullable=False),
        sa.Column("organisation", sa.String(20), nullable=True),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("valid_from_ms", sa.BigInteger(), nullable=False),
        sa.Column("valid_to_ms", sa.BigInteger(), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_fleets_area"),
        sa.UniqueConstraint("id", name="uq_fleets_area_id"),
    )
    op.create_index("ix_fleets_area_revision", "fleets_area", ["revision"], unique=False)
