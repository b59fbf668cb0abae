"""Sources and links of the network, facilities along routes."""

import sqlalchemy as sa
from alembic import op

revision = "roads_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "roads_source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("region", sa.String(12), nullable=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("made_ms", sa.BigInteger(), nullable=True),
        sa.Column("taken_ms", sa.BigInteger(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("links", sa.Integer(), nullable=False),
        sa.Column("routes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_roads_source"),
    )
    op.create_index("ix_roads_source_name", "roads_source", ["name"])
    op.create_table(
        "roads_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source", sa.Integer(), nullable=False),
        sa.Column("origin", sa.String(40), nullable=False),
        sa.Column("road_class", sa.String(20), nullable=False),
        sa.Column("number", sa.String(60), nullable=True),
        sa.Column("name", sa.String(200), nullable=True),
        sa.Column("oneway", sa.Boolean(), nullable=False),
        sa.Column("limit_kmh", sa.Float(), nullable=True),
        sa.Column("limit_back_kmh", sa.Float(), nullable=True),
        sa.Column("lanes", sa.Integer(), nullable=True),
        sa.Column("bridge", sa.Boolean(), nullable=False),
        sa.Column("tunnel", sa.Boolean(), nullable=False),
        sa.Column("toll", sa.Boolean(), nullable=False),
        sa.Column("length_m", sa.Float(), nullable=False),
        sa.Column("geometry", sa.LargeBinary(), nullable=False),
        sa.Column("vertical", sa.String(20), nullable=True),
        sa.Column("west", sa.Float(), nullable=False),
        sa.Column("south", sa.Float(), nullable=False),
        sa.Column("east", sa.Float(), nullable=False),
        sa.Column("north", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_roads_link"),
        sa.ForeignKeyConstraint(["source"], ["roads_source.id"], name="fk_roads_link_source_roads_source"),
    )
    op.create_index("ix_roads_link_source", "roads_link", ["source"])
    op.create_table(
        "roads_facility",
        sa.Column("id", sa.String(20), nullable=False),
        sa.Column("urn", sa.String(140), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("code", sa.String(40), nullable=True),
        sa.Column("code_key", sa.String(64), nullable=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("search", sa.String(400), nullable=False),
        sa.Column("route", sa.Integer(), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("route_region", sa.String(12), nullable=False),
        sa.Column("direction", sa.String(4), nullable=False),
        sa.Column("prefix", sa.String(2), nullable=False),
        sa.Column("stake_m", sa.Float(), nullable=False),
        sa.Column("branch", sa.String(1), nullable=False),
        sa.Column("end_stake_m", sa.Float(), nullable=True),
        sa.Column("side", sa.String(6), nullable=False),
        sa.Column("lane", sa.Integer(), nullable=False),
        sa.Column("lon", sa.Float(), nullable=True),
        sa.Column("lat", sa.Float(), nullable=True),
        sa.Column("organisation", sa.String(20), nullable=True),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_roads_facility"),
        sa.UniqueConstraint("code_key", name="uq_roads_facility_code_key"),
    )
    for columns in (("kind",), ("route", "stake_m"), ("region",)):
        op.create_index(f"ix_roads_facility_{'_'.join(columns)}", "roads_facility", list(columns))


def downgrade() -> None:
    for name in ("facility", "link", "source"):
        op.drop_table(f"roads_{name}")
