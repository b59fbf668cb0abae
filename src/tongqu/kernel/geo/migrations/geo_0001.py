"""Shapes of regions."""

import sqlalchemy as sa
from alembic import op

revision = "geo_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "geo_region_shape",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(12), nullable=False),
        sa.Column("geometry", sa.LargeBinary(), nullable=False),
        sa.Column("vertical", sa.String(20), nullable=True),
        sa.Column("west", sa.Float(), nullable=False),
        sa.Column("south", sa.Float(), nullable=False),
        sa.Column("east", sa.Float(), nullable=False),
        sa.Column("north", sa.Float(), nullable=False),
        sa.Column("valid_from_ms", sa.BigInteger(), nullable=False),
        sa.Column("valid_to_ms", sa.BigInteger(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_geo_region_shape"),
        sa.UniqueConstraint("code", "valid_from_ms", name="uq_geo_region_shape_code_valid_from_ms"),
    )
    op.create_index("ix_geo_region_shape_version", "geo_region_shape", ["version"])


def downgrade() -> None:
    op.drop_table("geo_region_shape")
