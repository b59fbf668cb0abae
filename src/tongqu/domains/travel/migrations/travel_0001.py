"""Feeds, their versions, places, use of open data."""

import sqlalchemy as sa
from alembic import op

revision = "travel_0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "travel_feed",
        sa.Column("id", sa.String(20), nullable=False),
        sa.Column("urn", sa.String(140), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("publisher", sa.String(120), nullable=True),
        sa.Column("organisation", sa.String(20), nullable=True),
        sa.Column("region", sa.String(12), nullable=False),
        sa.Column("condition", sa.String(20), nullable=False),
        sa.Column("licence", sa.String(120), nullable=True),
        sa.Column("note", sa.Text, nullable=True),
        sa.Column("realtime", sa.JSON, nullable=False),
        sa.Column("version", sa.String(20), nullable=True),
        sa.Column("active", sa.Boolean, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.Column("updated_ms", sa.BigInteger, nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_travel_feed"),
        sa.UniqueConstraint("code", name="uq_travel_feed_code"),
    )
    op.create_index("ix_travel_feed_region", "travel_feed", ["region"])
    op.create_table(
        "travel_feed_version",
        sa.Column("id", sa.String(20), nullable=False),
        sa.Column("feed", sa.String(20), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("document", sa.String(40), nullable=False),
        sa.Column("mended", sa.String(40), nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("valid_from", sa.Date, nullable=True),
        sa.Column("valid_to", sa.Date, nullable=True),
        sa.Column("errors", sa.Integer, nullable=False),
        sa.Column("warnings", sa.Integer, nullable=False),
        sa.Column("figures", sa.JSON, nullable=False),
        sa.Column("notices", sa.JSON, nullable=False),
        sa.Column("difference", sa.JSON, nullable=False),
        sa.Column("reason", sa.Text, nullable=True),
        sa.Column("received_ms", sa.BigInteger, nullable=False),
        sa.Column("received_by", sa.String(80), nullable=False),
        sa.Column("checked_ms", sa.BigInteger, nullable=True),
        sa.Column("activated_ms", sa.BigInteger, nullable=True),
        sa.Column("job", sa.String(40), nullable=True),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_travel_feed_version"),
        sa.UniqueConstraint("feed", "number", name="uq_travel_feed_version_feed_number"),
    )
    op.create_index("ix_travel_feed_version_feed", "travel_feed_version", ["feed"])
    op.create_table(
        "travel_place",
        sa.Column("id", sa.String(60), nullable=False),
        sa.Column("source", sa.String(40), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("ref", sa.String(120), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("name_en", sa.String(200), nullable=True),
        sa.Column("detail", sa.String(300), nullable=True),
        sa.Column("search", sa.Text, nullable=False),
        sa.Column("initials", sa.String(200), nullable=False),
        sa.Column("weight", sa.Integer, nullable=False),
        sa.Column("lon", sa.Float, nullable=False),
        sa.Column("lat", sa.Float, nullable=False),
        sa.Column("region", sa.String(12), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_travel_place"),
    )
    op.create_index("ix_travel_place_source", "travel_place", ["source"])
    op.create_index("ix_travel_place_kind", "travel_place", ["kind"])
    op.create_table(
        "travel_use",
        sa.Column("feed", sa.String(20), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("what", sa.String(20), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("feed", "day", "what", name="pk_travel_use"),
    )


def downgrade() -> None:
    for name in ("use", "place", "feed_version", "feed"):
        op.drop_table(f"travel_{name}")
