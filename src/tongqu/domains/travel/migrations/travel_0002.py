"""Journeys that somebody follows."""

import sqlalchemy as sa
from alembic import op

revision = "travel_0002"
down_revision = "travel_0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "travel_subscription",
        sa.Column("id", sa.String(20), nullable=False),
        sa.Column("person", sa.String(80), nullable=False),
        sa.Column("endpoint", sa.String(16), nullable=True),
        sa.Column("itinerary", sa.Text, nullable=False),
        sa.Column("threshold_s", sa.Integer, nullable=False),
        sa.Column("departure_ms", sa.BigInteger, nullable=False),
        sa.Column("arrival_ms", sa.BigInteger, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("told", sa.String(200), nullable=False),
        sa.Column("notices", sa.JSON, nullable=False),
        sa.Column("created_ms", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_travel_subscription"),
    )
    op.create_index("ix_travel_subscription_person", "travel_subscription", ["person"])
    op.create_index("ix_travel_subscription_arrival_ms", "travel_subscription", ["arrival_ms"])


def downgrade() -> None:
    op.drop_table("travel_subscription")
