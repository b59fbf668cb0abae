"""Routes, their lines and calibration."""

import sqlalchemy as sa
from alembic import op

revision = "geo_0002"
down_revision = "geo_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "geo_route",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("name_en", sa.String(120), nullable=True),
        sa.Column("road_class", sa.String(20), nullable=False),
        sa.Column("source", sa.String(120), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_geo_route"),
        sa.UniqueConstraint("number", "region", name="uq_geo_route_number_region"),
    )
    op.create_index("ix_geo_route_region", "geo_route", ["region"])
    op.create_table(
        "geo_route_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("route", sa.Integer(), nullable=False),
        sa.Column("direction", sa.String(4), nullable=False),
        sa.Column("prefix", sa.String(2), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("geometry", sa.LargeBinary(), nullable=False),
        sa.Column("vertical", sa.String(20), nullable=True),
        sa.Column("west", sa.Float(), nullable=False),
        sa.Column("south", sa.Float(), nullable=False),
        sa.Column("east", sa.Float(), nullable=False),
        sa.Column("north", sa.Float(), nullable=False),
        sa.Column("length_m", sa.Float(), nullable=False),
        *_validity(),
        sa.PrimaryKeyConstraint("id", name="pk_geo_route_line"),
        sa.ForeignKeyConstraint(["route"], ["geo_route.id"], name="fk_geo_route_line_route_geo_route"),
    )
    op.create_index("ix_geo_route_line_route", "geo_route_line", ["route"])
    op.create_table(
        "geo_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("along_m", sa.Float(), nullable=False),
        sa.Column("back_m", sa.Float(), nullable=False),
        sa.Column("ahead_m", sa.Float(), nullable=False),
        sa.Column("source", sa.String(12), nullable=False),
        *_validity(),
        sa.PrimaryKeyConstraint("id", name="pk_geo_mark"),
        sa.ForeignKeyConstraint(["line"], ["geo_route_line.id"], name="fk_geo_mark_line_geo_route_line"),
    )
    op.create_index("ix_geo_mark_line", "geo_mark", ["line"])
    op.create_table(
        "geo_route_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_geo_route_revision"),
    )


def _validity() -> tuple[sa.Column, ...]:
    return (
        sa.Column("valid_from_ms", sa.BigInteger(), nullable=False),
        sa.Column("valid_to_ms", sa.BigInteger(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
    )


def downgrade() -> None:
    for name in ("geo_route_revision", "geo_mark", "geo_route_line", "geo_route"):
        op.drop_table(name)
