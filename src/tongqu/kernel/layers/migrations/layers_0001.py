"""Versions, features and pictures of layers."""

import sqlalchemy as sa
from alembic import op

revision = "layers_0001"
down_revision = None
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.create_table(
        "layers_layer",
        sa.Column("layer", sa.String(80), nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.Column("changed_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("layer", name="pk_layers_layer"),
    )
    op.create_table(
        "layers_feature",
        sa.Column("seq", SERIAL, nullable=False),
        sa.Column("layer", sa.String(80), nullable=False),
        sa.Column("feature", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("geometry", sa.LargeBinary, nullable=False),
        sa.Column("vertical", sa.String(20), nullable=True),
        sa.Column("west", sa.Float, nullable=False),
        sa.Column("south", sa.Float, nullable=False),
        sa.Column("east", sa.Float, nullable=False),
        sa.Column("north", sa.Float, nullable=False),
        sa.Column("properties", sa.Text, nullable=False),
        sa.Column("min_zoom", sa.Integer, nullable=False),
        sa.Column("rank", sa.Integer, nullable=False),
        sa.Column("organisation", sa.String(20), nullable=True),
        sa.Column("region", sa.String(12), nullable=True),
        sa.Column("valid_from_ms", sa.BigInteger, nullable=False),
        sa.Column("valid_to_ms", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_layers_feature"),
        sa.UniqueConstraint("layer", "feature", "valid_from_ms", name="uq_layers_feature_layer_feature_valid_from_ms"),
    )
    op.create_index("ix_layers_feature_layer_seq", "layers_feature", ["layer", "seq"])
    op.create_table(
        "layers_image",
        sa.Column("layer", sa.String(80), nullable=False),
        sa.Column("theme", sa.String(10), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("west", sa.Float, nullable=False),
        sa.Column("south", sa.Float, nullable=False),
        sa.Column("east", sa.Float, nullable=False),
        sa.Column("north", sa.Float, nullable=False),
        sa.PrimaryKeyConstraint("layer", "theme", name="pk_layers_image"),
    )


def downgrade() -> None:
    for name in ("layers_image", "layers_feature", "layers_layer"):
        op.drop_table(name)
